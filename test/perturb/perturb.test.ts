// Disturbances: where they fall, what they put in, what they leave alone, and how they are written.

import { describe, expect, test } from 'vitest';
import type { Clip } from '../../src/audio/clip.js';
import type { FrameClock } from '../../src/audio/codes.js';
import { powerSpectrum, rms, rmsDbfs, slopeDbPerOctave } from '../../src/audio/spectrum.js';
import { perturb } from '../../src/perturb/apply.js';
import { describe as inWords, parseLevel, parseSpan } from '../../src/perturb/parse.js';
import type { Level, NoisePerturbation, Span } from '../../src/perturb/perturbation.js';
import { generator, seedOf } from '../../src/stats/random.js';

const clock: FrameClock = { sampleRate: 32000, hop: 640 };
const PAPER_LENGTHS = [5, 10, 50, 100, 150, 200];

/** 15 s of something whose loudness changes all the time. */
function music(name = 'songs/one.wav', channels = 1): Clip {
  const random = generator(seedOf('music', name));
  return {
    name,
    sampleRate: 32000,
    channels: Array.from({ length: channels }, (_, c) =>
      Float32Array.from({ length: 480_000 }, (_, i) => {
        const t = i / 32000;
        const loud = 0.02 + 0.3 * Math.sin(0.4 * t + c) ** 2;
        return loud * (Math.sin(2 * Math.PI * (220 + 110 * c) * t) + 0.2 * random.normal());
      }),
    ),
  };
}

const white = (parts: Partial<NoisePerturbation> = {}): NoisePerturbation => ({
  kind: 'noise',
  color: 'white',
  at: { seconds: 5 },
  length: { tokens: 100 },
  level: 'match',
  seed: 1,
  ...parts,
});
const ONE = music();
const bitsOf = (samples: Float32Array) => new Uint32Array(samples.slice().buffer);
/** Bit for bit, -0 and 0 apart. */
const same = (a: Float32Array, b: Float32Array) =>
  Buffer.from(bitsOf(a).buffer).equals(Buffer.from(bitsOf(b).buffer));

describe('white noise', () => {
  const clip = ONE;

  test('samples outside the window keep their bits, those inside change; the clip itself stays', () => {
    const [before] = clip.channels;
    const kept = before.slice();
    for (const tokens of PAPER_LENGTHS) {
      const { clip: after, event } = perturb(clip, white({ length: { tokens } }), clock);
      const [samples] = after.channels;
      expect([event.start, event.end]).toEqual([160_000, 160_000 + 640 * tokens]);
      expect(same(samples.subarray(0, event.start), before.subarray(0, event.start))).toBe(true);
      expect(same(samples.subarray(event.end), before.subarray(event.end))).toBe(true);
      const untouched = samples
        .subarray(event.start, event.end)
        .filter((v, i) => v === before[event.start + i]);
      expect(untouched.length).toBeLessThan(3);
      expect([after.name, after.sampleRate, samples.length]).toEqual([clip.name, 32000, before.length]);
    }
    expect(same(before, kept)).toBe(true);
  });

  test('the level is what was asked for within 0.1 dB, at every length and loudness', () => {
    for (const tokens of [1, ...PAPER_LENGTHS]) {
      for (const level of ['match', { dbfs: -30 }, { dbfs: -12 }, { dbfs: 0 }] satisfies Level[]) {
        const { clip: after, event } = perturb(clip, white({ length: { tokens }, level }), clock);
        const wanted = level === 'match' ? rmsDbfs(clip.channels, event) : level.dbfs;
        const measured = rmsDbfs(after.channels, event);
        expect(Math.abs(measured - wanted), `${tokens} tokens`).toBeLessThan(1e-4);
        expect(event.levelDbfs).toBe(measured);
      }
    }
  });

  test('the spectrum is flat within 0.2 dB per octave from 50 Hz to 14 kHz', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      for (const tokens of [50, 100, 200]) {
        const { clip: after, event } = perturb(clip, white({ seed, length: { tokens } }), clock);
        const window = after.channels[0].subarray(event.start, event.end);
        const slope = slopeDbPerOctave(powerSpectrum(window, 32000), { from: 50, to: 14_000 });
        expect(Math.abs(slope), `seed ${seed}, ${tokens} tokens`).toBeLessThan(0.2);
      }
    }
    // The same measure sees a slope that is there: a first difference rises by 6 dB per octave.
    const noise = perturb(clip, white({ length: { tokens: 200 } }), clock).clip.channels[0].subarray(
      160_000,
      288_000,
    );
    const rising = noise.map((v, i) => v - (noise[i - 1] ?? 0));
    expect(slopeDbPerOctave(powerSpectrum(rising, 32000), { from: 50, to: 4000 })).toBeGreaterThan(5);
  });

  test('the noise is Gaussian and independent from sample to sample', () => {
    const { clip: after, event } = perturb(
      clip,
      white({ length: { tokens: 200 }, level: { dbfs: 0 } }),
      clock,
    );
    const noise = Float64Array.from(after.channels[0].subarray(event.start, event.end));
    const n = noise.length;
    const moment = (p: number) => noise.reduce((sum, v) => sum + v ** p, 0) / n;
    expect(Math.abs(moment(1))).toBeLessThan(5 / Math.sqrt(n));
    expect(Math.abs(moment(3))).toBeLessThan(5 * Math.sqrt(15 / n));
    expect(Math.abs(moment(4) - 3)).toBeLessThan(5 * Math.sqrt(96 / n));
    for (const lag of [1, 2, 640]) {
      const product = noise.subarray(lag).reduce((sum, v, i) => sum + v * noise[i], 0) / n;
      expect(Math.abs(product), `lag ${lag}`).toBeLessThan(5 / Math.sqrt(n));
    }
    // Above full scale and not clipped: 0 dBFS RMS has peaks of four.
    expect(Math.max(...noise.subarray(0, 50_000))).toBeGreaterThan(3);
  });
});

