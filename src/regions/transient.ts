// Peak and Rebound: what stands above both sides of a boundary of the window. They are judged by a matched filter at places
// fixed beforehand, which finds as little in noise as its chance says; a search is for drawing alone, for it finds something
// in any noise. Numbers on which the two templates were chosen: docs/decisions/0010-chances.md.

import { counted } from '../counted.js';
import { mean, median } from '../stats/describe.js';
import {
  type Absence,
  type Baseline,
  definedEnd,
  definedIn,
  extremeIn,
  type Reach,
  type Region,
  type RegionPlace,
  type Statistic,
  type Transient,
} from './region.js';
import type { Window } from './window.js';

/** Frames from the boundary on: the published curves' three, and the paper's five. */
export const PLACES = { boundary: [-1, 2], paper: [0, 5] } as const;
/** Fewest defined frames of a place. */
const FEWEST_AT_PLACE = { boundary: 2, paper: 5 };
/** Fewest frames whose mean is called a level. */
const FEWEST = 5;
/** A searched Peak or Rebound ends at most so many frames after its boundary: half a second at 50 frames a second. */
const LONGEST = 25;
/** Frames after the window in which the level after it and the scatter are taken. */
export const AFTER = 50;
/** Less than this is nothing, nats. */
export const LEAST = 0.01;

/** A Peak or Rebound as a region at its fixed place, with its other definitions. */
interface Found {
  readonly region: Region;
  readonly transient: Transient;
}

export interface Transients {
  readonly peak: Found | Absence;
  readonly rebound: Found | Absence;
  /** Level that delta settles at inside the window; absent below 5 frames. */
  readonly settled?: number;
}

/** @param delta [T] less the baseline's level, nats; NaN where undefined. */
export function transientsOf(
  delta: Float64Array,
  window: Window,
  { reach, spread }: Pick<Reach, 'reach'> & Pick<Baseline, 'spread'>,
): Transients {
  const settled = settledLevel(delta, window, reach);
  const after = levelOf(delta, window.end + reach + 1, window.end + AFTER);
  const drift = Math.max(LEAST, scatterOf(delta, window) / 2, spread / 2);
  // A window shorter than twice the reach has codes that mix both boundaries: its middle divides them.
  const middle = window.start + Math.ceil((window.end - window.start) / 2);
  const end = definedEnd(delta);
  const length = window.end - window.start;
  const peak = transientAt('peak', delta, window.start, {
    room: length,
    above: Math.max(0, settled ?? 0),
    search: {
      from: Math.max(0, window.start - reach),
      startBy: window.start + reach,
      to: Math.min(window.start + LONGEST, middle, end),
      drift,
    },
  });
  // Below five frames the two boundaries share frames: what is there counts as the Peak.
  const rebound: Found | Absence =
    length < PLACES.paper[1]
      ? {
          name: 'rebound',
          why: `the window of ${counted(length, 'frame')} is shorter than 5: its two boundaries share frames`,
        }
      : transientAt('rebound', delta, window.end, {
          room: Number.POSITIVE_INFINITY,
          above: Math.max(0, settled ?? 0, after ?? 0),
          search: {
            from: Math.max(0, window.end - reach, middle),
            startBy: window.end + reach,
            to: Math.min(window.end + LONGEST, end),
            drift,
          },
        });
  return { peak, rebound, ...(settled === undefined ? {} : { settled }) };
}

/** The region of what was found, or why it is absent. */
export function regionIn(found: Found | Absence): Region | Absence {
  return 'region' in found ? found.region : found;
}

/** Those that are there. */
export function transientsIn(...found: readonly (Found | Absence)[]): Transient[] {
  return found.flatMap((one) => ('transient' in one ? [one.transient] : []));
}

interface Search {
  readonly from: number;
  /** Last frame at which the segment may start. */
  readonly startBy: number;
  /** One past the last frame that it may hold. */
  readonly to: number;
  /** Reference value of the cumulative sum, half the scatter: keeps noise from prolonging a segment. */
  readonly drift: number;
}

