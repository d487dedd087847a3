/**
 * What the rules of secure aggregation keep from happening: each attack works on the bytes of a
 * party that broke one rule, and fails on those of one that kept it. docs/specs/secagg.md §9.
 */
import { concatBytes, utf8 } from '@nonet/core';
import { describe, expect, test } from 'vitest';
import { createKeyAgreement, deriveKey, open } from '#primitives';
import { createSampleRound, joinMembers, playRound, registrationsOf } from '../testing/aggregationRound.ts';
import { dealAnew, fieldsOf } from '../testing/lyingDealer.ts';
import { createSeededWords } from '../testing/seededWords.ts';
import { addMask, derivePairSeed, maskSign } from './masks.ts';
import { type Membership, maskVector } from './membership.ts';
import { createReveal } from './reveal.ts';
import { u32Bytes } from './round.ts';
import { dealShares, lagrangeAtZero, recoverSecret } from './shamir.ts';
import { createMaskedSum, recoverMasks, unmaskSum } from './unmask.ts';

const participants = [0, 1, 2, 3, 4];
const sample = createSampleRound({ participants, percent: 50, words: createSeededWords(9) });
const { round, parties } = sample;
const registrations = registrationsOf(sample, participants);
const secretVector = Int32Array.of(31, -4, 15926);
const vectorOf = (participant: number) =>
  participant === 2 ? secretVector : new Int32Array(3).fill(100 * participant);
const views = new Map(participants.map((member) => [member, joinMembers(sample, member, participants)]));
const messages = new Map(
  participants.map((member) => {
    const { selfSeed } = parties.get(member)!;
    return [member, maskVector(views.get(member)!, selfSeed, vectorOf(member))];
  }),
);

/** A secret of `dealer` from the shares that `holders` show. */
function recoverFrom(holders: readonly Membership[], dealer: number, secret: 'selfSeed' | 'maskSecret') {
  const coefficients = lagrangeAtZero(holders.map(({ participant }) => participant + 1));
  const values = holders.map(({ shares }) => shares.get(dealer)![secret]);
  return recoverSecret(coefficients, values);
}

/** The vector in a message whose self seed and mask secret are known. */
function unmaskAlone(victim: number, message: Uint8Array, selfSeed: Uint8Array, maskSecret: Uint8Array) {
  const words = new Uint32Array(message.slice().buffer);
  addMask(words, selfSeed, -1);
  const mask = createKeyAgreement(maskSecret);
  for (const other of round.candidates) {
    if (other.participant === victim) continue;
    const seed = derivePairSeed(round, victim, mask, other);
    addMask(words, seed, maskSign(victim, other.participant) === 1 ? -1 : 1);
  }
  return new Int32Array(words.buffer);
}

describe('both secrets of one party', () => {
  const three = [0, 1, 3].map((member) => views.get(member)!);

  test('recover its vector, from a threshold of members that show them', () => {
    const selfSeed = recoverFrom(three, 2, 'selfSeed');
    const maskSecret = recoverFrom(three, 2, 'maskSecret');
    expect(unmaskAlone(2, messages.get(2)!, selfSeed, maskSecret)).toEqual(secretVector);
  });

  test('are not known from one member fewer', () => {
    const two = three.slice(1);
    const [selfSeed, maskSecret] = [recoverFrom(two, 2, 'selfSeed'), recoverFrom(two, 2, 'maskSecret')];
    expect(unmaskAlone(2, messages.get(2)!, selfSeed, maskSecret)).not.toEqual(secretVector);
  });

  test('are never in one answer: a late message stays masked by its self seed', () => {
    // 2 is absent, and its message is known all the same.
    const maskSecret = recoverFrom(three, 2, 'maskSecret');
    const other = parties.get(3)!.selfSeed;
    expect(unmaskAlone(2, messages.get(2)!, other, maskSecret)).not.toEqual(secretVector);
  });
});

