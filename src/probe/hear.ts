// A clip as scores take it: brought to one loudness and polarity, encoded, scored, and sent through the codec once more; notes at one mean velocity.
// No reference, no disturbance.

import type { Clip } from '../audio/clip.js';
import { frameRate } from '../audio/codes.js';
import { normalise } from '../audio/normalise.js';
import { encode } from '../loss/encode.js';
import { score } from '../loss/loss.js';
import { roundTrip } from '../loss/round_trip.js';
import { codecOf, type Model, readsNotes } from '../models/model.js';
import type { Heard } from '../scores/heard.js';
import { atVelocity, SCORED_VELOCITY } from '../symbolic/note_level.js';
import type { Passage } from '../symbolic/passage.js';
import { requireNotes } from './notes.js';
import type { ScoringOptions } from './probe.js';

/** How clips are brought to the model. A reference and the clips judged by it must agree in all of it. */
export interface Hearing {
  /** Integrated loudness in LUFS (BS.1770) that a clip is brought to, in one polarity; of notes the mean MIDI velocity; null: as it is. */
  readonly loudness: number | null;
  /** Seconds that are decoded and encoded again; 0: none, and the score round-trip is not defined. */
  readonly roundTrip: number;
}

/** A quieter clip has a lower loss, and a turned one a higher: clips are compared at one loudness and polarity. */
export const HEARING: Hearing = { loudness: -23, roundTrip: 3 };
/** Notes have no codec to go through. */
const NOTE_HEARING = { loudness: SCORED_VELOCITY, roundTrip: 0 } as const satisfies Hearing;

/** How a model's clips are brought to it. */
export function hearingOf(model: Pick<Model, 'step' | 'rows'>): Hearing {
  return readsNotes(model) ? NOTE_HEARING : HEARING;
}

/** @throws when the clip is silent or shorter than 400 ms, and must be brought to a loudness. */
export async function hear(
  model: Model,
  clip: Clip,
  { protocol, condition, ...options }: ScoringOptions & Partial<Hearing> = {},
): Promise<Heard> {
  const { loudness, roundTrip: seconds } = { ...HEARING, ...options };
  const codes = await encode(model, normalise(clip, loudness));
  const { values, entropy, spread } = await score(model, codes, {
    ...(protocol && { protocol }),
    ...(condition && { condition }),
  });
  const { codebooks, frames, data } = codes;
  const trip = seconds > 0 ? await roundTrip(model, codes, seconds) : undefined;
  return {
    ...{ codebooks, frames, frameRate: frameRate(codecOf(model).clock), codes: data, loss: values, entropy },
    ...(spread && { spread }),
    ...(trip && { roundTrip: trip.share, roundTripByFrame: { start: trip.start, values: trip.byFrame } }),
  };
}

/** Notes as scores take them. @throws when the model does not read notes. */
export async function hearNotes(
  model: Model,
  { name, codes: own, clock }: Passage,
  { protocol, condition }: ScoringOptions = {},
): Promise<Heard> {
  requireNotes(model, name);
  const codes = atVelocity(own, NOTE_HEARING.loudness);
  const { values, entropy, spread } = await score(model, codes, {
    ...(protocol && { protocol }),
    ...(condition && { condition }),
  });
  const { codebooks, frames, data } = codes;
  const times = clock.times ?? new Float64Array(0);
  return {
    ...{ codebooks, frames, times, codes: data, loss: values, entropy, frameRate: frameRate(clock) },
    ...(spread && { spread }),
  };
}
