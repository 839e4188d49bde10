// The bootstrap over clips: fast statistics against the obvious ones, what a draw may leave undefined, and the curve
// that is fitted over length or level.

import { describe, expect, test } from 'vitest';
import {
  bootstrapTest,
  type ClusterStatistic,
  clusterInterval,
  differenceOf,
  estimate,
  ratioOfMeans,
  statisticOf,
  valueOver,
} from '../../src/stats/cluster.js';
import { line, pearson, spearman } from '../../src/stats/correlate.js';
import {
  type ClipPairs,
  pooledPearson,
  pooledSlope,
  pooledSpearman,
} from '../../src/stats/correlate_clusters.js';
import { mean, standardDeviation } from '../../src/stats/describe.js';
import { fitPsychometric, psychometricOf, type Trials } from '../../src/stats/psychometric.js';
import { generator, seedOf } from '../../src/stats/random.js';
import { auc, aucInterval, aucOf, type ClipScores } from '../../src/stats/roc.js';

const random = generator(seedOf('stats', 'clusters'));
/** Twelve clips with unlike numbers of measurements, rounded so that there are ties. */
const sizes = [3, 1, 4, 2, 6, 5, 2, 3, 0, 4, 1, 2];
const rounded = (): number => Math.round(4 * random.normal()) / 4;
const pairs: readonly ClipPairs[] = sizes.map((size) => {
  const x = Array.from({ length: size }, rounded);
  return { x, y: x.map((value) => value / 2 + rounded()) };
});
const scores: readonly ClipScores[] = sizes.map((size, i) => ({
  positives: Array.from({ length: size }, () => 0.5 + rounded()),
  negatives: Array.from({ length: sizes[(i + 5) % 12] }, rounded),
}));
const DRAWS = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
  [0, 0, 0, 3, 3, 5, 8, 8, 9, 11, 11, 11],
  [4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4],
  [7, 2, 2, 6, 1, 10, 10, 10, 9, 0, 3, 4],
].map((draw) => Int32Array.from(draw));

describe('cluster statistics', () => {
  test('equal the plain statistic of the clips drawn, put end to end', () => {
    const drawnPairs = (drawn: Int32Array): [number[], number[]] => [
      [...drawn].flatMap((i) => pairs[i].x),
      [...drawn].flatMap((i) => pairs[i].y),
    ];
    const table: [ClusterStatistic, (drawn: Int32Array) => number][] = [
      [pooledPearson(pairs), (drawn) => pearson(...drawnPairs(drawn)).r],
      [pooledSpearman(pairs), (drawn) => spearman(...drawnPairs(drawn)).r],
      [pooledSlope(pairs), (drawn) => line(...drawnPairs(drawn)).slope],
      [
        aucOf(scores),
        (drawn) =>
          auc(
            [...drawn].flatMap((i) => scores[i].positives),
            [...drawn].flatMap((i) => scores[i].negatives),
          ),
      ],
      [
        ratioOfMeans(
          [...sizes],
          sizes.map((size) => size + 1),
        ),
        (drawn) => mean([...drawn].map((i) => sizes[i])) / mean([...drawn].map((i) => sizes[i] + 1)),
      ],
      [statisticOf(sizes, mean), (drawn) => mean([...drawn].map((i) => sizes[i]))],
    ];
    for (const [statistic, plain] of table) {
      expect(statistic.clusters).toBe(12);
      for (const drawn of DRAWS) expect(statistic.of(drawn)).toBeCloseTo(plain(drawn), 12);
    }
    expect(differenceOf(aucOf(scores), aucOf(scores)).of(DRAWS[1])).toBe(0);
  });

  test('AUC counts every pair of a positive and a negative, ties half', () => {
    for (const drawn of DRAWS) {
      const positives = [...drawn].flatMap((i) => scores[i].positives);
      const negatives = [...drawn].flatMap((i) => scores[i].negatives);
      let won = 0;
      for (const p of positives) for (const n of negatives) won += p > n ? 1 : Number(p === n) / 2;
      expect(aucOf(scores).of(drawn)).toBeCloseTo(won / positives.length / negatives.length, 12);
    }
  });

  test('are NaN where a draw leaves nothing to compare', () => {
    const alone = Int32Array.of(1, 1);
    expect(pooledPearson(pairs.slice(0, 2)).of(alone)).toBeNaN();
    expect(pooledSpearman(pairs.slice(0, 2)).of(alone)).toBeNaN();
    expect(pooledSlope(pairs.slice(0, 2)).of(alone)).toBeNaN();
    // Rounding leaves a sum of squares of 2e-15 here.
    const constant = [
      { x: [0.1, 0.1, 0.1], y: [1, 2, 4] },
      { x: [5.1], y: [0] },
    ];
    expect(pooledPearson(constant).of(Int32Array.of(0, 0))).toBeNaN();
    expect(ratioOfMeans([1, 2], [1, -1]).of(Int32Array.of(0, 1))).toBeNaN();
    expect(aucOf([{ positives: [1], negatives: [] }]).of(Int32Array.of(0))).toBeNaN();
  });

  test('refuse clips that do not belong together', () => {
    expect(() => ratioOfMeans([1], [1, 2])).toThrow('ratio of means: 1 value beside 2');
    expect(() => differenceOf(aucOf(scores), aucOf(scores.slice(1)))).toThrow(
      'difference: 12 values beside 11',
    );
    expect(() => pooledSlope([{ x: [1], y: [Number.NaN] }])).toThrow('correlation, y: value 0 of 1 is NaN');
    expect(() => aucOf([{ positives: [Number.NaN], negatives: [] }])).toThrow(
      'AUC, positives: value 0 of 1 is NaN',
    );
  });
});

