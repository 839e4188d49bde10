// What each damage claims, measured on its sound: ratios, cut-offs, shares, depths, pitches, lengths.

import { describe, expect, test } from 'vitest';
import { type Clip, sampleCount } from '../../src/audio/clip.js';
import { powerSpectrum, rms, rmsDbfs } from '../../src/audio/spectrum.js';
import { perturb } from '../../src/perturb/apply.js';
import { parsePerturbation } from '../../src/perturb/schema.js';
import { generator, seedOf } from '../../src/stats/random.js';

const RATE = 32_000;
const clock = { sampleRate: RATE, hop: 640 };
const clipOf = (name: string, seconds: number, f: (i: number) => number): Clip => ({
  name,
  sampleRate: RATE,
  channels: [Float32Array.from({ length: seconds * RATE }, (_, i) => f(i))],
});
const { normal } = generator(seedOf('measured'));
const NOISE = clipOf('noise.wav', 3, () => 0.1 * normal());
const OTHER = clipOf('other.wav', 3, () => 0.3 * normal());
const sine = (hz: number, seconds = 2): Clip =>
  clipOf('sine.wav', seconds, (i) => 0.3 * Math.sin((2 * Math.PI * hz * i) / RATE));
/** Three notes of a chord, with overtones. */
const CHORD = clipOf('chord.wav', 2, (i) =>
  [220, 277.18, 329.63].reduce(
    (sum, hz) =>
      sum + [1, 2, 3].reduce((s, n) => s + (0.05 / n) * Math.sin((2 * Math.PI * hz * n * i) / RATE), 0),
    0,
  ),
);
const done = (clip: Clip, line: string) =>
  perturb(clip, parsePerturbation(line, { seed: 1 }), clock, { clips: new Map([['other.wav', OTHER]]) });
const of = (clip: Clip, line: string): Float32Array => done(clip, line).clip.channels[0];
const minus = (a: Float32Array, b: Float32Array): Float32Array => a.map((v, i) => v - b[i]);
const db = (a: Float32Array, b: Float32Array): number => rmsDbfs([a]) - rmsDbfs([b]);

/** Gain in dB at a frequency: sound after over sound before, by a sine, away from the ends. */
function gainAt(line: string, hz: number): number {
  const clip = sine(hz, 1);
  const inner = (x: Float32Array) => x.subarray(RATE / 4, (3 * RATE) / 4);
  return db(inner(of(clip, line)), inner(clip.channels[0]));
}

/** Frequency of the strongest sinusoid in [from, to) samples, by zero crossings with linear interpolation. */
function pitchOf(x: Float32Array, from: number, to: number): number {
  const crossings: number[] = [];
  for (let i = from + 1; i < to; i++) {
    if (x[i - 1] < 0 && x[i] >= 0) crossings.push(i - 1 + x[i - 1] / (x[i - 1] - x[i]));
  }
  return ((crossings.length - 1) * RATE) / (crossings[crossings.length - 1] - crossings[0]);
}
const cents = (a: number, b: number): number => 1200 * Math.log2(a / b);

describe('filters', () => {
  test.each([
    ['lowpass cutoff=1200Hz', 1200],
    ['lowpass cutoff=80Hz', 80],
    ['lowpass cutoff=12kHz', 12_000],
    ['highpass cutoff=300Hz', 300],
    ['highpass cutoff=40Hz', 40],
  ])('%s: -3.01 dB there, 48 dB at the octave, nothing on the other side', (line, cutoff) => {
    const [stopped, passed] = line.startsWith('low') ? [2, 0.5] : [0.5, 2];
    expect(Math.abs(gainAt(line, cutoff) + 3.01)).toBeLessThan(0.1);
    if (cutoff * stopped < RATE / 2)
      expect(Math.abs(gainAt(line, cutoff * stopped) + 48.16)).toBeLessThan(0.6);
    if (cutoff * passed < RATE / 2) expect(Math.abs(gainAt(line, cutoff * passed))).toBeLessThan(0.02);
  });

  test('nothing comes later or earlier', () => {
    const pulse = clipOf('pulse.wav', 1, (i) => (i === 16_000 ? 0.5 : 0));
    const filtered = of(pulse, 'lowpass cutoff=1200Hz');
    for (let i = 1; i < 400; i++) expect(filtered[16_000 + i]).toBeCloseTo(filtered[16_000 - i], 9);
    expect(filtered.indexOf(Math.max(...filtered))).toBe(16_000);
  });
});

