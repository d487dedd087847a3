/**
 * Quantised operators: integers of 8 and 16 bits held in i32, products summed exactly; scales are
 * f32. Rounding is to the nearest, ties to even, then clamping to the range of the type.
 */
import { arg, constant, type Expression, integer } from '../../graph/expression.ts';
import type { TensorId } from '../../graph/graph.ts';
import type { Extent } from '../../graph/shape.ts';
import { type ElementType, elementTypeOf } from '../elementTypes.ts';
import type { NodeReader, Operators, Read, Value } from '../reading.ts';
import {
  axisOf,
  broadcastMap,
  first,
  fixedExtent,
  isFloat,
  permute,
  reshapeTo,
  second,
  shapeOf,
  since,
  tensorValue,
  viewOf,
} from './build.ts';
import { affine, convolveInputs, matmul } from './linear.ts';
import { reduceAxes } from './reductions.ts';

const ranges: Partial<Record<ElementType, readonly [number, number]>> = {
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32_768, 32_767],
  uint16: [0, 65_535],
};

function rangeOf(n: NodeReader, type: ElementType): readonly [number, number] {
  return ranges[type] ?? n.refuse('a quantised type of 8 or 16 bits', type);
}

/** The nearest whole number, ties to even, of what lies within +-2^22. */
const nearest = (e: Expression): Expression => [
  'sub',
  ['add', e, constant(12_582_912)],
  constant(12_582_912),
];

function clamped(e: Expression, low: Expression, high: Expression): Expression {
  const raised: Expression = ['select', ['lt', e, low], low, e];
  return ['select', ['lt', high, raised], high, raised];
}

/**
 * round(e) + zero point, within the type. Clamped before it is converted, so that nothing
 * overflows.
 */
function saturated(e: Expression, zero: Expression, [low, high]: readonly [number, number]): Expression {
  const whole: Expression = ['convert', 'i32', nearest(clamped(e, constant(-(2 ** 20)), constant(2 ** 20)))];
  return clamped(['add', whole, zero], integer(low), integer(high));
}

/**
 * A scale or zero point against x: one number, one per position of an axis, or one per block of an
 * axis.
 */
function alongAxis(n: NodeReader, x: TensorId, i: number): TensorId {
  const parameter = n.tensor(i);
  const shape = shapeOf(n, x);
  const own = shapeOf(n, parameter);
  if (own.length === 0 || (own.length === 1 && own[0] === 1)) {
    // Some writers name an axis although one number is for all.
    n.ignore('axis', 'block_size');
    return reshapeTo(n, parameter, []);
  }
  const axis = axisOf(n, n.integer('axis', 1), shape.length);
  const block = n.integer('block_size', 0);
  if (own.length === 1 && block === 0) {
    return reshapeTo(
      n,
      parameter,
      shape.map((extent, a): Extent => (a === axis ? extent : 1)),
    );
  }
  const blocks = fixedExtent(n, own[axis] ?? 1, 'blocks');
  const extent = fixedExtent(n, shape[axis], 'the axis');
  if (own.length !== shape.length || blocks * block !== extent) {
    return n.refuse(
      'a scale per tensor, per axis, or per whole block',
      `[${own.join(',')}] for [${shape.join(',')}]`,
    );
  }
  const out = [...own.slice(0, axis + 1), block, ...own.slice(axis + 1)];
  const map = affine(
    out.length,
    own.map((_, row) => ({ [row <= axis ? row : row + 1]: 1 })),
  );
  return reshapeTo(n, viewOf(n, parameter, out, map), shape);
}

function quantise(n: NodeReader): Value {
  n.ignore('saturate', 'precision');
  const x = n.tensor(0);
  if (!isFloat(n.type(0))) n.refuse('floats to quantise', n.type(0));
  const code = n.integer('output_dtype', 0);
  const named = code === 0 ? undefined : elementTypeOf(code);
  if (typeof named === 'string') return n.refuse('a quantised type of 8 or 16 bits', named);
  const type = named?.type ?? (n.has(2) ? n.type(2) : 'uint8');
  const range = rangeOf(n, type);
  const ratio: Expression = ['div', arg(0), arg(1)];
  const scale = alongAxis(n, x, 1);
  if (!n.has(2)) return tensorValue(broadcastMap(n, saturated(ratio, integer(0), range), [x, scale]), type);
  const e = saturated(ratio, arg(2), range);
  return tensorValue(broadcastMap(n, e, [x, scale, alongAxis(n, x, 2)]), type);
}

function dequantise(n: NodeReader): Value {
  const x = n.tensor(0);
  if (isFloat(n.type(0))) n.refuse('integers to dequantise', n.type(0));
  n.ignore('output_dtype');
  const scale = alongAxis(n, x, 1);
  const plain: Expression = ['mul', ['convert', 'f32', first], second];
  if (!n.has(2)) return tensorValue(broadcastMap(n, plain, [x, scale]), n.type(1));
  const e: Expression = ['mul', ['convert', 'f32', ['sub', arg(0), arg(2)]], arg(1)];
  return tensorValue(broadcastMap(n, e, [x, scale, alongAxis(n, x, 2)]), n.type(1));
}

