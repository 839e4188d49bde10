// The layers of EnCodec's SEANet: weight-normed convolutions with its padding rules, and its LSTM.
// Facts: Hugging Face's EncodecConv1d, EncodecConvTranspose1d, EncodecLSTM.
//
// Activations are rows, [samples, channels], and a convolution is a product of matrices. onnxruntime gives a row of such a
// product the same bits whatever rows are beside it, which its own Conv does not (nor its Elu): so a window of a sound
// has the bits that the whole sound has there.

import type { Graph } from '../../onnx/graph.js';
import type { Value } from '../../onnx/value.js';
import type { Weights } from '../weights.js';
import type { CodecConfig } from './config.js';

export interface ConvContext {
  readonly g: Graph;
  readonly config: CodecConfig;
  /** Follow the rule for signals shorter than their reflect padding. */
  readonly short: boolean;
}

export interface ConvShape {
  readonly inputs: number;
  readonly outputs: number;
  /** A multiple of the stride. */
  readonly kernel: number;
  readonly stride?: number;
  /** With stride 1 only. */
  readonly dilation?: number;
}

/** As an end of a slice: the last row. */
const END = 2 ** 31 - 1;

/**
 * [L, inputs] -> [ceil(L / stride), outputs]. In all, effective kernel - stride samples are padded (all on the left if
 * causal, else the odd one), and on the right as many more as complete the last stride.
 */
export function conv(context: ConvContext, x: Value, weights: Weights, shape: ConvShape): Value {
  const { g, config } = context;
  const { inputs, outputs, kernel, stride = 1, dilation = 1 } = shape;
  const { left, right } = paddingOf(config, shape);
  const w = normedWeight(g, weights.under('conv.'), [outputs, inputs, kernel]);
  const b = weights.take(g, 'conv.bias', [outputs]);
  const padded = left + right === 0 ? x : pad(context, x, left, right, stride);
  if (inputs === 1 && stride === 1) {
    // One channel: few columns side by side are cheaper than a sum of many parts.
    const fewer = (kernel - 1) * dilation;
    const columns = Array.from({ length: kernel }, (_, j) => slice(g, padded, { from: j * dilation, fewer }));
    const table = g.Reshape(w, g.ints([outputs, kernel]));
    return g.Add(g.Gemm(g.Concat(columns, { axis: 1 }), table, { transB: true }), b);
  }
  // A row of `stride` samples meets each of the kernel's parts, [parts, outputs, stride, inputs].
  const parts = kernel / stride;
  const rows = stride === 1 ? padded : g.Reshape(padded, g.ints([-1, stride * inputs]));
  const byPart = g.Transpose(g.Reshape(w, g.ints([outputs, inputs, parts, stride])), { perm: [2, 0, 3, 1] });
  const table = g.Reshape(byPart, g.ints([parts * outputs, stride * inputs]));
  const products = g.Gemm(rows, table, { transB: true });
  const fewer = (parts - 1) * dilation;
  const taken = (j: number) => slice(g, products, { from: j * dilation, fewer, part: j, width: outputs });
  return g.Add(parts === 1 ? products : sum(g, parts, taken), b);
}

/** Samples that a convolution pads, without what completes the last stride. */
export function paddingOf(
  config: CodecConfig,
  { kernel, stride = 1, dilation = 1 }: Pick<ConvShape, 'kernel' | 'stride' | 'dilation'>,
): { readonly left: number; readonly right: number } {
  const total = (kernel - 1) * dilation + 1 - stride;
  const right = config.use_causal_conv ? 0 : Math.floor(total / 2);
  return { left: total - right, right };
}

/** [L, inputs] -> [L * stride, outputs]: kernel - stride samples are cut off again. */
export function convTranspose(context: ConvContext, x: Value, weights: Weights, shape: ConvShape): Value {
  const { g, config } = context;
  const { inputs, outputs, kernel, stride = 1 } = shape;
  const total = kernel - stride;
  const right = config.use_causal_conv ? Math.ceil(total * config.trim_right_ratio) : Math.floor(total / 2);
  const w = normedWeight(g, weights.under('conv.'), [inputs, outputs, kernel]);
  const b = weights.take(g, 'conv.bias', [outputs]);
  // A row makes `stride` samples, and by each further part of the kernel so many more after them.
  const parts = kernel / stride;
  const zeros = parts - 1;
  const padded = g.Pad(x, padsOf(g, g.ints([zeros]), g.ints([zeros])), { mode: 'constant' });
  const byPart = g.Transpose(g.Reshape(w, g.ints([inputs, outputs, parts, stride])), { perm: [2, 3, 1, 0] });
  const table = g.Reshape(byPart, g.ints([kernel * outputs, inputs]));
  const products = g.Gemm(padded, table, { transB: true });
  const width = stride * outputs;
  const taken = (j: number) => slice(g, products, { from: zeros - j, fewer: zeros, part: j, width });
  const samples = g.Add(g.Reshape(sum(g, parts, taken), g.ints([-1, outputs])), b);
  return slice(g, samples, { from: total - right, fewer: total });
}

/** x, or exp(x) - 1 where that is more than x: below 0. */
export function elu(g: Graph, x: Value): Value {
  return g.Max(x, g.Sub(g.Exp(g.Min(x, g.float(0))), g.float(1)));
}

