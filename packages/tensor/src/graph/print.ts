/**
 * A graph as text: leaves by role, one line per inner node with its index maps and where it
 * comes from, then what is kept. `o0`, `k0` are the axes of the output and of the reduction; an
 * operand without brackets is read whole, `x[]` is a scalar.
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
import { printAttributes } from './operations.ts';
import { type AffinePrimitive, isPrimitive, type PrimitiveKind } from './primitives.ts';
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

type Name = (id: TensorId) => string;

function printReads(node: Extract<PrimitiveNode, AffinePrimitive & { maps: unknown }>, name: Name) {
  return node.operands.map((operand, i) => {
    const detached = node.kind === 'map' && node.detached.includes(i) ? 'detached ' : '';
    return `${detached}${name(operand)}${printAffine(node.maps[i], node.shape.length)}`;
  });
}

/** `1+3` is one before and three after; `1+3/2` has two between neighbours as well. */
const printPadding = (low: number, high: number, interior: number) =>
  `${low}+${high}${interior === 0 ? '' : `/${interior}`}`;

const printers: {
  readonly [K in PrimitiveKind]: (node: Extract<PrimitiveNode, { kind: K }>, name: Name) => string;
} = {
  contract: (node, name) => `contract ${printReads(node, name).join(' ')} k=[${node.k.join(',')}]`,
  reduce: (node, name) => `reduce ${node.op} ${printReads(node, name).join(' ')} k=[${node.k.join(',')}]`,
  map: (node, name) => `map ${printExpression(node.expression)} (${printReads(node, name).join(', ')})`,
  view: (node, name) => `view ${printReads(node, name).join(' ')}`,
  reshape: ({ operands: [x] }, name) => `reshape ${name(x)}`,
  pad: ({ operands: [x], low, high, interior, valueBits, dtype }, name) => {
    const widths = low.map((count, axis) => printPadding(count, high[axis], interior[axis]));
    const value = dtype === 'f32' ? floatOfBits(valueBits) : valueBits | 0;
    return `pad ${name(x)} [${widths.join(',')}] with ${value}`;
  },
  concat: ({ operands, axis }, name) => `concat ${operands.map(name).join(' ')} axis=${axis}`,
  gather: ({ operands: [data, index], axis }, name) => `gather ${name(data)}[${name(index)}] axis=${axis}`,
  scatterAdd: ({ operands: [source, index], axis, size }, name) =>
    `scatterAdd ${name(source)} at ${name(index)} axis=${axis} size=${size}`,
  random: ({ operands: [seed, step], stream }, name) => `random ${name(seed)} ${name(step)} stream=${stream}`,
  requantise: ({ operands: [x], axis, shift, zero, low, high }, name) =>
    `requantise ${name(x)}>>[${shift}]+[${zero}] axis=${axis} in ${low}..${high}`,
  lookup: ({ operands: [x, table], low, high }, name) =>
    `lookup ${name(table)}[${name(x)}] in ${low}..${high}`,
};

function printNode(node: Node, name: Name): string {
  if (isLeaf(node)) return node.kind;
  if (isPrimitive(node))
    return (printers[node.kind] as (node: PrimitiveNode, name: Name) => string)(node, name);
  return `${node.kind} ${node.operands.map(name).join(' ')}${printAttributes(node)}`;
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
