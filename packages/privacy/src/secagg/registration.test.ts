/** Registrations: their layout, each fault, and what their readers complain of. */
import { concatBytes, fromHex, sha256, toHex, utf8 } from '@nonet/core';
import { describe, expect, test } from 'vitest';
import { createKeyAgreement } from '#primitives';
import {
  addressOf,
  createSampleRound,
  joinMembers,
  registrationsOf,
  type SampleRound,
} from '../testing/aggregationRound.ts';
import { dealAnew, fieldsOf, flipAt, replaceAt } from '../testing/lyingDealer.ts';
import { createSeededWords } from '../testing/seededWords.ts';
import { maskVector, openRegistrations } from './membership.ts';
import { createRegistration, registrationBytes, verifyRegistration } from './registration.ts';
import { createReveal } from './reveal.ts';
import { candidateOf, createAggregationRound, drawRoundSecrets, thresholdOf, u32Bytes } from './round.ts';
import { dealShares } from './shamir.ts';
import { createMaskedSum, recoverMasks, unmaskSum } from './unmask.ts';

const participants = [0, 2, 3, 7, 9];
const sample = createSampleRound({ participants, words: createSeededWords(1) });
const { round } = sample;
const count = participants.length;
const dealer = 3;
const own = participants.indexOf(dealer);
const good = sample.parties.get(dealer)!.registration;

/** What `member` says of the registrations, that of the dealer replaced. */
function complaintsOf(member: number, blob: Uint8Array) {
  const registrations = registrationsOf(sample, participants).set(dealer, blob);
  const { secrets } = sample.parties.get(member)!;
  return openRegistrations(round, member, secrets, participants, registrations).complaints;
}

const fault = (blob: Uint8Array, participant = dealer) => {
  const verified = verifyRegistration(round, participant, blob);
  return typeof verified === 'string' ? verified : undefined;
};

describe('a registration', () => {
  test('has the layout that the specification gives', () => {
    expect(registrationBytes(5)).toBe(fieldsOf(5, 0).length);
    expect(registrationBytes(50)).toBe(9728);
    expect(registrationBytes(200)).toBe(36_608);
    expect(good).toHaveLength(fieldsOf(count, 0).length);
    expect(new TextDecoder().decode(good.subarray(0, 14))).toBe('nonet register');
    expect(toHex(good.subarray(16, 48))).toBe(addressOf(1));
    expect(good.subarray(48, 56)).toEqual(u32Bytes(7, dealer));
    expect(toHex(good.subarray(120, 152))).toBe(addressOf(2));
    expect(good.subarray(fieldsOf(count, own).pair, fieldsOf(count, own).pair + 32)).toEqual(
      new Uint8Array(32),
    );
  });

  test('says what the round and its sender are', () => {
    const verified = verifyRegistration(round, dealer, good);
    expect(verified).toMatchObject({ participant: dealer, dataset: addressOf(2) });
    const { selfSeed } = sample.parties.get(dealer)!;
    const scope = concatBytes(fromHex(addressOf(1)), u32Bytes(7));
    expect(verified).toMatchObject({
      selfCommitment: sha256(concatBytes(utf8('nonet self\0'), scope, u32Bytes(dealer), selfSeed)),
    });
    const candidates = round.candidates.flatMap((each) => [
      u32Bytes(each.participant),
      each.maskKey,
      each.sealKey,
    ]);
    expect(good.subarray(152, 184)).toEqual(
      sha256(concatBytes(utf8('nonet candidates\0'), scope, u32Bytes(4), ...candidates)),
    );
  });

  test('commits to the same pair seed as that of the other', () => {
    for (const [k, other] of participants.entries()) {
      if (other === dealer) continue;
      const theirs = sample.parties.get(other)!.registration;
      const at = fieldsOf(count, own).pair;
      expect(good.subarray(fieldsOf(count, k).pair, fieldsOf(count, k).pair + 32)).toEqual(
        theirs.subarray(at, at + 32),
      );
    }
  });

  test('has randomness of its own', () => {
    const { secrets } = sample.parties.get(dealer)!;
    const [a, b] = [1, 2].map(() => createRegistration(round, dealer, secrets, addressOf(2)));
    expect(a!.selfSeed).not.toEqual(b!.selfSeed);
    for (const offset of [56, 88, fieldsOf(count, 1).selfShare, fieldsOf(count, 1).maskShare]) {
      expect(a!.blob.subarray(offset, offset + 32)).not.toEqual(b!.blob.subarray(offset, offset + 32));
    }
    // Pair seeds follow from the announced keys.
    const { pair } = fieldsOf(count, 1);
    expect(a!.blob.subarray(pair, pair + 32)).toEqual(b!.blob.subarray(pair, pair + 32));
  });
});

