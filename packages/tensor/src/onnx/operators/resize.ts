/**
 * Resize, axis by axis: every output position reads the input at a place between positions, and
 * weighs its neighbours. Places and weights follow from shapes alone, so they are constants: an
 * axis is a gather (nearest) or a product with a matrix. After the definition of Resize in ONNX
 * (operator sets 11 to 19).
 */
import type { TensorId } from '../../graph/graph.ts';
import type { NodeReader, Operators, Value } from '../reading.ts';
import { assertConstantSize, axisOf, fixedShape, floatType, shapeOf, tensorValue } from './build.ts';
import { gatherPositions } from './gathers.ts';
import { affine } from './linear.ts';

interface Axis {
  readonly from: number;
  readonly to: number;
  readonly scale: number;
  /** Part of the axis that tf_crop_and_resize shows, in fractions. */
  readonly start: number;
  readonly end: number;
}

/** Where output position i lies between the input's positions. */
const coordinates: Readonly<Record<string, (i: number, axis: Axis) => number>> = {
  half_pixel: (i, { scale }) => (i + 0.5) / scale - 0.5,
  half_pixel_symmetric(i, { scale, from, to }) {
    const offset = (from / 2) * (1 - to / (scale * from));
    return offset + (i + 0.5) / scale - 0.5;
  },
  pytorch_half_pixel: (i, { scale, to }) => (to > 1 ? (i + 0.5) / scale - 0.5 : 0),
  // By the scaled extent before it is rounded down, as the published cases have it.
  align_corners: (i, { from, to, scale }) => (to > 1 ? (i * (from - 1)) / (scale * from - 1) : 0),
  asymmetric: (i, { scale }) => i / scale,
  tf_crop_and_resize(i, { from, to, start, end }) {
    if (to === 1) return 0.5 * (start + end) * (from - 1);
    return start * (from - 1) + (i * (end - start) * (from - 1)) / (to - 1);
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

/** (to, from) row-major: what each output position takes of each input position. */
function weightMatrix(n: NodeReader, axis: Axis, placeOf: (i: number, axis: Axis) => number, mode: string) {
  const a = n.float('cubic_coeff_a', -0.75);
  const stretch = n.flag('antialias', false) ? Math.min(axis.scale, 1) : 1;
  const excludes = n.flag('exclude_outside', false);
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

/** Extents and scales of the resized axes, from scales or sizes. */
function resizedAxes(n: NodeReader, shape: readonly number[]): ReadonlyMap<number, Axis> {
  const axes = n.integerList('axes', [...shape.keys()]).map((axis) => axisOf(n, axis, shape.length));
  const roi = n.text('coordinate_transformation_mode', 'half_pixel') === 'tf_crop_and_resize';
  const part = roi ? [...n.constant(1).data].map(Number) : axes.flatMap(() => [0, 1]);
  if (!roi && n.has(1)) n.value(1);
  const scaled = n.has(2) && n.constant(2).data.length > 0;
  const given = [...n.constant(scaled ? 2 : 3).data].map(Number);
  if (given.length !== axes.length) n.refuse(`a scale or size for ${axes.length} axes`, `${given.length}`);
  const policy = n.text('keep_aspect_ratio_policy', 'stretch');
  let scales = scaled ? given : given.map((size, i) => size / shape[axes[i]]);
  let sizes = scaled ? given.map((scale, i) => Math.floor(shape[axes[i]] * scale)) : given;
  if (!scaled && policy !== 'stretch') {
    const common = policy === 'not_larger' ? Math.min(...scales) : Math.max(...scales);
    scales = scales.map(() => common);
    sizes = axes.map((axis) => Math.floor(common * shape[axis] + 0.5));
  }
  if (sizes.some((size) => !(size >= 1 && size < 2 ** 24)))
    n.refuse('extents of 1 to 2^24', sizes.join(', '));
  return new Map(
    axes.map((axis, i) => [
      axis,
      {
        from: shape[axis],
        to: sizes[i],
        scale: scales[i],
        start: roi ? part[i] : 0,
        end: roi ? part[axes.length + i] : 1,
      },
    ]),
  );
}

function resize(n: NodeReader): Value {
  const mode = n.text('mode', 'nearest');
  const transform = n.text('coordinate_transformation_mode', 'half_pixel');
  const placeOf = coordinates[transform] ?? n.refuse('a known coordinate_transformation_mode', transform);
  const rounding = n.text('nearest_mode', 'round_prefer_floor');
  const round = roundings[rounding] ?? n.refuse('a known nearest_mode', rounding);
  if (mode !== 'nearest' && mode !== 'linear' && mode !== 'cubic')
    n.refuse('mode nearest, linear or cubic', mode);
  n.ignore('extrapolation_value', 'cubic_coeff_a', 'antialias', 'exclude_outside');
  let x = n.tensor(0);
  for (const [number, axis] of resizedAxes(n, fixedShape(n, shapeOf(n, x)))) {
    assertConstantSize(n, [axis.to]);
    const places = Array.from({ length: axis.to }, (_, i) => placeOf(i, axis));
    if (transform === 'tf_crop_and_resize' && places.some((place) => place < 0 || place > axis.from - 1)) {
      n.refuse('a crop inside the image', `positions beyond axis ${number}`);
    }
    if (places.every((place, i) => place === i) && axis.to === axis.from) continue;
    if (mode === 'nearest') {
      const positions = places.map((place) => Math.min(Math.max(round(place), 0), axis.from - 1));
      x = gatherPositions(n, x, positions, number);
    } else {
      floatType(n, 0);
      assertConstantSize(n, [axis.to, axis.from]);
      x = weighAxis(n, x, number, weightMatrix(n, axis, placeOf, mode), axis);
    }
  }
  return tensorValue(x, n.type(0));
}

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

/** Resize. */
export const resizing: Operators = { Resize: [[11, resize]] };
