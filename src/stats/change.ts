// Features of a single curve, with no reference beside it: where its level shifts, where it is highest, where it varies
// most. Values are defined numbers in order of time; positions are indices into them.

import { mean, standardDeviation } from './describe.js';

export interface ChangePoint {
  /** Largest standardised departure of the running sum; unit-free, about 0.5 to 1.4 for independent values. */
  readonly statistic: number;
  /** Index of the first value after the change. */
  readonly position: number;
  /** Mean after the change minus mean before it, in the units of the values. */
  readonly shift: number;
}

/**
 * CUSUM statistic for one shift of the mean at an unknown place (Page 1955): the largest |sum of the first k values minus
 * k times the mean|, over sd sqrt(n), sd with n - 1. Without a shift and for independent values its limit law is
 * Kolmogorov's (95% point 1.358); values that depend on their neighbours make it larger, so compare curves, not to the
 * table. NaN (position -1) below two values or where they do not vary. changePoint([0, 0, 1, 1]) = 0.866, 2, 1.
 */
export function changePoint(values: ArrayLike<number>): ChangePoint {
  const n = values.length;
  const centre = mean(values);
  const sd = standardDeviation(values);
  if (!(sd > 0)) return { statistic: Number.NaN, position: -1, shift: Number.NaN };
  let sum = 0;
  let best = 0;
  let position = 1;
  for (let i = 0; i < n - 1; i++) {
    sum += values[i] - centre;
    if (Math.abs(sum) <= Math.abs(best)) continue;
    best = sum;
    position = i + 1;
  }
  return {
    statistic: Math.abs(best) / (sd * Math.sqrt(n)),
    position,
    shift: -best / position - best / (n - position),
  };
}

/**
 * [n] the path of that statistic: |sum of the first k values minus k times the mean| over sd sqrt(n), k = 0 to n - 1, at the
 * first value after a change there. Its largest value is the statistic. NaN where the values do not vary.
 */
export function cusumPath(values: ArrayLike<number>): Float64Array {
  const centre = mean(values);
  const scale = standardDeviation(values) * Math.sqrt(values.length);
  let sum = 0;
  return Float64Array.from(values, (value) => {
    const before = Math.abs(sum) / scale;
    sum += value - centre;
    return before;
  });
}

export interface LocalExtreme {
  readonly value: number;
  /** First index of the window it was found in. */
  readonly position: number;
}

/**
 * Largest mean over `width` neighbouring values, whole windows only; the first where several are equal. NaN (position -1)
 * when there are fewer values than that. localMaximum([0, 1, 5, 0], 2) = 3 at 1.
 */
export function localMaximum(values: ArrayLike<number>, width: number): LocalExtreme {
  return largest(values, width, mean);
}

/** Largest variance (n - 1) within a window of `width` >= 2, as `localMaximum`. localVariance([0, 1, 5, 0], 2) = 12.5 at 2. */
export function localVariance(values: ArrayLike<number>, width: number): LocalExtreme {
  return largest(values, width, (window) => standardDeviation(window) ** 2);
}

function largest(
  values: ArrayLike<number>,
  width: number,
  measure: (window: ArrayLike<number>) => number,
): LocalExtreme {
  const sequence = Float64Array.from(values);
  let found: LocalExtreme = { value: Number.NaN, position: -1 };
  for (let position = 0; position + width <= sequence.length; position++) {
    const value = measure(sequence.subarray(position, position + width));
    if (found.position < 0 || value > found.value) found = { value, position };
  }
  return found;
}
