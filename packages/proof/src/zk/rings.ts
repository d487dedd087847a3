/**
 * What the relations of a proof are written over (relations.ts): one expression is the constraint
 * that a prover evaluates on vectors, that a verifier evaluates at a point, and that counts
 * look-ups on integers.
 */
import { add, fromBase, fromInteger, mul, type Quartic, sub } from '@nonet/algebra';

/** Sums and products, and integers with |value| < p. */
export interface Ring<T> {
  add(a: T, b: T): T;
  sub(a: T, b: T): T;
  mul(a: T, b: T): T;
  /** a * factor. */
  scale(a: T, factor: number): T;
}

/** A ring that holds the field extension. */
export interface ExtensionRing<T> extends Ring<T> {
  /** a * factor. */
  scaleBy(a: T, factor: Quartic): T;
  /** a + term. */
  shiftBy(a: T, term: Quartic): T;
}

/** The extension itself: what a verifier evaluates at a point. */
export const quarticRing: ExtensionRing<Quartic> = {
  add,
  sub,
  mul,
  scale: (a, factor) => mul(a, fromBase(fromInteger(factor))),
  scaleBy: mul,
  shiftBy: add,
};

/** Integers position by position, for values that stay within 32 bits. */
export const integerRing: Ring<Int32Array> = {
  add(a, b) {
    const out = new Int32Array(a.length);
    for (let i = 0; i < out.length; i++) out[i] = a[i] + b[i];
    return out;
  },
  sub(a, b) {
    const out = new Int32Array(a.length);
    for (let i = 0; i < out.length; i++) out[i] = a[i] - b[i];
    return out;
  },
  mul(a, b) {
    const out = new Int32Array(a.length);
    for (let i = 0; i < out.length; i++) out[i] = Math.imul(a[i], b[i]);
    return out;
  },
  scale: (a, factor) => a.map((x) => Math.imul(x, factor)),
};
