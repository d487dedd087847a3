/**
 * Operators on several tensors, element by element, with NumPy's broadcasting. Integers of 8 and 16
 * bits wrap at their width; i32 division is exact.
 */
import { arg, constant, type Expression, integer } from '../../graph/expression.ts';
import type { TensorId } from '../../graph/graph.ts';
import { type Extent, equalShapes, type Shape } from '../../graph/shape.ts';
import type { ElementType } from '../elementTypes.ts';
import type { NodeReader, Operators, Read, Value } from '../reading.ts';
import { beyond, beyond32, exactMap, isHeldInPart } from './bounds.ts';
import {
  broadcastMap,
  broadcastShape,
  first,
  floatType,
  isFloat,
  not,
  reshapeTo,
  second,
  shapeOf,
  since,
  tensorValue,
  wrapped,
} from './build.ts';
import { castTo } from './constants.ts';

const add = (a: Expression, b: Expression): Expression => ['add', a, b];
const sub = (a: Expression, b: Expression): Expression => ['sub', a, b];
const mul = (a: Expression, b: Expression): Expression => ['mul', a, b];
const div = (a: Expression, b: Expression): Expression => ['div', a, b];
const lt = (a: Expression, b: Expression): Expression => ['lt', a, b];
const choose = (c: Expression, a: Expression, b: Expression): Expression => ['select', c, a, b];

function sameType(n: NodeReader): ElementType {
  const [a, b] = [n.type(0), n.type(1)];
  return a === b ? a : n.refuse('two tensors of one type', `${a} and ${b}`);
}

type ComparisonKind = 'equal' | 'less' | 'greater' | 'lessOrEqual' | 'greaterOrEqual';
type PairKind = 'add' | 'sub' | 'mul' | 'div' | 'maximum' | 'minimum' | 'and' | 'or' | 'xor' | ComparisonKind;

function pair(n: NodeReader, kind: PairKind, a: TensorId, b: TensorId): TensorId {
  // Refuses shapes that do not broadcast by the node's own name.
  broadcastShape(n, [shapeOf(n, a), shapeOf(n, b)]);
  return n.g.add({ kind, operands: [a, b] });
}

/**
 * The operands of an operator below operator set 7: with `broadcast` the second lies along the axes
 * of the first from `axis` on, or along its last ones.
 */
function legacyOperands(n: NodeReader): readonly [TensorId, TensorId] {
  const [a, b] = [n.tensor(0), n.tensor(1)];
  const [shape, own] = [shapeOf(n, a), shapeOf(n, b)];
  if (n.opset >= 7) return [a, b];
  if (!n.flag('broadcast', false)) {
    n.ignore('axis');
    return equalShapes(shape, own)
      ? [a, b]
      : n.refuse('equal shapes, or broadcast 1', `[${shape}] and [${own}]`);
  }
  const from = n.integer('axis', -1);
  const axis = from < 0 ? shape.length - own.length : from;
  const after = shape.length - axis - own.length;
  if (after < 0) n.refuse(`at most ${shape.length} axes from axis ${axis} on`, `[${own}]`);
  return [a, reshapeTo(n, b, [...own, ...Array<Extent>(after).fill(1)])];
}

const arithmetic =
  (kind: 'add' | 'sub' | 'mul'): Read =>
  (n) => {
    const type = sameType(n);
    const [a, b] = legacyOperands(n);
    if (isHeldInPart(type)) {
      return tensorValue(exactMap(n, [kind, first, second], beyond32[kind], [a, b], type), type);
    }
    const e: Expression = wrapped([kind, first, second], type);
    return tensorValue(e[0] === kind ? pair(n, kind, a, b) : broadcastMap(n, e, [a, b]), type);
  };

const comparison =
  (kind: ComparisonKind): Read =>
  (n) => {
    sameType(n);
    return tensorValue(pair(n, kind, ...legacyOperands(n)), 'bool');
  };

const bitwise =
  (kind: 'and' | 'or' | 'xor'): Read =>
  (n) => {
    const type = sameType(n);
    if (isFloat(type)) n.refuse('integers', type);
    return tensorValue(pair(n, kind, ...legacyOperands(n)), type);
  };

