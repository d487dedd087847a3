/** Outcomes of unmasking: what is missing, who lied, and what is left out on the way to the sum. */
import { equalBytes, toHex } from '@nonet/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createSampleRound,
  playRound,
  registrationsOf,
  type SampleRound,
} from '../testing/aggregationRound.ts';
import { type Deal, dealAnew, fieldsOf, flipAt, replaceAt } from '../testing/lyingDealer.ts';
import { createSeededWords } from '../testing/seededWords.ts';
import { commitPairSeed, commitSelfSeed } from './commitments.ts';
import { maskEntry } from './masks.ts';
import { openRegistrations } from './membership.ts';
import { dealShares, drawSecret } from './shamir.ts';
import { createMaskedSum, recoverMasks, unmaskSum } from './unmask.ts';

const participants = [0, 1, 2, 3, 4, 5];
const points = participants.map((participant) => participant + 1);
// A threshold of 4.
const sample = createSampleRound({ participants, percent: 50, words: createSeededWords(6) });
const { round } = sample;
const included = [0, 1, 2, 3, 4];
const vectorOf = (participant: number) => Int32Array.of(participant, -participant, 2 ** 20);
const expectedSum = Int32Array.of(10, -10, 5 * 2 ** 20);

/** The sample, with the registration of one party replaced. */
function withRegistration(participant: number, registration: Uint8Array<ArrayBuffer>): SampleRound {
  const party = { ...sample.parties.get(participant)!, registration };
  return { round, parties: new Map(sample.parties).set(participant, party) };
}

/** What the answers of `answering` come to. */
function recover(of: SampleRound, answering = participants, summed = included) {
  const { answers } = playRound(of, { members: participants, included: summed, answering }, vectorOf);
  return recoverMasks(round, registrationsOf(of, participants), summed, answers);
}

const good = playRound(sample, { members: participants, included, answering: participants }, vectorOf);
const registrations = registrationsOf(sample, participants);

function sumOf(answers: ReadonlyMap<number, Uint8Array>) {
  const recovery = recoverMasks(round, registrations, included, answers);
  if (recovery.outcome !== 'recovered') return recovery;
  const masked = createMaskedSum(3);
  for (const [participant, message] of good.messages) masked.add(participant, message);
  return { faults: recovery.faults, sum: unmaskSum(masked, recovery) };
}

const only = (answering: readonly number[], from = good.answers) =>
  new Map(answering.map((participant) => [participant, from.get(participant)!]));

describe('answers', () => {
  test('of any threshold of members give the sum', () => {
    for (const answering of [participants, [0, 1, 2, 3], [2, 3, 4, 5], [5, 1, 4, 0]]) {
      expect(sumOf(only(answering))).toEqual({ sum: expectedSum, faults: [] });
    }
  });

  test('that are too few: which secrets lack how many', () => {
    expect(sumOf(only([1, 5]))).toEqual({
      outcome: 'missing',
      faults: [],
      missing: participants.map((participant) => ({
        participant,
        secret: participant === 5 ? 'maskSecret' : 'selfSeed',
        lacking: 2,
      })),
    });
    expect(sumOf(new Map())).toMatchObject({ outcome: 'missing' });
  });

  test('of liars are left out, with what they did', () => {
    const answers = new Map(good.answers);
    answers.set(0, flipAt(answers.get(0)!, 256 + 32 * 2));
    answers.set(5, answers.get(4)!);
    expect(sumOf(answers)).toEqual({
      sum: expectedSum,
      faults: [
        { participant: 0, fault: 'share', dealer: 2 },
        { participant: 5, fault: 'participant' },
      ],
    });
  });

  test('with wrong shares, of which too few right ones are left', () => {
    const answers = only([0, 1, 2, 3]);
    answers.set(3, flipAt(answers.get(3)!, 256 + 32 * 5 + 31));
    expect(sumOf(answers)).toEqual({
      outcome: 'missing',
      missing: [{ participant: 5, secret: 'maskSecret', lacking: 1 }],
      faults: [{ participant: 3, fault: 'share', dealer: 5 }],
    });
  });

  test('of strangers, and of any bytes, are faults and no errors', () => {
    const answers = new Map(good.answers);
    answers.set(99, answers.get(0)!);
    answers.set(1, new Uint8Array(0));
    answers.set(2, new Uint8Array(256 + 32 * 6).fill(255));
    expect(sumOf(answers)).toEqual({
      sum: expectedSum,
      faults: [
        { participant: 1, fault: 'length' },
        { participant: 2, fault: 'malformed' },
        { participant: 99, fault: 'participant' },
      ],
    });
  });
});

