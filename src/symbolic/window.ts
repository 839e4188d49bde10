// The part of a score that an edit is about: given in seconds of the clip, wanted in ticks of the score.

import type { Span } from '../perturb/perturbation.js';
import type { ScoreEdit } from './edit.js';
import type { Score } from './score.js';
import { tempoMap } from './tempo.js';

/** The part of a score that a clip shows, in seconds of the score; default: all of it. */
export interface Shown {
  readonly from?: number;
  readonly to?: number;
}

/** Ticks [start, end); real numbers, as windows are given in seconds. */
export interface TickWindow {
  readonly start: number;
  readonly end: number;
}

/** What an edit makes. */
export interface Edited {
  readonly score: Score;
  /** What was changed, in words: "12 of 40 notes". */
  readonly changed: string;
}

/** What every edit is given beside the score. */
export interface Work {
  readonly share: number;
  readonly window: TickWindow;
  /** Of the seed. */
  readonly names: readonly (string | number)[];
}

/** A window in seconds is good to a millionth of a tick: what begins on its edge is in, or out, on every machine. */
const PARTS_OF_TICK = 1e6;

/** @throws when the window is given in tokens, is no proper one, or leaves the clip. */
export function windowOf(score: Score, { edit, at, length }: ScoreEdit, { from = 0, to }: Shown): TickWindow {
  const map = tempoMap(score);
  const last = to ?? Math.max(from, map.secondsAt(score.end));
  const start = from + (at === undefined ? 0 : seconds(at, edit));
  const end = length === undefined ? last : start + seconds(length, edit);
  const slack = 1e-9 * Math.max(1, last);
  if (!(start >= from && end > start && end <= last + slack)) {
    throw new Error(
      `${score.name}: ${edit}: the window from ${show(start - from)} to ${show(end - from)} is empty or leaves the clip, ` +
        `which lasts ${show(last - from)}; start earlier, or make it shorter`,
    );
  }
  return { start: whole(map.tickAt(start)), end: whole(map.tickAt(end)) };
}

function seconds(span: Span, edit: string): number {
  if ('seconds' in span) return span.seconds;
  throw new Error(
    `${edit}: its window is given in tokens, but an edited score has no frames yet; give seconds`,
  );
}

function whole(tick: number): number {
  return Math.round(tick * PARTS_OF_TICK) / PARTS_OF_TICK;
}

function show(seconds: number): string {
  return `${seconds.toFixed(2)} s`;
}
