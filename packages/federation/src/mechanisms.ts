/** What this package delivers, declared for jobs and for the matrix. Nothing here runs anything. */
import { MisuseError } from '@nonet/core';
import {
  checkSchema,
  createFigures,
  isMasked,
  type Mechanism,
  maskedEntries,
  requireCountJob,
  requireRoundJob,
  requireTrainJob,
} from '@nonet/core/records';
import { type PrivacyParameters, parsePrivacyParameters, privacyMechanismId } from '@nonet/privacy/dp';
import { registrationBytes, revealBytes } from '@nonet/privacy/secagg';
import { type StatisticsPrivacy, statisticsPrivacySchema } from '@nonet/privacy/statistics';
import { z } from 'zod';
import { federationFigures as figures } from './figures.ts';
import { updateBytes } from './update/message.ts';

function parseWith<T>(schema: z.ZodType<T>, mechanism: string, parameters: unknown): T {
  const result = checkSchema(schema, parameters, `the parameters of ${mechanism}`);
  if (result.success) return result.data;
  const { path: _, ...parts } = result.fault;
  throw new MisuseError({ code: 'mechanism.parameters', ...parts });
}

/** `uniform`: each update counts once, where noise has to be the same in all of them. */
const averageSchema = z.strictObject({ weighting: z.enum(['examples', 'uniform']) });
/** The parameters of the averaging mechanism, as its schema parses them. */
export type AverageParameters = Readonly<z.infer<typeof averageSchema>>;

/** Federated averaging in exact arithmetic, which anyone can do again. */
export const averageMechanism: Mechanism<AverageParameters> = {
  id: 'federation.average',
  cells: ['verifiability-decentralisation'],
  protects: 'that each model is the exact weighted average of the updates that the ledger lists',
  against: 'an aggregator that changes, drops or adds something',
  assumptions: [
    'one watcher or participant computes each step again in time to prove a wrong one',
    'fewer than `copies` of the stores are dishonest, and enough are up',
    'updates need not be secret from aggregators, watchers and stores',
  ],
  parse: (parameters) => parseWith(averageSchema, 'federation.average', parameters),
  /**
   * Bytes are upper bounds that follow from the job; seconds depend on machines that were not
   * measured here.
   */
  predict(job) {
    const { arithmetic, maxParticipants } = requireRoundJob(job);
    const model = 4 * arithmetic.entries;
    const update = updateBytes(arithmetic.entries);
    return createFigures([
      [figures.participantUploadPerRound, update],
      [figures.participantDownloadPerRound, model],
      [figures.aggregatorDownloadPerRound, maxParticipants * update],
      [figures.watcherDownloadPerRound, model + maxParticipants * update],
    ]);
  },
};

const roundsSchema = z.strictObject({});

/**
 * One model and one set of participants for all, in an order that cannot be changed
 * afterwards.
 */
export const roundsMechanism: Mechanism<Readonly<Record<string, never>>> = {
  id: 'federation.rounds',
  cells: ['performance-decentralisation', 'verifiability-decentralisation'],
  protects: 'the order of a job: who takes part, what they committed to, and when a round ends',
  against: 'a coordinator that shows different participants different rounds, or lets latecomers choose',
  assumptions: ['the ledger does not equivocate; an embedded ledger is operated by the runner'],
  parse: (parameters) => parseWith(roundsSchema, 'federation.rounds', parameters),
  /** Without drop-outs a round takes open, a commitment each, close, step and advance. */
  predict(job) {
    const { maxParticipants, phases } = requireRoundJob(job);
    const { open, collecting, closing, appealing, complaining, opening, stepping, objecting } = phases;
    return createFigures([
      [figures.transactionsPerRound, maxParticipants + 4],
      [
        figures.longestRound,
        open + collecting + closing + appealing + complaining + opening + stepping + objecting,
      ],
      [figures.objectionWindow, objecting],
    ]);
  },
};

