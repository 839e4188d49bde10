// What each damage makes of its window: one line each.

import type { Clip } from '../audio/clip.js';
import type { FrameClock } from '../audio/codes.js';
import type { Content } from './content.js';
import type { Damage } from './damage.js';
import { clipped, hissed } from './distort.js';
import { bandLimited } from './filter.js';
import { amplified, delayed, dithered, inverted, resampled } from './harmless.js';
import { clashed, stretched, transposed } from './pitch.js';
import { bursts, collage, dropouts } from './scatter.js';
import { generatedPart, lossyPart, type Material } from './splice.js';
import type { Place } from './terms.js';
import { wowed } from './wow.js';

/** What stands in the window after a damage. @throws see the kinds. */
export function damaged(
  clip: Clip,
  damage: Damage,
  place: Place,
  { clock, material }: { clock: FrameClock; material: Material },
): Content {
  switch (damage.kind) {
    case 'clipping':
      return clipped(clip, damage, place);
    case 'lowpass':
    case 'highpass':
      return bandLimited(clip, damage, place);
    case 'hiss':
      return hissed(clip, damage, place);
    case 'dropouts':
      return dropouts(clip, damage, place, clock);
    case 'bursts':
      return bursts(clip, damage, place, clock);
    case 'collage':
      return collage(clip, damage, place, { clock, material });
    case 'wow':
      return wowed(clip, damage, place);
    case 'lossy':
      return lossyPart(clip, damage, place, material.lossy);
    case 'generated':
      return generatedPart(clip, damage, place, material.generated);
    case 'clash':
      return clashed(clip, damage, place);
    case 'transpose':
      return transposed(clip, damage, place);
    case 'stretch':
      return stretched(clip, damage, place);
    case 'gain':
      return amplified(clip, damage, place);
    case 'polarity':
      return inverted(clip, place);
    case 'delay':
      return delayed(clip, damage, place, clock);
    case 'dither':
      return dithered(clip, damage, place);
    case 'resample':
      return resampled(clip, damage, place);
  }
}
