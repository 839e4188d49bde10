// Our default rule. It knows where the disturbance is, how far the codec looks, and what delta was before; it looks
// for a Peak only where codes mix both sides of the boundary, and does the same at the other boundary (Rebound).
// Segments come from Page's cumulative sum (Biometrika 1954); definitions in docs/measure.md.

import { dependenceFactor, mean, median, standardDeviation } from '../stats/describe.js';
import { meanRegion, movingAverage, sorted } from './crossing.js';
import { FEWEST_FOR_DECAY, fitDecay } from './recovery.js';
import {
  type Absence,
  type Baseline,
  definedEnd,
  definedIn,
  extremeIn,
  type Findings,
  frontier,
  type Reach,
  type Region,
} from './region.js';
import type { Window } from './window.js';

/** Fewest frames whose mean is called a level. */
const FEWEST = 5;
/** A Peak or Rebound ends at most so many frames after its boundary: half a second at 50 frames a second. */
const LONGEST = 25;
/** Frames after the window in which the level after it and the scatter are taken. */
const AFTER = 50;
/** Less than this is nothing, nats: delta leaves the baseline when it differs by more and by 3 mean deviations. */
const LEAST = 0.01;

/** Level and spread of delta before the disturbance can be seen: median and mean absolute deviation from it. */
export function baselineOf(curve: Float64Array, end: number): Baseline {
  const before = definedIn(curve, 0, end);
  if (before.length < FEWEST) return { level: 0, spread: 0, frames: 0 };
  const level = median(before);
  return { level, spread: mean(sizesOf(less(before, level))), frames: before.length };
}

function less(curve: Float64Array, level: number): Float64Array {
  const result = new Float64Array(curve.length);
  for (let t = 0; t < curve.length; t++) result[t] = curve[t] - level;
  return result;
}

function sizesOf(delta: Float64Array): Float64Array {
  const result = new Float64Array(delta.length);
  for (let t = 0; t < delta.length; t++) result[t] = Math.abs(delta[t]);
  return result;
}

export function onsetRule(curve: Float64Array, window: Window, reach: Reach): Findings {
  const start = frontier(window, reach);
  const baseline = baselineOf(curve, start);
  const delta = less(curve, baseline.level);
  const threshold = Math.max(LEAST, 3 * baseline.spread);
  const seen = delta.subarray(start, window.end + reach.reach);
  const onset = seen.findIndex((value) => Math.abs(value) > threshold);

  const settled = settledLevel(delta, window, reach);
  const after = levelOf(delta, window.end + reach.reach + 1, window.end + AFTER);
  const drift = Math.max(LEAST, scatter(delta, window) / 2, baseline.spread / 2);
  // A window shorter than twice the reach has codes that mix both boundaries: its middle divides them.
  const middle = window.start + Math.ceil((window.end - window.start) / 2);
  const end = definedEnd(delta);
  const peak = transient('peak', delta, {
    from: Math.max(0, window.start - reach.reach),
    startBy: window.start + reach.reach,
    to: Math.min(window.start + LONGEST, middle, end),
    above: Math.max(0, settled ?? 0),
    drift,
  });
  const rebound = transient('rebound', delta, {
    from: Math.max(0, window.end - reach.reach, middle),
    startBy: window.end + reach.reach,
    to: Math.min(window.end + LONGEST, end),
    above: Math.max(0, settled ?? 0, after ?? 0),
    drift,
  });
  const assimilation = assimilate(delta, window, reach, 'end' in peak ? peak.end : window.start, settled);
  const recovery = recover(delta, window, 'end' in rebound ? rebound.end : window.end, baseline);
  return {
    rule: 'onset',
    window,
    baseline,
    ...(onset < 0 ? {} : { onset: start + onset }),
    ...sorted([peak, assimilation, rebound, recovery]),
  };
}

function levelOf(delta: Float64Array, start: number, end: number): number | undefined {
  const defined = definedIn(delta, start, end);
  return defined.length < FEWEST ? undefined : mean(defined);
}

/** Mean over the second half of the frames that see nothing after the window; undefined below FEWEST frames. */
function settledLevel(delta: Float64Array, window: Window, { reach }: Reach): number | undefined {
  const end = window.end - reach;
  return levelOf(delta, window.start + Math.ceil((end - window.start) / 2), end);
}

