// How many clips a test needs: planned before data, or told when a result is undecided.

import { studentQuantile } from './student.js';

export interface Planned {
  /** True difference that the test shall find, in the units of the values; its sign does not matter. */
  readonly effect: number;
  /** Error rate of each tail that rejects: 0.05 one-sided, 0.025 two-sided. */
  readonly tail: number;
  /** Chance that the test finds the effect. Default 0.8. */
  readonly power?: number;
}

/** More clips than this are not counted: nobody has them. */
const MOST_CLIPS = 1_000_000;

/**
 * Clips for a t-test of a mean (of paired differences, say) whose values have this standard deviation: the smallest n >= 2 with
 * n >= ((t(1 - tail) + t(power)) sd / effect)^2, both quantiles with n - 1 degrees of freedom. Within a clip of the exact
 * answer by the noncentral t. Effect 0.5, sd 1, tail 0.025: 34 (R: power.t.test, 33.4). Infinity beyond a million.
 */
export function clipsForMean(planned: Planned & { readonly sd: number }): number {
  return smallest(planned, planned.sd);
}

/**
 * Clips in each of two groups of different clips, one size for both, for the difference of their means; degrees of freedom as
 * Cochran and Cox take them, n - 1. Effect 0.5, sd 1 and 1, tail 0.025: 65 (R: power.t.test, 63.8). Infinity beyond a million.
 */
export function clipsForGroups(planned: Planned & { readonly sds: readonly [number, number] }): number {
  return smallest(planned, Math.hypot(...planned.sds));
}

function smallest({ effect, tail, power = 0.8 }: Planned, sd: number): number {
  if (Number.isNaN(sd) || Number.isNaN(effect)) return Number.NaN;
  if (sd === 0) return effect === 0 ? Number.POSITIVE_INFINITY : 2;
  const needed = (n: number): number =>
    (((studentQuantile(1 - tail, n - 1) + studentQuantile(power, n - 1)) * sd) / effect) ** 2;
  if (!(needed(MOST_CLIPS) <= MOST_CLIPS)) return Number.POSITIVE_INFINITY;
  let [low, high] = [1, 2];
  while (needed(high) > high) {
    low = high;
    high = Math.min(2 * high, MOST_CLIPS);
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (needed(middle) > middle) low = middle;
    else high = middle;
  }
  return high;
}

/**
 * Clips in each of two groups for a rank test (Mann-Whitney) of an AUC that is truly this, by Noether (1987): N = z^2 /
 * (3 (AUC - 1/2)^2) in both, z = z(1 - tail) + z(power), here with Student's quantiles as above. Good between 0.3 and 0.7, too
 * many beyond. AUC 0.64, tail 0.025: 69.
 */
export function clipsForAuc({ auc, ...planned }: Omit<Planned, 'effect'> & { readonly auc: number }): number {
  // In each group N / 2 = (z / (sqrt(6) (AUC - 1/2)))^2.
  return smallest({ ...planned, effect: auc - 0.5 }, 1 / Math.sqrt(6));
}
