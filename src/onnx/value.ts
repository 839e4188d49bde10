// What flows along the edges of an ONNX graph.

import { TensorProto_DataType } from './onnx_pb.js';

/** A tensor in the graph, known by its name. */
export interface Value {
  readonly name: string;
}

/** Element types that our graphs take in, give out, or store. */
export type ElementType = 'float32' | 'float16' | 'bfloat16' | 'int32' | 'int64' | 'int8' | 'uint8';

const ONNX_TYPE: Record<ElementType, TensorProto_DataType> = {
  float32: TensorProto_DataType.FLOAT,
  float16: TensorProto_DataType.FLOAT16,
  bfloat16: TensorProto_DataType.BFLOAT16,
  int32: TensorProto_DataType.INT32,
  int64: TensorProto_DataType.INT64,
  int8: TensorProto_DataType.INT8,
  uint8: TensorProto_DataType.UINT8,
};

/** ONNX's number of an element type. */
export function onnxType(type: ElementType): TensorProto_DataType {
  return ONNX_TYPE[type];
}
