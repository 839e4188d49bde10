// Leave one damage out: what a choice or a fit is worth on damage that it has not seen. Every damage is judged once by what the
// other damages taught; a weight is never taken from the clip that it judges.

import { differenceOf } from '../stats/cluster.js';
import { mean, standardDeviation } from '../stats/describe.js';
import { COMPOSITES, type Composite, type JudgedScore, type UnseenRow } from './battery_findings.js';
import { DRAWS, type Field, overPairs, type ScoreTables } from './battery_scores.js';
import type { Oriented } from './battery_versions.js';
import { betweenClips, meanOfMatrices, shareOfPairs, winsOf } from './between_clips.js';
import { estimateOf, type Quantity } from './estimate.js';

/** Clips are judged by weights of the other parts of them. */
const PARTS = 4;

/** A composite on every damage, [clip, clip] won. */
type Wins = ReadonlyMap<string, { readonly won: Float64Array; readonly from: string }>;

/** Each composite on each damage, and over all of them (damage ""). Empty below 3 damages: too few to learn from. */
export function unseenRows(tables: readonly ScoreTables[], field: Field): UnseenRow[] {
  const { input, clips, seed } = field;
  const { model, protocol } = input;
  const single = tables.filter(({ score, wins }) => score !== 'panel' && wins.size > 0);
  const loss = single.find(({ score }) => score === 'loss');
  const names = [...new Set(field.damages.map(({ damage }) => damage))];
  if (names.length < 3 || loss === undefined) return [];
  const found: Readonly<Record<Composite, Wins>> = {
    chosen: chosen(single, names, clips.length),
    fitted: fitted(
      single.map(({ score }) => score),
      names,
      field,
    ),
  };
  return COMPOSITES.filter((composite) => found[composite].size > 0).flatMap((composite) => {
    const over = (
      won: Float64Array,
      beside: Float64Array,
      name: string,
    ): Pick<UnseenRow, 'auc' | 'overLoss'> => {
      const quantity = (what: string): Quantity => ({
        ...{ seed, planned: clips.length, draws: DRAWS },
        name: `battery ${model} ${protocol} unseen ${composite} ${name} ${what}`,
      });
      const [own, plain] = [betweenClips(won, clips.length), betweenClips(beside, clips.length)];
      return {
        auc: overPairs(won, quantity('auc')),
        overLoss: estimateOf(differenceOf(own, plain), quantity('over loss')),
      };
    };
    const rows = names.flatMap((damage): UnseenRow[] => {
      const [row, beside] = [found[composite].get(damage), loss.wins.get(damage)];
      if (!row || !beside) return [];
      return [{ model, protocol, composite, damage, from: row.from, ...over(row.won, beside, damage) }];
    });
    const all = meanOfMatrices([...found[composite].values()].map(({ won }) => won));
    const plain = meanOfMatrices([...loss.wins.values()]);
    return [...rows, { model, protocol, composite, damage: '', from: '', ...over(all, plain, 'mean') }];
  });
}

/** The single score with the highest mean AUC over the other damages. */
function chosen(single: readonly ScoreTables[], damages: readonly string[], clips: number): Wins {
  const shares = new Map(
    single.map(({ score, wins }) => [
      score,
      new Map([...wins].map(([damage, won]) => [damage, shareOfPairs(won, clips)])),
    ]),
  );
  return new Map(
    damages.flatMap((damage) => {
      const worth = ({ score }: ScoreTables): number => {
        const others = damages.filter((other) => other !== damage);
        const value = mean(others.map((other) => shares.get(score)?.get(other) ?? Number.NaN));
        return Number.isNaN(value) ? -1 : value;
      };
      const best = single.reduce((a, b) => (worth(b) > worth(a) ? b : a));
      const won = best.wins.get(damage);
      return won ? [[damage, { won, from: best.score }] as const] : [];
    }),
  );
}

/**
 * A weighted sum of all scores that have a value everywhere, each in standard deviations between clean clips: weights are the
 * mean shift under the other damages over the variance within a version (diagonal linear discriminant; Dudoit, Fridlyand, Speed
 * 2002), and the sum is scaled to the clean clips that the weights come from.
 */
function fitted(
  scores: readonly JudgedScore[],
  damages: readonly string[],
  { input, clips, oriented, damages: points }: Field,
): Wins {
  // A version that failed is no value of any score: it is left out, and takes no score from the sum.
  const row = (i: number, values: Parameters<Oriented>[2] | undefined): Row =>
    values && scores.map((score) => oriented(score, clips[i], values));
  const clean = clips.map((clip, i) => row(i, input.clean.get(clip)));
  const versions = points.map(({ damage, versions: all }) => ({
    damage,
    values: clips.map((clip, i) => row(i, all.get(clip)?.values)),
  }));
  const usable = scores.flatMap((_, s) =>
    [clean, ...versions.map(({ values }) => values)].every((all) =>
      present(all).every((each) => Number.isFinite(each[s])),
    )
      ? [s]
      : [],
  );
  const judgeOf = (part: number, leftOut: string): ((values: readonly number[]) => number) => {
    const kept = <T>(all: readonly T[]): T[] => all.filter((_, i) => i % PARTS !== part);
    const taught = versions
      .filter(({ damage }) => damage !== leftOut)
      .map(({ values }) => present(kept(values)))
      .filter((all) => all.length > 1);
    const weights = usable.map((s) => {
      const of = (all: readonly (readonly number[])[]): number[] => all.map((each) => each[s]);
      const own = of(present(kept(clean)));
      const spread = standardDeviation(own);
      const shift = mean(taught.map((all) => mean(of(all)) - mean(own)));
      const variance = mean([own, ...taught.map(of)].map((all) => standardDeviation(all) ** 2));
      return spread > 0 && variance > 0 ? shift / variance : 0;
    });
    const sum = (values: readonly number[]): number =>
      usable.reduce((total, s, w) => total + weights[w] * values[s], 0);
    const reference = present(kept(clean)).map(sum);
    const [centre, spread] = [mean(reference), standardDeviation(reference)];
    return (values) => (sum(values) - centre) / spread;
  };
  if (usable.length === 0) return new Map();
  const groupOf = (i: number): string | undefined => input.groups.get(clips[i]);
  return new Map(
    damages.map((damage) => {
      const judges = Array.from({ length: PARTS }, (_, part) => judgeOf(part, damage));
      const judged = (all: readonly Row[]): number[] =>
        all.map((each, i) => (each === undefined ? Number.NaN : judges[i % PARTS](each)));
      const beside = judged(clean);
      const own = versions.filter((version) => version.damage === damage);
      const won = meanOfMatrices(
        own.map(({ values }) => winsOf(judged(values), beside, (i, j) => groupOf(i) === groupOf(j))),
      );
      return [damage, { won, from: usable.map((s) => scores[s]).join(', ') }];
    }),
  );
}

/** The values of a version by score; undefined where it was not measured. */
type Row = readonly number[] | undefined;

function present(rows: readonly Row[]): (readonly number[])[] {
  return rows.filter((row) => row !== undefined);
}
