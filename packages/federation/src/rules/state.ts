/**
 * What a job's state says: questions that rules, roles and verifiers ask of it, without changing
 * it. Section numbers are those of docs/specs/round.md.
 */
import type { Address } from '@nonet/core';
import type { Account } from '@nonet/core/identity';
import type { JobState, JobTerms, Ledger, Round } from '@nonet/core/ports';

/** What the rules must know of the ledger that keeps them: messages are signed for one. */
export type LedgerName = Pick<Ledger, 'chainId' | 'contract'>;

/** The state of a job that was just created (§1). */
export function createJobState(terms: JobTerms, ledger: LedgerName): JobState {
  return {
    terms,
    ledger: { chainId: ledger.chainId, contract: ledger.contract },
    admitted: [],
    participants: [],
    aggregators: terms.aggregators.map((account) => ({
      account,
      status: terms.bond === 0n ? 'standing' : 'absent',
    })),
    lead: 0,
    rounds: [],
    failures: 0,
    ended: false,
    refunded: false,
    locked: [],
    rewards: {},
    burnt: 0n,
  };
}

/** Why no further round opens, or undefined while the job goes on (§1.8). */
export function stopOf({ ended, terms, failures }: JobState, at: number): string | undefined {
  if (ended) return 'the creator ended it';
  if (at > terms.expiry) return `it expired at ${terms.expiry}`;
  return failures < terms.attempts ? undefined : `${failures} void rounds in a row`;
}

/**
 * Whether nothing can change about a round any more, except that it becomes void with an earlier
 * one.
 */
export function isOver({ phase }: Round): boolean {
  return phase === 'final' || phase === 'void';
}

/**
 * The last ledger second of the phase that a round is in (§10.1): its deadline, or later where an
 * answer has shown what has yet to be read (§7.5).
 */
export function endOfPhase({ phases }: Pick<JobTerms, 'phases'>, round: Round): number {
  const { phase, deadline, answeredAt } = round;
  if (answeredAt === undefined || (phase !== 'stepping' && phase !== 'objecting')) return deadline;
  return Math.max(deadline, answeredAt + phases[phase]);
}

/** Whether every wanted round is final. */
export function isComplete({ rounds, terms }: JobState): boolean {
  return rounds.filter(({ phase }) => phase === 'final').length === terms.rounds;
}

/** Whether every round is over and none can open any more (§11.2). */
export function isJobOver(state: JobState, at: number): boolean {
  if (!state.rounds.every(isOver)) return false;
  if (isComplete(state) || stopOf(state, at) !== undefined) return true;
  return state.aggregators.every(({ status }) => status === 'struck');
}

/**
 * The model that the next round starts from: of the latest step that is not void, or the job's own.
 */
export function currentModel(state: JobState): Address {
  const latest = state.rounds.findLast(({ posted, phase }) => posted !== undefined && phase !== 'void');
  return latest?.posted?.model ?? state.terms.model;
}

/**
 * The model of the last final round, or the initial one: any later step can still be proven wrong.
 */
export function finalModel(state: JobState): Address {
  const latest = state.rounds.findLast(({ phase }) => phase === 'final');
  return latest?.posted?.model ?? state.terms.model;
}

/** Rounds that have posted and are not void: how many steps the model has made. */
export function countSteps(state: JobState): number {
  return state.rounds.filter(({ posted, phase }) => posted !== undefined && phase !== 'void').length;
}

/**
 * The number of the round that has neither posted nor is void: the last, or an earlier one whose
 * step is made again (§12.8). Where there is none, that of the last; -1 before the first.
 */
export function latestRound({ rounds }: JobState): number {
  const running = rounds.findIndex(({ posted, phase }) => posted === undefined && phase !== 'void');
  return running < 0 ? rounds.length - 1 : running;
}

/** The aggregator whose turn it is; undefined where none is standing. */
export function leadOf({ aggregators, lead }: JobState): Account | undefined {
  const { account, status } = aggregators[lead]!;
  return status === 'standing' ? account : undefined;
}

