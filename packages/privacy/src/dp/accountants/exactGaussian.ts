/**
 * The exact curve of the Gaussian mechanism (Balle and Wang, "Improving the Gaussian mechanism for
 * differential privacy: analytical calibration and optimal denoising", ICML 2018, theorem 8).
 * docs/specs/dp.md §3. A composition of Gaussian mechanisms is one with mu² = sum of 1/z²: nothing
 * is lost, and nothing else than unsampled Gaussians is covered.
 */
import { UncoveredError } from '../assertions.ts';
import { assertReleases, type Release } from '../mechanism.ts';
import { millsRatio, normalDensity, normalTail } from '../normal.ts';
import { createProfile, invertCurve, type PrivacyProfile } from './profile.ts';

/**
 * delta(epsilon) of normal noise whose sensitivity is `mu` standard deviations: Φ(mu/2 - e/mu) -
 * exp(e) Φ(-mu/2 - e/mu). With Mills' ratio R the second term is density(b) R(a), which neither
 * over- nor underflows and leaves the difference of two tails its digits.
 */
export function gaussianDelta(mu: number, epsilon: number): number {
  if (mu === 0) return 0;
  // Step 3.2
  const a = epsilon / mu + mu / 2;
  const b = epsilon / mu - mu / 2;
  const density = normalDensity(b);
  const delta = b >= 0 ? density * (millsRatio(b) - millsRatio(a)) : normalTail(b) - density * millsRatio(a);
  return Math.max(0, delta);
}

/**
 * The exact curve of a composition of Gaussian mechanisms. Throws `dp.uncovered` if any other
 * mechanism is in it, `dp.argument` for parameters out of range.
 *
 * @example
 *   accountExactGaussian([{ mechanism: { kind: 'gaussian', noiseMultiplier: 5 }, count: 100 }])
 *     .epsilonAt(1e-5); // 9.997
 */
export function accountExactGaussian(releases: readonly Release[]): PrivacyProfile {
  assertReleases(releases);
  let squared = 0;
  for (const { mechanism, count } of releases) {
    if (mechanism.kind !== 'gaussian') {
      throw new UncoveredError({
        code: 'dp.uncovered',
        expected: 'a composition of Gaussian mechanisms without sampling',
        found: `the mechanism ${mechanism.kind}`,
        hint: 'Account for it with pld, rdp or zcdp.',
      });
    }
    squared += count / mechanism.noiseMultiplier ** 2; // Step 3.1
  }
  const deltaAt = (epsilon: number) => gaussianDelta(Math.sqrt(squared), epsilon);
  return createProfile('exactGaussian', { deltaAt, epsilonAt: (delta) => invertCurve(deltaAt, delta) });
}
