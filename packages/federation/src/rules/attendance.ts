/**
 * Whom a round waits for (docs/specs/round.md §4.2 and §4.3): so that an absentee costs one deadline,
 * and one who comes every other time the grace.
 */
import type { JobState, Round } from '@nonet/core/ports';

/** Whether a round that opens now awaits all: nobody committed in the previous one and is still there. */
export function awaitsAll(state: JobState): boolean {
  const number = state.rounds.length;
  return !state.participants.some(
    ({ left, since }, participant) =>
      !left && since <= number && hasAttended(state, participant, state.rounds[number - 1], number - 1),
  );
}

/** Whether a participant's commitment in the round before, or its being new, makes the next round wait for it. */
function hasAttended(
  { participants }: JobState,
  participant: number,
  previous: Round | undefined,
  number: number,
): boolean {
  if (previous === undefined) return false;
  if (participant >= previous.size) return true;
  return previous.commitments[participant] !== undefined && participants[participant]!.since <= number;
}

/** Whether `round` waits for this participant (§4.2). */
export function isAwaited(state: JobState, round: number, participant: number): boolean {
  const { size, awaitsAll } = state.rounds[round]!;
  const { left, since } = state.participants[participant]!;
  if (participant >= size || left || since > round) return false;
  return awaitsAll || hasAttended(state, participant, state.rounds[round - 1], round - 1);
}

/** Whether a participant that is awaited was so in the round before, too, or was not there (§4.2). */
function isRegular(state: JobState, round: number, participant: number): boolean {
  if (!isAwaited(state, round, participant)) return false;
  if (state.rounds[round]!.awaitsAll) return true;
  const before = state.rounds[round - 1]!;
  return participant >= before.size || wasAwaited(state, round - 1, participant);
}

/** As `isAwaited`, of one who committed in that round and has not left since. */
function wasAwaited(state: JobState, round: number, participant: number): boolean {
  const { awaitsAll } = state.rounds[round]!;
  return awaitsAll || hasAttended(state, participant, state.rounds[round - 1], round - 1);
}

/** Whether the round may close before its deadline (§4.3). */
export function isCollected(state: JobState, round: number, at: number): boolean {
  const { commitments, regularSince: since } = state.rounds[round]!;
  if (Object.keys(commitments).length < state.terms.minParticipants) return false;
  if (since !== undefined && at > since + state.terms.grace) return true;
  return outstanding(state, round).length === 0;
}

/** Whom the round still waits for; ascending. */
export function outstanding(state: JobState, round: number): number[] {
  const { size, commitments } = state.rounds[round]!;
  return Array.from({ length: size }, (_, participant) => participant).filter(
    (participant) => commitments[participant] === undefined && isAwaited(state, round, participant),
  );
}

/** Notes when the last regular participant had committed, once none is outstanding (§4.3). */
export function regularSince(state: JobState, round: number, at: number): Partial<Round> {
  if (state.rounds[round]!.regularSince !== undefined) return {};
  const waiting = outstanding(state, round).some((participant) => isRegular(state, round, participant));
  return waiting ? {} : { regularSince: at };
}
