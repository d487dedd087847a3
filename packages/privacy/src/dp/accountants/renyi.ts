/**
 * Rényi differential privacy (Mironov, CSF 2017): a bound on the Rényi divergence at each of some
 * orders, which composes by adding. docs/specs/dp.md §4. Looser than `pld`, and covers more: sums
 * of discrete Gaussians in any dimension, sampled too. Orders are tried one by one; none is
 * interpolated, so a figure is a bound whatever the list.
 */
import { MisuseError } from '@nonet/core';
import {
  assertReleases,
  type DiscreteGaussianSumMechanism,
  type Mechanism,
  type PoissonGaussianMechanism,
  type Release,
} from '../mechanism.ts';
import { createProfile, type PrivacyProfile } from './profile.ts';

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** 1.1 to 10.9 by tenths, 11 to 64, then by factors of about √2 to 2048. */
export const renyiOrders: readonly number[] = [
  ...range(1, 99).map((i) => 1 + i / 10),
  ...range(11, 64),
  ...[91, 128, 181, 256, 362, 512, 724, 1024, 1448, 2048],
];

/**
 * The curve of a composition by RDP at `orders`, each above 1. Throws `dp.argument` for parameters
 * out of range. Covers every mechanism.
 */
export function accountRenyi(
  releases: readonly Release[],
  orders: readonly number[] = renyiOrders,
): PrivacyProfile {
  return profileOfRenyi(renyiCurve(releases, orders));
}

/** The divergence of a composition at each of `orders`. Throws `dp.argument`. */
export function renyiCurve(
  releases: readonly Release[],
  orders: readonly number[] = renyiOrders,
): RenyiPoint[] {
  assertReleases(releases);
  return orders.map((order) => {
    let divergence = 0;
    for (const { mechanism, count } of releases) {
      if (count > 0) divergence += count * renyiDivergence(mechanism, order);
    }
    return { order, divergence };
  });
}

/** What a bound at one or more orders says of epsilon and delta: the best of them. */
export function profileOfRenyi(curve: readonly RenyiPoint[]): PrivacyProfile {
  return createProfile('rdp', {
    epsilonAt: (delta) => Math.min(...curve.map((point) => renyiEpsilon(point, delta))),
    deltaAt: (epsilon) => Math.min(...curve.map((point) => renyiDelta(point, epsilon))),
  });
}

/** A Rényi divergence of at most `divergence` at `order`, in both directions. */
export interface RenyiPoint {
  readonly order: number;
  readonly divergence: number;
}

/** Canonne, Kamath and Steinke (2020), proposition 12; docs/specs/dp.md §4.5. */
export function renyiEpsilon({ order, divergence }: RenyiPoint, delta: number): number {
  // The total variation distance is at most sqrt(1 - exp(-divergence)), as it is for KL.
  if (delta * delta + Math.expm1(-divergence) >= 0) return 0;
  const epsilon = divergence + Math.log1p(-1 / order) - Math.log(delta * order) / (order - 1);
  return Math.max(0, epsilon);
}

/** The same inequality, solved for delta. */
export function renyiDelta({ order, divergence }: RenyiPoint, epsilon: number): number {
  const distance = Math.sqrt(-Math.expm1(-divergence));
  const exponent = (order - 1) * (divergence - epsilon + Math.log1p(-1 / order)) - Math.log(order);
  return Math.min(distance, Math.exp(exponent));
}

/**
 * A bound on the Rényi divergence of order `order` > 1 between what neighbours give, the larger of
 * both directions. Throws `dp.argument` for an order of at most 1.
 */
