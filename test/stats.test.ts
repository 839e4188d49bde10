// Statistics against worked values, and intervals against the coverage they promise.

import { expect, test, describe as topic } from 'vitest';
import { meanInterval } from '../src/stats/bootstrap.js';
import {
  dependenceFactor,
  describe,
  mean,
  median,
  quantile,
  standardDeviation,
} from '../src/stats/describe.js';
import { generator, seedOf } from '../src/stats/random.js';
import { inverse, normalWithin, studentWithin } from '../src/stats/student.js';

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

topic('student', () => {
  test('quantiles of the tables', () => {
    // Two-sided 95% and 99% points, R: qt(c(.975, .995), df).
    const table: [number, number, number][] = [
      [1, 12.706204736174694, 63.65674116287158],
      [2, 4.302652729749464, 9.924843200918287],
      [3, 3.182446305283708, 5.840909309733355],
      [5, 2.570581835636315, 4.032142983555228],
      [10, 2.228138851986274, 3.169272672616951],
      [29, 2.045229642132703, 2.756385903670592],
    ];
    for (const [degrees, t95, t99] of table) {
      expect(inverse((x) => studentWithin(x, degrees), 0.95)).toBeCloseTo(t95, 9);
      expect(inverse((x) => studentWithin(x, degrees), 0.99)).toBeCloseTo(t99, 8);
    }
    expect(inverse(normalWithin, 0.95)).toBeCloseTo(1.959963984540054, 12);
    expect(inverse(normalWithin, 0.5)).toBeCloseTo(0.674489750196082, 12);
    expect(normalWithin(0)).toBe(0);
    expect(normalWithin(8)).toBeCloseTo(1, 14);
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
    expect(() => meanInterval([1])).toThrow('interval: 1 values given, at least 2 needed');
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
