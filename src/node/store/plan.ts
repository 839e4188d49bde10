// The plan of a store: plan.json says what is planned, holds the study's YAML and a checksum of itself, and names the file
// with the facts of every cell, plan-<sha256>.parquet. plan.json is made by exclusive creation: of two different plans at
// once one is there and the other one's writer is told.

import { link, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DuckDBInstance } from '@duckdb/node-api';
import { z } from 'zod';
import { cellName, planDifference } from '../../study/cell.js';
import { FACT_COLUMNS } from '../../study/columns.js';
import { factsDigest, planHash } from '../../study/key.js';
import type { MapPlan } from '../../study/map_task.js';
import type { ParityTask } from '../../study/parity_task.js';
import type { CellFacts } from '../../study/row.js';
import type { Plan } from '../../study/store.js';
import { publish, temporaryName, writeWhole } from '../output.js';
import { connected, parquet, reason } from './duckdb.js';
import { HEADER, storedHash } from './layout.js';
import { readSealed, sealed } from './sealed.js';
import { createTable, insert, select, writeParquet } from './table.js';

const FORMAT = 3;

const mapPlan: z.ZodType<MapPlan> = z.strictObject({
  every: z.int(),
  length: z.int(),
  level: z.union([z.literal('match'), z.strictObject({ dbfs: z.number() })]),
  tail: z.int(),
  from: z.int(),
  seed: z.int(),
  protocol: z.string().optional(),
  groups: z.array(z.string()),
});
const parityTask: z.ZodType<ParityTask> = z.strictObject({
  kind: z.literal('parity'),
  key: z.string(),
  model: z.string(),
  clips: z.array(z.string()),
});
const header = z.strictObject({
  /** Version of the store's layout. */
  format: z.literal(FORMAT, `expected ${FORMAT}; another version of losscope made this store`),
  study: z.string(),
  /** SHA-256 over the sorted keys, and over all facts in order. */
  hash: z.string(),
  facts: z.string(),
  cells: z.int(),
  /** Name of the file with the facts. */
  file: z.string().regex(/^plan-[0-9a-f]{64}\.parquet$/),
  yaml: z.string(),
  /** Only of a study that maps its clips. */
  maps: mapPlan.optional(),
  /** Only of a study with inexact models. */
  parity: z.array(parityTask).optional(),
});
type Header = z.output<typeof header>;

/** The plan of a store, undefined where there is none. @throws one line when it is damaged. */
export async function readPlan(duckdb: DuckDBInstance, folder: string): Promise<Plan | undefined> {
  const head = await readHeader(folder);
  if (!head) return undefined;
  const path = join(folder, head.file);
  // First, since a folder or a device in its place is named as such.
  const isWhole = await isSound(folder, head.file);
  const cells = await readCells(duckdb, path);
  if (factsDigest(cells) !== head.facts) {
    throw new Error(`${path}: damaged (not the cells that ${HEADER} names); ${REMEDY}`);
  }
  if (!isWhole) throw new Error(`${path}: damaged (its bytes are not those that its name says); ${REMEDY}`);
  const { study, hash, yaml, maps, parity } = head;
  return { study, hash, yaml, cells, ...(maps ? { maps } : {}), ...(parity ? { parity } : {}) };
}

/**
 * Writes the plan of a new store; labels and YAML of an old one, if its study and cells are the same ones; nothing where all is
 * equal. @throws when another study or other cells are planned there, naming what differs.
 */
export async function writePlan(duckdb: DuckDBInstance, folder: string, plan: Plan): Promise<void> {
  requireSoundPlan(plan);
  const { study, hash, yaml, cells, maps, parity } = plan;
  const before = await readHeader(folder);
  if (before) await requireSame(duckdb, folder, plan, before);
  const facts = factsDigest(cells);
  const file = before?.facts === facts && (await isSound(folder, before.file)) ? before.file : undefined;
  const next: Header = {
    format: FORMAT,
    study,
    hash,
    facts,
    cells: cells.length,
    file: file ?? (await writeCells(duckdb, folder, cells)),
    yaml,
    ...(maps ? { maps } : {}),
    ...(parity ? { parity: [...parity] } : {}),
  };
  const text = sealed(next);
  if (before && sealed(before) === text) return;
  const path = join(folder, HEADER);
  if (before) await writeWhole(path, text);
  else if (!(await createWhole(path, text)))
    await requireSame(duckdb, folder, plan, await readHeader(folder));
}

