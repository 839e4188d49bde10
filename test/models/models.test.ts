// src/models: codec and positions against the oracle, the delay pattern, and checkpoints that must be refused.

import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { decode, encode } from '../../src/loss/encode.js';
import { score } from '../../src/loss/loss.js';
import { openCheckpoint } from '../../src/models/checkpoint.js';
import { codebooksAt, shortFrames, storedCodebooks } from '../../src/models/encodec/encodec.js';
import { encoderGraphs, widthOf } from '../../src/models/encodec/encoder_graphs.js';
import { codecOf } from '../../src/models/model.js';
import {
  delayed,
  firstDifference,
  isTrained,
  toColumns,
  toFrames,
  undelayed,
} from '../../src/models/musicgen/delay.js';
import { sinusoids } from '../../src/models/musicgen/positions.js';
import { openModel } from '../../src/models/open.js';
import type { CheckpointFiles, ModelGraph, Runtime, Tensor } from '../../src/models/runtime.js';
import { type Weights, weightsOf } from '../../src/models/weights.js';
import { openFolder } from '../../src/node/files.js';
import { nodeRuntime } from '../../src/node/runtime.js';
import { goldenFolder, largestDifference, openGolden, readFloats } from '../golden.js';
import { parseConfig } from '../musicgen.js';

const runtime = nodeRuntime();
afterAll(() => runtime.close());

/** A runtime for what must be refused before anything is loaded. */
const noRuntime: Runtime = {
  version: 'none',
  device: 'none',
  instructions: 'none',
  ...{ resumes: false, overwrites: false, fused: true },
  open: () => Promise.reject(new Error('was opened')),
  close: () => Promise.resolve(),
};

