/**
 * Operators that read at positions that are data. A position out of range stops the run
 * (`program.index`).
 */
import { project } from '../../graph/affine.ts';
import { addMap } from '../../graph/emit.ts';
import { arg, type Expression, integer } from '../../graph/expression.ts';
import type { TensorId } from '../../graph/graph.ts';
import { type Extent, elementCount, equalShapes, rowMajorStrides } from '../../graph/shape.ts';
import type { NodeReader, Operators, Value } from '../reading.ts';
import {
  assertConstantSize,
  axisOf,
  first,
  fixed32,
  fixedExtent,
  fixedShape,
  isFloat,
  reshapeTo,
  second,
  shapeOf,
  since,
  tensorValue,
  unaryMap,
} from './build.ts';

/**
 * Elements of an axis by position, the indices being constants or computed; their axes take the
 * place of the axis.
 */
/** Rows of x at indices that are never negative, along an axis. */
export function gather(n: NodeReader, x: TensorId, indices: TensorId, axis: number): TensorId {
  return n.g.add({ kind: 'gather', operands: [x, indices], axis }, n.node.operator);
}

/** Rows of a matrix at the positions of input i. */
export const gatherRows = (n: NodeReader, x: TensorId, i: number): TensorId =>
  gather(n, x, indicesOf(n, i, shapeOf(n, x)[0]), 0);

/** Rows of a table at computed positions that are never out of range. */
export const gatherRowsAt = (n: NodeReader, table: TensorId, positions: TensorId): TensorId =>
  gather(n, table, positions, 0);

/** Along the last axis. */
export const gatherLast = (n: NodeReader, x: TensorId, positions: TensorId): TensorId =>
  gather(n, x, positions, shapeOf(n, x).length - 1);

/** Entries of a list of integers at computed positions. */
export const gatherConstantRows = (n: NodeReader, list: readonly number[], positions: TensorId): TensorId =>
  gather(
    n,
    n.g.constant(
      Int32Array.from(list, (entry) => fixed32(n, entry)),
      [list.length],
    ),
    positions,
    0,
  );

/** Positions of an axis that are known. */
export const gatherPositions = (n: NodeReader, x: TensorId, positions: readonly number[], axis: number) =>
  gather(n, x, n.g.constant(Int32Array.from(positions), [positions.length]), axis);

/**
 * Negative indices count from the end; positions that a maximum or minimum gives are never
 * negative.
 */
function indicesOf(n: NodeReader, i: number, extent: Extent): TensorId {
  const given = n.value(i);
  if (given.kind === 'constant' && !given.constant.data.some((index) => (index as number) < 0)) {
    return n.tensor(i);
  }
  const indices = n.tensor(i);
  if (['argmax', 'argmaxAlong', 'argmin'].includes(n.g.nodes[indices].kind)) return indices;
  const zero = n.g.constant(Int32Array.of(0), []);
  const size = n.g.constant(Int32Array.of(fixedExtent(n, extent, 'the extent of the axis')), []);
  const counted = n.g.add({ kind: 'add', operands: [indices, size] });
  const isNegative = n.g.add({ kind: 'less', operands: [indices, zero] });
  return n.g.add({ kind: 'where', operands: [isNegative, counted, indices] });
}

/** Reads the flattened data at a computed i32 position. */
function gatherFlat(n: NodeReader, positions: TensorId): Value {
  const flat = reshapeTo(n, n.tensor(0), [elementCount(fixedShape(n, n.shape(0)))]);
  return tensorValue(gather(n, flat, positions, 0), n.type(0));
}

/**
 * The flat position, or -1, which stops the run, where one of its parts is outside its axis: it
 * would be another element's.
 */
const unlessOutside = (
  bounds: readonly (readonly [Expression, extent: number])[],
  position: Expression,
): Expression =>
  bounds.reduce<Expression>((inside, [e, extent]) => {
    const within: Expression = ['and', ['lt', integer(-1), e], ['lt', e, integer(extent)]];
    return ['select', within, inside, integer(-1)];
  }, position);

/** Sum of position * stride. */
export const weigh = (terms: readonly (readonly [Expression, number])[]): Expression =>
  terms.reduce<Expression>((sum, [e, stride]) => ['add', sum, ['mul', e, integer(stride)]], integer(0));

