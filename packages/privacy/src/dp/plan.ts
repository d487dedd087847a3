/**
 * From a promise to the noise that keeps it, and back: every participant derives the figure again
 * from the job's parameters. docs/specs/dp.md §12.
 */
import { MisuseError, NonetError } from '@nonet/core';
import { accountRenyi } from './accountants/renyi.ts';
import { assertCount } from './assertions.ts';
import { calibrateNoise } from './calibrate.ts';
import type { DiscreteGaussianSumMechanism } from './mechanism.ts';
import {
  type DistributedPrivacy,
  type ParticipantPrivacy,
  type PrivacyParameters,
  type SiloPrivacy,
  unitOf,
} from './parameters.ts';
import { createPrivacyReport, type PrivacyReport } from './report.ts';
import { discreteGaussianDistance, mostSigma } from './sampling/discreteGaussian.ts';
import { clippingSlack, roundedSensitivity, truncationProbability } from './sensitivity.ts';

/**
 * Gradients that are added in f32 before their sum is rounded to the grid. More would cost privacy
 * by rounding (§7.2), fewer cost time.
 */
export const examplesAtOnce = 64;

/** Below it the norm of a gradient may be lost among factors of very different size (§7.1). */
const leastClippingNorm = 2 ** -16;

/** What a job's other fields say that privacy depends on. */
export interface PrivacySetting {
  /** Numbers in an update. */
  readonly dimension: number;
  /** Participants whose updates a sum may hold. */
  readonly minParticipants: number;
  readonly maxParticipants: number;
  /**
   * Whether any account may join: of a larger cohort than the smallest no more count as honest then.
   * Default false.
   */
  readonly open?: boolean;
  /** Rounds that must become final. */
  readonly rounds: number;
}

type Goal<P> = Omit<P, 'scale' | 'shareSigma' | 'sigma'>;

/** What is wanted: the parameters of the guarantee without those that a plan finds. */
export type PrivacyGoal = Goal<DistributedPrivacy> | Goal<SiloPrivacy> | Goal<ParticipantPrivacy>;

type ParametersOf<G extends PrivacyGoal> = G extends { form: 'silo' }
  ? SiloPrivacy
  : G extends { unit: 'participant' }
    ? ParticipantPrivacy
    : DistributedPrivacy;

/** Parameters that keep a promise, and what they mean. */
export interface PrivacyPlan<P extends PrivacyParameters = PrivacyParameters> {
  readonly parameters: P;
  /** The promise with all that it rests on, for the smallest cohort. */
  readonly report: PrivacyReport;
  /** Noise of all honest shares together, divided by the sensitivity. */
  readonly noiseMultiplier: number;
  /** See `noiseToSignal`. */
  readonly noiseToSignal: number;
  /** The largest magnitude of an entry of a sum of all participants: below 2^31. */
  readonly largestEntry: number;
}

/** A cohort, or a batch, so small that the noise drowns what it adds. */
export class CohortError extends NonetError {
  override readonly name = 'CohortError';
  /** Participants (unit `participant`) or expected records of a sum (unit `record`) that it takes. */
  readonly needed: number;

  constructor(unit: string, needed: number, found: string) {
    super({
      code: 'dp.cohort',
      expected: `at least ${needed} ${unit}s in a sum, so that the noise is no longer than what is added`,
      found,
      hint:
        unit === 'participant'
          ? 'Ask for record-level privacy, which fewer participants can carry, or for more epsilon.'
          : 'Use a higher sampling rate, fewer rounds, a smaller model or more epsilon.',
    });
    this.needed = needed;
  }
}

/** Noised sums of a round: a silo releases each of its steps. */
const releasesOfRound = (goal: PrivacyGoal): number => (goal.form === 'silo' ? goal.stepsPerRound : 1);

const honestShares = (goal: PrivacyGoal): number => (goal.form === 'silo' ? 1 : goal.honest);

