// Devices: what is asked for by name and is not there, what auto says, and that a device whose bits are not known
// computes everything whole. A GPU is not needed: only what every machine answers is asked here.

import { afterAll, describe, expect, it } from 'vitest';
import type { Clip } from '../../src/audio/clip.js';
import { encode } from '../../src/loss/encode.js';
import { keepEncoding, keepScoring } from '../../src/loss/keep.js';
import { score } from '../../src/loss/loss.js';
import { codecOf } from '../../src/models/model.js';
import { openModel } from '../../src/models/open.js';
import type { Runtime } from '../../src/models/runtime.js';
import { devicesHere, findDevice } from '../../src/node/device.js';
import { openFolder } from '../../src/node/files.js';
import { openNamedModel } from '../../src/node/open.js';
import { DEVICES, nodeRuntime } from '../../src/node/runtime.js';
import { generator, seedOf } from '../../src/stats/random.js';
import { goldenFolder } from '../golden.js';

const runtime = nodeRuntime({ threads: 1 });
afterAll(() => runtime.close());
const here = await devicesHere();

describe('a device', () => {
  it('that is not there is an error of one line with what to do, and never the CPU in secret', async () => {
    expect(here).toContain('cpu');
    expect(await findDevice('cpu')).toBe('cpu');
    const missing = DEVICES.filter((device) => !here.includes(device));
    expect(missing.length).toBeGreaterThan(0); // no machine has both CoreML and DirectML
    for (const device of missing) {
      const message = new RegExp(
        `^--device ${device}: not on this machine: needs [^\\n]+ \\([^\\n]+\\); or use --device cpu$`,
      );
      await expect(findDevice(device)).rejects.toThrow(message);
      await expect(openNamedModel({ model: 'tiny', device })).rejects.toThrow(message);
    }
  });

  it('auto is the first that is there, and says once what is not', async () => {
    const said: string[] = [];
    const device = await findDevice('auto', (line) => said.push(line));
    expect(here).toContain(device);
    if (device === 'cpu') expect(here.filter((one) => one !== 'cpu')).toEqual([]);
    expect(said.length).toBeLessThanOrEqual(1);
    for (const line of said)
      expect(line).toMatch(new RegExp(`^--device auto: runs on ${device}; no \\w+ \\(needs`));
  });

  it('is part of what a model says of itself', async () => {
    const model = await openNamedModel({ model: 'tiny', device: 'cpu' });
    expect(model.runtime).toMatch(/^onnxruntime-node \d+\.\d+\.\d+$/);
    expect(model.device).toBe('cpu');
    await model.close();
  });
});

describe('a device whose bits are not known', () => {
  it('computes all versions whole: the numbers of a full run, and no prefix', async () => {
    const runs: string[] = [];
    const other: Runtime = {
      ...runtime,
      device: 'other',
      resumes: false,
      async open(graph, files) {
        const session = await runtime.open(graph, files);
        return {
          ...session,
          run(feeds, options) {
            const kept = Object.values(feeds).filter((value) => 'kept' in value).length;
            runs.push(`${graph.name} ${kept}`);
            return session.run(feeds, options);
          },
        };
      },
    };
    const model = await openModel(openFolder(goldenFolder('mono-a'), { name: 'mono-a' }), other);
    const random = generator(seedOf('device'));
    const sound = (from: number): Clip => {
      const samples = Float32Array.from({ length: codecOf(model).clock.hop * 120 }, (_, i) =>
        i < from ? Math.sin(i / 9) : random.normal(),
      );
      return { name: 'sound', sampleRate: codecOf(model).clock.sampleRate, channels: [samples] };
    };
    const [clip, version] = [sound(Number.POSITIVE_INFINITY), sound(codecOf(model).clock.hop * 90)];
    const encoding = await keepEncoding(model, clip);
    const scoring = await keepScoring(model, encoding.codes);
    runs.length = 0;
    const [codes] = await encoding.encode([version]);
    const convolutions = runs.filter((run) => run.startsWith('encodec-convolutions')).length;
    expect(codes).toEqual(await encode(model, version));
    expect(runs.filter((run) => run.startsWith('encodec-convolutions')).length).toBe(2 * convolutions);
    expect(await scoring.score(codes)).toEqual(await score(model, codes));
    expect(runs.filter((run) => run.startsWith('musicgen'))).toEqual([
      'musicgen-decoder 0',
      'musicgen-decoder 0',
    ]);
    await scoring.release();
    await model.close();
  });
});
