// src/loss/keep.ts: what is computed from where a version differs equals what is computed from the start, codes and
// losses to the bit; the encoder in blocks gives the codes of one in a piece, and a frame the same bits in any window.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCheckpoint } from '../../bench/make-checkpoint.js';
import type { Clip } from '../../src/audio/clip.js';
import type { Codes } from '../../src/audio/codes.js';
import { encode } from '../../src/loss/encode.js';
import { keepEncoding, keepScoring } from '../../src/loss/keep.js';
import { score } from '../../src/loss/loss.js';
import { openCheckpoint } from '../../src/models/checkpoint.js';
import { clockOf } from '../../src/models/encodec/encodec.js';
import {
  convolutionMargin,
  encoderGraphs,
  leastFrames,
  quantiserMargin,
  widthOf,
} from '../../src/models/encodec/encoder_graphs.js';
import { codecOf, type Model } from '../../src/models/model.js';
import { openModel } from '../../src/models/open.js';
import type { ModelGraph, Session, Tensor } from '../../src/models/runtime.js';
import { weightsOf } from '../../src/models/weights.js';
import { openFolder } from '../../src/node/files.js';
import { nodeRuntime } from '../../src/node/runtime.js';
import { perturbAll } from '../../src/perturb/apply.js';
import type { Perturbation } from '../../src/perturb/perturbation.js';
import { generator, seedOf } from '../../src/stats/random.js';
import { goldenFolder } from '../golden.js';
import { PROTOCOLS, parseConfig } from '../musicgen.js';

const runtime = nodeRuntime();
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'losscope-'));
  await makeCheckpoint(folder, {
    config: {
      model_type: 'musicgen',
      audio_encoder: {
        model_type: 'encodec',
        sampling_rate: 16_000,
        num_filters: 4,
        hidden_size: 8,
        codebook_size: 64,
        num_lstm_layers: 0,
        last_kernel_size: 5,
        target_bandwidths: [1.2],
      },
      decoder: {
        vocab_size: 64,
        num_codebooks: 2,
        hidden_size: 32,
        num_hidden_layers: 1,
        num_attention_heads: 2,
        ffn_dim: 8,
      },
    },
  });
});
afterAll(async () => {
  await runtime.close();
  await rm(folder, { recursive: true });
});

const TINY = path.join(import.meta.dirname, '../..', 'models', 'tiny');
const MODELS = [
  { name: 'mono-a', at: () => goldenFolder('mono-a'), frames: 131 },
  { name: 'mono-b: constant padding, five stages', at: () => goldenFolder('mono-b'), frames: 77 },
  { name: 'causal: one LSTM layer', at: () => goldenFolder('causal'), frames: 101 },
  { name: 'stereo', at: () => goldenFolder('stereo'), frames: 60 },
  { name: 'no LSTM, causal', at: () => folder, frames: 90 },
  { name: 'tiny', at: () => TINY, frames: 155 },
];

/** Seeded noise whose loudness wanders, so that frames differ; half a frame longer than so many frames less one. */
function sound(model: Model, frames: number): Clip {
  const { sampleRate, hop } = codecOf(model).clock;
  const channels = Array.from({ length: codecOf(model).channels }, (_, c) => {
    const random = generator(seedOf('keep', c));
    return Float32Array.from({ length: Math.round((frames - 0.5) * hop) }, (_, i) => {
      const t = i / sampleRate;
      return 0.1 * (Math.sin(2765 * t) + Math.sin(4147 * t) * Math.sin(7 * t)) + 0.02 * random.normal();
    });
  });
  return { name: 'song.wav', sampleRate, channels };
}

const noise = (tokens: number, length: number, seed = 1): Perturbation => ({
  kind: 'noise',
  color: 'white',
  at: { tokens },
  length: { tokens: length },
  level: 'match',
  seed,
});