/** Grid steps that one unit may change the integers of a release by, in l2 (§7). */
function sensitivityOf(goal: PrivacyGoal, scale: number, dimension: number): number {
  return roundedSensitivity({
    clippingNorm: goal.clippingNorm,
    scale,
    dimension,
    relation: 'zeroOut',
    // Step 7.1: squared norms of two factors, their product and the sum over parameters take at most
    // 5 roundings more than a sum of squares. An update is clipped in f64, a chain of whose roundings
    // is less than one of f32.
    ...(goal.unit === 'record'
      ? { summands: examplesAtOnce, roundings: dimension + 8 }
      : { summands: 1, roundings: 1 }),
  });
}

/** A sum with `shares` of noise of `sigma`, as the accountants know it. */
export function releaseOf(
  goal: PrivacyGoal,
  { dimension }: Pick<PrivacySetting, 'dimension'>,
  { scale, sigma, shares }: { readonly scale: number; readonly sigma: number; readonly shares: number },
): DiscreteGaussianSumMechanism {
  return {
    kind: 'discreteGaussianSum',
    shareSigma: sigma,
    shares,
    sensitivity: sensitivityOf(goal, scale, dimension),
    dimension,
    samplingRate: goal.unit === 'record' ? goal.samplingRate : 1,
  };
}

/** The sigma of one source of noise, whichever form it has. */
export const sigmaOf = (parameters: PrivacyParameters): number =>
  parameters.form === 'silo' ? parameters.sigma : parameters.shareSigma;

/**
 * Total variation distance of one release from what is accounted for: a batch that was too small,
 * and samplers (§7.4, §8.4).
 */
export function distanceOf(goal: PrivacyGoal, dimension: number, sigma: number, shares: number): number {
  const truncation =
    goal.unit === 'record'
      ? truncationProbability(goal.maximumRecords, goal.samplingRate, goal.maximumBatch)
      : 0;
  return truncation + dimension * shares * discreteGaussianDistance(sigma);
}

/** The largest magnitude of an entry of what one participant adds to a sum (§12.2). */
function largestEntryOf(
  goal: PrivacyGoal,
  { dimension }: Pick<PrivacySetting, 'dimension'>,
  { scale, sigma }: { readonly scale: number; readonly sigma: number },
): number {
  const parts = goal.unit === 'record' ? goal.maximumBatch : 1;
  const chunks = goal.unit === 'record' ? goal.maximumBatch / examplesAtOnce : 1;
  const clipped = parts * goal.clippingNorm * 1.01 * clippingSlack(Math.min(dimension, 2 ** 22 - 1)) * scale;
  return clipped + chunks + 12 * sigma + 2;
}

/** The same of given parameters, as an integer: with its noise no contribution exceeds it. */
export function largestContribution(
  parameters: PrivacyParameters,
  setting: Pick<PrivacySetting, 'dimension'>,
): number {
  return Math.ceil(
    largestEntryOf(parameters, setting, { scale: parameters.scale, sigma: sigmaOf(parameters) }),
  );
}

/**
 * Parameters whose epsilon is at most the one asked for, for `releases` rounds of the smallest
 * cohort (§12.1). Throws `dp.cohort` (a `CohortError` with the size that it takes) where the noise
 * would be longer than the largest sum, `dp.range` where no grid fits 32-bit sums, `dp.batch` for a
 * batch that is no multiple of `examplesAtOnce`, `dp.releases`, `dp.unreachable`, `dp.distance` where the batch is
 * too small for the sampling rate, and `dp.argument`.
 *
 * @example
 *   planPrivacy(
 *     { unit: 'record', form: 'distributed', epsilon: 8, delta: 1e-5, clippingNorm: 1, releases: 15,
 *       samplingRate: 0.3, maximumBatch: 1088, maximumRecords: 3000, expectedBatch: 18000, honest: 8 },
 *     { dimension: 1970, minParticipants: 16, maxParticipants: 20, rounds: 15 },
 *   );
 */
