// FusedMatMul and LogSoftmax, which not every device has kernels for, in operators that all have.

import type { Ops } from './ops.js';
import type { Value } from './value.js';

/** What the two are made of. */
export interface PlainParts extends Ops {
  ints(values: readonly number[]): Value;
  float(value: number): Value;
}

/** The two over the other operators of `g`. B of a product has three dimensions, with `transBatchB` four. */
export function plainOps(g: PlainParts): Pick<Ops, 'FusedMatMul' | 'LogSoftmax'> {
  return {
    FusedMatMul(a, b, { alpha, transB = false, transBatchB = false }) {
      const perm = transBatchB ? (transB ? [1, 2, 3, 0] : [1, 2, 0, 3]) : [0, 2, 1];
      const product = g.MatMul(a, transB || transBatchB ? g.Transpose(b, { perm }) : b);
      return alpha === 1 ? product : g.Mul(product, g.float(alpha));
    },
    // Not the logarithm of Softmax: of a probability below float32's least number that is -infinity.
    LogSoftmax(x) {
      const last = g.ints([-1]);
      const shifted = g.Sub(x, g.ReduceMax(x, last, { keepdims: true }));
      return g.Sub(shifted, g.Log(g.ReduceSum(g.Exp(shifted), last, { keepdims: true })));
    },
  };
}
