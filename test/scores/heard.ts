// Clips as a model might hear them: losses around an entropy, with or without a burst.

import type { Heard } from '../../src/scores/heard.js';
import { generator, seedOf } from '../../src/stats/random.js';

export interface MadeUp {
  readonly name: string;
  readonly frames?: number;
  readonly codebooks?: number;
  /** Added to the loss of every code, nats. */
  readonly excess?: number;
  /** Taken off the loss inside [start, end). */
  readonly burst?: { readonly start: number; readonly end: number; readonly depth: number };
  /** Frames whose codes are three different ones, as a codec writes noise: [start, end). */
  readonly poor?: { readonly start: number; readonly end: number };
  /** Added to loss and entropy alike: how hard the music is. */
  readonly difficulty?: number;
  readonly roundTrip?: number;
}

export function heardClip(options: MadeUp): Heard {
  const { name, frames = 500, codebooks = 4, excess = 0, burst, poor, difficulty = 0, roundTrip } = options;
  const random = generator(seedOf(1, name, 'heard'));
  const size = codebooks * frames;
  const entropy = Float32Array.from({ length: size }, () => 4 + difficulty + 0.3 * random.normal());
  const loss = entropy.map((value, i) => {
    const t = i % frames;
    // As under the delay pattern: the last frames of the higher codebooks are undefined.
    if (t >= frames - Math.floor(i / frames)) return Number.NaN;
    const inside = burst !== undefined && t >= burst.start && t < burst.end;
    return value + excess + random.normal() - (inside ? burst.depth : 0);
  });
  return {
    ...{ codebooks, frames, frameRate: 50, loss },
    entropy: entropy.map((value, i) => (Number.isNaN(loss[i]) ? Number.NaN : value)),
    spread: loss.map((value, i) => (Number.isNaN(value) ? Number.NaN : 0.3 + (i % 7) / 4)),
    codes: Int32Array.from({ length: size }, (_, i) => {
      const inside = poor !== undefined && i % frames >= poor.start && i % frames < poor.end;
      return random.integer(64) % (inside ? 3 : 64);
    }),
    ...(roundTrip === undefined ? {} : { roundTrip, roundTripByFrame: tripOf(roundTrip, frames) }),
  };
}

/** Of the middle frames, in turn above and below the share. */
function tripOf(share: number, frames: number): NonNullable<Heard['roundTripByFrame']> {
  const values = Float64Array.from(
    { length: 2 * Math.floor(frames / 8) },
    (_, i) => share + (i % 2 ? -0.05 : 0.05),
  );
  return { start: Math.floor((frames - values.length) / 2), values };
}
