/**
 * Reductions over axes, and softmax. Sums are sequential in row-major order; ties of extremes go to
 * the lowest position.
 */
import type { Builder } from '../builder.ts';
import { addMap, addReduce, countElements, keepAxes, scalar, without } from '../emit.ts';
import { arg, constant, type Expression } from '../expression.ts';
import type { TensorId } from '../graph.ts';
import type { TensorType } from '../primitives.ts';
import type { Extent, Shape } from '../shape.ts';
import {
  areAxes,
  type Definition,
  type Definitions,
  float,
  integerAttribute,
  integersAttribute,
  isFloat,
  resolveAxis,
  truthAttribute,
} from './definition.ts';

type Node<K extends string> = { readonly kind: K; readonly operands: readonly TensorId[] };
type Reducing<K extends string> = Node<K> & {
  /** Ascending. */
  readonly axes: readonly number[];
  /** Whether reduced axes stay, with extent 1. */
  readonly keep: boolean;
};
type Choosing<K extends string> = Node<K> & { readonly axis: number; readonly keep: boolean };

/** Reductions over axes, and softmax along one. */
export type ReductionOperation =
  | Reducing<'sum'>
  | Reducing<'mean'>
  | Reducing<'max'>
  | Reducing<'min'>
  /** i32: the position of the largest or smallest along the axis. */
  | Choosing<'argmaxAlong'>
  | Choosing<'argmin'>
  /** (...,C) -> i32 (...): the position of the largest. */
  | Node<'argmax'>
  /** Along the last axis: exp(x - max) / sum of it. */
  | Node<'softmax'>
  | (Node<'softmaxAlong'> & { readonly axis: number })
  /** (x - max) - log(sum of exp(x - max)) along the axis. */
  | (Node<'logSoftmax'> & { readonly axis: number });

const reducedShape = (shape: Shape, axes: readonly number[], keep: boolean): Shape =>
  shape.flatMap((extent, axis): Extent[] => {
    if (!axes.includes(axis)) return [extent];
    return keep ? [1] : [];
  });

function inferAxes(
  { axes, keep }: { readonly axes: readonly number[]; readonly keep: boolean },
  [x]: readonly TensorType[],
  refuse: (expected: string) => never,
): TensorType {
  if (!isFloat(x) || !areAxes(axes, x.shape.length)) {
    refuse(`f32 and ascending axes below its rank, not [${axes.join(',')}],`);
  }
  return float(reducedShape(x.shape, axes, keep));
}

function reducing<K extends 'sum' | 'max' | 'min'>(op: K): Definition<Reducing<K>> {
  return {
    operands: ['x'],
    attributes: { axes: integersAttribute, keep: truthAttribute } as Definition<Reducing<K>>['attributes'],
    infer: inferAxes,
    lower(g, { axes, keep }, [x]) {
      return keepAxes(g, addReduce(g, op, x, axes, op), g.nodes[x].shape, axes, keep);
    },
  };
}

function choosing<K extends 'argmaxAlong' | 'argmin'>(
  kind: K,
  op: 'argmax' | 'argmin',
): Definition<Choosing<K>> {
  return {
    operands: ['x'],
    attributes: { axis: integerAttribute, keep: truthAttribute } as Definition<Choosing<K>>['attributes'],
    infer: ({ axis, keep }, operands, refuse) => ({
      ...inferAxes({ axes: [axis], keep }, operands, refuse),
      dtype: 'i32',
    }),
    lower: (g, { axis, keep }, [x]) =>
      keepAxes(g, addReduce(g, op, x, [axis], kind), g.nodes[x].shape, [axis], keep),
  };
}

const shifted: Expression = ['call', 'exp', ['sub', arg(0), arg(1)]];

interface Exponentials {
  readonly largest: TensorId;
  readonly powers: TensorId;
  readonly total: TensorId;
}

/** max, exp(x - max) and its sum along one axis. The maximum is detached: it cancels. */
export function exponentials(g: Builder, x: TensorId, axis: number, note: string): Exponentials {
  const { shape } = g.nodes[x];
  const row = without(shape.length, [axis]);
  const largest = addReduce(g, 'max', x, [axis], note);
  const powers = addMap(g, shape, shifted, [{ tensor: x }, { tensor: largest, map: row, detached: true }]);
  return { largest, powers, total: addReduce(g, 'sum', powers, [axis]) };
}

/** Softmax along one axis, in primitives. */
export function lowerSoftmax(g: Builder, x: TensorId, axis: number): TensorId {
  const { shape } = g.nodes[x];
  const { powers, total } = exponentials(g, x, axis, 'softmax');
  const row = without(shape.length, [axis]);
  return addMap(g, shape, ['div', arg(0), arg(1)], [{ tensor: powers }, { tensor: total, map: row }]);
}

function inferAlong(axis: number, [x]: readonly TensorType[], refuse: (expected: string) => never) {
  return isFloat(x) && areAxes([axis], x.shape.length) ? x : refuse(`f32 with an axis ${axis}`);
}

