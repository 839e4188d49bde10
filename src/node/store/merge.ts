// Stores of one plan, put together by putting their parts together. Nothing is written before all of it is known to fit.

import { basename } from 'node:path';
import type { DuckDBInstance } from '@duckdb/node-api';
import { planDifference } from '../../study/cell.js';
import type { Plan } from '../../study/store.js';
import { openDuckdb } from './duckdb.js';
import { stocktaking } from './inventory.js';
import { copyMaps, missingMaps } from './maps.js';
import { copyPart } from './part.js';
import { readPlan, writePlan } from './plan.js';
import { requirePlan, requireSound, requireStore } from './store.js';

export interface Merged {
  /** Parts that were put there now. */
  readonly copied: number;
  /** Parts and cells that are there now, and cells that are planned. */
  readonly parts: number;
  readonly cells: number;
  readonly planned: number;
  /** Maps that were put there now. */
  readonly maps: number;
}

/**
 * Puts the parts and maps of `folders` into the store `out`, which may be there already.
 * @throws when plans differ, a part is damaged, or a cell has two results, before anything is written.
 */
export async function mergeStores(out: string, folders: readonly string[]): Promise<Merged> {
  for (const folder of folders) await requireStore(folder);
  const duckdb = await openDuckdb();
  try {
    const plan = await commonPlan(duckdb, out, folders);
    const { cells, parts } = await requireSound(
      duckdb,
      await stocktaking(duckdb, [out, ...folders]).current(),
    );
    const maps = await missingMaps(out, folders);
    const there = new Set(
      (await stocktaking(duckdb, [out]).current()).parts.map(({ path }) => basename(path)),
    );
    const paths = new Map(parts.map(({ path }) => [basename(path), path]));
    if (!(await readPlan(duckdb, out))) await writePlan(duckdb, out, plan);
    const fresh = [...paths].filter(([name]) => !there.has(name));
    for (const [, path] of fresh) await copyPart(path, out);
    await copyMaps(out, maps);
    return {
      copied: fresh.length,
      parts: paths.size,
      cells: cells.size,
      planned: plan.cells.length,
      maps: maps.size,
    };
  } finally {
    duckdb.closeSync();
  }
}

/** The plan that all have: the one of `out` where there is one, with its names. */
async function commonPlan(duckdb: DuckDBInstance, out: string, folders: readonly string[]): Promise<Plan> {
  const own = await readPlan(duckdb, out);
  let first = own && { folder: out, plan: own };
  for (const folder of folders) {
    const plan = await requirePlan(() => readPlan(duckdb, folder), folder);
    first ??= { folder, plan };
    const mapped = [plan, first.plan].map(({ maps }) => JSON.stringify(maps));
    if (plan.hash === first.plan.hash && mapped[0] === mapped[1]) continue;
    const what =
      plan.hash === first.plan.hash ? 'clips are mapped otherwise' : planDifference(plan, first.plan);
    throw new Error(
      `${folder}: its plan is not that of ${first.folder} (${what}); only shards of one study merge`,
    );
  }
  if (!first) throw new Error(`${out}: nothing to put there`);
  return first.plan;
}
