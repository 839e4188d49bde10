// Wow and flutter: the clip read at a speed that swings around 1.

import type { Clip } from '../audio/clip.js';
import { valuesAt } from '../audio/interpolated.js';
import { type Content, musicIn } from './content.js';
import type { WowDamage } from './damage.js';
import type { Place } from './terms.js';

/**
 * Time runs as t + a / (2 pi f) (1 - cos(2 pi f t)): from the window's start to its end exactly, at a speed of
 * 1 + a sin(2 pi f t). So the window meets the music around it, and reads no sample beyond its own end.
 */
export function wowed(clip: Clip, { depth, rate }: WowDamage, place: Place): Content {
  if (depth === 0) return { channels: musicIn(clip, place) };
  const samples = place.end - place.start;
  const swings = Math.max(1, Math.round((rate * samples) / clip.sampleRate));
  const phase = (2 * Math.PI * swings) / samples;
  const a = 2 ** (depth / 1200) - 1;
  const placeOf = (i: number): number => place.start + i + (a / phase) * (1 - Math.cos(phase * i));
  const channels = clip.channels.map((channel) => Float32Array.from(valuesAt(channel, placeOf, samples)));
  return { channels };
}
