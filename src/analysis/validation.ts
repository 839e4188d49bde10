// Scores beside listeners: for every score how far it agrees with their ratings, with intervals that know that clips share systems
// and prompts, and the ceiling that the listeners' own agreement sets.

import { FEWEST_CLIPS } from '../stats/bootstrap.js';
import {
  type CrossedEstimate,
  crossedEstimate,
  type KeptStatistic,
  type Membership,
} from '../stats/crossed.js';
import { mean } from '../stats/describe.js';
import { rankCorrelation } from '../stats/rank_correlation.js';
import { type Reliability, splitHalf } from '../stats/split_half.js';
import {
  type Beside,
  CORRELATIONS,
  overClips,
  overSystems,
  pairOrder,
  qualities,
  ratedPairs,
  systemMeans,
  withinSystems,
} from './agreement.js';
import { type JudgedScore, judgedOf } from './battery_findings.js';
import { familyOf, nothing, numberOrNull } from './estimate.js';
import type { Estimate, Test } from './estimated.js';
import type { RatedClip } from './ratings.js';

/** Correlation of a score, turned so that more should be better, with the mean rating. */
export interface RankAgreement {
  readonly spearman: Estimate;
  readonly kendall: Estimate;
  /** That Spearman's is 0; one family a dimension and level. */
  readonly test: Test;
}

export const LEVELS = ['clips', 'systems', 'within'] as const;
export type AgreementLevel = (typeof LEVELS)[number];

export interface ScoreAgreement extends Readonly<Record<AgreementLevel, RankAgreement>> {
  readonly score: JudgedScore;
  /** Share of pairs of clips of one prompt, by different systems, that the score orders as listeners do. */
  readonly accuracy: Estimate;
}

/** One question that listeners were asked. */
export interface DimensionAgreement {
  readonly dimension: string;
  readonly clips: number;
  readonly systems: number;
  readonly prompts: number;
  readonly reliability: { readonly [K in keyof Reliability]: number | null };
  readonly scores: readonly ScoreAgreement[];
}

/** Every score on the clips of one dimension. */
export function dimensionAgreement(
  dimension: string,
  rated: readonly RatedClip[],
  { seed }: { readonly seed: number },
): DimensionAgreement {
  const values = rated.map(({ clip }) => clip.values);
  const measured = judgedOf(values).map((score) => {
    const quality = qualities(score, values);
    const kept = rated.filter((_, i) => Number.isFinite(quality[i]));
    return { score, ...measure(kept, quality.filter(Number.isFinite), rated.length) };
  });
  const tests = Object.fromEntries(
    LEVELS.map((level) => [
      level,
      familyOf(
        `${dimension}, ${level}`,
        measured.map((each) => ({
          p: each[level].p,
          name:
            level === 'systems'
              ? "permutation of Spearman's ρ over systems (above 8 its t)"
              : "t of Fisher's z, jackknife by system and prompt",
        })),
      ),
    ]),
  ) as Record<AgreementLevel, Test[]>;
  const reliability = splitHalf(
    rated.map(({ ratings }) => ratings),
    { seed, name: `ratings ${dimension}` },
  );
  return {
    dimension,
    clips: rated.length,
    systems: new Set(rated.map(({ system }) => system)).size,
    prompts: new Set(rated.map(({ prompt }) => prompt)).size,
    reliability: {
      ...reliability,
      reliability: numberOrNull(reliability.reliability),
      ceiling: numberOrNull(reliability.ceiling),
      raters: numberOrNull(reliability.raters),
    },
    scores: measured.map(({ score, accuracy, ...levels }, i) => ({
      score,
      accuracy,
      ...(Object.fromEntries(
        LEVELS.map((level) => {
          const { spearman, kendall } = levels[level];
          return [level, { spearman, kendall, test: tests[level][i] }];
        }),
      ) as Record<AgreementLevel, RankAgreement>),
    })),
  };
}

interface Measured extends Omit<RankAgreement, 'test'> {
  readonly p: number;
}

function measure(
  rated: readonly RatedClip[],
  quality: readonly number[],
  planned: number,
): Readonly<Record<AgreementLevel, Measured>> & { readonly accuracy: Estimate } {
  const beside: Beside = {
    quality,
    rating: rated.map(({ ratings }) => mean(ratings)),
    system: rated.map(({ system }) => system),
    prompt: rated.map(({ prompt }) => prompt),
  };
  const memberships = [beside.system, beside.prompt].map((names): Membership => names.map((name) => [name]));
  const missing = planned - rated.length;
  const pairs = ratedPairs(beside);
  const both = (of: typeof overClips, n: number): Measured => {
    const [spearman, kendall] = [CORRELATIONS.spearman, CORRELATIONS.kendall].map((correlate) =>
      crossed(of(beside, correlate), memberships),
    );
    return {
      spearman: estimated(spearman, { n, missing }),
      kendall: estimated(kendall, { n, missing }),
      p: spearman.p,
    };
  };
  return {
    clips: both(overClips, rated.length),
    systems: {
      ...both(overSystems, new Set(beside.system).size),
      ...systemsOf(beside, missing),
    },
    within: both(withinSystems, rated.length),
    accuracy:
      pairs.length === 0
        ? nothing(planned, 'no two clips of one prompt are by different systems and rated differently')
        : asShare(estimated(crossed(pairOrder(quality, pairs), memberships), { n: pairs.length, missing })),
  };
}

/** Spearman's over systems, which are the units there: a jackknife of so few would be far too wide. */
function systemsOf(beside: Beside, missing: number): Pick<Measured, 'spearman' | 'p'> {
  const { quality, rating } = systemMeans(beside);
  const { value, low, high, p, n } = rankCorrelation(quality, rating);
  const found = { value: numberOrNull(value), low: numberOrNull(low), high: numberOrNull(high), n, missing };
  if (found.low !== null) return { spearman: found, p };
  const why =
    found.value === null
      ? 'undefined for these systems: there is one, or nothing varies between them'
      : n < 4
        ? `4 systems needed for an interval, ${n} there`
        : 'systems stand in exactly the same (or opposite) order: no interval of a correlation of 1';
  return { spearman: { ...found, why }, p };
}

function crossed(statistic: KeptStatistic, memberships: readonly Membership[]): CrossedEstimate {
  return crossedEstimate(statistic, memberships);
}

/** As a table shows it; without an interval it says why. */
export function estimated(
  { value, low, high, clusters }: CrossedEstimate,
  basis: Pick<Estimate, 'n' | 'missing'>,
): Estimate {
  const found = { value: numberOrNull(value), low: numberOrNull(low), high: numberOrNull(high), ...basis };
  if (found.value === null) return { ...found, why: 'undefined for these clips: nothing varies there' };
  if (found.low !== null) return found;
  const [systems, prompts] = clusters;
  const why =
    Math.max(systems, prompts) < FEWEST_CLIPS
      ? `3 systems or 3 prompts needed for an interval, ${systems} and ${prompts} there`
      : 'too few clips for an interval: nothing is left to vary without some system or prompt';
  return { ...found, why };
}

/** From -1 to 1 as a share from 0 to 1. */
export function asShare({ value, low, high, ...rest }: Estimate): Estimate {
  const share = (x: number | null): number | null => (x === null ? null : (1 + x) / 2);
  return { value: share(value), low: share(low), high: share(high), ...rest };
}
