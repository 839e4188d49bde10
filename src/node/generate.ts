// A folder of generated clips: a WAV each, and metadata.jsonl with a row each, the last thing written for a clip. What
// is there already is kept, so an interrupted run continues. The folder is a dataset as Hugging Face's
// `audiofolder` reads it (column file_name).

import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Codes } from '../audio/codes.js';
import { writeWav } from '../audio/wav.js';
import { decode } from '../loss/encode.js';
import { generate } from '../loss/generate.js';
import type { Model } from '../models/model.js';
import {
  codesJson,
  type GeneratedOptions,
  type GeneratedRow,
  type GeneratedSpec,
  generatedNames,
  generatedRow,
  generatedSeed,
  generatedSpec,
  parsedRow,
  specDifference,
} from '../probe/generated.js';
import { generator } from '../stats/random.js';
import { reasonOf } from './input.js';
import { writeWhole } from './output.js';

const METADATA = 'metadata.jsonl';

export interface FolderOptions extends GeneratedOptions {
  /** How many clips there are to be. */
  readonly count: number;
  /** Write codes too, as `losscope encode` prints them. */
  readonly codes: boolean;
  /** Clips made side by side: the same clips, sooner. */
  readonly batch: number;
  /** Hears how many frames are drawn, of those that were missing. */
  readonly onFrames?: (done: number, total: number) => void;
  /** Hears of every clip that is written. */
  readonly onFile?: (file: string) => void;
}

/** Writes what is missing of clips 0 to count - 1. Gives the number made and of those found. @throws one line. */
export async function generateFolder(
  model: Model,
  folder: string,
  options: FolderOptions,
): Promise<{ readonly made: number; readonly found: number }> {
  const { count, frames, sampling, condition, guidance, batch } = options;
  const spec = generatedSpec(model, options);
  const rows = await readRows(folder, spec);
  const missing: number[] = [];
  for (let index = 0; index < count; index++) {
    if (!(rows.has(index) && (await isWritten(folder, index, options)))) missing.push(index);
  }
  for (let start = 0; start < missing.length; start += batch) {
    const indices = missing.slice(start, start + batch);
    const randoms = indices.map((index) => generator(generatedSeed(spec, index)));
    const onColumn = (column: number) => {
      const drawn = start * frames + indices.length * Math.min(column, frames);
      options.onFrames?.(drawn, missing.length * frames);
    };
    const told = { ...(condition && { condition }), ...(guidance === undefined ? {} : { guidance }) };
    const made = await generate(model, { frames, randoms, sampling, ...told, onColumn });
    for (const [i, index] of indices.entries()) {
      await writeClip(model, folder, { index, codes: made[i] }, options);
      rows.set(index, generatedRow(model, spec, index));
      await writeRows(folder, rows);
      options.onFile?.(generatedNames(index).sound);
    }
  }
  return { made: missing.length, found: count - missing.length };
}

async function isWritten(folder: string, index: number, { codes }: FolderOptions): Promise<boolean> {
  const names = generatedNames(index);
  const files = [names.sound, ...(codes ? [names.codes] : [])];
  for (const file of files) {
    try {
      await stat(path.join(folder, file));
    } catch {
      // If it cannot be read, writing it again gives the error.
      return false;
    }
  }
  return true;
}

async function writeClip(
  model: Model,
  folder: string,
  { index, codes }: { readonly index: number; readonly codes: Codes },
  options: FolderOptions,
): Promise<void> {
  const { sound: file, codes: codesFile } = generatedNames(index);
  const clip = await decode(model, codes, file);
  await writeWhole(path.join(folder, file), writeWav(clip, { format: 'float32' }));
  if (!options.codes) return;
  await writeWhole(path.join(folder, codesFile), `${JSON.stringify(codesJson(model, codes, file))}\n`);
}

async function writeRows(folder: string, rows: ReadonlyMap<number, GeneratedRow>): Promise<void> {
  const sorted = [...rows].sort(([a], [b]) => a - b);
  await writeWhole(path.join(folder, METADATA), sorted.map(([, row]) => `${JSON.stringify(row)}\n`).join(''));
}

/** The rows of a folder by clip; none if it has no metadata.jsonl yet. Throws where they are not of this spec. */
async function readRows(folder: string, spec: GeneratedSpec): Promise<Map<number, GeneratedRow>> {
  const file = path.join(folder, METADATA);
  const rows = new Map<number, GeneratedRow>();
  for (const [i, line] of (await readLines(file)).entries()) {
    const row = parsedRow(jsonOf(line));
    if (!row) {
      throw new Error(`${file}: line ${i + 1} is not a row of losscope generate; give another folder`);
    }
    const differing = specDifference(row, spec);
    if (differing) {
      throw new Error(
        `${file}: holds clips of ${differing} ${row[differing] ?? 'none'}, asked for ${spec[differing] ?? 'none'}; give another folder`,
      );
    }
    rows.set(row.index, row);
  }
  return rows;
}

async function readLines(file: string): Promise<string[]> {
  try {
    return (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw new Error(`${file}: cannot be read (${reasonOf(error, file)})`);
  }
}

/** What a line says, or nothing if it is no JSON: the schema refuses that. */
function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
