/**
 * Operators that write at positions. Each element of the result is read, from the data or from the
 * updates: where positions are known when the file is read, from a table; where they are computed,
 * few updates are written one after the other, and many through a table that the run makes, which
 * stops if two meet at one position.
 */
import { addMap } from '../../graph/emit.ts';
import { arg, constant, type Expression, integer } from '../../graph/expression.ts';
import type { TensorId } from '../../graph/graph.ts';
import { elementCount, rowMajorStrides } from '../../graph/shape.ts';
import type { NodeReader, Operators, Read, Value } from '../reading.ts';
import { zeroUnless } from './bounds.ts';
import {
  assertConstantSize,
  axisOf,
  broadcastMap,
  first,
  fixedShape,
  isFloat,
  reshapeTo,
  second,
  shapeOf,
  tensorValue,
  unaryMap,
} from './build.ts';
import { gatherPositions } from './gathers.ts';
import { affine } from './linear.ts';

type Reduction = 'none' | 'add' | 'mul' | 'max' | 'min';
const reductions: readonly Reduction[] = ['none', 'add', 'mul', 'max', 'min'];

/** Rows of data, and of updates for some of them. */
interface Rows {
  /** (R, C) */
  readonly data: TensorId;
  /** (U, C) */
  readonly updates: TensorId;
  /** (U): the row of each update, as numbers if they are known. */
  readonly positions: TensorId | readonly number[];
}

/** How two values become one; of integers too. */
function combined(reduction: Exclude<Reduction, 'none'>): Expression {
  switch (reduction) {
    case 'add':
      return ['add', first, second];
    case 'mul':
      return ['mul', first, second];
    case 'max':
      return ['select', ['lt', first, second], second, first];
    case 'min':
      return ['select', ['lt', second, first], second, first];
  }
}

const join = (n: NodeReader, operands: readonly TensorId[]): TensorId =>
  n.g.add({ kind: 'concat', operands, axis: 0 }, n.node.operator);

/** Positions of a list by what they hold, in order of appearance. */
const occurrences = (positions: readonly number[]): ReadonlyMap<number, readonly number[]> =>
  Map.groupBy(positions.keys(), (u) => positions[u]);

/** More updates of one position would take as many nodes. */
const mostMeetings = 256;

/** By a table for each time that a position comes: the last update stays, or all combine in order. */
function writeKnown(
  n: NodeReader,
  { data, updates }: Rows,
  positions: readonly number[],
  reduction: Reduction,
): TensorId {
  const [rows] = fixedShape(n, shapeOf(n, data));
  assertConstantSize(n, [rows]);
  const found = occurrences(positions);
  const both = join(n, [data, updates]);
  const table = (pick: (updatesOfRow: readonly number[]) => number | undefined) =>
    Array.from({ length: rows }, (_, row) => {
      const update = pick(found.get(row) ?? []);
      return update === undefined ? row : rows + update;
    });
  if (reduction === 'none')
    return gatherPositions(
      n,
      both,
      table((list) => list.at(-1)),
      0,
    );
  const most = Math.max(0, ...[...found.values()].map(({ length }) => length));
  if (most > mostMeetings) n.refuse(`at most ${mostMeetings} updates of one position`, `${most}`);
  let result = data;
  for (let time = 0; time < most; time++) {
    const hit = Int32Array.from({ length: rows }, (_, row) => ((found.get(row) ?? []).length > time ? 1 : 0));
    assertConstantSize(n, [rows, 2]);
    const here = n.g.constant(hit, [rows, 1]);
    const update = gatherPositions(
      n,
      both,
      table((list) => list[time]),
      0,
    );
    const e: Expression = ['select', ['eq', arg(2), integer(1)], combined(reduction), first];
    result = broadcastMap(n, e, [result, update, here]);
  }
  return result;
}

/** More updates than this, at computed positions, are not written one after the other. */
const mostInTurn = 128;

