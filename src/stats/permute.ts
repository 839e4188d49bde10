// Permutation tests: the p-value is the share of the arrangements, all as likely under the null hypothesis, whose
// statistic is at least as extreme. One number a clip; what is measured several times on a clip is averaged first.

import { counted } from '../counted.js';
import { requireFinite } from './defined.js';
import { mean } from './describe.js';
import { generator, seedOf } from './random.js';

export type Alternative = 'two-sided' | 'greater' | 'less';

export interface PermutationOptions {
  /** What is shown by a small p. 'greater': the mean difference is above 0. Default 'two-sided'. */
  readonly alternative?: Alternative;
  /** Random arrangements where there are more than 65,536 of them. Default 9999: p is at least 1e-4. */
  readonly draws?: number;
  /** Root seed and a name for the quantity: the stream is derived from both. */
  readonly seed?: number;
  readonly name?: string;
}

export interface PermutationTest {
  readonly p: number;
  /** Mean difference tested. */
  readonly difference: number;
  /** Clips. */
  readonly n: number;
  /** Arrangements compared, the observed one among them. */
  readonly arrangements: number;
  /** Whether these are all there are; else p = (1 + extreme) / (1 + draws) (Phipson and Smyth 2010). */
  readonly exact: boolean;
}

/** More arrangements than this are sampled, not enumerated: 16 clips with a sign each. */
const ENUMERATED = 65_536;

/**
 * Sign-flip test that paired differences (disturbed minus clean, one a clip) are centred on 0: under the null each could
 * as well have had the other sign (Fisher 1935; assumes symmetry, asymptotically only a mean of 0). Every one of the 2^n
 * sign patterns up to 16 clips. signFlipTest([1, 2, 3]).p = 0.25: two of eight patterns reach a mean of 2.
 * Throws without differences, or when one is not finite.
 */
export function signFlipTest(
  differences: readonly number[],
  options: PermutationOptions = {},
): PermutationTest {
  const n = differences.length;
  if (n === 0) throw new Error('sign-flip test: no differences given, at least 1 needed');
  requireFinite('sign-flip test', differences);
  const exact = 2 ** n <= ENUMERATED;
  const sums = exact ? signedSums(differences) : drawnSums(differences, options);
  const total = differences.reduce((sum, d) => sum + d, 0);
  const scale = differences.reduce((sum, d) => sum + Math.abs(d), 0);
  return {
    p: shareAsExtreme(sums, total, scale, options.alternative),
    difference: mean(differences),
    n,
    arrangements: sums.length,
    exact,
  };
}

/** Sums of the values under every pattern of signs, [2^n]; the first is the pattern observed. */
function signedSums(values: readonly number[]): Float64Array {
  const sums = new Float64Array(2 ** values.length);
  for (const [i, value] of values.entries()) {
    const half = 2 ** i;
    for (let k = 0; k < half; k++) {
      sums[k + half] = sums[k] - value;
      sums[k] += value;
    }
  }
  return sums;
}

/** The observed sum and the sums under random signs, [1 + draws]. */
function drawnSums(values: readonly number[], options: PermutationOptions): Float64Array {
  const { draws = 9999, seed = 0, name = '' } = options;
  const random = generator(seedOf(seed, name, 'sign flip'));
  const sums = new Float64Array(1 + draws);
  for (const value of values) sums[0] += value;
  for (let i = 1; i <= draws; i++) {
    let bits = 0;
    for (let j = 0; j < values.length; j++) {
      if (j % 32 === 0) bits = random.uint32();
      sums[i] += bits & 1 ? values[j] : -values[j];
      bits >>>= 1;
    }
  }
  return sums;
}

/**
 * Permutation test that two groups of different clips have the same distribution, sensitive to their means. The
 * statistic is Welch's t, which keeps the test valid for equal means also where spreads and sizes differ (Janssen 1997).
 * Assignments are enumerated up to 65,536. twoSampleTest([1, 2, 3], [4, 5, 6]).p = 0.1: two of twenty.
 * Throws below two values in a group, or when one is not finite.
 */
