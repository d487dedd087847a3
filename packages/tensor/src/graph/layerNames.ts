/**
 * How parameters are called (docs/specs/graph.md §7): by the layer that uses them, numbered by kind
 * in the order of the nodes (`dense0.weight`, `conv1.bias`). Names are not part of a graph's
 * identity, so a decoded graph gets them back by the same rule; files of parameters name them.
 */
import type { Leaf } from './graph.ts';
import type { TensorId } from './shape.ts';

interface Layer {
  readonly prefix: string;
  /** By operand; undefined where no parameter belongs. */
  readonly names: readonly (string | undefined)[];
}

const norm = (...names: string[]): Layer => ({ prefix: 'norm', names: [undefined, ...names] });

const layers: Readonly<Record<string, Layer>> = {
  dense: { prefix: 'dense', names: [undefined, 'weight', 'bias'] },
  conv2d: { prefix: 'conv', names: [undefined, 'weight', 'bias'] },
  convTranspose2d: { prefix: 'conv', names: [undefined, 'weight', 'bias'] },
  layerNorm: norm('scale', 'shift'),
  rmsNorm: norm('scale'),
  batchNorm: norm('mean', 'variance', 'scale', 'shift'),
  gather: { prefix: 'embedding', names: ['weight'] },
  add: { prefix: 'positions', names: [undefined, 'weight'] },
};

type Kinds = readonly { readonly kind: string; readonly operands?: readonly TensorId[] }[];
const parameterKind: Leaf['kind'] = 'parameter';

/** The name of each parameter that a layer uses, by node number. */
export function layerNames(nodes: Kinds): ReadonlyMap<TensorId, string> {
  const names = new Map<TensorId, string>();
  const counts = new Map<string, number>();
  for (const { kind, operands = [] } of nodes) {
    if (!Object.hasOwn(layers, kind)) continue;
    const { prefix, names: roles } = layers[kind];
    const used = roles.flatMap((role, i) =>
      role !== undefined && nodes[operands[i]]?.kind === parameterKind ? [{ role, id: operands[i] }] : [],
    );
    if (used.length === 0) continue;
    const layer = counts.get(prefix) ?? 0;
    counts.set(prefix, layer + 1);
    // A layer whose parameters belong to an earlier one gives no names of its own.
    if (used.some(({ id }) => names.has(id))) continue;
    for (const { role, id } of used) names.set(id, `${prefix}${layer}.${role}`);
  }
  return names;
}

/** What the parameters of the next layer of this kind are called: `conv2`. */
export function nextLayer(nodes: Kinds, kind: keyof typeof layers): string {
  const { prefix } = layers[kind];
  const used = nodes.filter(
    (node) =>
      Object.hasOwn(layers, node.kind) &&
      layers[node.kind].prefix === prefix &&
      layers[node.kind].names.some(
        (role, i) => role !== undefined && nodes[node.operands?.[i] ?? -1]?.kind === parameterKind,
      ),
  );
  return `${prefix}${used.length}`;
}