/** One update after the other, in their order: any reduction, and any positions. */
function writeInTurn(
  n: NodeReader,
  { data, updates }: Rows,
  positions: TensorId,
  reduction: Reduction,
): TensorId {
  const [rows, columns] = fixedShape(n, shapeOf(n, data));
  const [count] = fixedShape(n, shapeOf(n, updates));
  // Reading them from a table stops the run at one that is out of range.
  const table = addMap(n.g, [rows], ['index', 0], [], n.node.operator);
  const inside = n.g.add({ kind: 'gather', operands: [table, positions], axis: 0 }, n.node.operator);
  const written = reduction === 'none' ? second : combined(reduction);
  const e: Expression = ['select', ['eq', ['index', 0], arg(2)], written, first];
  let result = data;
  for (let u = 0; u < count; u++) {
    const update = { tensor: updates, map: affine(2, [{}, { 1: 1 }], [u, 0]) };
    const position = { tensor: inside, map: affine(2, [{}], [u]) };
    result = addMap(n.g, [rows, columns], e, [{ tensor: result }, update, position], n.node.operator);
  }
  return result;
}

/** By a table that the run makes, or by sums. */
function writeComputed(
  n: NodeReader,
  { data, updates }: Rows,
  positions: TensorId,
  reduction: Reduction,
): TensorId {
  const [rows] = fixedShape(n, shapeOf(n, data));
  const [count] = fixedShape(n, shapeOf(n, updates));
  const scatter = (source: TensorId) =>
    n.g.add({ kind: 'scatterAdd', operands: [source, positions], axis: 0, size: rows }, n.node.operator);
  if (reduction === 'add' && isFloat(n.type(0))) {
    return broadcastMap(n, ['add', first, second], [data, scatter(updates)]);
  }
  if (count <= mostInTurn) return writeInTurn(n, { data, updates, positions }, positions, reduction);
  if (reduction !== 'none') {
    return n.refuse(`at most ${mostInTurn} updates at computed positions, for ${reduction}`, `${count}`);
  }
  if (rows + count > 2 ** 24) n.refuse('at most 2^24 positions', `${rows + count}`);
  const ones = addMap(n.g, [count], constant(1), [], n.node.operator);
  const numbers = addMap(n.g, [count], ['convert', 'f32', ['index', 0]], [], n.node.operator);
  const [met, update] = [scatter(ones), scatter(numbers)];
  const twice = unaryMap(n, met, ['select', ['lt', constant(1), first], integer(1), integer(0)]);
  const row: Expression = [
    'select',
    ['eq', arg(0), constant(0)],
    ['index', 0],
    ['add', ['convert', 'i32', arg(1)], integer(rows)],
  ];
  const table = broadcastMap(
    n,
    ['add', row, arg(2)],
    [met, update, zeroUnless(n, twice, ' twice at one position')],
  );
  return n.g.add({ kind: 'gather', operands: [join(n, [data, updates]), table], axis: 0 }, n.node.operator);
}

function write(n: NodeReader, rows: Rows): Value {
  const reduction = n.text('reduction', 'none') as Reduction;
  if (!reductions.includes(reduction)) n.refuse(`a reduction among ${reductions.join(', ')}`, reduction);
  const { positions } = rows;
  const result =
    typeof positions === 'number'
      ? writeComputed(n, rows, positions, reduction)
      : writeKnown(n, rows, positions, reduction);
  return tensorValue(reshapeTo(n, result, n.shape(0)), n.type(0));
}

/** Known indices counted from the front; refuses one that is out of range. */
const known = (n: NodeReader, index: number, extent: number): number => {
  const from = index < 0 ? index + extent : index;
  return from >= 0 && from < extent ? from : n.refuse(`positions below ${extent}`, `${index}`);
};

