/** Pooling over windows of images (B,C,H,W). */
import type { Affine } from '../affine.ts';
import { project } from '../affine.ts';
import type { Builder } from '../builder.ts';
import { addMap } from '../emit.ts';
import { arg, constant, type Expression, integer } from '../expression.ts';
import type { TensorId } from '../graph.ts';
import type { Reduction, TensorType } from '../primitives.ts';
import type { Extent, Shape } from '../shape.ts';
import {
  isWindow,
  type Padding,
  type Pair,
  paddingOf,
  padImage,
  pairOf,
  type Window,
  windowCount,
} from './convolution.ts';
import {
  type Definitions,
  float,
  integersAttribute,
  isCount,
  isFloat,
  truthAttribute,
} from './definition.ts';

interface Pooling {
  readonly operands: readonly TensorId[];
  /** Rows, columns. */
  readonly kernel: readonly number[];
}

/** Poolings: x (B,C,H,W) -> (B,C,H',W'). */
export type PoolingOperation =
  /** The largest of each window, the first of equal ones; padding never wins. */
  | ({ readonly kind: 'maxPool' } & Pooling & Window)
  /** The mean of each window; padding counts as zeros if `countPadding`, else not at all. */
  | ({ readonly kind: 'averagePool'; readonly countPadding: boolean } & Pooling & Omit<Window, 'dilation'>);

const once = [1, 1];

function inferPooling(
  pooling: Pooling & Window,
  [x]: readonly TensorType[],
  refuse: (expected: string) => never,
): TensorType {
  const { kernel, padding, dilation } = pooling;
  const fits =
    isWindow(pooling) && kernel.length === 2 && kernel.every((count) => isCount(count) && count > 0);
  if (!fits) refuse('a kernel of two extents, two strides, four paddings and two dilations');
  // Every window then holds at least one pixel.
  if (padding.some((count, i) => count > dilation[i % 2] * (kernel[i % 2] - 1))) {
    refuse('less padding than the kernel is wide');
  }
  if (!isFloat(x, 4) || typeof x.shape[2] === 'string' || typeof x.shape[3] === 'string') {
    return refuse('f32[B,C,H,W]');
  }
  const positions = positionsOf(pooling, x.shape);
  if (positions.some((count) => count < 1)) refuse('a kernel inside the padded image');
  return float([...x.shape.slice(0, 2), ...positions]);
}

const positionsOf = (
  { kernel, stride, padding, dilation }: Pooling & Window,
  shape: Shape,
): readonly number[] =>
  [0, 1].map((i) =>
    windowCount(shape[i + 2] as number, kernel[i], stride[i], padding[i], padding[i + 2], dilation[i]),
  );

/** Reduces each window of a padded image: out (b,c,i,j), terms (r,t). */
function reduceWindows(
  g: Builder,
  op: Reduction,
  x: TensorId,
  { kernel, stride, dilation }: Pooling & Window,
  out: readonly Extent[],
  note: string,
): TensorId {
  const { matrix, offset } = project(6, [0, 1, 2, 3]);
  const map: Affine = {
    matrix: matrix.map((row, axis) =>
      axis < 2 ? row : row.with(axis, stride[axis - 2]).with(axis + 2, dilation[axis - 2]),
    ),
    offset,
  };
  return g.add({ kind: 'reduce', op, operands: [x], out, k: kernel, maps: [map] }, note);
}

const minimum = (a: Expression, b: Expression): Expression => ['select', ['lt', a, b], a, b];
const maximum = (a: Expression, b: Expression): Expression => ['select', ['lt', a, b], b, a];

/**
 * How many pixels the window at an output position holds on one axis: min(start + kernel, extent) -
 * max(start, 0).
 */
function pixels(axis: number, kernel: number, stride: number, before: number, extent: number): Expression {
  const start: Expression = ['sub', ['mul', ['index', axis], integer(stride)], integer(before)];
  return ['sub', minimum(['add', start, integer(kernel)], integer(extent)), maximum(start, integer(0))];
}

/** Definitions, by kind. */
export const pooling: Definitions<PoolingOperation> = {
  maxPool: {
    operands: ['x'],
    attributes: {
      kernel: integersAttribute,
      stride: integersAttribute,
      padding: integersAttribute,
      dilation: integersAttribute,
    },
    infer: inferPooling,
    lower(g, operation, [x]) {
      const { shape } = g.nodes[x];
      const out = [...shape.slice(0, 2), ...positionsOf(operation, shape)];
      const padded = padImage(g, x, operation.padding, Number.NEGATIVE_INFINITY);
      return reduceWindows(g, 'max', padded, operation, out, 'maxPool');
    },
  },
  averagePool: {
    operands: ['x'],
    attributes: {
      kernel: integersAttribute,
      stride: integersAttribute,
      padding: integersAttribute,
      countPadding: truthAttribute,
    },
    infer: (operation, operands, refuse) => inferPooling({ ...operation, dilation: once }, operands, refuse),
    lower(g, operation, [x]) {
      const { kernel, stride, padding, countPadding } = operation;
      const { shape } = g.nodes[x];
      const window = { ...operation, dilation: once };
      const out = [...shape.slice(0, 2), ...positionsOf(window, shape)];
      const total = reduceWindows(g, 'sum', padImage(g, x, padding, 0), window, out, 'averagePool');
      const [rows, columns] = [0, 1].map((i) =>
        pixels(i + 2, kernel[i], stride[i], padding[i], shape[i + 2] as number),
      );
      const whole = countPadding || padding.every((count) => count === 0);
      const count: Expression = whole
        ? constant(kernel[0] * kernel[1])
        : ['convert', 'f32', ['mul', rows, columns]];
      return addMap(g, out, ['div', arg(0), count], [{ tensor: total }]);
    },
  },
};

/** Kernel and window of `maxPool`; extents in pixels. */
export interface MaxPoolOptions {
  readonly kernel: Pair;
  /** The kernel if left out. */
  readonly stride?: Pair;
  readonly padding?: Padding;
  readonly dilation?: Pair;
}

/**
 * x (B,C,H,W) -> (B,C,H',W'): the largest of each window, the first of equal ones; padding never
 * wins.
 */
export const maxPool = (
  g: Builder,
  x: TensorId,
  { kernel, stride = kernel, padding = 0, dilation = 1 }: MaxPoolOptions,
): TensorId =>
  g.add({
    kind: 'maxPool',
    operands: [x],
    kernel: pairOf(kernel),
    stride: pairOf(stride),
    padding: paddingOf(padding),
    dilation: pairOf(dilation),
  });

/** Kernel and window of `averagePool`; extents in pixels. */
export interface AveragePoolOptions extends Omit<MaxPoolOptions, 'dilation'> {
  /** Whether padding counts as zeros; it does not if left out. */
  readonly countPadding?: boolean;
}

/** x (B,C,H,W) -> (B,C,H',W'): the mean of each window. */
export const averagePool = (
  g: Builder,
  x: TensorId,
  { kernel, stride = kernel, padding = 0, countPadding = false }: AveragePoolOptions,
): TensorId =>
  g.add({
    kind: 'averagePool',
    operands: [x],
    kernel: pairOf(kernel),
    stride: pairOf(stride),
    padding: paddingOf(padding),
    countPadding,
  });