describe('estimate', () => {
  test('is seeded by name, keeps the range of the statistic, and counts undefined draws', () => {
    const statistic = aucOf(scores);
    const found = estimate(statistic, { name: 'peak' });
    expect(estimate(statistic, { name: 'peak' })).toEqual(found);
    expect(estimate(statistic, { name: 'rebound' }).low).not.toBe(found.low);
    expect(found).toMatchObject({ level: 0.95, clusters: 12, draws: 2000, undefinedDraws: 0 });
    expect(found.value).toBe(valueOver(statistic));
    expect(found.low).toBeGreaterThan(0);
    expect(found.low).toBeLessThan(found.value);
    expect(found.high).toBeGreaterThan(found.value);
    expect(found.high).toBeLessThanOrEqual(1);
    const narrow = estimate(statistic, { name: 'peak', level: 0.8 });
    expect(narrow.low).toBeGreaterThan(found.low);
    expect(narrow.high).toBeLessThan(found.high);
    expect(
      clusterInterval(
        scores,
        (clips) =>
          auc(
            clips.flatMap((c) => c.positives),
            clips.flatMap((c) => c.negatives),
          ),
        { name: 'peak' },
      ),
    ).toEqual(found);
    // Both clips without positives, or both without negatives: half of the draws of two.
    const half = estimate(
      aucOf([
        { positives: [1], negatives: [] },
        { positives: [], negatives: [0] },
      ]),
    );
    expect(Math.abs(half.undefinedDraws - 1000)).toBeLessThan(90);
    expect(half).toMatchObject({ value: 1, low: 1, high: 1 });
    expect(estimate(ratioOfMeans([1, 2], [0, 0]))).toMatchObject({
      value: Number.NaN,
      low: Number.NaN,
      high: Number.NaN,
      undefinedDraws: 2000,
    });
    expect(() => estimate(aucOf(scores.slice(0, 1)))).toThrow('interval: 1 cluster given, at least 2 needed');
  });

  test('a clip measured ten times is no more evidence than once', () => {
    const once = pairs.filter(({ x }) => x.length > 0);
    const often = once.map(({ x, y }) => ({
      x: Array.from({ length: 10 }, () => x).flat(),
      y: Array.from({ length: 10 }, () => y).flat(),
    }));
    const [few, many] = [estimate(pooledPearson(once)), estimate(pooledPearson(often))];
    expect(many.low).toBeCloseTo(few.low, 9);
    expect(many.high).toBeCloseTo(few.high, 9);
  });

  test('the test rejects where the interval excludes', () => {
    const statistic = aucOf(scores);
    const { low, high, value } = estimate(statistic, { draws: 4000 });
    for (const [reference, isInside] of [
      [low - 0.01, false],
      [low + 0.01, true],
      [high - 0.01, true],
      [high + 0.01, false],
    ] as const) {
      const found = bootstrapTest(statistic, reference, { draws: 4000 });
      expect(found.twoSided > 0.05).toBe(isInside);
      expect(found.greater < found.less).toBe(reference < value);
      expect(found.greater + found.less).toBeCloseTo(1, 2);
    }
    // The spread of few values is biased downwards: the bounds and p are corrected alike.
    const spread = statisticOf([...sizes, 9], standardDeviation);
    const bounds = estimate(spread, { draws: 4000 });
    expect(Math.abs(bootstrapTest(spread, bounds.low, { draws: 4000 }).greater - 0.025)).toBeLessThan(0.002);
    expect(Math.abs(bootstrapTest(spread, bounds.high, { draws: 4000 }).less - 0.025)).toBeLessThan(0.002);
    expect(bootstrapTest(statistic, -1).greater).toBeGreaterThan(0);
    expect(bootstrapTest(ratioOfMeans([1, 1], [0, 0]), 1).twoSided).toBeNaN();
  });

  test('a separated AUC has an open bound all the same', () => {
    const separated = scores.map(() => ({
      positives: [2 + random.uniform()],
      negatives: [random.uniform()],
    }));
    const found = aucInterval(separated);
    expect(found).toMatchObject({ value: 1, high: 1, clusters: 12 });
    expect(found.low).toBeGreaterThan(0.7);
    expect(found.low).toBeLessThan(0.9);
    const mirrored = aucInterval(
      separated.map(({ positives, negatives }) => ({ positives: negatives, negatives: positives })),
    );
    expect(mirrored).toMatchObject({ value: 0, low: 0, high: expect.closeTo(1 - found.low, 12) });
    expect(aucInterval(scores)).toEqual(estimate(aucOf(scores)));
  });
});

