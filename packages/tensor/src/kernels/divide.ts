/**
 * One product of matrices as the calls of its kernel, one per thread: blocks of rows or of columns,
 * disjoint in C, each with its own scratch.
 */
import type { Kernels } from './instance.ts';

/**
 * The arguments of `matmul` (assembly/matmul.ts); `size` is that of an element of A and B in bytes.
 */
export interface Product {
  readonly a: number;
  readonly ai: number;
  readonly ak: number;
  readonly b: number;
  readonly bk: number;
  readonly bj: number;
  readonly c: number;
  readonly ci: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly size: 1 | 4;
  /** The address of a program that finishes C, or 0. */
  readonly finish: number;
}

/** Without the scratch and the registers of the thread. */
type MatmulArguments =
  Parameters<Kernels['matmul']> extends [...infer A, number, number] ? Readonly<A> : never;

/** Rows and columns of one tile: blocks are made of whole ones. */
const tile = { rows: 3, columns: 12 };

/** At most `count` parts, fewer where there are not that many tiles along the longer side. */
export function divideProduct(product: Product, count: number): readonly MatmulArguments[] {
  const { a, ai, ak, b, bk, bj, c, ci, m, n, k, size, finish } = product;
  const byRows = m / tile.rows >= n / tile.columns;
  const [extent, unit] = byRows ? [m, tile.rows] : [n, tile.columns];
  const block = Math.ceil(Math.ceil(extent / unit) / count) * unit;
  return Array.from({ length: Math.ceil(extent / block) }, (_, part) => {
    const start = part * block;
    const own = Math.min(block, extent - start);
    return byRows
      ? [a + size * start * ai, ai, ak, b, bk, bj, c + 4 * start * ci, ci, own, n, k, finish]
      : [a, ai, ak, b + size * start * bj, bk, bj, c + 4 * start, ci, m, own, k, finish];
  });
}
