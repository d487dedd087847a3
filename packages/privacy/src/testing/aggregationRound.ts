/** A round of secure aggregation, step by step, from seeded words, for tests and benchmarks. */
import { type Address, toHex } from '@nonet/core';
import type { SecretWords } from '../dp/sampling/secretWords.ts';
import { type Membership, maskVector, openRegistrations } from '../secagg/membership.ts';
import { drawRegistration } from '../secagg/registration.ts';
import { createReveal } from '../secagg/reveal.ts';
import {
  type AggregationRound,
  candidateOf,
  createAggregationRound,
  drawRoundSecrets,
  type RoundSecrets,
} from '../secagg/round.ts';
import { createMaskedSum, recoverMasks, unmaskSum } from '../secagg/unmask.ts';

/** An address of no blob. */
export const addressOf = (byte: number): Address => toHex(new Uint8Array(32).fill(byte)) as Address;

/** One participant with all that it keeps. */
export interface Party {
  readonly participant: number;
  readonly secrets: RoundSecrets;
  readonly registration: Uint8Array<ArrayBuffer>;
  readonly selfSeed: Uint8Array;
}

/** A round whose candidates have all registered; `parties` are by participant. */
export interface SampleRound {
  readonly round: AggregationRound;
  readonly parties: ReadonlyMap<number, Party>;
}

/** What a sample round is made of. */
export interface SampleParameters {
  readonly participants: readonly number[];
  readonly percent?: number;
  readonly number?: number;
  readonly words?: SecretWords;
}

/** Announcements and registrations of `participants`. */
export function createSampleRound({
  participants,
  percent = 66,
  number = 7,
  words,
}: SampleParameters): SampleRound {
  const secrets = new Map(participants.map((participant) => [participant, drawRoundSecrets(words)]));
  const round = createAggregationRound({
    job: addressOf(1),
    round: number,
    candidates: [...secrets].map(([participant, own]) => candidateOf(participant, own)),
    percent,
  });
  const parties = new Map(
    [...secrets].map(([participant, own]) => {
      const { blob, selfSeed } = drawRegistration(round, participant, own, addressOf(2), words);
      return [participant, { participant, secrets: own, registration: blob, selfSeed }];
    }),
  );
  return { round, parties };
}

/** The registrations of `members`. */
export function registrationsOf(
  { parties }: SampleRound,
  members: Iterable<number>,
): Map<number, Uint8Array> {
  return new Map([...members].map((member) => [member, parties.get(member)!.registration]));
}

/** The view of one member of a mask set in which nothing is wrong. */
export function joinMembers(
  sample: SampleRound,
  participant: number,
  members: readonly number[],
): Membership {
  const { secrets } = sample.parties.get(participant)!;
  const view = openRegistrations(
    sample.round,
    participant,
    secrets,
    members,
    registrationsOf(sample, members),
  );
  if (view.complaints.length > 0) throw new Error(`complaints: ${JSON.stringify(view.complaints)}`);
  return view;
}

/** Who does what in a round. */
export interface Attendance {
  /** The mask set. */
  readonly members: readonly number[];
  /** Those of them whose messages are included. */
  readonly included: readonly number[];
  /** Those of them who answer. */
  readonly answering: readonly number[];
}

/** What a round publishes beside the registrations. */
export interface Published {
  readonly messages: ReadonlyMap<number, Uint8Array>;
  readonly answers: ReadonlyMap<number, Uint8Array>;
}

/** Masks the vectors of the included, and answers for them. */
export function playRound(
  sample: SampleRound,
  { members, included, answering }: Attendance,
  vectorOf: (participant: number) => Int32Array,
): Published {
  const views = new Map(members.map((member) => [member, joinMembers(sample, member, members)]));
  const messages = included.map((participant): [number, Uint8Array] => {
    const { selfSeed } = sample.parties.get(participant)!;
    return [participant, maskVector(views.get(participant)!, selfSeed, vectorOf(participant))];
  });
  const answers = answering.map((participant): [number, Uint8Array] => [
    participant,
    createReveal(views.get(participant)!, included),
  ]);
  return { messages: new Map(messages), answers: new Map(answers) };
}

/** The sum from published bytes alone. Throws on any outcome but a sum. */
export function sumPublished(
  round: AggregationRound,
  registrations: ReadonlyMap<number, Uint8Array>,
  { messages, answers }: Published,
): Int32Array {
  const masked = createMaskedSum([...messages.values()][0]!.length / 4);
  for (const [participant, message] of messages) masked.add(participant, message);
  const recovery = recoverMasks(round, registrations, messages.keys(), answers);
  if (recovery.outcome !== 'recovered') throw new Error(JSON.stringify(recovery));
  return unmaskSum(masked, recovery);
}
