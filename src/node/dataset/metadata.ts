// metadata.csv and metadata.jsonl: a row for each clip of a folder, as Hugging Face's `audiofolder` has them and
// `losscope generate` writes them.

import path from 'node:path';
import { z } from 'zod';
import { parseJson } from '../../onnx/json.js';
import { type CsvLine, readCsv } from '../csv.js';
import { readText } from '../input.js';

/** Bytes of a metadata file (64 MiB). */
const LARGEST = 2 ** 26;

export const METADATA_FILES = ['metadata.csv', 'metadata.jsonl'] as const;

/** A row, as far as a study needs it. Files are relative to the folder of the metadata, and inside it. */
export interface MetadataRow {
  readonly file: string;
  readonly title?: string;
  readonly codes?: string;
  /** Where it stands, from 1. */
  readonly line: number;
}

/** An empty cell of a table is no value. */
const cell = z
  .string()
  .trim()
  .nullish()
  .transform((text) => text || undefined);

const rowSchema = z.object({
  file_name: z.string().trim().min(1),
  title: cell,
  /** What other data sets call a title: a caption. */
  text: cell,
  codes: cell,
});

/** The rows of a metadata file. @throws one line naming the file and the line. */
export async function readMetadata(file: string): Promise<MetadataRow[]> {
  const records = file.endsWith('.csv') ? await readCsv(file, { limit: LARGEST }) : await readJsonLines(file);
  return records.map(({ line, record }) => {
    const parsed = rowSchema.safeParse(record);
    if (!parsed.success) {
      const { path: at, message } = parsed.error.issues[0];
      throw new Error(`${file}: line ${line}: ${at.join('.') || 'row'}: ${message}; expected a file_name`);
    }
    const { file_name, title, text, codes } = parsed.data;
    for (const name of [file_name, codes]) {
      if (name !== undefined && leavesFolder(name)) {
        throw new Error(
          `${file}: line ${line}: ${name} lies outside the folder; put it in, or use a list (.txt)`,
        );
      }
    }
    return { file: file_name, title: title ?? text, codes, line };
  });
}

function leavesFolder(name: string): boolean {
  return path.isAbsolute(name) || path.normalize(name).split(path.sep)[0] === '..';
}

async function readJsonLines(file: string): Promise<CsvLine[]> {
  const lines = (await readText(file, { limit: LARGEST })).split('\n');
  return lines.flatMap((text, i) => {
    if (text.trim() === '') return [];
    const line = i + 1;
    return [{ line, record: parseJson(new TextEncoder().encode(text), `${file}: line ${line}`) }];
  });
}
