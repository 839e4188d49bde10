// Statistics against worked values, and intervals against the coverage they promise.

import { expect, test, describe as topic } from 'vitest';
import { meanInterval } from '../../src/stats/bootstrap.js';
import { boxOf } from '../../src/stats/box.js';
import { changePoint, localMaximum, localVariance } from '../../src/stats/change.js';
import { defined, requireFinite, requirePaired } from '../../src/stats/defined.js';
import {
  dependenceFactor,
  describe,
  mean,
  median,
  quantile,
  standardDeviation,
} from '../../src/stats/describe.js';
import { densityOf } from '../../src/stats/kde.js';
import { normalCdf, normalQuantile, normalTail } from '../../src/stats/normal.js';
import { generator, seedOf } from '../../src/stats/random.js';
import { studentQuantile, studentTail, studentTwoSided } from '../../src/stats/student.js';

topic('describe', () => {
  test('worked values, and NaN where there is nothing to describe', () => {
    expect(mean([1, 2, 4])).toBeCloseTo(7 / 3, 15);
    expect(mean([])).toBeNaN();
    expect(standardDeviation([1, 2, 4])).toBeCloseTo(Math.sqrt(7 / 3), 15);
    expect(standardDeviation([1])).toBeNaN();
    expect(median([8, 1, 4, 2])).toBe(3);
    expect(median([])).toBeNaN();
    // R: quantile(c(1, 2, 4, 8), c(0, .05, .25, .5, .9, 1), type = 7)
    for (const [p, value] of [
      [0, 1],
      [0.05, 1.15],
      [0.25, 1.75],
      [0.5, 3],
      [0.9, 6.8],
      [1, 8],
    ]) {
      expect(quantile([8, 4, 2, 1], p)).toBeCloseTo(value, 12);
    }
    expect(describe([4, 1, 2])).toEqual({
      mean: 7 / 3,
      sd: expect.closeTo(Math.sqrt(7 / 3), 12),
      q05: expect.closeTo(1.1, 12),
      q50: 2,
      q95: expect.closeTo(3.8, 12),
    });
  });

  test('values are left in their order', () => {
    const values = [3, 1, 2];
    quantile(values, 0.5);
    describe(values);
    expect(values).toEqual([3, 1, 2]);
  });

  test('dependence widens the error of a mean as an AR(1) process asks', () => {
    expect(dependenceFactor([1, 2, 3, 4])).toBeCloseTo(Math.sqrt(5 / 3), 12);
    expect(dependenceFactor([1, -1, 1, -1])).toBe(1);
    expect(dependenceFactor([2, 2, 2])).toBe(1);
    const random = generator(seedOf('stats', 'ar'));
    let value = 0;
    const series = Array.from({ length: 20_000 }, () => {
      value = 0.5 * value + random.normal();
      return value;
    });
    // sqrt(1.5 / 0.5); s.e. of r is about 0.006, of the factor 0.014.
    expect(Math.abs(dependenceFactor(series) - Math.sqrt(3))).toBeLessThan(0.06);
  });
});

/** The relative error against a reference value. */
const error = (value: number, reference: number): number => Math.abs(value / reference - 1);

