// Edits of a score: Score -> Score. What takes part is a share of the notes (or bars) of the window. A larger share holds
// a smaller one of the same seed, and a note becomes the same whatever the share, so that shares can be compared.

import { stem } from '../audio/clip.js';
import type { EditName, ScoreEdit } from './edit.js';
import { changeNotes, redraw } from './notes.js';
import { PERCUSSION, type Score } from './score.js';
import { reorderBars } from './structure.js';
import { changeTempo } from './tempo_change.js';
import { shifted } from './timing.js';
import { type Edited, type Shown, windowOf } from './window.js';

/** What `amount` is when an edit does not say: any other velocity; a semitone up or down; 50 ms; half as fast again. */
export const DEFAULT_AMOUNTS = { velocity: 126, pitch: 1, timing: 50, tempo: 1.5 } as const;

export interface EditOptions extends Shown {
  /** Piece that seeds are named by. */
  readonly name: string;
}

/**
 * The edited score; `none` gives the score itself. Percussion has no pitch to edit.
 * @throws one line when a number is out of its range, or nothing in the window can be edited.
 */
export function editScore(score: Score, edit: ScoreEdit, options: EditOptions): Edited {
  if (edit.edit === 'none') return { score, changed: 'nothing (control)' };
  const { share, amount, seed } = edit;
  if (!(share > 0 && share <= 1)) {
    throw new Error(`${edit.edit}: share ${share}, expected more than 0, at most 1`);
  }
  const names = [seed, stem(options), 'edit', edit.edit];
  const work = { edit: edit.edit, share, window: windowOf(score, edit, options), names };
  switch (edit.edit) {
    case 'rhythm':
      return changeNotes(score, { ...work, change: () => undefined });
    case 'velocity': {
      const steps = stepsOf(edit.edit, amount ?? DEFAULT_AMOUNTS.velocity);
      const change = redraw({ of: 'velocity', from: 1, steps });
      return changeNotes(score, { ...work, change });
    }
    case 'pitch': {
      const steps = stepsOf(edit.edit, amount ?? DEFAULT_AMOUNTS.pitch);
      const change = redraw({ of: 'pitch', from: 0, steps });
      return changeNotes(score, { ...work, change, takesPart: ({ channel }) => channel !== PERCUSSION });
    }
    case 'timing': {
      const most = amount ?? DEFAULT_AMOUNTS.timing;
      return changeNotes(score, { ...work, change: shifted(score, { most, window: work.window }) });
    }
    case 'structure':
      return reorderBars(score, work);
    case 'tempo':
      return changeTempo(score, { ...work, factor: amount ?? DEFAULT_AMOUNTS.tempo });
  }
}

function stepsOf(edit: EditName, amount: number): number {
  if (Number.isInteger(amount) && amount >= 1 && amount <= 127) return amount;
  throw new Error(`${edit}: amount ${amount}, expected a whole number from 1 to 127`);
}
