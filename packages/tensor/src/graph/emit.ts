/**
 * Adding primitives to a graph under construction: what lowerings, derivatives and optimisers are
 * written with.
 */
import { type Affine, identity, project } from './affine.ts';
import type { Builder } from './builder.ts';
import { arg, type Expression } from './expression.ts';
import type { TensorId } from './graph.ts';
import type { Reduction } from './primitives.ts';
import { type Extent, extentFactors, multiplyExtents, type Shape } from './shape.ts';

/** A tensor that a map reads. */
export interface MapOperand {
  readonly tensor: TensorId;
  /** The identity if left out. */
  readonly map?: Affine;
  readonly detached?: boolean;
}

/** Adds a map over `out`; operands are whole tensors unless they say otherwise. */
export function addMap(
  g: Builder,
  out: Shape,
  expression: Expression,
  operands: readonly MapOperand[],
  note?: string,
): TensorId {
  return g.add(
    {
      kind: 'map',
      operands: operands.map(({ tensor }) => tensor),
      out,
      maps: operands.map(({ map }) => map ?? identity(out.length)),
      detached: operands.flatMap(({ detached }, i) => (detached ? [i] : [])),
      expression,
    },
    note,
  );
}

/** Terms of one map: expressions nest no deeper than 48. */
const termsOfMap = 32;

/** ((x0 + x1) + x2) + ..., in as many maps as it takes. */
export function addInOrder(g: Builder, out: Shape, terms: readonly MapOperand[], note?: string): TensorId {
  const first = terms.slice(0, termsOfMap);
  const sum = first.map((_, i) => arg(i)).reduce((a, b): Expression => ['add', a, b]);
  const tensor = addMap(g, out, sum, first, note);
  if (terms.length <= termsOfMap) return tensor;
  return addInOrder(g, out, [{ tensor }, ...terms.slice(termsOfMap)], note);
}

/** Reduces the given axes of x, ascending; the other axes stay in order. */
export function addReduce(
  g: Builder,
  op: Reduction,
  x: TensorId,
  axes: readonly number[],
  note?: string,
): TensorId {
  const { shape } = g.nodes[x];
  const kept = [...shape.keys()].filter((axis) => !axes.includes(axis));
  const order = [...kept, ...axes];
  return g.add(
    {
      kind: 'reduce',
      op,
      operands: [x],
      out: kept.map((axis) => shape[axis]),
      k: axes.map((axis) => shape[axis]),
      maps: [
        project(
          order.length,
          shape.map((_, axis) => order.indexOf(axis)),
        ),
      ],
    },
    note,
  );
}

/** Reduces the last axis of x. */
export const reduceLast = (g: Builder, op: Reduction, x: TensorId, note?: string): TensorId =>
  addReduce(g, op, x, [g.nodes[x].shape.length - 1], note);

/** Reads a tensor that lacks the given axes of a space of this rank. */
export function without(rank: number, axes: readonly number[]): Affine {
  return project(
    rank,
    [...Array(rank).keys()].filter((axis) => !axes.includes(axis)),
  );
}

/** Reads one value everywhere. */
export const scalar = (rank: number): Affine => project(rank, []);

/** Reads a tensor whose axes are the last ones of a space of this rank. */
export const trailing = (rank: number, axes: number): Affine =>
  project(
    rank,
    Array.from({ length: axes }, (_, axis) => axis + rank - axes),
  );

/** The same elements under another shape; x itself if it has that shape. */
export function addReshape(g: Builder, x: TensorId, out: Shape, note?: string): TensorId {
  return JSON.stringify(g.nodes[x].shape) === JSON.stringify(out)
    ? x
    : g.add({ kind: 'reshape', operands: [x], out }, note);
}

/** x with extent 1 put back at the given axes of `shape`, if they are to be kept. */
export function keepAxes(
  g: Builder,
  x: TensorId,
  shape: Shape,
  axes: readonly number[],
  keep: boolean,
): TensorId {
  if (!keep) return x;
  return addReshape(
    g,
    x,
    shape.map((extent, axis): Extent => (axes.includes(axis) ? 1 : extent)),
  );
}

/**
 * How many elements the axes have together, as a literal and, for named ones, a tensor f32[] that
 * counts them. Exact below 2^24.
 */
export function countElements(
  g: Builder,
  extents: Shape,
): { readonly literal: number; readonly named: TensorId | undefined } {
  const { count: literal, names } = extentFactors(multiplyExtents(extents));
  if (names.length === 0) return { literal, named: undefined };
  const one = g.constant(Float32Array.of(1), []);
  const named = g.add({
    kind: 'reduce',
    op: 'sum',
    operands: [one],
    out: [],
    k: names,
    maps: [scalar(names.length)],
  });
  return { literal, named };
}