topic('normal and student', () => {
  test('normal tails and quantiles are those of R, however far out', () => {
    // R: pnorm(z).
    const tails: [number, number][] = [
      [-37.5, 4.6053530095819552e-308],
      [-20, 2.7536241186062337e-89],
      [-2.5, 6.2096653257761349e-3],
      [-1, 0.15865525393145705],
      [0, 0.5],
      [1.3, 0.9031995154143897],
    ];
    for (const [z, p] of tails) {
      expect(error(normalCdf(z), p)).toBeLessThan(1e-13);
      expect(normalTail(-z)).toBe(normalCdf(z));
    }
    // R: qnorm(p).
    const quantiles: [number, number][] = [
      [0.975, 1.959963984540054],
      [0.025, -1.959963984540054],
      [1e-10, -6.361340902404056],
      [0.6, 0.2533471031357998],
    ];
    for (const [p, z] of quantiles) expect(error(normalQuantile(p), z)).toBeLessThan(1e-13);
    expect(normalQuantile(0.5)).toBeCloseTo(0, 15);
    expect(normalQuantile(0)).toBe(Number.NEGATIVE_INFINITY);
    expect(normalQuantile(1)).toBe(Number.POSITIVE_INFINITY);
    expect(normalQuantile(Number.NaN)).toBeNaN();
  });

  test('tails and quantiles of t are those of R, with real degrees of freedom', () => {
    // R: pt(t, degrees, lower.tail = FALSE).
    const tails: [number, number, number][] = [
      [2.570581835636315, 5, 0.025],
      [40, 3.5, 4.3832205546865114e-6],
      [0.1, 100.5, 0.46027176816365978],
      [-1, 1, 0.75],
      [1.96, 1e6, 0.024998033792634898],
      [3.2, 0.7, 0.13569228609156775],
      [0.001, 7.3, 0.49961444849051218],
      [0, 4, 0.5],
    ];
    for (const [t, degrees, p] of tails) expect(error(studentTail(t, degrees), p)).toBeLessThan(1e-9);
    expect(studentTail(Number.POSITIVE_INFINITY, 3)).toBe(0);
    expect(studentTail(Number.NEGATIVE_INFINITY, 3)).toBe(1);
    expect(studentTwoSided(-2.570581835636315, 5)).toBeCloseTo(0.05, 12);
    // R: qt(p, degrees).
    const quantiles: [number, number, number][] = [
      [0.975, 1, 12.706204736174694],
      [0.975, 2, 4.302652729749464],
      [0.975, 5, 2.570581835636315],
      [0.995, 29, 2.756385903670592],
      [0.9, 2.5, 1.7302509288071772],
      [0.995, 29.7, 2.751864766583076],
      [0.6, 1, 0.3249196962329063],
      [0.01, 0.9, -45.935248462295505],
    ];
    for (const [p, degrees, t] of quantiles)
      expect(error(studentQuantile(p, degrees), t)).toBeLessThan(1e-11);
  });
});

topic('defined', () => {
  test('missing values are counted, and a test refuses them by their place', () => {
    expect(defined([1, Number.NaN, 2])).toEqual({ values: [1, 2], missing: 1 });
    expect(defined([])).toEqual({ values: [], missing: 0 });
    expect(() => requireFinite('AUC', [0, Number.NaN])).toThrow(
      'AUC: value 1 of 2 is NaN; take missing values out first and count them',
    );
    expect(() => requirePaired('correlation', 3, 2)).toThrow('correlation: 3 values beside 2');
  });
});

topic('features of a curve', () => {
  const curve = [0.2, 0.1, 0.4, 1.5, 1.2, 1.9, 1.4, 0.9];

  test('the change point is the largest standardised departure of the running sum', () => {
    // R: s <- cumsum(x - mean(x)); max(abs(s / (sd(x) * sqrt(8)))); mean(x[4:8]) - mean(x[1:3]).
    const found = changePoint(curve);
    expect(found.statistic).toBeCloseTo(1.1496926983562148, 12);
    expect(found.position).toBe(3);
    expect(found.shift).toBeCloseTo(1.1466666666666665, 12);
    expect(changePoint(curve.toReversed()).position).toBe(5);
    expect(changePoint(curve.toReversed()).shift).toBeCloseTo(-1.1466666666666665, 12);
    expect(changePoint([2, 2, 2])).toEqual({
      statistic: Number.NaN,
      position: -1,
      shift: Number.NaN,
    });
    expect(changePoint([1]).statistic).toBeNaN();
  });

  test('without a change its law is that of Kolmogorov', () => {
    let beyond = 0;
    for (let i = 0; i < 1000; i++) {
      const random = generator(seedOf('stats', 'cusum', i));
      if (changePoint(Float64Array.from({ length: 400 }, () => random.normal())).statistic > 1.358) beyond++;
    }
    // 5% in the limit, a little less at 400 values; s.e. 0.007.
    expect(beyond / 1000).toBeGreaterThan(0.025);
    expect(beyond / 1000).toBeLessThan(0.06);
  });

  test('local maximum and variance look at whole windows, the first of equals', () => {
    // R: filter(x, rep(1/3, 3)); sapply(1:6, function(i) var(x[i:(i+2)])).
    expect(localMaximum(curve, 3)).toEqual({ value: expect.closeTo(4.6 / 3, 12), position: 3 });
    expect(localVariance(curve, 3)).toEqual({ value: expect.closeTo(0.5433333333333333, 12), position: 1 });
    expect(localMaximum([1, 1, 1], 2)).toEqual({ value: 1, position: 0 });
    expect(localMaximum([1, 2], 3)).toEqual({ value: Number.NaN, position: -1 });
  });
});

