/**
 * Jobs: what to run, on which model, on whose data, under which rules and guarantees. A job is
 * canonical data; with its creator, its content address makes its name on the ledger. Nothing in it
 * is code, so that joining a job never runs a stranger's.
 *
 * A job is a union by kind. `train` and `count` run in rounds; `infer` says what its mechanism will
 * need to know, and `requireRoundJob` refuses it until that exists.
 */
import { z } from 'zod';
import { addressOfValue } from '../codec.ts';
import { MisuseError } from '../errors.ts';
import type { Address } from '../hash.ts';
import { findWrongTerm, type JobTerms, jobIdOf, timedPhases, type WrongTerm } from '../ports/ledger.ts';
import { accountSchema, addressSchema, hashSchema } from './evidence.ts';
import { parseRecord } from './parse.ts';
import { statisticsQuerySchema } from './query.ts';
import { textSchema } from './text.ts';

/** Wei: bigint here, a decimal string in JSON. Bounds: `findWrongTerm`. */
const weiSchema = z.preprocess((value) => {
  if (typeof value === 'string' && /^(?:0|[1-9][0-9]{0,77})$/.test(value)) return BigInt(value);
  return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
}, z.bigint());

const columnSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('number'),
    name: textSchema,
    mean: z.number(),
    deviation: z.number().positive(),
    /**
     * Subtracted in f64 where a table is read, because f32 could not tell its values apart: the
     * feature is the rest.
     */
    offset: z.number().optional(),
    /** What training has seen, rounded outwards. */
    minimum: z.number().optional(),
    maximum: z.number().optional(),
  }),
  z.strictObject({
    kind: z.literal('category'),
    name: textSchema,
    values: z.array(textSchema).min(1),
    /** Values that are not listed count as none of them; without this they are refused. */
    other: z.literal(true).optional(),
  }),
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
      /** Texts that mean a missing value, beside those that always do. */
      na: z.array(textSchema).optional(),
    })
    .optional(),
});
/** A value of `dataSchemaSchema`. */
export type DataSchema = Readonly<z.infer<typeof dataSchemaSchema>>;

/** What is trained: a program of ours, or tensors of which only names and shapes are known. */
export const modelSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('graph'),
    /** The forward graph. */
    graph: addressSchema,
    /** The training step derived from it, bound to the batch size. */
    step: addressSchema,
    /** The initial parameters. */
    parameters: addressSchema,
  }),
  z.strictObject({
    kind: z.literal('opaque'),
    /** What its tensors are, for people and their own programs. */
    specification: addressSchema,
    /** The initial parameters. */
    parameters: addressSchema,
  }),
]);
/** A value of `modelSchema`. */
export type JobModel = Readonly<z.infer<typeof modelSchema>>;

/** What a sum of integers does to a model, in IEEE doubles (docs/specs/update.md §4.6). */
export const sumStepSchema = z.discriminatedUnion('kind', [
  /**
   * V' = fround(momentum * V - rate * sum), W' = fround(W + V'): gradient descent with momentum. The
   * velocities V lie behind the parameters W in the model's file, and are as many.
   */
  z.strictObject({
    kind: z.literal('momentum'),
    /** The learning rate, divided by what turns the sum into an average. */
    rate: z.number().positive(),
    momentum: z.number().nonnegative().lt(1),
  }),
  /**
   * The sum is added to integers, each in two numbers: H 2^16 + L with 0 <= L < 2^16. All H lie in
   * front of all L in the model's file. Exact while the integers fit 32 bits.
   */
  z.strictObject({ kind: z.literal('count') }),
]);
/** A value of `sumStepSchema`. */
export type SumStep = Readonly<z.infer<typeof sumStepSchema>>;

const maskedSumSchema = z.strictObject({
  kind: z.literal('maskedSum'),
  /** Numbers in the model: those that the step moves, then its state. */
  entries: z.int(),
  /** Leaves of the model's blob in front of the first number. */
  headerLeaves: z.int(),
  /** Integers in a message: one for each of the first numbers of the model. */
  summed: z.int().positive(),
  /** The largest magnitude of an integer in a message, before it is masked. */
  mostEntry: z.int().positive(),
  step: sumStepSchema,
  /** More than so many percent of a round's candidates recover a secret, and no fewer. */
  threshold: z.int(),
});

