// Rows out of parts, in the order of the plan, a bounded number in memory at a time.

import type { DuckDBConnection } from '@duckdb/node-api';
import { cellName, rowDifference } from '../../study/cell.js';
import { COLUMNS, SCALAR_COLUMNS } from '../../study/columns.js';
import type { CellFacts, CellRow } from '../../study/row.js';
import type { RowQuery } from '../../study/store.js';
import { literal } from './duckdb.js';
import type { Conflict, StockedCell } from './inventory.js';
import { type PartQuery, partRows } from './part.js';
import { makerOf } from './writer.js';

/** What a batch of rows holds in memory: 16 MiB of losses and as much of codes, before they are copied out. */
const BATCH_VALUES = 2 ** 22;
const BATCH_ROWS = 2048;

/** A planned cell that is there. */
interface Found {
  readonly facts: CellFacts;
  readonly cell: StockedCell;
}

/**
 * Rows of the planned cells that are there. Names and titles come from the plan: it may have got new ones since a part
 * was written.
 */
export async function* plannedRows(
  connection: DuckDBConnection,
  planned: readonly CellFacts[],
  { cells, query }: { readonly cells: ReadonlyMap<string, StockedCell>; readonly query: RowQuery },
): AsyncGenerator<CellRow> {
  const columns = query.withoutArrays ? SCALAR_COLUMNS : COLUMNS;
  for (const batch of batches(planned, cells, query)) {
    const rows = await storedRows(
      connection,
      batch.map(({ cell }) => cell),
      columns,
    );
    for (const { facts, cell } of batch) yield { ...storedRow(rows, cell), ...facts };
  }
}

/** What two results of a cell differ in, for an error: names the cell and the parts. */
export async function explainConflict(connection: DuckDBConnection, conflict: Conflict): Promise<string> {
  const [first, second] = conflict;
  // One after the other: a connection streams one result at a time.
  const before = await readRow(connection, first);
  const now = await readRow(connection, second);
  const places = await Promise.all(conflict.map(async ({ part }) => `${part}, by ${await makerOf(part)}`));
  return `${cellName(now)} came out differently twice: ${rowDifference(now, before)}; delete the wrong one of ${places.join(' and ')}`;
}

/** The row of one cell, as stored. */
export async function readRow(connection: DuckDBConnection, cell: StockedCell): Promise<CellRow> {
  const [row] = await readRows(connection, [cell]);
  return row;
}

/** The rows of some cells, as stored, all in memory. */
export async function readRows(
  connection: DuckDBConnection,
  cells: readonly StockedCell[],
): Promise<CellRow[]> {
  const rows = await storedRows(connection, cells, COLUMNS);
  return cells.map((cell) => storedRow(rows, cell));
}

/** Planned cells that a query asks for and that are there, in batches that fit in memory. */
function* batches(
  planned: readonly CellFacts[],
  cells: ReadonlyMap<string, StockedCell>,
  { roles, keys, withoutArrays = false }: RowQuery,
): Generator<Found[]> {
  const wanted = keys && new Set(keys);
  let batch: Found[] = [];
  let values = 0;
  for (const facts of planned) {
    const cell = cells.get(facts.key);
    if (!cell || (roles && !roles.includes(facts.role)) || (wanted && !wanted.has(facts.key))) continue;
    const more = withoutArrays ? 0 : cell.values;
    if (batch.length === BATCH_ROWS || (batch.length > 0 && values + more > BATCH_VALUES)) {
      yield batch;
      batch = [];
      values = 0;
    }
    batch.push({ facts, cell });
    values += more;
  }
  if (batch.length > 0) yield batch;
}

type RowsByResult = ReadonlyMap<string, CellRow>;

const resultOf = (key: unknown, digest: unknown): string => `${key} ${digest}`;

async function storedRows(
  connection: DuckDBConnection,
  cells: readonly StockedCell[],
  columns: PartQuery['columns'],
): Promise<RowsByResult> {
  const paths = [...new Set(cells.map(({ part }) => part))];
  const where = `key IN (${cells.map(({ key }) => literal(key)).join(', ')})`;
  const found = new Map<string, CellRow>();
  for await (const rows of partRows(connection, paths, { columns, where })) {
    for (const { digest, ...values } of rows) {
      // Columns and types of a part are checked when it is first read; arrays that were not asked for are null.
      const row = { loss: null, entropy: null, spread: null, codes: null, ...values } as unknown as CellRow;
      found.set(resultOf(row.key, digest), row);
    }
  }
  return found;
}

function storedRow(rows: RowsByResult, { key, digest, part }: StockedCell): CellRow {
  const row = rows.get(resultOf(key, digest));
  if (!row) throw new Error(`${part}: changed while it was read; start again`);
  return row;
}
