// The clip that the tests of disturbances disturb: small numbers, so that samples can be counted by hand.

import type { Clip } from '../../src/audio/clip.js';
import { generator, seedOf } from '../../src/stats/random.js';

/** 100 frames a second, ten samples each: a clip of 3 s is 3000 samples, 300 tokens. */
export const clock = { sampleRate: 1000, hop: 10 };

/** Seeded noise at -20 dBFS: no two samples are alike, so that every move can be seen. */
export function music(name: string, samples = 3000, channels = 2): Clip {
  const draw = Array.from({ length: channels }, (_, c) => generator(seedOf('music', name, c)).normal);
  const channel = (c: number) => Float32Array.from({ length: samples }, () => 0.1 * draw[c]());
  return { name, sampleRate: 1000, channels: Array.from({ length: channels }, (_, c) => channel(c)) };
}
