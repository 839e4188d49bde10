// Findings: what the rows of a study say, as tables of plain numbers. Reports draw findings and compute nothing.
// The unit of analysis is the clip: every n counts clips, every interval resamples clips. Undefined is null, missing is
// counted. Intervals are 95 per cent; losses are in nats per code; lengths in codec frames ("tokens").

import type { Severity, SeverityName } from '../perturb/severity.js';
import type { Parity } from '../probe/parity.js';
import type { CellFacts, Domain, GridValue } from '../study/row.js';
import type { BatteryRow, BatteryTrend, PowerRow, ScoreRow } from './battery_findings.js';
import type { Estimate } from './estimated.js';
import type { MixedSets } from './mix.js';

/**
 * The group that holds every clip of a study of several groups, each counted once. Its rows stand beside those of the
 * groups, and their tests are families of their own.
 */
export const ALL_GROUPS = 'all groups';

/** A p-value, its name and the same corrected by Holm over its family. */
export interface Test {
  readonly p: number | null;
  readonly holm: number | null;
  /** "two-sided sign-flip permutation test by clip". */
  readonly name: string;
  /** Which p-values it was corrected with: "RQ1, clip loss". */
  readonly family: string;
}

/** One model under one protocol on one group, disturbed in one way: what a line of a figure shows. */
export interface Slice {
  readonly model: string;
  readonly protocol: string;
  readonly condition: string;
  readonly group: string;
  /** Name of the disturbance in the study. */
  readonly disturbance: string;
  readonly kind: string;
  readonly color: string | null;
  readonly edit: string | null;
  readonly domain: Domain;
}

/** One member of a slice's grid. */
export interface Point extends Slice {
  readonly variant: string;
  readonly lengthTokens: number | null;
  readonly blockTokens: number | null;
  readonly level: CellFacts['level'];
  readonly levelDbfs: number | null;
  /** Its severity; null where it has none. */
  readonly severity: Severity | null;
  /** What varies within the disturbance, and this point's values. */
  readonly grid: readonly GridValue[];
  readonly words: string;
}

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
  readonly points: readonly { readonly x: number; readonly hits: number; readonly n: number }[];
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
  /** AUC minus that of whole-clip loss, on the same clips. */
  readonly overLoss: Estimate;
}

/** Region means by clip: Fig. 4. */
export interface RegionSample extends Point {
  readonly region: 'peak' | 'assimilation' | 'rebound' | 'recovery';
  /** One number a clip, nats. */
  readonly values: readonly number[];
  readonly mean: Estimate;
  readonly test: Test;
}

/**
 * Mean delta curve over clips: Fig. 3, and its heat map by codebook. Frames [from, from + length) of the clip where the
 * window starts at the same frame in every clip; otherwise they are counted from the window's start (`window.start` 0).
 */
export interface Curve extends Point {
  readonly from: number;
  readonly frameRate: number;
  readonly window: { readonly start: number; readonly end: number };
  readonly mean: readonly (number | null)[];
  /** Pointwise 95% interval over clips (Student's t); null below three clips. */
  readonly low: readonly (number | null)[];
  readonly high: readonly (number | null)[];
  /** [K][frames] mean over clips. */
  readonly byCodebook: readonly (readonly (number | null)[])[];
  /** Regions of rule `fixed`, in the same frames as the curve. */
  readonly bands: readonly { readonly name: string; readonly start: number; readonly end: number }[];
  readonly n: number;
}

/** Notched box of clip losses: Fig. 5. */
export interface LossBox extends Slice {
  /** What all boxes of a row share beside the slice: "length 500"; empty when there is nothing. */
  readonly at: string;
  /** Null: the clean clips. */
  readonly blockTokens: number | null;
  readonly n: number;
  readonly mean: number;
  readonly median: number;
  readonly q1: number;
  readonly q3: number;
  readonly low: number;
  readonly high: number;
  /** Half-width of the notch, 1.57 IQR / sqrt(n). */
  readonly notch: number;
  readonly outliers: readonly number[];
}

/** Which codes really changed, mean shares over clips by codebook. */
export interface Leak extends Point {
  /** [K]. */
  readonly before: readonly (number | null)[];
  readonly inside: readonly (number | null)[];
  readonly after: readonly (number | null)[];
  readonly n: number;
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
  readonly possibleAtLeast: number;
}

/** A published value beside ours. */
export interface Published {
  /** "Fig. 2". */
  readonly where: string;
  readonly what: string;
  readonly published: number;
  /** Standard deviation over so many clips, where the paper has it. */
  readonly spread?: { readonly sd: number; readonly n: number };
  /** The point of ours that is of the same model, group and protocol, and so may be drawn beside it. */
  readonly beside?: Pick<Point, 'model' | 'protocol' | 'condition' | 'group' | 'disturbance' | 'variant'>;
  /** Ours where a slice corresponds; else null, with the reason. */
  readonly ours: number | null;
  readonly note: string;
}

