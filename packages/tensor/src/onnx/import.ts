/**
 * ONNX import: classifiers of Sub, Div (by constants), Flatten, Transpose, Gemm, Relu, Softmax, ArgMax, opset 13 or newer, one
 * input. What comes out is a model as `mlp` makes it (`x`; `logits`, `probabilities`, `label`) with its parameters. Anything else is
 * refused by node and operator, never approximated.
 */
import { MisuseError, NonetError } from '@nonet/core';
import {
  argmax,
  type Builder,
  createBuilder,
  flatten,
  relu,
  softmax,
  standardise,
  transpose,
} from '../builder.ts';
import { type Graph, leavesOf, type TensorId } from '../graph.ts';
import type { Parameter, Parameters } from '../parameters.ts';
import { assertParameters } from '../parameters.ts';
import { type Extent, elementCount } from '../shape.ts';
import { type Message, readMessage } from './protobuf.ts';

export interface ImportOnnxReturnType {
  readonly graph: Graph;
  readonly parameters: Parameters;
  /** `metadata_props`: whatever the writer said, such as `nonet.labels`. Untrusted text. */
  readonly metadata: Readonly<Record<string, string>>;
}

function refuse(code: string, expected: string, found: string, hint?: string): never {
  throw new NonetError({ code: `onnx.${code}`, expected, found, ...(hint === undefined ? {} : { hint }) });
}

interface Constant {
  readonly shape: readonly number[];
  readonly data: Float32Array<ArrayBuffer>;
}

/** TensorProto: dims 1, data_type 2, float_data 4, name 8, raw_data 9, data_location 14. */
function readTensor(tensor: Message): { name: string; constant: Constant } {
  const name = tensor.text(8);
  const shape = tensor.integers(1);
  if (tensor.integer(2) !== 1) {
    refuse('unsupported', `float32 in initialiser ${name}`, `data type ${tensor.integer(2)}`);
  }
  if (tensor.integer(14) !== 0) refuse('unsupported', `the data of ${name} inside the file`, 'external data');
  const bytes = tensor.has(9) ? tensor.fixed32(9) : tensor.fixed32(4);
  if (shape.some((extent) => extent < 0) || elementCount(shape) * 4 !== bytes.length) {
    refuse('malformed', `[${shape.join(',')}] floats in ${name}`, `${bytes.length} bytes`);
  }
  return { name, constant: { shape, data: new Float32Array(bytes.slice().buffer) } };
}

interface OnnxNode {
  readonly name: string;
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes: ReadonlyMap<string, Message>;
}

function readNode(node: Message): OnnxNode {
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const inputs = node.all(1).map(text);
  const outputs = node.all(2).map(text);
  const operator = node.text(4);
  const name = node.text(3) || outputs[0] || 'unnamed';
  if (outputs.length !== 1)
    refuse('unsupported', `one output of node ${name} (${operator})`, `${outputs.length}`);
  const attributes = new Map(
    node.all(5).map((bytes) => {
      const attribute = readMessage(bytes);
      return [attribute.text(1), attribute] as const;
    }),
  );
  return { name, operator, inputs, output: outputs[0], attributes };
}

/** A tensor of the graph under construction, or a subtraction that waits to see whether a division follows. */
type Value = { readonly tensor: TensorId } | { readonly centred: TensorId; readonly mean: number | number[] };

interface Reading {
  readonly g: Builder;
  readonly values: Map<string, Value>;
  readonly constants: ReadonlyMap<string, Constant>;
  readonly parameters: Map<TensorId, Constant>;
}

function operand(reading: Reading, node: OnnxNode, index: number): TensorId {
  const name = node.inputs[index];
  const value = reading.values.get(name ?? '');
  if (value === undefined) {
    return refuse(
      'unsupported',
      `a computed input ${index} of node ${node.name} (${node.operator})`,
      name ?? 'none',
    );
  }
  if ('tensor' in value) return value.tensor;
  const tensor = standardise(reading.g, value.centred, value.mean, 1);
  reading.values.set(name, { tensor });
  return tensor;
}

function constantOperand({ constants }: Reading, node: OnnxNode, index: number): Constant {
  const name = node.inputs[index] ?? '';
  return (
    constants.get(name) ??
    refuse(
      'unsupported',
      `a constant as input ${index} of node ${node.name} (${node.operator})`,
      name || 'none',
    )
  );
}

/** One number, or one per feature of `x`, leading extents of 1 apart. */
function perFeature(reading: Reading, x: TensorId, node: OnnxNode): number | number[] {
  const { shape, data } = constantOperand(reading, node, 1);
  if (data.length === 1) return data[0];
  const [, ...features] = reading.g.nodes[x].shape;
  const trimmed = shape[0] === 1 && shape.length > features.length ? shape.slice(1) : shape;
  if (JSON.stringify(trimmed) === JSON.stringify(features)) return [...data];
  return refuse('unsupported', `one number or one per feature in node ${node.name}`, `[${shape.join(',')}]`);
}

