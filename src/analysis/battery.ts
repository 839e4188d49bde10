// The battery: which score hears which damage. Every damaged version of a clip is compared with the clean versions of other
// clips, since what differs between clips is the music. Nothing is fitted to a damage: scores are formulas, and the panel
// takes its constants from clean clips other than the one it judges.

import { judge, PANEL_MEMBERS } from '../scores/panel.js';
import { chanceIn, deviateOf, type Reference, referenceOf, type ScoreValues } from '../scores/reference.js';
import { SCORES, type ScoreName } from '../scores/scores.js';
import { type ClusterStatistic, countDraws, differenceOf } from '../stats/cluster.js';
import { spearman } from '../stats/correlate.js';
import { mean, standardDeviation } from '../stats/describe.js';
import {
  type BatteryRow,
  type BatteryTrend,
  JUDGED,
  type JudgedScore,
  type PowerRow,
  type ScoreRow,
} from './battery_findings.js';
import { estimateOf, meanOf, nothing, shareOf } from './estimate.js';
import type { Estimate } from './estimated.js';

/** One damaged (or harmlessly edited) version of a clip. */
export interface BatteryVersion {
  readonly clip: string;
  /** Name of the disturbance in the study: "clipping". */
  readonly damage: string;
  /** Its severity in words: "share 30 %"; empty where there is one only. */
  readonly severity: string;
  /** Larger is worse; orders the severities of a damage. */
  readonly order: number;
  /** An edit that must not move a score. */
  readonly harmless: boolean;
  readonly values: ScoreValues;
}

export interface BatteryInput {
  readonly model: string;
  readonly protocol: string;
  /** Clean clips by name. */
  readonly clean: ReadonlyMap<string, ScoreValues>;
  /** Group of each clip: only clips of one group are compared with each other. */
  readonly groups: ReadonlyMap<string, string>;
  readonly versions: readonly BatteryVersion[];
}

export interface Battery {
  readonly rows: readonly BatteryRow[];
  readonly scores: readonly ScoreRow[];
  readonly trends: readonly BatteryTrend[];
  readonly power: readonly PowerRow[];
}

/** Bootstrap draws of one interval: there are thousands of them. */
const DRAWS = 1000;
/** Below so many clips nothing is said: a panel needs five others. */
const FEWEST = 6;

/** Everything of one model and protocol. Empty below 6 clean clips. */
export function batteryOf(input: BatteryInput, { seed }: { readonly seed: number }): Battery {
  const clips = [...input.clean.keys()].sort();
  if (clips.length < FEWEST || input.versions.length === 0)
    return { rows: [], scores: [], trends: [], power: [] };
  const oriented = orientedBy(input, clips);
  const damages = pointsOf(input.versions.filter(({ harmless }) => !harmless));
  const edits = pointsOf(input.versions.filter(({ harmless }) => harmless));
  const tables = JUDGED.map((score) => scoreTables(score, { input, clips, oriented, damages, edits, seed }));
  const loss = tables[JUDGED.indexOf('loss')];
  return {
    rows: tables.flatMap(({ rows }) => rows),
    trends: tables.flatMap(({ trends }) => trends),
    scores: tables.map((table) => scoreRow(table, loss, { input, seed })),
    power: powerOf(input, clips, [...damages, ...edits]),
  };
}

/** One severity of one damage: its versions by clip. */
interface BatteryPoint {
  readonly damage: string;
  readonly severity: string;
  readonly order: number;
  readonly harmless: boolean;
  readonly versions: ReadonlyMap<string, BatteryVersion>;
}

function pointsOf(versions: readonly BatteryVersion[]): BatteryPoint[] {
  const points = new Map<string, BatteryPoint & { readonly versions: Map<string, BatteryVersion> }>();
  for (const version of versions) {
    const { damage, severity, order, harmless, clip } = version;
    const key = JSON.stringify([damage, severity]);
    const point = points.get(key) ?? { damage, severity, order, harmless, versions: new Map() };
    point.versions.set(clip, version);
    points.set(key, point);
  }
  return [...points.values()];
}

/** A score of a clip's version, turned so that more is more damaged. */
type Oriented = (score: JudgedScore, clip: string, values: ScoreValues) => number;

/** References leave the clip itself out. */
function orientedBy(input: BatteryInput, clips: readonly string[]): Oriented {
  const others = new Map<string, Reference>(
    clips.map((clip) => [clip, referenceOf(othersOf(input, clips, clip))]),
  );
  return (score, clip, values) => {
    const reference = others.get(clip);
    if (reference === undefined) return Number.NaN;
    if (score === 'panel') return judge(values, reference).strength;
    switch (SCORES[score].direction) {
      case 'up':
        return values[score];
      case 'down':
        return -values[score];
      case 'both': {
        const chance = chanceIn(reference, score, values[score]);
        return Number.isNaN(chance) ? Number.NaN : deviateOf(chance);
      }
    }
  };
}

/** Clean clips that a clip is judged beside: the others of its group, or all others where its group is too small. */
function othersOf({ clean, groups }: BatteryInput, clips: readonly string[], clip: string): ScoreValues[] {
  const others = clips.filter((other) => other !== clip);
  const own = others.filter((other) => groups.get(other) === groups.get(clip));
  return (own.length >= FEWEST - 1 ? own : others).flatMap((other) => clean.get(other) ?? []);
}

