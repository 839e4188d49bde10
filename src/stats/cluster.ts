// Bootstrap over clusters. A cluster is a clip with everything measured on it: clips are drawn with replacement, what
// is inside one stays together, so repeated measurements on a clip do not pass for independent ones.
// A quantity is written once, as a ClusterStatistic, and gets its value, interval and p-value here.

import { counted } from '../counted.js';
import type { IntervalOptions } from './bootstrap.js';
import { requirePaired } from './defined.js';
import { quantileOfSorted } from './describe.js';
import { normalCdf, normalQuantile } from './normal.js';
import { generator, seedOf } from './random.js';
import { studentQuantile, studentTail } from './student.js';

/** A quantity computed from clusters, as a function of which are drawn. */
export interface ClusterStatistic {
  /** Number of clusters there are to draw from. */
  readonly clusters: number;
  /**
   * The quantity over the clusters `drawn`, `clusters` indices with repeats; NaN where undefined. Called thousands of
   * times with the same array: it must not be kept.
   */
  readonly of: (drawn: Int32Array) => number;
}

/** A value with its interval, and what it rests on. */
export interface ClusterEstimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly level: number;
  readonly clusters: number;
  readonly draws: number;
  /** Draws in which the statistic was undefined (NaN); the interval is that of the others. */
  readonly undefinedDraws: number;
}

/** The statistic of a list of clusters of any kind. The list handed to `value` is reused: it must not be kept. */
export function statisticOf<T>(
  clusters: readonly T[],
  value: (clusters: readonly T[]) => number,
): ClusterStatistic {
  const chosen: T[] = [];
  return {
    clusters: clusters.length,
    of: (drawn) => {
      chosen.length = drawn.length;
      for (let i = 0; i < drawn.length; i++) chosen[i] = clusters[drawn[i]];
      return value(chosen);
    },
  };
}

/** Ratio of two means, one numerator and one denominator a cluster: mean(a) / mean(b), NaN where mean(b) = 0. */
export function ratioOfMeans(a: readonly number[], b: readonly number[]): ClusterStatistic {
  requirePaired('ratio of means', a.length, b.length);
  return {
    clusters: a.length,
    of: (drawn) => {
      let above = 0;
      let below = 0;
      for (let i = 0; i < drawn.length; i++) {
        above += a[drawn[i]];
        below += b[drawn[i]];
      }
      return below === 0 ? Number.NaN : above / below;
    },
  };
}

/** a - b over the same clusters, drawn together (a paired bootstrap). Cluster i of both must be the same clip. */
export function differenceOf(a: ClusterStatistic, b: ClusterStatistic): ClusterStatistic {
  requirePaired('difference', a.clusters, b.clusters);
  return { clusters: a.clusters, of: (drawn) => a.of(drawn) - b.of(drawn) };
}

/** Counts into `times` how often each cluster was drawn. */
export function countDraws(drawn: Int32Array, times: Int32Array): void {
  times.fill(0);
  for (let i = 0; i < drawn.length; i++) times[drawn[i]]++;
}

/** The value of a statistic over all clusters, each once. */
export function valueOver(statistic: ClusterStatistic): number {
  return statistic.of(Int32Array.from({ length: statistic.clusters }, (_, i) => i));
}

/**
 * Value and bootstrap interval of a statistic: bias-corrected percentile (BC, Efron 1981; not BCa), at percentiles set wider for small
 * samples, Student's t(n - 1) times sqrt(n / (n - 1)) in the place of the normal quantile (Hesterberg 2015). It stays
 * within the range of the statistic. Coverage at 0.95 for 6, 20, 40 clusters:
 *   mean of normal values         0.93 0.95 0.94     AUC 0.76, clean and disturbed  0.99 0.96 0.95
 *   mean of exponential values    0.89 0.92 0.94     difference of two AUCs         0.95 0.96 0.97
 *   ratio of means, 30% noise     0.93 0.95 0.95     pooled slope, random slopes    0.94 0.94 0.96
 *   ratio, lognormal denominator  0.93 0.94 0.94     pooled correlation of 0.48     0.87 0.93 0.94
 * Options as `meanInterval`: level 0.95, draws 2000, seed 0, name ''. Assumes independent clusters. Throws below two of
 * them; value and bounds are NaN where the statistic is.
 */
