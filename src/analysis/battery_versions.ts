// What a battery is made of: scores of clean clips and of their damaged versions, gathered by damage and severity, and turned
// so that more is more damaged. References are clean clips other than the one that is judged.

import { judge } from '../scores/panel.js';
import { chanceIn, deviateOf, type Reference, referenceOf, type ScoreValues } from '../scores/reference.js';
import { SCORES } from '../scores/scores.js';
import type { JudgedScore } from './battery_findings.js';

/** One damaged (or harmlessly edited) version of a clip. */
export interface BatteryVersion {
  readonly clip: string;
  /** Name of the disturbance in the study: "clipping". */
  readonly damage: string;
  /** Its severity in words: "share 30 %"; empty where there is one only. */
  readonly severity: string;
  /** Larger is worse; orders the severities of a damage. */
  readonly order: number;
  /** An edit that must not move a score. */
  readonly harmless: boolean;
  readonly values: ScoreValues;
}

export interface BatteryInput {
  readonly model: string;
  readonly protocol: string;
  /** Clean clips by name. */
  readonly clean: ReadonlyMap<string, ScoreValues>;
  /** Group of each clip: only clips of one group are compared with each other. */
  readonly groups: ReadonlyMap<string, string>;
  /** Whether the clips are notes, of which some scores are not defined. Default: false. */
  readonly notes?: boolean;
  readonly versions: readonly BatteryVersion[];
}

/** Below so many clips nothing is said: a panel needs five others. */
export const FEWEST = 6;

/** One severity of one damage: its versions by clip. */
export interface BatteryPoint {
  readonly damage: string;
  readonly severity: string;
  readonly order: number;
  readonly harmless: boolean;
  readonly versions: ReadonlyMap<string, BatteryVersion>;
}

export function pointsOf(versions: readonly BatteryVersion[]): BatteryPoint[] {
  const points = new Map<string, BatteryPoint & { readonly versions: Map<string, BatteryVersion> }>();
  for (const version of versions) {
    const { damage, severity, order, harmless, clip } = version;
    const key = JSON.stringify([damage, severity]);
    const point = points.get(key) ?? { damage, severity, order, harmless, versions: new Map() };
    point.versions.set(clip, version);
    points.set(key, point);
  }
  return [...points.values()];
}

/** A score of a clip's version, turned so that more is more damaged. */
export type Oriented = (score: JudgedScore, clip: string, values: ScoreValues) => number;

/** References leave the clip itself out. */
export function orientedBy(input: BatteryInput, clips: readonly string[]): Oriented {
  const others = new Map<string, Reference>(
    clips.map((clip) => [clip, referenceOf(othersOf(input, clips, clip))]),
  );
  return (score, clip, values) => {
    const reference = others.get(clip);
    if (reference === undefined) return Number.NaN;
    if (score === 'panel') return judge(values, reference).strength;
    switch (SCORES[score].direction) {
      case 'up':
        return values[score];
      case 'both': {
        const chance = chanceIn(reference, score, values[score]);
        return Number.isNaN(chance) ? Number.NaN : deviateOf(chance);
      }
    }
  };
}

/** Clean clips that a clip is judged beside: the others of its group, or all others where its group is too small. */
export function othersOf(
  { clean, groups }: BatteryInput,
  clips: readonly string[],
  clip: string,
): ScoreValues[] {
  const others = clips.filter((other) => other !== clip);
  const own = others.filter((other) => groups.get(other) === groups.get(clip));
  return (own.length >= FEWEST - 1 ? own : others).flatMap((other) => clean.get(other) ?? []);
}
