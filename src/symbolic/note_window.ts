// A window of notes: what every disturbance of notes is given, what it makes, and the onsets that notes may have there.

import type { Place } from '../perturb/perturbation.js';
import type { Passage } from './passage.js';

/** A passage, and the frames [start, end) of it that are disturbed. */
export interface NoteWindow {
  readonly passage: Passage;
  /** [3][notes] of the passage. */
  readonly rows: readonly Int32Array[];
  readonly window: Place;
}

/** What stands in a window of notes afterwards, [3][notes]. */
export interface NoteContent {
  readonly rows: readonly Int32Array[];
  /** Where bar i of the window came from. */
  readonly permutation?: readonly number[];
}

/** A note with all of its numbers. */
export interface WholeNote {
  readonly note: number;
  readonly onset: number;
  readonly duration: number;
}

/** Onsets [first, end) that notes of the window may have: from its first note to the note behind it. */
export function spanOf({ rows, window }: NoteWindow): readonly [number, number] {
  const onsets = rows[1];
  const first = onsets[window.start];
  const next = window.end < onsets.length ? onsets[window.end] : onsets[window.end - 1] + 1;
  return [first, Math.max(next, first + 1)];
}

export function notesIn({
  rows: [notes, onsets, durations],
  window: { start, end },
}: NoteWindow): WholeNote[] {
  return Array.from({ length: end - start }, (_, i) => ({
    note: notes[start + i],
    onset: onsets[start + i],
    duration: durations[start + i],
  }));
}

/** [3][notes]. */
export function rowsOfNotes(notes: readonly WholeNote[]): Int32Array[] {
  return [
    Int32Array.from(notes, ({ note }) => note),
    Int32Array.from(notes, ({ onset }) => onset),
    Int32Array.from(notes, ({ duration }) => duration),
  ];
}
