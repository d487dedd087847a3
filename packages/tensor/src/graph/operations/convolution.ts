/**
 * Convolutions over images (B,C,H,W), and their transposes. Both are a padding and one contraction
 * with strided windows (implicit matrix product): no patch is ever written out. As in ONNX and
 * PyTorch, "convolution" is cross-correlation.
 */
import type { Affine } from '../affine.ts';
import { project } from '../affine.ts';
import type { Builder } from '../builder.ts';
import { addMap, addReshape } from '../emit.ts';
import { arg, floatBits } from '../expression.ts';
import type { Initialiser, TensorId } from '../graph.ts';
import { nextLayer } from '../layerNames.ts';
import type { TensorType } from '../primitives.ts';
import type { Extent, Shape } from '../shape.ts';
import {
  type Definitions,
  float,
  integerAttribute,
  integersAttribute,
  isCount,
  isFloat,
  numberExtent,
} from './definition.ts';

/** How a window moves over an image. */
export interface Window {
  /** Rows, columns. */
  readonly stride: readonly number[];
  /** Top, left, bottom, right. */
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
}

/** Convolutions and their transposes. */
export type ConvolutionOperation =
  /** x (B,C,H,W), weight (O,C/groups,h,w), bias (O) -> (B,O,H',W'). */
  | ({
      readonly kind: 'conv2d';
      readonly operands: readonly TensorId[];
      readonly groups: number;
    } & Window)
  /**
   * x (B,C,H,W), weight (C,O/groups,h,w), bias (O) -> (B,O,H',W'): the transpose of a conv2d from O
   * to C channels.
   */
  | ({
      readonly kind: 'convTranspose2d';
      readonly operands: readonly TensorId[];
      readonly groups: number;
      /** Rows and columns added at the bottom and right. */
      readonly outputPadding: readonly number[];
    } & Window);

/** Positions of a window of `kernel` entries on an axis, or a number below 1 if there are none. */
export const windowCount = (
  extent: number,
  kernel: number,
  stride: number,
  before: number,
  after: number,
  dilation: number,
): number => Math.floor((extent + before + after - dilation * (kernel - 1) - 1) / stride) + 1;

/** Whether a window has two strides, four paddings and two dilations, each in range. */
export const isWindow = ({ stride, padding, dilation }: Window) =>
  stride.length === 2 &&
  dilation.length === 2 &&
  padding.length === 4 &&
  [...stride, ...dilation].every((step) => isCount(step) && step > 0) &&
  padding.every(isCount);

/** Pads rows and columns of (...,H,W). */
export function padImage(
  g: Builder,
  x: TensorId,
  [top, left, bottom, right]: readonly number[],
  value: number,
  interior: readonly number[] = [0, 0],
): TensorId {
  if (top + left + bottom + right + interior[0] + interior[1] === 0) return x;
  const zeros = new Array<number>(g.nodes[x].shape.length - 2).fill(0);
  return g.add({
    kind: 'pad',
    operands: [x],
    low: [...zeros, top, left],
    high: [...zeros, bottom, right],
    interior: [...zeros, ...interior],
    valueBits: floatBits(value),
  });
}

const images = (
  type: TensorType,
): type is TensorType & { shape: readonly [Extent, number, number, number] } =>
  isFloat(type, 4) && type.shape.slice(1).every((extent) => typeof extent === 'number');

interface Product {
  readonly batch: Extent;
  readonly groups: number;
  /** Channels of one group. */
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: readonly number[];
  readonly positions: readonly number[];
  /** Rows of a read: factor of the position, factor of the kernel's entry, offset. */
  readonly steps: readonly (readonly [position: number, entry: number, offset: number])[];
}

/**
 * out[b,g,o,i,j] = sum over (c,r,t) of x[b,g,c,row(i,r),column(j,t)] * weight, where `weightMap`
 * reads the weight from the columns (b,g,o,i,j,c,r,t); the axis g is left out if there is one
 * group.
 */
