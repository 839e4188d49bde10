// The same disturbances on codes, without encoding again: nothing outside the window changes, which is what the codec's
// smear in the waveform domain is compared with. Whole frames move, all codebooks together.
// Seeds and permutations are those of the waveform, so that one spec gives one and the same order in both.

import { type Codes, type FrameClock, frameOfSample, rowsOf, sampleOfFrame } from '../audio/codes.js';
import { counted } from '../counted.js';
import { shuffledOrder } from './order.js';
import type { Event, Perturbation, Place } from './perturbation.js';
import { placeOf, samplesOf } from './place.js';
import { blockToRepeat, grainOf } from './reorder.js';
import { eventsOf, spliced, type TimelinePart } from './timeline.js';

/** Codes to put into a window. */
export interface CodesToInsert {
  readonly codes: Codes;
  /** First frame to take; default 0, for a foreign splice its `from`. */
  readonly from?: number;
}

export interface CodesOptions {
  /** The clip's name, for seeds and errors. */
  readonly name: string;
  readonly clock: FrameClock;
}

/** One disturbance of codes. Noise, tone, silence and foreign splices take encoded sound that is handed in. */
export interface CodesPart {
  readonly perturbation: Perturbation;
  readonly insert?: CodesToInsert;
}

/** Disturbed codes and what was done to them; the event is in samples, on whole frames. */
export interface DisturbedCodes {
  readonly codes: Codes;
  readonly event: Event;
}

/**
 * Disturbs codes directly. What is inserted sounds as loud as it was encoded: the spec's level, colour and pitch
 * are the caller's to encode (the window of the encoded disturbed clip is one source, noise encoded alone another).
 * @throws when the kind has no meaning on codes, the window is not on whole frames, or codes to insert are missing or
 * too few; and as in the waveform domain.
 */
export function perturbCodes(
  codes: Codes,
  perturbation: Perturbation,
  { insert, ...options }: CodesOptions & { readonly insert?: CodesToInsert },
): DisturbedCodes {
  const { codes: disturbed, events } = perturbAllCodes(codes, [{ perturbation, insert }], options);
  return { codes: disturbed, event: events[0] };
}

/** Disturbs codes in several places; see perturbAll. */
export function perturbAllCodes(
  codes: Codes,
  parts: readonly CodesPart[],
  { name, clock }: CodesOptions,
): { readonly codes: Codes; readonly events: readonly Event[] } {
  const samples = sampleOfFrame(clock, codes.frames);
  const made = parts.map((part): TimelinePart & Taken => {
    checkKind(name, part.perturbation);
    const place = placeOf({ name, sampleRate: clock.sampleRate, samples }, part.perturbation, clock);
    const taken = takenFrames(codes, part, place, { name, clock });
    const { perturbation } = part;
    return { perturbation, place, samples: sampleOfFrame(clock, taken.frames.length), ...taken };
  });
  const events = eventsOf(name, made, samples);
  const sources = made.map(({ codes: source }) => rowsOf(source));
  const rows = rowsOf(codes).map((row, k) =>
    spliced(
      row,
      made.map(({ place, frames }, i) => ({
        ...framesOfPlace(name, place, clock),
        content: Int32Array.from(frames, (frame) => sources[i][k][frame]),
      })),
      (length) => new Int32Array(length),
    ),
  );
  const data = new Int32Array(rows.reduce((sum, row) => sum + row.length, 0));
  rows.forEach((row, k) => {
    data.set(row, k * row.length);
  });
  return { codes: { codebooks: codes.codebooks, frames: rows[0]?.length ?? 0, data }, events };
}

/** The frames that stand in the window afterwards, and the codes they are taken from. */
interface Taken extends Pick<TimelinePart, 'facts'> {
  readonly codes: Codes;
  readonly frames: readonly number[];
}

function takenFrames(
  codes: Codes,
  { perturbation, insert }: CodesPart,
  place: Place,
  { name, clock }: CodesOptions,
): Taken {
  const { start, end } = framesOfPlace(name, place, clock);
  const window = Array.from({ length: end - start }, (_, i) => start + i);
  const facts = { domain: 'codes' } as const;
  switch (perturbation.kind) {
    case 'shuffle': {
      const block = samplesOf(perturbation.block, clock, 'block');
      const frames = wholeFrames(name, block, clock);
      const permutation = shuffledOrder(name, perturbation, place, block);
      const moved = permutation.flatMap((from) => window.slice(from * frames, (from + 1) * frames));
      const order = [...moved, ...window.slice(moved.length)];
      return { codes, frames: order, facts: { ...facts, permutation, block } };
    }
    case 'repeat': {
      const block = wholeFrames(name, blockToRepeat(name, perturbation, place, clock), clock);
      return { codes, frames: window.map((_, i) => start - block + (i % block)), facts };
    }
    case 'reverse': {
      const grain = wholeFrames(name, grainOf(name, perturbation, place, clock), clock);
      const backwards = window.map((frame, i) => {
        const from = i - (i % grain);
        return from + grain > window.length ? frame : start + 2 * from + grain - 1 - i;
      });
      return { codes, frames: backwards, facts };
    }
    case 'delete':
      return { codes, frames: [], facts };
    case 'identity':
      return { codes, frames: window, facts };
    default: {
      const foreign =
        perturbation.kind === 'foreign' ? samplesOf(perturbation.from, clock, 'start in the other clip') : 0;
      const from = insert?.from ?? wholeFrames(name, foreign, clock);
      const source = checkInsert(name, codes, insert?.codes, from + window.length);
      return { codes: source, frames: window.map((_, i) => from + i), facts };
    }
  }
}

/** What can be done to codes: whole frames moved, or encoded sound put in. All else needs samples. */
const KINDS: readonly Perturbation['kind'][] = [
  'noise',
  'tone',
  'silence',
  'foreign',
  'shuffle',
  'delete',
  'repeat',
  'reverse',
  'identity',
];

/** @throws when a perturbation has no meaning on codes. */
export function checkKind(name: string, perturbation: Perturbation): void {
  const { kind } = perturbation;
  if (!KINDS.includes(kind)) {
    throw new Error(`${name}: ${kind} has no meaning on codes; use it on the waveform`);
  }
  if ('mode' in perturbation && perturbation.mode === 'add') {
    throw new Error(`${name}: codes cannot be added to each other; use mode replace, or the waveform`);
  }
  if ('fade' in perturbation && perturbation.fade) {
    throw new Error(`${name}: codes have no crossfade; leave the fade out, or use the waveform`);
  }
}

function checkInsert(name: string, codes: Codes, insert: Codes | undefined, frames: number): Codes {
  if (!insert) throw new Error(`${name}: the codes to put in were not handed in`);
  if (insert.codebooks !== codes.codebooks || insert.frames < frames) {
    throw new Error(
      `${name}: the codes to put in are ${counted(insert.codebooks, 'codebook')} of ${counted(insert.frames, 'frame')}, expected ` +
        `${codes.codebooks} of at least ${frames}`,
    );
  }
  return insert;
}

function framesOfPlace(name: string, { start, end }: Place, clock: FrameClock): Place {
  return { start: wholeFrames(name, start, clock), end: wholeFrames(name, end, clock) };
}

function wholeFrames(name: string, samples: number, clock: FrameClock): number {
  const frame = frameOfSample(clock, samples);
  if (sampleOfFrame(clock, frame) === samples) return frame;
  throw new Error(
    `${name}: sample ${samples} is not at a frame (of ${counted(clock.hop, 'sample')}); on codes give places and lengths in tokens`,
  );
}
