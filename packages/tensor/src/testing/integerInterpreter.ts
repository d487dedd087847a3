/**
 * Graphs of integers in BigInt, one element after the other, from the words of docs/specs: a third
 * implementation beside the kernels and their twin, which shares nothing with them but the graph.
 * Nothing wraps here: an integer that i32 does not hold stops the run, so it also checks what
 * `assertNoWrap` promises. Slow; for tests.
 */
import { NonetError } from '@nonet/core';
import type { Expression } from '../graph/expression.ts';
import type { Graph, Node } from '../graph/graph.ts';

/** A tensor's integers, row-major. */
export type Integers = readonly bigint[];

function refuse(expected: string, found: string): never {
  throw new NonetError({ code: 'interpreter.refused', expected, found });
}

const shapeOf = ({ shape }: Pick<Node, 'shape'>): readonly number[] =>
  shape.map((extent) => (typeof extent === 'number' ? extent : refuse('a bound graph', extent)));

/** All indices of a space in row-major order. */
function* indicesOf(shape: readonly number[]): Generator<readonly number[]> {
  if (shape.length === 0) {
    yield [];
    return;
  }
  const [extent, ...rest] = shape;
  for (let i = 0; i < extent; i++) for (const inner of indicesOf(rest)) yield [i, ...inner];
}

/** The element at an index, each of which must lie inside. */
function at(values: Integers, shape: readonly number[], index: readonly number[]): bigint {
  let position = 0;
  for (const [axis, i] of index.entries()) {
    if (i < 0 || i >= shape[axis]) refuse(`an index below ${shape[axis]}`, `${i}`);
    position = position * shape[axis] + i;
  }
  return values[position];
}

interface Reading {
  readonly matrix: readonly (readonly number[])[];
  readonly offset: readonly number[];
}

const follow = ({ matrix, offset }: Reading, index: readonly number[]): readonly number[] =>
  matrix.map(
    (row, axis) => offset[axis] + row.reduce((sum, factor, column) => sum + factor * index[column], 0),
  );

function evaluate(e: Expression, args: Integers, index: readonly number[]): bigint | boolean {
  const value = (part: Expression) => evaluate(part, args, index) as bigint;
  switch (e[0]) {
    case 'arg':
      return args[e[1]];
    case 'const':
      return BigInt.asIntN(32, BigInt(e[2]));
    case 'index':
      return BigInt(index[e[1]]);
    case 'neg':
      return -value(e[1]);
    case 'add':
      return value(e[1]) + value(e[2]);
    case 'sub':
      return value(e[1]) - value(e[2]);
    case 'mul':
      return value(e[1]) * value(e[2]);
    case 'lt':
      return value(e[1]) < value(e[2]);
    case 'eq':
      return value(e[1]) === value(e[2]);
    case 'select':
      return evaluate(e[1], args, index) ? value(e[2]) : value(e[3]);
    default:
      return refuse('sums, products and choices of integers', e[0]);
  }
}

/** floor(x / 2^shift + 1/2): half of 2^shift is added, then floored. */
function shiftHalfUp(x: bigint, shift: number): bigint {
  if (shift === 0) return x;
  const power = 2n ** BigInt(shift);
  const raised = x + power / 2n;
  const remainder = ((raised % power) + power) % power;
  return (raised - remainder) / power;
}

