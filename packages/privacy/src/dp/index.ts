/**
 * Differential privacy: mechanisms as data, accountants, calibration, sensitivity on the integer
 * grid, exact integer noise, and reports that carry the conditions of their figures.
 * docs/specs/dp.md derives each step. Knows nothing of jobs, rounds or ledgers.
 */
export * from './accountants/concentrated.ts';
export { accountExactGaussian } from './accountants/exactGaussian.ts';
export { accountLossDistribution, type LossProfile } from './accountants/lossDistribution.ts';
export type { AccountantName, PrivacyProfile } from './accountants/profile.ts';
export { accountRenyi, renyiDivergence, renyiOrders } from './accountants/renyi.ts';
export { UncoveredError } from './assertions.ts';
export * from './calibrate.ts';
export * from './mechanism.ts';
export * from './parameters.ts';
export * from './participation.ts';
export {
  CohortError,
  examplesAtOnce,
  largestContribution,
  noiseToSignal,
  type PrivacyGoal,
  type PrivacyPlan,
  type PrivacySetting,
  planPrivacy,
  reviewPlan,
} from './plan.ts';
export {
  adjustEpsilon,
  createPrivacyReport,
  describePrivacy,
  type HonestPart,
  type PrivacyConditions,
  type PrivacyReport,
  type ReportedRelease,
} from './report.ts';
export { bernoulliExpDistance, sampleBernoulliExp } from './sampling/bernoulliExp.ts';
export {
  createDiscreteGaussian,
  type DiscreteGaussianSampler,
  drawDiscreteGaussian,
  sampleDiscreteGaussian,
} from './sampling/discreteGaussian.ts';
export {
  createDiscreteLaplace,
  type DiscreteLaplaceSampler,
  sampleDiscreteLaplace,
} from './sampling/discreteLaplace.ts';
export { drawPoissonSample, type PoissonSample } from './sampling/poissonSample.ts';
export { type SecretWords, systemWords } from './sampling/secretWords.ts';
export * from './sensitivity.ts';
export * from './spent.ts';
export * from './unit.ts';
