// What a battery finds, as tables of plain numbers: the rows that `losscope report --json` prints.

import { NOTE_PANEL_MEMBERS } from '../scores/panel.js';
import type { ScoreValues } from '../scores/reference.js';
import { FURTHER_SCORES, SCORE_NAMES, SOUND_SCORES } from '../scores/scores.js';
import type { Estimate } from './estimated.js';

/** The scores that are judged: each by itself, and the panel as one. */
export const JUDGED = [...SCORE_NAMES, 'panel'] as const;
export type JudgedScore = (typeof JUDGED)[number];

/** Those that tables show of these clips: scores that cost further passes only where some clip has them; of notes those that notes have. */
export function judgedOf(
  clips: readonly ScoreValues[],
  { notes = false }: { readonly notes?: boolean } = {},
): JudgedScore[] {
  const further: readonly JudgedScore[] = FURTHER_SCORES;
  return JUDGED.filter(
    (score) =>
      score === 'panel' ||
      (!(notes && SOUND_SCORES.includes(score)) &&
        (!further.includes(score) || clips.some((values) => Number.isFinite(values[score])))),
  );
}

/** The sentence on scores that a battery leaves out, given those of one model and protocol; none of sound. */
export function leftOutWords(scores: readonly JudgedScore[]): string | undefined {
  if (scores.length === 0 || scores.includes('surprise')) return undefined;
  return (
    `The clips are notes: ${SOUND_SCORES.join(', ')} are made for sound and its codec, and are not defined. ` +
    `The panel judges ${NOTE_PANEL_MEMBERS.join(' and ')}.`
  );
}

/** One score on one severity of one damage. */
export interface BatteryRow {
  readonly model: string;
  readonly protocol: string;
  readonly damage: string;
  readonly severity: string;
  readonly score: JudgedScore;
  /** Chance that a damaged clip has the larger score than another clip of its group that is clean; 0.5 is blind. */
  readonly auc: Estimate;
  /** Share of clips whose damaged version has the larger score than the clip itself; ties count half. */
  readonly paired: Estimate;
}

/** How a score follows the severity of a damage. */
export interface BatteryTrend {
  readonly model: string;
  readonly protocol: string;
  readonly damage: string;
  readonly score: JudgedScore;
  /** Mean over clips of Spearman's correlation of score and severity, the clean clip being the lowest. */
  readonly correlation: Estimate;
}

/** One score over the whole battery. */
export interface ScoreRow {
  readonly model: string;
  readonly protocol: string;
  readonly score: JudgedScore;
  /** Mean AUC over damages; a damage's is the mean over its severities. */
  readonly meanAuc: Estimate;
  /** The same minus that of plain loss, on the same pairs of clips. */
  readonly overLoss: Estimate;
  /** The same minus that of the single score with the highest mean AUC; an interval that holds 0 does not tell the two apart. */
  readonly underBest: Estimate;
  /** The damage that it hears least. */
  readonly worst: { readonly damage: string; readonly auc: number } | null;
  /** The harmless edit that moves it most: mean shift in standard deviations between clean clips of one group, pooled. */
  readonly harmless: (Estimate & { readonly edit: string }) | null;
  /** One plain sentence. */
  readonly sentence: string;
}

/** How often the panel raises an alarm. */
export interface PowerRow {
  readonly model: string;
  readonly protocol: string;
  /** "clean" for the false alarms. */
  readonly damage: string;
  readonly severity: string;
  readonly harmless: boolean;
  /** Larger is worse; orders the severities of a damage. */
  readonly order: number;
  readonly alarms: Estimate;
}

/** What is made from the scores by some damages, and judged on another: a choice, and a fit. */
export const COMPOSITES = ['chosen', 'fitted'] as const;
export type Composite = (typeof COMPOSITES)[number];

/** A composite on a damage that it was not made on. */
export interface UnseenRow {
  readonly model: string;
  readonly protocol: string;
  /** chosen: the single score that hears the other damages best; fitted: a weighted sum of all scores. */
  readonly composite: Composite;
  /** "" for the mean over damages. */
  readonly damage: string;
  /** The scores that it is made of; "" for the mean. */
  readonly from: string;
  /** Mean over severities. */
  readonly auc: Estimate;
  /** The same minus that of plain loss, on the same pairs of clips. */
  readonly overLoss: Estimate;
}
