// Generation, under conditions too: steps against full passes to the bit, guidance against two of them.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCheckpoint } from '../../bench/make-checkpoint.js';
import { type Codes, rowsOf } from '../../src/audio/codes.js';
import { generate, guidanceOf, SAMPLING, type Sampling } from '../../src/loss/generate.js';
import type { Condition } from '../../src/models/condition.js';
import { codecOf, type Model } from '../../src/models/model.js';
import type { Decoder } from '../../src/models/musicgen/decoder.js';
import { type Columns, delayed, toColumns } from '../../src/models/musicgen/delay.js';
import { openModel } from '../../src/models/open.js';
import { openFolder } from '../../src/node/files.js';
import { nodeRuntime } from '../../src/node/runtime.js';
import { generator, seedOf } from '../../src/stats/random.js';
import { goldenFolder, largestDifference, openGolden } from '../golden.js';
import { decoderOf } from '../musicgen.js';

const runtime = nodeRuntime({ threads: 2 });
const models = new Map<string, Model>();
let folder = '';

/** A stereo MusicGen that reads text, and one that reads a melody too: none of the oracle's does. */
const STEREO_TEXT = {
  model_type: 'musicgen',
  audio_encoder: {
    model_type: 'encodec',
    sampling_rate: 32_000,
    upsampling_ratios: [8, 5, 4, 4],
    num_filters: 4,
    hidden_size: 16,
    codebook_size: 64,
    num_lstm_layers: 1,
    use_causal_conv: false,
    use_conv_shortcut: false,
    target_bandwidths: [1],
  },
  text_encoder: {
    model_type: 't5',
    vocab_size: 50,
    d_model: 24,
    d_kv: 8,
    d_ff: 48,
    num_layers: 2,
    num_heads: 3,
  },
  decoder: {
    num_codebooks: 4,
    audio_channels: 2,
    vocab_size: 64,
    hidden_size: 32,
    num_hidden_layers: 3,
    num_attention_heads: 4,
    ffn_dim: 64,
  },
};

const STEREO_MELODY = { ...STEREO_TEXT, model_type: 'musicgen_melody', chroma_length: 20, num_chroma: 12 };

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'losscope-told-'));
  const made = (name: string) => path.join(folder, name);
  await makeCheckpoint(made('stereo-text'), { config: STEREO_TEXT });
  await makeCheckpoint(made('stereo-melody'), { config: STEREO_MELODY });
  for (const [name, where] of [
    ['mono-a', goldenFolder('mono-a')],
    ['text', goldenFolder('text')],
    ['melody', goldenFolder('melody')],
    ['stereo-text', made('stereo-text')],
    ['stereo-melody', made('stereo-melody')],
  ]) {
    models.set(name, await openModel(openFolder(where, { name }), runtime));
  }
});

afterAll(async () => {
  await runtime.close();
  await rm(folder, { recursive: true, force: true });
});

function modelOf(name: string): Model {
  const model = models.get(name);
  if (!model) throw new Error(`no model ${name}`);
  return model;
}

const GREEDY: Sampling = { ...SAMPLING, topK: 1 };
const textGolden = await openGolden('text');
const melodyGolden = await openGolden('melody');
const textIds = Array.from(textGolden.tensor('text_ids').data);
const longIds = Array.from(textGolden.tensor('text_ids_long').data);
const melodyIds = Array.from(melodyGolden.tensor('text_ids').data);
const chroma = [0, 4, 7, 11, 2, 9];

const CASES: [model: string, name: string, condition: Condition][] = [
  ['mono-a', 'nothing', {}],
  ['text', 'a text', { textIds }],
  ['text', 'a long text', { textIds: longIds }],
  ['text', 'the null text', { missing: 'null' }],
  ['stereo-text', 'a text, both channels', { textIds: [7, 33, 2, 1] }],
  ['stereo-melody', 'a text and a melody, both channels', { textIds: [7, 33, 2, 1], chroma }],
  ['melody', 'nothing: the null condition', {}],
  ['melody', 'no prefix', { missing: 'absent' }],
  ['melody', 'a melody', { chroma }],
  ['melody', 'a text', { textIds: melodyIds }],
  ['melody', 'a text and no melody', { textIds: melodyIds, missing: 'absent' }],
  ['melody', 'a text and a melody', { textIds: melodyIds, chroma }],
];

