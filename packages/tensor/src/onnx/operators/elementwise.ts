/**
 * Operators on one tensor, element by element. Where the graph has the operation, it is that; else
 * a map of the same steps. Floats are f32, each step rounded once; integers wrap at the width of
 * their type (elementTypes.ts); bool is 0 or 1.
 */
import { arg, constant, type Expression, integer } from '../../graph/expression.ts';
import { clipped } from '../../graph/operations/elementwise.ts';
import type { Operation, OperationKind } from '../../graph/operations.ts';
import { elementTypeOf } from '../elementTypes.ts';
import type { NodeReader, Operators, Read, Value } from '../reading.ts';
import {
  broadcastMap,
  first,
  floatType,
  isFloat,
  not,
  since,
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
const lt = (a: Expression, b: Expression): Expression => ['lt', a, b];
const choose = (c: Expression, a: Expression, b: Expression): Expression => ['select', c, a, b];
const abs = (a: Expression): Expression => choose(lt(a, f(0)), ['neg', a], a);
const largest = (a: Expression, b: Expression): Expression => choose(lt(a, b), b, a);
const smallest = (a: Expression, b: Expression): Expression => choose(lt(b, a), b, a);
/** log(1 + e^x) as max(x, 0) + log(1 + e^-|x|), which does not overflow. */
const softplus = (a: Expression): Expression =>
  add(largest(a, f(0)), ['call', 'log1p', exp(['neg', abs(a)])]);
const clamp = (a: Expression, low: number, high: number) => clipped(a, f(low), f(high));

/** A map of one f32 tensor; the expression may depend on attributes. */
const mapped =
  (expression: (n: NodeReader) => Expression): Read =>
  (n) => {
    const type = floatType(n, 0);
    return tensorValue(unaryMap(n, n.tensor(0), expression(n)), type);
  };

type Unary = { readonly kind: OperationKind } & Readonly<Record<string, number | string>>;

/** An operation of the graph on one f32 tensor, perhaps with attributes. */
const operation =
  (attributes: (n: NodeReader) => Unary): Read =>
  (n) => {
    const type = floatType(n, 0);
    const node = { ...attributes(n), operands: [n.tensor(0)] } as unknown as Operation;
    return tensorValue(n.g.add(node), type);
  };

const plain = (kind: OperationKind): Read => operation(() => ({ kind }));

/** f32 by the operation of the graph, integers by a map. */
const numeric =
  (kind: OperationKind, e: Expression): Read =>
  (n) => {
    const type = n.type(0);
    if (isFloat(type)) return plain(kind)(n);
    return tensorValue(unaryMap(n, n.tensor(0), wrapped(e, type)), type);
  };

/** The f32 from which on there are no fractions: floor, ceil and round are the identity there. */
const integral = 2 ** 23;
const truncated: Expression = ['convert', 'f32', ['convert', 'i32', first]];
/** A zero keeps the sign of x. */
const ifFractional = (e: Expression): Expression =>
  choose(lt(abs(first), f(integral)), choose(['eq', e, f(0)], mul(first, f(0)), e), first);

/** Ties to even: adding and subtracting 2^23 with the sign of x rounds so. */
const rounded: Expression = choose(
  lt(first, f(0)),
  sub(sub(first, f(integral)), f(-integral)),
  sub(add(first, f(integral)), f(integral)),
);

/**
 * Bounds that are constants make the operation of the graph; bounds that are computed, or of
 * integers, a map.
 */
function clip(n: NodeReader): Value {
  const type = n.type(0);
  const bound = (i: number, open: number): number | undefined => {
    if (!n.has(i)) return open;
    return n.value(i).kind === 'constant' ? n.scalar(i) : undefined;
  };
  const [low, high] = [bound(1, Number.NEGATIVE_INFINITY), bound(2, Number.POSITIVE_INFINITY)];
  if (isFloat(type) && low !== undefined && high !== undefined && low <= high) {
    return tensorValue(n.g.add({ kind: 'clip', operands: [n.tensor(0)], low, high }), type);
  }
  const bounds = [1, 2].filter((i) => n.has(i));
  const at = (i: number) => arg(bounds.indexOf(i) + 1);
  const raised = n.has(1) ? largest(first, at(1)) : first;
  const e = n.has(2) ? smallest(raised, at(2)) : raised;
  const tensors = [n.tensor(0), ...bounds.map((i) => n.tensor(i))];
  return tensorValue(broadcastMap(n, e, tensors, n.shape(0)), type);
}

/** Operators on one tensor, element by element, by name. */
export const elementwise: Operators = {
  Abs: since(1, numeric('abs', choose(lt(first, integer(0)), ['neg', first], first))),
  Neg: since(1, numeric('neg', ['neg', first])),
  Sign: since(9, (n) => {
    const type = n.type(0);
    const [zero, one, minus] = isFloat(type) ? [f(0), f(1), f(-1)] : [integer(0), integer(1), integer(-1)];
    // A zero, and a NaN, is its own sign.
    const e = choose(lt(first, zero), minus, choose(lt(zero, first), one, first));
    return tensorValue(unaryMap(n, n.tensor(0), e), type);
  }),
  Relu: since(1, plain('relu')),
  Exp: since(1, plain('exp')),
  Log: since(1, plain('log')),
  Sqrt: since(1, plain('sqrt')),
  Tanh: since(1, plain('tanh')),
  Erf: since(9, plain('erf')),
  Sin: since(
    7,
    mapped(() => ['call', 'sin', first]),
  ),
  Cos: since(
    7,
    mapped(() => ['call', 'cos', first]),
  ),
  Tan: since(
    7,
    mapped(() => div(['call', 'sin', first], ['call', 'cos', first])),
  ),
  Atanh: since(
    9,
    // log((1 + x) / (1 - x)) / 2
    mapped(() => mul(f(0.5), ['call', 'log1p', div(add(first, first), sub(f(1), first))])),
  ),
  Reciprocal: since(1, plain('reciprocal')),
  Sigmoid: since(1, plain('sigmoid')),
  Softplus: since(1, plain('softplus')),
  LeakyRelu: since(
    1,
    operation((n) => ({ kind: 'leakyRelu', slope: n.float('alpha', Math.fround(0.01)) })),
  ),
  Elu: since(
    1,
    operation((n) => ({ kind: 'elu', alpha: n.float('alpha', 1) })),
  ),
  Gelu: since(
    20,
    operation((n) => {
      const form = n.text('approximate', 'none');
      if (form !== 'none' && form !== 'tanh') n.refuse('approximate none or tanh', form);
      return { kind: 'gelu', approximation: form === 'none' ? 'erf' : 'tanh' };
    }),
  ),
  Swish: since(24, (n) => {
    const alpha = n.float('alpha', 1);
    if (alpha === 1) return plain('silu')(n);
    const sigmoid = div(f(1), add(f(1), exp(['neg', mul(f(alpha), first)])));
    return mapped(() => mul(first, sigmoid))(n);
  }),
  HardSigmoid: since(
    1,
    mapped((n) => clamp(add(mul(f(n.float('alpha', 0.2)), first), f(n.float('beta', 0.5))), 0, 1)),
  ),
  HardSwish: since(
    14,
    mapped(() => mul(first, clamp(add(mul(f(1 / 6), first), f(0.5)), 0, 1))),
  ),
  ThresholdedRelu: since(
    10,
    mapped((n) => choose(lt(f(n.float('alpha', 1)), first), first, f(0))),
  ),
  Celu: since(
    12,
    mapped((n) => {
      const alpha = f(n.float('alpha', 1));
      return choose(lt(first, f(0)), mul(alpha, sub(exp(div(first, alpha)), f(1))), first);
    }),
  ),
  Selu: since(
    1,
    mapped((n) => {
      const negative = mul(f(n.float('alpha', 1.6732632423543772)), sub(exp(first), f(1)));
      return mul(f(n.float('gamma', 1.0507009873554805)), choose(lt(f(0), first), first, negative));
    }),
  ),
  Softsign: since(
    1,
    mapped(() => div(first, add(f(1), abs(first)))),
  ),
  Mish: since(
    18,
    mapped(() => mul(first, ['call', 'tanh', softplus(first)])),
  ),
  Shrink: since(
    9,
    mapped((n) => {
      const lambda = n.float('lambd', 0.5);
      const bias = f(n.float('bias', 0));
      const above = choose(lt(f(lambda), first), sub(first, bias), f(0));
      return choose(lt(first, f(-lambda)), add(first, bias), above);
    }),
  ),
  Floor: since(
    1,
    mapped(() => ifFractional(choose(lt(first, truncated), sub(truncated, f(1)), truncated))),
  ),
  Ceil: since(
    1,
    mapped(() => ifFractional(choose(lt(truncated, first), add(truncated, f(1)), truncated))),
  ),
  Round: since(
    11,
    mapped(() => ifFractional(rounded)),
  ),
  IsNaN: since(9, (n) => {
    floatType(n, 0);
    return tensorValue(unaryMap(n, n.tensor(0), truth(not(['eq', first, first]))), 'bool');
  }),
  IsInf: since(10, (n) => {
    floatType(n, 0);
    const detected = (name: string, value: number): Expression =>
      n.integer(name, 1) === 0 ? lt(f(0), f(0)) : ['eq', first, f(value)];
    const e: Expression = [
      'or',
      detected('detect_positive', Number.POSITIVE_INFINITY),
      detected('detect_negative', Number.NEGATIVE_INFINITY),
    ];
    return tensorValue(unaryMap(n, n.tensor(0), truth(e)), 'bool');
  }),
  Not: since(1, (n) => tensorValue(n.g.add({ kind: 'not', operands: [n.tensor(0)] }), n.type(0))),
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
      1,
      operation((n) => ({
        kind: 'clip',
        low: n.float('min', Number.NEGATIVE_INFINITY),
        high: n.float('max', Number.POSITIVE_INFINITY),
      })),
    ],
    [11, clip],
  ],
};
