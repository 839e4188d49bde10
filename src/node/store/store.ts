// The store on disk: a folder with a plan, and a folder of immutable files for each writer. Any number of processes may
// add to it at once, and none waits for another; a kill at any moment leaves whole files and perhaps a temporary one,
// which nobody reads.

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBInstance } from '@duckdb/node-api';
import { cellName, isMixed, rowDifference } from '../../study/cell.js';
import { rowDigest } from '../../study/key.js';
import type { CellRow } from '../../study/row.js';
import type { DocumentKind, DocumentResult, Plan, Store, StoredResult } from '../../study/store.js';
import { fileAbove, makeFolderFor, removeAbandoned } from '../output.js';
import { documentConflict, documentFiles, documentsByKey, readDocument, writeDocument } from './documents.js';
import { connected, openDuckdb } from './duckdb.js';
import { gather } from './gather.js';
import { differ, type Inventory, stocktaking } from './inventory.js';
import { FOLDERS, HEADER, newWriter, PARTS, WRITERS, writerFolders } from './layout.js';
import { documentReader } from './own_documents.js';
import { type DigestedRow, partPaths, partPathsOf, writePart } from './part.js';
import { readPlan, writePlan } from './plan.js';
import { explainConflict, plannedRows, readRow } from './rows.js';
import { writeWriter } from './writer.js';

export interface StoreOptions {
  /** Make the folder where there is none. Default false. */
  readonly create?: boolean;
}

/** Opens the store in a folder, as a new writer. @throws when it is not there, unless `create`. */
export async function openStore(folder: string, { create = false }: StoreOptions = {}): Promise<Store> {
  if (create) {
    await makeFolderFor(folder);
    await makeFolderFor(join(folder, WRITERS));
  } else await requireStore(folder);
  const duckdb = await openDuckdb();
  const writer = join(folder, WRITERS, newWriter());
  const own = stocktaking(duckdb, () => partPathsOf(writer));
  const all = stocktaking(duckdb, () => partPaths(folder));
  const documents = documentReader();
  let known: Plan | undefined;
  let introduced: Promise<void> | undefined;
  /** Before the first file of this writer. */
  const introduce = (): Promise<void> => {
    introduced ??= writeWriter(writer);
    return introduced;
  };
  const plan = async (): Promise<Plan | undefined> => {
    known ??= await readPlan(duckdb, folder);
    return known;
  };
  return {
    plan,
    async writePlan(next) {
      await tidy(folder);
      await writePlan(duckdb, folder, next);
      known = next;
    },
    async results() {
      const { cells } = await all.current();
      const there = await plan();
      const looks = await documents.look(await documentFiles(folder), { plan: there, cells });
      const own = looks.flatMap((look) => (look === 'gone' || look instanceof Error ? [] : [look]));
      const { byKey } = documentsByKey(own, { mixed: there !== undefined && isMixed(there) });
      return new Map<string, StoredResult>([...cells, ...byKey]);
    },
    async append(rows) {
      const fresh = await missingRows(duckdb, rows, await own.current());
      if (fresh.length === 0) return;
      await introduce();
      own.add(await writePart(duckdb, writer, fresh));
      await gather(duckdb, writer, await own.current());
    },
    async *rows(query = {}) {
      const { cells: planned } = await requirePlan(plan, folder);
      const { cells } = await requireSound(duckdb, await all.current());
      const connection = await duckdb.connect();
      try {
        yield* plannedRows(connection, planned, { cells, query });
      } finally {
        connection.closeSync();
      }
    },
    async *twice() {
      const { twice } = await all.current();
      for (const [a, b] of twice) {
        const connection = await duckdb.connect();
        try {
          yield [await readRow(connection, a), await readRow(connection, b)] as const;
        } finally {
          connection.closeSync();
        }
      }
    },
    async put<K extends DocumentKind>(kind: K, key: string, result: DocumentResult<K>) {
      await introduce();
      await writeDocument(writer, kind, key, result);
    },
    async get(kind, key) {
      const there = await plan();
      const mixed = there !== undefined && isMixed(there);
      const files = (await documentFiles(folder, [kind])).filter((file) => file.key === key);
      const { cells } = await all.current();
      const looks = await documents.look(files, { plan: there, cells });
      const fault = looks.find((look) => look instanceof Error);
      if (fault) throw fault;
      const { byKey, conflicts } = documentsByKey(files, { mixed });
      const conflict = conflicts.find(([file]) => file.key === key);
      if (conflict) throw new Error(documentConflict(conflict));
      const file = byKey.get(key);
      return file && readDocument({ ...file, kind });
    },
    async close() {
      duckdb.closeSync();
    },
  };
}

/** Whether a folder is a store. */
export async function isStore(folder: string): Promise<boolean> {
  // Whatever keeps us from looking, there is no store to open here.
  const names = await readdir(folder).catch((): string[] => []);
  return names.includes(HEADER) || names.includes(WRITERS);
}

const WHY: Readonly<Record<string, string>> = {
  ...{ ENOENT: 'no such folder', ENOTDIR: 'is a file', ELOOP: 'is a link that leads back to itself' },
  ...{ EACCES: 'no permission', ENAMETOOLONG: 'no such folder: the name is too long' },
};

/** @throws one line for a folder that is no store. */
export async function requireStore(folder: string): Promise<void> {
  const names = await readdir(folder).catch(async (error: NodeJS.ErrnoException) => {
    const file = await fileAbove(folder);
    const why = file ? `${file} is a file` : (WHY[error.code ?? ''] ?? `cannot be read (${error.code})`);
    throw new Error(`${folder}: ${why}; expected a store, as losscope run makes it`);
  });
  if (!names.includes(HEADER) && !names.includes(WRITERS)) {
    throw new Error(
      `${folder}: not a store (neither ${HEADER} nor ${WRITERS}); expected one, as losscope run makes it`,
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

/** Those rows that this writer has not stored, each once. @throws when it has stored one with other results. */
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

/** Of every writer: what killed ones have left. */
async function tidy(folder: string): Promise<void> {
  const within = [PARTS, ...Object.values(FOLDERS)];
  const writers = (await writerFolders(folder)).flatMap((writer) => [
    writer,
    ...within.map((name) => join(writer, name)),
  ]);
  for (const each of [folder, ...writers]) await removeAbandoned(each);
}
