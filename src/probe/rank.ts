// Ranking: clips by how strongly the model reacts when they are disturbed, beside what their loss says without any
// disturbance; and how well each of these numbers tells two groups of clips apart. An experiment: whether sensitivity
// says anything of the music is for the numbers to show.

import { stem } from '../audio/clip.js';
import { counted } from '../counted.js';
import type { SecondsCurve } from '../scores/curves.js';
import { FEWEST_CLIPS, type Interval, meanInterval } from '../stats/bootstrap.js';
import { mean, standardDeviation } from '../stats/describe.js';
import { aucIndependent } from '../stats/roc.js';
import { aucBetweenInterval } from '../stats/roc_between.js';
import { type ClipMap, type MeanReaction, meanReaction } from './map_record.js';
import type { ClipInfo } from './record.js';

/** What a clip is ranked by, nats per code; `variance` nats squared. */
export const FEATURES = ['sensitivity', 'loss', 'entropy', 'surprise', 'maximum', 'variance'] as const;
export type Feature = (typeof FEATURES)[number];

/** Each feature of one clip, in words. */
export const FEATURE_WORDS: Readonly<Record<Feature, string>> = {
  sensitivity: 'mean Peak over the positions of the map',
  loss: 'mean loss of the clean clip',
  entropy: 'mean entropy of what the model predicted',
  surprise: 'mean loss minus mean entropy',
  maximum: 'largest mean loss of one second',
  variance: 'mean variance of the loss by frame within one second',
};

export interface RankedClip {
  readonly clip: ClipInfo;
  /** Mean Peak, with its interval over blocks of positions of this clip. */
  readonly peak: MeanReaction;
  /** Share of Peaks with a chance below 0.05. Absent without a null. */
  readonly beyond?: number;
  readonly features: Readonly<Record<Feature, number>>;
}

/** The numbers of one map. */
export function rankedClip(map: ClipMap): RankedClip {
  const { clip, clean, clock, entropy, points, calibration } = map;
  const peak = meanReaction(map, 'peak');
  const defined = (values: Float64Array) => values.filter((value) => !Number.isNaN(value));
  const second = Math.round(clock.sampleRate / clock.hop);
  const seconds = windowsOf(defined(clean.byFrame), second);
  const spread = mean(defined(entropy));
  return {
    clip,
    peak,
    ...(calibration
      ? { beyond: points.filter(({ chance = 1 }) => chance < 0.05).length / points.length }
      : {}),
    features: {
      sensitivity: peak.mean,
      loss: clean.mean,
      entropy: spread,
      surprise: mean(defined(clean.byFrame)) - spread,
      maximum: Math.max(...seconds.map(mean)),
      variance: mean(seconds.map((window) => standardDeviation(window) ** 2)),
    },
  };
}

/** Windows of so many frames, side by side; what is left at the end is left out, unless it is all there is. */
function windowsOf(values: Float64Array, frames: number): Float64Array[] {
  const count = Math.max(1, Math.floor(values.length / frames));
  return Array.from({ length: count }, (_, i) => values.subarray(i * frames, (i + 1) * frames));
}

/** The Peak at each position of a map over seconds: its mean is the sensitivity. */
export function sensitivityCurve({ points }: Pick<ClipMap, 'points'>): SecondsCurve {
  return {
    from: 'mean',
    seconds: Float64Array.from(points, ({ seconds }) => seconds),
    values: Float64Array.from(points, ({ peak }) => peak ?? Number.NaN),
  };
}

/** The most sensitive first. */
export function ranked(clips: readonly RankedClip[]): RankedClip[] {
  return clips.toSorted((a, b) => b.features.sensitivity - a.features.sensitivity);
}

/** A feature's mean over clips, with its 95% interval from two clips on. */
export function meanFeature(
  clips: readonly RankedClip[],
  feature: Feature,
): { readonly mean: number; readonly interval?: Interval } {
  const values = clips.map(({ features }) => features[feature]);
  if (values.length < 2) return { mean: mean(values) };
  return { mean: mean(values), interval: meanInterval(values, { name: `rank ${feature}` }) };
}

/** How well a feature separates two groups. */
export interface Separation {
  readonly feature: Feature;
  /** P(a clip of the second group has the larger value) + half of P(equal): 0.5 is chance. With its 95% interval. */
  readonly auc: number;
  readonly low: number;
  readonly high: number;
  /** Whether clips were paired by name, one of each group, and drawn together for the interval. */
  readonly paired: boolean;
}

/**
 * The AUC of every feature for two groups of clips. Where each clip of one has its partner of the same name (without
 * folder and extension) in the other, no clip is compared with its partner and the interval is over pairs; else over clips of
 * each group.
 * Throws below three clips in a group.
 */
export function separations(first: readonly RankedClip[], second: readonly RankedClip[]): Separation[] {
  if (Math.min(first.length, second.length) < FEWEST_CLIPS) {
    throw new Error(
      `rank: groups of ${first.length} and ${counted(second.length, 'clip')}, at least ${FEWEST_CLIPS} in each needed to compare`,
    );
  }
  const pairs = pairsOf(first, second);
  return FEATURES.map((feature) => {
    const of = ({ features }: RankedClip): number => features[feature];
    if (pairs) {
      const clips = pairs.map(([a, b]) => ({ positives: [of(b)], negatives: [of(a)] }));
      // A clip beside its own other version is no fair pair: roc_between.ts says why.
      const { value, low, high } = aucBetweenInterval(clips, { name: `rank ${feature}` });
      return { feature, auc: value, low, high, paired: true };
    }
    const { value, low, high } = aucIndependent(second.map(of), first.map(of));
    return { feature, auc: value, low, high, paired: false };
  });
}

/** Clips by name, one of each group; or none, when a name has no partner or comes twice. */
function pairsOf(
  first: readonly RankedClip[],
  second: readonly RankedClip[],
): (readonly [RankedClip, RankedClip])[] | undefined {
  const partners = new Map(second.map((ranking) => [stem(ranking.clip), ranking]));
  const names = new Set(first.map(({ clip }) => stem(clip)));
  if (names.size !== first.length || partners.size !== second.length || names.size !== partners.size)
    return undefined;
  const pairs = first.flatMap((own) => {
    const partner = partners.get(stem(own.clip));
    return partner ? [[own, partner] as const] : [];
  });
  return pairs.length === first.length ? pairs : undefined;
}
