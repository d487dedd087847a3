/**
 * Adjoints and how they come back through affine reads. If y[o] is made from x[M(o,k)], the adjoint
 * of x at p sums the adjoint of y over all (o,k) with M(o,k) = p. `invertAffine` writes that sum as
 * affine reads again, axis by axis of x:
 *
 *     copy     p = o                      nothing to do
 *     line     p = s*o + b                pad afterwards, s-1 zeros between neighbours
 *     tile     p = s*o + r, r < s         the pair (o,r), reshaped to one axis
 *     window   p = s*o + d*r + b          pad the adjoint of y before, s-1 zeros between
 *                                         neighbours, and sum over r
 *     point    p = b                      pad afterwards
 *
 * Sums run over the axes of (o,k) that x does not name, row-major. Not expressible, and refused:
 * diagonals (x[i,i]), and windows in which both factors of a contraction move.
 */
import { MisuseError } from '@nonet/core';
import { type Affine, compose, identity, projectedColumns } from '../graph/affine.ts';
import type { Builder } from '../graph/builder.ts';
import { addMap } from '../graph/emit.ts';
import { arg, constant, type Expression } from '../graph/expression.ts';
import type { TensorId } from '../graph/graph.ts';
import { type Extent, equalShapes, type Shape } from '../graph/shape.ts';

/**
 * A tensor read through an index map over the axes of the tensor whose adjoint it is; the adjoint
 * of the output itself is 1.
 */
export type Adjoint = { readonly tensor: TensorId; readonly map: Affine } | { readonly literal: 1 };

/** The adjoint as a value inside a map over its own tensor's shape: an argument, or the literal. */
export function asExpression(adjoint: Adjoint, index: number): Expression {
  return 'tensor' in adjoint ? arg(index) : constant(1);
}

/** What a map with `asExpression` reads: the adjoint's tensor, or nothing. */
export function asOperands(adjoint: Adjoint): readonly { tensor: TensorId; map: Affine }[] {
  return 'tensor' in adjoint ? [adjoint] : [];
}

const equalMaps = (a: Affine, b: Affine) => JSON.stringify(a) === JSON.stringify(b);

/** The adjoint as a tensor of the given shape, written out if it is a broadcast or a slice. */
export function materialise(g: Builder, adjoint: Adjoint, shape: Shape): TensorId {
  if (
    'tensor' in adjoint &&
    equalMaps(adjoint.map, identity(shape.length)) &&
    equalShapes(g.nodes[adjoint.tensor].shape, shape)
  ) {
    return adjoint.tensor;
  }
  return addMap(g, shape, asExpression(adjoint, 0), asOperands(adjoint), 'broadcast');
}

/** The adjoint at map(i); `columns` counts the axes of i. */
export function readThrough(adjoint: Adjoint, map: Affine, columns: number): Adjoint {
  if (!('tensor' in adjoint)) return adjoint;
  return { tensor: adjoint.tensor, map: compose(adjoint.map, map, columns) };
}

interface Term {
  readonly column: number;
  readonly factor: number;
  readonly extent: number;
}

/**
 * How one axis of the operand is found again; see the table above. `low`, `high`, `interior` say
 * how to pad.
 */
type Row =
  | { readonly kind: 'copy'; readonly column: number }
  | { readonly kind: 'point'; readonly low: number; readonly high: number }
  | ({ readonly kind: 'line'; readonly term: Term } & Padding)
  | {
      readonly kind: 'tile';
      readonly terms: readonly [Term, Term];
      readonly low: number;
      readonly high: number;
    }
  | ({ readonly kind: 'window'; readonly term: Term; readonly others: readonly Term[] } & Padding);

interface Padding {
  readonly low: number;
  readonly high: number;
  readonly interior: number;
}

/**
 * The inverse of an affine read. `columns` are the axes of the index space (o,k); the adjoint has
 * the first `adjointRank` of them.
 */
interface Inverse {
  readonly rows: readonly Row[];
  /** The shape of what is summed up, before it is reshaped and padded into the operand's shape. */
  readonly mid: Shape;
  /** Columns to sum over. */
  readonly summed: readonly number[];
  /**
   * From (mid, summed) to the columns of the space; a window's column is a position in the padded
   * adjoint.
   */
  readonly back: Affine;
  /** Columns of the space that are windows. */
  readonly windows: readonly number[];
}

function refuse(map: Affine, why: string): never {
  throw new MisuseError({
    code: 'differentiate.unsupported',
    expected: 'operands read along their own axes',
    found: `the index map ${JSON.stringify(map)}, ${why}`,
    hint: 'Read a gathered copy instead: gather has a derivative for any index.',
  });
}

