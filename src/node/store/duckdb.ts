// DuckDB as the store uses it: in memory, on one thread and little memory, since model workers run beside it, and with
// no extension fetched from anywhere. Each piece of work gets a connection of its own: temporary tables are per connection.

import { resolve } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

const SETTINGS = {
  threads: '1',
  memory_limit: '1GB',
  preserve_insertion_order: 'true',
  // A block of 256 KiB for each small part that was ever read, up to the limit: a writer would grow for days.
  enable_external_file_cache: 'false',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
} as const;

export interface DuckdbOptions {
  /** Folder for what does not fit in memory; it must be there. Default: nothing is written. */
  readonly spill?: string;
}

export async function openDuckdb({ spill = '' }: DuckdbOptions = {}): Promise<DuckDBInstance> {
  return DuckDBInstance.create(':memory:', { ...SETTINGS, temp_directory: spill });
}

/** Runs work on a connection that is closed afterwards. */
export async function connected<T>(
  duckdb: DuckDBInstance,
  work: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  const connection = await duckdb.connect();
  try {
    return await work(connection);
  } finally {
    connection.closeSync();
  }
}

/** A text as an SQL literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A name as an SQL identifier: `group` is a keyword. */
export function identifier(name: string): string {
  return `"${name}"`;
}

/** A path as a literal. Absolute: DuckDB would take a leading `~` for the home folder. */
export function pathLiteral(path: string): string {
  return literal(resolve(path));
}

/** A path as a literal where DuckDB expects a pattern: `*`, `?` and `[` stand for themselves. */
export function pattern(path: string): string {
  return pathLiteral(path.replace(/[*?[]/g, '[$&]'));
}

/** SQL that reads Parquet files; `withNames` adds the column `filename`, `byName` lets files lack columns that others have. */
export function parquet(
  paths: readonly string[],
  { withNames = false, byName = false }: { readonly withNames?: boolean; readonly byName?: boolean } = {},
): string {
  const options = [...(withNames ? ['filename = true'] : []), ...(byName ? ['union_by_name = true'] : [])];
  return `read_parquet(${[`[${paths.map(pattern).join(', ')}]`, ...options].join(', ')})`;
}

/** What DuckDB says, as one line without its excerpt of the SQL. */
export function reason(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0];
}
