/**
 * The primitives: what every consumer (executor, prover, replay) must handle or refuse with a reason. Each consumer is an
 * exhaustive table over `Primitive['kind']`, so a new primitive is a type error until somebody has decided.
 *
 * Here: what they are, the shape rule, and the element specification (which operands, in which order, make one output element).
 * Derivatives are in differentiate.ts, the executable definition in twins/, the kernels in assembly/.
 */
import { MisuseError } from '@nonet/core';
import { type Affine, assertAffine, type FlatMap, flatten, identity } from './affine.ts';
import { type Expression, expressionType } from './expression.ts';
import { assertShape, boundShape, type Dtype, equalShapes, type Shape, type TensorId } from './shape.ts';

export type Reduction = 'sum' | 'max' | 'argmax';

export type Primitive =
  /** out[o] = sum over k of a[A(o,k)] * b[B(o,k)]: c = +0, then c = fround(c + fround(a * b)), k ascending, row-major. */
  | {
      readonly kind: 'contract';
      readonly operands: readonly TensorId[];
      readonly out: Shape;
      readonly k: Shape;
      readonly maps: readonly Affine[];
    }
  /** Over k ascending. sum: c = +0, then c = fround(c + x). max and argmax: the first term, then larger ones; ties keep the lowest k. */
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
  | { readonly kind: 'reshape'; readonly operands: readonly TensorId[]; readonly out: Shape };

export type PrimitiveKind = Primitive['kind'];
const primitiveKinds: ReadonlySet<string> = new Set<PrimitiveKind>([
  'contract',
  'reduce',
  'map',
  'view',
  'reshape',
]);

export function isPrimitive<T extends { readonly kind: string }>(
  node: T,
): node is Extract<T, { kind: PrimitiveKind }> {
  return primitiveKinds.has(node.kind);
}

export interface TensorType {
  readonly dtype: Dtype;
  readonly shape: Shape;
}

function assertCount(kind: string, count: number, operands: readonly unknown[], maps: readonly unknown[]) {
  if (operands.length === count && maps.length === count) return;
  throw new MisuseError({
    code: 'primitive.operands',
    expected: `${count} operands, each with an index map, for ${kind}`,
    found: `${operands.length} operands, ${maps.length} maps`,
  });
}

function assertFloat(kind: string, operands: readonly TensorType[]) {
  if (operands.every(({ dtype }) => dtype === 'f32')) return;
  throw new MisuseError({ code: 'primitive.dtype', expected: `f32 operands for ${kind}`, found: 'i32' });
}

/** The axes of o, then of k: the index space that the maps read. */
export function indexSpace(primitive: Primitive): Shape {
  return primitive.kind === 'contract' || primitive.kind === 'reduce'
    ? [...primitive.out, ...primitive.k]
    : primitive.out;
}

const shapeRules: {
  readonly [K in PrimitiveKind]: (
    primitive: Extract<Primitive, { kind: K }>,
    operands: readonly TensorType[],
  ) => Dtype;
} = {
  contract(primitive, operands) {
    assertCount('contract', 2, operands, primitive.maps);
    assertFloat('contract', operands);
    return 'f32';
  },
  reduce(primitive, operands) {
    assertCount('reduce', 1, operands, primitive.maps);
    assertFloat('reduce', operands);
    return primitive.op === 'argmax' ? 'i32' : 'f32';
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
    return expressionType(
      primitive.expression,
      operands.map(({ dtype }) => dtype),
      primitive.out.length,
    );
  },
  view(primitive, operands) {
    assertCount('view', 1, operands, primitive.maps);
    return operands[0].dtype;
  },
  reshape(primitive, operands) {
    assertCount('reshape', 1, operands, [identity(0)]);
    if (!sameElements(operands[0].shape, primitive.out)) {
      throw new MisuseError({
        code: 'primitive.reshape',
        expected: `as many elements as [${operands[0].shape.join(',')}]`,
        found: `[${primitive.out.join(',')}]`,
      });
    }
    return operands[0].dtype;
  },
};

/** Whether two shapes have the same named extents and the same product of the others. */
function sameElements(a: Shape, b: Shape): boolean {
  const names = (shape: Shape) => shape.filter((extent) => typeof extent === 'string').sort();
  const product = (shape: Shape) =>
    shape.reduce<number>((count, extent) => (typeof extent === 'string' ? count : count * extent), 1);
  return equalShapes(names(a), names(b)) && product(a) === product(b);
}

/** dtype and shape of what the primitive makes; throws on operands, maps or shapes that do not fit. */
export function inferPrimitive(primitive: Primitive, operands: readonly TensorType[]): TensorType {
  assertShape(primitive.out, primitive.kind);
  if ('k' in primitive) assertShape(primitive.k, `k of ${primitive.kind}`);
  const rule = shapeRules[primitive.kind] as (primitive: Primitive, operands: readonly TensorType[]) => Dtype;
  const dtype = rule(primitive, operands);
  if ('maps' in primitive) {
    const space = indexSpace(primitive);
    for (const [i, map] of primitive.maps.entries()) {
      assertAffine(map, operands[i].shape, space, `operand ${i} of ${primitive.kind}`);
    }
  }
  return { dtype, shape: primitive.out };
}

/**
 * Which operands, in which order, make one output element. Element o (row-major over `out`) is made of the terms k = 0, 1, ...
 * (row-major over `k`; one term if `k` is empty); term k reads operand i at `base + strides * (o, k)` of its row-major data.
 */
export interface ElementSpecification {
  readonly out: readonly number[];
  readonly k: readonly number[];
  readonly operands: readonly FlatMap[];
}

/** The element specification of a primitive whose extents are bound, over operands of the given shapes. */
export function elementSpecification(primitive: Primitive, operands: readonly Shape[]): ElementSpecification {
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
