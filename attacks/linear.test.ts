import { createRandomStream } from '@nonet/core';
import { expect, test } from 'vitest';
import { decomposeSymmetric, multiply, solve, transpose } from './linear.ts';

const rowsOf = (...rows: number[][]) => rows.map((row) => Float64Array.from(row));

function randomMatrix(rows: number, columns: number, seed: number) {
  const random = createRandomStream([seed, 1]);
  return Array.from({ length: rows }, () =>
    Float64Array.from({ length: columns }, () => random.u32() / 2 ** 31 - 1),
  );
}

function expectClose(found: readonly Float64Array[], wanted: readonly Float64Array[]) {
  expect(found).toHaveLength(wanted.length);
  for (const [i, row] of wanted.entries()) {
    for (const [j, value] of row.entries()) expect(found[i]![j]).toBeCloseTo(value, 9);
  }
}

test('products and transposes', () => {
  const a = rowsOf([1, 2, 3], [0, -1, 4]);
  expect(multiply(a, rowsOf([1, 0], [2, 1], [0, 5]))).toEqual(rowsOf([5, 17], [-2, 19]));
  expect(transpose(a)).toEqual(rowsOf([1, 0], [2, -1], [3, 4]));
});

test('eigenvalues in closed form', () => {
  const { values, vectors } = decomposeSymmetric(rowsOf([2, 1, 0], [1, 2, 0], [0, 0, -5]));
  expect(values.map((value) => Math.round(value * 1e12) / 1e12)).toEqual([3, 1, -5]);
  expect(Math.abs(vectors[0]![0]!)).toBeCloseTo(Math.SQRT1_2, 12);
  expect(vectors[0]![0]! * vectors[0]![1]!).toBeCloseTo(0.5, 12);
  expect(Math.abs(vectors[2]![2]!)).toBeCloseTo(1, 12);
});

test('a symmetric matrix is what its eigenvectors say, and they are orthonormal', () => {
  const half = randomMatrix(12, 7, 3);
  const a = multiply(half, transpose(half));
  const { values, vectors } = decomposeSymmetric(a);
  expect(values).toEqual(values.toSorted((x, y) => y - x));
  for (const value of values.slice(7)) expect(value).toBeCloseTo(0, 9);
  const scaled = vectors.map((row, i) => row.map((x) => x * values[i]!));
  expectClose(multiply(transpose(vectors), scaled), a);
  expectClose(
    multiply(vectors, transpose(vectors)),
    a.map((_, i) => Float64Array.from(a, (_, j) => Number(i === j))),
  );
});

test('linear equations, with a zero where the first pivot would be', () => {
  expect(solve(rowsOf([0, 2], [4, 1]), rowsOf([6], [7]))).toEqual(rowsOf([1], [3]));
  const a = randomMatrix(9, 9, 5);
  const x = randomMatrix(9, 2, 6);
  expectClose(solve(a, multiply(a, x))!, x);
  expect(solve(rowsOf([1, 2], [2, 4]), rowsOf([1], [1]))).toBeUndefined();
});
