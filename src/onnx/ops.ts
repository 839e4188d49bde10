// The operators that our graphs use, under ONNX's own names (https://onnx.ai/onnx/operators), with the
// attributes that we set and ONNX's defaults for the rest. Shapes are written as ONNX has them.

import { type ElementType, onnxType, type Value } from './value.js';

/** Operators of onnxruntime beyond ONNX ("contrib"), such as FusedMatMul. */
export const MICROSOFT = 'com.microsoft';

/** An operator's attribute: ONNX distinguishes 1 (int) from 1.0 (float), JavaScript does not. */
export type Attribute =
  | { readonly float: number }
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly string: string };

/** Adds a node with one output. */
export type Emit = (
  op: string,
  inputs: readonly Value[],
  attributes?: Readonly<Record<string, Attribute>>,
  domain?: string,
) => Value;

/** Adds a node with three outputs; an input of null is left out. */
export type EmitThree = (
  op: string,
  inputs: readonly (Value | null)[],
  attributes: Readonly<Record<string, Attribute>>,
) => readonly [Value, Value, Value];

export interface Ops {
  Add(a: Value, b: Value): Value;
  Sub(a: Value, b: Value): Value;
  Mul(a: Value, b: Value): Value;
  /** Integers round towards zero. */
  Div(a: Value, b: Value): Value;
  /** Integers: the result has the sign of the divisor, as in Python. */
  Mod(a: Value, b: Value): Value;
  Neg(x: Value): Value;
  Max(a: Value, b: Value): Value;
  Min(a: Value, b: Value): Value;
  Sqrt(x: Value): Value;
  Exp(x: Value): Value;
  Log(x: Value): Value;
  Relu(x: Value): Value;
  /** 1 / (1 + e^-x). */
  Sigmoid(x: Value): Value;
  /** 0.5 x (1 + erf(x / sqrt 2)), the exact one, or `tanh`, its approximation. */
  Gelu(x: Value, options?: { readonly approximate?: 'none' | 'tanh' }): Value;
  LessOrEqual(a: Value, b: Value): Value;
  Where(condition: Value, a: Value, b: Value): Value;
  Cast(x: Value, to: ElementType): Value;
  /** A B over leading batch dimensions. */
  MatMul(a: Value, b: Value): Value;
  /** alpha A B or alpha A B^T, [M, K] x [K, N] or [N, K]. PyTorch's linear layers are stored [N, K]. */
  Gemm(a: Value, b: Value, options?: { readonly alpha?: number; readonly transB?: boolean }): Value;
  /**
   * alpha A B or alpha A B^T over leading batch dimensions (com.microsoft). With `transBatchB`, B has its first
   * matrix dimension in front of the batch dimensions: [M, batch.., K] is read as [batch.., M, K], without a copy.
   */
  FusedMatMul(
    a: Value,
    b: Value,
    options: { readonly alpha: number; readonly transB?: boolean; readonly transBatchB?: boolean },
  ): Value;
  /** Over the last axis. */
  Softmax(x: Value): Value;
  /** Over the last axis. */
  LogSoftmax(x: Value): Value;
  /** Over the last axis. */
  LayerNormalization(x: Value, scale: Value, bias: Value, options: { readonly epsilon: number }): Value;
  ReduceL2(x: Value, axes: Value, options: { readonly keepdims: boolean }): Value;
  ReduceMax(x: Value, axes: Value, options: { readonly keepdims: boolean }): Value;
  ReduceMin(x: Value, axes: Value, options: { readonly keepdims: boolean }): Value;
  ReduceSum(x: Value, axes: Value, options: { readonly keepdims: boolean }): Value;
  ReduceSumSquare(x: Value, axes: Value, options: { readonly keepdims: boolean }): Value;
  /** Ties go to the lowest index. */
  ArgMax(x: Value, options: { readonly axis: number; readonly keepdims: boolean }): Value;
  Expand(x: Value, shape: Value): Value;
  /** round(x / scale) + zero, halves to even, held within the type of `zero`; scale and zero are of one axis. */
  QuantizeLinear(x: Value, scale: Value, zero: Value, options: { readonly axis: number }): Value;
  /**
   * (A - zero of A) (B - zero of B)^T times the scales (com.microsoft), summed in int32: A [M, K] uint8, its scale and
   * zero scalars; B [N, K] int8, a scale and a zero per row [N]. Gives float32 [M, N].
   */
  QGemm(
    a: Value,
    b: Value,
    options: {
      readonly scaleA: Value;
      readonly zeroA: Value;
      readonly scaleB: Value;
      readonly zeroB: Value;
    },
  ): Value;
  Gather(data: Value, indices: Value, options?: { readonly axis?: number }): Value;
  GatherElements(data: Value, indices: Value, options: { readonly axis: number }): Value;
  Concat(inputs: readonly Value[], options: { readonly axis: number }): Value;
  Slice(data: Value, starts: Value, ends: Value, axes: Value): Value;
  Reshape(data: Value, shape: Value): Value;
  Transpose(data: Value, options: { readonly perm: readonly number[] }): Value;
  Unsqueeze(data: Value, axes: Value): Value;
  Squeeze(data: Value, axes: Value): Value;
  Shape(data: Value): Value;
  /** Scalars; [start, limit). */
  Range(start: Value, limit: Value, delta: Value): Value;
  /** `pads` holds all begins, then all ends. */
  Pad(data: Value, pads: Value, options: { readonly mode: 'constant' | 'reflect' }): Value;
  /**
   * x [T, N, I], w [1, 4H, I], r [1, 4H, H], b [1, 8H], gates in the order i, o, f, c; from states h, c [1, N, H], or
   * from zeros. Gives y [T, 1, N, H] and the last states.
   */
  LSTM(
    x: Value,
    w: Value,
    r: Value,
    b: Value,
    options: { readonly hiddenSize: number; readonly initial?: LstmState },
  ): { readonly y: Value; readonly last: LstmState };
}