describe('two sets answered in one round', () => {
  const sumFor = (included: readonly number[]) => {
    const answers = new Map([0, 1, 3].map((member) => [member, createReveal(views.get(member)!, included)]));
    const masked = createMaskedSum(3);
    for (const member of included) masked.add(member, messages.get(member)!);
    const recovery = recoverMasks(round, registrations, included, answers);
    if (recovery.outcome !== 'recovered') throw new Error(recovery.outcome);
    return unmaskSum(masked, recovery);
  };

  test('open the difference of their sums', () => {
    const [all, without] = [sumFor(participants), sumFor([0, 1, 3, 4])];
    expect(all.map((entry, e) => entry - without[e]!)).toEqual(secretVector);
  });

  test('take two answers of each: those for one set do not serve another', () => {
    const answers = new Map(
      participants.map((member) => [member, createReveal(views.get(member)!, participants)]),
    );
    expect(recoverMasks(round, registrations, [0, 1, 3, 4], answers)).toMatchObject({
      outcome: 'missing',
      faults: participants.map((participant) => ({ participant, fault: 'set' })),
    });
  });
});

describe('a mask secret that is revealed', () => {
  const { selfSeed, secrets, registration } = parties.get(2)!;
  const points = participants.map((participant) => participant + 1);
  const shares = [selfSeed, secrets.maskSecret].map((secret) => dealShares(secret, round.threshold, points));

  /** Opens all boxes of 2 with a secret, as anyone could who knows it. */
  function openBoxes(blob: Uint8Array, secret: Uint8Array) {
    const agreement = createKeyAgreement(secret);
    return round.candidates.map(({ participant: holder, sealKey }, k) => {
      const associated = concatBytes(round.scope, u32Bytes(2, holder));
      const info = concatBytes(utf8('nonet box\0'), associated);
      const { box } = fieldsOf(5, k);
      const key = deriveKey(agreement.agree(sealKey), new Uint8Array(32), info);
      return open(key, associated, blob.subarray(box, box + 80));
    });
  }

  test('opens both secrets of a party that sealed with its mask key, and so its vector', () => {
    const flawed = dealAnew(round, 2, registration, {
      sealed: (k) => [shares[0]![k]!, shares[1]![k]!],
      ephemeralSecret: secrets.maskSecret,
    });
    const revealed = recoverFrom(
      [0, 1, 3].map((member) => views.get(member)!),
      2,
      'maskSecret',
    );
    const opened = openBoxes(flawed, revealed).map((box) => box!.subarray(0, 32));
    const stolen = recoverSecret(lagrangeAtZero(points.slice(0, 3)), opened.slice(0, 3));
    expect(unmaskAlone(2, messages.get(2)!, stolen, revealed)).toEqual(secretVector);
  });

  test('opens nothing of one that drew a key for sealing', () => {
    expect(openBoxes(registration, secrets.maskSecret).every((box) => box === undefined)).toBe(true);
  });

  test('opens no box that others sealed for its party: seal keys are other keys', () => {
    for (const [k, { participant: dealer }] of round.candidates.entries()) {
      const blob = parties.get(dealer)!.registration;
      const associated = concatBytes(round.scope, u32Bytes(dealer, 2));
      const info = concatBytes(utf8('nonet box\0'), associated);
      const { box } = fieldsOf(5, 2);
      const openWith = (secret: Uint8Array) => {
        const shared = createKeyAgreement(secret).agree(blob.subarray(56, 88));
        const key = deriveKey(shared, new Uint8Array(32), info);
        return open(key, associated, blob.subarray(box, box + 80));
      };
      expect([k, openWith(secrets.maskSecret)]).toEqual([k, undefined]);
      expect(openWith(secrets.sealSecret)).toHaveLength(64);
    }
  });
});

test('two vectors under the masks of one round show their difference', () => {
  const second = maskVector(views.get(2)!, parties.get(2)!.selfSeed, Int32Array.of(0, 0, 0));
  const first = new Int32Array(messages.get(2)!.slice().buffer);
  const other = new Int32Array(second.buffer);
  expect(first.map((entry, e) => entry - other[e]!)).toEqual(secretVector);
});

test('a message that copies another adds nothing that is known', () => {
  const included = [0, 1, 2, 3];
  const { answers } = playRound(
    sample,
    { members: participants, included, answering: participants },
    vectorOf,
  );
  const masked = createMaskedSum(3);
  for (const member of included) masked.add(member, messages.get(member === 3 ? 2 : member)!);
  const recovery = recoverMasks(round, registrations, included, answers);
  if (recovery.outcome !== 'recovered') throw new Error(recovery.outcome);
  const doubled = [0, 1, 2, 2].map(vectorOf).reduce((sum, x) => sum.map((entry, e) => entry + x[e]!));
  const sum = unmaskSum(masked, recovery);
  for (const [e, entry] of sum.entries()) expect(entry).not.toBe(doubled[e]);
});