/** Robust s.d. of delta about its own level: median |difference of neighbours| / (0.6745 sqrt 2). */
function scatter(delta: Float64Array, window: Window): number {
  const steps: number[] = [];
  for (let t = Math.max(0, window.start) + 1; t < Math.min(window.end + AFTER, delta.length); t++) {
    const step = Math.abs(delta[t] - delta[t - 1]);
    if (!Number.isNaN(step)) steps.push(step);
  }
  return steps.length === 0 ? 0 : median(steps) / (0.6744897501960817 * Math.SQRT2);
}

interface Search {
  readonly from: number;
  /** Last frame at which the segment may start. */
  readonly startBy: number;
  /** One past the last frame that it may hold. */
  readonly to: number;
  /** The higher of the levels on either side of the boundary. */
  readonly above: number;
  /** Reference value of the cumulative sum, half the scatter: keeps noise from prolonging a segment. */
  readonly drift: number;
}

/** The segment with the largest sum of delta - above - drift. Undefined frames divide segments. */
function transient(name: 'peak' | 'rebound', delta: Float64Array, search: Search): Region | Absence {
  const { from, startBy, to, above, drift } = search;
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
  if (best.sum === 0) {
    const what = from < to ? 'nothing stands above both sides of the boundary' : 'no frames there';
    return { name, why: `${what} in [${from}, ${to})` };
  }
  const values = delta.subarray(best.start, best.end);
  const area = values.reduce((total, value) => total + value - above, 0);
  return {
    name,
    start: best.start,
    end: best.end,
    frames: values.length,
    mean: mean(values),
    extreme: extremeIn(delta, best.start, best.end, 'upper'),
    statistic: { name: 'area', value: area, tail: 'upper' },
    area,
  };
}

/** From the Peak's end (or the window's start) to the first frame that can see what follows the window. */
function assimilate(
  delta: Float64Array,
  window: Window,
  { reach }: Reach,
  peakEnd: number,
  settled: number | undefined,
): Region | Absence {
  const span = { start: Math.max(window.start, peakEnd), end: window.end - reach };
  const region = meanRegion('assimilation', delta, span, { minimum: FEWEST });
  if ('why' in region || settled === undefined) return region;
  const halfTime = timeToHalf(delta, { start: window.start, end: span.end }, settled);
  return { ...region, settled, ...(halfTime === undefined ? {} : { halfTime }) };
}

/** Frames until the 5-frame mean reaches half the settled level; undefined while that level may well be 0. */
function timeToHalf(delta: Float64Array, span: Window, settled: number): number | undefined {
  const half = definedIn(delta, span.start + Math.ceil((span.end - span.start) / 2), span.end);
  const error = (standardDeviation(half) / Math.sqrt(half.length)) * dependenceFactor(half);
  if (!(Math.abs(settled) > 2 * error)) return undefined;
  const smooth = movingAverage(delta);
  for (let t = Math.max(0, span.start); t < span.end; t++) {
    if (smooth[t] / settled >= 0.5) return t - span.start;
  }
  return undefined;
}

function recover(
  delta: Float64Array,
  window: Window,
  start: number,
  { spread: floor }: Baseline,
): Region | Absence {
  const end = definedEnd(delta);
  const region = meanRegion(
    'recovery',
    delta,
    { start: Math.max(start, window.end), end },
    { minimum: FEWEST },
  );
  if ('why' in region) return region;
  const sizes = sizesOf(delta.subarray(region.start, region.end));
  const spread = mean(definedIn(sizes, 0, sizes.length));
  if (region.end - region.start < FEWEST_FOR_DECAY) return { ...region, spread };
  const decay = fitDecay(sizes, region.start - window.end, floor);
  // No spread beside the baseline's: a decay of strength 0.
  if (decay === undefined)
    return { ...region, spread, statistic: { name: 'decay', value: 0, tail: 'upper' } };
  const halfLife = Math.LN2 / decay.rate;
  const strength = decay.rate / decay.error;
  const told = strength > 2 && halfLife <= 2 * region.frames;
  return {
    ...region,
    spread,
    statistic: { name: 'decay', value: strength, tail: 'upper' },
    ...(told ? { amplitude: decay.amplitude, halfLife } : {}),
  };
}
