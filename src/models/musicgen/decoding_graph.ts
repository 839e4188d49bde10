// MusicGen's decoder for one column at a time: the ONNX graph of musicgen.ts for the newest rows of R sequences side by
// side, over keys and values in memory taken once. Nothing grows and nothing is copied but the new rows:
//  - keys and values lie [rows, streams, heads, size], so that any number of leading rows is one piece, and
//    FusedMatMul reads that as [streams, heads, rows, size] by strides (transBatchB);
//  - new rows leave as an output that is written into that memory, and the same run reads them there. Their shape,
//    times 0, is the "as it is" of a Reshape of the past, so that no node reads before they are written;
//  - `stale` detects a runtime in which the memory is not shared: it would lose the newest rows without an error.
// It gives the bits of musicgen.ts over all N rows when fed as many keys as the queries' block sees there, the
// rows not yet run masked as those are; see musicgen.ts on what else that takes.

import { type Graph, newGraph } from '../../onnx/graph.js';
import type { Value } from '../../onnx/value.js';
import type { ModelGraph } from '../runtime.js';
import type { Weights } from '../weights.js';
import type { MusicgenConfig } from './config.js';
import { type DecoderForm, embed, feedForward, linear, names, norm, prepended } from './graph.js';

/** [] float32: 0 where the newest rows were read as written. */
export const STALE = 'stale';

/**
 * S new rows (a column, or some of what stands before the first), W rows of keys, of which `pastColumns` were run.
 * Takes, under the names of musicgen.ts and row by row, within it stream by stream: tokens [K, R] or [K, 0], positions
 * [S R, H], pastColumns [1], past keys and values [W, R, heads, H / heads]; `prepended`: chroma [C R], text
 * [L R, H], the rows read in this run; `cross`: text [L R, H] in the first run, later [0, H], and its keys and values
 * [L, R, heads, H / heads]. Gives the new rows' keys and values, to be written over rows of what was taken, and the
 * logits of all rows, [S R, V].
 */
export function decodingGraph(
  config: MusicgenConfig,
  weights: Weights,
  { conditioning = 'none', fused = true }: Pick<DecoderForm, 'conditioning' | 'fused'> = {},
): ModelGraph {
  const g = newGraph('musicgen-decoding', { fused });
  const model = weights.under('decoder.model.decoder.');
  const { num_codebooks: codebooks, vocab_size: vocabulary, hidden_size: hidden } = config;

  let x = embed(g, config, model, g.input(names.tokens, 'int32', [codebooks, 'column_rows']));
  const text = conditioning === 'none' ? undefined : g.input(names.text, 'float32', ['text_rows', hidden]);
  if (conditioning === 'prepended' && text)
    x = g.Concat([prepended(g, config, weights, text), x], { axis: 0 });
  x = g.Add(x, g.input(names.positions, 'float32', ['rows', hidden]));
  const column = g.Cast(g.input(names.pastColumns, 'int32', [1]), 'int64');
  let rows: Rows | undefined;
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    const block = model.under(`layers.${layer}.`);
    const own = block.under('self_attn.');
    const normed = norm(g, x, block, 'self_attn_layer_norm', hidden);
    const { keys, values } = remembered(g, config, own, normed, {
      keys: [names.pastKeys(layer), names.keys(layer)],
      values: [names.pastValues(layer), names.values(layer)],
    });
    rows ??= rowsOf(g, x, keys.all, column);
    x = g.Add(x, attention(g, config, own, normed, { keys: keys.all, values: values.all, mask: rows.mask }));
    if (layer === config.num_hidden_layers - 1) {
      const difference = g.Sub(g.Gather(values.all, rows.indices), values.newest);
      const stale = g.ReduceSumSquare(difference, g.ints([0, 1, 2, 3]), { keepdims: false });
      g.output(STALE, stale, 'float32', []);
    }
    if (conditioning === 'cross' && text) {
      const other = block.under('encoder_attn.');
      const told = remembered(g, config, other, text, {
        keys: [names.pastTextKeys(layer), names.textKeys(layer)],
        values: [names.pastTextValues(layer), names.textValues(layer)],
      });
      const query = norm(g, x, block, 'encoder_attn_layer_norm', hidden);
      x = g.Add(x, attention(g, config, other, query, { keys: told.keys.all, values: told.values.all }));
    }
    x = g.Add(x, feedForward(g, config, block, norm(g, x, block, 'final_layer_norm', hidden)));
  }
  x = norm(g, x, model, 'layer_norm', hidden);
  for (let k = 0; k < codebooks; k++) {
    const logits = linear(g, x, weights, `decoder.lm_heads.${k}.weight`, hidden, vocabulary);
    g.output(names.logits(k), logits, 'float32', ['rows', vocabulary]);
  }
  return { name: g.name, onnx: g.toBytes() };
}

