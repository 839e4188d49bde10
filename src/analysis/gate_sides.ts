// The two sides of a gate: which groups and clips of a candidate belong to which of a baseline, and what is missing.

import type { ScoreName } from '../scores/scores.js';
import type { ScoredClip, ScoredClips, UnscoredClip } from './scored_clips.js';

/** The clips of one case on one side. */
interface Side {
  readonly clips: readonly ScoredClip[];
  readonly missing: readonly UnscoredClip[];
}

export interface Sides {
  readonly name: string;
  readonly candidate: Side;
  readonly baseline: Side;
  /** Number of cases. */
  readonly of: number;
}

/** @throws when no maker of one side has a partner, or when partners were heard differently. */
export function matched(candidate: readonly ScoredClips[], baseline: readonly ScoredClips[]): Sides[] {
  const alone = candidate.length === 1 && baseline.length === 1;
  const nameOf = ({ made: { model, protocol, condition } }: ScoredClips): string =>
    alone ? '' : [model, protocol, ...(condition === 'none' ? [] : [condition])].join(', ');
  const [ours, theirs] = [candidate, baseline].map(
    (makers) => new Map(makers.map((maker) => [nameOf(maker), maker])),
  );
  const names = [...new Set([...theirs.keys(), ...ours.keys()])];
  if (!names.some((name) => ours.has(name) && theirs.has(name))) {
    throw new Error(
      `gate: the candidate has ${[...ours.keys()].join('; ') || 'no model'}, the baseline ${[...theirs.keys()].join('; ') || 'no model'}; ` +
        'run both with the same models and protocols, or with one each',
    );
  }
  const found = names.flatMap((name) => {
    const [a, b] = [ours.get(name), theirs.get(name)];
    if (a && b) requireAlike(a, b);
    const groups = [...new Set([...groupsOf(b), ...groupsOf(a)])];
    return groups.map((group) => ({
      name: [name, group].filter((word) => word !== '').join(', ') || 'all clips',
      candidate: sideOf(a, group),
      baseline: sideOf(b, group),
    }));
  });
  return found.map((each) => ({ ...each, of: found.length }));
}

function groupsOf(maker: ScoredClips | undefined): string[] {
  return [...(maker?.clips ?? []), ...(maker?.missing ?? [])].map(({ group }) => group);
}

function sideOf(maker: ScoredClips | undefined, group: string): Side {
  const own = <T extends { readonly group: string }>(all: readonly T[] | undefined): T[] =>
    (all ?? []).filter((each) => each.group === group);
  return { clips: own(maker?.clips), missing: own(maker?.missing) };
}

function requireAlike({ made: a }: ScoredClips, { made: b }: ScoredClips): void {
  const facts = [
    ['under protocol', a.protocol, b.protocol],
    ['at a loudness of', a.loudness ?? 'its own', b.loudness ?? 'its own'],
    ['with seconds of round trip', a.roundTrip ?? 0, b.roundTrip ?? 0],
    ['with seconds of each clip', a.seconds ?? 'all', b.seconds ?? 'all'],
  ] as const;
  const other = facts.find(([, ours, theirs]) => ours !== theirs);
  if (other) {
    const [what, ours, theirs] = other;
    throw new Error(
      `gate: the candidate was scored ${what} ${ours}, the baseline ${what} ${theirs}; score both alike`,
    );
  }
}

/** Values by clip name, and what a comparison of all planned clips lacks. */
export interface Values {
  readonly candidate: ReadonlyMap<string, number>;
  readonly baseline: ReadonlyMap<string, number>;
  readonly missing: readonly UnscoredClip[];
  readonly paired: boolean;
}

export function valuesIn({ candidate, baseline }: Sides, score: ScoreName): Values {
  const of = ({ clips }: Side): ReadonlyMap<string, number> =>
    new Map(
      clips.flatMap(({ name, values }) => (Number.isFinite(values[score]) ? [[name, values[score]]] : [])),
    );
  const [ours, theirs] = [of(candidate), of(baseline)];
  const undefinedIn = ({ clips }: Side, which: string): UnscoredClip[] =>
    clips
      .filter(({ values }) => !Number.isFinite(values[score]))
      .map(({ name, group }) => ({ name, group, why: `${which}: ${score} is not defined for it` }));
  const failed = ({ missing }: Side, which: string): UnscoredClip[] =>
    missing.map(({ why, ...clip }) => ({ ...clip, why: `${which}: ${why}` }));
  const namesOf = ({ clips, missing }: Side): Set<string> =>
    new Set([...clips, ...missing].map(({ name }) => name));
  const [ourNames, theirNames] = [namesOf(candidate), namesOf(baseline)];
  // One name in both makes them versions of the same clips: a name that is then alone lacks its partner.
  const paired = [...ourNames].some((name) => theirNames.has(name));
  const alone = (names: ReadonlySet<string>, others: ReadonlySet<string>, { clips }: Side, where: string) =>
    paired
      ? clips
          .filter(({ name }) => names.has(name) && !others.has(name))
          .map(({ name, group }) => ({ name, group, why: `not in the ${where}` }))
      : [];
  return {
    candidate: ours,
    baseline: theirs,
    paired,
    missing: [
      ...failed(candidate, 'candidate'),
      ...failed(baseline, 'baseline'),
      ...undefinedIn(candidate, 'candidate'),
      ...undefinedIn(baseline, 'baseline'),
      ...alone(ourNames, theirNames, candidate, 'baseline'),
      ...alone(theirNames, ourNames, baseline, 'candidate'),
    ],
  };
}
