// MusicGen's decoder (Copet et al. 2023, arXiv 2306.05284) as an ONNX graph over a Hugging Face checkpoint, with the
// negative log-likelihood inside. Text is attended to (cross-attention); the melody models have none and read their
// conditions as vectors before the first column. Without text the cross-attention adds exactly nothing (it has no
// biases and nothing to attend to), so an unconditional graph leaves it out.
//
// [S, H]: S columns of this run, H hidden, from P on. Keys and values of the P columns before come in, and those of all
// N columns go out; attention.ts says why a run gives the bits of a run over all N columns.

import { type Graph, newGraph } from '../../onnx/graph.js';
import type { Value } from '../../onnx/value.js';
import { amongAll, attendedHalves, type QueryPositions, queryPositions } from '../attention.js';
import type { Precision } from '../precision.js';
import { predictionOf } from '../prediction.js';
import type { ModelGraph } from '../runtime.js';
import type { Weights } from '../weights.js';
import type { MusicgenConfig } from './config.js';
import { inInt8 } from './w8a8.js';

const EPSILON = 1e-5;

/** Names of the decoder graph's inputs and outputs. */
export const names = {
  /** [K, S] int32: tokens 0..V. */
  tokens: 'tokens',
  /** [K, S] int32: the codes to score, 0..V-1. */
  targets: 'targets',
  /** [S, H] float32; `prepended`: [C + L + S, H]. */
  positions: 'positions',
  /** [L, H] float32: the text's states; `cross` and `prepended` only. */
  text: 'text',
  /** [C] int32: pitch classes 0..11; `prepended` only. */
  chroma: 'chroma',
  /** [1] int32: P, how many columns of the given past come before this run. */
  pastColumns: 'past_columns',
  /** [1] int32: N. Where P + S is less, keys and values of N columns must be given. */
  allColumns: 'all_columns',
  /** [heads, P or more, H / heads] float32, and the same for values. */
  pastKeys: (layer: number) => `past.${layer}.key`,
  pastValues: (layer: number) => `past.${layer}.value`,
  /** [K, S] float32: -log softmax(logits)[target], nats. */
  nll: 'nll',
  /** [K, S] float32: of softmax(logits), nats. Always computed, which is a hundredth of a run at most. */
  entropy: 'entropy',
  /** [K, S] float32: standard deviation of -log p of a code drawn from softmax(logits), nats. */
  spread: 'spread',
  /** [S, V] float32. */
  logits: (codebook: number) => `logits.${codebook}`,
  /** [heads, N, H / heads] float32, and the same for values; of a run that ends before N, maybe fewer. */
  keys: (layer: number) => `present.${layer}.key`,
  values: (layer: number) => `present.${layer}.value`,
  /** The text's, of graphs that decode by steps and attend to it. */
  pastTextKeys: (layer: number) => `past.${layer}.text.key`,
  pastTextValues: (layer: number) => `past.${layer}.text.value`,
  textKeys: (layer: number) => `present.${layer}.text.key`,
  textValues: (layer: number) => `present.${layer}.text.value`,
} as const;

/**
 * How a condition enters: not at all; by attention to the text in every layer; or as vectors before the first
 * column, chroma first, then text, which are columns in all respects but that they predict nothing.
 */
export type Conditioning = 'none' | 'cross' | 'prepended';

/** Pitch classes of a melody. */
export const CHROMA = 12;

export interface DecoderForm {
  /** Default `none`. */
  readonly conditioning?: Conditioning;
  /** Of the layers' linear parts; embeddings, attention and heads are float32. Default `fp32`. */
  readonly precision?: Precision;
  /** See Abilities.fused. Default: true. */
  readonly fused?: boolean;
}

