// A rotary decoder as an ONNX graph over a Hugging Face checkpoint, with the negative log-likelihood inside: pre-norm
// layers of causal attention with rotary positions (Su et al. 2021, arXiv 2104.09864, halves turned against each other as in
// GPT-NeoX and LLaMA) and a feed-forward gated by SiLU (Shazeer 2020, arXiv 2002.05202). Several queries may share
// a head of keys and values (Ainslie et al. 2023, arXiv 2305.13245).
//
// [S, H]: S tokens of this run, H hidden, from P on; attention.ts says why a run gives the bits of a run over all N.

import { type Graph, type GraphOptions, newGraph } from '../../onnx/graph.js';
import type { Value } from '../../onnx/value.js';
import { amongAll, attendedHalves, type QueryPositions, queryPositions } from '../attention.js';
import { predictionOf } from '../prediction.js';
import type { ModelGraph } from '../runtime.js';
import type { Weights } from '../weights.js';
import type { RotaryForm } from './config.js';

/** Names of the graph's inputs and outputs. */
export const names = {
  /** [S] int32. */
  tokens: 'tokens',
  /** [S] int32: the token that is scored after each. */
  targets: 'targets',
  /** [S, size / 2] float32: cosine and sine of the positions' angles. */
  cosine: 'cosine',
  sine: 'sine',
  /** [1] int32: P, how many tokens of the given past come before this run. */
  past: 'past_tokens',
  /** [1] int32: N. Where P + S is less, keys and values of N tokens must be given. */
  all: 'all_tokens',
  /** [key heads, P or more, size] float32. */
  pastKeys: (layer: number) => `past.${layer}.key`,
  pastValues: (layer: number) => `past.${layer}.value`,
  /** [S] float32: -log softmax(logits)[target], nats. */
  nll: 'nll',
  /** [S] float32: of softmax(logits), nats. */
  entropy: 'entropy',
  /** [S] float32: standard deviation of -log p of a token drawn from softmax(logits), nats. */
  spread: 'spread',
  /** [key heads, N, size] float32; of a run that ends before N, maybe fewer. */
  keys: (layer: number) => `present.${layer}.key`,
  values: (layer: number) => `present.${layer}.value`,
} as const;

/** Builds the graph; see `names` for what goes in and out. */
export function rotaryGraph(
  form: RotaryForm,
  weights: Weights,
  { fused = true }: GraphOptions = {},
): ModelGraph {
  const g = newGraph('rotary-decoder', { fused });
  const { hidden, vocabulary, size } = form;
  const tokens = g.input(names.tokens, 'int32', ['tokens']);
  const targets = g.input(names.targets, 'int32', ['tokens']);
  const past = g.Cast(g.input(names.past, 'int32', [1]), 'int64');
  const all = g.Cast(g.input(names.all, 'int32', [1]), 'int64');
  const turn: Turn = {
    cosine: g.input(names.cosine, 'float32', ['tokens', size / 2]),
    sine: g.input(names.sine, 'float32', ['tokens', size / 2]),
  };

  const embedding = weights.take(g, `${form.names.embedding}.weight`, [vocabulary, hidden]);
  let x = g.Gather(embedding, tokens);
  const rows = g.Gather(g.Shape(x), g.ints([0]));
  const positions = queryPositions(g, { past, rows, size: 'tokens', all });
  weights.leaveOut(`${form.names.layer(form.layers)}${form.names.attentionNorm}.weight`, form.layers);
  for (let layer = 0; layer < form.layers; layer++) {
    const block = weights.under(form.names.layer(layer));
    const normed = norm(g, form, x, block, form.names.attentionNorm);
    x = g.Add(x, attention(g, form, block, normed, { layer, positions, turn }));
    x = g.Add(x, feedForward(g, form, block, norm(g, form, x, block, form.names.feedForwardNorm)));
  }
  x = norm(g, form, x, weights, form.names.norm);

  const head = form.tied ? embedding : weights.take(g, `${form.names.head}.weight`, [vocabulary, hidden]);
  // By blocks of queries: logits of all tokens at once would be the largest thing of the run by far.
  const scored = positions.blocks.map(({ start, end }) => {
    const logs = g.LogSoftmax(g.Gemm(g.Slice(x, start, end, g.ints([0])), head, { transB: true }));
    const target = g.Unsqueeze(g.Slice(targets, start, end, g.ints([0])), g.ints([1]));
    const sum = (rows: Value) =>
      g.ReduceSum(wholeWidth(g, rows, vocabulary), g.ints([1]), { keepdims: true });
    return predictionOf(g, logs, { target, sum });
  });
  const joined = (parts: readonly Value[]) => g.Squeeze(g.Concat(parts, { axis: 0 }), g.ints([1]));
  g.output(names.nll, joined(scored.map(({ nll }) => nll)), 'float32', ['tokens']);
  g.output(names.entropy, joined(scored.map(({ entropy }) => entropy)), 'float32', ['tokens']);
  g.output(names.spread, joined(scored.map(({ spread }) => spread)), 'float32', ['tokens']);
  return { name: g.name, onnx: g.toBytes() };
}

/** Numbers in a row that end where a vector register does, whatever the register. */
const WIDTH = 16;

