/**
 * Whom a round waits for (docs/specs/round.md §4.2 and §4.3): so that an absentee costs one
 * deadline, and one who comes every other time the grace.
 */
import type { JobState, Masking, Round } from '@nonet/core/ports';
import { candidatesOf, isPresentIn, smallestSet } from './state.ts';

/**
 * Whether a round that opens now awaits all: the previous one became void before it was closed, so
 * that it does not tell who is away from who is slower than others, or no participant that is still
 * there committed in it; where updates are masked, that no candidate kept to its announcement.
 */
export function awaitsAll(state: JobState): boolean {
  const last = state.rounds.at(-1);
  if (last !== undefined && last.closedBy === undefined) return true;
  if (state.terms.masks !== undefined) {
    return !candidatesOf(state).some((participant) => state.participants[participant]!.announced!.awaited);
  }
  return !state.participants.some(
    ({ left }, participant) => !left && hasAttended(state, participant, state.rounds.length - 1),
  );
}

/**
 * Whether a participant's commitment in this round, or its being new, makes the next round wait for
 * it.
 */
function hasAttended({ participants, rounds }: JobState, participant: number, number: number): boolean {
  const round = rounds[number];
  if (round === undefined) return false;
  if (participant >= round.size) return true;
  return round.commitments[participant] !== undefined && participants[participant]!.since <= number;
}

/** Whether a round waits for this participant, if it is present. */
function waitsFor(state: JobState, round: number, participant: number): boolean {
  return state.rounds[round]!.awaitsAll || hasAttended(state, participant, round - 1);
}

/** Whether an awaited participant was awaited in the round before, too, or is new (§4.2). */
function isRegular(state: JobState, round: number, participant: number): boolean {
  return state.rounds[round]!.awaitsAll || waitsFor(state, round - 1, participant);
}

/** Whether the round may close before its deadline (§4.3, §12.3). */
export function isCollected(state: JobState, round: number, at: number): boolean {
  const current = state.rounds[round]!;
  const { commitments, regularSince: since = Number.POSITIVE_INFINITY } = current;
  if (Object.keys(commitments).length < smallestSet(state, current)) return false;
  return at > since + state.terms.grace || outstanding(state, round).length === 0;
}

/** Whom the round still waits for: awaited and without a commitment (§4.2, §12.3); ascending. */
export function outstanding(state: JobState, round: number): number[] {
  const { size, commitments, masking } = state.rounds[round]!;
  if (masking !== undefined) return outstandingMembers(state, round, masking);
  return [...state.participants.slice(0, size).entries()]
    .filter(([, { left, since }]) => !left && since <= round)
    .map(([participant]) => participant)
    .filter((participant) => commitments[participant] === undefined && waitsFor(state, round, participant));
}

/** Whom a round of masked updates waits for: to register in `open`, later to commit (§12.3). */
function outstandingMembers(state: JobState, round: number, { registrations, keys }: Masking): number[] {
  const { phase, commitments, awaitsAll } = state.rounds[round]!;
  return Object.keys(keys)
    .map(Number)
    .filter((one) => isPresentIn(state, round, one))
    .filter((one) => awaitsAll || state.participants[one]!.announced!.awaited)
    .filter(
      (one) => (registrations[one] === undefined) === (phase === 'open') && commitments[one] === undefined,
    );
}

/** Notes when the last regular participant had committed, once none is outstanding (§4.3). */
export function regularSince(state: JobState, round: number, at: number): Partial<Round> {
  const { regularSince: since, masking } = state.rounds[round]!;
  if (since !== undefined || masking !== undefined) return {};
  const waiting = outstanding(state, round).some((participant) => isRegular(state, round, participant));
  return waiting ? {} : { regularSince: at };
}
