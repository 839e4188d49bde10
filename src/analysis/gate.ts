// The gate: is a candidate no worse than a baseline by more than a margin? Non-inferiority, so that few clips never pass by
// saying little: a pass needs the whole interval below the margin, a fail the whole interval above it.

import { counted } from '../counted.js';
import type { ScoresMade } from '../scores/made.js';
import { type ClipScore, SCORES, type ScoreName } from '../scores/scores.js';
import { FEWEST_CLIPS } from '../stats/bootstrap.js';
import { meanDifference } from '../stats/cochran_cox.js';
import { mean, standardDeviation } from '../stats/describe.js';
import { equivalenceTest } from '../stats/equivalence.js';
import { clipsForGroups, clipsForMean } from '../stats/sample_size.js';
import { numberOrNull } from './estimate.js';
import { matched, type Sides, type Values, valuesIn } from './gate_sides.js';
import type { ScoredClips, UnscoredClip } from './scored_clips.js';
import { DEFAULT_MARGIN } from './two_samples.js';

export const GATE_VERDICTS = ['pass', 'fail', 'inconclusive', 'incomplete'] as const;
export type GateVerdict = (typeof GATE_VERDICTS)[number];

/** One-sided error rate of a wrong pass, and of a wrong fail over all cases together. */
const ALPHA = 0.05;

/** One group of clips under one model. */
export interface GateCase {
  readonly name: string;
  readonly verdict: GateVerdict;
  /** By clips of the same name in both. */
  readonly paired: boolean;
  /** Mean of the score, and clips; null without clips. */
  readonly candidate: GateMean;
  readonly baseline: GateMean;
  /** How much worse the candidate is: its mean minus the baseline's; of most scores more is worse. */
  readonly worse: number | null;
  /** Its 90% interval: each end is a one-sided bound at 95%. */
  readonly low: number | null;
  readonly high: number | null;
  /** Clips more (of each group, where they are not paired) that would tell in 80% of runs; only where inconclusive, null: no number would. */
  readonly more?: number | null;
  /** Clips that lack a value, or their partner, and why. */
  readonly missing: readonly UnscoredClip[];
  /** One plain sentence. */
  readonly sentence: string;
}

interface GateMean {
  readonly mean: number | null;
  readonly clips: number;
}

export interface Gate {
  readonly verdict: GateVerdict;
  readonly score: ScoreName;
  readonly unit: ClipScore['unit'];
  readonly direction: ClipScore['direction'];
  readonly margin: number;
  readonly cases: readonly GateCase[];
  /** What made the scores of each side. */
  readonly made: { readonly candidate: readonly ScoresMade[]; readonly baseline: readonly ScoresMade[] };
}

export interface GateOptions {
  readonly score: ScoreName;
  /** In the unit of the score; default 0.05 nats. */
  readonly margin?: number;
}

/**
 * Compares the makers of two sides group by group. Where each has one maker, what it is called does not matter: two checkpoints
 * on the same clips are compared so.
 * @throws when the score has no default margin, when clips were heard differently, or when nothing can be matched.
 */
export function gateOf(
  candidate: readonly ScoredClips[],
  baseline: readonly ScoredClips[],
  { score, margin: asked }: GateOptions,
): Gate {
  const { unit, direction } = SCORES[score];
  const margin = asked ?? (unit === 'nats' ? DEFAULT_MARGIN : undefined);
  if (margin === undefined || !(margin > 0)) {
    throw new Error(
      `gate: margin ${margin ?? 'not given'}; expected a number above 0 in the unit of ${score} (--margin), which is ` +
        `${unit === 'none' ? 'a bare number' : unit}`,
    );
  }
  const sides = matched(candidate, baseline);
  const cases = sides.map((sides) => caseOf(sides, { score, margin, cases: sides.of }));
  const made = { candidate: candidate.map((side) => side.made), baseline: baseline.map((side) => side.made) };
  return { verdict: overall(cases), score, unit, direction, margin, cases, made };
}

/** Fails where a case fails; passes where all pass. */
function overall(cases: readonly GateCase[]): GateVerdict {
  const order = ['fail', 'incomplete', 'inconclusive'] as const;
  return order.find((verdict) => cases.some((each) => each.verdict === verdict)) ?? 'pass';
}

interface CaseOptions {
  readonly score: ScoreName;
  readonly margin: number;
  readonly cases: number;
}

