/** Whole rounds: every absence, extreme vectors, the slow twin, and the sum from published bytes. */
import { type Address, fromHex, type Hex, toHex } from '@nonet/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Attendance,
  createSampleRound,
  joinMembers,
  playRound,
  registrationsOf,
  type SampleRound,
  sumPublished,
} from '../testing/aggregationRound.ts';
import { createSeededWords } from '../testing/seededWords.ts';
import { maskOneEntry, unmaskOneEntry } from '../testing/slowAggregation.ts';
import { maskVector } from './membership.ts';
import { createReveal } from './reveal.ts';
import { createAggregationRound } from './round.ts';
import { createMaskedSum, recoverMasks, unmaskSum } from './unmask.ts';

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

/** Different for each participant and entry, of both signs. */
const vectorOf = (entries: number) => (participant: number) =>
  Int32Array.from({ length: entries }, (_, e) => (participant + 1) * (e - 3) * 1001);

/** Added modulo 2^32, as integers of 32 bits. */
function clearSum(included: readonly number[], vector: (participant: number) => Int32Array): Int32Array {
  const sum = new Int32Array(vector(included[0]!).length);
  for (const participant of included) {
    for (const [e, x] of vector(participant).entries()) sum[e]! += x;
  }
  return sum;
}

function checkRound(
  sample: SampleRound,
  attendance: Attendance,
  vector: (participant: number) => Int32Array,
) {
  const published = playRound(sample, attendance, vector);
  const registrations = registrationsOf(sample, attendance.members);
  expect(sumPublished(sample.round, registrations, published)).toEqual(clearSum(attendance.included, vector));
}

/** All subsets of at least `least` of `items`. */
function subsets(items: readonly number[], least: number): number[][] {
  return numbers(2 ** items.length)
    .map((mask) => items.filter((_, k) => (mask >> k) & 1))
    .filter((subset) => subset.length >= least);
}

describe('absence', () => {
  test('of up to two of five at each step, in every combination', () => {
    const sample = createSampleRound({ participants: numbers(5), percent: 50, words: createSeededWords(1) });
    const { round, parties } = sample;
    expect(round.threshold).toBe(3);
    const vector = vectorOf(3);
    let rounds = 0;
    for (const members of subsets(numbers(5), 3)) {
      const registrations = registrationsOf(sample, members);
      const views = members.map((member) => joinMembers(sample, member, members));
      const messages = views.map((view) => {
        const { participant } = view;
        return maskVector(view, parties.get(participant)!.selfSeed, vector(participant));
      });
      for (const included of subsets(members, 3)) {
        const expected = clearSum(included, vector);
        const answers = views.map((view) => [view.participant, createReveal(view, included)] as const);
        for (const answering of subsets(members, 3)) {
          const masked = createMaskedSum(3);
          for (const participant of included)
            masked.add(participant, messages[members.indexOf(participant)]!);
          const given = new Map(answers.filter(([participant]) => answering.includes(participant)));
          const recovery = recoverMasks(round, registrations, included, given);
          if (recovery.outcome !== 'recovered') throw new Error(JSON.stringify(recovery));
          expect(unmaskSum(masked, recovery)).toEqual(expected);
          rounds++;
        }
        // One fewer than the threshold, whichever: no secret is recovered.
        for (const pair of subsets(members, 2).filter(({ length }) => length === 2)) {
          const given = new Map(answers.filter(([participant]) => pair.includes(participant)));
          expect(recoverMasks(round, registrations, included, given)).toMatchObject({
            outcome: 'missing',
            missing: members.map((participant) => ({ participant, lacking: 1 })),
          });
        }
      }
    }
    expect(rounds).toBe(391);
  });

  test('of up to six of twenty at each step, sampled', () => {
    const sample = createSampleRound({ participants: numbers(20), words: createSeededWords(2) });
    expect(sample.round.threshold).toBe(14);
    const some = (from: readonly number[]) => fc.subarray([...from], { minLength: 14 });
    const attendance = some(numbers(20)).chain((members) =>
      fc.record({ members: fc.constant(members), included: some(members), answering: some(members) }),
    );
    fc.assert(
      fc.property(attendance, (each) => checkRound(sample, each, vectorOf(5))),
      { numRuns: 5 },
    );
  });
});

describe('cohorts', () => {
  test.each([2, 3, 4, 6, 10])('of %i, with any numbers', (count) => {
    const participants = numbers(count).map((k) => 1000 * k * k + 7);
    const sample = createSampleRound({ participants, words: createSeededWords(count) });
    checkRound(
      sample,
      { members: participants, included: participants, answering: participants },
      vectorOf(9),
    );
  });

  test('at the ends of the range of numbers', () => {
    const participants = [0, 1, 2 ** 31, 2 ** 32 - 1];
    const sample = createSampleRound({ participants, percent: 50, words: createSeededWords(3) });
    const included = participants.slice(1);
    checkRound(sample, { members: participants, included, answering: included }, vectorOf(2));
  });

  test.each([50, 99])('with a threshold of %i %', (percent) => {
    const sample = createSampleRound({ participants: numbers(6), percent, words: createSeededWords(4) });
    const present = numbers(sample.round.threshold);
    checkRound(sample, { members: present, included: present, answering: present }, vectorOf(2));
  });
});

