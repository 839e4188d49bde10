// Tests and measures of difference against SciPy 1.10 and R 4.2, and the edges of each.

import { describe, expect, test } from 'vitest';
import { line, meanCorrelation, midRanks, pearson, spearman } from '../../src/stats/correlate.js';
import { equivalenceTest } from '../../src/stats/equivalence.js';
import { holm } from '../../src/stats/multiple.js';
import { type Alternative, signFlipTest, twoSampleTest } from '../../src/stats/permute.js';
import { auc, aucIndependent } from '../../src/stats/roc.js';

describe('permutation tests', () => {
  test('sign flips are enumerated as SciPy does, and equal sums stay equal in spite of rounding', () => {
    // scipy.stats.permutation_test((d,), np.mean, permutation_type='samples', n_resamples=np.inf).
    const differences = [0.4, -0.1, 0.7, 0.2, -0.3, 0.9, 0.5, 0.05];
    const table: [Alternative, number][] = [
      ['two-sided', 0.09375],
      ['greater', 0.046875],
      ['less', 0.9609375],
    ];
    for (const [alternative, p] of table) {
      const found = signFlipTest(differences, { alternative });
      expect(found).toEqual({
        p,
        difference: expect.closeTo(2.35 / 8, 12),
        n: 8,
        arrangements: 256,
        exact: true,
      });
    }
    // 0.1 + 0.2 - 0.3 is 5.6e-17 in one order and 0 in another; by hand, 12 of 16 reach 0.3.
    expect(signFlipTest([0.1, 0.2, 0.3, -0.3]).p).toBe(0.75);
    expect(signFlipTest([0, 0, 0]).p).toBe(1);
    expect(signFlipTest([5]).p).toBe(1);
  });

  test('sampled sign flips agree with the enumeration, and are seeded by name', () => {
    const differences = Array.from({ length: 18 }, (_, i) => (((7 * i) % 18) - 8) / 10 + 0.13);
    // NumPy, all 2^18 sign patterns: 0.16991; s.e. of 20,000 draws 0.0027.
    const found = signFlipTest(differences, { draws: 20_000, name: 'peak' });
    expect(found.exact).toBe(false);
    expect(found.arrangements).toBe(20_001);
    expect(Math.abs(found.p - 0.1699142)).toBeLessThan(0.008);
    expect(signFlipTest(differences, { draws: 20_000, name: 'peak' })).toEqual(found);
    expect(signFlipTest(differences, { draws: 20_000, name: 'rebound' }).p).not.toBe(found.p);
    // The observed arrangement counts, so p is never 0.
    expect(
      signFlipTest(
        differences.map(() => 1),
        { draws: 99 },
      ).p,
    ).toBe(0.01);
  });

  test('two samples are compared by Welch t over all splits as SciPy does', () => {
    // scipy.stats.permutation_test((a, b), lambda x, y: ttest_ind(x, y, equal_var=False).statistic, n_resamples=np.inf)
    // has the one-sided values, and twice the smaller one as two-sided; 7 of 126 |t| are as large (NumPy).
    const [a, b] = [
      [1.2, 0.7, 3.1, 2.2],
      [0.3, 0.9, -0.4, 1.1, 0.2],
    ];
    const table: [Alternative, number][] = [
      ['two-sided', 7 / 126],
      ['greater', 0.031746031746031744],
      ['less', 0.9761904761904762],
    ];
    for (const [alternative, p] of table) {
      const found = twoSampleTest(a, b, { alternative });
      expect(found.p).toBeCloseTo(p, 12);
      expect(found).toMatchObject({ n: 9, arrangements: 126, exact: true });
      expect(found.difference).toBeCloseTo(1.38, 12);
    }
    expect(
      twoSampleTest(
        a.map((x) => x + 1e6),
        b.map((x) => x + 1e6),
      ).p,
    ).toBeCloseTo(7 / 126, 12);
    // Neither side varies: t is infinite for the observed split and its mirror, of C(6, 3) = 20.
    expect(twoSampleTest([0, 0, 0], [1, 1, 1]).p).toBe(0.1);
    // Rounding leaves a sum of squares of -3e-14 here.
    expect(twoSampleTest([0.1, 0.1, 0.1], [7.1, 7.1, 7.1, 7.1], { alternative: 'less' }).p).toBe(1 / 35);
    expect(twoSampleTest([1, 1], [1, 1]).p).toBe(1);
  });

  test('sampled splits agree with SciPy', () => {
    const a = Array.from({ length: 18 }, (_, i) => ((7 * i) % 18) / 10);
    const b = Array.from({ length: 12 }, (_, i) => ((5 * i) % 12) / 6 + 0.35);
    const found = twoSampleTest(a, b, { draws: 20_000 });
    expect(found.exact).toBe(false);
    // NumPy, 200,000 random splits: 0.0627; s.e. of the difference 0.0018.
    expect(Math.abs(found.p - 0.0627)).toBeLessThan(0.0055);
  });

  test('refuse what they cannot test', () => {
    expect(() => signFlipTest([])).toThrow('sign-flip test: no differences given, at least 1 needed');
    expect(() => signFlipTest([1, Number.NaN])).toThrow('sign-flip test: value 1 of 2 is NaN');
    expect(() => twoSampleTest([1], [1, 2])).toThrow('two-sample test: 1 and 2 values given');
    expect(() => twoSampleTest([1, 2], [1, Number.POSITIVE_INFINITY])).toThrow('value 3 of 4 is Infinity');
  });
});

