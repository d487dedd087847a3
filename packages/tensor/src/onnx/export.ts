/**
 * ONNX export (onnx.proto3, IR version 8, opset 17): the readable graph, its parameters as
 * initialisers, its constants as Constant nodes, labels and columns as metadata. Input `x` takes
 * raw features: standardisation is part of the model. ONNX runtimes do not promise our order of
 * rounding, so their probabilities agree to about six digits, not bit for bit; what is imported
 * again does.
 */
import { MisuseError } from '@nonet/core';
import type { DataSchema } from '@nonet/core/records';
import { assertParameters, type Parameters } from '../files/parameters.ts';
import { graphAddress } from '../graph/encode.ts';
import { floatBits } from '../graph/expression.ts';
import {
  type Graph,
  isLeaf,
  leavesOf,
  type Node,
  type OperationNode,
  type PrimitiveNode,
  type TensorId,
} from '../graph/graph.ts';
import { isPrimitive } from '../graph/primitives.ts';
import type { Dtype } from '../graph/shape.ts';
import { exporters, primitiveExporters, type Writing } from './exporters.ts';
import {
  elementTypeCode,
  listFields,
  tensorFields,
  type WrittenNode,
  type WrittenType,
  type WrittenValue,
  writeModel,
} from './write.ts';

/** What goes into the file. */
export interface ExportOnnxOptions {
  /** A model in readable operations. */
  readonly graph: Graph;
  readonly parameters: Parameters;
  /** What the labels and columns mean; kept as metadata. */
  readonly schema?: DataSchema;
}

const opset = 17;

function refuse(kind: string): never {
  throw new MisuseError({
    code: 'onnx.operation',
    expected: 'a model: a forward graph in readable operations',
    found: kind,
    hint: 'Export the model itself, not its loss, its training step or its lowered form.',
  });
}

/**
 * Value names: outputs and leaves by their own, other tensors by number; no name of a graph has a
 * slash.
 */
function valueNames(graph: Graph): readonly string[] {
  let constants = 0;
  return graph.nodes.map((node: Node, id: TensorId) => {
    const output = graph.outputs.find(({ tensor }) => tensor === id);
    if (isLeaf(node)) return node.kind === 'constant' ? `constant/${constants++}` : node.name;
    return output?.name ?? `${node.kind}/${id}`;
  });
}

const bytesOf = (data: Float32Array<ArrayBuffer>) =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

const constantNode = (
  name: string,
  dtype: Dtype | 'bool',
  shape: readonly number[],
  bytes: Uint8Array,
): WrittenNode => ({
  operator: 'Constant',
  inputs: [],
  outputs: [name],
  attributes: { value: { tensor: tensorFields(dtype, shape, bytes) } },
});

/** The nodes of a file, and the ONNX types of what they make. */
function createNodes(graph: Graph, names: readonly string[]) {
  const nodes: WrittenNode[] = [];
  const initialisers: (readonly [string, readonly Uint8Array[]])[] = [];
  const types = new Map<string, WrittenType>();
  /** What was cast, or written as a constant, already. */
  const made = new Map<string, string>();
  const once = (key: string, make: (name: string) => void): string => {
    const known = made.get(key);
    if (known !== undefined) return known;
    const name = `shared/${made.size}`;
    make(name);
    made.set(key, name);
    return name;
  };
  const cast = (name: string, type: WrittenType): string => {
    if (types.get(name) === type) return name;
    return once(`${name} as ${type}`, (made) =>
      nodes.push({
        operator: 'Cast',
        inputs: [name],
        outputs: [made],
        attributes: { to: elementTypeCode(type) },
      }),
    );
  };
  let steps = 0;
  const writing = (node: OperationNode | PrimitiveNode, output: string): Writing => {
    const own = node.operands.map((id) => names[id]);
    const dtype = (i: number) => graph.nodes[node.operands[i]].dtype;
    return {
      operands: own.map((name, i) => cast(name, dtype(i))),
      shapes: node.operands.map((id) => graph.nodes[id].shape),
      out: node.shape,
      operand: (i, type = types.get(own[i])!) => cast(own[i], type),
      typeOf: (i) => types.get(own[i])!,
      step(operator, inputs, attributes = {}) {
        const made = `${output}/${steps++}`;
        nodes.push({ operator, inputs, outputs: [made], attributes });
        return made;
      },
      finish(operator, inputs, attributes = {}, type = node.dtype) {
        nodes.push({ operator, inputs, outputs: [output], attributes });
        types.set(output, type);
      },
      number: (value) =>
        once(`number ${floatBits(value)}`, (name) =>
          nodes.push(constantNode(name, 'f32', [], bytesOf(Float32Array.of(value)))),
        ),
      list: (values) => once(`list ${values}`, (name) => initialisers.push([name, listFields(values)])),
      truths(rows, columns, of) {
        const bytes = Uint8Array.from({ length: rows * columns }, (_, i) =>
          of(Math.floor(i / columns), i % columns) ? 1 : 0,
        );
        const name = `${output}/${steps++}`;
        nodes.push(constantNode(name, 'bool', [rows, columns], bytes));
        return name;
      },
      refuse: (found) => refuse(found),
    };
  };
  return { nodes, initialisers, types, writing };
}

