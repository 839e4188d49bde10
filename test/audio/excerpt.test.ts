// An excerpt has the samples of the whole, to the bit, from every format, and costs what it needs.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { cut } from '../../src/audio/clip.js';
import { decode, openSound } from '../../src/audio/decode.js';
import { readExcerpt, type SoundExcerpt } from '../../src/audio/excerpt.js';
import { conform, joinedRows, resampler } from '../../src/audio/resample.js';
import { sincFilter } from '../../src/audio/sinc.js';
import { type ByteSource, sourceOf } from '../../src/audio/source.js';
import { writeWav } from '../../src/audio/wav.js';
import { generator, seedOf } from '../../src/stats/random.js';
import { FLACS, LOSSY, WAVS } from '../golden/audio/signal.js';

const golden = (file: string) =>
  new Uint8Array(readFileSync(new URL(`../golden/audio/${file}`, import.meta.url)));
const format = { sampleRate: 32_000, channels: 1 } as const;
const random = generator(seedOf('excerpt'));
const noise = (samples: number) => Float32Array.from({ length: samples }, () => random.normal() / 8);

/** A source that counts the bytes that are asked of it. */
function counted(bytes: Uint8Array): ByteSource & { readonly bytesRead: () => number } {
  let sum = 0;
  const source = sourceOf(bytes);
  const read = async (start: number, end: number) => {
    const part = await source.read(start, end);
    sum += part.length;
    return part;
  };
  return { size: source.size, read, bytesRead: () => sum };
}

async function excerptOf(source: ByteSource, excerpt: SoundExcerpt, channels: 1 | 2 = 1) {
  const warnings: string[] = [];
  const warn = (line: string) => void warnings.push(line);
  const stream = await openSound(source, 'x', warn);
  const clip = await readExcerpt(stream, {
    format: { sampleRate: 32_000, channels },
    excerpt,
    name: 'x',
    warn,
  });
  return { ...clip, warnings };
}

describe('excerpts', () => {
  const files = [...WAVS, ...FLACS, ...LOSSY].map(({ file }) => file);

  test.each(files)('%s: every part is that of the whole', async (file) => {
    const { clip } = await decode(golden(file), 'x');
    for (const channels of [1, 2] as const) {
      const whole = conform(clip, { sampleRate: 32_000, channels });
      const seconds = whole.channels[0].length / 32_000;
      for (const excerpt of [
        {},
        { offset: 0.0123 },
        { offset: 0, length: 0.03 },
        { offset: 0.04, length: 0.02 },
        { offset: seconds - 0.01 },
        { offset: 0.02, length: 1 / 32_000 },
      ]) {
        const part = await excerptOf(sourceOf(golden(file)), excerpt, channels);
        expect(part.channels, JSON.stringify(excerpt)).toEqual(cut(whole, excerpt).channels);
        expect(part.sampleRate).toBe(32_000);
      }
    }
  });

  test('of a long WAV only the part is read', async () => {
    const bytes = writeWav(
      { name: 'x', sampleRate: 44_100, channels: [noise(44_100 * 60)] },
      { format: 'float32' },
    );
    const source = counted(bytes);
    const part = await excerptOf(source, { offset: 50, length: 2 });
    expect(part.channels[0]).toHaveLength(64_000);
    // Two seconds are 353 kB; whole blocks of 1 MiB are read, one of them for the header.
    expect(source.bytesRead()).toBeLessThan(3 * 2 ** 20);
    expect(bytes.length).toBeGreaterThan(10 * 2 ** 20);
  });

  test.each<[SoundExcerpt, RegExp]>([
    [{ offset: 0, length: 3 }, /^x: lasts 2\.00 s, asked for 3 s from 0 s on; ask for less/],
    [{ offset: 2 }, /^x: lasts 2\.00 s, asked for all of it from 2 s on/],
    [{ offset: 1e6, length: 1 }, /^x: lasts 2\.00 s, asked for 1 s from 1000000 s on/],
    [{ offset: -1 }, /^x: asked for all of it from -1 s on/],
    [{ length: 0 }, /^x: asked for 0 s/],
    [{ length: 5000 }, /^x: 5000 s of sound or more, at most 3600 s/],
  ])('refused: %j', async (excerpt, message) => {
    for (const rate of [32_000, 44_100]) {
      const clip = { name: 'x', sampleRate: rate, channels: [noise(2 * rate)] };
      await expect(excerptOf(sourceOf(writeWav(clip, { format: 'float32' })), excerpt)).rejects.toThrow(
        message,
      );
    }
  });

  test.each<[SoundExcerpt, number, boolean]>([
    [{ most: 3 }, 64_000, false],
    [{ most: 2 }, 64_000, false],
    [{ most: 1.5 }, 48_000, true],
    [{ offset: 1, most: 1.5 }, 32_000, false],
    [{ offset: 1, most: 0.5 }, 16_000, true],
  ])('%j: what there is, at most so much, and whether there is more', async (excerpt, samples, hasMore) => {
    for (const rate of [32_000, 44_100]) {
      const clip = { name: 'x', sampleRate: rate, channels: [noise(2 * rate)] };
      const source = sourceOf(writeWav(clip, { format: 'float32' }));
      const told: (number | undefined)[] = [];
      const stream = await openSound(source, 'x', () => {});
      const onMore = (seconds: number | undefined) => void told.push(seconds);
      const part = await readExcerpt(stream, { format, excerpt, name: 'x', warn: () => {}, onMore });
      expect(part.channels[0]).toHaveLength(samples);
      const whole = conform(clip, format);
      expect(part.channels).toEqual(cut(whole, { ...excerpt, length: samples / 32_000 }).channels);
      expect(told).toEqual(hasMore ? [2] : []);
    }
  });

  test('where no header says how long the file is, more is told without it', async () => {
    const told: (number | undefined)[] = [];
    const stream = await openSound(sourceOf(golden('48000-1-untagged.mp3')), 'x', () => {});
    const onMore = (seconds: number | undefined) => void told.push(seconds);
    await readExcerpt(stream, { format, excerpt: { most: 0.05 }, name: 'x', warn: () => {}, onMore });
    expect(told).toEqual([undefined]);
  });

  test('a silent excerpt of a sounding file is said', async () => {
    const row = noise(64_000).fill(0, 32_000);
    const bytes = writeWav({ name: 'x', sampleRate: 32_000, channels: [row] }, { format: 'float32' });
    expect((await excerptOf(sourceOf(bytes), { length: 0.5 })).warnings).toEqual([]);
    expect((await excerptOf(sourceOf(bytes), { offset: 1.2 })).warnings).toEqual([
      expect.stringMatching(/^x: silent from start to end/),
    ]);
  });
});

