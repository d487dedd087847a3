/**
 * A graph for readers: leaves by role, one line per inner node with its index maps and where it comes from, then what is kept.
 * `o0`, `k0` are the axes of the output and of the reduction; an operand without brackets is read whole, `x[]` is a scalar.
 */
import { printAffine } from './affine.ts';
import { floatOfBits, printExpression } from './expression.ts';
import {
  arithmetic,
  type Graph,
  isLeaf,
  type Leaf,
  type Node,
  type PrimitiveNode,
  type TensorId,
} from './graph.ts';
import { isPrimitive } from './primitives.ts';
import { printType } from './shape.ts';

function printConstant(leaf: Extract<Leaf, { kind: 'constant' }>): string {
  if (leaf.bytes.length !== 4) return 'constant';
  const word = new DataView(leaf.bytes.buffer, leaf.bytes.byteOffset).getUint32(0, true);
  return String(leaf.dtype === 'f32' ? floatOfBits(word) : word | 0);
}

/** Printed name of every tensor: leaves by name, constants as `c0`, inner nodes as `%0`. */
function tensorNames(graph: Graph): readonly string[] {
  let inner = 0;
  let constants = 0;
  return graph.nodes.map((node) => {
    if (!isLeaf(node)) return `%${inner++}`;
    return node.kind === 'constant' ? `c${constants++}` : node.name;
  });
}

function printPrimitive(node: PrimitiveNode, name: (id: TensorId) => string): string {
  const rank = node.shape.length;
  if (node.kind === 'reshape') return `reshape ${name(node.operands[0])}`;
  const reads = node.operands.map((operand, i) => {
    const detached = node.kind === 'map' && node.detached.includes(i) ? 'detached ' : '';
    return `${detached}${name(operand)}${printAffine(node.maps[i], rank)}`;
  });
  switch (node.kind) {
    case 'contract':
      return `contract ${reads.join(' ')} k=[${node.k.join(',')}]`;
    case 'reduce':
      return `reduce ${node.op} ${reads.join(' ')} k=[${node.k.join(',')}]`;
    case 'map':
      return `map ${printExpression(node.expression)} (${reads.join(', ')})`;
    case 'view':
      return `view ${reads.join(' ')}`;
  }
}

function printNode(node: Node, name: (id: TensorId) => string): string {
  if (isLeaf(node)) return node.kind;
  if (isPrimitive(node)) return printPrimitive(node, name);
  const axes = node.kind === 'transpose' ? ` [${node.axes.join(',')}]` : '';
  return `${node.kind} ${node.operands.map(name).join(' ')}${axes}`;
}

/** The printed form, without a trailing newline. Not an encoding: it cannot be read back. */
export function printGraph(graph: Graph): string {
  const names = tensorNames(graph);
  const name = (id: TensorId) => names[id];
  const lines = [`graph  arithmetic ${arithmetic}`];
  for (const kind of ['input', 'parameter', 'state', 'constant'] as const) {
    const leaves = graph.nodes.flatMap((node, id) => {
      if (node.kind !== kind) return [];
      const value = node.kind === 'constant' ? ` = ${printConstant(node)}` : '';
      return [`${names[id]} ${printType(node.dtype, node.shape)}${value}`];
    });
    if (leaves.length > 0) lines.push(` ${kind} ${leaves.join('  ')}`);
  }
  const rows = graph.nodes.flatMap((node, id) =>
    isLeaf(node)
      ? []
      : [[names[id], printType(node.dtype, node.shape), printNode(node, name), node.note ?? '']],
  );
  const widths = [0, 1, 2].map((column) =>
    Math.max(0, ...rows.map((row) => Math.min(56, row[column].length))),
  );
  for (const [tensor, type, text, note] of rows) {
    lines.push(
      ` ${tensor.padEnd(widths[0])} ${type.padEnd(widths[1])} = ${text.padEnd(widths[2])}  ${note}`.trimEnd(),
    );
  }
  const ends = [
    ...graph.outputs.map((output) => `output ${output.name}=${name(output.tensor)}`),
    ...(graph.updates.length > 0
      ? [`update ${graph.updates.map(({ target, tensor }) => `${name(target)}=${name(tensor)}`).join(' ')}`]
      : graph.gradients.map(({ of, tensor }) => `d${name(of)}=${name(tensor)}`)),
  ];
  return [...lines, ` ${ends.join('  ')}`].join('\n');
}
