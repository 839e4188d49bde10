// T5's encoder: against the oracle, and against itself written out for what the oracle does not have.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeCheckpoint } from '../../bench/make-checkpoint.js';
import { openCheckpoint } from '../../src/models/checkpoint.js';
import { t5Feeds, t5Graph } from '../../src/models/musicgen/t5.js';
import { weightsOf } from '../../src/models/weights.js';
import { openFolder } from '../../src/node/files.js';
import { nodeRuntime } from '../../src/node/runtime.js';
import { goldenFolder, largestDifference, openGolden, readFloats } from '../golden.js';
import { parseConfig } from '../musicgen.js';

const runtime = nodeRuntime();
afterAll(() => runtime.close());

const golden = await openGolden('text');
const ids = (name: string): number[] => Array.from(golden.tensor(name).data);

describe('T5', () => {
  it("gives the oracle's states before and after the projection, also where distances saturate", async () => {
    const files = openFolder(goldenFolder('text'), { name: 'text' });
    const checkpoint = await openCheckpoint(files);
    const { text, decoder } = parseConfig(checkpoint.config, 'text');
    if (!text || !decoder) throw new Error('the configuration has no text encoder');
    const session = await runtime.open(
      t5Graph(text, weightsOf(checkpoint), { hidden: decoder.hidden_size }),
      files,
    );
    for (const suffix of ['', '_long']) {
      const feeds = t5Feeds(text, ids(`text_ids${suffix}`));
      const { tensors } = await session.run(feeds, { fetch: ['last_hidden', 'states'] });
      for (const [name, output] of [
        ['text_hidden', 'last_hidden'],
        ['text_proj', 'states'],
      ]) {
        const expected = golden.tensor(`${name}${suffix}`);
        expect(tensors[output].dims).toEqual(expected.shape);
        expect(largestDifference(Array.from(tensors[output].data, Number), expected.data)).toBeLessThan(2e-5);
      }
    }
    await session.close();
  });

  it.each(['relu', 'gated-gelu'])(
    'with %s equals the encoder written out, without a projection too',
    async (act) => {
      const encoder = { ...SMALL, feed_forward_proj: act };
      for (const hidden of [encoder.d_model, 8]) {
        const decoder = {
          vocab_size: 8,
          num_codebooks: 2,
          hidden_size: hidden,
          num_hidden_layers: 1,
          num_attention_heads: 2,
          ffn_dim: 4,
        };
        const config = { model_type: 'musicgen', audio_encoder: CODEC, decoder, text_encoder: encoder };
        const folder = await mkdtemp(path.join(tmpdir(), 'losscope-'));
        try {
          await makeCheckpoint(folder, { config });
          const files = openFolder(folder);
          const checkpoint = await openCheckpoint(files);
          const { text } = parseConfig(config, 'small');
          if (!text) throw new Error('the configuration has no text encoder');
          const weights = weightsOf(checkpoint);
          const session = await runtime.open(t5Graph(text, weights, { hidden }), files);
          weights.refuseMisfits();
          const read = async (name: string) => readFloats(checkpoint, name);
          const ids = Array.from({ length: 40 }, (_, i) => (i * 7 + 3) % 20);
          const hiddenStates = await encoded(encoder, ids, read);
          const states =
            hidden === encoder.d_model
              ? hiddenStates
              : plus(
                  times(hiddenStates, await read('enc_to_dec_proj.weight'), encoder.d_model),
                  await read('enc_to_dec_proj.bias'),
                );
          const { tensors } = await session.run(t5Feeds(text, ids), { fetch: ['states'] });
          expect(tensors.states.dims).toEqual([40, hidden]);
          expect(largestDifference(Array.from(tensors.states.data, Number), states.flat())).toBeLessThan(
            2e-5,
          );
          await session.close();
        } finally {
          await rm(folder, { recursive: true });
        }
      }
    },
  );
});

