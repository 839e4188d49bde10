// EnCodec (Défossez et al. 2022, arXiv 2210.13438) as ONNX graphs over a Hugging Face checkpoint: SEANet
// encoder + residual vector quantiser, and codes -> SEANet decoder. Activations are [1, channels, samples].

import type { FrameClock } from '../audio/codes.js';
import { type Graph, newGraph } from '../onnx/graph.js';
import type { Value } from '../onnx/value.js';
import type { CodecConfig } from './config.js';
import type { ModelGraph } from './runtime.js';
import { type ConvContext, conv, convTranspose, lstm } from './seanet.js';
import type { Weights } from './weights.js';

export interface CodecGraphOptions {
  /** K: how many codebooks to use. */
  readonly codebooks: number;
  /** Follow the rule for signals shorter than their reflect padding; costs two copies per convolution. */
  readonly short: boolean;
}

export function clockOf(config: CodecConfig): FrameClock {
  const hop = config.upsampling_ratios.reduce((product, ratio) => product * ratio, 1);
  return { sampleRate: config.sampling_rate, hop };
}

/**
 * Codebooks in use at a bandwidth of kbit/s. The file holds as many as the last target bandwidth takes at 10
 * bits a code, whatever the codebook's size; a bandwidth then takes log2(V) bits a code.
 */
export function codebooksAt(config: CodecConfig, bandwidth: number): number {
  const { sampleRate, hop } = clockOf(config);
  const frameRate = Math.ceil(sampleRate / hop);
  const last = config.target_bandwidths.at(-1) ?? bandwidth;
  const stored = Math.floor((1000 * last) / (10 * frameRate));
  const wanted = Math.floor((1000 * bandwidth) / (Math.log2(config.codebook_size) * frameRate));
  return Math.min(stored, Math.max(1, wanted));
}

/** Up to this many frames some convolution may pad more than it has: build the graph with `short`. */
export function shortFrames(config: CodecConfig): number {
  const dilation = config.dilation_growth_rate ** Math.max(0, config.num_residual_layers - 1);
  const kernels = [
    config.kernel_size,
    config.last_kernel_size,
    (config.residual_kernel_size - 1) * dilation + 1,
    3 * Math.max(...config.upsampling_ratios),
  ];
  return Math.max(...kernels);
}

/**
 * audio [1, 1, samples] float32 -> codes [K, T] int32, embeddings [hidden_size, T] float32 (before
 * quantisation), T = ceil(samples / hop).
 */
export function encoderGraph(config: CodecConfig, weights: Weights, options: CodecGraphOptions): ModelGraph {
  const g = newGraph('encodec-encoder');
  const context: ConvContext = { g, config, short: options.short };
  const layers = weights.under('encoder.layers.');
  let filters = config.num_filters;
  let index = 0;
  const at = (offset: number) => layers.under(`${index + offset}.`);

  let x = g.input('audio', 'float32', [1, 1, 'samples']);
  x = conv(context, x, at(0), { inputs: 1, outputs: filters, kernel: config.kernel_size });
  index += 1;
  for (const ratio of config.upsampling_ratios.toReversed()) {
    for (let j = 0; j < config.num_residual_layers; j++, index++) {
      x = residualBlock(context, x, at(0), filters, config.dilation_growth_rate ** j);
    }
    const strided = { inputs: filters, outputs: 2 * filters, kernel: 2 * ratio, stride: ratio };
    x = conv(context, g.Elu(x), at(1), strided);
    filters *= 2;
    index += 2;
  }
  if (config.num_lstm_layers > 0) {
    x = lstm(context, x, at(0), filters);
    index += 1;
  }
  const last = { inputs: filters, outputs: config.hidden_size, kernel: config.last_kernel_size };
  x = conv(context, g.Elu(x), at(1), last);

  const embeddings = g.Squeeze(x, g.ints([0]));
  const codes = quantise(g, g.Transpose(embeddings, { perm: [1, 0] }), weights, config, options.codebooks);
  g.output('codes', codes, 'int32', [options.codebooks, 'frames']);
  g.output('embeddings', embeddings, 'float32', [config.hidden_size, 'frames']);
  return { name: g.name, onnx: g.toBytes() };
}

