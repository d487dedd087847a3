import { expect, test } from 'vitest';
import { findClamped, findOutOfRange, quantise, subtractParameters, weightOf } from './fixedPoint.ts';

const specification = (entries: number) =>
  ({ kind: 'fixedPoint', entries, headerLeaves: 1, clamp: 8, scaleBits: 20, maximumWeight: 4096 }) as const;
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
  expect(findOutOfRange(Int32Array.of(limit, -limit), limit)).toBe(-1);
  expect(findOutOfRange(Int32Array.of(0, limit + 1), limit)).toBe(1);
  expect(findOutOfRange(Int32Array.of(-limit - 1, limit + 1), limit)).toBe(0);
});

test('says which numbers of which tensor are cut, and how far they moved', () => {
  const tensors = [
    { name: 'a', shape: [2] },
    { name: 'b', shape: [2, 2] },
    { name: 'c', shape: [] },
  ];
  const update = Float32Array.of(8, -8, 8.5, -12.25, 0, 7, -9);
  expect(findClamped(update, tensors, specification(7))).toEqual([
    { name: 'b', numbers: 2, largest: 12.25 },
    { name: 'c', numbers: 1, largest: 9 },
  ]);
  expect(findClamped(new Float32Array(7), tensors, specification(7))).toEqual([]);
});
