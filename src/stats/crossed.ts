// The error of a quantity that depends on clips which share systems and prompts, the two crossed: clips of one system are
// alike, and so are clips of one prompt. Each way of sharing adds to the error; what both count is taken off once.

import { FEWEST_CLIPS } from './bootstrap.js';
import { mean } from './describe.js';
import { studentQuantile, studentTwoSided } from './student.js';

/** A quantity in (-1, 1), such as a correlation, as a function of the observations that are kept, by index in ascending order. */
export type KeptStatistic = (kept: readonly number[]) => number;

/** Names of the clusters that each observation belongs to: mostly one; two where it compares two systems. */
export type Membership = readonly (readonly string[])[];

export interface CrossedEstimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** Two-sided p of a true value of 0. */
  readonly p: number;
  /** Clusters of each membership; below three one is left out of the error. */
  readonly clusters: readonly number[];
  /** Of Student's t: the fewest clusters that count, less one. */
  readonly degrees: number;
}

/** More clusters than this are left out in groups, each as one. */
const MOST_DELETIONS = 50;

/**
 * Interval on Fisher's scale: atanh(value) -+ t error, error^2 = V(first) + V(second) - V(observations), each the jackknife that
 * leaves out one cluster (Tukey 1958; the sum as Cameron, Gelbach and Miller 2011), and never below the largest of the three.
 * NaN below three clusters, or where the value, or what is left without one cluster, is undefined, 1 or -1. Coverage: docs/verdicts.md.
 */
export function crossedEstimate(
  statistic: KeptStatistic,
  memberships: readonly Membership[],
  { level = 0.95 }: { readonly level?: number } = {},
): CrossedEstimate {
  const n = memberships[0]?.length ?? 0;
  const all = Array.from({ length: n }, (_, i) => i);
  const value = statistic(all);
  const named = memberships.map((membership) => groupsOf(membership));
  const usable = named.filter(({ clusters }) => clusters >= FEWEST_CLIPS);
  const counts = named.map(({ clusters }) => clusters);
  const none = { value, low: Number.NaN, high: Number.NaN, p: Number.NaN, clusters: counts, degrees: 0 };
  if (usable.length === 0 || !(Math.abs(value) < 1)) return none;
  const own = groupsOf(all.map((i) => [String(i)]));
  const varianceOf = ({ groups }: Groups): number => jackknife(statistic, all, groups);
  const parts = usable.map(varianceOf);
  const alone = varianceOf(own);
  const square = Math.max(
    ...parts,
    alone,
    parts.reduce((sum, part) => sum + part, 0) - (parts.length - 1) * alone,
  );
  const degrees = Math.min(...usable.map(({ groups }) => groups.length)) - 1;
  const [centre, error] = [Math.atanh(value), Math.sqrt(square)];
  const reach = studentQuantile((1 + level) / 2, degrees) * error;
  return {
    value,
    low: Math.tanh(centre - reach),
    high: Math.tanh(centre + reach),
    p: studentTwoSided(centre / error, degrees),
    clusters: counts,
    degrees,
  };
}

interface Groups {
  readonly clusters: number;
  /** For each group that is left out, the observations that go with it. */
  readonly groups: readonly ReadonlySet<number>[];
}

function groupsOf(membership: Membership): Groups {
  const numbers = new Map<string, number>();
  for (const names of membership)
    for (const name of names) if (!numbers.has(name)) numbers.set(name, numbers.size);
  const size = Math.min(numbers.size, MOST_DELETIONS);
  const groups = Array.from({ length: size }, () => new Set<number>());
  membership.forEach((names, i) => {
    for (const name of names) groups[(numbers.get(name) ?? 0) % size].add(i);
  });
  return { clusters: numbers.size, groups };
}

/** Jackknife variance on Fisher's scale; NaN where the statistic is undefined, 1 or -1 without some group. */
function jackknife(
  statistic: KeptStatistic,
  all: readonly number[],
  groups: readonly ReadonlySet<number>[],
): number {
  const values = groups.map((group) => {
    const left = statistic(all.filter((i) => !group.has(i)));
    return Math.abs(left) < 1 ? Math.atanh(left) : Number.NaN;
  });
  const centre = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return ((values.length - 1) / values.length) * squares;
}