function caseOf(sides: Sides, options: CaseOptions): GateCase {
  const values = valuesIn(sides, options.score);
  const { paired, missing } = values;
  const shown = (side: ReadonlyMap<string, number>): GateMean => ({
    mean: numberOrNull(mean([...side.values()])),
    clips: side.size,
  });
  const common = {
    name: sides.name,
    paired,
    candidate: shown(values.candidate),
    baseline: shown(values.baseline),
    missing,
  };
  const measured = paired ? pairedRoom(values, options) : unpairedRoom(values, options);
  if (measured === undefined) {
    const sentence = `incomplete: ${counted(values.candidate.size, 'clip')} of the candidate and ${values.baseline.size} of the baseline can be compared, at least ${FEWEST_CLIPS} needed${missingWords(missing)}.`;
    return { ...common, verdict: 'incomplete', worse: null, low: null, high: null, sentence };
  }
  const { value: worse, low, high } = measured;
  const verdict = missing.length > 0 ? 'incomplete' : verdictOf(measured, options);
  const more = verdict === 'inconclusive' ? { more: numberOrNull(measured.more) } : {};
  const found = { ...common, verdict, worse, low, high, ...more } as const;
  return { ...found, sentence: sentenceOf(found, options) };
}

/** A difference (more is worse) with its bounds, and how many clips more would tell. */
interface Measured {
  readonly value: number;
  /** One-sided bounds at 95%. */
  readonly low: number;
  readonly high: number;
  /** The same for a fail, which must hold over all cases together. */
  readonly failing: { readonly low: number; readonly high: number };
  readonly more: number;
}

function pairedRoom({ candidate, baseline }: Values, options: CaseOptions): Measured | undefined {
  const differences = [...candidate].flatMap(([name, value]) => {
    const other = baseline.get(name);
    return other === undefined ? [] : [value - other];
  });
  const n = differences.length;
  if (n < FEWEST_CLIPS) return undefined;
  const at = (alpha: number) => equivalenceTest(differences, options.margin, { alpha });
  const { value, low, high } = at(ALPHA);
  const sd = standardDeviation(differences);
  return {
    ...{ value, low, high },
    failing: at(ALPHA / options.cases),
    more: Math.max(1, clipsForMean({ ...plannedFor(value, options), sd }) - n),
  };
}

function unpairedRoom(values: Values, options: CaseOptions): Measured | undefined {
  const [a, b] = [values.candidate, values.baseline].map((side) => [...side.values()]);
  if (Math.min(a.length, b.length) < FEWEST_CLIPS) return undefined;
  const at = (alpha: number) => meanDifference(a, b, { level: 1 - 2 * alpha });
  const { value, low, high } = at(ALPHA);
  const sds = [standardDeviation(a), standardDeviation(b)] as const;
  const needed = clipsForGroups({ ...plannedFor(value, options), sds });
  return {
    ...{ value, low, high },
    failing: at(ALPHA / options.cases),
    more: Math.max(1, needed - Math.min(a.length, b.length)),
  };
}

/** What more clips must show: that the difference as it is lies off the margin. Both ends count where either way is worse. */
function plannedFor(value: number, { score, margin }: CaseOptions) {
  const bothWays = SCORES[score].direction === 'both';
  return {
    effect: bothWays ? margin - Math.abs(value) : margin - value,
    tail: ALPHA,
    power: bothWays ? 0.9 : 0.8,
  };
}

function verdictOf(
  { low, high, failing }: Measured,
  { score, margin }: CaseOptions,
): 'pass' | 'fail' | 'inconclusive' {
  const bothWays = SCORES[score].direction === 'both';
  if (high < margin && (!bothWays || low > -margin)) return 'pass';
  if (failing.low > margin || (bothWays && failing.high < -margin)) return 'fail';
  return 'inconclusive';
}

function sentenceOf(
  {
    verdict,
    worse,
    low,
    high,
    more,
    missing,
    paired,
    candidate,
  }: Omit<GateCase, 'sentence'> & Pick<Measured, 'low' | 'high'> & { readonly worse: number },
  { score, margin }: CaseOptions,
): string {
  const bothWays = SCORES[score].direction === 'both';
  const measured =
    `difference ${signed(worse)} [${signed(low)}, ${signed(high)}], ${bothWays ? 'either way' : 'more'} is worse ` +
    `(90% interval, ${paired ? `${counted(candidate.clips, 'paired clip')}` : 'different clips'}), margin ${margin}`;
  switch (verdict) {
    case 'pass':
      return `pass: ${measured}.`;
    case 'fail':
      return `fail: ${measured}.`;
    case 'inconclusive':
      return `inconclusive: ${measured}; ${moreWords(more ?? null, paired)}.`;
    case 'incomplete':
      return `incomplete${missingWords(missing)}; so far ${measured}.`;
  }
}

function signed(value: number): string {
  return `${value > 0 ? '+' : ''}${value.toFixed(3)}`;
}

function moreWords(more: number | null, paired: boolean): string {
  if (more === null) return 'the difference lies so near the margin that no number of clips would tell';
  return `about ${counted(more, 'clip')} more${paired ? '' : ' on each side'} would tell in 80% of runs, if the difference stays as it is`;
}

function missingWords(missing: readonly UnscoredClip[]): string {
  if (missing.length === 0) return '';
  const [{ name, why }] = missing;
  const others = missing.length > 1 ? `, and ${missing.length - 1} more` : '';
  return `: ${missing.length} without a value (${name}: ${why}${others})`;
}
