// Rows into a DuckDB table and out of one. Lists go in by data chunks: value by value is 15 times slower.

import {
  BIGINT,
  DOUBLE,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBListVector,
  type DuckDBType,
  type DuckDBValue,
  FLOAT,
  INTEGER,
  LIST,
  listValue,
  VARCHAR,
} from '@duckdb/node-api';
import bindings from '@duckdb/node-bindings';
import type { Column, ColumnType } from '../../study/columns.js';
import { identifier, pathLiteral } from './duckdb.js';

/** What a row of these columns holds: text, numbers and arrays of numbers by column name. */
export type Cells = Readonly<Record<string, string | number | Float32Array | Int32Array | null>>;

const TYPES: Readonly<Record<ColumnType, DuckDBType>> = {
  text: VARCHAR,
  integer: BIGINT,
  number: DOUBLE,
  floats: LIST(FLOAT),
  integers: LIST(INTEGER),
};

/** Rows of a chunk. DuckDB takes up to 2048; lists of a chunk lie in memory together. */
const CHUNK_ROWS = 256;
/** Rows of a row group: what a reader has to take apart for one row. DuckDB rounds up to this in any case. */
const ROW_GROUP = 2048;

export function sqlType({ type }: Column<string>): string {
  return TYPES[type].toString();
}

export async function createTable(
  connection: DuckDBConnection,
  table: string,
  columns: readonly Column<string>[],
): Promise<void> {
  const fields = columns.map((column) => `${identifier(column.name)} ${sqlType(column)}`);
  await connection.run(`CREATE TEMP TABLE ${table} (${fields.join(', ')})`);
}

/** Appends rows, in order. */
export async function insert(
  connection: DuckDBConnection,
  table: string,
  { columns, rows }: { readonly columns: readonly Column<string>[]; readonly rows: readonly Cells[] },
): Promise<void> {
  const appender = await connection.createAppender(table);
  try {
    for (let start = 0; start < rows.length; start += CHUNK_ROWS) {
      const part = rows.slice(start, start + CHUNK_ROWS);
      const chunk = DuckDBDataChunk.create(
        columns.map(({ type }) => TYPES[type]),
        part.length,
      );
      for (const [index, { name, type }] of columns.entries()) {
        reserve(
          chunk,
          index,
          part.map((row) => row[name]),
        );
        chunk.setColumnValues(
          index,
          part.map((row) => encoded(row[name], type)),
        );
      }
      appender.appendDataChunk(chunk);
    }
  } finally {
    appender.closeSync();
  }
}

/** Writes a table to a Parquet file, in the order of its rows. */
export async function writeParquet(connection: DuckDBConnection, table: string, path: string): Promise<void> {
  await connection.run(
    `COPY ${table} TO ${pathLiteral(path)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${ROW_GROUP})`,
  );
}

/** Rows of a query that selects these columns in this order, chunk by chunk. */
export async function* select(
  connection: DuckDBConnection,
  columns: readonly Column<string>[],
  from: string,
): AsyncGenerator<Cells[]> {
  const result = await connection.stream(
    `SELECT ${columns.map(({ name }) => identifier(name)).join(', ')} FROM ${from}`,
  );
  for await (const chunk of result) {
    const values = columns.map(({ type }, index) => decoded(chunk, index, type));
    yield Array.from({ length: chunk.rowCount }, (_, row) =>
      Object.fromEntries(columns.map(({ name }, index) => [name, values[index][row]])),
    );
  }
}

/** Room for the lists of a column: up to 1.5.5-r.1 DuckDB's own binding writes past the end of it (its issue 446). */
function reserve(chunk: DuckDBDataChunk, index: number, values: readonly Cells[string][]): void {
  let total = 0;
  for (const value of values) if (value !== null && typeof value === 'object') total += value.length;
  if (total > 0) bindings.list_vector_reserve(bindings.data_chunk_get_vector(chunk.chunk, index), total);
}

function encoded(value: Cells[string], type: ColumnType): DuckDBValue {
  if (value === null) return null;
  if (typeof value === 'object') return listValue(Array.from(value));
  return type === 'integer' ? BigInt(value) : value;
}

function decoded(chunk: DuckDBDataChunk, index: number, type: ColumnType): Cells[string][] {
  const vector = chunk.getColumnVector(index);
  if (vector instanceof DuckDBListVector) {
    return Array.from({ length: chunk.rowCount }, (_, row) => {
      const items = vector.getItemVector(row);
      if (items === null) return null;
      const values = new (type === 'floats' ? Float32Array : Int32Array)(items.itemCount);
      for (let i = 0; i < values.length; i++) values[i] = Number(items.getItem(i));
      return values;
    });
  }
  return chunk
    .getColumnValues(index)
    .map((value) => (typeof value === 'bigint' ? Number(value) : scalar(value)));
}

function scalar(value: DuckDBValue): string | number | null {
  if (value === null || typeof value === 'string' || typeof value === 'number') return value;
  throw new Error(`a value of a store is ${typeof value}; expected text or a number`);
}
