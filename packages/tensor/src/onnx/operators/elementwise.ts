/**
 * Operators that make each element from the elements at its position, with NumPy's broadcasting. Floats are f32, each operation
 * rounded once; integers wrap at the width of their type (elementTypes.ts); bool is 0 or 1.
 */

import { arg, constant, type Expression, integer } from '../../expression.ts';
import { relu } from '../../operations/elementwise.ts';
import { equalShapes, type Shape } from '../../shape.ts';
import { type ElementType, elementTypeOf } from '../elementTypes.ts';
import type { NodeReader, Operators, Read, Value } from '../reading.ts';
import {
  broadcastMap,
  broadcastShape,
  first,
  floatType,
  isFloat,
  isTrue,
  not,
  second,
  tensorValue,
  truth,
  unaryMap,
  wrapped,
} from './build.ts';

const f = constant;
const add = (a: Expression, b: Expression): Expression => ['add', a, b];
const sub = (a: Expression, b: Expression): Expression => ['sub', a, b];
const mul = (a: Expression, b: Expression): Expression => ['mul', a, b];
const div = (a: Expression, b: Expression): Expression => ['div', a, b];
const exp = (a: Expression): Expression => ['call', 'exp', a];
const log = (a: Expression): Expression => ['call', 'log', a];
const lt = (a: Expression, b: Expression): Expression => ['lt', a, b];
const choose = (c: Expression, a: Expression, b: Expression): Expression => ['select', c, a, b];
const abs = (a: Expression): Expression => choose(lt(a, f(0)), ['neg', a], a);
const largest = (a: Expression, b: Expression): Expression => choose(lt(a, b), b, a);
const smallest = (a: Expression, b: Expression): Expression => choose(lt(b, a), b, a);
const sigmoid = (a: Expression): Expression => div(f(1), add(f(1), exp(['neg', a])));
/** log(1 + e^x) as max(x, 0) + log(1 + e^-|x|), which does not overflow. */
const softplus = (a: Expression): Expression => add(largest(a, f(0)), log(add(f(1), exp(['neg', abs(a)]))));
const clamp = (a: Expression, low: number, high: number) => smallest(largest(a, f(low)), f(high));

/** A function of one f32 tensor; the expression may depend on attributes. */
const float =
  (expression: (n: NodeReader) => Expression): Read =>
  (n) => {
    const type = floatType(n, 0);
    return tensorValue(unaryMap(n, n.tensor(0), expression(n)), type);
  };

const since = (version: number, read: Read): readonly (readonly [number, Read])[] => [[version, read]];

/** Largest f32 below which fractions exist: beyond it floor, ceil and round are the identity. */
const integral = 2 ** 23;
const truncated: Expression = ['convert', 'f32', ['convert', 'i32', first]];
const ifFractional = (e: Expression): Expression =>
  choose(lt(abs(first), f(integral)), choose(['eq', e, f(0)], mul(first, f(0)), e), first);

/** Ties to even: adding and subtracting 2^23 with the sign of x rounds so. */
const roundedPart: Expression = choose(
  lt(first, f(0)),
  sub(sub(first, f(integral)), f(-integral)),
  sub(add(first, f(integral)), f(integral)),
);

