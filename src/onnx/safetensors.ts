// The header of a safetensors file, checked as the reference reader checks it (huggingface/safetensors,
// safetensors/src/tensor.rs): length limit, UTF-8 JSON object, data without holes or overlaps, bytes = dtype x
// shape, and nothing after the last tensor. Unlike it, a key that occurs twice is refused.
//
//     | u64 little-endian: N | N bytes of JSON | data |          offsets in the JSON count from the data's start

import { counted } from '../counted.js';
import { parseJson, quoted } from './json.js';
import { refuseLfsPointer } from './pointer.js';

/** Longest header that the reference reader accepts, bytes. */
const MAX_HEADER = 100_000_000;
const PREFIX = 8;

/** Bits of one element. */
const BITS = {
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  BOOL: 8,
  U8: 8,
  I8: 8,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  I16: 16,
  U16: 16,
  F16: 16,
  BF16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  I64: 64,
  U64: 64,
  F64: 64,
  C64: 64,
} as const;

export type Dtype = keyof typeof BITS;

/** One tensor of a file: bytes [offset, offset + length) counted from the start of the file. */
export interface StoredTensor {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly length: number;
}

export interface SafetensorsHeader {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** `__metadata__`; empty when there is none. */
  readonly metadata: ReadonlyMap<string, string>;
  /** Where the data starts, bytes from the start of the file. */
  readonly dataStart: number;
}

/** Reads bytes [start, end) of the file. */
export type ReadBytes = (start: number, end: number) => Promise<Uint8Array>;

/** Reads and checks the header of a file of `size` bytes; `what` names the file in errors. */
export async function readSafetensorsHeader(
  read: ReadBytes,
  size: number,
  what: string,
): Promise<SafetensorsHeader> {
  if (size < PREFIX)
    throw new Error(`${what}: ${counted(size, 'byte')}, too short for a safetensors file (cut short?)`);
  refuseLfsPointer(await read(0, Math.min(size, 64)), what);
  const prefix = await read(0, PREFIX);
  const length = new DataView(prefix.buffer, prefix.byteOffset, PREFIX).getBigUint64(0, true);
  if (length > MAX_HEADER) {
    throw new Error(
      `${what}: header of ${counted(length, 'byte')}, at most ${MAX_HEADER} allowed (not a safetensors file?)`,
    );
  }
  const dataStart = PREFIX + Number(length);
  if (dataStart > size) {
    throw new Error(`${what}: header ends at byte ${dataStart}, the file at ${size} (cut short?)`);
  }
  const bytes = await read(PREFIX, dataStart);
  if (bytes[0] !== '{'.charCodeAt(0)) {
    throw new Error(`${what}: header does not start with '{' (not a safetensors file?)`);
  }
  return parseHeader(parseJson(bytes, what), dataStart, size, what);
}

function parseHeader(json: unknown, dataStart: number, size: number, what: string): SafetensorsHeader {
  if (!isRecord(json)) throw new Error(`${what}: header is not a JSON object`);
  const entries = Object.entries(json);
  const metadata = metadataOf(entries.find(([name]) => name === '__metadata__')?.[1], what);
  const tensors = entries
    .filter(([name]) => name !== '__metadata__')
    .map(([name, info]): [string, StoredTensor] => [
      name,
      tensorOf(info, dataStart, `${what}: tensor ${quoted(name)}`),
    ]);
  checkLayout(tensors, dataStart, size, what);
  return { tensors: new Map(tensors), metadata, dataStart };
}

function metadataOf(json: unknown, what: string): ReadonlyMap<string, string> {
  const metadata = new Map<string, string>();
  if (json === undefined) return metadata;
  if (!isRecord(json)) throw new Error(`${what}: __metadata__ is not an object of strings`);
  for (const [key, value] of Object.entries(json)) {
    if (typeof value !== 'string') throw new Error(`${what}: __metadata__ ${quoted(key)} is not a string`);
    metadata.set(key, value);
  }
  return metadata;
}

function tensorOf(info: unknown, dataStart: number, what: string): StoredTensor {
  if (!isRecord(info)) throw new Error(`${what}: not an object with dtype, shape and data_offsets`);
  const { dtype, shape, data_offsets: offsets } = info;
  if (!isDtype(dtype)) throw new Error(`${what}: unknown dtype ${quoted(String(dtype))}`);
  if (!isSizes(shape)) throw new Error(`${what}: shape is not a list of sizes`);
  if (!isSizes(offsets) || offsets.length !== 2 || offsets[0] > offsets[1]) {
    throw new Error(`${what}: data_offsets is not [begin, end]`);
  }
  // The reference multiplies in machine words and refuses overflow at any step, whatever follows (even a 0).
  let elements = 1;
  for (const extent of shape) {
    elements *= extent;
    if (elements > Number.MAX_SAFE_INTEGER / 64)
      throw new Error(`${what}: shape [${shape.slice(0, 8)}] overflows`);
  }
  const length = offsets[1] - offsets[0];
  if (elements * BITS[dtype] !== length * 8) {
    throw new Error(
      `${what}: ${counted(length, 'byte')} of data, but ${dtype} [${shape.slice(0, 8)}] takes ${(elements * BITS[dtype]) / 8}`,
    );
  }
  return { dtype, shape, offset: dataStart + offsets[0], length };
}

/** In order of their offsets, tensors must follow each other exactly and end where the file ends. */
function checkLayout(
  tensors: readonly (readonly [string, StoredTensor])[],
  dataStart: number,
  size: number,
  what: string,
): void {
  let end = dataStart;
  for (const [name, tensor] of tensors.toSorted(
    ([, a], [, b]) => a.offset - b.offset || a.length - b.length,
  )) {
    if (tensor.offset !== end) {
      const kind = tensor.offset < end ? 'overlaps the one before' : 'leaves a hole before it';
      throw new Error(
        `${what}: tensor ${quoted(name)} ${kind} (begins at ${tensor.offset}, expected ${end})`,
      );
    }
    end += tensor.length;
  }
  if (end !== size) {
    const kind = end > size ? 'cut short?' : 'bytes that no tensor names';
    throw new Error(`${what}: data ends at byte ${end} by the header, the file at ${size} (${kind})`);
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isDtype(value: unknown): value is Dtype {
  return typeof value === 'string' && Object.hasOwn(BITS, value);
}

function isSizes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}
