// The store on disk: a folder with a plan and immutable parts. Any number of processes may append to it at once; a
// kill at any moment leaves whole parts and perhaps a temporary file, which nobody reads.

import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBInstance } from '@duckdb/node-api';
import { cellName, rowDifference } from '../../study/cell.js';
import { rowDigest } from '../../study/key.js';
import type { CellRow } from '../../study/row.js';
import type { Plan, Store } from '../../study/store.js';
import { makeFolder, UNFINISHED } from '../output.js';
import { connected, openDuckdb } from './duckdb.js';
import { gather } from './gather.js';
import { differ, type Inventory, stocktaking } from './inventory.js';
import { MAPS } from './maps.js';
import { type DigestedRow, PARTS, writePart } from './part.js';
import { HEADER, readPlan, writePlan } from './plan.js';
import { explainConflict, plannedRows, readRow } from './rows.js';

export interface StoreOptions {
  /** Make the folder where there is none. Default false. */
  readonly create?: boolean;
}

/** A temporary file is written within seconds. Whoever made one that is so old is gone, on whatever machine. */
const ABANDONED_MS = 3_600_000;

/** Opens the store in a folder. @throws when it is not there, unless `create`. */
export async function openStore(folder: string, { create = false }: StoreOptions = {}): Promise<Store> {
  if (create) await makeFolder(join(folder, PARTS));
  else await requireStore(folder);
  for (const each of [folder, join(folder, PARTS), join(folder, MAPS)]) await removeAbandoned(each);
  const duckdb = await openDuckdb();
  const stock = stocktaking(duckdb, [folder]);
  const inventory = async (): Promise<Inventory> => requireSound(duckdb, await stock.current());
  let known: Plan | undefined;
  const plan = async (): Promise<Plan | undefined> => {
    known ??= await readPlan(duckdb, folder);
    return known;
  };
  return {
    plan,
    async writePlan(next) {
      await writePlan(duckdb, folder, next);
      known = next;
    },
    async cells() {
      return (await inventory()).cells;
    },
    async append(rows) {
      const fresh = await missingRows(duckdb, rows, await inventory());
      if (fresh.length === 0) return;
      stock.add(await writePart(duckdb, folder, fresh));
      await gather(duckdb, folder, await inventory());
    },
    async *rows(query = {}) {
      const { cells: planned } = await requirePlan(plan, folder);
      const { cells } = await inventory();
      const connection = await duckdb.connect();
      try {
        yield* plannedRows(connection, planned, { cells, query });
      } finally {
        connection.closeSync();
      }
    },
    async close() {
      duckdb.closeSync();
    },
  };
}

/** @throws one line for a folder that is no store. */
export async function requireStore(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'ENOENT' ? 'no such folder' : `cannot be read (${error.code})`;
    throw new Error(`${folder}: ${why}; expected a store, as losscope run makes it`);
  });
  if (!names.includes(HEADER) && !names.includes(PARTS)) {
    throw new Error(
      `${folder}: not a store (neither ${HEADER} nor ${PARTS}); expected one, as losscope run makes it`,
    );
  }
}

/** @throws for a part that is damaged, and for two that contradict each other. */
export async function requireSound(duckdb: DuckDBInstance, inventory: Inventory): Promise<Inventory> {
  const [damage] = inventory.damaged;
  if (damage !== undefined) throw new Error(damage);
  const [conflict] = inventory.conflicts;
  if (conflict) throw new Error(await connected(duckdb, (each) => explainConflict(each, conflict)));
  return inventory;
}

/** The plan, of a store that cannot be read without. */
export async function requirePlan(plan: () => Promise<Plan | undefined>, folder: string): Promise<Plan> {
  const there = await plan();
  if (!there) throw new Error(`${folder}: has no plan; run the study again: it writes one`);
  return there;
}

/** Those rows that are not there yet, each once. @throws when one is there with other results. */
async function missingRows(
  duckdb: DuckDBInstance,
  rows: readonly CellRow[],
  { cells }: Inventory,
): Promise<DigestedRow[]> {
  const fresh = new Map<string, DigestedRow>();
  for (const each of rows) {
    const row = { ...each, digest: rowDigest(each) };
    const [waiting, stored] = [fresh.get(row.key), cells.get(row.key)];
    if (waiting && differ(row, waiting)) throw differently(row, waiting);
    if (stored && differ(row, stored)) {
      throw differently(row, await connected(duckdb, (connection) => readRow(connection, stored)));
    }
    const there = waiting ?? stored;
    if (!there || (there.status === 'failed' && there.digest !== row.digest)) fresh.set(row.key, row);
  }
  return [...fresh.values()];
}

function differently(row: CellRow, before: CellRow): Error {
  const what = `${cellName(row)} came out differently from what is stored: ${rowDifference(row, before)}`;
  return new Error(`${what}; find out why before you go on, or use another folder`);
}

async function removeAbandoned(folder: string): Promise<void> {
  const gone = (error: NodeJS.ErrnoException): undefined => {
    // Its writer has finished, another process has cleaned up, or there is no such folder yet.
    if (error.code === 'ENOENT') return undefined;
    throw error;
  };
  for (const name of (await readdir(folder).catch(gone)) ?? []) {
    if (!name.startsWith('.') || !name.endsWith(UNFINISHED)) continue;
    const path = join(folder, name);
    const found = await stat(path).catch(gone);
    if (found && Date.now() - found.mtimeMs > ABANDONED_MS) await rm(path, { force: true });
  }
}