const unary: Operators = {
  Abs: since(6, (n) => {
    const type = n.type(0);
    const e = isFloat(type)
      ? abs(first)
      : wrapped(choose(lt(first, integer(0)), ['neg', first], first), type);
    return tensorValue(unaryMap(n, n.tensor(0), e), type);
  }),
  Neg: since(6, (n) => tensorValue(unaryMap(n, n.tensor(0), wrapped(['neg', first], n.type(0))), n.type(0))),
  Sign: since(9, (n) => {
    const type = n.type(0);
    const [zero, one, minus] = isFloat(type) ? [f(0), f(1), f(-1)] : [integer(0), integer(1), integer(-1)];
    const e = choose(lt(first, zero), minus, choose(lt(zero, first), one, zero));
    return tensorValue(unaryMap(n, n.tensor(0), e), type);
  }),
  Relu: since(6, (n) => tensorValue(relu(n.g, n.tensor(0)), floatType(n, 0))),
  Exp: since(
    6,
    float(() => exp(first)),
  ),
  Log: since(
    6,
    float(() => log(first)),
  ),
  Sqrt: since(
    6,
    float(() => ['sqrt', first]),
  ),
  Tanh: since(
    6,
    float(() => ['call', 'tanh', first]),
  ),
  Erf: since(
    9,
    float(() => ['call', 'erf', first]),
  ),
  Reciprocal: since(
    6,
    float(() => div(f(1), first)),
  ),
  Sigmoid: since(
    6,
    float(() => sigmoid(first)),
  ),
  HardSigmoid: since(
    6,
    float((n) => clamp(add(mul(f(n.float('alpha', 0.2)), first), f(n.float('beta', 0.5))), 0, 1)),
  ),
  HardSwish: since(
    14,
    float(() => mul(first, clamp(add(mul(f(1 / 6), first), f(0.5)), 0, 1))),
  ),
  LeakyRelu: since(
    6,
    float((n) => choose(lt(first, f(0)), mul(f(n.float('alpha', 0.01)), first), first)),
  ),
  ThresholdedRelu: since(
    10,
    float((n) => choose(lt(f(n.float('alpha', 1)), first), first, f(0))),
  ),
  Elu: since(
    6,
    float((n) => choose(lt(first, f(0)), mul(f(n.float('alpha', 1)), sub(exp(first), f(1))), first)),
  ),
  Celu: since(
    12,
    float((n) => {
      const alpha = f(n.float('alpha', 1));
      return choose(lt(first, f(0)), mul(alpha, sub(exp(div(first, alpha)), f(1))), first);
    }),
  ),
  Selu: since(
    6,
    float((n) => {
      const alpha = f(n.float('alpha', 1.6732632423543772));
      const negative = mul(alpha, sub(exp(first), f(1)));
      return mul(f(n.float('gamma', 1.0507009873554805)), choose(lt(first, f(0)), negative, first));
    }),
  ),
  Softplus: since(
    1,
    float(() => softplus(first)),
  ),
  Softsign: since(
    1,
    float(() => div(first, add(f(1), abs(first)))),
  ),
  Mish: since(
    18,
    float(() => mul(first, ['call', 'tanh', softplus(first)])),
  ),
  Swish: since(
    24,
    float((n) => mul(first, sigmoid(mul(f(n.float('alpha', 1)), first)))),
  ),
  Gelu: since(
    20,
    float((n) => {
      const form = n.text('approximate', 'none');
      if (form === 'none') {
        return mul(mul(f(0.5), first), add(f(1), ['call', 'erf', mul(first, f(Math.SQRT1_2))]));
      }
      if (form !== 'tanh') n.refuse('approximate none or tanh', form);
      const cube = mul(mul(first, first), first);
      const inner = mul(f(Math.sqrt(2 / Math.PI)), add(first, mul(f(0.044715), cube)));
      return mul(mul(f(0.5), first), add(f(1), ['call', 'tanh', inner]));
    }),
  ),
  Shrink: since(
    9,
    float((n) => {
      const lambda = n.float('lambd', 0.5);
      const bias = f(n.float('bias', 0));
      return choose(
        lt(first, f(-lambda)),
        add(first, bias),
        choose(lt(f(lambda), first), sub(first, bias), f(0)),
      );
    }),
  ),
  Floor: since(
    6,
    float(() => ifFractional(choose(lt(first, truncated), sub(truncated, f(1)), truncated))),
  ),
  Ceil: since(
    6,
    float(() => ifFractional(choose(lt(truncated, first), add(truncated, f(1)), truncated))),
  ),
  Round: since(
    11,
    float(() => ifFractional(roundedPart)),
  ),
  IsNaN: since(9, (n) => {
    floatType(n, 0);
    return tensorValue(unaryMap(n, n.tensor(0), truth(not(['eq', first, first]))), 'bool');
  }),
  IsInf: since(10, (n) => {
    floatType(n, 0);
    const signs: [string, number][] = [
      ['detect_positive', Number.POSITIVE_INFINITY],
      ['detect_negative', Number.NEGATIVE_INFINITY],
    ];
    const detected = signs.map(
      ([name, value]): Expression => (n.integer(name, 1) === 0 ? lt(f(0), f(0)) : ['eq', first, f(value)]),
    );
    return tensorValue(unaryMap(n, n.tensor(0), truth(['or', detected[0], detected[1]])), 'bool');
  }),
  Not: since(1, (n) => tensorValue(unaryMap(n, n.tensor(0), truth(['eq', first, integer(0)])), n.type(0))),
  BitCast: since(26, (n) => {
    const code = n.integer('to');
    const facts = elementTypeOf(code);
    const from = n.type(0);
    const words = ['float32', 'int32', 'uint32'];
    if (typeof facts === 'string' || ![from, facts.type].every((type) => words.includes(type))) {
      return n.refuse('float32, int32 and uint32', `${from} and data type ${code}`);
    }
    const x = n.tensor(0);
    if (isFloat(from) === isFloat(facts.type)) return tensorValue(x, facts.type);
    return tensorValue(unaryMap(n, x, ['bitcast', facts.dtype, first]), facts.type);
  }),
  BitwiseNot: since(18, (n) => {
    const e: Expression = wrapped(['xor', first, integer(-1)], n.type(0));
    return tensorValue(unaryMap(n, n.tensor(0), e), n.type(0));
  }),
  Clip: [
    [
      6,
      float((n) => {
        const bounded = n.hasAttribute('min') ? largest(first, f(n.float('min'))) : first;
        return n.hasAttribute('max') ? smallest(bounded, f(n.float('max'))) : bounded;
      }),
    ],
    [
      11,
      (n) => {
        const x = n.tensor(0);
        const bounds = [1, 2].filter((i) => n.has(i));
        const at = (i: number) => arg(bounds.indexOf(i) + 1);
        const low = n.has(1) ? largest(first, at(1)) : first;
        const e = n.has(2) ? smallest(low, at(2)) : low;
        const out = n.shape(0);
        return tensorValue(broadcastMap(n, e, [x, ...bounds.map((i) => n.tensor(i))], out), n.type(0));
      },
    ],
  ],
};