export function renyiDivergence(mechanism: Mechanism, order: number): number {
  if (!(order > 1 && order < Infinity)) {
    throw new MisuseError({
      code: 'dp.argument',
      expected: 'Rényi orders to be finite and above 1',
      found: String(order),
    });
  }
  switch (mechanism.kind) {
    case 'gaussian':
      return order / (2 * mechanism.noiseMultiplier ** 2);
    case 'poissonGaussian':
      return sampledGaussianDivergence(mechanism, order);
    case 'discreteGaussian':
      // Canonne, Kamath and Steinke (2020), theorem 14, in any dimension.
      return (order * (mechanism.sensitivity / mechanism.sigma) ** 2) / 2;
    case 'discreteGaussianSum':
      return sampledSumDivergence(mechanism, order);
    case 'laplace':
      return laplaceDivergence(mechanism.noiseMultiplier, order);
    case 'discreteLaplace':
      // Pure differential privacy is all that is used of it.
      return pureDivergence(mechanism.sensitivity / mechanism.scale, order);
  }
}

/**
 * Mironov, Talwar and Zhang (2019), theorem 4: the divergence of (1 - q) N(0, z²) + q N(1, z²) from
 * N(0, z²), by the trapezoidal rule, whose error falls like exp(-2 pi a / step) on an integrand
 * that is analytic in a strip of half-width a. Here the mixture's zeros are at distance pi z², so
 * a step of z min(1, z) / 2 leaves 1e-17.
 */
function sampledGaussianDivergence(
  { noiseMultiplier: z, samplingRate: q }: PoissonGaussianMechanism,
  order: number,
): number {
  const unsampled = order / (2 * z * z);
  if (q === 1) return unsampled;
  // Step 4.2: r is the ratio of densities at x, w = r - 1, of mean 0 under N(0, z²).
  const step = (z * Math.min(1, z)) / 2;
  const from = -12 * z;
  const points = Math.ceil((order + 24 * z) / step);
  const logScale = Math.log(step / z) - 0.5 * Math.log(2 * Math.PI);
  let most = -Infinity;
  const exponents = new Float64Array(points + 1);
  for (let i = 0; i <= points; i++) {
    const x = from + i * step;
    const exponent = (2 * x - 1) / (2 * z * z);
    exponents[i] = order * logMixture(q, exponent) - (x * x) / (2 * z * z);
    most = Math.max(most, exponents[i]!);
  }
  let sum = 0;
  if (most < 10) {
    // E[r^order] - 1 = E[r^order - 1 - order w], a sum of terms that are not negative: keeps its
    // digits when the divergence is 1e-15.
    for (let i = 0; i <= points; i++) {
      const x = from + i * step;
      const w = q * Math.expm1((2 * x - 1) / (2 * z * z));
      const weight = (-x * x) / (2 * z * z) + logScale;
      // Far out the power alone, which may overflow without its weight.
      sum +=
        order * Math.log1p(w) > 50
          ? Math.exp(exponents[i]! + logScale)
          : powerExcess(w, order) * Math.exp(weight);
    }
    return Math.min(unsampled, Math.log1p(sum) / (order - 1));
  }
  for (const exponent of exponents) sum += Math.exp(exponent - most);
  return Math.min(unsampled, (most + Math.log(sum) + logScale) / (order - 1));
}

/** ln(1 - q + q exp(t)), for any t. */
export function logMixture(q: number, t: number): number {
  if (q === 1) return t;
  return t > 30 ? t + Math.log(q + (1 - q) * Math.exp(-t)) : Math.log1p(q * Math.expm1(t));
}

/** (1 + w)^order - 1 - order w, by its series where the difference would cancel. */
function powerExcess(w: number, order: number): number {
  if (Math.abs(w * order) > 1e-2) return Math.expm1(order * Math.log1p(w)) - order * w;
  let term = order * w;
  let sum = 0;
  for (let k = 2; k <= 9; k++) {
    term *= ((order - k + 1) / k) * w;
    sum += term;
  }
  return sum;
}

/** Kairouz, Liu and Steinke (2021), proposition 14; docs/specs/dp.md §4.3. */
export function sumDivergence(
  { shareSigma, shares, sensitivity, dimension }: DiscreteGaussianSumMechanism,
  order: number,
  tau: number = sumExcess(shareSigma, shares),
): number {
  const ratio = sensitivity / (Math.sqrt(shares) * shareSigma);
  return Math.min(
    (order * ratio * ratio) / 2 + tau * dimension,
    (order * (ratio + tau * Math.sqrt(dimension)) ** 2) / 2,
  );
}

