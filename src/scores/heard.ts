// What a score is computed from: losses, entropies and codes of one version of one clip. No clean version is needed.

/** One version of a clip, scored. Arrays are [K, T] row-major. */
export interface Heard {
  /** K and T. */
  readonly codebooks: number;
  readonly frames: number;
  /** Codes a second on the frame axis. */
  readonly frameRate: number;
  /** Nats; NaN where the protocol leaves it undefined. */
  readonly loss: Float32Array;
  /** Nats: entropy of the distribution that predicted each code; NaN where the loss is. */
  readonly entropy: Float32Array;
  readonly codes: Int32Array;
  /** Share of codes, 0 to 1, that come out otherwise when the sound is decoded and encoded again; absent if not measured. */
  readonly roundTrip?: number;
  /** Nats: the loss without the condition that `loss` was scored under; absent if not measured. */
  readonly unconditional?: Float32Array;
  /** Nats: the loss of the second half after another clip's first half, NaN before; absent if not measured. */
  readonly foreignPast?: Float32Array;
}

/** Seconds at a clip's start that scores leave out: the model has little context there. */
const WARM_UP = 1;

/**
 * Frames [first, end) that scores are computed over: after the first second (a quarter of the clip, if that is less),
 * up to where some codebook is undefined.
 */
export function heardFrames({ codebooks, frames, frameRate, loss }: Heard): {
  readonly first: number;
  readonly end: number;
} {
  const defined = (t: number): boolean => {
    for (let k = 0; k < codebooks; k++) if (Number.isNaN(loss[k * frames + t])) return false;
    return true;
  };
  let end = frames;
  while (end > 0 && !defined(end - 1)) end--;
  let first = Math.min(Math.round(WARM_UP * frameRate), Math.floor(end / 4));
  while (first < end && !defined(first)) first++;
  return { first, end };
}

/** [T] mean over codebooks of `of(i)`, i = k T + t; NaN where any codebook is undefined. */
export function overCodebooks({ codebooks, frames }: Heard, of: (i: number) => number): Float64Array {
  const means = new Float64Array(frames);
  for (let t = 0; t < frames; t++) {
    let sum = 0;
    for (let k = 0; k < codebooks; k++) sum += of(k * frames + t);
    means[t] = sum / codebooks;
  }
  return means;
}
