import { createRandomStream } from '@nonet/core';
import { describe, expect, test } from 'vitest';
import {
  clippingSlack,
  type RoundedQuery,
  roundedSensitivity,
  truncationProbability,
} from './sensitivity.ts';

const query: RoundedQuery = {
  clippingNorm: 1,
  scale: 2 ** 16,
  dimension: 100,
  relation: 'zeroOut',
  summands: 1,
};
const norm = (values: readonly number[]) => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));
const { fround } = Math;

test('no vector that f32 clips exceeds the norm by more than the slack', () => {
  const random = createRandomStream([7, 7]);
  for (const dimension of [1, 10, 1000]) {
    let worst = 0;
    for (let run = 0; run < 200; run++) {
      const vector = Array.from({ length: dimension }, () =>
        fround((random.uniform() - 0.5) * 2 ** (run % 20)),
      );
      let square = 0;
      for (const x of vector) square = fround(square + fround(x * x));
      const factor = Math.min(1, fround(1 / fround(Math.sqrt(square))));
      worst = Math.max(worst, norm(vector.map((x) => fround(x * factor))));
    }
    expect(worst).toBeLessThanOrEqual(clippingSlack(dimension));
    expect(worst).toBeGreaterThan(0.99);
  }
});

test('a sum that stalls in f32 is within the slack, which less of it would not be', () => {
  // 1, then many squares that each round up to nothing: the computed norm is 1, the true one more.
  const dimension = 2 ** 20;
  const true2 = 1 + (dimension - 1) * 2 ** -24;
  let square = 1;
  for (let i = 1; i < 1000; i++) square = fround(square + 2 ** -24);
  expect(square).toBe(1);
  expect(Math.sqrt(true2)).toBeGreaterThan(1.03);
  expect(clippingSlack(dimension)).toBeGreaterThan(Math.sqrt(true2));
});

describe('sensitivity on the grid', () => {
  test('contains scale, slack and rounding', () => {
    expect(roundedSensitivity(query)).toBeGreaterThan(2 ** 16 + 10);
    expect(roundedSensitivity(query)).toBeLessThan(2 ** 16 * (1 + 1e-5) + 10);
    expect(roundedSensitivity({ ...query, relation: 'replace' })).toBeGreaterThan(2 ** 17 + 10);
  });

  test('adds each rounding, by hand', () => {
    // Clipping: (1 + 1)/2 + 4 = 5 roundings. Sums: 2 · 1.01 · 63 · 64. Scaling: 2 · 64. The grid: 1.
    const found = roundedSensitivity({ ...query, scale: 2 ** 24, dimension: 1, summands: 64 });
    expect(Math.abs(found - (2 ** 24 + 5 + 2.02 * 63 * 64 + 128 + 1))).toBeLessThan(0.1);
  });

  test('neighbouring sums in f32, rounded, are never further apart', () => {
    const random = createRandomStream([8, 8]);
    for (let run = 0; run < 100; run++) {
      const dimension = 20;
      const clipped = Array.from({ length: 64 }, () => {
        const vector = Array.from({ length: dimension }, () => random.uniform() - 0.5);
        const length = norm(vector);
        return vector.map((x) => fround(x / length));
      });
      const sumOf = (vectors: readonly number[][]) =>
        Array.from({ length: dimension }, (_, j) => {
          const total = vectors.reduce((sum, vector) => fround(sum + vector[j]!), 0);
          return Math.round(fround(total * 1024));
        });
      const [with64, with63] = [sumOf(clipped), sumOf(clipped.slice(1))];
      const apart = norm(with64.map((x, j) => x - with63[j]!));
      const bound = roundedSensitivity({ ...query, scale: 1024, dimension, summands: 64 });
      expect(apart).toBeLessThanOrEqual(bound);
      expect(apart).toBeGreaterThan(0.9 * 1024);
    }
  });

  test.each<Partial<RoundedQuery>>([
    { clippingNorm: 0 },
    { clippingNorm: NaN },
    { clippingNorm: 2 ** -33 },
    { scale: -1 },
    { dimension: 0 },
    { dimension: 2 ** 22 },
    { summands: 0 },
    { summands: 2 ** 17 + 1 },
  ])('refuses %j', (change) => {
    expect(() => roundedSensitivity({ ...query, ...change })).toThrow(
      expect.objectContaining({ code: 'dp.argument' }),
    );
  });

  test('takes more than 2^22 entries where the norm is summed in blocks', () => {
    expect(roundedSensitivity({ ...query, dimension: 10_000_000, roundings: 4096 })).toBeLessThan(
      2 ** 16 * 1.001 + 3163,
    );
  });
});

describe('truncated batches', () => {
  test('binomial tails, by hand', () => {
    expect(truncationProbability(3, 0.5, 2)).toBeCloseTo(1 / 8, 8);
    expect(truncationProbability(10, 0.1, 0)).toBeCloseTo(1 - 0.9 ** 10, 8);
    expect(truncationProbability(4, 0.25, 2) / (4 * 0.25 ** 3 * 0.75 + 0.25 ** 4)).toBeCloseTo(1, 8);
    expect(truncationProbability(5, 1, 5)).toBe(0);
    expect(truncationProbability(5, 1, 4)).toBe(1);
    expect(truncationProbability(5, 0.3, 5)).toBe(0);
  });

  test('far tails keep their digits', () => {
    // P(X = 60) of Binomial(60, 0.1) is 1e-60.
    expect(truncationProbability(60, 0.1, 59) / 1e-60).toBeCloseTo(1, 6);
    expect(truncationProbability(60_000, 256 / 60_000, 400)).toBeLessThan(1e-15);
  });

  test.each([
    [0, 0.1, 1],
    [10, 0, 1],
    [10, 1.5, 1],
    [10, 0.1, -1],
  ])('refuses %d, %d, %d', (...values) => {
    expect(() => truncationProbability(...(values as [number, number, number]))).toThrow(
      expect.objectContaining({ code: 'dp.argument' }),
    );
  });
});