describe('seeds', () => {
  const samples = (clip: Clip, perturbation: NoisePerturbation) => {
    const { clip: after, event } = perturb(clip, perturbation, clock);
    return after.channels[0].subarray(event.start, event.end);
  };
  const base = samples(ONE, white());

  test('the same names, the same bits; whatever else was done before', () => {
    perturb({ ...ONE, name: 'other' }, white({ seed: 99 }), clock);
    expect(same(samples(ONE, white()), base)).toBe(true);
    const fixed = samples(ONE, white({ level: { dbfs: -20 } }));
    expect(Array.from(fixed.subarray(0, 3))).toEqual([
      0.04660710319876671, -0.041308317333459854, 0.11118101328611374,
    ]);
    // The piece is the name: neither its folder nor its file format; and 5 s is token 250.
    const elsewhere = { ...ONE, name: 'D:\\x\\one.flac' };
    expect(same(samples(elsewhere, white({ at: { tokens: 250 } })), base)).toBe(true);
  });

  test.each<[string, Clip, NoisePerturbation]>([
    ['another seed', ONE, white({ seed: 2 })],
    ['another clip', { ...ONE, name: 'two.wav' }, white()],
    ['another place', ONE, white({ at: { tokens: 251 } })],
  ])('%s, other noise', (_, clip, perturbation) => {
    expect(Math.abs(correlation(samples(clip, perturbation), base))).toBeLessThan(5 / Math.sqrt(base.length));
  });

  test('lengths are nested: a longer window begins with the same noise up to its gain', () => {
    for (const level of ['match', { dbfs: -20 }] satisfies Level[]) {
      const longest = samples(ONE, white({ length: { tokens: 200 }, level }));
      for (const tokens of PAPER_LENGTHS) {
        const shorter = samples(ONE, white({ length: { tokens }, level }));
        expect(correlation(shorter, longest.subarray(0, shorter.length))).toBeGreaterThan(1 - 1e-9);
      }
    }
  });

  test('channels get their own noise and keep one common level', () => {
    const stereo = music('stereo', 2);
    const { clip: after, event } = perturb(stereo, white(), clock);
    const [left, right] = after.channels.map((channel) => channel.subarray(event.start, event.end));
    expect(Math.abs(correlation(left, right))).toBeLessThan(5 / Math.sqrt(left.length));
    expect(Math.abs(rmsDbfs(after.channels, event) - rmsDbfs(stereo.channels, event))).toBeLessThan(1e-4);
    expect(Math.abs(20 * Math.log10(rms([left]) / rms([right])))).toBeLessThan(0.1);
  });
});

