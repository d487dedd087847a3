/**
 * Shapes: the extents of a tensor's axes, outermost first (row-major). An extent is a number, or a
 * name such as `'B'` (the batch) that `bind` replaces before a graph can run, or a product with
 * names: `'8*B'` for batch and heads in one axis.
 */
import { MisuseError } from '@nonet/core';

/** Position of a node, and so of its tensor, in `graph.nodes`. */
export type TensorId = number;

/** The types of elements: IEEE 754 binary32, and 32-bit two's complement. */
export type Dtype = 'f32' | 'i32';
/**
 * A number of elements along one axis, or the name of an axis that `bind` fixes later (`'B'`, the
 * batch), or a product of one number from 2 and names in alphabetical order (`'8*B'`, `'B*T'`).
 */
export type Extent = number | string;
/** Extents, outermost axis first; a scalar has none. */
export type Shape = readonly Extent[];

/**
 * Rank, and elements of one tensor, above which a shape is refused: linear memory ends at 4 GiB.
 */
export const maximumRank = 8;
const maximumElements = 2 ** 29;

/**
 * Any decoded value, shortened for an error message; JSON.stringify alone stumbles over bigints and
 * over deep nesting.
 */
export function printUntrusted(value: unknown): string {
  try {
    const text = JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? `${item}` : item));
    return text?.slice(0, 120) ?? typeof value;
  } catch {
    return `a deeply nested ${typeof value}`;
  }
}

/** An extent as a product: of a number, and of names in alphabetical order. */
export interface ExtentFactors {
  readonly count: number;
  readonly names: readonly string[];
}

/** The factors of an extent. */
export function extentFactors(extent: Extent): ExtentFactors {
  if (typeof extent === 'number') return { count: extent, names: [] };
  const factors = extent.split('*');
  return /^[A-Z]/.test(extent)
    ? { count: 1, names: factors }
    : { count: Number(factors[0]), names: factors.slice(1) };
}

/** The product of extents, as an extent. */
export function multiplyExtents(extents: Shape): Extent {
  const factors = extents.map(extentFactors);
  const count = factors.reduce((product, factor) => product * factor.count, 1);
  const names = factors.flatMap((factor) => factor.names).sort();
  if (names.length === 0) return count;
  return [...(count === 1 ? [] : [count]), ...names].join('*');
}

const isProduct = (extent: string) =>
  /^([1-9]\d{0,8}\*)?[A-Z](\*[A-Z]){0,7}$/.test(extent) && multiplyExtents([extent]) === extent;

/**
 * Throws `shape.malformed` unless every extent is a positive integer, a capital letter or a product
 * of them, within the limits above.
 */
export function assertShape(shape: unknown, name: string): asserts shape is Shape {
  const refuse = (expected: string) => {
    throw new MisuseError({
      code: 'shape.malformed',
      expected: `${expected} in ${name}`,
      found: printUntrusted(shape),
    });
  };
  if (!Array.isArray(shape) || shape.length > maximumRank) return refuse(`at most ${maximumRank} extents`);
  let elements = 1;
  for (const extent of shape) {
    if (typeof extent === 'string' && isProduct(extent)) continue;
    if (!Number.isSafeInteger(extent) || extent < 1) return refuse('positive extents or capital letters');
    elements *= extent;
  }
  if (elements > maximumElements) refuse(`at most ${maximumElements} elements`);
}

/** Throws `shape.unbound` on a named extent: what runs needs numbers. */
export function boundShape(shape: Shape): readonly number[] {
  return shape.map((extent) => {
    if (typeof extent === 'number') return extent;
    throw new MisuseError({
      code: 'shape.unbound',
      expected: 'a graph whose extents are numbers',
      found: `the unbound extent ${extent}`,
      hint: `Call bind(graph, { ${extentFactors(extent).names[0]}: 64 }) first.`,
    });
  });
}

/** How many elements a tensor of this shape has. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((count, extent) => count * extent, 1);
}

/** Whether two shapes have the same extents, by number or by name. */
export function equalShapes(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}

/** Row-major strides in elements: the last axis has stride 1. */
export function rowMajorStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

/** `f32[B,784]`, as in a printed graph. */
export function printType(dtype: Dtype, shape: Shape): string {
  return `${dtype}[${shape.join(',')}]`;
}
