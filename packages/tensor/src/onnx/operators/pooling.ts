/**
 * Pools over windows of (B, C, spatial...): a reduction per window, of the kernel's positions in
 * row-major order. What is padded never wins a maximum; averages divide by the positions that
 * count.
 */
import { constant, type Expression, integer } from '../../graph/expression.ts';
import type { TensorId } from '../../graph/graph.ts';
import { elementCount, rowMajorStrides, type Shape } from '../../graph/shape.ts';
import type { NodeReader, Operators, Value } from '../reading.ts';
import {
  assertConstantSize,
  broadcastMap,
  first,
  fixedShape,
  floatType,
  isFloat,
  second,
  shapeOf,
  since,
  tensorValue,
  unaryMap,
} from './build.ts';
import { gatherConstantRows, weigh } from './gathers.ts';
import { affine } from './linear.ts';
import { meanKept, reduceKept } from './reductions.ts';
import { padConstant } from './slices.ts';
import { type Window, windowOf } from './windows.ts';

/**
 * The window as the operations of the graph have it: over images, less padding than the kernel, no
 * rounding up.
 */
function imageWindow(n: NodeReader, { kernel, strides, dilations, low, high, beyond }: Window) {
  const padding = [...low, ...high];
  const reach = kernel.map((size, s) => dilations[s] * (size - 1));
  const fits = beyond.every((pad) => pad === 0) && padding.every((pad, i) => pad <= reach[i % 2]);
  if (n.shape(0).length !== 4 || !fits) return undefined;
  return { kernel, stride: strides, padding, dilation: dilations };
}

/** Reduces each window of x, padded with `padding`. */
function pool(
  n: NodeReader,
  op: 'sum' | 'max' | 'argmax',
  x: TensorId,
  window: Window,
  padding: number,
): TensorId {
  const { kernel, strides, dilations, low, high, beyond, outputs } = window;
  const behind = high.map((pad, s) => pad + beyond[s]);
  const padded = padConstant(n, x, [0, 0, ...low], [0, 0, ...behind], padding);
  const out: Shape = [...shapeOf(n, x).slice(0, 2), ...outputs];
  const columns = out.length + kernel.length;
  const map = affine(columns, [
    { 0: 1 },
    { 1: 1 },
    ...outputs.map((_, s) => ({ [2 + s]: strides[s], [out.length + s]: dilations[s] })),
  ]);
  return n.g.add({ kind: 'reduce', op, operands: [padded], out, k: kernel, maps: [map] }, n.node.operator);
}

/**
 * Where in x, flattened, each window has its first maximum: where the window begins, and where in
 * it the maximum is. With `columnMajor` the positions of the last two axes change places.
 */
function maximumPositions(n: NodeReader, x: TensorId, window: Window, columnMajor: boolean): TensorId {
  const { kernel, strides, dilations, low, outputs } = window;
  assertConstantSize(n, kernel);
  const shape = fixedShape(n, shapeOf(n, x));
  const spatial = rowMajorStrides(shape.slice(2));
  const steps =
    columnMajor && spatial.length > 1 ? [...spatial.slice(0, -2), 1, shape[shape.length - 2]] : spatial;
  const inWindow = kernel.reduce<number[]>(
    (all, size, s) =>
      all.flatMap((at) => Array.from({ length: size }, (_, k) => at + k * dilations[s] * steps[s])),
    [0],
  );
  const found = pool(n, 'argmax', x, window, Number.NEGATIVE_INFINITY);
  const offsets = gatherConstantRows(n, inWindow, found);
  const terms: (readonly [Expression, number])[] = [
    [['index', 0], shape[1] * elementCount(shape.slice(2))],
    [['index', 1], elementCount(shape.slice(2))],
    ...outputs.map((_, s) => [['index', 2 + s], strides[s] * steps[s]] as const),
  ];
  const before = low.reduce((sum, pad, s) => sum + pad * steps[s], 0);
  return unaryMap(n, offsets, ['sub', ['add', weigh(terms), first], integer(before)]);
}

function maxPool(n: NodeReader): Value | readonly Value[] {
  const type = n.type(0);
  const columnMajor = n.flag('storage_order', false);
  const window = windowOf(n, n.shape(0));
  if (isFloat(type)) {
    const image = imageWindow(n, window);
    if (image !== undefined && n.node.outputs.length < 2) {
      return tensorValue(n.g.add({ kind: 'maxPool', operands: [n.tensor(0)], ...image }), type);
    }
    const y = tensorValue(pool(n, 'max', n.tensor(0), window, Number.NEGATIVE_INFINITY), type);
    if (n.node.outputs.length < 2) return y;
    return [y, tensorValue(maximumPositions(n, n.tensor(0), window, columnMajor), 'int64')];
  }
  if (type !== 'int8' && type !== 'uint8') n.refuse('floats or integers of 8 bits', type);
  return tensorValue(pool(n, 'max', n.tensor(0), window, type === 'int8' ? -128 : 0), type);
}

