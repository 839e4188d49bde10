// Notes of another piece in a window.

import { frameOfSample, rowsOf } from '../audio/codes.js';
import type { ForeignPerturbation } from '../perturb/perturbation.js';
import { samplesOf } from '../perturb/place.js';
import { codeOf, instrumentOf, PITCHED, pitchedOf } from './note_code.js';
import { type NoteContent, type NoteWindow, rowsOfNotes, spanOf } from './note_window.js';
import type { Passage } from './passage.js';

/**
 * The other piece's notes from `from` on, for as long as the window lasts, the first of them where the window's first was: maybe
 * more or fewer. Instruments that the passage has not become the one that it has most notes of; drums are left out of a
 * passage without.
 * @throws when the other piece was not handed in, or has no note there.
 */
export function foreignNotes(
  given: NoteWindow,
  { clip, from }: ForeignPerturbation,
  passages: ReadonlyMap<string, Passage> = new Map(),
): NoteContent {
  const { passage } = given;
  const other = passages.get(clip);
  if (!other) throw new Error(`${passage.name}: the notes of ${clip} were not handed in`);
  const [notes, onsets, durations] = rowsOf(other.codes);
  const first = frameOfSample(other.clock, samplesOf(from, other.clock, 'start in the other piece'));
  const [begins, ends] = spanOf(given);
  const castOf = castFor(given.rows[0]);
  const found = Array.from({ length: Math.max(0, notes.length - first) }, (_, i) => first + i)
    .filter((i) => onsets[i] - onsets[first] < ends - begins)
    .flatMap((i) => {
      const note = castOf(notes[i]);
      return note === undefined
        ? []
        : [{ note, onset: onsets[i] - onsets[first] + begins, duration: durations[i] }];
    });
  if (found.length === 0) {
    throw new Error(
      `${passage.name}: ${clip} has no note there that could be played; begin elsewhere in it (from)`,
    );
  }
  return { rows: rowsOfNotes(found) };
}

/** A note of another piece by an instrument of this one; undefined where none can play it. */
function castFor(notes: Int32Array): (note: number) => number | undefined {
  const counts = new Map<number, number>();
  for (const note of notes) counts.set(instrumentOf(note), (counts.get(instrumentOf(note)) ?? 0) + 1);
  const drums = instrumentOf(PITCHED);
  const [most] = [...counts].filter(([instrument]) => instrument !== drums).sort((a, b) => b[1] - a[1]);
  return (note) => {
    if (counts.has(instrumentOf(note))) return note;
    const own = pitchedOf(note);
    return own && most ? codeOf({ ...own, instrument: most[0] }) : undefined;
  };
}
