// src/scores/scores.ts, burst.ts: each score against sums written out, and what it must not depend on.

import { describe, expect, test } from 'vitest';
import { burstIn } from '../../src/scores/burst.js';
import { ownCodeEntropy } from '../../src/scores/by_frame.js';
import { scoreCurve } from '../../src/scores/curves.js';
import { type Heard, heardFrames } from '../../src/scores/heard.js';
import { scoresOf } from '../../src/scores/panel.js';
import { poorestIn } from '../../src/scores/poorest.js';
import { SCORE_NAMES, SCORES } from '../../src/scores/scores.js';
import { generator, seedOf } from '../../src/stats/random.js';
import { heardClip } from './heard.js';

const values = (heard: Heard, of: (k: number, t: number) => number): number => {
  const { first, end } = heardFrames(heard);
  let sum = 0;
  for (let k = 0; k < heard.codebooks; k++) for (let t = first; t < end; t++) sum += of(k, t);
  return sum / (heard.codebooks * (end - first));
};

describe('scores', () => {
  test('the first second and the undefined end are left out', () => {
    expect(heardFrames(heardClip({ name: 'a' }))).toEqual({ first: 50, end: 497 });
    // Of a short clip a quarter is left out, not a second.
    expect(heardFrames(heardClip({ name: 'a', frames: 43 }))).toEqual({ first: 10, end: 40 });
  });

  test('loss, excess and entropy are means over what is left', () => {
    const heard = heardClip({ name: 'means', excess: 0.3 });
    const scores = scoresOf(heard);
    const at = (k: number, t: number): number => k * heard.frames + t;
    expect(scores.loss).toBeCloseTo(
      values(heard, (k, t) => heard.loss[at(k, t)]),
      10,
    );
    expect(scores.entropy).toBeCloseTo(
      values(heard, (k, t) => heard.entropy[at(k, t)]),
      10,
    );
    expect(scores.excess).toBeCloseTo(scores.loss - scores.entropy, 10);
    const second = { ...heard, codebooks: 1, loss: heard.loss.subarray(500, 1000) };
    const { first } = heardFrames(heard);
    const { end } = heardFrames(heard);
    let sum = 0;
    for (let t = first; t < end; t++) sum += second.loss[t] - heard.entropy[at(1, t)];
    expect(scores['excess-2']).toBeCloseTo(sum / (end - first), 10);
    expect(scores.surprise).toBeCloseTo(sum / (end - first) - 0.3 * ownCodeEntropy(heard), 10);
  });

  test('typical is the mean excess in spreads, of which none is below half a nat', () => {
    const heard = heardClip({ name: 'typical', excess: 0.3 });
    const spread = heard.spread ?? new Float32Array(0);
    expect(spread.some((value) => value < 0.5)).toBe(true);
    const at = (k: number, t: number): number => k * heard.frames + t;
    expect(scoresOf(heard).typical).toBeCloseTo(
      values(heard, (k, t) => {
        const own = Math.max(0.5, spread[at(k, t)]);
        return (heard.loss[at(k, t)] - heard.entropy[at(k, t)]) / own;
      }),
      10,
    );
    // Without any spread, as after a prediction that is certain, the loss still counts, twice.
    const certain = { ...heard, spread: spread.map((value) => 0 * value) };
    expect(scoresOf(certain).typical).toBeCloseTo(2 * scoresOf(heard).excess, 10);
    // A model that gives none, or a row of before.
    const { spread: _, ...without } = heard;
    expect(scoresOf(without).typical).toBeNaN();
    expect(scoresOf(without).excess).toBe(scoresOf(heard).excess);
  });

  test('how hard the music is moves the loss, not the excess', () => {
    const easy = scoresOf(heardClip({ name: 'x' }));
    const hard = scoresOf(heardClip({ name: 'x', difficulty: 1 }));
    expect(hard.loss - easy.loss).toBeCloseTo(1, 5);
    expect(hard.excess - easy.excess).toBeCloseTo(0, 5);
  });

  test('codes: own entropy and frequency in other clips, by hand', () => {
    const heard: Heard = {
      ...{ codebooks: 1, frames: 4, frameRate: 50 },
      loss: Float32Array.of(2, 2, 2, 2),
      entropy: Float32Array.of(1, 1, 1, 1),
      codes: Int32Array.of(0, 0, 1, 2),
    };
    // -(1/2 log 1/2 + 2 * 1/4 log 1/4) + (3 - 1) / 8.
    expect(ownCodeEntropy(heard)).toBeCloseTo(1.5 * Math.log(2) + 0.25, 12);
    expect(scoresOf(heard)['own-codes']).toBeCloseTo(2 - 1.5 * Math.log(2) - 0.25, 12);
    // Counts 3, 1, 0 with half a count more each: shares 3.5, 1.5, 0.5 of 5.5. Frame 0 is left out as the warm-up.
    const unigram = -(Math.log(3.5 / 5.5) + Math.log(1.5 / 5.5) + Math.log(0.5 / 5.5)) / 3;
    expect(scoresOf(heard, { counts: [[3, 1, 0]] }).unigram).toBeCloseTo(2 - unigram, 12);
    expect(scoresOf(heard).unigram).toBeNaN();
    expect(() => scoresOf(heard, { counts: [[1], [1]] })).toThrow(/2 codebooks for a clip of 1/);
  });

  test('unevenness, variety and poorest: the sums of their definitions', () => {
    const heard = heardClip({ name: 'sums', poor: { start: 200, end: 260 } });
    const { first, end } = heardFrames(heard);
    const at = (k: number, t: number): number => k * 500 + t;
    const entropyOf = (codes: Int32Array): number =>
      [...new Set(codes)]
        .map((code) => codes.filter((each) => each === code).length / codes.length)
        .reduce((sum, share) => sum - share * Math.log(share), 0);
    const average = (values: readonly number[]): number =>
      values.reduce((sum, value) => sum + value, 0) / values.length;
    const rows = [0, 1, 2, 3];

    const excess = Array.from({ length: end - first }, (_, i) =>
      average(rows.map((k) => heard.loss[at(k, first + i)] - heard.entropy[at(k, first + i)])),
    );
    const squares = excess.map((value) => (value - average(excess)) ** 2);
    const found = scoresOf(heard);
    expect(found.unevenness ** 2).toBeCloseTo((average(squares) * excess.length) / (excess.length - 1), 10);

    const corrected = rows.map((k) => {
      const row = heard.codes.subarray(at(k, 0), at(k + 1, 0));
      return entropyOf(row) + (new Set(row).size - 1) / 1000;
    });
    expect(found.variety).toBeCloseTo(corrected[0], 10);

    const depths = [25, 50, 100].map((length) => {
      const windows = Array.from({ length: end - first - length + 1 }, (_, i) =>
        average(
          rows.map((k) => entropyOf(heard.codes.subarray(at(k, first + i), at(k, first + i + length)))),
        ),
      );
      return (average(windows) - Math.min(...windows)) / average(corrected);
    });
    expect(found.poorest).toBeCloseTo(Math.log(Math.max(...depths)), 10);
    const place = poorestIn(heard);
    expect(place.start).toBeGreaterThanOrEqual(198);
    expect(place.end).toBeLessThanOrEqual(262);
  });

  test('what was not measured, or cannot be, is NaN', () => {
    const short = scoresOf(heardClip({ name: 'short', frames: 20 }));
    expect(short['round-trip']).toBeNaN();
    expect(short.notch).toBeNaN();
    expect(short.maximum).toBeNaN();
    expect(short.poorest).toBeNaN();
    const still = heardClip({ name: 'still' });
    // Every window has the same codes as often: what rounding leaves between them is no depth.
    const inTurn = { ...still, codes: still.codes.map((_, i) => i % 5) };
    expect(scoresOf(inTurn).poorest).toBeNaN();
    expect(scoreCurve(inTurn, 'poorest')).toBeUndefined();
    expect(scoresOf({ ...still, codes: still.codes.map(() => 7) })).toMatchObject({
      variety: 0,
      poorest: Number.NaN,
    });
    expect(short.loss).toBeGreaterThan(3);
    for (const name of SCORE_NAMES) expect(SCORES[name].name).toBe(name);
  });

  test('what a condition and the own past give: means over the frames where both losses are defined', () => {
    const heard = heardClip({ name: 'further', frames: 200 });
    const unconditional = heard.loss.map((value) => value + 0.25);
    const foreignPast = heard.loss.map((value, i) => (i % 200 < 105 ? Number.NaN : value + 0.5));
    const found = scoresOf({ ...heard, unconditional, foreignPast });
    expect(found.conditional).toBeCloseTo(-0.25, 6);
    expect(found['own-past']).toBeCloseTo(-0.5, 6);
    const { first = 0, values = [] } = scoreCurve({ ...heard, foreignPast }, 'own-past') ?? {};
    expect([values[104 - first], values[105 - first]]).toEqual([Number.NaN, expect.closeTo(-0.5, 6)]);
    expect(scoresOf(heard)).toMatchObject({ conditional: Number.NaN, 'own-past': Number.NaN });
  });
});