/** Any number of tensors, folded from the left. */
function folded(n: NodeReader, kind: PairKind): TensorId {
  const start = n.tensor(0);
  const rest = n
    .values()
    .slice(1)
    .map((value) => n.place(value));
  return rest.reduce((result, tensor) => pair(n, kind, result, tensor), start);
}

const variadic =
  (kind: PairKind): Read =>
  (n) =>
    tensorValue(folded(n, kind), n.type(0));

/** Sums, which ONNX has of floats only. */
const summed: Read = (n) => tensorValue(folded(n, 'add'), floatType(n, ...n.given().keys()));

/** x W + b, where x W has just been read as a product with a weight: the layer that it is. */
function denseOf(n: NodeReader): Value | undefined {
  const operands = [n.tensor(0), n.tensor(1)];
  const product = operands.find((operand) => n.g.nodes[operand].kind === 'matmul');
  if (product === undefined) return undefined;
  const bias = operands[operands.indexOf(product) === 0 ? 1 : 0];
  const [x, weight] = (n.g.nodes[product] as { readonly operands: readonly TensorId[] }).operands;
  const isWeight = n.g.nodes[weight].kind === 'parameter' && shapeOf(n, weight).length === 2;
  const isBias =
    n.g.nodes[bias].kind === 'parameter' && equalShapes(shapeOf(n, bias), shapeOf(n, weight).slice(1));
  if (!isWeight || !isBias) return undefined;
  return tensorValue(n.g.add({ kind: 'dense', operands: [x, weight, bias] }), n.type(0));
}

/** (x - mean) / deviation by constants, as models that standardise their inputs have it. */
function standardised(n: NodeReader): Value | undefined {
  const divisor = n.value(1);
  const difference = n.g.nodes[n.tensor(0)];
  const fixed = divisor.kind === 'constant' && divisor.constant.name === undefined;
  if (!fixed || difference.kind !== 'sub') return undefined;
  const [x, mean] = difference.operands;
  const { shape } = n.g.nodes[x];
  const fits = (own: Shape) =>
    own.length === 0 || (own.length === shape.length - 1 && equalShapes(own, shape.slice(1)));
  if (n.g.nodes[mean].kind !== 'constant' || !fits(n.g.nodes[mean].shape) || !fits(divisor.constant.shape)) {
    return undefined;
  }
  return tensorValue(n.g.add({ kind: 'standardise', operands: [x, mean, n.tensor(1)] }), n.type(0));
}

/**
 * a / b towards zero for i32: the f32 quotient is at most a few units off, relative to 2^24; three
 * times dividing what remains brings it to the quotient or one beside it, which a last comparison
 * settles.
 */
function integerQuotient(n: NodeReader): TensorId {
  const [a, b] = legacyOperands(n);
  const toFloat = (e: Expression): Expression => ['convert', 'f32', e];
  const part: Expression = ['convert', 'i32', div(toFloat(first), toFloat(second))];
  let quotient = broadcastMap(n, part, [a, b]);
  const remainder = () => broadcastMap(n, sub(first, mul(second, arg(2))), [a, b, quotient]);
  for (let i = 0; i < 2; i++) {
    const more = broadcastMap(n, part, [remainder(), b]);
    quotient = broadcastMap(n, add(first, second), [quotient, more]);
  }
  // The remainder must have the sign of a, or be 0, and be smaller than b.
  const r = remainder();
  const zero = integer(0);
  const negative = (e: Expression): Expression => lt(e, zero);
  const magnitude = (e: Expression): Expression => choose(negative(e), ['neg', e], e);
  const [ra, rb, rr, rq] = [arg(0), arg(1), arg(2), arg(3)];
  const away = choose(['xor', negative(ra), negative(rb)], integer(-1), integer(1));
  const wrongSign: Expression = ['and', ['xor', negative(ra), negative(rr)], not(['eq', rr, zero])];
  const tooLarge = not(lt(magnitude(rr), magnitude(rb)));
  const settled = choose(wrongSign, sub(rq, away), choose(tooLarge, add(rq, away), rq));
  return broadcastMap(n, settled, [a, b, r, quotient]);
}

