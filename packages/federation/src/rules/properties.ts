/**
 * What the rules promise (docs/specs/round.md §0), as predicates over states. The explorer asks
 * them in every reachable state; conformance tests ask the first and the last of every ledger.
 */
import type { Account } from '@nonet/core/identity';
import type { JobState, Phase, Round } from '@nonet/core/ports';
import { shareOf } from './money.ts';
import {
  acceptedParticipants,
  includedParticipants,
  isComplete,
  isOpened,
  isOver,
  maskSet,
  repeatedSet,
} from './state.ts';

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

/**
 * Honest participants that were barred all the same, although at most half of the mask set that
 * barred them is dishonest: property 3 where updates are masked (§12.4).
 */
export function unjustlyBarred(state: JobState, honest: readonly Account[]): Account[] {
  const isHonest = (participant: number) => honest.includes(state.participants[participant]!.account);
  return state.rounds.flatMap((round) => {
    if (round.failure?.reason !== 'complaints') return [];
    const members = maskSet(round);
    if (2 * members.filter((one) => !isHonest(one)).length > members.length) return [];
    return round.failure.accused.filter(isHonest).map((one) => state.participants[one]!.account);
  });
}

/** Whose secrets a round shows: nothing before its mask set is known, and then one set for good. */
function setsOf(round: Round): readonly (readonly number[])[] {
  const beforeMaskSet: readonly Phase[] = ['open'];
  const beforeInclusion: readonly Phase[] = [...beforeMaskSet, 'collecting', 'closing', 'appealing'];
  if (beforeMaskSet.includes(round.phase)) return [];
  const members = maskSet(round);
  return beforeInclusion.includes(round.phase) ? [members] : [members, includedParticipants(round)];
}

/**
 * The round whose mask set, or whose inclusion set, is another after a move than it was once it was
 * fixed; or in which keys of an earlier round are used again: then two sums could be unmasked
 * (secagg.md §9.2).
 */
export function unfixedRound(before: JobState, after: JobState): number | undefined {
  const isChanged = after.rounds.findIndex((round, number) => {
    const fixed = before.rounds[number];
    if (fixed === undefined) return hasKeysOfBefore(after, number);
    // What a void round holds counts no more.
    return !isOver(round) && setsOf(fixed).some((set, i) => `${set}` !== `${setsOf(round)[i]}`);
  });
  return isChanged < 0 ? undefined : isChanged;
}

function hasKeysOfBefore({ rounds }: JobState, number: number): boolean {
  const used = new Set(rounds.slice(0, number).flatMap(keysIn));
  return keysIn(rounds[number]!).some((key) => used.has(key));
}

function keysIn({ masking }: Round): string[] {
  return Object.values(masking?.keys ?? {}).flatMap(({ mask, seal }) => [mask, seal]);
}

/**
 * The round that opened a sum over others than those of an earlier sum of its step: what the two
 * differ by would be an update, or the sum of few.
 */
export function differingSum(state: JobState): number | undefined {
  const isDiffering = state.rounds.findIndex((round, number) => {
    const before = isOpened(round) ? repeatedSet(state, number) : undefined;
    return before !== undefined && `${before}` !== `${includedParticipants(round)}`;
  });
  return isDiffering === -1 ? undefined : isDiffering;
}

/** Why a job that is over is not complete, although its creator did not end it: property 2. */
export function stoppedBy(state: JobState): string | undefined {
  if (isComplete(state) || state.ended) return undefined;
  const last = state.rounds.findLast(({ failure }) => failure !== undefined);
  return last?.failure?.reason ?? 'nothing';
}
