// Tables of comma-separated values with a header, as users give them: metadata, ratings.

import { parse } from 'csv-parse/sync';
import { readText } from './input.js';

/** What a line says, unchecked. */
export interface CsvLine {
  /** Where it stands, from 1. */
  readonly line: number;
  readonly record: unknown;
}

/** The first of some names that was there before; undefined where each is there once. */
export function firstTwice(names: readonly string[]): string | undefined {
  const known = new Set<string>();
  return names.find((name) => known.size === known.add(name).size);
}

/** The lines below the header. @throws one line naming the file. */
export async function readCsv(file: string, { limit }: { readonly limit?: number } = {}): Promise<CsvLine[]> {
  const text = await readText(file, { limit });
  try {
    const rows: { info: { lines: number }; record: unknown }[] = parse(text, {
      bom: true,
      info: true,
      skip_empty_lines: true,
      columns: (header: string[]) => {
        const names = header.map((name) => name.trim());
        const twice = firstTwice(names);
        if (twice !== undefined) throw new Error(`column ${twice} occurs twice`);
        return names;
      },
    });
    return rows.map(({ info, record }) => ({ line: info.lines, record }));
  } catch (error) {
    throw new Error(
      `${file}: not a table of comma-separated values (${error instanceof Error ? error.message : error})`,
    );
  }
}