describe('a dealer that', () => {
  const party = sample.parties.get(1)!;
  const shares = [party.selfSeed, party.secrets.maskSecret].map((secret) =>
    dealShares(secret, round.threshold, points),
  );
  const deal = (change: Partial<Record<0 | 1, readonly Uint8Array[]>>): Deal => ({
    sealed: (k) => [(change[0] ?? shares[0]!)[k]!, (change[1] ?? shares[1]!)[k]!],
  });
  const dealing = (change: Parameters<typeof deal>[0]) =>
    withRegistration(1, dealAnew(round, 1, party.registration, deal(change)));
  const random = participants.map(() => drawSecret());
  const others = participants.filter((participant) => participant !== 1);

  test('deals right is none', () => {
    expect(recover(dealing({}))).toMatchObject({ outcome: 'recovered' });
  });

  test.each([
    ['random shares', random],
    ['shares of another secret', dealShares(drawSecret(), round.threshold, points)],
    ['a polynomial of one degree more', dealShares(party.selfSeed, round.threshold + 1, points)],
  ])('commits to %s of its self seed', (_, wrong) => {
    expect(recover(dealing({ 0: wrong }))).toEqual({
      outcome: 'liars',
      lies: [{ participant: 1, lie: 'selfSeed', shownBy: [0, 1, 2, 3] }],
      faults: [],
    });
    // Absent, its self seed is not asked for.
    expect(recover(dealing({ 0: wrong }), participants, others)).toMatchObject({ outcome: 'recovered' });
  });

  test.each([
    ['random shares', random],
    ['shares of another secret', dealShares(drawSecret(), round.threshold, points)],
    ['a polynomial of one degree more', dealShares(party.secrets.maskSecret, round.threshold + 1, points)],
  ])('commits to %s of its mask secret', (_, wrong) => {
    expect(recover(dealing({ 1: wrong }), [0, 3, 4, 5, 2], others)).toEqual({
      outcome: 'liars',
      lies: [{ participant: 1, lie: 'maskSecret', shownBy: [0, 3, 4, 5] }],
      faults: [],
    });
    expect(recover(dealing({ 1: wrong }))).toMatchObject({ outcome: 'recovered' });
  });

  test('has shares right for some members only: a secret that passes its check is right', () => {
    const mixed = shares[0]!.map((share, k) => (k < 2 ? random[k]! : share));
    expect(recover(dealing({ 0: mixed }), [2, 3, 4, 5])).toMatchObject({ outcome: 'recovered' });
    expect(recover(dealing({ 0: mixed }))).toMatchObject({ outcome: 'liars' });
  });

  test('commits to another self seed than it shares', () => {
    const other = commitSelfSeed(round, 1, drawSecret());
    const lying = withRegistration(1, replaceAt(party.registration, 88, other));
    const { answers } = good;
    expect(recoverMasks(round, registrationsOf(lying, participants), included, answers)).toMatchObject({
      outcome: 'liars',
      lies: [{ participant: 1, lie: 'selfSeed' }],
    });
  });

  test.each([1, 5])('commits to another pair seed: participant %i of 1 and 5', (liar) => {
    // Neither complained, 1 is included and 5 is absent.
    const honest = liar === 1 ? 5 : 1;
    const { registration } = sample.parties.get(liar)!;
    const wrong = commitPairSeed(round, 1, 5, drawSecret());
    const lying = withRegistration(liar, replaceAt(registration, fieldsOf(6, honest).pair, wrong));
    expect(recoverMasks(round, registrationsOf(lying, participants), included, good.answers)).toEqual({
      outcome: 'liars',
      lies: [{ participant: liar, lie: 'pairSeed', shownBy: [honest] }],
      faults: [],
    });
    // Of two that are both included the commitment does not matter: their masks cancel.
    const both = playRound(
      sample,
      { members: participants, included: participants, answering: participants },
      vectorOf,
    );
    expect(
      recoverMasks(round, registrationsOf(lying, participants), participants, both.answers),
    ).toMatchObject({ outcome: 'recovered' });
  });

  test('has a registration with a fault by itself', () => {
    const lying = withRegistration(4, flipAt(sample.parties.get(4)!.registration, 184));
    const short = withRegistration(4, new Uint8Array(7));
    for (const [of, lie] of [
      [lying, 'padding'],
      [short, 'length'],
    ] as const) {
      expect(recoverMasks(round, registrationsOf(of, participants), included, good.answers)).toEqual({
        outcome: 'liars',
        lies: [{ participant: 4, lie, shownBy: [] }],
        faults: [],
      });
    }
  });
});

