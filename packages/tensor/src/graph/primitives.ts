/**
 * The primitives (docs/specs/arithmetic.md §2): what every consumer (executor, prover, replay) must
 * handle or refuse with a reason. Each consumer is an exhaustive table over `Primitive['kind']`, so
 * a new primitive is a type error until every one of them handles it.
 *
 * Here: what they are, the shape rule, and the element specification (which operands, in which
 * order, make one output element): affine for most, read from data for gather, scatterAdd and
 * lookup. No operand is ever read out of range: what affine maps read is checked here, an index
 * that is data is checked while running and stops the run with `program.index`. Derivatives are in
 * differentiate.ts, the executable definition in twins/, the kernels in assembly/.
 */
import { MisuseError } from '@nonet/core';
import { type Affine, assertAffine, type FlatMap, flatten, identity } from './affine.ts';
import { type Expression, expressionType } from './expression.ts';
import {
  assertShape,
  boundShape,
  type Dtype,
  type Extent,
  equalShapes,
  multiplyExtents,
  printUntrusted,
  type Shape,
  type TensorId,
} from './shape.ts';

/** What `reduce` may do over its terms. */
export const reductions = ['sum', 'max', 'min', 'argmax', 'argmin'] as const;
/** The name of one of these. */
export type Reduction = (typeof reductions)[number];
/** Whether a reduction gives the position of a term, rather than a value. */
export const isPosition = (op: Reduction): boolean => op.startsWith('arg');

/**
 * A primitive: kind, operands and attributes. `out` is the shape of the result, `k` the index space
 * of its terms, `maps` one affine read per operand.
 */
export type Primitive =
  /**
   * out[o] = sum over k of a[A(o,k)] * b[B(o,k)]: c = +0, then c = fround(c + fround(a * b)), k
   * ascending, row-major. Of two i32: exact mod 2^32. (There is no i8: integers of 8 bits are i32
   * whose range `requantise` bounds.)
   */
  | {
      readonly kind: 'contract';
      readonly operands: readonly TensorId[];
      readonly out: Shape;
      readonly k: Shape;
      readonly maps: readonly Affine[];
    }
  /**
   * Over k ascending. sum: c = +0, then c = fround(c + x); of i32, mod 2^32. max and argmax: the
   * first term, then larger ones; min and argmin: smaller ones; ties keep the lowest k.
   */
  | {
      readonly kind: 'reduce';
      readonly op: Reduction;
      readonly operands: readonly TensorId[];
      readonly out: Shape;
      readonly k: Shape;
      readonly maps: readonly Affine[];
    }
  /** out[o] = expression of the operands at M(o); detached operands stop gradients. */
  | {
      readonly kind: 'map';
      readonly operands: readonly TensorId[];
      readonly out: Shape;
      readonly maps: readonly Affine[];
      readonly detached: readonly number[];
      readonly expression: Expression;
    }
  /** out[o] = a[A(o)]: transpose, slice, broadcast, stride. */
  | {
      readonly kind: 'view';
      readonly operands: readonly TensorId[];
      readonly out: Shape;
      readonly maps: readonly Affine[];
    }
  /** The same elements in the same order under another shape. */
  | { readonly kind: 'reshape'; readonly operands: readonly TensorId[]; readonly out: Shape }
  /**
   * Element i of axis a lands at low[a] + i * (interior[a] + 1); everything else is the value with
   * these bits; `high` follows.
   */
  | {
      readonly kind: 'pad';
      readonly operands: readonly TensorId[];
      readonly low: readonly number[];
      readonly high: readonly number[];
      readonly interior: readonly number[];
      readonly valueBits: number;
    }
  /** The operands one after the other along `axis`. */
  | { readonly kind: 'concat'; readonly operands: readonly TensorId[]; readonly axis: number }
  /**
   * data (P,N,S), index i32 (I) -> (P,I,S): the index replaces axis N of the data, number `axis`.
   */
  | { readonly kind: 'gather'; readonly operands: readonly TensorId[]; readonly axis: number }
  /**
   * source (P,I,S), index i32 (I) -> (P,size,S): from +0, each source element in row-major order: c
   * = fround(c + x).
   */
  | {
      readonly kind: 'scatterAdd';
      readonly operands: readonly TensorId[];
      readonly axis: number;
      readonly size: Extent;
    }
  /**
   * seed i32 (2), step i32 () -> i32 `out`: element e is word e mod 4 of Philox4x32-10 at counter
   * (e div 4, step, stream, 0) under the key seed. Public randomness only.
   */
  | {
      readonly kind: 'random';
      readonly operands: readonly TensorId[];
      readonly out: Shape;
      readonly stream: number;
    }
  /**
   * i32 -> i32: clamp(floor((x + 2^(shift-1)) / 2^shift) + zero, low, high), exact; one shift and
   * zero in all, or one for each position on `axis`.
   */
  | {
      readonly kind: 'requantise';
      readonly operands: readonly TensorId[];
      readonly axis: number;
      readonly shift: readonly number[];
      readonly zero: readonly number[];
      readonly low: number;
      readonly high: number;
    }
  /**
   * x i32 in low..high, table (high - low + 1) -> table[x - low]. A prover needs the table to be a
   * constant.
   */
  | {
      readonly kind: 'lookup';
      readonly operands: readonly TensorId[];
      readonly low: number;
      readonly high: number;
    };

