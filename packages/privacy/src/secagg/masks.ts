/**
 * Masks: the keystream of a seed as words that are added modulo 2^32. docs/specs/secagg.md §5.
 * Entry e is word e mod 16 of block floor(e / 16), so that one entry costs one block of ChaCha20,
 * whichever it is. Typed arrays are little-endian on every platform that Nonet runs on.
 */
import { concatBytes, utf8 } from '@nonet/core';
import { createKeystream, deriveKey } from '#primitives';
import type { KeyAgreement } from './primitives.ts';
import { type AggregationRound, type Candidate, u32Bytes } from './round.ts';

/** 64 KiB stay in the cache between the cipher and the sum. */
const entriesAtOnce = 16384;
const entriesPerBlock = 16;

/** Adds the mask of a seed of 32 bytes to `target`, or subtracts it. */
export function addMask(target: Uint32Array, seed: Uint8Array, sign: 1 | -1): void {
  const keystream = createKeystream(seed);
  for (let start = 0; start < target.length; start += entriesAtOnce) {
    const part = target.subarray(start, start + entriesAtOnce);
    const length = entriesPerBlock * Math.ceil(part.length / entriesPerBlock);
    const bytes = keystream.next(4 * length);
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, length);
    // Two loops, because a product in one costs as much as the cipher.
    if (sign === 1) for (let e = 0; e < part.length; e++) part[e]! += words[e]!;
    else for (let e = 0; e < part.length; e++) part[e]! -= words[e]!;
  }
}

const noSalt = new Uint8Array(32);

/** Step 5.1: the seed that two participants share, from the mask key of either. */
export function derivePairSeed(
  round: AggregationRound,
  participant: number,
  mask: KeyAgreement,
  other: Candidate,
): Uint8Array {
  const numbers = [participant, other.participant].sort((a, b) => a - b);
  const info = concatBytes(utf8('nonet pair seed\0'), round.scope, u32Bytes(...numbers));
  return deriveKey(mask.agree(other.maskKey), noSalt, info);
}

/** Step 5.3: how the mask that `participant` shares with `other` enters its message. */
export const maskSign = (participant: number, other: number): 1 | -1 => (other > participant ? 1 : -1);

/**
 * One entry of the mask of a seed, in 0 .. 2^32 - 1: a block of ChaCha20, as a contract computes it
 * (step 5.2). For judging one entry of a sum; `entry` is at most 2^36 - 1.
 */
export function maskEntry(seed: Uint8Array, entry: number): number {
  const state = new Uint32Array(16);
  state.set(chachaConstants);
  state.set(new Uint32Array(new Uint8Array(seed).buffer), 4);
  state[12] = Math.floor(entry / entriesPerBlock);
  const word = entry % entriesPerBlock;
  return (chachaBlock(state)[word]! + state[word]!) >>> 0;
}

/** "expand 32-byte k" (RFC 8439 §2.3). */
const chachaConstants = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574];

/** Ten double rounds (RFC 8439 §2.3). */
function chachaBlock(state: Uint32Array): Uint32Array {
  const x = state.slice();
  const mix = (a: number, b: number, d: number, bits: number) => {
    x[a]! += x[b]!;
    const turned = x[d]! ^ x[a]!;
    x[d] = (turned << bits) | (turned >>> (32 - bits));
  };
  const quarterRound = (a: number, b: number, c: number, d: number) => {
    mix(a, b, d, 16);
    mix(c, d, b, 12);
    mix(a, b, d, 8);
    mix(c, d, b, 7);
  };
  for (let round = 0; round < 10; round++) {
    for (let k = 0; k < 4; k++) quarterRound(k, k + 4, k + 8, k + 12);
    for (let k = 0; k < 4; k++) quarterRound(k, 4 + ((k + 1) % 4), 8 + ((k + 2) % 4), 12 + ((k + 3) % 4));
  }
  return x;
}