function exportNode(node: OperationNode | PrimitiveNode, writing: Writing): void {
  if (isPrimitive(node)) {
    const exporter = primitiveExporters[node.kind] as ((w: Writing, node: PrimitiveNode) => void) | undefined;
    (exporter ?? refuse(`the primitive ${node.kind}`))(writing, node);
  } else {
    const exporter = exporters[node.kind] as ((w: Writing, node: OperationNode) => void) | string;
    (typeof exporter === 'string' ? refuse(`${node.kind}, ${exporter}`) : exporter)(writing, node);
  }
}

/**
 * An ONNX file. Positions are int64 there and comparisons bool, as ONNX has it. Metadata:
 * `nonet.graph` (address), `nonet.initialisers` (how parameters would start afresh), `nonet.labels`
 * and `nonet.table` (JSON). Throws `onnx.operation` on primitives, states, updates and losses,
 * `parameters.mismatch` on parameters of another graph.
 */
export function exportOnnx({ graph, parameters, schema }: ExportOnnxOptions): Uint8Array<ArrayBuffer> {
  assertParameters(graph, parameters);
  if (graph.updates.length > 0 || graph.gradients.length > 0) refuse('a training step');
  const names = valueNames(graph);
  const { nodes, initialisers, types, writing } = createNodes(graph, names);
  const inputs: WrittenValue[] = [];
  for (const [id, node] of graph.nodes.entries()) {
    types.set(names[id], node.dtype);
    if (!isLeaf(node)) {
      exportNode(node, writing(node, names[id]));
    } else if (node.kind === 'parameter') {
      const { data } = parameters.find(({ name }) => name === node.name)!;
      initialisers.push([node.name, tensorFields('f32', node.shape, bytesOf(data))]);
    } else if (node.kind === 'constant') {
      nodes.push(constantNode(names[id], node.dtype, node.shape, node.bytes));
    } else if (node.kind === 'input') {
      inputs.push({ name: node.name, type: node.dtype, shape: node.shape });
    } else {
      refuse('a state');
    }
  }
  const outputs = graph.outputs.map(({ name, tensor }): WrittenValue => {
    // A second name for one tensor, or the name of a leaf.
    if (names[tensor] !== name)
      nodes.push({ operator: 'Identity', inputs: [names[tensor]], outputs: [name] });
    return { name, type: types.get(names[tensor])!, shape: graph.nodes[tensor].shape };
  });
  const starts = leavesOf(graph, 'parameter').map(({ name, initialiser }) => [name, initialiser]);
  return writeModel({
    nodes,
    initialisers,
    inputs,
    outputs,
    opsets: { '': opset },
    metadata: {
      'nonet.graph': graphAddress(graph),
      'nonet.initialisers': JSON.stringify(Object.fromEntries(starts)),
      ...(schema === undefined ? {} : { 'nonet.labels': JSON.stringify(schema.labels) }),
      ...(schema?.table === undefined ? {} : { 'nonet.table': JSON.stringify(schema.table) }),
    },
  });
}
