import { createRandomStream } from '@nonet/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fedAvgTwin } from '../testing/index.ts';
import { type Contribution, fedAvg } from './fedAvg.ts';
import { findOutOfRange, quantise, subtractParameters, weightOf } from './fixedPoint.ts';

const specification = (entries: number) =>
  ({ entries, clamp: 8, scaleBits: 20, maximumWeight: 4096 }) as const;
const limit = 2 ** 23;

test('quantise rounds half to even and clamps, by hand', () => {
  const unit = 2 ** -20;
  const update = Float32Array.of(
    0,
    unit / 2,
    1.5 * unit,
    2.5 * unit,
    -unit / 2,
    -1.5 * unit,
    1,
    -1,
    8,
    9,
    -1e30,
  );
  expect([...quantise(update, specification(11))]).toEqual([
    0,
    0,
    2,
    2,
    0,
    -2,
    2 ** 20,
    -(2 ** 20),
    limit,
    limit,
    -limit,
  ]);
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
  'an update with %s is not sent',
  (value) => {
    expect(() => quantise(Float32Array.of(1, value), specification(2))).toThrow(
      expect.objectContaining({ code: 'update.notFinite' }),
    );
  },
);

test('an update of another length is not sent', () => {
  expect(() => quantise(new Float32Array(3), specification(2))).toThrow(
    expect.objectContaining({ code: 'update.length' }),
  );
});

test('subtractParameters rounds to f32', () => {
  expect([...subtractParameters(Float32Array.of(1.5, 1e8), Float32Array.of(1, 1))]).toEqual([0.5, 1e8]);
});

test('weights are capped', () => {
  expect([1, 4096, 4097].map((examples) => weightOf(examples, specification(1)))).toEqual([1, 4096, 4096]);
});

test('findOutOfRange finds the first entry beyond the clamp', () => {
  expect(findOutOfRange(Int32Array.of(limit, -limit), specification(2))).toBe(-1);
  expect(findOutOfRange(Int32Array.of(0, limit + 1), specification(2))).toBe(1);
  expect(findOutOfRange(Int32Array.of(-limit - 1, limit + 1), specification(2))).toBe(0);
});

test('fedAvg of two, by hand', () => {
  // (1 * 1.0 + 3 * 0.5) / 4 = 0.625 and (1 * -2.0 + 3 * 2.0) / 4 = 1
  const next = fedAvg(
    Float32Array.of(10, -1),
    [
      { examples: 1, entries: Int32Array.of(2 ** 20, -(2 ** 21)) },
      { examples: 3, entries: Int32Array.of(2 ** 19, 2 ** 21) },
    ],
    specification(2),
  );
  expect([...next]).toEqual([10.625, 0]);
});

test('fedAvg refuses nobody, other lengths, sums that could round and results that overflow', () => {
  const one = { examples: 4096, entries: Int32Array.of(0) };
  const code = (run: () => unknown) => {
    try {
      run();
      return 'none';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  expect(code(() => fedAvg(Float32Array.of(0), [], specification(1)))).toBe('fedAvg.empty');
  expect(code(() => fedAvg(Float32Array.of(0, 0), [one], specification(1)))).toBe('fedAvg.length');
  expect(code(() => fedAvg(Float32Array.of(0, 0), [one], specification(2)))).toBe('fedAvg.length');
  // 2^53 / (2^23 * 2^12) = 2^18 contributions of the largest weight.
  const many = Array.from({ length: 2 ** 18 }, () => one);
  expect(code(() => fedAvg(Float32Array.of(0), many, specification(1)))).toBe('fedAvg.overflow');
  expect(code(() => fedAvg(Float32Array.of(0), many.slice(1), specification(1)))).toBe('none');
  const largest = Float32Array.of(3.4028234663852886e38);
  const noStep = { examples: 1, entries: Int32Array.of(limit) };
  expect(code(() => fedAvg(largest, [noStep], specification(1)))).toBe('none');
  expect(code(() => fedAvg(Float32Array.of(Number.NaN), [noStep], specification(1)))).toBe(
    'fedAvg.notFinite',
  );
});

const contributions = (entries: number): fc.Arbitrary<Contribution[]> =>
  fc.array(
    fc.record({
      examples: fc.integer({ min: 1, max: 6000 }),
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

test('fedAvg agrees with its twin in rational arithmetic, bit for bit, in any order', () => {
  fc.assert(
    fc.property(starts, contributions(5), fc.integer({ min: 0 }), (start, list, seed) => {
      // -0 parameters stay -0 + +0 = +0 on both sides: compare values.
      const next = fedAvg(start, list, specification(5));
      expect([...next].map((value) => value + 0)).toEqual(
        [...fedAvgTwin(start, list, specification(5))].map((value) => value + 0),
      );
      const random = createRandomStream([seed >>> 0, 0]);
      const shuffled = list.toSorted(() => random.below(3) - 1);
      expect(fedAvg(start, shuffled, specification(5))).toEqual(next);
    }),
    { numRuns: 300 },
  );
});
