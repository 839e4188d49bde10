// How many clips a study needs, from a pilot: how much each score differs between clips, and between two versions of one clip,
// says how many clips find an effect in 80% of studies.

import type { ScoreValues } from '../scores/reference.js';
import { SCORE_NAMES, SCORES, type ScoreName } from '../scores/scores.js';
import { standardDeviation } from '../stats/describe.js';
import { normalCdf, normalQuantile } from '../stats/normal.js';
import { clipsForAuc, clipsForGroups, clipsForMean } from '../stats/sample_size.js';
import { judgedOf } from './battery_findings.js';
import { numberOrNull } from './estimate.js';

/** Two-sided tests at 5%. */
const TAIL = 0.025;
/** Chance with which the cautious number is enough, as far as the pilot's own error goes. */
const CAUTION = 0.8;

/** A clip of the pilot with its versions. */
export interface PilotClip {
  readonly group: string;
  readonly clean: ScoreValues;
  /** By the name of what was done to it. */
  readonly versions: ReadonlyMap<string, ScoreValues>;
}

/** An effect in the units of each score, or in standard deviations between clips of one group. */
export interface Effect {
  readonly size: number;
  readonly unit: 'score' | 'sd';
}

/** Clips that one test needs. */
export interface ClipsNeeded {
  /** Null: more than a million, or not to be told from this pilot. */
  readonly clips: number | null;
  /** With the standard deviation at the upper end of its 80% bound: a small pilot does not know it well. */
  readonly cautious: number | null;
}

export interface ScorePower {
  readonly score: ScoreName;
  readonly unit: 'nats' | 'share' | 'none';
  /** In the units of the score. */
  readonly effect: number | null;
  /** Two versions of one clip: s.d. of their differences, pooled over what was done; null where the pilot has one version only. */
  readonly paired: ClipsNeeded & { readonly sd: number | null };
  /** Two groups of different clips, clips in each: s.d. between clips, pooled over groups. */
  readonly groups: ClipsNeeded & { readonly sd: number | null };
  /** The same two groups by ranks: AUC that the effect gives among the pilot's clips. */
  readonly auc: ClipsNeeded & { readonly auc: number | null };
}

/**
 * Fewest clips with which the tests of reports can reach 5% at all: sign flips of 6 give 2 / 64, two groups of 4 give 2 / 70 orders. More
 * is said where the formula asks for more.
 */
const FEWEST_CLIPS = { paired: 6, groups: 4 };

/** Fewest degrees of freedom of a standard deviation that plans anything. */
const FEWEST_DEGREES = 3;

/** One row a score. @throws when the effect is not a number above 0. */
export function powerFor(pilot: readonly PilotClip[], effect: Effect): ScorePower[] {
  if (!(effect.size > 0)) throw new Error(`power: effect ${effect.size}; expected a number above 0`);
  const shown = judgedOf(pilot.map(({ clean }) => clean));
  return SCORE_NAMES.filter((score) => shown.includes(score)).map((score) =>
    powerOfScore(score, pilot, effect),
  );
}

function powerOfScore(score: ScoreName, pilot: readonly PilotClip[], { size, unit }: Effect): ScorePower {
  const between = pooled([...byGroup(pilot, score).values()]);
  const within = pooled([...differences(pilot, score).values()]);
  const effect = unit === 'sd' ? size * between.sd : size;
  const auc = shiftedAuc([...byGroup(pilot, score).values()], effect);
  return {
    score,
    unit: SCORES[score].unit,
    effect: numberOrNull(effect),
    paired: {
      sd: numberOrNull(within.sd),
      ...needed(within, (sd) => Math.max(FEWEST_CLIPS.paired, clipsForMean({ effect, sd, tail: TAIL }))),
    },
    groups: {
      sd: numberOrNull(between.sd),
      ...needed(between, (sd) =>
        Math.max(FEWEST_CLIPS.groups, clipsForGroups({ effect, sds: [sd, sd], tail: TAIL })),
      ),
    },
    auc: {
      auc: numberOrNull(auc),
      // A larger spread makes the same effect a smaller AUC: on the scale of the normal in proportion.
      ...needed(between, (sd) =>
        Math.max(
          FEWEST_CLIPS.groups,
          clipsForAuc({ auc: normalCdf(normalQuantile(auc) * (between.sd / sd)), tail: TAIL }),
        ),
      ),
    },
  };
}

interface Spread {
  readonly sd: number;
  readonly degrees: number;
}

/** Standard deviation pooled over lists, each about its own mean. NaN with too few values. */
function pooled(lists: readonly (readonly number[])[]): Spread {
  let [squares, degrees] = [0, 0];
  for (const values of lists) {
    if (values.length < 2) continue;
    squares += (values.length - 1) * standardDeviation(values) ** 2;
    degrees += values.length - 1;
  }
  // A pilot in which nothing varies (the same clip again and again) tells nothing.
  return {
    sd: degrees < FEWEST_DEGREES || squares === 0 ? Number.NaN : Math.sqrt(squares / degrees),
    degrees,
  };
}

function byGroup(pilot: readonly PilotClip[], score: ScoreName): Map<string, number[]> {
  return collected(pilot.map(({ group, clean }) => [group, clean[score]]));
}

/** Version minus clean, by what was done. */
function differences(pilot: readonly PilotClip[], score: ScoreName): Map<string, number[]> {
  return collected(
    pilot.flatMap(({ clean, versions }) =>
      [...versions].map(([name, values]): [string, number] => [name, values[score] - clean[score]]),
    ),
  );
}

function collected(pairs: readonly (readonly [string, number])[]): Map<string, number[]> {
  const lists = new Map<string, number[]>();
  for (const [name, value] of pairs) {
    if (!Number.isFinite(value)) continue;
    lists.set(name, [...(lists.get(name) ?? []), value]);
  }
  return lists;
}

/**
 * Several versions of one clip are no independent differences: the degrees count clips as often as the pilot treats them, so the
 * cautious number is then a little too small. Wilson and Hilferty (1931) give the quantile of chi-square.
 */
function needed({ sd, degrees }: Spread, clips: (sd: number) => number): ClipsNeeded {
  if (Number.isNaN(sd)) return { clips: null, cautious: null };
  const step = 2 / (9 * degrees);
  const chi = degrees * (1 - step + normalQuantile(1 - CAUTION) * Math.sqrt(step)) ** 3;
  return {
    clips: numberOrNull(clips(sd)),
    cautious: numberOrNull(clips(sd * Math.sqrt(degrees / chi))),
  };
}

/** P(value + effect > another clip's value of the same group), ties half: the AUC between clips after a shift of all. */
function shiftedAuc(groups: readonly (readonly number[])[], effect: number): number {
  let [won, pairs] = [0, 0];
  for (const values of groups) {
    for (const [i, a] of values.entries()) {
      for (const [j, b] of values.entries()) {
        if (i === j) continue;
        won += (Math.sign(a + effect - b) + 1) / 2;
        pairs++;
      }
    }
  }
  return won / pairs;
}