export function estimate(statistic: ClusterStatistic, options: IntervalOptions = {}): ClusterEstimate {
  const { level = 0.95, draws = 2000 } = options;
  const resampled = resample(statistic, options);
  return {
    value: resampled.value,
    low: boundAt(resampled, (1 - level) / 2),
    high: boundAt(resampled, (1 + level) / 2),
    level,
    clusters: statistic.clusters,
    draws,
    undefinedDraws: draws - resampled.sorted.length,
  };
}

/** `estimate` of a statistic given as a function of the clusters themselves. */
export function clusterInterval<T>(
  clusters: readonly T[],
  statistic: (clusters: readonly T[]) => number,
  options: IntervalOptions = {},
): ClusterEstimate {
  return estimate(statisticOf(clusters, statistic), options);
}

/** One-sided p-values of a statistic against a reference, and the two-sided one: twice the smaller, at most 1. */
export interface BootstrapTest {
  readonly value: number;
  /** For the null hypothesis that the true value is at or below the reference: small when it lies above. */
  readonly greater: number;
  /** For the null hypothesis that the true value is at or above the reference. */
  readonly less: number;
  readonly twoSided: number;
}

/**
 * Tests a statistic against a reference value by inverting the interval of `estimate`: p is 1 minus the highest level at
 * which the bound keeps off the reference. Not below about 1 / draws. Where a permutation test exists, prefer it.
 */
export function bootstrapTest(
  statistic: ClusterStatistic,
  reference: number,
  options: IntervalOptions = {},
): BootstrapTest {
  const resampled = resample(statistic, options);
  const { sorted } = resampled;
  // The reference counts as a draw itself, so that no p is 0.
  const reached = (far: (value: number) => boolean): number =>
    (sorted.filter(far).length + 1) / (sorted.length + 1);
  const below = reached((value) => value <= reference);
  const above = reached((value) => value >= reference);
  const greater = chanceAt(resampled, below);
  const less = 1 - chanceAt(resampled, 1 - above);
  return { value: resampled.value, greater, less, twoSided: Math.min(1, 2 * Math.min(greater, less)) };
}

/** The bootstrap distribution of a statistic. */
interface Resampled {
  readonly value: number;
  readonly clusters: number;
  /** Defined values over the draws, ascending. */
  readonly sorted: Float64Array;
  /** Normal quantile of the share of draws below the value: median bias, z0. */
  readonly bias: number;
}

function resample(statistic: ClusterStatistic, options: IntervalOptions): Resampled {
  const { draws = 2000, seed = 0, name = '' } = options;
  const n = statistic.clusters;
  if (n < 2)
    throw new Error(
      `interval: ${counted(n, 'cluster')} given, at least 2 needed; show the value without an interval`,
    );
  const random = generator(seedOf(seed, name, 'bootstrap'));
  const value = valueOver(statistic);
  const drawn = new Int32Array(n);
  const values = new Float64Array(draws);
  let count = 0;
  for (let i = 0; i < draws; i++) {
    for (let j = 0; j < n; j++) drawn[j] = random.integer(n);
    const drawnValue = statistic.of(drawn);
    if (!Number.isNaN(drawnValue)) values[count++] = drawnValue;
  }
  const sorted = values.subarray(0, count).sort();
  return { value, clusters: n, sorted, bias: medianBias(sorted, value) };
}

/** Normal quantile of the share of sorted values below x, equals half, kept off 0 and 1 by half a value. */
function medianBias(sorted: Float64Array, x: number): number {
  // The same clips in another order may sum to another last bit.
  const slack = 1e-9 * (sorted[sorted.length - 1] - sorted[0]);
  let below = 0;
  for (const value of sorted) {
    if (Math.abs(value - x) <= slack) below += 0.5;
    else if (value < x) below++;
  }
  return normalQuantile(Math.min(Math.max(below, 0.5), sorted.length - 0.5) / sorted.length);
}

/** The bound that the true value lies below with probability p, NaN where there is none. */
function boundAt({ value, clusters, sorted, bias }: Resampled, p: number): number {
  if (Number.isNaN(value)) return Number.NaN;
  return quantileOfSorted(
    sorted,
    normalCdf(2 * bias + studentQuantile(p, clusters - 1) * widening(clusters)),
  );
}

/** `boundAt` inverted: the p whose bound has this share of the draws below it. */
function chanceAt({ value, clusters, bias }: Resampled, share: number): number {
  if (Number.isNaN(value)) return Number.NaN;
  return studentTail((2 * bias - normalQuantile(share)) / widening(clusters), clusters - 1);
}

/** What a small sample's error has beyond Student's t: the bootstrap divides by n, not by n - 1. */
function widening(clusters: number): number {
  return Math.sqrt(clusters / (clusters - 1));
}
