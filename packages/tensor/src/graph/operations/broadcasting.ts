/**
 * Operations on two or three tensors, element by element, with NumPy's broadcasting: shapes are
 * aligned at their last axes, and an extent of 1, or an axis that is absent, is repeated.
 * Comparisons and logic give i32, 1 for true and 0 for false.
 */
import { type Affine, project } from '../affine.ts';
import type { Builder } from '../builder.ts';
import { addMap } from '../emit.ts';
import { arg, type Expression, integer } from '../expression.ts';
import type { TensorId } from '../graph.ts';
import type { TensorType } from '../primitives.ts';
import type { Dtype, Extent, Shape } from '../shape.ts';
import { type Definition, type Definitions, shapeAttribute } from './definition.ts';

const a = arg(0);
const b = arg(1);
const truth = (condition: Expression): Expression => ['select', condition, integer(1), integer(0)];

interface Pair {
  readonly expression: Expression;
  /** What both operands must be; either, if left out. */
  readonly takes?: Dtype;
  /** What comes out; the operands' dtype if left out. */
  readonly gives?: Dtype;
}

/** Whether b is a NaN. */
const unequal: Expression = ['xor', ['eq', b, b], ['eq', integer(0), integer(0)]];

/**
 * maximum and minimum give the first operand where neither is larger, and a NaN where either is
 * one; their derivative goes to the operand that was given.
 */
const pairs = {
  add: { expression: ['add', a, b] },
  sub: { expression: ['sub', a, b] },
  mul: { expression: ['mul', a, b] },
  div: { expression: ['div', a, b], takes: 'f32' },
  maximum: { expression: ['select', ['or', ['lt', a, b], unequal], b, a] },
  minimum: { expression: ['select', ['or', ['lt', b, a], unequal], b, a] },
  equal: { expression: truth(['eq', a, b]), gives: 'i32' },
  less: { expression: truth(['lt', a, b]), gives: 'i32' },
  greater: { expression: truth(['lt', b, a]), gives: 'i32' },
  lessOrEqual: { expression: truth(['or', ['lt', a, b], ['eq', a, b]]), gives: 'i32' },
  greaterOrEqual: { expression: truth(['or', ['lt', b, a], ['eq', a, b]]), gives: 'i32' },
  and: { expression: ['and', a, b], takes: 'i32' },
  or: { expression: ['or', a, b], takes: 'i32' },
  xor: { expression: ['xor', a, b], takes: 'i32' },
} as const satisfies Readonly<Record<string, Pair>>;

type PairKind = keyof typeof pairs;
type Node<K extends string> = { readonly kind: K; readonly operands: readonly TensorId[] };

/** Operations that broadcast their operands. */
export type BroadcastingOperation =
  | { [K in PairKind]: Node<K> }[PairKind]
  /** condition i32, a, b: a where the condition is not 0, else b. */
  | Node<'where'>
  /** 1 where x i32 is 0, else 0. */
  | Node<'not'>
  /** x repeated to the given shape. */
  | (Node<'broadcast'> & { readonly to: Shape });

/** The common shape; undefined if there is none. */
export function broadcastShapes(shapes: readonly Shape[]): Shape | undefined {
  const rank = Math.max(...shapes.map(({ length }) => length));
  const out: Extent[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const extents = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
    const extent = extents.find((candidate) => candidate !== 1) ?? 1;
    if (extents.some((other) => other !== 1 && other !== extent)) return undefined;
    out.push(extent);
  }
  return out;
}

/** Reads a tensor of one shape as if it were repeated to another. */
export function broadcastMap(from: Shape, to: Shape): Affine {
  const shift = to.length - from.length;
  return project(
    to.length,
    from.map((extent, axis) => (extent === 1 && to[axis + shift] !== 1 ? -1 : axis + shift)),
  );
}

const reads = (g: Builder, operands: readonly TensorId[], out: Shape) =>
  operands.map((tensor) => ({ tensor, map: broadcastMap(g.nodes[tensor].shape, out) }));

function inferPair(pair: Pair, operands: readonly TensorType[], refuse: (expected: string) => never) {
  const { dtype } = operands[0];
  if (operands[1].dtype !== dtype || (pair.takes ?? dtype) !== dtype) {
    refuse(`two ${pair.takes ?? 'tensors of one dtype'}`);
  }
  const shape = broadcastShapes(operands.map((operand) => operand.shape));
  return { dtype: pair.gives ?? dtype, shape: shape ?? refuse('shapes that broadcast to one') };
}

