/**
 * Operators on several tensors, element by element, with NumPy's broadcasting. Integers of 8 and 16
 * bits wrap at their width; i32 division is exact.
 */
import { arg, constant, type Expression, integer } from '../../graph/expression.ts';
import type { TensorId } from '../../graph/graph.ts';
import { equalShapes, type Shape } from '../../graph/shape.ts';
import type { ElementType } from '../elementTypes.ts';
import type { NodeReader, Operators, Read, Value } from '../reading.ts';
import {
  broadcastMap,
  broadcastShape,
  first,
  floatType,
  isFloat,
  not,
  second,
  shapeOf,
  since,
  tensorValue,
  wrapped,
} from './build.ts';

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

const arithmetic =
  (kind: 'add' | 'sub' | 'mul'): Read =>
  (n) => {
    const type = sameType(n);
    const [a, b] = [n.tensor(0), n.tensor(1)];
    const e: Expression = wrapped([kind, first, second], type);
    return tensorValue(e[0] === kind ? pair(n, kind, a, b) : broadcastMap(n, e, [a, b]), type);
  };

const comparison =
  (kind: ComparisonKind): Read =>
  (n) => {
    sameType(n);
    return tensorValue(pair(n, kind, n.tensor(0), n.tensor(1)), 'bool');
  };

const bitwise =
  (kind: 'and' | 'or' | 'xor'): Read =>
  (n) => {
    const type = sameType(n);
    if (isFloat(type)) n.refuse('integers', type);
    return tensorValue(pair(n, kind, n.tensor(0), n.tensor(1)), type);
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

/** x to a constant power: halves by square roots, whole ones by repeated squaring, as far as 64. */
function power(n: NodeReader, exponent: number): Expression {
  if (exponent === 0.5) return ['sqrt', first];
  if (exponent < 0) return div(constant(1), power(n, -exponent));
  if (!Number.isInteger(exponent) || exponent > 64) {
    return n.refuse('an exponent of 0.5, -0.5 or a whole number of at most 64', `${exponent}`);
  }
  if (exponent === 0) return constant(1);
  const whole = (e: number): Expression => {
    if (e === 1) return first;
    const half = whole(e >> 1);
    return e % 2 === 0 ? mul(half, half) : mul(mul(half, half), first);
  };
  return whole(exponent);
}

/** Exponents are constants of the file, a few different ones at most. */
function pow(n: NodeReader): Value {
  const type = n.type(0);
  const x = n.tensor(0);
  const { data, type: exponentType } = n.constant(1);
  const exponents = [...new Set(Array.from(data, Number))];
  if (exponents.length > 8) n.refuse('at most 8 different exponents', `${exponents.length}`);
  if (!isFloat(type) && exponents.some((exponent) => !(exponent >= 0))) {
    n.refuse('exponents that are not negative for integers', `${exponents.join(', ')}`);
  }
  const [exponent] = exponents;
  const same = data.length === 1 && n.shape(1).length <= n.shape(0).length;
  if (isFloat(type) && same && exponent === 0.5) {
    return tensorValue(n.g.add({ kind: 'sqrt', operands: [x] }), type);
  }
  if (isFloat(type) && same && Number.isInteger(exponent) && Math.abs(exponent) <= 8) {
    return tensorValue(n.g.add({ kind: 'power', operands: [x], exponent }), type);
  }
  const of = (e: number): Expression => (e === 0 && !isFloat(type) ? integer(1) : wrapped(power(n, e), type));
  const out = broadcastShape(n, [n.shape(0), n.shape(1)]);
  if (exponents.length === 1) return tensorValue(broadcastMap(n, of(exponent), [x], out), type);
  const e = exponents.slice(1).reduce<Expression>((rest, candidate) => {
    const bits = isFloat(exponentType) ? constant(candidate) : integer(candidate);
    return choose(['eq', second, bits], of(candidate), rest);
  }, of(exponent));
  return tensorValue(broadcastMap(n, e, [x, n.tensor(1)], out), type);
}

/** Types whose order and quotients are those of 32 bits without sign. */
const unsigned: readonly ElementType[] = ['uint32', 'uint64'];

/** Operators on several tensors, element by element, by name. */
export const arithmeticOperators: Operators = {
  Add: since(7, (n) => denseOf(n) ?? arithmetic('add')(n)),
  Sub: since(7, arithmetic('sub')),
  Mul: since(7, arithmetic('mul')),
  Div: since(7, (n) => {
    const type = sameType(n);
    if (isFloat(type)) {
      return standardised(n) ?? tensorValue(pair(n, 'div', n.tensor(0), n.tensor(1)), type);
    }
    if (unsigned.includes(type)) n.refuse('a division of floats or of integers with a sign', type);
    return tensorValue(integerQuotient(n), type);
  }),
  Mod: since(10, (n) => {
    const type = sameType(n);
    const truncates = n.flag('fmod', false);
    if (isFloat(type)) n.refuse('integers', type, 'A remainder of floats is not among the operations.');
    if (unsigned.includes(type)) n.refuse('a remainder of integers with a sign', type);
    return tensorValue(integerRemainder(n, !truncates), type);
  }),
  Pow: since(7, pow),
  PRelu: since(9, (n) => {
    const type = floatType(n, 0, 1);
    const e = choose(lt(constant(0), first), first, mul(second, first));
    return tensorValue(broadcastMap(n, e, [n.tensor(0), n.tensor(1)], n.shape(0)), type);
  }),
  Equal: since(7, comparison('equal')),
  Less: since(7, comparison('less')),
  Greater: since(7, comparison('greater')),
  LessOrEqual: since(12, comparison('lessOrEqual')),
  GreaterOrEqual: since(12, comparison('greaterOrEqual')),
  And: since(7, bitwise('and')),
  Or: since(7, bitwise('or')),
  Xor: since(7, bitwise('xor')),
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
  Max: since(8, variadic('maximum')),
  Min: since(8, variadic('minimum')),
  Sum: since(8, variadic('add')),
  Mean: since(8, (n) => {
    const count = n.g.constant(Float32Array.of(n.inputCount), []);
    return tensorValue(pair(n, 'div', folded(n, 'add'), count), n.type(0));
  }),
};
