// Correlation and regression of paired values, x[i] beside y[i]. The p-values take the pairs for independent: for pairs
// that share clips use the cluster statistics of correlate_clusters.ts.

import { defined, requireFinite, requirePaired } from './defined.js';
import { mean } from './describe.js';
import { studentTwoSided } from './student.js';

export interface Correlation {
  /** In [-1, 1]; NaN below two pairs or where one side does not vary. */
  readonly r: number;
  /** Two-sided, t = r sqrt((n - 2) / (1 - r^2)) with n - 2 degrees of freedom; NaN below three pairs. */
  readonly p: number;
  readonly n: number;
}

/**
 * Pearson's product-moment correlation; p assumes normal values. pearson([1, 2, 3, 4], [1, 3, 2, 5]).r = 0.8315...
 * SciPy: scipy.stats.pearsonr. Throws on lists of different length and on values that are not finite.
 */
export function pearson(x: readonly number[], y: readonly number[]): Correlation {
  requirePairs('correlation', x, y);
  return correlationOf(momentsOf(x, y));
}

/**
 * Spearman's rank correlation: Pearson's of the ranks, ties given their mean rank; p by the t approximation.
 * spearman([1, 2, 3, 4], [1, 3, 2, 5]).r = 0.8. SciPy: scipy.stats.spearmanr. Throws as `pearson`.
 */
export function spearman(x: readonly number[], y: readonly number[]): Correlation {
  requirePairs('correlation', x, y);
  return correlationOf(momentsOf(midRanks(x), midRanks(y)));
}

export interface Line {
  /** Units of y per unit of x; NaN where x does not vary. */
  readonly slope: number;
  readonly intercept: number;
  /** Standard error of the slope, n - 2 degrees of freedom; NaN below three pairs. */
  readonly slopeError: number;
  /** Two-sided p of slope 0. */
  readonly p: number;
  readonly r: number;
  readonly n: number;
}

/**
 * Least-squares line of y on x. line([1, 2, 3, 4], [1, 3, 2, 5]): slope 1.1, intercept 0, error 0.5196.
 * SciPy: scipy.stats.linregress. Throws as `pearson`.
 */
export function line(x: readonly number[], y: readonly number[]): Line {
  requirePairs('regression', x, y);
  const moments = momentsOf(x, y);
  const { r, p, n } = correlationOf(moments);
  const slope = moments.xx === 0 ? Number.NaN : moments.xy / moments.xx;
  const residual = Math.max(0, moments.yy - slope * moments.xy);
  return {
    slope,
    intercept: mean(y) - slope * mean(x),
    slopeError: n < 3 ? Number.NaN : Math.sqrt(residual / (n - 2) / moments.xx),
    p: moments.yy === 0 && n >= 3 ? 1 : p,
    r,
    n,
  };
}

/** Correlations of one clip each, summarised. */
export interface CorrelationMean {
  /** tanh of the mean of atanh(r) (Fisher 1921); NaN where some r is exactly 1 or -1 and atanh infinite. */
  readonly fisher: number;
  /** Plain mean of r: pulled towards 0, but defined whatever r is. */
  readonly mean: number;
  readonly n: number;
  /** Clips without a correlation. */
  readonly missing: number;
}

/**
 * Mean of per-clip correlations, undefined ones counted; for an interval of the mean, `meanInterval` of those there are.
 * meanCorrelation([0.1, 0.9, NaN]): fisher 0.6563, mean 0.5.
 */
export function meanCorrelation(correlations: readonly number[]): CorrelationMean {
  const { values, missing } = defined(correlations);
  const fisher = values.some((r) => Math.abs(r) >= 1) ? Number.NaN : Math.tanh(mean(values.map(Math.atanh)));
  return { fisher, mean: mean(values), n: values.length, missing };
}

/** Ranks from 1, equal values sharing the mean of theirs. midRanks([30, 10, 30]) = [2.5, 1, 2.5]. */
export function midRanks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[a] - values[b]);
  const ranks = values.map(() => 0);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && values[order[end]] === values[order[start]]) end++;
    for (let k = start; k < end; k++) ranks[order[k]] = (start + 1 + end) / 2;
    start = end;
  }
  return ranks;
}

/** Sums of squares and products about the means. */
interface Moments {
  readonly n: number;
  readonly xx: number;
  readonly xy: number;
  readonly yy: number;
}

function momentsOf(x: readonly number[], y: readonly number[]): Moments {
  const [centreX, centreY] = [mean(x), mean(y)];
  let [xx, xy, yy] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    xx += (x[i] - centreX) ** 2;
    xy += (x[i] - centreX) * (y[i] - centreY);
    yy += (y[i] - centreY) ** 2;
  }
  return { n: x.length, xx, xy, yy };
}

function correlationOf({ n, xx, xy, yy }: Moments): Correlation {
  if (n < 2 || xx === 0 || yy === 0) return { r: Number.NaN, p: Number.NaN, n };
  const share = xy / Math.sqrt(xx * yy);
  // What is 1 but for rounding is 1: atanh of the next number below is 18 and would rule a mean.
  const r = 1 - Math.abs(share) < 1e-12 ? Math.sign(share) : share;
  const t = r * Math.sqrt((n - 2) / ((1 - r) * (1 + r)));
  return { r, p: n < 3 ? Number.NaN : studentTwoSided(t, n - 2), n };
}

function requirePairs(quantity: string, x: readonly number[], y: readonly number[]): void {
  requirePaired(quantity, x.length, y.length);
  requireFinite(`${quantity}, x`, x);
  requireFinite(`${quantity}, y`, y);
}
