// The two rules of the paper that look for the first run of five: `paper` does what its text says (section 4.2),
// `released` what the authors' public scripts do. Neither takes a baseline off the means. What the text leaves
// open, and where the scripts depart from it, is in docs/decisions/0003-regions.md.

import { counted } from '../counted.js';
import { mean } from '../stats/describe.js';
import {
  type Absence,
  definedEnd,
  definedIn,
  extremeIn,
  type Reach,
  type Region,
  type RegionFindings,
  type RegionName,
  type Statistic,
} from './region.js';
import { transientsIn, transientsOf } from './transient.js';
import type { Window } from './window.js';

/** Frames a sign must hold to count as a crossing, and width of the moving average. */
const RUN = 5;
/** `released`: length of the Peak when its end is never found. */
const NEVER_ENDED = 50;
/** `released`: frames between the end of the stretch its threshold is the mean of and the window (token 200 of 249). */
const THRESHOLD_GAP = 49;
/** `released`: the Assimilation is said to end so many frames after the window does (249 + length + 4). */
const OVERHANG = 4;

const TAILS: Readonly<Record<RegionName, Statistic['tail']>> = {
  peak: 'upper',
  assimilation: 'both',
  rebound: 'upper',
  recovery: 'both',
};

/** Region with the plain mean as its statistic, or why there is none. `level` is taken off. */
export function meanRegion(
  name: RegionName,
  curve: Float64Array,
  span: Window,
  { level = 0, minimum = 1 }: { readonly level?: number; readonly minimum?: number } = {},
): Region | Absence {
  const start = Math.max(0, span.start);
  const end = Math.min(span.end, definedEnd(curve));
  const defined = definedIn(curve, start, end);
  if (defined.length < minimum) {
    return {
      name,
      why: `${counted(defined.length, 'defined frame')} in [${span.start}, ${span.end}), ${minimum} needed`,
    };
  }
  const value = mean(defined) - level;
  const { value: extreme, at } = extremeIn(
    level === 0 ? curve : curve.map((x) => x - level),
    start,
    end,
    TAILS[name],
  );
  return {
    name,
    start,
    end,
    frames: defined.length,
    mean: value,
    extreme: { value: extreme, at },
    statistic: { name: 'mean', value, tail: TAILS[name] },
  };
}

/** Sorts regions from absences. */
export function sorted(found: readonly (Region | Absence)[]): Pick<RegionFindings, 'regions' | 'absent'> {
  return {
    regions: found.filter((one): one is Region => 'statistic' in one),
    absent: found.filter((one): one is Absence => 'why' in one),
  };
}

/** As the paper's text says: centred moving average over 5 frames; boundaries where it holds a sign for 5 frames. */
export function paperRule(curve: Float64Array, window: Window, reach: Reach): RegionFindings {
  const smooth = movingAverage(curve);
  const end = definedEnd(curve);
  const from = Math.max(0, window.start - reach.reach);
  const above = firstRun(smooth, from, window.end, (value) => value > 0);
  const below = firstRun(smooth, from, end, (value) => value < 0);
  const rise = above !== undefined && (below === undefined || above < below) ? above : undefined;
  const fall = rise === undefined ? below : firstRun(smooth, rise, end, (value) => value < 0);
  const back = fall === undefined ? undefined : firstRun(smooth, fall, end, (value) => value > 0);
  const peak: Region | Absence =
    rise === undefined
      ? {
          name: 'peak',
          why: 'the smoothed curve is below zero for five frames first, or never above before the window ends',
        }
      : meanRegion('peak', curve, { start: rise, end: fall ?? end });
  const assimilation: Region | Absence =
    fall === undefined
      ? { name: 'assimilation', why: 'the smoothed curve never falls below zero for five frames' }
      : meanRegion('assimilation', curve, { start: fall, end: back ?? end });
  const recovery: Region | Absence =
    back === undefined
      ? { name: 'recovery', why: 'the smoothed curve never comes back above zero for five frames' }
      : meanRegion('recovery', curve, { start: back, end });
  const baseline = { level: 0, spread: 0, frames: 0 };
  const transients = definitionsOf(curve, window, reach);
  return { rule: 'paper', window, baseline, ...sorted([peak, assimilation, recovery]), transients };
}

/**
 * As the released scripts do, moved to the frame axis (their token i is frame i + 1) and to any window: the Peak
 * starts 4 frames before the window and ends at the first five raw values in a row that are not above the mean of
 * the curve's beginning, or after 50 frames; the Assimilation ends 4 frames after the window; the last frame is
 * left out. Where the scripts record an empty region as 0, it is absent here.
 */
export function releasedRule(curve: Float64Array, window: Window, reach: Reach): RegionFindings {
  const beginning = definedIn(curve, 0, window.start - THRESHOLD_GAP);
  const threshold = beginning.length === 0 ? 0 : mean(beginning);
  const last = definedEnd(curve) - 1;
  const start = Math.max(0, window.start - OVERHANG);
  const fall = firstRun(curve, start, last, (value) => value <= threshold) ?? start + NEVER_ENDED;
  const end = Math.min(window.end + OVERHANG, last);
  const baseline = { level: 0, spread: 0, frames: beginning.length, threshold };
  const found = [
    meanRegion('peak', curve, { start, end: fall }),
    meanRegion('assimilation', curve, { start: fall, end }),
    meanRegion('recovery', curve, { start: end, end: last }),
  ];
  return {
    rule: 'released',
    window,
    baseline,
    ...sorted(found),
    transients: definitionsOf(curve, window, reach),
  };
}

/** Peak and Rebound by our definitions, beside what these rules call a Peak; no baseline is taken off. */
function definitionsOf(curve: Float64Array, window: Window, { reach }: Reach): RegionFindings['transients'] {
  const { peak, rebound } = transientsOf(curve, window, { reach, spread: 0 });
  return transientsIn(peak, rebound);
}

/** First frame in [from, to) at which RUN frames in a row satisfy the test; undefined values never do. */
function firstRun(
  curve: Float64Array,
  from: number,
  to: number,
  test: (value: number) => boolean,
): number | undefined {
  let run = 0;
  for (let t = from; t < curve.length; t++) {
    run = test(curve[t]) ? run + 1 : 0;
    if (run === RUN) return t - RUN + 1 < to ? t - RUN + 1 : undefined;
  }
  return undefined;
}

/** Centred mean over RUN frames; NaN where any of them is undefined or outside. */
export function movingAverage(curve: Float64Array): Float64Array {
  const half = (RUN - 1) / 2;
  return curve.map((_, t) => {
    let sum = 0;
    for (let i = t - half; i <= t + half; i++) sum += i < 0 || i >= curve.length ? Number.NaN : curve[i];
    return sum / RUN;
  });
}
