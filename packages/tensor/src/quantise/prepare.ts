/**
 * A model as the quantiser reads it: primitives only, parameters as constants, and everything that
 * depends on no input computed once. Each node remembers which node of the model it comes from, so
 * that a refusal can name it.
 */
import { MisuseError } from '@nonet/core';
import { arrangeParameters } from '../files/parameters.ts';
import { copyNode, createBuilder } from '../graph/builder.ts';
import { type Graph, isLeaf, type Node, outputNamed, type TensorId } from '../graph/graph.ts';
import { lowerOperation } from '../graph/operations.ts';
import { isPrimitive } from '../graph/primitives.ts';
import { createProgram } from '../run/execute.ts';
import type { OutputValue } from '../run/program.ts';
import type { ParameterisedGraph } from '../transform/fix.ts';
import { refuse } from './refuse.ts';

/** A model in primitives. Numbers of nodes are of `nodes`, but for origins. */
export interface Prepared {
  readonly nodes: readonly Node[];
  /** The node of the model that each comes from. */
  readonly origins: readonly TensorId[];
  readonly model: Graph;
  readonly outputs: readonly { readonly name: string; readonly tensor: TensorId }[];
  /** Whether a tensor depends on an input. */
  readonly isData: readonly boolean[];
  /** The nodes that read a tensor, once for each reading. */
  readonly users: readonly (readonly TensorId[])[];
  /** The elements of a tensor that depends on no input. */
  readonly fixed: ReadonlyMap<TensorId, OutputValue>;
}

/** Outputs that say the same as another one: softmax keeps the order of logits. */
function usualOutputs({ outputs, nodes }: Graph): readonly string[] {
  const kept = new Set(outputs.map(({ tensor }) => tensor));
  const repeats = (tensor: TensorId) => {
    const node = nodes[tensor];
    const isSoftmax = node.kind === 'softmax' || node.kind === 'softmaxAlong' || node.kind === 'logSoftmax';
    return isSoftmax && kept.has(node.operands[0]);
  };
  return outputs.filter(({ tensor }) => !repeats(tensor)).map(({ name }) => name);
}

const operandsOf = (node: Node): readonly TensorId[] => (isLeaf(node) ? [] : node.operands);

/** The nodes that these need, themselves included. */
export function reach(nodes: readonly Node[], roots: readonly TensorId[]): ReadonlySet<TensorId> {
  const reached = new Set(roots);
  for (const id of reached) for (const operand of operandsOf(nodes[id])) reached.add(operand);
  return reached;
}

/**
 * The model in primitives, as far as the named outputs need it. Throws `parameters.mismatch`,
 * `graph.noOutput`, and `quantise.unsupported` for a model with states.
 */
export async function prepareModel(
  { graph: model, parameters }: ParameterisedGraph,
  names: readonly string[] = usualOutputs(model),
): Promise<Prepared> {
  const values = new Map(arrangeParameters(model, parameters).map(({ name, data }) => [name, data]));
  const wanted = names.map((name) => ({ name, tensor: outputNamed(model, name) }));
  if (wanted.length === 0) {
    throw new MisuseError({ code: 'quantise.outputs', expected: 'at least one output', found: 'none' });
  }
  const g = createBuilder();
  const numbers: TensorId[] = [];
  const origins: TensorId[] = [];
  const needed = reach(
    model.nodes,
    wanted.map(({ tensor }) => tensor),
  );
  for (const [id, node] of model.nodes.entries()) {
    if (!needed.has(id)) continue;
    if (node.kind === 'state') refuse(model, id, 'a model that keeps nothing between runs');
    if (node.kind === 'parameter') numbers[id] = g.constant(values.get(node.name)!, node.shape);
    else if (isLeaf(node) || isPrimitive(node)) numbers[id] = copyNode(g, node, (at) => numbers[at]);
    else
      numbers[id] = lowerOperation(
        g,
        node,
        node.operands.map((at) => numbers[at]),
      );
    while (origins.length < g.nodes.length) origins.push(id);
  }
  const { nodes } = g;
  const outputs = wanted.map(({ name, tensor }) => ({ name, tensor: numbers[tensor] }));
  const used = reach(
    nodes,
    outputs.map(({ tensor }) => tensor),
  );
  const isData: boolean[] = [];
  const users: TensorId[][] = nodes.map(() => []);
  for (const [id, node] of nodes.entries()) {
    isData.push(node.kind === 'input' || operandsOf(node).some((operand) => isData[operand]));
    if (used.has(id)) for (const operand of operandsOf(node)) users[operand].push(id);
  }
  const needsFixed = [...nodes.keys()].filter(
    (id) =>
      !isData[id] && (users[id].some((user) => isData[user]) || outputs.some(({ tensor }) => tensor === id)),
  );
  const fixed = await computeFixed(nodes, needsFixed);
  return { nodes, origins, model, outputs, isData, users, fixed };
}

/** The elements of tensors that depend on no input. */
async function computeFixed(
  nodes: readonly Node[],
  wanted: readonly TensorId[],
): Promise<ReadonlyMap<TensorId, OutputValue>> {
  if (wanted.length === 0) return new Map();
  const g = createBuilder();
  const needed = reach(nodes, wanted);
  const numbers = new Map<TensorId, TensorId>();
  for (const [id, node] of nodes.entries()) {
    if (needed.has(id))
      numbers.set(
        id,
        copyNode(g, node, (at) => numbers.get(at)!),
      );
  }
  for (const id of wanted) g.output(`f${id}`, numbers.get(id)!);
  const outputs = (await createProgram(g.finish())).run();
  return new Map(wanted.map((id) => [id, outputs[`f${id}`]]));
}