/**
 * What a coordinate's sum of discrete Gaussians may differ from one discrete Gaussian: tau = 10
 * sum_k exp(-2 pi² sigma² k / (k + 1)), k from 1 to shares - 1. Infinity below sigma = 1/2, where
 * the theorem does not hold; a single share needs none and has 0.
 */
function sumExcess(sigma: number, shares: number): number {
  if (shares === 1) return 0;
  if (sigma < 0.5) return Infinity;
  let sum = 0;
  // Beyond 4,096 terms each is at most exp(-2 pi² sigma²), and no smaller than that by 0.1 %.
  const exact = Math.min(shares - 1, 4096);
  for (let k = 1; k <= exact; k++) sum += Math.exp((-2 * (Math.PI * sigma) ** 2 * k) / (k + 1));
  const rest = Math.exp((-2 * (Math.PI * sigma) ** 2 * exact) / (exact + 1));
  return 10 * (sum + (shares - 1 - exact) * rest);
}

/**
 * The sampled sum against the sum, docs/specs/dp.md §4.4: noise that is symmetric has its larger
 * divergence in the direction whose integer moments are a binomial sum. Between integer orders
 * (order - 1) times the divergence is convex, hence below its chord.
 */
function sampledSumDivergence(mechanism: DiscreteGaussianSumMechanism, order: number): number {
  const unsampled = sumDivergence(mechanism, order);
  if (mechanism.samplingRate === 1 || unsampled === Infinity) return unsampled;
  const below = Math.floor(order);
  const share = order - below;
  const chord =
    (1 - share) * sampledSumLogMoment(mechanism, below) +
    (share > 0 ? share * sampledSumLogMoment(mechanism, below + 1) : 0);
  return Math.min(unsampled, Math.max(0, chord) / (order - 1));
}

/** ln of the sum over k of C(order, k) q^k (1 - q)^(order - k) E[(P/Q)^k]; 0 at order 1. */
function sampledSumLogMoment(mechanism: DiscreteGaussianSumMechanism, order: number): number {
  if (order === 1) return 0;
  const q = mechanism.samplingRate;
  const tau = sumExcess(mechanism.shareSigma, mechanism.shares);
  const logQ = Math.log(q);
  const logRest = Math.log1p(-q);
  // Step 4.4: k = 0 and 1 together, whose moments are 1.
  const terms = [(order - 1) * logRest + Math.log1p((order - 1) * q)];
  let logChoose = Math.log(order);
  for (let k = 2; k <= order; k++) {
    logChoose += Math.log((order - k + 1) / k);
    const moment = (k - 1) * sumDivergence(mechanism, k, tau);
    terms.push(logChoose + (order - k) * logRest + k * logQ + moment);
  }
  const most = Math.max(...terms);
  return most + Math.log(terms.reduce((total, term) => total + Math.exp(term - most), 0));
}

/** Mironov (2017), table II, written so that no exponential overflows. */
function laplaceDivergence(scale: number, order: number): number {
  const up = (order - 1) / scale;
  const ratio = order / (2 * order - 1);
  // ln(ratio e^up + (1 - ratio) e^(-order/scale)), order/scale = up + 1/scale
  return (up + Math.log(ratio + (1 - ratio) * Math.exp(-2 * up - 1 / scale))) / (order - 1);
}

/**
 * The most that a pure epsilon allows: the divergence of randomised response, of which every pair
 * of that epsilon is a post-processing (Kairouz, Oh and Viswanath, ICML 2015, theorem 2.5).
 */
function pureDivergence(epsilon: number, order: number): number {
  const p = 1 / (1 + Math.exp(-epsilon));
  // p^order (1-p)^(1-order) + (1-p)^order p^(1-order), p/(1-p) = e^epsilon
  const up = (order - 1) * epsilon;
  return (up + Math.log(p + (1 - p) * Math.exp(-2 * up))) / (order - 1);
}