topic('what a box plot and a violin draw', () => {
  test('quartiles, whiskers at values, notches, outliers, and what is missing', () => {
    // R: quantile(x, type = 7) = -9, 1.5, 3, 4.75, 20; fences -3.375 and 9.625; notch 1.57 * 3.25 / sqrt(7).
    expect(boxOf([1, 2, 3, 4, 20, 5.5, Number.NaN, -9])).toEqual({
      n: 7,
      missing: 1,
      mean: expect.closeTo(26.5 / 7, 12),
      q1: 1.5,
      median: 3,
      q3: 4.75,
      low: 1,
      high: 5.5,
      outliers: [-9, 20],
      notchLow: expect.closeTo(3 - 1.92856372353, 8),
      notchHigh: expect.closeTo(3 + 1.92856372353, 8),
    });
    // The fence of 1, 2, 3, 4, x is 4 + 1.5 * 2 for x above 4; a value on it is inside.
    expect(boxOf([1, 2, 3, 4, 7])).toMatchObject({ high: 7, outliers: [] });
    expect(boxOf([1, 2, 3, 4, 7.1])).toMatchObject({ high: 4, outliers: [7.1] });
    expect(boxOf([5])).toMatchObject({ q1: 5, low: 5, high: 5, outliers: [], notchLow: 5 });
    expect(boxOf([])).toMatchObject({ n: 0, median: Number.NaN, low: Number.NaN });
  });

  test('densities are those of SciPy and integrate to one', () => {
    // scipy.stats.gaussian_kde(values, rule) on linspace(1 - 2 bw, 7 + 2 bw, 5) of each rule.
    const values = [1, 2.5, 2.7, 4, 7];
    const table = {
      scott: {
        bandwidth: 1.6356592620609212,
        y: [
          0.00780690017687674, 0.11199573691203239, 0.13453174390725176, 0.0585353347941641,
          0.00663477767096863,
        ],
      },
      silverman: {
        bandwidth: 1.7325292862072348,
        y: [
          0.00757577555225404, 0.10644484312930803, 0.13303397508399878, 0.05639764864981972,
          0.00627942717706727,
        ],
      },
    };
    for (const rule of ['scott', 'silverman'] as const) {
      const found = densityOf(values, { rule, points: 5 });
      expect(found?.bandwidth).toBeCloseTo(table[rule].bandwidth, 12);
      expect(found?.x[0]).toBeCloseTo(1 - 2 * table[rule].bandwidth, 12);
      expect(found?.x.at(-1)).toBeCloseTo(7 + 2 * table[rule].bandwidth, 12);
      for (const [i, y] of table[rule].y.entries()) expect(found?.y[i]).toBeCloseTo(y, 12);
    }
    const wide = densityOf(values, { points: 1000, cut: 6 });
    const step = wide ? wide.x[1] - wide.x[0] : Number.NaN;
    expect((wide?.y.reduce((sum, y) => sum + y, 0) ?? 0) * step).toBeCloseTo(1, 6);
    expect(densityOf([3, 3, 3])).toBeUndefined();
    expect(densityOf([3])).toBeUndefined();
  });
});

topic('meanInterval', () => {
  test('is seeded by name, brackets the mean, keeps the skew, and refuses a single value', () => {
    const values = [0.11, 0.17, 0.23, 0.31, 0.42, 0.05, 2.49];
    const interval = meanInterval(values, { name: 'peak' });
    expect(meanInterval(values, { name: 'peak' })).toEqual(interval);
    expect(meanInterval(values, { name: 'rebound' })).not.toEqual(interval);
    expect(interval.low).toBeLessThan(0.54);
    expect(interval.high - 0.54).toBeGreaterThan(0.54 - interval.low);
    expect(meanInterval([2, 2, 2])).toEqual({ low: 2, high: 2 });
    expect(() => meanInterval([1])).toThrow('interval: 1 value given, at least 2 needed');
  });

  test('covers the mean of a handful of normal values as often as it says', () => {
    // 400 samples: s.e. of a coverage of 0.95 is 0.011. The unstretched interval covers 0.85 at n = 5.
    for (const n of [3, 5, 8]) {
      let covered = 0;
      for (let i = 0; i < 400; i++) {
        const random = generator(seedOf('stats', 'coverage', n, i));
        const { low, high } = meanInterval(
          Array.from({ length: n }, () => random.normal()),
          { draws: 400, seed: i },
        );
        if (low <= 0 && 0 <= high) covered++;
      }
      expect(Math.abs(covered / 400 - 0.945)).toBeLessThan(0.035);
    }
  });
});
