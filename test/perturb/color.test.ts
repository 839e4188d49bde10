// The colours of noise: slopes of the true ones, the authors' filters, and that a longer stretch begins with a shorter.

import { describe, expect, test } from 'vitest';
import { powerSpectrum, rmsDbfs, type Spectrum, slopeDbPerOctave } from '../../src/audio/spectrum.js';
import { perturb } from '../../src/perturb/apply.js';
import { colored } from '../../src/perturb/color.js';
import { NOISE_COLORS, type NoiseColor } from '../../src/perturb/perturbation.js';
import { generator, type Random, seedOf } from '../../src/stats/random.js';

const RATE = 32_000;
const OCTAVE = 10 * Math.log10(2);
const SLOPES: readonly [NoiseColor, number][] = [
  ['white', 0],
  ['pink', -OCTAVE],
  ['brown', -2 * OCTAVE],
  ['blue', OCTAVE],
  ['violet', 2 * OCTAVE],
];

const noiseOf = (color: NoiseColor, tokens: number, seed: number): Float32Array =>
  Float32Array.from(colored(color, 640 * tokens, RATE, generator(seedOf(seed, color))));

/** Bit for bit. */
const same = (a: Float32Array, b: Float32Array): boolean =>
  Buffer.from(a.slice().buffer).equals(Buffer.from(b.slice().buffer));

/** Mean over seeds: what the spectrum of such a stretch is expected to be. */
function meanSpectrum(color: NoiseColor, tokens: number, seeds: number, segment: number): Spectrum {
  const spectra = Array.from({ length: seeds }, (_, seed) =>
    powerSpectrum(noiseOf(color, tokens, seed), RATE, { segment }),
  );
  const density = spectra[0].density.map((_, k) => spectra.reduce((sum, s) => sum + s.density[k], 0) / seeds);
  return { frequencies: spectra[0].frequencies, density };
}

describe('true colours', () => {
  test.each(SLOPES)(
    '%s: %f dB per octave from 50 Hz to 14 kHz within 0.2, in every single window',
    (color, nominal) => {
      for (const tokens of [50, 100, 200]) {
        for (const seed of [1, 2, 3]) {
          const slope = slopeDbPerOctave(powerSpectrum(noiseOf(color, tokens, seed), RATE), {
            from: 50,
            to: 14_000,
          });
          expect(Math.abs(slope - nominal), `${tokens} tokens, seed ${seed}`).toBeLessThan(0.2);
        }
      }
    },
  );

  test.each(SLOPES)('%s: 100 ms have the same spectrum in expectation', (color, nominal) => {
    const short = meanSpectrum(color, 5, 40, 2048);
    expect(Math.abs(slopeDbPerOctave(short, { from: 50, to: 14_000 }) - nominal)).toBeLessThan(0.2);
  });

  test.each(SLOPES)('%s: the slope is the same low and high', (color, nominal) => {
    const long = meanSpectrum(color, 200, 4, 4096);
    for (const [from, to] of [
      [50, 800],
      [800, 3200],
      [3200, 14_000],
    ]) {
      expect(Math.abs(slopeDbPerOctave(long, { from, to }) - nominal), `${from} Hz`).toBeLessThan(0.2);
    }
  });

  test('nothing below 20 Hz, so that the level is that of what is heard', () => {
    for (const [color] of SLOPES.filter(([name]) => name !== 'white')) {
      const { frequencies, density } = powerSpectrum(noiseOf(color, 500, 1), RATE, { segment: 65_536 });
      const power = (from: number, to: number): number =>
        density.reduce((sum, d, k) => (frequencies[k] >= from && frequencies[k] < to ? sum + d : sum), 0) /
        (to - from);
      expect(power(0, 18) / power(21, 30), color).toBeLessThan(1e-3);
    }
  });
});

describe('released colours', () => {
  /** Impulse responses by scipy.signal.butter and lfilter, SciPy 1.17. */
  test.each<[NoiseColor, readonly number[]]>([
    [
      'released-pink',
      [0.24523727525279, 0.37019190815875, 0.18862219840379, 0.09610781042632, 0.04896937530739],
    ],
    [
      'released-brown',
      [0.02008336556421, 0.07151722779707, 0.11884255349262, 0.13964769013102, 0.14177271406917],
    ],
    ['released-blue', [0.5, -0.5, -0.0, -0.0, -0.0]],
  ])('%s is the Butterworth filter of the authors’ scripts', (color, expected) => {
    const draws = [1];
    const random: Random = { ...generator(seedOf(1)), normal: () => draws.pop() ?? 0 };
    const response = colored(color, expected.length, RATE, random);
    expected.forEach((value, i) => {
      expect(response[i], `sample ${i}`).toBeCloseTo(value, 12);
    });
  });

  test('they are not the colours they are named after', () => {
    const slope = (color: NoiseColor, from: number, to: number): number =>
      slopeDbPerOctave(meanSpectrum(color, 200, 2, 4096), { from, to });
    expect(Math.abs(slope('released-pink', 50, 800))).toBeLessThan(0.3);
    expect(Math.abs(slope('released-brown', 50, 400))).toBeLessThan(0.3);
    expect(slope('released-brown', 3200, 14_000)).toBeLessThan(-15);
    expect(slope('released-blue', 50, 800)).toBeGreaterThan(5.5);
  });
});

describe.each(NOISE_COLORS)('%s', (color) => {
  test('a longer stretch begins with the same bits', () => {
    const long = noiseOf(color, 200, 1);
    for (const tokens of [5, 60])
      expect(same(noiseOf(color, tokens, 1), long.subarray(0, 640 * tokens)), `${tokens}`).toBe(true);
  });

  test('the level is exact, and the same piece gets the same noise', () => {
    const clip = {
      name: 'a.wav',
      sampleRate: RATE,
      channels: [Float32Array.from({ length: 160_000 }, (_, i) => 0.1 * Math.sin(i / 20))],
    };
    const made = (tokens: number) =>
      perturb(
        clip,
        { kind: 'noise', color, at: { seconds: 1 }, length: { tokens }, level: { dbfs: -20 }, seed: 1 },
        { sampleRate: RATE, hop: 640 },
      );
    for (const tokens of [1, 5, 100]) {
      const { clip: disturbed, event } = made(tokens);
      expect(Math.abs(rmsDbfs(disturbed.channels, event) + 20)).toBeLessThan(1e-4);
      expect(event.levelDbfs).toBe(rmsDbfs(disturbed.channels, event));
      expect(same(made(tokens).clip.channels[0], disturbed.channels[0])).toBe(true);
    }
  });
});
