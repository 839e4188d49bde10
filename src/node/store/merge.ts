// Stores of one plan, put together by putting the files of their writers together. Nothing is written before all of it is
// known to fit.

import { basename, dirname, join, relative } from 'node:path';
import type { DuckDBInstance } from '@duckdb/node-api';
import { isMixed, planDifference } from '../../study/cell.js';
import type { Plan } from '../../study/store.js';
import {
  copyDocument,
  type DocumentFile,
  documentConflict,
  documentFiles,
  documentsByKey,
} from './documents.js';
import { openDuckdb } from './duckdb.js';
import { stocktaking } from './inventory.js';
import { requireOwn, type StoreContent } from './own_documents.js';
import { copyPart, partPaths } from './part.js';
import { readPlan, writePlan } from './plan.js';
import { requirePlan, requireSound, requireStore } from './store.js';
import { copyWriter } from './writer.js';

export interface Merged {
  /** Parts that were put there now. */
  readonly copied: number;
  /** Parts and cells that are there now, and cells that are planned. */
  readonly parts: number;
  readonly cells: number;
  readonly planned: number;
  /** Maps, and comparisons with exact models, that were put there now. */
  readonly maps: number;
  readonly parity: number;
  /** One line for each folder that is no store: the others were put together. */
  readonly absent: readonly string[];
}

/**
 * Puts what the writers of `folders` have stored into the store `out`, which may be there already.
 * @throws when plans differ, a file is damaged, or a task has two results, before anything is written.
 */
export async function mergeStores(out: string, folders: readonly string[]): Promise<Merged> {
  const { there, absent } = await presentStores(folders);
  const duckdb = await openDuckdb();
  try {
    const plan = await commonPlan(duckdb, out, there);
    const stores = [out, ...there];
    const all = async (): Promise<string[]> => (await Promise.all(stores.map(partPaths))).flat();
    const { cells, parts } = await requireSound(duckdb, await stocktaking(duckdb, all).current());
    const documents = await freshDocuments(out, there, { plan, cells });
    const known = new Set((await partPaths(out)).map((path) => basename(path)));
    const paths = new Map(parts.map(({ path }) => [basename(path), path]));
    if (!(await readPlan(duckdb, out))) await writePlan(duckdb, out, plan);
    const fresh = [...paths].filter(([name]) => !known.has(name)).map(([, path]) => path);
    for (const path of fresh) await copyPart(path, await writerIn(out, path));
    for (const file of documents) await copyDocument(file, await writerIn(out, file.path));
    return {
      copied: fresh.length,
      parts: paths.size,
      cells: cells.size,
      planned: plan.cells.length,
      maps: documents.filter(({ kind }) => kind === 'map').length,
      parity: documents.filter(({ kind }) => kind === 'parity').length,
      absent,
    };
  } finally {
    duckdb.closeSync();
  }
}

async function presentStores(folders: readonly string[]): Promise<{ there: string[]; absent: string[] }> {
  const [there, absent]: [string[], string[]] = [[], []];
  for (const folder of folders) {
    try {
      await requireStore(folder);
      there.push(folder);
    } catch (error) {
      absent.push(error instanceof Error ? error.message : String(error));
    }
  }
  if (there.length === 0) throw new Error(absent[0] ?? 'no store is named');
  return { there, absent };
}

/** The folder in `out` of the writer that made a file elsewhere, with what is known of it. */
async function writerIn(out: string, path: string): Promise<string> {
  const writer = dirname(dirname(path));
  const own = join(out, relative(dirname(dirname(writer)), writer));
  await copyWriter(writer, own);
  return own;
}

/** Documents that `out` has not, each once; a success in the place of a failure. @throws when one is damaged or came out in two ways. */
async function freshDocuments(
  out: string,
  folders: readonly string[],
  beside: StoreContent & { readonly plan: Plan },
): Promise<DocumentFile[]> {
  const own = await documentFiles(out);
  const elsewhere = (await Promise.all(folders.map((folder) => documentFiles(folder)))).flat();
  await requireOwn([...own, ...elsewhere], beside);
  const { byKey, conflicts } = documentsByKey([...own, ...elsewhere], { mixed: isMixed(beside.plan) });
  if (conflicts[0]) throw new Error(documentConflict(conflicts[0]));
  const mine = new Set(own.map(({ path }) => path));
  return [...byKey.values()].filter(({ path }) => !mine.has(path));
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