describe('hiss, bursts, gaps, blocks', () => {
  test.each([30, 10, 0, -6])('hiss at %d dB', (snr) => {
    for (const color of ['white', 'pink']) {
      const noise = minus(of(NOISE, `hiss snr=${snr} color=${color}`), NOISE.channels[0]);
      expect(Math.abs(db(NOISE.channels[0], noise) - snr)).toBeLessThan(0.01);
    }
    const { clip, event } = done(NOISE, `hiss snr=${snr} at=1s length=0.5s`);
    const inside = (x: Float32Array) => x.subarray(RATE, 1.5 * RATE);
    const noise = inside(minus(clip.channels[0], NOISE.channels[0]));
    expect(Math.abs(db(inside(NOISE.channels[0]), noise) - snr)).toBeLessThan(0.01);
    expect(event.levelDbfs).toBeCloseTo(rmsDbfs([noise]), 3);
  });

  test.each([0.01, 0.1, 0.5, 1])('a share of %d', (share) => {
    const gone = of(NOISE, `dropouts share=${share} gap=20ms`);
    expect(gone.filter((v) => v === 0).length / gone.length).toBeCloseTo(Math.max(share, 1 / 150), 2);
    // Every gap is whole: zeros come in runs of multiples of 640 samples, on a grid of them.
    for (let i = 0; i < gone.length; i += 640) {
      const zeros = gone.subarray(i, i + 640).filter((v) => v === 0).length;
      expect([0, 640]).toContain(zeros);
    }
    for (const [level, dbfs] of [
      ['match', rmsDbfs(NOISE.channels)],
      ['-12dB', -12],
    ] as const) {
      const { clip, event } = done(NOISE, `bursts share=${share} burst=20ms level=${level}`);
      const sound = clip.channels[0].filter((v, i) => v !== NOISE.channels[0][i]);
      expect(sound.length).toBe(gone.filter((v) => v === 0).length);
      expect(Math.abs(rmsDbfs([sound]) - dbfs)).toBeLessThan(0.001);
      expect(event.levelDbfs).toBeCloseTo(dbfs, 4);
    }
  });

  test('a collage is the other clip at the same time', () => {
    const own = of(NOISE, 'collage clip=other.wav share=50% block=0.5s level=own');
    const taken = own.filter((v, i) => v === OTHER.channels[0][i]).length;
    const kept = own.filter((v, i) => v === NOISE.channels[0][i]).length;
    expect([taken, kept]).toEqual([1.5 * RATE, 1.5 * RATE]);
    const matched = done(NOISE, 'collage clip=other.wav share=1 block=0.5s');
    expect(Math.abs((matched.event.levelDbfs ?? 0) - rmsDbfs(NOISE.channels))).toBeLessThan(1e-4);
  });
});

describe('clipping', () => {
  test.each([0.01, 0.05, 0.3])('a share of %d is cut off at one level', (share) => {
    const before = NOISE.channels[0];
    const after = of(NOISE, `clipping share=${share}`);
    const limit = Math.max(...after);
    const cut = after.filter((v, i) => v !== before[i]);
    expect(cut.length).toBe(Math.round(share * before.length));
    expect(cut.every((v) => Math.abs(v) === limit)).toBe(true);
    expect(after.every((v, i) => v === before[i] || Math.abs(before[i]) > limit)).toBe(true);
  });
});