describe('holm', () => {
  test('adjusts as R and leaves undefined tests out of the family', () => {
    // R: p.adjust(c(.01, .04, .03, .005, .2), "holm").
    const expected = [0.04, 0.09, 0.09, 0.025, 0.2].map((p) => expect.closeTo(p, 15));
    expect(holm([0.01, 0.04, 0.03, 0.005, 0.2])).toEqual({ p: expected, tests: 5, missing: 0 });
    expect(holm([0.01, Number.NaN, 0.04, 0.03, 0.005, 0.2, Number.NaN])).toEqual({
      p: [expected[0], Number.NaN, ...expected.slice(1), Number.NaN],
      tests: 5,
      missing: 2,
    });
    expect(holm([0.6, 0.7]).p).toEqual([1, 1]);
    expect(holm([])).toEqual({ p: [], tests: 0, missing: 0 });
  });
});

describe('correlation', () => {
  const lengths = [5, 10, 25, 50, 100, 200];
  const losses = [0.1, 0.4, 0.35, 0.9, 0.7, 1.3];

  test('is that of SciPy and R, with ties', () => {
    // scipy.stats.pearsonr, spearmanr; R agrees.
    expect(pearson(lengths, losses)).toEqual({
      r: expect.closeTo(0.892875220635382, 12),
      p: expect.closeTo(0.01659891063252013, 12),
      n: 6,
    });
    expect(spearman([1, 2, 2, 3, 5], [2, 1, 4, 4, 6])).toEqual({
      r: expect.closeTo(0.7631578947368421, 12),
      p: expect.closeTo(0.1333391195318063, 12),
      n: 5,
    });
    expect(midRanks([30, 10, 30, 20])).toEqual([3.5, 1, 3.5, 2]);
    expect(pearson([1, 2, 3], [2, 4, 6])).toEqual({ r: 1, p: 0, n: 3 });
    expect(pearson([1, 2], [2, 1])).toEqual({ r: -1, p: Number.NaN, n: 2 });
    expect(pearson([1, 1, 1], [2, 4, 6]).r).toBeNaN();
    expect(pearson([], []).r).toBeNaN();
  });

  test('the line is that of R', () => {
    // R: summary(lm(losses ~ lengths)).
    expect(line(lengths, losses)).toEqual({
      slope: expect.closeTo(0.005179211469534049, 14),
      intercept: expect.closeTo(0.2883512544802869, 12),
      slopeError: expect.closeTo(0.0013060170327052465, 12),
      p: expect.closeTo(0.01659891063252017, 12),
      r: expect.closeTo(0.892875220635382, 12),
      n: 6,
    });
    expect(line([1, 2, 3], [4, 4, 4])).toMatchObject({ slope: 0, intercept: 4, slopeError: 0, p: 1 });
    expect(line([2, 2, 2], [1, 2, 3]).slope).toBeNaN();
  });

  test('per-clip correlations are averaged over those there are', () => {
    // R: tanh(mean(atanh(c(.1, .9)))).
    const found = meanCorrelation([0.1, 0.9, Number.NaN]);
    expect(found).toEqual({ fisher: expect.closeTo(0.6562950311559711, 12), mean: 0.5, n: 2, missing: 1 });
    expect(meanCorrelation([0.5, 1])).toMatchObject({ fisher: Number.NaN, mean: 0.75 });
  });

  test('refuses lists that do not belong together', () => {
    expect(() => pearson([1, 2], [1])).toThrow('correlation: 2 values beside 1; each needs its partner');
    expect(() => line([1, Number.NaN], [1, 2])).toThrow('regression, x: value 1 of 2 is NaN');
  });
});