function transientAt(
  name: Transient['name'],
  delta: Float64Array,
  at: number,
  {
    room,
    above,
    search,
  }: {
    /** Frames from the boundary on that belong to it. */
    readonly room: number;
    /** The higher of the levels on either side of the boundary, and 0. */
    readonly above: number;
    readonly search: Search;
  },
): Found | Absence {
  const boundary = placeAt(delta, at, 'boundary');
  if (boundary === undefined) {
    const [from, to] = PLACES.boundary;
    return {
      name,
      why: `less than ${FEWEST_AT_PLACE.boundary} defined frames in [${at + from}, ${at + to})`,
    };
  }
  const paper = room < PLACES.paper[1] ? undefined : placeAt(delta, at, 'paper');
  const searched = segmentOf(delta, above, search);
  const statistic: Statistic = {
    name: 'template',
    // In noise that is about white each term has the same spread.
    value: Math.max(
      ...[boundary, ...(paper ? [paper] : [])].map((place) => Math.sqrt(place.frames) * (place.mean - above)),
    ),
    tail: 'upper',
  };
  return {
    region: {
      name,
      ...boundary,
      extreme: extremeIn(delta, boundary.start, boundary.end, 'upper'),
      statistic,
      ...(searched ? { drawn: { start: searched.start, end: searched.end } } : {}),
    },
    transient: { name, boundary, ...(paper ? { paper } : {}), ...(searched ? { searched } : {}) },
  };
}

function placeAt(delta: Float64Array, at: number, place: keyof typeof PLACES): RegionPlace | undefined {
  const [from, to] = PLACES[place];
  const start = Math.max(0, at + from);
  const end = Math.min(at + to, definedEnd(delta));
  const defined = definedIn(delta, start, end);
  if (defined.length < FEWEST_AT_PLACE[place]) return undefined;
  return { start, end, frames: defined.length, mean: mean(defined) };
}

/** The segment with the largest sum of delta - above - drift (Page 1954). Undefined frames divide segments. */
function segmentOf(
  delta: Float64Array,
  above: number,
  { from, startBy, to, drift }: Search,
): Transient['searched'] | undefined {
  let best = { sum: 0, start: 0, end: 0 };
  let sum = 0;
  let start = -1;
  for (let t = from; t < to; t++) {
    if (sum <= 0) {
      if (t > startBy) break;
      sum = 0;
      start = t;
    }
    sum = Number.isNaN(delta[t]) ? 0 : sum + delta[t] - above - drift;
    if (sum > best.sum) best = { sum, start, end: t + 1 };
  }
  if (best.sum === 0) return undefined;
  const values = delta.subarray(best.start, best.end);
  const area = values.reduce((total, value) => total + value - above, 0);
  const extreme = extremeIn(delta, best.start, best.end, 'upper');
  return { start: best.start, end: best.end, frames: values.length, mean: mean(values), extreme, area };
}

/** Mean over the second half of the frames that see nothing after the window; undefined below FEWEST frames. */
function settledLevel(delta: Float64Array, window: Window, reach: number): number | undefined {
  const end = window.end - reach;
  return levelOf(delta, window.start + Math.ceil((end - window.start) / 2), end);
}

function levelOf(delta: Float64Array, start: number, end: number): number | undefined {
  const defined = definedIn(delta, start, end);
  return defined.length < FEWEST ? undefined : mean(defined);
}

/** Robust s.d. of delta about its own level: median |difference of neighbours| / (0.6745 sqrt 2). */
function scatterOf(delta: Float64Array, window: Window): number {
  const steps: number[] = [];
  for (let t = Math.max(0, window.start) + 1; t < Math.min(window.end + AFTER, delta.length); t++) {
    const step = Math.abs(delta[t] - delta[t - 1]);
    if (!Number.isNaN(step)) steps.push(step);
  }
  return steps.length === 0 ? 0 : median(steps) / (0.6744897501960817 * Math.SQRT2);
}
