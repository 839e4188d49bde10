// Causal self-attention for runs that may begin and end anywhere in a sequence, with the bits of a run over all of it.
//
// A run is of S positions from P on, of N in all. Keys and values of the P positions before come in, and those of all N go
// out. A run gives the bits of a run over all N, whatever P, and also when it ends before N:
//  - queries are split at fixed positions of the N, so every query meets keys and sums in the same widths, whatever
//    a kernel does with the odd end of a row; of a run that ends before N, the given keys fill up the last width,
//    masked as all keys after a query are;
//  - every product of activations has alpha != 1: onnxruntime's matrix kernels switch to one of another summation
//    order where a block is a single row, but only for alpha = 1.

import type { Graph } from '../onnx/graph.js';
import type { Value } from '../onnx/value.js';

/** Query blocks: queries of a block see no keys after it, which saves near half of the attention. */
const BLOCKS = 6;

/** Which positions a run is of, and what its queries see. */
export interface QueryPositions {
  /** P, [1] int64. */
  readonly past: Value;
  /** Name of S. */
  readonly size: string;
  /** P + S. */
  readonly end: Value;
  /** Keys that any query sees: [0, keyEnd). */
  readonly keyEnd: Value;
  readonly blocks: readonly QueryBlock[];
}

/** A run of queries: [start, end) among the S, the end of the keys that it sees, and 0 or -inf, of that `shape`. */
export interface QueryBlock {
  readonly start: Value;
  readonly end: Value;
  readonly keyEnd: Value;
  readonly mask: Value;
  /** Names of how many queries and keys there are. */
  readonly shape: readonly [string, string];
}

/** Block i takes the queries of positions [i N / BLOCKS, (i + 1) N / BLOCKS) that are in this run: maybe none. */
export function queryPositions(
  g: Graph,
  run: { readonly past: Value; readonly rows: Value; readonly size: string; readonly all: Value },
): QueryPositions {
  const { past, rows, size, all } = run;
  const end = g.Add(past, rows);
  const [zero, one] = [g.int(0), g.int(1)];
  const scalar = (x: Value) => g.Squeeze(x, g.ints([0]));
  const boundAt = (i: Value) => g.Div(g.Mul(all, i), g.ints([BLOCKS]));
  const within = (position: Value) => g.Max(past, g.Min(position, end));
  const blocks = Array.from({ length: BLOCKS }, (_, i) => {
    const bound = boundAt(g.ints([i + 1]));
    const from = within(boundAt(g.ints([i])));
    const to = within(bound);
    // A block without queries reads no keys.
    const keyEnd = g.Where(g.LessOrEqual(to, from), g.ints([0]), bound);
    const queries = g.Unsqueeze(g.Range(scalar(from), scalar(to), one), g.ints([1]));
    const keys = g.Range(zero, scalar(keyEnd), one);
    const seen = g.LessOrEqual(keys, queries);
    const shape = [`queries.${i}`, `keys.${i}`] as const;
    const mask = g.shaped(g.Where(seen, g.float(0), g.float(Number.NEGATIVE_INFINITY)), 'float32', shape);
    return { start: g.Sub(from, past), end: g.Sub(to, past), keyEnd, mask, shape };
  });
  // The last block with queries: ceil(BLOCKS end / N).
  const last = g.Div(g.Sub(g.Add(g.Mul(end, g.ints([BLOCKS])), all), g.ints([1])), all);
  return { past, size, end, keyEnd: boundAt(last), blocks };
}

/** Keys that the query of a position meets in a run over N positions, those masked included: its block's. */
export function keysSeen(position: number, positions: number): number {
  for (let i = 1; i < BLOCKS; i++) {
    const end = Math.floor((i * positions) / BLOCKS);
    if (position < end) return end;
  }
  return positions;
}

/** Keys or values [heads, S, size] of this run between those given before and after it: [heads, N, size]. */
export function amongAll(g: Graph, { past, end, keyEnd }: QueryPositions, given: Value, fresh: Value): Value {
  const before = g.Slice(given, g.ints([0]), past, g.ints([1]));
  const after = g.Slice(given, end, keyEnd, g.ints([1]));
  return g.Concat([before, fresh, after], { axis: 1 });
}

/** Queries, keys and values by heads. */
export interface Attended {
  /** [heads, S, size]. */
  readonly queries: Value;
  /** [heads, N, size]. */
  readonly keys: Value;
  readonly values: Value;
  readonly heads: number;
  readonly size: number;
}

/** What the heads attended to, halved: [heads, S, size]. The layer after it makes it whole again (alpha 2): exact. */
export function attendedHalves(
  g: Graph,
  positions: QueryPositions,
  { queries, keys, values, heads, size }: Attended,
): Value {
  const parts = positions.blocks.map(({ start, end, keyEnd, mask, shape: [inBlock, seen] }) => {
    const cut = (x: Value, from: Value, to: Value, name: string) =>
      g.shaped(g.Slice(x, from, to, g.ints([1])), 'float32', [heads, name, size]);
    const q = cut(queries, start, end, inBlock);
    const k = cut(keys, g.ints([0]), keyEnd, seen);
    const v = cut(values, g.ints([0]), keyEnd, seen);
    const scores = g.Add(g.FusedMatMul(q, k, { alpha: size ** -0.5, transB: true }), mask);
    return g.FusedMatMul(g.Softmax(scores), v, { alpha: 0.5 });
  });
  return g.shaped(g.Concat(parts, { axis: 1 }), 'float32', [heads, positions.size, size]);
}
