// Psychometric function: how the share of hits (clips detected, say) grows with length or level, by a logistic curve
//   P(hit | x) = guess + (1 - guess - lapse) / (1 + exp(-slope (x - threshold)))
// fitted by maximum likelihood, with guess and lapse given (Wichmann and Hill 2001).

import { counted } from '../counted.js';
import type { ClusterStatistic } from './cluster.js';

/** Hits among trials at one x. */
export interface Trials {
  readonly x: number;
  readonly hits: number;
  readonly trials: number;
}

export interface PsychometricOptions {
  /** 'log' fits over log2(x): the slope is then per doubling, the threshold still in the units of x. Default 'linear'. */
  readonly scale?: 'linear' | 'log';
  /** Share of hits without a signal. Default 0. */
  readonly guess?: number;
  /** Share of misses however strong the signal. Default 0. */
  readonly lapse?: number;
}

/** Why a fit has no threshold, or no slope. Flat: no rise within the levels, at guess or lapse throughout. */
export type NoFit =
  | 'no trials'
  | 'one level'
  | 'no hits'
  | 'all hits'
  | 'separated'
  | 'flat'
  | 'not converged';

export interface PsychometricFit {
  /** x at which P is halfway between guess and 1 - lapse. */
  readonly threshold?: number;
  /** Logits per unit of x (per doubling on the log scale); below 0 where hits become rarer. */
  readonly slope?: number;
  /** The threshold lies outside the x measured: a guess of where it may be. */
  readonly extrapolated: boolean;
  readonly reason?: NoFit;
  /** When separated: the last x before the step and the first after it; the same x twice when it stands at one. */
  readonly between?: readonly [number, number];
  readonly levels: number;
  readonly trials: number;
}

/**
 * Fits the curve to trials; entries at the same x are added up. Where a threshold cannot be told, it is absent with the
 * reason. Where the likelihood grows towards a step there is no slope; a threshold only when the step stands at one x, by
 * the share of hits there, and else the two x between which it may stand anywhere.
 * R, without guess and lapse: glm(cbind(hits, misses) ~ x, binomial).
 * x 1 to 4 with 1, 3, 6, 9 hits of 10: threshold 2.611, slope 1.424.
 * Throws on hits beyond trials, on numbers that are not finite, on x <= 0 with the log scale, and on guess and lapse
 * that leave no curve.
 */
export function fitPsychometric(
  trials: readonly Trials[],
  options: PsychometricOptions = {},
): PsychometricFit {
  const levels = levelsOf([trials], options);
  const totals = { hits: levels.hits[0], trials: levels.trials[0] };
  const fit = fitLevels(levels.x, totals, options);
  const inUnits = (x: number): number => (options.scale === 'log' ? 2 ** x : x);
  const used = levels.x.filter((_, i) => totals.trials[i] > 0);
  const { threshold, slope, reason, between } = fit;
  return {
    ...(threshold !== undefined && { threshold: inUnits(threshold) }),
    ...(slope !== undefined && { slope }),
    extrapolated: threshold !== undefined && !(threshold >= used[0] && threshold <= used[used.length - 1]),
    ...(reason !== undefined && { reason }),
    ...(between && { between: [inUnits(between[0]), inUnits(between[1])] as const }),
    levels: used.length,
    trials: totals.trials.reduce((sum, n) => sum + n, 0),
  };
}

/**
 * Threshold (in the units of x) or slope of the curve fitted to all clips, as a cluster statistic: each clip brings its
 * own trials. NaN where absent, so that `estimate` counts such draws; where they are many, the upper bound of a slope is
 * too low, for they are steps. Coverage at 0.95 of the threshold for 6, 20, 40 clips with a trial at each of seven
 * levels: 0.97 0.97 0.95. Throws as `fitPsychometric`.
 */
export function psychometricOf(
  clips: readonly (readonly Trials[])[],
  quantity: 'threshold' | 'slope',
  options: PsychometricOptions = {},
): ClusterStatistic {
  const levels = levelsOf(clips, options);
  const totals = { hits: new Float64Array(levels.x.length), trials: new Float64Array(levels.x.length) };
  return {
    clusters: clips.length,
    of: (drawn) => {
      totals.hits.fill(0);
      totals.trials.fill(0);
      for (let i = 0; i < drawn.length; i++) {
        const hits = levels.hits[drawn[i]];
        const count = levels.trials[drawn[i]];
        for (let j = 0; j < hits.length; j++) {
          totals.hits[j] += hits[j];
          totals.trials[j] += count[j];
        }
      }
      const value = fitLevels(levels.x, totals, options)[quantity] ?? Number.NaN;
      return quantity === 'threshold' && options.scale === 'log' ? 2 ** value : value;
    },
  };
}

