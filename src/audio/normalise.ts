// A clip as scores take it: at one loudness and in one polarity. A model that has met instruments in one polarity hears
// turned sound as less likely, though no ear does.

import { type Clip, sampleCount } from './clip.js';
import { amplified, gainTo } from './loudness.js';

/**
 * The clip at a loudness (LUFS, BS.1770), turned if its skewness is positive; null: as it is. A clip and the same clip turned, or louder,
 * give the same samples, up to the rounding of the gain.
 * @throws when it is silent or shorter than 400 ms: it has no loudness to change.
 */
export function normalise(clip: Clip, targetLufs: number | null): Clip {
  if (targetLufs === null) return clip;
  return amplified(clip, gainTo(clip, targetLufs) * (thirdMoment(clip) > 0 ? -1 : 1));
}

/** Third central moment of the sum of all channels; of a turned clip it is the same number with the other sign. */
function thirdMoment(clip: Clip): number {
  const count = sampleCount(clip);
  const sum = new Float64Array(count);
  for (const channel of clip.channels) for (let i = 0; i < count; i++) sum[i] += channel[i];
  let total = 0;
  for (let i = 0; i < count; i++) total += sum[i];
  const centre = total / count;
  let cubes = 0;
  for (let i = 0; i < count; i++) cubes += (sum[i] - centre) ** 3;
  return cubes;
}