/** The same sum over all places and lengths, written as the docstring says it. */
function slowBurst(curve: Float64Array, edges: boolean): number {
  const avg = (from: number, to: number): number =>
    curve.slice(from, to).reduce((s, v) => s + v, 0) / (to - from);
  const m = avg(0, curve.length);
  const sd = Math.sqrt(curve.reduce((s, v) => s + (v - m) ** 2, 0) / (curve.length - 1));
  let best = Number.NEGATIVE_INFINITY;
  for (const L of [10, 25, 50, 100, 200]) {
    for (let s = 28; s + L + 28 <= curve.length; s++) {
      const around = (avg(s - 28, s - 3) + avg(s + L + 3, s + L + 28)) / 2;
      let z = (around - avg(s + 3, s + L - 3)) / (sd * Math.sqrt(1 / (L - 6) + 1 / 50));
      const edge = (avg(s - 2, s + 2) + avg(s + L - 2, s + L + 2)) / 2;
      if (edges) z += (edge - around) / (sd * Math.sqrt(1 / 8 + 1 / 50));
      best = Math.max(best, z);
    }
  }
  return best;
}

describe('bursts', () => {
  const random = generator(seedOf(1, 'burst'));
  const noise = (frames: number): Float64Array =>
    Float64Array.from({ length: frames }, () => random.normal());

  test('equals the obvious search', () => {
    for (const frames of [70, 130, 320]) {
      const curve = noise(frames);
      for (const edges of [false, true]) {
        expect(burstIn(curve, { edges }).value).toBeCloseTo(slowBurst(curve, edges), 9);
      }
    }
  });

  test('finds a planted stretch, its place and length; level and scale do not matter', () => {
    const curve = noise(500).map((value, t) => (t >= 200 && t < 300 ? value - 2 : value));
    const found = burstIn(curve, { edges: true });
    expect(Math.abs(found.start - 200)).toBeLessThanOrEqual(6);
    expect(found.end - found.start).toBe(100);
    expect(found.value).toBeGreaterThan(burstIn(noise(500), { edges: true }).value + 3);
    expect(burstIn(curve.map((value) => 5 + 3 * value)).value).toBeCloseTo(burstIn(curve).value, 8);
  });

  test('raised edges count only when asked for', () => {
    const flat = noise(400).map((value, t) => (t >= 150 && t < 200 ? value - 2 : value));
    const raised = flat.map((value, t) =>
      Math.min(Math.abs(t - 150), Math.abs(t - 200)) < 2 ? value + 4 : value,
    );
    const gain = burstIn(raised, { edges: true }).value - burstIn(flat, { edges: true }).value;
    expect(gain).toBeGreaterThan(2);
    expect(Math.abs(burstIn(raised).value - burstIn(flat).value)).toBeLessThan(1.5);
  });

  test('no value where the curve is too short or does not vary', () => {
    expect(burstIn(noise(65)).value).toBeNaN();
    expect(burstIn(new Float64Array(300))).toEqual({ value: Number.NaN, start: -1, end: -1 });
  });
});