describe('codec', () => {
  const cases = [
    { folder: 'mono-a', bandwidth: undefined, signals: ['', 'odd.', 'short.'] },
    { folder: 'mono-b', bandwidth: undefined, signals: ['', 'odd.', 'short.'] },
    { folder: 'sharded', bandwidth: undefined, signals: [''] },
    { folder: 'causal', bandwidth: 1.5, signals: ['', 'odd.', 'short.'] },
    { folder: 'causal', bandwidth: 3, signals: ['', 'odd.', 'short.'] },
  ];
  it.each(cases)(
    "of $folder ($bandwidth) gives the oracle's codes and sound",
    async ({ folder, bandwidth, signals }) => {
      const golden = await openGolden(folder);
      const files = openFolder(golden.folder, { name: folder });
      const model = await openModel(files, runtime, bandwidth ? { bandwidth } : {});
      const suffix = bandwidth ? `_bw${bandwidth}` : '';
      for (const signal of signals) {
        const wav = golden.floats(`${signal}wav`);
        const expected = golden.codes(`${signal}codes${suffix}`);
        const clip = { name: signal, sampleRate: codecOf(model).clock.sampleRate, channels: [wav] };
        const codes = await encode(model, clip);
        expect(codes).toEqual(expected);
        expect(codes.frames).toBe(Math.ceil(wav.length / codecOf(model).clock.hop));
        const sound = await decode(model, expected, signal);
        const audio = golden.floats(`${signal}audio_decoded${suffix}`);
        expect(largestDifference(sound.channels[0], audio)).toBeLessThan(2e-5);
        expect(sound.channels[0].length).toBe(codes.frames * codecOf(model).clock.hop);
      }
      await model.close();
    },
  );

  it("gives the oracle's embeddings, and the same by the graphs for long and short signals", async () => {
    for (const folder of ['mono-a', 'causal']) {
      const golden = await openGolden(folder);
      const files = openFolder(golden.folder, { name: folder });
      const checkpoint = await openCheckpoint(files);
      const { codec, decoder } = parseConfig(checkpoint.config, folder);
      const weights = weightsOf(checkpoint).under(decoder ? 'audio_encoder.' : '');
      const wav = golden.floats('wav');
      const audio = { type: 'float32', dims: [1, 1, wav.length], data: wav } as const;
      const width = widthOf(codec);
      const embeddings = [false, true].map(async (short) => {
        const graphs = encoderGraphs(codec, weights, { codebooks: 2, short });
        const run = async (graph: ModelGraph | undefined, feeds: Record<string, Tensor>, output: string) => {
          if (!graph) throw new Error(`${folder} has no LSTM`);
          const session = await runtime.open(graph, files);
          const { tensors } = await session.run(feeds, { fetch: [output] });
          await session.close();
          return tensors[output];
        };
        const { dims, data } = await run(graphs.convolutions, { audio }, 'features');
        const states = 2 * codec.num_lstm_layers;
        const zeros = {
          type: 'float32',
          dims: [states, 1, width],
          data: new Float32Array(states * width),
        } as const;
        const features = {
          type: 'float32',
          dims: [dims[0], 1, width],
          data: Float32Array.from(data, Number),
        } as const;
        const sequence = await run(graphs.lstm, { features, states: zeros }, 'sequence');
        const rows = { ...sequence, dims: [dims[0], width] };
        return Array.from((await run(graphs.quantiser, { sequence: rows }, 'embeddings')).data, Number);
      });
      const [plain, short] = await Promise.all(embeddings);
      expect(short).toEqual(plain);
      // [hidden_size, T] there, [T, hidden_size] here.
      const { shape, data } = golden.tensor('enc_embeddings');
      const frames = shape.at(-1) ?? 0;
      const expected = plain.map(
        (_, i) => data[(i % codec.hidden_size) * frames + Math.floor(i / codec.hidden_size)],
      );
      expect(largestDifference(plain, expected)).toBeLessThan(5e-5);
    }
  });

  it('counts codebooks and short frames from the configuration', async () => {
    const released = { model_type: 'encodec', sampling_rate: 32000, upsampling_ratios: [8, 5, 4, 4] };
    const { codec } = parseConfig({ ...released, codebook_size: 2048, target_bandwidths: [2.2] }, 'x');
    expect(codebooksAt(codec, 2.2, 4)).toBe(4);
    const { codec: defaults } = parseConfig({ model_type: 'encodec' }, 'x');
    expect([1.5, 3, 6, 12, 24].map((bandwidth) => codebooksAt(defaults, bandwidth, 32))).toEqual([
      2, 4, 8, 16, 32,
    ]);
    expect(shortFrames(codec)).toBe(24);
  });

  it('refuses clips that are not in its form', async () => {
    const model = await openModel(openFolder(goldenFolder('mono-a'), { name: 'mono-a' }), runtime);
    const silence = new Float32Array(100);
    const clip = { name: 'song.wav', sampleRate: 32000, channels: [silence] };
    const refusals: [Promise<unknown>, RegExp][] = [
      [
        encode(model, { ...clip, sampleRate: 44100 }),
        /song\.wav: 44100 Hz, mono-a takes 32000 Hz; resample first/,
      ],
      [encode(model, { ...clip, channels: [silence, silence] }), /song\.wav: 2 channels.*down-mix first/],
      [encode(model, { ...clip, channels: [] }), /song\.wav: 0 channels/],
      [encode(model, { ...clip, channels: [new Float32Array(0)] }), /song\.wav: no samples/],
      [encode(model, { ...clip, channels: [Float32Array.of(0, Number.NaN)] }), /sample 1 is NaN/],
      [
        codecOf(model).decode({ codebooks: 4, frames: 1, data: Int32Array.of(0, 0, 0, 512) }),
        /code 512 \(codebook 3, frame 0\), expected 0 to 511/,
      ],
      [
        codecOf(model).decode({ codebooks: 2, frames: 1, data: Int32Array.of(0, 0) }),
        /2 codebooks, the model has 4/,
      ],
    ];
    for (const [refused, cause] of refusals) await expect(refused).rejects.toThrow(cause);
    expect((await codecOf(model).encode([silence])).frames).toBe(1);
    await model.close();
  });
});