/** Along one axis, at positions of the shape of the updates. */
const scatterElements: Read = (n) => {
  const shape = fixedShape(n, n.shape(0));
  const axis = axisOf(n, n.integer('axis', 0), shape.length);
  const own = fixedShape(n, n.shape(1));
  const updated = fixedShape(n, n.shape(2));
  if (
    `${own}` !== `${updated}` ||
    own.length !== shape.length ||
    own.some((e, i) => i !== axis && e > shape[i])
  ) {
    n.refuse(`indices and updates within [${shape}]`, `[${own}] and [${updated}]`);
  }
  const strides = rowMajorStrides(shape);
  const count = elementCount(own);
  const indices = n.value(1);
  const ownStrides = rowMajorStrides(own);
  const flat = (tensor: TensorId, size: number) => reshapeTo(n, tensor, [size, 1]);
  const data = flat(n.tensor(0), elementCount(shape));
  const updates = flat(n.tensor(2), count);
  if (indices.kind === 'constant') {
    const { data: list } = indices.constant;
    const positions = Array.from({ length: count }, (_, u) =>
      own.reduce((position, extent, i) => {
        const index = Math.floor(u / ownStrides[i]) % extent;
        return position + strides[i] * (i === axis ? known(n, Number(list[u]), shape[axis]) : index);
      }, 0),
    );
    return write(n, { data, updates, positions });
  }
  const extent = integer(shape[axis]);
  const counted: Expression = ['select', ['lt', first, integer(0)], ['add', first, extent], first];
  const position = strides.reduce<Expression>(
    (sum, stride, i) => ['add', sum, ['mul', i === axis ? counted : ['index', i], integer(stride)]],
    integer(0),
  );
  const within: Expression = ['and', ['lt', integer(-1), counted], ['lt', counted, extent]];
  const positions = unaryMap(n, n.tensor(1), ['select', within, position, integer(-1)]);
  return write(n, { data, updates, positions: reshapeTo(n, positions, [count]) });
};

/** Rows, or single elements, at positions given by the last axis of the indices. */
const scatterNd: Read = (n) => {
  const shape = fixedShape(n, n.shape(0));
  const lead = fixedShape(n, n.shape(1));
  const depth = lead.at(-1) ?? 0;
  if (lead.length === 0 || depth < 1 || depth > shape.length) {
    n.refuse(`positions of [${shape}]`, `[${lead}]`);
  }
  const tail = shape.slice(depth);
  const expected = [...lead.slice(0, -1), ...tail];
  if (`${fixedShape(n, n.shape(2))}` !== `${expected}`) n.refuse(`updates [${expected}]`, `[${n.shape(2)}]`);
  const [rows, columns] = [elementCount(shape.slice(0, depth)), elementCount(tail)];
  const count = elementCount(lead.slice(0, -1));
  const strides = rowMajorStrides(shape.slice(0, depth));
  const data = reshapeTo(n, n.tensor(0), [rows, columns]);
  const updates = reshapeTo(n, n.tensor(2), [count, columns]);
  const indices = n.value(1);
  if (indices.kind === 'constant') {
    const { data: list } = indices.constant;
    const positions = Array.from({ length: count }, (_, u) =>
      strides.reduce(
        (position, stride, i) => position + stride * known(n, Number(list[u * depth + i]), shape[i]),
        0,
      ),
    );
    return write(n, { data, updates, positions });
  }
  const list = reshapeTo(n, n.tensor(1), [count, depth]);
  const parts = strides.map((_, i) => ({
    tensor: list,
    map: { matrix: [[1], [0]], offset: [0, i] },
  }));
  const counted = (i: number): Expression => [
    'select',
    ['lt', arg(i), integer(0)],
    ['add', arg(i), integer(shape[i])],
    arg(i),
  ];
  const position = strides.reduce<Expression>(
    (sum, stride, i) => ['add', sum, ['mul', counted(i), integer(stride)]],
    integer(0),
  );
  const inside = strides.reduce<Expression>(
    (rest, _, i) => [
      'select',
      ['and', ['lt', integer(-1), counted(i)], ['lt', counted(i), integer(shape[i])]],
      rest,
      integer(-1),
    ],
    position,
  );
  return write(n, { data, updates, positions: addMap(n.g, [count], inside, parts, 'ScatterND') });
};

/** Operators that write at positions, by name. */
export const scatters: Operators = {
  Scatter: [[9, scatterElements]],
  ScatterElements: [[11, scatterElements]],
  ScatterND: [[11, scatterNd]],
};