describe('AUC of independent groups', () => {
  test('area and error are those of pROC, the interval stays within 0 and 1', () => {
    const positives = [3.1, 4.4, 2.2, 6.5, 5, 3.3, 2.2];
    const negatives = [1.5, 2.2, 5.1, 0.3, 2.9, 1.1];
    // R: pROC::roc(controls, cases, direction = "<"): auc, sqrt(var(roc, method = "delong")).
    const found = aucIndependent(positives, negatives);
    expect(found.value).toBeCloseTo(0.7857142857142857, 12);
    expect(found.error).toBeCloseTo(0.14821309045224682, 12);
    // plogis(qlogis(auc) -+ qnorm(.975) * error / (auc * (1 - auc))).
    expect(found.low).toBeCloseTo(0.3950662831822419, 10);
    expect(found.high).toBeCloseTo(0.9536745641540058, 10);
    expect(aucIndependent(negatives, positives)).toMatchObject({
      value: expect.closeTo(1 - found.value, 12),
      low: expect.closeTo(1 - found.high, 12),
      high: expect.closeTo(1 - found.low, 12),
    });
    expect(auc([1, 1], [1])).toBe(0.5);
    expect(auc([], [1])).toBeNaN();
  });

  test('complete separation leaves the open bound at a distance', () => {
    const found = aucIndependent([3, 4, 5], [0, 1, 2]);
    expect(found).toMatchObject({ value: 1, high: 1, error: 0 });
    // The bound solves (1 - A)^2 = z^2 V(A) of Newcombe 2006, method 5, with three a side.
    const a = found.low;
    const spread = (a * (1 - a) * (1 + 2 * ((1 - a) / (2 - a) + a / (1 + a)))) / 9;
    expect((1 - a) / Math.sqrt(spread)).toBeCloseTo(1.959963984540054, 9);
    expect(aucIndependent([0, 1, 2], [3, 4, 5])).toMatchObject({
      value: 0,
      low: 0,
      high: expect.closeTo(1 - a, 12),
    });
  });
});

describe('equivalence', () => {
  test('two one-sided t-tests as R, and a verdict that agrees with the interval', () => {
    const differences = [0.1, -0.2, 0.3, 0, -0.1];
    // R: t.test(d, mu = 0.5, alternative = "less"), the larger p of the two; t.test(d, conf.level = 0.9)$conf.int.
    const found = equivalenceTest(differences, 0.5);
    expect(found).toEqual({
      value: expect.closeTo(0.02, 12),
      low: expect.closeTo(-0.16338839475481357, 12),
      high: expect.closeTo(0.20338839475481357, 12),
      level: 0.9,
      margin: 0.5,
      p: expect.closeTo(0.0025287944371725642, 12),
      equivalent: true,
      n: 5,
    });
    const mirrored = equivalenceTest(
      differences.map((d) => -d),
      0.5,
    );
    expect(mirrored.p).toBeCloseTo(found.p, 15);
    expect(equivalenceTest(differences, 0.2034).equivalent).toBe(true);
    expect(equivalenceTest(differences, 0.2033).equivalent).toBe(false);
    expect(equivalenceTest([0.1, 0.1], 0.2)).toMatchObject({ p: 0, equivalent: true });
    expect(equivalenceTest([0.3, 0.3], 0.2)).toMatchObject({ p: 1, equivalent: false });
    expect(() => equivalenceTest([1], 0.5)).toThrow('equivalence: 1 difference given, at least 2 needed');
    expect(() => equivalenceTest([1, 2], 0)).toThrow('equivalence: margin 0, expected a number above 0');
  });
});