/** Definitions, by kind. */
export const reductions: Definitions<ReductionOperation> = {
  sum: reducing('sum'),
  max: reducing('max'),
  min: reducing('min'),
  mean: {
    operands: ['x'],
    attributes: { axes: integersAttribute, keep: truthAttribute },
    infer: inferAxes,
    lower(g, { axes, keep }, [x]) {
      const { shape } = g.nodes[x];
      const mean = lowerMean(g, x, axes, 'mean');
      return keepAxes(g, mean, shape, axes, keep);
    },
  },
  argmaxAlong: choosing('argmaxAlong', 'argmax'),
  argmin: choosing('argmin', 'argmin'),
  argmax: {
    operands: ['x'],
    attributes: {},
    infer: (_, [x], refuse) =>
      isFloat(x) && x.shape.length > 0 ? { dtype: 'i32', shape: x.shape.slice(0, -1) } : refuse('f32[...,C]'),
    lower: (g, _, [x]) => addReduce(g, 'argmax', x, [g.nodes[x].shape.length - 1], 'argmax'),
  },
  softmax: {
    operands: ['x'],
    attributes: {},
    infer: (_, [x], refuse) => (isFloat(x) && x.shape.length > 0 ? x : refuse('f32[...,C]')),
    lower: (g, _, [x]) => lowerSoftmax(g, x, g.nodes[x].shape.length - 1),
  },
  softmaxAlong: {
    operands: ['x'],
    attributes: { axis: integerAttribute },
    infer: ({ axis }, operands, refuse) => inferAlong(axis, operands, refuse),
    lower: (g, { axis }, [x]) => lowerSoftmax(g, x, axis),
  },
  logSoftmax: {
    operands: ['x'],
    attributes: { axis: integerAttribute },
    infer: ({ axis }, operands, refuse) => inferAlong(axis, operands, refuse),
    lower(g, { axis }, [x]) {
      const { shape } = g.nodes[x];
      const row = without(shape.length, [axis]);
      const { largest, total } = exponentials(g, x, axis, 'logSoftmax');
      return addMap(
        g,
        shape,
        ['sub', ['sub', arg(0), arg(1)], ['call', 'log', arg(2)]],
        [{ tensor: x }, { tensor: largest, map: row, detached: true }, { tensor: total, map: row }],
      );
    },
  },
};

/** The sum over the axes, divided by the number of elements. */
export function lowerMean(g: Builder, x: TensorId, axes: readonly number[], note?: string): TensorId {
  const total = addReduce(g, 'sum', x, axes, note);
  const { shape } = g.nodes[total];
  const { literal, named } = countElements(
    g,
    axes.map((axis) => g.nodes[x].shape[axis]),
  );
  if (named === undefined) return addMap(g, shape, ['div', arg(0), constant(literal)], [{ tensor: total }]);
  return addMap(
    g,
    shape,
    ['div', arg(0), ['mul', arg(1), constant(literal)]],
    [{ tensor: total }, { tensor: named, map: scalar(shape.length) }],
  );
}

/** Which axes a reduction takes. */
export interface ReduceOptions {
  /** Counted from the end if negative; all of them if left out. */
  readonly axes?: readonly number[];
  /** Whether reduced axes stay, with extent 1. */
  readonly keep?: boolean;
}

const reduceFunction =
  (kind: 'sum' | 'mean' | 'max' | 'min') =>
  (g: Builder, x: TensorId, { axes, keep = false }: ReduceOptions = {}): TensorId => {
    const rank = g.nodes[x].shape.length;
    const resolved = (axes ?? [...Array(rank).keys()]).map((axis) => resolveAxis(axis, rank));
    return g.add({ kind, operands: [x], axes: resolved.toSorted((a, b) => a - b), keep });
  };

/** The sum over the axes, sequential in row-major order. */
export const sum = reduceFunction('sum');
/** The sum over the axes, divided by the number of elements. */
export const mean = reduceFunction('mean');
/** The largest over the axes. */
export const max = reduceFunction('max');
/** The smallest over the axes. */
export const min = reduceFunction('min');

/** (B,C,...) -> (B,C,1,...): the mean over everything but batch and channel. */
export const globalAveragePool = (g: Builder, x: TensorId): TensorId =>
  mean(g, x, { axes: [...g.nodes[x].shape.keys()].slice(2), keep: true });

/** (B,C,...) -> (B,C,1,...): the largest of everything but batch and channel. */
export const globalMaxPool = (g: Builder, x: TensorId): TensorId =>
  max(g, x, { axes: [...g.nodes[x].shape.keys()].slice(2), keep: true });

/** The position of the largest along the axis, i32; the last axis if left out. */
export function argmax(g: Builder, x: TensorId, axis = -1, keep = false): TensorId {
  const rank = g.nodes[x].shape.length;
  const resolved = rank === 0 ? 0 : resolveAxis(axis, rank);
  if (resolved >= rank - 1 && !keep) return g.add({ kind: 'argmax', operands: [x] });
  return g.add({ kind: 'argmaxAlong', operands: [x], axis: resolved, keep });
}

/** The position of the smallest along the axis, i32. */
export const argmin = (g: Builder, x: TensorId, axis = -1, keep = false): TensorId =>
  g.add({ kind: 'argmin', operands: [x], axis: resolveAxis(axis, g.nodes[x].shape.length), keep });

/** Along one axis, the last one if left out. */
export function softmax(g: Builder, x: TensorId, axis = -1): TensorId {
  const rank = g.nodes[x].shape.length;
  const resolved = rank === 0 ? 0 : resolveAxis(axis, rank);
  if (resolved >= rank - 1) return g.add({ kind: 'softmax', operands: [x] });
  return g.add({ kind: 'softmaxAlong', operands: [x], axis: resolved });
}

/** The logarithm of softmax, without the detour. */
export const logSoftmax = (g: Builder, x: TensorId, axis = -1): TensorId =>
  g.add({ kind: 'logSoftmax', operands: [x], axis: resolveAxis(axis, g.nodes[x].shape.length) });