export function planPrivacy<G extends PrivacyGoal>(
  goal: G,
  setting: PrivacySetting,
): PrivacyPlan<ParametersOf<G>> {
  assertSetting(goal, setting);
  const { dimension } = setting;
  const shares = honestShares(goal);
  assertBatchFits(goal, dimension, shares);
  const least = Math.sqrt(dimension) / goal.clippingNorm;
  // Step 12.1.1: rounding may cost 1/64 of the noise.
  for (let scale = 2 ** Math.ceil(Math.log2(64 * least)); scale >= least; scale /= 2) {
    const { sigma, noiseMultiplier } = calibrateShares(goal, setting, scale, shares);
    const largestEntry = setting.maxParticipants * largestEntryOf(goal, setting, { scale, sigma });
    if (sigma > mostSigma || largestEntry >= 2 ** 31) continue;
    const parameters = parametersOf(goal, scale, sigma) as ParametersOf<G>;
    const ratio = noiseToSignal(parameters, setting);
    if (ratio > 1) throw cohortError(goal, setting, ratio);
    return {
      parameters,
      report: reviewPlan(parameters, setting),
      noiseMultiplier,
      noiseToSignal: ratio,
      largestEntry,
    };
  }
  throw new MisuseError({
    code: 'dp.range',
    expected: 'sums of all participants, with their noise, that fit 32-bit integers',
    found: `a grid of fewer than ${Math.ceil(least)} steps`,
    hint: 'Use smaller batches, fewer participants or a smaller model.',
  });
}

/** Otherwise no noise would reach the promise, however much. */
function assertBatchFits(goal: PrivacyGoal, dimension: number, shares: number): void {
  const count = goal.releases * releasesOfRound(goal);
  const distance = count * distanceOf(goal, dimension, mostSigma, shares);
  if ((1 + Math.exp(goal.epsilon)) * distance < goal.delta / 2) return;
  throw new MisuseError({
    code: 'dp.distance',
    expected: `batches that hold the sample but for a probability that a delta of ${goal.delta} has room for`,
    found: `one of ${distance.toExponential(1)} over all rounds, which counts ${Math.round(1 + Math.exp(goal.epsilon))} times`,
    hint: 'Use a larger maximumBatch, or a lower samplingRate.',
  });
}

/** Norm of the noise of the smallest cohort over the largest norm that its sum can have (§12.1.4). */
export function noiseToSignal(parameters: PrivacyParameters, setting: PrivacySetting): number {
  const { clippingNorm, scale, form } = parameters;
  const summed = form === 'silo' ? 1 : setting.minParticipants;
  const length = sigmaOf(parameters) * Math.sqrt(summed * setting.dimension);
  return length / (unitsOfSum(parameters, setting) * clippingNorm * scale);
}

/** Units whose clipped contributions a sum holds, as expected. */
function unitsOfSum(goal: PrivacyGoal, { minParticipants }: PrivacySetting): number {
  if (goal.unit === 'participant') return minParticipants;
  return goal.form === 'silo' ? goal.samplingRate * goal.maximumRecords : goal.expectedBatch;
}

function cohortError(goal: PrivacyGoal, setting: PrivacySetting, noiseToSignal: number): CohortError {
  const units = unitsOfSum(goal, setting);
  // Participants bring noise of their own, in proportion, so the ratio falls as 1 / units there too.
  const needed = Math.ceil(units * noiseToSignal);
  return new CohortError(
    goal.unit,
    needed,
    `${Math.round(units)} of them, whose noise is ${noiseToSignal.toFixed(1)} times as long as the longest sum`,
  );
}

function calibrateShares(
  goal: PrivacyGoal,
  setting: PrivacySetting,
  scale: number,
  shares: number,
): { readonly sigma: number; readonly noiseMultiplier: number } {
  const sensitivity = sensitivityOf(goal, scale, setting.dimension);
  const sigmaAt = (noiseMultiplier: number) => (noiseMultiplier * sensitivity) / Math.sqrt(shares);
  const count = goal.releases * releasesOfRound(goal);
  const { noiseMultiplier } = calibrateNoise({
    epsilon: goal.epsilon,
    delta: goal.delta,
    distance: count * distanceOf(goal, setting.dimension, mostSigma, shares),
    releasesAt: (multiplier) => [
      { count, mechanism: releaseOf(goal, setting, { scale, sigma: sigmaAt(multiplier), shares }) },
    ],
    account: (releases) => accountRenyi(releases),
  });
  // Samplers round up to multiples of 2^-20, and so does the record.
  return { sigma: Math.ceil(sigmaAt(noiseMultiplier) * 2 ** 20) / 2 ** 20, noiseMultiplier };
}