describe('faults that anyone sees', () => {
  test.each([
    ['length', good.subarray(0, good.length - 1)],
    ['length', concatBytes(good, new Uint8Array(1))],
    ['length', new Uint8Array()],
    ['malformed', flipAt(good, 0)],
    ['malformed', flipAt(good, 15)],
    ['padding', flipAt(good, 184)],
    ['padding', flipAt(good, 255)],
    ['padding', flipAt(good, fieldsOf(count, own).pair)],
    ['padding', flipAt(good, fieldsOf(count, own).pair + 31)],
    ['padding', flipAt(good, fieldsOf(count, 5).pair)],
    ['padding', flipAt(good, fieldsOf(count, 5).selfShare)],
    ['padding', flipAt(good, fieldsOf(count, 2).box + 80)],
    ['padding', flipAt(good, fieldsOf(count, 3).box - 1)],
    ['padding', flipAt(good, good.length - 1)],
    ['job', flipAt(good, 16)],
    ['job', flipAt(good, 47)],
    ['round', flipAt(good, 48)],
    ['round', flipAt(good, 51)],
    ['participant', flipAt(good, 52)],
    ['participant', flipAt(good, 55)],
    ['candidates', flipAt(good, 152)],
    ['candidates', flipAt(good, 183)],
    ['ephemeralKey', replaceAt(good, 56, round.candidates[own]!.maskKey)],
  ])('%s', (expected, blob) => {
    expect(fault(blob)).toBe(expected);
    expect(complaintsOf(0, blob)).toEqual([{ participant: dealer, reason: expected }]);
  });

  test('the registration of another, of another round, of a stranger', () => {
    expect(fault(sample.parties.get(7)!.registration)).toBe('participant');
    // With the number replaced, the pair of its maker is where there should be none.
    const two = createSampleRound({ participants: [0, 1], words: createSeededWords(2) });
    const copied = replaceAt(two.parties.get(0)!.registration, 52, u32Bytes(1));
    expect(verifyRegistration(two.round, 1, copied)).toBe('padding');
    const next = createSampleRound({ participants, number: 8, words: createSeededWords(1) });
    expect(fault(next.parties.get(dealer)!.registration)).toBe('round');
    expect(fault(good, 4)).toBe('participant');
    expect(fault(replaceAt(good, 52, u32Bytes(4)), 4)).toBe('participant');
  });

  test('a view of the candidates in which one key is another', () => {
    const candidates = round.candidates.map((each) =>
      each.participant === 9 ? candidateOf(9, drawRoundSecrets(createSeededWords(5))) : each,
    );
    const other = createAggregationRound({ job: round.job, round: round.round, candidates, percent: 66 });
    expect(verifyRegistration(other, dealer, good)).toBe('candidates');
    const wider = createAggregationRound({ ...round, percent: 50 });
    expect(verifyRegistration(wider, dealer, good)).toBe('candidates');
  });
});

