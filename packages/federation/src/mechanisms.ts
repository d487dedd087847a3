/** What this package delivers, declared for jobs and for the matrix. Nothing here runs anything. */
import { MisuseError } from '@nonet/core';
import { createFigure, type Mechanism } from '@nonet/core/records';
import { z } from 'zod';
import { maximumUpdateBytes } from './update/message.ts';

function parseWith<T>(schema: z.ZodType<T>, mechanism: string, parameters: unknown): T {
  const result = schema.safeParse(parameters);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new MisuseError({
    code: 'mechanism.parameters',
    expected: `parameters of ${mechanism}${path.length === 0 ? '' : `: ${path.join('.')}`}`,
    found: message,
  });
}

const averageSchema = z.strictObject({ weighting: z.literal('examples') });
export type AverageParameters = Readonly<z.infer<typeof averageSchema>>;

/** Federated averaging in exact arithmetic, which anybody can do again. */
export const averageMechanism: Mechanism<AverageParameters> = {
  id: 'federation.average',
  cells: ['verifiability-decentralisation'],
  protects: 'that each model is the exact weighted average of the updates that the ledger lists',
  against: 'an aggregator that changes, drops or adds something',
  assumptions: [
    'somebody recomputes each average in time to object',
    'a store keeps models and updates until then',
    'updates need not be secret from aggregators, watchers and stores',
  ],
  parse: (parameters) => parseWith(averageSchema, 'federation.average', parameters),
  /** Bytes are upper bounds that follow from the job; seconds are left out: they depend on machines that nobody has measured here. */
  predict(job) {
    const model = 4 * job.vector.entries;
    const update = maximumUpdateBytes(job.vector);
    return {
      participantUploadPerRound: createFigure(update, 'bytes'),
      participantDownloadPerRound: createFigure(model, 'bytes'),
      aggregatorDownloadPerRound: createFigure(job.maximum * update, 'bytes'),
      watcherDownloadPerRound: createFigure(model + job.maximum * update, 'bytes'),
    };
  },
};

const roundsSchema = z.strictObject({});

/** One model and one set of participants for everybody, in an order that nobody can change afterwards. */
export const roundsMechanism: Mechanism<Readonly<Record<string, never>>> = {
  id: 'federation.rounds',
  cells: ['performance-decentralisation', 'verifiability-decentralisation'],
  protects: 'the order of a job: who takes part, what they committed to, and when a round ends',
  against: 'a coordinator that shows different participants different rounds, or lets latecomers choose',
  assumptions: ['the ledger does not equivocate; an embedded ledger is run by whoever runs the job'],
  parse: (parameters) => parseWith(roundsSchema, 'federation.rounds', parameters),
  /** Without drop-outs a round takes open, a commitment each, close, step and advance. */
  predict({ maximum, phases }) {
    const { open, collecting, appealing, complaining, opening, stepping } = phases;
    return {
      transactionsPerRound: createFigure(maximum + 4, 'transactions'),
      longestRound: createFigure(open + collecting + appealing + complaining + opening + stepping, 'seconds'),
      objectionWindow: createFigure(stepping, 'seconds'),
    };
  },
};

/** The mechanisms of this package. */
export const federationMechanisms: readonly Mechanism<unknown>[] = [
  averageMechanism,
  roundsMechanism as Mechanism<unknown>,
];
