/**
 * int64, uint32 and uint64 of a file are held in i32. What a run computes must fit too: beside the
 * result a flag says whether it does not, and a run in which one is set stops (`program.index`), so
 * that nothing wraps in silence.
 */
import { arg, constant, type Expression, integer } from '../../graph/expression.ts';
import type { TensorId } from '../../graph/graph.ts';
import type { Shape } from '../../graph/shape.ts';
import type { CheckedNote } from '../../run/program.ts';
import type { ElementType } from '../elementTypes.ts';
import type { NodeReader } from '../reading.ts';
import { broadcastMap, first, not, second, unaryMap } from './build.ts';

const lt = (a: Expression, b: Expression): Expression => ['lt', a, b];
const negative = (e: Expression): Expression => lt(e, integer(0));
const none = lt(integer(0), integer(0));

/** Types that i32 holds in part. */
export const isHeldInPart = (type: ElementType): boolean => ['int64', 'uint32', 'uint64'].includes(type);

const isUnsigned = (type: ElementType) => type.startsWith('uint');

/** Whether |e| of an i32 is above `bound`. */
export const beyond = (e: Expression, bound: number): Expression => [
  'or',
  lt(integer(Math.min(bound, 2 ** 31 - 1)), e),
  lt(e, integer(-Math.min(bound, 2 ** 31 - 1))),
];

const sum: Expression = ['add', first, second];
const difference: Expression = ['sub', first, second];
/** The product to 24 bits: enough to tell where it lies, but near 2^31, where its sign decides. */
const estimate: Expression = ['mul', ['convert', 'f32', first], ['convert', 'f32', second]];
const size: Expression = ['select', lt(estimate, constant(0)), ['neg', estimate], estimate];

/** Whether the sum, difference or product of two i32 is not an i32. */
export const beyond32 = {
  add: negative(['and', ['xor', first, sum], ['xor', second, sum]]),
  sub: negative(['and', ['xor', first, second], ['xor', first, difference]]),
  mul: [
    'or',
    lt(constant(2 ** 31 * (1 + 2 ** -20)), size),
    [
      'and',
      lt(constant(2 ** 30), size),
      ['xor', negative(['mul', first, second]), lt(estimate, constant(0))],
    ],
  ],
} as const satisfies Readonly<Record<string, Expression>>;

/**
 * Zeros that depend on the flags (0 or 1, at any shape): a run with a 1 among them stops, and says
 * `what` was found.
 */
export function zeroUnless(n: NodeReader, flags: TensorId, what: CheckedNote = ' beyond 32 bits'): TensorId {
  const zero = n.g.constant(Int32Array.of(0), [1]);
  const note = `${n.node.operator}${what}`;
  return n.g.add({ kind: 'gather', operands: [zero, flags], axis: 0 }, note);
}

/**
 * A map of integers of `type` whose run stops where `overflows` holds, or where an unsigned type
 * would get a negative number.
 */
export function exactMap(
  n: NodeReader,
  expression: Expression,
  overflows: Expression,
  tensors: readonly TensorId[],
  type: ElementType,
  out?: Shape,
): TensorId {
  const outside: Expression = isUnsigned(type) ? ['or', overflows, negative(expression)] : overflows;
  const flags = broadcastMap(n, ['select', outside, integer(1), integer(0)], tensors, out);
  const zeros = zeroUnless(n, flags);
  return broadcastMap(n, ['add', expression, arg(tensors.length)], [...tensors, zeros], out);
}

/** Floats towards zero as integers of `type`; a run stops where one does not fit, NaN included. */
export function exactConversion(n: NodeReader, x: TensorId, type: ElementType): TensorId {
  const low: Expression = isUnsigned(type) ? lt(constant(-1), first) : not(lt(first, constant(-(2 ** 31))));
  const inside: Expression = ['and', ['and', ['eq', first, first], low], lt(first, constant(2 ** 31))];
  return exactMap(n, ['convert', 'i32', first], not(inside), [x], type);
}

/** |x| of integers as f32: what bounds their sums and products. */
export const magnitudes = (n: NodeReader, x: TensorId): TensorId =>
  unaryMap(n, x, ['convert', 'f32', ['select', negative(first), ['neg', first], first]]);

/**
 * A sum or product of integers whose run stops if the same of their magnitudes, which the caller
 * gives in f32, is not below 2^30: half of what i32 holds makes up for rounding.
 */
export function exactWithin(n: NodeReader, result: TensorId, bound: TensorId, type: ElementType): TensorId {
  if (!isHeldInPart(type)) return result;
  const flags = unaryMap(n, bound, ['select', lt(first, constant(2 ** 30)), integer(0), integer(1)]);
  return broadcastMap(n, ['add', first, second], [result, zeroUnless(n, flags)]);
}

/** Integers of a signed type as those of an unsigned one: a run stops at a negative number. */
export function exactSign(n: NodeReader, x: TensorId, type: ElementType): TensorId {
  return isUnsigned(type) ? exactMap(n, first, none, [x], type) : x;
}
