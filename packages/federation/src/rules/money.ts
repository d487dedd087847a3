/** What the ledger owes to whom (docs/specs/round.md §11). All amounts are wei. */
import type { Account } from '@nonet/core/identity';
import type { JobState, LockedBond, Round } from '@nonet/core/ports';
import { acceptedParticipants, isJobOver, isStanding, numberOf } from './state.ts';

/** How long an objector's bond stays locked: ledger seconds (§9.2). */
export const bondLockSeconds = 86_400;

/** What one accepted participant earns in a final round (§11.1). */
export function shareOf({ terms }: JobState, round: Round): bigint {
  if (round.phase !== 'final') return 0n;
  return terms.escrow / BigInt(terms.rounds) / BigInt(acceptedParticipants(round).length);
}

/** Whether a round still owes a share to this participant. */
export function paysTo(state: JobState, round: Round, participant: number): boolean {
  return (
    shareOf(state, round) > 0n &&
    acceptedParticipants(round).includes(participant) &&
    !round.paid.includes(participant)
  );
}

/** Whether an objector's bond can be taken back. */
export function isFree(lock: LockedBond, by: Account, at: number): boolean {
  return lock.by === by && !lock.returned && at > lock.at + bondLockSeconds;
}

/** What is left of the escrow for the creator of a job that is over, once. */
export function remainderOf(state: JobState, by: Account, at: number): bigint {
  const { terms, refunded, rounds } = state;
  if (refunded || by !== terms.creator || !isJobOver(state, at)) return 0n;
  return rounds.reduce(
    (left, round) => left - shareOf(state, round) * BigInt(acceptedParticipants(round).length),
    terms.escrow,
  );
}

/** What `by` receives when it withdraws these rounds at this time (§11.3). */
export function owedTo(state: JobState, rounds: readonly number[], by: Account, at: number): bigint {
  const { terms, locked, rewards } = state;
  const number = numberOf(state, by);
  const shares = rounds
    .map((round) => state.rounds[round]!)
    .filter((round) => paysTo(state, round, number))
    .reduce((sum, round) => sum + shareOf(state, round), 0n);
  const bonds = locked.filter((lock) => isFree(lock, by, at)).reduce((sum, { wei }) => sum + wei, 0n);
  const stake = isStanding(state, by) && isJobOver(state, at) ? terms.bond : 0n;
  return shares + (rewards[by] ?? 0n) + bonds + stake + remainderOf(state, by, at);
}