function invertRow(
  map: Affine,
  axis: number,
  operand: Shape,
  space: Shape,
  adjointRank: number,
  taken: ReadonlySet<number>,
): Row {
  const row = map.matrix[axis];
  const offset = map.offset[axis];
  const extent = operand[axis];
  const used = row.flatMap((factor, column) => (factor === 0 ? [] : [column]));
  const whole = used.length === 1 && row[used[0]] === 1 && offset === 0 && space[used[0]] === extent;
  if (whole && !taken.has(used[0])) return { kind: 'copy', column: used[0] };
  if (typeof extent === 'string' || used.some((column) => typeof space[column] === 'string')) {
    return refuse(map, 'which reads a named axis other than whole');
  }
  const alone = (column: number) => map.matrix.every((other, i) => i === axis || other[column] === 0);
  const terms = used
    .map((column) => ({ column, factor: row[column], extent: space[column] as number }))
    .filter((term) => term.extent > 1);
  if (terms.length === 0) return { kind: 'point', low: offset, high: extent - 1 - offset };
  const ordered = terms.toSorted((a, b) => Math.abs(b.factor) - Math.abs(a.factor));
  const [first, second] = ordered;
  const reach = Math.abs(first.factor) * (first.extent - 1);
  if (terms.length === 1 && alone(first.column)) {
    const low = first.factor > 0 ? offset : offset - reach;
    return {
      kind: 'line',
      term: first,
      low,
      interior: Math.abs(first.factor) - 1,
      high: extent - 1 - low - reach,
    };
  }
  if (terms.length === 2 && alone(first.column) && alone(second.column)) {
    const tiled = first.factor > 0 && second.factor === 1 && first.factor === second.extent;
    const high = extent - offset - first.factor * first.extent;
    if (tiled) return { kind: 'tile', terms: [first, second], low: offset, high };
  }
  const solved = ordered.find(({ column }) => column < adjointRank && alone(column));
  if (solved === undefined) return refuse(map, 'a diagonal');
  return invertWindow(
    solved,
    terms.filter((term) => term !== solved),
    offset,
    extent,
  );
}

/**
 * p = s*o + sum of d*r + b, solved for o: the padded adjoint at p + sum over d > 0 of d*(n-1) - sum
 * of d*r.
 */
function invertWindow(term: Term, others: readonly Term[], offset: number, extent: number): Row {
  const reach = Math.abs(term.factor) * (term.extent - 1);
  const base = term.factor > 0 ? offset : offset - reach;
  const sum = (sign: 1 | -1) =>
    others.reduce((total, other) => total + Math.max(0, sign * other.factor) * (other.extent - 1), 0);
  return {
    kind: 'window',
    term,
    others,
    low: base + sum(1),
    interior: Math.abs(term.factor) - 1,
    high: extent - 1 - base + sum(-1) - reach,
  };
}

/**
 * How the adjoint of an operand of this shape, read through `map` over `space`, is found. Throws
 * `differentiate.unsupported`.
 */
export function invertAffine(map: Affine, operand: Shape, space: Shape, adjointRank: number): Inverse {
  const rows: Row[] = [];
  const taken = new Set<number>();
  const mid: Extent[] = [];
  /** Position in mid of the columns that are there. */
  const positions = new Map<number, number>();
  const windows: { readonly row: Extract<Row, { kind: 'window' }>; readonly position: number }[] = [];
  // Broadcast axes of extent 1 are no columns, even where the space has extent 1 as well.
  const projected = projectedColumns(map, operand, space);
  for (const axis of operand.keys()) {
    const row: Row =
      projected !== undefined && projected[axis] === undefined
        ? { kind: 'point', low: 0, high: 0 }
        : invertRow(map, axis, operand, space, adjointRank, taken);
    rows.push(row);
    const place = (column: number, extent: Extent) => {
      taken.add(column);
      positions.set(column, mid.length);
      mid.push(extent);
    };
    if (row.kind === 'copy') place(row.column, operand[axis]);
    else if (row.kind === 'line') place(row.term.column, row.term.extent);
    else if (row.kind === 'tile') for (const { column, extent } of row.terms) place(column, extent);
    else if (row.kind === 'window') {
      windows.push({ row, position: mid.length });
      mid.push(operand[axis]);
    } else mid.push(1);
  }
  const solved = windows.map(({ row }) => row.term.column);
  const summed = [...space.keys()].filter((column) => !positions.has(column) && !solved.includes(column));
  const rank = mid.length + summed.length;
  const unit = (position: number) => Array.from({ length: rank }, (_, i) => (i === position ? 1 : 0));
  const positionOf = (column: number) => positions.get(column) ?? mid.length + summed.indexOf(column);
  const matrix = [...space.keys()].map((column) =>
    solved.includes(column) ? unit(-1) : unit(positionOf(column)),
  );
  const offset = space.map(() => 0);
  for (const { row, position } of windows) {
    const target = matrix[row.term.column];
    target[position] = 1;
    for (const { column, factor, extent } of row.others) {
      target[positionOf(column)] -= factor;
      offset[row.term.column] += Math.max(0, factor) * (extent - 1);
    }
  }
  return { rows, mid, summed, back: { matrix, offset }, windows: solved };
}