/** A sensitivity map as numbers: how strongly the model reacts along one clip, beside what its clean loss says. */
export interface MappedClip extends Pick<Slice, 'model' | 'protocol' | 'condition' | 'group'> {
  /** Names its file in the store. */
  readonly key: string;
  readonly clip: string;
  readonly title: string | null;
  /** Positions that were disturbed, and those left out because they are silent. */
  readonly positions: number;
  readonly silent: number;
  /** Mean Peak over positions with its 95% interval over blocks of 5: how well this clip is known. No `n` of clips. */
  readonly peak: Pick<Estimate, 'value' | 'low' | 'high'>;
  /** Share of Peaks with a chance below 0.05; null without a null. */
  readonly beyond: number | null;
  /** Every feature by name. */
  readonly features: Readonly<Record<string, number | null>>;
}

/** How well a number of a mapped clip separates two groups. */
export interface MapSeparation extends Pick<Slice, 'model' | 'protocol' | 'condition'> {
  /** The AUC is the chance that a clip of b has the larger number, ties half; 0.5 is chance. */
  readonly a: string;
  readonly b: string;
  readonly feature: string;
  readonly auc: Estimate;
  /** Clips of the same name, one in each group, were drawn together. */
  readonly paired: boolean;
}

export interface MapFindings {
  /** In words, as the first map says it; empty where there is none. */
  readonly disturbance: string;
  readonly planned: number;
  readonly missing: number;
  readonly failures: readonly { readonly error: string; readonly maps: number }[];
  /** What each feature is, in words. */
  readonly features: readonly { readonly feature: string; readonly words: string }[];
  /** By model, the most sensitive first. */
  readonly clips: readonly MappedClip[];
  readonly separations: readonly MapSeparation[];
}

/** An answer in plain words, each sentence with its numbers. */
export interface Answer {
  readonly question: 'Scores' | 'RQ1' | 'RQ2' | 'RQ3' | 'RQ4' | 'Amnesia';
  readonly title: string;
  /** The answer in one sentence of everyday words. */
  readonly verdict: string;
  readonly sentences: readonly string[];
  /** The numbers that the verdict rests on, as far as a small figure can show them. */
  readonly figure: AnswerFigure;
}

/** Dots with their intervals on one axis, largest first. */
export interface AnswerFigure {
  readonly axis: string;
  /** The value that means nothing is there, and what it means. */
  readonly reference: number;
  readonly referenceName: string;
  readonly points: readonly AnswerPoint[];
  /** How many there are; those in the middle are left out. */
  readonly of: number;
}

export interface AnswerPoint {
  readonly name: string;
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** What made the numbers, once per model, protocol and condition. */
export type Maker = Pick<
  CellFacts,
  | 'model'
  | 'fingerprint'
  | 'protocol'
  | 'condition'
  | 'precision'
  | 'runtime'
  | 'device'
  | 'instructions'
  | 'measurement'
  | 'losscope'
  | 'resampler'
>;

export interface Findings {
  readonly study: string;
  readonly planHash: string;
  readonly seed: number;
  readonly rule: string;
  readonly counts: {
    readonly planned: number;
    readonly ok: number;
    readonly failed: number;
    readonly missing: number;
    /** Clips by group. */
    readonly clips: Readonly<Record<string, number>>;
    readonly failures: readonly { readonly error: string; readonly cells: number }[];
  };
  readonly makers: readonly Maker[];
  /** How far the numbers are from fp32 on the CPU, on clips of the study; empty where that is what made them. */
  readonly parity: readonly Parity[];
  /** How far apart instruction sets are on the same cells; empty unless the study mixes them and some cell came out in two ways. */
  readonly mixed: readonly MixedSets[];
  readonly answers: readonly Answer[];
  readonly clipLoss: readonly ClipLoss[];
  readonly trends: readonly LengthTrend[];
  readonly psychometric: readonly Psychometric[];
  readonly features: readonly FeatureAuc[];
  readonly regions: readonly RegionSample[];
  readonly curves: readonly Curve[];
  readonly boxes: readonly LossBox[];
  readonly leaks: readonly Leak[];
  readonly contrasts: readonly Contrast[];
  readonly amnesia: readonly Amnesia[];
  readonly published: readonly Published[];
  /** Absent in a study that maps no clips. */
  readonly maps?: MapFindings;
  /** Which score hears which damage; these four are absent in a study without a battery. */
  readonly battery?: readonly BatteryRow[];
  /** Each score over the whole battery. */
  readonly scores?: readonly ScoreRow[];
  /** How each score follows the severity of each damage. */
  readonly severity?: readonly BatteryTrend[];
  /** How often the panel raises an alarm. */
  readonly power?: readonly PowerRow[];
}