interface ScoreTables {
  readonly score: JudgedScore;
  readonly rows: readonly BatteryRow[];
  readonly trends: readonly BatteryTrend[];
  /** By damage: mean over its severities of the share of pairs won, [clip, clip]. */
  readonly wins: ReadonlyMap<string, Float64Array>;
  readonly clips: number;
  readonly harmless: (Estimate & { readonly edit: string }) | null;
}

interface Field {
  readonly input: BatteryInput;
  readonly clips: readonly string[];
  readonly oriented: Oriented;
  readonly damages: readonly BatteryPoint[];
  readonly edits: readonly BatteryPoint[];
  readonly seed: number;
}

function scoreTables(score: JudgedScore, field: Field): ScoreTables {
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
  const spread = standardDeviation(clean.filter((value) => Number.isFinite(value)));
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

/** 1 where a is larger, one half where they are equal, NaN where either is undefined. */
function tie(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.NaN;
  return a > b ? 1 : Number(a === b) / 2;
}

/** [n, n] whether damaged clip i has the larger score than clean clip j; NaN for pairs that are not compared. */
function winsOf(
  damaged: readonly number[],
  clean: readonly number[],
  compared: (i: number, j: number) => boolean,
): Float64Array {
  const n = clean.length;
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    return compared(i, j) ? tie(damaged[i], clean[j]) : Number.NaN;
  });
}

/** Entry by entry, over the matrices that have it. */
function meanOfMatrices(all: readonly Float64Array[]): Float64Array {
  return Float64Array.from(all[0], (_, i) =>
    mean(all.map((each) => each[i]).filter((value) => !Number.isNaN(value))),
  );
}

/**
 * Mean over pairs of different clips as a statistic of clips: a pair counts as often as both its clips are drawn; a clip
 * never meets itself.
 */
function betweenClips(won: Float64Array, n: number): ClusterStatistic {
  const times = new Int32Array(n);
  return {
    clusters: n,
    of: (drawn) => {
      countDraws(drawn, times);
      let [sum, pairs] = [0, 0];
      for (let i = 0; i < n; i++) {
        if (times[i] === 0) continue;
        for (let j = 0; j < n; j++) {
          const value = won[i * n + j];
          if (i === j || times[j] === 0 || Number.isNaN(value)) continue;
          sum += times[i] * times[j] * value;
          pairs += times[i] * times[j];
        }
      }
      return pairs === 0 ? Number.NaN : sum / pairs;
    },
  };
}

function aucOver(
  won: Float64Array,
  damaged: readonly number[],
  quantity: { readonly seed: number; readonly name: string },
): Estimate {
  const planned = damaged.length;
  const n = damaged.filter((value) => !Number.isNaN(value)).length;
  if (n < FEWEST) return nothing(planned, `${n} of ${FEWEST} clips needed to compare`);
  const found = estimateOf(betweenClips(won, planned), { ...quantity, planned, draws: DRAWS });
  return { ...found, n, missing: planned - n };
}

function scoreRow(
  table: ScoreTables,
  loss: ScoreTables,
  { input, seed }: { readonly input: BatteryInput; readonly seed: number },
): ScoreRow {
  const { model, protocol } = input;
  const { score, wins, clips, harmless } = table;
  const overall = ({ wins: all }: ScoreTables): ClusterStatistic =>
    betweenClips(meanOfMatrices([...all.values()]), clips);
  const quantity = (what: string) => ({
    ...{ seed, planned: clips, draws: DRAWS },
    name: `battery ${model} ${protocol} ${score} ${what}`,
  });
  const byDamage = [...wins].map(([damage, won]) => ({ damage, auc: valueOfPairs(won, clips) }));
  const heard = byDamage.filter(({ auc }) => !Number.isNaN(auc)).toSorted((a, b) => a.auc - b.auc);
  const common = { model, protocol, score };
  if (heard.length === 0) {
    const none = nothing(clips, 'not measured in this study');
    return {
      ...common,
      ...{ meanAuc: none, overLoss: none, worst: null, harmless: null },
      sentence: `${score}: not measured in this study.`,
    };
  }
  const meanAuc = estimateOf(overall(table), quantity('mean'));
  const overLoss = estimateOf(differenceOf(overall(table), overall(loss)), quantity('over loss'));
  const found = { ...common, meanAuc, overLoss, worst: heard[0], harmless };
  return { ...found, sentence: sentenceOf(found, heard) };
}

function valueOfPairs(won: Float64Array, n: number): number {
  return betweenClips(won, n).of(Int32Array.from({ length: n }, (_, i) => i));
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

function powerOf(input: BatteryInput, clips: readonly string[], points: readonly BatteryPoint[]): PowerRow[] {
  const { model, protocol, clean } = input;
  const alarms = (valuesOf: (clip: string) => ScoreValues | undefined): Estimate =>
    shareOf(
      clips.map((clip) => {
        const values = valuesOf(clip);
        if (values === undefined || PANEL_MEMBERS.every((member: ScoreName) => Number.isNaN(values[member])))
          return Number.NaN;
        return judge(values, referenceOf(othersOf(input, clips, clip))).alarm ? 1 : 0;
      }),
      { planned: clips.length },
    );
  const at = { model, protocol };
  return [
    { ...at, damage: 'clean', severity: '', harmless: true, alarms: alarms((clip) => clean.get(clip)) },
    ...points.map(({ damage, severity, harmless, versions }) => ({
      ...at,
      ...{ damage, severity, harmless },
      alarms: alarms((clip) => versions.get(clip)?.values),
    })),
  ];
}

/** Ranks of distinct numbers from 0. */
function ranksOf(orders: readonly number[]): number[] {
  return orders.map((order) => orders.filter((other) => other < order).length);
}
