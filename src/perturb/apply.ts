// Clip --perturb--> Clip + Event: the one entrance to everything that can be done to a clip.

import { type Clip, sampleCount } from '../audio/clip.js';
import type { FrameClock } from '../audio/codes.js';
import { type Content, musicIn } from './content.js';
import { damaged } from './damages.js';
import { requireOfSound } from './medium.js';
import { click, noise, tone } from './noise.js';
import type { Event, Perturbation, Place } from './perturbation.js';
import { axisOf, placeOf } from './place.js';
import { deleted, repeated, reversed, shuffled } from './reorder.js';
import { foreign, type Material, reencoded, silence } from './splice.js';
import { eventsOf, spliced } from './timeline.js';

/** A disturbed clip (same name and rate; shorter after a deletion) and what was done to it. */
export interface Disturbed {
  readonly clip: Clip;
  readonly event: Event;
}

/**
 * Disturbs a clip that is at the clock's sample rate; `material` is what a foreign splice or a round trip takes its
 * sound from. @throws see placeOf and the kinds.
 */
export function perturb(
  clip: Clip,
  perturbation: Perturbation,
  clock: FrameClock,
  material: Material = {},
): Disturbed {
  const { clip: disturbed, events } = perturbAll(clip, [perturbation], clock, material);
  return { clip: disturbed, event: events[0] };
}

/**
 * Disturbs a clip in several places; events in the order of the perturbations. Every place names the clean clip's
 * time, also after a deletion, and every kind reads the clean clip: the result does not depend on the order.
 * @throws also when two windows overlap: what is done there twice would.
 */
export function perturbAll(
  clip: Clip,
  perturbations: readonly Perturbation[],
  clock: FrameClock,
  material: Material = {},
): { readonly clip: Clip; readonly events: readonly Event[] } {
  const made = perturbations.map((perturbation) => {
    requireOfSound(clip.name, perturbation);
    const place = placeOf(axisOf(clip), perturbation, clock);
    const { channels, ...facts } = contentOf(clip, perturbation, place, { clock, material });
    return { perturbation, place, samples: channels[0].length, facts, channels };
  });
  const events = eventsOf(clip.name, made, sampleCount(clip));
  const channels = clip.channels.map((clean, c) =>
    spliced(
      clean,
      made.map(({ place, channels: contents }) => ({ ...place, content: contents[c] })),
      (length) => new Float32Array(length),
    ),
  );
  return { clip: { ...clip, channels }, events };
}

/** What stands in the window afterwards. */
function contentOf(
  clip: Clip,
  perturbation: Perturbation,
  place: Place,
  { clock, material }: { clock: FrameClock; material: Material },
): Content {
  switch (perturbation.kind) {
    case 'noise':
      return noise(clip, perturbation, place);
    case 'tone':
      return tone(clip, perturbation, place);
    case 'click':
      return click(clip, perturbation, place);
    case 'silence':
      return silence(clip, place);
    case 'foreign':
      return foreign(clip, perturbation, place, { clock, material });
    case 'shuffle':
      return shuffled(clip, perturbation, place, clock);
    case 'delete':
      return deleted(clip);
    case 'repeat':
      return repeated(clip, perturbation, place, clock);
    case 'reverse':
      return reversed(clip, perturbation, place, clock);
    case 'reencode':
      return reencoded(clip, perturbation, place, material.roundTrips);
    case 'identity':
      return { channels: musicIn(clip, place) };
    case 'nonsense':
    case 'bars':
    case 'wrong':
    case 'jitter':
    case 'missing':
    case 'dynamics':
      throw new TypeError(`${perturbation.kind} came through`);
    default:
      return damaged(clip, perturbation, place, { clock, material });
  }
}