describe('each byte that is turned', () => {
  /** The holder that notices, and what it says; undefined where no member can say yet. */
  function expectedAt(offset: number): { readonly index?: number; readonly reason?: string } {
    if (offset < 16) return { index: 0, reason: 'malformed' };
    if (offset < 48) return { index: 0, reason: 'job' };
    if (offset < 52) return { index: 0, reason: 'round' };
    if (offset < 56) return { index: 0, reason: 'participant' };
    if (offset < 88) return { index: 4, reason: 'box' };
    // The self seed's commitment shows when it is recovered, the dataset's address to the caller.
    if (offset < 152) return {};
    if (offset < 184) return { index: 0, reason: 'candidates' };
    for (let k = 0; k < count; k++) {
      const { pair, selfShare, maskShare, box } = fieldsOf(count, k);
      if (k !== own && offset >= pair && offset < pair + 32) return { index: k, reason: 'pairSeed' };
      if (offset >= selfShare && offset < selfShare + 32) return { index: k, reason: 'selfSeed' };
      if (offset >= maskShare && offset < maskShare + 32) return { index: k, reason: 'maskSecret' };
      if (offset >= box && offset < box + 80) return { index: k, reason: 'box' };
    }
    return { index: 0, reason: 'padding' };
  }

  test('is noticed by the member that it is for', () => {
    for (let offset = 0; offset < good.length; offset += 5) {
      const { index, reason } = expectedAt(offset);
      const found = complaintsOf(participants[index ?? 0]!, flipAt(good, offset));
      expect([offset, found]).toEqual([
        offset,
        reason === undefined ? [] : [{ participant: dealer, reason }],
      ]);
    }
  });

  test('is given back as it is where the caller judges it', () => {
    expect(verifyRegistration(round, dealer, flipAt(good, 120))).toMatchObject({
      dataset: addressOf(2).replace('0x02', '0x03'),
    });
  });
});

