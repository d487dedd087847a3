import { expect, test } from 'vitest';
import { scoreMembership } from './lira.ts';

test('the ratio of two normal densities, with a variance that examples share', () => {
  const models = {
    confidences: [
      [2, 9],
      [4, 9],
      [-1, 5],
      [1, 5],
      [3, 7],
    ].map((row) => Float64Array.from(row)),
    isIn: [
      [true, true],
      [true, true],
      [false, false],
      [false, false],
      [true, true],
    ],
  };
  const [first, second] = scoreMembership(models, 4);
  // Inside: means 3 and 9, variance (1 + 1 + 0 + 0) / 2. Outside: means 0 and 5, the same variance.
  expect(first).toBeCloseTo(3 ** 2 / 2, 12);
  expect(second).toBeCloseTo(-(2 ** 2) / 2 + 2 ** 2 / 2, 12);
});

test('variances inside and outside differ', () => {
  const models = {
    confidences: [[2], [4], [-2], [2], [0]].map((row) => Float64Array.from(row)),
    isIn: [[true], [true], [false], [false], [true]],
  };
  // Inside: mean 3, variance 2. Outside: mean 0, variance 8.
  expect(scoreMembership(models, 4)[0]).toBeCloseTo(Math.log(2) - 9 / 4, 12);
});

test('an example that all shadows have seen says nothing', () => {
  const models = {
    confidences: [
      [2, 1],
      [4, 2],
      [3, 0],
      [1, 5],
      [0, 3],
    ].map((row) => Float64Array.from(row)),
    isIn: [
      [true, true],
      [true, true],
      [true, false],
      [true, false],
      [false, true],
    ],
  };
  const [first, second] = scoreMembership(models, 4);
  expect(first).toBe(0);
  expect(second).not.toBe(0);
});
