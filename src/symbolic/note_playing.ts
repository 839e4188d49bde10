// Notes as somebody plays them badly: wrong, early or late, left out, too loud or too soft; and the same piece a little louder
// or slower, which should do no harm. What takes part is a share; a larger one holds a smaller one, and each note becomes the
// same at both.

import { stem } from '../audio/clip.js';
import type { GainEdit, StretchDamage } from '../perturb/damage.js';
import type {
  DynamicsPerturbation,
  JitterPerturbation,
  MissingPerturbation,
  WrongPerturbation,
} from '../perturb/note_damage.js';
import { permuted } from '../perturb/order.js';
import { generator, type Random, seedOf } from '../stats/random.js';
import { codeOf, instrumentOf, pitchedOf, STEP_MS, VELOCITIES } from './note_code.js';
import { multiplied } from './note_level.js';
import {
  type NoteContent,
  type NoteWindow,
  notesIn,
  rowsOfNotes,
  spanOf,
  type WholeNote,
} from './note_window.js';

type Played = WrongPerturbation | JitterPerturbation | MissingPerturbation | DynamicsPerturbation;

/** Longest and shortest duration of a note, steps. */
const DURATIONS = { least: 1, most: 500 } as const;
const HIGHEST_PITCH = 127;

/** Moves a pitch by 1 to `semitones`, up or down; where MIDI ends the other way. */
export function wrongNotes(given: NoteWindow, damage: WrongPerturbation): NoteContent {
  const { semitones = 1 } = damage;
  return changed(given, damage, (whole, random) => {
    const by = (1 + random.integer(semitones)) * (random.integer(2) === 0 ? 1 : -1);
    const own = pitchedOf(whole.note);
    if (!own) return whole;
    const pitch = own.pitch + by;
    const isInMidi = pitch >= 0 && pitch <= HIGHEST_PITCH;
    return { ...whole, note: codeOf({ ...own, pitch: isInMidi ? pitch : own.pitch - by }) };
  });
}

/** Another velocity than its own, each as likely. */
export function otherDynamics(given: NoteWindow, damage: DynamicsPerturbation): NoteContent {
  return changed(given, damage, (whole, random) => {
    const other = 1 + random.integer(VELOCITIES - 2);
    const own = pitchedOf(whole.note);
    if (!own) return whole;
    return { ...whole, note: codeOf({ ...own, velocity: other < own.velocity ? other : other + 1 }) };
  });
}

/** Moves onsets; the order follows them. The first note of a passage keeps its onset, which all others count from. */
export function unsteady(given: NoteWindow, damage: JitterPerturbation): NoteContent {
  const { by, share = 1 } = damage;
  const notes = notesIn(given);
  const [first, end] = spanOf(given);
  const most = 'seconds' in by ? (1000 * by.seconds) / STEP_MS : 0;
  const random = randomOf(given, damage);
  const shifts = notes.map(() => Math.round((2 * random.uniform() - 1) * most));
  const chosen = chosenOf(given, damage, { of: [...notes.keys()], share });
  const moved = notes.map((whole, i) =>
    chosen.has(i) ? { ...whole, onset: Math.min(end - 1, Math.max(first, whole.onset + shifts[i])) } : whole,
  );
  const sorted = moved.toSorted((a, b) => a.onset - b.onset);
  if (given.window.start === 0) sorted[0] = { ...sorted[0], onset: first };
  return { rows: rowsOfNotes(sorted) };
}

/** @throws when no note would be left in the window, or none may go. */
export function withoutSome(given: NoteWindow, damage: MissingPerturbation): NoteContent {
  const { passage, rows, window } = given;
  const notes = notesIn(given);
  const instruments = Array.from(rows[0], instrumentOf);
  const mayGo = [...notes.keys()].filter((i) => {
    const at = window.start + i;
    return instruments.indexOf(instruments[at]) < at;
  });
  if (mayGo.length === 0) {
    throw new Error(
      `${passage.name}: each note of the window is the first of its instrument, which stays; make it longer`,
    );
  }
  const gone = chosenOf(given, damage, { of: mayGo, share: damage.share });
  const left = notes.filter((_, i) => !gone.has(i));
  if (left.length === 0) {
    throw new Error(
      `${passage.name}: no note of the window would be left; make it longer, or the share smaller`,
    );
  }
  return { rows: rowsOfNotes(left) };
}

/**
 * Velocities times 10^(by / 40), to the nearest of the model's steps: loudness goes with the square of velocity (40 log10, the
 * default modulator of SoundFont 2.04). Drums have no velocity.
 */
export function louder(given: NoteWindow, { by }: GainEdit): NoteContent {
  const factor = 10 ** (by / 40);
  const notes = notesIn(given).map((whole) => ({ ...whole, note: multiplied(whole.note, factor) }));
  return { rows: rowsOfNotes(notes) };
}

/** Onsets, counted from the first, and durations times `factor`, to the nearest step. */
export function stretched(given: NoteWindow, { factor }: StretchDamage): NoteContent {
  const notes = notesIn(given);
  const [{ onset: first }] = notes;
  const { least, most } = DURATIONS;
  return {
    rows: rowsOfNotes(
      notes.map(({ note, onset, duration }) => ({
        note,
        onset: first + Math.round((onset - first) * factor),
        duration: duration === 0 ? 0 : Math.min(most, Math.max(least, Math.round(duration * factor))),
      })),
    ),
  };
}

/** Pitched notes, a share of them, each changed. @throws when the window has drums alone. */
function changed(
  given: NoteWindow,
  damage: WrongPerturbation | DynamicsPerturbation,
  change: (whole: WholeNote, random: Random) => WholeNote,
): NoteContent {
  const notes = notesIn(given);
  const pitched = [...notes.keys()].filter((i) => pitchedOf(notes[i].note) !== undefined);
  if (pitched.length === 0) {
    throw new Error(
      `${given.passage.name}: the window has drums alone, and ${damage.kind} changes notes with a pitch; make it longer`,
    );
  }
  const random = randomOf(given, damage);
  // Every note draws, also those that do not take part.
  const drawn = notes.map((whole) => change(whole, random));
  const chosen = chosenOf(given, damage, { of: pitched, share: damage.share ?? 1 });
  return { rows: rowsOfNotes(notes.map((whole, i) => (chosen.has(i) ? drawn[i] : whole))) };
}

function namesOf({ passage, window }: NoteWindow, { seed, kind }: Played): (string | number)[] {
  return [seed, stem(passage), kind, window.start];
}

function randomOf(given: NoteWindow, damage: Played): Random {
  return generator(seedOf(...namesOf(given, damage)));
}

/** Which notes of the window take part: a share of those that may, at least one. */
function chosenOf(
  given: NoteWindow,
  damage: Played,
  { of, share }: { readonly of: readonly number[]; readonly share: number },
): ReadonlySet<number> {
  const order = permuted(of.length, generator(seedOf(...namesOf(given, damage), 'share')));
  return new Set(order.slice(0, Math.max(1, Math.round(share * of.length))).map((i) => of[i]));
}
