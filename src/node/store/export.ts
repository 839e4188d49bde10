// A store's rows as one file, or as text on a stream.

import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type ExportOptions, exportColumns, type TextFormat, textLines } from '../../study/export.js';
import type { CellRow } from '../../study/row.js';
import type { Store } from '../../study/store.js';
import { publish } from '../output.js';
import { connected, openDuckdb } from './duckdb.js';
import { createTable, insert, writeParquet } from './table.js';

/** Rows that go into the table together. */
const BATCH = 64;

/** Writes all rows as text to a stream, which stays open. */
export async function streamText(
  store: Store,
  output: Writable,
  options: ExportOptions & { readonly format: TextFormat },
): Promise<void> {
  const lines = textLines(store.rows(options), options.format, options);
  await pipeline(Readable.from(lines), output, { end: false });
}

/** Writes all rows to a file, whole. */
export async function exportFile(
  store: Store,
  path: string,
  options: ExportOptions & { readonly format: TextFormat | 'parquet' },
): Promise<void> {
  const { format } = options;
  await publish(path, async (temporary) => {
    if (format === 'parquet') await writeRows(store.rows(options), temporary, options);
    else
      await pipeline(
        Readable.from(textLines(store.rows(options), format, options)),
        createWriteStream(temporary),
      );
    return path;
  });
}

/** One Parquet file. Its rows are gathered in a table first, which DuckDB keeps on disk where memory is short. */
async function writeRows(rows: AsyncIterable<CellRow>, path: string, options: ExportOptions): Promise<void> {
  const columns = exportColumns(options);
  const spill = await mkdtemp(join(tmpdir(), 'losscope-export-'));
  const duckdb = await openDuckdb({ spill });
  try {
    await connected(duckdb, async (connection) => {
      await createTable(connection, 'rows', columns);
      let waiting: CellRow[] = [];
      const put = async (): Promise<void> => {
        await insert(connection, 'rows', { columns, rows: waiting.map((row) => ({ ...row })) });
        waiting = [];
      };
      for await (const row of rows) {
        waiting.push(row);
        if (waiting.length === BATCH) await put();
      }
      await put();
      await writeParquet(connection, 'rows', path);
    });
  } finally {
    duckdb.closeSync();
    await rm(spill, { recursive: true, force: true });
  }
}
