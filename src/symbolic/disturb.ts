// Passage --disturb--> codes + events: the one entrance to everything that can be done to notes. Whatever is done keeps the
// grammar: onsets stay in order, a drum has no duration, and no instrument comes or goes, since a piece begins with their list.

import { type Codes, codesOf, frameOfSample, rowsOf, sampleOfFrame } from '../audio/codes.js';
import { requireOfNotes } from '../perturb/medium.js';
import type { Event, Perturbation } from '../perturb/perturbation.js';
import { placeOf } from '../perturb/place.js';
import { eventsOf, spliced } from '../perturb/timeline.js';
import { foreignNotes } from './foreign_notes.js';
import { instrumentOf } from './note_code.js';
import { nonsense, shuffledBars, transposed } from './note_content.js';
import { louder, otherDynamics, stretched, unsteady, withoutSome, wrongNotes } from './note_playing.js';
import type { NoteContent, NoteWindow } from './note_window.js';
import type { Passage } from './passage.js';

export interface DisturbedNotes {
  readonly codes: Codes;
  readonly events: readonly Event[];
}

export interface NoteMaterial {
  /** Passages that foreign notes are taken from, by name. */
  readonly passages?: ReadonlyMap<string, Passage>;
}

/**
 * Disturbs notes in one or several places. Every place names the clean passage's time, every kind reads the clean passage.
 * @throws one line when a kind means nothing on notes, a window holds no note, two overlap, or an instrument would be lost.
 */
export function disturbNotes(
  passage: Passage,
  perturbations: readonly Perturbation[],
  material: NoteMaterial = {},
): DisturbedNotes {
  const { name, codes, clock } = passage;
  const samples = sampleOfFrame(clock, codes.frames);
  const rows = rowsOf(codes);
  const made = perturbations.map((perturbation) => {
    requireOfNotes(name, perturbation);
    const place = placeOf({ name, sampleRate: clock.sampleRate, samples }, perturbation, clock);
    const window = { start: frameOfSample(clock, place.start), end: frameOfSample(clock, place.end) };
    const { rows: content, permutation } = contentOf(perturbation, { passage, rows, window }, material);
    const long = sampleOfFrame(clock, content[0].length);
    const facts = {
      domain: 'notes',
      ...(permutation ? { permutation } : {}),
      ...(long === place.end - place.start ? {} : { stretched: place }),
    } as const;
    return { perturbation, place, samples: long, facts, window, content };
  });
  const events = eventsOf(name, made, samples);
  const disturbed = codesOf(
    rows.map((row, k) =>
      spliced(
        row,
        made.map(({ window, content }) => ({ ...window, content: content[k] })),
        (length) => new Int32Array(length),
      ),
    ),
  );
  requireInstruments(name, { before: rows[0], after: rowsOf(disturbed)[0] });
  return { codes: disturbed, events };
}

function contentOf(perturbation: Perturbation, given: NoteWindow, { passages }: NoteMaterial): NoteContent {
  const { rows, window } = given;
  switch (perturbation.kind) {
    case 'nonsense':
      return nonsense(given, perturbation);
    case 'bars':
      return shuffledBars(given, perturbation);
    case 'transpose':
      return transposed(given, perturbation);
    case 'foreign':
      return foreignNotes(given, perturbation, passages);
    case 'wrong':
      return wrongNotes(given, perturbation);
    case 'jitter':
      return unsteady(given, perturbation);
    case 'missing':
      return withoutSome(given, perturbation);
    case 'dynamics':
      return otherDynamics(given, perturbation);
    case 'gain':
      return louder(given, perturbation);
    case 'stretch':
      return stretched(given, perturbation);
    case 'identity':
      return { rows: rows.map((row) => row.subarray(window.start, window.end)) };
    default:
      throw new TypeError(`${perturbation.kind} came through`);
  }
}

/** @throws when the list of instruments that a piece begins with would change: the model would read it before the window. */
function requireInstruments(
  name: string,
  { before, after }: { readonly before: Int32Array; readonly after: Int32Array },
): void {
  const kinds = (notes: Int32Array): string => [...new Set(Array.from(notes, instrumentOf))].sort().join();
  if (kinds(before) === kinds(after)) return;
  throw new Error(
    `${name}: the window holds every note of an instrument, which would be gone from the list that the piece begins with; make it shorter`,
  );
}
