// The panel: few scores that each hear another kind of damage, judged together at one false-alarm rate against clean
// clips. It says what is probably wrong, how sure that is, and where.

import { localMaximum } from '../stats/change.js';
import { excessByFrame, excessInSpreads, heardOf } from './by_frame.js';
import { type Heard, heardFrames, secondsAt } from './heard.js';
import { poorestIn } from './poorest.js';
import { chanceIn, deviateOf, type Reference, type ScoreValues } from './reference.js';
import { LOCAL, SCORE_NAMES, SCORES, type ScoreContext, type ScoreName, SOUND_SCORES } from './scores.js';

/** Members and what each one hears, chosen on pieces other than those that judge them (decision 11). */
export const PANEL = {
  excess: 'disorder: what comes is less likely than the model expects',
  unevenness:
    'places that are far less expected than the rest, as around drop-outs or pieces of something else',
  variety: 'poor sound, written with too few different codes, as noise is; or random sound, with too many',
  poorest: 'a burst: a stretch written with far fewer different codes than the rest',
  'round-trip':
    'sound that one more pass through the codec changes less than clean sound, as after a codec, or more, as with hiss',
  maximum: 'a place where half a second of sound, or 25 notes, is far less likely than the model expects',
  typical: 'disorder: what comes is less likely than what the model would draw itself',
} as const satisfies Partial<Record<ScoreName, string>>;
export type PanelMember = keyof typeof PANEL;

/** The members that judge sound. */
export const PANEL_MEMBERS = [
  'excess',
  'unevenness',
  'variety',
  'poorest',
  'round-trip',
] as const satisfies readonly PanelMember[];

/** The members that judge notes, which have no codebooks of a codec. Of few notes the first is not defined. */
export const NOTE_PANEL_MEMBERS = ['maximum', 'typical'] as const satisfies readonly PanelMember[];

/** What speaks against a clip. */
export interface Finding {
  readonly member: PanelMember;
  readonly value: number;
  /** Chance that one more clean clip is as far out by this score. */
  readonly chance: number;
  /** Seconds [start, end) where it is strongest; absent where the score has no place. */
  readonly where?: { readonly start: number; readonly end: number };
}

export interface PanelVerdict {
  /**
   * The panel as one score: the smallest chance of a member as standard deviations of a normal, larger is more damaged.
   * NaN when no member is defined.
   */
  readonly strength: number;
  /** Chance that one more clean clip has a member as far out: 1 - (1 - smallest)^members (Sidak 1967). */
  readonly chance: number;
  /** Whether that is below the false-alarm rate. */
  readonly alarm: boolean;
  /** Members beyond their own share of the rate, the strongest first. */
  readonly findings: readonly Finding[];
}

/** Share of clean clips that may raise an alarm. */
const FALSE_ALARMS = 0.05;

/** All scores of a clip; NaN those that are not defined for it. */
export function scoresOf(heard: Heard, context: ScoreContext = {}): ScoreValues {
  return Object.fromEntries(
    SCORE_NAMES.map((name) => {
      const isDefined = !heard.times || !SOUND_SCORES.includes(name);
      return [name, isDefined ? SCORES[name].of(heard, context) : Number.NaN];
    }),
  ) as ScoreValues;
}

/** The verdict of the panel; `heard` is needed for the places, and may be left out. */
export function judge(
  values: ScoreValues,
  reference: Reference,
  { rate = FALSE_ALARMS, heard }: { readonly rate?: number; readonly heard?: Heard } = {},
): PanelVerdict {
  const members = membersFor(values)
    .map((member) => ({
      member,
      value: values[member],
      chance: chanceIn(reference, member, values[member]),
    }))
    .filter(({ chance }) => !Number.isNaN(chance));
  if (members.length === 0) return { strength: Number.NaN, chance: Number.NaN, alarm: false, findings: [] };
  const smallest = Math.min(...members.map(({ chance }) => chance));
  const chance = 1 - (1 - smallest) ** members.length;
  const own = 1 - (1 - rate) ** (1 / members.length);
  const findings = members
    .filter((each) => each.chance <= own)
    .toSorted((a, b) => a.chance - b.chance)
    .map((each): Finding => {
      const where = heard && placeOf(each.member, heard);
      return where ? { ...each, where } : each;
    });
  return { strength: deviateOf(smallest), chance, alarm: chance <= rate, findings };
}

/** Of notes no score of codebooks is defined: that is how they are known here. */
function membersFor(values: ScoreValues): readonly PanelMember[] {
  return SOUND_SCORES.every((score) => Number.isNaN(values[score])) ? NOTE_PANEL_MEMBERS : PANEL_MEMBERS;
}

/** Seconds where a member is strongest; undefined of one that is about the whole clip. */
function placeOf(
  member: PanelMember,
  heard: Heard,
): { readonly start: number; readonly end: number } | undefined {
  const seconds = (start: number, end: number) => ({
    start: secondsAt(heard, start),
    end: secondsAt(heard, end),
  });
  const { first } = heardFrames(heard);
  /** Where the mean of so many frames is largest. */
  const highest = (byFrame: Float64Array, frames: number) => {
    const curve = heardOf(heard, byFrame);
    const width = Math.min(curve.length, Math.round(frames));
    const { position } = localMaximum(curve, width);
    return position < 0 ? undefined : seconds(first + position, first + position + width);
  };
  switch (member) {
    case 'poorest': {
      const { start, end } = poorestIn(heard);
      return start < 0 ? undefined : seconds(start, end);
    }
    case 'excess':
    case 'unevenness':
      return highest(excessByFrame(heard), heard.frameRate);
    case 'typical':
      return highest(excessInSpreads(heard), heard.frameRate);
    case 'maximum':
      return highest(excessByFrame(heard), LOCAL);
    case 'variety':
    case 'round-trip':
      return undefined;
  }
}