function windowProduct(
  g: Builder,
  x: TensorId,
  weight: TensorId,
  weightMap: Affine,
  product: Product,
  note: string,
) {
  const { batch, groups, inputs, outputs, kernel, positions, steps } = product;
  const columns = groups === 1 ? [0, 2, 3, 4, 5, 6, 7] : [0, 1, 2, 3, 4, 5, 6, 7];
  const select = ({ matrix, offset }: Affine, axes: readonly number[]): Affine => ({
    matrix: axes.map((axis) => columns.map((column) => matrix[axis][column])),
    offset: axes.map((axis) => offset[axis]),
  });
  const read = project(8, [0, 1, 5, 3, 4]);
  const windows: Affine = {
    matrix: read.matrix.map((row, axis) =>
      axis < 3 ? row : row.with(axis, steps[axis - 3][0]).with(axis + 3, steps[axis - 3][1]),
    ),
    offset: [0, 0, 0, steps[0][2], steps[1][2]],
  };
  const [, , height, width] = g.nodes[x].shape;
  const grouped = <T>(shape: readonly T[], at: number) => (groups === 1 ? shape.toSpliced(at, 1) : shape);
  const out = grouped<Extent>([batch, groups, outputs, ...positions], 1);
  const image = addReshape(g, x, grouped<Extent>([batch, groups, inputs, height, width], 1));
  const axes = groups === 1 ? [0, 2, 3, 4] : [0, 1, 2, 3, 4];
  const weightAxes = groups === 1 ? [1, 2, 3, 4] : [0, 1, 2, 3, 4];
  const contracted = g.add(
    {
      kind: 'contract',
      operands: [image, weight],
      out,
      k: [inputs, ...kernel],
      maps: [select(windows, axes), select(weightMap, weightAxes)],
    },
    note,
  );
  return addReshape(g, contracted, [batch, groups * outputs, ...positions]);
}

function addBias(g: Builder, x: TensorId, bias: TensorId | undefined): TensorId {
  if (bias === undefined) return x;
  const out: Shape = g.nodes[x].shape;
  return addMap(g, out, ['add', arg(0), arg(1)], [{ tensor: x }, { tensor: bias, map: project(4, [1]) }]);
}

const windowAttributes = {
  stride: integersAttribute,
  padding: integersAttribute,
  dilation: integersAttribute,
};

