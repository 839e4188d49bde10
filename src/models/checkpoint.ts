// A Hugging Face checkpoint folder as it is: config.json, and model.safetensors or the shards that
// model.safetensors.index.json names. Nothing is converted; tensors are located, not loaded.

import { parseJson, quoted } from '../onnx/json.js';
import { readSafetensorsHeader, type StoredTensor } from '../onnx/safetensors.js';
import type { CheckpointFiles } from './runtime.js';

/** Longest config.json or index that is read, bytes. */
const MAX_JSON = 50_000_000;
/** Files up to this size enter the fingerprint whole, larger ones by samples. Bytes. */
const HASH_WHOLE = 64 * 2 ** 20;
const HASH_SAMPLES = 256;
const HASH_SAMPLE_BYTES = 2 ** 16;

/** A tensor and the file that holds it. */
export interface CheckpointTensor extends StoredTensor {
  /** As the folder names it. */
  readonly file: string;
  /** As a graph refers to it: see CheckpointFiles.location. */
  readonly location: string;
}

export interface Checkpoint {
  readonly name: string;
  readonly files: CheckpointFiles;
  /** config.json, unchecked. */
  readonly config: unknown;
  readonly tensors: ReadonlyMap<string, CheckpointTensor>;
  /** What the numbers depend on, as SHA-256 hex: see fingerprintOf. */
  readonly fingerprint: string;
}

/** Opens a folder. Throws one line naming the file and the cause when anything is not as it must be. */
export async function openCheckpoint(files: CheckpointFiles): Promise<Checkpoint> {
  const config = await readJson(files, 'config.json');
  const tensors = new Map<string, CheckpointTensor>();
  const shards = await shardsOf(files);
  const hashed: HashedFile[] = [{ file: 'config.json', head: 0 }];
  for (const shard of shards) {
    const what = `${files.name}/${shard.file}`;
    if (!(await files.has(shard.file)))
      throw new Error(`${what}: missing (model.safetensors.index.json names it)`);
    const read = (start: number, end: number) => files.read(shard.file, start, end);
    const header = await readSafetensorsHeader(read, await files.size(shard.file), what);
    const location = await files.location(shard.file);
    for (const [name, tensor] of header.tensors) {
      if (shard.tensors && !shard.tensors.has(name)) continue;
      tensors.set(name, { ...tensor, file: shard.file, location });
    }
    for (const name of shard.tensors ?? []) {
      if (!header.tensors.has(name)) {
        throw new Error(
          `${what}: no tensor ${quoted(name)}, though model.safetensors.index.json places it here`,
        );
      }
    }
    hashed.push({ file: shard.file, head: header.dataStart });
  }
  return { name: files.name, files, config, tensors, fingerprint: await fingerprintOf(files, hashed) };
}

