// What each damage makes of a window, sample by sample, where a sum on paper says what it must be. That it stays within its
// window is damages.test.ts, what it does physically damages_measured.test.ts.

import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Clip } from '../../src/audio/clip.js';
import { rms } from '../../src/audio/spectrum.js';
import { clipped, hissed } from '../../src/perturb/distort.js';
import { amplified, delayed, dithered, inverted, resampled } from '../../src/perturb/harmless.js';
import { clashed, stretched, transposed } from '../../src/perturb/pitch.js';
import { bursts, collage, dropouts } from '../../src/perturb/scatter.js';
import { parsePerturbation } from '../../src/perturb/schema.js';
import { stretchedPart } from '../../src/perturb/vocoder.js';
import { wowed } from '../../src/perturb/wow.js';
import { fieldsOf, lineOf, mappingOf } from '../../src/perturb/write.js';
import { clock, music } from './clip.js';

const PLACE = { start: 1000, end: 1500 };
const CLIP = music('songs/one.wav');
const ramp: Clip = {
  name: 'ramp',
  sampleRate: 1000,
  channels: [Float32Array.from({ length: 3000 }, (_, i) => i)],
};
const anywhere = { seed: 1 };
const within = (clip: Clip): Float32Array[] => clip.channels.map((c) => c.subarray(PLACE.start, PLACE.end));

describe('the sound', () => {
  test('clipping cuts the loudest share and nothing else', () => {
    const small: Clip = { name: 's', sampleRate: 1000, channels: [Float32Array.of(1, -5, 2, 4, -3, 0)] };
    const { channels } = clipped(
      small,
      { kind: 'clipping', share: 2 / 6, ...anywhere },
      { start: 0, end: 6 },
    );
    expect([...channels[0]]).toEqual([1, -3, 2, 3, -3, 0]);
  });

  test('hiss lies the stated ratio below the music', () => {
    const { channels } = hissed(CLIP, { kind: 'hiss', snr: 20, ...anywhere }, PLACE);
    const noise = channels.map((channel, c) => channel.map((v, i) => v - within(CLIP)[c][i]));
    const whole = { start: 0, end: 500 };
    expect(20 * Math.log10(rms(within(CLIP), whole) / rms(noise, whole))).toBeCloseTo(20, 3);
  });

  test.each([
    ['gain', () => amplified(ramp, { kind: 'gain', by: 20 * Math.log10(2), ...anywhere }, PLACE), 2400],
    ['polarity', () => inverted(ramp, PLACE), -1200],
    [
      'delay',
      () => delayed(ramp, { kind: 'delay', by: { seconds: 0.003 }, ...anywhere }, PLACE, clock),
      1197,
    ],
    ['delay of half a frame', () => delayed(ramp, { kind: 'delay', ...anywhere }, PLACE, clock), 1195],
  ])('%s: sample 1200 of a ramp', (_, make, expected) => {
    expect(make().channels[0][200]).toBeCloseTo(expected, 3);
  });

  test('a delay of a frame is refused; dither stays on the grid of its bits', () => {
    const late = { kind: 'delay', by: { tokens: 1 }, ...anywhere } as const;
    expect(() => delayed(ramp, late, PLACE, clock)).toThrow('is not less than a frame of the codec (10)');
    const { channels } = dithered(CLIP, { kind: 'dither', bits: 8, ...anywhere }, PLACE);
    expect(channels[0].every((v) => Number.isInteger(v * 128))).toBe(true);
    const error = channels[0].map((v, i) => (v - within(CLIP)[0][i]) * 128);
    expect(Math.max(...error.map(Math.abs))).toBeLessThanOrEqual(1.5);
  });

  test('at its own rate a clip is resampled to itself', () => {
    const { channels } = resampled(CLIP, { kind: 'resample', rate: 1000, ...anywhere }, PLACE);
    expect(channels).toEqual(within(CLIP));
  });
});

