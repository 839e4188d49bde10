// Small parts of one writer gathered in large ones. A run that writes a part every few seconds leaves thousands in a day,
// and each is hashed at every opening. First the rows of small parts are written again, as large parts, which are never
// removed; an hour later the small ones are removed if every row of theirs is in a large one. Readers that listed only the
// small ones have finished by then. Between the two a cell is in two parts with one result, as the store allows, so a
// kill loses nothing. A writer gathers its own parts only: many writers would write the same rows again and again.

import { rm, stat } from 'node:fs/promises';
import type { DuckDBInstance } from '@duckdb/node-api';
import { cellName } from '../../study/cell.js';
import { rowDigest } from '../../study/key.js';
import type { CellRow } from '../../study/row.js';
import { connected } from './duckdb.js';
import type { Inventory, StockedCell } from './inventory.js';
import { type DigestedRow, isLarge, type Part, writePart } from './part.js';
import { readRows } from './rows.js';
import { writeWriter } from './writer.js';

/** From so many small parts on they are gathered. */
const MANY = 64;
/** Rows, or losses, of a part that is gathered: enough for a large one, little in memory and to score again if damaged. */
const GATHERED_ROWS = 64;
const GATHERED_VALUES = 2 ** 20;
/** Readers finish within an hour after they listed the parts: then older small parts are safe to delete. */
const LISTED_MS = 3_600_000;

/** Writes the rows of a writer's many small parts as large ones; takes away small parts that were gathered long ago. */
export async function gather(
  duckdb: DuckDBInstance,
  writer: string,
  { parts, cells }: Inventory,
): Promise<void> {
  const small = parts.filter((part) => !isLarge(part));
  if (small.length < MANY) return;
  const gathered = small.filter((part) => part.cells.every(({ key }) => cells.get(key)?.large));
  await removeGathered(gathered, cells);
  if (small.length - gathered.length < MANY) return;
  const loose = small.flatMap((part) => part.cells.flatMap(({ key }) => cellFrom(part, cells.get(key))));
  for (const batch of batches(loose)) await writeBatch(duckdb, writer, batch);
}

/**
 * Gathers the small parts of all writers and deletes them. For the end of a study, when nobody writes or reads. Returns how
 * many parts were written and deleted.
 */
export async function gatherAll(
  duckdb: DuckDBInstance,
  writer: string,
  { parts, cells, twice }: Inventory,
): Promise<{ readonly written: number; readonly deleted: number }> {
  const small = parts.filter((part) => !isLarge(part));
  if (small.length < 2) return { written: 0, deleted: 0 };
  await writeWriter(writer);
  const loose = small.flatMap((part) => part.cells.flatMap(({ key }) => cellFrom(part, cells.get(key))));
  let written = 0;
  for (const each of [loose, secondResults(twice, cells)]) {
    for (const batch of batches(each, { rest: true })) {
      await writeBatch(duckdb, writer, batch);
      written++;
    }
  }
  // Every row of a small part is now in a part of this writer, in a large one, or was replaced by a success.
  for (const part of small) await rm(part.path, { force: true });
  return { written, deleted: small.length };
}

/** Of cells that were scored in two ways, as the study allows, the results that are not read: the report compares them. */
function secondResults(twice: Inventory['twice'], cells: Inventory['cells']): StockedCell[] {
  const others = new Map<string, StockedCell>();
  for (const cell of twice.flat()) {
    if (!cell.large && cells.get(cell.key)?.digest !== cell.digest)
      others.set(`${cell.key} ${cell.digest}`, cell);
  }
  return [...others.values()];
}

async function writeBatch(
  duckdb: DuckDBInstance,
  writer: string,
  batch: readonly StockedCell[],
): Promise<void> {
  const rows = await connected(duckdb, (connection) => readRows(connection, batch));
  await writePart(
    duckdb,
    writer,
    rows.map((row, i) => digested(row, batch[i])),
  );
}

/** A cell, if it is read from this part. */
function cellFrom(part: Part, cell: StockedCell | undefined): StockedCell[] {
  return cell?.part === part.path ? [cell] : [];
}

/** What is left at the end is too little and stays where it is, unless the `rest` is wanted. */
function* batches(cells: readonly StockedCell[], { rest = false } = {}): Generator<StockedCell[]> {
  let batch: StockedCell[] = [];
  let values = 0;
  for (const cell of cells) {
    batch.push(cell);
    values += cell.values;
    if (batch.length < GATHERED_ROWS && values < GATHERED_VALUES) continue;
    yield batch;
    batch = [];
    values = 0;
  }
  if (rest && batch.length > 0) yield batch;
}

/** @throws when a row is not what was stored: nothing is then written, nor taken away. */
function digested(row: CellRow, { digest, part }: StockedCell): DigestedRow {
  if (rowDigest(row) === digest) return { ...row, digest };
  throw new Error(`${part}: ${cellName(row)} does not read as it was written; find out why before you go on`);
}

/** Takes away parts whose rows have long been in large ones too. */
async function removeGathered(parts: readonly Part[], cells: Inventory['cells']): Promise<void> {
  const largeOf = (part: Part): string[] => part.cells.flatMap(({ key }) => cells.get(key)?.part ?? []);
  const known = new Set<string>();
  for (const path of new Set(parts.flatMap(largeOf))) {
    const age = await stat(path).then(({ mtimeMs }) => Date.now() - mtimeMs, notNow);
    if (age !== undefined && age > LISTED_MS) known.add(path);
  }
  for (const part of parts) {
    if (largeOf(part).every((path) => known.has(path))) await rm(part.path, { force: true }).catch(notNow);
  }
}

/** A file that cannot be looked at or removed now (on Windows, while another process reads it) is left to the next time. */
const notNow = (): undefined => undefined;
