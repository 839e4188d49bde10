// An ONNX graph under construction: values, nodes, initialisers, and the ModelProto they become.
// Operators are in ops.ts, under the names ONNX gives them.
//
// onnx_pb.ts is generated from Debian's onnx.proto (libonnx-dev 1.12, comments stripped) by
//   protoc -I . --es_out=src/onnx --es_opt=target=ts onnx.proto     with @bufbuild/protoc-gen-es 2.17.0

import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  StringStringEntryProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProto_DataType,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from './onnx_pb.js';
import { type Attribute, type Emit, type EmitThree, MICROSOFT, type Ops, opsOf } from './ops.js';
import { plainOps } from './plain_ops.js';
import { type ElementType, onnxType, type Value } from './value.js';

/** ONNX operator set 20 (Gelu) and the file format version that came with it. */
const OPSET = 20n;
const IR_VERSION = 9n;
/** Fixed sizes, or names for sizes known only at run time. */
export type SymbolicShape = readonly (number | string)[];

/** Where an external tensor lies: bytes [offset, offset + length) of a file in the session's data folder. */
export interface ExternalData {
  readonly location: string;
  readonly offset: number;
  readonly length: number;
}

export interface Graph extends Ops {
  /** For error messages and profiles. */
  readonly name: string;
  input(name: string, type: ElementType, shape: SymbolicShape): Value;
  /** Names the result of a node; a value can leave the graph once. */
  output(name: string, value: Value, type: ElementType, shape: SymbolicShape): void;
  /**
   * Says of a value what shape it has, by the names of other shapes: where onnxruntime knows that two values are of one
   * size it gives them one buffer, and where it does not, it goes through all that are free, for every node.
   */
  shaped(value: Value, type: ElementType, shape: SymbolicShape): Value;
  /** A tensor whose bytes stay in a file. One name, one tensor: a second call gives the same value. */
  external(name: string, type: ElementType, shape: readonly number[], data: ExternalData): Value;
  /** 1-D int64 constant: sizes, axes, pads. */
  ints(values: readonly number[]): Value;
  /** 0-D int64 constant: an index. */
  int(value: number): Value;
  /** 0-D float32 constant. */
  float(value: number): Value;
  /** The serialised ModelProto. */
  toBytes(): Uint8Array;
}

export interface GraphOptions {
  /** See Abilities.fused. Default: true. */
  readonly fused?: boolean;
}

