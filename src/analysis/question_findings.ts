// The tables behind the questions RQ1 to RQ4 and the amnesia index. Losses are in nats per code; every interval is over clips.

import type { SeverityName } from '../perturb/severity.js';
import type { Estimate, Test } from './estimated.js';
import type { Point, Slice } from './point.js';

/** RQ1: does the loss of the whole clip see it? */
export interface ClipLoss extends Point {
  /** Mean loss of the clean clips, and of the disturbed ones. */
  readonly clean: Estimate;
  readonly disturbed: Estimate;
  /** Paired difference, disturbed minus clean, and its standard deviation over clips. */
  readonly difference: Estimate;
  readonly sd: number | null;
  readonly test: Test;
  /** Chance that a disturbed clip has the higher loss than a clean one, over pairs of different clips (ROC AUC); 0.5 is blind. */
  readonly auc: Estimate;
  /** Share of clips whose own loss rises. */
  readonly rises: Estimate;
  /** Difference times T / disturbed frames: effect per disturbed token, freed of dilution. Null without a length. */
  readonly perToken: Estimate;
}

/** RQ2: loss difference against length. */
export interface LengthTrend extends Slice {
  /** What all its points share beside the slice: "level match", "level match, block 10"; empty when there is nothing. */
  readonly at: string;
  /** `raw`: mean over the clip, as the paper; `perToken`: per disturbed token. */
  readonly quantity: 'raw' | 'perToken';
  readonly lengths: readonly number[];
  /** Over the means of all clips at each length, as the paper correlates them. */
  readonly pearsonOfMeans: Estimate;
  readonly pearsonOfMeansP: number | null;
  readonly spearmanOfMeans: Estimate;
  readonly spearmanOfMeansP: number | null;
  /** Mean over clips of each clip's own correlation. */
  readonly pearson: Estimate;
  readonly spearman: Estimate;
  /** Nats per code per token of length, mean of the clips' own slopes. */
  readonly slope: Estimate;
  readonly test: Test;
}

/** RQ2: share of clips in which a feature detects the disturbance, against length or level. */
export interface Psychometric extends Slice {
  /** `clip loss falls` or `peak beyond chance`... what counts as a hit, in words. */
  readonly detector: string;
  readonly axis: 'length' | 'level' | 'severity';
  /** Which severity; null for the other axes. */
  readonly severityName: SeverityName | null;
  /** What all its points share beside the slice: "level match", "length 100"; empty when there is nothing. */
  readonly at: string;
  readonly points: readonly {
    readonly x: number;
    readonly hits: number;
    readonly n: number;
    /** Why there are clips that count neither as hit nor as miss, where there are: the first one's reason. */
    readonly unjudged?: string;
  }[];
  /** x at which half is detected, and slope of the logistic in log2 length or dB. */
  readonly threshold: Estimate;
  readonly slope: Estimate;
  /** The fitted curve, for drawing; empty when there is none. */
  readonly curve: readonly { readonly x: number; readonly p: number }[];
}

/** RQ3: how well a feature of a curve separates disturbed clips from clean ones. */
export interface FeatureAuc extends Point {
  readonly feature: string;
  /** True: computed from the difference to the clean clip; false: from the disturbed clip's own loss alone. */
  readonly needsClean: boolean;
  /** What the disturbed clips are compared with, in words. */
  readonly against: string;
  readonly auc: Estimate;
  /** AUC minus that of the loss with the same negatives: with the clean clip beside it where the feature needs it, else of the whole clip. */
  readonly overLoss: Estimate;
}

/** RQ4: one difference between two slices at the same variant, or a claim of none. */
export interface Contrast {
  readonly factor: 'model' | 'group' | 'kind' | 'protocol' | 'domain';
  readonly a: string;
  readonly b: string;
  /** What is held equal: "white length=100, tiny, delayed". */
  readonly at: string;
  readonly quantity: string;
  /** a minus b; paired by clip where both have the same clips. */
  readonly difference: Estimate;
  readonly paired: boolean;
  readonly test: Test;
  /** Equivalence: both one-sided tests at the margin, nats. */
  readonly margin: number;
  readonly equivalenceP: number | null;
  /** The same corrected by Holm over the family of the test. */
  readonly equivalenceHolm: number | null;
  /** `different` and `equivalent` go by the corrected p-values at 0.05; a small but certain difference is `different`; where a side has no row nothing is said (`unmeasured`). */
  readonly verdict: 'different' | 'equivalent' | 'undecided' | 'unmeasured';
}

/** Amnesia index: 0 = the noise is ignored, 1 = what came before it is forgotten. */
export interface Amnesia extends Point {
  /** Frames after the disturbance over which the tail is scored. */
  readonly tailTokens: number;
  /** Ratio of mean differences over clips. */
  readonly index: Estimate;
  /** The two differences themselves, nats: numerator l(y|p,n) - l(y|p), denominator l(y|n) - l(y|p). */
  readonly lost: Estimate;
  readonly possible: Estimate;
  /** One index a clip where its denominator is at least `possibleAtLeast` nats, for drawing. */
  readonly values: readonly number[];
  /** The clips in the same order. */
  readonly clips: readonly string[];
  readonly possibleAtLeast: number;
}
