import fc from 'fast-check';
import { expect, test } from 'vitest';
import { modulus, powBase } from './babyBear.ts';
import { eqValues, evaluateEq, evaluateMultilinear, indexPoint } from './multilinear.ts';
import {
  add,
  fromBase,
  invert,
  monomial,
  mul,
  one,
  powers,
  type Quartic,
  scale,
  sub,
  zero,
} from './quartic.ts';
import { addBig, big, eqBig, mulBig, p, powerBig, subBig } from './testing/bigField.ts';

const base = fc.oneof(fc.constantFrom(0, 1, modulus - 1), fc.nat(modulus - 1));
const element = fc.tuple(base, base, base, base) as fc.Arbitrary<Quartic>;

test('x^4 - 11 is irreducible, and 8 + x is no power of 2, 3 or 5 (Plonky3, baby-bear/src/extension.rs)', () => {
  // Lidl-Niederreiter 3.75: 11 is no square, and p = 1 mod 4.
  expect(powBase(11, (modulus - 1) / 2)).toBe(modulus - 1);
  expect(modulus % 4).toBe(1);
  expect(powBase(11, (modulus - 1) / 4)).toBe(1728404513);
  for (const prime of [2n, 3n, 5n]) {
    expect(powerBig([8n, 1n, 0n, 0n], (p ** 4n - 1n) / prime)).not.toEqual(big(one));
  }
  // Frobenius sends x to 11^((p - 1) / 4) x.
  expect(powerBig([0n, 1n, 0n, 0n], p)).toEqual([0n, 1728404513n, 0n, 0n]);
  expect(mul(monomial(3), monomial(1))).toEqual(fromBase(11));
});

test('sums, products, scalings and inverses are those of polynomials mod x^4 - 11', () => {
  fc.assert(
    fc.property(element, element, base, (a, b, c) => {
      expect(big(add(a, b))).toEqual(addBig(big(a), big(b)));
      expect(big(sub(a, b))).toEqual(subBig(big(a), big(b)));
      expect(big(mul(a, b))).toEqual(mulBig(big(a), big(b)));
      expect(scale(a, c)).toEqual(mul(a, fromBase(c)));
      expect(mul(a, invert(a))).toEqual(a.every((x) => x === 0) ? zero : one);
      expect(powers(a, 3)).toEqual([one, a, mul(a, a)]);
    }),
  );
});

test('eq and multilinear polynomials are what they are defined to be', () => {
  fc.assert(
    fc.property(fc.array(element, { maxLength: 4 }), fc.array(base, { maxLength: 16 }), (point, all) => {
      const values = all.slice(0, 2 ** point.length);
      const weights = eqValues(point, values.length);
      expect(weights.map(big)).toEqual(values.map((_, i) => eqBig(point.map(big), i)));
      const expected = values.reduce(
        (sum, value, i) => addBig(sum, mulBig(big(fromBase(value)), eqBig(point.map(big), i))),
        big(zero),
      );
      expect(big(evaluateMultilinear(values, point))).toEqual(expected);
      for (let i = 0; i < 2 ** point.length; i++) {
        expect(big(evaluateEq(point, indexPoint(i, point.length)))).toEqual(eqBig(point.map(big), i));
      }
    }),
  );
});
