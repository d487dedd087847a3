/** Answers: their layout, each fault, and shares that are not right. */
import { concatBytes, fromHex, sha256, toHex, utf8 } from '@nonet/core';
import { describe, expect, test } from 'vitest';
import { addressOf, createSampleRound, joinMembers } from '../testing/aggregationRound.ts';
import { flipAt, replaceAt } from '../testing/lyingDealer.ts';
import { createSeededWords } from '../testing/seededWords.ts';
import { type Registration, verifyRegistration } from './registration.ts';
import { createReveal, hashAnswerSet, revealBytes, verifyReveal } from './reveal.ts';
import { u32Bytes } from './round.ts';

const participants = [0, 2, 3, 7, 9, 11];
// A threshold of 4; 11 does not register, 7 sends no message.
const sample = createSampleRound({ participants, percent: 50, words: createSeededWords(4) });
const { round } = sample;
const members = [0, 2, 3, 7, 9];
const included = new Set([0, 2, 3, 9]);
const set = { members, included };
const views = new Map(members.map((member) => [member, joinMembers(sample, member, members)]));
const registrations = new Map(
  members.map((member) => [
    member,
    verifyRegistration(round, member, sample.parties.get(member)!.registration) as Registration,
  ]),
);
const answer = createReveal(views.get(3)!, included);
const verify = (blob: Uint8Array, participant = 3) =>
  verifyReveal(round, set, registrations, participant, blob);

describe('an answer', () => {
  test('has the layout that the specification gives', () => {
    expect(answer).toHaveLength(256 + 32 * 5);
    expect(revealBytes(5)).toBe(answer.length);
    expect(new TextDecoder().decode(answer.subarray(0, 12))).toBe('nonet reveal');
    expect(toHex(answer.subarray(16, 48))).toBe(addressOf(1));
    expect(answer.subarray(48, 56)).toEqual(u32Bytes(7, 3));
    const states = Uint8Array.of(2, 2, 2, 1, 2, 0);
    const scope = concatBytes(fromHex(addressOf(1)), u32Bytes(7));
    const hash = sha256(concatBytes(utf8('nonet answer set\0'), scope, states));
    expect(answer.subarray(56, 88)).toEqual(hash);
    expect(hashAnswerSet(round, set)).toEqual(hash);
  });

  test('shows one share of each member: of the self seed if included, else of the mask secret', () => {
    const { shares } = views.get(3)!;
    for (const [k, dealer] of members.entries()) {
      const shown = answer.subarray(256 + 32 * k, 288 + 32 * k);
      const { selfSeed, maskSecret } = shares.get(dealer)!;
      expect(shown).toEqual(dealer === 7 ? maskSecret : selfSeed);
      expect(toHex(answer)).not.toContain(toHex(dealer === 7 ? selfSeed : maskSecret).slice(2));
    }
  });

  test('is right, and the same bytes each time', () => {
    expect(verify(answer)).toMatchObject({ participant: 3, wrong: [] });
    expect(createReveal(views.get(3)!, [9, 3, 2, 0])).toEqual(answer);
  });
});

describe('faults of an answer', () => {
  test.each([
    ['length', answer.subarray(1)],
    ['length', concatBytes(answer, new Uint8Array(32))],
    ['length', new Uint8Array()],
    ['malformed', flipAt(answer, 0)],
    ['malformed', flipAt(answer, 15)],
    ['malformed', flipAt(answer, 88)],
    ['malformed', flipAt(answer, 255)],
    ['job', flipAt(answer, 16)],
    ['job', flipAt(answer, 47)],
    ['round', flipAt(answer, 48)],
    ['round', flipAt(answer, 51)],
    ['participant', flipAt(answer, 52)],
    ['participant', flipAt(answer, 55)],
    ['set', flipAt(answer, 56)],
    ['set', flipAt(answer, 87)],
    ['participant', createReveal(views.get(2)!, included)],
    ['set', createReveal(views.get(3)!, members)],
  ])('%s', (fault, blob) => {
    expect(verify(blob)).toBe(fault);
  });

  test('the answer of another under its own number: its shares are for the other', () => {
    const copied = replaceAt(createReveal(views.get(2)!, included), 52, u32Bytes(3));
    expect(verify(copied)).toMatchObject({ wrong: members });
  });

  test('an answer of a candidate that is no member, or of a stranger', () => {
    expect(verify(replaceAt(answer, 52, u32Bytes(11)), 11)).toBe('participant');
    expect(verify(replaceAt(answer, 52, u32Bytes(5)), 5)).toBe('participant');
  });

  test('an answer of another round', () => {
    const other = createSampleRound({ participants, percent: 50, number: 8, words: createSeededWords(4) });
    expect(verify(createReveal(joinMembers(other, 3, members), included))).toBe('round');
  });

  test('each byte of a share that is turned is a wrong share, and the others stay', () => {
    for (let offset = 256; offset < answer.length; offset += 5) {
      const dealer = members[Math.floor((offset - 256) / 32)]!;
      const verified = verify(flipAt(answer, offset));
      expect(verified).toMatchObject({ wrong: [dealer] });
      const { shares } = verified as Exclude<typeof verified, string>;
      expect([...shares.keys()]).toEqual(members.filter((member) => member !== dealer));
    }
  });

  test('a share of the other secret is a wrong share', () => {
    const { selfSeed } = views.get(3)!.shares.get(7)!;
    expect(verify(replaceAt(answer, 256 + 32 * 3, selfSeed))).toMatchObject({ wrong: [7] });
  });
});

describe('no answer is made for', () => {
  test.each([
    ['fewer than the threshold', [0, 2, 3]],
    ['a set with a candidate that is no member', [0, 2, 3, 11]],
    ['a set with a stranger', [0, 2, 3, 9, 5]],
    ['nothing', []],
    ['one participant many times', [0, 0, 0, 0, 0]],
  ])('%s', (_, set) => {
    expect(() => createReveal(views.get(3)!, set)).toThrow(
      expect.objectContaining({ code: 'secagg.included' }),
    );
  });
});