describe('any bytes', () => {
  const piece = (length: number) =>
    fc
      .tuple(fc.nat(length - 1), fc.uint8Array({ minLength: 1, maxLength: 100 }))
      .map(([offset, bytes]) => ({ offset, bytes: bytes.subarray(0, length - offset) }));
  const [registration, answer] = [registrations.get(1)!, good.answers.get(1)!];

  test('in a registration come to complaints or to an outcome', () => {
    fc.assert(
      fc.property(piece(registration.length), ({ offset, bytes }) => {
        const changed = withRegistration(1, replaceAt(registration, offset, bytes));
        const given = registrationsOf(changed, participants);
        const { secrets } = sample.parties.get(0)!;
        const { complaints } = openRegistrations(round, 0, secrets, participants, given);
        expect(complaints.map(({ participant }) => participant)).toEqual(complaints.length === 0 ? [] : [1]);
        const { outcome } = recoverMasks(round, given, included, good.answers);
        expect(['recovered', 'missing', 'liars']).toContain(outcome);
      }),
      { numRuns: 100 },
    );
  });

  test('in an answer come to its faults, and the sum is the same', () => {
    fc.assert(
      fc.property(piece(answer.length), ({ offset, bytes }) => {
        const changed = replaceAt(answer, offset, bytes);
        const recovery = sumOf(new Map(good.answers).set(1, changed));
        expect(recovery).toMatchObject({ sum: expectedSum });
        expect(recovery.faults.every(({ participant }) => participant === 1)).toBe(true);
        // Zeros stand for no share, and blame nobody.
        const isWithheld = bytes.length >= 32 && bytes.filter((byte) => byte === 0).length >= 32;
        if (!isWithheld) expect(recovery.faults.length > 0).toBe(!equalBytes(changed, answer));
      }),
      { numRuns: 100 },
    );
  });
});

describe('sums of messages', () => {
  test('take each message once, of the right length', () => {
    const masked = createMaskedSum(3);
    expect(masked.add(0, new Uint8Array(11))).toBe(false);
    expect(masked.add(0, new Uint8Array(13))).toBe(false);
    expect(masked.add(0, new Uint8Array(0))).toBe(false);
    expect(masked.added.size).toBe(0);
    expect(masked.add(0, good.messages.get(0)!)).toBe(true);
    expect(() => masked.add(0, good.messages.get(0)!)).toThrow(
      expect.objectContaining({ code: 'secagg.added' }),
    );
  });

  test('take messages that begin anywhere', () => {
    const shifted = new Uint8Array(13);
    shifted.set(good.messages.get(0)!, 1);
    const [a, b] = [createMaskedSum(3), createMaskedSum(3)];
    a.add(0, good.messages.get(0)!);
    b.add(0, shifted.subarray(1));
    expect(b.words).toEqual(a.words);
    // The slice of a Buffer would begin where it did.
    const c = createMaskedSum(3);
    c.add(0, Buffer.from(shifted.buffer, 1));
    expect(c.words).toEqual(a.words);
  });

  test('are unmasked for the set that they are of', () => {
    const recovery = recoverMasks(round, registrations, included, good.answers);
    if (recovery.outcome !== 'recovered') throw new Error(recovery.outcome);
    for (const wrong of [[0, 1, 2, 3], [0, 1, 2, 3, 5], participants]) {
      const masked = createMaskedSum(3);
      for (const participant of wrong) masked.add(participant, good.messages.get(0)!);
      expect(() => unmaskSum(masked, recovery)).toThrow(expect.objectContaining({ code: 'secagg.included' }));
    }
    expect(() => recoverMasks(round, registrations, [0, 1, 2, 9], good.answers)).toThrow(
      expect.objectContaining({ code: 'secagg.included' }),
    );
  });

  test('are judged entry by entry from the masks that were recovered', () => {
    const recovery = recoverMasks(round, registrations, included, good.answers);
    if (recovery.outcome !== 'recovered') throw new Error(recovery.outcome);
    expect(recovery.masks).toHaveLength(included.length * 2);
    for (const e of [0, 1, 2]) {
      const messages = [...good.messages.values()].map((bytes) =>
        new DataView(bytes.buffer).getUint32(4 * e, true),
      );
      const masks = recovery.masks.map(({ seed, sign }) => sign * maskEntry(seed, e));
      const total = [...messages, ...masks].reduce((sum, term) => sum + term, 0);
      expect(Number(BigInt.asIntN(32, BigInt(total)))).toBe(expectedSum[e]);
    }
    const ofFive = recovery.masks.filter(({ absent }) => absent === 5).map(({ participant }) => participant);
    expect(ofFive).toEqual(included);
    expect(new Set(recovery.masks.map(({ seed }) => toHex(seed))).size).toBe(10);
  });
});
