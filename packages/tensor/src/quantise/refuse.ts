/** What the quantiser says where a model cannot be quantised: node, operator, and what to do. */
import { NonetError } from '@nonet/core';
import { type Graph, isLeaf, type Node, type TensorId } from '../graph/graph.ts';

/** How readers find a node: its operator, its number, and the remark it carries. */
function describeNode({ nodes }: Graph, id: TensorId): string {
  const node = nodes[id];
  const note = isLeaf(node) || node.note === undefined || node.note === node.kind ? '' : ` "${node.note}"`;
  return `${node.kind}${note} (node ${id})`;
}

const logits = 'Let the model give its logits as an output, as importClassifier does, and name that.';

/** What to do about operators that are often met and have no integers. */
const hints: Readonly<Partial<Record<Node['kind'], string>>> = {
  softmax: logits,
  softmaxAlong: logits,
  logSoftmax: logits,
  averagePool: 'Let padding count (countPadding), so that all means have the same number of terms.',
};
const usual = 'Name only outputs before it: quantise({ ..., outputs: [...] }), and compute the rest in f32.';

/** Throws `quantise.unsupported` for a node of the model. */
export function refuse(model: Graph, id: TensorId, expected: string, hint?: string): never {
  throw new NonetError({
    code: 'quantise.unsupported',
    expected,
    found: describeNode(model, id),
    hint: hint ?? hints[model.nodes[id].kind] ?? usual,
  });
}
