// Notes that begin earlier or later than written, each as long as before.

import type { NoteEdit } from './notes.js';
import type { Score } from './score.js';
import { tempoMap } from './tempo.js';
import type { TickWindow } from './window.js';

/** A longer shift is another rhythm. */
const LONGEST = 2000;

/**
 * Moves a note by up to +-`most` milliseconds, drawn evenly, to a whole tick within the window.
 * @throws when `most` is not above 0, at most 2000.
 */
export function shifted(
  score: Score,
  { most, window }: { readonly most: number; readonly window: TickWindow },
): NoteEdit['change'] {
  if (!(most > 0 && most <= LONGEST)) {
    throw new Error(`timing: amount ${most}, expected milliseconds above 0, at most ${LONGEST}`);
  }
  const map = tempoMap(score);
  const [first, last] = [Math.ceil(window.start), Math.ceil(window.end) - 1];
  return (note, random) => {
    const by = ((2 * random.uniform() - 1) * most) / 1000;
    const start = Math.round(map.tickAt(Math.max(0, map.secondsAt(note.start) + by)));
    const held = Math.min(last, Math.max(first, start));
    const end = map.tickAt(map.secondsAt(held) + map.secondsAt(note.end) - map.secondsAt(note.start));
    return { ...note, start: held, end: Math.max(held, Math.round(end)) };
  };
}