const CODEC = {
  model_type: 'encodec',
  num_filters: 1,
  hidden_size: 1,
  codebook_size: 8,
  num_lstm_layers: 0,
  target_bandwidths: [1.5],
};
const SMALL = {
  model_type: 't5',
  vocab_size: 20,
  d_model: 12,
  d_kv: 5,
  d_ff: 16,
  num_layers: 2,
  num_heads: 3,
  relative_attention_num_buckets: 8,
  relative_attention_max_distance: 20,
  layer_norm_epsilon: 0.01,
};

type Rows = readonly (readonly number[])[];

/** The paper's encoder, loop by loop in float64. */
async function encoded(
  config: typeof SMALL & { readonly feed_forward_proj: string },
  ids: readonly number[],
  read: (name: string) => Promise<Float32Array>,
): Promise<Rows> {
  const { d_model: width, d_kv: size, num_heads: heads, d_ff: inner } = config;
  const norm = (x: Rows, scale: Float32Array): Rows =>
    x.map((row) => {
      const mean = row.reduce((sum, value) => sum + value * value, 0) / width;
      return row.map((value, i) => (value * scale[i]) / Math.sqrt(mean + config.layer_norm_epsilon));
    });
  const table = await read('text_encoder.encoder.embed_tokens.weight');
  const bias = await read(
    'text_encoder.encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight',
  );
  let x: Rows = ids.map((id) => Array.from(table.subarray(id * width, (id + 1) * width)));
  for (let block = 0; block < config.num_layers; block++) {
    const at = (name: string) => read(`text_encoder.encoder.block.${block}.layer.${name}.weight`);
    const normed = norm(x, await at('0.layer_norm'));
    const [q, k, v] = await Promise.all(
      ['q', 'k', 'v'].map(async (name) => times(normed, await at(`0.SelfAttention.${name}`), width)),
    );
    const attended = q.map((query, i) =>
      Array.from({ length: heads }, (_, head) => {
        const own = (row: readonly number[]) => row.slice(head * size, (head + 1) * size);
        const scores = k.map((key, j) => dot(own(query), own(key)) + bias[bucket(j - i) * heads + head]);
        const weights = scores.map((score) => Math.exp(score));
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        return Array.from(
          { length: size },
          (_value, d) =>
            dot(
              weights,
              v.map((row) => own(row)[d]),
            ) / total,
        );
      }).flat(),
    );
    x = added(x, times(attended, await at('0.SelfAttention.o'), heads * size));
    const after = norm(x, await at('1.layer_norm'));
    const into = async (name: string) => times(after, await at(`1.DenseReluDense.${name}`), width);
    let up: Rows;
    if (config.feed_forward_proj === 'relu') {
      up = (await into('wi')).map((row) => row.map((value) => Math.max(0, value)));
    } else {
      const gate = await into('wi_1');
      const gelu = (z: number) => 0.5 * z * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (z + 0.044715 * z ** 3)));
      up = (await into('wi_0')).map((row, i) => row.map((value, j) => gelu(value) * gate[i][j]));
    }
    x = added(x, times(up, await at('1.DenseReluDense.wo'), inner));
  }
  return norm(x, await read('text_encoder.encoder.final_layer_norm.weight'));
}

/** 8 buckets to a distance of 20, written down: 0, 1 and then 2..6 and beyond on either side. */
function bucket(offset: number): number {
  const distance = Math.abs(offset);
  const far = distance < 2 ? distance : distance < 2 * Math.sqrt(10) ? 2 : 3;
  return (offset > 0 ? 4 : 0) + far;
}

/** x W^T, W row-major with `inputs` columns. */
function times(x: Rows, weights: Float32Array, inputs: number): Rows {
  const outputs = weights.length / inputs;
  return x.map((row) =>
    Array.from({ length: outputs }, (_, o) =>
      dot(row, Array.from(weights.subarray(o * inputs, (o + 1) * inputs))),
    ),
  );
}

function plus(x: Rows, bias: Float32Array): Rows {
  return x.map((row) => row.map((value, i) => value + bias[i]));
}

function added(a: Rows, b: Rows): Rows {
  return a.map((row, i) => row.map((value, j) => value + b[i][j]));
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}