/** AttributeProto: f 2 (as bits), i 3, ints 8. Throws unless an integer attribute has one of the allowed values. */
function assertInteger(node: OnnxNode, name: string, preset: number, allowed: readonly number[]): number {
  const value = node.attributes.get(name)?.integer(3) ?? preset;
  if (allowed.includes(value)) return value;
  return refuse(
    'unsupported',
    `${name} = ${allowed.join(' or ')} in node ${node.name} (${node.operator})`,
    `${value}`,
  );
}

function assertOne(node: OnnxNode, name: string) {
  const bytes = node.attributes.get(name)?.fixed32(2);
  if (bytes === undefined || new DataView(bytes.buffer).getFloat32(0, true) === 1) return;
  refuse('unsupported', `${name} = 1 in node ${node.name} (Gemm)`, 'another number');
}

function transposed({ shape: [rows, columns], data }: Constant): Constant {
  const flipped = Float32Array.from(data, (_, i) => data[(i % rows) * columns + Math.floor(i / rows)]);
  return { shape: [columns, rows], data: flipped };
}

function readGemm(reading: Reading, node: OnnxNode): TensorId {
  const x = operand(reading, node, 0);
  assertOne(node, 'alpha');
  assertOne(node, 'beta');
  assertInteger(node, 'transA', 0, [0]);
  const stored = constantOperand(reading, node, 1);
  if (stored.shape.length !== 2)
    refuse('malformed', `a matrix in node ${node.name} (Gemm)`, `[${stored.shape.join(',')}]`);
  const weight = assertInteger(node, 'transB', 0, [0, 1]) === 1 ? transposed(stored) : stored;
  const bias = constantOperand(reading, node, 2);
  const layer = `dense${reading.g.nodes.filter(({ kind }) => kind === 'dense').length}`;
  const leaf = (name: string, constant: Constant) => {
    const tensor = reading.g.parameter(
      `${layer}.${name}`,
      constant.shape,
      name === 'bias' ? 'zeros' : 'heUniform',
    );
    reading.parameters.set(tensor, constant);
    return tensor;
  };
  return reading.g.add({ kind: 'dense', operands: [x, leaf('weight', weight), leaf('bias', bias)] });
}

const operators: Readonly<Record<string, (reading: Reading, node: OnnxNode) => Value>> = {
  Gemm: (reading, node) => ({ tensor: readGemm(reading, node) }),
  Relu: (reading, node) => ({ tensor: relu(reading.g, operand(reading, node, 0)) }),
  Sub(reading, node) {
    const x = operand(reading, node, 0);
    return { centred: x, mean: perFeature(reading, x, node) };
  },
  Div(reading, node) {
    const before = reading.values.get(node.inputs[0] ?? '');
    if (before !== undefined && 'centred' in before) {
      const deviation = perFeature(reading, before.centred, node);
      return { tensor: standardise(reading.g, before.centred, before.mean, deviation) };
    }
    const x = operand(reading, node, 0);
    return { tensor: standardise(reading.g, x, 0, perFeature(reading, x, node)) };
  },
  Flatten(reading, node) {
    assertInteger(node, 'axis', 1, [1]);
    return { tensor: flatten(reading.g, operand(reading, node, 0)) };
  },
  Transpose(reading, node) {
    const x = operand(reading, node, 0);
    const axes = node.attributes.get('perm')?.integers(8) ?? [...reading.g.nodes[x].shape.keys()].reverse();
    return { tensor: transpose(reading.g, x, axes) };
  },
  Softmax(reading, node) {
    const x = operand(reading, node, 0);
    assertInteger(node, 'axis', -1, [-1, reading.g.nodes[x].shape.length - 1]);
    return { tensor: softmax(reading.g, x) };
  },
  ArgMax(reading, node) {
    const x = operand(reading, node, 0);
    assertInteger(node, 'axis', 0, [-1, reading.g.nodes[x].shape.length - 1]);
    assertInteger(node, 'keepdims', 1, [0]);
    assertInteger(node, 'select_last_index', 0, [0]);
    return { tensor: argmax(reading.g, x) };
  },
};

/** ValueInfoProto -> TypeProto.tensor_type -> shape; the first axis is the batch, named or of any size. */
function readInput(g: Builder, graph: Message, constants: ReadonlyMap<string, Constant>) {
  const inputs = graph
    .all(11)
    .map(readMessage)
    .filter((input) => !constants.has(input.text(1)));
  if (inputs.length !== 1) refuse('unsupported', 'a model with one input', `${inputs.length}`);
  const [type] = inputs[0].all(2).flatMap((bytes) => readMessage(bytes).all(1));
  const tensor = readMessage(type ?? new Uint8Array());
  if (tensor.integer(1) !== 1) refuse('unsupported', 'an input of float32', `data type ${tensor.integer(1)}`);
  const dimensions = tensor.all(2).flatMap((bytes) => readMessage(bytes).all(1).map(readMessage));
  const shape = dimensions.map((dimension, axis): Extent => {
    if (axis === 0) return 'B';
    const extent = dimension.integer(1);
    return extent > 0
      ? extent
      : refuse('unsupported', `a fixed size of axis ${axis} of the input`, dimension.text(2) || 'none');
  });
  if (shape.length < 2) refuse('unsupported', 'an input of at least two axes', `${shape.length}`);
  return { name: inputs[0].text(1), tensor: g.input('x', 'f32', shape) };
}

