/**
 * From what a job file promises about privacy to what its record says: noise, batches, and how
 * integers are masked. docs/specs/dp.md §12.
 */
import { MisuseError } from '@nonet/core';
import type { AverageRule } from '@nonet/core/ports';
import type { Arithmetic, Training } from '@nonet/core/records';
import { addVelocities, deriveClippedStep, type Model, modelOfParameters } from '@nonet/federation';
import {
  examplesAtOnce,
  largestContribution,
  type PrivacyGoal,
  type PrivacyPlan,
  planPrivacy,
  truncationProbability,
} from '@nonet/privacy/dp';
import { bind, deriveClassifierStep, type Graph, initialParameters, parameterCount } from '@nonet/tensor';
import { type JobDraft, localTrainingOf, type PrivacyPromise, seedOf } from '../files/jobFile.ts';

/** Who takes part in the rounds of a job. */
export interface PlannedCohort {
  readonly minParticipants: number;
  readonly sites: number;
}

/** How much of delta batches that are too small may take: noise is then as if they were not. */
const truncationShare = 1e-3;

/**
 * The plan of a job that promises differential privacy; undefined without a promise. Throws
 * `job.privacy` on a promise that the rest of the job cannot keep, and what `planPrivacy` throws:
 * `dp.cohort` with the number of sites that it takes.
 */
export function planPromise(draft: JobDraft, cohort: PlannedCohort): PrivacyPlan | undefined {
  const { privacy, model, rounds } = draft;
  const promise = privacy?.dp;
  if (promise === undefined) return undefined;
  if (privacy?.aggregation !== 'pairwise' && formOf(promise) !== 'silo') {
    throw new MisuseError({
      code: 'job.privacy',
      expected: 'aggregation: pairwise, since a share of the noise protects nothing by itself',
      found: `aggregation: ${privacy?.aggregation}`,
      hint: "Mask the updates, or use form: 'silo', in which each site adds all of the noise.",
    });
  }
  return planPrivacy(goalOf(promise, cohort, rounds), {
    dimension: parameterCount(model),
    minParticipants: cohort.minParticipants,
    maxParticipants: cohort.sites,
    rounds,
  });
}

/** How records are protected; of participants, which have one way only, `participant`. */
export function formOf({
  unit,
  form = 'distributed',
}: PrivacyPromise): 'distributed' | 'silo' | 'participant' {
  return unit === 'participant' ? 'participant' : form;
}

function goalOf(
  promise: PrivacyPromise,
  { minParticipants, sites }: PlannedCohort,
  rounds: number,
): PrivacyGoal {
  const { epsilon, delta, clippingNorm = 1, releases = rounds + Math.ceil(rounds / 10) } = promise;
  const { honest = Math.max(1, Math.floor(minParticipants / 2)), stepsPerRound = 1 } = promise;
  const common = { epsilon, delta, clippingNorm, releases };
  const form = formOf(promise);
  if (form === 'participant') return { ...common, unit: 'participant', form: 'distributed', honest };
  const { samplingRate, records } = promise;
  if (samplingRate === undefined || records === undefined) {
    throw new MisuseError({
      code: 'job.privacy',
      expected: 'in job.privacy.dp also samplingRate and records, where records are protected',
      found: Object.keys(promise).join(', '),
      hint: 'samplingRate: with which probability a record is drawn into a step; records: the most that a site may have.',
    });
  }
  const count = form === 'silo' ? releases * stepsPerRound : releases;
  const maximumBatch = smallestBatch(
    records,
    samplingRate,
    (truncationShare * delta) / (count * (1 + Math.exp(epsilon))),
  );
  const sampled = { ...common, unit: 'record', samplingRate, maximumRecords: records, maximumBatch } as const;
  return form === 'silo'
    ? { ...sampled, form, stepsPerRound }
    : { ...sampled, form, honest, expectedBatch: samplingRate * records * sites };
}

/** Examples of the smallest batch that overflows no more often than that (dp.md §7.4). */
function smallestBatch(records: number, rate: number, probability: number): number {
  const most = Math.ceil(records / examplesAtOnce) * examplesAtOnce;
  for (let batch = examplesAtOnce; batch < most; batch += examplesAtOnce) {
    if (truncationProbability(records, rate, batch) <= probability) return batch;
  }
  return most;
}

/** How sites train, as the job's record has it. Throws `job.malformed` where a field is missing. */
export function trainingOf(draft: JobDraft, plan: PrivacyPlan | undefined): Training {
  const { learningRate, momentum } = draft.training;
  if (plan?.parameters.unit !== 'record') return { kind: 'graph', ...localTrainingOf(draft) };
  return plan.parameters.form === 'silo'
    ? { kind: 'clippedSteps', learningRate, momentum }
    : { kind: 'clippedGradient' };
}

/** The program that sites train by. */
export function trainingStepOf(draft: JobDraft): Graph {
  const { model, privacy } = draft;
  if (privacy?.dp?.unit === 'record') return deriveClippedStep(model, privacy.dp.clippingNorm ?? 1);
  return bind(deriveClassifierStep(model), { B: localTrainingOf(draft).batch });
}

/** The first model of a job: with velocities where its step has momentum. */
export function initialModelOf(draft: JobDraft): Model {
  const { model, privacy } = draft;
  const initial = modelOfParameters(model, initialParameters(model, seedOf(draft)));
  return privacy?.dp !== undefined && formOf(privacy.dp) === 'distributed' ? addVelocities(initial) : initial;
}

/**
 * How the integers of noised contributions are masked and summed; undefined where updates are
 * ordinary ones: in silo form, and without a promise.
 */
export function noisedArithmetic(
  draft: JobDraft,
  plan: PrivacyPlan | undefined,
  { entries, headerLeaves }: AverageRule,
  threshold: number,
): Arithmetic | undefined {
  const parameters = plan?.parameters;
  if (parameters === undefined || parameters.form === 'silo') return undefined;
  const { scale } = parameters;
  const dimension = parameterCount(draft.model);
  const mostEntry = largestContribution(parameters, { dimension });
  if (parameters.unit === 'record') {
    const { learningRate, momentum } = draft.training;
    const rate = learningRate / (scale * parameters.expectedBatch);
    const step = { kind: 'momentum', rate, momentum } as const;
    return { kind: 'maskedSum', entries, headerLeaves, summed: dimension, mostEntry, step, threshold };
  }
  return {
    kind: 'masked',
    entries,
    headerLeaves,
    clamp: mostEntry / scale,
    scaleBits: Math.log2(scale),
    weighting: 'uniform',
    weightUnit: 1,
    mostWeight: 1,
    threshold,
  };
}