/** Whether this account is an aggregator that has staked and was not struck. */
export function isStanding({ aggregators }: JobState, by: Account): boolean {
  return aggregators.some(({ account, status }) => account === by && status === 'standing');
}

/** Who is included: committed and not unavailable; ascending. */
export function includedParticipants(round: Round): number[] {
  const unavailable = new Set(round.unavailable);
  return Object.keys(round.commitments)
    .map(Number)
    .filter((participant) => !unavailable.has(participant))
    .sort((a, b) => a - b);
}

/**
 * Whose updates the step claims to hold: included and not refused; ascending. Empty before the
 * step.
 */
export function acceptedParticipants(round: Round): number[] {
  if (round.posted === undefined) return [];
  const refused = new Set(round.posted.refused.map(({ participant }) => participant));
  return includedParticipants(round).filter((participant) => !refused.has(participant));
}

/** Whether this account was a participant when the round opened. */
export function takesPart(state: JobState, { size }: Round, by: Account): boolean {
  const number = numberOf(state, by);
  return number >= 0 && number < size;
}

/** The participant's number; -1 for an account that never joined. */
export function numberOf({ participants }: JobState, by: Account): number {
  return participants.findIndex(({ account }) => account === by);
}

/** Who registered in a round of masked updates; ascending (§12.3). */
export function maskSet({ masking }: Round): number[] {
  return Object.keys(masking?.registrations ?? {})
    .map(Number)
    .sort((a, b) => a - b);
}

/**
 * The smallest set that a round goes on with: the smallest cohort, and where updates are masked, one
 * more than recover a secret. So among those of any sum that is opened there are two beside as many
 * as may work together: the sum of one update would be that update.
 */
export function smallestSet({ terms }: JobState, { masking }: Round): number {
  return Math.max(terms.minParticipants, masking === undefined ? 0 : masking.threshold + 1);
}

/** Whether as many have revealed their shares as recover a secret; true of clear updates. */
export function canBeUnmasked({ masking }: Round): boolean {
  return masking === undefined || Object.keys(masking.reveals).length >= masking.threshold;
}

/**
 * Whom a round of masked updates has to include and no one else, where an earlier attempt at its
 * step asked for shares: those of the first such attempt; ascending. Updates are alike again, so of
 * two sums over other participants the difference is theirs (docs/specs/secagg.md §9.4). How many
 * answered does not matter: shares that stores took and gave no receipts for are not on the ledger.
 * Nothing excuses another set: who is barred could be an honest one that a majority singles out, and
 * a model that is replaced could differ from the first in its last digit. Undefined where no attempt
 * did. `number` may be of the next round.
 */
export function repeatedSet(state: JobState, number: number): number[] | undefined {
  const { rounds } = state;
  const { step } = rounds[number] ?? { step: countSteps(state) };
  const before = rounds.slice(0, number).find((round) => round.step === step && isAsked(round));
  return before && includedParticipants(before);
}

/** Whether members of a round of masked updates were asked for the shares that open its sum. */
export function isAsked({ masking }: Round): boolean {
  return masking?.asked === true;
}

/** Whether the sum of a round of masked updates was opened. */
export function isOpened(round: Round): boolean {
  return round.masking !== undefined && canBeUnmasked(round);
}

/**
 * The candidates of the round that opens next: who has announced keys for it and has not left;
 * ascending (§12.1).
 */
export function candidatesOf(state: JobState): number[] {
  return [...state.participants.keys()].filter((one) => isPresentIn(state, state.rounds.length, one));
}

/** Whether a participant is a candidate of this round of masked updates, and has not left (§12.1). */
export function isPresentIn({ participants }: JobState, round: number, participant: number): boolean {
  return participants[participant]?.announced?.round === round;
}

/** The state with one participant changed. */
export function replaceParticipant(
  state: JobState,
  number: number,
  next: JobState['participants'][number],
): JobState {
  return {
    ...state,
    participants: state.participants.map((other, i) => (i === number ? next : other)),
  };
}
