/**
 * Lies of aggregators. Each takes the honest ledger of a role and gives one through which the role
 * lies in one place and is honest otherwise.
 */
import { contentLeafBytes } from '@nonet/core';
import type { BlobStore, JobState, Ledger, Move } from '@nonet/core/ports';
import { fixedPointOf, idOfJob, type RoundJob, termsOf } from '@nonet/core/records';
import {
  averageUpdates,
  averaging,
  chooseReceipts,
  createJobState,
  decodeModel,
  encodeModel,
  foldMoves,
  includedParticipants,
  type Model,
} from '@nonet/federation';
import { changeMoves } from '@nonet/federation/testing';

export interface Connection {
  readonly ledger: Ledger;
  readonly job: RoundJob;
  readonly store: BlobStore;
}

type StepMove = Extract<Move, { type: 'step' }>;

function changeStep(
  { ledger }: Connection,
  round: number,
  change: (move: StepMove) => Promise<StepMove>,
): Ledger {
  return changeMoves(ledger, (move) => (move.type === 'step' && move.round === round ? change(move) : move));
}

/** Stores the model and names it, with receipts, in the step. */
async function nameModel({ job, store }: Connection, move: StepMove, model: Model): Promise<StepMove> {
  const { address, receipts } = await store.put(encodeModel(model));
  return { ...move, model: address, receipts: chooseReceipts(termsOf(job), address, receipts)! };
}

/** One number of the model is a little larger than it has to be. */
export function lieInOneEntry(connection: Connection, round: number): Ledger {
  const { job, store } = connection;
  return changeStep(connection, round, async (move) => {
    const model = decodeModel((await store.get(move.model)).bytes, job.arithmetic);
    model.flat[7]! += 2 ** -10;
    return nameModel(connection, move, model);
  });
}

/** An honest update is left out, on the pretext that its signature is wrong. */
export function refuseHonestUpdate(connection: Connection, round: number, participant: number): Ledger {
  const { job, store } = connection;
  return changeStep(connection, round, async (move) => {
    const current = (await readState(connection)).rounds[round]!;
    const contributions = await Promise.all(
      includedParticipants(current)
        .filter((other) => other !== participant)
        .map(async (other) => {
          const { blob, weight } = current.commitments[other]!;
          const { bytes } = await store.get(blob);
          return { weight, entries: new Int32Array(bytes.slice(contentLeafBytes).buffer) };
        }),
    );
    const start = decodeModel((await store.get(current.model)).bytes, job.arithmetic);
    const flat = averaging.apply(start.flat, averageUpdates(contributions, fixedPointOf(job)));
    const changed = await nameModel(connection, move, { tensors: start.tensors, flat });
    return { ...changed, refused: [{ participant, reason: 'WrongSigner', entry: 0 }] };
  });
}

/** Everything that was committed to is said to be there. */
export function includeEverything({ ledger }: Connection): Ledger {
  return changeMoves(ledger, (move) => (move.type === 'close' ? { ...move, unavailable: [] } : move));
}

export async function readState({ ledger, job }: Connection): Promise<JobState> {
  const events = await ledger.rounds.moves(idOfJob(job));
  return foldMoves(createJobState(termsOf(job), ledger), events, ({ refused }) => new Error(refused));
}
