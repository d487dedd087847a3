/**
 * Reductions over axes: sums, means, extremes, softmax. A sum is the sequential f32 loop over the
 * reduced axes in ascending order (primitives.ts). Integers sum exactly, and stop the run where a
 * sum may not fit.
 */
import type { Affine } from '../../graph/affine.ts';
import { addMap, addReduce, keepAxes, type MapOperand } from '../../graph/emit.ts';
import { arg, constant, type Expression } from '../../graph/expression.ts';
import type { TensorId } from '../../graph/graph.ts';
import { elementCount, multiplyExtents } from '../../graph/shape.ts';
import type { NodeReader, Operators, Read, Value } from '../reading.ts';
import { exactWithin, isHeldInPart, magnitudes } from './bounds.ts';
import {
  assertConstantSize,
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
  since,
  tensorValue,
  unaryMap,
  wrapped,
} from './build.ts';
import { sliceRange } from './slices.ts';

type Op = 'sum' | 'max' | 'min' | 'argmax' | 'argmin';

function reduce(n: NodeReader, op: Op, x: TensorId, axes: readonly number[], keep: boolean): TensorId {
  if (op === 'sum' || op === 'max' || op === 'min') {
    return n.g.add({ kind: op, operands: [x], axes, keep });
  }
  const [axis] = axes;
  if (op === 'argmin') return n.g.add({ kind: 'argmin', operands: [x], axis, keep });
  if (axis === shapeOf(n, x).length - 1 && !keep) return n.g.add({ kind: 'argmax', operands: [x] });
  return n.g.add({ kind: 'argmaxAlong', operands: [x], axis, keep });
}

/** Reduces axes of x, ascending; they are left out of the result. An argmax takes one axis. */
export const reduceAxes = (n: NodeReader, op: Op, x: TensorId, axes: readonly number[]): TensorId =>
  reduce(n, op, x, axes, false);

/** Reduces axes and keeps them with an extent of 1. */
export const reduceKept = (n: NodeReader, op: Op, x: TensorId, axes: readonly number[]): TensorId =>
  reduce(n, op, x, axes, true);

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
export const meanKept = (n: NodeReader, x: TensorId, axes: readonly number[]): TensorId =>
  n.g.add({ kind: 'mean', operands: [x], axes, keep: true });

type AxesRule = (n: NodeReader) => readonly number[] | undefined;

const axesAttribute: AxesRule = (n) => (n.hasAttribute('axes') ? n.integerList('axes') : undefined);
/** Axes as an input; without any the operator reduces all, or is the identity if it says so. */
const axesInput: AxesRule = (n) => {
  const noop = n.flag('noop_with_empty_axes', false);
  const axes = n.has(1) ? n.integers(1) : [];
  return axes.length === 0 ? (noop ? [] : undefined) : axes;
};

/** Operations before and after a reduction: |x| before a sum, its root after. */
interface ReduceSteps {
  readonly op: 'sum' | 'mean' | 'max' | 'min';
  readonly before?: (n: NodeReader, x: TensorId) => TensorId;
  readonly after?: 'sqrt' | 'log';
}

/** Reduces integers, exactly, or mod 2^32. */
function reduceExactly(n: NodeReader, op: Op, x: TensorId, axes: readonly number[], keep: boolean): TensorId {
  return keepAxes(n.g, addReduce(n.g, op, x, axes, n.node.operator), shapeOf(n, x), axes, keep);
}

function reduceIntegers(n: NodeReader, rule: AxesRule): Value {
  const type = n.type(0);
  const keep = n.flag('keepdims', true);
  const x = n.tensor(0);
  const axes = axesOf(n, rule(n) ?? [...shapeOf(n, x).keys()], shapeOf(n, x).length);
  if (axes.length === 0) return tensorValue(x, type);
  const total = reduceExactly(n, 'sum', x, axes, keep);
  const bound = isHeldInPart(type) ? reduceExactly(n, 'sum', magnitudes(n, x), axes, keep) : total;
  return tensorValue(exactWithin(n, total, bound, type), type);
}

function reduceWith(n: NodeReader, rule: AxesRule, { op, before, after }: ReduceSteps): Value {
  const plain = before === undefined && after === undefined;
  if (plain && op === 'sum' && !isFloat(n.type(0))) return reduceIntegers(n, rule);
  const type = floatType(n, 0);
  const keep = n.flag('keepdims', true);
  const x = before?.(n, n.tensor(0)) ?? n.tensor(0);
  const axes = axesOf(n, rule(n) ?? [...shapeOf(n, x).keys()], shapeOf(n, x).length);
  const reduced = axes.length === 0 ? x : n.g.add({ kind: op, operands: [x], axes, keep });
  return tensorValue(after === undefined ? reduced : n.g.add({ kind: after, operands: [reduced] }), type);
}

