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
  /** Of each part. */
  readonly scratch: (part: number) => number;
  readonly size: 1 | 4;
  /** Programs that finish C, one per part; none if left out. */
  readonly finish?: (part: number) => number;
}

type MatmulArguments = Readonly<Parameters<Kernels['matmul']>>;

/** Rows and columns of one tile: blocks are made of whole ones. */
const tile = { rows: 3, columns: 12 };

/** At most `threads` parts, fewer where there are not that many tiles along the longer side. */
export function divideProduct(product: Product, threads: number): readonly MatmulArguments[] {
  const { a, ai, ak, b, bk, bj, c, ci, m, n, k, scratch, size, finish = () => 0 } = product;
  const byRows = m / tile.rows >= n / tile.columns;
  const [extent, unit] = byRows ? [m, tile.rows] : [n, tile.columns];
  const block = Math.ceil(Math.ceil(extent / unit) / threads) * unit;
  return Array.from({ length: Math.ceil(extent / block) }, (_, part) => {
    const start = part * block;
    const count = Math.min(block, extent - start);
    const own = [k, scratch(part), finish(part)] as const;
    return byRows
      ? [a + size * start * ai, ai, ak, b, bk, bj, c + 4 * start * ci, ci, count, n, ...own]
      : [a, ai, ak, b + size * start * bj, bk, bj, c + 4 * start, ci, m, count, ...own];
  });
}