function oneHot(n: NodeReader): Value {
  const depth = n.scalar(1);
  const indices = n.tensor(0);
  const shape = shapeOf(n, indices);
  const axis = axisOf(n, n.integer('axis', -1), shape.length + 1);
  assertConstantSize(n, [depth]);
  const out = [...shape.slice(0, axis), depth, ...shape.slice(axis)];
  const type = n.type(2);
  const position: Expression = isFloat(n.type(0)) ? ['convert', 'i32', first] : first;
  const counted: Expression = [
    'select',
    ['lt', position, integer(0)],
    ['add', position, integer(depth)],
    position,
  ];
  const values = n.tensor(2);
  if (!equalShapes(shapeOf(n, values), [2])) n.refuse('two values', `[${shapeOf(n, values).join(',')}]`);
  const element = (i: number) => ({ tensor: values, map: { matrix: [out.map(() => 0)], offset: [i] } });
  const e: Expression = ['select', ['eq', ['index', axis], counted], arg(2), second];
  const columns = out.flatMap((_, i) => (i === axis ? [] : [i]));
  return tensorValue(
    addMap(
      n.g,
      out,
      e,
      [{ tensor: indices, map: project(out.length, columns) }, element(0), element(1)],
      'OneHot',
    ),
    type,
  );
}

/** Operators that read at positions, by name. */
export const gathers: Operators = {
  Gather: since(1, (n) => {
    const shape = n.shape(0);
    const axis = axisOf(n, n.integer('axis', 0), shape.length);
    return tensorValue(gather(n, n.tensor(0), indicesOf(n, 1, shape[axis]), axis), n.type(0));
  }),
  GatherElements: since(11, (n) => {
    const shape = fixedShape(n, n.shape(0));
    const axis = axisOf(n, n.integer('axis', 0), shape.length);
    const indices = indicesOf(n, 1, shape[axis]);
    const own = fixedShape(n, shapeOf(n, indices));
    if (own.length !== shape.length || own.some((extent, i) => i !== axis && extent > shape[i])) {
      n.refuse(`indices within [${shape.join(',')}] but for axis ${axis}`, `[${own.join(',')}]`);
    }
    const strides = rowMajorStrides(shape);
    const terms = strides.map((stride, i) => [i === axis ? first : (['index', i] as const), stride] as const);
    return gatherFlat(n, unaryMap(n, indices, unlessOutside([[first, shape[axis]]], weigh(terms))));
  }),
  GatherND: since(11, (n) => {
    const shape = fixedShape(n, n.shape(0));
    const indices = n.tensor(1);
    const lead = fixedShape(n, shapeOf(n, indices));
    const depth = lead[lead.length - 1];
    const batch = n.integer('batch_dims', 0);
    const fits = batch >= 0 && batch < lead.length && depth >= 1 && batch + depth <= shape.length;
    if (!fits || shape.slice(0, batch).some((extent, i) => extent !== lead[i])) {
      n.refuse(`positions of [${shape.join(',')}]`, `[${lead.join(',')}] with batch_dims ${batch}`);
    }
    const tail = shape.slice(batch + depth);
    const out = [...lead.slice(0, -1), ...tail];
    const strides = rowMajorStrides(shape);
    const rank = lead.length - 1;
    const part = (i: number) => ({
      tensor: indices,
      map: {
        matrix: lead.map((_, row) => out.map((__, column) => (row < rank && row === column ? 1 : 0))),
        offset: lead.map((_, row) => (row === rank ? i : 0)),
      },
    });
    const counted = (i: number): Expression => [
      'select',
      ['lt', arg(i), integer(0)],
      ['add', arg(i), integer(shape[batch + i])],
      arg(i),
    ];
    const terms: (readonly [Expression, number])[] = [
      ...Array.from({ length: batch }, (_, i) => [['index', i], strides[i]] as const),
      ...Array.from({ length: depth }, (_, i) => [counted(i), strides[batch + i]] as const),
      ...tail.map((_, i) => [['index', rank + i], strides[batch + depth + i]] as const),
    ];
    const operands = Array.from({ length: depth }, (_, i) => part(i));
    const bounds = Array.from({ length: depth }, (_, i) => [counted(i), shape[batch + i]] as const);
    return gatherFlat(n, addMap(n.g, out, unlessOutside(bounds, weigh(terms)), operands, 'GatherND'));
  }),
  OneHot: since(9, oneHot),
};