/** An empty graph. */
export function newGraph(name: string, { fused = true }: GraphOptions = {}): Graph {
  const nodes: NodeProto[] = [];
  const initializers = new Map<string, TensorProto>();
  const inputs: ValueInfoProto[] = [];
  const outputs: ValueInfoProto[] = [];
  const shapes: ValueInfoProto[] = [];
  /** Values that leave the graph, by the name they leave under. */
  const renamed = new Map<string, string>();

  const emit: Emit = (op, operands, attributes = {}, domain = '') => {
    const output = `${op}_${nodes.length}`;
    nodes.push(nodeOf(op, operands, [output], attributes, domain));
    return { name: output };
  };
  const emitThree: EmitThree = (op, operands, attributes) => {
    const outputs = [0, 1, 2].map((i) => `${op}_${nodes.length}.${i}`);
    // ONNX writes an input that is left out as an empty name.
    const inputs = operands.map((operand) => operand ?? { name: '' });
    nodes.push(nodeOf(op, inputs, outputs, attributes, ''));
    return [{ name: outputs[0] }, { name: outputs[1] }, { name: outputs[2] }];
  };
  const constant = (tensor: MessageInitShape<typeof TensorProtoSchema>, key: string): Value => {
    if (!initializers.has(key)) {
      initializers.set(key, create(TensorProtoSchema, { ...tensor, name: key }));
    }
    return { name: key };
  };
  const ints = (values: readonly number[], dims: bigint[]): Value =>
    constant(
      { dataType: TensorProto_DataType.INT64, dims, int64Data: values.map(BigInt) },
      `ints[${dims.join()}](${values.join()})`,
    );

  const constants: Pick<Graph, 'ints' | 'float'> = {
    ints: (values) => ints(values, [BigInt(values.length)]),
    float: (value) =>
      constant({ dataType: TensorProto_DataType.FLOAT, dims: [], floatData: [value] }, `float(${value})`),
  };
  const ops = opsOf(emit, emitThree);

  return {
    name,
    ...ops,
    ...(fused ? {} : plainOps({ ...ops, ...constants })),
    ...constants,
    input(inputName, type, shape) {
      inputs.push(valueInfo(inputName, type, shape));
      return { name: inputName };
    },
    output(outputName, value, type, shape) {
      if (renamed.has(value.name)) throw new Error(`graph ${name}: ${value.name} is an output already`);
      renamed.set(value.name, outputName);
      outputs.push(valueInfo(outputName, type, shape));
    },
    shaped(value, type, shape) {
      shapes.push(valueInfo(value.name, type, shape));
      return value;
    },
    external(tensorName, type, shape, { location, offset, length }) {
      const externalData = Object.entries({ location, offset, length }).map(([key, value]) =>
        create(StringStringEntryProtoSchema, { key, value: String(value) }),
      );
      const dataLocation = TensorProto_DataLocation.EXTERNAL;
      return constant(
        { dataType: onnxType(type), dims: shape.map(BigInt), externalData, dataLocation },
        tensorName,
      );
    },
    int: (value) => ints([value], []),
    toBytes() {
      const graph = create(GraphProtoSchema, {
        name,
        node: nodes.map((node) => ({
          ...node,
          input: node.input.map((value) => renamed.get(value) ?? value),
          output: node.output.map((value) => renamed.get(value) ?? value),
        })),
        initializer: [...initializers.values()],
        input: inputs,
        output: outputs,
        valueInfo: shapes,
      });
      const opsetImport = [
        create(OperatorSetIdProtoSchema, { domain: '', version: OPSET }),
        create(OperatorSetIdProtoSchema, { domain: MICROSOFT, version: 1n }),
      ];
      const model = create(ModelProtoSchema, {
        irVersion: IR_VERSION,
        producerName: 'losscope',
        opsetImport,
        graph,
      });
      return toBinary(ModelProtoSchema, model);
    },
  };
}

function nodeOf(
  op: string,
  operands: readonly Value[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, Attribute>>,
  domain: string,
): NodeProto {
  return create(NodeProtoSchema, {
    name: outputs[0],
    opType: op,
    domain,
    input: operands.map((value) => value.name),
    output: [...outputs],
    attribute: Object.entries(attributes).map(([key, attribute]) => attributeOf(key, attribute)),
  });
}

function attributeOf(name: string, attribute: Attribute): AttributeProto {
  const Type = AttributeProto_AttributeType;
  if ('float' in attribute) {
    return create(AttributeProtoSchema, { name, type: Type.FLOAT, f: attribute.float });
  }
  if ('int' in attribute) {
    return create(AttributeProtoSchema, { name, type: Type.INT, i: BigInt(attribute.int) });
  }
  if ('ints' in attribute) {
    return create(AttributeProtoSchema, { name, type: Type.INTS, ints: attribute.ints.map(BigInt) });
  }
  // Attribute strings are modes, plain ASCII.
  const s = Uint8Array.from(attribute.string, (character) => character.charCodeAt(0));
  return create(AttributeProtoSchema, { name, type: Type.STRING, s });
}

function valueInfo(name: string, type: ElementType, shape: SymbolicShape): ValueInfoProto {
  const dim = shape.map((size) =>
    create(TensorShapeProto_DimensionSchema, {
      value:
        typeof size === 'string'
          ? { case: 'dimParam', value: size }
          : { case: 'dimValue', value: BigInt(size) },
    }),
  );
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'tensorType', value: { elemType: onnxType(type), shape: { dim } } } },
  });
}