/** The rows of this run among all: [S] int64, and 0 for the rows up to each, -inf for those after it, [S, W]. */
interface Rows {
  readonly indices: Value;
  readonly mask: Value;
}

function rowsOf(g: Graph, x: Value, keys: Value, column: Value): Rows {
  const size = (value: Value, axis: number) => g.Gather(g.Shape(value), g.int(axis));
  const first = g.Squeeze(column, g.ints([0]));
  const indices = g.Range(first, g.Add(first, g.Div(size(x, 0), size(keys, 1))), g.int(1));
  const all = g.Range(g.int(0), size(keys, 0), g.int(1));
  const seen = g.LessOrEqual(all, g.Unsqueeze(indices, g.ints([1])));
  return { indices, mask: g.Where(seen, g.float(0), g.float(Number.NEGATIVE_INFINITY)) };
}

/** What a memory is called where it comes in, and its new rows where they go out. */
type MemoryNames = readonly [past: string, present: string];

interface Memory {
  /** [W, R, heads, size], not read before the new rows are written. */
  readonly all: Value;
  /** [S, R, heads, size]. */
  readonly newest: Value;
}

/** Keys and values of new rows [S R, H], in the memory of all. */
function remembered(
  g: Graph,
  config: MusicgenConfig,
  weights: Weights,
  rows: Value,
  memories: Readonly<Record<'keys' | 'values', MemoryNames>>,
): Readonly<Record<'keys' | 'values', Memory>> {
  const { hidden_size: hidden, num_attention_heads: heads } = config;
  const written = (projection: string, [past, present]: MemoryNames): Memory => {
    const memory = g.input(past, 'float32', [`${past}.rows`, 'streams', heads, hidden / heads]);
    const fresh = linear(g, rows, weights, `${projection}.weight`, hidden, hidden);
    const newest = byStream(g, config, fresh, memory);
    g.output(present, newest, 'float32', [`${present}.rows`, 'streams', heads, hidden / heads]);
    return { all: g.Reshape(memory, g.Mul(g.Shape(newest), g.ints([0]))), newest };
  };
  return { keys: written('k_proj', memories.keys), values: written('v_proj', memories.values) };
}

/** [S R, H] as [S, R, heads, size], with as many streams as `like` has. */
function byStream(g: Graph, config: MusicgenConfig, rows: Value, like: Value): Value {
  const { hidden_size: hidden, num_attention_heads: heads } = config;
  const streams = g.Slice(g.Shape(like), g.ints([1]), g.ints([2]), g.ints([0]));
  return g.Reshape(rows, g.Concat([g.ints([-1]), streams, g.ints([heads, hidden / heads])], { axis: 0 }));
}

interface Attended {
  /** [W, R, heads, size]. */
  readonly keys: Value;
  readonly values: Value;
  /** [S, W]; absent where every row sees all. */
  readonly mask?: Value;
}

/** The new rows of each stream against the keys that they see, [S R, H] -> [S R, H]. */
function attention(g: Graph, config: MusicgenConfig, weights: Weights, x: Value, attended: Attended): Value {
  const { hidden_size: hidden, num_attention_heads: heads } = config;
  const { keys, values, mask } = attended;
  const alpha = (hidden / heads) ** -0.5;
  const rows = byStream(g, config, linear(g, x, weights, 'q_proj.weight', hidden, hidden), keys);
  const query = g.Transpose(rows, { perm: [1, 2, 0, 3] });
  const products = g.FusedMatMul(query, keys, { alpha, transB: true, transBatchB: true });
  const scores = mask ? g.Add(products, mask) : products;
  // Half, made whole again by out_proj, as in musicgen.ts.
  const halves = g.FusedMatMul(g.Softmax(scores), values, { alpha: 0.5, transBatchB: true });
  const merged = g.Reshape(g.Transpose(halves, { perm: [2, 0, 1, 3] }), g.ints([-1, hidden]));
  return linear(g, merged, weights, 'out_proj.weight', hidden, hidden, 2);
}
