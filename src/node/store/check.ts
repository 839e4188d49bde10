// Looks a whole store over: its plan against its parts, and every part against its name.

import { cellName } from '../../study/cell.js';
import { type Completeness, completeness } from '../../study/check.js';
import type { CellFacts } from '../../study/row.js';
import { connected, openDuckdb } from './duckdb.js';
import { stocktaking } from './inventory.js';
import { checkMaps, type MapsCheck } from './maps.js';
import { readPlan } from './plan.js';
import { explainConflict, plannedRows } from './rows.js';
import { requirePlan, requireStore } from './store.js';

/** A cell by its key, and in words. */
export interface NamedCell {
  readonly key: string;
  readonly name: string;
}

export interface StoreCheck extends Omit<Completeness, 'failed' | 'missing'> {
  readonly study: string;
  readonly parts: number;
  readonly failed: readonly (NamedCell & { readonly error: string })[];
  readonly missing: readonly NamedCell[];
  /** One line for each part that is damaged, with the remedy. */
  readonly damaged: readonly string[];
  /** One line for each cell of which there are two results. */
  readonly conflicts: readonly string[];
  /** Absent in a study that maps no clips. */
  readonly maps?: MapsCheck;
  /** Every planned cell and map is done, and no other cell is there. */
  readonly complete: boolean;
}

/** @throws one line where there is no plan to compare with. */
export async function checkStore(folder: string): Promise<StoreCheck> {
  await requireStore(folder);
  const duckdb = await openDuckdb();
  try {
    const plan = await requirePlan(() => readPlan(duckdb, folder), folder);
    const { cells, parts, damaged, conflicts } = await stocktaking(duckdb, [folder]).current();
    const found = completeness(plan.cells, cells);
    const maps = await checkMaps(folder, plan);
    return await connected(duckdb, async (connection) => {
      const failed: StoreCheck['failed'][number][] = [];
      const query = { keys: found.failed.map(({ key }) => key), withoutArrays: true };
      for await (const row of plannedRows(connection, plan.cells, { cells, query })) {
        failed.push({ ...named(row), error: row.error ?? 'no cause is given' });
      }
      const explained: string[] = [];
      for (const conflict of conflicts) explained.push(await explainConflict(connection, conflict));
      const faults = [found.failed, found.missing, found.unexpected, damaged, explained];
      return {
        ...found,
        study: plan.study,
        parts: parts.length + damaged.length,
        failed,
        missing: found.missing.map(named),
        damaged,
        conflicts: explained,
        ...(maps ? { maps } : {}),
        complete: faults.every(({ length }) => length === 0) && maps?.complete !== false,
      };
    });
  } finally {
    duckdb.closeSync();
  }
}

function named(cell: CellFacts): NamedCell {
  return { key: cell.key, name: cellName(cell) };
}
