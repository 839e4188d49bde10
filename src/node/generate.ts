// A folder of generated clips: a WAV each, and metadata.jsonl with a row each, the last thing written for a clip. What
// is there already is kept, so an interrupted run goes on where it was. The folder is a dataset as Hugging Face's
// `audiofolder` reads it (column file_name).

import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { type Codes, frameRate, rowsOf, secondsOfFrame } from '../audio/codes.js';
import { writeWav } from '../audio/wav.js';
import { decode } from '../loss/encode.js';
import { generate, guidanceOf, type Sampling } from '../loss/generate.js';
import type { Condition } from '../models/condition.js';
import { codecOf, type Model } from '../models/model.js';
import { VERSION } from '../probe/record.js';
import { generator, type Seed, seedOf } from '../stats/random.js';
import { writeWhole } from './output.js';

const METADATA = 'metadata.jsonl';

/** What a clip is made from, beside its number. Another one never goes into the same folder. */
const specSchema = z.object({
  fingerprint: z.string(),
  seed: z.number(),
  frames: z.number(),
  temperature: z.number(),
  top_k: z.number(),
  top_p: z.number(),
  /** Conditions, where there are any. */
  prompt: z.string().optional(),
  /** SHA-256 over the melody's pitch classes, a byte each: the first 16 hex digits. */
  melody: z.string().optional(),
  /** What stands for what is not given, where that is not the default. */
  missing: z.string().optional(),
  guidance: z.number().optional(),
});
type Spec = z.infer<typeof specSchema>;

/** A row of metadata.jsonl. What later versions add to it is kept. */
const rowSchema = z
  .object({ file_name: z.string(), model: z.string(), ...specSchema.shape, index: z.int().min(0) })
  .loose();
type Row = z.infer<typeof rowSchema>;

export interface FolderOptions {
  /** How many clips there are to be. */
  readonly count: number;
  /** T of each. */
  readonly frames: number;
  readonly sampling: Sampling;
  /** What the model is told for all of them. Default: nothing. */
  readonly condition?: Pick<Condition, 'prompt' | 'chroma' | 'missing'>;
  /** As generate has it. */
  readonly guidance?: number;
  /** Root seed. Clip i draws from a stream named by it, the model's fingerprint, all of the above, and i. */
  readonly seed: number;
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
  const spec = specOf(model, options);
  const rows = await readRows(folder, spec);
  const missing: number[] = [];
  for (let index = 0; index < count; index++) {
    if (!(rows.has(index) && (await isWritten(folder, index, options)))) missing.push(index);
  }
  for (let start = 0; start < missing.length; start += batch) {
    const indices = missing.slice(start, start + batch);
    const randoms = indices.map((index) => generator(seedOfClip(spec, index)));
    const onColumn = (column: number) => {
      const drawn = start * frames + indices.length * Math.min(column, frames);
      options.onFrames?.(drawn, missing.length * frames);
    };
    const told = { ...(condition && { condition }), ...(guidance === undefined ? {} : { guidance }) };
    const made = await generate(model, { frames, randoms, sampling, ...told, onColumn });
    for (const [i, index] of indices.entries()) {
      await writeClip(model, folder, { index, codes: made[i] }, options);
      rows.set(index, rowOf(model, spec, index));
      await writeRows(folder, rows);
      options.onFile?.(wavName(index));
    }
  }
  return { made: missing.length, found: count - missing.length };
}

function specOf(model: Model, options: FolderOptions): Spec {
  const { seed, frames, sampling, condition = {} } = options;
  const { prompt, chroma, missing } = condition;
  const guidance = guidanceOf(options);
  return {
    fingerprint: model.fingerprint,
    seed,
    frames,
    temperature: sampling.temperature,
    top_k: sampling.topK,
    top_p: sampling.topP,
    ...(prompt === undefined ? {} : { prompt }),
    ...(chroma === undefined ? {} : { melody: hashOf(chroma) }),
    ...(missing === undefined ? {} : { missing }),
    ...(guidance === undefined ? {} : { guidance }),
  };
}

function hashOf(chroma: ArrayLike<number>): string {
  return createHash('sha256').update(Uint8Array.from(chroma)).digest('hex').slice(0, 16);
}

/** Clip by clip another stream; conditions enter by name, and not at all where there are none. */
function seedOfClip(spec: Spec, index: number): Seed {
  const { seed, fingerprint, frames, temperature, top_k, top_p, ...told } = spec;
  const conditions = Object.entries(told)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flat();
  return seedOf(seed, 'generate', fingerprint, frames, temperature, top_k, top_p, ...conditions, index);
}

function rowOf(model: Model, spec: Spec, index: number): Row {
  const { name, runtime } = model;
  const { clock } = codecOf(model);
  return {
    file_name: wavName(index),
    model: name,
    ...spec,
    index,
    seconds: secondsOfFrame(clock, spec.frames),
    sample_rate: clock.sampleRate,
    runtime,
    losscope: VERSION,
  };
}

function stemOf(index: number): string {
  return String(index).padStart(5, '0');
}

function wavName(index: number): string {
  return `${stemOf(index)}.wav`;
}

function codesName(index: number): string {
  return `${stemOf(index)}.codes.json`;
}

async function isWritten(folder: string, index: number, { codes }: FolderOptions): Promise<boolean> {
  const files = [wavName(index), ...(codes ? [codesName(index)] : [])];
  for (const file of files) {
    try {
      await stat(path.join(folder, file));
    } catch {
      // Whatever keeps us from seeing it, writing it again tells.
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
  const file = wavName(index);
  const clip = await decode(model, codes, file);
  await writeWhole(path.join(folder, file), writeWav(clip, { format: 'float32' }));
  if (!options.codes) return;
  const { name } = model;
  const { clock } = codecOf(model);
  const encoded = {
    file,
    model: name,
    sampleRate: clock.sampleRate,
    frameRate: frameRate(clock),
    frames: codes.frames,
    codebooks: codes.codebooks,
    codes: rowsOf(codes).map((row) => Array.from(row)),
  };
  await writeWhole(path.join(folder, codesName(index)), `${JSON.stringify(encoded)}\n`);
}

async function writeRows(folder: string, rows: ReadonlyMap<number, Row>): Promise<void> {
  const sorted = [...rows].sort(([a], [b]) => a - b);
  await writeWhole(path.join(folder, METADATA), sorted.map(([, row]) => `${JSON.stringify(row)}\n`).join(''));
}

/** The rows of a folder by clip; none if it has no metadata.jsonl yet. Throws where they are not of this spec. */
async function readRows(folder: string, spec: Spec): Promise<Map<number, Row>> {
  const file = path.join(folder, METADATA);
  const rows = new Map<number, Row>();
  for (const [i, line] of (await readLines(file)).entries()) {
    const row = rowSchema.safeParse(jsonOf(line));
    if (!row.success || row.data.file_name !== wavName(row.data.index)) {
      throw new Error(`${file}: line ${i + 1} is not a row of losscope generate; give another folder`);
    }
    const differing = specSchema.keyof().options.find((key) => row.data[key] !== spec[key]);
    if (differing) {
      throw new Error(
        `${file}: holds clips of ${differing} ${row.data[differing] ?? 'none'}, asked for ${spec[differing] ?? 'none'}; give another folder`,
      );
    }
    rows.set(row.data.index, row.data);
  }
  return rows;
}

async function readLines(file: string): Promise<string[]> {
  try {
    return (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw new Error(`${file}: cannot be read (${error instanceof Error ? error.message : error})`);
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
