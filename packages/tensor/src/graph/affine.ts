/**
 * Affine index maps: operand index = matrix * (o, k) + offset, where o is the index of an output
 * element and k the index of a term of its reduction. One row per operand axis, one column per axis
 * of o and then of k. Because tensors are row-major, the address of an element is affine in (o, k)
 * as well: `flatten` gives its strides, which is all that twins and kernels need.
 */
import { MisuseError } from '@nonet/core';
import { type Extent, rowMajorStrides, type Shape } from './shape.ts';

/**
 * An index map: `matrix` has one row per operand axis and one column per axis of (o, k), `offset`
 * one entry per operand axis.
 */
export interface Affine {
  readonly matrix: readonly (readonly number[])[];
  readonly offset: readonly number[];
}

/**
 * The map that reads operand axis i at column `axes[i]`; `columns` counts the axes of o and k
 * together.
 */
export function project(columns: number, axes: readonly number[]): Affine {
  return {
    matrix: axes.map((axis) => Array.from({ length: columns }, (_, column) => (column === axis ? 1 : 0))),
    offset: axes.map(() => 0),
  };
}

/** o -> o */
export function identity(rank: number): Affine {
  return project(rank, [...Array(rank).keys()]);
}

/** i -> outer(inner(i)); `columns` counts the axes of i. */
export function compose(outer: Affine, inner: Affine, columns: number): Affine {
  return {
    matrix: outer.matrix.map((row) =>
      Array.from({ length: columns }, (_, column) =>
        row.reduce((sum, factor, axis) => sum + factor * inner.matrix[axis][column], 0),
      ),
    ),
    offset: outer.matrix.map((row, i) =>
      row.reduce((sum, factor, axis) => sum + factor * inner.offset[axis], outer.offset[i]),
    ),
  };
}

function isIdentity(map: Affine): boolean {
  return (
    map.offset.every((offset) => offset === 0) &&
    map.matrix.every(
      (row, i) => row.length === map.matrix.length && row.every((factor, j) => factor === (i === j ? 1 : 0)),
    )
  );
}

/**
 * For a map whose rows each copy one column (or read position 0 of an axis of extent 1): the column
 * of each operand axis, or undefined for the latter. Undefined as a whole for slices, strides and
 * diagonals, whose transposes need padding.
 */
export function projectedColumns(
  map: Affine,
  operand: Shape,
  space: Shape,
): readonly (number | undefined)[] | undefined {
  const columns: (number | undefined)[] = [];
  for (const [axis, row] of map.matrix.entries()) {
    if (map.offset[axis] !== 0) return undefined;
    const used = row.flatMap((factor, column) => (factor === 0 ? [] : [column]));
    if (used.length === 0 && operand[axis] === 1) columns.push(undefined);
    else if (used.length === 1 && row[used[0]] === 1 && space[used[0]] === operand[axis]) {
      if (columns.includes(used[0])) return undefined;
      columns.push(used[0]);
    } else return undefined;
  }
  return columns;
}

/**
 * Throws `affine.malformed` unless the map has one row per operand axis and one column per axis of
 * the index space, and `affine.range` unless every index it yields lies inside the operand. Named
 * extents may only be copied from the same name.
 */
export function assertAffine(map: Affine, operand: Shape, space: Shape, name: string): void {
  const whole = map.matrix.every(
    (row) => row.length === space.length && row.every((factor) => Number.isSafeInteger(factor)),
  );
  if (
    !whole ||
    map.matrix.length !== operand.length ||
    map.offset.length !== operand.length ||
    !map.offset.every((offset) => Number.isSafeInteger(offset))
  ) {
    throw new MisuseError({
      code: 'affine.malformed',
      expected: `an integer index map with ${operand.length} rows and ${space.length} columns for ${name}`,
      found: JSON.stringify(map).slice(0, 120),
    });
  }
  for (const [axis, extent] of operand.entries()) {
    if (!rowInside(map.matrix[axis], map.offset[axis], extent, space)) {
      throw new MisuseError({
        code: 'affine.range',
        expected: `indices below ${extent} on axis ${axis} of ${name}`,
        found: `${JSON.stringify(map.matrix[axis])} + ${map.offset[axis]} over [${space.join(',')}]`,
      });
    }
  }
}

function rowInside(row: readonly number[], offset: number, extent: Extent, space: Shape): boolean {
  let low = offset;
  let high = offset;
  for (const [column, factor] of row.entries()) {
    const range = space[column];
    if (factor === 0) continue;
    if (typeof range === 'string' || typeof extent === 'string') {
      return (
        range === extent && factor === 1 && offset === 0 && row.every((f, c) => f === (c === column ? 1 : 0))
      );
    }
    if (factor > 0) high += factor * (range - 1);
    else low += factor * (range - 1);
  }
  return low >= 0 && (typeof extent === 'string' ? high === 0 : high < extent);
}

/**
 * Position of an operand's element in its row-major data: `base` plus strides times (o, k), in
 * elements.
 */
export interface FlatMap {
  readonly base: number;
  readonly strides: readonly number[];
}

/** The map as an address: operand `operand` row-major, `columns` axes of (o, k). */
export function flatten(map: Affine, operand: readonly number[], columns: number): FlatMap {
  const strides = rowMajorStrides(operand);
  return {
    base: map.offset.reduce((sum, offset, axis) => sum + offset * strides[axis], 0),
    strides: Array.from({ length: columns }, (_, column) =>
      map.matrix.reduce((sum, row, axis) => sum + row[column] * strides[axis], 0),
    ),
  };
}

/** `[o0,k1]`; nothing for the identity. `rank` is the rank of o. */
export function printAffine(map: Affine, rank: number): string {
  if (isIdentity(map) && map.matrix.length === rank && rank > 0) return '';
  const rows = map.matrix.map((row, axis) => {
    const terms = row.flatMap((factor, column) => {
      if (factor === 0) return [];
      const name = column < rank ? `o${column}` : `k${column - rank}`;
      const size = Math.abs(factor) === 1 ? name : `${Math.abs(factor)}*${name}`;
      return [factor < 0 ? `-${size}` : size];
    });
    if (map.offset[axis] !== 0 || terms.length === 0) terms.push(String(map.offset[axis]));
    return terms.reduce((text, term) => (term.startsWith('-') ? `${text}${term}` : `${text}+${term}`));
  });
  return `[${rows.join(',')}]`;
}
