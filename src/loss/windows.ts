// Clips longer than a model can read at once, in windows that overlap: memory is that of one window, and positions stay
// where training put them. What a frame's loss knows of the past is at least the overlap, at most the window.

import { type Codes, codesOf, rowsOf } from '../audio/codes.js';
import { counted } from '../counted.js';
import { lagOf } from '../models/language.js';
import { languageOf, type Model } from '../models/model.js';
import { type LossAndEntropy, type ScoreOptions, score } from './loss.js';

/** Frames of a window, and frames at its start that are read but not scored (not in the first one). */
export interface Windows {
  readonly frames: number;
  readonly overlap: number;
}

export interface WindowedOptions extends ScoreOptions {
  readonly windows: Windows;
  /** Hears of every window that is done, when there are several. */
  readonly onWindow?: ((done: number, of: number) => void) | undefined;
}

/**
 * Scores codes [K, T] window by window under the options of `score`. A clip of at most one window gets what `score` gives;
 * of a longer one, frame t is scored in the first window that holds it beyond the overlap. Each window reads some frames
 * more than it scores, so that the frames which the delay pattern leaves undefined are undefined at the clip's end only.
 * @throws when the overlap leaves nothing of a window to score.
 */
export async function scoreInWindows(
  model: Model,
  codes: Codes,
  { windows, onWindow, ...options }: WindowedOptions,
): Promise<LossAndEntropy> {
  const { frames: width, overlap } = windows;
  // The largest of all protocols, so that their seams are the same.
  const lag = Math.max(...(await languageOf(model)).protocols.map(lagOf));
  const step = width - overlap - lag;
  if (!Number.isInteger(width) || !Number.isInteger(overlap) || overlap < 1 || step < 1) {
    throw new Error(
      `${model.name}: windows of ${counted(width, 'frame')} with ${overlap} of overlap and ${lag} of delay leave ${step} to score; ` +
        'expected an overlap of at least 1, and windows longer than both',
    );
  }
  const { codebooks, frames } = codes;
  if (frames <= width) return score(model, codes, options);
  const rows = rowsOf(codes);
  const values = new Float32Array(codebooks * frames);
  const entropy = new Float32Array(codebooks * frames);
  let spread: Float32Array | undefined;
  let { protocol = '' } = options;
  let ragged: true | undefined;
  const count = 1 + Math.ceil((frames - width) / step);
  for (let start = 0, done = 0, window = 1; done < frames; start = done - overlap, window++) {
    const end = Math.min(frames, start + width);
    const loss = await score(model, codesOf(rows.map((row) => row.subarray(start, end))), options);
    protocol = loss.protocol;
    ragged = loss.ragged;
    const to = end === frames ? end : end - lag;
    for (let k = 0; k < codebooks; k++) {
      const [from, until] = [k * loss.frames + done - start, k * loss.frames + to - start];
      values.set(loss.values.subarray(from, until), k * frames + done);
      entropy.set(loss.entropy.subarray(from, until), k * frames + done);
      if (loss.spread) {
        spread ??= new Float32Array(codebooks * frames);
        spread.set(loss.spread.subarray(from, until), k * frames + done);
      }
    }
    done = to;
    onWindow?.(window, count);
  }
  return {
    protocol,
    codebooks,
    frames,
    values,
    entropy,
    ...(spread && { spread }),
    ...(ragged && { ragged }),
  };
}