const maskingSchema = z.strictObject({ threshold: z.int().min(50).max(99) });
/** The parameters of masking, as its schema parses them: the threshold in percent. */
export type MaskingParameters = Readonly<z.infer<typeof maskingSchema>>;

/** Pairwise masks, so that of all updates only their sum can be read (docs/specs/secagg.md). */
export const maskingMechanism: Mechanism<MaskingParameters> = {
  id: 'privacy.masking',
  cells: ['privacy-decentralisation'],
  protects: 'each update: of all that are included in a round only the sum can be read',
  against: 'aggregators, watchers, stores, and participants below the threshold, together',
  assumptions: [
    'at most `threshold` percent of the participants of a round work together',
    'at least two of those whose updates are summed are honest',
    'the ledger shows one set to all; an embedded ledger is operated by the runner',
    'sums themselves are public',
  ],
  parse: (parameters) => parseWith(maskingSchema, 'privacy.masking', parameters),
  /** Bytes follow from the job: a registration, a masked message and the shares of one set. */
  predict(job) {
    const { arithmetic, maxParticipants } = requireRoundJob(job);
    const model = 4 * arithmetic.entries;
    const registration = registrationBytes(maxParticipants);
    const message = 4 * (isMasked(arithmetic) ? maskedEntries(arithmetic) : arithmetic.entries);
    const shares = revealBytes(maxParticipants);
    return createFigures([
      [figures.participantUploadPerRound, registration + message + shares],
      [figures.participantDownloadPerRound, model + maxParticipants * registration],
      [figures.aggregatorDownloadPerRound, maxParticipants * (registration + message + shares)],
      [figures.watcherDownloadPerRound, model + maxParticipants * (registration + message + shares)],
    ]);
  },
};

/** What anyone may learn of one unit of the data from all that is released (docs/specs/dp.md). */
export const privacyMechanism: Mechanism<PrivacyParameters> = {
  id: privacyMechanismId,
  cells: ['privacy-decentralisation', 'privacy-scalability'],
  protects: 'each record, or each participant, in what sums and models tell of it',
  against: 'whoever reads the sums of a job and all of its models, with whatever else they know',
  assumptions: [
    'as many participants as the job assumes are honest and add their share of noise; in silo form the one alone that owns the data',
    'each honest participant draws noise and samples in secret, by the program of the job',
    'a site counts what it releases over all jobs: this job counts its own',
  ],
  parse: parsePrivacyParameters,
  /** What is promised; what is spent follows from the ledger, and is less where more take part. */
  predict(job, { epsilon, delta, releases }) {
    requireTrainJob(job);
    return createFigures([
      [figures.epsilonPromised, epsilon],
      [figures.delta, delta],
      [figures.releasesPlanned, releases],
    ]);
  },
};

/** Counts of all sites together, with noise that hides each record (docs/specs/statistics.md §4). */
export const statisticsMechanism: Mechanism<StatisticsPrivacy> = {
  id: 'privacy.statistics',
  cells: ['privacy-scalability'],
  protects: 'each record behind the figures of a query: whether it is there changes little of what is shown',
  against: 'everyone who reads the figures, whatever else they know',
  assumptions: [
    '`honest` of every smallest cohort add their share of the noise',
    'a person has one record, or counts as several',
    'nothing else of these records was shown, unless a budget counts that too',
  ],
  parse: (parameters) => parseWith(statisticsPrivacySchema, 'privacy.statistics', parameters),
  /** A sum has one integer of 32 bits for each cell, as it is masked. */
  predict(job) {
    const { arithmetic } = requireCountJob(job);
    return createFigures([[figures.participantUploadPerRound, 4 * maskedEntries(arithmetic)]]);
  },
};

/** The mechanisms of this package. */
export const federationMechanisms: readonly Mechanism<unknown>[] = [
  averageMechanism,
  maskingMechanism,
  privacyMechanism,
  roundsMechanism as Mechanism<unknown>,
  statisticsMechanism,
];