/** The name of a primitive. */
export type PrimitiveKind = Primitive['kind'];

/** The type of a tensor. */
export interface TensorType {
  readonly dtype: Dtype;
  readonly shape: Shape;
}

function assertCount(kind: string, count: number, operands: readonly unknown[], maps?: readonly unknown[]) {
  if (operands.length === count && (maps === undefined || maps.length === count)) return;
  throw new MisuseError({
    code: 'primitive.operands',
    expected: `${count} operands${maps === undefined ? '' : ', each with an index map,'} for ${kind}`,
    found: `${operands.length} operands${maps === undefined ? '' : `, ${maps.length} maps`}`,
  });
}

function assertDtypes(kind: string, dtypes: readonly Dtype[], operands: readonly TensorType[]) {
  if (operands.length === dtypes.length && operands.every(({ dtype }, i) => dtype === dtypes[i])) return;
  throw new MisuseError({
    code: 'primitive.dtype',
    expected: `the operands ${dtypes.join(', ')} for ${kind}`,
    found: operands.map(({ dtype }) => dtype).join(', ') || 'none',
  });
}

/** Throws `primitive.attribute` with what was expected of which attribute. */
function assertAttribute(fits: boolean, primitive: Primitive, expected: string, found: unknown) {
  if (fits) return;
  throw new MisuseError({
    code: 'primitive.attribute',
    expected: `${expected} for ${primitive.kind}`,
    found: printUntrusted(found),
  });
}

const isInteger32 = (value: number) => Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 31;

/** A count below `limit`. */
const isBelow = (value: number, limit: number) => Number.isInteger(value) && value >= 0 && value < limit;

/** Primitives whose operands are read through affine maps. */
export type AffinePrimitive = Extract<Primitive, { readonly maps: readonly Affine[] } | { kind: 'reshape' }>;

/** The axes of o, then of k: the index space that the maps read. */
export function indexSpace(primitive: AffinePrimitive): Shape {
  return 'k' in primitive ? [...primitive.out, ...primitive.k] : primitive.out;
}

