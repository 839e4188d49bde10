// Region, Baseline, Findings: what a rule says about a delta curve. Everything here is JSON as it stands:
// what could not be found is absent (with the reason in `absent`), never zero and never NaN.

import type { Window } from './window.js';

export const REGION_NAMES = ['peak', 'assimilation', 'rebound', 'recovery'] as const;
export type RegionName = (typeof REGION_NAMES)[number];

export const RULES = ['onset', 'fixed', 'paper', 'released'] as const;
export type RuleName = (typeof RULES)[number];

/** The one number of a region that is compared with the null. */
export interface Statistic {
  /**
   * `mean` as in the region; `template`: the matched filter of transient.ts, nats x sqrt(frames); `area`: what a searched
   * segment holds above both sides, nats x frames; `decay`: the fitted decay rate in standard errors.
   */
  readonly name: 'mean' | 'template' | 'area' | 'decay';
  readonly value: number;
  /** `upper`: as large counts as as much. `both`: as far from zero, either sign. */
  readonly tail: 'upper' | 'both';
}

/** delta - baseline.level where it is largest or furthest from zero, and its frame. */
export interface Extreme {
  readonly value: number;
  readonly at: number;
}

/** Why a number has no chance. */
export type Unjudged =
  /** It is over `frames` frames; from `available` frames of clean loss at most `longest` in a row can be judged. */
  | {
      readonly reason: 'too short';
      readonly frames: number;
      readonly available: number;
      readonly longest: number;
    }
  /** It depends on `frames` frames in a row: one stretch of clean loss has at most `longest`. */
  | { readonly reason: 'no stretch'; readonly frames: number; readonly longest: number }
  /** This source of null curves cannot judge this statistic. */
  | { readonly reason: 'source'; readonly source: string };

/** A stretch [start, end) of the frame axis and the mean over it. */
export interface RegionPlace extends Window {
  /** Frames in [start, end) where delta is defined: what the mean is over. */
  readonly frames: number;
  /** Mean of delta - baseline.level, nats. */
  readonly mean: number;
  /** Chance that the null gives at least as much, (1 + count) / (1 + draws). Absent without a null; `unjudged` may say why. */
  readonly chance?: number;
  readonly unjudged?: Unjudged;
}

/**
 * A Peak or Rebound by its three definitions. The first two lie at places fixed beforehand, so their means are unbiased; the
 * third is looked for, so that its mean is above the truth, also where there is nothing.
 */
export interface Transient {
  readonly name: 'peak' | 'rebound';
  /** [b - 1, b + 2) around the boundary b: where the codec mixes both of its sides. */
  readonly boundary: RegionPlace;
  /** [b, b + 5): the paper's first five frames. Absent where the window or the clip has no room for it. */
  readonly paper?: RegionPlace;
  /** The segment that stands out most (rule `onset`), and what it holds above both sides; its chance is that of the area. */
  readonly searched?: RegionPlace & { readonly extreme: Extreme; readonly area: number };
}

/** A named stretch [start, end) of the frame axis. Losses in nats, times in frames. */
export interface Region extends RegionPlace {
  readonly name: RegionName;
  /** delta - baseline.level where it is largest (peak, rebound) or furthest from zero (the others), and its frame. */
  readonly extreme: Extreme;
  readonly statistic: Statistic;
  /** Peak and rebound of rule `onset`: the segment to draw. It is searched for, and judges nothing. */
  readonly drawn?: Window;
  /** Rule `onset`, assimilation: mean over the second half of the window's interior, where delta has settled. */
  readonly settled?: number;
  /** Rule `onset`, assimilation: frames from the window's start until half of `settled` is reached. */
  readonly halfTime?: number;
  /** Recovery: mean |delta - baseline.level|. */
  readonly spread?: number;
  /** Rule `onset`, recovery: fitted spread at the window's end, beside the baseline's. */
  readonly amplitude?: number;
  /** Rule `onset`, recovery: frames in which the fitted spread halves. Absent when no decay is found. */
  readonly halfLife?: number;
}

/** Why a region is not in the list. */
export interface Absence {
  readonly name: RegionName;
  readonly why: string;
}

/** What delta is where nothing has happened yet. */
export interface Baseline {
  /** Taken off every mean; nats. 0 by definition for `paper` and `released`. */
  readonly level: number;
  /** Mean |delta - level| before the onset; nats. */
  readonly spread: number;
  /** Frames it was estimated from; 0: nothing was there to estimate from, and the level is assumed to be 0. */
  readonly frames: number;
  /** `released`: the mean that a run must not exceed to end the Peak; nats. */
  readonly threshold?: number;
}

export interface RegionFindings {
  readonly rule: RuleName;
  readonly window: Window;
  readonly baseline: Baseline;
  /** First frame where delta leaves the baseline (rule `onset`). Absent when it never does. */
  readonly onset?: number;
  readonly regions: readonly Region[];
  readonly absent: readonly Absence[];
  /** Peak and Rebound by every definition, whatever the rule. */
  readonly transients: readonly Transient[];
}

/** How far before its own frame a disturbed sample can be seen. */
export interface Reach {
  /** Frames on either side that the codec sees: 4 for MusicGen's EnCodec, whose convolutions see +-4.24; 0 for codes. */
  readonly reach: number;
  /** Frames by which the last codebook is predicted later than the first: K - 1 under the delay pattern. */
  readonly lag: number;
}

/** Of the released MusicGen models: for curves that come without a model. */
export const ENCODEC_REACH: Reach = { reach: 4, lag: 3 };

/** First frame that the disturbance can touch at all; what lies before is baseline. */
export function frontier(window: Window, { reach, lag }: Reach): number {
  return Math.max(0, window.start - reach - lag);
}

/** One past the last defined frame. */
export function definedEnd(curve: Float64Array): number {
  let end = curve.length;
  while (end > 0 && Number.isNaN(curve[end - 1])) end--;
  return end;
}

/** The defined values of [start, end), clipped to the curve: a view where all are defined, not to be written to. */
export function definedIn(curve: Float64Array, start: number, end: number): Float64Array {
  const part = curve.subarray(Math.max(0, start), Math.max(0, end));
  for (let t = 0; t < part.length; t++) {
    if (Number.isNaN(part[t])) return part.filter((value) => !Number.isNaN(value));
  }
  return part;
}

/** Where the curve is largest (`upper`) or furthest from zero (`both`) in [start, end). */
export function extremeIn(curve: Float64Array, start: number, end: number, tail: Statistic['tail']): Extreme {
  const size = (t: number): number => (tail === 'upper' ? curve[t] : Math.abs(curve[t]));
  let at = start;
  for (let t = start; t < end; t++) {
    if (!Number.isNaN(curve[t]) && !(size(t) <= size(at))) at = t;
  }
  return { value: curve[at], at };
}
