// RQ2: how the loss difference moves with the length of the disturbance. `raw` is the paper's quantity; over a clip of
// fixed length it grows with the window by arithmetic alone, so `perToken` stands beside it.

import { type ClusterStatistic, statisticOf } from '../stats/cluster.js';
import { line, pearson, spearman } from '../stats/correlate.js';
import { mean } from '../stats/describe.js';
import { estimateOf, familiesOf, meanOf, nothing, numberOrNull, signFlip } from './estimate.js';
import type { Estimate } from './estimated.js';
import { type DisturbedClip, differenceOf, perTokenOf, type Sample, seriesOf } from './measured.js';
import type { LengthTrend } from './question_findings.js';

/** Values of one clip, one a length. */
export type ClipSeries = readonly number[];

const QUANTITIES: Readonly<Record<LengthTrend['quantity'], (cell: DisturbedClip) => number>> = {
  raw: differenceOf,
  perToken: perTokenOf,
};

/** Fewest lengths that a trend is made of. */
const FEWEST_LENGTHS = 3;

interface Trend extends Pick<LengthTrend, 'at' | 'quantity' | 'lengths'> {
  readonly slice: ReturnType<typeof seriesOf>[number]['slice'];
  readonly name: string;
  readonly planned: number;
  /** Clips that were measured at every length. */
  readonly clips: readonly ClipSeries[];
}

/** Two rows for every series of at least three lengths. The slopes are one family for each quantity. */
export function lengthTrends(samples: readonly Sample[], { seed }: { readonly seed: number }): LengthTrend[] {
  const series = seriesOf(
    samples.filter(({ point }) => point.lengthTokens !== null),
    'length',
  ).filter(({ samples: members }) => members.length >= FEWEST_LENGTHS);
  return (['raw', 'perToken'] as const).flatMap((quantity) => {
    const trends = series.map(({ slice, at, samples: members }): Trend => {
      const lengths = members.map(({ point }) => point.lengthTokens ?? Number.NaN);
      const planned = Math.max(...members.map((sample) => sample.planned));
      const name = JSON.stringify([slice, at, quantity]);
      return {
        slice,
        at,
        quantity,
        lengths,
        name,
        planned,
        clips: clipSeries(members, QUANTITIES[quantity]),
      };
    });
    const tests = familiesOf(
      `RQ2, slope over length, ${quantity}`,
      trends.map(({ slice, clips, lengths, name }) => ({
        group: slice.group,
        ...signFlip(
          clips.map((clip) => slopeOf(lengths, clip)),
          { seed, name: `${name} slope` },
        ),
      })),
    );
    return trends.map((trend, i) => trendRow(trend, tests[i], seed));
  });
}

function trendRow(trend: Trend, test: LengthTrend['test'], seed: number): LengthTrend {
  const { slice, at, quantity, lengths, clips, planned } = trend;
  const named = (name: string) => ({ seed, name: `${trend.name} ${name}`, planned });
  const own = (
    correlate: (x: readonly number[], y: readonly number[]) => { readonly r: number },
    name: string,
  ) =>
    meanOf(
      clips.map((clip) => correlate(lengths, clip).r),
      named(name),
    );
  return {
    ...slice,
    at,
    quantity,
    lengths,
    ...ofMeans(lengths, clips, named),
    pearson: own(pearson, 'pearson'),
    spearman: own(spearman, 'spearman'),
    slope: meanOf(
      clips.map((clip) => slopeOf(lengths, clip)),
      named('slope'),
    ),
    test,
  };
}

/** Correlation of the means over clips with length, the paper's way; its interval draws clips. */
function ofMeans(
  lengths: readonly number[],
  clips: readonly ClipSeries[],
  named: (name: string) => { seed: number; name: string; planned: number },
): Pick<LengthTrend, 'pearsonOfMeans' | 'pearsonOfMeansP' | 'spearmanOfMeans' | 'spearmanOfMeansP'> {
  const { planned } = named('');
  if (clips.length === 0) {
    const none: Estimate = nothing(planned);
    return { pearsonOfMeans: none, pearsonOfMeansP: null, spearmanOfMeans: none, spearmanOfMeansP: null };
  }
  const means = meansOf(clips);
  return {
    pearsonOfMeans: estimateOf(overMeans(lengths, clips, pearson), named('pearson of means')),
    pearsonOfMeansP: numberOrNull(pearson(lengths, means).p),
    spearmanOfMeans: estimateOf(overMeans(lengths, clips, spearman), named('spearman of means')),
    spearmanOfMeansP: numberOrNull(spearman(lengths, means).p),
  };
}

function overMeans(
  lengths: readonly number[],
  clips: readonly ClipSeries[],
  correlate: (x: readonly number[], y: readonly number[]) => { readonly r: number },
): ClusterStatistic {
  return statisticOf(clips, (drawn) => correlate(lengths, meansOf(drawn)).r);
}

function meansOf(clips: readonly ClipSeries[]): number[] {
  return clips[0].map((_, i) => mean(clips.map((clip) => clip[i])));
}

function slopeOf(lengths: readonly number[], clip: ClipSeries): number {
  return line(lengths, clip).slope;
}

/** The clips that have a defined value at every length: only they are the same clips throughout. */
function clipSeries(samples: readonly Sample[], quantity: (cell: DisturbedClip) => number): ClipSeries[] {
  const [first, ...others] = samples.map(
    ({ cells }) => new Map(cells.map((cell) => [cell.clip, quantity(cell)])),
  );
  return [...first.keys()]
    .map((clip) => [first, ...others].map((values) => values.get(clip) ?? Number.NaN))
    .filter((values) => values.every(Number.isFinite));
}
