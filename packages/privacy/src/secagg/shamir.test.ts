/** Shamir's sharing against arithmetic written out, and what it hides. */
import { toHex } from '@nonet/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SecretWords } from '../dp/sampling/secretWords.ts';
import { createSeededWords } from '../testing/seededWords.ts';
import { dealShares, drawSecret, lagrangeAtZero, recoverSecret, shamirPrime } from './shamir.ts';

const numberOf = (bytes: Uint8Array) => BigInt(toHex(bytes));
const power = (base: bigint, exponent: bigint): bigint => {
  let result = 1n;
  for (let bit = exponent; bit > 0n; bit >>= 1n) {
    if (bit & 1n) result = (result * base) % shamirPrime;
    base = (base * base) % shamirPrime;
  }
  return result;
};

test('the field is prime: Miller and Rabin with 24 bases', () => {
  expect(shamirPrime).toBe(2n ** 256n - 189n);
  const odd = (shamirPrime - 1n) >> 1n;
  expect(odd & 1n).toBe(1n);
  for (let base = 2n; base < 26n; base++) {
    expect([1n, shamirPrime - 1n]).toContain(power(base, odd));
  }
});

test('a share is the value of the polynomial, written out', () => {
  // 2 x 8 words for the coefficients of x² and x: 1 and 2 repeated, as little-endian words.
  let word = 0;
  const words = { fill: (block: Uint32Array) => block.fill(++word) } as unknown as SecretWords;
  const coefficient = (k: number) => BigInt(`0x${`0${k}000000`.repeat(8)}`);
  const secret = new Uint8Array(32).fill(0xee);
  const shares = dealShares(secret, 3, [1, 2, 2 ** 32], words);
  for (const [i, x] of [1n, 2n, 2n ** 32n].entries()) {
    const value = (numberOf(secret) + coefficient(1) * x + coefficient(2) * x * x) % shamirPrime;
    expect(numberOf(shares[i]!)).toBe(value);
  }
});

test('any threshold of shares gives the secret back, in any order', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.uniqueArray(fc.integer({ min: 1, max: 2 ** 32 }), { minLength: 2, maxLength: 12 }),
      fc.integer({ min: 2, max: 12 }),
      fc.integer(),
      (secret, points, wanted, seed) => {
        const threshold = Math.min(wanted, points.length);
        const shares = dealShares(secret, threshold, points, createSeededWords(seed));
        const chosen = points.map((point, k) => ({ point, share: shares[k]! })).slice(-threshold);
        const coefficients = lagrangeAtZero(chosen.map(({ point }) => point));
        const found = recoverSecret(
          coefficients,
          chosen.map(({ share }) => share),
        );
        expect(numberOf(found)).toBe(numberOf(secret) % shamirPrime);
        // The twin: Lagrange's formula with Fermat's inverse.
        for (const [k, { point }] of chosen.entries()) {
          let expected = 1n;
          for (const { point: other } of chosen) {
            if (other === point) continue;
            const difference = (BigInt(other) - BigInt(point) + shamirPrime) % shamirPrime;
            expected = (expected * BigInt(other) * power(difference, shamirPrime - 2n)) % shamirPrime;
          }
          expect(coefficients[k]).toBe(expected);
        }
      },
    ),
    { numRuns: 60 },
  );
});

describe('one share fewer', () => {
  test('fits every secret', () => {
    const points = [1, 2, 3];
    const secret = drawSecret(createSeededWords(1));
    const known = dealShares(secret, 3, points, createSeededWords(2)).slice(0, 2);
    // For any other secret there is a third share: two shares exclude nothing.
    for (const other of [new Uint8Array(32), drawSecret(createSeededWords(3))]) {
      const [, , last] = lagrangeAtZero(points) as [bigint, bigint, bigint];
      const partial = numberOf(recoverSecret(lagrangeAtZero(points), known));
      const third =
        ((((numberOf(other) - partial) % shamirPrime) + shamirPrime) * power(last, shamirPrime - 2n)) %
        shamirPrime;
      const bytes = Uint8Array.from({ length: 32 }, (_, i) => Number((third >> BigInt(8 * (31 - i))) & 255n));
      expect(recoverSecret(lagrangeAtZero(points), [...known, bytes])).toEqual(other);
    }
  });
});

describe('secrets', () => {
  test('are drawn again where they are no element of the field', () => {
    const blocks = [0xffffffff, 3];
    const words = { fill: (block: Uint32Array) => block.fill(blocks.shift()!) } as unknown as SecretWords;
    expect(toHex(drawSecret(words))).toBe(`0x${'03000000'.repeat(8)}`);
  });

  test('come from the system, each fresh, and each polynomial too', () => {
    expect(toHex(drawSecret())).not.toBe(toHex(drawSecret()));
    const [a, b] = [1, 2].map(() => toHex(dealShares(new Uint8Array(32), 2, [1])[0]!));
    expect(a).not.toBe(b);
  });
});
