/**
 * BabyBear: the integers modulo p = 2^31 - 2^27 + 1 = 15 * 2^27 + 1, the prime of 31 bits with the
 * most roots of unity of a power of two. An element is a number from 0 to p - 1; what kernels hold
 * is its Montgomery form a * 2^32 mod p. Constants are those of Plonky3 (baby-bear, MIT or
 * Apache-2.0); tests compare. Not in constant time: for public values.
 */
import { MisuseError } from '@nonet/core';

/** 2013265921. */
export const modulus = 0x78000001;

/** The largest n for which the field has a primitive root of unity of order 2^n. */
const twoAdicity = 27;

/** A root of unity of order 2^27. */
const deepestRoot = 0x1a427a41;

/** 2^32 and its inverse, mod p. */
const montgomery = 268435454;
const montgomeryInverse = 943718400;

const reciprocal = 1 / modulus;

/** x mod p for 0 <= x < 2^52: the quotient in floating point is off by one at most. */
function reduce(x: number): number {
  const rest = x - Math.floor(x * reciprocal) * modulus;
  return rest < 0 ? rest + modulus : rest >= modulus ? rest - modulus : rest;
}

/** a + b. */
export function addBase(a: number, b: number): number {
  const sum = a + b;
  return sum >= modulus ? sum - modulus : sum;
}

/** a - b. */
export function subBase(a: number, b: number): number {
  return a >= b ? a - b : a - b + modulus;
}

/** a * b: 16 bits of b at a time, so that products stay exact in floating point. */
export function mulBase(a: number, b: number): number {
  return reduce(reduce(a * (b >>> 16)) * 65536 + a * (b & 0xffff));
}

/** a to the power of `exponent`, a whole number from 0 on below 2^32. */
export function powBase(a: number, exponent: number): number {
  let result = 1;
  for (let bit = 31; bit >= 0; bit--) {
    result = mulBase(result, result);
    if ((exponent >>> bit) & 1) result = mulBase(result, a);
  }
  return result;
}

/** 1 / a; 0 for 0. */
export function invertBase(a: number): number {
  return powBase(a, modulus - 2);
}

/** The element that stands for a whole number between -p and p. Throws `algebra.integer` for others. */
export function fromInteger(value: number): number {
  const element = value < 0 ? value + modulus : value;
  if (element >= 0 && element < modulus && Number.isInteger(element)) return element;
  throw new MisuseError({
    code: 'algebra.integer',
    expected: `an integer between -${modulus} and ${modulus}`,
    found: `${value}`,
  });
}

/** The Montgomery form of an element, which kernels, commitments and proofs hold. */
export function toMontgomery(a: number): number {
  return mulBase(a, montgomery);
}

/** The element of a Montgomery form. */
export function fromMontgomery(a: number): number {
  return mulBase(a, montgomeryInverse);
}

/** A primitive root of unity of order 2^log; its square is that of order 2^(log - 1). */
export function rootOfUnity(log: number): number {
  let root = deepestRoot;
  for (let n = twoAdicity; n > log; n--) root = mulBase(root, root);
  return root;
}