/** A tensor's values as float32, from F32, F16 or BF16. */
export async function readFloats(checkpoint: Checkpoint, name: string): Promise<Float32Array> {
  const tensor = checkpoint.tensors.get(name);
  if (!tensor) throw new Error(`${checkpoint.name}: no tensor ${quoted(name)}`);
  const end = tensor.offset + tensor.length;
  const bytes = await checkpoint.files.read(tensor.file, tensor.offset, end);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (tensor.dtype === 'F32') {
    return Float32Array.from({ length: tensor.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
  }
  if (tensor.dtype === 'F16') {
    return Float32Array.from({ length: tensor.length / 2 }, (_, i) => float16(view.getUint16(2 * i, true)));
  }
  if (tensor.dtype === 'BF16') {
    // A bfloat16 is the upper half of a float32.
    const bits = Uint32Array.from({ length: tensor.length / 2 }, (_, i) => view.getUint16(2 * i, true) << 16);
    return new Float32Array(bits.buffer);
  }
  throw new Error(`${checkpoint.name}: tensor ${quoted(name)} is ${tensor.dtype}, expected F32, F16 or BF16`);
}

/** The value of an IEEE 754 binary16. */
function float16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

interface Shard {
  readonly file: string;
  /** The tensors that the index places in this file; absent for a file that is the whole model. */
  readonly tensors?: ReadonlySet<string>;
}

async function shardsOf(files: CheckpointFiles): Promise<Shard[]> {
  if (await files.has('model.safetensors')) return [{ file: 'model.safetensors' }];
  const indexName = 'model.safetensors.index.json';
  if (!(await files.has(indexName))) {
    throw new Error(
      `${files.name}: no model.safetensors and no ${indexName}; give a Hugging Face folder with safetensors weights`,
    );
  }
  const index = await readJson(files, indexName);
  const what = `${files.name}/${indexName}`;
  const weightMap =
    index && typeof index === 'object' && 'weight_map' in index ? index.weight_map : undefined;
  if (typeof weightMap !== 'object' || weightMap === null || Array.isArray(weightMap)) {
    throw new Error(`${what}: weight_map is not an object of file names`);
  }
  const shards = new Map<string, Set<string>>();
  for (const [tensor, file] of Object.entries(weightMap)) {
    if (typeof file !== 'string' || !isPlainName(file)) {
      throw new Error(
        `${what}: tensor ${quoted(tensor)} is placed in ${quoted(String(file))}; expected a *.safetensors file of this folder`,
      );
    }
    const placed = shards.get(file) ?? new Set();
    shards.set(file, placed.add(tensor));
  }
  return [...shards].map(([file, tensors]) => ({ file, tensors })).sort((a, b) => (a.file < b.file ? -1 : 1));
}

/** A base name and nothing else: no separator, no parent, no drive. */
function isPlainName(file: string): boolean {
  return /^\w[\w.-]*\.safetensors$/.test(file);
}

async function readJson(files: CheckpointFiles, file: string): Promise<unknown> {
  const what = `${files.name}/${file}`;
  if (!(await files.has(file))) throw new Error(`${what}: missing; give a Hugging Face model folder`);
  const size = await files.size(file);
  if (size > MAX_JSON) throw new Error(`${what}: ${size} bytes, at most ${MAX_JSON} expected`);
  return parseJson(await files.read(file, 0, size), what);
}

interface HashedFile {
  readonly file: string;
  /** Bytes that are always hashed whole: the safetensors header. */
  readonly head: number;
}

/**
 * SHA-256 over one line per file, `config.json` first, then the safetensors files by name:
 * `<name> <size> <SHA-256 of its bytes>`. Of a file above 64 MiB only the header and the first 64 KiB of each of
 * 256 equal parts are hashed, so that a 13 GB checkpoint is known in a moment: two trainings never agree there,
 * but a deliberate edit of single weights elsewhere goes unseen.
 */
async function fingerprintOf(files: CheckpointFiles, hashed: readonly HashedFile[]): Promise<string> {
  let text = '';
  for (const { file, head } of hashed) {
    const size = await files.size(file);
    text += `${file} ${size} ${await files.sha256(await sampleOf(files, file, size, head))}\n`;
  }
  // ASCII throughout: isPlainName lets nothing else through.
  return files.sha256(Uint8Array.from(text, (character) => character.charCodeAt(0)));
}

async function sampleOf(
  files: CheckpointFiles,
  file: string,
  size: number,
  head: number,
): Promise<Uint8Array> {
  if (size <= HASH_WHOLE) return files.read(file, 0, size);
  const sample = new Uint8Array(head + HASH_SAMPLES * HASH_SAMPLE_BYTES);
  sample.set(await files.read(file, 0, head));
  for (let part = 0; part < HASH_SAMPLES; part++) {
    const start = Math.floor((part * size) / HASH_SAMPLES);
    sample.set(await files.read(file, start, start + HASH_SAMPLE_BYTES), head + part * HASH_SAMPLE_BYTES);
  }
  return sample;
}
