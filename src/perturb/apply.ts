// Clip --perturb--> Clip + Event: the one entrance to everything that can be done to a clip.

import type { Clip } from '../audio/clip.js';
import type { FrameClock } from '../audio/codes.js';
import { rmsDbfs } from '../audio/spectrum.js';
import { noise } from './noise.js';
import type { Event, Perturbation } from './perturbation.js';
import { type Place, placeOf } from './place.js';

/** A disturbed clip (same name, rate and length) and what was done to it. */
export interface Disturbed {
  readonly clip: Clip;
  readonly event: Event;
}

/** Disturbs a clip that is at the clock's sample rate. @throws see placeOf and the kinds. */
export function perturb(clip: Clip, perturbation: Perturbation, clock: FrameClock): Disturbed {
  const place = placeOf(clip, perturbation, clock);
  const channels = disturbed(clip, perturbation, place);
  const event = { ...place, kind: perturbation.kind, levelDbfs: rmsDbfs(channels, place), perturbation };
  return { clip: { ...clip, channels }, event };
}

/** The channels after the disturbance; every kind changes samples inside the place only. */
function disturbed(clip: Clip, perturbation: Perturbation, place: Place): readonly Float32Array[] {
  switch (perturbation.kind) {
    case 'noise':
      return noise(clip, perturbation, place);
  }
}