describe('psychometric function', () => {
  const trialsOf = (
    x: readonly number[],
    hits: readonly number[],
    trials: number | readonly number[],
  ): Trials[] =>
    x.map((at, i) => ({ x: at, hits: hits[i], trials: typeof trials === 'number' ? trials : trials[i] }));

  test('is the logistic regression of R', () => {
    // R: glm(cbind(hits, trials - hits) ~ x, binomial): -a / b and b.
    expect(fitPsychometric(trialsOf([1, 2, 3, 4], [1, 3, 6, 9], 10))).toEqual({
      threshold: expect.closeTo(2.6114149702634379, 10),
      slope: expect.closeTo(1.4237303445998788, 10),
      extrapolated: false,
      levels: 4,
      trials: 40,
    });
    const lengths = [5, 10, 25, 50, 100, 200];
    const byLength = trialsOf(lengths, [1, 2, 2, 6, 8, 8], [9, 8, 7, 9, 8, 8]);
    const found = fitPsychometric(byLength, { scale: 'log' });
    expect(found.threshold).toBeCloseTo(25.909467666009856, 8);
    expect(found.slope).toBeCloseTo(1.1247976489184341, 10);
    // Trial by trial, and with hits and misses exchanged.
    const single = byLength.flatMap(({ x, hits, trials }) =>
      Array.from({ length: trials }, (_, i) => ({ x, hits: Number(i < hits), trials: 1 })),
    );
    expect(fitPsychometric(single, { scale: 'log' })).toEqual(found);
    const falling = byLength.map(({ x, hits, trials }) => ({ x, hits: trials - hits, trials }));
    expect(fitPsychometric(falling, { scale: 'log' }).slope).toBeCloseTo(-1.1247976489184341, 10);
    expect(fitPsychometric(trialsOf([1, 2, 3], [1, 2, 3], 10)).extrapolated).toBe(true);
  });

  test('with guesses and lapses it is the maximum SciPy finds', () => {
    // scipy.optimize.root of the gradient of the log-likelihood.
    const trials = trialsOf([1, 2, 3, 4, 5], [11, 12, 15, 19, 19], 20);
    const found = fitPsychometric(trials, { guess: 0.5, lapse: 0.02 });
    expect(found.threshold).toBeCloseTo(2.826111879, 7);
    expect(found.slope).toBeCloseTo(1.6916228975, 7);
  });

  test('says why there is no threshold', () => {
    const x = [1, 2, 4, 8];
    const table: [readonly number[], object][] = [
      [[0, 0, 0, 0], { reason: 'no hits' }],
      [[5, 5, 5, 5], { reason: 'all hits' }],
      [[0, 0, 5, 5], { reason: 'separated', between: [2, 4] }],
      [[5, 0, 0, 0], { reason: 'separated', between: [1, 2] }],
      [[0, 3, 5, 5], { reason: 'separated', threshold: 2, between: [2, 2] }],
      [[2, 2, 2, 2], { reason: 'flat', slope: 0 }],
    ];
    for (const [hits, expected] of table) {
      for (const scale of ['linear', 'log'] as const)
        expect(fitPsychometric(trialsOf(x, hits, 5), { scale })).toEqual({
          ...expected,
          extrapolated: false,
          levels: 4,
          trials: 20,
        });
    }
    const guessing = { guess: 0.1 };
    expect(fitPsychometric(trialsOf(x, [1, 0, 5, 5], 5), guessing)).toMatchObject({ between: [2, 4] });
    expect(fitPsychometric(trialsOf(x, [1, 0, 3, 5], 5), guessing)).toMatchObject({
      threshold: 4,
      between: [4, 4],
    });
    expect(fitPsychometric([])).toEqual({ reason: 'no trials', extrapolated: false, levels: 0, trials: 0 });
    expect(fitPsychometric(trialsOf([2], [1], 3)).reason).toBe('one level');
    expect(fitPsychometric(trialsOf(x, [2, 2, 5, 5], 5), { guess: 0.4 })).toMatchObject({
      reason: 'separated',
    });
    expect(fitPsychometric(trialsOf(x, [2, 1, 2, 1], 5), { guess: 0.4 })).toMatchObject({ reason: 'flat' });
    expect(() => fitPsychometric(trialsOf([0], [1], 3), { scale: 'log' })).toThrow('psychometric: x is 0');
    expect(() => fitPsychometric(trialsOf([1], [4], 3))).toThrow('psychometric: 4 hits of 3 trials at x = 1');
    expect(() => fitPsychometric([], { guess: 0.5, lapse: 0.5 })).toThrow(
      'psychometric: guess 0.5 and lapse 0.5',
    );
  });

  test('over clips it is the fit of their trials together, absent thresholds counted', () => {
    const clips = Array.from({ length: 8 }, () =>
      trialsOf(
        [5, 10, 25, 50],
        [5, 10, 25, 50].map((length) => Number(random.uniform() < length / 40)),
        1,
      ),
    );
    for (const quantity of ['threshold', 'slope'] as const) {
      const statistic = psychometricOf(clips, quantity, { scale: 'log' });
      for (const drawn of [Int32Array.of(0, 1, 2, 3, 4, 5, 6, 7), Int32Array.of(0, 0, 1, 5, 5, 6, 7, 7)]) {
        const fit = fitPsychometric(
          [...drawn].flatMap((i) => clips[i]),
          { scale: 'log' },
        );
        const expected = fit[quantity];
        if (expected === undefined) expect(statistic.of(drawn)).toBeNaN();
        else expect(statistic.of(drawn)).toBeCloseTo(expected, 8);
      }
      const found = estimate(statistic, { draws: 500 });
      expect(found.low).toBeLessThanOrEqual(found.value);
      expect(found.high).toBeGreaterThanOrEqual(found.value);
      expect(found.undefinedDraws).toBeGreaterThan(0);
      expect(found.undefinedDraws).toBeLessThan(250);
    }
    expect(psychometricOf([[], []], 'threshold', { scale: 'log' }).of(Int32Array.of(0, 1))).toBeNaN();
  });
});
