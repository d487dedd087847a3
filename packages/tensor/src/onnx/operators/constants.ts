/**
 * Constants, casts, and what a static graph knows without computing: shapes and sizes. Casts follow
 * elementTypes.ts.
 */
import { constant, type Expression, integer } from '../../graph/expression.ts';
import type { TensorId } from '../../graph/graph.ts';
import { elementCount } from '../../graph/shape.ts';
import { dtypeOf, type ElementType, elementTypeOf, elementTypes } from '../elementTypes.ts';
import type { NodeReader, Operators, Value } from '../reading.ts';
import { exactConversion, exactSign, isHeldInPart } from './bounds.ts';
import {
  assertConstantSize,
  broadcastTo,
  constantValue,
  first,
  fixedShape,
  isFloat,
  since,
  tensorValue,
  unaryMap,
  wrapped,
} from './build.ts';

function typeNamed(n: NodeReader, code: number): ElementType {
  const facts = elementTypeOf(code);
  return typeof facts === 'string' ? n.refuse('a type that f32 or i32 can hold', facts) : facts.type;
}

/** Names of types as operator sets below 6 spell them: FLOAT, INT64. */
function typeSpelled(n: NodeReader, name: string): ElementType {
  const spelled = (type: ElementType) =>
    type === 'float32' ? 'FLOAT' : type === 'float64' ? 'DOUBLE' : type.toUpperCase();
  return (
    elementTypes.find((type) => spelled(type) === name) ?? n.refuse('a type that f32 or i32 can hold', name)
  );
}

/** f32 rounded to the nearest value of a half precision, ties to even; still held in f32. */
function roundedToHalf(type: 'float16' | 'bfloat16'): Expression {
  const dropped = type === 'float16' ? 13 : 16;
  const bits: Expression = ['bitcast', 'i32', first];
  const last: Expression = ['and', ['shr', bits, integer(dropped)], integer(1)];
  const half = integer(2 ** (dropped - 1) - 1);
  const kept: Expression = ['and', ['add', ['add', bits, half], last], integer(-(2 ** dropped))];
  const rounded: Expression = ['bitcast', 'f32', kept];
  const isNumber: Expression = ['eq', first, first];
  if (type === 'bfloat16') return ['select', isNumber, rounded, first];
  const magnitude: Expression = ['select', ['lt', first, constant(0)], ['neg', first], first];
  const sign: Expression = ['select', ['lt', first, constant(0)], constant(-0.5), constant(0.5)];
  // Below 2^-14 float16 has multiples of 2^-24: what adding and subtracting 1/2 rounds to. From
  // 65520 on, infinity.
  const small: Expression = ['sub', ['add', first, sign], sign];
  const infinite: Expression = ['mul', first, constant(Number.POSITIVE_INFINITY)];
  const inRange: Expression = ['select', ['lt', magnitude, constant(2 ** -14)], small, rounded];
  return ['select', isNumber, ['select', ['lt', magnitude, constant(65_520)], inRange, infinite], first];
}

/** Elements of one type as those of another. */
export function castTo(n: NodeReader, x: TensorId, from: ElementType, to: ElementType): Value {
  const result = (e?: Expression) => tensorValue(e === undefined ? x : unaryMap(n, x, e), to);
  const float = isFloat(from);
  if (from === to) return result();
  if (isHeldInPart(to)) {
    return tensorValue(
      float ? exactConversion(n, x, to) : exactSign(n, x, from === 'bool' ? 'int64' : to),
      to,
    );
  }
  if (isFloat(from) !== isFloat(to) && ['float32', 'float64', 'int32'].includes(to)) {
    return tensorValue(n.g.add({ kind: 'cast', operands: [x], to: dtypeOf(to) }), to);
  }
  if (to === 'bool') {
    const zero = n.g.constant(float ? Float32Array.of(0) : Int32Array.of(0), []);
    const isZero = n.g.add({ kind: 'equal', operands: [x, zero] });
    return tensorValue(n.g.add({ kind: 'not', operands: [isZero] }), to);
  }
  if (!isFloat(to)) {
    const e = wrapped(float ? ['convert', 'i32', first] : first, to);
    return e === first ? result() : result(e);
  }
  if (!float) return result(['convert', 'f32', first]);
  return to === 'float16' || to === 'bfloat16' ? result(roundedToHalf(to)) : result();
}

function cast(n: NodeReader, to: ElementType): Value {
  // How floats beyond the range of an 8-bit float are cast; those types are refused anyway.
  n.ignore('saturate', 'round_mode');
  const value = n.value(0);
  const from = n.type(0);
  if (value.kind === 'constant' && dtypeOf(from) === dtypeOf(to) && !/16|8|bool|uint/.test(from + to)) {
    return constantValue({ ...value.constant, type: to });
  }
  return castTo(n, n.tensor(0), from, to);
}