describe('pitch and time', () => {
  test.each([
    [20, 1],
    [50, 1],
    [100, 6],
  ])('wow of %d cents at %d Hz', (depth, rate) => {
    const x = of(sine(1000), `wow depth=${depth} rate=${rate}Hz`);
    const period = RATE / rate;
    // Pitch over a fiftieth of a swing, around each place of the swing.
    const swing = Array.from({ length: 100 }, (_, i) => {
      const at = RATE / 2 + (i * period) / 100;
      return cents(pitchOf(x, Math.round(at - period / 100), Math.round(at + period / 100)), 1000);
    });
    expect(Math.abs(Math.max(...swing) - depth)).toBeLessThan(0.02 * depth);
    const lowest = 1200 * Math.log2(2 - 2 ** (depth / 1200));
    expect(Math.abs(Math.min(...swing) - lowest)).toBeLessThan(0.02 * depth);
    // In time again at the end.
    const last = minus(x.subarray(-10), sine(1000).channels[0].subarray(-10));
    expect(rms([last])).toBeLessThan(1e-3);
  });

  test.each([1, -1, 7, -12, 0.5])('transposed by %d semitones, as long and as loud', (semitones) => {
    const x = of(sine(440), `transpose semitones=${semitones}`);
    const { frequencies, density } = powerSpectrum(x.subarray(RATE / 2, RATE / 2 + 32_768), RATE, {
      segment: 32_768,
    });
    expect(x.length).toBe(2 * RATE);
    const pitch = pitchOf(x, RATE / 2, (3 * RATE) / 2);
    expect(Math.abs(cents(pitch, 440) - 100 * semitones)).toBeLessThan(0.5);
    expect(Math.abs(db(x.subarray(RATE / 2, 1.5 * RATE), sine(440).channels[0]))).toBeLessThan(0.1);
    // Nearly all power lies at the one pitch.
    const power = density.reduce((sum, v) => sum + v, 0);
    const near = density
      .filter((_, k) => Math.abs(frequencies[k] - pitch) < 10)
      .reduce((sum, v) => sum + v, 0);
    expect(10 * Math.log10(1 - near / power)).toBeLessThan(-50);
  });

  test.each([0.5, 0.8, 1.1, 1.25, 2])('stretched to %d: so much longer, at the same pitch', (factor) => {
    const x = of(sine(440), `stretch factor=${factor}`);
    expect(x.length).toBe(Math.round(2 * RATE * factor));
    expect(Math.abs(cents(pitchOf(x, RATE / 4, x.length - RATE / 4), 440))).toBeLessThan(0.5);
    expect(Math.abs(rmsDbfs([x.subarray(4000, -4000)]) - rmsDbfs(sine(440).channels))).toBeLessThan(0.1);
    // A start of sound stays a start of sound, at its stretched time within a frame.
    const late = clipOf('late.wav', 2, (i) =>
      i < RATE ? 0 : 0.3 * Math.sin((2 * Math.PI * 440 * i) / RATE),
    );
    const onset = of(late, `stretch factor=${factor}`).findIndex((v) => Math.abs(v) > 0.15);
    expect(Math.abs(onset / RATE - factor)).toBeLessThan(0.064);
    expect(sampleCount(done(late, `stretch factor=${factor} at=1s length=0.5s`).clip)).toBe(
      1.5 * RATE + Math.round(0.5 * RATE * factor),
    );
  });

  test('a vocoder that stretches by nearly 1 gives nearly the music', () => {
    const x = of(CHORD, 'stretch factor=1.000001').subarray(3000, 60_000);
    expect(db(minus(x, CHORD.channels[0].subarray(3000, 60_000)), x)).toBeLessThan(-100);
  });

  test.each([-20, -6, 0])('a copy in another key at %d dB', (mix) => {
    const { clip, event } = done(CHORD, `clash mix=${mix} semitones=1`);
    const copy = minus(clip.channels[0], CHORD.channels[0]);
    expect(Math.abs(db(copy, CHORD.channels[0]) - mix)).toBeLessThan(0.01);
    expect(event.levelDbfs).toBeCloseTo(rmsDbfs([copy]), 3);
    const shifted = of(CHORD, 'transpose semitones=1');
    const gain = rms([copy]) / rms([shifted]);
    expect(
      db(
        minus(
          copy,
          shifted.map((v) => gain * v),
        ),
        copy,
      ),
    ).toBeLessThan(-90);
  });

  test('both channels of a stereo clip keep their place', () => {
    const [x] = CHORD.channels;
    const stereo = { ...CHORD, channels: [x, x.map((v) => -0.5 * v)] };
    for (const line of ['transpose semitones=3', 'stretch factor=1.3']) {
      const [left, right] = done(stereo, line).clip.channels;
      expect(
        db(
          minus(
            right,
            left.map((v) => -0.5 * v),
          ),
          right,
        ),
      ).toBeLessThan(-90);
    }
  });

  test('grains reversed twice are the music', () => {
    const once = done(NOISE, 'reverse grain=70ms').clip;
    expect(of(once, 'reverse grain=70ms')).toEqual(NOISE.channels[0]);
    expect(once.channels[0].subarray(0, 2240)).toEqual(NOISE.channels[0].slice(0, 2240).reverse());
    // What is shorter than a grain stays.
    expect(once.channels[0].subarray(42 * 2240)).toEqual(NOISE.channels[0].subarray(42 * 2240));
  });
});

describe('harmless edits', () => {
  test('are what they say', () => {
    const [x] = NOISE.channels;
    expect(db(of(NOISE, 'gain by=-6dB'), x)).toBeCloseTo(-6, 5);
    expect(of(NOISE, 'polarity')).toEqual(x.map((v) => -v));
    expect(of(NOISE, 'delay')).toEqual(Float32Array.of(...new Float32Array(320), ...x.subarray(0, -320)));
    expect(of(NOISE, 'delay at=1s length=1s by=10ms').subarray(RATE, 2 * RATE)).toEqual(
      x.subarray(RATE - 320, 2 * RATE - 320),
    );
  });

  test.each([16, 8])('dither to %d bits: whole steps, error of 3/12 step squared, no bias', (bits) => {
    const step = 2 ** (1 - bits);
    const x = of(NOISE, `dither bits=${bits}`);
    expect(x.every((v) => Number.isInteger(v / step))).toBe(true);
    const error = minus(x, NOISE.channels[0]);
    expect(rms([error]) / step).toBeCloseTo(Math.sqrt(3 / 12), 2);
    expect(Math.abs(error.reduce((sum, v) => sum + v, 0) / error.length)).toBeLessThan(0.01 * step);
    const loud = clipOf('loud.wav', 1, () => 1.5);
    expect(Math.max(...of(loud, `dither bits=${bits}`).subarray(0, 1000))).toBe(1 - step);
  });

  test.each([
    [44_100, -100],
    [48_000, -100],
    [24_000, -80],
  ])('through %d Hz and back', (rate, error) => {
    const x = of(CHORD, `resample rate=${rate}`).subarray(3000, -3000);
    expect(db(minus(x, CHORD.channels[0].subarray(3000, -3000)), x)).toBeLessThan(error);
  });
});
