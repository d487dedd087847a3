/** What verifiers and evidence compute again from blobs: updates, steps, evaluations. */
import { type Address, type Content, NonetError } from '@nonet/core';
import { type Canonical, decodeCanonical, encodeCanonical } from '@nonet/core/codec';
import type { BlobStore, Round } from '@nonet/core/ports';
import { fixedPointOf, maskedEntries, maskedOf, type RoundJob } from '@nonet/core/records';
import type { RunCost } from '@nonet/tensor';
import { z } from 'zod';
import {
  type Blobs,
  computeMaskedStep,
  datasetsOfRegistrations,
  fetchRegistrations,
  fetchReveals,
  recoverRound,
} from '../masked/maskedRound.ts';
import { acceptedParticipants } from '../rules/state.ts';
import { showLeaf } from '../update/lies.ts';
import { hasFault, leafOfFault, type Update, updateBytes, verifyUpdate } from '../update/message.ts';
import { fetchModel, maximumModelBytes } from '../update/modelBlob.ts';
import {
  computeStep,
  expectedUpdate,
  isUpdateRefusal,
  type Step,
  type UpdateOutcome,
} from '../update/step.ts';
import { createGraphEvaluator, type ModelEvaluation } from './graphEvaluator.ts';
import type { LedgerRecord } from './ledgerRecord.ts';

/**
 * The committed message of a participant, or undefined for one that is longer than any update of
 * the job. Throws `blob.missing`.
 */
async function fetchMessage(
  job: RoundJob,
  round: Round,
  participant: number,
  blobs: BlobStore,
): Promise<Content | undefined> {
  const { blob } = round.commitments[participant]!;
  try {
    return await blobs.get(blob, { maximumBytes: updateBytes(job.arithmetic.entries) });
  } catch (cause) {
    if (!(cause instanceof NonetError) || cause.code !== 'blob.oversized') throw cause;
    return undefined;
  }
}

/** The update of one participant, or why it has to be refused. Throws `blob.missing`. */
export async function recomputeUpdate(
  job: RoundJob,
  { state }: LedgerRecord,
  blobs: BlobStore,
  number: number,
  participant: number,
): Promise<UpdateOutcome> {
  const round = state.rounds[number]!;
  const message = await fetchMessage(job, round, participant, blobs);
  if (message !== undefined)
    return verifyUpdate(message, expectedUpdate(state, round, participant, fixedPointOf(job)));
  const expected = `${updateBytes(job.arithmetic.entries)} bytes`;
  return { refused: 'WrongLength', entry: 0, expected, found: 'more' };
}

/**
 * What the reason of a refused update is worth: it is true, another one would be, or there is none.
 */
export type RefusalFinding = 'true' | 'another fault' | 'acceptable';

/** Judges the reason for which the posted step left out an update. Throws `blob.missing`. */
export async function judgeRefusal(
  job: RoundJob,
  record: LedgerRecord,
  blobs: BlobStore,
  number: number,
  participant: number,
): Promise<RefusalFinding> {
  const { state } = record;
  const round = state.rounds[number]!;
  const { reason, entry } = round.posted!.refused.find((refused) => refused.participant === participant)!;
  const outcome = await recomputeUpdate(job, record, blobs, number, participant);
  if (!isUpdateRefusal(outcome)) return 'acceptable';
  if (outcome.refused === 'WrongLength') return reason === 'WrongLength' ? 'true' : 'another fault';
  const { bytes } = (await fetchMessage(job, round, participant, blobs))!;
  const shown = showLeaf(bytes, leafOfFault(reason, entry));
  const expected = expectedUpdate(state, round, participant, fixedPointOf(job));
  return hasFault(reason, entry, shown, expected) ? 'true' : 'another fault';
}

/**
 * The accepted updates of a posted step. Throws `blob.missing`, and `aggregate.accepted` on one
 * that had to be refused.
 */
export async function recomputeAccepted(
  job: RoundJob,
  record: LedgerRecord,
  blobs: BlobStore,
  number: number,
): Promise<Map<number, Update>> {
  const updates = new Map<number, Update>();
  for (const participant of acceptedParticipants(record.state.rounds[number]!)) {
    const outcome = await recomputeUpdate(job, record, blobs, number, participant);
    if (isUpdateRefusal(outcome)) {
      throw new NonetError({
        code: 'aggregate.accepted',
        expected: `an acceptable update of participant ${participant}: ${outcome.expected}`,
        found: `${outcome.refused}, ${outcome.found}`,
      });
    }
    updates.set(participant, outcome);
  }
  return updates;
}

/** What a round of masked updates comes to, again. */
export interface RecomputedSum {
  readonly step: Step | undefined;
  /** The dataset commitments that the included name, in their order. */
  readonly datasets: readonly Address[];
}

