import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  addBase,
  fromInteger,
  fromMontgomery,
  invertBase,
  modulus,
  mulBase,
  powBase,
  rootOfUnity,
  subBase,
  toMontgomery,
} from './babyBear.ts';
import { mod, p } from './testing/bigField.ts';

const element = fc.oneof(fc.constantFrom(0, 1, 2, modulus - 1, modulus - 2, 2 ** 30), fc.nat(modulus - 1));

test('constants and a product are those of Plonky3 (baby-bear/src/baby_bear.rs, MIT or Apache-2.0)', () => {
  expect(modulus).toBe(0x78000001);
  expect(BigInt(modulus)).toBe(p);
  expect([1, 2, 3, 4, 10, 20, 26, 27].map(rootOfUnity)).toEqual([
    0x78000000, 0x67055c21, 0x5ee99486, 0xbb4c4e4, 0x145e952d, 0xba067a3, 0x3a26eef8, 0x1a427a41,
  ]);
  expect(mulBase(0x34167c58, 0x61f3207b)).toBe(0x1b5c8046);
  expect(powBase(31, (modulus - 1) / 2)).toBe(modulus - 1);
});

test('sums, differences, products and inverses are those of integers mod p', () => {
  fc.assert(
    fc.property(element, element, (a, b) => {
      const [x, y] = [BigInt(a), BigInt(b)];
      expect(BigInt(addBase(a, b))).toBe(mod(x + y));
      expect(BigInt(subBase(a, b))).toBe(mod(x - y));
      expect(BigInt(mulBase(a, b))).toBe(mod(x * y));
      expect(mulBase(a, invertBase(a))).toBe(a === 0 ? 0 : 1);
      expect(BigInt(toMontgomery(a))).toBe(mod(x * 2n ** 32n));
      expect(fromMontgomery(toMontgomery(a))).toBe(a);
    }),
  );
});

test('an integer has an element between -p and p, and no other number has one', () => {
  expect([0, 1, -1, modulus - 1, 1 - modulus].map(fromInteger)).toEqual([0, 1, modulus - 1, modulus - 1, 1]);
  for (const value of [modulus, modulus + 1, -modulus - 1, -(2 ** 31), 2 ** 31, 0.5, Number.NaN, Infinity]) {
    expect(() => fromInteger(value)).toThrow(expect.objectContaining({ code: 'algebra.integer' }));
  }
});