describe('resampling in pieces', () => {
  test.each([44_100, 48_000, 22_050, 8000, 96_000, 44_101, 31_999])(
    '%i Hz: pieces of any size give what the whole gives',
    (rate) => {
      const input = noise(5000);
      const whole = conform({ name: 'x', sampleRate: rate, channels: [input] }, format).channels[0];
      for (const first of [0, 1, 777]) {
        const work = resampler({ from: rate, to: 32_000, first });
        const outputs: Float32Array[] = [];
        for (let at = work.start; at < input.length; ) {
          const size = random.integer(900);
          outputs.push(work.push(input.slice(at, at + size)));
          at += size;
        }
        outputs.push(work.end(input.length));
        expect(joinedRows(outputs)).toEqual(whole.slice(first));
      }
    },
  );

  // Every sum written out: the filter's taps over the input, silence outside.
  test.each([
    [44_100, 3000, 2177],
    [48_000, 1001, 667],
    // Long enough to be summed over in several stretches.
    [96_000, 300_000, 100_000],
    [16_000, 140_000, 280_000],
  ])('%i Hz, %i samples: sums taken together are the sums one by one', (rate, samples, results) => {
    const input = noise(samples);
    const divisor = rate === 44_100 ? 100 : 16_000;
    const [up, down] = [32_000 / divisor, rate / divisor];
    const filter = sincFilter(up, down);
    const got = conform({ name: 'x', sampleRate: rate, channels: [input] }, format).channels[0];
    expect(got).toHaveLength(results);
    for (let j = 0; j < results; j++) {
      const nearest = Math.floor((j * down) / up);
      const taps = filter.phase(j * down - nearest * up);
      const start = nearest - filter.reach;
      let sum = 0;
      for (let i = Math.max(0, -start); i < Math.min(taps.length, samples - start); i++)
        sum += taps[i] * input[start + i];
      if (got[j] !== Math.fround(sum)) expect.fail(`output ${j} is ${got[j]}, expected ${sum}`);
    }
  });

  test.each([44_101, 47_999, 31_999, 22_051, 96_001])(
    '%i Hz, of no simple ratio: a sine stays, 120 dB above the rest',
    (rate) => {
      const tone = (at: number, samples: number) =>
        Float32Array.from({ length: samples }, (_, i) => 0.5 * Math.sin((2 * Math.PI * 9000 * i) / at));
      const output = conform({ name: 'x', sampleRate: rate, channels: [tone(rate, rate / 2)] }, format)
        .channels[0];
      let [error, power] = [0, 0];
      tone(32_000, 12_000).forEach((wanted, i) => {
        if (i < 4000) return;
        error += (output[i] - wanted) ** 2;
        power += wanted ** 2;
      });
      expect(10 * Math.log10(power / error)).toBeGreaterThan(120);
    },
  );

  test('the table of a filter is bounded for every ratio', () => {
    for (const [up, down] of [
      [32_000, 44_101],
      [32_000, 767_999],
      [32_000, 1001],
      [48_000, 47_999],
      [24_000, 767_999],
    ]) {
      const { interpolated, reach } = sincFilter(up, down);
      expect(interpolated).toBeDefined();
      expect(((interpolated ?? up) + 3) * (2 * reach + 1)).toBeLessThan(2 ** 20);
    }
    // The rates that music has keep the taps of their own phases.
    for (const [up, down] of [
      [320, 441],
      [2, 3],
      [640, 441],
      [2, 1],
      [1280, 441],
      [80, 147],
      [160, 441],
      [1, 3],
    ]) {
      expect(sincFilter(up, down).interpolated).toBeUndefined();
    }
  });
});
