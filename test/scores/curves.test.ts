// src/scores/curves.ts: the number of every score follows from its curve, and what each value of a curve is.

import { describe, expect, test } from 'vitest';
import { curveValue, type SecondsCurve, scoreCurve, scoreCurves } from '../../src/scores/curves.js';
import { type Heard, heardFrames, secondsAt } from '../../src/scores/heard.js';
import { scoresOf } from '../../src/scores/panel.js';
import { SCORE_NAMES, type ScoreName, SOUND_SCORES } from '../../src/scores/scores.js';
import { heardClip } from './heard.js';

const counts = Array.from({ length: 4 }, (_, k) => Array.from({ length: 64 }, (_, v) => (7 * v + k) % 31));

/** A clip that has every score. */
const whole: Heard = (() => {
  const heard = heardClip({ name: 'curves', burst: { start: 200, end: 300, depth: 2 } });
  const changed = Float64Array.from({ length: 140 }, (_, t) => (t % 5) / 4);
  return {
    ...heard,
    roundTrip: changed.reduce((sum, share) => sum + share, 0) / 140,
    roundTripByFrame: { start: 180, values: changed },
    unconditional: heard.loss.map((value, i) => value + Math.sin(i)),
    foreignPast: heard.loss.map((value, i) => (i % 500 < 255 ? Number.NaN : value + Math.cos(i))),
  };
})();
/** The same as notes: at a tenth of a second, with a drum, which has no fourth row, now and then. */
const notes: Heard = {
  ...whole,
  loss: whole.loss.map((value, i) =>
    i >= 1500 && i % 3 === 0 ? Number.NaN : Number.isNaN(value) ? 4 : value,
  ),
  times: Float64Array.from({ length: 500 }, (_, i) => 2 + i / 10),
  frameRate: 10,
};

describe('the number of a score follows from its curve', () => {
  const FROM: Readonly<Record<ScoreName, SecondsCurve['from']>> = {
    ...{ loss: 'mean', excess: 'mean', 'excess-2': 'mean', surprise: 'mean', 'own-codes': 'mean' },
    ...{ unigram: 'mean', entropy: 'mean', notch: 'maximum', contour: 'maximum', autocorrelation: 'mean' },
    ...{
      maximum: 'maximum',
      change: 'maximum',
      'round-trip': 'mean',
      typical: 'mean',
      conditional: 'mean',
      'own-past': 'mean',
    },
    ...{ unevenness: 'root mean square', variety: 'mean', poorest: 'maximum' },
  };
  test.each(SCORE_NAMES)('%s', (score) => {
    for (const heard of [whole, { ...whole, frameRate: 75 }, notes]) {
      const value = scoresOf(heard, { counts })[score];
      const curve = scoreCurve(heard, score, { counts });
      expect(curve === undefined).toBe(heard.times !== undefined && SOUND_SCORES.includes(score));
      if (!curve) continue;
      expect(curve.from).toBe(FROM[score]);
      // By sums of its own: not by curveValue alone.
      const defined = [...curve.values].filter((each) => !Number.isNaN(each));
      const sum = defined.reduce((total, each) => total + each, 0);
      const squares = defined.reduce((total, each) => total + each ** 2, 0);
      const byForm = {
        ...{ mean: sum / defined.length, maximum: Math.max(...defined) },
        'root mean square': Math.sqrt(squares / defined.length),
      };
      expect(byForm[curve.from]).toBeCloseTo(value, 10);
      expect(curveValue(curve)).toBeCloseTo(value, 10);
      expect(value).not.toBe(0);
      // It is a curve, not one number over and over.
      expect(new Set(defined).size).toBeGreaterThan(4);
      expect(curve.seconds).toHaveLength(curve.values.length);
      for (const i of [0, 1, curve.values.length - 1])
        expect(curve.seconds[i]).toBe(secondsAt(heard, curve.first + i));
    }
  });
});

describe('curves over seconds', () => {
  const { first, end } = heardFrames(whole);
  const at = (k: number, t: number): number => k * 500 + t;
  const meanAt = (of: (i: number) => number, t: number): number =>
    [0, 1, 2, 3].reduce((sum, k) => sum + of(at(k, t)), 0) / 4;

  test('stand at the frames of scores, those of the round trip at its own', () => {
    for (const curve of scoreCurves(whole, { counts })) {
      const own = curve.score === 'round-trip' ? [180, 140] : [first, end - first];
      expect([curve.first, curve.values.length], curve.score).toEqual(own);
    }
    expect(scoreCurves(whole, { counts }).map(({ score }) => score)).toEqual([...SCORE_NAMES]);
    expect(scoreCurve(whole, 'loss')?.seconds[0]).toBe(first / 50);
    expect(scoreCurve(notes, 'loss')?.seconds[1]).toBeCloseTo(3.1, 12);
  });

  test('own-codes is the loss minus -log of how often a code is there, but for one constant', () => {
    const curve = scoreCurve(whole, 'own-codes');
    const shareOf = (i: number): number => {
      const row = whole.codes.subarray(500 * Math.floor(i / 500), 500 * Math.floor(i / 500) + 500);
      return row.filter((code) => code === whole.codes[i]).length / 500;
    };
    const rest = [100, 250, 400].map((t) => {
      const plain = meanAt((i) => whole.loss[i] + Math.log(shareOf(i)), t);
      return (curve?.values[t - first] ?? 0) - plain;
    });
    expect(rest[1]).toBeCloseTo(rest[0], 10);
    expect(rest[2]).toBeCloseTo(rest[0], 10);
    // Miller and Madow's (64 - 1) / 1000, and what the first second and the end differ by.
    expect(Math.abs(rest[0] + 0.063)).toBeLessThan(0.02);
  });

  test('contour is highest in the middle of a burst, and has no value where none fits', () => {
    const curve = scoreCurve(whole, 'contour');
    const values = curve?.values ?? new Float64Array(0);
    const best = values.reduce(
      (found, value, i) => (value > values[found] || Number.isNaN(values[found]) ? i : found),
      0,
    );
    expect(Math.abs((curve?.seconds[best] ?? 0) - 5)).toBeLessThan(0.3);
    // 28 frames of surroundings and half of the shortest length, 10.
    expect([values[32], values[33]].map(Number.isNaN)).toEqual([true, false]);
    expect([values.at(-34), values.at(-33), values.at(-32)].map(Number.isNaN)).toEqual([false, false, true]);
  });

  test('maximum is the mean excess of 25 frames around each', () => {
    const curve = scoreCurve(whole, 'maximum');
    let sum = 0;
    for (let t = 188; t < 213; t++) sum += meanAt((i) => whole.loss[i] - whole.entropy[i], t);
    expect(curve?.values[200 - first]).toBeCloseTo(sum / 25, 10);
    expect(curve?.values[11]).toBeNaN();
    expect(curve?.values[12]).not.toBeNaN();
  });

  test('what a clip lacks has no curve', () => {
    const plain = heardClip({ name: 'plain', frames: 60 });
    const names = scoreCurves(plain).map(({ score }) => score);
    for (const score of ['unigram', 'notch', 'contour', 'round-trip', 'conditional', 'own-past'] as const)
      expect(names).not.toContain(score);
    expect(names).toContain('maximum');
    // A share alone, as studies keep it, has no place.
    expect(scoreCurve({ ...plain, roundTrip: 0.5 }, 'round-trip')).toBeUndefined();
  });
});
