/** What verifiers and evidence compute again from blobs: updates, steps, evaluations. */
import { type Address, NonetError } from '@nonet/core';
import { encodeCanonical } from '@nonet/core/codec';
import type { BlobStore } from '@nonet/core/ports';
import type { Job } from '@nonet/core/records';
import { createGraphEvaluator } from '../graphModel.ts';
import { fetchModel, maximumModelBytes } from '../update/modelBlob.ts';
import type { ModelEvaluation } from '../roles/events.ts';
import { includedParticipants } from '../round.ts';
import { computeStep, expectationOf, type Step, type UpdateOutcome } from '../update/step.ts';
import { maximumUpdateBytes, type UpdateRefusal, verifyUpdate } from '../update/message.ts';
import type { LedgerRecord } from './ledgerRecord.ts';

/** The update of one included participant, or why it is none. Throws `blob.missing`. */
export async function recomputeUpdate(
  job: Job,
  { state, domain }: LedgerRecord,
  blobs: BlobStore,
  round: number,
  participant: number,
): Promise<UpdateOutcome> {
  const commitment = state.rounds[round]!.commitments[participant]!;
  try {
    const bytes = await blobs.get(commitment, { maximumBytes: maximumUpdateBytes(job.vector) });
    return verifyUpdate(bytes, expectationOf(state, round, participant, job.vector, domain));
  } catch (cause) {
    if (!(cause instanceof NonetError) || cause.code !== 'blob.oversized') throw cause;
    return oversized(maximumUpdateBytes(job.vector));
  }
}

/** The same words whichever store says so. */
function oversized(maximum: number): UpdateRefusal {
  return { refused: 'Oversized', expected: `at most ${maximum} bytes`, found: 'more' };
}

/** The updates of a round's included participants; `unfound` are taken for unavailable. Throws `blob.missing`. */
export async function recomputeUpdates(
  job: Job,
  record: LedgerRecord,
  blobs: BlobStore,
  number: number,
  unfound: readonly number[],
): Promise<Map<number, UpdateOutcome>> {
  const round = record.state.rounds[number]!;
  const outcomes = new Map<number, UpdateOutcome>();
  for (const participant of includedParticipants(round)) {
    outcomes.set(
      participant,
      unfound.includes(participant)
        ? unavailable
        : await recomputeUpdate(job, record, blobs, number, participant),
    );
  }
  return outcomes;
}

/** What stands for an update that was not found in time. */
export const unavailable: UpdateRefusal = {
  refused: 'Unavailable',
  expected: 'an update in a store',
  found: 'none',
};

/** The step that follows from a round's updates. Throws `blob.missing`. */
export async function recomputeStep(
  job: Job,
  record: LedgerRecord,
  blobs: BlobStore,
  number: number,
  outcomes: ReadonlyMap<number, UpdateOutcome>,
): Promise<Step | undefined> {
  const round = record.state.rounds[number]!;
  return computeStep(
    await fetchModel(blobs, round.model, job.vector),
    round,
    outcomes,
    job.vector,
    job.minimum,
  );
}

/** A model on the job's public test set. Throws `evaluation.none` if the job has none. */
export async function recomputeEvaluation(
  job: Job,
  blobs: BlobStore,
  model: Address,
): Promise<ModelEvaluation> {
  const evaluate = await createGraphEvaluator(job, blobs);
  if (evaluate === undefined) {
    throw new NonetError({
      code: 'evaluation.none',
      expected: 'a job with a public test set',
      found: 'none',
    });
  }
  return evaluate(await blobs.get(model, { maximumBytes: maximumModelBytes(job.vector) }));
}

/** An evaluation as a blob, with its confusion matrix. */
export function encodeEvaluation(model: Address, evaluation: ModelEvaluation): Uint8Array<ArrayBuffer> {
  const { count, correct, accuracy, loss, confusion } = evaluation;
  return encodeCanonical({ version: 1, model, count, correct, accuracy, loss, confusion });
}
