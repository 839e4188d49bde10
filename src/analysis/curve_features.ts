// Features of a curve: what RQ3 compares with the loss of the whole clip. Each points the way that a disturbance is
// expected to move it, decided beforehand: a larger value means more disturbed.
//
// Delta features need the clean reference. Curve features are blind: they see the loss of one version alone, and do
// not know where the disturbance is.

import type { EventPlacing } from '../regions/event_places.js';
import {
  type CleanCurve,
  type NullCurves,
  otherMusic,
  UNRELATED,
  widened,
  wideningOf,
} from '../regions/other_music.js';
import {
  definedEnd,
  definedIn,
  frontier,
  type Reach,
  type RegionName,
  type RuleName,
  type Transient,
} from '../regions/region.js';
import { findRegions } from '../regions/rules.js';
import type { Window } from '../regions/window.js';
import { changePoint, localMaximum, localVariance } from '../stats/change.js';
import { mean, median } from '../stats/describe.js';
import { generator, seedOf } from '../stats/random.js';

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

/** Features of null curves. */
export interface NullFeatures {
  readonly draws: readonly DeltaFeatures[];
  /** A mean over the whole window is seen on few stretches as long: by how much wider it must be taken (`wideningOf`). */
  readonly windowWidening: number;
  /**
   * What AUCs compare with: curves of other clips, since Recovery and the loss of the whole curve last longer than one clip can judge,
   * each feature widened by its own length. Without enough other clips those of `draws`; NaN where a feature lasts too long.
   */
  readonly compared: readonly DeltaFeatures[];
}

/**
 * The same features on curves of the null `self`: other music of the clip in the window, or of other clips where the window is too
 * long for one; 0 before the disturbance can be seen. Empty where both are too short for the window.
 * @param clean [T] clean loss averaged over codebooks, on the frames of the curve.
 * @param delta a delta curve of the clip: only where it is undefined is taken from it.
 */
export function nullFeatures(
  {
    clean,
    delta,
    window,
    others,
    events,
  }: {
    readonly clean: Float64Array;
    readonly delta: Float64Array;
    readonly window: Window;
    readonly others: readonly CleanCurve[];
    /** Of notes. */
    readonly events?: EventPlacing;
  },
  options: DeltaOptions & { readonly seed: number; readonly clip: string },
): NullFeatures {
  const { seed, clip, reach } = options;
  const curve = delta.map((value) => (Number.isNaN(value) ? value : 0));
  const material = { curve, window, reach, clean, others, ...(events ? { events } : {}) };
  const found = otherMusic(material, UNRELATED);
  const length = window.end - window.start;
  const kinds = 'why' in found ? [] : found;
  const judge = kinds.find(({ longest }) => length <= longest);
  if (judge === undefined) return { draws: [], windowWidening: Number.NaN, compared: [] };
  // Named by clip and window alone, so that all disturbances of one window are compared with the same nulls.
  const drawn = ({ draw }: NullCurves, ...name: readonly string[]): DeltaFeatures[] => {
    const random = generator(seedOf(seed, clip, 'null features', window.start, window.end, ...name));
    return Array.from({ length: NULL_DRAWS }, () => deltaFeatures(draw(random), window, options));
  };
  const draws = drawn(judge);
  const frames = featureFrames(curve, window, reach);
  const elsewhere = kinds.find(({ otherClips, longest }) => otherClips !== undefined && length <= longest);
  const kind = elsewhere ?? judge;
  const all = kind === judge ? draws : drawn(kind, 'other clips');
  return { draws, windowWidening: wideningOf(length, judge), compared: widenedFeatures(all, frames, kind) };
}

/** Frames that each feature is a mean over. */
function featureFrames(
  curve: Float64Array,
  window: Window,
  reach: Reach,
): Readonly<Record<DeltaFeature, number>> {
  const { regions } = findRegions(curve, window, { rule: 'fixed', ...reach });
  const of = (name: RegionName): number => regions.find((region) => region.name === name)?.frames ?? 1;
  return {
    ...{ 'Peak height': of('peak'), 'Peak mean': of('peak'), 'Peak mean of five': 5, 'Peak searched': 5 },
    ...{
      'Rebound height': of('rebound'),
      'Rebound mean': of('rebound'),
      'Rebound mean of five': 5,
      'Rebound searched': 5,
    },
    ...{
      'Assimilation depth': of('assimilation'),
      'Recovery mean': of('recovery'),
      'Recovery spread': of('recovery'),
    },
    'Window rise': window.end - window.start,
    'Loss with reference': definedEnd(curve) - frontier(window, reach),
  };
}

/** Each feature stretched about its mean over the draws, as far as stretches of its length can judge it. */
function widenedFeatures(
  draws: readonly DeltaFeatures[],
  frames: Readonly<Record<DeltaFeature, number>>,
  kind: NullCurves,
): DeltaFeatures[] {
  const wider = new Map(
    DELTA_FEATURES.map((feature) => {
      const values = draws.map((draw) => draw[feature]);
      const judged =
        frames[feature] <= kind.longest
          ? widened(values, frames[feature], kind)
          : values.map(() => Number.NaN);
      return [feature, judged];
    }),
  );
  return draws.map(
    (_, i) =>
      Object.fromEntries(
        DELTA_FEATURES.map((feature) => [feature, wider.get(feature)?.[i]]),
      ) as DeltaFeatures,
  );
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
