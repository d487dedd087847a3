/**
 * Reductions over axes: sums, means, extremes, softmax. A sum is the sequential f32 loop over the reduced axes in ascending order
 * (primitives.ts); integers are refused but for extremes, which f32 holds exactly below 2^24 only, and so are refused as well.
 */
import type { Affine } from '../../affine.ts';
import { addMap } from '../../emit.ts';
import { arg, constant, type Expression } from '../../expression.ts';
import type { TensorId } from '../../graph.ts';
import { argmax, softmax } from '../../operations/reductions.ts';
import type { Reduction } from '../../primitives.ts';
import { elementCount, type Shape } from '../../shape.ts';
import type { NodeReader, Operators, Read, Value } from '../reading.ts';
import {
  axesOf,
  axisOf,
  broadcastMap,
  first,
  fixedShape,
  floatType,
  isFloat,
  reshapeTo,
  second,
  shapeOf,
  tensorValue,
  unaryMap,
} from './build.ts';

/** Reduces axes of x, ascending; they are left out of the result. */
export function reduceAxes(n: NodeReader, op: Reduction, x: TensorId, axes: readonly number[]): TensorId {
  const shape = shapeOf(n, x);
  const kept = [...shape.keys()].filter((axis) => !axes.includes(axis));
  const columns = shape.map((_, axis) =>
    axes.includes(axis) ? kept.length + axes.indexOf(axis) : kept.indexOf(axis),
  );
  const map: Affine = {
    matrix: columns.map((column) => shape.map((_, i) => (i === column ? 1 : 0))),
    offset: shape.map(() => 0),
  };
  return n.g.add(
    {
      kind: 'reduce',
      op,
      operands: [x],
      out: kept.map((axis) => shape[axis]),
      k: axes.map((axis) => shape[axis]),
      maps: [map],
    },
    n.node.operator,
  );
}

/** The shape with extents of 1 where axes were reduced. */
export function keptShape(n: NodeReader, x: TensorId, axes: readonly number[]): Shape {
  return shapeOf(n, x).map((extent, axis) => (axes.includes(axis) ? 1 : extent));
}

/** Reduces axes and keeps them with an extent of 1. */
export function reduceKept(n: NodeReader, op: Reduction, x: TensorId, axes: readonly number[]): TensorId {
  return reshapeTo(n, reduceAxes(n, op, x, axes), keptShape(n, x, axes));
}

/** How many elements the axes hold. */
export function countOf(n: NodeReader, x: TensorId, axes: readonly number[]): number {
  const shape = shapeOf(n, x);
  return elementCount(
    fixedShape(
      n,
      axes.map((axis) => shape[axis]),
    ),
  );
}

/** Mean over axes that stay with an extent of 1. */
export function meanKept(n: NodeReader, x: TensorId, axes: readonly number[]): TensorId {
  const sum = reduceKept(n, 'sum', x, axes);
  return unaryMap(n, sum, ['div', first, constant(countOf(n, x, axes))]);
}

type AxesRule = (n: NodeReader) => readonly number[] | undefined;

const axesAttribute: AxesRule = (n) => (n.hasAttribute('axes') ? n.integerList('axes') : undefined);
/** Axes as an input; without any the operator reduces all, or is the identity if it says so. */
const axesInput: AxesRule = (n) => {
  const noop = n.integer('noop_with_empty_axes', 0) === 1;
  const axes = n.has(1) ? n.integers(1) : [];
  return axes.length === 0 ? (noop ? [] : undefined) : axes;
};

interface ReduceSteps {
  readonly op: Reduction;
  readonly before?: Expression;
  readonly after?: (count: () => number) => Expression;
}

function reduceWith(n: NodeReader, rule: AxesRule, { op, before, after }: ReduceSteps): Value {
  const type = floatType(n, 0);
  let x = n.tensor(0);
  const keep = n.integer('keepdims', 1) === 1;
  const axes = axesOf(n, rule(n) ?? [...shapeOf(n, x).keys()], shapeOf(n, x).length);
  const count = () => countOf(n, n.tensor(0), axes);
  if (before !== undefined) x = unaryMap(n, x, before);
  let result = axes.length === 0 ? x : reduceAxes(n, op, x, axes);
  if (after !== undefined) result = unaryMap(n, result, after(count));
  return tensorValue(keep ? reshapeTo(n, result, keptShape(n, x, axes)) : result, type);
}

const reduction = (steps: ReduceSteps, inputSince = 18): readonly (readonly [number, Read])[] => [
  [1, (n) => reduceWith(n, axesAttribute, steps)],
  [inputSince, (n) => reduceWith(n, axesInput, steps)],
];

const magnitude: Expression = ['select', ['lt', first, constant(0)], ['neg', first], first];
const square: Expression = ['mul', first, first];
const logOf: Expression = ['call', 'log', first];