export function twoSampleTest(
  a: readonly number[],
  b: readonly number[],
  options: PermutationOptions = {},
): PermutationTest {
  if (a.length < 2 || b.length < 2)
    throw new Error(
      `two-sample test: ${a.length} and ${counted(b.length, 'value')} given, at least 2 each needed`,
    );
  const pooled = [...a, ...b];
  requireFinite('two-sample test', pooled);
  // Centred once, so that the sums of squares below lose nothing; no statistic changes.
  const centre = mean(pooled);
  const values = Float64Array.from(pooled, (value) => value - centre);
  const exact = choose(values.length, a.length) <= ENUMERATED;
  const statistics = exact ? everySplit(values, a.length) : drawnSplits(values, a.length, options);
  const observed = statistics[0];
  const scale = Number.isFinite(observed) ? Math.max(1, Math.abs(observed)) : 0;
  return {
    p: shareAsExtreme(statistics, observed, scale, options.alternative),
    difference: mean(a) - mean(b),
    n: values.length,
    arrangements: statistics.length,
    exact,
  };
}

/**
 * Welch's t of the first group, by index, against the rest: values about their common mean, `square` their sum of squares.
 * Infinite where neither group varies and the means differ.
 */
function welch(values: Float64Array, first: Int32Array, size: number, square: number): number {
  const rest = values.length - size;
  let sum = 0;
  let within = 0;
  for (let i = 0; i < size; i++) {
    const value = values[first[i]];
    sum += value;
    within += value * value;
  }
  const gap = sum / size + sum / rest;
  // Less than this is rounding.
  const least = 1e-12 * square;
  const squaresFirst = within - (sum * sum) / size;
  const squaresRest = square - within - (sum * sum) / rest;
  const varianceFirst = (squaresFirst > least ? squaresFirst : 0) / (size - 1);
  const varianceRest = (squaresRest > least ? squaresRest : 0) / (rest - 1);
  return gap === 0 ? 0 : gap / Math.sqrt(varianceFirst / size + varianceRest / rest);
}

/** The statistic of every way to choose the first group; the first is the one observed. */
function everySplit(values: Float64Array, size: number): Float64Array {
  const square = values.reduce((sum, value) => sum + value * value, 0);
  const first = Int32Array.from({ length: size }, (_, i) => i);
  const statistics = new Float64Array(choose(values.length, size));
  for (let k = 0; k < statistics.length; k++) {
    statistics[k] = welch(values, first, size, square);
    // The next combination in lexicographic order: raise the last index that can be, reset those after it.
    let i = size - 1;
    while (i >= 0 && first[i] === values.length - size + i) i--;
    if (i < 0) break;
    first[i]++;
    for (let j = i + 1; j < size; j++) first[j] = first[j - 1] + 1;
  }
  return statistics;
}

/** The observed statistic and those of random splits, [1 + draws]. */
function drawnSplits(values: Float64Array, size: number, options: PermutationOptions): Float64Array {
  const { draws = 9999, seed = 0, name = '' } = options;
  const random = generator(seedOf(seed, name, 'two samples'));
  const square = values.reduce((sum, value) => sum + value * value, 0);
  const order = Int32Array.from(values, (_, i) => i);
  const statistics = new Float64Array(1 + draws);
  statistics[0] = welch(values, order, size, square);
  for (let k = 1; k <= draws; k++) {
    for (let i = 0; i < size; i++) {
      const j = i + random.integer(values.length - i);
      [order[i], order[j]] = [order[j], order[i]];
    }
    statistics[k] = welch(values, order, size, square);
  }
  return statistics;
}

/**
 * Share of statistics at least as extreme as the one observed, two-sided by absolute value (SciPy doubles the smaller
 * tail instead); what is equal up to rounding, relative to `scale`, is equal.
 */
function shareAsExtreme(
  statistics: Float64Array,
  observed: number,
  scale: number,
  alternative: Alternative = 'two-sided',
): number {
  const slack = 1e-10 * scale;
  let extreme = 0;
  for (const statistic of statistics) {
    if (alternative === 'greater' && statistic >= observed - slack) extreme++;
    else if (alternative === 'less' && statistic <= observed + slack) extreme++;
    else if (alternative === 'two-sided' && Math.abs(statistic) >= Math.abs(observed) - slack) extreme++;
  }
  return extreme / statistics.length;
}

/** Binomial coefficient n over k, as a floating-point number. */
function choose(n: number, k: number): number {
  let ways = 1;
  for (let i = 1; i <= k; i++) ways = (ways * (n - k + i)) / i;
  return Math.round(ways);
}
