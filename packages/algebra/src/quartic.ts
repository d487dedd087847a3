/**
 * The extension of BabyBear of degree 4: polynomials in x modulo x^4 - 11, which is irreducible
 * since 11 is no square and p = 1 mod 4 (Lidl-Niederreiter, Theorem 3.75). It has p^4, about
 * 2^123.6, elements. Operations here are on single elements; kernels.ts has those on vectors.
 */
import { addBase, invertBase, modulus, mulBase, subBase } from './babyBear.ts';

/** The coefficients of 1, x, x^2 and x^3, each from 0 to p - 1. */
export type Quartic = readonly [number, number, number, number];

/** x^4. */
const wrap = 11;

/** log2 of the number of elements. */
export const quarticBits = 4 * Math.log2(modulus);

/** 0. */
export const zero: Quartic = [0, 0, 0, 0];
/** 1. */
export const one: Quartic = [1, 0, 0, 0];

/** An element of the base field as one of the extension. */
export function fromBase(a: number): Quartic {
  return [a, 0, 0, 0];
}

/** x^power, for powers below 4. */
export function monomial(power: number): Quartic {
  return [0, 1, 2, 3].map((i) => (i === power ? 1 : 0)) as unknown as Quartic;
}

/** Whether both are the same element. */
export function equal(a: Quartic, b: Quartic): boolean {
  return a[0] === b[0] && a[1] === b[1] && a[2] === b[2] && a[3] === b[3];
}

/** a + b. */
export function add(a: Quartic, b: Quartic): Quartic {
  return [addBase(a[0], b[0]), addBase(a[1], b[1]), addBase(a[2], b[2]), addBase(a[3], b[3])];
}

/** a - b. */
export function sub(a: Quartic, b: Quartic): Quartic {
  return [subBase(a[0], b[0]), subBase(a[1], b[1]), subBase(a[2], b[2]), subBase(a[3], b[3])];
}

/** a * b for b in the base field. */
export function scale(a: Quartic, b: number): Quartic {
  return [mulBase(a[0], b), mulBase(a[1], b), mulBase(a[2], b), mulBase(a[3], b)];
}

/** a * b. */
export function mul(a: Quartic, b: Quartic): Quartic {
  const out = [0, 0, 0, 0];
  for (let i = 0; i < 4; i++) {
    if (a[i] === 0) continue;
    for (let j = 0; j < 4; j++) {
      const product = mulBase(a[i], b[j]);
      const to = (i + j) % 4;
      out[to] = addBase(out[to], i + j < 4 ? product : mulBase(product, wrap));
    }
  }
  return out as unknown as Quartic;
}

/**
 * 1 / a; 0 for 0. a(x) * a(-x) has even powers only; that times its own conjugate is in the base
 * field.
 */
export function invert(a: Quartic): Quartic {
  const conjugate: Quartic = [a[0], subBase(0, a[1]), a[2], subBase(0, a[3])];
  const half = mul(a, conjugate);
  const halfConjugate: Quartic = [half[0], 0, subBase(0, half[2]), 0];
  const norm = mul(half, halfConjugate)[0];
  return scale(mul(conjugate, halfConjugate), invertBase(norm));
}

/** The powers 1, a, a^2, ... of an element, `count` of them. */
export function powers(a: Quartic, count: number): Quartic[] {
  const out: Quartic[] = [];
  for (let power = one; out.length < count; power = mul(power, a)) out.push(power);
  return out;
}

/** The sum of products of as many elements of each list. */
export function dot(a: readonly Quartic[], b: readonly Quartic[]): Quartic {
  return a.reduce((sum, x, i) => add(sum, mul(x, b[i])), zero);
}