/** Two tensors of one type to one of the same type. */
const arithmetic =
  (e: Expression): Read =>
  (n) => {
    const type = sameType(n);
    return tensorValue(broadcastMap(n, wrapped(e, type), [n.tensor(0), n.tensor(1)]), type);
  };

function sameType(n: NodeReader): ElementType {
  const [a, b] = [n.type(0), n.type(1)];
  return a === b ? a : n.refuse('two tensors of one type', `${a} and ${b}`);
}

/** Two tensors to bool; `unsigned` order of 32 bits is refused. */
const comparison =
  (e: Expression): Read =>
  (n) => {
    sameType(n);
    return tensorValue(broadcastMap(n, truth(e), [n.tensor(0), n.tensor(1)]), 'bool');
  };

const logical = (e: Expression): Read => comparison(e);

const bitwise =
  (operation: 'and' | 'or' | 'xor'): Read =>
  (n) => {
    if (isFloat(n.type(0))) n.refuse('integers', n.type(0));
    return arithmetic([operation, first, second])(n);
  };

/** Any number of tensors, folded from the left. */
const variadic =
  (
    combine: (a: Expression, b: Expression) => Expression,
    finish?: (e: Expression, count: number) => Expression,
  ): Read =>
  (n) => {
    const tensors = n.values().map((value) => n.place(value));
    let e: Expression = first;
    for (let i = 1; i < tensors.length; i++) e = combine(e, arg(i));
    return tensorValue(broadcastMap(n, finish?.(e, tensors.length) ?? e, tensors), n.type(0));
  };

