// What a score is computed from: losses, entropies and codes of one version of one clip. No clean version is needed.

/** One version of a clip, scored. Arrays are [K, T] row-major. */
export interface Heard {
  /** K and T. */
  readonly codebooks: number;
  readonly frames: number;
  /** Codes a second on the frame axis; of notes on average. */
  readonly frameRate: number;
  /** [T] seconds at which each position begins, of notes: a position may lack a row (a drum has no duration). Absent of frames. */
  readonly times?: Float64Array;
  /** Nats; NaN where the protocol leaves it undefined. */
  readonly loss: Float32Array;
  /** Nats: entropy of the distribution that predicted each code; NaN where the loss is. */
  readonly entropy: Float32Array;
  /** Nats: standard deviation of -log p over that distribution; NaN where the loss is. Absent where it was not kept. */
  readonly spread?: Float32Array;
  readonly codes: Int32Array;
  /** Share of codes, 0 to 1, that come out otherwise when the sound is decoded and encoded again; absent if not measured. */
  readonly roundTrip?: number;
  /** The same by frame, from frame `start` on; absent if not kept. */
  readonly roundTripByFrame?: { readonly start: number; readonly values: Float64Array };
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
export function heardFrames(heard: Heard): { readonly first: number; readonly end: number } {
  const { codebooks, frames, frameRate, times, loss } = heard;
  const defined = (t: number): boolean => {
    const rows = Array.from({ length: codebooks }, (_, k) => !Number.isNaN(loss[k * frames + t]));
    return times ? rows.includes(true) : !rows.includes(false);
  };
  let end = frames;
  while (end > 0 && !defined(end - 1)) end--;
  const warmUp = times
    ? times.filter((time) => time < times[0] + WARM_UP).length
    : Math.round(WARM_UP * frameRate);
  let first = Math.min(warmUp, Math.floor(end / 4));
  while (first < end && !defined(first)) first++;
  return { first, end };
}

/** Seconds at which a position begins; behind the last note they follow each other as they do on average. */
export function secondsAt({ frames, frameRate, times }: Heard, position: number): number {
  if (!times) return position / frameRate;
  return position < frames ? times[position] : times[frames - 1] + (position - frames + 1) / frameRate;
}

/**
 * [T] mean over codebooks of `of(i)`, i = k T + t; NaN where any codebook is undefined. Of notes the mean over the rows that
 * each has.
 */
export function overCodebooks(heard: Heard, of: (i: number) => number): Float64Array {
  const { codebooks, frames } = heard;
  if (heard.times) return overRows(heard, of);
  const means = new Float64Array(frames);
  for (let t = 0; t < frames; t++) {
    let sum = 0;
    for (let k = 0; k < codebooks; k++) sum += of(k * frames + t);
    means[t] = sum / codebooks;
  }
  return means;
}

function overRows({ codebooks, frames }: Heard, of: (i: number) => number): Float64Array {
  return Float64Array.from({ length: frames }, (_, t) => {
    const values = Array.from({ length: codebooks }, (_, k) => of(k * frames + t));
    const own = values.filter((value) => !Number.isNaN(value));
    return own.reduce((sum, value) => sum + value, 0) / own.length;
  });
}
