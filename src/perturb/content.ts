// Content: what stands in a window afterwards. Each kind makes one from the clean clip; apply.ts puts it in its place,
// so that no kind can touch a sample outside its window.

import type { Clip } from '../audio/clip.js';
import { rms, rmsDbfs, SILENCE_DBFS } from '../audio/spectrum.js';
import type { Event, Level, Mode, Place } from './perturbation.js';

export interface Content extends Pick<Event, 'levelDbfs' | 'permutation' | 'block' | 'stretched'> {
  /** [channel][sample]; as long as the window, but after a deletion (empty) or a stretch. */
  readonly channels: readonly Float32Array[];
}

/** Samples of the clean clip in the window, as views. */
export function musicIn(clip: Clip, { start, end }: Place): Float32Array[] {
  return clip.channels.map((channel) => channel.subarray(start, end));
}

/**
 * Sound put into the window at a level. The RMS over the window and all channels is made exactly the target: the
 * sound is scaled by its own realised RMS. Peaks may exceed full scale; nothing is clipped.
 * @throws when the sound is silent, or the level is `match` and the window is: sound as loud as nothing disturbs
 * nothing, and a level from elsewhere would not be what was asked for.
 */
export function putIn(
  clip: Clip,
  sound: readonly (Float32Array | Float64Array)[],
  place: Place,
  { level, mode = 'replace', what }: { level: Level; mode?: Mode; what: string },
): Content {
  const scaled = scaledTo(clip, sound, { rms: targetRms(clip, level, place), what });
  const clean = musicIn(clip, place);
  const channels =
    mode === 'replace' ? scaled : scaled.map((channel, c) => channel.map((v, i) => v + clean[c][i]));
  return { channels, levelDbfs: rmsDbfs(scaled) };
}

/** The RMS that a level means in a window. @throws when it is `match` and the window is silent. */
export function targetRms(clip: Clip, level: Level, place: Place): number {
  return level === 'match' ? matched(clip, place) : 10 ** (level.dbfs / 20);
}

/** A sound made exactly so loud, by its own realised RMS. @throws when it is silent. */
export function scaledTo(
  clip: Clip,
  sound: readonly (Float32Array | Float64Array)[],
  { rms: target, what }: { rms: number; what: string },
): Float32Array[] {
  let power = 0;
  for (const channel of sound) for (let i = 0; i < channel.length; i++) power += channel[i] * channel[i];
  const own = Math.sqrt(power / (sound.length * sound[0].length));
  if (20 * Math.log10(own) < SILENCE_DBFS) {
    throw new Error(`${clip.name}: ${what} is silent over the whole window and has no level; take another`);
  }
  const gain = target / own;
  return sound.map((channel) => {
    const scaled = new Float32Array(channel.length);
    for (let i = 0; i < scaled.length; i++) scaled[i] = gain * channel[i];
    return scaled;
  });
}

/** RMS of the clip in the window. */
function matched(clip: Clip, place: Place): number {
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
