// Graphs for devices that are no CPU: plain operators in the place of FusedMatMul and LogSoftmax, the same numbers to
// rounding, and under WebGPU (SwiftShader, which comes with Chromium) no node of the decoder that falls back to the CPU.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { fromBinary } from '@bufbuild/protobuf';
import { afterAll, describe, expect, it } from 'vitest';
import { generate } from '../../src/loss/generate.js';
import { score } from '../../src/loss/loss.js';
import type { Model } from '../../src/models/model.js';
import { openModel } from '../../src/models/open.js';
import type { Runtime } from '../../src/models/runtime.js';
import { openFolder } from '../../src/node/files.js';
import { nodeRuntime } from '../../src/node/runtime.js';
import { newGraph } from '../../src/onnx/graph.js';
import { ModelProtoSchema } from '../../src/onnx/onnx_pb.js';
import { goldenFolder, largestDifference } from '../golden.js';
import { codesFor } from './gpu_codes.js';
import { FLOAT_OPERATORS, placements } from './placements.js';

const SWIFTSHADER = '/usr/lib/chromium/vk_swiftshader_icd.json';
const runtime = nodeRuntime({ threads: 2 });
afterAll(() => runtime.close());

/** The CPU's runtime as one without fused kernels, and the operators of the graphs it was given. */
function plainRuntime(): Runtime & { readonly operators: Map<string, Set<string>> } {
  const operators = new Map<string, Set<string>>();
  return {
    ...runtime,
    fused: false,
    operators,
    open(graph, files) {
      const nodes = fromBinary(ModelProtoSchema, graph.onnx).graph?.node ?? [];
      operators.set(graph.name, new Set(nodes.map(({ opType }) => opType)));
      return runtime.open(graph, files);
    },
  };
}

describe('plain operators', () => {
  it.each(['mono-a', 'stereo', 'text', 'melody', 'llama-grouped', 'aria'])(
    '%s: losses and entropies within 2e-5 of the fused ones',
    async (name) => {
      const plain = plainRuntime();
      const open = (under: Runtime): Promise<Model> =>
        openModel(openFolder(goldenFolder(name), { name }), under);
      const [fused, other] = [await open(runtime), await open(plain)];
      const condition = name === 'text' ? { prompt: 'a slow waltz' } : {};
      const [a, b] = await Promise.all(
        [fused, other].map((model) => score(model, codesFor(model), { condition })),
      );
      expect(largestDifference(b.values, a.values)).toBeLessThan(2e-5);
      expect(largestDifference(b.entropy, a.entropy)).toBeLessThan(2e-5);
      expect(largestDifference(b.spread ?? [], a.spread ?? [])).toBeLessThan(2e-5);
      const used = [...plain.operators.values()].flatMap((each) => [...each]);
      expect(used).toContain('MatMul');
      expect(used.filter((operator) => /^(FusedMatMul|LogSoftmax)$/.test(operator))).toEqual([]);
      expect([...plain.operators.keys()].includes('t5-encoder')).toBe(name === 'text');
      await Promise.all([fused.close(), other.close()]);
    },
  );

  it('keep a probability that is too small for float32', async () => {
    const g = newGraph('small', { fused: false });
    g.output('logs', g.LogSoftmax(g.input('x', 'float32', [1, 3])), 'float32', [1, 3]);
    const graph = { name: 'small', onnx: g.toBytes() };
    const session = await runtime.open(graph, openFolder(goldenFolder('mono-a')));
    const x = { type: 'float32', dims: [1, 3], data: Float32Array.of(300, 0, 300) } as const;
    const { tensors } = await session.run({ x }, { fetch: ['logs'] });
    const most = -Math.LN2;
    expect([...(tensors.logs?.data ?? [])]).toEqual(
      [most, most - 300, most].map((value) => expect.closeTo(value, 3)),
    );
    await session.close();
  });
});

describe('a device that writes over nothing', () => {
  it('refuses to generate, in one line that says what to do', async () => {
    const name = 'mono-a';
    const model = await openModel(openFolder(goldenFolder(name), { name }), {
      ...runtime,
      overwrites: false,
    });
    await expect(generate(model, { frames: 4, randoms: [{ uniform: () => 0.5 }] })).rejects.toThrow(
      /^mono-a: this runtime cannot write over given tensors, .* on the CPU$/,
    );
    await model.close();
  });
});

const here = existsSync(SWIFTSHADER);
describe.skipIf(!here)(
  `WebGPU in Node${here ? '' : ' [SKIPPED: no SwiftShader found; apt-get install chromium]'}`,
  { timeout: 300_000 },
  () => {
    // What comes in, and for each of six blocks of queries its mask (and LLaMA's targets), however many layers there are.
    it.each([
      ['mono-a', 8],
      ['llama-tied', 14],
    ])('%s: no node falls back, and the numbers are the CPU’s', async (name, most) => {
      const child = path.join(import.meta.dirname, 'gpu_child.ts');
      const { stdout, stderr } = await promisify(execFile)(
        process.execPath,
        ['--import', 'tsx', child, goldenFolder(name), 'webgpu'],
        {
          env: { ...process.env, VK_ICD_FILENAMES: SWIFTSHADER, VK_DRIVER_FILES: SWIFTSHADER },
          maxBuffer: 1 << 26,
        },
      );
      const { onCpu, onGpu, copies } = placements(`${stdout}\n${stderr}`, 'WebGpuExecutionProvider');
      expect(onGpu.length).toBeGreaterThan(100);
      expect(onCpu.filter((operator) => FLOAT_OPERATORS.test(operator))).toEqual([]);
      expect(copies).toBeLessThanOrEqual(most);

      const told = stdout.split('\n').find((line) => line.startsWith('{"loss"'));
      const { loss, entropy, spread } = JSON.parse(told ?? '{}') as Record<string, number[]>;
      const model = await openModel(openFolder(goldenFolder(name), { name }), runtime);
      const here = await score(model, codesFor(model));
      expect(largestDifference(loss.map(asNumber), here.values)).toBeLessThan(2e-5);
      expect(largestDifference(entropy.map(asNumber), here.entropy)).toBeLessThan(2e-5);
      expect(largestDifference(spread.map(asNumber), here.spread ?? [])).toBeLessThan(2e-5);
      await model.close();
    });
  },
);

/** JSON has no NaN. */
function asNumber(value: number | null): number {
  return value ?? Number.NaN;
}
