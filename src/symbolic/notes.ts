// Edits of single notes: taken away, moved, or given another velocity or pitch.

import { counted } from '../counted.js';
import { permuted } from '../perturb/order.js';
import { generator, type Random, seedOf } from '../stats/random.js';
import type { Note, Score } from './score.js';
import type { Edited, Work } from './window.js';

export interface NoteEdit extends Work {
  /** Name of the edit, for errors. */
  readonly edit: string;
  /** Which notes can take part; default all. */
  readonly takesPart?: (note: Note) => boolean;
  /** The note as it becomes; nothing when it is taken away. Asked once for every note that could take part. */
  readonly change: (note: Note, random: Random) => Note | undefined;
}

/** @throws when no note begins in the window. */
export function changeNotes(
  score: Score,
  { edit, share, window, names, takesPart, change }: NoteEdit,
): Edited {
  const candidates = score.notes.filter(
    (note) => note.start >= window.start && note.start < window.end && (takesPart?.(note) ?? true),
  );
  const count = candidates.length;
  if (count === 0) {
    throw new Error(`${score.name}: ${edit}: no note begins in the window that could be edited; move it`);
  }
  // Every candidate draws, also those that do not take part: a note becomes the same at every share.
  const random = generator(seedOf(...names, 'change'));
  const drawn = candidates.map((note) => change(note, random));
  const chosen = permuted(count, generator(seedOf(...names))).slice(
    0,
    Math.max(1, Math.round(share * count)),
  );
  const changed = new Map(chosen.map((i) => [candidates[i], drawn[i]]));
  const notes = score.notes
    .flatMap((note) => (changed.has(note) ? (changed.get(note) ?? []) : note))
    // Stable: without a note that was moved, the order stays.
    .sort((a, b) => a.start - b.start || a.track - b.track);
  return {
    score: { ...score, notes: endedInTime(notes, new Set(score.notes)) },
    changed: `${chosen.length} of ${counted(count, 'note')}`,
  };
}

/**
 * Redraws a number of a note: within +-steps of its own and inside [from, 127], never its own, each of the others as
 * likely as the next.
 */
export function redraw({
  of,
  from,
  steps,
}: {
  readonly of: 'velocity' | 'pitch';
  readonly from: number;
  readonly steps: number;
}): NoteEdit['change'] {
  return (note, random) => {
    const own = note[of];
    const low = Math.max(from, own - steps);
    const high = Math.min(127, own + steps);
    const drawn = low + random.integer(high - low);
    return { ...note, [of]: drawn < own ? drawn : drawn + 1 };
  };
}

/**
 * A key can only be pressed again when it was let go: a note that was moved, or that one was moved onto, ends where the
 * next of its channel and pitch begins. Two notes that were always so stay so.
 */
export function endedInTime(notes: readonly Note[], unmoved: ReadonlySet<Note>): Note[] {
  const next = new Map<number, Note>();
  const ended: Note[] = [];
  for (const note of notes.toReversed()) {
    const key = note.channel * 128 + note.pitch;
    const after = next.get(key);
    const cut =
      after !== undefined &&
      after.start > note.start &&
      after.start < note.end &&
      !(unmoved.has(note) && unmoved.has(after));
    ended.push(cut ? { ...note, end: after.start } : note);
    next.set(key, note);
  }
  return ended.reverse();
}
