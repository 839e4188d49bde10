// The poorest stretch of a clip: a window whose codes are far fewer different ones than those of its other windows, as inside
// noise, which a codec writes with a handful of codes.

import { mean } from '../stats/describe.js';
import { ownCodeEntropy } from './by_frame.js';
import { type Heard, heardFrames } from './heard.js';

/** Lengths of windows in frames: half a second to two seconds at 50 frames a second. */
const LENGTHS = [25, 50, 100] as const;
/** What rounding leaves between windows that are alike: no depth. */
const ROUNDING = 1e-9;

/** The window that lies lowest under the mean of its length. */
export interface Poorest {
  /** ln of (mean entropy of the windows of that length - its own) / entropy of the clip's codes; NaN where no two windows differ. */
  readonly value: number;
  /** Frames [start, end) of the clip; -1 where there is none. */
  readonly start: number;
  readonly end: number;
}

export function poorestIn(heard: Heard): Poorest {
  const { first } = heardFrames(heard);
  let best: Poorest = { value: Number.NaN, start: -1, end: -1 };
  for (const { length, values } of depths(heard)) {
    for (const [i, value] of values.entries()) {
      if (!Number.isNaN(value) && !(value <= best.value))
        best = { value, start: first + i, end: first + i + length };
    }
  }
  return best;
}

/** [n] by frame of scores: the value of the best window that has the frame in its middle; NaN where none lies under its mean. */
export function poorestByMiddle(heard: Heard): Float64Array {
  const { first, end } = heardFrames(heard);
  const curve = new Float64Array(end - first).fill(Number.NaN);
  for (const { length, values } of depths(heard)) {
    for (const [i, value] of values.entries()) {
      const middle = i + Math.floor(length / 2);
      if (!Number.isNaN(value) && !(value <= curve[middle])) curve[middle] = value;
    }
  }
  return curve;
}

/** Of every window of each length: ln of how far its entropy lies under their mean, in entropies of the clip's codes; NaN where it does not. */
function depths(heard: Heard): { readonly length: number; readonly values: Float64Array }[] {
  const own = ownCodeEntropy(heard);
  return LENGTHS.flatMap((length) => {
    const entropies = windowEntropies(heard, length);
    if (entropies.length < 2) return [];
    const centre = mean(entropies);
    const logDepth = (entropy: number): number => {
      const depth = (centre - entropy) / own;
      return depth > ROUNDING ? Math.log(depth) : Number.NaN;
    };
    return [{ length, values: entropies.map(logDepth) }];
  });
}

/** [T - length + 1] over the frames of scores: plug-in entropy of the codes of each window, in nats, mean over codebooks. */
function windowEntropies(heard: Heard, length: number): Float64Array {
  const { codebooks, frames, codes } = heard;
  const { first, end } = heardFrames(heard);
  const entropies = new Float64Array(Math.max(0, end - first - length + 1));
  const logs = Float64Array.from({ length: length + 2 }, (_, n) => (n === 0 ? 0 : n * Math.log(n)));
  for (let k = 0; k < codebooks; k++) {
    const row = codes.subarray(k * frames + first, k * frames + end);
    const counts = new Map<number, number>();
    // Sum of n ln n over the codes of the window, kept up to date as it moves on.
    let sum = 0;
    const change = (code: number, by: 1 | -1): void => {
      const count = counts.get(code) ?? 0;
      sum += logs[count + by] - logs[count];
      counts.set(code, count + by);
    };
    for (const [t, code] of row.entries()) {
      if (t >= length) change(row[t - length], -1);
      change(code, 1);
      if (t >= length - 1) entropies[t - length + 1] += (Math.log(length) - sum / length) / codebooks;
    }
  }
  return entropies;
}