const shapeRules: {
  readonly [K in PrimitiveKind]: (
    primitive: Extract<Primitive, { kind: K }>,
    operands: readonly TensorType[],
  ) => TensorType;
} = {
  contract(primitive, operands) {
    assertCount('contract', 2, operands, primitive.maps);
    const { dtype } = operands[0];
    assertDtypes('contract', [dtype, dtype], operands);
    return { dtype, shape: primitive.out };
  },
  reduce(primitive, operands) {
    assertCount('reduce', 1, operands, primitive.maps);
    return { dtype: isPosition(primitive.op) ? 'i32' : operands[0].dtype, shape: primitive.out };
  },
  map(primitive, operands) {
    assertCount('map', operands.length, operands, primitive.maps);
    for (const [i, index] of primitive.detached.entries()) {
      const ascending = i === 0 || index > primitive.detached[i - 1];
      if (Number.isInteger(index) && index >= 0 && index < operands.length && ascending) continue;
      throw new MisuseError({
        code: 'primitive.detached',
        expected: `ascending operand numbers below ${operands.length}`,
        found: JSON.stringify(primitive.detached).slice(0, 80),
      });
    }
    const dtype = expressionType(
      primitive.expression,
      operands.map((operand) => operand.dtype),
      primitive.out.length,
    );
    return { dtype, shape: primitive.out };
  },
  view(primitive, operands) {
    assertCount('view', 1, operands, primitive.maps);
    return { dtype: operands[0].dtype, shape: primitive.out };
  },
  reshape(primitive, operands) {
    assertCount('reshape', 1, operands);
    if (!sameElements(operands[0].shape, primitive.out)) {
      throw new MisuseError({
        code: 'primitive.reshape',
        expected: `as many elements as [${operands[0].shape.join(',')}]`,
        found: `[${primitive.out.join(',')}]`,
      });
    }
    return { dtype: operands[0].dtype, shape: primitive.out };
  },
  pad(primitive, operands) {
    assertCount('pad', 1, operands);
    const { dtype, shape } = operands[0];
    const { low, high, interior, valueBits } = primitive;
    for (const counts of [low, high, interior]) {
      const fits = counts.length === shape.length && counts.every((count) => isBelow(count, 2 ** 31));
      assertAttribute(fits, primitive, `${shape.length} counts`, counts);
    }
    assertAttribute(isBelow(valueBits, 2 ** 32), primitive, '32 bits', valueBits);
    const out = shape.map((extent, axis) => {
      const added = low[axis] + high[axis];
      if (typeof extent === 'number') return added + (extent - 1) * (interior[axis] + 1) + 1;
      assertAttribute(added + interior[axis] === 0, primitive, `nothing beside axis ${extent}`, primitive);
      return extent;
    });
    return { dtype, shape: out };
  },
  concat(primitive, operands) {
    assertCount('concat', Math.max(1, operands.length), operands);
    const { axis } = primitive;
    const [{ dtype, shape }] = operands;
    assertDtypes(
      'concat',
      operands.map(() => dtype),
      operands,
    );
    assertAttribute(isBelow(axis, shape.length), primitive, `an axis below ${shape.length}`, axis);
    const others = (type: TensorType) => type.shape.toSpliced(axis, 1);
    let total = 0;
    for (const operand of operands) {
      const extent = operand.shape[axis];
      const fits =
        operand.shape.length === shape.length &&
        typeof extent === 'number' &&
        equalShapes(others(operand), others(operands[0]));
      assertAttribute(
        fits,
        primitive,
        `[${shape.join(',')}] on all axes but ${axis}, which is a number,`,
        operand.shape,
      );
      total += extent as number;
    }
    return { dtype, shape: shape.with(axis, total) };
  },
  gather(primitive, operands) {
    assertCount('gather', 2, operands);
    const [data, index] = operands;
    assertDtypes('gather', [data.dtype, 'i32'], operands);
    const { axis } = primitive;
    assertAttribute(isBelow(axis, data.shape.length), primitive, `an axis below ${data.shape.length}`, axis);
    return { dtype: data.dtype, shape: data.shape.toSpliced(axis, 1, ...index.shape) };
  },
  scatterAdd(primitive, operands) {
    assertCount('scatterAdd', 2, operands);
    assertDtypes('scatterAdd', ['f32', 'i32'], operands);
    const [source, index] = operands;
    const { axis, size } = primitive;
    assertAttribute(
      isBelow(axis, source.shape.length + 1) &&
        equalShapes(source.shape.slice(axis, axis + index.shape.length), index.shape),
      primitive,
      `[${index.shape.join(',')}] from axis ${axis} of the source on`,
      source.shape,
    );
    return { dtype: 'f32', shape: source.shape.toSpliced(axis, index.shape.length, size) };
  },
  random(primitive, operands) {
    assertCount('random', 2, operands);
    assertDtypes('random', ['i32', 'i32'], operands);
    const [seed, step] = operands;
    assertAttribute(
      equalShapes(seed.shape, [2]) && step.shape.length === 0,
      primitive,
      'seed i32[2] and step i32[]',
      operands.map(({ shape }) => shape),
    );
    assertAttribute(isBelow(primitive.stream, 2 ** 32), primitive, '32 bits as stream', primitive.stream);
    return { dtype: 'i32', shape: primitive.out };
  },
  requantise(primitive, operands) {
    assertCount('requantise', 1, operands);
    assertDtypes('requantise', ['i32'], operands);
    const { axis, shift, zero, low, high } = primitive;
    const { shape } = operands[0];
    const fits =
      shift.length === 1 ? axis === 0 : isBelow(axis, shape.length) && shape[axis] === shift.length;
    assertAttribute(fits, primitive, `one shift, or one for each position on axis ${axis}`, shift.length);
    assertAttribute(
      shift.every((count) => isBelow(count, 32)),
      primitive,
      'shifts of 0 to 31',
      shift,
    );
    assertAttribute(
      zero.length === shift.length && zero.every(isInteger32),
      primitive,
      'as many zeros as shifts',
      zero,
    );
    assertRange(primitive, low, high);
    return operands[0];
  },
  lookup(primitive, operands) {
    assertCount('lookup', 2, operands);
    const [x, table] = operands;
    assertDtypes('lookup', ['i32', table.dtype], operands);
    const { low, high } = primitive;
    assertRange(primitive, low, high);
    assertAttribute(
      equalShapes(table.shape, [high - low + 1]),
      primitive,
      `a table of ${high - low + 1} entries`,
      table.shape,
    );
    return { dtype: table.dtype, shape: x.shape };
  },
};

