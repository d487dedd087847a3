/**
 * The mechanisms that the accountants know, as data. A mechanism is what one release adds to its
 * query; noise is measured in units of the query's sensitivity under the neighbouring relation in
 * use, so that no accountant sees data, clipping norms or grids (`sensitivity.ts` has those).
 */
import { assertCount, assertPositive, assertRate } from './assertions.ts';

/** Normal noise; a query of any dimension, with l2 sensitivity 1. */
export interface GaussianMechanism {
  readonly kind: 'gaussian';
  /** Standard deviation of each coordinate, divided by the l2 sensitivity. */
  readonly noiseMultiplier: number;
}

/**
 * Normal noise on a sum over records of which each is included with probability `samplingRate`,
 * independently and in secret (Poisson sampling). Add-or-remove and zero-out neighbours only.
 */
export interface PoissonGaussianMechanism {
  readonly kind: 'poissonGaussian';
  /** Standard deviation of each coordinate, divided by the l2 norm that a record may add. */
  readonly noiseMultiplier: number;
  readonly samplingRate: number;
}

/**
 * Independent discrete Gaussians on an integer query: P(x) proportional to exp(-x²/(2 sigma²))
 * (Canonne, Kamath and Steinke, NeurIPS 2020).
 */
export interface DiscreteGaussianMechanism {
  readonly kind: 'discreteGaussian';
  /** The parameter sigma, in units of the integer grid. */
  readonly sigma: number;
  /** l2 sensitivity of the integer query: after scaling and rounding. */
  readonly sensitivity: number;
  /** Coordinates of the query. */
  readonly dimension: number;
}

/**
 * The sum of `shares` independent discrete Gaussians on an integer query, one from each honest
 * participant (Kairouz, Liu and Steinke, ICML 2021). Noise of other participants counts as none.
 */
export interface DiscreteGaussianSumMechanism {
  readonly kind: 'discreteGaussianSum';
  /** The parameter sigma of one share, in units of the integer grid. */
  readonly shareSigma: number;
  /** Shares that are certain to be in the sum: the fewest honest survivors. */
  readonly shares: number;
  /** l2 sensitivity of the integer query: after scaling and rounding. */
  readonly sensitivity: number;
  readonly dimension: number;
  /** Poisson sampling of records, in secret, as in `PoissonGaussianMechanism`; 1 is none. */
  readonly samplingRate: number;
}

/** Laplace noise on a query of l1 sensitivity 1, in any dimension. */
export interface LaplaceMechanism {
  readonly kind: 'laplace';
  /** Scale b of the density exp(-|x|/b) / (2b), divided by the l1 sensitivity. */
  readonly noiseMultiplier: number;
}

/**
 * Discrete Laplace noise, P(x) proportional to exp(-|x|/scale), on an integer query of one
 * coordinate.
 */
export interface DiscreteLaplaceMechanism {
  readonly kind: 'discreteLaplace';
  readonly scale: number;
  /** Sensitivity of the integer query: a whole number. */
  readonly sensitivity: number;
}

/** Any mechanism that an accountant may be asked about. */
export type Mechanism =
  | GaussianMechanism
  | PoissonGaussianMechanism
  | DiscreteGaussianMechanism
  | DiscreteGaussianSumMechanism
  | LaplaceMechanism
  | DiscreteLaplaceMechanism;

/** The same mechanism, released `count` times; a composition is a list of these. */
export interface Release {
  readonly mechanism: Mechanism;
  readonly count: number;
}

/** Throws `dp.argument`, naming the parameter that is out of its range. */
export function assertReleases(releases: readonly Release[]): void {
  for (const { mechanism, count } of releases) {
    assertCount('count', count, 0);
    assertMechanism(mechanism);
  }
}

function assertMechanism(mechanism: Mechanism): void {
  switch (mechanism.kind) {
    case 'poissonGaussian':
      assertRate('samplingRate', mechanism.samplingRate);
      assertPositive('noiseMultiplier', mechanism.noiseMultiplier);
      return;
    case 'gaussian':
    case 'laplace':
      assertPositive('noiseMultiplier', mechanism.noiseMultiplier);
      return;
    case 'discreteGaussian':
      assertPositive('sigma', mechanism.sigma);
      assertPositive('sensitivity', mechanism.sensitivity);
      assertCount('dimension', mechanism.dimension);
      return;
    case 'discreteGaussianSum':
      assertPositive('shareSigma', mechanism.shareSigma);
      assertPositive('sensitivity', mechanism.sensitivity);
      assertCount('shares', mechanism.shares);
      assertCount('dimension', mechanism.dimension);
      assertRate('samplingRate', mechanism.samplingRate);
      return;
    case 'discreteLaplace':
      assertPositive('scale', mechanism.scale);
      assertCount('sensitivity', mechanism.sensitivity);
  }
}

/** Whether a mechanism's figure rests on secret Poisson sampling. */
export function isSampled(mechanism: Mechanism): boolean {
  return 'samplingRate' in mechanism && mechanism.samplingRate < 1;
}
