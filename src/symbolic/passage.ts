// Passage: the notes of a score, or of a part of it, as a model of notes reads them, on an axis of events. What a clip is for sound.

import { type Codes, codesOf, eventClock, type FrameClock, rowsOf } from '../audio/codes.js';
import { noteTokens } from './note_tokens.js';
import type { Score } from './score.js';

export interface Passage {
  /** What the user called it. Seeds and errors are derived from it. */
  readonly name: string;
  /** [3, notes] as note_tokens.ts has them; onsets count from the passage's start, so that they are its time. */
  readonly codes: Codes;
  /** Of the notes. */
  readonly clock: FrameClock;
  /** Where bars begin, on the scale of onsets; empty where nobody knows. */
  readonly bars: Int32Array;
}

/** Onsets in a second. */
const STEPS = 100;

/**
 * The notes that begin within an excerpt (seconds of the score; default all), in the time of the excerpt.
 * @throws one line when there are none.
 */
export function passageOf(
  score: Score,
  { offset = 0, length }: { readonly offset?: number; readonly length?: number | undefined } = {},
): Passage {
  const { codes, seconds, bars } = noteTokens(score);
  const [notes, onsets, durations] = rowsOf(codes);
  // The model's own time, which is the score's but for tempi that the published tokenizer reads in its way.
  const shift = Math.round(STEPS * seconds[0]) - Math.round(STEPS * offset);
  const most = length === undefined ? Number.POSITIVE_INFINITY : STEPS * length;
  const kept = [...onsets.keys()].filter((i) => onsets[i] + shift >= 0 && onsets[i] + shift < most);
  if (kept.length === 0) {
    const last = seconds[seconds.length - 1].toFixed(2);
    throw new Error(
      `${score.name}: no note begins from ${offset} s on${length === undefined ? '' : ` within ${length} s`}, the last one at ${last} s; take another part`,
    );
  }
  const part = codesOf([
    kept.map((i) => notes[i]),
    kept.map((i) => onsets[i] + shift),
    kept.map((i) => durations[i]),
  ]);
  return { name: score.name, codes: part, clock: clockOf(part), bars: bars.map((step) => step + shift) };
}

/** Codes [3, notes] that were written down; of their bars nothing is known. */
export function passageOfCodes(codes: Codes, name: string): Passage {
  if (codes.codebooks !== 3 || codes.frames < 1) {
    throw new Error(`${name}: codes [${codes.codebooks}, ${codes.frames}], expected notes [3, 1 or more]`);
  }
  return { name, codes, clock: clockOf(codes), bars: new Int32Array(0) };
}

/** When notes begin: their onsets. */
export function clockOf(codes: Codes): FrameClock {
  return eventClock(Float64Array.from(rowsOf(codes)[1], (onset) => onset / STEPS));
}
