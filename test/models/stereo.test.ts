// Stereo models: two channels of codes in turn, their delays, and what a channel's codes and losses are.

import { afterAll, describe, expect, it } from 'vitest';
import { difference } from '../../src/loss/delta.js';
import { decode, encode } from '../../src/loss/encode.js';
import { keepScoring } from '../../src/loss/keep.js';
import { score } from '../../src/loss/loss.js';
import { meanByChannel, meanByCodebook, meanByFrame, meanLoss, rowsOfLoss } from '../../src/loss/means.js';
import { byChannel, interleaved } from '../../src/models/encodec/channels.js';
import { codecOf, type Model } from '../../src/models/model.js';
import { delayed, isTrained, toColumns } from '../../src/models/musicgen/delay.js';
import { openModel } from '../../src/models/open.js';
import { openFolder } from '../../src/node/files.js';
import { nodeRuntime } from '../../src/node/runtime.js';
import { probe, scoreClip } from '../../src/probe/probe.js';
import { curveCsv, recordJson } from '../../src/probe/record.js';
import { goldenFolder, largestDifference, openGolden } from '../golden.js';
import { decoderOf, PROTOCOLS } from '../musicgen.js';

const runtime = nodeRuntime();
afterAll(() => runtime.close());

const golden = await openGolden('stereo');

function openStereo(): Promise<Model> {
  return openModel(openFolder(goldenFolder('stereo'), { name: 'stereo' }), runtime);
}

/** Left and right of an expected tensor [2, samples]. */
function channelsOf(name: string): Float32Array[] {
  const samples = golden.floats(name);
  return [samples.subarray(0, samples.length / 2), samples.subarray(samples.length / 2)];
}

const clipOf = (channels: readonly Float32Array[]) => ({ name: 'song.wav', sampleRate: 32000, channels });

describe('stereo codes', () => {
  it("alternate left and right, exactly the oracle's; mono sound is encoded once for both", async () => {
    const model = await openStereo();
    expect([codecOf(model).channels, model.codebooks]).toEqual([2, 8]);
    for (const signal of ['', 'short.']) {
      const codes = await encode(model, clipOf(channelsOf(`${signal}wav`)));
      expect(codes).toEqual(golden.codes(`${signal}codes`));
    }
    const [left, right] = channelsOf('wav');
    const mono = left.map((sample, i) => (sample + right[i]) / 2);
    const both = await encode(model, clipOf([mono]));
    expect(both).toEqual(golden.codes('monodup.codes'));
    expect(await encode(model, clipOf([mono, mono]))).toEqual(both);
    await model.close();
  });

  it("decode to the oracle's two channels, each from its own rows", async () => {
    const model = await openStereo();
    const { channels } = await decode(model, golden.codes('short.codes'), 'short');
    channelsOf('short.audio_decoded').forEach((expected, channel) => {
      expect(largestDifference(channels[channel], expected)).toBeLessThan(2e-5);
    });
    const codes = golden.codes('odd.codes');
    const [left, right] = byChannel(codes, 2);
    expect(interleaved([left, right], 2)).toEqual(codes);
    expect([left.codebooks, left.frames]).toEqual([4, codes.frames]);
    const sound = await decode(model, codes, 'odd');
    const swapped = await decode(model, interleaved([right, left], 2), 'odd');
    expect(sound.channels.map((channel) => channel.length)).toEqual([codes.frames * 640, codes.frames * 640]);
    expect(swapped.channels).toEqual(sound.channels.toReversed());
    await model.close();
  });

  it('are refused for another number of channels, or channels of different lengths', async () => {
    const model = await openStereo();
    const silence = new Float32Array(100);
    const refusals: [Promise<unknown>, RegExp][] = [
      [encode(model, clipOf([silence, silence, silence])), /song\.wav: 3 channels, stereo takes 2; down-mix/],
      [codecOf(model).encode([]), /^stereo: 0 channels of audio, the model takes 2/],
      [codecOf(model).encode([silence, new Float32Array(99)]), /^stereo: channels of 100 and 99 samples/],
      [codecOf(model).encode([silence, silence.with(7, Number.NaN)]), /^stereo: sample 7 is NaN/],
      [
        codecOf(model).decode({ codebooks: 4, frames: 1, data: new Int32Array(4) }),
        /4 codebooks, the model has 8/,
      ],
    ];
    for (const [refused, cause] of refusals) await expect(refused).rejects.toThrow(cause);
    await model.close();
  });
});