/** log(sum(exp(x - m))) + m with m the maximum, as the graph's losses have it. */
const logSumExp =
  (rule: AxesRule): Read =>
  (n) => {
    const type = floatType(n, 0);
    const x = n.tensor(0);
    const keep = n.integer('keepdims', 1) === 1;
    const axes = axesOf(n, rule(n) ?? [...shapeOf(n, x).keys()], shapeOf(n, x).length);
    if (axes.length === 0) return tensorValue(x, type);
    const { total, highest } = exponentials(n, x, axes);
    const result = broadcastMap(n, ['add', logOf, second], [total, highest]);
    if (keep) return tensorValue(result, type);
    return tensorValue(
      reshapeTo(
        n,
        result,
        shapeOf(n, x).filter((_, axis) => !axes.includes(axis)),
      ),
      type,
    );
  };

/** exp(x - max), its sum, and the maximum, over axes that stay. The maximum stops gradients: softmax does not depend on it. */
function exponentials(n: NodeReader, x: TensorId, axes: readonly number[]) {
  const shape = shapeOf(n, x);
  const highest = reduceKept(n, 'max', x, axes);
  const map: Affine = {
    matrix: shape.map((_, axis) => shape.map((__, i) => (i === axis && !axes.includes(axis) ? 1 : 0))),
    offset: shape.map(() => 0),
  };
  const powers = addMap(
    n.g,
    shape,
    ['call', 'exp', ['sub', first, second]],
    [{ tensor: x }, { tensor: highest, map, detached: true }],
    n.node.operator,
  );
  return { powers, highest, total: reduceKept(n, 'sum', powers, axes) };
}

export function softmaxOver(n: NodeReader, x: TensorId, axis: number): TensorId {
  if (axis === shapeOf(n, x).length - 1) return softmax(n.g, x);
  const { powers, total } = exponentials(n, x, [axis]);
  return broadcastMap(n, ['div', first, second], [powers, total]);
}

export function logSoftmaxOver(n: NodeReader, x: TensorId, axis: number): TensorId {
  const { total, highest } = exponentials(n, x, [axis]);
  return broadcastMap(n, ['sub', ['sub', first, arg(1)], ['call', 'log', arg(2)]], [x, highest, total]);
}

const softmaxLike =
  (over: typeof softmaxOver): Read =>
  (n) => {
    const type = floatType(n, 0);
    const x = n.tensor(0);
    return tensorValue(over(n, x, axisOf(n, n.integer('axis', -1), shapeOf(n, x).length)), type);
  };

/** argmax and argmin; int64 in the file, i32 here. */
const extremum =
  (op: 'argmax' | 'argmin'): Read =>
  (n) => {
    floatType(n, 0);
    let x = n.tensor(0);
    const axis = axisOf(n, n.integer('axis', 0), shapeOf(n, x).length);
    const last = n.integer('select_last_index', 0) === 1;
    const [extent] = fixedShape(n, [shapeOf(n, x)[axis]]);
    if (last) x = reversed(n, x, axis, extent);
    const readable = op === 'argmax' && axis === shapeOf(n, x).length - 1;
    let found = readable ? argmax(n.g, x) : reduceAxes(n, op, x, [axis]);
    if (last) found = unaryMap(n, found, ['sub', ['const', 'i32', extent - 1], first]);
    const keep = n.integer('keepdims', 1) === 1;
    return tensorValue(keep ? reshapeTo(n, found, keptShape(n, x, [axis])) : found, 'int64');
  };

function reversed(n: NodeReader, x: TensorId, axis: number, extent: number): TensorId {
  const shape = shapeOf(n, x);
  const map: Affine = {
    matrix: shape.map((_, row) => shape.map((__, i) => (i === row ? (row === axis ? -1 : 1) : 0))),
    offset: shape.map((_, row) => (row === axis ? extent - 1 : 0)),
  };
  return n.g.add({ kind: 'view', operands: [x], out: shape, maps: [map] }, n.node.operator);
}

/** 1 at the first of the largest, 0 elsewhere. */
function hardmax(n: NodeReader): Value {
  const type = floatType(n, 0);
  const x = n.tensor(0);
  const axis = axisOf(n, n.integer('axis', -1), shapeOf(n, x).length);
  const found = reshapeTo(n, reduceAxes(n, 'argmax', x, [axis]), keptShape(n, x, [axis]));
  const e: Expression = ['select', ['eq', ['index', axis], first], constant(1), constant(0)];
  return tensorValue(broadcastMap(n, e, [found], shapeOf(n, x)), type);
}