/** How many positions of each window lie in the input, or in the padding that is declared. */
function windowCounts(n: NodeReader, window: Window, input: readonly number[], padded: boolean): TensorId {
  const { kernel, strides, dilations, low, high, outputs } = window;
  assertConstantSize(n, outputs);
  const perAxis = outputs.map((count, s) =>
    Array.from({ length: count }, (_, o) => {
      const start = o * strides[s] - low[s];
      const [from, to] = padded ? [-low[s], input[s] + high[s]] : [0, input[s]];
      // Of start + k * dilation, those at `from` and beyond, before `to`.
      const first = Math.max(0, Math.ceil((from - start) / dilations[s]));
      const end = Math.min(kernel[s], Math.ceil((to - start) / dilations[s]));
      return Math.max(0, end - first);
    }),
  );
  const counts = perAxis.reduce<number[]>((all, axis) => all.flatMap((a) => axis.map((b) => a * b)), [1]);
  return n.g.constant(Float32Array.from(counts), outputs);
}

function averagePool(n: NodeReader): Value {
  const type = floatType(n, 0);
  const window = windowOf(n, n.shape(0));
  const padded = n.flag('count_include_pad', false);
  const image = imageWindow(n, window);
  if (image !== undefined && window.dilations.every((dilation) => dilation === 1)) {
    const { dilation: _, ...rest } = image;
    return tensorValue(
      n.g.add({ kind: 'averagePool', operands: [n.tensor(0)], countPadding: padded, ...rest }),
      type,
    );
  }
  const sum = pool(n, 'sum', n.tensor(0), window, 0);
  const sides = [...window.low, ...window.high];
  const whole = window.beyond.every((pad) => pad === 0) && (padded || sides.every((pad) => pad === 0));
  if (whole) {
    const size = window.kernel.reduce((a, b) => a * b, 1);
    return tensorValue(unaryMap(n, sum, ['div', first, constant(size)]), type);
  }
  const counts = windowCounts(n, window, fixedShape(n, n.shape(0).slice(2)), padded);
  return tensorValue(broadcastMap(n, ['div', first, second], [sum, counts]), type);
}

const magnitude: Expression = ['select', ['lt', first, constant(0)], ['neg', first], first];

/** |x|^p before a sum, and the p-th root after it. */
function powers(n: NodeReader): readonly [Expression, Expression] {
  const p = n.integer('p', 2);
  if (p === 1) return [magnitude, first];
  const square: Expression = ['mul', first, first];
  const root: Expression = ['sqrt', first];
  if (p === 2) return [square, root];
  if (p === 4)
    return [
      ['mul', square, square],
      ['sqrt', root],
    ];
  return n.refuse('p = 1, 2 or 4', `${p}`);
}

const spatialAxes = (n: NodeReader, x: TensorId) => [...shapeOf(n, x).keys()].slice(2);

/** Pools, by name. */
export const pooling: Operators = {
  MaxPool: since(1, maxPool),
  AveragePool: since(1, averagePool),
  LpPool: since(2, (n) => {
    const type = floatType(n, 0);
    const [before, after] = powers(n);
    const terms = unaryMap(n, n.tensor(0), before);
    return tensorValue(unaryMap(n, pool(n, 'sum', terms, windowOf(n, n.shape(0)), 0), after), type);
  }),
  GlobalAveragePool: since(1, (n) => {
    const x = n.tensor(0);
    return tensorValue(meanKept(n, x, spatialAxes(n, x)), floatType(n, 0));
  }),
  GlobalMaxPool: since(1, (n) => {
    const x = n.tensor(0);
    return tensorValue(reduceKept(n, 'max', x, spatialAxes(n, x)), floatType(n, 0));
  }),
  GlobalLpPool: since(2, (n) => {
    const type = floatType(n, 0);
    const [before, after] = powers(n);
    const terms = unaryMap(n, n.tensor(0), before);
    return tensorValue(unaryMap(n, reduceKept(n, 'sum', terms, spatialAxes(n, terms)), after), type);
  }),
};
