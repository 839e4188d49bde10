// The features of a curve where other music of the clip stands in its window: what a disturbance is compared with. What a feature
// depends on comes from one stretch of music (regions/stretches.ts); what is too long for the music there is has no null, and says why.

import type { EventPlacing } from '../regions/event_places.js';
import { UNRELATED } from '../regions/fit.js';
import { type CleanCurve, otherMusic } from '../regions/other_music.js';
import { definedEnd, frontier, type RegionName } from '../regions/region.js';
import { findRegions } from '../regions/rules.js';
import { seenAt, seenAtBoundary } from '../regions/seen.js';
import {
  canJudge,
  type JudgedFrames,
  type NullCurves,
  roomFor,
  tooShort,
  tooShortWords,
  widened,
  wideningOf,
} from '../regions/stretches.js';
import type { Window } from '../regions/window.js';
import { generator, seedOf } from '../stats/random.js';
import {
  DELTA_FEATURES,
  type DeltaFeature,
  type DeltaFeatures,
  type DeltaOptions,
  deltaFeatures,
  NULL_DRAWS,
} from './curve_features.js';
import type { Placed } from './measured.js';

export interface NullFeatures {
  /** Of what lies around the window; NaN for what lasts to the clip's end. */
  readonly draws: readonly DeltaFeatures[];
  /** A mean over the whole window is seen on few stretches as long: by how much wider it must be taken (`wideningOf`). */
  readonly windowWidening: number;
  /**
   * What AUCs compare with: curves of other clips, since Recovery and the loss of the whole curve last longer than one clip can judge,
   * each feature widened by its own length. Without enough other clips, of the clip itself; NaN where a feature lasts too long.
   */
  readonly compared: readonly DeltaFeatures[];
  /** Why there are none. */
  readonly why?: string;
}

interface NullFeatureMaterial {
  /** [T] clean loss averaged over codebooks, on the frames of the curve. */
  readonly clean: Float64Array;
  /** A delta curve of the clip: only where it is undefined is taken from it. */
  readonly delta: Float64Array;
  readonly window: Window;
  readonly others: readonly CleanCurve[];
  /** Of notes. */
  readonly events?: EventPlacing;
}

type NullFeatureOptions = DeltaOptions & { readonly seed: number; readonly clip: string };

/** A part of the curve that is one stretch, and the features that are taken from it. */
interface Part {
  readonly span: Window;
  readonly features: readonly DeltaFeature[];
}

const [WHOLE, WINDOW] = ['Loss with reference', 'Window rise'] as const;
/** Features over frames of the window alone, and over those to the clip's end. */
const INSIDE: readonly DeltaFeature[] = [WINDOW, 'Assimilation depth'];
const RECOVERY: readonly DeltaFeature[] = ['Recovery mean', 'Recovery spread'];
const PEAK = DELTA_FEATURES.filter((name) => name.startsWith('Peak'));
const REBOUND = DELTA_FEATURES.filter((name) => name.startsWith('Rebound'));

/** How long each feature is, and where its stretch lies. */
interface Judging {
  judged(feature: DeltaFeature, span: Window): JudgedFrames;
  /** Curves under other music in which these frames are one stretch. */
  draws(kind: NullCurves, judged: JudgedFrames): readonly DeltaFeatures[];
}

/**
 * Features on curves of the null `self`: other music of the clip in the window, or of other clips where the window is too long for
 * one; 0 before the disturbance can be seen.
 */