/** Disturbances of a clip of so many frames: the places where something could go wrong, and drawn ones. */
function disturbances(frames: number): Perturbation[][] {
  const random = generator(seedOf('windows', frames));
  const drawn = Array.from({ length: 3 }, (_, i) => {
    const length = 1 + random.integer(Math.floor(frames / 3));
    return [noise(random.integer(frames - length), length, i)];
  });
  const at = { tokens: 30 };
  const length = { tokens: 10 };
  return [
    [noise(0, 1)],
    [noise(0, 40)],
    [noise(frames - 3, 2)],
    // Just after a block begins: the last codes of the one before see it.
    [noise(26, 2)],
    [noise(50, 1)],
    [{ kind: 'silence', at: { seconds: 0.0101 }, length: { seconds: 0.0007 }, seed: 1 }],
    [{ kind: 'click', at: { seconds: 1.0101 }, level: { dbfs: -6 }, seed: 1 }],
    [{ kind: 'reverse', at, length, seed: 1 }],
    [{ kind: 'shuffle', block: { tokens: 2 }, at, length, seed: 1 }],
    [{ kind: 'identity', at, length, seed: 1 }],
    [noise(3, 2), noise(28, 1), noise(55, 4)],
    ...drawn,
  ];
}

/** The encoder's graphs of a checkpoint, each run in a session of its own. */
async function graphsOf(at: string, by = runtime) {
  const files = openFolder(at);
  const checkpoint = await openCheckpoint(files);
  const { codec, decoder } = parseConfig(checkpoint.config, at);
  const weights = weightsOf(checkpoint).under(decoder ? 'audio_encoder.' : '');
  const codebooks = decoder ? decoder.num_codebooks / decoder.audio_channels : 2;
  const sessions = new Map<ModelGraph, Session>();
  const run = async (graph: ModelGraph, feeds: Record<string, Tensor>, output: string) => {
    const session = sessions.get(graph) ?? (await by.open(graph, files));
    sessions.set(graph, session);
    return (await session.run(feeds, { fetch: [output] })).tensors[output];
  };
  return { codec, codebooks, run, graphs: encoderGraphs(codec, weights, { codebooks, short: false }) };
}

const audioOf = (data: Float32Array): Tensor => ({ type: 'float32', dims: [1, 1, data.length], data });

/** The codes of a sound by the encoder's graphs in one piece: no blocks, no states but zeros at the start. */
async function encodedWhole(at: string, clip: Clip): Promise<Codes[]> {
  const { codec, codebooks, run, graphs } = await graphsOf(at);
  const encoded: Codes[] = [];
  for (const data of clip.channels) {
    let rows = await run(graphs.convolutions, { audio: audioOf(data) }, 'features');
    const [frames, width] = rows.dims;
    if (graphs.lstm) {
      const dims = [2 * codec.num_lstm_layers, 1, width];
      const states: Tensor = { type: 'float32', dims, data: new Float32Array(dims[0] * width) };
      rows = await run(graphs.lstm, { features: { ...rows, dims: [frames, 1, width] }, states }, 'sequence');
    }
    const codes = await run(graphs.quantiser, { sequence: { ...rows, dims: [frames, width] } }, 'codes');
    encoded.push({ codebooks, frames, data: Int32Array.from(codes.data, Number) });
  }
  return encoded;
}