/** The logits: what a softmax among the outputs reads, or else the one output of two axes. */
function findLogits({ g, values }: Reading, outputs: readonly string[]): TensorId {
  const tensors = outputs.map((name) => {
    const value = values.get(name);
    return value !== undefined && 'tensor' in value
      ? value.tensor
      : refuse('unsupported', 'outputs that layers compute', name);
  });
  for (const tensor of tensors) {
    const node = g.nodes[tensor];
    if (node.kind === 'softmax') return node.operands[0];
  }
  const matrices = tensors.filter(
    (tensor) => g.nodes[tensor].dtype === 'f32' && g.nodes[tensor].shape.length === 2,
  );
  if (matrices.length === 1) return matrices[0];
  return refuse('unsupported', 'one output of scores f32[B,C]', `${matrices.length} of them`);
}

/**
 * Reads an ONNX file. Throws `onnx.malformed` on a damaged file and `onnx.unsupported`, naming node and operator, on what this
 * version cannot express exactly.
 */
export function importOnnx(bytes: Uint8Array): ImportOnnxReturnType {
  try {
    return readModel(bytes);
  } catch (cause) {
    // What is misuse in a program that builds a graph is an unsupported file here.
    if (!(cause instanceof MisuseError)) throw cause;
    throw new NonetError({ code: 'onnx.unsupported', expected: cause.expected, found: cause.found, cause });
  }
}

function readModel(bytes: Uint8Array): ImportOnnxReturnType {
  const model = readMessage(bytes);
  const [graphBytes] = model.all(7);
  if (graphBytes === undefined) return refuse('malformed', 'a graph', 'none', 'Is this an ONNX file?');
  const versions = model
    .all(8)
    .map(readMessage)
    .filter((set) => ['', 'ai.onnx'].includes(set.text(1)));
  const version = versions[0]?.integer(2) ?? 0;
  if (version < 13) {
    refuse('unsupported', 'opset 13 or newer', `opset ${version}`, 'Convert it with onnx.version_converter.');
  }
  const graph = readMessage(graphBytes);
  const constants = new Map(
    graph.all(5).map((tensor) => {
      const { name, constant } = readTensor(readMessage(tensor));
      return [name, constant] as const;
    }),
  );
  const g = createBuilder();
  const input = readInput(g, graph, constants);
  const reading: Reading = {
    g,
    values: new Map([[input.name, { tensor: input.tensor }]]),
    constants,
    parameters: new Map(),
  };
  for (const node of graph.all(1).map((bytes) => readNode(readMessage(bytes)))) {
    const read = Object.hasOwn(operators, node.operator) ? operators[node.operator] : undefined;
    if (read === undefined) {
      return refuse(
        'unsupported',
        `one of the operators ${Object.keys(operators).join(', ')}`,
        `${node.operator} in node ${node.name}`,
        'Export the model as a chain of dense layers, or train it as an opaque model.',
      );
    }
    reading.values.set(node.output, read(reading, node));
  }
  const outputs = graph.all(12).map((output) => readMessage(output).text(1));
  const logits = findLogits(reading, outputs);
  const known = (kind: 'softmax' | 'argmax') =>
    g.nodes.findIndex((node) => node.kind === kind && node.operands[0] === logits);
  g.output('logits', logits);
  g.output('probabilities', known('softmax') >= 0 ? known('softmax') : softmax(g, logits));
  g.output('label', known('argmax') >= 0 ? known('argmax') : argmax(g, logits));
  const names = new Map(
    [...reading.parameters].map(([id, constant]) => [(g.nodes[id] as { name: string }).name, constant]),
  );
  const finished = outputLayer(g.finish());
  const parameters = leavesOf(finished, 'parameter').map(
    ({ name, shape }): Parameter => ({ name, shape, data: names.get(name)!.data }),
  );
  assertParameters(finished, parameters);
  const metadata = Object.fromEntries(
    model.all(14).map((bytes) => {
      const entry = readMessage(bytes);
      return [entry.text(1), entry.text(2)];
    }),
  );
  return { graph: finished, parameters, metadata };
}

/** As in `mlp`, the layer that makes the logits starts from Glorot's distribution if it is ever trained afresh. */
function outputLayer(graph: Graph): Graph {
  const logits = graph.nodes[graph.outputs[0].tensor];
  if (logits.kind !== 'dense') return graph;
  const weight = logits.operands[1];
  const nodes = graph.nodes.map((node, id) =>
    id === weight && node.kind === 'parameter' ? { ...node, initialiser: 'glorotUniform' as const } : node,
  );
  return { ...graph, nodes };
}
