// EnCodec (Défossez et al. 2022, arXiv 2210.13438) over a Hugging Face checkpoint: its clock and its codebooks. The encoder
// is in encoder.ts, the decoder in decoder.ts.

import type { FrameClock } from '../../audio/codes.js';
import { counted } from '../../counted.js';
import type { Graph } from '../../onnx/graph.js';
import type { Value } from '../../onnx/value.js';
import type { Weights } from '../weights.js';
import type { CodecConfig } from './config.js';

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

/** How many codebooks a file holds. */
export interface StoredCodebooks {
  readonly stored: number;
  /** Set where the two rules of Hugging Face disagree and the file follows the older one. */
  readonly remark?: string;
}

/**
 * Counts the codebooks in the file and compares them with the configuration: as many as the last target bandwidth takes
 * at ceil(log2 V) bits a code (Hugging Face's EncodecConfig.num_quantizers since transformers 5), or at 10 bits a code
 * whatever V is (before). Where the rules disagree, the file's own number decides. Throws when it is neither.
 */
export function storedCodebooks(config: CodecConfig, weights: Weights, name: string): StoredCodebooks {
  let stored = 0;
  while (weights.has(entriesOf(stored))) stored++;
  const last = config.target_bandwidths.at(-1) ?? 0;
  const bits = Math.max(1, Math.ceil(Math.log2(config.codebook_size)));
  const at = (bitsOfCode: number) => quotient(1000 * last, bitsOfCode * frameRateOf(config));
  const [now, before] = [at(bits), at(10)];
  const expected = `${last} kbit/s at ${counted(bits, 'bit')} a code make ${now}`;
  if (stored === now) return { stored };
  const older = `(10 bits a code, as Hugging Face had it before transformers 5, make ${before})`;
  if (stored === before) {
    return {
      stored,
      remark: `${name}: ${counted(stored, 'codebook')} as in the file, though ${expected} ${older}`,
    };
  }
  const also = now === before ? '' : ` ${older}`;
  throw new Error(
    `${name}/config.json: ${expected}${also}, but the file has ${stored} (quantizer.layers.0 on); one of them is not this model's`,
  );
}

/** Codebooks in use at a bandwidth of kbit/s, which takes log2(V) bits a code: at most as many as are stored. */
export function codebooksAt(config: CodecConfig, bandwidth: number, stored: number): number {
  const bits = Math.log2(config.codebook_size) * frameRateOf(config);
  return Math.min(stored, Math.max(1, Math.floor((1000 * bandwidth) / bits)));
}

/** Frames a second, rounded up: what Hugging Face counts bandwidths with. */
function frameRateOf(config: CodecConfig): number {
  const { sampleRate, hop } = clockOf(config);
  return Math.ceil(sampleRate / hop);
}

/** Floor division of positive numbers as Python has it: of the exact quotient, which a division rounds first. */
function quotient(a: number, b: number): number {
  return Math.round((a - (a % b)) / b);
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

/** The entries of codebook k, [V, D]. */
export function codebook(g: Graph, weights: Weights, config: CodecConfig, k: number): Value {
  return weights.take(g, entriesOf(k), [config.codebook_size, config.hidden_size]);
}

/** Name of the tensor with the entries of codebook k. */
function entriesOf(k: number): string {
  return `quantizer.layers.${k}.codebook.embed`;
}