/** Builds the graph; see `names` for what goes in and out. */
export function musicgenGraph(config: MusicgenConfig, weights: Weights, form: DecoderForm = {}): ModelGraph {
  const { conditioning = 'none', precision = 'fp32', fused = true } = form;
  const g = newGraph('musicgen-decoder', { fused });
  const layers = precision === 'w8a8' ? inInt8(g) : g;
  const model = weights.under('decoder.model.decoder.');
  const { num_codebooks: codebooks, vocab_size: vocabulary, hidden_size: hidden } = config;

  const tokens = g.input(names.tokens, 'int32', [codebooks, 'columns']);
  const targets = g.input(names.targets, 'int32', [codebooks, 'columns']);
  const pastColumns = g.Cast(g.input(names.pastColumns, 'int32', [1]), 'int64');
  const text = conditioning === 'none' ? undefined : g.input(names.text, 'float32', ['text_tokens', hidden]);

  let x = embed(g, config, model, tokens);
  const before = conditioning === 'prepended' && text ? prepended(g, config, weights, text) : undefined;
  // The rows of x: the columns of this run, and what stands before the first.
  const size = before ? 'rows' : 'columns';
  if (before) x = g.shaped(g.Concat([before, x], { axis: 0 }), 'float32', [size, hidden]);
  const rows = g.Gather(g.Shape(x), g.ints([0]));
  const allColumns = g.Cast(g.input(names.allColumns, 'int32', [1]), 'int64');
  const columns = queryPositions(g, { past: pastColumns, rows, size, all: allColumns });
  x = g.Add(x, g.input(names.positions, 'float32', [size, hidden]));
  model.leaveOut(`layers.${config.num_hidden_layers}.self_attn_layer_norm.weight`, config.num_hidden_layers);
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    const block = model.under(`layers.${layer}.`);
    x = g.Add(
      x,
      attention(layers, config, block, layer, norm(g, x, block, 'self_attn_layer_norm', hidden), columns),
    );
    if (conditioning === 'cross' && text) {
      const normed = norm(g, x, block, 'encoder_attn_layer_norm', hidden);
      x = g.Add(x, crossAttention(layers, config, block, normed, text));
    }
    x = g.Add(x, feedForward(layers, config, block, norm(g, x, block, 'final_layer_norm', hidden)));
  }
  if (before) x = g.Slice(x, g.Gather(g.Shape(before), g.ints([0])), rows, g.ints([0]));
  x = norm(g, x, model, 'layer_norm', hidden);

  const heads = Array.from({ length: codebooks }, (_, k) => {
    const logits = linear(g, x, weights, `decoder.lm_heads.${k}.weight`, hidden, vocabulary);
    g.output(names.logits(k), logits, 'float32', ['columns', vocabulary]);
    const target = g.Unsqueeze(g.Gather(targets, g.int(k)), g.ints([1]));
    const sum = (rows: Value) => g.ReduceSum(rows, g.ints([1]), { keepdims: true });
    return predictionOf(g, g.LogSoftmax(logits), { target, sum });
  });
  const byCodebook = (rows: readonly Value[]) => g.Transpose(g.Concat(rows, { axis: 1 }), { perm: [1, 0] });
  g.output(names.nll, byCodebook(heads.map(({ nll }) => nll)), 'float32', [codebooks, 'columns']);
  g.output(names.entropy, byCodebook(heads.map(({ entropy }) => entropy)), 'float32', [codebooks, 'columns']);
  g.output(names.spread, byCodebook(heads.map(({ spread }) => spread)), 'float32', [codebooks, 'columns']);
  return { name: g.name, onnx: g.toBytes() };
}

/** tokens [K, S] -> the sum of the codebooks' embeddings [S, H]. */
export function embed(g: Graph, config: MusicgenConfig, model: Weights, tokens: Value): Value {
  const rows = [config.vocab_size + 1, config.hidden_size];
  const embedding = (k: number) =>
    g.Gather(model.take(g, `embed_tokens.${k}.weight`, rows), g.Gather(tokens, g.int(k)));
  let sum = embedding(0);
  for (let k = 1; k < config.num_codebooks; k++) sum = g.Add(sum, embedding(k));
  return sum;
}

/** Chroma [C] and text [L, H] as rows of the sequence, [C + L, H]. */
export function prepended(g: Graph, config: MusicgenConfig, weights: Weights, text: Value): Value {
  const projection = weights.under('audio_enc_to_dec_proj.');
  const columns = projection.take(g, 'weight', [config.hidden_size, CHROMA]);
  const classes = g.Gather(
    g.Transpose(columns, { perm: [1, 0] }),
    g.input(names.chroma, 'int32', ['chroma_frames']),
  );
  const chroma = g.Add(classes, projection.take(g, 'bias', [config.hidden_size]));
  return g.Concat([chroma, text], { axis: 0 });
}

