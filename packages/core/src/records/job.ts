/**
 * Jobs: what to run, on which graph, on whose data, under which rules and guarantees. A job is canonical data; its content address is its
 * name on the ledger. Nothing in it is code, so that joining a job never runs a stranger's.
 */
import { z } from 'zod';
import { addressOfValue } from '../codec.ts';
import type { Address } from '../hash.ts';
import { type JobTerms, timedPhases } from '../ports/ledger.ts';
import { accountSchema, addressSchema, hashSchema, textSchema } from './evidence.ts';
import { parseRecord } from './parse.ts';

/** Wei: bigint here, a decimal string in JSON. */
const weiSchema = z.preprocess(
  (value) => {
    if (typeof value === 'string' && /^(?:0|[1-9][0-9]{0,77})$/.test(value)) return BigInt(value);
    return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
  },
  z
    .bigint()
    .nonnegative()
    .lt(2n ** 256n),
);

const columnSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('number'),
    name: textSchema,
    mean: z.number(),
    deviation: z.number().positive(),
  }),
  z.strictObject({ kind: z.literal('category'), name: textSchema, values: z.array(textSchema).min(1) }),
]);

/** What one example looks like; a site checks its own data against it. */
export const dataSchemaSchema = z.strictObject({
  /** Shape of one example's features. */
  shape: z.array(z.int().positive()).min(1),
  /** Label vocabulary: class k is labels[k]. */
  labels: z.array(textSchema).min(2),
  /** Of a table: the columns that the features come from, in order, and the column of the label. */
  table: z
    .strictObject({
      target: textSchema,
      columns: z.array(columnSchema).min(1),
      missing: z.enum(['refuse', 'drop', 'mean']),
    })
    .optional(),
});
export type DataSchema = Readonly<z.infer<typeof dataSchemaSchema>>;

/** Fixed-point arithmetic of updates: round-half-even(clamp(u, +-clamp) * 2^scaleBits), weights at most maximumWeight. */
export const vectorSpecificationSchema = z.strictObject({
  entries: z.int().positive(),
  clamp: z.literal(8),
  scaleBits: z.literal(20),
  maximumWeight: z.literal(4096),
});
export type VectorSpecification = Readonly<z.infer<typeof vectorSpecificationSchema>>;

export const guaranteeSchema = z.strictObject({ mechanism: textSchema, parameters: z.unknown() });
/** A mechanism's name and parameters: data. The mechanism's own schema reads the parameters. */
export type Guarantee = Readonly<z.infer<typeof guaranteeSchema>>;

const seconds = z
  .int()
  .nonnegative()
  .max(2 ** 31);

export const jobSchema = z
  .strictObject({
    version: z.literal(1),
    kind: z.literal('train'),
    name: textSchema.min(1).max(200),
    creator: accountSchema,
    /** Seed of all public randomness: initial parameters, shuffles. */
    seed: hashSchema,
    model: z.strictObject({
      kind: z.literal('graph'),
      /** The forward graph. */
      graph: addressSchema,
      /** The training step derived from it, bound to the batch size. */
      step: addressSchema,
      /** The initial parameters. */
      parameters: addressSchema,
    }),
    data: dataSchemaSchema,
    vector: vectorSpecificationSchema,
    training: z.strictObject({
      epochs: z.int().positive(),
      batch: z.int().positive(),
      learningRate: z.number().positive(),
      momentum: z.number().nonnegative().lt(1),
    }),
    rounds: z.int().positive().max(65535),
    minimum: z.int().positive(),
    maximum: z.int().positive().max(65535),
    invited: z.boolean(),
    phases: z.strictObject(
      Object.fromEntries(timedPhases.map((phase) => [phase, seconds])) as Record<
        (typeof timedPhases)[number],
        typeof seconds
      >,
    ),
    aggregators: z.array(accountSchema).min(1),
    watchers: z.array(accountSchema),
    stores: z.array(z.strictObject({ url: textSchema, account: accountSchema })).min(1),
    /** The public test set, as a dataset blob. */
    evaluation: addressSchema.optional(),
    escrow: weiSchema,
    bond: weiSchema,
    guarantees: z.array(guaranteeSchema),
  })
  .refine((job) => job.minimum <= job.maximum, { error: 'minimum above maximum', path: ['minimum'] });
export type Job = Readonly<z.infer<typeof jobSchema>>;

/** Throws `job.malformed`, naming the field. */
export function parseJob(value: unknown): Job {
  return parseRecord(jobSchema, value, 'job');
}

export function addressOfJob(job: Job): Address {
  return addressOfValue(job);
}

/** What the ledger is told of a job. A participant compares it with what the ledger holds before joining. */
export function termsOf(job: Job): JobTerms {
  return {
    job: addressOfJob(job),
    creator: job.creator,
    model: job.model.parameters,
    rounds: job.rounds,
    minimum: job.minimum,
    maximum: job.maximum,
    invited: job.invited,
    phases: job.phases,
    aggregators: job.aggregators,
    watchers: job.watchers,
    stores: job.stores.map((store) => store.account),
    escrow: job.escrow,
    bond: job.bond,
  };
}
