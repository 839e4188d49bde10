// The nouns of a disturbance: Perturbation is what was asked for, Event is what happened.
// A perturbation is given in tokens or seconds of the clean clip; an event is in samples of the disturbed clip and
// travels with it, so that no later stage needs to know how it was asked for.
// Every kind changes the samples of its window only; all others keep their bits (a deletion moves the later ones).

import type { Damage } from './damage.js';
import type { NoteDamage } from './note_damage.js';
import type { Anywhere, Common, Draw, Level, Mode, NoiseColor, Place, Span, Windowed } from './terms.js';

export {
  type Draw,
  type Level,
  type Mode,
  NOISE_COLORS,
  type NoiseColor,
  type Place,
  type Span,
} from './terms.js';

/** Noise in the window (eq. 2 of the paper). */
export interface NoisePerturbation extends Windowed {
  readonly kind: 'noise';
  readonly color: NoiseColor;
  readonly level: Level;
  readonly mode?: Mode;
}

/** A sine from phase 0 at the window's first sample, the same in every channel. */
export interface TonePerturbation extends Windowed {
  readonly kind: 'tone';
  readonly hz: number;
  readonly level: Level;
  readonly mode?: Mode;
}

/** A rectangular pulse added to the music; its level is its height. Without a length it is one sample. */
export interface ClickPerturbation extends Common {
  readonly kind: 'click';
  readonly at: Span | Draw;
  readonly length?: Span;
  readonly level: { readonly dbfs: number };
}

/** Zeros. */
export interface SilencePerturbation extends Windowed {
  readonly kind: 'silence';
}

/** The music of another clip, from a given place in it; level `own` takes it as it is. */
export interface ForeignPerturbation extends Windowed {
  readonly kind: 'foreign';
  /** The other clip, as the study names it. */
  readonly clip: string;
  readonly from: Span;
  readonly level: Level | 'own';
  readonly fade?: Span;
}

/**
 * Whole blocks in another order. Every block is kept once; those that take part all leave their place. What is left
 * at the window's end and shorter than a block stays where it is.
 */
export interface ShufflePerturbation extends Anywhere {
  readonly kind: 'shuffle';
  readonly block: Span;
  /** Share of the blocks that take part, in (0, 1]; default 1. Which ones is drawn; a larger share holds a smaller one. */
  readonly share?: number;
  /** Length of the equal-power crossfade at each joint; default none. */
  readonly fade?: Span;
}

/** The window is cut out and time closes up. */
export interface DeletePerturbation extends Windowed {
  readonly kind: 'delete';
}

/** A stutter: the block just before the window again and again until its end; the clip keeps its length. */
export interface RepeatPerturbation extends Windowed {
  readonly kind: 'repeat';
  readonly block: Span;
  readonly fade?: Span;
}

/** The window runs backwards, or each of its grains does where it stands; what is shorter than a grain stays. */
export interface ReversePerturbation extends Anywhere {
  readonly kind: 'reverse';
  /** Length of a grain; default: the window. */
  readonly grain?: Span;
  readonly fade?: Span;
}

/** Control: the window as the model's codec gives it back. Without a place it is the whole clip. */
export interface ReencodePerturbation extends Anywhere {
  readonly kind: 'reencode';
  /** Round trips through the codec, each of what the one before gave; default 1. */
  readonly times?: number;
}

/** Control: nothing is done in the window. */
export interface IdentityPerturbation extends Windowed {
  readonly kind: 'identity';
}

/** Everything that can be done to a clip. */
export type Perturbation =
  | NoisePerturbation
  | TonePerturbation
  | ClickPerturbation
  | SilencePerturbation
  | ForeignPerturbation
  | ShufflePerturbation
  | DeletePerturbation
  | RepeatPerturbation
  | ReversePerturbation
  | ReencodePerturbation
  | IdentityPerturbation
  | NoteDamage
  | Damage;

/** What was done to which samples: [start, end) of the disturbed clip; empty at the joint of a deletion. */
export interface Event extends Place {
  readonly kind: Perturbation['kind'];
  /** `codes` when it was done on codes directly (whole frames), `notes` on notes; absent for the waveform. */
  readonly domain?: 'codes' | 'notes';
  /**
   * RMS of the sound put in, in dBFS (20 log10 of RMS at full scale 1), as measured on what was written; with mode `add`
   * of the added sound alone. Absent where no other sound was put in.
   */
  readonly levelDbfs?: number;
  /** Shuffle: where block i (of notes: bar i) of the window came from; and the length of a block in samples. */
  readonly permutation?: readonly number[];
  readonly block?: number;
  /** Deletion: the samples of the clean clip that are gone. */
  readonly removed?: Place;
  /** Stretch, and foreign notes that are more or fewer: the samples of the clean clip that the window stands for now. */
  readonly stretched?: Place;
  readonly perturbation: Perturbation;
}
