/**
 * Resize, axis by axis: every output position reads the input at a place between positions, and
 * weighs its neighbours. Places and weights follow from shapes alone, so they are constants: an
 * axis is a gather (nearest) or a product with a matrix. After the definition of Resize in ONNX
 * (operator sets 10 to 19).
 */
import type { TensorId } from '../../graph/graph.ts';
import type { Shape } from '../../graph/shape.ts';
import type { NodeReader, Operators, Read, Value } from '../reading.ts';
import { assertConstantSize, axisOf, fixedExtent, floatType, shapeOf, tensorValue } from './build.ts';
import { gatherPositions } from './gathers.ts';
import { affine } from './linear.ts';

interface Axis {
  readonly from: number;
  readonly to: number;
  /** An f32, as ONNX has it. */
  readonly scale: number;
  /** Part of the axis that tf_crop_and_resize shows, in fractions. */
  readonly start: number;
  readonly end: number;
}

const f = Math.fround;
const halfPixel = (i: number, { scale }: Axis) => f(f(f(i + 0.5) / scale) - 0.5);

/**
 * Where output position i lies between the input's positions. Each step is rounded to f32, as ONNX
 * Runtime and PyTorch compute it: 3 / 0.6 is 5 there, which no other precision gives.
 */
const coordinates: Readonly<Record<string, (i: number, axis: Axis) => number>> = {
  half_pixel: halfPixel,
  half_pixel_symmetric(i, axis) {
    const { from, to, scale } = axis;
    const offset = f(f(from / 2) * f(1 - f(to / f(scale * from))));
    return f(f(offset + f(f(i + 0.5) / scale)) - 0.5);
  },
  pytorch_half_pixel: (i, axis) => (axis.to > 1 ? halfPixel(i, axis) : 0),
  // By the extents as they are. ONNX's published cases take the scaled extent before it is rounded
  // down; ONNX Runtime and PyTorch do not.
  align_corners: (i, { from, to }) => (to > 1 ? f(f(i * (from - 1)) / (to - 1)) : 0),
  asymmetric: (i, { scale }) => f(i / scale),
  tf_half_pixel_for_nn: (i, { scale }) => f(f(i + 0.5) / scale),
  tf_crop_and_resize(i, { from, to, start, end }) {
    if (to === 1) return f(0.5 * f(f(start + end) * (from - 1)));
    return f(f(start * (from - 1)) + f(f(f(i * f(end - start)) * (from - 1)) / (to - 1)));
  },
};

