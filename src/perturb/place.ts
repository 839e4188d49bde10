// Where a disturbance falls: spans in tokens or seconds, given or drawn -> samples [start, end) of one clip.

import { type Clip, sampleCount, stem } from '../audio/clip.js';
import {
  type FrameClock,
  frameOfSample,
  framesOf,
  sampleOfFrame,
  sampleOfSeconds,
  secondsOfFrame,
} from '../audio/codes.js';
import { counted } from '../counted.js';
import { generator, seedOf } from '../stats/random.js';
import type { Draw, Perturbation, Place, Span } from './perturbation.js';

/** What placing needs to know of a clip (or of its codes). */
export interface Axis {
  readonly name: string;
  readonly sampleRate: number;
  /** Samples per channel. */
  readonly samples: number;
}

/** The axis of a clip. */
export function axisOf(clip: Clip): Axis {
  return { name: clip.name, sampleRate: clip.sampleRate, samples: sampleCount(clip) };
}

/**
 * The samples of a window. Tokens are frames of the clock, so the clip must be at its sample rate.
 * @throws when the rates differ, a span is no proper number, or the window is empty or leaves the clip.
 */
export function placeOf(axis: Axis, perturbation: Perturbation, clock: FrameClock): Place {
  const { name, sampleRate, samples } = axis;
  if (sampleRate !== clock.sampleRate) {
    throw new Error(
      `${name}: the clip is at ${sampleRate} Hz, the codec at ${clock.sampleRate} Hz; resample it first`,
    );
  }
  const { at = { tokens: 0 }, length } = perturbation;
  const start = 'draw' in at ? drawn(at, axis, perturbation.seed, clock) : samplesOf(at, clock, 'start');
  const rest = perturbation.kind === 'click' ? 1 : samples - start;
  const count = length ? countOf(length, { at, start, clock }) : rest;
  if (clock.times) requireNotesIn(name, { start, count, samples }, clock);
  if (count === 0) throw new Error(`${name}: the window is empty; its length must be at least one sample`);
  if (count < 0 || start + count > samples) {
    throw new Error(
      `${name}: the window [${start}, ${start + Math.max(count, 0)}) leaves the clip of ${counted(samples, 'sample')} ` +
        `(${(samples / clock.sampleRate).toFixed(2)} s); start earlier, or make it shorter`,
    );
  }
  return { start, end: start + count };
}

/** @throws one line, in notes, when a window holds none or leaves the passage. */
function requireNotesIn(
  name: string,
  { start, count, samples }: { readonly start: number; readonly count: number; readonly samples: number },
  clock: FrameClock,
): void {
  const notes = framesOf(clock, samples);
  const passage = `${counted(notes, 'note')}, the last at ${secondsOfFrame(clock, notes - 1).toFixed(2)} s`;
  if (start >= samples) {
    throw new Error(`${name}: the window begins behind the last note (${passage}); start earlier`);
  }
  if (count === 0) throw new Error(`${name}: no note begins in the window; make it longer`);
  if (start + count > samples) {
    const [first, last] = [start, start + count].map((sample) => framesOf(clock, sample));
    throw new Error(
      `${name}: the window of notes ${first} to ${last - 1} leaves the passage (${passage}); start earlier, or make it shorter`,
    );
  }
}

/** Samples of a window that begins at `start`. Events in so many seconds depend on where they are counted. */
function countOf(
  length: Span,
  { at, start, clock }: { readonly at: Span | Draw; readonly start: number; readonly clock: FrameClock },
): number {
  if (!clock.times || 'tokens' in length) return samplesOf(length, clock, 'length');
  const from = 'seconds' in at ? at.seconds : secondsOfFrame(clock, frameOfSample(clock, start));
  return samplesOf({ seconds: from + length.seconds }, clock, 'length') - start;
}

/** Samples of a span; `what` names it in errors. @throws when it is no proper number. */
export function samplesOf(span: Span, clock: FrameClock, what: string): number {
  const value = 'tokens' in span ? span.tokens : span.seconds;
  const proper = 'tokens' in span ? Number.isInteger(value) : Number.isFinite(value);
  if (!proper || value < 0) {
    const unit = 'tokens' in span ? 'a whole number of tokens' : 'a number of seconds';
    throw new Error(`disturbance: its ${what} is ${value}, expected ${unit}, 0 or more`);
  }
  return 'tokens' in span ? sampleOfFrame(clock, value) : sampleOfSeconds(clock, value);
}

/** First sample of a drawn frame. */
function drawn({ draw: { from, to, name = '' } }: Draw, axis: Axis, seed: number, clock: FrameClock): number {
  const first = framesOf(clock, samplesOf(from, clock, 'earliest start'));
  const last = frameOfSample(clock, samplesOf(to, clock, 'latest start'));
  if (last < first) {
    throw new Error(
      `${axis.name}: no frame begins in the range of starts to draw from (frames ${first} to ${last}); widen it`,
    );
  }
  const random = generator(seedOf(seed, stem(axis), 'place', name, first, last));
  return sampleOfFrame(clock, first + random.integer(last - first + 1));
}