/** Evaluation on sites' held-out examples, inside masked messages (docs/specs/secagg.md §10). */
const heldOutSchema = z.strictObject({
  /** Of a site's examples, rounded down. */
  fraction: z.number().positive().max(0.5),
  /** The most examples that a site holds out. */
  mostExamples: z.int().positive(),
});
/** A value of `heldOutSchema`. */
export type HeldOutTerms = Readonly<z.infer<typeof heldOutSchema>>;
/** Integers of a masked message that tell of held-out examples: their number, hits and loss. */
export const heldOutEntries = 3;
/** Most units of loss of one held-out example, each 1/256 nat: 16 nats. */
export const heldOutLossUnits = 4096;

/**
 * How updates become integers whose sums are exact. In `fixedPoint`, which a ledger can judge, they
 * are round-half-even(clamp(u, +-clamp) * 2^scaleBits), with weights of at most `maximumWeight`; a
 * step is the exact average (docs/specs/update.md §3 and §4). In `masked` nobody reads them one by
 * one, and weights are among them (docs/specs/secagg.md §8). In `maskedSum` participants send
 * integers as they are, masked, and the step says what their sum does to the model (update.md §4.6).
 */
export const arithmeticSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('fixedPoint'),
    /** Numbers in the model, and integers in an update. */
    entries: z.int(),
    /** Leaves of the model's blob in front of the first number. */
    headerLeaves: z.int(),
    clamp: z.literal(8),
    scaleBits: z.literal(20),
    maximumWeight: z.literal(4096),
  }),
  z.strictObject({
    kind: z.literal('masked'),
    /** Numbers in the model. */
    entries: z.int(),
    /** Leaves of the model's blob in front of the first number. */
    headerLeaves: z.int(),
    /** The largest magnitude of a number of an update; larger ones are clamped. */
    clamp: z.number().positive(),
    /** A number u becomes round-half-even(weight * u * 2^scaleBits). */
    scaleBits: z.int().min(-64).max(64),
    /** By examples, whose number is inside what is masked; else each update counts once. */
    weighting: z.enum(['uniform', 'examples']),
    /** Examples behind one unit of weight, and the largest weight; 1 and 1 if uniform. */
    weightUnit: z.int().positive(),
    mostWeight: z.int().positive(),
    /** More than so many percent of a round's candidates recover a secret, and no fewer. */
    threshold: z.int(),
    /** What part of its examples a site evaluates on and never trains on; left out: none. */
    heldOut: heldOutSchema.optional(),
  }),
  maskedSumSchema,
]);
/** A value of `arithmeticSchema`. */
export type Arithmetic = Readonly<z.infer<typeof arithmeticSchema>>;
/** Arithmetic in integers that everybody reads (docs/specs/update.md §3). */
export type FixedPoint = Extract<Arithmetic, { kind: 'fixedPoint' }>;
/** Weighted averages of integers of which only sums are read (docs/specs/secagg.md §8). */
export type MaskedAverage = Extract<Arithmetic, { kind: 'masked' }>;
/** Sums of integers of which only sums are read (docs/specs/update.md §4.6). */
export type MaskedSum = Extract<Arithmetic, { kind: 'maskedSum' }>;
/** Arithmetic in integers of which only sums are read. */
export type MaskedArithmetic = MaskedAverage | MaskedSum;

/** The arithmetic of a job of clear updates. Throws `job.arithmetic` where they are masked. */
export function fixedPointOf({ arithmetic }: Pick<RoundJob, 'arithmetic'>): FixedPoint {
  if (arithmetic.kind === 'fixedPoint') return arithmetic;
  throw new MisuseError({
    code: 'job.arithmetic',
    expected: 'a job whose updates can be read one by one',
    found: 'a job of masked updates',
  });
}

/** The arithmetic of a job of masked updates. Throws `job.arithmetic` where they are clear. */
export function maskedOf({ arithmetic }: Pick<RoundJob, 'arithmetic'>): MaskedArithmetic {
  if (isMasked(arithmetic)) return arithmetic;
  throw new MisuseError({
    code: 'job.arithmetic',
    expected: 'a job of masked updates',
    found: 'a job whose updates can be read one by one',
  });
}

/** Whether only sums of updates are read, and no update by itself. */
export function isMasked(arithmetic: Arithmetic): arithmetic is MaskedArithmetic {
  return arithmetic.kind !== 'fixedPoint';
}

/**
 * Integers of 32 bits in a masked message: those that are summed; of averages the numbers, then the
 * weight unless uniform, then what is told of held-out examples.
 */
export function maskedEntries(arithmetic: MaskedArithmetic): number {
  if (arithmetic.kind === 'maskedSum') return arithmetic.summed;
  const { entries, weighting, heldOut } = arithmetic;
  return entries + Number(weighting !== 'uniform') + (heldOut === undefined ? 0 : heldOutEntries);
}