/** Tokens of any codes, in columns. */
function someColumns(model: Model, frames: number) {
  const { codebooks, codebookSize } = model;
  const data = Int32Array.from(
    { length: codebooks * frames },
    (_, i) => (i * 7919 + i * i * 31) % codebookSize,
  );
  return toColumns({ codebooks, frames, data }, delayed(codebooks, codecOf(model).channels), codebookSize);
}

/** [K] logits [columns, V] of a full pass. */
function fullPass(language: Decoder, tokens: Columns) {
  return Promise.all(Array.from({ length: language.codebooks }, (_, k) => language.logits(tokens, k)));
}

/** What guidance makes of logits, in float32. */
function combined(told: ArrayLike<number>, untold: ArrayLike<number>, guidance: number): Float32Array {
  return Float32Array.from({ length: told.length }, (_, i) => untold[i] + guidance * (told[i] - untold[i]));
}

describe('decoding by steps', () => {
  it.each(CASES)(
    'of %s, told %s, gives the logits of one full pass, bit for bit',
    async (name, _, condition) => {
      const model = modelOf(name);
      const language = decoderOf(await model.conditioned(condition));
      const { codebooks, codebookSize } = model;
      for (const [frames, streams] of [
        [1, 1],
        [23, 1],
        [40, 3],
      ]) {
        const tokens = someColumns(model, frames);
        const columns = tokens.columns - 1;
        const full = await fullPass(language, tokens);
        const decoding = await language.decoding({ columns, streams });
        let worst = 0;
        for (let column = 0; column < columns; column++) {
          // The last stream reads the sequence, the others something else.
          const read = Int32Array.from({ length: codebooks * streams }, (_, i) =>
            i % streams === streams - 1
              ? tokens.data[Math.floor(i / streams) * tokens.columns + column]
              : i % codebookSize,
          );
          const logits = await decoding.step(read);
          for (let k = 0; k < codebooks; k++) {
            const expected = full[k].subarray(column * codebookSize, (column + 1) * codebookSize);
            const own = logits[k].subarray((streams - 1) * codebookSize);
            worst = Math.max(worst, largestDifference(own, expected));
          }
        }
        expect(worst).toBe(0);
        await decoding.release();
      }
    },
  );

  it.each(CASES)(
    'of %s, told %s and guided, weighs two full passes against each other',
    async (name, _, condition) => {
      const model = modelOf(name);
      const language = decoderOf(await model.conditioned(condition));
      const { codebooks, codebookSize } = model;
      const tokens = someColumns(model, 17);
      const columns = tokens.columns - 1;
      const told = await fullPass(language, tokens);
      const untold = await fullPass(language.unguided(), tokens);
      const [guidance, streams] = [2.5, 2];
      const decoding = await language.decoding({ columns, streams, guidance });
      for (let column = 0; column < columns; column++) {
        const read = Int32Array.from(
          { length: codebooks * streams },
          (_, i) => tokens.data[Math.floor(i / streams) * tokens.columns + column],
        );
        const logits = await decoding.step(read);
        for (let k = 0; k < codebooks; k++) {
          const at = [column * codebookSize, (column + 1) * codebookSize] as const;
          const expected = combined(told[k].subarray(...at), untold[k].subarray(...at), guidance);
          expect(logits[k]).toEqual(Float32Array.of(...expected, ...expected));
        }
      }
      await decoding.release();
    },
  );

  it('steers away from no condition at all, and for a melody model from its null condition', async () => {
    const text = modelOf('text');
    const tokens = someColumns(text, 9);
    const unguided = decoderOf(await text.conditioned({ textIds })).unguided();
    expect(await fullPass(unguided, tokens)).toEqual(await fullPass(decoderOf(text.language), tokens));

    const melody = modelOf('melody');
    const columns = someColumns(melody, 9);
    const without = await fullPass(decoderOf(melody.language), columns);
    // The null text of a melody alone is one zero vector; beside a text, as many as the text has tokens.
    expect(await fullPass(decoderOf(await melody.conditioned({ chroma })).unguided(), columns)).toEqual(
      without,
    );
    const longer = decoderOf(await melody.conditioned({ textIds: melodyIds, chroma })).unguided();
    expect(await fullPass(longer, columns)).not.toEqual(without);
  });
});

