// Rotary decoders against transformers: LLaMA with grouped heads and with tied ones, Aria; notes as Aria's tokens.

import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { score } from '../../src/loss/loss.js';
import { meanLoss } from '../../src/loss/means.js';
import { openCheckpoint } from '../../src/models/checkpoint.js';
import { openModel } from '../../src/models/open.js';
import { ariaTokens } from '../../src/models/rotary/aria.js';
import { ariaForm } from '../../src/models/rotary/config.js';
import { tokenDecoder } from '../../src/models/rotary/decoder.js';
import { rotaryGraph } from '../../src/models/rotary/graph.js';
import { weightsOf } from '../../src/models/weights.js';
import { openFolder } from '../../src/node/files.js';
import { nodeRuntime } from '../../src/node/runtime.js';
import { readMidi } from '../../src/symbolic/midi.js';
import { noteTokens } from '../../src/symbolic/note_tokens.js';
import { goldenFolder, largestDifference, openGolden, predictedBy } from '../golden.js';

const runtime = nodeRuntime({ threads: 2 });
afterAll(() => runtime.close());

const opened = (name: string) => openModel(openFolder(goldenFolder(name), { name }), runtime);

describe('a LLaMA', () => {
  it.each(['llama-grouped', 'llama-tied'])("%s has transformers' losses and entropies", async (name) => {
    const golden = await openGolden(name);
    const model = await opened(name);
    const data = Int32Array.from(golden.tensor('ids').data);
    const loss = await score(model, { codebooks: 1, frames: data.length, data });
    expect([loss.protocol, loss.values[0]]).toEqual(['sequence', Number.NaN]);
    expect(largestDifference(loss.values.subarray(1), golden.tensor('nll').data)).toBeLessThan(2e-5);
    expect(largestDifference(loss.entropy.subarray(1), golden.tensor('entropy').data)).toBeLessThan(2e-5);
    await model.close();
  });

  it('gives the spread of its predictions: those of all continuations say what it is', async () => {
    const model = await opened('llama-grouped');
    const golden = await openGolden('llama-grouped');
    const ids = Int32Array.from(golden.tensor('ids').data).slice(0, 9);
    const scored = (tokens: Int32Array) =>
      score(model, { codebooks: 1, frames: tokens.length, data: tokens });
    const { entropy, spread } = await scored(ids);
    for (const length of [2, 9]) {
      const logs: number[] = [];
      for (let last = 0; last < model.codebookSize; last++) {
        const { values } = await scored(Int32Array.of(...ids.subarray(0, length - 1), last));
        logs.push(-values[length - 1]);
      }
      const expected = predictedBy(logs);
      expect(Math.abs(entropy[length - 1] - expected.entropy)).toBeLessThan(1e-5);
      expect(Math.abs((spread?.[length - 1] ?? Number.NaN) - expected.spread)).toBeLessThan(1e-5);
    }
    expect(spread?.[0]).toBeNaN();
    await model.close();
  });

  it('is scored on what was kept to the bit, wherever versions differ and however many threads there are', async () => {
    for (const threads of [1, 5]) {
      const own = nodeRuntime({ threads });
      const model = await openModel(openFolder(goldenFolder('llama-grouped')), own);
      const { language } = model;
      if (!language) throw new Error('a LLaMA is a language model');
      for (const [frames, step] of [
        [2, 1],
        [7, 1],
        [50, 9],
        [131, 13],
      ]) {
        const version = (from: number) => ({
          codebooks: 1,
          frames,
          data: Int32Array.from({ length: frames }, (_, t) => (t * t * 31 + (t >= from ? 5 : 0)) % 150),
        });
        const kept = await language.keep(version(frames));
        for (let from = 0; from < frames; from += step) {
          expect(await kept.score(version(from)), `${frames} from ${from}`).toEqual(
            await language.score(version(from)),
          );
        }
        await kept.release();
      }
      await own.close();
    }
  });
});

