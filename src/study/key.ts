// Names of cells, results and plans by content: SHA-256 in hex over canonical text. Two machines that would compute the
// same numbers give the same key, whatever they call the study, the model or the clip.

import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Condition } from '../models/condition.js';
import { LATER_COLUMNS, RESULT_COLUMNS } from './columns.js';
import type { CellFacts, CellRow } from './row.js';

/**
 * Version of the measurement, part of every key. Raise it by one when, and only when, a change of losscope changes a
 * number of some cell or map; stores of an older version then stay whole, and their cells are scored anew. 2: positions of
 * checkpoints are always computed, as Hugging Face does, where a stored table was taken before; chances of maps come from
 * other music of the clip.
 */
export const MEASUREMENT = 2;

/** The same for versions that a battery brings to one loudness. 3: and to one polarity; notes to one mean velocity. */
const LEVELLED_MEASUREMENT = 3;

/** The version of the measurement of a cell, by the loudness (LUFS, of notes a velocity) that it is brought to; null: its own. */
export function measurementOf(loudness: number | null): number {
  return loudness === null ? MEASUREMENT : LEVELLED_MEASUREMENT;
}

/**
 * Version of the numbers that a map alone has (reaction.ts), part of every map's key beside its clean cell's. 2: three frames
 * around a boundary, not five.
 */
const REACTION = 2;

/** Facts that can change a cell's numbers; the others are names for people, or follow from these. */
const DETERMINING = [
  'role',
  'context',
  'source',
  'content',
  'offsetSeconds',
  'lengthSeconds',
  'loudness',
  'roundTripSeconds',
  'resampler',
  'domain',
  'spec',
  'seed',
  'fingerprint',
  'protocol',
  'conditionHash',
  'precision',
  'runtime',
  'device',
  'instructions',
  'measurement',
] as const satisfies readonly (keyof CellFacts)[];

export type DeterminingFacts = Pick<CellFacts, (typeof DETERMINING)[number]>;

/** The key of a cell. `spec` and `content` must name everything that is used: another clip's music, a SoundFont. */
export function cellKey(facts: DeterminingFacts): string {
  return hashOf(canonicalJson(Object.fromEntries(DETERMINING.map((name) => [name, facts[name]]))));
}

/** The key of a map: of its clean cell, and of what else can change its numbers. */
export function mapKey(facts: Readonly<Record<string, unknown>> & { readonly clean: string }): string {
  return hashOf(canonicalJson({ ...facts, reaction: REACTION }));
}

/** The key of a comparison with the exact model. */
export function parityKey(facts: Readonly<Record<string, unknown>>): string {
  return hashOf(canonicalJson({ parity: facts }));
}

/** The digest of a document, as its JSON has it: every NaN is null there. */
export function documentDigest(value: unknown): string {
  return hashOf(documentText(value));
}

/** A document as JSON: arrays at full precision, NaN as null, keys sorted. */
export function documentText(value: unknown): string {
  return canonicalJson(value, (each) => (ArrayBuffer.isView(each) ? Array.from(each as Float64Array) : each));
}

/** The content of a condition; null where there is none. Two melodies of one length have different hashes. */
export function conditionHash({ prompt, textIds, chroma, missing }: Condition): string | null {
  const told = { prompt, textIds, chroma: chroma && Array.from(chroma), missing };
  const text = canonicalJson(told);
  return text === '{}' ? null : hashOf(text);
}

/** The digest of everything that came out, whatever machine it was: equal results have equal digests. */
export function rowDigest(row: CellRow): string {
  const parts = RESULT_COLUMNS.filter(({ name }) => name !== 'scoredWith').flatMap(({ name }) => {
    const value = row[name];
    // So that rows of before, which lack the column, keep their digests.
    if (value === null && LATER_COLUMNS.some((column) => column.name === name)) return [];
    if (value instanceof Float32Array) return [utf8ToBytes(`${name} ${value.length}\n`), bitsOf(value)];
    if (value instanceof Int32Array) return [utf8ToBytes(`${name} ${value.length}\n`), bytesOf(value)];
    // As text, since JSON has no NaN.
    const text = typeof value === 'number' ? String(value) : canonicalJson(value);
    return [utf8ToBytes(`${name} ${text}\n`)];
  });
  return bytesToHex(sha256(concatBytes(...parts)));
}

/** A job's name: of the set of its tasks. */
export function jobId(tasks: readonly { readonly key: string }[]): string {
  return planHash(tasks.map(({ key }) => key)).slice(0, 32);
}

/** A name for a study before it is planned: of its text and the names of its clips, not of their content. */
export function studyId(yaml: string, clips: readonly string[]): string {
  return hashOf(JSON.stringify([yaml, clips]));
}

/** The hash of a plan: of the set of its keys. */
export function planHash(keys: readonly string[]): string {
  return hashOf([...keys].sort().join('\n'));
}

/** The digest of a plan's cells: of every fact, names too, in order. */
export function factsDigest(cells: readonly CellFacts[]): string {
  return hashOf(cells.map((cell) => canonicalJson(cell)).join('\n'));
}

/** JSON with sorted keys and no spaces, so that equal values have equal texts. Undefined fields are left out. */
function canonicalJson(value: unknown, plain: (each: unknown) => unknown = (each) => each): string {
  return JSON.stringify(value, (_, given: unknown) => {
    const each = plain(given);
    if (typeof each !== 'object' || each === null || Array.isArray(each)) return each;
    return Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function hashOf(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)));
}

/** Float32 little endian, every NaN as the same bits: which NaN it was means nothing. */
function bitsOf(values: Float32Array): Uint8Array {
  const copy = values.slice();
  const bits = new Uint32Array(copy.buffer);
  for (let i = 0; i < copy.length; i++) if (Number.isNaN(copy[i])) bits[i] = 0x7fc00000;
  return bytesOf(bits);
}

function bytesOf({ buffer, byteOffset, byteLength }: Int32Array | Uint32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
