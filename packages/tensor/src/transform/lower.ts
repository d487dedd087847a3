/**
 * Lowering: a graph of readable operations becomes one of primitives. Notes keep the operations'
 * names.
 */
import { copyNode, createBuilder } from '../graph/builder.ts';
import { type Graph, isLeaf, type TensorId } from '../graph/graph.ts';
import { lowerOperation } from '../graph/operations.ts';
import { isPrimitive } from '../graph/primitives.ts';

/** The same graph in primitives only. Pure; parameters, states and inputs keep their order. */
export function lower(graph: Graph): Graph {
  const g = createBuilder();
  const numbers: TensorId[] = [];
  const number = (id: TensorId) => numbers[id];
  for (const node of graph.nodes) {
    numbers.push(
      isLeaf(node) || isPrimitive(node)
        ? copyNode(g, node, number)
        : lowerOperation(g, node, node.operands.map(number)),
    );
  }
  for (const { name, tensor } of graph.outputs) g.output(name, numbers[tensor]);
  for (const { of, tensor } of graph.gradients) g.gradient(numbers[of], numbers[tensor]);
  for (const { target, tensor } of graph.updates) g.update(numbers[target], numbers[tensor]);
  return g.finish();
}