describe('kept encoding', () => {
  it.each(MODELS)('of $name: versions have the codes of encode', async ({ at, frames }) => {
    const model = await openModel(openFolder(at()), runtime);
    const clip = sound(model, frames);
    const kept = await keepEncoding(model, clip);
    expect(kept.codes).toEqual(await encode(model, clip));
    const versions = disturbances(frames).map((some) => perturbAll(clip, some, codecOf(model).clock).clip);
    const expected: Codes[] = [];
    for (const version of versions) expected.push(await encode(model, version));
    // Nothing shows in the codes of a version of what was encoded beside it, before it, or in which order.
    expect(await kept.encode(versions)).toEqual(expected);
    expect(await kept.encode(versions.toReversed())).toEqual(expected.toReversed());
    for (const i of [0, 2, 4, 10]) expect(await kept.encode([versions[i]])).toEqual([expected[i]]);
    expect(await kept.encode([clip])).toEqual([kept.codes]);
    expect(await kept.encode([])).toEqual([]);
    expect(
      expected.filter(({ data }) => data.some((code, i) => code !== kept.codes.data[i])).length,
    ).toBeGreaterThan(8);
    // Mono sound, and another length: encoded anew.
    const half = clip.channels[0].subarray(0, Math.round(clip.channels[0].length / 2));
    const mono = { ...clip, channels: [half] };
    expect(await kept.encode([mono, versions[1]])).toEqual([await encode(model, mono), expected[1]]);
    await model.close();
  });

  it.each(MODELS)('of $name: blocks have the codes of the encoder in one piece', async ({ at, frames }) => {
    const model = await openModel(openFolder(at()), runtime);
    const clip = sound(model, frames);
    const version = perturbAll(clip, [noise(40, 7)], codecOf(model).clock).clip;
    for (const one of [clip, version]) {
      const whole = await encodedWhole(at(), one);
      const { codebooks, data } = await encode(model, one);
      whole.forEach((codes, channel) => {
        const rows = Int32Array.from({ length: codes.data.length }, (_, i) => {
          const row = Math.floor(i / frames) * codecOf(model).channels + channel;
          return data[row * frames + (i % frames)];
        });
        expect(rows).toEqual(codes.data);
        expect(codebooks).toBe(codes.codebooks * codecOf(model).channels);
      });
    }
    await model.close();
  });

  it.each(MODELS)(
    'of $name: a frame has the same bits in any window that holds what it sees',
    async ({ at, frames }) => {
      for (const threads of [1, 5]) {
        const own = nodeRuntime({ threads });
        const { codec, run, graphs } = await graphsOf(at(), own);
        const { hop } = clockOf(codec);
        const random = generator(seedOf('bits', frames));
        const samples = Float32Array.from({ length: Math.round((frames - 0.3) * hop) }, () =>
          random.normal(),
        );
        const width = widthOf(codec);
        const featuresOf = (start: number, end: number) =>
          run(graphs.convolutions, { audio: audioOf(samples.subarray(start * hop, end * hop)) }, 'features');
        const whole = await featuresOf(0, frames);
        const embeddingsOf = (start: number, end: number) => {
          const data = Float32Array.from(whole.data.slice(start * width, end * width), Number);
          const sequence: Tensor = { type: 'float32', dims: [end - start, width], data };
          return run(graphs.quantiser, { sequence }, 'embeddings');
        };
        const parts = [
          { margin: convolutionMargin(codec), resultOf: featuresOf },
          { margin: quantiserMargin(codec), resultOf: embeddingsOf },
        ];
        for (const { margin, resultOf } of parts) {
          const all = await resultOf(0, frames);
          const [, size] = all.dims;
          const least = Math.max(leastFrames(codec), margin.before + margin.after + 1);
          for (const length of [least, least + 6, 30]) {
            for (const start of [0, 1, 17, frames - length]) {
              const window = await resultOf(start, start + length);
              const from = start === 0 ? 0 : start + margin.before;
              const to = start + length === frames ? frames : start + length - margin.after;
              expect(window.data.slice((from - start) * size, (to - start) * size)).toEqual(
                all.data.slice(from * size, to * size),
              );
            }
          }
        }
        await own.close();
      }
    },
  );

  it('looks no further than asked: what comes after is the clean clip’s', async () => {
    const model = await openModel(openFolder(TINY), runtime);
    const clip = sound(model, 155);
    const { frames, data } = await encode(model, clip);
    const kept = await codecOf(model).keep(clip.channels);
    const version = perturbAll(clip, [noise(60, 5)], codecOf(model).clock).clip;
    const full = await encode(model, version);
    const ends = [0, 60, 65, 70, 74, 75, 76, 98, 100, 154, 155];
    const cut = await kept.encode(ends.map((end) => ({ channels: version.channels, end })));
    ends.forEach((end, i) => {
      expect(cut[i].data).toEqual(full.data.map((code, j) => (j % frames < end ? code : data[j])));
    });
    await model.close();
  });

  it('refuses what it cannot compare', async () => {
    const model = await openModel(openFolder(goldenFolder('mono-a'), { name: 'mono-a' }), runtime);
    const clip = sound(model, 30);
    const kept = await keepEncoding(model, clip);
    const broken = clip.channels[0].with(7, Number.NaN);
    await expect(kept.encode([clip, { channels: [broken] }])).rejects.toThrow(/sample 7 is NaN/);
    await expect(kept.encode([{ channels: [] }])).rejects.toThrow(/0 channels of audio, the model takes 1/);
    await expect(keepEncoding(model, { ...clip, sampleRate: 8000 })).rejects.toThrow(
      /8000 Hz, mono-a takes 32000 Hz/,
    );
    await model.close();
  });

  it('has margins as wide as what the convolutions see', async () => {
    const released = { model_type: 'encodec', sampling_rate: 32000, upsampling_ratios: [8, 5, 4, 4] };
    const { codec } = parseConfig({ ...released, use_causal_conv: false, target_bandwidths: [2.2] }, 'x');
    // 8.5 frames in all (5428 samples): 6 of them in the last convolution, and 2.5 around each of its own.
    expect(quantiserMargin(codec)).toEqual({ before: 3, after: 3 });
    expect(convolutionMargin(codec)).toEqual({ before: 1, after: 1 });
    const { codec: causal } = parseConfig({ ...released, use_causal_conv: true }, 'x');
    expect(quantiserMargin(causal)).toEqual({ before: 6, after: 0 });
    expect(convolutionMargin(causal)).toEqual({ before: 2, after: 0 });
    // The last one pads up to 4 + 7 samples where a frame has 8, and one more frame may be short.
    expect([leastFrames(codec), leastFrames(causal)]).toEqual([3, 3]);
    expect([widthOf(codec), clockOf(codec).hop]).toEqual([512, 640]);
  });
});

