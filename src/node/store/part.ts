// A part: rows that were appended together, as one Parquet file named by the SHA-256 of its bytes. So a part that a disk
// or a copy has changed is found before anything reads it, and the same part has the same name in every store.

import { copyFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { COLUMNS, type Column, LATER_COLUMNS } from '../../study/columns.js';
import { ANY, type CellRow } from '../../study/row.js';
import type { StoredResult } from '../../study/store.js';
import { publish } from '../output.js';
import { connected, identifier, parquet, pattern, reason } from './duckdb.js';
import { namesIn, PARTS, storedHash, writerFolders } from './layout.js';
import { type Cells, createTable, insert, select, sqlType, writeParquet } from './table.js';

const PART_NAME = /^[0-9a-f]{64}\.parquet$/;

/** A row as a part holds it: with its digest, so that it can be compared without its arrays. */
const DIGEST: Column<string> = { name: 'digest', type: 'text', meaning: 'SHA-256 of what came out.' };
const PART_COLUMNS: readonly Column<string>[] = [...COLUMNS, DIGEST];
const FILENAME: Column<string> = {
  name: 'filename',
  type: 'text',
  meaning: 'Path of the part, as DuckDB adds it.',
};
/** What is read of every row when a part is first seen. */
const INDEX = ['key', 'status', 'codebooks', 'frames', 'digest', 'instructions', 'scoredWith', 'meanLoss'];
const INDEX_COLUMNS = [...PART_COLUMNS.filter(({ name }) => INDEX.includes(name)), FILENAME];

/** Parts that are read by one query. */
const GROUP = 64;
/** A part of so many rows, or so many losses, is large. */
const LARGE_ROWS = 16;
const LARGE_VALUES = 2 ** 18;
const REMEDY = 'delete it and run the study again: only its cells are scored anew';

/** A cell of a part, without its arrays. */
export interface PartCell extends StoredResult {
  readonly key: string;
  /** Length of each of its arrays. */
  readonly values: number;
  readonly frames: number | null;
  /** Nats per code. */
  readonly meanLoss: number | null;
  /** Instruction set that scored it, where the study may mix them; null where it is held to one. */
  readonly mixed: string | null;
}

export interface Part {
  readonly path: string;
  readonly cells: readonly PartCell[];
}

/** Whether a part is there for good; others may be gathered. Its cells alone decide: all processes say the same. */
export function isLarge({ cells }: Part): boolean {
  return cells.length >= LARGE_ROWS || cells.reduce((sum, { values }) => sum + values, 0) >= LARGE_VALUES;
}

/** A row that is to be stored, with its digest. */
export type DigestedRow = CellRow & { readonly digest: string };

/** Paths of the parts of all writers of a store. */
export async function partPaths(folder: string): Promise<string[]> {
  return (await Promise.all((await writerFolders(folder)).map(partPathsOf))).flat();
}

/** Paths of the parts of one writer, sorted. What begins with a dot is being written, or was never finished. */
export async function partPathsOf(writer: string): Promise<string[]> {
  const parts = join(writer, PARTS);
  const own = (await namesIn(parts)).filter((name) => name.endsWith('.parquet') && !name.startsWith('.'));
  return own.sort().map((name) => join(parts, name));
}

/** Writes rows as one part of a writer. */
export async function writePart(
  duckdb: DuckDBInstance,
  writer: string,
  rows: readonly DigestedRow[],
): Promise<Part> {
  const parts = join(writer, PARTS);
  const path = await publish(join(parts, 'part.parquet'), async (temporary) => {
    await connected(duckdb, async (connection) => {
      await createTable(connection, 'part', PART_COLUMNS);
      await insert(connection, 'part', { columns: PART_COLUMNS, rows: rows.map((row) => ({ ...row })) });
      await writeParquet(connection, 'part', temporary);
    });
    return join(parts, `${await storedHash(temporary)}.parquet`);
  });
  return { path, cells: rows.map((row) => indexed({ ...row })) };
}

/** Puts a part of another store into a writer's folder of this one, under the name that it has. */
export async function copyPart(path: string, writer: string): Promise<void> {
  const target = join(writer, PARTS, basename(path));
  await publish(target, async (temporary) => {
    await copyFile(path, temporary);
    return target;
  });
}

/**
 * What parts hold, without the arrays; in the place of one that is damaged or was never a part, why, in one line. One that
 * has been taken away meanwhile is left out.
 */
export async function readParts(
  connection: DuckDBConnection,
  paths: readonly string[],
): Promise<(Part | Error)[]> {
  const found: (Part | Error)[] = [];
  for (let start = 0; start < paths.length; start += GROUP) {
    const group = paths.slice(start, start + GROUP);
    const looks = await Promise.all(group.map(lookAt));
    found.push(...looks.filter((look) => look instanceof Error));
    found.push(
      ...(await readGroup(
        connection,
        group.filter((_, i) => looks[i] === 'sound'),
      )),
    );
  }
  return found;
}

/** Seen before DuckDB reads anything: whether the bytes of a part are those that its name says. */
async function lookAt(path: string): Promise<'sound' | 'gone' | Error> {
  const name = basename(path);
  if (!PART_NAME.test(name)) return new Error(`${path}: not a part of a store; take it away`);
  const hash = await storedHash(path).catch((error: Error) => error);
  if (hash === undefined) return 'gone';
  if (hash instanceof Error) return hash;
  if (`${hash}.parquet` === name) return 'sound';
  return new Error(`${path}: damaged (its bytes are not those that its name says); ${REMEDY}`);
}

/** Parts read by one query; if that fails one by one, to tell which is wrong. */
async function readGroup(connection: DuckDBConnection, paths: readonly string[]): Promise<(Part | Error)[]> {
  if (paths.length === 0) return [];
  try {
    await requireColumns(connection, paths);
    const cells = new Map(paths.map((path): [string, PartCell[]] => [resolve(path), []]));
    for await (const rows of select(connection, INDEX_COLUMNS, parquet(paths, { withNames: true }))) {
      for (const row of rows) {
        const own = cells.get(String(row.filename));
        if (!own) throw new Error(`DuckDB names it ${row.filename}`);
        own.push(indexed(row));
      }
    }
    return paths.map((path) => ({ path, cells: cells.get(resolve(path)) ?? [] }));
  } catch (error) {
    if (paths.length === 1) {
      if ((await lookAt(paths[0])) === 'gone') return [];
      return [new Error(`${paths[0]}: not a part that losscope reads (${reason(error)}); ${REMEDY}`)];
    }
    const singly: (Part | Error)[] = [];
    for (const path of paths) singly.push(...(await readGroup(connection, [path])));
    return singly;
  }
}

/** @throws when a file has not the columns of a part, or files have not the same ones. */
async function requireColumns(connection: DuckDBConnection, paths: readonly string[]): Promise<void> {
  const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${parquet(paths)}`);
  const types = new Map(described.getRows().map(([column, type]) => [column, type]));
  const wrong = PART_COLUMNS.find((column) => {
    const type = types.get(column.name);
    return type === undefined ? !isLater(column) : type !== sqlType(column);
  });
  if (wrong) throw new Error(`no column ${wrong.name} of type ${sqlType(wrong)}`);
  const schemas = await connection.runAndReadAll(
    `SELECT DISTINCT list((name, duckdb_type) ORDER BY column_id)::VARCHAR
     FROM parquet_schema([${paths.map(pattern).join(', ')}]) GROUP BY file_name`,
  );
  if (schemas.currentRowCount !== 1) throw new Error('their columns are not the same');
}

function isLater({ name }: Column<string>): boolean {
  return LATER_COLUMNS.some((later) => later.name === name);
}

/** SQL that reads parts, those that lack later columns too: these are null there. */
function partsWithLater(paths: readonly string[]): string {
  const nulls = LATER_COLUMNS.map((column) => `NULL::${sqlType(column)} AS ${identifier(column.name)}`);
  const all = `SELECT * FROM ${parquet(paths, { byName: true })}`;
  return `(${all} UNION ALL BY NAME SELECT ${nulls.join(', ')} WHERE false)`;
}

export interface PartQuery {
  readonly columns: readonly Column[];
  /** An SQL condition. */
  readonly where: string;
}

/** Rows of some parts with their digests, chunk by chunk, as stored. */
export async function* partRows(
  connection: DuckDBConnection,
  paths: readonly string[],
  { columns, where }: PartQuery,
): AsyncGenerator<Cells[]> {
  try {
    yield* select(connection, [...columns, DIGEST], `${partsWithLater(paths)} WHERE ${where}`);
  } catch (error) {
    throw new Error(
      `${dirname(paths[0])}: a part cannot be read (${reason(error)}); losscope check says which`,
    );
  }
}

function indexed(row: Cells): PartCell {
  const { key, status, digest, codebooks, frames, meanLoss, instructions, scoredWith } = row;
  return {
    key: String(key),
    status: status === 'ok' ? 'ok' : 'failed',
    digest: String(digest),
    values: Number(codebooks) * Number(frames),
    frames: typeof frames === 'number' ? frames : null,
    meanLoss: typeof meanLoss === 'number' ? meanLoss : null,
    mixed: instructions === ANY && typeof scoredWith === 'string' ? scoredWith : null,
  };
}