/** The largest magnitude of an integer of an update or weight in a masked message, before it is masked. */
export function largestMasked(arithmetic: MaskedArithmetic): number {
  if (arithmetic.kind === 'maskedSum') return arithmetic.mostEntry;
  const { clamp, scaleBits, mostWeight } = arithmetic;
  return Math.max(mostWeight, Math.ceil(mostWeight * clamp * 2 ** scaleBits));
}

/** Numbers of a model behind those that a step moves: what the step has to remember. */
export function stateEntries(arithmetic: Arithmetic): number {
  return arithmetic.kind === 'maskedSum' ? arithmetic.entries - arithmetic.summed : 0;
}

/**
 * How a participant comes to what it sends. `graph`: it trains the job's graph, bit for bit.
 * `clippedGradient`: the sum of the clipped gradients of a secret sample of its records, with its
 * share of noise (docs/specs/dp.md §12.3). `clippedSteps`: it trains by noised gradient steps
 * (dp.md §12.4). What both clip, draw and add are the parameters of the guarantee `privacy.dp`.
 * `external`: by a program of its own.
 */
export const trainingSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('graph'),
    epochs: z.int().positive(),
    batch: z.int().positive(),
    learningRate: z.number().positive(),
    momentum: z.number().nonnegative().lt(1),
  }),
  z.strictObject({ kind: z.literal('clippedGradient') }),
  z.strictObject({
    kind: z.literal('clippedSteps'),
    learningRate: z.number().positive(),
    momentum: z.number().nonnegative().lt(1),
  }),
  z.strictObject({ kind: z.literal('external') }),
]);
/** A value of `trainingSchema`. */
export type Training = Readonly<z.infer<typeof trainingSchema>>;

/** A mechanism that a job uses, with its parameters, which the mechanism itself parses. */
export const guaranteeSchema = z.strictObject({ mechanism: textSchema, parameters: z.unknown() });
/** A mechanism's name and parameters: data. The mechanism's own schema reads the parameters. */
export type Guarantee = Readonly<z.infer<typeof guaranteeSchema>>;

const storesSchema = z.array(z.strictObject({ url: textSchema, account: accountSchema }));

/** What every job says of itself. */
const identity = {
  version: z.literal(2),
  name: textSchema.min(1).max(200),
  creator: accountSchema,
  guarantees: z.array(guaranteeSchema),
};

/** Who takes part in the rounds of a job, and by when. Bounds: `findWrongTerm`. */
const cohort = {
  minParticipants: z.int(),
  maxParticipants: z.int(),
  /** Whether any account may join, or only those that the creator admits. */
  participants: z.enum(['open', 'invitation']),
  /** Seconds by phase. */
  phases: z.strictObject(
    Object.fromEntries(timedPhases.map((phase) => [phase, z.int()])) as Record<
      (typeof timedPhases)[number],
      z.ZodInt
    >,
  ),
  /** Seconds that a participant of irregular attendance is awaited. */
  grace: z.int(),
  /** So many void rounds in a row end the job. */
  attempts: z.int(),
  /** Ledger seconds after which no further round opens. */
  expiry: z.int(),
  aggregators: z.array(accountSchema),
  watchers: z.array(accountSchema),
  stores: storesSchema,
  /** So many distinct stores must hold a blob. */
  copies: z.int(),
  escrow: weiSchema,
  bond: weiSchema,
};

/** The fields of a job that runs in rounds, as far as they have to fit together. */
type SummedFields = Pick<TrainJob, 'arithmetic' | 'maxParticipants'>;

/** Masked sums must fit 32 bits, and a model has two numbers for each integer of a plain sum. */
function refuseWrongSums({ arithmetic, maxParticipants }: SummedFields, context: z.RefinementCtx): void {
  if (isMasked(arithmetic) && maxParticipants * largestMasked(arithmetic) > 2 ** 31 - 1) {
    const [field, found] =
      arithmetic.kind === 'maskedSum'
        ? ['mostEntry', arithmetic.mostEntry]
        : ['scaleBits', arithmetic.scaleBits];
    const expected = `so small that sums of ${maxParticipants} updates stay within 32 bits`;
    const params = { expected, found: String(found) };
    context.addIssue({ code: 'custom', path: ['arithmetic', field as string], params });
  }
  const heldOut = arithmetic.kind === 'masked' ? arithmetic.heldOut : undefined;
  const most = Math.floor((2 ** 31 - 1) / (maxParticipants * heldOutLossUnits));
  if (heldOut !== undefined && heldOut.mostExamples > most) {
    const params = {
      expected: `at most ${most}, so that losses of ${maxParticipants} sites stay within 32 bits`,
      found: String(heldOut.mostExamples),
    };
    context.addIssue({ code: 'custom', path: ['arithmetic', 'heldOut', 'mostExamples'], params });
  }
  if (arithmetic.kind === 'maskedSum' && arithmetic.entries !== 2 * arithmetic.summed) {
    const second = { momentum: 'a velocity', count: 'a lower half' }[arithmetic.step.kind];
    const params = {
      expected: `${2 * arithmetic.summed}: ${second} for each number that moves`,
      found: String(arithmetic.entries),
    };
    context.addIssue({ code: 'custom', path: ['arithmetic', 'entries'], params });
  }
}

