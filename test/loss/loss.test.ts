// src/score: losses against the oracle, what may depend on what, and that the next token is what is scored.

import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeCheckpoint } from '../../bench/make-checkpoint.js';
import type { Codes } from '../../src/audio/codes.js';
import { keepScoring } from '../../src/loss/keep.js';
import { score } from '../../src/loss/loss.js';
import { meanByCodebook, meanLoss, rowsOfLoss } from '../../src/loss/means.js';
import { codecOf, type Model } from '../../src/models/model.js';
import { delayed, toColumns } from '../../src/models/musicgen/delay.js';
import { openModel } from '../../src/models/open.js';
import { openFolder } from '../../src/node/files.js';
import { nodeRuntime } from '../../src/node/runtime.js';
import { readSafetensorsHeader } from '../../src/onnx/safetensors.js';
import { goldenFolder, largestDifference, openGolden, predictedBy } from '../golden.js';
import { decoderOf, PROTOCOLS } from '../musicgen.js';

const runtime = nodeRuntime();
afterAll(() => runtime.close());

function openNamed(folder: string): Promise<Model> {
  return openModel(openFolder(goldenFolder(folder), { name: folder }), runtime);
}

/** Codes that never repeat a pattern; `from` on, another piece. */
function piece(frames: number, from = frames): Codes {
  const data = Int32Array.from({ length: 4 * frames }, (_, i) => {
    const other = i % frames >= from ? 5 : 0;
    return (i * 7919 + i * i * 31 + other) % 512;
  });
  return { codebooks: 4, frames, data };
}

