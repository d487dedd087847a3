/**
 * The least noise for a target: bisection over the noise multiplier, on the side that keeps the
 * target. docs/specs/dp.md §9.
 */
import { MisuseError } from '@nonet/core';
import type { PrivacyProfile } from './accountants/profile.ts';
import { assertDelta, assertPositive } from './assertions.ts';
import type { Release } from './mechanism.ts';
import { epsilonWithDistance } from './report.ts';

/** What to reach, and how the composition depends on the noise. */
export interface CalibrationTarget {
  readonly epsilon: number;
  readonly delta: number;
  /** The composition at a noise multiplier; more noise must not cost more privacy. */
  readonly releasesAt: (noiseMultiplier: number) => readonly Release[];
  readonly account: (releases: readonly Release[]) => PrivacyProfile;
  /** Total variation distance from what is accounted for, over all releases; 0 unless given. */
  readonly distance?: number;
}

/** Noise that keeps the target, and the epsilon that it gives. */
export interface Calibration {
  readonly noiseMultiplier: number;
  readonly epsilon: number;
}

const least = 2 ** -7;
const most = 2 ** 20;

/**
 * A noise multiplier whose epsilon, by `account`, is at most the target; one smaller by 0.01 % does
 * not keep it, unless it is 2^-7, the least that is tried. Throws `dp.unreachable` if 2^20 is not
 * enough, `dp.argument` for targets out of range, and what `account` throws.
 */
export function calibrateNoise({
  epsilon,
  delta,
  releasesAt,
  account,
  distance = 0,
}: CalibrationTarget): Calibration {
  assertPositive('epsilon', epsilon);
  assertDelta(delta);
  const epsilonAt = (noiseMultiplier: number) =>
    epsilonWithDistance(account(releasesAt(noiseMultiplier)), delta, distance);
  let high = 1;
  let reached = epsilonAt(high);
  while (!(reached <= epsilon)) {
    high *= 2;
    if (high > most) {
      throw new MisuseError({
        code: 'dp.unreachable',
        expected: `noise that gives an epsilon of ${epsilon} at a delta of ${delta}`,
        found: `${reached} at a noise multiplier of ${most}`,
        hint: 'Release less often, or ask for more epsilon.',
      });
    }
    reached = epsilonAt(high);
  }
  let low = high / 2;
  while (low >= least && high > 2 * low - 1e-12) {
    const lower = epsilonAt(low);
    if (!(lower <= epsilon)) break;
    [high, reached] = [low, lower];
    low /= 2;
  }
  while (high / low > 1.0001 && high > least) {
    const middle = Math.sqrt(low * high);
    const found = epsilonAt(middle);
    if (found <= epsilon) [high, reached] = [middle, found];
    else low = middle;
  }
  return { noiseMultiplier: high, epsilon: reached };
}