/** The first maximum. */
function argmax(logits: Float32Array): number {
  return logits.indexOf(Math.max(...logits));
}

/** Codes drawn greedily, every column by full passes over all before it. */
async function byFullPasses(
  model: Model,
  condition: Condition,
  guidance: number,
  frames: number,
): Promise<number[][]> {
  const language = decoderOf(await model.conditioned(condition));
  const { codebooks: K, codebookSize: V } = model;
  const { delays } = delayed(K, codecOf(model).channels);
  const sequence = [new Array<number>(K).fill(V)];
  for (let column = 0; column < frames + Math.max(...delays); column++) {
    // One more column is laid out, and never read.
    const data = Int32Array.from(delays.flatMap((_, k) => [...sequence.map((tokens) => tokens[k]), 0]));
    const tokens = { codebooks: K, columns: sequence.length + 1, data };
    const told = await fullPass(language, tokens);
    const untold = await fullPass(language.unguided(), tokens);
    sequence.push(
      delays.map((delay, k) => {
        const frame = column - delay;
        if (frame < 0 || frame >= frames) return V;
        const steered = combined(told[k].subarray(column * V), untold[k].subarray(column * V), guidance);
        return argmax(guidance === 1 ? told[k].subarray(column * V) : steered);
      }),
    );
  }
  return delays.map((delay, k) => sequence.slice(delay + 1, delay + 1 + frames).map((tokens) => tokens[k]));
}

function plainRows(codes: Codes): number[][] {
  return rowsOf(codes).map((row) => Array.from(row));
}

describe('greedy generation', () => {
  it.each([
    ['text', { textIds }, 1],
    ['text', { textIds }, 3],
    ['stereo-text', { textIds: [7, 33, 2, 1] }, 3],
    ['melody', { chroma }, 1],
    ['melody', { chroma }, 3],
    ['melody', { textIds: melodyIds, chroma }, 4],
  ] as const)(
    'of %s told %j, guidance %d, is the argmax of step-by-step full passes',
    async (name, condition, guidance) => {
      const model = modelOf(name);
      const frames = 9;
      const randoms = [1, 2].map((seed) => generator(seedOf(seed)));
      const [codes, other] = await generate(model, {
        frames,
        randoms,
        sampling: GREEDY,
        condition,
        guidance,
      });
      expect(other).toEqual(codes);
      expect(plainRows(codes)).toEqual(await byFullPasses(model, condition, guidance, frames));
    },
  );

  it('is guided by 3 unless told otherwise, and not without a condition', async () => {
    const model = modelOf('text');
    const make = (options: Pick<Parameters<typeof generate>[1], 'condition' | 'guidance'>) =>
      generate(model, { frames: 12, randoms: [generator(seedOf(1))], sampling: GREEDY, ...options });
    const prompt = { prompt: 'sad piano' };
    expect(await make({ condition: prompt })).toEqual(await make({ condition: prompt, guidance: 3 }));
    expect(await make({ condition: prompt })).not.toEqual(await make({ condition: prompt, guidance: 1 }));
    expect(await make({ condition: {} })).toEqual(await make({}));
    expect([guidanceOf({}), guidanceOf({ condition: { chroma } })]).toEqual([undefined, 3]);
    await expect(make({ guidance: 3 })).rejects.toThrow(
      /^generate: guidance needs a prompt or a melody to guide with; give one, or leave it out$/,
    );
    await expect(make({ condition: { missing: 'null' }, guidance: 1 })).rejects.toThrow(
      /needs a prompt or a melody/,
    );
    for (const guidance of [0, 0.5, Number.NaN, Number.POSITIVE_INFINITY])
      await expect(make({ condition: prompt, guidance })).rejects.toThrow(
        /^generate: guidance .*, expected at least 1/,
      );
    await expect(make({ condition: { chroma } })).rejects.toThrow(/^text: takes no melody/);
  });
});