/** a - b * q, with q rounded towards zero (fmod) or down. */
function integerRemainder(n: NodeReader, floored: boolean): TensorId {
  const quotient = integerQuotient(n);
  const [a, b] = [n.tensor(0), n.tensor(1)];
  const r = sub(first, mul(second, arg(2)));
  const zero = integer(0);
  const shifted = choose(
    ['and', not(['eq', arg(0), zero]), ['xor', lt(arg(0), zero), lt(arg(1), zero)]],
    add(arg(0), arg(1)),
    arg(0),
  );
  const remainder = broadcastMap(n, r, [a, b, quotient]);
  return floored ? broadcastMap(n, shifted, [remainder, b]) : remainder;
}

/** x to a whole power from 1 on, by repeated squaring. */
function wholePower(e: number): Expression {
  if (e === 1) return first;
  const half = wholePower(e >> 1);
  return e % 2 === 0 ? mul(half, half) : mul(mul(half, half), first);
}

const largestWhole = 64;
const infinity = constant(Number.POSITIVE_INFINITY);

/** Whether an f32 is a whole number: from 2^23 on all are. */
const isWhole = (e: Expression): Expression => [
  'or',
  ['eq', e, ['convert', 'f32', ['convert', 'i32', e]]],
  not(lt(magnitudeOf(e), constant(2 ** 23))),
];
const isOdd = (e: Expression): Expression => {
  const half = mul(e, constant(0.5));
  const whole = ['convert', 'f32', ['convert', 'i32', half]] as const;
  return ['and', lt(magnitudeOf(e), constant(2 ** 24)), not(['eq', half, whole])];
};
function magnitudeOf(e: Expression): Expression {
  return choose(lt(e, constant(0)), ['neg', e], e);
}

/**
 * x to the power y by exp(y log |x|), as C's pow has it at its edges: a negative x to a whole power
 * keeps or loses its sign, to another power it is NaN; 1 to any power and any x to the power 0 are
 * 1.
 */
function generalPower(x: Expression, y: Expression): Expression {
  const size: Expression = ['call', 'exp', mul(y, ['call', 'log', magnitudeOf(x)])];
  const signed = choose(isOdd(y), ['neg', size], size);
  const nan = div(constant(0), constant(0));
  const edge: Expression = ['or', ['eq', x, ['neg', infinity]], ['eq', x, constant(0)]];
  const negative = choose(isWhole(y), signed, choose(edge, size, nan));
  const one: Expression = ['or', ['eq', y, constant(0)], ['eq', x, constant(1)]];
  // -0 is negative too.
  const isNegative: Expression = ['or', lt(x, constant(0)), lt(div(constant(1), x), constant(0))];
  return choose(one, constant(1), choose(isNegative, negative, size));
}

/** x to a constant power: halves by square roots, whole ones by multiplications, as far as 64. */
function power(exponent: number): Expression {
  if (exponent === 0.5) return ['sqrt', first];
  if (exponent === 0) return constant(1);
  const whole = Number.isInteger(exponent) && Math.abs(exponent) <= largestWhole;
  if (!whole && exponent !== -0.5) return generalPower(first, constant(exponent));
  return exponent < 0 ? div(constant(1), power(-exponent)) : wholePower(exponent);
}

