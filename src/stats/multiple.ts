// Many tests at once.

export interface Adjusted {
  /** Adjusted p-values in the order given; NaN where none was given. */
  readonly p: readonly number[];
  /** Size of the family: the p-values that are defined. */
  readonly tests: number;
  /** Undefined ones, left out of the family. */
  readonly missing: number;
}

/**
 * Holm's step-down adjusted p-values (Holm 1979): the i-th smallest of m times m - i + 1, made non-decreasing, at most 1.
 * Rejecting where it is <= alpha keeps the chance of any false rejection in the family below alpha, whatever the
 * dependence. holm([0.01, 0.04, 0.03]).p = [0.03, 0.06, 0.06]; R: p.adjust(p, "holm").
 */
export function holm(values: readonly number[]): Adjusted {
  const order = values.flatMap((p, i) => (Number.isNaN(p) ? [] : [i])).sort((a, b) => values[a] - values[b]);
  const adjusted = values.map(() => Number.NaN);
  let floor = 0;
  for (const [rank, i] of order.entries()) {
    floor = Math.max(floor, Math.min(1, values[i] * (order.length - rank)));
    adjusted[i] = floor;
  }
  return { p: adjusted, tests: order.length, missing: values.length - order.length };
}
