// The nouns of a disturbance: Perturbation is what was asked for, Event is what happened.
// A perturbation is given in tokens or seconds; an event is in samples of the clip it happened to and
// travels with it, so that no later stage needs to know how it was asked for.

/** A place or a length: codec frames ("tokens" in the paper) or seconds. */
export type Span = { readonly tokens: number } | { readonly seconds: number };

/** Loudness of what is put in: as loud (RMS) as the clip itself in the window, or a fixed RMS in dBFS. */
export type Level = 'match' | { readonly dbfs: number };

/** The window is replaced by noise (eq. 2 of the paper); samples outside stay bit-equal. */
export interface NoisePerturbation {
  readonly kind: 'noise';
  readonly color: NoiseColor;
  readonly at: Span;
  readonly length: Span;
  readonly level: Level;
  /** Root seed: the stream is named by it, the clip, the colour and the first sample, never by order or time. */
  readonly seed: number;
}

export const NOISE_COLORS = ['white'] as const;
export type NoiseColor = (typeof NOISE_COLORS)[number];

/** Everything that can be done to a clip. */
export type Perturbation = NoisePerturbation;

/** What was done to which samples: [start, end) at the clip's own rate. */
export interface Event {
  readonly kind: Perturbation['kind'];
  readonly start: number;
  readonly end: number;
  /** RMS of the inserted sound in dBFS (20 log10 of RMS at full scale 1), as measured on what was written. */
  readonly levelDbfs: number;
  readonly perturbation: Perturbation;
}