/** Definitions, by kind. */
export const convolution: Definitions<ConvolutionOperation> = {
  conv2d: {
    operands: ['x', 'weight', 'bias?'],
    attributes: { ...windowAttributes, groups: integerAttribute },
    infer(operation, [x, weight, bias], refuse) {
      const { stride, padding, dilation, groups } = operation;
      if (!isWindow(operation)) refuse('two strides, four paddings and two dilations');
      if (!images(x) || !images(weight)) return refuse('x f32[B,C,H,W] and weight f32[O,C/groups,h,w]');
      const [batch, channels, ...extents] = x.shape as readonly [Extent, number, number, number];
      const [outputs, inputs, ...kernel] = weight.shape as readonly number[];
      if (!isCount(groups) || channels !== groups * inputs || outputs % groups !== 0) {
        refuse(`${groups} groups of input and output channels`);
      }
      if (bias !== undefined && !(isFloat(bias, 1) && bias.shape[0] === outputs))
        refuse(`bias f32[${outputs}]`);
      const positions = extents.map((extent, i) =>
        windowCount(extent, kernel[i], stride[i], padding[i], padding[i + 2], dilation[i]),
      );
      if (positions.some((count) => count < 1)) refuse('a kernel inside the padded image');
      return float([batch, outputs, ...positions]);
    },
    lower(g, { stride, padding, dilation, groups }, [x, weight, bias]) {
      const [batch, , ...extents] = g.nodes[x].shape as readonly [Extent, number, number, number];
      const [outputs, inputs, ...kernel] = g.nodes[weight].shape as readonly number[];
      const positions = extents.map((extent, i) =>
        windowCount(extent, kernel[i], stride[i], padding[i], padding[i + 2], dilation[i]),
      );
      const filters =
        groups === 1 ? weight : addReshape(g, weight, [groups, outputs / groups, inputs, ...kernel]);
      const product = windowProduct(
        g,
        padImage(g, x, padding, 0),
        filters,
        project(8, [1, 2, 5, 6, 7]),
        {
          batch,
          groups,
          inputs,
          outputs: outputs / groups,
          kernel,
          positions,
          steps: [0, 1].map((i) => [stride[i], dilation[i], 0]),
        },
        'conv2d',
      );
      return addBias(g, product, bias);
    },
  },
  convTranspose2d: {
    operands: ['x', 'weight', 'bias?'],
    attributes: { ...windowAttributes, outputPadding: integersAttribute, groups: integerAttribute },
    infer(operation, [x, weight, bias], refuse) {
      const { groups, outputPadding, stride } = operation;
      const padded = outputPadding.length === 2 && outputPadding.every((n, i) => isCount(n) && n < stride[i]);
      if (!isWindow(operation) || !padded) {
        refuse('two strides, four paddings, two dilations, and two output paddings below the strides');
      }
      if (!images(x) || !images(weight)) return refuse('x f32[B,C,H,W] and weight f32[C,O/groups,h,w]');
      const [batch, channels, ...extents] = x.shape as readonly [Extent, number, number, number];
      const [inputs, outputs, ...kernel] = weight.shape as readonly number[];
      if (!isCount(groups) || groups < 1 || channels !== inputs || inputs % groups !== 0) {
        refuse(`${groups} groups of input channels`);
      }
      if (bias !== undefined && !(isFloat(bias, 1) && bias.shape[0] === groups * outputs)) {
        refuse(`bias f32[${groups * outputs}]`);
      }
      const positions = transposedCounts(operation, extents, kernel);
      if (positions.some((count) => count < 1)) refuse('less padding than the result is wide');
      return float([batch, groups * outputs, ...positions]);
    },
    lower(g, operation, [x, weight, bias]) {
      const { stride, padding, dilation, outputPadding, groups } = operation;
      const [batch, , ...extents] = g.nodes[x].shape as readonly [Extent, number, number, number];
      const [inputs, outputs, ...kernel] = g.nodes[weight].shape as readonly number[];
      const positions = transposedCounts(operation, extents, kernel);
      // Zeros between the pixels, and as many around them as the kernel reaches; what padding takes
      // away beyond that is not read.
      const reach = kernel.map((count, i) => dilation[i] * (count - 1));
      const low = reach.map((count, i) => count - padding[i]);
      const high = reach.map((count, i) => count - padding[i + 2] + outputPadding[i]);
      const around = [...low, ...high].map((count) => Math.max(0, count));
      const filters =
        groups === 1 ? weight : addReshape(g, weight, [groups, inputs / groups, outputs, ...kernel]);
      // The kernel is read backwards: weight[g,c,o,h-1-r,w-1-t].
      const flipped = project(8, [1, 5, 2, 6, 7]);
      const product = windowProduct(
        g,
        padImage(
          g,
          x,
          around,
          0,
          stride.map((step) => step - 1),
        ),
        filters,
        {
          matrix: flipped.matrix.map((row, axis) => (axis < 3 ? row : row.map((factor) => 0 - factor))),
          offset: [0, 0, 0, kernel[0] - 1, kernel[1] - 1],
        },
        {
          batch,
          groups,
          inputs: inputs / groups,
          outputs,
          kernel,
          positions,
          steps: [0, 1].map((i) => [1, dilation[i], Math.max(0, -low[i])]),
        },
        'convTranspose2d',
      );
      return addBias(g, product, bias);
    },
  },
};

