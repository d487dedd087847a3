/**
 * One product of matrices as the calls of its kernel, one per thread: blocks of rows or of columns,
 * disjoint in C, each with its own scratch.
 */
import { type Kernels, productScratchBytes } from './instance.ts';

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
  readonly scratch: number;
  readonly size: 1 | 4;
}

type MatmulArguments = Readonly<Parameters<Kernels['matmul']>>;

/** Rows and columns of one tile: blocks are made of whole ones. */
const tile = { rows: 3, columns: 12 };

/**
 * At most `threads` parts, fewer where there are not that many tiles along the longer side. Scratch
 * of part t lies t scratches further.
 */
export function divideProduct(product: Product, threads: number): readonly MatmulArguments[] {
  const { a, ai, ak, b, bk, bj, c, ci, m, n, k, scratch, size } = product;
  const byRows = m / tile.rows >= n / tile.columns;
  const [extent, unit] = byRows ? [m, tile.rows] : [n, tile.columns];
  const block = Math.ceil(Math.ceil(extent / unit) / threads) * unit;
  return Array.from({ length: Math.ceil(extent / block) }, (_, part) => {
    const start = part * block;
    const count = Math.min(block, extent - start);
    const own = scratch + part * productScratchBytes;
    return byRows
      ? [a + size * start * ai, ai, ak, b, bk, bj, c + 4 * start * ci, ci, count, n, k, own]
      : [a, ai, ak, b + size * start * bj, bk, bj, c + 4 * start, ci, m, count, k, own];
  });
}