export function nullFeatures(
  { clean, delta, window, others, events }: NullFeatureMaterial,
  options: NullFeatureOptions,
): NullFeatures {
  const { seed, clip, reach } = options;
  const curve = delta.map((value) => (Number.isNaN(value) ? value : 0));
  const material = { curve, window, reach, clean, others, ...(events ? { events } : {}) };
  const found = otherMusic(material, UNRELATED);
  const none = { draws: [], windowWidening: Number.NaN, compared: [] };
  if ('why' in found) return { ...none, why: found.why };
  // Of what is scored up to a time, the end that it would have had: the same draws, and the same numbers up to there.
  const around = { window, reach, end: definedEnd(clean), areNotes: events !== undefined };
  const frames = { ...featureFrames(curve, window, options), [WHOLE]: around.end - frontier(window, reach) };
  const inWindow = seenAt('peak', { ...window, frames: frames[WINDOW] }, around);
  const kinds = found.filter((kind) => canJudge(kind, inWindow));
  const [judge] = kinds;
  if (judge === undefined) return { ...none, why: tooShortWords(tooShort(found, inWindow)) };
  const whole = { start: frontier(window, reach), end: around.end };
  const nearby: Part[] = [
    { span: seenAtBoundary('peak', 1, around).span, features: PEAK },
    { span: window, features: INSIDE },
    { span: seenAtBoundary('rebound', 1, around).span, features: REBOUND },
  ];
  const judging: Judging = {
    judged: (feature, span) => seenAt(regionOf(feature), { ...span, frames: frames[feature] }, around),
    // Named by clip and window alone, so that all disturbances of one window are compared with the same nulls.
    draws: (kind, judged) => {
      const random = generator(
        seedOf(
          seed,
          clip,
          'null features',
          window.start,
          window.end,
          ...(kind.ofOthers ? ['other clips'] : []),
        ),
      );
      return Array.from({ length: NULL_DRAWS }, () =>
        deltaFeatures(kind.draw(random, judged), window, options),
      );
    },
  };
  const kind = kinds.find(({ ofOthers }) => ofOthers) ?? judge;
  const recovery = { start: window.end, end: around.end };
  // One curve for all features, so that those that are subtracted share their draws.
  const isShared = [WHOLE, 'Rebound mean' as const].every((feature) =>
    canJudge(kind, judging.judged(feature, whole)),
  );
  const parts = isShared
    ? [{ span: whole, features: DELTA_FEATURES }]
    : [...nearby, { span: recovery, features: RECOVERY }];
  return {
    draws: featuresOf(judge, nearby, judging),
    windowWidening: wideningOf(inWindow.frames, roomFor(judge, inWindow)),
    compared: featuresOf(kind, parts, { ...judging, isWidened: true }),
  };
}

/** Features on null curves of one kind; NaN for those that no part has, and those that last too long. */
function featuresOf(
  kind: NullCurves,
  parts: readonly Part[],
  { judged, draws, isWidened = false }: Judging & { readonly isWidened?: boolean },
): DeltaFeatures[] {
  const byFeature = new Map<DeltaFeature, readonly number[]>();
  for (const { span, features } of parts) {
    // Of notes, what follows the window is told from its end.
    const drawn = new Map<JudgedFrames['boundary'], readonly DeltaFeatures[]>();
    for (const feature of features) {
      const frames = judged(feature, span);
      if (!canJudge(kind, frames)) continue;
      const curves = drawn.get(frames.boundary) ?? draws(kind, frames);
      drawn.set(frames.boundary, curves);
      const values = curves.map((curve) => curve[feature]);
      byFeature.set(feature, isWidened ? widened(values, kind, frames) : values);
    }
  }
  return Array.from(
    { length: NULL_DRAWS },
    (_, i) =>
      Object.fromEntries(
        DELTA_FEATURES.map((feature) => [feature, byFeature.get(feature)?.[i] ?? Number.NaN]),
      ) as DeltaFeatures,
  );
}

/** Why a feature that was measured has no null curves; undefined where it has them, or was not measured. */
export function unjudgedBy(
  placed: Placed | undefined,
  feature: DeltaFeature,
  against: 'nulls' | 'compared' = 'nulls',
): string | undefined {
  if (placed === undefined || !Number.isFinite(placed.features[feature])) return undefined;
  if (placed[against].some((draw) => Number.isFinite(draw[feature]))) return undefined;
  return placed.unjudged ?? 'there is too little music for other stretches as long';
}

function regionOf(feature: DeltaFeature): RegionName {
  if (RECOVERY.includes(feature)) return 'recovery';
  return feature.startsWith('Rebound') ? 'rebound' : 'peak';
}

/** Frames that each feature is a number of. */
function featureFrames(
  curve: Float64Array,
  window: Window,
  { reach }: Pick<NullFeatureOptions, 'reach'>,
): Readonly<Record<Exclude<DeltaFeature, typeof WHOLE>, number>> {
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
    [WINDOW]: window.end - window.start,
  };
}
