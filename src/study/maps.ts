// Makes the maps of a study that are not there yet. As for cells, whatever a map's numbers depend on is in its key, and
// a clip that cannot be mapped is a result with its cause.

import { sensitivityMap } from '../probe/map.js';
import type { ClipMap } from '../probe/map_record.js';
import { scoreClip } from '../probe/probe.js';
import type { Excerpt, Item, Library } from './dataset.js';
import { type MapPlan, type PlannedMap, plannedMaps } from './map_plan.js';
import type { PlannedStudy, StudyModel } from './plan.js';
import { type Part, partOf } from './run.js';
import { soundOf } from './subject.js';

/** A map without names: what it is of stands in the plan. */
export interface KeptMap extends Omit<ClipMap, 'clip'> {
  /** Length of the clip at the codec's rate. */
  readonly samples: number;
}

/** What became of a map. */
export type MapResult =
  | { readonly status: 'ok'; readonly map: KeptMap }
  | { readonly status: 'failed'; readonly error: string };

/** Where maps are kept, by key, each written whole. */
export interface MapStore {
  /** Undefined where it was not made yet. @throws when it is damaged. */
  read(key: string): Promise<MapResult | undefined>;
  write(key: string, result: MapResult): Promise<void>;
}

/** A map to be made. */
export interface MapJob {
  readonly planned: PlannedMap;
  readonly model: StudyModel;
  readonly item: Item;
}

/** The maps of a shard within a limit that are not there yet; without a store none is. */
export async function pendingMaps(
  study: PlannedStudy,
  { maps, ...part }: Omit<Part, 'store'> & { readonly maps?: Pick<MapStore, 'read'> },
): Promise<MapJob[]> {
  const planned = new Map(plannedMaps(study.plan).map((map) => [map.clean.key, map]));
  const jobs = partOf(study.jobs, part).flatMap(({ cells, model, item }) =>
    cells.flatMap(({ facts }): MapJob[] => {
      const own = planned.get(facts.key);
      return own ? [{ planned: own, model, item }] : [];
    }),
  );
  const pending: MapJob[] = [];
  for (const job of jobs) {
    const status = (await maps?.read(job.planned.key))?.status;
    if (status === undefined || (part.retryFailed && status === 'failed')) pending.push(job);
  }
  return pending;
}

export interface MapRunOptions {
  readonly library: Library;
  readonly maps: Pick<MapStore, 'write'>;
  /** Asked between maps: true ends the run. */
  readonly stopped?: () => boolean;
  /** Hears of each map that is done. */
  readonly onMap?: (map: PlannedMap, result: MapResult) => void;
}

/** Makes maps one after the other; returns how many are done, how many of them failed, and how many are left. */
export async function runMaps(
  { study, plan, items }: PlannedStudy,
  jobs: readonly MapJob[],
  { library, maps, stopped = () => false, onMap = () => undefined }: MapRunOptions,
): Promise<{ readonly done: number; readonly failed: number; readonly left: number }> {
  let done = 0;
  let failed = 0;
  for (const job of jobs) {
    if (stopped() || !plan.maps) break;
    const result = await resultOf(job, plan.maps, { library, excerpt: study.excerpt, items });
    await maps.write(job.planned.key, result);
    done++;
    if (result.status === 'failed') failed++;
    onMap(job.planned, result);
  }
  return { done, failed, left: jobs.length - done };
}

interface Sources {
  readonly library: Library;
  readonly excerpt: Excerpt;
  readonly items: ReadonlyMap<string, Item>;
}

/** Only expected failures, which are plain Errors, are results; others end the run. */
async function resultOf(job: MapJob, plan: MapPlan, sources: Sources): Promise<MapResult> {
  try {
    return { status: 'ok', map: await keptMap(job, plan, sources) };
  } catch (error) {
    if (!(error instanceof Error) || error.constructor !== Error) throw error;
    return { status: 'failed', error: error.message };
  }
}

async function keptMap({ planned, model, item }: MapJob, plan: MapPlan, sources: Sources): Promise<KeptMap> {
  const sound = await soundOf(model.model, item, sources);
  const clean = await scoreClip(model.model, sound, {
    ...{ protocol: planned.clean.protocol, condition: model.condition },
  });
  try {
    const { provenance: _, clip, ...map } = await sensitivityMap(model.model, clean, plan);
    return { ...map, samples: clip.samples };
  } finally {
    await clean.release();
  }
}

/** A kept map with the names of the plan. */
export function namedMap({ clean }: PlannedMap, { samples, ...map }: KeptMap): ClipMap {
  const { clip: name, group, title } = clean;
  const { sampleRate } = map.clock;
  return { ...map, clip: { name, group, sampleRate, samples, ...(title === null ? {} : { title }) } };
}
