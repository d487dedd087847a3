/**
 * Nodes that one kernel call answers together: the largest (or smallest) of some elements, and its
 * position. Pooling asks for the first on the way forward and for the second on the way back.
 */
import { type Graph, isLeaf, type PrimitiveNode, type TensorId } from '../graph/graph.ts';
import { isPosition, type Reduction } from '../graph/primitives.ts';

/** The reduction to the value at the position that `op` gives, or `op` itself. */
export function valueReduction(op: Reduction): Reduction {
  if (op === 'argmax') return 'max';
  return op === 'argmin' ? 'min' : op;
}

/** The node computed first -> the later one that reads the same elements of the same tensor. */
export function findCompanions(graph: Graph): ReadonlyMap<TensorId, TensorId> {
  const companions = new Map<TensorId, TensorId>();
  const known = new Map<string, { readonly id: TensorId; readonly op: Reduction }>();
  for (const [id, node] of graph.nodes.entries()) {
    if (isLeaf(node) || node.kind !== 'reduce' || node.op === 'sum') continue;
    const { op, operands, out, k, maps } = node as Extract<PrimitiveNode, { kind: 'reduce' }>;
    const key = JSON.stringify([valueReduction(op), operands, out, k, maps]);
    const earlier = known.get(key);
    if (earlier === undefined) known.set(key, { id, op });
    else if (isPosition(earlier.op) !== isPosition(op) && !companions.has(earlier.id))
      companions.set(earlier.id, id);
  }
  return companions;
}