describe('place', () => {
  const clip = { ...ONE, name: 'piece.wav' };

  test.each<[Span, Span, number, number]>([
    [{ tokens: 250 }, { tokens: 100 }, 160_000, 224_000],
    [{ seconds: 5 }, { seconds: 2 }, 160_000, 224_000],
    [{ seconds: 0.10001 }, { seconds: 0.00005 }, 3200, 3202],
    [{ tokens: 0 }, { tokens: 750 }, 0, 480_000],
  ])('%j for %j', (at, length, start, end) => {
    const { event } = perturb(clip, white({ at, length }), clock);
    expect([event.start, event.end]).toEqual([start, end]);
    expect(event.perturbation).toEqual(white({ at, length }));
    expect(event.kind).toBe('noise');
  });

  test.each<[Span, Span, string]>([
    [
      { tokens: 700 },
      { tokens: 51 },
      'piece.wav: the window [448000, 480640) leaves the clip of 480000 samples (15.00 s); start earlier, or make it shorter',
    ],
    [{ seconds: 15 }, { tokens: 1 }, 'leaves the clip'],
    [{ tokens: 3 }, { tokens: 0 }, 'the window is empty'],
    [{ seconds: 3 }, { seconds: 1e-6 }, 'the window is empty'],
    [
      { tokens: 2.5 },
      { tokens: 1 },
      'disturbance: its start is 2.5, expected a whole number of tokens, 0 or more',
    ],
    [{ seconds: -1 }, { tokens: 1 }, 'its start is -1, expected a number of seconds'],
    [{ seconds: 1 }, { seconds: Number.NaN }, 'its length is NaN'],
  ])('%j for %j is refused', (at, length, message) => {
    expect(() => perturb(clip, white({ at, length }), clock)).toThrow(message);
  });

  test('a clip at another rate, and a silent window to match', () => {
    expect(() => perturb({ ...clip, sampleRate: 44100 }, white(), clock)).toThrow(
      'piece.wav: the clip is at 44100 Hz, the codec at 32000 Hz; resample it first',
    );
    const quiet = {
      ...clip,
      channels: [clip.channels[0].map((v, i) => (i >= 160_000 && i < 170_000 ? v * 1e-6 : v))],
    };
    const short = white({ length: { tokens: 10 } });
    expect(() => perturb(quiet, short, clock)).toThrow(
      /^piece\.wav: the window \[160000, 166400\) is silent .*-20dB/,
    );
    const { event } = perturb(quiet, { ...short, level: { dbfs: -20 } }, clock);
    expect(event.levelDbfs).toBeCloseTo(-20, 4);
    expect(() => perturb(quiet, white(), clock)).not.toThrow();
  });
});

describe('as text', () => {
  test.each<[string, Span]>([
    ['250', { tokens: 250 }],
    ['250 tokens', { tokens: 250 }],
    ['1token', { tokens: 1 }],
    [' 5s ', { seconds: 5 }],
    ['.5 s', { seconds: 0.5 }],
    ['100ms', { seconds: 0.1 }],
    ['0', { tokens: 0 }],
  ])('span %j', (text, span) => {
    expect(parseSpan(text)).toEqual(span);
  });

  test.each<[string, Level]>([
    ['match', 'match'],
    ['-20dB', { dbfs: -20 }],
    ['-12.5 dBFS', { dbfs: -12.5 }],
    ['0db', { dbfs: 0 }],
  ])('level %j', (text, level) => {
    expect(parseLevel(text)).toEqual(level);
  });

  test.each(['', '-5', '5m', '5 sec', '1e3', '5s5', 'five', '1.5 tokens', '2.5', 'NaN', 'Infinitys'])(
    'span %j is refused',
    (text) => {
      expect(() => parseSpan(text)).toThrow(`"${text}"`);
    },
  );

  test.each(['', '-20', 'Match', '3dB', '-200dB', '--3dB', '-dB', 'matched'])(
    'level %j is refused',
    (text) => {
      expect(() => parseLevel(text)).toThrow(`"${text}"`);
    },
  );

  test('what reports print', () => {
    expect(inWords(white({ at: { tokens: 250 } }))).toBe(
      'white noise, 100 tokens at token 250, level match, seed 1',
    );
    expect(inWords(white({ length: { tokens: 1 }, level: { dbfs: -20 }, seed: 7 }))).toBe(
      'white noise, 1 token at 5 s, level -20 dBFS, seed 7',
    );
  });
});

function correlation(a: Float32Array, b: Float32Array): number {
  let ab = 0;
  let aa = 0;
  let bb = 0;
  a.forEach((v, i) => {
    ab += v * b[i];
    aa += v * v;
    bb += b[i] * b[i];
  });
  return ab / Math.sqrt(aa * bb);
}