describe('kept scoring', () => {
  const K = 4;
  const LONG = 131;
  /** Codes that never repeat a pattern; in `places`, others. */
  const piece = (places: readonly (readonly [number, number])[] = []): Codes => ({
    codebooks: K,
    frames: LONG,
    data: Int32Array.from({ length: K * LONG }, (_, i) => {
      const t = i % LONG;
      const other = places.some(([start, end]) => t >= start && t < end);
      return (i * 7919 + i * i * 31 + (other ? 5 : 0)) % 512;
    }),
  });
  const random = generator(seedOf('codes'));
  const drawn = Array.from({ length: 8 }, () => {
    const start = random.integer(LONG);
    return [[start, start + 1 + random.integer(LONG - start)]] as const;
  });
  const versions = [
    [],
    [[0, 1]],
    [[0, LONG]],
    [[LONG - 1, LONG]],
    [
      [20, 25],
      [80, 81],
    ],
    ...drawn,
  ] as const;

  it.each(['mono-a', 'melody'])(
    'of %s gives the bits of score, whatever changed and however far',
    async (name) => {
      const model = await openModel(openFolder(goldenFolder(name)), runtime);
      for (const protocol of PROTOCOLS) {
        const kept = await keepScoring(model, piece(), { protocol });
        expect(kept.loss).toEqual(await score(model, piece(), { protocol }));
        for (const places of versions) {
          const version = piece(places);
          const full = await score(model, version, { protocol });
          expect(await kept.score(version)).toEqual(full);
          const from = places[0]?.[0] ?? 0;
          for (const end of [0, 1, from, from + 1, from + 2, from + 30, LONG - 1, LONG, LONG + 9]) {
            const cut = (all: Float32Array) => all.map((value, i) => (i % LONG < end ? value : Number.NaN));
            expect(await kept.score(version, { end }), `${protocol} ${places} to ${end}`).toEqual({
              ...full,
              values: cut(full.values),
              entropy: cut(full.entropy),
              spread: cut(full.spread ?? new Float32Array(0)),
            });
          }
        }
        const shorter = { codebooks: K, frames: 30, data: piece().data.slice(0, 30 * K) };
        expect(await kept.score(shorter)).toEqual(await score(model, shorter, { protocol }));
        await kept.release();
        await expect(kept.score(piece([[3, 4]]))).rejects.toThrow(/kept tensor that was released/);
      }
      await model.close();
    },
  );
});