/** The x there are, ascending and on the scale of the fit, and each clip's counts at them. */
interface Levels {
  readonly x: Float64Array;
  readonly hits: readonly Float64Array[];
  readonly trials: readonly Float64Array[];
}

function levelsOf(
  clips: readonly (readonly Trials[])[],
  { scale, guess = 0, lapse = 0 }: PsychometricOptions,
): Levels {
  if (!(guess >= 0 && lapse >= 0 && guess + lapse < 1))
    throw new Error(
      `psychometric: guess ${guess} and lapse ${lapse}, expected shares that add up to less than 1`,
    );
  for (const { x, hits, trials } of clips.flat()) {
    if (!Number.isFinite(x) || (scale === 'log' && x <= 0))
      throw new Error(`psychometric: x is ${x}, expected a number${scale === 'log' ? ' above 0' : ''}`);
    if (!(hits >= 0 && hits <= trials && Number.isFinite(trials)))
      throw new Error(`psychometric: ${counted(hits, 'hit')} of ${counted(trials, 'trial')} at x = ${x}`);
  }
  const distinct = [...new Set(clips.flat().map((entry) => entry.x))].sort((a, b) => a - b);
  const at = new Map(distinct.map((x, i) => [x, i]));
  const tally = (entries: readonly Trials[], count: (entry: Trials) => number): Float64Array => {
    const sums = new Float64Array(distinct.length);
    for (const entry of entries) sums[at.get(entry.x) ?? 0] += count(entry);
    return sums;
  };
  return {
    x: Float64Array.from(distinct, (x) => (scale === 'log' ? Math.log2(x) : x)),
    hits: clips.map((clip) => tally(clip, (entry) => entry.hits)),
    trials: clips.map((clip) => tally(clip, (entry) => entry.trials)),
  };
}

interface Counts {
  readonly hits: Float64Array;
  readonly trials: Float64Array;
}

type Curve = Pick<PsychometricFit, 'threshold' | 'slope' | 'reason' | 'between'>;

function fitLevels(x: Float64Array, counts: Counts, { guess = 0, lapse = 0 }: PsychometricOptions): Curve {
  const used = x.filter((_, i) => counts.trials[i] > 0);
  if (used.length === 0) return { reason: 'no trials' };
  if (counts.hits.every((hits) => hits === 0)) return { reason: 'no hits' };
  if (counts.hits.every((hits, i) => hits === counts.trials[i])) return { reason: 'all hits' };
  if (used.length === 1) return { reason: 'one level' };
  return maximumLikelihood(
    used,
    { hits: countsAt(counts.hits, counts), trials: countsAt(counts.trials, counts) },
    guess,
    lapse,
  );
}

/** The counts of the levels that have trials. */
function countsAt(values: Float64Array, { trials }: Counts): Float64Array {
  return values.filter((_, i) => trials[i] > 0);
}

/** Logits between the two nearest levels beyond which the curve is a step, or off all levels beyond which it has left them. */
const STEP = 30;

