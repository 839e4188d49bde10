// src/models/prediction.ts: loss, entropy and spread of any prediction, even or certain, against float64.

import { afterAll, expect, test } from 'vitest';
import { predictionOf } from '../../src/models/prediction.js';
import { openFolder } from '../../src/node/files.js';
import { nodeRuntime } from '../../src/node/runtime.js';
import { newGraph } from '../../src/onnx/graph.js';
import { goldenFolder, predictedBy } from '../golden.js';

const runtime = nodeRuntime({ threads: 1 });
afterAll(() => runtime.close());

/** Logits of V = 2048. */
const CASES: Readonly<Record<string, (v: number) => number>> = {
  even: () => 3,
  'nearly even': (v) => (v % 2) * 1e-3,
  usual: (v) => 4 * Math.sin(v * v) + Math.cos(v),
  'of two': (v) => (v < 2 ? 20 + v : 0),
  'nearly certain': (v) => (v === 7 ? 25 : Math.sin(v)),
  certain: (v) => (v === 7 ? 300 : 0),
};

test.each([true, false])('of every shape, with fused operators: %s', async (fused) => {
  const [names, rows, size] = [Object.keys(CASES), Object.values(CASES), 2048];
  const logits = rows.map((of) => Array.from({ length: size }, (_, v) => Math.fround(of(v))));
  const g = newGraph('prediction', { fused });
  const given = g.input('logits', 'float32', ['rows', size]);
  const target = g.input('target', 'int32', ['rows', 1]);
  const sum = (x: typeof given) => g.ReduceSum(x, g.ints([1]), { keepdims: true });
  const { nll, entropy, spread } = predictionOf(g, g.LogSoftmax(given), { target, sum });
  for (const [name, value] of Object.entries({ nll, entropy, spread }))
    g.output(name, value, 'float32', ['rows', 1]);
  const files = openFolder(goldenFolder('mono-a'));
  const session = await runtime.open({ name: g.name, onnx: g.toBytes() }, files);
  const { tensors } = await session.run(
    {
      logits: { type: 'float32', dims: [rows.length, size], data: Float32Array.from(logits.flat()) },
      target: { type: 'int32', dims: [rows.length, 1], data: new Int32Array(rows.length).fill(7) },
    },
    { fetch: ['nll', 'entropy', 'spread'] },
  );
  await session.close();
  const expected = logits.map(predictedBy);
  const told = (name: string): number[] => Array.from(tensors[name].data, Number);
  const [entropies, spreads] = [told('entropy'), told('spread')];
  expected.forEach((each, i) => {
    expect(Math.abs(entropies[i] - each.entropy), names[i]).toBeLessThan(2e-5);
    // About the mean that was found: where all are alike the spread is how far that is off.
    expect(Math.abs(spreads[i] - each.spread), names[i]).toBeLessThan(names[i] === 'even' ? 2e-5 : 1e-6);
  });
  expect(expected[0].spread).toBeLessThan(1e-12);
  expect(expected[2].spread).toBeGreaterThan(0.9);
});