/** Powers of integers: the exponents are constants of the file, a few different ones at most. */
function integerPower(n: NodeReader, x: TensorId, type: ElementType): Value {
  const { data, type: exponentType } = n.constant(1);
  const exponents = [...new Set(Array.from(data, Number))];
  if (exponents.length > 8) n.refuse('at most 8 different exponents', `${exponents.length}`);
  if (exponents.some((exponent) => !Number.isInteger(exponent) || exponent < 0 || exponent > largestWhole)) {
    n.refuse(`whole exponents of 0 to ${largestWhole} for integers`, `${exponents.join(', ')}`);
  }
  const out = broadcastShape(n, [n.shape(0), n.shape(1)]);
  const of = (e: number): Expression => (e === 0 ? integer(1) : wholePower(e));
  const chosen = (pick: (e: number) => Expression) =>
    exponents.slice(1).reduce<Expression>((rest, candidate) => {
      const bits = isFloat(exponentType) ? constant(candidate) : integer(candidate);
      return choose(['eq', second, bits], pick(candidate), rest);
    }, pick(exponents[0]));
  const operands = exponents.length === 1 ? [x] : [x, n.tensor(1)];
  if (!isHeldInPart(type))
    return tensorValue(broadcastMap(n, wrapped(chosen(of), type), operands, out), type);
  const bound = (e: number) => Math.floor((2 ** 31 - 1) ** (1 / e));
  const overflows = exponents
    .filter((e) => e > 1)
    .map((e): Expression => {
      const large = beyond(first, bound(e));
      const bits = isFloat(exponentType) ? constant(e) : integer(e);
      return exponents.length === 1 ? large : ['and', ['eq', second, bits], large];
    })
    .reduce<Expression>((a, b) => ['or', a, b], lt(integer(0), integer(0)));
  return tensorValue(exactMap(n, chosen(of), overflows, operands, type, out), type);
}

function pow(n: NodeReader): Value {
  const type = n.type(0);
  const [x, y] = [n.tensor(0), n.value(1)];
  if (!isFloat(type)) return integerPower(n, x, type);
  const floatExponent = isFloat(n.type(1)) ? undefined : castTo(n, n.tensor(1), n.type(1), 'float32');
  const same =
    y.kind === 'constant' && y.constant.data.length === 1 && n.shape(1).length <= n.shape(0).length;
  if (!same) {
    const operands = [x, floatExponent === undefined ? n.tensor(1) : n.place(floatExponent)];
    const expression = generalPower(first, second);
    return tensorValue(broadcastMap(n, expression, operands), type);
  }
  const exponent = Number(y.constant.data[0]);
  if (exponent === 0.5) return tensorValue(n.g.add({ kind: 'sqrt', operands: [x] }), type);
  if (Number.isInteger(exponent) && Math.abs(exponent) <= 8) {
    return tensorValue(n.g.add({ kind: 'power', operands: [x], exponent }), type);
  }
  return tensorValue(broadcastMap(n, power(exponent), [x]), type);
}

/**
 * x - y trunc(x / y), the remainder with the sign of x, exactly as far as quotients of 2^115: what a
 * quotient leaves is exact in two parts (Dekker 1971), and six times taking a quotient of 24 bits
 * brings it below y. Beyond that it is NaN.
 */
function floatRemainder(n: NodeReader): TensorId {
  const [x, y] = legacyOperands(n);
  const split = (e: Expression): readonly [Expression, Expression] => {
    const wide = mul(constant(4097), e);
    const high = sub(wide, sub(wide, e));
    return [high, sub(e, high)];
  };
  const whole = (e: Expression) =>
    choose(lt(magnitudeOf(e), constant(2 ** 23)), ['convert', 'f32', ['convert', 'i32', e]], e);
  let rest = broadcastMap(n, choose(['eq', second, second], first, second), [x, y]);
  for (let round = 0; round < 6; round++) {
    const quotient = broadcastMap(n, whole(div(first, second)), [rest, y]);
    const product = mul(first, second);
    const [[ah, al], [bh, bl]] = [split(first), split(second)];
    const error = sub(mul(al, bl), sub(sub(sub(product, mul(ah, bh)), mul(al, bh)), mul(ah, bl)));
    const low = broadcastMap(n, error, [quotient, y]);
    const less = sub(sub(arg(2), mul(first, second)), arg(3));
    rest = broadcastMap(n, less, [quotient, y, rest, low]);
  }
  const size = magnitudeOf(second);
  const above = choose(lt(first, constant(0)), add(first, size), first);
  const below = choose(lt(constant(0), first), sub(first, size), first);
  const settled = choose(lt(arg(2), constant(0)), below, above);
  const known = choose(lt(magnitudeOf(arg(3)), size), arg(3), div(constant(0), constant(0)));
  const found = broadcastMap(n, settled, [rest, y, x]);
  const isEndless: Expression = ['and', ['eq', size, infinity], lt(magnitudeOf(first), infinity)];
  const signed = choose(['eq', known, constant(0)], mul(first, constant(0)), known);
  return broadcastMap(n, choose(isEndless, first, signed), [x, y, x, found]);
}

