// Where a window begins and ends among events. Among frames of sound any is as good as another. A window of notes from 4 s on
// begins with the first note from then on: the note behind a long gap is met more often than one inside a chord, and costs
// more, since a bar or a phrase begins with it. So stretches that a window is compared with begin and end as windows do.

import type { Event } from '../perturb/perturbation.js';
import { mean } from '../stats/describe.js';
import type { Random } from '../stats/random.js';
import type { Window } from './window.js';

/** Positions that are events, and which ends of the window were given as times: the first event from then on. */
export interface EventPlacing {
  /** [T] when each event begins, seconds, in order. */
  readonly times: Float64Array;
  readonly startInTime: boolean;
  readonly endInTime: boolean;
}

/**
 * How the window of an event of notes was placed among notes that begin at `times`: an end that was given in seconds lies at the
 * first note from then on, one that was counted in notes, or drawn among them, at any.
 */
export function placingOf(
  { perturbation: { at, length } }: Pick<Event, 'perturbation'>,
  times: Float64Array,
): EventPlacing {
  const inSeconds = (span: object | undefined): boolean => span !== undefined && 'seconds' in span;
  return { times, startInTime: inSeconds(at), endInTime: inSeconds(length) };
}

/** Events from a boundary at which it is still told in the loss: beyond them all are alike (decision 10). */
const NEAR = 10;

/** What is looked for elsewhere. */
export interface PlacedWindow extends Omit<EventPlacing, 'times'> {
  readonly events: number;
  readonly seconds: number;
}

/** Where such a window can lie among the events of a clip, which are a ring: after the last one the first one begins, a mean gap later. */
export interface EventPlaces {
  /** Positions that another window begins and ends with, counted on around the ring; `except` begins none. */
  place(random: Random, except?: number): Window;
  /** Mean of the values so many events from where windows begin (or end); mean of all where they do at any event. */
  expected(offset: number, isPlacedInTime: boolean): number;
}

/** Of values [n] of events that begin at these times; undefined where all begin at once. */
export function eventPlaces(
  values: Float64Array,
  times: Float64Array,
  { startInTime, endInTime, events, seconds }: PlacedWindow,
): EventPlaces | undefined {
  const n = times.length;
  const gap = (times[n - 1] - times[0]) / (n - 1);
  if (!(gap > 0 && seconds > 0)) return undefined;
  // Event i begins at ends[i] of a ring of ends[n - 1] seconds.
  const ends = times.map((time) => time - times[0] + gap);
  const firstFrom = (time: number): number => {
    const rounds = Math.ceil(time / ends[n - 1]) - 1;
    return rounds * n + firstAtLeast(ends, time - rounds * ends[n - 1]);
  };
  // It is the first one from any time in the gap before it; a window that begins too early in a long gap ends before it, empty.
  const room = ends.map((end, i) => Math.min(end - (i === 0 ? 0 : ends[i - 1]), seconds));
  const until = new Float64Array(n);
  room.reduce((sum, one, i) => {
    until[i] = sum + one;
    return until[i];
  }, 0);
  const all = until[n - 1];
  const near = new Map<number, number>();
  const nearBy = (offset: number): number => {
    const known = near.get(offset);
    if (known !== undefined) return known;
    const found = room.reduce((sum, one, i) => sum + one * values[(i + offset + NEAR * n) % n], 0) / all;
    near.set(offset, found);
    return found;
  };
  const level = mean(values);
  return {
    place(random, except = -1) {
      const isIn = except >= 0 && except < n;
      if (!startInTime) {
        const start = isIn ? except + 1 + random.integer(n - 1) : random.integer(n);
        return { start, end: endInTime ? firstFrom(ends[start % n] + seconds) : start + events };
      }
      const from = isIn ? until[except] : 0;
      const at = (from + (1 - random.uniform()) * (isIn ? all - room[except] : all)) % all || all;
      const start = firstAtLeast(until, at);
      const time = ends[start] - (until[start] - at);
      return { start, end: endInTime ? firstFrom(time + seconds) : start + events };
    },
    expected: (offset, isPlacedInTime) =>
      isPlacedInTime && Math.abs(offset) <= NEAR ? nearBy(offset) : level,
  };
}

/** First index of sorted values at which they reach a value; the last one where rounding leaves none. */
function firstAtLeast(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
