// Sounds made for the window: noise (eq. 2 of the paper), a tone, a click. On the waveform, before the codec; noise and
// tone begin and end hard, as in the paper.

import { type Clip, stem } from '../audio/clip.js';
import { keeper } from '../audio/kept.js';
import { generator, seedOf } from '../stats/random.js';
import { colored } from './color.js';
import { type Content, musicIn, putIn } from './content.js';
import type {
  ClickPerturbation,
  NoiseColor,
  NoisePerturbation,
  Place,
  TonePerturbation,
} from './perturbation.js';

/** Gaussian noise of a colour; see noiseOf for what it is drawn by. */
export function noise(clip: Clip, { color, seed, level, mode }: NoisePerturbation, place: Place): Content {
  return putIn(clip, noiseOf(clip, place, { color, seed }), place, { level, mode, what: `${color} noise` });
}

/**
 * Gaussian noise of a colour, drawn independently for each channel; its level is not normalised.
 *
 * Seed: (seed, clip stem, 'noise', colour, channel, first sample), without length and level: a longer window at
 * the same place begins with the same noise up to its gain, so that lengths are compared on paired noise.
 */
export function noiseOf(
  clip: Clip,
  { start, end }: Place,
  { color, seed }: { color: NoiseColor; seed: number },
): readonly Float64Array[] {
  return lastNoise(clip, [color, seed, start, end].join(), () =>
    clip.channels.map((_, c) => {
      const random = generator(seedOf(seed, stem(clip), 'noise', color, c, start));
      return colored(color, end - start, clip.sampleRate, random);
    }),
  );
}

const lastNoise = keeper<readonly Float64Array[]>();

/** A sine from phase 0. @throws when its frequency is not between 0 and half the sample rate. */
export function tone(clip: Clip, perturbation: TonePerturbation, place: Place): Content {
  const { hz, level, mode } = perturbation;
  if (!(hz > 0 && hz < clip.sampleRate / 2)) {
    throw new Error(
      `${clip.name}: a tone of ${hz} Hz cannot be had at ${clip.sampleRate} Hz; expected more than 0 and less than ` +
        `${clip.sampleRate / 2}`,
    );
  }
  const sine = Float64Array.from({ length: place.end - place.start }, (_, i) =>
    Math.sin((2 * Math.PI * hz * i) / clip.sampleRate),
  );
  const sound = clip.channels.map(() => sine);
  return putIn(clip, sound, place, { level, mode, what: `a tone of ${hz} Hz` });
}

/** A rectangular pulse added to the music. */
export function click(clip: Clip, { level }: ClickPerturbation, place: Place): Content {
  const pulse = musicIn(clip, place).map((channel) => new Float32Array(channel.length).fill(1));
  return putIn(clip, pulse, place, { level, mode: 'add', what: 'a click' });
}