describe('a dealer that', () => {
  const { selfSeed, secrets } = sample.parties.get(dealer)!;
  const points = participants.map((each) => each + 1);
  const shares = [selfSeed, secrets.maskSecret].map((secret) =>
    dealShares(secret, round.threshold, points, createSeededWords(3)),
  );
  const right = (k: number) => [shares[0]![k]!, shares[1]![k]!] as const;
  const noShare = new Uint8Array(32);

  test('deals right is not complained of', () => {
    const blob = dealAnew(round, dealer, good, { sealed: right });
    for (const member of participants) expect(complaintsOf(member, blob)).toEqual([]);
  });

  test.each([
    ['a share of the self seed', 0, 'selfSeed'],
    ['a share of the mask secret', 1, 'maskSecret'],
  ] as const)('seals another than %s for one member', (_, s, reason) => {
    const blob = dealAnew(round, dealer, good, {
      sealed: (k) => (k === 4 ? (right(k).with(s, noShare) as [Uint8Array, Uint8Array]) : right(k)),
      committed: right,
    });
    expect(complaintsOf(9, blob)).toEqual([{ participant: dealer, reason }]);
    for (const member of [0, 2, 3, 7]) expect(complaintsOf(member, blob)).toEqual([]);
  });

  test('keeps no member from masking and answering: its shares are zeros, and the sum is right', () => {
    const wrong = dealAnew(round, dealer, good, {
      sealed: (k) => (k === 4 ? [noShare, noShare] : right(k)),
      committed: right,
    });
    const registrations = registrationsOf(sample, participants).set(dealer, wrong);
    const vectorOf = (member: number) => Int32Array.of(member, -member, 2 ** 20);
    for (const included of [participants, participants.filter((each) => each !== dealer)]) {
      const sum = createMaskedSum(3);
      const answers = new Map<number, Uint8Array>();
      for (const member of participants) {
        const { secrets, selfSeed } = sample.parties.get(member)!;
        const view = openRegistrations(round, member, secrets, participants, registrations);
        expect(view.complaints.length).toBe(member === 9 ? 1 : 0);
        if (included.includes(member)) sum.add(member, maskVector(view, selfSeed, vectorOf(member)));
        answers.set(member, createReveal(view, included));
      }
      const recovery = recoverMasks(round, registrations, included, answers);
      if (recovery.outcome !== 'recovered') throw new Error(recovery.outcome);
      // No share is no wrong share: nobody is blamed.
      expect(recovery.faults).toEqual([]);
      const total = included.reduce((all, each) => all + each, 0);
      expect([...unmaskSum(sum, recovery)]).toEqual([total, -total, included.length * 2 ** 20]);
    }
  });

  test('that cannot be read is complained about, and masked for', () => {
    const registrations = registrationsOf(
      sample,
      participants.filter((each) => each !== dealer),
    );
    const { secrets } = sample.parties.get(9)!;
    const view = openRegistrations(round, 9, secrets, participants, registrations);
    expect(view.complaints).toEqual([{ participant: dealer, reason: 'unread' }]);
    expect(view.pairSeeds.get(dealer)).toEqual(joinMembers(sample, 9, participants).pairSeeds.get(dealer));
    expect(view.shares.has(dealer)).toBe(false);
  });

  test('is judged by anyone, once the one that complains publishes its secrets', () => {
    const blob = dealAnew(round, dealer, good, {
      sealed: (k) => (k === 4 ? [noShare, noShare] : right(k)),
      committed: right,
    });
    // That of 0 would be made up, that of 9 is true.
    const judged = [0, 9].map((member) => {
      const { secrets } = sample.parties.get(member)!;
      const registrations = registrationsOf(sample, participants).set(dealer, blob);
      return openRegistrations(round, member, secrets, participants, registrations).complaints;
    });
    expect(judged).toEqual([[], [{ participant: dealer, reason: 'selfSeed' }]]);
  });

  test('copied the shares and boxes of another', () => {
    const copied = sample.parties.get(7)!.registration;
    const { selfShare } = fieldsOf(count, 0);
    const blob = replaceAt(good, selfShare, copied.subarray(selfShare));
    blob.set(copied.subarray(56, 88), 56);
    for (const member of [0, 2, 9]) {
      expect(complaintsOf(member, blob)).toEqual([{ participant: dealer, reason: 'box' }]);
    }
  });

  test('announced the mask key of another cannot commit to its pair seeds', () => {
    const copying = createAggregationRound({
      ...round,
      percent: 66,
      candidates: round.candidates.map((each) =>
        each.participant === 9 ? { ...each, maskKey: round.candidates[0]!.maskKey } : each,
      ),
    });
    const honest = sample.parties.get(7)!.secrets;
    const seedWith = (k: number) => {
      const made = createRegistration(copying, 7, honest, addressOf(2)).blob;
      return toHex(made.subarray(fieldsOf(count, k).pair, fieldsOf(count, k).pair + 32));
    };
    expect(seedWith(4)).not.toBe(seedWith(0));
  });

  test('announced a key of low order stops nobody', () => {
    const sunk = createAggregationRound({
      ...round,
      percent: 66,
      candidates: round.candidates.map((each) =>
        each.participant === 9 ? { participant: 9, maskKey: noShare, sealKey: noShare } : each,
      ),
    });
    const made = createRegistration(sunk, 7, sample.parties.get(7)!.secrets, addressOf(2));
    expect(verifyRegistration(sunk, 7, made.blob)).toMatchObject({ participant: 7 });
  });
});

