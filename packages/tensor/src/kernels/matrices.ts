/**
 * Products of plain matrices by the kernels of the executor: f32 in the order that `arithmetic 1`
 * fixes, signed bytes exactly in i32. One memory, planned once; on several threads if they are
 * given, with the same bits.
 */
import { MisuseError } from '@nonet/core';
import '../files/byteOrder.ts';
import { divideProduct, type Product } from './divide.ts';
import { compileKernels, constantBytes, instantiateKernels, productScratchBytes } from './instance.ts';
import type { Threads } from './team.ts';

/** Row-major (rows, columns). */
export interface Matrix<T extends Float32Array | Int8Array | Int32Array> {
  readonly rows: number;
  readonly columns: number;
  readonly data: T;
}

/** Products of matrices over one planned memory. */
export interface Matrices {
  readonly threads: number;
  /**
   * A B in f32, each element `c = fround(c + fround(a * b))` over ascending k. Throws
   * `matrices.shape`.
   */
  multiply(a: Matrix<Float32Array>, b: Matrix<Float32Array>): Matrix<Float32Array<ArrayBuffer>>;
  /**
   * A B of signed bytes, exact. Throws `matrices.shape`, also beyond 2^17 terms, where a sum might
   * not fit.
   */
  multiplyInt8(a: Matrix<Int8Array>, b: Matrix<Int8Array>): Matrix<Int32Array<ArrayBuffer>>;
  /** Releases the threads. */
  close(): void;
}

/**
 * 2^17 products of at most 2^14 are at most 2^31 in magnitude; only -128 * -128 throughout would
 * overflow, by one.
 */
export const maximumInt8Terms = 2 ** 17 - 1;

/** How much memory, and whose threads. */
export interface CreateMatricesOptions {
  /** Bytes of the largest A, B and C together. */
  readonly bytes: number;
  readonly threads?: Threads;
}

/** Plans one memory for products whose A, B and C take at most `bytes` together. */
export async function createMatrices({ bytes, threads }: CreateMatricesOptions): Promise<Matrices> {
  const count = threads?.count ?? 1;
  const scratch = (thread: number) => constantBytes + thread * productScratchBytes;
  const base = constantBytes + count * productScratchBytes;
  // Three matrices, each aligned to a vector, and 64 bytes because kernels read whole vectors.
  const pages = Math.ceil((base + bytes + 3 * 16 + 64) / 65536);
  const places = Array.from({ length: count - 1 }, (_, helper) => [scratch(helper + 1), 0]);
  const isShared = count > 1;
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: isShared });
  const kernels = await instantiateKernels(memory);
  const team = isShared ? await threads!.attach(await compileKernels(true), memory, places) : undefined;
  const aligned = (at: number) => Math.ceil(at / 16) * 16;

  const run = (kernel: 'matmul' | 'matmulInt8', product: Omit<Product, 'finish'>) => {
    const parts = divideProduct({ ...product, finish: 0 }, count);
    // These kernels use no registers where nothing is finished.
    const call = (part: readonly number[]) =>
      (kernels[kernel] as (...values: readonly number[]) => void)(...part, scratch(0), 0);
    if (team === undefined) for (const part of parts) call(part);
    else team.run(kernel, parts, call);
  };
  const place = (a: Matrix<Float32Array | Int8Array>, b: Matrix<Float32Array | Int8Array>, size: 1 | 4) => {
    const fits = ({ rows, columns, data }: Matrix<Float32Array | Int8Array>) =>
      data.length === rows * columns;
    const at = { a: base, b: aligned(base + size * a.data.length), c: 0 };
    at.c = aligned(at.b + size * b.data.length);
    const end = at.c + 4 * a.rows * b.columns;
    if (!fits(a) || !fits(b) || a.columns !== b.rows || a.columns === 0 || end > pages * 65536 - 64) {
      const shape = ({ rows, columns, data }: Matrix<Float32Array | Int8Array>) =>
        `(${rows}, ${columns}) with ${data.length} elements`;
      throw new MisuseError({
        code: 'matrices.shape',
        expected: `matrices (M, K) and (K, N) that fit in ${bytes} bytes with their product`,
        found: `${shape(a)} and ${shape(b)}`,
      });
    }
    return at;
  };
  const productOf = (at: { a: number; b: number; c: number }, m: number, n: number, k: number) => ({
    ...at,
    ai: k,
    ak: 1,
    bk: n,
    bj: 1,
    ci: n,
    m,
    n,
    k,
  });
  return {
    threads: count,
    multiply(a, b) {
      const at = place(a, b, 4);
      new Float32Array(memory.buffer, at.a, a.data.length).set(a.data);
      new Float32Array(memory.buffer, at.b, b.data.length).set(b.data);
      run('matmul', { ...productOf(at, a.rows, b.columns, a.columns), size: 4 });
      const data = new Float32Array(memory.buffer, at.c, a.rows * b.columns).slice();
      return { rows: a.rows, columns: b.columns, data };
    },
    multiplyInt8(a, b) {
      if (a.columns > maximumInt8Terms) {
        throw new MisuseError({
          code: 'matrices.shape',
          expected: `at most ${maximumInt8Terms} terms, whose sum fits in 32 bits`,
          found: `${a.columns}`,
        });
      }
      const at = place(a, b, 1);
      new Int8Array(memory.buffer, at.a, a.data.length).set(a.data);
      new Int8Array(memory.buffer, at.b, b.data.length).set(b.data);
      run('matmulInt8', { ...productOf(at, a.rows, b.columns, a.columns), size: 1 });
      const data = new Int32Array(memory.buffer, at.c, a.rows * b.columns).slice();
      return { rows: a.rows, columns: b.columns, data };
    },
    close: () => team?.detach(),
  };
}