function dynamicQuantise(n: NodeReader): readonly Value[] {
  const x = n.tensor(0);
  const axes = [...shapeOf(n, x).keys()];
  const bounds = [reduceAxes(n, 'min', x, axes), reduceAxes(n, 'max', x, axes)];
  const low: Expression = clamped(arg(0), constant(Number.NEGATIVE_INFINITY), constant(0));
  const high: Expression = clamped(arg(1), constant(0), constant(Number.POSITIVE_INFINITY));
  const scale = broadcastMap(n, ['div', ['sub', high, low], constant(255)], bounds);
  const zeroPoint = saturated(['div', ['neg', low], arg(2)], integer(0), [0, 255]);
  const zero = broadcastMap(n, zeroPoint, [...bounds, scale]);
  const y = broadcastMap(n, saturated(['div', arg(0), arg(1)], arg(2), [0, 255]), [x, scale, zero]);
  return [tensorValue(y, 'uint8'), tensorValue(scale, 'float32'), tensorValue(zero, 'uint8')];
}

/**
 * Integers less their zero point, which is one number or one per row (or column) of the matrices.
 */
function centred(n: NodeReader, i: number, zero: number, axis: number): TensorId {
  const x = n.tensor(i);
  rangeOf(n, n.type(i));
  if (!n.has(zero)) return x;
  const point = n.tensor(zero);
  const shape = shapeOf(n, x);
  const own = shapeOf(n, point);
  const single = own.length === 0 || (own.length === 1 && own[0] === 1);
  const at = axis < 0 ? axis + shape.length : axis;
  const fitted = single
    ? reshapeTo(n, point, [])
    : own.length === 1
      ? reshapeTo(
          n,
          point,
          shape.map((_, a): Extent => (a === at ? own[0] : 1)),
        )
      : point;
  return broadcastMap(n, ['sub', first, second], [x, fitted]);
}

/** round(sum * (scaleA * scaleB / scaleY)) + zeroY, saturated. */
function requantised(
  n: NodeReader,
  sum: TensorId,
  scales: readonly [number, number, number],
  zero: number,
): Value {
  const type = n.type(zero);
  const [a, b, y] = scales.map((i) => n.tensor(i));
  const factor = broadcastMap(n, ['div', ['mul', arg(0), arg(1)], arg(2)], [a, b, y]);
  const e = saturated(['mul', ['convert', 'f32', arg(0)], arg(1)], arg(2), rangeOf(n, type));
  return tensorValue(broadcastMap(n, e, [sum, factor, n.tensor(zero)], shapeOf(n, sum)), type);
}

/** A scale or zero point of one number, or of one per channel, against (B, C, spatial...). */
function perChannel(n: NodeReader, i: number, rank: number): TensorId {
  const parameter = n.tensor(i);
  const own = shapeOf(n, parameter);
  if (own.length === 0 || (own.length === 1 && own[0] === 1)) return reshapeTo(n, parameter, []);
  return reshapeTo(n, parameter, [...own, ...Array<Extent>(rank - 2).fill(1)]);
}

function quantisedConvolution(n: NodeReader): Value {
  const type = n.type(7);
  let sum = convolveInputs(n, centred(n, 0, 2, 1), centred(n, 3, 5, 0));
  const rank = shapeOf(n, sum).length;
  if (n.has(8)) sum = broadcastMap(n, ['add', first, second], [sum, perChannel(n, 8, rank)], shapeOf(n, sum));
  const scales = [n.tensor(1), perChannel(n, 4, rank), n.tensor(6)].map((scale, i) =>
    i === 1 ? scale : reshapeTo(n, scale, []),
  );
  const factor = broadcastMap(n, ['div', ['mul', arg(0), arg(1)], arg(2)], scales);
  const e = saturated(['mul', ['convert', 'f32', arg(0)], arg(1)], arg(2), rangeOf(n, type));
  const zero = reshapeTo(n, n.tensor(7), []);
  return tensorValue(broadcastMap(n, e, [sum, factor, zero], shapeOf(n, sum)), type);
}

/** The float that inputs i (integers), i + 1 (scale) and i + 2 (zero point) stand for. */
function real(n: NodeReader, i: number): TensorId {
  rangeOf(n, n.type(i));
  const scale = reshapeTo(n, n.tensor(i + 1), []);
  if (!n.has(i + 2))
    return broadcastMap(n, ['mul', ['convert', 'f32', arg(0)], arg(1)], [n.tensor(i), scale]);
  const e: Expression = ['mul', ['convert', 'f32', ['sub', arg(0), arg(2)]], arg(1)];
  return broadcastMap(n, e, [n.tensor(i), scale, reshapeTo(n, n.tensor(i + 2), [])]);
}