const pairDefinitions = Object.fromEntries(
  Object.entries<Pair>(pairs).map(([kind, pair]) => {
    const definition: Definition<Node<string>> = {
      operands: ['a', 'b'],
      attributes: {},
      infer: (_, operands, refuse) => inferPair(pair, operands, refuse),
      lower(g, _, operands) {
        const out = broadcastShapes(operands.map((operand) => g.nodes[operand].shape))!;
        return addMap(g, out, pair.expression, reads(g, operands, out), kind);
      },
    };
    return [kind, definition];
  }),
) as unknown as Definitions<{ [K in PairKind]: Node<K> }[PairKind]>;

/** Definitions, by kind. */
export const broadcasting: Definitions<BroadcastingOperation> = {
  ...pairDefinitions,
  where: {
    operands: ['condition', 'a', 'b'],
    attributes: {},
    infer(_, operands, refuse) {
      const [condition, { dtype }, other] = operands;
      if (condition.dtype !== 'i32' || other.dtype !== dtype) refuse('condition i32 and two of one dtype');
      const shape = broadcastShapes(operands.map((operand) => operand.shape));
      return { dtype, shape: shape ?? refuse('shapes that broadcast to one') };
    },
    lower(g, _, operands) {
      const out = broadcastShapes(operands.map((operand) => g.nodes[operand].shape))!;
      const chosen: Expression = ['select', ['eq', a, integer(0)], arg(2), b];
      return addMap(g, out, chosen, reads(g, operands, out), 'where');
    },
  },
  not: {
    operands: ['x'],
    attributes: {},
    infer: (_, [x], refuse) => (x.dtype === 'i32' ? x : refuse('i32')),
    lower: (g, _, [x]) => addMap(g, g.nodes[x].shape, truth(['eq', a, integer(0)]), [{ tensor: x }], 'not'),
  },
  broadcast: {
    operands: ['x'],
    attributes: { to: shapeAttribute },
    infer({ to }, [{ dtype, shape }], refuse) {
      const common = broadcastShapes([shape, to]);
      const fits = common !== undefined && JSON.stringify(common) === JSON.stringify(to);
      return fits ? { dtype, shape: to } : refuse(`a shape that broadcasts to [${to.join(',')}]`);
    },
    lower: (g, { to }, [x]) =>
      g.add(
        { kind: 'view', operands: [x], out: to, maps: [broadcastMap(g.nodes[x].shape, to)] },
        'broadcast',
      ),
  },
};

const pairFunction = (kind: PairKind) => (g: Builder, a: TensorId, b: TensorId) =>
  g.add({ kind, operands: [a, b] });

/** a + b, broadcast; f32 or i32 (mod 2^32). */
export const add = pairFunction('add');
/** a - b, broadcast; f32 or i32 (mod 2^32). */
export const sub = pairFunction('sub');
/** a b, element by element, broadcast; f32 or i32 (mod 2^32). */
export const mul = pairFunction('mul');
/** a / b, broadcast; f32. */
export const div = pairFunction('div');
/** The larger of a and b, a where they are equal; broadcast. */
export const maximum = pairFunction('maximum');
/** The smaller of a and b, a where they are equal; broadcast. */
export const minimum = pairFunction('minimum');
/** 1 where a = b, else 0, as i32; broadcast. */
export const equal = pairFunction('equal');
/** 1 where a < b, else 0, as i32; broadcast. */
export const less = pairFunction('less');
/** 1 where a > b, else 0, as i32; broadcast. */
export const greater = pairFunction('greater');
/** 1 where a <= b, else 0, as i32; broadcast. */
export const lessOrEqual = pairFunction('lessOrEqual');
/** 1 where a >= b, else 0, as i32; broadcast. */
export const greaterOrEqual = pairFunction('greaterOrEqual');
/** a and b, bit by bit; i32, broadcast. */
export const and = pairFunction('and');
/** a or b, bit by bit; i32, broadcast. */
export const or = pairFunction('or');
/** a exclusive-or b, bit by bit; i32, broadcast. */
export const xor = pairFunction('xor');

/** 1 where x (i32) is 0, else 0. */
export const not = (g: Builder, x: TensorId): TensorId => g.add({ kind: 'not', operands: [x] });

/** a where the condition (i32) is not 0, else b. */
export const where = (g: Builder, condition: TensorId, a: TensorId, b: TensorId): TensorId =>
  g.add({ kind: 'where', operands: [condition, a, b] });

/** x repeated to the given shape. */
export const broadcast = (g: Builder, x: TensorId, to: Shape): TensorId =>
  g.add({ kind: 'broadcast', operands: [x], to });
