// Writes a checkpoint of MusicGen Small's full size (24 layers of 1024, EnCodec 32 kHz with 64 filters; 1.4 GB)
// with seeded random weights in the Hugging Face layout: as heavy to run as the real one, and nothing like it.
//   npx tsx bench/make-checkpoint.ts FOLDER
// What to write is asked of the graph builders themselves: a tensor that no graph reads is not written.

import { mkdir, open, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseConfig } from '../src/models/config.js';
import { decoderGraph, encoderGraph } from '../src/models/encodec.js';
import { musicgenGraph } from '../src/models/musicgen.js';
import { t5Graph } from '../src/models/t5.js';
import type { Weights } from '../src/models/weights.js';

const CONFIG = {
  model_type: 'musicgen',
  audio_encoder: {
    model_type: 'encodec',
    sampling_rate: 32_000,
    upsampling_ratios: [8, 5, 4, 4],
    num_filters: 64,
    hidden_size: 128,
    codebook_size: 2048,
    num_lstm_layers: 2,
    use_causal_conv: false,
    use_conv_shortcut: false,
    target_bandwidths: [2.2],
  },
  decoder: {
    num_codebooks: 4,
    vocab_size: 2048,
    hidden_size: 1024,
    num_hidden_layers: 24,
    num_attention_heads: 16,
    ffn_dim: 4096,
  },
};
const SEED = 20260101;
const CHUNK = 2 ** 20;

export interface CheckpointOptions {
  /** config.json. Default: MusicGen Small. */
  readonly config?: unknown;
  /** A tensor's values where they are not to be random. */
  readonly values?: (name: string, shape: readonly number[]) => Float32Array | undefined;
}

/** Makes FOLDER/config.json and FOLDER/model.safetensors; returns the bytes of the latter. */
export async function makeCheckpoint(folder: string, options: CheckpointOptions = {}): Promise<number> {
  const { config = CONFIG, values = () => undefined } = options;
  const shapes = shapesOf(config);
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  let end = 0;
  for (const [name, shape] of shapes) {
    const begin = end;
    end += 4 * sizeOf(shape);
    header[name] = { dtype: 'F32', shape, data_offsets: [begin, end] };
  }
  const json = JSON.stringify(header);
  const text = Buffer.from(json.padEnd(Math.ceil(json.length / 8) * 8));
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(text.length));

  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'config.json'), JSON.stringify(config, null, 2));
  const file = await open(path.join(folder, 'model.safetensors'), 'w');
  try {
    await file.write(prefix);
    await file.write(text);
    const random = uniform(SEED);
    for (const [name, shape] of shapes) {
      const given = values(name, shape);
      if (given) await file.write(new Uint8Array(given.buffer));
      for (let left = given ? 0 : sizeOf(shape); left > 0; left -= CHUNK) {
        await file.write(new Uint8Array(valuesOf(name, shape, Math.min(left, CHUNK), random).buffer));
      }
    }
  } finally {
    await file.close();
  }
  return 8 + text.length + end;
}

/** Every tensor that the model's graphs take. */
function shapesOf(json: unknown): Map<string, readonly number[]> {
  const { codec, decoder, text, melody } = parseConfig(json, 'bench');
  if (!decoder) throw new Error('bench: the configuration has no decoder');
  const shapes = new Map<string, readonly number[]>();
  const at = (prefix: string): Weights => ({
    has: () => false,
    take(graph, name, shape) {
      shapes.set(prefix + name, shape);
      return graph.external(prefix + name, 'float32', shape, { location: 'none', offset: 0, length: 0 });
    },
    under: (inner) => at(prefix + inner),
    refuseMisfits: () => undefined,
  });
  const options = { codebooks: decoder.num_codebooks / decoder.audio_channels, short: false };
  encoderGraph(codec, at('audio_encoder.'), options);
  decoderGraph(codec, at('audio_encoder.'), options);
  musicgenGraph(decoder, at(''), melody ? 'prepended' : text ? 'cross' : 'none');
  if (text) t5Graph(text, at(''), decoder.hidden_size);
  return shapes;
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

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [folder] = process.argv.slice(2);
  if (!folder) throw new Error('usage: tsx bench/make-checkpoint.ts FOLDER');
  const bytes = await makeCheckpoint(folder);
  console.log(`${folder}: ${(bytes / 1e9).toFixed(2)} GB`);
}