const roundings: Readonly<Record<string, (place: number) => number>> = {
  round_prefer_floor: (place) => Math.ceil(place - 0.5),
  round_prefer_ceil: (place) => Math.floor(place + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

/** Keys' cubic kernel with parameter a. */
function cubic(distance: number, a: number): number {
  const d = Math.abs(distance);
  if (d >= 2) return 0;
  return d <= 1 ? ((a + 2) * d - (a + 3)) * d * d + 1 : ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
}

/**
 * Weights of the input positions for one place; a shrinking axis widens the kernel against
 * aliasing, if asked.
 */
function neighbours(place: number, reach: number, stretch: number, kernel: (distance: number) => number) {
  const base = Math.floor(place);
  const first = Math.floor(-reach / stretch) + 1;
  const weights = Array.from({ length: 2 - 2 * first }, (_, i) => {
    const position = base + first + i;
    return [position, kernel((position - place) * stretch)] as const;
  });
  return weights.filter(([, weight]) => weight !== 0);
}

/** How values between positions are found. */
interface Interpolation {
  readonly mode: string;
  readonly placeOf: (i: number, axis: Axis) => number;
  readonly round: (place: number, axis: Axis) => number;
  /** The parameter of the cubic kernel. */
  readonly a: number;
  readonly antialias: boolean;
  readonly excludes: boolean;
  /** Whether places outside the axis are refused. */
  readonly crops: boolean;
}

/** (to, from) row-major: what each output position takes of each input position. */
function weightMatrix(axis: Axis, { placeOf, mode, a, antialias, excludes }: Interpolation) {
  const stretch = antialias ? Math.min(axis.scale, 1) : 1;
  const kernel = mode === 'linear' ? (d: number) => Math.max(0, 1 - Math.abs(d)) : (d: number) => cubic(d, a);
  const matrix = new Float32Array(axis.to * axis.from);
  for (let i = 0; i < axis.to; i++) {
    const place = placeOf(i, axis);
    const found = neighbours(place, mode === 'linear' ? 1 : 2, stretch, kernel);
    const inside = found.filter(([at]) => !excludes || (at >= 0 && at < axis.from));
    const total = excludes || stretch < 1 ? inside.reduce((sum, [, weight]) => sum + weight, 0) : 1;
    for (const [at, weight] of inside) {
      const column = Math.min(Math.max(at, 0), axis.from - 1);
      matrix[i * axis.from + column] += weight / total;
    }
  }
  return matrix;
}

/** Extents and scales of the axes that change, from scales or sizes. */
function resizedAxes(n: NodeReader, shape: Shape): ReadonlyMap<number, Axis> {
  const axes = n.integerList('axes', [...shape.keys()]).map((axis) => axisOf(n, axis, shape.length));
  const roi = n.text('coordinate_transformation_mode', 'half_pixel') === 'tf_crop_and_resize';
  const part = roi ? [...n.constant(1).data].map(Number) : [...axes.map(() => 0), ...axes.map(() => 1)];
  if (!roi && n.has(1)) n.value(1);
  const policy = n.text('keep_aspect_ratio_policy', 'stretch');
  if (n.has(2) && n.constant(2).data.length > 0) {
    return scaledAxes(n, shape, axes, [...n.constant(2).data].map(Number), part);
  }
  const sizes = n.extents(3);
  if (sizes.length !== axes.length) n.refuse(`a size for ${axes.length} axes`, `${sizes.length}`);
  const changing = axes.flatMap((axis, i) => {
    if (sizes[i] === shape[axis] && policy === 'stretch' && !roi) return [];
    const from = fixedExtent(n, shape[axis], `the extent of axis ${axis}`);
    const to = fixedExtent(n, sizes[i], `the size of axis ${axis}`);
    return [{ axis, i, from, to, scale: f(to / from) }];
  });
  const scales = changing.map(({ scale }) => scale);
  const common = policy === 'not_larger' ? Math.min(...scales) : Math.max(...scales);
  return new Map(
    changing.map(({ axis, i, from, to, scale }) => {
      const own =
        policy === 'stretch' ? { to, scale } : { to: Math.floor(f(common * from) + 0.5), scale: common };
      return [axis, { from, ...own, start: part[i], end: part[axes.length + i] }];
    }),
  );
}

function scaledAxes(
  n: NodeReader,
  shape: Shape,
  axes: readonly number[],
  scales: readonly number[],
  part: readonly number[],
): ReadonlyMap<number, Axis> {
  if (scales.length !== axes.length) n.refuse(`a scale for ${axes.length} axes`, `${scales.length}`);
  const whole = (i: number) => part[i] === 0 && part[axes.length + i] === 1;
  return new Map(
    axes.flatMap((axis, i) => {
      const scale = f(scales[i]);
      if (scale === 1 && whole(i)) return [];
      const from = fixedExtent(n, shape[axis], `the extent of axis ${axis}`);
      const to = Math.floor(f(from * scale));
      return [[axis, { from, to, scale, start: part[i], end: part[axes.length + i] }]];
    }),
  );
}

/** The attributes of Resize from operator set 11 on. */
function interpolationOf(n: NodeReader): Interpolation {
  const mode = n.text('mode', 'nearest');
  const transform = n.text('coordinate_transformation_mode', 'half_pixel');
  const placeOf = coordinates[transform] ?? n.refuse('a known coordinate_transformation_mode', transform);
  const rounding = n.text('nearest_mode', 'round_prefer_floor');
  const round = roundings[rounding] ?? n.refuse('a known nearest_mode', rounding);
  if (mode !== 'nearest' && mode !== 'linear' && mode !== 'cubic')
    n.refuse('mode nearest, linear or cubic', mode);
  n.ignore('extrapolation_value');
  return {
    mode,
    placeOf,
    round,
    a: n.float('cubic_coeff_a', -0.75),
    antialias: n.flag('antialias', false),
    excludes: n.flag('exclude_outside', false),
    crops: transform === 'tf_crop_and_resize',
  };
}

/** Each axis in turn, from the first on. */
function resizeAxes(n: NodeReader, axes: ReadonlyMap<number, Axis>, interpolation: Interpolation): Value {
  const { mode, placeOf, round, crops } = interpolation;
  let x = n.tensor(0);
  for (const [number, axis] of axes) {
    if (!(axis.to >= 1 && axis.to < 2 ** 24)) n.refuse('extents of 1 to 2^24', `${axis.to}`);
    assertConstantSize(n, [axis.to]);
    const places = Array.from({ length: axis.to }, (_, i) => placeOf(i, axis));
    if (crops && places.some((place) => place < 0 || place > axis.from - 1)) {
      n.refuse('a crop inside the image', `positions beyond axis ${number}`);
    }
    if (places.every((place, i) => place === i) && axis.to === axis.from) continue;
    if (mode === 'nearest') {
      const positions = places.map((place) => Math.min(Math.max(round(place, axis), 0), axis.from - 1));
      x = gatherPositions(n, x, positions, number);
    } else {
      floatType(n, 0);
      assertConstantSize(n, [axis.to, axis.from]);
      x = weighAxis(n, x, number, weightMatrix(axis, interpolation), axis);
    }
  }
  return tensorValue(x, n.type(0));
}

function resize(n: NodeReader): Value {
  const interpolation = interpolationOf(n);
  return resizeAxes(n, resizedAxes(n, shapeOf(n, n.tensor(0))), interpolation);
}

/**
 * Upsample, and Resize of operator set 10: positions divided by the scale; the nearest is the one
 * below, or above where an axis shrinks.
 */
const upsample =
  (scalesOf: (n: NodeReader) => readonly number[]): Read =>
  (n) => {
    const mode = n.text('mode', 'nearest');
    if (!['nearest', 'linear', 'bilinear'].includes(mode)) n.refuse('mode nearest or linear', mode);
    const shape = shapeOf(n, n.tensor(0));
    const axes = [...shape.keys()];
    const part = [...axes.map(() => 0), ...axes.map(() => 1)];
    return resizeAxes(n, scaledAxes(n, shape, axes, scalesOf(n), part), {
      mode: mode === 'nearest' ? mode : 'linear',
      placeOf: coordinates.asymmetric,
      round: (place, { scale }) => (scale < 1 ? Math.ceil(place) : Math.floor(place)),
      a: 0,
      antialias: false,
      excludes: false,
      crops: false,
    });
  };

const scalesOfInput = (n: NodeReader) => [...n.constant(1).data].map(Number);

/** Replaces an axis by weighted sums over it. */
function weighAxis(
  n: NodeReader,
  x: TensorId,
  axis: number,
  matrix: Float32Array,
  { from, to }: Axis,
): TensorId {
  const shape = shapeOf(n, x);
  const k = shape.length;
  const weights = n.g.constant(matrix, [to, from]);
  const maps = [
    affine(
      k + 1,
      shape.map((_, row) => ({ [row === axis ? k : row]: 1 })),
    ),
    affine(k + 1, [{ [axis]: 1 }, { [k]: 1 }]),
  ];
  return n.g.add(
    { kind: 'contract', operands: [x, weights], out: shape.with(axis, to), k: [from], maps },
    n.node.operator,
  );
}

/** Resize, and what came before it. */
export const resizing: Operators = {
  Resize: [
    [10, upsample(scalesOfInput)],
    [11, resize],
  ],
  Upsample: [
    [1, upsample((n) => [1, 1, n.float('height_scale'), n.float('width_scale')])],
    [7, upsample((n) => n.floatList('scales'))],
    [9, upsample(scalesOfInput)],
  ],
};
