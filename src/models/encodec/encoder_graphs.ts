// EnCodec's encoder as three ONNX graphs over a Hugging Face checkpoint: SEANet's convolutions, its LSTM, and the last
// convolution with the residual vector quantiser. Apart, because of a version of a sound the first and the last are
// local, and the LSTM can go on from any frame: encoder.ts runs them.

import { type Graph, newGraph } from '../../onnx/graph.js';
import type { Value } from '../../onnx/value.js';
import type { ModelGraph } from '../runtime.js';
import type { Weights } from '../weights.js';
import type { Margin } from './blocks.js';
import type { CodecConfig } from './config.js';
import { type CodecGraphOptions, clockOf, codebook } from './encodec.js';
import { type ConvContext, type ConvShape, conv, elu, lstm, paddingOf, residualBlock } from './seanet.js';

/** The graphs of an encoder; H is `width`, what the convolutions make of a frame. */
export interface EncoderGraphs {
  /** audio [1, 1, samples] float32 -> features [T, H] float32, T = ceil(samples / hop). */
  readonly convolutions: ModelGraph;
  /**
   * features [T, N, H], states [2 layers, N, H] float32 -> sequence [T, N, H], last [2 layers, N, H]: N sounds side by
   * side. Absent for a codec without.
   */
  readonly lstm?: ModelGraph;
  /**
   * sequence [T, H] float32 -> codes [K, T] int32, embeddings [T, hidden_size] float32 (before quantisation), and nearness
   * [K, T] float32, a frame's sum over all entries of a codebook: finite if all were, as ArgMax gives codes for NaN too.
   */
  readonly quantiser: ModelGraph;
}

/** H, the features of a frame. */
export function widthOf(config: CodecConfig): number {
  return config.num_filters * 2 ** config.upsampling_ratios.length;
}

export function encoderGraphs(
  config: CodecConfig,
  weights: Weights,
  options: CodecGraphOptions,
): EncoderGraphs {
  const layers = weights.under('encoder.layers.');
  const { graph: convolutions, next } = convolutionGraph(config, layers, options);
  const lstm = config.num_lstm_layers > 0 ? lstmGraph(config, layers.under(`${next}.`), options) : undefined;
  const last = layers.under(`${next + (lstm ? 2 : 1)}.`);
  const quantiser = quantiserGraph(config, last, weights, options);
  return { convolutions, ...(lstm && { lstm }), quantiser };
}

/** `next`: index of the layer that follows. */
function convolutionGraph(config: CodecConfig, layers: Weights, { short }: CodecGraphOptions) {
  const g = newGraph('encodec-convolutions');
  const context: ConvContext = { g, config, short };
  let filters = config.num_filters;
  let index = 0;
  const at = (offset: number) => layers.under(`${index + offset}.`);

  let x = g.Reshape(g.input('audio', 'float32', [1, 1, 'samples']), g.ints([-1, 1]));
  x = conv(context, x, at(0), { inputs: 1, outputs: filters, kernel: config.kernel_size });
  index += 1;
  for (const ratio of config.upsampling_ratios.toReversed()) {
    for (let j = 0; j < config.num_residual_layers; j++, index++) {
      x = residualBlock(context, x, at(0), filters, config.dilation_growth_rate ** j);
    }
    const strided = { inputs: filters, outputs: 2 * filters, kernel: 2 * ratio, stride: ratio };
    x = conv(context, elu(g, x), at(1), strided);
    filters *= 2;
    index += 2;
  }
  g.output('features', x, 'float32', ['frames', filters]);
  return { graph: { name: g.name, onnx: g.toBytes() }, next: index };
}

function lstmGraph(config: CodecConfig, weights: Weights, { short }: CodecGraphOptions): ModelGraph {
  const g = newGraph('encodec-lstm');
  const width = widthOf(config);
  const shape = [2 * config.num_lstm_layers, 'sounds', width];
  const x = g.input('features', 'float32', ['frames', 'sounds', width]);
  const states = g.input('states', 'float32', shape);
  const { y, last } = lstm({ g, config, short }, x, weights, width, states);
  g.output('sequence', y, 'float32', ['frames', 'sounds', width]);
  g.output('last', last, 'float32', shape);
  return { name: g.name, onnx: g.toBytes() };
}

function quantiserGraph(
  config: CodecConfig,
  layer: Weights,
  weights: Weights,
  { codebooks, short }: CodecGraphOptions,
): ModelGraph {
  const g = newGraph('encodec-quantiser');
  const width = widthOf(config);
  const rows = g.input('sequence', 'float32', ['frames', width]);
  const embeddings = conv({ g, config, short }, elu(g, rows), layer, lastConvolution(config));
  const { codes, nearness } = quantise(g, embeddings, weights, config, codebooks);
  g.output('codes', codes, 'int32', [codebooks, 'frames']);
  g.output('nearness', nearness, 'float32', [codebooks, 'frames']);
  g.output('embeddings', embeddings, 'float32', ['frames', config.hidden_size]);
  return { name: g.name, onnx: g.toBytes() };
}

