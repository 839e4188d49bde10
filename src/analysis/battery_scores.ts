// One score over a battery: its AUC for every severity of every damage, how it follows the severity, what harmless edits do to
// it, and all of it in one row and one sentence.

import type { ScoreValues } from '../scores/reference.js';
import { type ClusterStatistic, differenceOf } from '../stats/cluster.js';
import { spearman } from '../stats/correlate.js';
import { standardDeviation } from '../stats/describe.js';
import { separatedBounds } from '../stats/roc.js';
import type { BatteryRow, BatteryTrend, JudgedScore, ScoreRow } from './battery_findings.js';
import { type BatteryInput, type BatteryPoint, FEWEST, type Oriented } from './battery_versions.js';
import { betweenClips, clipsOfPairs, meanOfMatrices, shareOfPairs, tie, winsOf } from './between_clips.js';
import { estimateOf, meanOf, nothing, type Quantity, shareOf } from './estimate.js';
import type { Estimate } from './estimated.js';

/** Bootstrap draws of one interval: there are thousands of them. */
export const DRAWS = 1000;

/** Of every interval. */
const LEVEL = 0.95;

export interface ScoreTables {
  readonly score: JudgedScore;
  readonly rows: readonly BatteryRow[];
  readonly trends: readonly BatteryTrend[];
  /** By damage: mean over its severities of the share of pairs won, [clip, clip]. */
  readonly wins: ReadonlyMap<string, Float64Array>;
  readonly clips: number;
  readonly harmless: (Estimate & { readonly edit: string }) | null;
}

/** What all scores of one battery are judged on. */
export interface Field {
  readonly input: BatteryInput;
  readonly clips: readonly string[];
  readonly oriented: Oriented;
  readonly damages: readonly BatteryPoint[];
  readonly edits: readonly BatteryPoint[];
  readonly seed: number;
}

export function scoreTables(score: JudgedScore, field: Field): ScoreTables {
  const { input, clips, oriented, damages, edits, seed } = field;
  const { model, protocol } = input;
  const at = { model, protocol };
  const of = (clip: string, values: ScoreValues | undefined): number =>
    values === undefined ? Number.NaN : oriented(score, clip, values);
  const clean = clips.map((clip) => of(clip, input.clean.get(clip)));
  const groupOf = (i: number): string | undefined => input.groups.get(clips[i]);
  const valuesAt = ({ versions }: BatteryPoint): number[] =>
    clips.map((clip) => of(clip, versions.get(clip)?.values));
  const byDamage = new Map<string, Float64Array[]>();
  const rows = damages.map((point): BatteryRow => {
    const damaged = valuesAt(point);
    const won = winsOf(damaged, clean, (i, j) => groupOf(i) === groupOf(j));
    byDamage.set(point.damage, [...(byDamage.get(point.damage) ?? []), won]);
    const { damage, severity } = point;
    const name = `battery ${model} ${protocol} ${damage} ${severity} ${score}`;
    return {
      ...at,
      ...{ damage, severity, score },
      auc: aucOver(won, damaged, { seed, name }),
      paired: shareOf(
        damaged.map((value, i) => tie(value, clean[i])),
        { planned: clips.length },
      ),
    };
  });
  const trends = [...byDamage.keys()].flatMap((damage): BatteryTrend[] => {
    const points = damages.filter((point) => point.damage === damage);
    if (points.length < 2) return [];
    const series = points.map(valuesAt);
    const correlations = clips.map((_, i) => {
      const values = [clean[i], ...series.map((each) => each[i])];
      const orders = [Number.NEGATIVE_INFINITY, ...points.map(({ order }) => order)];
      const defined = values.every((value) => Number.isFinite(value));
      return defined ? spearman(ranksOf(orders), values).r : Number.NaN;
    });
    const name = `battery ${model} ${protocol} ${damage} ${score} trend`;
    return [
      { ...at, damage, score, correlation: meanOf(correlations, { seed, name, planned: clips.length }) },
    ];
  });
  const spread = spreadWithin(clean, groupOf);
  const shifts = edits.map((point) => {
    const shift = valuesAt(point).map((value, i) => (value - clean[i]) / spread);
    const name = `battery ${model} ${protocol} ${point.damage} ${score} harmless`;
    const edit = [point.damage, point.severity].filter((word) => word !== '').join(' ');
    return { edit, ...meanOf(shift, { seed, name, planned: clips.length }) };
  });
  const sized = shifts
    .filter(({ value }) => value !== null)
    .toSorted((a, b) => Math.abs(b.value ?? 0) - Math.abs(a.value ?? 0));
  const wins = new Map([...byDamage].map(([damage, all]) => [damage, meanOfMatrices(all)]));
  return { score, rows, trends, wins, clips: clips.length, harmless: sized[0] ?? null };
}

