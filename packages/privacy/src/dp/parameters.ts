/**
 * What a job promises about privacy, as data: the parameters of its guarantee `privacy.dp`.
 * docs/specs/dp.md §12. A plan (`plan.ts`) finds them, every participant checks them again before
 * it joins, and the report of a run (`spent.ts`) rests on them.
 */
import { MisuseError } from '@nonet/core';
import { z } from 'zod';
import type { PrivacyUnit } from './unit.ts';

/** The guarantee's name in a job record. */
export const privacyMechanismId = 'privacy.dp';

/** The tail of so many draws is summed wherever a plan is reviewed (§7.4): a quarter of a second. */
const mostRecords = 10_000_000;

const promise = {
  epsilon: z.number().positive(),
  delta: z.number().positive().lt(1),
  /** l2 bound of what one unit adds, in the unit of the floats. */
  clippingNorm: z.number().positive(),
  /** Grid steps per unit of the floats: a power of two. */
  scale: z.number().positive(),
  /** Rounds whose sums may become readable before epsilon is spent; void ones count. */
  releases: z.int().positive(),
};

/** Records are drawn in secret inside a participant, into a batch of static size. */
const sampled = {
  unit: z.literal('record'),
  samplingRate: z.number().positive().max(1),
  /** Examples of the static batch: a multiple of `examplesAtOnce`. */
  maximumBatch: z.int().positive(),
  /** The most records that a participant may have; more would not fit the batch. */
  maximumRecords: z.int().positive().max(mostRecords),
};

const shared = {
  form: z.literal('distributed'),
  /** How many of the smallest cohort are assumed to be honest; of more, the same part. */
  honest: z.int().positive(),
  /** Parameter of one participant's discrete Gaussian noise, in grid steps. */
  shareSigma: z.number().positive(),
};

const distributedSchema = z.strictObject({
  ...promise,
  ...sampled,
  ...shared,
  /** What the noised sum is divided by: public, and no count of what was drawn. */
  expectedBatch: z.number().positive(),
});

const siloSchema = z.strictObject({
  ...promise,
  ...sampled,
  form: z.literal('silo'),
  /** Noised gradient steps of a participant in one round. */
  stepsPerRound: z.int().positive(),
  /** Parameter of the noise that a participant adds to each of its own sums, in grid steps. */
  sigma: z.number().positive(),
});

const participantSchema = z.strictObject({ ...promise, unit: z.literal('participant'), ...shared });

/** The parameters of `privacy.dp`: a union by unit and form. */
export const privacyParametersSchema = z.discriminatedUnion('unit', [
  z.discriminatedUnion('form', [distributedSchema, siloSchema]),
  participantSchema,
]);
/** A value of `privacyParametersSchema`. */
export type PrivacyParameters = Readonly<z.infer<typeof privacyParametersSchema>>;
/** `record`, distributed: a sampled sum of clipped gradients each round, with a share of noise. */
export type DistributedPrivacy = Readonly<z.infer<typeof distributedSchema>>;
/** `record`, silo: noised gradient steps inside each participant. */
export type SiloPrivacy = Readonly<z.infer<typeof siloSchema>>;
/** `participant`: the clipped update of a participant, with a share of noise. */
export type ParticipantPrivacy = Readonly<z.infer<typeof participantSchema>>;

/** Reads the parameters of a guarantee. Throws `mechanism.parameters`, naming the field. */
export function parsePrivacyParameters(value: unknown): PrivacyParameters {
  const result = privacyParametersSchema.safeParse(value);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new MisuseError({
    code: 'mechanism.parameters',
    expected: `parameters of ${privacyMechanismId}${path.length === 0 ? '' : `: ${path.join('.')}`}`,
    found: message,
  });
}

/**
 * The unit that parameters protect. Neighbours are `zeroOut` throughout: how many records a
 * participant has, and who takes part, need not be secret.
 */
export function unitOf(parameters: PrivacyParameters): PrivacyUnit {
  if (parameters.unit === 'participant') {
    return { of: 'participant', noise: 'distributed', relation: 'zeroOut' };
  }
  return { of: 'record', noise: parameters.form, relation: 'zeroOut' };
}