describe('vectors', () => {
  const participants = numbers(3);
  const sample = createSampleRound({ participants, words: createSeededWords(5) });
  const all = { members: participants, included: participants, answering: [0, 2] };
  const oneAbsent = { members: participants, included: [0, 2], answering: [0, 2] };

  test.each([1, 15, 16, 17, 16_385])('of %i entries', (entries) => {
    checkRound(sample, all, vectorOf(entries));
    checkRound(sample, oneAbsent, vectorOf(entries));
  });

  test('of a million entries', () => {
    const entries = 1_000_000;
    const vector = (participant: number) => new Int32Array(entries).fill(participant - 1000);
    const published = playRound(sample, oneAbsent, vector);
    const sum = sumPublished(sample.round, registrationsOf(sample, participants), published);
    expect(sum.length).toBe(entries);
    expect(sum.every((entry) => entry === -1998)).toBe(true);
  });

  test('of extreme and equal values, whose sums wrap as integers of 32 bits do', () => {
    const values = [0, 1, -1, 2 ** 31 - 1, -(2 ** 31), 2 ** 30];
    const extreme = () => Int32Array.from(values);
    checkRound(sample, all, extreme);
    checkRound(sample, oneAbsent, extreme);
    checkRound(sample, all, () => new Int32Array(4));
  });

  test('any', () => {
    const vector = fc.int32Array({ minLength: 7, maxLength: 7 });
    fc.assert(
      fc.property(fc.array(vector, { minLength: 3, maxLength: 3 }), (vectors) => {
        checkRound(sample, all, (participant) => vectors[participant]!);
      }),
      { numRuns: 15 },
    );
  });

  test('masked say nothing by themselves: equal ones have unlike messages', () => {
    const { messages } = playRound(sample, all, () => new Int32Array(64));
    const words = [...messages.values()].flatMap((bytes) => [...new Uint32Array(bytes.buffer)]);
    expect(new Set(words).size).toBe(3 * 64);
  });
});

test('the slow twin masks and unmasks to the same integers', () => {
  const members = [0, 2, 3, 5, 6];
  const sample = createSampleRound({ participants: members, percent: 50, words: createSeededWords(7) });
  const included = [0, 3, 6];
  const vector = vectorOf(40);
  const published = playRound(sample, { members, included, answering: included }, vector);
  const sum = sumPublished(sample.round, registrationsOf(sample, members), published);
  const views = new Map(members.map((member) => [member, joinMembers(sample, member, members)]));
  for (let e = 0; e < 40; e++) {
    const slow = new Map(
      included.map((i) => {
        const { selfSeed } = sample.parties.get(i)!;
        return [i, { selfSeed, y: maskOneEntry(views.get(i)!, selfSeed, vector(i)[e]!, e) }];
      }),
    );
    for (const [i, { y }] of slow) {
      const message = published.messages.get(i)!;
      expect(BigInt(new DataView(message.buffer).getUint32(4 * e, true))).toBe(y);
    }
    const slowSum = unmaskOneEntry(slow, [2, 5], (i, j) => views.get(i)!.pairSeeds.get(j)!, e);
    expect(BigInt(sum[e]!)).toBe(slowSum);
  }
});

/** What lies on the ledger and in stores, as text. */
interface PublicRecord {
  readonly job: Address;
  readonly round: number;
  readonly percent: number;
  readonly candidates: readonly { participant: number; maskKey: Hex; sealKey: Hex }[];
  readonly registrations: Readonly<Record<string, Hex>>;
  readonly messages: Readonly<Record<string, Hex>>;
  readonly answers: Readonly<Record<string, Hex>>;
}

/** By what a watcher that kept nothing and knows no secret can do. */
function replay(text: string): Int32Array {
  const record = JSON.parse(text) as PublicRecord;
  const blobs = (of: Readonly<Record<string, Hex>>) =>
    new Map(Object.entries(of).map(([participant, blob]) => [Number(participant), fromHex(blob)]));
  const candidates = record.candidates.map(({ participant, maskKey, sealKey }) => ({
    participant,
    maskKey: fromHex(maskKey),
    sealKey: fromHex(sealKey),
  }));
  const round = createAggregationRound({ ...record, candidates });
  const published = { messages: blobs(record.messages), answers: blobs(record.answers) };
  return sumPublished(round, blobs(record.registrations), published);
}

test('published bytes alone give the sum', () => {
  const members = [1, 2, 3, 4, 5, 6, 7];
  const included = [1, 2, 4, 5, 7];
  const sample = createSampleRound({ participants: [0, ...members], percent: 50 });
  const published = playRound(sample, { members, included, answering: [2, 3, 4, 5, 6] }, vectorOf(20));
  const texts = (blobs: ReadonlyMap<number, Uint8Array>) =>
    Object.fromEntries([...blobs].map(([participant, blob]) => [participant, toHex(blob)]));
  const { job, round, candidates } = sample.round;
  const record: PublicRecord = {
    job,
    round,
    percent: 50,
    candidates: candidates.map(({ participant, maskKey, sealKey }) => {
      return { participant, maskKey: toHex(maskKey), sealKey: toHex(sealKey) };
    }),
    registrations: texts(registrationsOf(sample, members)),
    messages: texts(published.messages),
    answers: texts(published.answers),
  };
  expect(replay(JSON.stringify(record))).toEqual(clearSum(included, vectorOf(20)));
});
