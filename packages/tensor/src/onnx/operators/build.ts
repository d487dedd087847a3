/**
 * What several operator families add to a graph: maps with NumPy's broadcasting, reshapes with
 * named extents, integer widths.
 */
import type { Affine } from '../../graph/affine.ts';
import { addMap } from '../../graph/emit.ts';
import { arg, type Expression, integer } from '../../graph/expression.ts';
import type { TensorId } from '../../graph/graph.ts';
import { type Extent, elementCount, equalShapes, maximumRank, type Shape } from '../../graph/shape.ts';
import { dtypeOf, type ElementType } from '../elementTypes.ts';
import { fixingHint, type NodeReader, type Read, type Value } from '../reading.ts';
import type { Constant } from '../tensors.ts';

/** A reading that holds from this version of the operator set on. */
export const since = (version: number, read: Read): readonly (readonly [number, Read])[] => [[version, read]];

/** A tensor of the graph, which has `type` in the file. */
export const tensorValue = (tensor: TensorId, type: ElementType): Value => ({ kind: 'tensor', tensor, type });

/** A constant as a value. */
export const constantValue = (constant: Constant): Value => ({ kind: 'constant', constant });

/** The shape of a tensor of the graph. */
export const shapeOf = ({ g }: NodeReader, x: TensorId): Shape => g.nodes[x].shape;

const printShape = (shape: Shape) => `[${shape.join(',')}]`;

/** The shape to which several broadcast, by NumPy's rule. */
export function broadcastShape(n: NodeReader, shapes: readonly Shape[]): Shape {
  const rank = Math.max(...shapes.map(({ length }) => length));
  return Array.from({ length: rank }, (_, axis) => {
    const extents = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
    const extent = extents.find((candidate) => candidate !== 1) ?? 1;
    if (extents.every((other) => other === 1 || other === extent)) return extent;
    return n.refuse('shapes that broadcast', shapes.map(printShape).join(' and '));
  });
}

/** Reads a tensor of `shape` at every position of `out`, to which it broadcasts. */
function broadcastAffine(shape: Shape, out: Shape): Affine {
  const first = out.length - shape.length;
  return {
    matrix: shape.map((extent, axis) =>
      out.map((_, column) => (extent !== 1 && column === axis + first ? 1 : 0)),
    ),
    offset: shape.map(() => 0),
  };
}

/** A map of tensors that broadcast to `given`, or to one another. */
export function broadcastMap(
  n: NodeReader,
  expression: Expression,
  tensors: readonly TensorId[],
  given?: Shape,
): TensorId {
  const shapes = tensors.map((tensor) => shapeOf(n, tensor));
  const out = broadcastShape(n, given === undefined ? shapes : [given, ...shapes]);
  // Of a longer tensor the map would read the beginning.
  if (given !== undefined && !equalShapes(out, given)) {
    n.refuse(`shapes that broadcast to ${printShape(given)}`, shapes.map(printShape).join(' and '));
  }
  const operands = tensors.map((tensor) => ({ tensor, map: broadcastAffine(shapeOf(n, tensor), out) }));
  return addMap(n.g, out, expression, operands, n.node.operator);
}

/** A map of one tensor. */
export const unaryMap = (n: NodeReader, x: TensorId, expression: Expression): TensorId =>
  addMap(n.g, shapeOf(n, x), expression, [{ tensor: x }], n.node.operator);

/** The same elements under another shape; nothing if it is the same. */
export function reshapeTo(n: NodeReader, x: TensorId, out: Shape): TensorId {
  return equalShapes(shapeOf(n, x), out)
    ? x
    : n.g.add({ kind: 'reshape', operands: [x], out }, n.node.operator);
}

/** A view: element o of the result is the element at `map` of x. */
export function viewOf(n: NodeReader, x: TensorId, out: Shape, map: Affine): TensorId {
  return n.g.add({ kind: 'view', operands: [x], out, maps: [map] }, n.node.operator);
}

/** x, repeated to the shape `out`. */
export function broadcastTo(n: NodeReader, x: TensorId, out: Shape): TensorId {
  return equalShapes(shapeOf(n, x), out) ? x : n.g.add({ kind: 'broadcast', operands: [x], to: out });
}

