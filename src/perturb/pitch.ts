// Another pitch, another tempo, and a copy in another key over the music. Pitch is moved by stretching and reading faster.

import type { Clip } from '../audio/clip.js';
import { interpolator } from '../audio/interpolate.js';
import { valuesAt } from '../audio/interpolated.js';
import { keeper } from '../audio/kept.js';
import { rmsDbfs } from '../audio/spectrum.js';
import { counted } from '../counted.js';
import { type Content, musicIn, scaledTo, targetRms } from './content.js';
import type { ClashDamage, StretchDamage, TransposeDamage } from './damage.js';
import type { Place } from './terms.js';
import { stretchedPart } from './vocoder.js';

/** Stretched samples kept on either side of the window, for reading between them. */
const MARGIN = 256;

/** Another tempo. @throws when nothing is left of the window. */
export function stretched(clip: Clip, { factor }: StretchDamage, place: Place): Content {
  if (factor === 1) return { channels: musicIn(clip, place), stretched: place };
  const { sampleRate } = clip;
  const channels = stretchedPart(clip.channels, place, { factor, sampleRate }).map((channel) =>
    Float32Array.from(channel),
  );
  if (channels[0].length === 0) {
    throw new Error(
      `${clip.name}: nothing is left of a window of ${counted(place.end - place.start, 'sample')}`,
    );
  }
  return { channels, stretched: place };
}

/** Another pitch. */
export function transposed(clip: Clip, { semitones }: TransposeDamage, place: Place): Content {
  if (semitones === 0) return { channels: musicIn(clip, place) };
  return { channels: inKey(clip, semitones, place).map((channel) => Float32Array.from(channel)) };
}

/** A copy in another key, added. @throws when the window is silent: there is no level to mix it at. */
export function clashed(clip: Clip, { semitones, mix }: ClashDamage, place: Place): Content {
  const copy = semitones === 0 ? musicIn(clip, place) : inKey(clip, semitones, place);
  const rms = targetRms(clip, 'match', place) * 10 ** (mix / 20);
  const sound = scaledTo(clip, copy, { rms, what: 'the copy in another key' });
  const music = musicIn(clip, place);
  const channels = sound.map((channel, c) => channel.map((v, i) => v + music[c][i]));
  return { channels, levelDbfs: rmsDbfs(sound) };
}

const lastInKey = keeper<readonly Float64Array[]>();

function inKey(clip: Clip, semitones: number, place: Place): readonly Float64Array[] {
  const { start, end } = place;
  const { channels, sampleRate } = clip;
  return lastInKey(clip, [semitones, start, end].join(), () => {
    const speed = 2 ** (semitones / 12);
    const read = interpolator(speed);
    const longer = stretchedPart(channels, place, { factor: speed, sampleRate, margin: MARGIN });
    return longer.map((channel) => {
      // At or below the signal's speed a place has the same weights whatever the speed.
      if (speed <= 1) return valuesAt(channel, (i) => MARGIN + i * speed, end - start);
      const sound = new Float64Array(end - start);
      for (let i = 0; i < sound.length; i++) sound[i] = read(channel, MARGIN + i * speed);
      return sound;
    });
  });
}