/** What the ledger would refuse. */
function refuseWrongTerms(job: RoundJobFields, context: z.RefinementCtx): void {
  const wrong = findWrongTerm(ledgerTermsOf(job));
  if (wrong === undefined) return;
  const { expected, found } = wrong;
  context.addIssue({ code: 'custom', path: [...jobPathOf(wrong)], params: { expected, found } });
}

const trainJobSchema = z
  .strictObject({
    kind: z.literal('train'),
    ...identity,
    /** Seed of all public randomness: initial parameters, shuffles. */
    seed: hashSchema,
    model: modelSchema,
    data: dataSchemaSchema,
    arithmetic: arithmeticSchema,
    training: trainingSchema,
    /** How many rounds must become final. */
    rounds: z.int(),
    ...cohort,
    /** The public test set, as a dataset blob. */
    testSet: addressSchema.optional(),
  })
  .superRefine((job, context) => {
    const refuse = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    const { arithmetic } = job;
    refuseWrongSums(job, context);
    const isSummed = arithmetic.kind === 'maskedSum';
    if (isSummed !== (job.training.kind === 'clippedGradient')) {
      refuse(
        ['training', 'kind'],
        'clippedGradient, and no other training, goes with the arithmetic maskedSum',
      );
    }
    if (isSummed && arithmetic.step.kind === 'count') {
      refuse(['arithmetic', 'step', 'kind'], 'counts are added up in jobs of kind count only');
    }
    refuseWrongTerms(job, context);
    if (job.model.kind === 'graph') return;
    if (job.training.kind !== 'external')
      refuse(['training', 'kind'], 'an opaque model is trained externally');
    if (job.testSet !== undefined) refuse(['testSet'], 'an opaque model cannot be evaluated');
  });

const countStep = sumStepSchema.options[1];

const countJobSchema = z
  .strictObject({
    kind: z.literal('count'),
    ...identity,
    /** What is asked of the participants' tables, with what is public about their columns. */
    query: statisticsQuerySchema,
    /** The numbers that sums are added to: all zeros at first. */
    model: z.strictObject({ parameters: addressSchema }),
    arithmetic: maskedSumSchema.extend({ step: countStep }),
    /** The same records are not counted twice. */
    rounds: z.literal(1),
    ...cohort,
  })
  .superRefine((job, context) => {
    refuseWrongSums(job, context);
    refuseWrongTerms(job, context);
  });

const inferJobSchema = z.strictObject({
  kind: z.literal('infer'),
  ...identity,
  model: z.strictObject({ graph: addressSchema, parameters: addressSchema }),
  /** The inputs to answer, as a dataset blob without labels, or as a commitment to one. */
  input: addressSchema,
  /** Who may answer. */
  providers: z.array(accountSchema).min(1),
  stores: storesSchema.min(1),
  /** Ledger seconds by which the answer is due. */
  expiry: z.int().nonnegative(),
  /** The price of the answer: wei. */
  escrow: weiSchema,
  /** What a provider loses that is proven wrong: wei. */
  bond: weiSchema,
});

/**
 * A job record: what is to be run, by kind. The schema alone; `parseJob` checks how the fields fit
 * together, too.
 */
export const jobSchema = z.discriminatedUnion('kind', [trainJobSchema, countJobSchema, inferJobSchema]);
/** A value of `jobSchema`. */
export type Job = Readonly<z.infer<typeof jobSchema>>;
/** What a job is for. */
export type JobKind = Job['kind'];
/** A job that trains a model over the participants' data. */
export type TrainJob = Extract<Job, { kind: 'train' }>;
/** A job that computes statistics over the participants' data. */
export type CountJob = Extract<Job, { kind: 'count' }>;
/** A job that runs in rounds: participants hand in integers, and a step follows from their sum. */
export type RoundJob = TrainJob | CountJob;
/** A job that answers with a model. */
export type InferJob = Extract<Job, { kind: 'infer' }>;