const reduction = (steps: ReduceSteps, inputSince = 18): readonly (readonly [number, Read])[] => [
  [1, (n) => reduceWith(n, axesAttribute, steps)],
  [inputSince, (n) => reduceWith(n, axesInput, steps)],
];

const magnitude = (n: NodeReader, x: TensorId) => n.g.add({ kind: 'abs', operands: [x] });
const square = (n: NodeReader, x: TensorId) => n.g.add({ kind: 'mul', operands: [x, x] });

/**
 * log(sum(exp(x - m))) + m with m the maximum, or 0 where that is infinite: there the sum alone is
 * right.
 */
const logSumExp =
  (rule: AxesRule): Read =>
  (n) => {
    const type = floatType(n, 0);
    const x = n.tensor(0);
    const keep = n.flag('keepdims', true);
    const axes = axesOf(n, rule(n) ?? [...shapeOf(n, x).keys()], shapeOf(n, x).length);
    if (axes.length === 0) return tensorValue(x, type);
    const { total, shift } = exponentials(n, x, axes);
    const result = broadcastMap(n, ['add', ['call', 'log', first], second], [total, shift]);
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

/**
 * The sum of exp(x - shift) over axes that stay, and the shift: their maximum if it is finite. It
 * stops gradients: the result does not depend on it.
 */
function exponentials(n: NodeReader, x: TensorId, axes: readonly number[]) {
  const shape = shapeOf(n, x);
  const highest = reduceKept(n, 'max', x, axes);
  const infinite: Expression = ['eq', ['add', first, first], first];
  const shift = unaryMap(n, highest, ['select', infinite, constant(0), first]);
  const map: Affine = {
    matrix: shape.map((_, axis) => shape.map((__, i) => (i === axis && !axes.includes(axis) ? 1 : 0))),
    offset: shape.map(() => 0),
  };
  const powers = addMap(
    n.g,
    shape,
    ['call', 'exp', ['sub', first, second]],
    [{ tensor: x }, { tensor: shift, map, detached: true }],
    n.node.operator,
  );
  return { shift, total: reduceKept(n, 'sum', powers, axes) };
}

/** Softmax along `axis`, counted from 0; same shape. */
export function softmaxOver(n: NodeReader, x: TensorId, axis: number): TensorId {
  const last = axis === shapeOf(n, x).length - 1;
  return n.g.add(last ? { kind: 'softmax', operands: [x] } : { kind: 'softmaxAlong', operands: [x], axis });
}

/** The logarithm of softmax along `axis`, counted from 0; same shape. */
export const logSoftmaxOver = (n: NodeReader, x: TensorId, axis: number): TensorId =>
  n.g.add({ kind: 'logSoftmax', operands: [x], axis });

const softmaxLike =
  (over: typeof softmaxOver): Read =>
  (n) => {
    const type = floatType(n, 0);
    const x = n.tensor(0);
    return tensorValue(over(n, x, axisOf(n, n.integer('axis', -1), shapeOf(n, x).length)), type);
  };

/** Below operator set 13 the axes from `axis` on, 1 by default, count as one. */
const softmaxOfRows =
  (over: typeof softmaxOver): Read =>
  (n) => {
    const type = floatType(n, 0);
    const x = n.tensor(0);
    const shape = shapeOf(n, x);
    const axis = axisOf(n, n.integer('axis', 1), shape.length);
    if (axis === shape.length - 1) return tensorValue(over(n, x, axis), type);
    const rows = reshapeTo(n, x, [...shape.slice(0, axis), multiplyExtents(shape.slice(axis))]);
    return tensorValue(reshapeTo(n, over(n, rows, axis), shape), type);
  };

const softmaxes = (over: typeof softmaxOver): readonly (readonly [number, Read])[] => [
  [1, softmaxOfRows(over)],
  [13, softmaxLike(over)],
];

/** argmax and argmin; int64 in the file, i32 here. */
const extremum =
  (op: 'argmax' | 'argmin'): Read =>
  (n) => {
    let x = n.tensor(0);
    const axis = axisOf(n, n.integer('axis', 0), shapeOf(n, x).length);
    const last = n.flag('select_last_index', false);
    const [extent] = fixedShape(n, [shapeOf(n, x)[axis]]);
    if (last) x = sliceRange(n, x, axis, extent - 1, extent, -1);
    const keep = n.flag('keepdims', true);
    let found = (isFloat(n.type(0)) ? reduce : reduceExactly)(n, op, x, [axis], keep);
    if (last) found = unaryMap(n, found, ['sub', ['const', 'i32', extent - 1], first]);
    return tensorValue(found, 'int64');
  };

/** 1 at the first of the largest, 0 elsewhere. */
function hardmaxOver(n: NodeReader, x: TensorId, axis: number): TensorId {
  const found = reduceKept(n, 'argmax', x, [axis]);
  const e: Expression = ['select', ['eq', ['index', axis], first], constant(1), constant(0)];
  return broadcastMap(n, e, [found], shapeOf(n, x));
}

/**
 * Sums of everything up to a position (or from it on): a product with a triangle of ones, so that
 * integers sum exactly too.
 */
function cumulative(n: NodeReader): Value {
  const x = n.tensor(0);
  const shape = shapeOf(n, x);
  const axis = axisOf(n, n.scalar(1), shape.length);
  const [extent] = fixedShape(n, [shape[axis]]);
  const exclusive = n.flag('exclusive', false);
  const reverse = n.flag('reverse', false);
  if (extent > 2048) n.refuse('at most 2048 sums along an axis', `${extent}`);
  assertConstantSize(n, [extent, extent]);
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
  const type = n.type(0);
  const sumsOf = (tensor: TensorId, ones: TensorId) =>
    n.g.add({ kind: 'contract', operands: [tensor, ones], out: shape, k: [extent], maps }, 'CumSum');
  const sums = sumsOf(x, triangle);
  if (isHeldInPart(type)) {
    const floats = n.g.constant(Float32Array.from(counts), [extent, extent]);
    return tensorValue(exactWithin(n, sums, sumsOf(magnitudes(n, x), floats), type), type);
  }
  const e = wrapped(first, type);
  return tensorValue(e === first ? sums : unaryMap(n, sums, e), type);
}

const extreme = (op: 'max' | 'min'): readonly (readonly [number, Read])[] => {
  const either =
    (rule: AxesRule): Read =>
    (n) => {
      const type = n.type(0);
      if (isFloat(type)) return reduceWith(n, rule, { op });
      const x = n.tensor(0);
      const shape = shapeOf(n, x);
      const keep = n.flag('keepdims', true);
      const axes = axesOf(n, rule(n) ?? [...shape.keys()], shape.length);
      if (axes.length === 0) return tensorValue(x, type);
      return tensorValue(reduceExactly(n, op, x, axes, keep), type);
    };
  return [
    [1, either(axesAttribute)],
    [18, either(axesInput)],
  ];
};

/** Products, for the few elements of a shape: multiplied one after another. */
const product =
  (rule: AxesRule): Read =>
  (n) => {
    const type = n.type(0);
    const x = n.tensor(0);
    const shape = shapeOf(n, x);
    const keep = n.flag('keepdims', true);
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
    const parts = (tensor: TensorId) =>
      Array.from({ length: count }, (_, k) => {
        let rest = k;
        const offset = shape.map(() => 0);
        for (let i = axes.length - 1; i >= 0; i--) {
          offset[axes[i]] = rest % extents[i];
          rest = Math.floor(rest / extents[i]);
        }
        const matrix = shape.map((_, axis) => out.map((__, i) => (kept[i] === axis ? 1 : 0)));
        return { tensor, map: { matrix, offset } };
      });
    // 32 factors at a time: expressions nest at most 48 deep.
    const multiplied = (operands: readonly MapOperand[]) => {
      let product = addMap(n.g, out, first, operands.slice(0, 1), n.node.operator);
      for (let at = 1; at < count; at += 32) {
        const chunk = operands.slice(at, at + 32);
        const e = chunk.reduce<Expression>((factors, _, i) => ['mul', factors, arg(i + 1)], first);
        product = addMap(n.g, out, wrapped(e, type), [{ tensor: product }, ...chunk], n.node.operator);
      }
      return product;
    };
    const product = multiplied(parts(x));
    const bound = isHeldInPart(type) ? multiplied(parts(magnitudes(n, x))) : product;
    const result = exactWithin(n, product, bound, type);
    const whole = shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
    return tensorValue(keep ? reshapeTo(n, result, whole) : result, type);
  };

/** Reductions and softmax, by name. */
export const reductions: Operators = {
  ReduceSum: reduction({ op: 'sum' }, 13),
  ReduceMean: reduction({ op: 'mean' }),
  ReduceL1: reduction({ op: 'sum', before: magnitude }),
  ReduceL2: reduction({ op: 'sum', before: square, after: 'sqrt' }),
  ReduceSumSquare: reduction({ op: 'sum', before: square }),
  ReduceLogSum: reduction({ op: 'sum', after: 'log' }),
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
  Softmax: softmaxes(softmaxOver),
  LogSoftmax: softmaxes(logSoftmaxOver),
  Hardmax: softmaxes(hardmaxOver),
};
