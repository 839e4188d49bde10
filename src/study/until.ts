// Until: scoring a disturbed version may end some seconds after its window. Models read from left to right, so the losses
// up to there are those of the whole version, to the bit; what needs the whole clip is then not measured.

import {
  type Codes,
  codesOf,
  type FrameClock,
  framesOf,
  rowsOf,
  sampleOfSeconds,
  secondsOfFrame,
} from '../audio/codes.js';
import type { LossAndEntropy } from '../models/language.js';
import type { Window } from '../regions/window.js';
import type { CellRow } from './row.js';

/** Seconds after the window. The levels beside a Peak and a Rebound are taken over the second after the window. */
export const SHORTEST_UNTIL = 1.5;

/** The frame before which scoring ends; undefined where the clip ends first, or nothing ends it. */
export function scoredEnd(
  { end }: Pick<Window, 'end'>,
  { frames, clock, until }: { readonly frames: number; readonly clock: FrameClock; readonly until?: number },
): number | undefined {
  if (until === undefined) return undefined;
  // Events are counted from where they begin.
  const last = clock.times
    ? framesOf(clock, sampleOfSeconds(clock, secondsOfFrame(clock, end) + until))
    : end + framesOf(clock, sampleOfSeconds(clock, until));
  return last < frames ? last : undefined;
}

/** Codes of the frames before `end`. */
export function codesBefore(codes: Codes, end: number): Codes {
  return codesOf(rowsOf(codes).map((row) => row.slice(0, end)));
}

/** The loss of the frames before `end`. */
export function lossBefore<T extends Pick<LossAndEntropy, 'codebooks' | 'frames' | 'values'>>(
  loss: T & Partial<Pick<LossAndEntropy, 'entropy' | 'spread'>>,
  end: number,
): T {
  const { codebooks, frames } = loss;
  const cut = (whole: Float32Array): Float32Array => {
    const values = new Float32Array(codebooks * end);
    for (let k = 0; k < codebooks; k++) values.set(whole.subarray(k * frames, k * frames + end), k * end);
    return values;
  };
  const { entropy, spread } = loss;
  return {
    ...{ ...loss, frames: end, values: cut(loss.values) },
    ...(entropy && { entropy: cut(entropy) }),
    ...(spread && { spread: cut(spread) }),
  };
}

/** Seconds after the window up to which a version was to be scored; undefined: to its end. */
export function untilOf({ spec }: Pick<CellRow, 'spec'>): number | undefined {
  // A row's own text: what `factsOf` of the plan wrote with JSON.stringify.
  const told: { readonly until?: number } = spec === null ? {} : JSON.parse(spec);
  return told.until;
}

/** Whether scoring ended before the version did: the row then has no mean loss. */
export function isCut(row: Pick<CellRow, 'status' | 'meanLoss'>): boolean {
  return row.status === 'ok' && row.meanLoss === null;
}