/**
 * The step of a round of masked updates, from what it has published. Throws `blob.missing`, and
 * `aggregate.masks` where registrations and reveals do not take the masks from the sum.
 */
export async function recomputeMaskedStep(
  job: RoundJob,
  { state }: LedgerRecord,
  blobs: BlobStore,
  number: number,
): Promise<RecomputedSum> {
  const round = state.rounds[number]!;
  const arithmetic = maskedOf(job);
  const { registrations: registered, reveals: revealed } = round.masking!;
  const [registrations, reveals] = [
    await fetchRegistrations(blobs, round, {}),
    await fetchReveals(blobs, round, {}),
  ];
  await assertFound(blobs, registered, registrations);
  const recovery = recoverRound(state, number, { registrations, reveals });
  if (recovery.outcome !== 'recovered') {
    // A reveal may be of what never was in any store; what does not take part is not missed.
    await assertFound(blobs, revealed, reveals);
    throw new NonetError({
      code: 'aggregate.masks',
      expected: 'shares that take the masks from the sum',
      found: recovery.outcome === 'liars' ? 'registrations that are wrong' : 'too few right shares',
    });
  }
  const messages = new Map<number, Uint8Array>();
  const maximumBytes = 4 * maskedEntries(arithmetic);
  for (const participant of acceptedParticipants(round)) {
    const { bytes } = await blobs.get(round.commitments[participant]!.blob, { maximumBytes });
    messages.set(participant, bytes);
  }
  const start = await fetchModel(blobs, round.model, arithmetic);
  return {
    step: computeMaskedStep(start, round, messages, recovery, arithmetic),
    datasets: datasetsOfRegistrations(state, number, registrations),
  };
}

/** Throws what asking again for the first that was not there throws: `blob.missing`. */
async function assertFound(
  blobs: BlobStore,
  addresses: Readonly<Record<number, Address>>,
  found: Blobs,
): Promise<void> {
  const lost = Object.entries(addresses).find(([participant]) => !found.has(Number(participant)));
  if (lost !== undefined) await blobs.get(lost[1]);
}

/** The step that follows from the updates that the posted one accepts. Throws `blob.missing`. */
export async function recomputeStep(
  job: RoundJob,
  { state }: LedgerRecord,
  blobs: BlobStore,
  number: number,
  accepted: ReadonlyMap<number, Update>,
): Promise<Step | undefined> {
  const round = state.rounds[number]!;
  const arithmetic = fixedPointOf(job);
  const outcomes = new Map<number, UpdateOutcome>(accepted);
  for (const { participant, reason, entry } of round.posted!.refused) {
    outcomes.set(participant, { refused: reason, entry, expected: 'as posted', found: 'as posted' });
  }
  const start = await fetchModel(blobs, round.model, arithmetic);
  return computeStep(start, round, outcomes, arithmetic, job.minParticipants);
}

/**
 * A model on the job's public test set. Throws `evaluation.none` if the job has none, and what
 * `admit` throws of an evaluation that would take too much.
 */
export async function recomputeEvaluation(
  job: RoundJob,
  blobs: BlobStore,
  model: Address,
  admit?: (cost: RunCost) => void,
): Promise<ModelEvaluation> {
  const evaluate = await createGraphEvaluator(job, blobs, admit);
  if (evaluate === undefined) {
    throw new NonetError({
      code: 'evaluation.none',
      expected: 'a job with a public test set',
      found: 'none',
    });
  }
  const { bytes } = await blobs.get(model, { maximumBytes: maximumModelBytes(job.arithmetic) });
  return evaluate(bytes);
}

/**
 * The confusion matrix in what `encodeEvaluation` made, for so many classes; undefined on any other
 * bytes.
 */
export function confusionIn(bytes: Uint8Array, classes: number): readonly (readonly number[])[] | undefined {
  let value: Canonical;
  try {
    value = decodeCanonical(bytes);
  } catch (cause) {
    if (!(cause instanceof NonetError)) throw cause;
    return undefined;
  }
  const found = confusionSchema(classes).safeParse(value);
  return found.success ? found.data.confusion : undefined;
}

const confusionSchema = (classes: number) =>
  z.object({ confusion: z.array(z.array(z.int().nonnegative()).length(classes)).length(classes) });

/** An evaluation as a blob, with its confusion matrix. */
export function encodeEvaluation(model: Address, evaluation: ModelEvaluation): Uint8Array<ArrayBuffer> {
  const { count, correct, accuracy, loss, confusion } = evaluation;
  return encodeCanonical({ version: 1, model, count, correct, accuracy, loss, confusion });
}
