// Notes at one level, as sound is brought to one loudness before it is scored: a model has met notes as loud as its training pieces
// are, and takes the same piece played louder for a worse one.

import { type Codes, codesOf, rowsOf } from '../audio/codes.js';
import { codeOf, pitchedOf, VELOCITIES } from './note_code.js';

/** Mean MIDI velocity that scores bring notes to: mezzo forte, as editors of scores write it. */
export const SCORED_VELOCITY = 80;

/** MIDI velocity of a step of the codes. */
const STEP = 10;

/**
 * Codes [3, notes] with all velocities times one number, so that their mean over notes with a pitch is `velocity` (MIDI's), to
 * the nearest step from 1 to 12. Drums have none and stay.
 */
export function atVelocity(codes: Codes, velocity: number): Codes {
  const [notes, ...rest] = rowsOf(codes);
  const own = Array.from(notes).flatMap((note) => pitchedOf(note)?.velocity ?? []);
  if (own.length === 0) return codes;
  const mean = own.reduce((sum, each) => sum + each, 0) / own.length;
  const factor = velocity / (STEP * mean);
  return codesOf([notes.map((note) => multiplied(note, factor)), ...rest]);
}

/** A note of that many times the velocity, to the nearest step within the model's; a drum as it is. */
export function multiplied(note: number, factor: number): number {
  const own = pitchedOf(note);
  if (!own) return note;
  return codeOf({
    ...own,
    velocity: Math.min(VELOCITIES - 1, Math.max(1, Math.round(own.velocity * factor))),
  });
}
