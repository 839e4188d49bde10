// Damage to the sound as a whole: clipping and hiss.

import type { Clip } from '../audio/clip.js';
import { keeper } from '../audio/kept.js';
import { rmsDbfs } from '../audio/spectrum.js';
import { type Content, musicIn, scaledTo, targetRms } from './content.js';
import type { ClippingDamage, HissDamage } from './damage.js';
import { noiseOf } from './noise.js';
import type { Place } from './terms.js';

/**
 * Cuts off the loudest round(share x samples) samples at the magnitude of the next one; samples of equal magnitude all
 * stay. Channels have one level.
 */
export function clipped(clip: Clip, { share }: ClippingDamage, place: Place): Content {
  const music = musicIn(clip, place);
  const magnitudes = lastMagnitudes(clip, [place.start, place.end].join(), () => sortedMagnitudes(music));
  const count = Math.min(Math.round(share * magnitudes.length), magnitudes.length - 1);
  const limit = magnitudes[magnitudes.length - 1 - count];
  return { channels: music.map((channel) => channel.map((v) => Math.max(-limit, Math.min(limit, v)))) };
}

const lastMagnitudes = keeper<Float32Array>();

function sortedMagnitudes(music: readonly Float32Array[]): Float32Array {
  const magnitudes = new Float32Array(music.length * music[0].length);
  music.forEach((channel, c) => {
    magnitudes.set(channel, c * channel.length);
  });
  for (let i = 0; i < magnitudes.length; i++) magnitudes[i] = Math.abs(magnitudes[i]);
  return magnitudes.sort();
}

/** Noise added at a ratio to the clip in the window. @throws when the window is silent: there is no ratio to it. */
export function hissed(clip: Clip, { snr, color = 'white', seed }: HissDamage, place: Place): Content {
  const sound = noiseOf(clip, place, { color, seed });
  const rms = targetRms(clip, 'match', place) * 10 ** (-snr / 20);
  const noise = scaledTo(clip, sound, { rms, what: `${color} noise` });
  const music = musicIn(clip, place);
  const channels = noise.map((channel, c) => channel.map((v, i) => v + music[c][i]));
  return { channels, levelDbfs: rmsDbfs(noise) };
}
