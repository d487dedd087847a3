/**
 * TopK, by a sorting network over positions: Batcher's bitonic sort (1968), whose comparisons do
 * not depend on data, so that the graph stays static. Of equals the lower position comes first.
 */
import { type Affine, project } from '../../graph/affine.ts';
import { addMap } from '../../graph/emit.ts';
import { arg, constant, type Expression, integer } from '../../graph/expression.ts';
import type { TensorId } from '../../graph/graph.ts';
import type { NodeReader, Operators, Read, Value } from '../reading.ts';
import { axisOf, fixedExtent, not, permute, reshapeTo, shapeOf, tensorValue, viewOf } from './build.ts';
import { sliceRange } from './slices.ts';

/** Longer axes would take networks of more than 200 stages. */
const longestAxis = 2 ** 20;

interface Sorted {
  readonly values: TensorId;
  readonly positions: TensorId;
}

/**
 * Whether (value a, position i) comes before (b, j). Of what no order is between, NaN included, the
 * lower position is first, so that exactly one of two comes before the other.
 */
function isBefore(largest: boolean, a: Expression, i: Expression, b: Expression, j: Expression): Expression {
  const [better, worse]: readonly Expression[] = largest
    ? [
        ['lt', b, a],
        ['lt', a, b],
      ]
    : [
        ['lt', a, b],
        ['lt', b, a],
      ];
  return ['or', better, ['and', not(worse), ['lt', i, j]]];
}

/**
 * One stage: each position is compared with the one `distance` away; runs of `run` positions are
 * sorted in alternating directions. The last axis is (runs, 2, distance) here, and the partner lies
 * at the other end of the middle one.
 */
function exchange(
  n: NodeReader,
  { values, positions }: Sorted,
  run: number,
  distance: number,
  largest: boolean,
): Sorted {
  const shape = shapeOf(n, values);
  const size = shape.at(-1) as number;
  const split = [...shape.slice(0, -1), size / (2 * distance), 2, distance];
  const middle = split.length - 2;
  const own = project(split.length, [...split.keys()]);
  const partner: Affine = {
    matrix: own.matrix.map((row, axis) => (axis === middle ? row.map((factor) => -factor) : row)),
    offset: own.offset.map((_, axis) => (axis === middle ? 1 : 0)),
  };
  const [v, p] = [reshapeTo(n, values, split), reshapeTo(n, positions, split)];
  const operands = [
    { tensor: v, map: own },
    { tensor: v, map: partner },
    { tensor: p, map: own },
    { tensor: p, map: partner },
  ];
  const isLow: Expression = ['eq', ['index', middle], integer(0)];
  const isRising: Expression = [
    'eq',
    ['and', ['index', middle - 1], integer(run / (2 * distance))],
    integer(0),
  ];
  const takesFirst: Expression = not(['xor', isLow, isRising]);
  const isFirst = isBefore(largest, arg(0), arg(2), arg(1), arg(3));
  const keeps: Expression = not(['xor', isFirst, takesFirst]);
  const chosen = (mine: number, other: number): TensorId =>
    reshapeTo(n, addMap(n.g, split, ['select', keeps, arg(mine), arg(other)], operands, 'TopK'), shape);
  return { values: chosen(0, 1), positions: chosen(2, 3) };
}

