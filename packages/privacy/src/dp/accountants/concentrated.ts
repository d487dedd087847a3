/**
 * Zero-concentrated differential privacy (Bun and Steinke, TCC 2016): one number rho, with a Rényi
 * divergence of at most rho times the order at every order. docs/specs/dp.md §5. The simplest
 * ledger of a budget, because rho adds; the loosest figure. Sampling is not covered: a sampled
 * Gaussian has no useful rho.
 */
import { UncoveredError } from '../assertions.ts';
import { assertReleases, isSampled, type Mechanism, type Release } from '../mechanism.ts';
import { createProfile, type PrivacyProfile } from './profile.ts';
import { renyiDelta, renyiEpsilon, sumDivergence } from './renyi.ts';

/** A profile that also tells its rho. */
export interface ConcentratedProfile extends PrivacyProfile {
  readonly rho: number;
}

/**
 * The curve of a composition by zCDP. Throws `dp.uncovered` for sampled mechanisms, `dp.argument`
 * for parameters out of range.
 */
export function accountConcentrated(releases: readonly Release[]): ConcentratedProfile {
  assertReleases(releases);
  let rho = 0;
  for (const { mechanism, count } of releases) if (count > 0) rho += count * concentration(mechanism);
  const bestOver = (bound: (order: number) => number) => minimise((t) => bound(1 + Math.exp(t)));
  const profile = createProfile('zcdp', {
    epsilonAt: (delta) => bestOver((order) => renyiEpsilon({ order, divergence: rho * order }, delta)),
    deltaAt: (epsilon) => bestOver((order) => renyiDelta({ order, divergence: rho * order }, epsilon)),
  });
  return { ...profile, rho };
}

/** rho of one release. */
function concentration(mechanism: Mechanism): number {
  if (isSampled(mechanism)) {
    throw new UncoveredError({
      code: 'dp.uncovered',
      expected: 'mechanisms without sampling: amplification has no theorem in zCDP',
      found: `${mechanism.kind} with a sampling rate below 1`,
      hint: 'Account for it with rdp, or with pld where that covers the mechanism.',
    });
  }
  switch (mechanism.kind) {
    case 'gaussian':
    case 'poissonGaussian':
      return 1 / (2 * mechanism.noiseMultiplier ** 2);
    case 'discreteGaussian':
      return (mechanism.sensitivity / mechanism.sigma) ** 2 / 2;
    case 'discreteGaussianSum':
      // Step 5.2: at order 1 the bound is largest beside the order.
      return sumDivergence(mechanism, 1);
    case 'laplace':
      return pureConcentration(1 / mechanism.noiseMultiplier);
    case 'discreteLaplace':
      return pureConcentration(mechanism.sensitivity / mechanism.scale);
  }
}

/** Bun and Steinke (2016), proposition 1.4; and no divergence exceeds a pure epsilon. */
const pureConcentration = (epsilon: number) => Math.min((epsilon * epsilon) / 2, epsilon);

/** The least value on a grid over ln(order - 1) and around its best point: any order is a bound. */
function minimise(bound: (t: number) => number): number {
  let best = 0;
  let least = Infinity;
  let width = 16;
  for (let pass = 0; pass < 8; pass++) {
    const centre = best;
    for (let i = -32; i <= 32; i++) {
      const value = bound(centre + (i / 32) * width);
      if (value >= least) continue;
      least = value;
      best = centre + (i / 32) * width;
    }
    width /= 8;
  }
  return least;
}
