/**
 * What the rules promise (docs/specs/round.md §0), as predicates over states. The explorer asks
 * them in every reachable state; conformance tests ask the first and the last of every ledger.
 */
import type { Account } from '@nonet/core/identity';
import type { JobState } from '@nonet/core/ports';
import { shareOf } from './money.ts';
import { acceptedParticipants, isComplete } from './state.ts';

/** Wei that the ledger must still hold for this job: property 4. */
export function heldFor(state: JobState): bigint {
  const { terms, rounds, aggregators, locked, rewards, refunded } = state;
  const shares = (count: (round: JobState['rounds'][number]) => number) =>
    rounds.reduce((sum, round) => sum + shareOf(state, round) * BigInt(count(round)), 0n);
  const paid = shares(({ paid }) => paid.length);
  const earned = shares((round) => acceptedParticipants(round).length);
  const standing = aggregators.filter(({ status }) => status === 'standing').length;
  return (
    (refunded ? earned : terms.escrow) -
    paid +
    terms.bond * BigInt(standing) +
    locked.reduce((sum, { wei, returned }) => sum + (returned ? 0n : wei), 0n) +
    Object.values(rewards).reduce((sum, wei) => sum + wei, 0n)
  );
}

/** Honest aggregators that were struck all the same: property 3. */
export function unjustlyStruck(state: JobState, honest: readonly Account[]): Account[] {
  return state.aggregators
    .filter(({ account, status }) => status === 'struck' && honest.includes(account))
    .map(({ account }) => account);
}

/** Why a job that is over is not complete, although its creator did not end it: property 2. */
export function stoppedBy(state: JobState): string | undefined {
  if (isComplete(state) || state.ended) return undefined;
  const last = state.rounds.findLast(({ failure }) => failure !== undefined);
  return last?.failure?.reason ?? 'nothing';
}
