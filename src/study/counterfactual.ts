// The amnesia index compares a tail y of the clip after three contexts: the music before it and the disturbance (p, n), the
// music alone (p), the disturbance alone (n). Contexts are put together from codes, so that y is the same codes
// in all three.

import type { Codes } from '../audio/codes.js';
import type { LossAndEntropy } from '../loss/loss.js';
import type { Window } from '../regions/window.js';
import type { ContextName } from './row.js';

/** Codes of a context followed by the tail, and the frame at which the tail begins. */
export interface Contexted {
  readonly codes: Codes;
  readonly tail: number;
}

/**
 * @param clean codes of the clip: p = frames [0, start), y = frames [end, T).
 * @param disturbed codes of its disturbed version, as long: n = frames [start, end).
 * @throws when nothing is left of what the context needs.
 */
export function inContext(
  context: ContextName,
  { clean, disturbed, window }: { readonly clean: Codes; readonly disturbed: Codes; readonly window: Window },
): Contexted {
  const { start, end } = window;
  if (start === 0 || end >= clean.frames) {
    throw new Error(
      `amnesia: the window [${start}, ${end}) leaves no music ${start === 0 ? 'before' : 'after'} it; move it into the clip`,
    );
  }
  const prefix = { codes: clean, from: 0, to: start };
  const noise = { codes: disturbed, from: start, to: end };
  const tail = { codes: clean, from: end, to: clean.frames };
  const before = { 'prefix+noise': [prefix, noise], prefix: [prefix], noise: [noise] }[context];
  return {
    codes: joined([...before, tail]),
    tail: before.reduce((sum, { from, to }) => sum + to - from, 0),
  };
}

/** The loss of the frames from `tail` on. */
export function tailOf(loss: LossAndEntropy, tail: number): LossAndEntropy {
  const frames = loss.frames - tail;
  const cut = (whole: Float32Array): Float32Array => {
    const values = new Float32Array(loss.codebooks * frames);
    for (let k = 0; k < loss.codebooks; k++) {
      values.set(whole.subarray(k * loss.frames + tail, (k + 1) * loss.frames), k * frames);
    }
    return values;
  };
  const { entropy, spread } = loss;
  return {
    ...{ ...loss, frames, values: cut(loss.values), entropy: cut(entropy) },
    ...(spread && { spread: cut(spread) }),
  };
}

function joined(
  parts: readonly { readonly codes: Codes; readonly from: number; readonly to: number }[],
): Codes {
  const [
    {
      codes: { codebooks },
    },
  ] = parts;
  const frames = parts.reduce((sum, { from, to }) => sum + to - from, 0);
  const data = new Int32Array(codebooks * frames);
  for (let k = 0; k < codebooks; k++) {
    let at = k * frames;
    for (const { codes, from, to } of parts) {
      data.set(codes.data.subarray(k * codes.frames + from, k * codes.frames + to), at);
      at += to - from;
    }
  }
  return { codebooks, frames, data };
}
