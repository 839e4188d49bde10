// Features of a curve: what RQ3 compares with the loss of the whole clip. Each points the way that a disturbance is
// expected to move it, decided beforehand: a larger value means more disturbed.
//
// Delta features need the clean reference. Curve features are blind: they see the loss of one version alone, and do
// not know where the disturbance is.

import { definedIn, type Reach, type RegionName, type RuleName, type Transient } from '../regions/region.js';
import { findRegions } from '../regions/rules.js';
import type { Window } from '../regions/window.js';
import { changePoint, localMaximum, localVariance } from '../stats/change.js';
import { mean, median } from '../stats/describe.js';

/**
 * A Peak or Rebound stands there by its three definitions: `mean` [b - 1, b + 2) around the boundary b, `five` [b, b + 5) as the paper
 * has it, `searched` the segment that stands out most, 0 where none does (too high by the search, in null curves too).
 * Heights are the extreme of the region under the rule of the analysis, 0 where it finds none (nothing stands above both
 * sides). Means are over the places of rule `fixed`, less the baseline; depth and fall are minus a mean. Nats.
 */
export const DELTA_FEATURES = [
  'Peak height',
  'Peak mean',
  'Peak mean of five',
  'Peak searched',
  'Assimilation depth',
  'Rebound height',
  'Rebound mean',
  'Rebound mean of five',
  'Rebound searched',
  'Recovery mean',
  'Recovery spread',
  'Window rise',
  'Loss with reference',
] as const;
export type DeltaFeature = (typeof DELTA_FEATURES)[number];
export type DeltaFeatures = Readonly<Record<DeltaFeature, number>>;

export const CURVE_FEATURES = ['Local maximum', 'Local variance', 'Change point'] as const;
export type CurveFeature = (typeof CURVE_FEATURES)[number];
export type CurveFeatures = Readonly<Record<CurveFeature, number>>;

/** Means of the regions of rule `fixed`, nats; NaN where a region is absent. */
export type RegionMeans = Readonly<Record<RegionName, number>>;

/** Null curves drawn for a clip and window: with 19, being beyond all of them has a chance of 1 in 20. */
export const NULL_DRAWS = 19;

/** Frames at the clip's start that blind features leave out: the model has little context there. */
const WARM_UP = 50;
/** Widths of blind features in frames: 0.1 s and 0.5 s at 50 frames a second. */
const WIDTH = { maximum: 5, variance: 25 };

export interface DeltaOptions {
  readonly rule: RuleName;
  /** As the row has it. */
  readonly reach: Reach;
}

/** @param curve [T] delta averaged over codebooks, nats, NaN where undefined. */
export function deltaFeatures(
  curve: Float64Array,
  window: Window,
  { rule, reach }: DeltaOptions,
): DeltaFeatures {
  const { regions: found, transients } = findRegions(curve, window, { rule, ...reach });
  const { means, spread, level } = fixedRegions(curve, window, reach);
  const transient = (name: Transient['name']): Transient | undefined =>
    transients.find((each) => each.name === name);
  const five = (name: Transient['name']): number => transient(name)?.paper?.mean ?? Number.NaN;
  const searched = (name: Transient['name']): number => {
    const place = transient(name);
    return place === undefined ? Number.NaN : (place.searched?.mean ?? 0);
  };
  const height = (name: RegionName): number =>
    found.find((region) => region.name === name)?.extreme.value ?? 0;
  return {
    'Peak height': height('peak'),
    'Peak mean': means.peak,
    'Peak mean of five': five('peak'),
    'Peak searched': searched('peak'),
    'Assimilation depth': -means.assimilation,
    'Rebound height': height('rebound'),
    'Rebound mean': means.rebound,
    'Rebound mean of five': five('rebound'),
    'Rebound searched': searched('rebound'),
    'Recovery mean': means.recovery,
    'Recovery spread': spread,
    'Window rise': mean(definedIn(curve, window.start, window.end)) - level,
    'Loss with reference': mean(definedIn(curve, 0, curve.length)),
  };
}

/** Region means by rule `fixed`, nats; NaN where a region is absent. */
export function regionMeans(curve: Float64Array, window: Window, reach: Reach): RegionMeans {
  return fixedRegions(curve, window, reach).means;
}

function fixedRegions(curve: Float64Array, window: Window, reach: Reach) {
  const { regions, baseline } = findRegions(curve, window, { rule: 'fixed', ...reach });
  const of = (name: RegionName) => regions.find((region) => region.name === name);
  const meanOf = (name: RegionName): number => of(name)?.mean ?? Number.NaN;
  const recovery = of('recovery');
  const sizes = recovery
    ? definedIn(curve, recovery.start, recovery.end).map((value) => Math.abs(value - baseline.level))
    : [];
  const means: RegionMeans = {
    peak: meanOf('peak'),
    assimilation: meanOf('assimilation'),
    rebound: meanOf('rebound'),
    recovery: meanOf('recovery'),
  };
  return { means, spread: mean(sizes), level: baseline.level };
}

/** @param byFrame [T] loss of one version averaged over codebooks, nats, NaN where undefined. */
export function curveFeatures(byFrame: Float64Array): CurveFeatures {
  const all = definedIn(byFrame, 0, byFrame.length);
  const curve = all.length > 4 * WARM_UP ? all.subarray(WARM_UP) : all;
  return {
    'Local maximum': localMaximum(curve, WIDTH.maximum).value - median(curve),
    'Local variance': localVariance(curve, WIDTH.variance).value,
    'Change point': changePoint(curve).statistic,
  };
}
