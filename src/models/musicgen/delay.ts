// Where codes stand in the sequence that the decoder reads: the only place that shifts anything.
// A layout puts code (k, t) at column t + delays[k] + lead; every other place holds the start token S.
// The decoder reads all columns but the last and at column c predicts column c + 1 (ahead 1).
//
//     delayed, K=4, T=5    column  0 1 2 3 4 5 6 7 8       lead 1, delays 0 1 2 3
//     codebook 0                   S 0 1 2 3 4 S S S
//     codebook 1                   S S 0 1 2 3 4 S S
//     codebook 2                   S S S 0 1 2 3 4 S
//     codebook 3                   S S S S 0 1 2 3 4
//
//     undelayed            column  0 1 2 3 4               lead 0, delays 0 0 0 0
//     every codebook               0 1 2 3 4
//
// Code (k, t) is so predicted at column t + delays[k] + lead - ahead; there is no such column for t = 0, undelayed.
// With ahead 0 (unshifted) the decoder reads all columns and each prediction is compared with what it has just read.
// Delayed, the last delays[k] frames of codebook k are predicted from columns where the codebooks above have
// ended already, which training leaves out: they are undefined.

import type { Codes } from '../../audio/codes.js';

export interface Layout {
  /** [K] columns by which each codebook lags. */
  readonly delays: readonly number[];
  /** Columns before the first code. */
  readonly lead: number;
  readonly ahead: Ahead;
}

/** How many columns after its own a prediction is compared: 1, the next, is a likelihood; 0, its own, is none. */
export type Ahead = 0 | 1;

/** Tokens by column: what the decoder reads. */
export interface Columns {
  readonly codebooks: number;
  readonly columns: number;
  /** [K, columns] row-major, each in 0..V; V is the start token. */
  readonly data: Int32Array;
}

/** MusicGen's own: codebook k of a channel lags k columns behind one start column; channels side by side. */
export function delayed(codebooks: number, channels = 1): Layout {
  return { delays: Array.from({ length: codebooks }, (_, k) => Math.floor(k / channels)), lead: 1, ahead: 1 };
}

/** The released scripts': codes as they are. */
export function undelayed(codebooks: number): Layout {
  return { delays: new Array(codebooks).fill(0), lead: 0, ahead: 1 };
}

/** Codes as they are, each compared with what was predicted after it was read. */
export function unshifted(codebooks: number): Layout {
  return { ...undelayed(codebooks), ahead: 0 };
}

/** Frames by which the last codebook is predicted later than the first. */
function lagOf(layout: Layout): number {
  return Math.max(...layout.delays);
}

/** Codes [K, T] in their columns [K, lead + T + largest delay]. */
export function toColumns(codes: Codes, layout: Layout, startToken: number): Columns {
  const { codebooks, frames } = codes;
  const columns = layout.lead + frames + lagOf(layout);
  const data = new Int32Array(codebooks * columns).fill(startToken);
  for (let k = 0; k < codebooks; k++) {
    const row = codes.data.subarray(k * frames, (k + 1) * frames);
    data.set(row, k * columns + layout.lead + layout.delays[k]);
  }
  return { codebooks, columns, data };
}

/** Predictions [K, columns - ahead], by the column that made them, back on the frame axis [K, T]; NaN if none did. */
export function toFrames(predictions: Float32Array, layout: Layout, frames: number): Float32Array {
  const width = predictions.length / layout.delays.length;
  const values = new Float32Array(layout.delays.length * frames).fill(Number.NaN);
  layout.delays.forEach((delay, k) => {
    for (let t = 0; t < frames; t++) {
      const column = t + delay + layout.lead - layout.ahead;
      if (column >= 0) values[k * frames + t] = predictions[k * width + column];
    }
  });
  return values;
}

/** How many columns predict all codes of the frames before `end`: at most all that predict anything. */
export function columnsFor(layout: Layout, end: number, columns: number): number {
  const last = end + lagOf(layout) + layout.lead - layout.ahead;
  return Math.max(0, Math.min(columns - layout.ahead, last));
}

/** Whether training ever asks for code (k, t): not for the last delays[k] frames of codebook k. */
export function isTrained(layout: Layout, k: number, t: number, frames: number): boolean {
  return t < frames - layout.delays[k];
}

/** The first column where two sequences differ, or their number of columns. */
export function firstDifference(a: Columns, b: Columns): number {
  let first = Math.min(a.columns, b.columns);
  for (let k = 0; k < a.codebooks; k++) {
    for (let c = 0; c < first; c++) {
      if (a.data[k * a.columns + c] !== b.data[k * b.columns + c]) first = c;
    }
  }
  return first;
}