describe('stereo loss', () => {
  it("is the oracle's at every position, by both protocols, and so are the logits", async () => {
    const model = await openStereo();
    for (const signal of ['', 'odd.', 'short.', 'monodup.']) {
      const codes = golden.codes(`${signal}codes`);
      const every = await score(model, codes, { untrained: 'scored' });
      expect(largestDifference(every.values, golden.tensor(`${signal}nll_delayed`).data)).toBeLessThan(2e-5);
      if (!golden.has(`${signal}nll_undelayed`)) continue;
      const undelayed = rowsOfLoss(await score(model, codes, { protocol: 'undelayed' }));
      const scored = undelayed.flatMap((row) => row.slice(1));
      expect(largestDifference(scored, golden.tensor(`${signal}nll_undelayed`).data)).toBeLessThan(2e-5);
    }
    const {
      shape: [K, F, V],
      data,
    } = golden.tensor('logits');
    const tokens = toColumns(golden.codes('codes'), delayed(K, 2), V);
    for (let k = 0; k < K; k++) {
      const logits = await decoderOf(model.language).logits(tokens, k);
      const lag = Math.floor(k / 2);
      const expected = Array.from(data).slice(k * F * V, (k + 1) * F * V);
      expect(largestDifference(logits.slice(lag * V, (lag + F) * V), expected)).toBeLessThan(2e-5);
    }
    await model.close();
  });

  it("lays both channels out side by side, as the oracle does, and leaves each channel's last frames undefined", async () => {
    for (const signal of ['', 'odd.', 'short.', 'monodup.']) {
      const codes = golden.codes(`${signal}codes`);
      const laid = toColumns(codes, delayed(8, 2), 512);
      const { shape, data } = golden.tensor(`${signal}delayed_input_ids`);
      expect([8, laid.columns]).toEqual(shape);
      expect(laid.data).toEqual(data);
    }
    const T = 5;
    const trained = Array.from({ length: 8 }, (_, k) =>
      Array.from({ length: T }, (_row, t) => isTrained(delayed(8, 2), k, t, T)).lastIndexOf(true),
    );
    expect(trained).toEqual([4, 4, 3, 3, 2, 2, 1, 1]);
    const model = await openStereo();
    const loss = rowsOfLoss(await score(model, golden.codes('codes')));
    expect(loss.map((row) => row.filter(Number.isNaN).length)).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
    await model.close();
  });

  it('has a mean for each channel; a change of one channel reaches the other from its own column on', async () => {
    const model = await openStereo();
    const codes = golden.codes('codes');
    const { codebooks: K, frames: T } = codes;
    const options = { untrained: 'scored' } as const;
    const loss = await score(model, codes, options);
    const byCodebook = meanByCodebook(loss);
    meanByChannel(loss, 2).forEach((mean, channel) => {
      const own = byCodebook.filter((_, k) => k % 2 === channel);
      expect(mean).toBeCloseTo(own.reduce((sum, value) => sum + value, 0) / own.length, 9);
    });
    expect(meanByChannel(loss, 1)[0]).toBe(meanLoss(loss));

    const [k, f] = [4, 30]; // left, its codebook 2
    const data = codes.data.with(k * T + f, (codes.data[k * T + f] + 1) % 512);
    const { values } = difference(loss, await score(model, { ...codes, data }, options));
    for (let row = 0; row < K; row++) {
      for (let t = 0; t < T; t++) {
        const reads = t + Math.floor(row / 2) > f + 2;
        const isEdited = row === k && t === f;
        expect(values[row * T + t] !== 0, `(${row}, ${t})`).toBe(reads || isEdited);
      }
    }
    await model.close();
  });

  it('goes on through prefixes and the curve over frames as that of any model', async () => {
    const model = await openStereo();
    const codes = golden.codes('codes');
    for (const protocol of PROTOCOLS) {
      const kept = await keepScoring(model, codes, { protocol });
      for (const from of [0, 1, 31, 57, 59]) {
        const data = codes.data.map((code, i) => (i % codes.frames >= from ? (code + 5) % 512 : code));
        const full = await score(model, { ...codes, data }, { protocol });
        expect(await kept.score({ ...codes, data })).toEqual(full);
      }
      await kept.release();
    }
    const curve = meanByFrame(await score(model, codes));
    expect(Array.from(curve).findIndex(Number.isNaN)).toBe(57);
    await model.close();
  });

  it('makes records of eight codebooks, from two channels and from one', async () => {
    const model = await openStereo();
    const [left, right] = channelsOf('wav');
    for (const channels of [[left, right], [left]]) {
      const clean = await scoreClip(model, clipOf(channels));
      const { clip, record } = await probe(model, clean, {
        kind: 'noise',
        color: 'white',
        at: { tokens: 20 },
        length: { tokens: 10 },
        level: 'match',
        seed: 1,
      });
      expect(clip.channels.length).toBe(channels.length);
      expect(recordJson(record).delta.map((row) => row.length)).toEqual(new Array(8).fill(60));
      expect(curveCsv(record).split('\n')[0].split(',').length).toBe(5 + 16);
      expect(record.changed.inside).toBeGreaterThan(0.5);
      // Three columns is the longest lag: nothing that stands four frames before the first changed code moves.
      const { first = 0 } = record.changed;
      const before = record.delta.mean.subarray(0, first - 3);
      expect(before.length).toBeGreaterThan(5);
      expect(Array.from(before)).toEqual(new Array(before.length).fill(0));
    }
    await model.close();
  });
});