/** What an LSTM carries from step to step. */
export interface LstmState {
  readonly h: Value;
  readonly c: Value;
}

/** All operators over one graph. */
export function opsOf(emit: Emit, emitThree: EmitThree): Ops {
  const unary = (op: string) => (x: Value) => emit(op, [x]);
  const binary = (op: string) => (a: Value, b: Value) => emit(op, [a, b]);
  return {
    Add: binary('Add'),
    Sub: binary('Sub'),
    Mul: binary('Mul'),
    Div: binary('Div'),
    Mod: binary('Mod'),
    Neg: unary('Neg'),
    Max: binary('Max'),
    Min: binary('Min'),
    Sqrt: unary('Sqrt'),
    Exp: unary('Exp'),
    Log: unary('Log'),
    Relu: unary('Relu'),
    Sigmoid: unary('Sigmoid'),
    Gelu: (x, { approximate = 'none' } = {}) => emit('Gelu', [x], { approximate: { string: approximate } }),
    LessOrEqual: binary('LessOrEqual'),
    Where: (condition, a, b) => emit('Where', [condition, a, b]),
    Cast: (x, to) => emit('Cast', [x], { to: { int: onnxType(to) } }),
    MatMul: binary('MatMul'),
    Gemm: (a, b, { alpha = 1, transB = false } = {}) =>
      emit('Gemm', [a, b], { alpha: { float: alpha }, transB: flag(transB) }),
    FusedMatMul: (a, b, { alpha, transB = false, transBatchB = false }) =>
      emit(
        'FusedMatMul',
        [a, b],
        { alpha: { float: alpha }, transB: flag(transB), transBatchB: flag(transBatchB) },
        MICROSOFT,
      ),
    Softmax: (x) => emit('Softmax', [x], { axis: { int: -1 } }),
    LogSoftmax: (x) => emit('LogSoftmax', [x], { axis: { int: -1 } }),
    LayerNormalization: (x, scale, bias, { epsilon }) =>
      emit('LayerNormalization', [x, scale, bias], { axis: { int: -1 }, epsilon: { float: epsilon } }),
    ReduceL2: (x, axes, { keepdims }) => emit('ReduceL2', [x, axes], { keepdims: flag(keepdims) }),
    ReduceMax: (x, axes, { keepdims }) => emit('ReduceMax', [x, axes], { keepdims: flag(keepdims) }),
    ReduceMin: (x, axes, { keepdims }) => emit('ReduceMin', [x, axes], { keepdims: flag(keepdims) }),
    ReduceSum: (x, axes, { keepdims }) => emit('ReduceSum', [x, axes], { keepdims: flag(keepdims) }),
    ReduceSumSquare: (x, axes, { keepdims }) =>
      emit('ReduceSumSquare', [x, axes], { keepdims: flag(keepdims) }),
    ArgMax: (x, { axis, keepdims }) =>
      emit('ArgMax', [x], { axis: { int: axis }, keepdims: flag(keepdims), select_last_index: flag(false) }),
    Expand: binary('Expand'),
    QuantizeLinear: (x, scale, zero, { axis }) =>
      emit('QuantizeLinear', [x, scale, zero], { axis: { int: axis } }),
    QGemm: (a, b, { scaleA, zeroA, scaleB, zeroB }) =>
      emit('QGemm', [a, scaleA, zeroA, b, scaleB, zeroB], { transB: flag(true) }, MICROSOFT),
    Gather: (data, indices, { axis = 0 } = {}) => emit('Gather', [data, indices], { axis: { int: axis } }),
    GatherElements: (data, indices, { axis }) =>
      emit('GatherElements', [data, indices], { axis: { int: axis } }),
    Concat: (inputs, { axis }) => emit('Concat', inputs, { axis: { int: axis } }),
    Slice: (data, starts, ends, axes) => emit('Slice', [data, starts, ends, axes]),
    Reshape: binary('Reshape'),
    Transpose: (data, { perm }) => emit('Transpose', [data], { perm: { ints: perm } }),
    Unsqueeze: binary('Unsqueeze'),
    Squeeze: binary('Squeeze'),
    Shape: unary('Shape'),
    Range: (start, limit, delta) => emit('Range', [start, limit, delta]),
    Pad: (data, pads, { mode }) => emit('Pad', [data, pads], { mode: { string: mode } }),
    LSTM(x, w, r, b, { hiddenSize, initial }) {
      // Between biases and states ONNX has the sequences' lengths, all the same here.
      const inputs = [x, w, r, b, ...(initial ? [null, initial.h, initial.c] : [])];
      const [y, h, c] = emitThree('LSTM', inputs, { hidden_size: { int: hiddenSize } });
      return { y, last: { h, c } };
    },
  };
}

function flag(value: boolean): Attribute {
  return { int: value ? 1 : 0 };
}
