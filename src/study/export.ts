// Rows as text for other programs, line by line. Equal rows give equal bytes.

import { csvLine } from '../probe/csv.js';
import { COLUMNS, type Column, SCALAR_COLUMNS } from './columns.js';
import type { CellRow } from './row.js';

export const TEXT_FORMATS = ['csv', 'jsonl'] as const;
export type TextFormat = (typeof TEXT_FORMATS)[number];

export interface ExportOptions {
  /** Leave loss and codes out. Default false. */
  readonly withoutArrays?: boolean;
}

export function exportColumns({ withoutArrays = false }: ExportOptions): readonly Column[] {
  return withoutArrays ? SCALAR_COLUMNS : COLUMNS;
}

/**
 * `csv` (RFC 4180 with line feeds): a line of names, then a line a row; null and NaN are empty, arrays a JSON text, text that
 * begins as a formula does has an apostrophe before it.
 * `jsonl`: an object a row. NaN is null in every JSON, numbers have full precision.
 */
export async function* textLines(
  rows: AsyncIterable<CellRow>,
  format: TextFormat,
  options: ExportOptions = {},
): AsyncGenerator<string> {
  const columns = exportColumns(options);
  if (format === 'csv') yield csvLine(columns.map(({ name }) => name));
  for await (const row of rows) {
    if (format === 'csv') yield csvLine(columns.map(({ name }) => row[name]));
    else yield `${JSON.stringify(Object.fromEntries(columns.map(({ name }) => [name, plain(row[name])])))}\n`;
  }
}

function plain(value: CellRow[keyof CellRow]): string | number | readonly number[] | null {
  return value !== null && typeof value === 'object' ? Array.from(value) : value;
}
