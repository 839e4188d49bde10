// What a box plot draws.

import { defined } from './defined.js';
import { mean, quantileOfSorted } from './describe.js';

export interface Box {
  readonly n: number;
  /** Undefined values, left out. */
  readonly missing: number;
  readonly mean: number;
  readonly q1: number;
  readonly median: number;
  readonly q3: number;
  /** Ends of the whiskers: the outermost values within 1.5 times the interquartile range of the box. */
  readonly low: number;
  readonly high: number;
  /** Values beyond the whiskers, ascending. */
  readonly outliers: readonly number[];
  /** median -+ 1.57 IQR / sqrt(n): where two notches do not overlap, the medians differ at about the 5% level. */
  readonly notchLow: number;
  readonly notchHigh: number;
}

/**
 * Box statistics (Tukey 1977) with notches (McGill, Tukey and Larsen 1978); quartiles of type 7, as Matplotlib, where R
 * takes hinges. NaN is left out and counted; everything is NaN of nothing.
 * boxOf([1, 2, 3, 4, 20]): box 2, 3, 4, whiskers 1 and 4, outlier 20, notch 3 -+ 1.404.
 */
export function boxOf(values: readonly number[]): Box {
  const { values: kept, missing } = defined(values);
  const sorted = Float64Array.from(kept).sort();
  const [q1, median, q3] = [0.25, 0.5, 0.75].map((p) => quantileOfSorted(sorted, p));
  const reach = 1.5 * (q3 - q1);
  const inside = sorted.filter((value) => value >= q1 - reach && value <= q3 + reach);
  const notch = (1.57 * (q3 - q1)) / Math.sqrt(sorted.length);
  return {
    n: sorted.length,
    missing,
    mean: mean(sorted),
    q1,
    median,
    q3,
    // With interpolated quartiles the outermost value inside may lie within the box; the whisker then ends at the box.
    low: Math.min(q1, inside[0] ?? Number.NaN),
    high: Math.max(q3, inside.at(-1) ?? Number.NaN),
    outliers: [...sorted.filter((value) => value < q1 - reach || value > q3 + reach)],
    notchLow: median - notch,
    notchHigh: median + notch,
  };
}