function transposedCounts(
  { stride, padding, dilation, outputPadding }: Window & { readonly outputPadding: readonly number[] },
  extents: readonly number[],
  kernel: readonly number[],
): readonly number[] {
  return extents.map(
    (extent, i) =>
      stride[i] * (extent - 1) +
      dilation[i] * (kernel[i] - 1) +
      1 -
      padding[i] -
      padding[i + 2] +
      outputPadding[i],
  );
}

/** One number for both rows and columns, or [rows, columns]. */
export type Pair = number | readonly [rows: number, columns: number];
/** One number on all sides, [rows, columns], or [top, left, bottom, right]. */
export type Padding = Pair | readonly [top: number, left: number, bottom: number, right: number];

/** [rows, columns] of a `Pair`. */
export const pairOf = (value: Pair): readonly [number, number] =>
  typeof value === 'number' ? [value, value] : value;

/** [top, left, bottom, right] of a `Padding`. */
export function paddingOf(value: Padding): readonly number[] {
  if (typeof value === 'number') return [value, value, value, value];
  return value.length === 4 ? value : [...value, ...value];
}

/** Kernel and window of `conv2d`; extents in pixels. */
export interface Conv2dOptions {
  readonly kernel: Pair;
  /** 1 if left out. */
  readonly stride?: Pair;
  /** 0 if left out; `same` keeps the extents at stride 1. */
  readonly padding?: Padding | 'same';
  readonly dilation?: Pair;
  readonly groups?: number;
  readonly initialiser?: Initialiser;
}

/**
 * x (B,C,H,W) -> (B,channels,H',W') with new parameters `NAME.weight` (channels,C/groups,h,w) and
 * `NAME.bias`.
 */
export function conv2d(g: Builder, x: TensorId, channels: number, options: Conv2dOptions): TensorId {
  const { stride = 1, padding = 0, dilation = 1, groups = 1, initialiser = 'heUniform' } = options;
  const inputs = numberExtent(g.nodes[x].shape[1], 'the channels of conv2d');
  const kernel = pairOf(options.kernel);
  const steps = pairOf(dilation);
  const reach = kernel.map((count, i) => steps[i] * (count - 1));
  const around =
    padding === 'same'
      ? [...reach.map((count) => Math.floor(count / 2)), ...reach.map((count) => Math.ceil(count / 2))]
      : paddingOf(padding);
  const name = nextLayer(g.nodes, 'conv2d');
  const weight = g.parameter(`${name}.weight`, [channels, inputs / groups, ...kernel], initialiser);
  const bias = g.parameter(`${name}.bias`, [channels], 'zeros');
  return g.add({
    kind: 'conv2d',
    operands: [x, weight, bias],
    stride: pairOf(stride),
    padding: around,
    dilation: steps,
    groups,
  });
}

/** Kernel and window of `convTranspose2d`; extents in pixels. */
export interface ConvTranspose2dOptions extends Omit<Conv2dOptions, 'padding'> {
  readonly padding?: Padding;
  readonly outputPadding?: Pair;
}

/**
 * x (B,C,H,W) -> (B,channels,H',W') with new parameters `NAME.weight` (C,channels/groups,h,w) and
 * `NAME.bias`.
 */
export function convTranspose2d(
  g: Builder,
  x: TensorId,
  channels: number,
  options: ConvTranspose2dOptions,
): TensorId {
  const { stride = 1, padding = 0, outputPadding = 0, dilation = 1, groups = 1, initialiser } = options;
  const inputs = numberExtent(g.nodes[x].shape[1], 'the channels of convTranspose2d');
  const name = nextLayer(g.nodes, 'convTranspose2d');
  const weight = g.parameter(
    `${name}.weight`,
    [inputs, channels / groups, ...pairOf(options.kernel)],
    initialiser ?? 'heUniform',
  );
  const bias = g.parameter(`${name}.bias`, [channels], 'zeros');
  return g.add({
    kind: 'convTranspose2d',
    operands: [x, weight, bias],
    stride: pairOf(stride),
    padding: paddingOf(padding),
    dilation: pairOf(dilation),
    outputPadding: pairOf(outputPadding),
    groups,
  });
}
