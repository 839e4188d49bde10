// MusicGen's decoder for one column at a time: the ONNX graph of musicgen.ts for a single query, over keys and values
// in memory taken once. Nothing grows and nothing is copied but the new column:
//  - keys and values lie [columns, streams, heads, size], so that any number of leading columns is one piece, and
//    FusedMatMul reads that as [streams, heads, columns, size] by strides (transBatchB);
//  - the new column leaves as an output that is written into that memory, and the same run reads it there. Its shape,
//    times 0, is the "as it is" of a Reshape of the past, so that no node reads before it is written;
//  - `stale` tells a runtime where the memory is not shared: it would lose the newest column without a word.
// It gives the bits of musicgen.ts over all N columns when fed as many keys as the query's block sees there, the
// columns not yet run masked as those are; see musicgen.ts on what else that takes.

import { type Graph, newGraph } from '../onnx/graph.js';
import type { Value } from '../onnx/value.js';
import type { MusicgenConfig } from './config.js';
import { embed, feedForward, linear, names, norm } from './musicgen.js';
import type { ModelGraph } from './runtime.js';
import type { Weights } from './weights.js';

/** [] float32: 0 where the newest column was read as written. */
export const STALE = 'stale';

/**
 * R streams, W columns of keys, of which `pastColumns` were run. Takes, under the names of musicgen.ts: tokens
 * [K, R], positions [1, H], pastColumns [1], past keys and values [W, R, heads, H / heads]. Gives the new column of
 * keys and values [1, R, heads, H / heads], to be written to row `pastColumns` of the past, and logits [R, V].
 */
export function decodingGraph(config: MusicgenConfig, weights: Weights): ModelGraph {
  const g = newGraph('musicgen-decoding');
  const model = weights.under('decoder.model.decoder.');
  const { num_codebooks: codebooks, vocab_size: vocabulary, hidden_size: hidden } = config;
  const size = hidden / config.num_attention_heads;

  let x = embed(g, config, model, g.input(names.tokens, 'int32', [codebooks, 'streams']));
  x = g.Add(x, g.input(names.positions, 'float32', [1, hidden]));
  const column = g.Cast(g.input(names.pastColumns, 'int32', [1]), 'int64');
  const shape = ['seen_columns', 'streams', config.num_attention_heads, size];
  let mask: Value | undefined;
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    const keys = g.input(names.pastKeys(layer), 'float32', shape);
    const values = g.input(names.pastValues(layer), 'float32', shape);
    mask ??= causalMask(g, keys, column);
    const block = model.under(`layers.${layer}.`);
    const normed = norm(g, x, block, 'self_attn_layer_norm', hidden);
    x = g.Add(x, attention(g, config, block, normed, { layer, keys, values, column, mask }));
    x = g.Add(x, feedForward(g, config, block, norm(g, x, block, 'final_layer_norm', hidden)));
  }
  x = norm(g, x, model, 'layer_norm', hidden);
  for (let k = 0; k < codebooks; k++) {
    const logits = linear(g, x, weights, `decoder.lm_heads.${k}.weight`, hidden, vocabulary);
    g.output(names.logits(k), logits, 'float32', ['streams', vocabulary]);
  }
  return { name: g.name, onnx: g.toBytes() };
}

/** 0 for the columns up to this one, -inf for those after it, [W]. */
function causalMask(g: Graph, keys: Value, column: Value): Value {
  const columns = g.Range(g.int(0), g.Gather(g.Shape(keys), g.int(0)), g.int(1));
  return g.Where(g.LessOrEqual(columns, column), g.float(0), g.float(Number.NEGATIVE_INFINITY));
}

interface Past {
  readonly layer: number;
  /** [W, R, heads, size]. */
  readonly keys: Value;
  readonly values: Value;
  /** [1] int64: where the new column goes. */
  readonly column: Value;
  readonly mask: Value;
}

/** One query of each stream against the columns up to its own, [R, H] -> [R, H]. */
function attention(g: Graph, config: MusicgenConfig, block: Weights, x: Value, past: Past): Value {
  const { hidden_size: hidden, num_attention_heads: heads } = config;
  const size = hidden / heads;
  const project = (name: string, dims: readonly number[]) =>
    g.Reshape(linear(g, x, block, `self_attn.${name}.weight`, hidden, hidden), g.ints(dims));
  const fresh = (name: string, output: string) => {
    const rows = project(name, [1, -1, heads, size]);
    g.output(output, rows, 'float32', [1, 'streams', heads, size]);
    return rows;
  };
  const query = project('q_proj', [-1, heads, 1, size]);
  const keys = onceWritten(g, past.keys, fresh('k_proj', names.keys(past.layer)));
  const newest = fresh('v_proj', names.values(past.layer));
  const values = onceWritten(g, past.values, newest);
  if (past.layer === config.num_hidden_layers - 1) {
    const difference = g.Sub(g.Gather(values, past.column), newest);
    const stale = g.ReduceSumSquare(difference, g.ints([0, 1, 2, 3]), { keepdims: false });
    g.output(STALE, stale, 'float32', []);
  }

  const alpha = size ** -0.5;
  const scores = g.Add(g.FusedMatMul(query, keys, { alpha, transB: true, transBatchB: true }), past.mask);
  // Half, made whole again by out_proj, as in musicgen.ts.
  const attended = g.FusedMatMul(g.Softmax(scores), values, { alpha: 0.5, transBatchB: true });
  const rows = g.Reshape(attended, g.ints([-1, hidden]));
  return linear(g, rows, block, 'self_attn.out_proj.weight', hidden, hidden, 2);
}

/** `past` as it is, but not before `fresh` is written. */
function onceWritten(g: Graph, past: Value, fresh: Value): Value {
  return g.Reshape(past, g.Mul(g.Shape(fresh), g.ints([0])));
}