/** The reads of the adjoint's own axes: the first rows of `back`. */
export function backOf({ back }: Inverse, adjointRank: number): Affine {
  return { matrix: back.matrix.slice(0, adjointRank), offset: back.offset.slice(0, adjointRank) };
}

function pad(g: Builder, tensor: TensorId, paddings: readonly Padding[], note: string): TensorId {
  if (paddings.every(({ low, high, interior }) => low + high + interior === 0)) return tensor;
  return g.add(
    {
      kind: 'pad',
      operands: [tensor],
      low: paddings.map(({ low }) => low),
      high: paddings.map(({ high }) => high),
      interior: paddings.map(({ interior }) => interior),
      valueBits: 0,
    },
    note,
  );
}

/** Reverses the given axes. */
function reverse(g: Builder, tensor: TensorId, axes: readonly number[]): TensorId {
  const { shape } = g.nodes[tensor];
  if (axes.length === 0) return tensor;
  const { matrix } = identity(shape.length);
  const map = {
    matrix: matrix.map((row, axis) => (axes.includes(axis) ? row.map((factor) => 0 - factor) : row)),
    offset: shape.map((extent, axis) => (axes.includes(axis) ? (extent as number) - 1 : 0)),
  };
  return g.add({ kind: 'view', operands: [tensor], out: shape, maps: [map] });
}

/**
 * The adjoint over `out`, with the columns that are windows padded, ready to be read through
 * `backOf`.
 */
export function padBefore(g: Builder, adjoint: Adjoint, out: Shape, inverse: Inverse, note: string): Adjoint {
  const windows = inverse.rows.flatMap((row) => (row.kind === 'window' ? [row] : []));
  if (windows.length === 0) return adjoint;
  const backward = windows.filter(({ term }) => term.factor < 0).map(({ term }) => term.column);
  const tensor = reverse(g, materialise(g, adjoint, out), backward);
  const paddings = out.map(
    (_, column) => windows.find(({ term }) => term.column === column) ?? { low: 0, high: 0, interior: 0 },
  );
  return { tensor: pad(g, tensor, paddings, note), map: identity(out.length) };
}

/** From a tensor of shape `mid` to one of the operand's shape. */
export function finish(g: Builder, tensor: TensorId, inverse: Inverse, note: string): TensorId {
  const { rows, mid } = inverse;
  let axis = 0;
  const merged = rows.map((row): Extent => {
    if (row.kind !== 'tile') return mid[axis++];
    axis += 2;
    return row.terms[0].extent * row.terms[1].extent;
  });
  const whole = rows.some(({ kind }) => kind === 'tile')
    ? g.add({ kind: 'reshape', operands: [tensor], out: merged }, note)
    : tensor;
  const backward = rows.flatMap((row, i) => (row.kind === 'line' && row.term.factor < 0 ? [i] : []));
  const paddings = rows.map((row): Padding => {
    if (row.kind === 'copy' || row.kind === 'window') return { low: 0, high: 0, interior: 0 };
    return row.kind === 'line' ? row : { low: row.low, high: row.high, interior: 0 };
  });
  return pad(g, reverse(g, whole, backward), paddings, note);
}

/** Whether a tensor of shape `mid` already is one of the operand's shape. */
function isWhole({ rows }: Inverse): boolean {
  return rows.every(
    (row) =>
      row.kind === 'copy' || row.kind === 'window' || (row.kind === 'point' && row.low + row.high === 0),
  );
}

/**
 * From an adjoint over `out`, the first axes of an index space, to the adjoint of the operand read
 * there through `map`: axes that the operand lacks are summed, row-major.
 */
export function pullBack(
  g: Builder,
  adjoint: Adjoint,
  out: Shape,
  space: Shape,
  map: Affine,
  operand: Shape,
  note: string,
): Adjoint {
  const inverse = invertAffine(map, operand, space, out.length);
  const { mid, summed } = inverse;
  const rank = mid.length + summed.length;
  const padded = padBefore(g, adjoint, out, inverse, note);
  const back = backOf(inverse, out.length);
  if (summed.length === 0 && isWhole(inverse)) return readThrough(padded, back, rank);
  if (summed.length === 0) {
    const tensor = materialise(g, readThrough(padded, back, rank), mid);
    return { tensor: finish(g, tensor, inverse, note), map: identity(operand.length) };
  }
  const source =
    'tensor' in padded ? padded : { tensor: materialise(g, padded, out), map: identity(out.length) };
  const tensor = g.add(
    {
      kind: 'reduce',
      op: 'sum',
      operands: [source.tensor],
      out: mid,
      k: summed.map((column) => space[column]),
      maps: [compose(source.map, back, rank)],
    },
    note,
  );
  return { tensor: finish(g, tensor, inverse, note), map: identity(operand.length) };
}