/** Frames of sound beside a frame that its features are made of. See docs/measure/loss.md, caveats. */
export function convolutionMargin(config: CodecConfig): Margin {
  return marginOf(config, convolutionsOf(config), clockOf(config).hop);
}

/**
 * Frames of a sound from which on no convolution before the LSTM pads more samples than it has; one more than whole ones
 * would need, as the last may have a single sample.
 */
export function leastFrames(config: CodecConfig): number {
  let { hop: samples } = clockOf(config); // of a frame, as a layer has them
  let least = 1;
  for (const layer of convolutionsOf(config)) {
    const { stride = 1 } = layer;
    const { left, right } = paddingOf(config, layer);
    least = Math.max(least, Math.floor(Math.max(left, right + stride - 1) / samples) + 1);
    samples /= stride;
  }
  return least + 1;
}

/** The convolutions before the LSTM, but those that see one sample only. */
function convolutionsOf(config: CodecConfig): Pick<ConvShape, 'kernel' | 'stride' | 'dilation'>[] {
  const layers: Pick<ConvShape, 'kernel' | 'stride' | 'dilation'>[] = [{ kernel: config.kernel_size }];
  for (const ratio of config.upsampling_ratios.toReversed()) {
    for (let j = 0; j < config.num_residual_layers; j++) {
      layers.push({ kernel: config.residual_kernel_size, dilation: config.dilation_growth_rate ** j });
    }
    layers.push({ kernel: 2 * ratio, stride: ratio });
  }
  return layers;
}

/** Frames of the sequence beside a frame that its codes are made of. */
export function quantiserMargin(config: CodecConfig): Margin {
  return marginOf(config, [lastConvolution(config)], 1);
}

/**
 * Frames by which a sample can change codes before or after its own frame, the larger of both: by the convolutions alone.
 * What the LSTM carries further grows weaker with distance and goes forward only.
 */
export function reachOf(config: CodecConfig): number {
  const margins = [convolutionMargin(config), quantiserMargin(config)];
  const sum = (side: keyof Margin) => margins.reduce((frames, margin) => frames + margin[side], 0);
  return Math.max(sum('before'), sum('after'));
}

/** How far result 0 of a stack of convolutions sees: samples [first, last] of its input, in frames beside frame 0. */
function marginOf(
  config: CodecConfig,
  layers: readonly Pick<ConvShape, 'kernel' | 'stride' | 'dilation'>[],
  hop: number,
): Margin {
  let [first, last] = [0, 0];
  for (const { kernel, stride = 1, dilation = 1 } of layers.toReversed()) {
    const { left } = paddingOf(config, { kernel, stride, dilation });
    first = first * stride - left;
    last = last * stride - left + (kernel - 1) * dilation;
  }
  return { before: Math.ceil(-first / hop), after: Math.max(0, Math.ceil((last + 1) / hop) - 1) };
}

function lastConvolution(config: CodecConfig): ConvShape {
  return { inputs: widthOf(config), outputs: config.hidden_size, kernel: config.last_kernel_size };
}

/**
 * embeddings [T, D] -> codes and nearness [K, T]: each codebook takes the entry e nearest to what the ones before left over.
 * argmax of 2 x.e - |e|^2 is the nearest, as |x|^2 is the same for all entries; ties go to the lowest index.
 */
function quantise(
  g: Graph,
  embeddings: Value,
  weights: Weights,
  config: CodecConfig,
  codebooks: number,
): { readonly codes: Value; readonly nearness: Value } {
  let residual = embeddings;
  const rows: Value[] = [];
  const sums: Value[] = [];
  for (let k = 0; k < codebooks; k++) {
    const entries = codebook(g, weights, config, k);
    const norms = g.ReduceSumSquare(entries, g.ints([1]), { keepdims: false });
    const nearness = g.Sub(g.Gemm(residual, entries, { alpha: 2, transB: true }), norms);
    const row = g.ArgMax(nearness, { axis: 1, keepdims: false });
    rows.push(g.Unsqueeze(row, g.ints([0])));
    sums.push(g.Unsqueeze(g.ReduceSum(nearness, g.ints([1]), { keepdims: false }), g.ints([0])));
    if (k + 1 < codebooks) residual = g.Sub(residual, g.Gather(entries, row));
  }
  return {
    codes: g.Cast(g.Concat(rows, { axis: 0 }), 'int32'),
    nearness: g.Concat(sums, { axis: 0 }),
  };
}
