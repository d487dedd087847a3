/** What every accountant returns: a bound on the privacy of a composition, as a curve. */
import { assertDelta, assertNotNegative } from '../assertions.ts';

/** The accountants, by name. */
export type AccountantName = 'pld' | 'rdp' | 'zcdp' | 'exactGaussian';

/**
 * An upper bound on the privacy curve of a composition. Both functions are pessimistic: the
 * composition is (epsilonAt(delta), delta) and (epsilon, deltaAt(epsilon)) differentially private.
 */
export interface PrivacyProfile {
  readonly accountant: AccountantName;
  /** The least epsilon known for `delta`, at least 0. Throws `dp.argument` unless 0 < delta < 1. */
  epsilonAt(delta: number): number;
  /** The least delta known for `epsilon`, at most 1. Throws `dp.argument` for epsilon below 0. */
  deltaAt(epsilon: number): number;
}

/** Adds the checks of arguments, the floor of epsilon and the ceiling of delta. */
export function createProfile(
  accountant: AccountantName,
  { epsilonAt, deltaAt }: Omit<PrivacyProfile, 'accountant'>,
): PrivacyProfile {
  return {
    accountant,
    epsilonAt(delta) {
      assertDelta(delta);
      return Math.max(0, epsilonAt(delta));
    },
    deltaAt(epsilon) {
      assertNotNegative('epsilon', epsilon);
      return Math.min(1, Math.max(0, deltaAt(epsilon)));
    },
  };
}

/**
 * The least epsilon >= 0 with `deltaAt(epsilon) <= delta`, for a curve that does not rise, within a
 * relative 1e-12 and never below. Infinity if there is none up to 2^40.
 */
export function invertCurve(deltaAt: (epsilon: number) => number, delta: number): number {
  if (deltaAt(0) <= delta) return 0;
  let low = 0;
  let high = 1;
  while (!(deltaAt(high) <= delta)) {
    low = high;
    high *= 2;
    if (high > 2 ** 40) return Infinity;
  }
  while (high - low > 1e-12 * high) {
    const middle = (low + high) / 2;
    if (deltaAt(middle) <= delta) high = middle;
    else low = middle;
  }
  return high;
}
