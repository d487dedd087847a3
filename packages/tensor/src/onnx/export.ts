/**
 * ONNX export (onnx.proto3, IR version 8, opset 17): the readable graph, its parameters as initialisers, its constants as Constant
 * nodes, labels and columns as metadata. Input `x` takes raw features: standardisation is part of the model. ONNX runtimes do not
 * promise our order of rounding, so their probabilities agree to about six digits, not bit for bit; what is imported again does.
 */
import { MisuseError } from '@nonet/core';
import type { DataSchema } from '@nonet/core/records';
import { graphAddress } from '../encode.ts';
import { type Graph, isLeaf, leavesOf, type Node, type OperationNode, type TensorId } from '../graph.ts';
import type { OperationKind } from '../operations.ts';
import { assertParameters, type Parameters } from '../parameters.ts';
import { isPrimitive } from '../primitives.ts';
import type { Dtype } from '../shape.ts';
import {
  type Attributes,
  tensorFields,
  type WrittenModel,
  type WrittenNode,
  type WrittenType,
  type WrittenValue,
  writeModel,
} from './write.ts';

export interface ExportOnnxOptions {
  /** A model in readable operations. */
  readonly graph: Graph;
  readonly parameters: Parameters;
  /** What the labels and columns mean; kept as metadata. */
  readonly schema?: DataSchema;
}

const opset = 17;

/** Adds the nodes of one operation; `output` is what the last of them makes. */
type Exporter<K extends OperationKind> = (
  write: (operator: string, inputs: readonly string[], output: string, attributes?: Attributes) => void,
  operands: readonly string[],
  output: string,
  node: Extract<OperationNode, { kind: K }>,
) => void;

/** Operations that have a counterpart at opset 17; losses have none that carries weights of examples. */
const exporters: { readonly [K in OperationKind]?: Exporter<K> } = {
  dense: (write, operands, output) => write('Gemm', operands, output),
  relu: (write, operands, output) => write('Relu', operands, output),
  standardise(write, [x, mean, deviation], output) {
    const centred = `${output}_centred`;
    write('Sub', [x, mean], centred);
    write('Div', [centred, deviation], output);
  },
  flatten: (write, operands, output) => write('Flatten', operands, output, { axis: 1 }),
  transpose: (write, operands, output, { axes }) => write('Transpose', operands, output, { perm: axes }),
  softmax: (write, operands, output) => write('Softmax', operands, output, { axis: -1 }),
  argmax: (write, operands, output) => write('ArgMax', operands, output, { axis: -1, keepdims: 0 }),
};

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

/** What ONNX makes of a tensor: positions are int64 there. */
function writtenType({ kind, dtype }: Node): WrittenType {
  return kind === 'argmax' ? 'i64' : dtype;
}

const bytesOf = (data: Float32Array) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

const constantNode = (
  name: string,
  dtype: Dtype,
  shape: readonly number[],
  bytes: Uint8Array,
): WrittenNode => ({
  operator: 'Constant',
  inputs: [],
  outputs: [name],
  attributes: { value: { tensor: tensorFields(dtype, shape, bytes) } },
});

/**
 * An ONNX file. Argmax gives int64 there, as ONNX has it. Metadata: `nonet.graph` (address), `nonet.initialisers` (how parameters would
 * start afresh), `nonet.labels` and `nonet.table` (JSON).
 * Throws `onnx.operation` on primitives, states, updates and losses, `parameters.mismatch` on parameters of another graph.
 */
export function exportOnnx({ graph, parameters, schema }: ExportOnnxOptions): Uint8Array<ArrayBuffer> {
  assertParameters(graph, parameters);
  if (graph.updates.length > 0 || graph.gradients.length > 0) refuse('a training step');
  const names = valueNames(graph);
  const nodes: WrittenNode[] = [];
  const inputs: WrittenValue[] = [];
  const initialisers: (readonly [string, readonly Uint8Array[]])[] = [];
  for (const [id, node] of graph.nodes.entries()) {
    if (!isLeaf(node)) {
      if (isPrimitive(node)) refuse(`the primitive ${node.kind}`);
      const exporter = exporters[node.kind] as Exporter<OperationKind> | undefined;
      if (exporter === undefined) return refuse(node.kind);
      const write = (operator: string, from: readonly string[], to: string, attributes?: Attributes) =>
        nodes.push({ operator, inputs: from, outputs: [to], ...(attributes && { attributes }) });
      exporter(
        write,
        node.operands.map((operand) => names[operand]),
        names[id],
        node,
      );
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
    return { name, type: writtenType(graph.nodes[tensor]), shape: graph.nodes[tensor].shape };
  });
  const model: WrittenModel = { nodes, initialisers, inputs, outputs, opsets: { '': opset } };
  const starts = leavesOf(graph, 'parameter').map(({ name, initialiser }) => [name, initialiser]);
  return writeModel({
    ...model,
    metadata: {
      'nonet.graph': graphAddress(graph),
      'nonet.initialisers': JSON.stringify(Object.fromEntries(starts)),
      ...(schema === undefined ? {} : { 'nonet.labels': JSON.stringify(schema.labels) }),
      ...(schema?.table === undefined ? {} : { 'nonet.table': JSON.stringify(schema.table) }),
    },
  });
}