function compute(
  node: Node,
  operands: readonly Integers[],
  shapes: readonly (readonly number[])[],
): Integers {
  const shape = shapeOf(node);
  const elements = (make: (index: readonly number[]) => bigint) => Array.from(indicesOf(shape), make);
  switch (node.kind) {
    case 'contract':
      return elements((o) => {
        let sum = 0n;
        for (const k of indicesOf(node.k as readonly number[])) {
          const [a, b] = node.maps.map((map, i) => at(operands[i], shapes[i], follow(map, [...o, ...k])));
          sum += a * b;
        }
        return sum;
      });
    case 'reduce':
      return elements((o) => {
        const [map] = node.maps;
        const terms = Array.from(indicesOf(node.k as readonly number[]), (k) =>
          at(operands[0], shapes[0], follow(map, [...o, ...k])),
        );
        if (node.op === 'sum') return terms.reduce((a, b) => a + b, 0n);
        const isMost = node.op === 'max' || node.op === 'argmax';
        const best = terms.reduce((a, b) => ((isMost ? b > a : b < a) ? b : a));
        return node.op.startsWith('arg') ? BigInt(terms.indexOf(best)) : best;
      });
    case 'map':
      return elements((o) => {
        const args = node.maps.map((map, i) => at(operands[i], shapes[i], follow(map, o)));
        return evaluate(node.expression, args, o) as bigint;
      });
    case 'view':
      return elements((o) => at(operands[0], shapes[0], follow(node.maps[0], o)));
    case 'reshape':
      return operands[0];
    case 'pad': {
      const fill = BigInt.asIntN(32, BigInt(node.valueBits));
      return elements((o) => {
        const inner = o.map((i, axis) => (i - node.low[axis]) / (node.interior[axis] + 1));
        const isInside = inner.every((i, axis) => Number.isInteger(i) && i >= 0 && i < shapes[0][axis]);
        return isInside ? at(operands[0], shapes[0], inner) : fill;
      });
    }
    case 'concat':
      return elements((o) => {
        let along = o[node.axis];
        let part = 0;
        while (along >= shapes[part][node.axis]) along -= shapes[part++][node.axis];
        return at(operands[part], shapes[part], o.with(node.axis, along));
      });
    case 'gather': {
      const rank = shapes[1].length;
      return elements((o) => {
        const chosen = at(operands[1], shapes[1], o.slice(node.axis, node.axis + rank));
        return at(operands[0], shapes[0], o.toSpliced(node.axis, rank, Number(chosen)));
      });
    }
    case 'requantise': {
      const { axis, shift, zero, low, high } = node;
      let flat = 0;
      return elements((o) => {
        const channel = shift.length === 1 ? 0 : o[axis];
        const value = shiftHalfUp(operands[0][flat++], shift[channel]) + BigInt(zero[channel]);
        return value < BigInt(low) ? BigInt(low) : value > BigInt(high) ? BigInt(high) : value;
      });
    }
    case 'lookup':
      return operands[0].map((x) => at(operands[1], shapes[1], [Number(x - BigInt(node.low))]));
    default:
      return refuse('a graph of integers in primitives', node.kind);
  }
}

function integersOfInput(node: Node, values: Int32Array | readonly number[] | undefined): Integers {
  const count = shapeOf(node).reduce((product, extent) => product * extent, 1);
  if (values?.length !== count) refuse(`${count} integers as input`, `${values?.length ?? 'none'}`);
  return Array.from(values!, (value) => BigInt(value));
}

function integersOfBytes(bytes: Uint8Array): Integers {
  return Array.from({ length: bytes.length / 4 }, (_, i) => {
    const word = [0, 1, 2, 3].reduce((sum, b) => sum + (BigInt(bytes[4 * i + b]) << BigInt(8 * b)), 0n);
    return BigInt.asIntN(32, word);
  });
}

/**
 * The outputs of a bound graph of integers, by name. Throws `interpreter.refused` on what is no such
 * graph, and on an integer that i32 does not hold.
 */
export function interpretIntegers(
  graph: Graph,
  inputs: Readonly<Record<string, Int32Array | readonly number[]>>,
): Readonly<Record<string, Integers>> {
  const values: Integers[] = [];
  for (const node of graph.nodes) {
    if (node.dtype !== 'i32') refuse('tensors of i32', `${node.kind} ${node.dtype}`);
    const operands = 'operands' in node ? node.operands : [];
    const made =
      node.kind === 'input'
        ? integersOfInput(node, inputs[node.name])
        : node.kind === 'constant'
          ? integersOfBytes(node.bytes)
          : compute(
              node,
              operands.map((operand) => values[operand]),
              operands.map((operand) => shapeOf(graph.nodes[operand])),
            );
    const outside = made.find((value) => value !== BigInt.asIntN(32, value));
    if (outside !== undefined) refuse(`integers of 32 bits in ${node.kind}`, `${outside}`);
    values.push(made);
  }
  return Object.fromEntries(graph.outputs.map(({ name, tensor }) => [name, values[tensor]]));
}
