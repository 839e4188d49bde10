// Noise in place of a window (eq. 2 of the paper): x'_i = x_i outside, noise inside, on the waveform, before the
// codec. No crossfade: every sample outside keeps its bits.

import { type Clip, stem } from '../audio/clip.js';
import { rms, SILENCE_DBFS } from '../audio/spectrum.js';
import { generator, seedOf } from '../stats/random.js';
import type { NoisePerturbation } from './perturbation.js';
import type { Place } from './place.js';

/**
 * The channels with the window replaced by white Gaussian noise, drawn independently for each channel.
 *
 * Level: the RMS over the window and all channels is made exactly the target: the noise is scaled by its own
 * realised RMS, not by its expectation. `match` is the clip's RMS in the same window. Peaks may exceed full
 * scale (a Gaussian's do above about -12 dBFS); nothing is clipped.
 *
 * Seed: (seed, clip stem, kind, colour, channel, first sample), without length and level: a longer window at
 * the same place begins with the same noise up to its gain, so that lengths are compared on paired noise.
 * @throws when the level is `match` and the window is silent (below -90 dBFS): noise as loud as nothing
 * disturbs nothing, and a level from elsewhere would not be what was asked for.
 */
export function noise(clip: Clip, perturbation: NoisePerturbation, place: Place): readonly Float32Array[] {
  const { color, seed } = perturbation;
  const target = targetRms(clip, perturbation, place);
  const drawn = clip.channels.map((_, c) => {
    const random = generator(seedOf(seed, stem(clip), 'noise', color, c, place.start));
    return Float64Array.from({ length: place.end - place.start }, random.normal);
  });
  const power = drawn.reduce((sum, channel) => channel.reduce((s, v) => s + v * v, sum), 0);
  const gain = target / Math.sqrt(power / (drawn.length * (place.end - place.start)));
  return clip.channels.map((channel, c) => {
    const out = channel.slice();
    drawn[c].forEach((value, i) => {
      out[place.start + i] = gain * value;
    });
    return out;
  });
}

function targetRms(clip: Clip, { level }: NoisePerturbation, place: Place): number {
  if (level !== 'match') return 10 ** (level.dbfs / 20);
  const own = rms(clip.channels, place);
  const dbfs = 20 * Math.log10(own);
  if (dbfs < SILENCE_DBFS) {
    throw new Error(
      `${clip.name}: the window [${place.start}, ${place.end}) is silent (${dbfs.toFixed(0)} dBFS), there is no ` +
        'level to match; give one (-20dB), or another place',
    );
  }
  return own;
}
