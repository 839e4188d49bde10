// Interval of a mean over clips. The clip is what is drawn: everything measured on one clip must be averaged first.

import { counted } from '../counted.js';
import { mean, quantileOfSorted } from './describe.js';
import { normalQuantile } from './normal.js';
import { generator, seedOf } from './random.js';
import { studentQuantile } from './student.js';

/** Below so many clips (clusters) a value is given without an interval. */
export const FEWEST_CLIPS = 3;

export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface IntervalOptions {
  /** Coverage aimed at. Default 0.95. */
  readonly level?: number;
  /** Samples drawn with replacement. Default 2000. */
  readonly draws?: number;
  /** Root seed and a name for the quantity: the stream is derived from both. */
  readonly seed?: number;
  readonly name?: string;
}

/**
 * Percentile bootstrap interval (Efron 1979) of the mean, stretched about it for small samples by
 * t(n - 1) / z * sqrt(n / (n - 1)): the plain one is too narrow by both factors (Hesterberg 2015).
 * Coverage at 0.95 for normal values, n = 3, 5, 8: plain 0.75, 0.85, 0.88; stretched 0.945, 0.947, 0.944; for
 * exponential values stretched 0.88, 0.89, 0.905. Assumes independent clips. Throws below two values.
 */
export function meanInterval(values: readonly number[], options: IntervalOptions = {}): Interval {
  const { level = 0.95, draws = 2000, seed = 0, name = '' } = options;
  const n = values.length;
  if (n < 2)
    throw new Error(
      `interval: ${counted(n, 'value')} given, at least 2 needed; show the value without an interval`,
    );
  const random = generator(seedOf(seed, name, 'bootstrap'));
  const means = new Float64Array(draws);
  for (let i = 0; i < draws; i++) {
    for (let j = 0; j < n; j++) means[i] += values[random.integer(n)] / n;
  }
  means.sort();
  const centre = mean(values);
  const high = (1 + level) / 2;
  const stretch = (studentQuantile(high, n - 1) / normalQuantile(high)) * Math.sqrt(n / (n - 1));
  const bound = (p: number): number => centre + (quantileOfSorted(means, p) - centre) * stretch;
  return { low: bound((1 - level) / 2), high: bound(high) };
}
