// src/probe/probe.ts: what only a model can put into a clip: its own music.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Clip, sampleCount } from '../../src/audio/clip.js';
import { generate } from '../../src/loss/generate.js';
import { codecOf, type Model } from '../../src/models/model.js';
import { openModel } from '../../src/models/open.js';
import { openFolder } from '../../src/node/files.js';
import { nodeRuntime } from '../../src/node/runtime.js';
import { parsePerturbation } from '../../src/perturb/schema.js';
import { disturb } from '../../src/probe/probe.js';
import { generator, seedOf } from '../../src/stats/random.js';
import { goldenFolder } from '../golden.js';

const NAME = 'mono-a';
const runtime = nodeRuntime({ threads: 2 });
let model: Model;
beforeAll(async () => {
  model = await openModel(openFolder(goldenFolder(NAME), { name: NAME }), runtime);
});
afterAll(() => runtime.close());

/** 11.5 frames of a tone. */
function tone(): Clip {
  const { sampleRate, hop } = codecOf(model).clock;
  const samples = Float32Array.from({ length: 11.5 * hop }, (_, i) => 0.2 * Math.sin(i / 20));
  return { name: 'songs/tone.wav', sampleRate, channels: [samples] };
}

const soundOf = async (line: string): Promise<Float32Array> =>
  (await disturb(model, tone(), [parsePerturbation(line, { seed: 3 })])).clip.channels[0];

test('the whole clip becomes what the model draws at that temperature, and is drawn again alike', async () => {
  const drawn = await soundOf('generated temperature=1.5 topk=40');
  const [codes] = await generate(model, {
    frames: 12,
    randoms: [generator(seedOf(3, 'tone', 'generated'))],
    sampling: { temperature: 1.5, topK: 40, topP: 1 },
  });
  const [[whole]] = [await codecOf(model).decode(codes)];
  expect([...drawn]).toEqual([...whole.subarray(0, sampleCount(tone()))]);
  expect(await soundOf('generated temperature=1.5 topk=40')).toEqual(drawn);
  expect(await soundOf('generated temperature=1.5 topk=2')).not.toEqual(drawn);
  expect(await soundOf('generated temperature=1.5 topk=40 seed=4')).not.toEqual(drawn);
});

test('a window holds that music of its own time, and the rest stays', async () => {
  const [whole, part] = [await soundOf('generated'), await soundOf('generated at=4 length=3')];
  const { hop } = codecOf(model).clock;
  const expected = tone().channels[0];
  expected.set(whole.subarray(4 * hop, 7 * hop), 4 * hop);
  expect([...part]).toEqual([...expected]);
});
