/**
 * The messages of onnx.proto3 that an export writes (IR version 8, operator set 17 unless said
 * otherwise). What the field numbers mean is said where they stand; model.ts reads the same
 * messages.
 */
import { concatBytes } from '@nonet/core';
import type { Dtype, Shape } from '../graph/shape.ts';
import { bytesField, integerField, message } from './protobuf.ts';

const irVersion = 8;

/**
 * TensorProto.DataType; i64 and bool stand for results that ONNX has in these types and the graph
 * in i32.
 */
const elementTypes = { f32: 1, i32: 6, i64: 7, bool: 9 } as const;
/** An element type that an export writes. */
export type WrittenType = keyof typeof elementTypes;

/** Its number in TensorProto.DataType. */
export const elementTypeCode = (type: WrittenType): number => elementTypes[type];

type AttributeValue =
  | { readonly integer: number }
  | { readonly integers: readonly number[] }
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly text: string }
  | { readonly texts: readonly string[] }
  | { readonly tensor: readonly Uint8Array[] };

/** Attributes of a node by name; numbers and lists of them are integers. */
export type Attributes = Readonly<Record<string, number | string | readonly number[] | AttributeValue>>;

/** The four bytes of a float under a field: wire type 5. */
function floatField(field: number, value: number): Uint8Array {
  const bytes = new Uint8Array(5);
  bytes[0] = (field << 3) | 5;
  new DataView(bytes.buffer).setFloat32(1, value, true);
  return bytes;
}

/**
 * AttributeProto: f 2, i 3, s 4, t 5, floats 7, ints 8, strings 9, type 20. Whole numbers and lists
 * of them need no wrapper.
 */
function attributeFields(value: Attributes[string]): readonly Uint8Array[] {
  if (typeof value === 'number') return attributeFields({ integer: value });
  if (typeof value === 'string') return attributeFields({ text: value });
  if ('length' in value) return attributeFields({ integers: value });
  if ('float' in value) return [floatField(2, value.float), integerField(20, 1)];
  if ('integer' in value) return [integerField(3, value.integer), integerField(20, 2)];
  if ('text' in value) return [bytesField(4, value.text), integerField(20, 3)];
  if ('tensor' in value) return [message(5, ...value.tensor), integerField(20, 4)];
  if ('floats' in value) return [...value.floats.map((item) => floatField(7, item)), integerField(20, 6)];
  if ('integers' in value)
    return [...value.integers.map((item) => integerField(8, item)), integerField(20, 7)];
  return [...value.texts.map((item) => bytesField(9, item)), integerField(20, 8)];
}

/** A NodeProto to write. */
export interface WrittenNode {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Attributes;
  readonly domain?: string;
}

/**
 * NodeProto: input 1, output 2, name 3, op_type 4, attribute 5, domain 7. AttributeProto: name 1.
 */
function nodeField({ operator, inputs, outputs, attributes = {}, domain }: WrittenNode): Uint8Array {
  return message(
    1,
    ...inputs.map((name) => bytesField(1, name)),
    ...outputs.map((name) => bytesField(2, name)),
    bytesField(3, `${operator} ${outputs[0] ?? ''}`),
    bytesField(4, operator),
    ...Object.entries(attributes).map(([name, value]) =>
      message(5, bytesField(1, name), ...attributeFields(value)),
    ),
    ...(domain === undefined ? [] : [bytesField(7, domain)]),
  );
}

/** TensorProto: dims 1, data_type 2, raw_data 9 (little-endian). */
export function tensorFields(
  dtype: Dtype | 'bool',
  shape: readonly number[],
  data: Uint8Array,
): readonly Uint8Array[] {
  return [
    ...shape.map((extent) => integerField(1, extent)),
    integerField(2, elementTypes[dtype]),
    bytesField(9, data),
  ];
}

/** A list of integers as int64, as shapes and axes are: TensorProto with int64_data 7. */
export function listFields(values: readonly number[]): readonly Uint8Array[] {
  return [
    integerField(1, values.length),
    integerField(2, elementTypes.i64),
    ...values.map((value) => integerField(7, value)),
  ];
}

/** GraphProto: initializer 5; TensorProto: name 8. */
function initialiserField(name: string, tensor: readonly Uint8Array[]): Uint8Array {
  return message(5, bytesField(8, name), ...tensor);
}

/**
 * ValueInfoProto: name 1, type 2; TypeProto.tensor_type 1: elem_type 1, shape 2: dim 1: dim_value
 * 1, dim_param 2.
 */
function valueField(field: number, { name, type, shape }: WrittenValue): Uint8Array {
  const extents = shape.map((extent) =>
    message(1, typeof extent === 'number' ? integerField(1, extent) : bytesField(2, extent)),
  );
  const code = typeof type === 'number' ? type : elementTypes[type];
  const tensor = message(1, integerField(1, code), message(2, ...extents));
  return message(field, bytesField(1, name), message(2, tensor));
}

/** A ValueInfoProto to write: an input or output. */
export interface WrittenValue {
  readonly name: string;
  /** A type of the graph, or a number of TensorProto.DataType. */
  readonly type: WrittenType | number;
  readonly shape: Shape;
}

/** A ModelProto with its graph, to write. */
export interface WrittenModel {
  readonly nodes: readonly WrittenNode[];
  /** Names with what `tensorFields` or `listFields` gives. */
  readonly initialisers: readonly (readonly [name: string, tensor: readonly Uint8Array[]])[];
  readonly inputs: readonly WrittenValue[];
  readonly outputs: readonly WrittenValue[];
  readonly opsets: Readonly<Record<string, number>>;
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * ModelProto: ir_version 1, producer_name 2, graph 7, opset_import 8 (domain 1, version 2),
 * metadata_props 14. GraphProto: node 1, name 2, initializer 5, input 11, output 12.
 */
export function writeModel(model: WrittenModel): Uint8Array<ArrayBuffer> {
  const graph = [
    ...model.nodes.map(nodeField),
    bytesField(2, 'model'),
    ...model.initialisers.map(([name, tensor]) => initialiserField(name, tensor)),
    ...model.inputs.map((value) => valueField(11, value)),
    ...model.outputs.map((value) => valueField(12, value)),
  ];
  return concatBytes(
    integerField(1, irVersion),
    bytesField(2, 'nonet'),
    message(7, ...graph),
    ...Object.entries(model.opsets).map(([domain, version]) =>
      message(8, bytesField(1, domain), integerField(2, version)),
    ),
    ...Object.entries(model.metadata ?? {}).map(([key, value]) =>
      message(14, bytesField(1, key), bytesField(2, value)),
    ),
  );
}