/** Constants, casts, and shapes as values, by name. */
export const constants: Operators = {
  Identity: since(1, (n) => n.value(0)),
  Dropout: since(1, (n) => {
    // Inference: the identity, with a mask of ones where the file uses it.
    n.ignore('seed', 'ratio');
    if (n.opset < 7 && n.node.outputs.length > 1 && !n.flag('is_test', false)) {
      n.refuse('is_test 1', '0', 'Export the model for inference.');
    }
    n.ignore('is_test');
    const drops = n.has(1) ? n.value(1) : undefined;
    const never = drops?.kind === 'constant' && drops.constant.data[0] === 0;
    if (n.has(2) && n.scalar(2) !== 0 && !never) {
      n.refuse('training_mode false', 'true', 'Export the model for inference: model.eval().');
    }
    if (n.node.outputs.length < 2) return n.value(0);
    const out = n.shape(0);
    const mask = broadcastTo(n, n.g.constant(Int32Array.of(1), []), out);
    return [n.value(0), tensorValue(mask, 'bool')];
  }),
  Constant: since(1, (n) => {
    const value = n.tensorAttribute('value');
    if (value !== undefined) return constantValue(value);
    const float = (data: readonly number[], shape: readonly number[]) =>
      constantValue({ type: 'float32', shape, data: Float32Array.from(data) });
    const int = (data: readonly number[], shape: readonly number[]) =>
      constantValue({ type: 'int64', shape, data });
    if (n.hasAttribute('value_float')) return float([n.float('value_float')], []);
    if (n.hasAttribute('value_int')) return int([n.integer('value_int')], []);
    if (n.hasAttribute('value_floats')) {
      const values = n.floatList('value_floats');
      return float(values, [values.length]);
    }
    if (n.hasAttribute('value_ints')) {
      const values = n.integerList('value_ints');
      return int(values, [values.length]);
    }
    return n.refuse('numbers', [...n.node.attributes.keys()].join(', ') || 'no value');
  }),
  ConstantOfShape: since(9, (n) => {
    const shape = n.extents(0);
    const { type, data } = n.tensorAttribute('value') ?? {
      type: 'float32' as const,
      data: Float32Array.of(0),
    };
    if (data.length !== 1) n.refuse('one number as value', `${data.length}`);
    const fixed = shape.filter((extent) => typeof extent === 'number');
    assertConstantSize(n, fixed);
    const one = constantValue({ type, shape: [], data: data.slice(0, 1) });
    if (fixed.length < shape.length) return tensorValue(broadcastTo(n, n.place(one), shape), type);
    const count = elementCount(fixed);
    const filled =
      data instanceof Float32Array
        ? new Float32Array(count).fill(data[0])
        : new Float64Array(count).fill(data[0] as number);
    return constantValue({ type, shape: fixed, data: filled });
  }),
  Range: since(11, (n) => {
    const [start, limit, delta] = [n.scalar(0), n.scalar(1), n.scalar(2)];
    const count = Math.max(0, Math.ceil((limit - start) / delta));
    assertConstantSize(n, [count]);
    const values = Array.from({ length: count }, (_, i) => start + i * delta);
    const type = n.type(0);
    const data = isFloat(type) ? Float32Array.from(values) : Float64Array.from(values);
    return constantValue({ type, shape: [count], data });
  }),
  EyeLike: since(9, (n) => {
    const [rows, columns, ...more] = fixedShape(n, n.shape(0));
    if (more.length > 0) n.refuse('a matrix', `[${n.shape(0).join(',')}]`);
    const k = n.integer('k', 0);
    const type = typeNamed(n, n.integer('dtype', isFloat(n.type(0)) ? 1 : 7));
    assertConstantSize(n, [rows, columns]);
    const values = Array.from({ length: rows * columns }, (_, i) =>
      (i % columns) - Math.floor(i / columns) === k ? 1 : 0,
    );
    const data = isFloat(type) ? Float32Array.from(values) : Float64Array.from(values);
    return constantValue({ type, shape: [rows, columns], data });
  }),
  Shape: since(1, (n) => {
    const shape = n.shape(0);
    const clamp = (position: number) =>
      Math.min(Math.max(position < 0 ? position + shape.length : position, 0), shape.length);
    const part = shape.slice(clamp(n.integer('start', 0)), clamp(n.integer('end', shape.length)));
    return constantValue({ type: 'int64', shape: [part.length], data: part });
  }),
  Size: since(1, (n) => {
    const count = elementCount(fixedShape(n, n.shape(0)));
    return constantValue({ type: 'int64', shape: [], data: [count] });
  }),
  Cast: [
    [1, (n) => cast(n, typeSpelled(n, n.text('to')))],
    [6, (n) => cast(n, typeNamed(n, n.integer('to')))],
  ],
  CastLike: since(15, (n) => cast(n, n.type(1))),
};
