// Notes of one piece, open: nothing to encode, and versions are made of the codes themselves.

import type { Codes } from '../audio/codes.js';
import { type KeptScoring, keepScoring } from '../loss/keep.js';
import { outcomeOf } from '../probe/ahead.js';
import { cleanNotes, disturbedNotes, notesMap, requireNotes } from '../probe/notes.js';
import { atVelocity, SCORED_VELOCITY } from '../symbolic/note_level.js';
import { clockOf } from '../symbolic/passage.js';
import type { ClipJob } from './plan.js';
import { type Subject, type SubjectSources, spanOf } from './subject.js';
import { scoredEnd } from './until.js';

/** Reads the notes of a clip. @throws one line when they cannot be read, or the model takes sound. */
export async function openNotes(
  { model: { model, condition }, item }: Pick<ClipJob, 'model' | 'item'>,
  { library, excerpt, items, battery, until }: SubjectSources,
): Promise<Subject> {
  requireNotes(model, item.name);
  const passage = await library.notes(item, excerpt);
  // What is done to them is done to the notes as they are, and each version is then brought to one level.
  const leveled = (codes: Codes): Codes =>
    battery && battery.loudness !== null ? atVelocity(codes, SCORED_VELOCITY) : codes;
  const clean = { ...passage, codes: leveled(passage.codes) };
  const scorings = new Map<string, Promise<KeptScoring>>();
  const scoringOf = (protocol: string): Promise<KeptScoring> => {
    const known = scorings.get(protocol) ?? keepScoring(model, clean.codes, { protocol, condition });
    scorings.set(protocol, known);
    return known;
  };
  const otherPassage = async (name: string) => {
    const other = items.get(name);
    if (!other) throw new Error(`${item.name}: ${name} is no clip of the study`);
    return library.notes(other, excerpt);
  };
  return {
    codes: clean.codes,
    keepsSpread: battery !== undefined,
    // No sound, no round trip.
    roundTrip: async () => undefined,
    make: async (variants) => {
      const made = await Promise.all(
        variants.map(({ perturbations }) =>
          outcomeOf(async () => {
            const { codes: made, events } = await disturbedNotes(passage, perturbations, { otherPassage });
            const codes = leveled(made);
            const clock = clockOf(codes);
            const window = spanOf(events, clock);
            const { frames } = codes;
            const end = scoredEnd(window, { frames, clock, ...(until === undefined ? {} : { until }) });
            return { codes, events, window, ...(end === undefined ? {} : { end }) };
          }),
        ),
      );
      return { encode: async () => made };
    },
    scoring: scoringOf,
    async map(protocol, options) {
      return notesMap(model, cleanNotes(clean, { scoring: await scoringOf(protocol), condition }), options);
    },
    clock: (codes: Codes) => clockOf(codes),
    async release() {
      const settled = await Promise.allSettled(scorings.values());
      for (const scoring of settled) if (scoring.status === 'fulfilled') await scoring.value.release();
    },
  };
}