describe('loss', () => {
  const cases = [
    { folder: 'mono-a', signals: ['', 'odd.', 'short.', 'long.'] },
    { folder: 'mono-b', signals: ['', 'odd.', 'short.'] },
    { folder: 'sharded', signals: ['', 'long.'] },
  ];
  it.each(cases)(
    "of $folder is the oracle's at every position, by both protocols",
    async ({ folder, signals }) => {
      const golden = await openGolden(folder);
      const model = await openNamed(folder);
      for (const signal of signals) {
        const codes = golden.codes(`${signal}codes`);
        const { codebooks: K, frames: T } = codes;
        const every = await score(model, codes, { untrained: 'scored' });
        const expected = golden.tensor(`${signal}nll_delayed`).data;
        expect(largestDifference(every.values, expected)).toBeLessThan(2e-5);
        const mean = Array.from(expected).reduce((sum, nll) => sum + nll, 0) / (K * T);
        expect(Math.abs(meanLoss(every) - mean)).toBeLessThan(2e-6);

        const masked = await score(model, codes);
        expect(masked.protocol).toBe('delayed');
        masked.values.forEach((value, i) => {
          expect(value).toBe(i % T < T - Math.floor(i / T) ? every.values[i] : Number.NaN);
        });
        if (!golden.has(`${signal}nll_undelayed`)) continue;
        const undelayed = rowsOfLoss(await score(model, codes, { protocol: 'undelayed' }));
        expect(undelayed.map(([first]) => first)).toEqual(new Array(K).fill(Number.NaN));
        const scored = undelayed.flatMap((row) => row.slice(1));
        expect(largestDifference(scored, golden.tensor(`${signal}nll_undelayed`).data)).toBeLessThan(2e-5);
      }
      const { entropy, spread } = await score(model, golden.codes('codes'), { untrained: 'scored' });
      const { shape, data } = golden.tensor('logits');
      const [K, F, V] = shape;
      for (let k = 0; k < K; k++) {
        for (let t = 0; t < F; t++) {
          // Of the oracle's own distribution for code (k, t).
          const logits = Array.from({ length: V }, (_, v) => data[(k * F + t) * V + v]);
          const expected = predictedBy(logits);
          const at = (k * entropy.length) / K + t;
          expect(Math.abs(entropy[at] - expected.entropy)).toBeLessThan(2e-5);
          expect(Math.abs((spread?.[at] ?? Number.NaN) - expected.spread)).toBeLessThan(1e-5);
        }
      }
      const tokens = toColumns(golden.codes('codes'), delayed(K), V);
      for (let k = 0; k < K; k++) {
        const logits = await decoderOf(model.language).logits(tokens, k);
        const aligned = logits.subarray(k * V, (k + F) * V);
        expect(largestDifference(aligned, Array.from(data).slice(k * F * V, (k + 1) * F * V))).toBeLessThan(
          2e-5,
        );
      }
      await model.close();
    },
  );

  it('of one frame: only codebook 0 has a loss delayed, nothing has undelayed, all have unshifted', async () => {
    const model = await openNamed('mono-a');
    const loss = await score(model, piece(1));
    expect(Array.from(loss.values, Number.isNaN)).toEqual([false, true, true, true]);
    expect(meanByCodebook(loss).map(Number.isNaN)).toEqual([false, true, true, true]);
    const undelayed = await score(model, piece(1), { protocol: 'undelayed' });
    expect(Array.from(undelayed.values)).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
    expect(meanLoss(undelayed)).toBeNaN();
    const unshifted = await score(model, piece(1), { protocol: 'unshifted' });
    expect(Array.from(unshifted.values, Number.isNaN)).toEqual([false, false, false, false]);
    await model.close();
  });

  it("is refused for codes that are not the model's", async () => {
    const model = await openNamed('mono-a');
    const refusals: [Codes, RegExp][] = [
      [
        { codebooks: 4, frames: 2, data: Int32Array.of(0, 1, 2, 3, 4, 5, 6, 512) },
        /mono-a: code 512 \(codebook 3, frame 1\), expected 0 to 511/,
      ],
      [
        { codebooks: 4, frames: 2, data: Int32Array.of(0, 1, -1, 3, 4, 5, 6, 7) },
        /code -1 \(codebook 1, frame 0\)/,
      ],
      [{ codebooks: 2, frames: 1, data: Int32Array.of(0, 1) }, /codes have 2 codebooks, the model has 4/],
      [{ codebooks: 4, frames: 0, data: new Int32Array(0) }, /at least one frame expected/],
      [{ codebooks: 4, frames: 3, data: new Int32Array(8) }, /8 codes given as \[4, 3\]/],
    ];
    for (const [codes, cause] of refusals) await expect(score(model, codes)).rejects.toThrow(cause);
    const codec = await openNamed('causal');
    await expect(score(codec, piece(3))).rejects.toThrow(/causal: a codec alone has no language model/);
    await model.close();
    await codec.close();
  });
});

