// A Hugging Face checkpoint folder as it is: config.json, and model.safetensors or the shards that
// model.safetensors.index.json names. Nothing is converted; tensors are located, not loaded.

import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { counted } from '../counted.js';
import { finiteScan } from '../onnx/finite.js';
import { parseJson, quoted } from '../onnx/json.js';
import { readSafetensorsHeader, type StoredTensor } from '../onnx/safetensors.js';
import { describeForeign, FOREIGN_FILES, WEIGHT_FILES, weightsAmong } from './layout.js';
import type { CheckpointFiles } from './runtime.js';

/** Longest config.json or index that is read, bytes. */
const MAX_JSON = 50_000_000;

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
  /** What is odd about it, in one line each. */
  readonly remarks: readonly string[];
  /** Tensors that hold a NaN or an infinity, with the first place of one. */
  readonly nonFinite: ReadonlyMap<string, number>;
  /** What the numbers depend on, as SHA-256 hex: see fingerprintOf. */
  readonly fingerprint: string;
}

/** Opens a folder. Throws one line naming the file and the cause when anything is not as it must be. */
export async function openCheckpoint(files: CheckpointFiles): Promise<Checkpoint> {
  const { json: config, line } = await readJson(files, 'config.json');
  const tensors = new Map<string, CheckpointTensor>();
  const nonFinite = new Map<string, number>();
  const lines = [line];
  const { shards, remarks } = await shardsOf(files);
  for (const shard of shards) {
    const { size, survey, placed } = await readShard(files, shard);
    for (const [name, tensor] of placed) tensors.set(name, tensor);
    for (const { tensor, first } of survey.nonFinite) if (placed.has(tensor)) nonFinite.set(tensor, first);
    lines.push(`${shard.file} ${size} ${survey.sha256}\n`);
  }
  return { name: files.name, files, config, tensors, remarks, nonFinite, fingerprint: fingerprintOf(lines) };
}

/** Reads all of a safetensors file, and locates the tensors that are wanted of it. */
async function readShard(files: CheckpointFiles, shard: Shard) {
  const what = `${files.name}/${shard.file}`;
  if (!(await files.has(shard.file)))
    throw new Error(`${what}: missing (model.safetensors.index.json names it)`);
  // The size first: from there on the platform finds out if the file changes.
  const size = await files.size(shard.file);
  const read = (start: number, end: number) => files.read(shard.file, start, end);
  const header = await readSafetensorsHeader(read, size, what);
  const lost = [...(shard.tensors ?? [])].find((name) => !header.tensors.has(name));
  if (lost !== undefined) {
    throw new Error(`${what}: no tensor ${quoted(lost)}, though model.safetensors.index.json places it here`);
  }
  const location = await files.location(shard.file);
  const placed = new Map<string, CheckpointTensor>();
  for (const [name, tensor] of header.tensors) {
    if (shard.tensors && !shard.tensors.has(name)) continue;
    placed.set(name, { ...tensor, file: shard.file, location });
  }
  return { size, survey: await files.survey(shard.file, () => finiteScan(header.tensors)), placed };
}

interface Shard {
  readonly file: string;
  /** The tensors that the index places in this file; absent for a file that is the whole model. */
  readonly tensors?: ReadonlySet<string>;
}

async function shardsOf(
  files: CheckpointFiles,
): Promise<{ readonly shards: readonly Shard[]; readonly remarks: readonly string[] }> {
  const found = await weightsAmong((file) => files.has(file));
  if (found === undefined) {
    const [{ whole, index }] = WEIGHT_FILES;
    const what = (await foreignOf(files)) ?? `no ${whole} and no ${index}`;
    throw new Error(`${files.name}: ${what}; give a Hugging Face folder with safetensors weights`);
  }
  const { file, isIndex } = found;
  const remarks =
    WEIGHT_FILES[0].whole === file || WEIGHT_FILES[0].index === file
      ? []
      : [`${files.name}: has no ${WEIGHT_FILES[0].whole}; ${file} is taken`];
  return { shards: isIndex ? await indexed(files, file) : [{ file }], remarks };
}

async function foreignOf(files: CheckpointFiles): Promise<string | undefined> {
  const names: string[] = [];
  for (const file of FOREIGN_FILES) if (await files.has(file)) names.push(file);
  return describeForeign(names);
}

/** The shards that an index names. */
async function indexed(files: CheckpointFiles, indexName: string): Promise<Shard[]> {
  const { json: index } = await readJson(files, indexName);
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

/** A JSON file, and its line of the fingerprint: both of the same bytes. */
async function readJson(
  files: CheckpointFiles,
  file: string,
): Promise<{ readonly json: unknown; readonly line: string }> {
  const what = `${files.name}/${file}`;
  if (!(await files.has(file))) {
    const foreign = await foreignOf(files);
    if (foreign) throw new Error(`${files.name}: ${foreign}`);
    throw new Error(`${what}: missing; give a Hugging Face model folder`);
  }
  const size = await files.size(file);
  if (size > MAX_JSON) throw new Error(`${what}: ${counted(size, 'byte')}, at most ${MAX_JSON} expected`);
  const bytes = await files.read(file, 0, size);
  return { json: parseJson(bytes, what), line: `${file} ${size} ${bytesToHex(sha256(bytes))}\n` };
}

/**
 * SHA-256 over one line per file, `config.json` first, then the safetensors files by name:
 * `<name> <size> <SHA-256 of its bytes>`. Every byte counts.
 */
function fingerprintOf(lines: readonly string[]): string {
  return bytesToHex(sha256(utf8ToBytes(lines.join(''))));
}