describe('codebooks', () => {
  /** A codec of 50 frames a second with so many codebooks in its file. */
  const configOf = (codebook_size: number, ...target_bandwidths: number[]) =>
    parseConfig(
      {
        model_type: 'encodec',
        sampling_rate: 32000,
        upsampling_ratios: [8, 5, 4, 4],
        codebook_size,
        target_bandwidths,
      },
      'x',
    ).codec;
  const holding = (codebooks: number) => {
    const name = (k: number) => `quantizer.layers.${k}.codebook.embed`;
    const names = new Set(Array.from({ length: codebooks }, (_, k) => name(k)));
    return { has: (one: string) => names.has(one) } as Weights;
  };

  it.each([
    // V, kbit/s, in the file -> in use; the last column: by the older rule.
    [512, 1.8, 4, 4, false],
    [512, 1.8, 3, 3, true],
    [512, 2.0, 4, 4, false],
    [512, 2.2, 4, 4, false],
    [2048, 2.2, 4, 4, false],
    [1024, 1.5, 3, 3, false],
    [256, 2.2, 4, 4, true],
    [256, 2.2, 5, 5, false],
    // 11 bits: three codebooks fit, 10 bits let four be stored, and 2.1 kbit/s take three of them.
    [2048, 2.1, 4, 3, true],
  ])('of %i entries at %d kbit/s, %i in the file: %i are used', (size, kbits, stored, used, isOlder) => {
    const config = configOf(size, kbits);
    const counted = storedCodebooks(config, holding(stored), 'mine');
    expect(codebooksAt(config, kbits, counted.stored)).toBe(used);
    if (!isOlder) expect(counted.remark).toBeUndefined();
    else
      expect(counted.remark).toMatch(
        /^mine: \d codebooks as in the file, though .* before transformers 5, make \d\)$/,
      );
  });

  it.each([
    [
      2048,
      2.2,
      5,
      /^mine\/config\.json: 2\.2 kbit\/s at 11 bits a code make 4, but the file has 5 .*; one of them/,
    ],
    [512, 1.8, 5, /at 9 bits a code make 4 \(10 bits .* make 3\), but the file has 5/],
    [512, 2.2, 0, /but the file has 0/],
  ])('of %i entries at %d kbit/s, %i in the file: refused', (size, kbits, stored, cause) => {
    expect(() => storedCodebooks(configOf(size, kbits), holding(stored), 'mine')).toThrow(cause);
  });

  it('of several bandwidths: the last says how many are stored, each how many are used', () => {
    const config = configOf(1024, 1.5, 3, 6);
    const { stored } = storedCodebooks(config, holding(12), 'x');
    expect([1.5, 3, 6].map((kbits) => codebooksAt(config, kbits, stored))).toEqual([3, 6, 12]);
  });

  it('a whole MusicGen of 512 entries at 1.8 kbit/s has the codes that it has at 2.2', async () => {
    const golden = await openGolden('mono-a');
    const files = await filesOf('mono-a');
    const root = await mkdtemp(path.join(tmpdir(), 'losscope-codebooks-'));
    for (const [name, bytes] of files) {
      await writeFile(
        path.join(root, name),
        name === 'config.json' ? edited(bytes, (json) => json.replace('2.2', '1.8')) : bytes,
      );
    }
    const warned: string[] = [];
    const model = await openModel(openFolder(root), runtime, { warn: (line) => warned.push(line) });
    expect(await codecOf(model).encode([golden.floats('wav')])).toEqual(golden.codes('codes'));
    expect(warned).toEqual([]);
    await model.close();
    await rm(root, { recursive: true });
  });
});

