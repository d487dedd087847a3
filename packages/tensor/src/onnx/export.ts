/**
 * ONNX export (onnx.proto3, IR version 8, opset 17): the readable graph, its parameters as initialisers, labels and columns as
 * metadata. Input `x` takes raw features: standardisation is part of the model. ONNX runtimes do not promise our order of
 * rounding, so their probabilities agree to about six digits, not bit for bit.
 */
import { concatBytes, MisuseError } from '@nonet/core';
import type { DataSchema } from '@nonet/core/records';
import { graphAddress } from '../encode.ts';
import { type Graph, isLeaf, type Node, type OperationNode, type TensorId } from '../graph.ts';
import { assertParameters, type Parameters } from '../parameters.ts';
import { isPrimitive } from '../primitives.ts';
import type { Dtype, Shape } from '../shape.ts';
import { bytesField, integerField, message } from './protobuf.ts';

export interface ExportOnnxOptions {
  /** A model in readable operations. */
  readonly graph: Graph;
  readonly parameters: Parameters;
  /** What the labels and columns mean; kept as metadata. */
  readonly schema?: DataSchema;
}

const irVersion = 8;
const opset = 17;
const elementTypes = { f32: 1, i32: 6, i64: 7 } as const;

/** NodeProto: input 1, output 2, name 3, op_type 4, attribute 5. */
function nodeProto(
  operator: string,
  inputs: readonly string[],
  output: string,
  attributes: readonly Uint8Array[] = [],
): Uint8Array {
  return message(
    1,
    ...inputs.map((name) => bytesField(1, name)),
    bytesField(2, output),
    bytesField(3, `${operator} ${output}`),
    bytesField(4, operator),
    ...attributes,
  );
}

/** AttributeProto: name 1, i 3, ints 8, type 20 (INT 2, INTS 7). */
function integerAttribute(name: string, value: number): Uint8Array {
  return message(5, bytesField(1, name), integerField(3, value), integerField(20, 2));
}

function integersAttribute(name: string, values: readonly number[]): Uint8Array {
  return message(
    5,
    bytesField(1, name),
    ...values.map((value) => integerField(8, value)),
    integerField(20, 7),
  );
}

/** TensorProto: dims 1, data_type 2, name 8, raw_data 9 (little-endian). */
function initialiser(name: string, dtype: Dtype, shape: readonly number[], bytes: Uint8Array): Uint8Array {
  return message(
    5,
    ...shape.map((extent) => integerField(1, extent)),
    integerField(2, elementTypes[dtype]),
    bytesField(8, name),
    bytesField(9, bytes),
  );
}

/** ValueInfoProto: name 1, type 2; TypeProto.tensor_type 1: elem_type 1, shape 2: dim 1: dim_value 1, dim_param 2. */
function valueInfo(field: number, name: string, type: keyof typeof elementTypes, shape: Shape): Uint8Array {
  const dimensions = shape.map((extent) =>
    message(1, typeof extent === 'number' ? integerField(1, extent) : bytesField(2, extent)),
  );
  const tensor = message(1, integerField(1, elementTypes[type]), message(2, ...dimensions));
  return message(field, bytesField(1, name), message(2, tensor));
}

function operators(node: OperationNode, operands: readonly string[], output: string): readonly Uint8Array[] {
  switch (node.kind) {
    case 'dense':
      return [nodeProto('Gemm', operands, output)];
    case 'relu':
      return [nodeProto('Relu', operands, output)];
    case 'standardise': {
      const [x, mean, deviation] = operands;
      const centred = `${output}_centred`;
      return [nodeProto('Sub', [x, mean], centred), nodeProto('Div', [centred, deviation], output)];
    }
    case 'flatten':
      return [nodeProto('Flatten', operands, output, [integerAttribute('axis', 1)])];
    case 'transpose':
      return [nodeProto('Transpose', operands, output, [integersAttribute('perm', node.axes)])];
    case 'softmax':
      return [nodeProto('Softmax', operands, output, [integerAttribute('axis', -1)])];
    case 'argmax':
      return [
        nodeProto('ArgMax', operands, output, [
          integerAttribute('axis', -1),
          integerAttribute('keepdims', 0),
        ]),
      ];
    case 'crossEntropy':
      return refuse('crossEntropy');
  }
}

function refuse(kind: string): never {
  throw new MisuseError({
    code: 'onnx.operation',
    expected: 'a model: a forward graph in readable operations',
    found: kind,
    hint: 'Export what mlp() returns, not its loss, step or lowered form.',
  });
}

/** Value names: outputs and leaves by their own, other tensors by number. */
function valueNames(graph: Graph): readonly string[] {
  let constants = 0;
  return graph.nodes.map((node: Node, id: TensorId) => {
    const output = graph.outputs.find(({ tensor }) => tensor === id);
    if (isLeaf(node)) return node.kind === 'constant' ? `constant${constants++}` : node.name;
    return output?.name ?? `${node.kind}_${id}`;
  });
}

/**
 * An ONNX file. Argmax gives int64 there, as ONNX has it. Metadata: `nonet.graph` (address), `nonet.labels` and `nonet.table` (JSON).
 * Throws `onnx.operation` on primitives, states, updates and losses, `parameters.mismatch` on parameters of another graph.
 */
export function exportOnnx({ graph, parameters, schema }: ExportOnnxOptions): Uint8Array<ArrayBuffer> {
  assertParameters(graph, parameters);
  if (graph.updates.length > 0 || graph.gradients.length > 0) refuse('a training step');
  const names = valueNames(graph);
  const fields: Uint8Array[] = [];
  const info: Uint8Array[] = [];
  for (const [id, node] of graph.nodes.entries()) {
    if (!isLeaf(node)) {
      if (isPrimitive(node)) refuse(`the primitive ${node.kind}`);
      const operands = node.operands.map((operand) => names[operand]);
      fields.push(...operators(node, operands, names[id]));
    } else if (node.kind === 'parameter') {
      const { data } = parameters.find(({ name }) => name === node.name)!;
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      info.push(initialiser(node.name, 'f32', node.shape, bytes));
    } else if (node.kind === 'constant') {
      info.push(initialiser(names[id], node.dtype, node.shape, node.bytes));
    } else if (node.kind === 'input') {
      info.push(valueInfo(11, node.name, node.dtype, node.shape));
    } else {
      refuse('a state');
    }
  }
  for (const { name, tensor } of graph.outputs) {
    const { kind, dtype, shape } = graph.nodes[tensor];
    info.push(valueInfo(12, name, kind === 'argmax' ? 'i64' : dtype, shape));
  }
  const metadata: Record<string, string> = {
    'nonet.graph': graphAddress(graph),
    ...(schema === undefined ? {} : { 'nonet.labels': JSON.stringify(schema.labels) }),
    ...(schema?.table === undefined ? {} : { 'nonet.table': JSON.stringify(schema.table) }),
  };
  // ModelProto: ir_version 1, producer_name 2, graph 7, opset_import 8, metadata_props 14. GraphProto: name 2.
  return concatBytes(
    integerField(1, irVersion),
    bytesField(2, 'nonet'),
    message(7, ...fields, bytesField(2, 'model'), ...info),
    message(8, bytesField(1, ''), integerField(2, opset)),
    ...Object.entries(metadata).map(([key, value]) => message(14, bytesField(1, key), bytesField(2, value))),
  );
}