/** (x - mean) / deviation by constants, as models that standardise their inputs have it. */
function standardised(n: NodeReader): Value | undefined {
  const divisor = n.value(1);
  const difference = n.g.nodes[n.tensor(0)];
  const fixed = divisor.kind === 'constant' && divisor.constant.name === undefined;
  if (!fixed || difference.kind !== 'map' || difference.note !== 'Sub') return undefined;
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
 * a / b towards zero for i32: the f32 quotient is at most a few units off, relative to 2^24; three times dividing what remains
 * brings it to the quotient or one beside it, which a last comparison settles.
 */
function integerQuotient(n: NodeReader): number {
  const [a, b] = [n.tensor(0), n.tensor(1)];
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
function integerRemainder(n: NodeReader, floored: boolean): number {
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

/** x to a constant power: halves by square roots, integers by repeated squaring, as far as 64. */
function power(n: NodeReader, exponent: number): Expression {
  if (exponent === 0.5) return ['sqrt', first];
  if (exponent === -0.5) return div(f(1), ['sqrt', first]);
  if (exponent < 0) return div(f(1), power(n, -exponent));
  if (!Number.isInteger(exponent) || exponent > 64) {
    return n.refuse('an exponent of 0.5, -0.5 or a whole number of at most 64', `${exponent}`);
  }
  if (exponent === 0) return f(1);
  const whole = (e: number): Expression => {
    if (e === 1) return first;
    const half = whole(e >> 1);
    return e % 2 === 0 ? mul(half, half) : mul(mul(half, half), first);
  };
  return whole(exponent);
}

const binary: Operators = {
  Add: since(7, arithmetic(add(first, second))),
  Sub: since(7, arithmetic(sub(first, second))),
  Mul: since(7, arithmetic(mul(first, second))),
  Div: since(7, (n) => {
    const type = sameType(n);
    if (isFloat(type)) return standardised(n) ?? arithmetic(div(first, second))(n);
    if (type === 'uint32' || type === 'uint64') n.refuse('a division of floats or of smaller integers', type);
    return tensorValue(integerQuotient(n), type);
  }),
  Mod: since(10, (n) => {
    const type = sameType(n);
    const truncates = n.integer('fmod', 0) === 1;
    if (type === 'uint32' || type === 'uint64') n.refuse('a remainder of smaller integers', type);
    if (!isFloat(type)) return tensorValue(integerRemainder(n, !truncates), type);
    if (!truncates) n.refuse('fmod = 1 for floats', '0');
    return n.refuse('integers', type, 'A remainder of floats is not exact here.');
  }),
  Pow: since(7, (n) => {
    const type = n.type(0);
    const { data, type: exponentType } = n.constant(1);
    const exponents = [...new Set(Array.from(data, Number))];
    if (exponents.length > 8) n.refuse('at most 8 different exponents', `${exponents.length}`);
    if (!isFloat(type) && exponents.some((exponent) => !(exponent >= 0))) {
      n.refuse('exponents that are not negative for integers', `${exponents.join(', ')}`);
    }
    const of = (exponent: number) =>
      exponent === 0 && !isFloat(type) ? integer(1) : wrapped(power(n, exponent), type);
    if (exponents.length === 1) {
      n.value(1);
      const out = broadcastShape(n, [n.shape(0), n.shape(1)]);
      return tensorValue(broadcastMap(n, of(exponents[0]), [n.tensor(0)], out), type);
    }
    const e = exponents.slice(1).reduce<Expression>((rest, exponent) => {
      const bits = isFloat(exponentType) ? f(exponent) : integer(exponent);
      return choose(['eq', second, bits], of(exponent), rest);
    }, of(exponents[0]));
    return tensorValue(broadcastMap(n, e, [n.tensor(0), n.tensor(1)]), type);
  }),
  PRelu: since(9, (n) => {
    const type = floatType(n, 0, 1);
    const e = choose(lt(first, f(0)), mul(second, first), first);
    return tensorValue(broadcastMap(n, e, [n.tensor(0), n.tensor(1)], n.shape(0)), type);
  }),
  Equal: since(7, comparison(['eq', first, second])),
  Less: since(7, comparison(lt(first, second))),
  Greater: since(7, comparison(lt(second, first))),
  LessOrEqual: since(12, comparison(['or', lt(first, second), ['eq', first, second]])),
  GreaterOrEqual: since(12, comparison(['or', lt(second, first), ['eq', first, second]])),
  And: since(7, logical(['and', isTrue(first), isTrue(second)])),
  Or: since(7, logical(['or', isTrue(first), isTrue(second)])),
  Xor: since(7, logical(['xor', isTrue(first), isTrue(second)])),
  BitwiseAnd: since(18, bitwise('and')),
  BitwiseOr: since(18, bitwise('or')),
  BitwiseXor: since(18, bitwise('xor')),
  BitShift: since(11, (n) => {
    const type = sameType(n);
    if (type !== 'uint8' && type !== 'uint16')
      n.refuse('uint8 or uint16', type, 'Shifts of 32 bits keep the sign here.');
    const direction = n.text('direction');
    if (direction !== 'LEFT' && direction !== 'RIGHT') n.refuse('direction LEFT or RIGHT', direction);
    const shifted: Expression = [direction === 'LEFT' ? 'shl' : 'shr', first, second];
    const e = choose(lt(second, integer(32)), shifted, integer(0));
    return tensorValue(broadcastMap(n, wrapped(e, type), [n.tensor(0), n.tensor(1)]), type);
  }),
  Where: since(9, (n) => {
    const type = n.type(1);
    if (n.type(2) !== type) n.refuse('two tensors of one type', `${type} and ${n.type(2)}`);
    const e = choose(isTrue(first), arg(1), arg(2));
    return tensorValue(broadcastMap(n, e, [n.tensor(0), n.tensor(1), n.tensor(2)]), type);
  }),
  Max: since(8, variadic(largest)),
  Min: since(8, variadic(smallest)),
  Sum: since(8, variadic(add)),
  Mean: since(
    8,
    variadic(add, (e, count) => div(e, f(count))),
  ),
};

export const elementwise: Operators = { ...unary, ...binary };
