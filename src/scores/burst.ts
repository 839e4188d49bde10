// Bursts: a stretch of the loss curve that lies below its surroundings, as the loss does inside noise (the paper's
// Assimilation), with raised edges where the noise begins and ends (Peak and Rebound). Found without knowing where it is.

import { standardDeviation } from '../stats/describe.js';

/** Lengths that are tried, in frames: 0.2 to 4 s at 50 frames a second. */
const LENGTHS = [10, 25, 50, 100, 200] as const;
/** Frames beside each end that are neither inside nor surroundings, and frames of surroundings beyond them. */
const GUARD = 3;
const SIDE = 25;
/** Frames on each side of an end that make the edge. */
const EDGE = 2;

/** Where a burst fits best, and how well. */
export interface Burst {
  /** In standard errors of independent frames: compare clips with it, not with a table. NaN where the curve is too short. */
  readonly value: number;
  /** Indices [start, end) into the curve; -1 where the curve is too short. */
  readonly start: number;
  readonly end: number;
}

/**
 * The largest notch over all lengths and places: mean of 25 values on each side (3 off the ends) minus the mean inside (3 off
 * the ends), over sd sqrt(1 / (L - 6) + 1 / 50), sd that of the whole curve. With `edges`, plus the mean of the 2 values on
 * each side of both ends minus that of the surroundings, over sd sqrt(1 / 8 + 1 / 50): the paper's whole signature.
 * @param curve defined values in order of time.
 */
export function burstIn(
  curve: ArrayLike<number>,
  { edges = false }: { readonly edges?: boolean } = {},
): Burst {
  let best: Burst = { value: Number.NaN, start: -1, end: -1 };
  eachBurst(curve, edges, (value, start, end) => {
    if (!(value <= best.value)) best = { value, start, end };
  });
  return best;
}

/**
 * [n] at the middle of each place, floor((start + end) / 2), the largest value that any length has there: its maximum is that of
 * `burstIn`. NaN where no length fits.
 */
export function burstByMiddle(
  curve: ArrayLike<number>,
  { edges = false }: { readonly edges?: boolean } = {},
): Float64Array {
  const values = new Float64Array(curve.length).fill(Number.NaN);
  eachBurst(curve, edges, (value, start, end) => {
    const middle = Math.floor((start + end) / 2);
    if (!(value <= values[middle])) values[middle] = value;
  });
  return values;
}

function eachBurst(
  curve: ArrayLike<number>,
  edges: boolean,
  visit: (value: number, start: number, end: number) => void,
): void {
  const sums = new Float64Array(curve.length + 1);
  for (let i = 0; i < curve.length; i++) sums[i + 1] = sums[i] + curve[i];
  const mean = (start: number, end: number): number => (sums[end] - sums[start]) / (end - start);
  const sd = standardDeviation(curve);
  if (!(sd > 0)) return;
  for (const length of LENGTHS) {
    const scale = sd * Math.sqrt(1 / (length - 2 * GUARD) + 1 / (2 * SIDE));
    for (let start = GUARD + SIDE; start + length + GUARD + SIDE <= curve.length; start++) {
      const end = start + length;
      const around = (mean(start - GUARD - SIDE, start - GUARD) + mean(end + GUARD, end + GUARD + SIDE)) / 2;
      let value = (around - mean(start + GUARD, end - GUARD)) / scale;
      if (edges) {
        const edge = (mean(start - EDGE, start + EDGE) + mean(end - EDGE, end + EDGE)) / 2;
        value += (edge - around) / (sd * Math.sqrt(1 / (4 * EDGE) + 1 / (2 * SIDE)));
      }
      visit(value, start, end);
    }
  }
}
