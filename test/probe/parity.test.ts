// Parity: its numbers against sums written out, a model against itself, and the command.

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { Clip } from '../../src/audio/clip.js';
import { score } from '../../src/loss/loss.js';
import { codecOf, type Model } from '../../src/models/model.js';
import { openNamedModel } from '../../src/node/open.js';
import { parity } from '../../src/probe/parity.js';
import { generator, seedOf } from '../../src/stats/random.js';
import { goldenFolder } from '../golden.js';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const [exact, fast] = await Promise.all([
  openNamedModel({ model: 'tiny' }),
  openNamedModel({ model: 'tiny', precision: 'w8a8' }),
]);
afterAll(() => Promise.all([exact.close(), fast.close()]));

function clip(name: string, seconds: number): Clip {
  const random = generator(seedOf('parity', name));
  const samples = Float32Array.from(
    { length: 32_000 * seconds },
    (_, i) => 0.3 * Math.sin(i / 40) + 0.1 * Math.sin(i / 9.3) + 0.01 * random.normal(),
  );
  return { name, sampleRate: 32_000, channels: [samples] };
}

const clips = [clip('a', 1), clip('b', 1.5)];

describe('parity', () => {
  it('of a model with itself is nothing but equal', async () => {
    const found = await parity(exact, exact, clips);
    for (const one of [found, ...found.clips]) {
      expect(one.codes.equal).toBe(one.codes.of);
      expect([one.loss.max, one.delta.max, one.meanDifference]).toEqual([0, 0, 0]);
    }
    // 50 and 75 frames of 4 codebooks, clean and disturbed; codebook k has k frames less to score.
    expect(found.clips.map(({ codes }) => codes.of)).toEqual([400, 600]);
    expect(found.clips.map(({ loss }) => loss.count)).toEqual([2 * (200 - 6), 2 * (300 - 6)]);
    expect(found.clips.map(({ delta }) => delta.count)).toEqual([47, 72]);
    expect([found.loss.count, found.codes.of]).toEqual([2 * (500 - 12), 1000]);
  });

  it('of two precisions says how far apart they are, and is the same after a detour through JSON', async () => {
    const named: string[] = [];
    const found = await parity(exact, fast, clips, { onClip: (name) => named.push(name) });
    expect(named).toEqual(['a', 'b']);
    expect([found.first.precision, found.second.precision]).toEqual(['fp32', 'w8a8']);
    expect(found.codes.equal).toBe(found.codes.of);
    for (const { mean, p99, max } of [found.loss, found.delta]) {
      expect(mean).toBeGreaterThan(0);
      expect(p99).toBeGreaterThan(mean);
      expect(max).toBeGreaterThanOrEqual(p99);
      expect(max).toBeLessThan(0.5);
    }
    expect(found.loss.max).toBe(Math.max(...found.clips.map(({ loss }) => loss.max)));
    const weighted = found.clips.reduce((sum, { loss }) => sum + loss.mean * loss.count, 0);
    expect(found.loss.mean).toBeCloseTo(weighted / found.loss.count, 12);
    expect(JSON.parse(JSON.stringify(found))).toEqual(found);
  });

  it('sees a known offset, in the losses and not in the delta curve', async () => {
    // A decoder that is 0.25 nats worse at every token, and an encoder that gives one other code.
    const { language } = exact;
    if (!language) throw new Error('tiny has a language model');
    const worse: Model = {
      ...exact,
      language: {
        ...language,
        async score(codes, form) {
          const loss = await language.score(codes, form);
          return { ...loss, values: loss.values.map((value) => value + 0.25) };
        },
      },
      codec: {
        ...codecOf(exact),
        async encode(channels) {
          const codes = await codecOf(exact).encode(channels);
          return { ...codes, data: codes.data.with(5, (codes.data[5] + 1) % exact.codebookSize) };
        },
      },
    };
    const found = await parity(exact, worse, clips);
    for (const one of found.clips) {
      expect(one.codes.of - one.codes.equal).toBe(2);
      expect(
        [one.loss.mean, one.loss.p99, one.loss.max, one.meanDifference].map((v) => v.toFixed(5)),
      ).toEqual(new Array(4).fill('0.25000'));
      expect(one.delta.max).toBeLessThan(1e-6);
    }
    // The losses are of the first model's codes on both sides.
    const codes = await codecOf(exact).encode(clips[0].channels);
    const [own, others] = [await score(exact, codes), await score(worse, codes)];
    expect(others.values[0] - own.values[0]).toBeCloseTo(0.25, 5);
  });

  it('refuses two checkpoints and no clips', async () => {
    const other = await openNamedModel({ model: goldenFolder('mono-a') });
    await expect(parity(exact, other, clips)).rejects.toThrow(
      /^parity: tiny and .*mono-a are two checkpoints/,
    );
    await expect(parity(exact, fast, [])).rejects.toThrow(/^parity: no clips to compare on$/);
    await other.close();
  });
});

describe('losscope parity', () => {
  const losscope = (...args: string[]) =>
    new Promise<{ readonly code: unknown; readonly stdout: string; readonly stderr: string }>((resolve) => {
      execFile(process.execPath, [MAIN, ...args], (error, stdout, stderr) => {
        resolve({ code: error?.code ?? 0, stdout, stderr });
      });
    });

  it('refuses to compare a thing with itself, a device that is missing and a word it does not know', async () => {
    const [same, missing, unknown] = await Promise.all([
      losscope('parity'),
      losscope('parity', '--device', process.platform === 'win32' ? 'coreml' : 'dml'),
      losscope('parity', '--precision', 'w8'),
    ]);
    expect(same.code).toBe(2);
    expect(same.stderr).toMatch(/parity: fp32 on cpu is what is compared with/);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toMatch(
      /^losscope: --device \w+: not on this machine: [^\n]+; or use --device cpu\n$/,
    );
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toMatch(/Expected fp32 or w8a8\. Did you mean w8a8\?/);
  });
});
