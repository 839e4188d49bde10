// Integrated loudness against the values that ITU-R BS.1770-4 and EBU Tech 3341 give for synthetic signals.

import { describe, expect, test } from 'vitest';
import type { Clip } from '../../src/audio/clip.js';
import { loudness, normaliseLoudness } from '../../src/audio/loudness.js';
import { generator, seedOf } from '../../src/stats/random.js';

interface Piece {
  readonly seconds: number;
  readonly dbfs: number;
}

/** A sine of pieces of so many seconds at peak levels in dBFS, the same in each channel. */
function sine(pieces: readonly Piece[], { hz = 1000, sampleRate = 48_000, channels = 2 } = {}): Clip {
  const gains = pieces.flatMap(({ seconds, dbfs }) =>
    Array.from({ length: Math.round(seconds * sampleRate) }, () => 10 ** (dbfs / 20)),
  );
  const channel = Float32Array.from(gains, (gain, i) => gain * Math.sin((2 * Math.PI * hz * i) / sampleRate));
  return { name: 'sine.wav', sampleRate, channels: Array.from({ length: channels }, () => channel) };
}

describe('loudness', () => {
  // The standard gives its filters at 48 kHz; the bilinear transform bends them a little at other rates.
  test.each([
    [48_000, 0.005],
    [44_100, 0.01],
    [96_000, 0.03],
    [32_000, 0.03],
    [24_000, 0.03],
    [16_000, 0.05],
  ])(
    'a full-scale sine of 997 Hz in one channel is -3.01 LKFS at %d Hz, in two 0.00',
    (sampleRate, within) => {
      const pieces = [{ seconds: 3, dbfs: 0 }];
      for (const [channels, expected] of [
        [1, -3.01],
        [2, 0],
      ] as const) {
        const measured = loudness(sine(pieces, { hz: 997, sampleRate, channels }));
        expect(Math.abs(measured - expected)).toBeLessThan(within);
      }
    },
  );

  // EBU Tech 3341 (2016), minimum requirements, cases 1 to 5: 1 kHz in stereo, each -23.0 or -33.0 within 0.1 LU.
  test.each<[string, readonly Piece[], number]>([
    ['1', [{ seconds: 20, dbfs: -23 }], -23],
    ['2', [{ seconds: 20, dbfs: -33 }], -33],
    [
      '3: what is 10 LU softer does not count',
      [
        { seconds: 10, dbfs: -36 },
        { seconds: 60, dbfs: -23 },
        { seconds: 10, dbfs: -36 },
      ],
      -23,
    ],
    [
      '4: nor what is silent',
      [
        { seconds: 10, dbfs: -72 },
        { seconds: 10, dbfs: -36 },
        { seconds: 60, dbfs: -23 },
        { seconds: 10, dbfs: -36 },
        { seconds: 10, dbfs: -72 },
      ],
      -23,
    ],
    [
      '5',
      [
        { seconds: 20, dbfs: -26 },
        { seconds: 20.1, dbfs: -20 },
        { seconds: 20, dbfs: -26 },
      ],
      -23,
    ],
  ])('EBU case %s', (_, pieces, expected) => {
    expect(Math.abs(loudness(sine(pieces, { sampleRate: 32_000 })) - expected)).toBeLessThan(0.1);
  });

  test('low tones count less, high ones more', () => {
    const at = (hz: number) => loudness(sine([{ seconds: 2, dbfs: -20 }], { hz, channels: 1 }));
    // The standard's filters at 48 kHz, from their coefficients: dB against 997 Hz.
    expect(at(20) - at(997)).toBeCloseTo(-14.2, 0);
    expect(at(100) - at(997)).toBeCloseTo(-1.8, 0);
    expect(at(10_000) - at(997)).toBeCloseTo(3.3, 0);
  });

  test('silence, and what is too short', () => {
    const silent = { name: 's', sampleRate: 32_000, channels: [new Float32Array(32_000)] };
    const short = sine([{ seconds: 0.399, dbfs: 0 }]);
    expect([loudness(silent), loudness(short)]).toEqual([Number.NEGATIVE_INFINITY, Number.NaN]);
    expect(() => normaliseLoudness(silent, -23)).toThrow(
      's: is silent and has no loudness to bring to -23 LUFS',
    );
    expect(() => normaliseLoudness(short, -23)).toThrow('sine.wav: is shorter than 400 ms');
  });

  test.each([-14, -23, -40])('a clip brought to %d LUFS is there, whatever it was', (target) => {
    const { normal } = generator(seedOf('loudness'));
    const channel = Float32Array.from({ length: 64_000 }, (_, i) => 0.01 * (1 + i / 16_000) * normal());
    const clip = { name: 'n', sampleRate: 32_000, channels: [channel] };
    const louder = normaliseLoudness(clip, target);
    expect(loudness(louder)).toBeCloseTo(target, 5);
    const again = normaliseLoudness({ ...clip, channels: [channel.map((v) => 0.5 * v)] }, target);
    expect(Math.max(...again.channels[0].map((v, i) => Math.abs(v - louder.channels[0][i])))).toBeLessThan(
      1e-6,
    );
  });
});
