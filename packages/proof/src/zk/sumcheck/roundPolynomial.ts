/** Univariate polynomials by their values at 0, 1, ..., d. */
import {
  add,
  fromBase,
  fromInteger,
  invertBase,
  mul,
  mulBase,
  one,
  type Quartic,
  scale,
  sub,
  zero,
} from '@nonet/algebra';

/**
 * The value at `at` of the polynomial of degree below `values.length` with these values at 0, 1,
 * ... (Lagrange).
 */
export function interpolate(values: readonly Quartic[], at: Quartic): Quartic {
  return values.reduce((sum, value, i) => {
    let numerator = one;
    let denominator = 1;
    for (let j = 0; j < values.length; j++) {
      if (j === i) continue;
      numerator = mul(numerator, sub(at, fromBase(j)));
      denominator = mulBase(denominator, fromInteger(i - j));
    }
    return add(sum, scale(mul(value, numerator), invertBase(denominator)));
  }, zero);
}

/** The product of 1 - r over the first `count` challenges: an instance that has not begun (§6.1). */
export function absentFactor(challenges: readonly Quartic[], count: number): Quartic {
  return challenges.slice(0, count).reduce((product, challenge) => mul(product, sub(one, challenge)), one);
}