describe('positions', () => {
  it('equal the table that Hugging Face stored, float32 rounding by float32 rounding', async () => {
    for (const folder of ['mono-a', 'mono-b']) {
      const checkpoint = await openCheckpoint(openFolder(goldenFolder(folder)));
      const name = 'decoder.model.decoder.embed_positions.weights';
      const [columns, size] = checkpoint.tensors.get(name)?.shape ?? [0, 0];
      const stored = await readFloats(checkpoint, name);
      // One unit in the last place of sine and cosine; one of a frequency would be 1e-4 at position 2047.
      expect(largestDifference(sinusoids(columns, size), stored)).toBeLessThan(6e-8);
    }
    expect(sinusoids(2, 5)[4]).toBe(0);
  });

  it('are computed: a table in the file changes no loss, whatever stands in it', async () => {
    const name = 'decoder.model.decoder.embed_positions.weights';
    const root = await mkdtemp(path.join(tmpdir(), 'losscope-positions-'));
    const files = await filesOf('mono-a');
    const bytes = files.get('model.safetensors') ?? new Uint8Array();
    const { tensors } = await openCheckpoint(openFolder(goldenFolder('mono-a')));
    const { offset = 0, length = 0 } = tensors.get(name) ?? {};
    bytes.fill(0xff, offset, offset + length); // NaN
    for (const [file, content] of files) await writeFile(path.join(root, file), content);
    const codes = (await openGolden('mono-a')).codes('codes');
    const losses: Float32Array[] = [];
    for (const folder of [root, goldenFolder('mono-a')]) {
      const model = await openModel(openFolder(folder), runtime);
      losses.push((await score(model, codes, { protocol: 'delayed' })).values);
      await model.close();
    }
    expect(losses[0]).toEqual(losses[1]);
    await rm(root, { recursive: true });
  });
});

describe('delay pattern', () => {
  it("is the matrix drawn in delay.ts, and the oracle's", async () => {
    const codes = { codebooks: 4, frames: 5, data: Int32Array.from({ length: 20 }, (_, i) => i % 5) };
    const S = 9;
    const { columns, data } = toColumns(codes, delayed(4), S);
    expect(columns).toBe(9);
    expect(Array.from(data)).toEqual(
      [
        [S, 0, 1, 2, 3, 4, S, S, S],
        [S, S, 0, 1, 2, 3, 4, S, S],
        [S, S, S, 0, 1, 2, 3, 4, S],
        [S, S, S, S, 0, 1, 2, 3, 4],
      ].flat(),
    );
    expect(toColumns(codes, undelayed(4), S)).toEqual({ codebooks: 4, columns: 5, data: codes.data });
    for (const folder of ['mono-a', 'mono-b', 'sharded']) {
      const golden = await openGolden(folder);
      for (const signal of ['', 'odd.', 'short.'].filter((prefix) => golden.has(`${prefix}codes`))) {
        const { shape, data: ids } = golden.tensor(`${signal}delayed_input_ids`);
        const laid = toColumns(golden.codes(`${signal}codes`), delayed(shape[0]), 512);
        expect(laid.columns).toBe(shape[1]);
        expect(laid.data).toEqual(ids);
        const {
          shape: [K, T],
          data: mask,
        } = golden.tensor(`${signal}audiocraft_valid_mask`);
        const trained = Array.from({ length: K * T }, (_, i) =>
          Number(isTrained(delayed(K), Math.floor(i / T), i % T, T)),
        );
        expect(trained).toEqual(Array.from(mask));
      }
    }
  });

  it('brings predictions back to the code that they predict', () => {
    const codes = { codebooks: 3, frames: 4, data: Int32Array.from({ length: 12 }, (_, i) => i) };
    for (const layout of [delayed(3), undelayed(3)]) {
      const laid = toColumns(codes, layout, 99);
      // A prediction named by its target: toFrames must put it where the code came from.
      const width = laid.columns - 1;
      const named = Float32Array.from(
        { length: 3 * width },
        (_, i) => laid.data[Math.floor(i / width) * laid.columns + (i % width) + 1],
      );
      const expected = Array.from(codes.data, (code) =>
        layout.lead === 0 && code % 4 === 0 ? Number.NaN : code,
      );
      expect(Array.from(toFrames(named, layout, 4))).toEqual(expected);
    }
    const other = { ...codes, data: codes.data.with(2 * 4 + 1, 55) }; // codebook 2, frame 1: column 1 + 2 + 1
    expect(firstDifference(toColumns(codes, delayed(3), 99), toColumns(other, delayed(3), 99))).toBe(4);
    expect(firstDifference(toColumns(codes, delayed(3), 99), toColumns(codes, delayed(3), 99))).toBe(7);
  });
});