/** x + conv1x1(ELU(conv(ELU(x)))), the shortcut itself a 1x1 convolution if the config says so. */
export function residualBlock(
  context: ConvContext,
  x: Value,
  weights: Weights,
  dim: number,
  dilation: number,
): Value {
  const { g, config } = context;
  const hidden = Math.floor(dim / config.compress);
  const first = { inputs: dim, outputs: hidden, kernel: config.residual_kernel_size, dilation };
  let y = conv(context, elu(g, x), weights.under('block.1.'), first);
  y = conv(context, elu(g, y), weights.under('block.3.'), { inputs: hidden, outputs: dim, kernel: 1 });
  const shortcut = config.use_conv_shortcut
    ? conv(context, x, weights.under('shortcut.'), { inputs: dim, outputs: dim, kernel: 1 })
    : x;
  return g.Add(shortcut, y);
}

/**
 * [T, N, H] -> y [T, N, H], N sequences side by side: the stack of LSTMs with one skip around all of it, from `states`
 * [2 layers, N, H] (h and c of each layer in turn) or from zeros; `last` is what the states are afterwards.
 */
export function lstm(
  { g, config }: ConvContext,
  x: Value,
  weights: Weights,
  size: number,
  states?: Value,
): { readonly y: Value; readonly last: Value } {
  const state = (from: Value, i: number) => g.Slice(from, g.ints([i]), g.ints([i + 1]), g.ints([0]));
  const last: Value[] = [];
  let y = x;
  for (let layer = 0; layer < config.num_lstm_layers; layer++) {
    const gates = (name: string, shape: number[]) =>
      gatesAsOnnx(g, weights.take(g, `lstm.${name}_l${layer}`, shape), size);
    const w = g.Unsqueeze(gates('weight_ih', [4 * size, size]), g.ints([0]));
    const r = g.Unsqueeze(gates('weight_hh', [4 * size, size]), g.ints([0]));
    const biases = [gates('bias_ih', [4 * size]), gates('bias_hh', [4 * size])];
    const b = g.Unsqueeze(g.Concat(biases, { axis: 0 }), g.ints([0]));
    const initial = states && { h: state(states, 2 * layer), c: state(states, 2 * layer + 1) };
    const run = g.LSTM(y, w, r, b, { hiddenSize: size, ...(initial && { initial }) });
    y = g.Squeeze(run.y, g.ints([1]));
    last.push(run.last.h, run.last.c);
  }
  return { y: g.Add(y, x), last: g.Concat(last, { axis: 0 }) };
}

/** Rows of the gates i, f, g, o (PyTorch) as i, o, f, c (ONNX; c is g). */
function gatesAsOnnx(g: Graph, rows: Value, size: number): Value {
  const gate = (n: number) => g.Slice(rows, g.ints([n * size]), g.ints([(n + 1) * size]), g.ints([0]));
  return g.Concat([gate(0), gate(3), gate(1), gate(2)], { axis: 0 });
}

/**
 * Weight norm over dimension 0: g v / |v|, in either of PyTorch's two namings. For a transposed convolution
 * dimension 0 is the input channel.
 */
function normedWeight(g: Graph, weights: Weights, shape: readonly [number, number, number]): Value {
  const isNew = weights.has('parametrizations.weight.original1');
  const magnitude = isNew ? 'parametrizations.weight.original0' : 'weight_g';
  const direction = isNew ? 'parametrizations.weight.original1' : 'weight_v';
  const v = weights.take(g, direction, shape);
  const scale = g.Div(
    weights.take(g, magnitude, [shape[0], 1, 1]),
    g.ReduceL2(v, g.ints([1, 2]), { keepdims: true }),
  );
  return g.Mul(v, scale);
}

/** [L, channels]: pads samples by pad_mode: left, and right + what completes the last stride. */
function pad(context: ConvContext, x: Value, left: number, right: number, stride: number): Value {
  const { g, config, short } = context;
  const length = g.Gather(g.Shape(x), g.ints([0]));
  const completing = g.Mod(g.Neg(length), g.ints([stride]));
  const rightAll = stride === 1 ? g.ints([right]) : g.Add(g.ints([right]), completing);
  const pads = padsOf(g, g.ints([left]), rightAll);
  if (config.pad_mode === 'constant') return g.Pad(x, pads, { mode: 'constant' });
  if (!short) return g.Pad(x, pads, { mode: 'reflect' });
  // Not more than the signal can be reflected: lengthen it by zeros, reflect, and cut as many off the right.
  const most = g.Max(g.ints([left]), rightAll);
  const zeros = g.Max(g.ints([0]), g.Add(g.Sub(most, length), g.ints([1])));
  const longer = g.Pad(x, padsOf(g, g.ints([0]), zeros), { mode: 'constant' });
  const reflected = g.Pad(longer, pads, { mode: 'reflect' });
  const end = g.Add(g.Add(g.ints([left]), length), rightAll);
  return g.Slice(reflected, g.ints([0]), end, g.ints([0]));
}

function padsOf(g: Graph, left: Value, right: Value): Value {
  return g.Concat([left, g.ints([0]), right, g.ints([0])], { axis: 0 });
}

/** Rows from `from` on, `fewer` fewer than all; of the columns only part `part` of `width`, if given. */
function slice(
  g: Graph,
  x: Value,
  {
    from,
    fewer,
    part = 0,
    width = END,
  }: { readonly from: number; readonly fewer: number; readonly part?: number; readonly width?: number },
): Value {
  const end = from === fewer ? END : from - fewer;
  if (width === END) return g.Slice(x, g.ints([from]), g.ints([end]), g.ints([0]));
  return g.Slice(x, g.ints([from, part * width]), g.ints([end, (part + 1) * width]), g.ints([0, 1]));
}

function sum(g: Graph, count: number, term: (i: number) => Value): Value {
  let total = term(0);
  for (let i = 1; i < count; i++) total = g.Add(total, term(i));
  return total;
}