/** mono-a with every weight cut to bfloat16, stored as such or as float32, behind a tensor of so many bytes. */
async function writeCut(folder: string, dtype: 'BF16' | 'F32', leadingBytes: number): Promise<void> {
  const file = new Uint8Array(await readFile(path.join(goldenFolder('mono-a'), 'model.safetensors')));
  const { tensors, dataStart } = await readSafetensorsHeader(
    async (a, b) => file.slice(a, b),
    file.length,
    'mono-a',
  );
  const size = dtype === 'BF16' ? 2 : 4;
  const data = new Uint8Array(leadingBytes + ((file.length - dataStart) / 4) * size);
  const header: Record<string, unknown> = {
    odd: { dtype: 'U8', shape: [leadingBytes], data_offsets: [0, leadingBytes] },
  };
  for (const [name, { offset, length, shape }] of tensors) {
    const begin = leadingBytes + ((offset - dataStart) / 4) * size;
    header[name] = { dtype, shape, data_offsets: [begin, begin + (length / 4) * size] };
    for (let i = 0; i < length / 4; i++) {
      data.set(file.subarray(offset + 4 * i + 2, offset + 4 * i + 4), begin + size * i + size - 2); // the upper half
    }
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const length = new Uint8Array(new BigUint64Array([BigInt(json.length)]).buffer);
  await writeFile(path.join(folder, 'model.safetensors'), Buffer.concat([length, json, data]));
  await copyFile(path.join(goldenFolder('mono-a'), 'config.json'), path.join(folder, 'config.json'));
}

describe('bfloat16', () => {
  it('weights give the bits of the same values stored as float32, at odd addresses too', async () => {
    const losses = [];
    for (const [dtype, leadingBytes] of [
      ['F32', 0],
      ['F32', 1],
      ['BF16', 1],
    ] as const) {
      const folder = await mkdtemp(path.join(tmpdir(), 'losscope-'));
      try {
        await writeCut(folder, dtype, leadingBytes);
        const model = await openModel(openFolder(folder), runtime);
        const codes = await codecOf(model).encode([
          Float32Array.from({ length: 9000 }, (_, i) => 0.3 * Math.sin(i * i * 1e-5)),
        ]);
        losses.push({ codes, loss: await score(model, codes) });
        await model.close();
      } finally {
        await rm(folder, { recursive: true });
      }
    }
    expect(losses[1]).toEqual(losses[0]);
    expect(losses[2]).toEqual(losses[0]);
  });
});

describe('causality', () => {
  it('editing code (k, f) leaves every loss bit-equal whose column is not after it, and changes those after', async () => {
    const model = await openNamed('mono-a');
    const T = 60;
    const codes = piece(T);
    for (const protocol of PROTOCOLS) {
      const before = await score(model, codes, { protocol, untrained: 'scored' });
      const lag = (k: number) => (protocol === 'delayed' ? k : 0);
      for (const [k, f] of [
        [0, 30],
        [1, 30],
        [3, 17],
        [2, 59],
        [0, 0],
      ]) {
        const data = codes.data.with(k * T + f, (codes.data[k * T + f] + 1) % 512);
        const after = await score(model, { ...codes, data }, { protocol, untrained: 'scored' });
        for (let row = 0; row < 4; row++) {
          for (let t = 0; t < T; t++) {
            const i = row * T + t;
            if (Number.isNaN(before.values[i])) continue;
            // The edited code stands in a column before this one's; unshifted, its own column has been read too.
            const [column, editedColumn] = [t + lag(row), f + lag(k)];
            const reads = protocol === 'unshifted' ? column >= editedColumn : column > editedColumn;
            const isEdited = row === k && t === f;
            expect(after.values[i] !== before.values[i], `${protocol} (${k}, ${f}) -> (${row}, ${t})`).toBe(
              reads || isEdited,
            );
          }
        }
      }
    }
    await model.close();
  });
});

describe('prefix', () => {
  it('gives the bits of a full run, wherever it ends and however many threads there are', async () => {
    const runs = [
      { folder: 'mono-a', threads: 5 },
      { folder: 'mono-b', threads: 1 },
    ];
    // 6 query blocks: short sequences have blocks of 0 and 1 queries, 130 frames uneven ones.
    const lengths = [
      [1, 1],
      [2, 1],
      [3, 1],
      [7, 1],
      [12, 1],
      [50, 9],
      [130, 11],
    ];
    for (const { folder, threads } of runs) {
      const own = nodeRuntime({ threads });
      const model = await openModel(openFolder(goldenFolder(folder)), own);
      for (const [T, step] of lengths) {
        for (const protocol of PROTOCOLS) {
          if (T === 1 && protocol === 'undelayed') continue;
          const kept = await keepScoring(model, piece(T), { protocol, untrained: 'scored' });
          expect(kept.loss).toEqual(await score(model, piece(T), { protocol, untrained: 'scored' }));
          expect(await kept.score(piece(T))).toEqual(kept.loss);
          for (let from = 0; from < T; from += step) {
            const full = await score(model, piece(T, from), { protocol, untrained: 'scored' });
            expect(await kept.score(piece(T, from)), `${folder} ${protocol} T=${T} from=${from}`).toEqual(
              full,
            );
          }
          await kept.release();
        }
      }
      await model.close();
      await own.close();
    }
  });

  it('is refused after its release, and for another length', async () => {
    const model = await openNamed('mono-a');
    const kept = await keepScoring(model, piece(20));
    await kept.release();
    await expect(kept.score(piece(20, 5))).rejects.toThrow(/kept tensor that was released/);
    const decoder = decoderOf(model.language);
    const columns = (frames: number) => toColumns(piece(frames), delayed(4), decoder.startToken);
    const prefix = await decoder.keep(columns(20));
    await expect(decoder.score(columns(21), { prefix })).rejects.toThrow(
      /prefix of 24 columns cannot begin a run of 25/,
    );
    await expect(decoder.score(columns(20), { prefix, ahead: 0 })).rejects.toThrow(/of one protocol/);
    await prefix.release();
    await model.close();
  });
});

describe('copy detector', () => {
  const V = 8;
  const K = 2;
  const hidden = 32;
  const config = {
    model_type: 'musicgen',
    audio_encoder: {
      model_type: 'encodec',
      num_filters: 2,
      hidden_size: 4,
      codebook_size: V,
      num_lstm_layers: 0,
      target_bandwidths: [1.5],
    },
    decoder: {
      vocab_size: V,
      num_codebooks: K,
      hidden_size: hidden,
      num_hidden_layers: 1,
      num_attention_heads: 2,
      ffn_dim: 4,
    },
  };

  /**
   * A decoder that is certain of one thing: after code v of a codebook comes v + 1, after the start token 0. Its
   * embeddings are one-hot (codebook k, token v at k (V + 1) + v), its layers add nothing, its heads look up.
   */
  function counting(name: string, shape: readonly number[]): Float32Array | undefined {
    const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
    const [, kind, k] = /(embed_tokens|lm_heads)\.(\d)/.exec(name) ?? [];
    const column = (token: number) => Number(k) * (V + 1) + token;
    if (kind === 'embed_tokens') {
      for (let token = 0; token <= V; token++) values[token * hidden + column(token)] = 1000;
      return values;
    }
    if (kind === 'lm_heads') {
      for (let token = 0; token < V; token++) values[((token + 1) % V) * hidden + column(token)] = 10;
      values[column(V)] = 10;
      return values;
    }
    return /out_proj|fc2/.test(name) ? values : undefined;
  }

  it('scores the certain next token 0, and a token that only repeats its input high', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'losscope-'));
    try {
      await makeCheckpoint(folder, { config, values: counting });
      const model = await openModel(openFolder(folder, { name: 'counting' }), runtime);
      const of = (next: (t: number) => number): Codes => ({
        codebooks: K,
        frames: 20,
        data: Int32Array.from({ length: K * 20 }, (_, i) => next(i % 20)),
      });
      for (const protocol of ['delayed', 'undelayed'] as const) {
        const count = await score(
          model,
          of((t) => t % V),
          { protocol },
        );
        const repeat = await score(
          model,
          of(() => 3),
          { protocol },
        );
        const first = protocol === 'delayed' ? 0 : 1;
        for (const row of rowsOfLoss(count)) {
          for (const loss of row.slice(first, 19)) expect(loss).toBeLessThan(1e-3);
        }
        for (const row of rowsOfLoss(repeat)) {
          for (const loss of row.slice(first, 19)) expect(loss).toBeGreaterThan(5);
        }
      }
      // Unshifted asks what comes after v and compares it with v: the certain next token is no better than any other.
      const unshifted = { protocol: 'unshifted' } as const;
      for (const next of [(t: number) => t % V, () => 3]) {
        for (const row of rowsOfLoss(await score(model, of(next), unshifted))) {
          for (const loss of row) expect(loss).toBeGreaterThan(5);
        }
      }
      await model.close();
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
