/**
 * The step of a round as a pure function of ledger and blobs (docs/specs/update.md §4): who is
 * accepted, and the model that follows. The aggregator posts it, watchers and verifiers compute the
 * same.
 */
import { type Address, type Content, contentOf } from '@nonet/core';
import { groupSize, type JobState, type RefusedUpdate, type Round } from '@nonet/core/ports';
import type { FixedPoint } from '@nonet/core/records';
import { expectationOf } from '../rules/judge.ts';
import { includedParticipants } from '../rules/state.ts';
import { averageUpdates, type Contribution, sumUpdates } from './fedAvg.ts';
import { maximumEntry } from './fixedPoint.ts';
import type { HeldOut } from './heldOut.ts';
import type { Update, UpdateExpectation, UpdateRefusal } from './message.ts';
import { encodeModel, findNotFinite, type Model } from './modelBlob.ts';
import { countGroups, encodePartialSums, groupOf } from './partialSums.ts';
import { averaging, type ServerStep } from './serverStep.ts';

/** A message of the right length, of which nothing but a sum can be read. */
export interface MaskedUpdate {
  readonly masked: Uint8Array;
}

/** An update, or why it counts for nothing. */
export type UpdateOutcome = Update | UpdateRefusal;

/** Whether an update was refused. */
export function isUpdateRefusal(outcome: UpdateOutcome): outcome is UpdateRefusal {
  return 'refused' in outcome;
}

/** What an aggregator posts, with the blobs that it makes available: the model's, and the sums. */
export interface Step extends Content {
  readonly model: Model;
  /** Ascending. */
  readonly accepted: readonly number[];
  /** As posted; ascending by participant. */
  readonly refused: readonly RefusedUpdate[];
  readonly refusals: Readonly<Record<number, UpdateRefusal>>;
  /** Partial sums, where more than `groupSize` updates are accepted (§4.4). */
  readonly partials?: Content;
  /** How the model before does on examples that the accepted hold out (secagg.md §10). */
  readonly heldOut?: HeldOut;
}

/**
 * What ledger and job say of one participant's message; `arithmetic` also where the ledger has no
 * rule.
 */
export function expectedUpdate(
  state: JobState,
  round: Round,
  participant: number,
  arithmetic: FixedPoint,
): UpdateExpectation {
  return {
    ...expectationOf(state, round, participant),
    entries: arithmetic.entries,
    maximumEntry: maximumEntry(arithmetic),
  };
}

/**
 * The step that follows from `outcomes`, one per included participant; undefined when fewer than
 * `minimum` are accepted, or when the result is not finite (§4.3). Throws `fedAvg.overflow` where
 * weights are too large for exact sums.
 */
export function computeStep(
  start: Model,
  round: Round,
  outcomes: ReadonlyMap<number, UpdateOutcome>,
  arithmetic: FixedPoint,
  minimum: number,
  serverStep: ServerStep = averaging,
): Step | undefined {
  const contributions: Contribution[] = [];
  const accepted: number[] = [];
  const refused: RefusedUpdate[] = [];
  const refusals: Record<number, UpdateRefusal> = {};
  for (const participant of includedParticipants(round)) {
    const outcome = outcomes.get(participant)!;
    if (isUpdateRefusal(outcome)) {
      refused.push({ participant, reason: outcome.refused, entry: outcome.entry });
      refusals[participant] = outcome;
    } else {
      accepted.push(participant);
      contributions.push({
        weight: round.commitments[participant]!.weight,
        entries: outcome.entries,
      });
    }
  }
  if (accepted.length < minimum) return undefined;
  const flat = serverStep.apply(start.flat, averageUpdates(contributions, arithmetic));
  if (findNotFinite(flat) >= 0) return undefined;
  const model = { tensors: start.tensors, flat };
  return {
    model,
    ...contentOf(encodeModel(model)),
    accepted,
    refused,
    refusals,
    ...(round.size > groupSize
      ? { partials: contentOf(encodePartialSums(sumGroups(round, accepted, contributions, arithmetic))) }
      : {}),
  };
}

/**
 * The exact sums of each group of accepted updates (§4.4); `contributions` are those of `accepted`.
 */
export function sumGroups(
  { size }: Pick<Round, 'size'>,
  accepted: readonly number[],
  contributions: readonly Contribution[],
  arithmetic: FixedPoint,
): Float64Array[] {
  return Array.from({ length: countGroups(size) }, (_, group) =>
    sumUpdates(
      contributions.filter((_, i) => groupOf(accepted[i]!) === group),
      arithmetic,
    ),
  );
}

/**
 * What an objection says that a posted step should have been (round.md §9): the right step; where
 * there should be none, the model before, and every included participant refused.
 */
export function objectedStep(
  round: Round,
  step: Step | undefined,
): { readonly model: Address; readonly refused: readonly number[] } {
  return step === undefined
    ? { model: round.model, refused: includedParticipants(round) }
    : { model: step.address, refused: step.refused.map(({ participant }) => participant) };
}
