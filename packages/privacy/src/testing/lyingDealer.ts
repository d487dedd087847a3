/**
 * Registrations as a dealer that lies would make them, for tests: fields are found by the layout of
 * docs/specs/secagg.md §4.1 as it is written there, and boxes are sealed anew.
 */
import { concatBytes, sha256, utf8 } from '@nonet/core';
import { createKeyAgreement, deriveKey, seal } from '#primitives';
import { type AggregationRound, u32Bytes } from '../secagg/round.ts';
import { drawSecret } from '../secagg/shamir.ts';

/** Where the fields of candidate `k` are in a registration of a round of `count`. */
export function fieldsOf(count: number, k: number) {
  const shares = 256 + 256 * Math.ceil(count / 8);
  const boxes = shares + 256 * Math.ceil(count / 4);
  return {
    pair: 256 + 32 * k,
    selfShare: shares + 64 * k,
    maskShare: shares + 64 * k + 32,
    box: boxes + 256 * Math.floor(k / 3) + 80 * (k % 3),
    length: boxes + 256 * Math.ceil(count / 3),
  };
}

/** A copy with `bytes` at `offset`. */
export function replaceAt(blob: Uint8Array, offset: number, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const changed = new Uint8Array(blob);
  changed.set(bytes, offset);
  return changed;
}

/** A copy with one bit of a byte turned. */
export const flipAt = (blob: Uint8Array, offset: number, bit = 1): Uint8Array<ArrayBuffer> =>
  replaceAt(blob, offset, Uint8Array.of(blob[offset]! ^ bit));

/** Both shares for a candidate: of the self seed and of the mask secret. */
export type SharePair = readonly [Uint8Array, Uint8Array];

/** What the dealer seals for the candidate at an index, and what it commits to. */
export interface Deal {
  readonly sealed: (k: number) => SharePair;
  readonly committed?: (k: number) => SharePair;
  /** Instead of a fresh one. */
  readonly ephemeralSecret?: Uint8Array;
}

/** A registration of `dealer` with other shares in it, from the good one. */
export function dealAnew(
  round: AggregationRound,
  dealer: number,
  blob: Uint8Array,
  { sealed, committed = sealed, ephemeralSecret = drawSecret() }: Deal,
): Uint8Array<ArrayBuffer> {
  const ephemeral = createKeyAgreement(ephemeralSecret);
  const dealt = replaceAt(blob, 56, ephemeral.publicKey);
  for (const [k, { participant: holder, sealKey }] of round.candidates.entries()) {
    const { selfShare, maskShare, box } = fieldsOf(round.candidates.length, k);
    for (const [s, offset] of [selfShare, maskShare].entries()) {
      const named = concatBytes(utf8('nonet share\0'), round.scope, u32Bytes(s, dealer, holder));
      dealt.set(sha256(concatBytes(named, committed(k)[s]!)), offset);
    }
    const associated = concatBytes(round.scope, u32Bytes(dealer, holder));
    const info = concatBytes(utf8('nonet box\0'), associated);
    const key = deriveKey(ephemeral.agree(sealKey), new Uint8Array(32), info);
    dealt.set(seal(key, associated, concatBytes(...sealed(k))), box);
  }
  return dealt;
}
