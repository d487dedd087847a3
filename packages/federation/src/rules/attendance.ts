/**
 * Whom a round waits for (docs/specs/round.md §4.2 and §4.3): so that an absentee costs one
 * deadline, and one who comes every other time the grace.
 */
import type { JobState, Round } from '@nonet/core/ports';

/**
 * Whether a round that opens now awaits all: the previous one became void before it was closed, so
 * that it does not tell who is away from who is slower than others, or no participant that is still
 * there committed in it.
 */
export function awaitsAll(state: JobState): boolean {
  const last = state.rounds.at(-1);
  if (last !== undefined && last.closedBy === undefined) return true;
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

/** Whether the round may close before its deadline (§4.3). */
export function isCollected(state: JobState, round: number, at: number): boolean {
  const { commitments, regularSince: since = Number.POSITIVE_INFINITY } = state.rounds[round]!;
  if (Object.keys(commitments).length < state.terms.minParticipants) return false;
  return at > since + state.terms.grace || outstanding(state, round).length === 0;
}

/** Whom the round still waits for: awaited and without a commitment (§4.2); ascending. */
export function outstanding(state: JobState, round: number): number[] {
  const { size, commitments } = state.rounds[round]!;
  return [...state.participants.slice(0, size).entries()]
    .filter(([, { left, since }]) => !left && since <= round)
    .map(([participant]) => participant)
    .filter((participant) => commitments[participant] === undefined && waitsFor(state, round, participant));
}

/** Notes when the last regular participant had committed, once none is outstanding (§4.3). */
export function regularSince(state: JobState, round: number, at: number): Partial<Round> {
  if (state.rounds[round]!.regularSince !== undefined) return {};
  const waiting = outstanding(state, round).some((participant) => isRegular(state, round, participant));
  return waiting ? {} : { regularSince: at };
}