/** A float as integers of `type`, by inputs i (scale) and i + 1 (zero point). */
function quantisedBy(n: NodeReader, x: TensorId, i: number, type: ElementType): Value {
  const scale = reshapeTo(n, n.tensor(i), []);
  const ratio: Expression = ['div', arg(0), arg(1)];
  const range = rangeOf(n, type);
  if (!n.has(i + 1))
    return tensorValue(broadcastMap(n, saturated(ratio, integer(0), range), [x, scale]), type);
  const zero = reshapeTo(n, n.tensor(i + 1), []);
  return tensorValue(broadcastMap(n, saturated(ratio, arg(2), range), [x, scale, zero]), type);
}

/** An operator of ONNX Runtime between quantised tensors: on floats, with its ends quantised. */
const between =
  (parts: number, operation: (n: NodeReader, x: TensorId, y: TensorId) => TensorId): Read =>
  (n) => {
    const [x, y] = [real(n, 0), parts > 1 ? real(n, 3) : undefined];
    return quantisedBy(n, operation(n, x, y ?? x), 3 * parts, n.type(0));
  };

const pairOf =
  (kind: 'add' | 'mul') =>
  (n: NodeReader, x: TensorId, y: TensorId): TensorId =>
    n.g.add({ kind, operands: [x, y] });

function quantisedMean(n: NodeReader, x: TensorId): TensorId {
  if (n.flag('channels_last', false)) n.refuse('channels_last 0', '1');
  const axes = [...shapeOf(n, x).keys()].slice(2);
  return n.g.add({ kind: 'mean', operands: [x], axes, keep: true });
}

function quantisedConcat(n: NodeReader): Value {
  if (n.inputCount < 5 || n.inputCount % 3 !== 2) n.refuse('three inputs for each tensor', `${n.inputCount}`);
  const parts = Array.from({ length: (n.inputCount - 2) / 3 }, (_, i) => real(n, 2 + 3 * i));
  const axis = axisOf(n, n.integer('axis'), shapeOf(n, parts[0]).length);
  return quantisedBy(n, n.g.add({ kind: 'concat', operands: parts, axis }), 0, n.type(2));
}

/** alpha (A - a)(B - b) + C in integers, then a float, or integers by a scale for the result. */
function quantisedGemm(n: NodeReader): Value {
  const turned = (x: TensorId, name: string) => (n.flag(name, false) ? permute(n, x, [1, 0]) : x);
  const [a, b] = [turned(centred(n, 0, 2, -2), 'transA'), turned(centred(n, 3, 5, -1), 'transB')];
  const product = matmul(n, a, b);
  const sum = n.has(6) ? broadcastMap(n, ['add', first, second], [product, n.tensor(6)]) : product;
  const alpha = constant(n.float('alpha', 1));
  const scales = [reshapeTo(n, n.tensor(1), []), n.tensor(4)];
  const factor = broadcastMap(n, ['mul', ['mul', alpha, arg(0)], arg(1)], scales);
  const float = broadcastMap(n, ['mul', ['convert', 'f32', arg(0)], arg(1)], [sum, factor]);
  return n.has(7) ? quantisedBy(n, float, 7, n.has(8) ? n.type(8) : 'uint8') : tensorValue(float, 'float32');
}

/** Quantised operators of ONNX Runtime, which its own quantiser writes, by name. */
export const quantisedByRuntime: Operators = {
  'com.microsoft.QuantizeLinear': since(1, quantise),
  'com.microsoft.DequantizeLinear': since(1, dequantise),
  'com.microsoft.QLinearAdd': since(1, between(2, pairOf('add'))),
  'com.microsoft.QLinearMul': since(1, between(2, pairOf('mul'))),
  'com.microsoft.QLinearSigmoid': since(
    1,
    between(1, (n, x) => n.g.add({ kind: 'sigmoid', operands: [x] })),
  ),
  'com.microsoft.QLinearLeakyRelu': since(
    1,
    between(1, (n, x) =>
      n.g.add({ kind: 'leakyRelu', operands: [x], slope: n.float('alpha', Math.fround(0.01)) }),
    ),
  ),
  'com.microsoft.QLinearGlobalAveragePool': since(1, between(1, quantisedMean)),
  'com.microsoft.QLinearConcat': since(1, quantisedConcat),
  'com.microsoft.QGemm': since(1, quantisedGemm),
};

/** Quantised operators, by name. */
export const quantised: Operators = {
  QLinearConv: since(10, quantisedConvolution),
  QuantizeLinear: since(10, quantise),
  DequantizeLinear: since(10, dequantise),
  DynamicQuantizeLinear: since(11, dynamicQuantise),
  MatMulInteger: since(10, (n) =>
    tensorValue(matmul(n, centred(n, 0, 2, -2), centred(n, 1, 3, -1)), 'int32'),
  ),
  ConvInteger: since(10, (n) =>
    tensorValue(convolveInputs(n, centred(n, 0, 2, 1), centred(n, 1, 3, 0)), 'int32'),
  ),
  QLinearMatMul: since(10, (n) => {
    const sum = matmul(n, centred(n, 0, 2, -2), centred(n, 3, 5, -1));
    return requantised(n, sum, [1, 4, 6], 7);
  }),
};
