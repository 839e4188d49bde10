// Reference: what a score has on clean clips, and how unusual a value is beside them. The reference clips are the user's own,
// or those that come with a bundled model.

import { counted } from '../counted.js';
import { mean, standardDeviation } from '../stats/describe.js';
import { normalQuantile } from '../stats/normal.js';
import { studentTail } from '../stats/student.js';
import { SCORE_NAMES, SCORES, SCORES_VERSION, type ScoreName } from './scores.js';

/** The values of one clip; NaN where a score is not defined for it. */
export type ScoreValues = Readonly<Record<ScoreName, number>>;

/** A score over clean clips. */
export interface CleanScore {
  /** Clips that have a value. */
  readonly clips: number;
  readonly mean: number;
  /** Standard deviation (n - 1) between clips. */
  readonly sd: number;
}

export interface Reference {
  /** See SCORES_VERSION: values of two versions are never compared. */
  readonly version: number;
  /** A file may lack scores that cost further passes. */
  readonly scores: Readonly<Partial<Record<ScoreName, CleanScore>>>;
}

/** Fewer clips do not show how clean clips differ. */
export const FEWEST_REFERENCES = 5;

/** @throws below 5 clips. */
export function referenceOf(clips: readonly ScoreValues[]): Reference {
  if (clips.length < FEWEST_REFERENCES) {
    throw new Error(
      `reference: ${counted(clips.length, 'clean clip')} given, at least ${FEWEST_REFERENCES} needed to know how clean clips differ`,
    );
  }
  const cleanScore = (name: ScoreName): CleanScore => {
    const values = clips.map((clip) => clip[name]).filter((value) => Number.isFinite(value));
    return { clips: values.length, mean: mean(values), sd: standardDeviation(values) };
  };
  return {
    version: SCORES_VERSION,
    scores: Object.fromEntries(SCORE_NAMES.map((name) => [name, cleanScore(name)])) as Reference['scores'],
  };
}

/** The reference that is left when one of its clips is taken out: a clip is never judged beside itself. */
export function referenceWithout({ version, scores }: Reference, clip: ScoreValues): Reference {
  const without = (name: ScoreName, all: CleanScore): CleanScore => {
    const { clips: n, mean: centre, sd } = all;
    const value = clip[name];
    if (!Number.isFinite(value)) return all;
    const squares = (n - 1) * sd ** 2 - ((value - centre) ** 2 * n) / (n - 1);
    return {
      clips: n - 1,
      mean: (n * centre - value) / (n - 1),
      sd: Math.sqrt(Math.max(0, squares) / (n - 2)),
    };
  };
  return {
    version,
    scores: Object.fromEntries(
      SCORE_NAMES.flatMap((name) => {
        const all = scores[name];
        return all ? [[name, without(name, all)]] : [];
      }),
    ),
  };
}

/**
 * The chance that one more clean clip has a value at least as far out, in the direction of the score (both: either way):
 * Student's t of (value - mean) / (sd sqrt(1 + 1 / n)), n - 1 degrees of freedom, as for the prediction of one further
 * normal value. Holds for few reference clips; assumes that clean clips are about normal. NaN where the value or the
 * reference is undefined.
 */
export function chanceIn(reference: Reference, name: ScoreName, value: number): number {
  const found = reference.scores[name];
  if (found === undefined) return Number.NaN;
  const { clips, mean: centre, sd } = found;
  if (!(clips >= FEWEST_REFERENCES && sd > 0) || Number.isNaN(value)) return Number.NaN;
  const t = (value - centre) / (sd * Math.sqrt(1 + 1 / clips));
  switch (SCORES[name].direction) {
    case 'up':
      return studentTail(t, clips - 1);
    case 'both':
      return Math.min(1, 2 * studentTail(Math.abs(t), clips - 1));
  }
}

/** A chance as standard deviations of a normal: 0.5 is 0, 0.05 is 1.64. Scores of any direction compare by it. */
export function deviateOf(chance: number): number {
  return -normalQuantile(Math.min(Math.max(chance, 1e-15), 1 - 1e-15));
}
