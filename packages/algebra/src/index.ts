/**
 * The field BabyBear and its quartic extension, number-theoretic transforms and multilinear
 * polynomials: single values in TypeScript, vectors in WebAssembly. Commitments and proofs are
 * `@nonet/proof`.
 */
export {
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
export { type Address, type FieldKernels, FieldMemory, quarticSize } from './kernels.ts';
export { eqValues, evaluateEq, evaluateMultilinear, indexPoint, logCeil } from './multilinear.ts';
export {
  add,
  dot,
  equal,
  fromBase,
  invert,
  monomial,
  mul,
  one,
  powers,
  type Quartic,
  quarticBits,
  scale,
  sub,
  zero,
} from './quartic.ts';
