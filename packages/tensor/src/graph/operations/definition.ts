/**
 * What one readable operation is: names of its operands, attributes in the order of its encoding, a
 * shape rule, and one definition, its lowering into primitives. The families beside this file hold
 * one table each; operations.ts joins them.
 */
import { MisuseError } from '@nonet/core';
import type { Canonical } from '@nonet/core/codec';
import type { Builder } from '../builder.ts';
import { floatBits, floatOfBits } from '../expression.ts';
import type { TensorId } from '../graph.ts';
import type { TensorType } from '../primitives.ts';
import { type Dtype, type Extent, printType, type Shape } from '../shape.ts';
import { integer, integers, list, oneOf, pattern, truth } from '../untrusted.ts';

/** How an attribute is encoded, and read from untrusted bytes. */
export interface Attribute<T> {
  encode(value: T): Canonical;
  /** Throws `graph.malformed`. */
  decode(value: unknown, name: string): T;
}

/** An operation's node, seen from its family. */
interface AnyOperation {
  readonly kind: string;
  readonly operands: readonly TensorId[];
}

/** What one kind of operation is. */
export interface Definition<O extends AnyOperation> {
  /** What messages call the operands; those with a question mark may be left out, from the end. */
  readonly operands: readonly string[];
  readonly attributes: { readonly [A in Exclude<keyof O, 'kind' | 'operands'>]: Attribute<O[A]> };
  /** The type of the result; `refuse` says what was expected of the operands. */
  infer(operation: O, operands: readonly TensorType[], refuse: (expected: string) => never): TensorType;
  lower(g: Builder, operation: O, operands: readonly TensorId[]): TensorId;
}

/** One definition for each kind of a family. */
export type Definitions<O extends AnyOperation> = {
  readonly [K in O['kind']]: Definition<Extract<O, { kind: K }>>;
};

/** A safe integer. */
export const integerAttribute: Attribute<number> = { encode: (value) => value, decode: integer };
/** A list of safe integers. */
export const integersAttribute: Attribute<readonly number[]> = {
  encode: (value) => value,
  decode: integers,
};
/** True or false. */
export const truthAttribute: Attribute<boolean> = { encode: (value) => value, decode: truth };
/** An f32, encoded by its bits. */
export const floatAttribute: Attribute<number> = {
  encode: floatBits,
  decode: (value, name) => floatOfBits(pattern(value, name)),
};
/** `f32` or `i32`. */
export const dtypeAttribute: Attribute<Dtype> = {
  encode: (value) => value,
  decode: (value, name) => oneOf(value, ['f32', 'i32'], name),
};
/** The extents are checked where the shape is used. */
export const shapeAttribute: Attribute<Shape> = {
  encode: (value) => value,
  decode: (value, name) => list(value, name) as Shape,
};
/** One of these words. */
export const choiceAttribute = <T extends string>(options: readonly T[]): Attribute<T> => ({
  encode: (value) => value,
  decode: (value, name) => oneOf(value, options, name),
});

/** Whether a tensor is f32, and of this rank if one is given. */
export const isFloat = (type: TensorType, rank?: number) =>
  type.dtype === 'f32' && (rank === undefined || type.shape.length === rank);

/** The type f32 of this shape. */
export const float = (shape: Shape): TensorType => ({ dtype: 'f32', shape });

/** Whether this is a finite f32: what a float attribute must be. */
export const isSingle = (value: number) => Number.isFinite(value) && Math.fround(value) === value;

/** Whether this is a whole number from 0 to below 2^31. */
export const isCount = (value: number) => Number.isSafeInteger(value) && value >= 0 && value < 2 ** 31;

/** `axis` of a tensor of this rank, counted from the end if negative; throws `operation.axis`. */
export function resolveAxis(axis: number, rank: number): number {
  const resolved = axis < 0 ? axis + rank : axis;
  if (Number.isInteger(axis) && resolved >= 0 && resolved < rank) return resolved;
  throw new MisuseError({
    code: 'operation.axis',
    expected: `an axis of -${rank} to ${rank - 1}`,
    found: String(axis),
  });
}

/** Whether these are axes of a tensor of this rank, ascending. */
export const areAxes = (axes: readonly number[], rank: number) =>
  axes.every(
    (axis, i) => Number.isInteger(axis) && axis >= 0 && axis < rank && (i === 0 || axis > axes[i - 1]),
  );

/** The extent as a number, which the operation needs; throws `operation.operands`. */
export function numberExtent(extent: Extent | undefined, what: string): number {
  if (typeof extent === 'number') return extent;
  throw new MisuseError({
    code: 'operation.operands',
    expected: `a number as ${what}`,
    found: extent === undefined ? 'no such axis' : `the name ${extent}`,
  });
}

/** `x f32[B,4] (%2), weight f32[3,2] (W)`: which shapes met. */
export function printOperands(
  names: readonly string[],
  operands: readonly TensorType[],
  ids: readonly TensorId[],
): string {
  return (
    operands
      .map(({ dtype, shape }, i) => {
        const name = names[Math.min(i, names.length - 1)]?.replace('?', '') ?? 'operand';
        return `${name} ${printType(dtype, shape)} (node ${ids[i]})`;
      })
      .join(', ') || 'no operand'
  );
}