describe('Aria', () => {
  it("has transformers' losses and entropies, whatever its tokens are", async () => {
    const golden = await openGolden('aria');
    const files = openFolder(golden.folder, { name: 'aria' });
    const checkpoint = await openCheckpoint(files);
    const form = ariaForm(checkpoint.config, 'aria');
    const session = await runtime.open(rotaryGraph(form, weightsOf(checkpoint)), files);
    const decoder = tokenDecoder(form, { open: async () => session, name: 'aria' });
    const tokens = Int32Array.from(golden.tensor('ids').data);
    const { nll, entropy } = await decoder.score(tokens);
    expect(largestDifference(nll, golden.tensor('nll').data)).toBeLessThan(2e-5);
    expect(largestDifference(entropy, golden.tensor('entropy').data)).toBeLessThan(2e-5);
    await expect(decoder.score(new Int32Array(1025))).rejects.toThrow(
      'aria: 1025 tokens, the model reads 1024 at most; score a shorter passage, or windows of it',
    );
    await session.close();
  });

  it('scores notes row by row, drums without a duration, and the signs between segments apart', async () => {
    const model = await opened('aria');
    expect(model).toMatchObject({ codebooks: 3, step: 'event', rows: ['note', 'onset', 'duration'] });
    expect(model.codec).toBeUndefined();
    const piano = (pitch: number) => pitch * 13 + 8;
    const rows = [
      [piano(60), piano(64), 16_640 + 1, piano(67)],
      [100, 100, 720, 1650],
      [20, 500, 0, 1],
    ];
    const codes = { codebooks: 3, frames: 4, data: Int32Array.from(rows.flat()) };
    const { tokens, apart } = ariaTokens(codes, 'aria');
    expect(Array.from(tokens)).toEqual(
      [
        [6, 16, 0],
        [39 + rows[0][0], 17_227, 16_746],
        [39 + rows[0][1], 17_227, 17_226],
        [5, 16_680, 17_227 + 120],
        [5, 5, 39 + rows[0][3], 17_227 + 50, 16_727],
      ].flat(),
    );
    expect(apart?.map(({ position }) => position)).toEqual([2, 3, 3]);
    const loss = await score(model, codes);
    expect(Array.from(loss.values).flatMap((value, i) => (Number.isNaN(value) ? [i] : []))).toEqual([
      2 * 4 + 2,
    ]);
    expect(Array.from(loss.apart?.positions ?? [])).toEqual([2, 3, 3]);
    expect(loss.apart?.values.every((value) => value > 0)).toBe(true);
    expect(meanLoss(loss)).toBeGreaterThan(1);
    const wrong = (row: number, i: number, value: number) => ({
      ...codes,
      data: codes.data.with(row * 4 + i, value),
    });
    for (const [bad, cause] of [
      [wrong(1, 2, 50), /^aria: note 2 begins before the one before it/],
      [wrong(2, 2, 9), /^aria: note 2 lasts 9 steps of 10 ms, expected 0, as it is a drum$/],
      [wrong(2, 0, 501), /^aria: note 0 lasts 501 steps of 10 ms, expected 1 to 500$/],
      [wrong(0, 0, 17_000), /^aria: note 0 is 17000, expected 0 to 16687$/],
    ] as const) {
      await expect(score(model, bad)).rejects.toThrow(cause);
    }
    await model.close();
  });

  it("reads scores as the published tokenizer's ids: pedal, segments, drums, long notes, instruments, tempi", () => {
    const text = readFileSync(new URL('../golden/note_tokens.json', import.meta.url), 'utf8');
    const cases: Record<string, { midi: string; ids: number[] }> = JSON.parse(text);
    expect(Object.keys(cases).length).toBe(17);
    for (const [name, { midi, ids }] of Object.entries(cases)) {
      const { codes, seconds } = noteTokens(readMidi(new Uint8Array(Buffer.from(midi, 'base64')), name));
      expect(Array.from(ariaTokens(codes, name).tokens), name).toEqual(ids);
      expect(seconds.length).toBe(codes.frames);
    }
  });

  it("is told apart from transformers' own, and from what its graph cannot be", async () => {
    const config = JSON.parse(await readFile(path.join(goldenFolder('llama-tied'), 'config.json'), 'utf8'));
    const refused: [object, RegExp][] = [
      [
        { model_type: 'aria', vision_config: {} },
        /model_type "aria" without max_seq_len is transformers' Aria/,
      ],
      [{ ...config, hidden_act: 'gelu' }, /config\.json: hidden_act/],
      [
        { ...config, rope_parameters: { rope_type: 'llama3', rope_theta: 1e4 } },
        /rope_parameters\.rope_type/,
      ],
      [
        { ...config, num_key_value_heads: 2 },
        /num_attention_heads 3 is not a multiple of num_key_value_heads 2/,
      ],
      [{ ...config, head_dim: 5 }, /heads of 5 numbers cannot be turned in pairs/],
      [{ ...config, tie_word_embeddings: false }, /lm_head\.weight missing/],
    ];
    const folder = await mkdtemp(path.join(tmpdir(), 'losscope-rotary-'));
    await writeFile(
      path.join(folder, 'model.safetensors'),
      await readFile(path.join(goldenFolder('llama-tied'), 'model.safetensors')),
    );
    for (const [json, cause] of refused) {
      await writeFile(path.join(folder, 'config.json'), JSON.stringify(json));
      await expect(openModel(openFolder(folder, { name: 'x' }), runtime)).rejects.toThrow(cause);
    }
    await expect(
      openModel(openFolder(goldenFolder('llama-tied')), runtime, { precision: 'w8a8' }),
    ).rejects.toThrow(/runs in fp32 only/);
    await rm(folder, { recursive: true });
  });
});