/** All names of primitives. */
export const primitiveKinds = Object.keys(shapeRules) as readonly PrimitiveKind[];

function assertRange(primitive: Primitive, low: number, high: number) {
  assertAttribute(isInteger32(low) && isInteger32(high) && low <= high, primitive, 'low <= high', [
    low,
    high,
  ]);
}

/** Whether a node is a primitive, rather than a readable operation or a leaf. */
export function isPrimitive<T extends { readonly kind: string }>(
  node: T,
): node is Extract<T, { kind: PrimitiveKind }> {
  return Object.hasOwn(shapeRules, node.kind);
}

/** Whether two shapes have the same named extents and the same product of the others. */
const sameElements = (a: Shape, b: Shape): boolean => multiplyExtents(a) === multiplyExtents(b);

/**
 * dtype and shape of what the primitive makes; throws on operands, maps or shapes that do not fit.
 */
export function inferPrimitive(primitive: Primitive, operands: readonly TensorType[]): TensorType {
  if ('out' in primitive) assertShape(primitive.out, primitive.kind);
  if ('k' in primitive) assertShape(primitive.k, `k of ${primitive.kind}`);
  const rule = shapeRules[primitive.kind] as (
    primitive: Primitive,
    operands: readonly TensorType[],
  ) => TensorType;
  const type = rule(primitive, operands);
  assertShape(type.shape, primitive.kind);
  if ('maps' in primitive) {
    const space = indexSpace(primitive);
    for (const [i, map] of primitive.maps.entries()) {
      assertAffine(map, operands[i].shape, space, `operand ${i} of ${primitive.kind}`);
    }
  }
  return type;
}

/**
 * Which operands, in which order, make one output element of an affine primitive. Element o
 * (row-major over `out`) is made of the terms k = 0, 1, ... (row-major over `k`; one term if `k` is
 * empty); term k reads operand i at `base + strides * (o, k)` of its row-major data.
 */
export interface ElementSpecification {
  readonly out: readonly number[];
  readonly k: readonly number[];
  readonly operands: readonly FlatMap[];
}

/**
 * The element specification of a primitive whose extents are bound, over operands of the given
 * shapes.
 */
export function elementSpecification(
  primitive: AffinePrimitive,
  operands: readonly Shape[],
): ElementSpecification {
  const out = boundShape(primitive.out);
  const k = 'k' in primitive ? boundShape(primitive.k) : [];
  if (primitive.kind === 'reshape') {
    return { out, k, operands: [flatten(identity(out.length), out, out.length)] };
  }
  return {
    out,
    k,
    operands: primitive.maps.map((map, i) => flatten(map, boundShape(operands[i]), out.length + k.length)),
  };
}
