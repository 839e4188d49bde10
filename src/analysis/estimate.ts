// Estimates and tests as tables show them: one number a clip goes in, undefined comes out as null with the reason.
// Every stream of random numbers is named by the quantity and the point it belongs to.

import { FEWEST_CLIPS, meanInterval } from '../stats/bootstrap.js';
import { type ClusterStatistic, estimate, valueOver } from '../stats/cluster.js';
import { defined } from '../stats/defined.js';
import { mean } from '../stats/describe.js';
import { holm } from '../stats/multiple.js';
import { normalQuantile } from '../stats/normal.js';
import { signFlipTest } from '../stats/permute.js';
import type { Estimate, Test } from './estimated.js';
import { ALL_GROUPS } from './point.js';

/** What an estimate is of. */
export interface Quantity {
  readonly seed: number;
  /** Names the quantity and where it was measured, for the random stream. */
  readonly name: string;
  /** Clips that the plan has there; those without a value are missing. */
  readonly planned: number;
  /** Bootstrap draws. Default 2000. */
  readonly draws?: number;
}

/** Options of a bootstrap. */
type Resampling = Pick<Quantity, 'seed' | 'name' | 'draws'>;

/** Mean over clips with the stretched percentile bootstrap interval. NaN is missing. */
export function meanOf(values: readonly number[], quantity: Quantity): Estimate {
  const { values: kept } = defined(values);
  if (kept.length === 0) return nothing(quantity.planned);
  const basis = { value: mean(kept), n: kept.length, missing: quantity.planned - kept.length };
  if (kept.length < FEWEST_CLIPS) return { ...basis, ...withoutInterval(kept.length) };
  return { ...basis, ...meanInterval(kept, quantity) };
}

/**
 * Share of clips of which something is true, with Wilson's score interval (1927), which stays inside [0, 1] and keeps its
 * width where all clips agree. Values 1 and 0, and one half where it cannot be said; NaN is missing.
 */
export function shareOf(values: readonly number[], { planned }: Pick<Quantity, 'planned'>): Estimate {
  const { values: kept } = defined(values);
  const n = kept.length;
  if (n === 0) return nothing(planned);
  const basis = { value: mean(kept), n, missing: planned - n };
  if (n < FEWEST_CLIPS) return { ...basis, ...withoutInterval(n) };
  const z = normalQuantile(0.975);
  const centre = (basis.value + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const inside = (basis.value * (1 - basis.value)) / n + (z * z) / (4 * n * n);
  const half = (z / (1 + (z * z) / n)) * Math.sqrt(inside);
  return { ...basis, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/** Any statistic of clips with its bootstrap interval: `interval` makes both (by default bias-corrected percentile over clips). */
export function estimateOf(
  statistic: ClusterStatistic,
  quantity: Quantity,
  interval: (options: Resampling) => {
    readonly value: number;
    readonly low: number;
    readonly high: number;
  } = (options) => estimate(statistic, options),
): Estimate {
  const n = statistic.clusters;
  if (n === 0) return nothing(quantity.planned);
  const missing = quantity.planned - n;
  if (n < FEWEST_CLIPS) {
    return { value: numberOrNull(valueOver(statistic)), n, missing, ...withoutInterval(n) };
  }
  const { value, low, high } = interval(quantity);
  const undefinedThere = Number.isNaN(value)
    ? { why: 'undefined for these clips: nothing varies there' }
    : {};
  return {
    value: numberOrNull(value),
    low: numberOrNull(low),
    high: numberOrNull(high),
    n,
    missing,
    ...undefinedThere,
  };
}

/** No number at all. */
export function nothing(planned: number, why = 'no clip was measured there'): Estimate {
  return { value: null, low: null, high: null, n: 0, missing: planned, why };
}

function withoutInterval(n: number): Pick<Estimate, 'low' | 'high' | 'why'> {
  return { low: null, high: null, why: `${n} of ${FEWEST_CLIPS} clips needed for an interval` };
}

/** Undefined is null in a table. */
export function numberOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** A p-value before its family is known. */
export interface RawTest {
  readonly p: number;
  readonly name: string;
}

/** That the clips' numbers are centred on 0. NaN with fewer than two of them. */
export function signFlip(
  values: readonly number[],
  { seed, name }: Pick<Quantity, 'seed' | 'name'>,
): RawTest {
  const { values: kept } = defined(values);
  const title = 'two-sided sign-flip permutation test by clip';
  return { p: kept.length < 2 ? Number.NaN : signFlipTest(kept, { seed, name }).p, name: title };
}

/** The tests of one family, corrected by Holm over all of its defined p-values, in the same order. */
export function familyOf(family: string, tests: readonly RawTest[]): Test[] {
  const { p: adjusted } = holm(tests.map((test) => test.p));
  return tests.map(({ p, name }, i) => ({
    p: numberOrNull(p),
    holm: numberOrNull(adjusted[i]),
    name,
    family,
  }));
}

/** The same where tests of all groups together stand beside tests by group: two families. */
export function familiesOf(family: string, tests: readonly (RawTest & { readonly group: string })[]): Test[] {
  const isPooled = ({ group }: { readonly group: string }): boolean => group === ALL_GROUPS;
  const pooled = familyOf(`${family}, ${ALL_GROUPS}`, tests.filter(isPooled));
  const byGroup = familyOf(
    `${family}, by group`,
    tests.filter((test) => !isPooled(test)),
  );
  const next = { pooled: pooled.values(), byGroup: byGroup.values() };
  return tests.flatMap((test) => (isPooled(test) ? next.pooled : next.byGroup).next().value ?? []);
}
