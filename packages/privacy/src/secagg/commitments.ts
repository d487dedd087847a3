/**
 * What a registration binds its sender to: SHA-256 of a secret with what it is and whose.
 * docs/specs/secagg.md §4.2. Seeds and shares have 256 bits of entropy, so their hashes hide them
 * without a salt.
 */
import { concatBytes, sha256, utf8 } from '@nonet/core';
import { type AggregationRound, u32Bytes } from './round.ts';

/** The two secrets that a participant shares. */
export type SharedSecret = 'selfSeed' | 'maskSecret';

/** In the order in which shares are sealed and hashed. */
export const sharedSecrets: readonly SharedSecret[] = ['selfSeed', 'maskSecret'];

/** Both sides of a pair commit to the same value. */
export function commitPairSeed(round: AggregationRound, a: number, b: number, seed: Uint8Array): Uint8Array {
  return commit('nonet pair\0', round, [Math.min(a, b), Math.max(a, b)], seed);
}

/** To a participant's self seed. */
export function commitSelfSeed(round: AggregationRound, participant: number, seed: Uint8Array): Uint8Array {
  return commit('nonet self\0', round, [participant], seed);
}

/** To the share of one of the dealer's secrets that a candidate gets. */
export function commitShare(
  round: AggregationRound,
  secret: SharedSecret,
  dealer: number,
  holder: number,
  share: Uint8Array,
): Uint8Array {
  return commit('nonet share\0', round, [sharedSecrets.indexOf(secret), dealer, holder], share);
}

function commit(domain: string, round: AggregationRound, numbers: readonly number[], secret: Uint8Array) {
  return sha256(concatBytes(utf8(domain), round.scope, u32Bytes(...numbers), secret));
}