/** Sums of everything up to a position (or from it on): a product with a triangle of ones, so that integers sum exactly too. */
function cumulative(n: NodeReader): Value {
  const x = n.tensor(0);
  const shape = shapeOf(n, x);
  const axis = axisOf(n, n.scalar(1), shape.length);
  const [extent] = fixedShape(n, [shape[axis]]);
  const exclusive = n.integer('exclusive', 0) === 1;
  const reverse = n.integer('reverse', 0) === 1;
  if (extent > 2048) n.refuse('at most 2048 sums along an axis', `${extent}`);
  const counts = Array.from({ length: extent * extent }, (_, i) => {
    const distance = (Math.floor(i / extent) - (i % extent)) * (reverse ? -1 : 1);
    return distance > 0 || (distance === 0 && !exclusive) ? 1 : 0;
  });
  const triangle = n.g.constant(isFloat(n.type(0)) ? Float32Array.from(counts) : Int32Array.from(counts), [
    extent,
    extent,
  ]);
  const columns = shape.length + 1;
  const row = (column: number) => Array.from({ length: columns }, (_, i) => (i === column ? 1 : 0));
  const maps: readonly Affine[] = [
    {
      matrix: shape.map((_, a) => row(a === axis ? shape.length : a)),
      offset: shape.map(() => 0),
    },
    { matrix: [row(axis), row(shape.length)], offset: [0, 0] },
  ];
  const sums = n.g.add(
    { kind: 'contract', operands: [x, triangle], out: shape, k: [extent], maps },
    'CumSum',
  );
  return tensorValue(sums, n.type(0));
}

const extreme = (op: 'max' | 'min'): readonly (readonly [number, Read])[] => {
  const truths =
    (rule: AxesRule): Read =>
    (n) => {
      if (n.type(0) !== 'bool') return reduceWith(n, rule, { op });
      const x = unaryMap(n, n.tensor(0), ['convert', 'f32', first]);
      const keep = n.integer('keepdims', 1) === 1;
      const axes = axesOf(n, rule(n) ?? [...shapeOf(n, x).keys()], shapeOf(n, x).length);
      const found = keep ? reduceKept(n, op, x, axes) : reduceAxes(n, op, x, axes);
      return tensorValue(unaryMap(n, found, ['convert', 'i32', first]), 'bool');
    };
  return [
    [1, truths(axesAttribute)],
    [18, truths(axesInput)],
  ];
};

/** Products, for the few elements of a shape: multiplied one after another. */
const product =
  (rule: AxesRule): Read =>
  (n) => {
    const type = n.type(0);
    const x = n.tensor(0);
    const shape = shapeOf(n, x);
    const keep = n.integer('keepdims', 1) === 1;
    const axes = axesOf(n, rule(n) ?? [...shape.keys()], shape.length);
    if (axes.length === 0) return tensorValue(x, type);
    const count = countOf(n, x, axes);
    if (count > 64) n.refuse('a product of at most 64 factors', `${count}`);
    const kept = [...shape.keys()].filter((axis) => !axes.includes(axis));
    const out = kept.map((axis) => shape[axis]);
    const extents = fixedShape(
      n,
      axes.map((axis) => shape[axis]),
    );
    const operands = Array.from({ length: count }, (_, k) => {
      let rest = k;
      const offset = shape.map(() => 0);
      for (let i = axes.length - 1; i >= 0; i--) {
        offset[axes[i]] = rest % extents[i];
        rest = Math.floor(rest / extents[i]);
      }
      const matrix = shape.map((_, axis) => out.map((__, i) => (kept[i] === axis ? 1 : 0)));
      return { tensor: x, map: { matrix, offset } };
    });
    // From 1, so that a single factor keeps its dtype, two at a time: expressions nest at most 48 deep.
    let result = addMap(n.g, out, first, operands.slice(0, 1), n.node.operator);
    for (let at = 1; at < count; at += 32) {
      const chunk = operands.slice(at, at + 32);
      const e = chunk.reduce<Expression>((factors, _, i) => ['mul', factors, arg(i + 1)], first);
      result = addMap(n.g, out, e, [{ tensor: result }, ...chunk], n.node.operator);
    }
    return tensorValue(keep ? reshapeTo(n, result, keptShape(n, x, axes)) : result, type);
  };

const since = (version: number, read: Read): readonly (readonly [number, Read])[] => [[version, read]];

export const reductions: Operators = {
  ReduceSum: reduction({ op: 'sum' }, 13),
  ReduceMean: reduction({ op: 'sum', after: (count) => ['div', first, constant(count())] }),
  ReduceL1: reduction({ op: 'sum', before: magnitude }),
  ReduceL2: reduction({ op: 'sum', before: square, after: () => ['sqrt', first] }),
  ReduceSumSquare: reduction({ op: 'sum', before: square }),
  ReduceLogSum: reduction({ op: 'sum', after: () => logOf }),
  ReduceLogSumExp: [
    [1, logSumExp(axesAttribute)],
    [18, logSumExp(axesInput)],
  ],
  ReduceMax: extreme('max'),
  ReduceMin: extreme('min'),
  ReduceProd: [
    [1, product(axesAttribute)],
    [18, product(axesInput)],
  ],
  ArgMax: since(1, extremum('argmax')),
  ArgMin: since(1, extremum('argmin')),
  CumSum: since(11, cumulative),
  Softmax: since(13, softmaxLike(softmaxOver)),
  LogSoftmax: since(13, softmaxLike(logSoftmaxOver)),
  Hardmax: since(13, hardmax),
};
