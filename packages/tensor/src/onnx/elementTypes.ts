/**
 * Element types of ONNX (TensorProto.DataType) and what the graph makes of them. It computes in f32
 * and i32 only:
 *
 * - float16 and bfloat16 widen to f32, exactly; float64 is rounded to the nearest f32. Arithmetic
 *   is then that of f32.
 * - bool, int8, uint8, int16 and uint16 are held in i32, exactly; arithmetic wraps at their own
 *   width.
 * - int64, uint32 and uint64 are held in i32: a value of the file that does not fit is refused,
 *   what a run computes wraps at 32 bits.
 *
 * Texts come as inputs only, held in i32 as positions in the list of texts that the file knows, -1 for
 * any other; elsewhere they are refused, like complex numbers and types of 8 bits and fewer other than
 * integers of a byte.
 */
import type { Dtype } from '../graph/shape.ts';

/** The name of an element type of ONNX that is read here. */
export type ElementType =
  | 'float32'
  | 'uint8'
  | 'int8'
  | 'uint16'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'bool'
  | 'float16'
  | 'float64'
  | 'uint32'
  | 'uint64'
  | 'bfloat16'
  | 'string';

/** An element type of numbers. */
export type NumberType = Exclude<ElementType, 'string'>;

interface ElementTypeFacts {
  readonly type: NumberType;
  readonly dtype: Dtype;
  /** In raw_data. */
  readonly bytes: number;
}

const facts: Readonly<Record<number, ElementTypeFacts>> = {
  1: { type: 'float32', dtype: 'f32', bytes: 4 },
  2: { type: 'uint8', dtype: 'i32', bytes: 1 },
  3: { type: 'int8', dtype: 'i32', bytes: 1 },
  4: { type: 'uint16', dtype: 'i32', bytes: 2 },
  5: { type: 'int16', dtype: 'i32', bytes: 2 },
  6: { type: 'int32', dtype: 'i32', bytes: 4 },
  7: { type: 'int64', dtype: 'i32', bytes: 8 },
  9: { type: 'bool', dtype: 'i32', bytes: 1 },
  10: { type: 'float16', dtype: 'f32', bytes: 2 },
  11: { type: 'float64', dtype: 'f32', bytes: 8 },
  12: { type: 'uint32', dtype: 'i32', bytes: 4 },
  13: { type: 'uint64', dtype: 'i32', bytes: 8 },
  16: { type: 'bfloat16', dtype: 'f32', bytes: 2 },
};

const refused: Readonly<Record<number, string>> = {
  0: 'no type',
  8: 'string',
  14: 'complex64',
  15: 'complex128',
  17: 'float8e4m3fn',
  18: 'float8e4m3fnuz',
  19: 'float8e5m2',
  20: 'float8e5m2fnuz',
  21: 'uint4',
  22: 'int4',
  23: 'float4e2m1',
  24: 'float8e8m0',
  25: 'uint2',
  26: 'int2',
};

/** The facts of a data type by its number, or the name of one that the graph cannot hold. */
export function elementTypeOf(code: number): ElementTypeFacts | string {
  return facts[code] ?? refused[code] ?? `data type ${code}`;
}

/** The data type of texts: what `elementTypeOf` refuses, and an input may have. */
export const textCode = 8;

const dtypes = new Map<ElementType, Dtype>([
  ...Object.values(facts).map(({ type, dtype }) => [type, dtype] as const),
  ['string', 'i32'],
]);

/** The dtype that holds elements of this type. */
export function dtypeOf(type: ElementType): Dtype {
  return dtypes.get(type)!;
}

/** All element types of numbers that are read. */
export const elementTypes: readonly NumberType[] = Object.values(facts).map(({ type }) => type);