/** Standard deviation within groups, pooled: clips are compared within a group too. Groups of one clip say nothing. */
function spreadWithin(values: readonly number[], groupOf: (i: number) => string | undefined): number {
  const groups = new Map<string | undefined, number[]>();
  for (const [i, value] of values.entries()) {
    if (Number.isFinite(value)) groups.set(groupOf(i), [...(groups.get(groupOf(i)) ?? []), value]);
  }
  const several = [...groups.values()].filter((group) => group.length > 1);
  const squares = several.map((group) => (group.length - 1) * standardDeviation(group) ** 2);
  const degrees = several.map((group) => group.length - 1);
  return Math.sqrt(sum(squares) / sum(degrees));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Ranks of distinct numbers from 0. */
function ranksOf(orders: readonly number[]): number[] {
  return orders.map((order) => orders.filter((other) => other < order).length);
}

function aucOver(
  won: Float64Array,
  damaged: readonly number[],
  quantity: { readonly seed: number; readonly name: string },
): Estimate {
  const planned = damaged.length;
  const n = damaged.filter((value) => !Number.isNaN(value)).length;
  if (n < FEWEST) return nothing(planned, `${n} of ${FEWEST} clips needed to compare`);
  const found = overPairs(won, { ...quantity, planned, draws: DRAWS });
  return { ...found, n, missing: planned - n };
}

/** Where every pair is won, or none, a bootstrap has no width: the bounds that such a result leaves open stand instead. */
export function overPairs(won: Float64Array, options: Quantity): Estimate {
  const found = estimateOf(betweenClips(won, options.planned), options);
  if (found.value !== 0 && found.value !== 1) return found;
  const clips = clipsOfPairs(won, options.planned);
  return { ...found, ...separatedBounds(found.value, clips, clips, LEVEL) };
}

/** The single score that hears most over all damages; the panel is none. */
export function bestSingle(tables: readonly ScoreTables[]): ScoreTables {
  const overall = ({ wins, clips }: ScoreTables): number => {
    const share = wins.size === 0 ? Number.NaN : shareOfPairs(meanOfMatrices([...wins.values()]), clips);
    return Number.isNaN(share) ? -1 : share;
  };
  const single = tables.filter(({ score }) => score !== 'panel');
  return single.reduce((best, table) => (overall(table) > overall(best) ? table : best));
}

export function scoreRow(
  table: ScoreTables,
  { loss, best }: { readonly loss: ScoreTables; readonly best: ScoreTables },
  { input, seed }: { readonly input: BatteryInput; readonly seed: number },
): ScoreRow {
  const { model, protocol } = input;
  const { score, wins, clips, harmless } = table;
  const pairsOf = ({ wins: all }: ScoreTables): Float64Array => meanOfMatrices([...all.values()]);
  const overall = (of: ScoreTables): ClusterStatistic => betweenClips(pairsOf(of), clips);
  const quantity = (what: string) => ({
    ...{ seed, planned: clips, draws: DRAWS },
    name: `battery ${model} ${protocol} ${score} ${what}`,
  });
  const byDamage = [...wins].map(([damage, won]) => ({ damage, auc: shareOfPairs(won, clips) }));
  const heard = byDamage.filter(({ auc }) => !Number.isNaN(auc)).toSorted((a, b) => a.auc - b.auc);
  const common = { model, protocol, score };
  if (heard.length === 0) {
    const none = nothing(clips, 'not measured in this study');
    return {
      ...common,
      ...{ meanAuc: none, overLoss: none, underBest: none, worst: null, harmless: null },
      sentence: `${score}: not measured in this study.`,
    };
  }
  const meanAuc = overPairs(pairsOf(table), quantity('mean'));
  const overLoss = estimateOf(differenceOf(overall(table), overall(loss)), quantity('over loss'));
  const underBest = estimateOf(differenceOf(overall(table), overall(best)), quantity('under best'));
  const found = { ...common, meanAuc, overLoss, underBest, worst: heard[0], harmless };
  return { ...found, sentence: sentenceOf(found, heard) };
}

/** AUC from which a damage counts as heard, and below which (1 - it) as heard with the wrong sign. */
const HEARD = 0.8;

function sentenceOf(
  { score, overLoss, harmless }: Omit<ScoreRow, 'sentence'>,
  byDamage: readonly { readonly damage: string; readonly auc: number }[],
): string {
  const names = (list: readonly { readonly damage: string }[]): string =>
    list.map(({ damage }) => damage).join(', ');
  const heard = byDamage.filter(({ auc }) => auc >= HEARD).toReversed();
  const wrong = byDamage.filter(({ auc }) => auc <= 1 - HEARD);
  const gain =
    score === 'loss' || overLoss.value === null
      ? ''
      : `${overLoss.value >= 0 ? 'gains' : 'loses'} ${Math.abs(overLoss.value).toFixed(2)} of mean AUC against plain loss; `;
  const hears = heard.length === 0 ? 'hears no damage well' : `hears ${names(heard)}`;
  const fooled = wrong.length === 0 ? '' : `; takes ${names(wrong)} for an improvement`;
  const moved =
    harmless?.value && Math.abs(harmless.value) > 0.25
      ? `; moved by ${Math.abs(harmless.value).toFixed(2)} clean s.d. by a harmless edit (${harmless.edit})`
      : '';
  return `${score}: ${gain}${hears}${fooled}${moved}.`;
}
