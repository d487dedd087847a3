/**
 * Operators that take parts of axes away or add to them. Starts, ends, sizes and pads are
 * constants, or attributes in older operator sets.
 */
import { constant, type Expression, integer } from '../../graph/expression.ts';
import type { TensorId } from '../../graph/graph.ts';
import type { Extent } from '../../graph/shape.ts';
import { sliceBounds } from '../fold.ts';
import type { NodeReader, Operators, Value } from '../reading.ts';
import {
  assertConstantSize,
  axisOf,
  first,
  fixedExtent,
  isFloat,
  shapeOf,
  since,
  tensorValue,
  unaryMap,
} from './build.ts';
import { gatherPositions } from './gathers.ts';

/**
 * `count` positions of an axis from `start` on. Positions are not listed: an axis may have 2^29.
 */
export function sliceRange(
  n: NodeReader,
  x: TensorId,
  axis: number,
  start: number,
  count: number,
  step: number,
): TensorId {
  const shape = shapeOf(n, x);
  if (!(count >= 1)) return n.refuse('at least one position', `none of axis ${axis}`);
  if (count === shape[axis] && start === 0 && (step === 1 || count === 1)) return x;
  const every = (value: number) => shape.map(() => value);
  return n.g.add({
    kind: 'slice',
    operands: [x],
    starts: every(0).with(axis, start),
    counts: every(0).with(axis, count),
    steps: every(1).with(axis, count > 1 ? step : 1),
  });
}

/** What a Slice takes of its axes: inputs, or attributes below operator set 10. */
interface SliceRanges {
  readonly starts: readonly number[];
  readonly ends: readonly Extent[];
  readonly axes: readonly number[];
  readonly steps: readonly number[];
}

const rangesOfInputs = (n: NodeReader): SliceRanges => {
  const starts = n.integers(1);
  return {
    starts,
    ends: n.extents(2),
    axes: n.integers(3, [...starts.keys()]),
    steps: n.integers(
      4,
      starts.map(() => 1),
    ),
  };
};

const rangesOfAttributes = (n: NodeReader): SliceRanges => {
  const starts = n.integerList('starts');
  const axes = n.integerList('axes', [...starts.keys()]);
  return { starts, ends: n.integerList('ends'), axes, steps: starts.map(() => 1) };
};

function sliceOf(n: NodeReader, { starts, ends, axes: wanted, steps }: SliceRanges): Value {
  const shape = n.shape(0);
  const axes = wanted.map((axis) => axisOf(n, axis, shape.length));
  const lengths = [starts, ends, axes, steps].map(({ length }) => length);
  if (new Set(lengths).size > 1) n.refuse('as many starts, ends, axes and steps', lengths.join(', '));
  if (new Set(axes).size !== axes.length) n.refuse('each axis once', `[${axes.join(',')}]`);
  let x = n.tensor(0);
  for (const [i, axis] of axes.entries()) {
    const extent = shape[axis];
    if (steps[i] === 0) n.refuse('steps other than 0', '0');
    // All of a named extent, from its start to its own end or beyond any.
    const end = ends[i];
    const whole = starts[i] === 0 && steps[i] === 1 && (end === extent || (end as number) >= 2 ** 31 - 1);
    if (typeof extent === 'string' && whole) continue;
    const bound = fixedExtent(n, extent, `the extent of axis ${axis}`);
    const { from, count } = sliceBounds(bound, starts[i], fixedExtent(n, end, 'an end'), steps[i]);
    x = sliceRange(n, x, axis, from, count, steps[i]);
  }
  return tensorValue(x, n.type(0));
}

function splitOf(n: NodeReader, sizes: readonly number[], axis: number): readonly Value[] {
  const x = n.tensor(0);
  const extent = fixedExtent(n, n.shape(0)[axis], `the extent of axis ${axis}`);
  if (sizes.reduce((a, b) => a + b, 0) !== extent || sizes.some((size) => size < 1)) {
    n.refuse(`positive parts of ${extent}`, `[${sizes.join(',')}]`);
  }
  let at = 0;
  return sizes.map((size) => {
    const start = at;
    at += size;
    return tensorValue(sliceRange(n, x, axis, start, size, 1), n.type(0));
  });
}

/** Parts as equal as possible, by the number of outputs. */
function splitEvenly(n: NodeReader, parts: number, axis: number): readonly Value[] {
  const extent = fixedExtent(n, n.shape(0)[axis], `the extent of axis ${axis}`);
  if (parts !== n.node.outputs.length) n.refuse(`${n.node.outputs.length} parts`, `${parts}`);
  const size = Math.ceil(extent / parts);
  const sizes = Array.from({ length: parts }, (_, i) => Math.min(size, extent - i * size));
  return splitOf(n, sizes, axis);
}

