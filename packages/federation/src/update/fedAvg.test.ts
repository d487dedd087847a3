import { createRandomStream } from '@nonet/core';
import type { FixedPoint } from '@nonet/core/records';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fedAvgTwin } from '../testing/index.ts';
import { averageUpdates, type Contribution, sumUpdates } from './fedAvg.ts';
import { averaging } from './serverStep.ts';

const specification = (entries: number) =>
  ({ kind: 'fixedPoint', entries, headerLeaves: 1, clamp: 8, scaleBits: 20, maximumWeight: 4096 }) as const;
const limit = 2 ** 23;
const step = (start: Float32Array, list: readonly Contribution[], vector: FixedPoint) =>
  averaging.apply(start, averageUpdates(list, vector));

test('the step of two, by hand', () => {
  // (1 * 1.0 + 3 * 0.5) / 4 = 0.625 and (1 * -2.0 + 3 * 2.0) / 4 = 1
  const next = step(
    Float32Array.of(10, -1),
    [
      { weight: 1, entries: Int32Array.of(2 ** 20, -(2 ** 21)) },
      { weight: 3, entries: Int32Array.of(2 ** 19, 2 ** 21) },
    ],
    specification(2),
  );
  expect([...next]).toEqual([10.625, 0]);
});

test('refuses no updates, other lengths and sums that could round', () => {
  const one = { weight: 4096, entries: Int32Array.of(0) };
  const code = (list: readonly Contribution[], entries = 1) => {
    try {
      averageUpdates(list, specification(entries));
      return 'none';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  expect(code([])).toBe('fedAvg.empty');
  expect(code([one], 2)).toBe('fedAvg.length');
  // 2^53 / (2^23 * 2^12) = 2^18 contributions of the largest weight.
  const many = Array.from({ length: 2 ** 18 }, () => one);
  expect(code(many)).toBe('fedAvg.overflow');
  expect(() => sumUpdates(many, specification(1))).toThrow(
    expect.objectContaining({ code: 'fedAvg.overflow' }),
  );
  expect(code(many.slice(1))).toBe('none');
});

test('sums are exact up to the bound', () => {
  const largest = { weight: 4096, entries: Int32Array.of(limit, -limit) };
  const odd = { weight: 1, entries: Int32Array.of(-1, 1) };
  const list = [odd, ...Array.from({ length: 2 ** 18 - 2 }, () => largest)];
  const sum = (2 ** 18 - 2) * 2 ** 35 - 1;
  expect([...sumUpdates(list, specification(2))]).toEqual([sum, -sum]);
});

const contributions = (entries: number): fc.Arbitrary<Contribution[]> =>
  fc.array(
    fc.record({
      weight: fc.integer({ min: 1, max: 4096 }),
      entries: fc.int32Array({ min: -limit, max: limit, minLength: entries, maxLength: entries }),
    }),
    { minLength: 1, maxLength: 7 },
  );
const starts = fc.float32Array({
  minLength: 5,
  maxLength: 5,
  noNaN: true,
  noDefaultInfinity: true,
  min: -1e6,
  max: 1e6,
});

test('averaging agrees with its twin in rational arithmetic, bit for bit, in any order', () => {
  fc.assert(
    fc.property(starts, contributions(5), fc.integer({ min: 0 }), (start, list, seed) => {
      const next = step(start, list, specification(5));
      // toEqual tells -0 from 0: a ledger compares bits.
      expect([...next]).toEqual([...fedAvgTwin(start, list, specification(5))]);
      const random = createRandomStream([seed >>> 0, 0]);
      const shuffled = list.toSorted(() => random.below(3) - 1);
      expect(step(start, shuffled, specification(5))).toEqual(next);
    }),
    { numRuns: 300 },
  );
});
