// Means of a loss over its codes, codebooks, channels and frames: arithmetic, for pages too.

import type { Loss } from '../models/language.js';

/** Rows [K][T] of a loss as plain arrays, NaN where undefined (JSON.stringify writes null). */
export function rowsOfLoss(loss: Loss): number[][] {
  return Array.from({ length: loss.codebooks }, (_, k) =>
    Array.from(loss.values.subarray(k * loss.frames, (k + 1) * loss.frames)),
  );
}

/** Mean over all defined codes, nats per code. */
export function meanLoss(loss: Loss): number {
  return meanOfDefined(loss.values);
}

/** [K] means over the defined frames of each codebook, nats. */
export function meanByCodebook(loss: Loss): number[] {
  return Array.from({ length: loss.codebooks }, (_, k) =>
    meanOfDefined(loss.values.subarray(k * loss.frames, (k + 1) * loss.frames)),
  );
}

/** Means by channel over the defined codes, nats: left and right of a stereo model, whose rows alternate. */
export function meanByChannel(loss: Loss, channels: number): number[] {
  return Array.from({ length: channels }, (_, channel) =>
    meanOfDefined(loss.values.filter((_value, i) => Math.floor(i / loss.frames) % channels === channel)),
  );
}

/**
 * [T] means over codebooks, nats. NaN where any codebook is undefined: a mean over fewer codebooks is another
 * quantity (the first codebook is the easiest to predict), not a noisier version of the same one.
 */
export function meanByFrame(loss: Loss): Float64Array {
  const mean = new Float64Array(loss.frames);
  for (let k = 0; k < loss.codebooks; k++) {
    for (let t = 0; t < loss.frames; t++) mean[t] += loss.values[k * loss.frames + t] / loss.codebooks;
  }
  return mean;
}

function meanOfDefined(values: Float32Array): number {
  let sum = 0;
  let count = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    sum += value;
    count++;
  }
  return count === 0 ? Number.NaN : sum / count;
}
