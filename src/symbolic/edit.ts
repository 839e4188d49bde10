// What can be done to a score before it is rendered: the symbolic edits of the paper's supplement.

import type { Span } from '../perturb/perturbation.js';

/**
 * `rhythm`: notes deleted. `velocity`: note velocities redrawn. `pitch`: pitches moved. `structure`: bars in another
 * order. `timing`: notes begin earlier or later than written. `tempo`: the tempo of the window changed. `none`: the matched control, written and rendered as edited scores are.
 */
export const EDITS = ['none', 'rhythm', 'velocity', 'pitch', 'structure', 'timing', 'tempo'] as const;
export type EditName = (typeof EDITS)[number];

export interface ScoreEdit {
  readonly edit: EditName;
  /** Share of the notes (or bars) in the window that take part, in (0, 1]. */
  readonly share: number;
  /** How much: velocity in MIDI steps, pitch in semitones, timing in ms, tempo as a factor. Each edit has a default. */
  readonly amount?: number;
  /** The window, in the rendered clip's time. Default: the whole clip. */
  readonly at?: Span;
  readonly length?: Span;
  /** Root seed; the stream is named by it, the piece and the edit. */
  readonly seed: number;
}
