// Writes a checkpoint with seeded random weights in the layout of a published MusicGen, full size: as heavy to load and
// to run as the real one, and nothing like it. Written as it is made, so that 13 GB take no memory.
//   npx tsx bench/make-checkpoint.ts [--size large] FOLDER
// What to write is asked of the graph builders themselves, and to it comes what published files hold that no graph reads.

import { copyFile, type FileHandle, mkdir, open, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { type CodecConfig, parseCodecConfig } from '../src/models/encodec/config.js';
import { decoderGraphs } from '../src/models/encodec/decoder.js';
import { encoderGraphs } from '../src/models/encodec/encoder_graphs.js';
import { audioEncoderOf, type MusicgenConfig, parseMusicgenConfig } from '../src/models/musicgen/config.js';
import { musicgenGraph } from '../src/models/musicgen/graph.js';
import { sinusoids } from '../src/models/musicgen/positions.js';
import { t5Graph } from '../src/models/musicgen/t5.js';
import type { Weights } from '../src/models/weights.js';
import { BARE_SMALL, type Released, released, SIZES } from './released.js';

const SEED = 20260101;
const CHUNK = 2 ** 20;
/** Of T5's structure, with few words. */
const TOKENIZER = fileURLToPath(new URL('../test/golden/tokenizer/tokenizer.json', import.meta.url));
const POSITIONS = 'decoder.model.decoder.embed_positions.weights';
const POSITION_ROWS = 2048;
const BYTES = { F32: 4, F16: 2 } as const;

export interface CheckpointOptions extends Partial<Released> {
  /** A tensor's values where they are not to be random. */
  readonly values?: (name: string, shape: readonly number[]) => Float32Array | undefined;
}

type Layout = Pick<Released, 'config'> & Partial<Released>;

interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly bytes: number;
}

/** Makes config.json and the weights, by default BARE_SMALL in one F32 file of 1.4 GB. Gives their bytes by file. */
export async function makeCheckpoint(
  folder: string,
  options: CheckpointOptions = {},
): Promise<Map<string, number>> {
  const { config = BARE_SMALL } = options;
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'config.json'), JSON.stringify(config, null, 2));
  const shards = shardsOf({ config, ...options });
  const random = uniform(SEED);
  const files = new Map<string, number>();
  const weightMap: Record<string, string> = {};
  for (const [i, shard] of shards.entries()) {
    const number = (n: number) => String(n).padStart(5, '0');
    const file =
      shards.length === 1
        ? 'model.safetensors'
        : `model-${number(i + 1)}-of-${number(shards.length)}.safetensors`;
    files.set(file, await writeShard(path.join(folder, file), shard, options, random));
    for (const { name } of shard) weightMap[name] = file;
  }
  if (shards.length > 1) {
    const total = shards.flat().reduce((sum, { bytes }) => sum + bytes, 0);
    const index = JSON.stringify({ metadata: { total_size: total }, weight_map: weightMap }, null, 2);
    await writeFile(path.join(folder, 'model.safetensors.index.json'), index);
  }
  return files;
}

/** The tensors of each file: in the order of the model, as many as fit, as transformers divides them. */
export function shardsOf(layout: Layout): Tensor[][] {
  const { config, dtype = 'F32', shardBytes = Number.POSITIVE_INFINITY, unread = false } = layout;
  const shards: Tensor[][] = [[]];
  let size = 0;
  for (const [name, shape] of shapesOf(config, unread)) {
    const bytes = BYTES[dtype] * sizeOf(shape);
    if (size > 0 && size + bytes > shardBytes) {
      shards.push([]);
      size = 0;
    }
    shards[shards.length - 1].push({ name, shape, bytes });
    size += bytes;
  }
  return shards;
}

/** One safetensors file, tensors by name. Gives its bytes. */
async function writeShard(
  target: string,
  shard: readonly Tensor[],
  { dtype = 'F32', values = () => undefined }: CheckpointOptions,
  random: () => number,
): Promise<number> {
  const tensors = shard.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  let end = 0;
  for (const { name, shape, bytes } of tensors) {
    header[name] = { dtype, shape, data_offsets: [end, end + bytes] };
    end += bytes;
  }
  const json = JSON.stringify(header);
  const text = Buffer.from(json.padEnd(Math.ceil(json.length / 8) * 8));
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(text.length));
  const file = await open(target, 'w');
  try {
    await file.write(prefix);
    await file.write(text);
    for (const { name, shape } of tensors) {
      const given = name === POSITIONS ? sinusoids(shape[0], shape[1]) : values(name, shape);
      if (given) await write(file, dtype === 'F16' ? halves(given) : given);
      for (let left = given ? 0 : sizeOf(shape); left > 0; left -= CHUNK) {
        const chunk = valuesOf(name, shape, Math.min(left, CHUNK), random);
        await write(file, dtype === 'F16' ? halves(chunk) : chunk);
      }
    }
  } finally {
    await file.close();
  }
  return 8 + text.length + end;
}