/** codes [K, T] int32 -> audio [1, 1, T * hop] float32. */
export function decoderGraph(config: CodecConfig, weights: Weights, options: CodecGraphOptions): ModelGraph {
  const g = newGraph('encodec-decoder');
  const context: ConvContext = { g, config, short: options.short };
  const layers = weights.under('decoder.layers.');
  let filters = config.num_filters * 2 ** config.upsampling_ratios.length;
  let index = 0;
  const at = (offset: number) => layers.under(`${index + offset}.`);

  const codes = g.input('codes', 'int32', [options.codebooks, 'frames']);
  const summed = dequantise(g, codes, weights, config, options.codebooks);
  let x = g.Unsqueeze(g.Transpose(summed, { perm: [1, 0] }), g.ints([0]));
  x = conv(context, x, at(0), { inputs: config.hidden_size, outputs: filters, kernel: config.kernel_size });
  index += 1;
  if (config.num_lstm_layers > 0) {
    x = lstm(context, x, at(0), filters);
    index += 1;
  }
  for (const ratio of config.upsampling_ratios) {
    const strided = { inputs: filters, outputs: filters / 2, kernel: 2 * ratio, stride: ratio };
    x = convTranspose(context, g.Elu(x), at(1), strided);
    filters /= 2;
    index += 2;
    for (let j = 0; j < config.num_residual_layers; j++, index++) {
      x = residualBlock(context, x, at(0), filters, config.dilation_growth_rate ** j);
    }
  }
  x = conv(context, g.Elu(x), at(1), { inputs: filters, outputs: 1, kernel: config.last_kernel_size });
  g.output('audio', x, 'float32', [1, 1, 'samples']);
  return { name: g.name, onnx: g.toBytes() };
}

/** x + conv1x1(ELU(conv(ELU(x)))), the shortcut itself a 1x1 convolution if the config says so. */
function residualBlock(
  context: ConvContext,
  x: Value,
  weights: Weights,
  dim: number,
  dilation: number,
): Value {
  const { g, config } = context;
  const hidden = Math.floor(dim / config.compress);
  const first = { inputs: dim, outputs: hidden, kernel: config.residual_kernel_size, dilation };
  let y = conv(context, g.Elu(x), weights.under('block.1.'), first);
  y = conv(context, g.Elu(y), weights.under('block.3.'), { inputs: hidden, outputs: dim, kernel: 1 });
  const shortcut = config.use_conv_shortcut
    ? conv(context, x, weights.under('shortcut.'), { inputs: dim, outputs: dim, kernel: 1 })
    : x;
  return g.Add(shortcut, y);
}

/**
 * embeddings [T, D] -> codes [K, T]: each codebook takes the entry e nearest to what the ones before left over.
 * argmax of 2 x.e - |e|^2 is the nearest, as |x|^2 is the same for all entries; ties go to the lowest index.
 */
function quantise(
  g: Graph,
  embeddings: Value,
  weights: Weights,
  config: CodecConfig,
  codebooks: number,
): Value {
  let residual = embeddings;
  const rows: Value[] = [];
  for (let k = 0; k < codebooks; k++) {
    const entries = codebook(g, weights, config, k);
    const norms = g.ReduceSumSquare(entries, g.ints([1]), { keepdims: false });
    const nearness = g.Sub(g.Gemm(residual, entries, { alpha: 2, transB: true }), norms);
    const row = g.ArgMax(nearness, { axis: 1, keepdims: false });
    rows.push(g.Unsqueeze(row, g.ints([0])));
    if (k + 1 < codebooks) residual = g.Sub(residual, g.Gather(entries, row));
  }
  return g.Cast(g.Concat(rows, { axis: 0 }), 'int32');
}

/** codes [K, T] -> sum of the entries [T, D]. */
function dequantise(g: Graph, codes: Value, weights: Weights, config: CodecConfig, codebooks: number): Value {
  const entry = (k: number) => g.Gather(codebook(g, weights, config, k), g.Gather(codes, g.int(k)));
  let sum = entry(0);
  for (let k = 1; k < codebooks; k++) sum = g.Add(sum, entry(k));
  return sum;
}

function codebook(g: Graph, weights: Weights, config: CodecConfig, k: number): Value {
  const name = `quantizer.layers.${k}.codebook.embed`;
  return weights.take(g, name, [config.codebook_size, config.hidden_size]);
}
