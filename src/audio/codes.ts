// Codes: what a neural codec makes of a clip, and FrameClock: the only place where seconds, samples and
// frames are turned into each other. The authors' scripts count samples/320 at a 50 Hz model; here nobody
// outside this file divides by a hop.

import { counted } from '../counted.js';

/** How frames lie on samples: frame f stands for samples [f*hop, (f+1)*hop). */
export interface FrameClock {
  /** Samples per second, from the codec's config.json (`sampling_rate`). */
  readonly sampleRate: number;
  /** Samples per frame: the product of `upsampling_ratios`. */
  readonly hop: number;
  /**
   * [T] when each position begins, seconds, where positions are events (notes). Samples then only count positions, and
   * sampleRate / hop is how many there are a second on average.
   */
  readonly times?: Float64Array;
}

/** What the positions of a clip are called, and the numbers that stand at each. */
export interface Terms {
  /** Of lengths and places: "100 tokens" of sound, as in the paper, and "100 notes". */
  readonly position: 'token' | 'note';
  /** One number of a position. */
  readonly number: 'code' | 'token';
  /** Unit of a mean loss. */
  readonly nats: string;
}

const OF_SOUND: Terms = { position: 'token', number: 'code', nats: 'nats per code' };
const OF_NOTES: Terms = { position: 'note', number: 'token', nats: 'nats per token of a note' };

/** The terms of frames of sound, or of notes: by a clock, or by what a model's step is. */
export function termsOf(of: Pick<FrameClock, 'times'> | 'frame' | 'event'): Terms {
  return of === 'event' || (typeof of === 'object' && of.times) ? OF_NOTES : OF_SOUND;
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

/** Start of a frame in seconds. Behind the last event, events follow each other as they do on average. */
export function secondsOfFrame(clock: FrameClock, frame: number): number {
  const { times } = clock;
  if (!times) return (frame * clock.hop) / clock.sampleRate;
  const last = times.length - 1;
  return frame <= last ? times[frame] : times[last] + (frame - last) / frameRate(clock);
}

/** Middle of a frame in seconds; of an event its beginning, since it has no width. */
export function middleOfFrame(clock: FrameClock, frame: number): number {
  return clock.times ? secondsOfFrame(clock, frame) : (frame + 0.5) / frameRate(clock);
}

/** Nearest sample to a time in seconds; of events the first that begins at that time or later. */
export function sampleOfSeconds(clock: FrameClock, seconds: number): number {
  const { times } = clock;
  if (!times) return Math.round(seconds * clock.sampleRate);
  const frame = times.findIndex((time) => time >= seconds - SLACK);
  return sampleOfFrame(clock, frame < 0 ? times.length : frame);
}

/** Of seconds that were added up: a note that begins at 7 s is not in a window from 5 s on that lasts 2 s. */
const SLACK = 1e-9;
/** Samples of an event: their number tells nothing, but rates are kept in whole samples. */
const EVENT_HOP = 1000;

/** The clock of events that begin at these times, in order. */
export function eventClock(times: Float64Array): FrameClock {
  const lasts = times[times.length - 1] - times[0];
  const rate = lasts > 0 ? (times.length - 1) / lasts : 1;
  return { sampleRate: Math.max(1, Math.round(EVENT_HOP * rate)), hop: EVENT_HOP, times };
}

/** Codes from rows [K][T]; throws when rows differ in length. */
export function codesOf(rows: readonly ArrayLike<number>[]): Codes {
  const frames = rows[0]?.length ?? 0;
  const data = new Int32Array(rows.length * frames);
  rows.forEach((row, k) => {
    if (row.length !== frames) {
      throw new Error(`codes: row ${k} has ${counted(row.length, 'frame')}, expected ${frames} as in row 0`);
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