async function write(file: FileHandle, { buffer, byteOffset, byteLength }: ArrayBufferView): Promise<void> {
  await file.write(new Uint8Array(buffer, byteOffset, byteLength));
}

/** Every tensor that the model's graphs take, and some that none does, in the order of Hugging Face's modules. */
function shapesOf(json: unknown, unread: boolean): Map<string, readonly number[]> {
  const codec = parseCodecConfig(audioEncoderOf(json, 'bench'), 'bench', ['audio_encoder']);
  const { decoder, text, melody } = parseMusicgenConfig(json, 'bench');
  const shapes = new Map<string, readonly number[]>();
  const at = (prefix: string): Weights => ({
    has: () => false,
    take(graph, name, shape) {
      shapes.set(prefix + name, shape);
      return graph.external(prefix + name, 'float32', shape, { location: 'none', offset: 0, length: 0 });
    },
    under: (inner) => at(prefix + inner),
    leaveOut: () => undefined,
    refuseMisfits: () => undefined,
  });
  const options = { codebooks: decoder.num_codebooks / decoder.audio_channels, short: false };
  for (const [name, shape] of unread ? unreadShapes(codec, decoder) : []) shapes.set(name, shape);
  if (text) t5Graph(text, at(''), { hidden: decoder.hidden_size });
  encoderGraphs(codec, at('audio_encoder.'), options);
  decoderGraphs(codec, at('audio_encoder.'), options);
  musicgenGraph(decoder, at(''), { conditioning: melody ? 'prepended' : text ? 'cross' : 'none' });
  const modules = ['text_encoder.', 'audio_encoder.', 'decoder.', ''];
  const moduleOf = ([name]: [string, unknown]) => modules.findIndex((prefix) => name.startsWith(prefix));
  return new Map([...shapes].sort((a, b) => moduleOf(a) - moduleOf(b)));
}

function unreadShapes(codec: CodecConfig, decoder: MusicgenConfig): [string, readonly number[]][] {
  const codebooks = Array.from({ length: decoder.num_codebooks / decoder.audio_channels }, (_, k) => {
    const codebook = `audio_encoder.quantizer.layers.${k}.codebook.`;
    return [
      [`${codebook}inited`, [1]],
      [`${codebook}cluster_size`, [codec.codebook_size]],
      [`${codebook}embed_avg`, [codec.codebook_size, codec.hidden_size]],
    ] satisfies [string, readonly number[]][];
  });
  return [[POSITIONS, [POSITION_ROWS, decoder.hidden_size]], ...codebooks.flat()];
}

/** Norms and biases as at the start of training, all else so that activations keep their size. */
function valuesOf(name: string, shape: readonly number[], count: number, random: () => number): Float32Array {
  const values = new Float32Array(count);
  if (name.endsWith('bias')) return values;
  if (name.endsWith('norm.weight') || name.endsWith('_g')) return values.fill(1);
  const scale = Math.sqrt(3 / sizeOf(shape.slice(1)));
  for (let i = 0; i < count; i++) values[i] = scale * random();
  return values;
}

/** IEEE 754 binary16, cut off rather than rounded; what is too small for a normal number becomes 0. */
function halves(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer);
  const half = new Uint16Array(values.length);
  for (let i = 0; i < half.length; i++) {
    const exponent = ((bits[i] >>> 23) & 0xff) - 112;
    if (exponent > 0) half[i] = ((bits[i] >>> 16) & 0x8000) | (exponent << 10) | ((bits[i] >>> 13) & 0x3ff);
  }
  return half;
}

/** Uniform in [-1, 1): xorshift32 (Marsaglia 2003), fast rather than good. */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state / 2 ** 31;
  };
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { size: { type: 'string', default: 'small' } },
  });
  const [folder] = positionals;
  const size = SIZES.find((name) => name === values.size);
  if (!folder || !size) {
    throw new Error(`usage: tsx bench/make-checkpoint.ts [--size ${SIZES.join('|')}] FOLDER`);
  }
  for (const [file, bytes] of await makeCheckpoint(folder, released(size))) {
    console.log(`${folder}/${file}: ${(bytes / 1e9).toFixed(2)} GB`);
  }
  await copyFile(TOKENIZER, path.join(folder, 'tokenizer.json'));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
