/**
 * The scalar twin of the executor: interprets each element from its specification. The executable
 * definition of a run.
 */

import { assertParameters, type Parameters } from '../files/parameters.ts';
import { type Graph, isLeaf, leavesOf, type PrimitiveNode, type TensorId } from '../graph/graph.ts';
import { boundShape, type Dtype, elementCount } from '../graph/shape.ts';
import { assertStates, createInputs, type OutputValue, type Program } from '../run/program.ts';
import { lower } from '../transform/lower.ts';
import { type Elements, elementOf } from './elements.ts';

/**
 * Like `createProgram`, bit for bit, without WebAssembly. Throws `shape.unbound` on named extents.
 */
export function createTwinProgram(source: Graph): Program {
  const graph = lower(source);
  const values: Elements[] = graph.nodes.map((node) => allocate(node.dtype, boundShape(node.shape)));
  for (const { id, bytes, dtype } of leavesOf(graph, 'constant')) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let i = 0; i < values[id].length; i++) {
      values[id][i] = dtype === 'f32' ? view.getFloat32(4 * i, true) : view.getInt32(4 * i, true);
    }
  }
  const inputs = createInputs(graph, (id) => values[id]);
  const elements = graph.nodes.map((node) =>
    isLeaf(node)
      ? undefined
      : elementOf(
          node as PrimitiveNode,
          node.operands.map((operand) => graph.nodes[operand]),
        ),
  );
  const evaluate = (id: TensorId) => {
    const node = graph.nodes[id] as PrimitiveNode;
    const operands = node.operands.map((operand) => values[operand]);
    for (let o = 0; o < values[id].length; o++) values[id][o] = elements[id]!(operands, o);
  };
  const read = (kind: 'parameter' | 'state'): Parameters =>
    leavesOf(graph, kind).map(({ name, shape, id }) => ({
      name,
      shape,
      data: Float32Array.from(values[id]),
    }));
  const write = (kind: 'parameter' | 'state', tensors: Parameters) => {
    for (const [i, { id }] of leavesOf(graph, kind).entries()) values[id].set(tensors[i].data);
  };
  return {
    graph,
    setParameters(parameters) {
      assertParameters(graph, parameters);
      write('parameter', parameters);
    },
    parameters: () => read('parameter'),
    states: () => read('state'),
    setStates(states) {
      assertStates(graph, states);
      write('state', states);
    },
    resetStates() {
      for (const { id } of leavesOf(graph, 'state')) values[id].fill(0);
    },
    input: inputs.memory,
    run(fresh = {}) {
      inputs.set(fresh);
      for (const [id, node] of graph.nodes.entries()) if (!isLeaf(node)) evaluate(id);
      const outputs: Record<string, OutputValue> = {};
      for (const { name, tensor } of graph.outputs) outputs[name] = values[tensor].slice();
      for (const { of, tensor } of graph.gradients) {
        const leaf = leavesOf(graph, 'parameter').find(({ id }) => id === of)!;
        outputs[`d ${leaf.name}`] = values[tensor].slice();
      }
      const next = graph.updates.map(({ tensor }) => values[tensor].slice());
      for (const [i, { target }] of graph.updates.entries()) values[target].set(next[i]);
      return outputs;
    },
  };
}

function allocate(dtype: Dtype, shape: readonly number[]): Elements {
  const length = elementCount(shape);
  return dtype === 'f32' ? new Float32Array(length) : new Int32Array(length);
}
