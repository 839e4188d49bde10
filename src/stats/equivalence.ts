// Equivalence: evidence for "no difference that matters". A large p of an ordinary test is none.

import { counted } from '../counted.js';
import { requireFinite } from './defined.js';
import { mean, standardDeviation } from './describe.js';
import { studentQuantile, studentTail } from './student.js';

export interface Equivalence {
  readonly value: number;
  /** Interval at level 1 - 2 alpha: inside (-margin, margin) exactly when equivalence is shown. */
  readonly low: number;
  readonly high: number;
  readonly level: number;
  /** Largest difference, in the units of the values, that still counts as none. Stated before the data are seen. */
  readonly margin: number;
  readonly p: number;
  readonly equivalent: boolean;
  readonly n: number;
}

/**
 * Two one-sided paired t-tests (Schuirmann 1987) that the mean of differences, one a clip, lies within (-margin, margin).
 * p is the larger of the two; equivalent when p < alpha. Assumes a mean that is about normal.
 * equivalenceTest([0.1, -0.2, 0.3, 0, -0.1], 0.5).p = 0.0025.
 * Throws below two differences, when one is not finite, or when the margin is not above 0.
 */
export function equivalenceTest(
  differences: readonly number[],
  margin: number,
  options: { readonly alpha?: number } = {},
): Equivalence {
  const { alpha = 0.05 } = options;
  const n = differences.length;
  if (n < 2) throw new Error(`equivalence: ${counted(n, 'difference')} given, at least 2 needed`);
  requireFinite('equivalence', differences);
  requireMargin(margin);
  const value = mean(differences);
  const error = standardDeviation(differences) / Math.sqrt(n);
  const reach = studentQuantile(1 - alpha, n - 1) * error;
  // Without any spread the mean is taken as known.
  const room = margin - Math.abs(value);
  const p = error === 0 ? Number(room <= 0) : studentTail(room / error, n - 1);
  return {
    value,
    low: value - reach,
    high: value + reach,
    level: 1 - 2 * alpha,
    margin,
    p,
    equivalent: p < alpha,
    n,
  };
}

function requireMargin(margin: number): void {
  if (!(margin > 0)) throw new Error(`equivalence: margin ${margin}, expected a number above 0`);
}
