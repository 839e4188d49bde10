// The condition of a decoder, as its graphs take it: a text to attend to, or a melody and a text that
// stand as rows before the first column.

import type { Tensor } from '../runtime.js';
import { type Conditioning, names } from './graph.js';

export interface Conditions {
  /** Two runs are under the same condition when these are equal. */
  readonly key: string;
  readonly conditioning: Conditioning;
  /** [C] pitch classes 0..11; `prepended` only. */
  readonly chroma: Int32Array;
  /** [L, hidden]: the text's states, attended to, or rows after the chroma. */
  readonly text: Float32Array;
}

export const UNCONDITIONAL: Conditions = {
  key: 'none',
  conditioning: 'none',
  chroma: new Int32Array(0),
  text: new Float32Array(0),
};

/** C + L. */
export function rowsTold({ chroma, text }: Conditions, hidden: number): number {
  return chroma.length + text.length / hidden;
}

/** How many of them stand before the first column. */
export function rowsBefore(conditions: Conditions, hidden: number): number {
  return conditions.conditioning === 'prepended' ? rowsTold(conditions, hidden) : 0;
}

/**
 * Null conditions in as many rows: a melody of nothing but C, a text of zero vectors. What guidance steers
 * away from. In Hugging Face and audiocraft it has the length of the text, too.
 */
export function sayingNothing({ conditioning, chroma, text }: Conditions): Conditions {
  return {
    key: `nothing in place of ${chroma.length} and ${text.length}`,
    conditioning,
    chroma: new Int32Array(chroma.length),
    text: new Float32Array(text.length),
  };
}

/**
 * Rows [start, end) of the conditions of some sequences, as graphs take them: row by row, within it sequence by
 * sequence. All sequences have equally many rows.
 */
export function rowFeeds(
  sequences: readonly Conditions[],
  { start, end, hidden }: { readonly start: number; readonly end: number; readonly hidden: number },
): Readonly<Record<string, Tensor>> {
  const [{ conditioning, chroma }] = sequences;
  if (conditioning === 'none') return {};
  const classes: number[] = [];
  const states: Float32Array[] = [];
  for (let row = start; row < end; row++) {
    const at = (row - chroma.length) * hidden;
    for (const one of sequences) {
      if (row < chroma.length) classes.push(one.chroma[row]);
      else states.push(one.text.subarray(at, at + hidden));
    }
  }
  const text = new Float32Array(states.length * hidden);
  for (const [i, state] of states.entries()) text.set(state, i * hidden);
  const feeds = { [names.text]: { type: 'float32', dims: [states.length, hidden], data: text } } as const;
  if (conditioning === 'cross') return feeds;
  const pitches = { type: 'int32', dims: [classes.length], data: Int32Array.from(classes) } as const;
  return { ...feeds, [names.chroma]: pitches };
}