/** A checkpoint folder in memory. */
function inMemory(files: ReadonlyMap<string, Uint8Array>): CheckpointFiles {
  const at = (file: string) => {
    const bytes = files.get(file);
    if (!bytes) throw new Error(`asked for ${file}`);
    return bytes;
  };
  return {
    name: 'folder',
    has: async (file) => files.has(file),
    size: async (file) => at(file).length,
    read: async (file, start, end) => at(file).slice(start, end),
    location: async (file) => file,
    async survey(file, begin) {
      const scan = begin();
      scan.take(at(file));
      return { sha256: createHash('sha256').update(at(file)).digest('hex'), nonFinite: scan.found() };
    },
  };
}

async function filesOf(folder: string): Promise<Map<string, Uint8Array>> {
  const names = await readdir(goldenFolder(folder));
  const entries = names.map(
    async (name): Promise<[string, Uint8Array]> => [
      name,
      new Uint8Array(await readFile(path.join(goldenFolder(folder), name))),
    ],
  );
  return new Map(await Promise.all(entries));
}

const text = (value: string) => new TextEncoder().encode(value);

/** The file with its JSON text edited. */
function edited(file: Uint8Array | undefined, edit: (json: string) => string): Uint8Array {
  return text(edit(new TextDecoder().decode(file)));
}

/** The safetensors file with its header edited; the new text must fit in the place of the old. */
function withHeader(file: Uint8Array, edit: (json: string) => string): Uint8Array {
  const length = Number(new DataView(file.buffer).getBigUint64(0, true));
  const header = edit(new TextDecoder().decode(file.slice(8, 8 + length))).padEnd(length);
  const copy = file.slice();
  copy.set(text(header), 8);
  return copy;
}

