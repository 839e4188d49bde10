// Codes: what a neural codec makes of a clip, and FrameClock: the only place where seconds, samples and
// frames are turned into each other. The authors' scripts count samples/320 at a 50 Hz model; here nobody
// outside this file divides by a hop.

/** How frames lie on samples: frame f stands for samples [f*hop, (f+1)*hop). */
export interface FrameClock {
  /** Samples per second, from the codec's config.json (`sampling_rate`). */
  readonly sampleRate: number;
  /** Samples per frame: the product of `upsampling_ratios`. */
  readonly hop: number;
}

/** Residual vector quantiser indices of one clip. */
export interface Codes {
  /** K, codebooks (rows). */
  readonly codebooks: number;
  /** T, frames (columns). */
  readonly frames: number;
  /** [K, T] row-major, each in 0..V-1. */
  readonly data: Int32Array;
}

/** Frames per second. */
export function frameRate(clock: FrameClock): number {
  return clock.sampleRate / clock.hop;
}

/** Frames a codec makes of so many samples: ceil(samples / hop). */
export function framesOf(clock: FrameClock, samples: number): number {
  return Math.ceil(samples / clock.hop);
}

/** First sample of a frame. */
export function sampleOfFrame(clock: FrameClock, frame: number): number {
  return frame * clock.hop;
}

/** Frame that holds a sample. */
export function frameOfSample(clock: FrameClock, sample: number): number {
  return Math.floor(sample / clock.hop);
}

/** Start of a frame in seconds. */
export function secondsOfFrame(clock: FrameClock, frame: number): number {
  return (frame * clock.hop) / clock.sampleRate;
}

/** Nearest sample to a time in seconds. */
export function sampleOfSeconds(clock: FrameClock, seconds: number): number {
  return Math.round(seconds * clock.sampleRate);
}

/** Codes from rows [K][T]; throws when rows differ in length. */
export function codesOf(rows: readonly ArrayLike<number>[]): Codes {
  const frames = rows[0]?.length ?? 0;
  const data = new Int32Array(rows.length * frames);
  rows.forEach((row, k) => {
    if (row.length !== frames) {
      throw new Error(`codes: row ${k} has ${row.length} frames, expected ${frames} as in row 0`);
    }
    data.set(row, k * frames);
  });
  return { codebooks: rows.length, frames, data };
}

/** Rows [K][T] of codes, as views on the same memory. */
export function rowsOf(codes: Codes): Int32Array[] {
  return Array.from({ length: codes.codebooks }, (_, k) =>
    codes.data.subarray(k * codes.frames, (k + 1) * codes.frames),
  );
}