/** Operators on several tensors, element by element, by name. */
export const arithmeticOperators: Operators = {
  Add: since(1, (n) => (n.opset < 7 ? undefined : denseOf(n)) ?? arithmetic('add')(n)),
  Sub: since(1, arithmetic('sub')),
  Mul: since(1, arithmetic('mul')),
  Div: since(1, (n) => {
    const type = sameType(n);
    if (isFloat(type)) {
      return standardised(n) ?? tensorValue(pair(n, 'div', ...legacyOperands(n)), type);
    }
    return tensorValue(integerQuotient(n), type);
  }),
  Mod: since(10, (n) => {
    const type = sameType(n);
    const truncates = n.flag('fmod', false);
    if (isFloat(type)) {
      if (!truncates) n.refuse('fmod 1 for floats', '0');
      return tensorValue(floatRemainder(n), type);
    }
    return tensorValue(integerRemainder(n, !truncates), type);
  }),
  Pow: since(1, pow),
  PRelu: since(1, (n) => {
    const type = floatType(n, 0, 1);
    const e = choose(lt(constant(0), first), first, mul(second, first));
    const [x, slope] = [n.tensor(0), n.tensor(1)];
    const [own, after] = [shapeOf(n, slope), shapeOf(n, x).length - 2];
    // Below operator set 7 one slope per channel, which is axis 1.
    const perChannel = n.opset < 7 && own.length === 1 && after > 0;
    const fitted = perChannel ? reshapeTo(n, slope, [...own, ...Array<Extent>(after).fill(1)]) : slope;
    return tensorValue(broadcastMap(n, e, [x, fitted], n.shape(0)), type);
  }),
  Equal: since(1, comparison('equal')),
  Less: since(1, comparison('less')),
  Greater: since(1, comparison('greater')),
  LessOrEqual: since(12, comparison('lessOrEqual')),
  GreaterOrEqual: since(12, comparison('greaterOrEqual')),
  And: since(1, bitwise('and')),
  Or: since(1, bitwise('or')),
  Xor: since(1, bitwise('xor')),
  BitwiseAnd: since(18, bitwise('and')),
  BitwiseOr: since(18, bitwise('or')),
  BitwiseXor: since(18, bitwise('xor')),
  BitShift: since(11, (n) => {
    const type = sameType(n);
    if (type !== 'uint8' && type !== 'uint16') {
      n.refuse('uint8 or uint16', type, 'Shifts of 32 bits keep the sign here.');
    }
    const direction = n.text('direction');
    if (direction !== 'LEFT' && direction !== 'RIGHT') n.refuse('direction LEFT or RIGHT', direction);
    const shifted: Expression = [direction === 'LEFT' ? 'shl' : 'shr', first, second];
    const e = choose(lt(second, integer(32)), shifted, integer(0));
    return tensorValue(broadcastMap(n, wrapped(e, type), [n.tensor(0), n.tensor(1)]), type);
  }),
  Where: since(9, (n) => {
    const type = n.type(1);
    if (n.type(2) !== type) n.refuse('two tensors of one type', `${type} and ${n.type(2)}`);
    const operands = [n.tensor(0), n.tensor(1), n.tensor(2)];
    broadcastShape(
      n,
      operands.map((operand) => shapeOf(n, operand)),
    );
    return tensorValue(n.g.add({ kind: 'where', operands }), type);
  }),
  Max: since(1, variadic('maximum')),
  Min: since(1, variadic('minimum')),
  Sum: since(1, summed),
  Mean: since(1, (n) => {
    const count = n.g.constant(Float32Array.of(n.inputCount), []);
    return tensorValue(pair(n, 'div', folded(n, 'add'), count), n.type(0));
  }),
};
