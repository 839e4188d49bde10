// The nouns of a disturbance: Perturbation is what was asked for, Event is what happened.
// A perturbation is given in tokens or seconds of the clean clip; an event is in samples of the disturbed clip and
// travels with it, so that no later stage needs to know how it was asked for.
// Every kind changes the samples of its window only; all others keep their bits (a deletion moves the later ones).

/** A place or a length: codec frames ("tokens" in the paper) or seconds. */
export type Span = { readonly tokens: number } | { readonly seconds: number };

/**
 * A start drawn for each clip: uniform over the whole frames from `from` to `to`, both included. The draw is named by
 * the seed, the clip and the range, by nothing else: other kinds, lengths and levels fall on the same place, so
 * that they are compared on the same music. Draws of another `name` are independent (several events in one clip).
 */
export interface Draw {
  readonly draw: { readonly from: Span; readonly to: Span; readonly name?: string };
}

/** Loudness of what is put in: as loud (RMS) as the clip itself in the window, or a fixed RMS in dBFS. */
export type Level = 'match' | { readonly dbfs: number };

/** What is put in takes the place of the music (default), or is added to it. */
export type Mode = 'replace' | 'add';

interface Common {
  /** Root seed of all that is drawn: streams are named by it, the clip and the spec, never by order or time. */
  readonly seed: number;
}

interface Windowed extends Common {
  readonly at: Span | Draw;
  readonly length: Span;
}

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
export interface ShufflePerturbation extends Common {
  readonly kind: 'shuffle';
  /** Default: the start of the clip. */
  readonly at?: Span | Draw;
  /** Default: to the end of the clip. */
  readonly length?: Span;
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

/** The window runs backwards. */
export interface ReversePerturbation extends Windowed {
  readonly kind: 'reverse';
  readonly fade?: Span;
}

/** Control: the window as the codec gives it back. Without a place it is the whole clip. */
export interface ReencodePerturbation extends Common {
  readonly kind: 'reencode';
  readonly at?: Span | Draw;
  readonly length?: Span;
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
  | IdentityPerturbation;

/** Power falls or rises with frequency by 0, -3, -6, +3, +6 dB per octave; `released-*`: the authors' filters (color.ts). */
export const NOISE_COLORS = [
  'white',
  'pink',
  'brown',
  'blue',
  'violet',
  'released-pink',
  'released-brown',
  'released-blue',
] as const;
export type NoiseColor = (typeof NOISE_COLORS)[number];

/** Samples [start, end). */
export interface Place {
  readonly start: number;
  readonly end: number;
}

/** What was done to which samples: [start, end) of the disturbed clip; empty at the joint of a deletion. */
export interface Event extends Place {
  readonly kind: Perturbation['kind'];
  /** `codes` when it was done on codes directly (whole frames); absent for the waveform. */
  readonly domain?: 'codes';
  /**
   * RMS of the sound put in, in dBFS (20 log10 of RMS at full scale 1), as measured on what was written; with mode `add`
   * of the added sound alone. Absent where no other sound was put in.
   */
  readonly levelDbfs?: number;
  /** Shuffle: where block i of the window came from; and the length of a block in samples. */
  readonly permutation?: readonly number[];
  readonly block?: number;
  /** Deletion: the samples of the clean clip that are gone. */
  readonly removed?: Place;
  readonly perturbation: Perturbation;
}
