// Delta: disturbed minus clean, on the frame axis (eq. 4 of the paper).

import type { Loss } from './loss.js';
import { meanOfRows } from './means.js';

/** Token-wise loss difference of two versions of one clip. */
export interface Delta {
  /** K. */
  readonly codebooks: number;
  /** T: frames of both. */
  readonly frames: number;
  /** [K, T] row-major, nats; NaN where either loss is undefined. */
  readonly values: Float64Array;
  /** [T] mean over codebooks, nats; NaN where any codebook is undefined, of ragged losses where all are. */
  readonly mean: Float64Array;
}

/** disturbed - clean. Both must have been scored by the same protocol on the same number of frames. */
export function difference(clean: Loss, disturbed: Loss): Delta {
  if (clean.protocol !== disturbed.protocol) {
    throw new Error(
      `delta: protocols differ (clean: ${clean.protocol}, disturbed: ${disturbed.protocol}); score both by one`,
    );
  }
  if (clean.codebooks !== disturbed.codebooks || clean.frames !== disturbed.frames) {
    throw new Error(
      `delta: shapes differ (clean: [${clean.codebooks}, ${clean.frames}], disturbed: ` +
        `[${disturbed.codebooks}, ${disturbed.frames}]); the disturbance must keep the length`,
    );
  }
  const { codebooks, frames } = clean;
  const values = Float64Array.from(clean.values, (value, i) => disturbed.values[i] - value);
  if (clean.ragged) return { codebooks, frames, values, mean: meanOfRows(values, clean) };
  const mean = new Float64Array(frames);
  for (let i = 0; i < values.length; i++) mean[i % frames] += values[i] / codebooks;
  return { codebooks, frames, values, mean };
}
