// Maps as findings: clips by how strongly the model reacts to a short disturbance, and how well this and other numbers
// of a clip tell the groups of a study apart.

import { termsOf } from '../audio/codes.js';
import type { ClipMap } from '../probe/map_record.js';
import { FEATURE_WORDS, FEATURES, type RankedClip, ranked, rankedClip, separations } from '../probe/rank.js';
import { FEWEST_CLIPS } from '../stats/bootstrap.js';
import { type KeptMap, type MapTask, mapMismatch, mapTasks, namedMap } from '../study/map_task.js';
import type { CellRow } from '../study/row.js';
import type { Plan, Store } from '../study/store.js';
import { nothing, numberOrNull } from './estimate.js';
import type { Estimate } from './estimated.js';
import type { MapFindings, MappedClip, MapSeparation } from './map_findings.js';

/** A map's plan and numbers, without its curves. */
interface Ranked {
  readonly planned: MapTask;
  readonly ranking: RankedClip;
  readonly row: MappedClip;
}

/** Reads every map of a study once; undefined for a study that makes none. @throws when one is damaged. */
export async function mapFindings(
  plan: Plan,
  store: Pick<Store, 'get' | 'rows'>,
): Promise<MapFindings | undefined> {
  if (!plan.maps) return undefined;
  const planned = mapTasks(plan);
  const clean = await cleanNumbers(store);
  const found: Ranked[] = [];
  const failures = new Map<string, number>();
  let disturbance = '';
  for (const each of planned) {
    const result = await store.get('map', each.key);
    if (result?.status === 'failed') failures.set(result.error, (failures.get(result.error) ?? 0) + 1);
    if (result?.status !== 'ok') continue;
    requireOwn(each, result.value, clean);
    disturbance ||= result.value.disturbance;
    const map = namedMap(each, result.value);
    const ranking = rankedClip(map);
    found.push({ planned: each, ranking, row: rowOf(each, ranking, map) });
  }
  const models = [...new Set(planned.map(({ clean }) => clean.model))].map((model) =>
    found.filter(({ planned: { clean } }) => clean.model === model),
  );
  const failed = [...failures.values()].reduce((sum, count) => sum + count, 0);
  return {
    disturbance,
    planned: planned.length,
    missing: planned.length - found.length - failed,
    failures: [...failures].map(([error, count]) => ({ error, maps: count })),
    features: FEATURES.map((feature) => ({ feature, words: FEATURE_WORDS[feature] })),
    clips: models.flatMap(inOrder),
    separations: models.flatMap((own) => separationsOf(own, { planned, groups: plan.maps?.groups ?? [] })),
  };
}

type CleanNumbers = ReadonlyMap<string, Pick<CellRow, 'meanLoss' | 'frames'>>;

async function cleanNumbers(store: Pick<Store, 'rows'>): Promise<CleanNumbers> {
  const numbers = new Map<string, Pick<CellRow, 'meanLoss' | 'frames'>>();
  for await (const { key, status, meanLoss, frames } of store.rows({
    roles: ['clean'],
    withoutArrays: true,
  })) {
    if (status === 'ok') numbers.set(key, { meanLoss, frames });
  }
  return numbers;
}

/** @throws for a map that was made of another clip. */
function requireOwn(task: MapTask, map: KeptMap, numbers: CleanNumbers): void {
  const { clean } = task;
  const row = numbers.get(clean.key);
  const mismatch = row && mapMismatch(task, map.clean, row);
  if (mismatch !== undefined)
    throw new Error(
      `analysis: the map of ${clean.clip} is not its own (it has ${mismatch}); run losscope check`,
    );
}

/** Maps that a report draws. */
const DRAWN = 24;

/** The maps to draw, by key: of each model the most sensitive clips, as many as make 24 together. */
export async function drawnMaps(
  plan: Plan,
  { clips }: MapFindings,
  store: Pick<Store, 'get'>,
): Promise<Map<string, ClipMap>> {
  const models = [...new Set(clips.map(({ model }) => model))];
  const each = Math.max(1, Math.floor(DRAWN / models.length));
  const chosen = models.flatMap((model) => clips.filter((clip) => clip.model === model).slice(0, each));
  const planned = new Map(mapTasks(plan).map((map) => [map.key, map]));
  const drawn = new Map<string, ClipMap>();
  for (const { key } of chosen) {
    const [own, result] = [planned.get(key), await store.get('map', key)];
    if (own && result?.status === 'ok') drawn.set(key, namedMap(own, result.value));
  }
  return drawn;
}

function inOrder(found: readonly Ranked[]): MappedClip[] {
  const rows = new Map(found.map(({ ranking, row }) => [ranking, row]));
  return ranked(found.map(({ ranking }) => ranking)).flatMap((ranking) => rows.get(ranking) ?? []);
}

function rowOf(
  { key, clean }: MapTask,
  { peak, beyond, features }: RankedClip,
  { points, silent, clock }: Pick<ClipMap, 'points' | 'silent' | 'clock'>,
): MappedClip {
  const { model, protocol, condition, group, clip, title } = clean;
  return {
    model,
    protocol,
    condition,
    group,
    key,
    clip,
    title,
    nats: termsOf(clock).nats,
    positions: points.length,
    silent: silent.length,
    peak: {
      value: numberOrNull(peak.mean),
      low: peak.interval?.low ?? null,
      high: peak.interval?.high ?? null,
    },
    beyond: beyond ?? null,
    features: Object.fromEntries(FEATURES.map((feature) => [feature, numberOrNull(features[feature])])),
  };
}

/** Every pair of groups by every feature, of the maps of one model. */
function separationsOf(
  found: readonly Ranked[],
  { planned, groups }: { readonly planned: readonly MapTask[]; readonly groups: readonly string[] },
): MapSeparation[] {
  if (found.length === 0) return [];
  const { model, protocol, condition } = found[0].row;
  const clipsOf = (group: string) => ({
    group,
    clips: found.filter(({ row }) => row.group === group).map(({ ranking }) => ranking),
    planned: planned.filter(({ clean }) => clean.model === model && clean.group === group).length,
  });
  return pairsOf(groups.map(clipsOf)).flatMap(([a, b]) =>
    tellingApart(a, b).map((told) => ({ model, protocol, condition, a: a.group, b: b.group, ...told })),
  );
}

interface MappedGroup {
  readonly group: string;
  readonly clips: readonly RankedClip[];
  readonly planned: number;
}

function tellingApart(a: MappedGroup, b: MappedGroup): Pick<MapSeparation, 'feature' | 'auc' | 'paired'>[] {
  const small = [a, b].find(({ clips }) => clips.length < FEWEST_CLIPS);
  const planned = a.planned + b.planned;
  const n = a.clips.length + b.clips.length;
  if (small) {
    const why = `${small.clips.length} of ${FEWEST_CLIPS} mapped clips needed of group ${small.group}`;
    const auc = { ...nothing(planned, why), n, missing: planned - n };
    return FEATURES.map((feature) => ({ feature, auc, paired: false }));
  }
  return separations(a.clips, b.clips).map(({ feature, auc, low, high, paired }) => {
    const estimate: Estimate = { value: auc, low, high, n, missing: planned - n };
    return { feature, auc: estimate, paired };
  });
}

function pairsOf<T>(values: readonly T[]): (readonly [T, T])[] {
  return values.flatMap((a, i) => values.slice(i + 1).map((b) => [a, b] as const));
}
