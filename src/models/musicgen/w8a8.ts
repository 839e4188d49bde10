// Linear layers in eight bits. `inInt8` is a graph whose Gemm quantises what it multiplies:
//
//   x [M, K]  ~ s_m q_mk     q = round(x / s) + 128 in 1..255, s_m = max_k |x_mk| / 127
//   W [N, K]  ~ s_n w_nk     w = round(W / s) in -64..64,      s_n = max_k |W_nk| / 64
//   x W^T     ~ s_m s_n sum_k (q_mk - 128) w_nk
//
// One scale per row of x, which is a token: a scale for the whole tensor would let later tokens change what an earlier
// one becomes. The sum is of integers, so exact, in whatever order and however many rows there are. Weights take 7 of
// their 8 bits: without VNNI, onnxruntime's kernel adds two products in 16 bits and clips (2 x 255 x 64 = 32640 fits,
// 2 x 255 x 127 does not), and so every processor gives the same bits.
// Weights are quantised when a session loads (onnxruntime folds the nodes over constants); the file stays as it is.

import type { Graph } from '../../onnx/graph.js';
import type { Value } from '../../onnx/value.js';

const ACTIVATION_LEVELS = 127;
const WEIGHT_LEVELS = 64;
/** The least scale: a row of zeros becomes zeros, not 0 / 0. */
const LEAST = 1e-30;

interface Quantised {
  readonly values: Value;
  /** One per row, and what stands for 0 in it: both [rows]. */
  readonly scale: Value;
  readonly zero: Value;
}

/** What numbers become: so many levels on either side of `zero`, a scalar of their type. */
interface Levels {
  readonly levels: number;
  readonly zero: Value;
}

/** The same graph, with Gemm in 8 bits: for x W^T with constant W [N, K] only. */
export function inInt8(g: Graph): Graph {
  const tokens = { levels: ACTIVATION_LEVELS, zero: g.Cast(g.float(ACTIVATION_LEVELS + 1), 'uint8') };
  const channels = { levels: WEIGHT_LEVELS, zero: g.Cast(g.float(0), 'int8') };
  // Queries, keys and values are made of the same rows: those are quantised once.
  const rows = new Map<string, Quantised>();
  const rowsOf = (x: Value): Quantised => {
    const known = rows.get(x.name) ?? quantised(g, x, tokens);
    rows.set(x.name, known);
    return known;
  };
  return {
    ...g,
    Gemm(x, weight, { alpha = 1, transB = false } = {}) {
      if (!transB) throw new Error(`graph ${g.name}: only x W^T is computed in 8 bits`);
      const a = rowsOf(x);
      const b = quantised(g, weight, channels);
      const product = g.QGemm(a.values, b.values, {
        scaleA: g.float(alpha),
        zeroA: tokens.zero,
        scaleB: b.scale,
        zeroB: b.zero,
      });
      return g.Mul(product, g.Unsqueeze(a.scale, g.ints([1])));
    },
  };
}

function quantised(g: Graph, x: Value, { levels, zero: one }: Levels): Quantised {
  const scale = scaleOfRows(g, x, levels);
  const zero = g.Expand(one, g.Shape(scale));
  return { values: g.QuantizeLinear(x, scale, zero, { axis: 0 }), scale, zero };
}

/** max |x| of each row / levels, [rows]. Of a row that is not all finite: NaN, so that what it becomes is NaN too. */
function scaleOfRows(g: Graph, x: Value, levels: number): Value {
  const axes = g.ints([1]);
  const most = g.ReduceMax(x, axes, { keepdims: false });
  const least = g.ReduceMin(x, axes, { keepdims: false });
  const scale = g.Max(g.Mul(g.Max(most, g.Neg(least)), g.float(1 / levels)), g.float(LEAST));
  // onnxruntime's maximum may pass over a NaN; its sum does not.
  return g.Add(scale, g.Mul(g.ReduceSum(x, axes, { keepdims: false }), g.float(0)));
}