/** Axis i of the result is axis `axes[i]` of x. */
export function permute(n: NodeReader, x: TensorId, axes: readonly number[]): TensorId {
  const rank = shapeOf(n, x).length;
  if (axes.length !== rank) n.refuse(`an order of ${rank} axes`, `[${axes.join(',')}]`);
  if (axes.every((axis, i) => axis === i)) return x;
  return n.g.add({ kind: 'transpose', operands: [x], axes });
}

/** An axis counted from the end if negative; throws if there is none. */
export function axisOf(n: NodeReader, axis: number, rank: number): number {
  const positive = axis < 0 ? axis + rank : axis;
  if (Number.isInteger(positive) && positive >= 0 && positive < rank) return positive;
  return n.refuse(`an axis of ${rank}`, `${axis}`);
}

/** Axes counted from the front, ascending, each once. */
export function axesOf(n: NodeReader, axes: readonly number[], rank: number): readonly number[] {
  if (rank > maximumRank) n.refuse(`at most ${maximumRank} axes`, `${rank}`);
  const positive = axes.map((axis) => axisOf(n, axis, rank)).sort((a, b) => a - b);
  if (new Set(positive).size !== positive.length) n.refuse('each axis once', `[${axes.join(',')}]`);
  return positive;
}

/** A number of the file as an i32; throws if it does not fit. */
export function fixed32(n: NodeReader, value: number): number {
  return (value | 0) === value ? value : n.refuse('integers that fit 32 bits', `${value}`);
}

/** Throws on a named extent where a number is needed. */
export function fixedExtent(n: NodeReader, extent: Extent, what: string): number {
  if (typeof extent === 'number') return extent;
  return n.refuse(`a number as ${what}`, `the named extent ${extent}`, fixingHint);
}

/** The extents of a shape in which none is a name; refuses the node else. */
export const fixedShape = (n: NodeReader, shape: Shape): readonly number[] =>
  shape.map((extent, axis) => fixedExtent(n, extent, `the extent of axis ${axis}`));

/** Wraps a result of i32 arithmetic at the width of its type in the file. */
export function wrapped(e: Expression, type: ElementType): Expression {
  const signed = (bits: number): Expression => ['shr', ['shl', e, integer(bits)], integer(bits)];
  switch (type) {
    case 'int8':
      return signed(24);
    case 'int16':
      return signed(16);
    case 'uint8':
      return ['and', e, integer(255)];
    case 'uint16':
      return ['and', e, integer(65_535)];
    default:
      return e;
  }
}

/** 0 or 1, from a comparison. */
export const truth = (e: Expression): Expression => ['select', e, integer(1), integer(0)];

/** The negation of a condition. */
export const not = (condition: Expression): Expression => ['xor', condition, ['eq', integer(0), integer(0)]];

/** Whether an i32 operand is not 0. */
export const isTrue = (e: Expression): Expression => not(['eq', e, integer(0)]);

/** Whether a type of the file is held in f32 here. */
export const isFloat = (type: ElementType): boolean => dtypeOf(type) === 'f32';

/** Throws unless the inputs are all f32 here; gives the type of the first. */
export function floatType(n: NodeReader, ...inputs: readonly number[]): ElementType {
  for (const i of inputs) {
    if (!isFloat(n.type(i))) n.refuse(`floats as input ${i}`, n.type(i));
  }
  return n.type(inputs[0]);
}

/** The first operand of a map. */
export const first = arg(0);
/** The second operand of a map. */
export const second = arg(1);

/**
 * Constants that a file only describes (ConstantOfShape, Range, Expand of one number) may not be
 * larger.
 */
const largestConstant = 2 ** 22;

/** Refuses the node if a constant that it describes is too large, alone or with those before it. */
export function assertConstantSize(n: NodeReader, shape: readonly number[]): void {
  if (shape.some((extent) => !(extent >= 0)) || elementCount(shape) > largestConstant) {
    n.refuse(`a constant of at most ${largestConstant} elements`, `[${shape.join(',')}]`);
  }
  // Of the whole file: a node takes 40 bytes there, and its constant 32 MiB here.
  n.budget.described -= elementCount(shape);
  if (n.budget.described < 0)
    n.refuse('fewer constants that the file only describes', `[${shape.join(',')}] more`);
}