describe('checkpoints', () => {
  type Files = Map<string, Uint8Array>;
  const editConfig = (edit: (json: string) => string) => (files: Files) =>
    files.set('config.json', edited(files.get('config.json'), edit));
  const setDecoder = (key: string, value: unknown) =>
    editConfig((json) => {
      const config = JSON.parse(json);
      return JSON.stringify({ ...config, decoder: { ...config.decoder, [key]: value } });
    });
  const setCodec = (key: string, value: unknown) =>
    editConfig((json) => {
      const config = JSON.parse(json);
      return JSON.stringify({ ...config, audio_encoder: { ...config.audio_encoder, [key]: value } });
    });
  const editWeights = (edit: (json: string) => string) => (files: Files) =>
    files.set('model.safetensors', withHeader(files.get('model.safetensors') ?? new Uint8Array(8), edit));
  const placeIn = (file: string) => (files: Files) => {
    files.delete('model.safetensors');
    files.set('model.safetensors.index.json', text(JSON.stringify({ weight_map: { 'a.weight': file } })));
  };

  const hostile: [what: string, spoil: (files: Files) => unknown, cause: RegExp][] = [
    ['no config.json', (files) => files.delete('config.json'), /folder\/config\.json: missing/],
    [
      'a NaN in config.json',
      editConfig((json) => json.replace('"ffn_dim": 128', '"ffn_dim": NaN')),
      /folder\/config\.json: not valid JSON/,
    ],
    [
      'a config.json that leads to secrets',
      editConfig(() => 'root:x:0:0:root'),
      /^folder\/config\.json: not valid JSON \(a character that cannot stand there\)$/,
    ],
    [
      'a config.json that is cut',
      editConfig(() => '{"model_type":"secret'),
      /^folder\/config\.json: not valid JSON \((it ends in the middle|wrong at character \d+)\)$/,
    ],
    ...['config.json', 'model.safetensors'].map((file): (typeof hostile)[number] => [
      `a Git LFS pointer for ${file}`,
      (files) =>
        files.set(
          file,
          text(`version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 2364429504\n`),
        ),
      new RegExp(`folder/${file}: is a Git LFS pointer, not the file itself: run git lfs pull`),
    ]),
    ...(
      [
        ['state_dict.bin', "audiocraft's own format", 'config.json'],
        ['adapter_config.json', 'an adapter, not a whole model', 'config.json'],
        ['pytorch_model.bin', 'pickle, which can run code', 'model.safetensors'],
        ['flax_model.msgpack', 'Flax', 'model.safetensors'],
      ] as const
    ).map(([file, what, missing]): (typeof hostile)[number] => [
      `only ${file}`,
      (files) => files.delete(missing) && files.set(file, text('x')),
      new RegExp(`^folder: has ${file.replace('.', '\\.')} \\(${what}`),
    ]),
    [
      'a repeated key in config.json',
      editConfig((json) => json.replace('{', '{"model_type":"musicgen",')),
      /config\.json: key "model_type" occurs twice/,
    ],
    ['a config.json that is a list', editConfig(() => '[]'), /config\.json: the whole/],
    [
      'another model',
      editConfig(() => '{"model_type":"gpt2"}'),
      /model_type "gpt2" is not supported; expected/,
    ],
    [
      'a melody model without its projection',
      editConfig((json) => json.replace('"musicgen"', '"musicgen_melody"')),
      /2 tensors do not fit.*audio_enc_to_dec_proj\.weight missing; audio_enc_to_dec_proj\.bias missing/,
    ],
    [
      'a melody model of other chroma',
      editConfig((json) => json.replace('"musicgen"', '"musicgen_melody", "num_chroma": 24')),
      /config\.json: num_chroma/,
    ],
    [
      'a stereo model with the codebooks of one channel',
      setDecoder('audio_channels', 2),
      /decoder has 4 codebooks, the codec gives 8 at 2 channels/,
    ],
    ['a model of three channels', setDecoder('audio_channels', 3), /decoder\.audio_channels/],
    ['zero layers', setDecoder('num_hidden_layers', 0), /config\.json: decoder\.num_hidden_layers:/],
    ['a negative width', setDecoder('hidden_size', -64), /decoder\.hidden_size:/],
    ['an absurd width', setDecoder('hidden_size', 1e9), /decoder\.hidden_size:/],
    [
      'a width that heads do not share',
      setDecoder('num_attention_heads', 5),
      /hidden_size 64 is not a multiple/,
    ],
    ['another activation', setDecoder('activation_function', 'relu'), /decoder\.activation_function/],
    [
      "a vocabulary that is not the codec's",
      setDecoder('vocab_size', 513),
      /vocab_size 513 is not the codec's codebook_size 512/,
    ],
    [
      'another number of codebooks',
      setDecoder('num_codebooks', 3),
      /decoder has 3 codebooks, the codec gives 4/,
    ],
    ['a ratio of zero', setCodec('upsampling_ratios', [8, 0]), /audio_encoder\.upsampling_ratios\.1/],
    ['no ratios', setCodec('upsampling_ratios', []), /audio_encoder\.upsampling_ratios/],
    ['an unknown padding', setCodec('pad_mode', 'circular'), /audio_encoder\.pad_mode/],
    ['another normalisation', setCodec('norm_type', 'time_group_norm'), /audio_encoder\.norm_type/],
    ['chunks', setCodec('chunk_length_s', 1), /audio_encoder\.chunk_length_s/],
    [
      'no weights',
      (files) => files.delete('model.safetensors'),
      /no model\.safetensors and no model\.safetensors\.index\.json/,
    ],
    [
      'weights cut short',
      (files) =>
        files.set('model.safetensors', (files.get('model.safetensors') ?? new Uint8Array()).slice(0, -4)),
      /folder\/model\.safetensors: .*cut short/,
    ],
    [
      'weights of zeros',
      (files) => files.set('model.safetensors', new Uint8Array(64)),
      /model\.safetensors: header does not start/,
    ],
    [
      'a missing tensor',
      editWeights((json) => json.replace('lm_heads.2', 'lm_haeds.2')),
      /1 tensor does not fit config\.json: decoder\.lm_heads\.2\.weight missing/,
    ],
    [
      'integers for weights',
      editWeights((json) => json.replace(/("decoder\.lm_heads\.0\.weight":\{"dtype":)"F32"/, '$1"I32"')),
      /lm_heads\.0\.weight is I32, expected F32, F16 or BF16/,
    ],
    [
      'other shapes',
      setDecoder('ffn_dim', 256),
      /6 tensors do not fit config\.json: .*fc1\.weight is \[128,64\], expected \[256,64\].*; and 1 more/,
    ],
    [
      'a codec too deep',
      setCodec('num_residual_layers', 2),
      /tensors do not fit config\.json: audio_encoder\./,
    ],
    [
      'a shard outside',
      placeIn('../x.safetensors'),
      /index\.json: tensor "a\.weight" is placed in "\.\.\/x\.safetensors"; expected a \*\.safetensors file of this folder/,
    ],
    [
      'a shard by a Windows path',
      placeIn('..\\x.safetensors'),
      /expected a \*\.safetensors file of this folder/,
    ],
    ['an absolute shard', placeIn('/etc/x.safetensors'), /expected a \*\.safetensors file of this folder/],
    ['a hidden shard', placeIn('..safetensors'), /expected a \*\.safetensors file of this folder/],
    ['a shard that is not there', placeIn('x.safetensors'), /folder\/x\.safetensors: missing/],
    [
      'an index without a map',
      (files) => {
        placeIn('x')(files);
        files.set('model.safetensors.index.json', text('{"weight_map":[]}'));
      },
      /weight_map is not an object/,
    ],
  ];
  it.each(hostile)('with %s are refused in one line before anything is loaded', async (_, spoil, cause) => {
    const files = await filesOf('mono-a');
    spoil(files);
    const error = await openModel(inMemory(files), noRuntime).then(
      () => new Error('was accepted'),
      (thrown: Error) => thrown,
    );
    expect(error.message).toMatch(cause);
    expect(error.message).toMatch(/^folder[^\n]+$/);
    expect(error.message.length).toBeLessThan(700);
  });

  it('whose index misplaces a tensor are refused', async () => {
    const files = await filesOf('sharded');
    const move = (json: string) =>
      json.replace(/("decoder\.lm_heads\.0\.weight": )"[^"]+"/, '$1"model-00001-of-00003.safetensors"');
    files.set('model.safetensors.index.json', edited(files.get('model.safetensors.index.json'), move));
    await expect(openModel(inMemory(files), noRuntime)).rejects.toThrow(
      /model-00001-of-00003\.safetensors: no tensor "decoder\.lm_heads\.0\.weight", though/,
    );
  });

  it('with a variant of the weights alone are opened, and it is said; the plain name goes first', async () => {
    const { tensors } = await openCheckpoint(inMemory(await filesOf('mono-a')));
    for (const variant of ['fp16', 'bf16', 'fp32']) {
      const files = await filesOf('mono-a');
      const file = `model.${variant}.safetensors`;
      files.set(file, files.get('model.safetensors') ?? new Uint8Array());
      expect((await openCheckpoint(inMemory(files))).remarks).toEqual([]);
      files.delete('model.safetensors');
      const opened = await openCheckpoint(inMemory(files));
      expect(opened.remarks).toEqual([`folder: has no model.safetensors; ${file} is taken`]);
      expect([...opened.tensors.keys()]).toEqual([...tensors.keys()]);
    }
    const shards = await filesOf('sharded');
    shards.set('model.safetensors.index.fp16.json', shards.get('model.safetensors.index.json') ?? text(''));
    shards.delete('model.safetensors.index.json');
    const warned: string[] = [];
    await openModel(inMemory(shards), noRuntime, { warn: (line) => warned.push(line) });
    expect(warned).toEqual(['folder: has no model.safetensors; model.safetensors.index.fp16.json is taken']);
  });

  it('are known by a fingerprint of configuration and weights', async () => {
    const of = async (files: Files) => (await openCheckpoint(inMemory(files))).fingerprint;
    const files = await filesOf('mono-a');
    const fingerprint = await of(files);
    expect(fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect(await of(await filesOf('mono-a'))).toBe(fingerprint);
    expect((await openCheckpoint(openFolder(goldenFolder('mono-a')))).fingerprint).toBe(fingerprint);
    const weights = files.get('model.safetensors') ?? new Uint8Array();
    const oneBit = weights.with(weights.length - 1, weights[weights.length - 1] ^ 1);
    expect(await of(new Map(files).set('model.safetensors', oneBit))).not.toBe(fingerprint);
    setDecoder('num_hidden_layers', 2)(files);
    expect(await of(files)).not.toBe(fingerprint);
  });
});