/** Sizes are an attribute until operator set 13, then an input; from 18 on their number is named. */
function split(n: NodeReader): readonly Value[] {
  const axis = axisOf(n, n.integer('axis', 0), n.shape(0).length);
  if (n.opset < 13 && n.hasAttribute('split')) return splitOf(n, n.integerList('split'), axis);
  if (n.has(1)) return splitOf(n, n.integers(1), axis);
  const outputs = n.node.outputs.length;
  return splitEvenly(n, n.opset < 18 ? outputs : n.integer('num_outputs', outputs), axis);
}

/** Pads with one value; `low` and `high` count elements, negative ones crop. */
export function padConstant(
  n: NodeReader,
  x: TensorId,
  low: readonly number[],
  high: readonly number[],
  value: number,
): TensorId {
  const shape = shapeOf(n, x);
  let cropped = x;
  for (const [axis, extent] of shape.entries()) {
    if (low[axis] >= 0 && high[axis] >= 0) continue;
    const size = fixedExtent(n, extent, `the extent of axis ${axis}`);
    const from = Math.max(0, -low[axis]);
    const to = size - Math.max(0, -high[axis]);
    cropped = sliceRange(n, cropped, axis, from, to - from, 1);
  }
  const [before, after] = [low, high].map((sides) => sides.map((side) => Math.max(0, side)));
  if ([...before, ...after].every((side) => side === 0)) return cropped;
  const float = n.g.nodes[x].dtype === 'f32';
  const bits = float ? constant(value) : integer(value);
  return n.g.add(
    {
      kind: 'pad',
      operands: [cropped],
      low: before,
      high: after,
      interior: shape.map(() => 0),
      valueBits: bits[2] as number,
    },
    n.node.operator,
  );
}

/**
 * Which position a padded axis of `extent` reads at position i of its own, for modes other than
 * constant.
 */
const paddingModes: Readonly<Record<string, (i: number, extent: number) => number>> = {
  edge: (i, extent) => Math.min(Math.max(i, 0), extent - 1),
  wrap: (i, extent) => ((i % extent) + extent) % extent,
  reflect(i, extent) {
    if (extent === 1) return 0;
    const period = 2 * (extent - 1);
    const at = ((i % period) + period) % period;
    return at < extent ? at : period - at;
  },
};

/** Pads of all axes are an attribute until operator set 11, then an input. */
function padOf(n: NodeReader): Value {
  const shape = n.shape(0);
  const mode = n.text('mode', 'constant');
  const attribute = n.opset < 2 ? 'paddings' : 'pads';
  const pads = n.opset < 11 ? n.integerList(attribute) : n.integers(1);
  const value = n.opset < 11 ? n.float('value', 0) : n.scalar(2, 0);
  const axes = n.has(3) ? n.integers(3).map((axis) => axisOf(n, axis, shape.length)) : [...shape.keys()];
  if (pads.length !== 2 * axes.length) n.refuse(`${2 * axes.length} pads`, `${pads.length}`);
  const side = (offset: number) =>
    shape.map((_, axis) => (axes.includes(axis) ? pads[axes.indexOf(axis) + offset] : 0));
  const [low, high] = [side(0), side(axes.length)];
  if (new Set(axes).size !== axes.length) n.refuse('each axis once', `[${axes.join(',')}]`);
  if (mode === 'constant') return tensorValue(padConstant(n, n.tensor(0), low, high, value), n.type(0));
  const position = paddingModes[mode] ?? n.refuse('mode constant, edge, reflect or wrap', mode);
  let x = n.tensor(0);
  for (const [axis, extent] of shape.entries()) {
    if (low[axis] === 0 && high[axis] === 0) continue;
    const size = fixedExtent(n, extent, `the extent of axis ${axis}`);
    const length = size + low[axis] + high[axis];
    assertConstantSize(n, [length]);
    const positions = Array.from({ length }, (_, i) => position(i - low[axis], size));
    x = gatherPositions(n, x, positions, axis);
  }
  return tensorValue(x, n.type(0));
}

/** Elements above or below a diagonal, the others 0. */
function trilu(n: NodeReader): Value {
  const x = n.tensor(0);
  const rank = shapeOf(n, x).length;
  if (rank < 2) n.refuse('a matrix', `${rank} axes`);
  // Beyond 2^30 every element is on one side.
  const k = integer(Math.min(Math.max(n.scalar(1, 0), -(2 ** 30)), 2 ** 30));
  const row: Expression = ['add', ['index', rank - 2], k];
  const column: Expression = ['index', rank - 1];
  const outside: Expression = n.flag('upper', true) ? ['lt', column, row] : ['lt', row, column];
  const zero = isFloat(n.type(0)) ? constant(0) : integer(0);
  return tensorValue(unaryMap(n, x, ['select', outside, zero, first]), n.type(0));
}

/** Operators that take away or add parts, by name. */
export const slices: Operators = {
  Slice: [
    [1, (n) => sliceOf(n, rangesOfAttributes(n))],
    [10, (n) => sliceOf(n, rangesOfInputs(n))],
  ],
  Split: [
    [1, split],
    [13, split],
    [18, split],
  ],
  Pad: [
    [1, padOf],
    [2, padOf],
    [11, padOf],
  ],
  Trilu: since(14, trilu),
};
