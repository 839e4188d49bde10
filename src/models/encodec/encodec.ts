// EnCodec (Défossez et al. 2022, arXiv 2210.13438) over a Hugging Face checkpoint: its clock, its codebooks, and codes ->
// SEANet decoder as an ONNX graph. The encoder is in encodec_encoder.ts.

import type { FrameClock } from '../../audio/codes.js';
import { type Graph, newGraph } from '../../onnx/graph.js';
import type { Value } from '../../onnx/value.js';
import type { CodecConfig } from '../config.js';
import type { ModelGraph } from '../runtime.js';
import type { Weights } from '../weights.js';
import { type ConvContext, conv, convTranspose, elu, lstm, residualBlock } from './seanet.js';

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

/** codes [K, T] int32 -> audio [1, 1, T * hop] float32. */
export function decoderGraph(config: CodecConfig, weights: Weights, options: CodecGraphOptions): ModelGraph {
  const g = newGraph('encodec-decoder');
  const context: ConvContext = { g, config, short: options.short };
  const layers = weights.under('decoder.layers.');
  let filters = config.num_filters * 2 ** config.upsampling_ratios.length;
  let index = 0;
  const at = (offset: number) => layers.under(`${index + offset}.`);

  const codes = g.input('codes', 'int32', [options.codebooks, 'frames']);
  let x = dequantise(g, codes, weights, config, options.codebooks);
  x = conv(context, x, at(0), { inputs: config.hidden_size, outputs: filters, kernel: config.kernel_size });
  index += 1;
  if (config.num_lstm_layers > 0) {
    const one = g.ints([1]);
    x = g.Squeeze(lstm(context, g.Unsqueeze(x, one), at(0), filters).y, one);
    index += 1;
  }
  for (const ratio of config.upsampling_ratios) {
    const strided = { inputs: filters, outputs: filters / 2, kernel: 2 * ratio, stride: ratio };
    x = convTranspose(context, elu(g, x), at(1), strided);
    filters /= 2;
    index += 2;
    for (let j = 0; j < config.num_residual_layers; j++, index++) {
      x = residualBlock(context, x, at(0), filters, config.dilation_growth_rate ** j);
    }
  }
  x = conv(context, elu(g, x), at(1), { inputs: filters, outputs: 1, kernel: config.last_kernel_size });
  g.output('audio', g.Reshape(x, g.ints([1, 1, -1])), 'float32', [1, 1, 'samples']);
  return { name: g.name, onnx: g.toBytes() };
}

/** codes [K, T] -> sum of the entries [T, D]. */
function dequantise(g: Graph, codes: Value, weights: Weights, config: CodecConfig, codebooks: number): Value {
  const entry = (k: number) => g.Gather(codebook(g, weights, config, k), g.Gather(codes, g.int(k)));
  let sum = entry(0);
  for (let k = 1; k < codebooks; k++) sum = g.Add(sum, entry(k));
  return sum;
}

/** The entries of codebook k, [V, D]. */
export function codebook(g: Graph, weights: Weights, config: CodecConfig, k: number): Value {
  const name = `quantizer.layers.${k}.codebook.embed`;
  return weights.take(g, name, [config.codebook_size, config.hidden_size]);
}
