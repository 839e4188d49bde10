// A generated clip of a set: what it is made from, the stream it is drawn from, its names, and its row of metadata as
// Hugging Face's `audiofolder` reads it (column file_name).

import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import * as z from 'zod';
import { type Codes, frameRate, rowsOf, secondsOfFrame } from '../audio/codes.js';
import { guidanceOf, type Sampling } from '../loss/generate.js';
import type { Condition } from '../models/condition.js';
import { codecOf, type Model } from '../models/model.js';
import { type Seed, seedOf } from '../stats/random.js';
import { VERSION } from './version.js';

/** What a clip is made from, beside its number. Another one never goes into the same set. */
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
export type GeneratedSpec = z.infer<typeof specSchema>;

/** A row of metadata.jsonl. What later versions add to it is kept. */
const rowSchema = z
  .object({ file_name: z.string(), model: z.string(), ...specSchema.shape, index: z.int().min(0) })
  .loose();
export type GeneratedRow = z.infer<typeof rowSchema>;

export interface GeneratedOptions {
  /** T of each clip. */
  readonly frames: number;
  readonly sampling: Sampling;
  /** Condition of all of them. Default: none. */
  readonly condition?: Pick<Condition, 'prompt' | 'chroma' | 'missing'>;
  /** As generate has it. */
  readonly guidance?: number;
  /** Root seed. Clip i draws from a stream named by it, the model's fingerprint, all of the above, and i. */
  readonly seed: number;
}

export function generatedSpec(model: Model, options: GeneratedOptions): GeneratedSpec {
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
  return bytesToHex(sha256(Uint8Array.from(chroma))).slice(0, 16);
}

/** Clip by clip another stream; conditions enter by name, and not at all where there are none. */
export function generatedSeed(spec: GeneratedSpec, index: number): Seed {
  const { seed, fingerprint, frames, temperature, top_k, top_p, ...told } = spec;
  const conditions = Object.entries(told)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flat();
  return seedOf(seed, 'generate', fingerprint, frames, temperature, top_k, top_p, ...conditions, index);
}

/** Names of a clip's sound and of its codes. */
export function generatedNames(index: number): { readonly sound: string; readonly codes: string } {
  const stem = String(index).padStart(5, '0');
  return { sound: `${stem}.wav`, codes: `${stem}.codes.json` };
}

export function generatedRow(model: Model, spec: GeneratedSpec, index: number): GeneratedRow {
  const { name, runtime, device } = model;
  const { clock } = codecOf(model);
  return {
    file_name: generatedNames(index).sound,
    model: name,
    ...spec,
    index,
    seconds: secondsOfFrame(clock, spec.frames),
    sample_rate: clock.sampleRate,
    runtime,
    device,
    losscope: VERSION,
  };
}

/** A row as it was written; undefined for what is none. */
export function parsedRow(value: unknown): GeneratedRow | undefined {
  const row = rowSchema.safeParse(value);
  if (!row.success || row.data.file_name !== generatedNames(row.data.index).sound) return undefined;
  return row.data;
}

/** The first thing in which a row is made from something else; undefined where it is made from the same. */
export function specDifference(row: GeneratedRow, spec: GeneratedSpec): keyof GeneratedSpec | undefined {
  return specSchema.keyof().options.find((key) => row[key] !== spec[key]);
}

/** The codes of a clip as plain JSON, as `losscope encode` prints them. */
export function codesJson(model: Model, codes: Codes, file: string): object {
  const { name } = model;
  const { clock } = codecOf(model);
  return {
    file,
    model: name,
    sampleRate: clock.sampleRate,
    frameRate: frameRate(clock),
    frames: codes.frames,
    codebooks: codes.codebooks,
    codes: rowsOf(codes).map((row) => Array.from(row)),
  };
}
