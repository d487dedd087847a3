/**
 * The step of a round as a pure function of ledger and blobs (docs/specs/update.md §4): who is accepted, and the model that follows. The
 * aggregator posts it, watchers and verifiers compute the same.
 */
import { type Address, addressOf, NonetError } from '@nonet/core';
import type { Domain } from '@nonet/core/identity';
import type { JobState, Round } from '@nonet/core/ports';
import type { VectorSpecification } from '@nonet/core/records';
import { fedAvg } from './fedAvg.ts';
import { encodeModel, type Model } from './modelBlob.ts';
import { includedParticipants } from './round.ts';
import type { Update, UpdateExpectation, UpdateRefusal } from './updateMessage.ts';

export type UpdateOutcome = Update | UpdateRefusal;

export function isUpdateRefusal(outcome: UpdateOutcome): outcome is UpdateRefusal {
  return 'refused' in outcome;
}

export interface Step {
  readonly model: Model;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly address: Address;
  /** Ascending. */
  readonly accepted: readonly number[];
  /** Ascending. */
  readonly refused: readonly number[];
  readonly refusals: Readonly<Record<number, UpdateRefusal>>;
}

/** What the ledger says that the message of one participant must be. */
export function expectationOf(
  state: JobState,
  round: number,
  participant: number,
  vector: VectorSpecification,
  domain: Domain,
): UpdateExpectation {
  return {
    job: state.terms.job,
    round,
    participant,
    model: (state.rounds[round] as Round).model,
    account: state.participants[participant]!,
    vector,
    domain,
  };
}

/**
 * The step that follows from `outcomes`, one per included participant; undefined when fewer than `minimum` are accepted, or when the
 * average is no finite model (§4.3, §4.4).
 */
export function computeStep(
  start: Model,
  round: Round,
  outcomes: ReadonlyMap<number, UpdateOutcome>,
  vector: VectorSpecification,
  minimum: number,
): Step | undefined {
  const updates: Update[] = [];
  const accepted: number[] = [];
  const refusals: Record<number, UpdateRefusal> = {};
  for (const participant of includedParticipants(round)) {
    const outcome = outcomes.get(participant)!;
    if (isUpdateRefusal(outcome)) refusals[participant] = outcome;
    else {
      accepted.push(participant);
      updates.push(outcome);
    }
  }
  if (accepted.length < minimum) return undefined;
  const flat = finiteAverage(start, updates, vector);
  if (flat === undefined) return undefined;
  const model = { tensors: start.tensors, flat };
  const bytes = encodeModel(model);
  const refused = Object.keys(refusals).map(Number);
  return { model, bytes, address: addressOf(bytes), accepted, refused, refusals };
}

/** What an objection says that a posted step should have been (§4.6): the right step; where there should be none, the model before, and everybody refused. */
export function objectedStep(
  round: Round,
  step: Step | undefined,
): { readonly model: Address; readonly refused: readonly number[] } {
  return step === undefined
    ? { model: round.model, refused: includedParticipants(round) }
    : { model: step.address, refused: step.refused };
}

function finiteAverage(start: Model, updates: readonly Update[], vector: VectorSpecification) {
  try {
    return fedAvg(start.flat, updates, vector);
  } catch (cause) {
    if (cause instanceof NonetError && cause.code === 'fedAvg.notFinite') return undefined;
    throw cause;
  }
}