/** Causal self-attention, [S, H] -> [S, H]. */
function attention(
  g: Graph,
  config: MusicgenConfig,
  block: Weights,
  layer: number,
  x: Value,
  columns: QueryPositions,
): Value {
  const { hidden_size: hidden, num_attention_heads: heads } = config;
  const size = hidden / heads;
  const shape = [heads, 'all_columns', size];
  const perHead = (name: string) => headsOf(g, config, x, block, `self_attn.${name}.weight`);
  const withPast = (input: string, output: string, fresh: Value) => {
    const given = g.input(input, 'float32', [heads, 'kept_columns', size]);
    const all = amongAll(g, columns, given, fresh);
    g.output(output, all, 'float32', shape);
    return all;
  };
  const queries = perHead('q_proj');
  const keys = withPast(names.pastKeys(layer), names.keys(layer), perHead('k_proj'));
  const values = withPast(names.pastValues(layer), names.values(layer), perHead('v_proj'));

  const halves = attendedHalves(g, columns, { queries, keys, values, heads, size });
  return merged(g, config, halves, block, 'self_attn.out_proj.weight');
}

/** Attention of all columns to the text [L, H], [S, H] -> [S, H]. A text of zeros adds exactly nothing. */
function crossAttention(g: Graph, config: MusicgenConfig, block: Weights, x: Value, text: Value): Value {
  const perHead = (from: Value, name: string) =>
    headsOf(g, config, from, block, `encoder_attn.${name}.weight`);
  const size = config.hidden_size / config.num_attention_heads;
  const scores = g.FusedMatMul(perHead(x, 'q_proj'), perHead(text, 'k_proj'), {
    alpha: size ** -0.5,
    transB: true,
  });
  const attended = g.FusedMatMul(g.Softmax(scores), perHead(text, 'v_proj'), { alpha: 0.5 });
  return merged(g, config, attended, block, 'encoder_attn.out_proj.weight');
}

/** A linear layer's result by heads: [S, H] -> [heads, S, H / heads]. */
function headsOf(g: Graph, config: MusicgenConfig, x: Value, block: Weights, name: string): Value {
  const { hidden_size: hidden, num_attention_heads: heads } = config;
  const rows = linear(g, x, block, name, hidden, hidden);
  return g.Transpose(g.Reshape(rows, g.ints([0, heads, hidden / heads])), { perm: [1, 0, 2] });
}

/** Halves of what the heads attended to, [heads, S, H / heads], through their last layer and made whole: [S, H]. */
function merged(g: Graph, config: MusicgenConfig, halves: Value, block: Weights, name: string): Value {
  const { hidden_size: hidden } = config;
  const rows = g.Reshape(g.Transpose(halves, { perm: [1, 0, 2] }), g.ints([0, hidden]));
  return linear(g, rows, block, name, hidden, hidden, 2);
}

/** fc2(gelu(fc1(x))), [S, H] -> [S, H]. */
export function feedForward(g: Graph, config: MusicgenConfig, block: Weights, x: Value): Value {
  const { hidden_size: hidden, ffn_dim: inner } = config;
  const up = g.Gelu(linear(g, x, block, 'fc1.weight', hidden, inner));
  return linear(g, up, block, 'fc2.weight', inner, hidden);
}

/** alpha x W^T; W as PyTorch stores it, [outputs, inputs]. */
export function linear(
  g: Graph,
  x: Value,
  weights: Weights,
  name: string,
  inputs: number,
  outputs: number,
  alpha = 1,
): Value {
  return g.Gemm(x, weights.take(g, name, [outputs, inputs]), { alpha, transB: true });
}

export function norm(g: Graph, x: Value, weights: Weights, name: string, size: number): Value {
  const scale = weights.take(g, `${name}.weight`, [size]);
  const bias = weights.take(g, `${name}.bias`, [size]);
  return g.LayerNormalization(x, scale, bias, { epsilon: EPSILON });
}
