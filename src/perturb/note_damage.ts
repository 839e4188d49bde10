// What can be done to notes alone; other kinds mean the same on notes as on sound (medium.ts).

import type { Anywhere, Span } from './terms.js';

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

/** Wrong notes: pitches moved by a few semitones up or down, drawn. Drums have no pitch and stay. */
export interface WrongPerturbation extends Anywhere {
  readonly kind: 'wrong';
  /** Share of the pitched notes that take part, in (0, 1]. */
  readonly share: number;
  /** The most that a pitch moves; a whole number from 1. Default 1. */
  readonly semitones?: number;
}

/** Unsteady playing: notes begin earlier or later, drawn evenly within +-`by`; each stays in the window and keeps its length. */
export interface JitterPerturbation extends Anywhere {
  readonly kind: 'jitter';
  readonly by: Span;
  /** Share of the notes that take part, in (0, 1]; default 1. */
  readonly share?: number;
}

/** Notes left out. The first note of each instrument of the piece stays, so that no instrument goes. */
export interface MissingPerturbation extends Anywhere {
  readonly kind: 'missing';
  /** Share of the other notes, in (0, 1]. */
  readonly share: number;
}

/** Loudness by chance: each pitched note that takes part gets another velocity. Drums have none. */
export interface DynamicsPerturbation extends Anywhere {
  readonly kind: 'dynamics';
  /** Share of the pitched notes that take part, in (0, 1]; default 1. */
  readonly share?: number;
}

/** What only notes have. */
export type NoteDamage =
  | NonsensePerturbation
  | BarsPerturbation
  | WrongPerturbation
  | JitterPerturbation
  | MissingPerturbation
  | DynamicsPerturbation;

/** Their kinds. */
export const NOTE_DAMAGES: readonly NoteDamage['kind'][] = [
  'nonsense',
  'bars',
  'wrong',
  'jitter',
  'missing',
  'dynamics',
];