/** x along its last axis, best first, filled up to a power of two by what loses to everything. */
function sortLast(n: NodeReader, x: TensorId, largest: boolean): Sorted {
  const shape = shapeOf(n, x);
  const last = shape.length - 1;
  const extent = fixedExtent(n, shape[last], 'the extent of the axis');
  if (extent > longestAxis) n.refuse(`an axis of at most ${longestAxis}`, `${extent}`);
  const size = 2 ** Math.ceil(Math.log2(extent));
  const whole = shape.with(last, size);
  const float = n.g.nodes[x].dtype === 'f32';
  const worst = float
    ? constant(largest ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY)
    : integer(largest ? -(2 ** 31) : 2 ** 31 - 1);
  const none = shape.map(() => 0);
  const padded =
    size === extent
      ? x
      : n.g.add(
          {
            kind: 'pad',
            operands: [x],
            low: none,
            high: none.with(last, size - extent),
            interior: none,
            valueBits: worst[2] as number,
          },
          'TopK',
        );
  const index = addMap(n.g, whole, ['index', last], [], 'TopK');
  let sorted: Sorted = { values: padded, positions: index };
  for (let run = 2; run <= size; run *= 2) {
    for (let distance = run / 2; distance >= 1; distance /= 2) {
      sorted = exchange(n, sorted, run, distance, largest);
    }
  }
  return sorted;
}

/** The k largest or smallest along an axis, best first, and their positions. */
function topK(n: NodeReader, k: number): readonly Value[] {
  const type = n.type(0);
  const x = n.tensor(0);
  const rank = shapeOf(n, x).length;
  const axis = axisOf(n, n.integer('axis', -1), rank);
  const largest = n.opset < 11 || n.flag('largest', true);
  // Sorted is an order too.
  n.ignore('sorted');
  if (rank > 6) n.refuse('at most 6 axes', `${rank}`);
  const toLast = [...Array(rank).keys()].filter((other) => other !== axis).concat(axis);
  const back = [...Array(rank).keys()].map((other) => toLast.indexOf(other));
  const sorted = sortLast(n, permute(n, x, toLast), largest);
  const first = (tensor: TensorId) => permute(n, sliceRange(n, tensor, rank - 1, 0, k, 1), back);
  const extent = shapeOf(n, x)[axis] as number;
  if (!(k >= 1 && k <= extent)) n.refuse(`1 to ${extent} of axis ${axis}`, `${k}`);
  return [tensorValue(first(sorted.values), type), tensorValue(first(sorted.positions), 'int64')];
}

const byInput: Read = (n) => topK(n, n.scalar(1));

/** The order along a time axis, reversed as far as each sequence goes. */
function reverseSequence(n: NodeReader): Value {
  const x = n.tensor(0);
  const shape = shapeOf(n, x);
  const [batch, time] = [n.integer('batch_axis', 1), n.integer('time_axis', 0)];
  const lengths = n.integers(1);
  const extent = fixedExtent(n, shape[time], 'the time axis');
  if (batch === time || fixedExtent(n, shape[batch], 'the batch axis') !== lengths.length) {
    n.refuse('a length for each sequence', `${lengths.length}`);
  }
  const turned = viewOf(n, x, shape, {
    matrix: shape.map((_, axis) => shape.map((__, i) => (i !== axis ? 0 : axis === time ? -1 : 1))),
    offset: shape.map((_, axis) => (axis === time ? extent - 1 : 0)),
  });
  const parts = lengths.map((length, b) => {
    if (!(length >= 1 && length <= extent)) n.refuse(`lengths of 1 to ${extent}`, `${length}`);
    const one = (from: TensorId) => sliceRange(n, from, batch, b, 1, 1);
    const reversed = sliceRange(n, one(turned), time, extent - length, length, 1);
    const rest = extent - length;
    const tail = rest === 0 ? [] : [sliceRange(n, one(x), time, length, rest, 1)];
    return join(n, [reversed, ...tail], time);
  });
  return tensorValue(join(n, parts, batch), n.type(0));
}

const join = (n: NodeReader, operands: readonly TensorId[], axis: number): TensorId =>
  operands.length === 1 ? operands[0] : n.g.add({ kind: 'concat', operands, axis }, n.node.operator);

/** Operators that put elements in order, by name. */
export const sorting: Operators = {
  TopK: [
    [1, (n) => topK(n, n.integer('k'))],
    [10, byInput],
    [11, byInput],
  ],
  ReverseSequence: [[10, reverseSequence]],
};
