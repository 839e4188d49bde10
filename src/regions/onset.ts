// Our default rule. It knows where the disturbance is, how far the codec looks, and what delta was before. Peak and Rebound
// are numbers at fixed places (transient.ts); the segments that are searched for them say where to draw them, and where
// Assimilation and Recovery begin. Definitions in docs/measure/regions.md.

import { dependenceFactor, mean, median, standardDeviation } from '../stats/describe.js';
import { meanRegion, movingAverage, sorted } from './crossing.js';
import { FEWEST_FOR_DECAY, fitDecay } from './recovery.js';
import {
  type Absence,
  type Baseline,
  definedEnd,
  definedIn,
  frontier,
  type Reach,
  type Region,
  type RegionFindings,
} from './region.js';
import { LEAST, regionIn, type Transients, transientsIn, transientsOf } from './transient.js';
import type { Window } from './window.js';

/** Fewest frames whose mean is called a level. */
const FEWEST = 5;

/** Level and spread of delta before the disturbance can be seen: median and mean absolute deviation from it. */
export function baselineOf(curve: Float64Array, end: number): Baseline {
  const before = definedIn(curve, 0, end);
  if (before.length < FEWEST) return { level: 0, spread: 0, frames: 0 };
  const level = median(before);
  return { level, spread: mean(sizesOf(less(before, level))), frames: before.length };
}

export function less(curve: Float64Array, level: number): Float64Array {
  const result = new Float64Array(curve.length);
  for (let t = 0; t < curve.length; t++) result[t] = curve[t] - level;
  return result;
}

function sizesOf(delta: Float64Array): Float64Array {
  const result = new Float64Array(delta.length);
  for (let t = 0; t < delta.length; t++) result[t] = Math.abs(delta[t]);
  return result;
}

export function onsetRule(curve: Float64Array, window: Window, reach: Reach): RegionFindings {
  const start = frontier(window, reach);
  const baseline = baselineOf(curve, start);
  const delta = less(curve, baseline.level);
  const threshold = Math.max(LEAST, 3 * baseline.spread);
  const seen = delta.subarray(start, window.end + reach.reach);
  const onset = seen.findIndex((value) => Math.abs(value) > threshold);

  const { peak, rebound, settled } = transientsOf(delta, window, {
    reach: reach.reach,
    spread: baseline.spread,
  });
  const endOf = (found: Transients['peak'], other: number): number =>
    ('transient' in found ? found.transient.searched?.end : undefined) ?? other;
  const assimilation = assimilate(delta, window, reach, endOf(peak, window.start), settled);
  const recovery = recover(delta, window, endOf(rebound, window.end), baseline);
  return {
    rule: 'onset',
    window,
    baseline,
    ...(onset < 0 ? {} : { onset: start + onset }),
    ...sorted([regionIn(peak), assimilation, regionIn(rebound), recovery]),
    transients: transientsIn(peak, rebound),
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
