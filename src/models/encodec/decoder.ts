// EnCodec's decoder: codes -> sound, as two ONNX graphs over a Hugging Face checkpoint. What runs at the rate of the frames, the
// LSTM among it, takes all of them at once; the convolutions that make samples of them see few frames beside their own, and
// take them in windows. A row has the bits it has alone, whatever is beside it (seanet.ts), so a sound has the same bits
// in windows as in one piece, and memory does not grow with its length.

import { type Graph, newGraph } from '../../onnx/graph.js';
import type { Value } from '../../onnx/value.js';
import type { ModelGraph, Session } from '../runtime.js';
import type { Weights } from '../weights.js';
import { blocksOf, type Margin, widened } from './blocks.js';
import type { CodecConfig } from './config.js';
import { type CodecGraphOptions, clockOf, codebook } from './encodec.js';
import { floatsOf } from './encoder.js';
import { type ConvContext, conv, convTranspose, elu, lstm, paddingOf, residualBlock } from './seanet.js';

/** Frames of a window, without what stands beside it: two seconds. */
const WINDOW = 100;

/** The graphs of a decoder; H is as many features as the encoder's convolutions make of a frame. */
interface DecoderGraphs {
  /** codes [K, T] int32 -> features [T, H] float32. */
  readonly sequence: ModelGraph;
  /** features [T, H] float32 -> audio [1, 1, T * hop] float32. */
  readonly convolutions: ModelGraph;
}

export function decoderGraphs(
  config: CodecConfig,
  weights: Weights,
  options: CodecGraphOptions,
): DecoderGraphs {
  const layers = weights.under('decoder.layers.');
  const { graph: sequence, next } = sequenceGraph(config, { weights, layers }, options);
  return { sequence, convolutions: convolutionGraph(config, layers, { next, short: options.short }) };
}

/** `next`: index of the layer that follows. */
function sequenceGraph(
  config: CodecConfig,
  { weights, layers }: { readonly weights: Weights; readonly layers: Weights },
  { codebooks, short }: CodecGraphOptions,
) {
  const g = newGraph('encodec-decoder-sequence');
  const context: ConvContext = { g, config, short };
  const filters = config.num_filters * 2 ** config.upsampling_ratios.length;
  const codes = g.input('codes', 'int32', [codebooks, 'frames']);
  let x = dequantise(g, codes, weights, config, codebooks);
  const first = { inputs: config.hidden_size, outputs: filters, kernel: config.kernel_size };
  x = conv(context, x, layers.under('0.'), first);
  const recurs = config.num_lstm_layers > 0;
  if (recurs) {
    const one = g.ints([1]);
    x = g.Squeeze(lstm(context, g.Unsqueeze(x, one), layers.under('1.'), filters).y, one);
  }
  g.output('features', x, 'float32', ['frames', filters]);
  return { graph: { name: g.name, onnx: g.toBytes() }, next: recurs ? 2 : 1 };
}

function convolutionGraph(
  config: CodecConfig,
  layers: Weights,
  { next, short }: { readonly next: number; readonly short: boolean },
): ModelGraph {
  const g = newGraph('encodec-decoder-convolutions');
  const context: ConvContext = { g, config, short };
  let filters = config.num_filters * 2 ** config.upsampling_ratios.length;
  let index = next;
  const at = (offset: number) => layers.under(`${index + offset}.`);
  let x = g.input('features', 'float32', ['frames', filters]);
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

/** Frames of features beside a frame that its samples are made of. */
export function decoderMargin(config: CodecConfig): Margin {
  const { hop } = clockOf(config);
  // Samples [first, last] of what goes into a layer, for the samples of one frame that come out of the last one.
  let [first, last] = [0, hop - 1];
  const through = (kernel: number, dilation = 1): void => {
    const { left, right } = paddingOf(config, { kernel, dilation });
    first -= left;
    last += right;
  };
  through(config.last_kernel_size);
  for (const ratio of config.upsampling_ratios.toReversed()) {
    for (let j = 0; j < config.num_residual_layers; j++)
      through(config.residual_kernel_size, config.dilation_growth_rate ** j);
    // A row makes `ratio` samples and as many after them, of which at most all of one side are cut off.
    first = Math.floor(first / ratio) - 1;
    last = Math.floor(last / ratio) + 1;
  }
  return { before: -first, after: last };
}

interface DecoderParts {
  /** For sounds of so many frames. */
  readonly graphs: (frames: number) => DecoderGraphs;
  readonly open: (graph: ModelGraph) => Promise<Session>;
  /** For errors. */
  readonly name: string;
}

/** Codes of one channel, [K, T], to its T * hop samples. */
export function decoderOf(
  config: CodecConfig,
  { graphs, open, name }: DecoderParts,
): (codes: {
  readonly codebooks: number;
  readonly frames: number;
  readonly data: Int32Array;
}) => Promise<Float32Array> {
  const { hop } = clockOf(config);
  const margin = decoderMargin(config);
  const who = `${name}: the decoder`;
  return async ({ codebooks, frames, data }) => {
    const { sequence, convolutions } = graphs(frames);
    const codes = { type: 'int32', dims: [codebooks, frames], data } as const;
    const recurred = await (await open(sequence)).run({ codes }, { fetch: ['features'] });
    const features = floatsOf(recurred.tensors.features, who);
    const width = features.length / frames;
    const session = await open(convolutions);
    const sound = new Float32Array(frames * hop);
    for (const block of blocksOf(frames, WINDOW)) {
      const window = widened(block, margin, frames);
      const rows = features.subarray(window.start * width, window.end * width);
      const dims = [window.end - window.start, width];
      const feeds = { features: { type: 'float32', dims, data: rows } as const };
      const audio = floatsOf((await session.run(feeds, { fetch: ['audio'] })).tensors.audio, who);
      const before = (block.start - window.start) * hop;
      const samples = (block.end - block.start) * hop;
      sound.set(audio.subarray(before, before + samples), block.start * hop);
    }
    return sound;
  };
}