/** @throws when other cells are planned in the store, or the same ones under another study's name. */
async function requireSame(
  duckdb: DuckDBInstance,
  folder: string,
  plan: Plan,
  head: Header | undefined,
): Promise<void> {
  if (!head) return;
  if (head.hash === plan.hash) {
    if (head.study === plan.study) return;
    throw new Error(`${folder}: holds the study ${head.study}, this is ${plan.study}; name another folder`);
  }
  const before = await readPlan(duckdb, folder);
  const what = before ? planDifference(plan, before) : 'it is gone';
  throw new Error(`${folder}: holds another plan (${what}); name another folder`);
}

/**
 * Writes a file that must not be there yet, whole: false when another one was first. A hard link is made or refused in one
 * step, on NFS too; where there are none (some network drives), the empty file is, and is then replaced.
 */
async function createWhole(path: string, text: string): Promise<boolean> {
  const temporary = join(dirname(path), temporaryName());
  await writeWhole(temporary, text);
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP' && code !== 'ENOSYS') throw error;
    return await createByName(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function createByName(temporary: string, path: string): Promise<boolean> {
  try {
    await writeFile(path, '', { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  await rename(temporary, path);
  return true;
}

const REMEDY = 'run the study again: it writes the plan anew and keeps what is scored';

async function readHeader(folder: string): Promise<Header | undefined> {
  const path = join(folder, HEADER);
  try {
    const value = await readSealed(path);
    return value && header.parse(value);
  } catch (error) {
    const why =
      error instanceof z.ZodError ? error.issues[0].message : reason(error).replace(`${path}: `, '');
    throw new Error(`${path}: not a plan (${why}); delete it and ${REMEDY}`);
  }
}

/** Writes the facts of the cells; returns the file's name. */
async function writeCells(
  duckdb: DuckDBInstance,
  folder: string,
  cells: readonly CellFacts[],
): Promise<string> {
  let name = '';
  await publish(join(folder, 'plan.parquet'), async (temporary) => {
    await connected(duckdb, async (connection) => {
      await createTable(connection, 'plan', FACT_COLUMNS);
      await insert(connection, 'plan', { columns: FACT_COLUMNS, rows: cells.map((cell) => ({ ...cell })) });
      await writeParquet(connection, 'plan', temporary);
    });
    name = `plan-${await storedHash(temporary)}.parquet`;
    return join(folder, name);
  });
  return name;
}

async function isSound(folder: string, file: string): Promise<boolean> {
  return `plan-${await storedHash(join(folder, file))}.parquet` === file;
}

async function readCells(duckdb: DuckDBInstance, path: string): Promise<CellFacts[]> {
  const cells: CellFacts[] = [];
  try {
    await connected(duckdb, async (connection) => {
      for await (const rows of select(connection, FACT_COLUMNS, parquet([path]))) {
        // The columns are those of CellFacts, and the digest over all their values is compared by the caller.
        cells.push(...(rows as unknown as CellFacts[]));
      }
    });
  } catch (error) {
    throw new Error(`${path}: cannot be read (${reason(error)}); ${REMEDY}`);
  }
  return cells;
}

function requireSoundPlan({ study, hash, cells }: Plan): void {
  const names = new Map<string, string>();
  for (const cell of cells) {
    const twin = names.get(cell.key);
    if (twin !== undefined) {
      throw new Error(
        `${study}: planned twice: ${twin} and ${cellName(cell)} have the same content; leave one out`,
      );
    }
    names.set(cell.key, cellName(cell));
  }
  if (planHash([...names.keys()]) !== hash) throw new TypeError('the hash of a plan is not that of its keys');
}
