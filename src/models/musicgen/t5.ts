// T5's encoder (Raffel et al. 2020, arXiv 1910.10683) as an ONNX graph over a Hugging Face checkpoint: what a MusicGen
// reads a prompt with. No scaling of scores, no positions but a bias by relative distance (stored in block 0, used
// in all), norms without mean or bias, no biases in linear layers.

import { type Graph, newGraph } from '../../onnx/graph.js';
import type { Value } from '../../onnx/value.js';
import type { ModelGraph, Tensor } from '../runtime.js';
import type { Weights } from '../weights.js';
import type { TextEncoderConfig } from './config.js';

const { fround } = Math;

/**
 * ids [L] int32, buckets [L, L] int32 -> states [L, hidden] float32: what the decoder attends to, through
 * `enc_to_dec_proj` where the widths differ; then also `last_hidden` [L, d_model], before that projection.
 */
export function t5Graph(
  config: TextEncoderConfig,
  weights: Weights,
  { hidden, fused = true }: { readonly hidden: number; readonly fused?: boolean },
): ModelGraph {
  const g = newGraph('t5-encoder', { fused });
  const model = weights.under('text_encoder.');
  const { d_model: width, num_heads: heads, relative_attention_num_buckets: buckets } = config;
  // One tensor under two names; a file may hold either.
  const embedding = model.has('shared.weight') ? 'shared.weight' : 'encoder.embed_tokens.weight';
  let x = g.Gather(model.take(g, embedding, [config.vocab_size, width]), g.input('ids', 'int32', ['tokens']));
  const biases = model.take(g, 'encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight', [
    buckets,
    heads,
  ]);
  const byPair = g.Gather(biases, g.input('buckets', 'int32', ['tokens', 'tokens']));
  const bias = g.Transpose(byPair, { perm: [2, 0, 1] });
  for (let index = 0; index < config.num_layers; index++) {
    const block = model.under(`encoder.block.${index}.`);
    x = g.Add(x, attention(g, config, block.under('layer.0.'), x, bias));
    x = g.Add(x, feedForward(g, config, block.under('layer.1.'), x));
  }
  x = norm(g, config, x, model, 'encoder.final_layer_norm.weight');
  if (width === hidden && !weights.has('enc_to_dec_proj.weight')) {
    g.output('states', x, 'float32', ['tokens', hidden]);
  } else {
    const projected = linear(g, x, weights, 'enc_to_dec_proj.weight', [hidden, width]);
    const states = g.Add(projected, weights.take(g, 'enc_to_dec_proj.bias', [hidden]));
    g.output('last_hidden', x, 'float32', ['tokens', width]);
    g.output('states', states, 'float32', ['tokens', hidden]);
  }
  return { name: g.name, onnx: g.toBytes() };
}

/** What the graph is fed for token ids [L]. */
export function t5Feeds(
  config: TextEncoderConfig,
  ids: readonly number[],
): Readonly<Record<'ids' | 'buckets', Tensor>> {
  const tokens = ids.length;
  const buckets = new Int32Array(tokens * tokens);
  for (let query = 0; query < tokens; query++) {
    for (let key = 0; key < tokens; key++) buckets[query * tokens + key] = bucketOf(config, key - query);
  }
  return {
    ids: { type: 'int32', dims: [tokens], data: Int32Array.from(ids) },
    buckets: { type: 'int32', dims: [tokens, tokens], data: buckets },
  };
}

/**
 * The bias of a key so many tokens after its query: half of the buckets for keys that come after; of each half, one
 * half for single distances, the rest for distances growing to `relative_attention_max_distance`, and all beyond in
 * the last. In float32, as PyTorch has it.
 */
function bucketOf(config: TextEncoderConfig, offset: number): number {
  const half = Math.floor(config.relative_attention_num_buckets / 2);
  const single = Math.floor(half / 2);
  const after = offset > 0 ? half : 0;
  const distance = Math.abs(offset);
  if (distance < single) return after + distance;
  const span = fround(Math.log(config.relative_attention_max_distance / single));
  const growth = fround(fround(Math.log(fround(distance / single))) / span);
  return after + Math.min(half - 1, single + Math.trunc(fround(growth * (half - single))));
}

/** Self-attention over the whole text, [L, width] -> [L, width], norm included. */
function attention(g: Graph, config: TextEncoderConfig, layer: Weights, x: Value, bias: Value): Value {
  const { d_model: width, d_kv: size, num_heads: heads } = config;
  const normed = norm(g, config, x, layer, 'layer_norm.weight');
  const perHead = (name: string) => {
    const rows = linear(g, normed, layer, `SelfAttention.${name}.weight`, [heads * size, width]);
    return g.Transpose(g.Reshape(rows, g.ints([-1, heads, size])), { perm: [1, 0, 2] });
  };
  const scores = g.FusedMatMul(perHead('q'), perHead('k'), { alpha: 1, transB: true });
  const attended = g.FusedMatMul(g.Softmax(g.Add(scores, bias)), perHead('v'), { alpha: 1 });
  const rows = g.Reshape(g.Transpose(attended, { perm: [1, 0, 2] }), g.ints([-1, heads * size]));
  return linear(g, rows, layer, 'SelfAttention.o.weight', [width, heads * size]);
}

/** wo(relu(wi(x))), or wo(gelu(wi_0(x)) wi_1(x)) with the tanh form of GELU; norm included. */
function feedForward(g: Graph, config: TextEncoderConfig, layer: Weights, x: Value): Value {
  const { d_model: width, d_ff: inner } = config;
  const normed = norm(g, config, x, layer, 'layer_norm.weight');
  const into = (name: string) => linear(g, normed, layer, `DenseReluDense.${name}.weight`, [inner, width]);
  const up =
    config.feed_forward_proj === 'relu'
      ? g.Relu(into('wi'))
      : g.Mul(g.Gelu(into('wi_0'), { approximate: 'tanh' }), into('wi_1'));
  return linear(g, up, layer, 'DenseReluDense.wo.weight', [width, inner]);
}

/** x / sqrt(mean(x^2) + eps), scaled. */
function norm(g: Graph, config: TextEncoderConfig, x: Value, weights: Weights, name: string): Value {
  const squares = g.ReduceSumSquare(x, g.ints([-1]), { keepdims: true });
  const mean = g.Mul(squares, g.float(1 / config.d_model));
  const scale = weights.take(g, name, [config.d_model]);
  return g.Mul(g.Div(x, g.Sqrt(g.Add(mean, g.float(config.layer_norm_epsilon)))), scale);
}

/** x W^T; W as PyTorch stores it, [outputs, inputs]. */
function linear(g: Graph, x: Value, weights: Weights, name: string, shape: readonly [number, number]): Value {
  return g.Gemm(x, weights.take(g, name, shape), { transB: true });
}
