// The words that every disturbance is written in: where and how long, how loud, of which colour.

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

/** Samples [start, end). */
export interface Place {
  readonly start: number;
  readonly end: number;
}

/** Loudness of what is put in: as loud (RMS) as the clip itself in the window, or a fixed RMS in dBFS. */
export type Level = 'match' | { readonly dbfs: number };

/** What is put in takes the place of the music (default), or is added to it. */
export type Mode = 'replace' | 'add';

export interface Common {
  /** Root seed of all that is drawn: streams are named by it, the clip and the spec, never by order or time. */
  readonly seed: number;
}

export interface Windowed extends Common {
  readonly at: Span | Draw;
  readonly length: Span;
}

/** On a window, or without one on the whole clip. */
export interface Anywhere extends Common {
  /** Default: the start of the clip. */
  readonly at?: Span | Draw;
  /** Default: to the end of the clip. */
  readonly length?: Span;
}

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
