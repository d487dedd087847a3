/**
 * The matrix kernels as `contract` and the threads call them: any strides, blocks of larger
 * matrices, and not a byte written beyond C.
 */
import { createRandomStream } from '@nonet/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { constantBytes, instantiateKernels, productScratchBytes } from '../src/kernels/instance.ts';
import { multiplyInt8Twin, multiplyTwin } from '../src/twins/matmul.ts';

const seed = Number(process.env.SEED ?? 20261128);
console.log(`matmul.test.ts: SEED=${seed}`);

const memory = new WebAssembly.Memory({ initial: 64, maximum: 64 });
const kernels = await instantiateKernels(memory);
const scratch = constantBytes;
const a = scratch + Math.ceil(productScratchBytes / 16) * 16;
const b = a + 2 ** 19;
const c = b + 2 ** 19;

const extent = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constantFrom(24, 36, 37));
const terms = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(383, 384, 385, 767, 768, 769));
/**
 * Where elements lie: rows or columns together, or neither; `spread` elements apart along the
 * shorter stride.
 */
const layout = fc.record({
  transposed: fc.boolean(),
  spread: fc.constantFrom(1, 1, 1, 2),
  margin: fc.nat(3),
});
const cases = fc.record({
  m: extent,
  n: extent,
  k: terms,
  left: layout,
  right: layout,
  margin: fc.nat(5),
  key: fc.nat(),
});

/** Strides of a (rows, columns) matrix in that layout. */
function strides(
  rows: number,
  columns: number,
  { transposed, spread, margin }: { transposed: boolean; spread: number; margin: number },
) {
  return transposed ? [spread, spread * rows + margin] : [spread * columns + margin, spread];
}

function place<T extends Float32Array | Int8Array>(
  to: T,
  values: T,
  columns: number,
  [row, column]: number[],
): void {
  for (const [i, value] of values.entries())
    to[Math.floor(i / columns) * row + (i % columns) * column] = value;
}

it('matmul equals the twin at any strides, no matter what lies around the matrices', () => {
  fc.assert(
    fc.property(cases, ({ m, n, k, left, right, margin, key }) => {
      const { uniform } = createRandomStream([seed, key]);
      const draw = (length: number) => Float32Array.from({ length }, () => 4 * uniform() - 2);
      const [x, y] = [draw(m * k), draw(k * n)];
      // What is read around the matrices must not matter; the scratch of the last call is not
      // cleared either.
      new Float32Array(memory.buffer, a).fill(Number.NaN);
      const [ai, ak] = strides(m, k, left);
      const [bk, bj] = strides(k, n, right);
      place(new Float32Array(memory.buffer, a), x, k, [ai, ak]);
      place(new Float32Array(memory.buffer, b), y, n, [bk, bj]);
      const ci = n + margin;
      kernels.matmul(a, ai, ak, b, bk, bj, c, ci, m, n, k, 0, scratch, 0);
      const expected = new Float32Array((m + 1) * ci).fill(Number.NaN);
      place(expected, multiplyTwin(x, y, m, n, k), n, [ci, 1]);
      expect(new Float32Array(memory.buffer, c, expected.length)).toEqual(expected);
    }),
    { seed, numRuns: 150 },
  );
});

it('matmulInt8 is exact at any strides, no matter what lies around the matrices', () => {
  fc.assert(
    fc.property(cases, ({ m, n, k, left, right, margin, key }) => {
      const { below } = createRandomStream([seed, key]);
      const draw = (length: number) => Int8Array.from({ length }, () => below(256) - 128);
      const [x, y] = [draw(m * k), draw(k * n)];
      new Int8Array(memory.buffer, a).fill(-128);
      const [ai, ak] = strides(m, k, left);
      const [bk, bj] = strides(k, n, right);
      place(new Int8Array(memory.buffer, a), x, k, [ai, ak]);
      place(new Int8Array(memory.buffer, b), y, n, [bk, bj]);
      const ci = n + margin;
      kernels.matmulInt8(a, ai, ak, b, bk, bj, c, ci, m, n, k, 0, scratch, 0);
      const product = multiplyInt8Twin(x, y, m, n, k);
      const found = new Int32Array(memory.buffer, c, (m + 1) * ci);
      const untouched = new Int32Array(Int8Array.of(-128, -128, -128, -128).buffer)[0];
      const expected = Array.from(found, (_, i) => {
        const [row, column] = [Math.floor(i / ci), i % ci];
        return row < m && column < n ? product[row * n + column] : untouched;
      });
      expect(Array.from(found)).toEqual(expected);
    }),
    { seed, numRuns: 150 },
  );
});