/** Newton's method in a + b u, u from -1 to 1 over the levels; a step is halved while the likelihood falls. */
function maximumLikelihood(x: Float64Array, counts: Counts, guess: number, lapse: number): Curve {
  const centre = (x[0] + x[x.length - 1]) / 2;
  const unit = (x[x.length - 1] - x[0]) / 2;
  const u = x.map((value) => (value - centre) / unit);
  const gap = u.slice(1).reduce((least, value, i) => Math.min(least, value - u[i]), 2);
  let [a, b] = [0, 0];
  let here = pointAt(u, counts, guess, lapse, a, b);
  for (let i = 0; i < 200; i++) {
    // With guess or lapse the likelihood need not be concave: there the expected curvature leads uphill.
    const { aa, ab, bb } = isPositive(here.observed) ? here.observed : here.expected;
    // Singular when a single level is uncertain: the curve is a step there.
    if (!isPositive({ aa, ab, bb })) return stepOf(x, a, b);
    const determinant = aa * bb - ab * ab;
    let stepA = (bb * here.a - ab * here.b) / determinant;
    let stepB = (aa * here.b - ab * here.a) / determinant;
    const least = here.logLikelihood - 1e-12 * Math.abs(here.logLikelihood);
    here = pointAt(u, counts, guess, lapse, a + stepA, b + stepB);
    for (let halvings = 0; halvings < 40 && !(here.logLikelihood >= least); halvings++) {
      stepA /= 2;
      stepB /= 2;
      here = pointAt(u, counts, guess, lapse, a + stepA, b + stepB);
    }
    a += stepA;
    b += stepB;
    if (Math.abs(b) * gap > STEP) return stepOf(x, a, b);
    if (Math.abs(a) - Math.abs(b) > STEP) return { reason: 'flat' };
    if (Math.abs(stepA) + Math.abs(stepB) < 1e-10 * (1 + Math.abs(a) + Math.abs(b))) return curveOf(x, a, b);
  }
  return { reason: 'not converged' };
}

/** A step stands at a level when the share of hits there keeps it near, else anywhere between two levels. */
function stepOf(x: Float64Array, a: number, b: number): Curve {
  const { threshold = Number.NaN, slope = Number.NaN } = curveOf(x, a, b);
  const level = x.find((value) => Math.abs(slope * (value - threshold)) < STEP / 4);
  if (level !== undefined) return { reason: 'separated', threshold: level, between: [level, level] };
  const [below, above] = [x.findLast((value) => value < threshold), x.find((value) => value > threshold)];
  if (below === undefined || above === undefined) return { reason: 'flat' };
  return { reason: 'separated', between: [below, above] };
}

/** From a + b u back to x. */
function curveOf(x: Float64Array, a: number, b: number): Curve {
  // Below this the slope is rounding about 0.
  if (Math.abs(b) < 1e-9) return { reason: 'flat', slope: 0 };
  const [first, last] = [x[0], x[x.length - 1]];
  const unit = (last - first) / 2;
  return { threshold: (first + last) / 2 - (unit * a) / b, slope: b / unit };
}

/** Information about a and b: minus the second derivatives of the log-likelihood. */
interface Information {
  aa: number;
  ab: number;
  bb: number;
}

/** Whether it is positive definite, by more than rounding. */
function isPositive({ aa, ab, bb }: Information): boolean {
  return aa > 0 && aa * bb - ab * ab > 1e-12 * aa * bb;
}

function addTo(information: Information, weight: number, u: number): void {
  information.aa += weight;
  information.ab += weight * u;
  information.bb += weight * u * u;
}

/** Log-likelihood at a + b u (without its constant), its gradient, and the information as observed and expected. */
interface Point {
  readonly logLikelihood: number;
  readonly a: number;
  readonly b: number;
  readonly observed: Information;
  readonly expected: Information;
}

function pointAt(
  u: Float64Array,
  { hits, trials }: Counts,
  guess: number,
  lapse: number,
  intercept: number,
  slope: number,
): Point {
  const height = 1 - guess - lapse;
  const observed = { aa: 0, ab: 0, bb: 0 };
  const expected = { aa: 0, ab: 0, bb: 0 };
  let [logLikelihood, a, b] = [0, 0, 0];
  for (let i = 0; i < u.length; i++) {
    const logit = intercept + slope * u[i];
    const [rise, rest] = [1 / (1 + Math.exp(-logit)), 1 / (1 + Math.exp(logit))];
    const [hit, miss] = [guess + height * rise, lapse + height * rest];
    const misses = trials[i] - hits[i];
    if (hits[i] > 0) logLikelihood += hits[i] * Math.log(hit);
    if (misses > 0) logLikelihood += misses * Math.log(miss);
    // First derivatives of ln hit and ln miss by the logit; where one is 0 so is the other's share of the trials.
    const steepness = height * rise * rest;
    const [up, down] = [hit > 0 ? steepness / hit : 0, miss > 0 ? steepness / miss : 0];
    const push = hits[i] * up - misses * down;
    a += push;
    b += push * u[i];
    addTo(observed, hits[i] * up * up + misses * down * down - push * (rest - rise), u[i]);
    addTo(expected, trials[i] * up * down, u[i]);
  }
  return { logLikelihood, a, b, observed, expected };
}