/** A job whose model is a graph that participants train with the job's own step. */
export type GraphTrainJob = TrainJob & {
  readonly model: Extract<JobModel, { kind: 'graph' }>;
  readonly training: Extract<Training, { kind: 'graph' }>;
};

function isGraphJob(job: TrainJob): job is GraphTrainJob {
  return job.model.kind === 'graph' && job.training.kind === 'graph';
}

/** Throws `job.malformed`, naming the field. */
export function parseJob(value: unknown): Job {
  return parseRecord(jobSchema, value, 'job');
}

/** The job as one that runs in rounds. Throws `job.kind` on one that answers. */
export function requireRoundJob(job: Job): RoundJob {
  if (job.kind !== 'infer') return job;
  throw new MisuseError({
    code: 'job.kind',
    expected: 'a job that trains or counts',
    found: `a job of kind ${job.kind}`,
    hint: 'This version runs jobs of the kinds train and count.',
  });
}

/** The job as one that counts. Throws `job.kind` on the others. */
export function requireCountJob(job: Job): CountJob {
  if (job.kind === 'count') return job;
  throw new MisuseError({
    code: 'job.kind',
    expected: 'a job that counts',
    found: `a job of kind ${job.kind}`,
  });
}

/** The job as one that trains. Throws `job.kind` on the others. */
export function requireTrainJob(job: Job): TrainJob {
  if (job.kind === 'train') return job;
  throw new MisuseError({
    code: 'job.kind',
    expected: 'a job that trains',
    found: `a job of kind ${job.kind}`,
  });
}

/** The job as one that trains a graph of ours. Throws `job.kind` and `job.training`. */
export function requireGraphJob(job: Job): GraphTrainJob {
  const train = requireTrainJob(job);
  if (isGraphJob(train)) return train;
  const { model, training } = train;
  throw new MisuseError({
    code: 'job.training',
    expected: 'a job that trains a graph by its own step',
    found: `a model of kind ${model.kind} with training of kind ${training.kind}`,
    hint: 'This version trains graphs only.',
  });
}

/** The content address of the job record. */
export function addressOfJob(job: Job): Address {
  return addressOfValue(job);
}

/** The job's name on the ledger (docs/specs/round.md §1.1). */
export function idOfJob(job: Job): Address {
  return jobIdOf({ creator: job.creator, record: addressOfJob(job) });
}

/**
 * What the ledger is told of a job. A participant compares it with what the ledger holds before
 * joining.
 */
export function termsOf(job: RoundJob): JobTerms {
  return { record: addressOfJob(job), ...ledgerTermsOf(job) };
}

/** The fields that the ledger is told of. */
type RoundJobFields = Omit<CountJob, 'kind' | 'query' | 'arithmetic' | 'rounds' | 'model'> & {
  readonly arithmetic: Arithmetic;
  readonly rounds: number;
  readonly model: { readonly parameters: Address };
};

function ledgerTermsOf(job: RoundJobFields): Omit<JobTerms, 'record'> {
  return {
    creator: job.creator,
    model: job.model.parameters,
    rounds: job.rounds,
    minParticipants: job.minParticipants,
    maxParticipants: job.maxParticipants,
    invited: job.participants === 'invitation',
    phases: job.phases,
    grace: job.grace,
    attempts: job.attempts,
    expiry: job.expiry,
    aggregators: job.aggregators,
    watchers: job.watchers,
    stores: job.stores.map(({ account }) => account),
    copies: job.copies,
    ...judgementOf(job.arithmetic),
    escrow: job.escrow,
    bond: job.bond,
  };
}

/** Clear updates are judged by the ledger; of masked ones it knows the length. */
function judgementOf(arithmetic: Arithmetic): Pick<JobTerms, 'maximumWeight' | 'rule' | 'masks'> {
  if (isMasked(arithmetic)) {
    const { threshold } = arithmetic;
    return { maximumWeight: 1, masks: { entries: maskedEntries(arithmetic), threshold } };
  }
  const { entries, headerLeaves, maximumWeight } = arithmetic;
  return { maximumWeight, rule: { entries, headerLeaves } };
}

/** Where a term comes from in the job record. */
function jobPathOf({ path }: WrongTerm): readonly string[] {
  const [field, ...rest] = path;
  if (field === 'rule' || field === 'masks' || field === 'maximumWeight')
    return ['arithmetic', ...(rest.length === 0 ? [field] : rest)];
  return rest[0] === 'length' ? [field] : path;
}
