// What can be done to notes alone; other kinds mean the same on notes as on sound (medium.ts).

import type { Anywhere } from './terms.js';

/** Notes drawn anew: pitch, loudness, length and onset each within what the instrument has in the piece, in order. */
export interface NonsensePerturbation extends Anywhere {
  readonly kind: 'nonsense';
  /** Share of the notes that take part, in (0, 1]; default 1. Which ones is drawn; a larger share holds a smaller one. */
  readonly share?: number;
}

/** The whole bars of the window in another order. */
export interface BarsPerturbation extends Anywhere {
  readonly kind: 'bars';
  /** Share of the bars that take part, in (0, 1]; default 1. All of them leave their place. */
  readonly share?: number;
}

/** What only notes have. */
export type NoteDamage = NonsensePerturbation | BarsPerturbation;
