// RQ3: features of a curve beside the loss of the whole clip, as detectors of a disturbance. All point the way decided
// beforehand (curve_features.ts; whole-clip loss: up), so an AUC below 0.5 says that the expectation was wrong.

import { differenceOf } from '../stats/cluster.js';
import type { ClipScores } from '../stats/roc.js';
import { aucBetween, aucBetweenInterval } from '../stats/roc_between.js';
import { CURVE_FEATURES, DELTA_FEATURES, type DeltaFeature } from './curve_features.js';
import { estimateOf, nothing } from './estimate.js';
import type { Estimate } from './estimated.js';
import { type DisturbedClip, nameOf, type Sample } from './measured.js';
import { unjudgedBy } from './null_features.js';
import type { FeatureAuc } from './question_findings.js';

const CLIP_LOSS = 'Whole-clip loss';
const REFERENCE_LOSS = 'Loss with reference' satisfies DeltaFeature;

/** The loss that a feature is measured against: the one that is told from the same undisturbed curves as it is. */
export function lossBeside({ needsClean }: Pick<FeatureAuc, 'needsClean'>): string {
  return needsClean ? REFERENCE_LOSS : CLIP_LOSS;
}

/** The same in a sentence. */
export function lossWords({ needsClean }: Pick<FeatureAuc, 'needsClean'>): string {
  return needsClean ? 'the loss with the clean clip beside it' : 'the loss of the whole clip';
}

export function isLoss(feature: string): boolean {
  return feature === CLIP_LOSS || feature === REFERENCE_LOSS;
}

interface Feature {
  readonly feature: string;
  readonly needsClean: boolean;
  readonly against: string;
  /** Values of one of n clips, disturbed (positive) and not; NaN or none where undefined. */
  readonly scores: (cell: DisturbedClip, n: number) => ClipScores;
  /** Why there is nothing to compare a measured value with. */
  readonly unjudged?: (cell: DisturbedClip) => string | undefined;
}

const clipLoss = ({ clean, disturbed }: DisturbedClip): ClipScores => ({
  positives: [disturbed],
  negatives: [clean],
});

const deltaScores =
  (feature: DeltaFeature) =>
  ({ placed }: DisturbedClip, n: number): ClipScores => ({
    positives: placed ? [placed.features[feature]] : [],
    negatives: placed ? placed.compared.slice(0, nullsFor(n)).map((nulls) => nulls[feature]) : [],
  });

/** Bootstrap draws: half the usual, for there are a dozen features at every point. */
const DRAWS = 1000;

/** Null curves taken of each clip, so that all n clips have about 200 together: with many clips, the clips decide. */
function nullsFor(n: number): number {
  return Math.max(1, Math.ceil(200 / n));
}

const UNDISTURBED = 'the same clips undisturbed';
const FEATURES: readonly Feature[] = [
  { feature: CLIP_LOSS, needsClean: false, against: UNDISTURBED, scores: clipLoss },
  ...CURVE_FEATURES.map((feature) => ({
    feature,
    needsClean: false,
    against: UNDISTURBED,
    scores: ({ curve }: DisturbedClip) => ({
      positives: [curve.disturbed[feature]],
      negatives: [curve.clean[feature]],
    }),
  })),
  // An undisturbed clip has a delta of exactly 0, and every other curve differs from it: that would be no test.
  ...DELTA_FEATURES.map((feature) => ({
    feature,
    needsClean: true,
    against: 'other music in the window of the same clean clips',
    scores: deltaScores(feature),
    unjudged: ({ placed }: DisturbedClip) => unjudgedBy(placed, feature, 'compared'),
  })),
];

/** A row a point and feature; features that no clip has are left out, and those that nothing can be compared with say why. */
export function featureAucs(samples: readonly Sample[], options: { readonly seed: number }): FeatureAuc[] {
  return samples.flatMap((sample) =>
    FEATURES.flatMap((feature) => {
      const measured = sample.cells.flatMap((cell) => {
        const n = sample.cells.length;
        const scores = feature.scores(cell, n);
        // AUCs are subtracted only where they have the same negatives.
        const loss = feature.needsClean ? deltaScores(REFERENCE_LOSS)(cell, n) : clipLoss(cell);
        return isDefined(scores) ? [{ scores, loss }] : [];
      });
      if (measured.length > 0) return [rowOf(sample, feature, measured, options)];
      // Measured, with nothing to compare it with.
      const [why] = sample.cells.flatMap((cell) => feature.unjudged?.(cell) ?? []);
      if (why === undefined) return [];
      const none = nothing(sample.planned, why);
      const { point } = sample;
      const { feature: name, needsClean, against } = feature;
      return [{ ...point, feature: name, needsClean, against, auc: none, overLoss: none }];
    }),
  );
}

function rowOf(
  { point, planned }: Sample,
  { feature, needsClean, against }: Feature,
  measured: readonly { readonly scores: ClipScores; readonly loss: ClipScores }[],
  { seed }: { readonly seed: number },
): FeatureAuc {
  const quantity = { seed, name: `${nameOf(point)} ${feature}`, planned, draws: DRAWS };
  const scores = measured.map((clip) => clip.scores);
  const own = aucBetween(scores);
  const overLoss = (): Estimate => {
    if (isLoss(feature)) return nothing(planned, 'it is the loss itself');
    if (!measured.every(({ loss }) => loss.positives.every(Number.isFinite)))
      return nothing(planned, 'scoring ended early: the loss of the whole clip is not measured');
    // The loss of the whole curve lasts longer than what a small study has other music for.
    if (!measured.every(({ loss }) => isDefined(loss)))
      return nothing(planned, 'too little music of other clips to judge the loss of the whole curve');
    return estimateOf(differenceOf(own, aucBetween(measured.map((clip) => clip.loss))), {
      ...quantity,
      name: `${quantity.name} over loss`,
    });
  };
  return {
    ...point,
    feature,
    needsClean,
    against,
    auc: estimateOf(own, quantity, (interval) => aucBetweenInterval(scores, interval)),
    overLoss: overLoss(),
  };
}

function isDefined({ positives, negatives }: ClipScores): boolean {
  return [positives, negatives].every((values) => values.length > 0 && values.every(Number.isFinite));
}