/** Exactly: a logarithm rounds to a whole number beside a power, too. */
const isPowerOfTwo = (value: number) => 2 ** Math.round(Math.log2(value)) === value;

function parametersOf(goal: PrivacyGoal, scale: number, sigma: number): PrivacyParameters {
  return goal.form === 'silo' ? { ...goal, scale, sigma } : { ...goal, scale, shareSigma: sigma };
}

/**
 * What a job's parameters really promise, derived again. Throws `dp.promise` where epsilon is above
 * the promised one, `dp.range` where sums could overflow, and what `planPrivacy` throws for
 * arguments: reasons not to join.
 */
export function reviewPlan(parameters: PrivacyParameters, setting: PrivacySetting): PrivacyReport {
  assertSetting(parameters, setting);
  const { scale } = parameters;
  const [sigma, shares] = [sigmaOf(parameters), honestShares(parameters)];
  const largestEntry = setting.maxParticipants * largestEntryOf(parameters, setting, { scale, sigma });
  if (sigma > mostSigma || !(largestEntry < 2 ** 31) || !isPowerOfTwo(scale)) {
    throw new MisuseError({
      code: 'dp.range',
      expected: `a power of two as scale, noise of at most ${mostSigma} steps, and sums within 32 bits`,
      found: `a scale of ${scale}, a sigma of ${sigma}, and sums up to ${largestEntry.toExponential(2)}`,
    });
  }
  const count = parameters.releases * releasesOfRound(parameters);
  const report = createPrivacyReport(
    {
      unit: unitOf(parameters),
      releases: [{ count, mechanism: releaseOf(parameters, setting, { scale, sigma, shares }) }],
      delta: parameters.delta,
      sampling: parameters.unit === 'record' ? 'secretPoisson' : 'none',
      honest: { atLeast: shares, of: setting.minParticipants, open: setting.open === true },
      distance: count * distanceOf(parameters, setting.dimension, sigma, shares),
    },
    (releases) => accountRenyi(releases),
  );
  if (report.epsilon <= parameters.epsilon * (1 + 1e-9)) return report;
  throw new MisuseError({
    code: 'dp.promise',
    expected: `noise that keeps the promised epsilon of ${parameters.epsilon}`,
    found: `noise that gives ${report.epsilon.toFixed(3)}`,
    hint: 'Do not join: this job promises more privacy than it gives.',
  });
}

function assertSetting(goal: PrivacyGoal, setting: PrivacySetting): void {
  assertCount('dimension', setting.dimension);
  assertCount('minParticipants', setting.minParticipants);
  assertCount('maxParticipants', setting.maxParticipants, setting.minParticipants);
  assertCount('rounds', setting.rounds);
  assertCount('releases', goal.releases);
  if (goal.releases < setting.rounds) {
    throw new MisuseError({
      code: 'dp.releases',
      expected: `a promise for at least the ${setting.rounds} rounds of the job`,
      found: `one for ${goal.releases}`,
      hint: 'Plan for all rounds, and for those that may turn out void after their sums were read.',
    });
  }
  if (goal.form !== 'silo' && goal.honest > setting.minParticipants) {
    throw new MisuseError({
      code: 'dp.honesty',
      expected: `at most ${setting.minParticipants} honest participants, the smallest cohort`,
      found: String(goal.honest),
    });
  }
  if (goal.unit === 'record' && !(goal.clippingNorm >= leastClippingNorm)) {
    throw new MisuseError({
      code: 'dp.argument',
      expected: 'a clipping norm of records of at least 2^-16, whose factors f32 holds (§7.1)',
      found: String(goal.clippingNorm),
      hint: 'Scale the loss, and divide the learning rate by the same factor.',
    });
  }
  if (goal.unit === 'record' && goal.maximumBatch % examplesAtOnce !== 0) {
    throw new MisuseError({
      code: 'dp.batch',
      expected: `a maximum batch that is a multiple of ${examplesAtOnce}`,
      found: String(goal.maximumBatch),
    });
  }
}