/**
 * Rows [S, width] with zeros behind them up to whole registers: onnxruntime sums a row in an order that depends on where it
 * begins in memory, and only then do all rows begin alike.
 */
function wholeWidth(g: Graph, x: Value, width: number): Value {
  const missing = (WIDTH - (width % WIDTH)) % WIDTH;
  return missing === 0 ? x : g.Pad(x, g.ints([0, 0, 0, missing]), { mode: 'constant' });
}

/** [S, size / 2] each. */
interface Turn {
  readonly cosine: Value;
  readonly sine: Value;
}

interface Where {
  readonly layer: number;
  readonly positions: QueryPositions;
  readonly turn: Turn;
}

/** Causal self-attention, [S, H] -> [S, H]. */
function attention(g: Graph, form: RotaryForm, block: Weights, x: Value, where: Where): Value {
  const { heads, keyHeads, size, hidden } = form;
  const { layer, positions, turn } = where;
  const { queries, keys, values } = projected(g, form, block, x);
  const withPast = (input: string, output: string, fresh: Value): Value => {
    const given = g.input(input, 'float32', [keyHeads, 'kept_tokens', size]);
    const all = amongAll(g, positions, given, fresh);
    g.output(output, all, 'float32', [keyHeads, 'all_tokens', size]);
    return grouped(g, form, all);
  };
  const halves = attendedHalves(g, positions, {
    ...{ heads, size },
    queries: turned(g, queries, turn, size),
    keys: withPast(names.pastKeys(layer), names.keys(layer), turned(g, keys, turn, size)),
    values: withPast(names.pastValues(layer), names.values(layer), values),
  });
  const rows = g.Reshape(g.Transpose(halves, { perm: [1, 0, 2] }), g.ints([0, heads * size]));
  const output = block.take(g, `${form.names.output}.weight`, [hidden, heads * size]);
  return g.Gemm(rows, output, { alpha: 2, transB: true });
}

/** Queries [heads, S, size], keys and values [key heads, S, size]. */
function projected(g: Graph, form: RotaryForm, block: Weights, x: Value) {
  const { heads, keyHeads, size, hidden, names: own } = form;
  const widths = [heads, keyHeads, keyHeads];
  const total = widths.reduce((sum, width) => sum + width * size, 0);
  const linear = (name: string, outputs: number) =>
    g.Gemm(x, block.take(g, `${name}.weight`, [outputs, hidden]), { transB: true });
  const [fused] = own.projections;
  const all = own.projections.length === 1 ? linear(fused, total) : undefined;
  let start = 0;
  const [queries, keys, values] = widths.map((width, i) => {
    const end = start + width * size;
    const rows = all
      ? g.Slice(all, g.ints([start]), g.ints([end]), g.ints([1]))
      : linear(own.projections[i] ?? fused, width * size);
    start = end;
    return g.Transpose(g.Reshape(rows, g.ints([0, width, size])), { perm: [1, 0, 2] });
  });
  return { queries, keys, values };
}

/** Each head of keys once for every query head that it serves: [key heads, N, size] -> [heads, N, size]. */
function grouped(g: Graph, { heads, keyHeads }: RotaryForm, x: Value): Value {
  if (heads === keyHeads) return x;
  const served = Array.from({ length: heads }, (_, head) => Math.floor((head * keyHeads) / heads));
  return g.Gather(x, g.ints(served), { axis: 0 });
}

/** [heads, S, size], number i turned with number i + size / 2 by the angle of the position. */
function turned(g: Graph, x: Value, { cosine, sine }: Turn, size: number): Value {
  const part = (start: number) => g.Slice(x, g.ints([start]), g.ints([start + size / 2]), g.ints([2]));
  const [a, b] = [part(0), part(size / 2)];
  const first = g.Sub(g.Mul(a, cosine), g.Mul(b, sine));
  return g.Concat([first, g.Add(g.Mul(b, cosine), g.Mul(a, sine))], { axis: 2 });
}

/** down(silu(gate(x)) up(x)), [S, H] -> [S, H]. */
function feedForward(g: Graph, { hidden, inner, names: own }: RotaryForm, block: Weights, x: Value): Value {
  const into = (name: string) =>
    g.Gemm(x, block.take(g, `${name}.weight`, [inner, hidden]), { transB: true });
  const gate = into(own.gate);
  const up = g.Mul(g.Mul(gate, g.Sigmoid(gate)), into(own.up));
  return g.Gemm(up, block.take(g, `${own.down}.weight`, [hidden, inner]), { transB: true });
}

function norm(g: Graph, form: RotaryForm, x: Value, weights: Weights, name: string): Value {
  const { hidden } = form;
  const { kind, epsilon } = form.norm;
  const scale = weights.take(g, `${name}.weight`, [hidden]);
  if (kind === 'layer') {
    return g.LayerNormalization(x, scale, weights.take(g, `${name}.bias`, [hidden]), { epsilon });
  }
  const squares = g.ReduceSumSquare(wholeWidth(g, x, hidden), g.ints([-1]), { keepdims: true });
  const root = g.Sqrt(g.Add(g.Mul(squares, g.float(1 / hidden)), g.float(epsilon)));
  return g.Mul(g.Div(x, root), scale);
}
