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
 * quantity (the first codebook is the easiest to predict), not a noisier version of the same one. Of a ragged loss NaN
 * where all rows are, since a position without a code there is whole without it.
 */
export function meanByFrame(loss: Loss): Float64Array {
  if (loss.ragged) return meanOfRows(loss.values, loss);
  const mean = new Float64Array(loss.frames);
  for (let k = 0; k < loss.codebooks; k++) {
    for (let t = 0; t < loss.frames; t++) mean[t] += loss.values[k * loss.frames + t] / loss.codebooks;
  }
  return mean;
}

/** [T] means over the rows of [K, T] that are defined at each position. */
export function meanOfRows(
  values: Float32Array | Float64Array,
  { codebooks, frames }: Pick<Loss, 'codebooks' | 'frames'>,
): Float64Array {
  return Float64Array.from({ length: frames }, (_, t) => {
    let [sum, count] = [0, 0];
    for (let k = 0; k < codebooks; k++) {
      const value = values[k * frames + t];
      if (Number.isNaN(value)) continue;
      sum += value;
      count++;
    }
    return count === 0 ? Number.NaN : sum / count;
  });
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
