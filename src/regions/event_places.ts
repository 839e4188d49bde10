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
/** Events on either side of a window's inside that stand as they are: as many as a Peak looks at. Of few, a quarter. */
const KEPT = 5;

/** What is looked for elsewhere. */
export interface PlacedWindow extends Omit<EventPlacing, 'times'> {
  readonly events: number;
  readonly seconds: number;
}

/** Where such a window, all of it in the clip, can begin or end among its events. */
export interface Boundaries {
  /** Whether there is one among the events [from, to], beside `except`. */
  has(range: BoundaryRange): boolean;
  /** Where another window begins, or ends: one of [from, to], not `except`. */
  draw(random: Random, range: BoundaryRange): Boundary;
  /** Mean of the values so many events from there; of all where it may be any event, or is far away. */
  expected(offset: number): number;
}

export interface Boundary {
  /** The first event of the window, or the one that follows it. */
  readonly event: number;
  /** Seconds by which it lies before that event begins. */
  readonly before: number;
}

export interface BoundaryRange {
  readonly from: number;
  /** The last one. */
  readonly to: number;
  readonly except?: number;
}

/** First of sorted times from a time on; so many as there are where none is. */
export function firstFrom(times: Float64Array, time: number): number {
  const last = times.length - 1;
  return time > times[last] ? times.length : firstAtLeast(times, time, 0);
}

/**
 * Positions of another window [start, end) for the n positions of one, in order: near its boundaries note by note, between them as many
 * are left out or doubled as it has more or fewer.
 */
export function positionsIn({ start, end }: Window, n: number): number[] {
  const others = end - start;
  const near = Math.min(KEPT, Math.floor(Math.min(n, others) / 4));
  const step = (others - 2 * near) / (n - 2 * near);
  return Array.from({ length: n }, (_, i) => {
    if (i < near) return start + i;
    if (i >= n - near) return end - n + i;
    return start + near + Math.floor((i - near + 0.5) * step);
  });
}

/** Of values [n] of events that begin at these times; undefined where all begin at once. */
export function boundariesOf(
  values: Float64Array,
  times: Float64Array,
  { startInTime, endInTime, events, seconds }: PlacedWindow,
): Readonly<Record<'start' | 'end', Boundaries>> | undefined {
  const n = times.length;
  const gap = (times[n - 1] - times[0]) / (n - 1);
  if (!(gap > 0 && seconds > 0)) return undefined;
  // The first one from any time in the gap before it; the other boundary of the window lies beyond that gap, or it holds no note.
  const room = (i: number): number => Math.min(i === 0 ? gap : times[i] - times[i - 1], seconds);
  const isIn = (i: number): boolean => (endInTime ? times[i] + seconds <= times[n - 1] : i + events <= n);
  const latest = endInTime ? times[n - 1] - seconds : Number.POSITIVE_INFINITY;
  const begins = times.map((time, i) => {
    if (!startInTime) return isIn(i) ? 1 : 0;
    return endInTime || isIn(i) ? Math.max(0, Math.min(time, latest) - (time - room(i))) : 0;
  });
  const start = boundary(values, begins, startInTime);
  // So many events from where it begins: the two boundaries are one stretch, told from its beginning.
  if (!endInTime) return { start, end: start };
  const earliest = times[0] - room(0) + seconds;
  const ends = startInTime
    ? times.map((time, i) => Math.max(0, time - Math.max(time - room(i), earliest)))
    : endsOf(times, seconds);
  return { start, end: boundary(values, ends, true) };
}

/** How many of the events have each one as the first from so many seconds later on. */
function endsOf(times: Float64Array, seconds: number): Float64Array {
  const counts = new Float64Array(times.length);
  let end = 0;
  for (const time of times) {
    while (end < times.length && times[end] < time + seconds) end++;
    if (end < times.length) counts[end]++;
  }
  return counts;
}

/** One that lies at each event as often as its weight says. */
function boundary(values: Float64Array, weights: Float64Array, isInTime: boolean): Boundaries {
  const until = new Float64Array(weights.length + 1);
  for (let i = 0; i < weights.length; i++) until[i + 1] = until[i] + weights[i];
  const level = mean(values);
  const near = new Map<number, number>();
  const nearBy = (offset: number): number => {
    const known = near.get(offset);
    if (known !== undefined) return known;
    let [sum, all] = [0, 0];
    for (let i = Math.max(0, -offset); i < weights.length && i + offset < values.length; i++) {
      sum += weights[i] * values[i + offset];
      all += weights[i];
    }
    const found = all > 0 ? sum / all : level;
    near.set(offset, found);
    return found;
  };
  /** Weight of the range, and of what is left out of it. */
  const rangeOf = ({ from, to, except = -1 }: BoundaryRange) => {
    const [low, high] = [Math.max(0, from), Math.min(weights.length - 1, to)];
    const isIn = except >= low && except <= high;
    const all = high < low ? 0 : until[high + 1] - until[low];
    return { low, high, all, without: isIn ? all - weights[except] : all, isIn };
  };
  return {
    has: (range) => rangeOf(range).without > 0,
    draw(random, range) {
      const { low, high, all, without, isIn } = rangeOf(range);
      const { except = -1 } = range;
      // From the one that is left out once around the range.
      const from = isIn ? until[except + 1] - until[low] : 0;
      const at = until[low] + ((from + (1 - random.uniform()) * without) % all || all);
      const event = Math.min(high, firstAtLeast(until, at, low + 1) - 1);
      return { event, before: isInTime ? Math.max(0, until[event + 1] - at) : 0 };
    },
    expected: (offset) => (isInTime && Math.abs(offset) <= NEAR ? nearBy(offset) : level),
  };
}

/** First index from `from` on at which sorted values reach a value; the last one where rounding leaves none. */
function firstAtLeast(sorted: Float64Array, value: number, from: number): number {
  let [low, high] = [from, sorted.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
