// src/stats/rank_correlation.ts: coverage on samples whose correlation is known, exact p, and what has no interval.

import { describe, expect, test } from 'vitest';
import { spearman } from '../../src/stats/correlate.js';
import { generator, seedOf } from '../../src/stats/random.js';
import { rankCorrelation } from '../../src/stats/rank_correlation.js';

describe('rank correlation of a few pairs', () => {
  test.each([
    [8, 0.5],
    [12, 0],
    [12, 0.5],
    [31, 0.9],
  ])('the interval of %i pairs at %f covers about 95%', (n, r) => {
    const random = generator(seedOf(1, 'rank correlation', n, r));
    const truth = (6 / Math.PI) * Math.asin(r / 2);
    let [inside, below] = [0, 0];
    for (let i = 0; i < 1500; i++) {
      const x = Array.from({ length: n }, () => random.normal());
      const y = x.map((value) => r * value + Math.sqrt(1 - r * r) * random.normal());
      const { low, high, p } = rankCorrelation(x, y);
      // Without an interval nothing is claimed.
      inside += Number.isNaN(low) || (low <= truth && truth <= high) ? 1 : 0;
      below += p <= 0.05 ? 1 : 0;
    }
    expect(inside / 1500).toBeGreaterThan(0.935);
    expect(inside / 1500).toBeLessThan(0.99);
    if (r === 0) expect(below / 1500).toBeLessThan(0.065);
  });

  test('p counts all orders of up to eight pairs, ties and all', () => {
    // Of 24 orders only the same and the reverse are as far out.
    expect(rankCorrelation([1, 2, 3, 4], [10, 20, 30, 40])).toMatchObject({
      value: 1,
      p: 2 / 24,
      low: Number.NaN,
    });
    expect(rankCorrelation([1, 2, 3, 4], [4, 3, 2, 1]).p).toBe(2 / 24);
    // Correlations of 0.8 and more of either sign: the two extremes, and three neighbours swapped in each.
    expect(rankCorrelation([1, 2, 3, 4], [1, 3, 2, 4]).p).toBe(8 / 24);
    expect(rankCorrelation([1, 1, 2], [1, 1, 2]).p).toBeCloseTo(1 / 3, 12);
    const [x, y] = [Array.from({ length: 9 }, (_, i) => i), [3, 1, 2, 5, 4, 9, 7, 8, 6]];
    expect(rankCorrelation(x, y).p).toBe(spearman(x, y).p);
  });

  test('three pairs have a p and no interval; what does not vary has neither', () => {
    expect(rankCorrelation([1, 2, 3], [1, 3, 2])).toMatchObject({ value: 0.5, p: 1, low: Number.NaN });
    expect(rankCorrelation([1, 1, 1, 1], [1, 2, 3, 4])).toMatchObject({
      value: Number.NaN,
      low: Number.NaN,
      p: Number.NaN,
    });
  });
});