describe('misuse is refused', () => {
  const { secrets, selfSeed } = sample.parties.get(dealer)!;
  const all = registrationsOf(sample, participants);

  test.each([
    ['secrets of others', dealer, drawRoundSecrets()],
    ['a mask secret of others', dealer, { ...secrets, maskSecret: drawRoundSecrets().maskSecret }],
    ['a seal secret of others', dealer, { ...secrets, sealSecret: drawRoundSecrets().sealSecret }],
    ['no candidate', 1, secrets],
  ])('%s', (_, participant, used) => {
    const code = expect.objectContaining({ code: 'secagg.keys' });
    expect(() => createRegistration(round, participant, used, addressOf(2))).toThrow(code);
    expect(() => openRegistrations(round, participant, used, participants, all)).toThrow(code);
  });

  test.each([
    ['without itself', [0, 2, 7, 9]],
    ['below the threshold', [0, 3, 9]],
    ['with a stranger', [0, 1, 3, 7, 9]],
  ])('a mask set %s', (_, members) => {
    const registrations = new Map(members.map((member) => [member, good]));
    expect(() => openRegistrations(round, dealer, secrets, members, registrations)).toThrow(
      expect.objectContaining({ code: 'secagg.members' }),
    );
  });

  test('a mask set without its own registration, or with another in its place', () => {
    const code = expect.objectContaining({ code: 'secagg.members' });
    const others = registrationsOf(
      sample,
      participants.filter((each) => each !== dealer),
    );
    const open = (registrations: ReadonlyMap<number, Uint8Array>) => () =>
      openRegistrations(round, dealer, secrets, participants, registrations);
    expect(open(others)).toThrow(code);
    expect(open(new Map(others).set(dealer, others.get(7)!))).toThrow(code);
  });

  test('another self seed than that of the registration', () => {
    const view = joinMembers(sample, dealer, participants);
    const other = new Uint8Array(selfSeed);
    other[0]! ^= 1;
    expect(() => maskVector(view, other, new Int32Array(1))).toThrow(
      expect.objectContaining({ code: 'secagg.seed' }),
    );
  });

  test('a dataset that has no address', () => {
    expect(() => createRegistration(round, dealer, secrets, '0x00' as never)).toThrow(
      expect.objectContaining({ code: 'address.malformed' }),
    );
  });

  const parameters = { job: round.job, round: 1, candidates: round.candidates, percent: 66 };
  const [first, second] = round.candidates as [SampleRound['round']['candidates'][0], never];
  test.each([
    ['secagg.round', { round: -1 }],
    ['secagg.round', { round: 1.5 }],
    ['secagg.round', { round: 2 ** 32 }],
    ['secagg.round', { percent: 49 }],
    ['secagg.round', { percent: 100 }],
    ['secagg.round', { percent: 66.5 }],
    ['secagg.candidates', { candidates: [first] }],
    ['secagg.candidates', { candidates: [second, first] }],
    ['secagg.candidates', { candidates: [first, first] }],
    ['secagg.candidates', { candidates: [{ ...first, participant: -1 }, second] }],
    ['secagg.candidates', { candidates: [{ ...first, participant: 0.5 }, second] }],
    ['secagg.candidates', { candidates: [first, { ...(second as object), participant: 2 ** 32 } as never] }],
    ['secagg.candidates', { candidates: [{ ...first, maskKey: new Uint8Array(31) }, second] }],
    ['secagg.candidates', { candidates: [{ ...first, sealKey: new Uint8Array(33) }, second] }],
    ['address.malformed', { job: '0x1' as never }],
  ])('%s', (code, change) => {
    expect(() => createAggregationRound({ ...parameters, ...change })).toThrow(
      expect.objectContaining({ code }),
    );
  });
});

test('a threshold is more than half, and at most all', () => {
  for (let c = 2; c <= 300; c++) {
    for (const percent of [50, 66, 99]) {
      const t = thresholdOf(c, percent);
      expect(2 * t).toBeGreaterThan(c);
      expect(t).toBeLessThanOrEqual(c);
    }
  }
  expect([thresholdOf(5, 66), thresholdOf(50, 66), thresholdOf(3, 50)]).toEqual([4, 34, 2]);
});

test('the two keys of a participant differ', () => {
  const secrets = drawRoundSecrets();
  expect(secrets.maskSecret).not.toEqual(secrets.sealSecret);
  const candidate = candidateOf(1, secrets);
  expect(candidate.maskKey).toEqual(createKeyAgreement(secrets.maskSecret).publicKey);
  expect(candidate.sealKey).toEqual(createKeyAgreement(secrets.sealSecret).publicKey);
});