describe('scattered pieces', () => {
  const zeros = (share: number): number[] => {
    const { channels } = dropouts(
      CLIP,
      { kind: 'dropouts', share, gap: { tokens: 1 }, ...anywhere },
      PLACE,
      clock,
    );
    return [...channels[0]].flatMap((v, i) => (v === 0 ? [i] : []));
  };
  test('a share of the gaps is zero in whole gaps, and a larger share holds a smaller one', () => {
    expect([zeros(0).length, zeros(0.1).length, zeros(0.5).length, zeros(1).length]).toEqual([
      0, 50, 250, 500,
    ]);
    expect(zeros(0.1).every((i) => zeros(0.5).includes(i))).toBe(true);
    expect(zeros(0.1).every((i) => zeros(0.1).includes(10 * Math.floor(i / 10)))).toBe(true);
  });

  test('bursts and collage fall on the same spots, at the level and from the other clip', () => {
    const changed = (channels: readonly Float32Array[]) =>
      [...channels[0]].flatMap((v, i) => (v === within(CLIP)[0][i] ? [] : [Math.floor(i / 10)]));
    const spots = { share: 0.2, ...anywhere };
    const noisy = bursts(
      CLIP,
      { kind: 'bursts', burst: { tokens: 1 }, level: { dbfs: -6 }, ...spots },
      PLACE,
      clock,
    );
    expect(noisy.levelDbfs).toBeCloseTo(-6, 4);
    const clips = new Map([['b', music('b')]]);
    const other = collage(
      CLIP,
      { kind: 'collage', block: { tokens: 1 }, clip: 'b', level: 'own', ...spots },
      PLACE,
      { clock, material: { clips } },
    );
    expect(new Set(changed(other.channels))).toEqual(new Set(changed(noisy.channels)));
    expect(new Set(changed(noisy.channels)).size).toBe(10);
    const gap = { kind: 'dropouts', share: 0.1, gap: { seconds: 1 }, ...anywhere } as const;
    expect(() => dropouts(CLIP, gap, PLACE, clock)).toThrow('holds no piece of 1000');
  });
});

describe('pitch and tempo', () => {
  const tone: Clip = {
    name: 'tone',
    sampleRate: 8000,
    channels: [
      Float32Array.from({ length: 16_000 }, (_, i) => 0.5 * Math.sin((2 * Math.PI * 400 * i) / 8000)),
    ],
  };
  const place = { start: 4000, end: 12_000 };
  /** Cycles a second, by upward crossings of zero away from the ends. */
  const pitchOf = (sound: ArrayLike<number>): number => {
    const crossings = Array.from(sound).flatMap((v, i) =>
      i > 1000 && i < sound.length - 1000 && v >= 0 && sound[i - 1] < 0 ? [i] : [],
    );
    return ((crossings.length - 1) * 8000) / (crossings[crossings.length - 1] - crossings[0]);
  };

  test.each([
    ['an octave up', transposed(tone, { kind: 'transpose', semitones: 12, ...anywhere }, place), 8000, 800],
    ['slower', stretched(tone, { kind: 'stretch', factor: 1.25, ...anywhere }, place), 10_000, 400],
    ['faster', stretched(tone, { kind: 'stretch', factor: 0.8, ...anywhere }, place), 6400, 400],
  ])('%s: length and pitch', (_, { channels }, length, hz) => {
    expect(channels[0]).toHaveLength(length);
    expect(pitchOf(channels[0])).toBeCloseTo(hz, 0);
  });

  test('nothing is nothing, and a copy lies at its level', () => {
    const own = tone.channels[0].subarray(4000, 12_000);
    expect(transposed(tone, { kind: 'transpose', semitones: 0, ...anywhere }, place).channels[0]).toEqual(
      own,
    );
    expect(wowed(tone, { kind: 'wow', depth: 0, rate: 1, ...anywhere }, place).channels[0]).toEqual(own);
    const { channels } = clashed(tone, { kind: 'clash', semitones: 1, mix: -6, ...anywhere }, place);
    const copy = channels[0].map((v, i) => v - own[i]);
    const whole = { start: 0, end: 8000 };
    expect(20 * Math.log10(rms([copy], whole) / rms([own], whole))).toBeCloseTo(-6, 3);
    expect(
      stretchedPart([tone.channels[0]], place, { factor: 1.5, sampleRate: 8000, margin: 7 })[0],
    ).toHaveLength(12_014);
  });

  test('wow ends in time: first and last samples are the music, between them it is elsewhere', () => {
    const [sound] = wowed(tone, { kind: 'wow', depth: 50, rate: 1, ...anywhere }, place).channels;
    const own = tone.channels[0].subarray(4000, 12_000);
    expect(sound[0]).toBeCloseTo(own[0], 6);
    expect(sound[7999]).toBeCloseTo(own[7999], 2);
    expect(Math.max(...sound.map((v, i) => Math.abs(v - own[i])))).toBeGreaterThan(0.1);
  });
});

test.each([
  'noise color=white at=5s length=100 level=match seed=1',
  'shuffle block=10 at=5s length=100 seed=3',
  'tone hz=440 at=2s..8s length=5 level=-20dB seed=1',
  'lowpass cutoff=1200 seed=1',
])('what is read is written as it can be read again: %s', (line) => {
  const read = parsePerturbation(line, { seed: 1 });
  expect(parsePerturbation(lineOf(read), { seed: 99 })).toEqual(read);
  expect(fieldsOf(read)[0]).toEqual(['kind', line.split(' ')[0]]);
  const mapping = Object.entries(parse(mappingOf(read)));
  expect(mapping.map(([key, value]) => [key, String(value)])).toEqual(fieldsOf(read));
});
