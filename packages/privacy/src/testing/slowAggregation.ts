/**
 * The slow, obvious twin of masking and unmasking: one entry at a time, in BigInt, from the paper's
 * formulas. Only the cipher's block and the seeds are shared with what it is compared to.
 */
import { maskEntry } from '../secagg/masks.ts';
import type { Membership } from '../secagg/membership.ts';

const modulus = 2n ** 32n;
const masked = (seed: Uint8Array, entry: number) => BigInt(maskEntry(seed, entry));
const reduce = (value: bigint) => ((value % modulus) + modulus) % modulus;

/** Step 5.3: y_i at one entry, in 0 .. 2^32 - 1. */
export function maskOneEntry(
  { participant, members, pairSeeds }: Membership,
  selfSeed: Uint8Array,
  value: number,
  entry: number,
): bigint {
  let y = BigInt(value) + masked(selfSeed, entry);
  for (const j of members) {
    if (j > participant) y += masked(pairSeeds.get(j)!, entry);
    if (j < participant) y -= masked(pairSeeds.get(j)!, entry);
  }
  return reduce(y);
}

/**
 * Step 7.4 at one entry: the sum of the included, as a signed integer, from their masked entries,
 * their self seeds, and what they share with the absent.
 */
export function unmaskOneEntry(
  included: ReadonlyMap<number, { readonly y: bigint; readonly selfSeed: Uint8Array }>,
  absent: readonly number[],
  pairSeedOf: (included: number, absent: number) => Uint8Array,
  entry: number,
): bigint {
  let sum = 0n;
  for (const [i, { y, selfSeed }] of included) {
    sum += y - masked(selfSeed, entry);
    for (const j of absent) {
      if (j > i) sum -= masked(pairSeedOf(i, j), entry);
      if (j < i) sum += masked(pairSeedOf(i, j), entry);
    }
  }
  return BigInt.asIntN(32, reduce(sum));
}
