/** Masks: added words against single entries, and their place in a message. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createKeyAgreement } from '#primitives';
import { addressOf } from '../testing/aggregationRound.ts';
import { createSeededWords } from '../testing/seededWords.ts';
import { addMask, derivePairSeed, maskEntry, maskSign } from './masks.ts';
import { candidateOf, createAggregationRound, drawRoundSecrets } from './round.ts';

test('an entry of the mask is a word of RFC 8439 A.1', () => {
  const key = new Uint8Array(32);
  expect(maskEntry(key, 0)).toBe(0xade0b876);
  expect(maskEntry(Buffer.from(key), 0)).toBe(0xade0b876);
  expect(maskEntry(key, 15)).toBe(0x8665eeb2);
  expect(maskEntry(key, 16)).toBe(0xbee7079f);
  expect(maskEntry(key, 31)).toBe(0x6f4d794b);
});

test('a mask is added and subtracted modulo 2^32, whatever the length', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.constantFrom(1, 15, 16, 17, 16383, 16384, 16385, 40000),
      (seed, length) => {
        const target = Uint32Array.from({ length }, (_, e) => 2 ** 32 - e);
        const before = target.slice();
        addMask(target, seed, 1);
        for (const e of [0, 1, 15, 16, 16383, 16384, length - 1].filter((each) => each < length)) {
          expect(target[e]).toBe((before[e]! + maskEntry(seed, e)) % 2 ** 32);
        }
        addMask(target, seed, -1);
        expect(target).toEqual(before);
      },
    ),
    { numRuns: 24 },
  );
});

describe('pair seeds', () => {
  const secrets = [1, 2, 3].map((seed) => drawRoundSecrets(createSeededWords(seed)));
  const candidates = secrets.map((own, k) => candidateOf(k, own));
  const roundOf = (job: number, round: number) =>
    createAggregationRound({ job: addressOf(job), round, candidates, percent: 66 });
  const seedOf = (round: ReturnType<typeof roundOf>, a: number, b: number) =>
    derivePairSeed(round, a, createKeyAgreement(secrets[a]!.maskSecret), candidates[b]!);

  test('are the same for both, and for no other pair, round or job', () => {
    const round = roundOf(1, 1);
    expect(seedOf(round, 0, 1)).toEqual(seedOf(round, 1, 0));
    const others = [seedOf(round, 0, 2), seedOf(roundOf(1, 2), 0, 1), seedOf(roundOf(2, 1), 0, 1)];
    for (const other of others) expect(other).not.toEqual(seedOf(round, 0, 1));
  });

  test('enter both messages with opposite signs', () => {
    expect(maskSign(3, 5)).toBe(1);
    expect(maskSign(5, 3)).toBe(-1);
  });
});
