/**
 * The sum of the included vectors from published bytes: registrations and answers give the masks,
 * masked messages the sum. docs/specs/secagg.md §7. Messages are added one at a time, so memory
 * holds one vector. Nothing here throws on hostile bytes, and no outcome depends on anything but
 * the ledger and the bytes.
 */
import { equalBytes, MisuseError } from '@nonet/core';
import { createKeyAgreement } from '#primitives';
import { commitPairSeed, commitSelfSeed, type SharedSecret } from './commitments.ts';
import { addMask, derivePairSeed, maskSign } from './masks.ts';
import { type Registration, type RegistrationFault, verifyRegistration } from './registration.ts';
import { type AnswerSet, type Reveal, type RevealFault, secretToReveal, verifyReveal } from './reveal.ts';
import { type AggregationRound, pointOf } from './round.ts';
import { lagrangeAtZero, recoverSecret } from './shamir.ts';

/** The sum of masked messages so far. */
export interface MaskedSum {
  readonly entries: number;
  /** Whose messages are in it. */
  readonly added: ReadonlySet<number>;
  /**
   * Adds the message of a participant. False, and nothing is added, unless it has 4 bytes for each
   * entry. Throws `secagg.added` on a participant whose message is in the sum.
   */
  add(participant: number, message: Uint8Array): boolean;
  /** Modulo 2^32. */
  readonly words: Uint32Array<ArrayBuffer>;
}

/** An answer, or a share in one, that is not right: its revealer lied, and it is left out. */
export interface AnswerFault {
  readonly participant: number;
  readonly fault: RevealFault | 'share';
  /** Of a wrong share: of whose secret. */
  readonly dealer?: number;
}

/** A secret of which too few right shares are known. */
export interface MissingSecret {
  readonly participant: number;
  readonly secret: SharedSecret;
  /** So many more right shares would recover it. */
  readonly lacking: number;
}

/** A member whose registration is proven wrong by what was published. */
export interface Lie {
  readonly participant: number;
  /**
   * A fault of the registration by itself; a secret whose right shares do not recover what was
   * committed to or announced; or a commitment to another pair seed than the two keys give.
   */
  readonly lie: RegistrationFault | SharedSecret | 'pairSeed';
  /** A secret: whose answers show it. A pair seed: with which other member. */
  readonly shownBy: readonly number[];
}

/** One mask in a sum of the included messages that does not cancel. */
export interface RecoveredMask {
  /** Of the included participant in whose message it is. */
  readonly participant: number;
  /** The absent member whose pair seed it is; undefined for the participant's self seed. */
  readonly absent: number | undefined;
  readonly seed: Uint8Array;
  /** With which it is taken out of the sum. */
  readonly sign: 1 | -1;
}

/** What the registrations and answers of a round come to. */
export type RecoveryOutcome = {
  /** Answers and shares that were left out; their revealers are known. */
  readonly faults: readonly AnswerFault[];
} & (
  | {
      readonly outcome: 'recovered';
      readonly included: ReadonlySet<number>;
      readonly masks: readonly RecoveredMask[];
    }
  | { readonly outcome: 'missing'; readonly missing: readonly MissingSecret[] }
  | { readonly outcome: 'liars'; readonly lies: readonly Lie[] }
);

/** An empty sum of messages of so many entries. */
export function createMaskedSum(entries: number): MaskedSum {
  const words = new Uint32Array(entries);
  const added = new Set<number>();
  return {
    entries,
    added,
    words,
    add(participant, message) {
      if (added.has(participant)) {
        throw new MisuseError({
          code: 'secagg.added',
          expected: 'each message once',
          found: `that of participant ${participant} again`,
        });
      }
      if (message.length !== 4 * entries) return false;
      // A copy where the bytes do not begin at a multiple of 4.
      const aligned = message.byteOffset % 4 === 0 ? message : new Uint8Array(message);
      const terms = new Uint32Array(aligned.buffer, aligned.byteOffset, entries);
      for (let e = 0; e < entries; e++) words[e]! += terms[e]!;
      added.add(participant);
      return true;
    },
  };
}

/**
 * Recovers what masks the sum over the included participants. `registrations` are those of the mask
 * set, `answers` those that came, both by participant; answers in the order of the ledger. Throws `secagg.included` if an included
 * participant is not in the mask set.
 */
export function recoverMasks(
  round: AggregationRound,
  registrations: ReadonlyMap<number, Uint8Array>,
  included: Iterable<number>,
  answers: ReadonlyMap<number, Uint8Array>,
): RecoveryOutcome {
  const members = [...registrations.keys()].sort((a, b) => a - b);
  const set: AnswerSet = { members, included: new Set(included) };
  assertIncluded(set);
  const decoded = new Map<number, Registration>();
  const lies: Lie[] = [];
  for (const member of members) {
    const registration = verifyRegistration(round, member, registrations.get(member)!);
    if (typeof registration === 'string') {
      lies.push({ participant: member, lie: registration, shownBy: [] });
    } else decoded.set(member, registration);
  }
  if (lies.length > 0) return { outcome: 'liars', lies, faults: [] };

  const { reveals, faults } = readAnswers(round, set, decoded, answers);
  const recovered = recoverSecrets(round, set, decoded, reveals);
  const pairs = recoverPairSeeds(round, set, decoded, recovered.secrets);
  lies.push(...recovered.lies, ...pairs.lies);
  if (lies.length > 0) return { outcome: 'liars', lies, faults };
  if (recovered.missing.length > 0) return { outcome: 'missing', missing: recovered.missing, faults };
  const selfMasks = [...set.included].map((participant): RecoveredMask => {
    return { participant, absent: undefined, seed: recovered.secrets.get(participant)!, sign: -1 };
  });
  return { outcome: 'recovered', included: set.included, masks: [...selfMasks, ...pairs.masks], faults };
}

/**
 * Step 7.4: takes the masks out of a sum, once: its words become the sum of the vectors, entry by
 * entry, as signed integers of 32 bits. Throws `secagg.included` unless the messages in the sum are
 * those of the included participants.
 */
export function unmaskSum(
  { words, added }: MaskedSum,
  { included, masks }: { readonly included: ReadonlySet<number>; readonly masks: readonly RecoveredMask[] },
): Int32Array<ArrayBuffer> {
  if (added.size !== included.size || [...included].some((each) => !added.has(each))) {
    throw new MisuseError({
      code: 'secagg.included',
      expected: `a sum of the messages of ${[...included].join(', ')}`,
      found: `a sum of those of ${[...added].join(', ')}`,
    });
  }
  for (const { seed, sign } of masks) addMask(words, seed, sign);
  return new Int32Array(words.buffer);
}

/** Step 7.1: answers in their order, with what is wrong in them. */
function readAnswers(
  round: AggregationRound,
  set: AnswerSet,
  registrations: ReadonlyMap<number, Registration>,
  answers: ReadonlyMap<number, Uint8Array>,
): { readonly reveals: readonly Reveal[]; readonly faults: readonly AnswerFault[] } {
  const reveals: Reveal[] = [];
  const faults: AnswerFault[] = [];
  for (const [participant, blob] of answers) {
    const reveal = verifyReveal(round, set, registrations, participant, blob);
    if (typeof reveal === 'string') {
      faults.push({ participant, fault: reveal });
      continue;
    }
    reveals.push(reveal);
    for (const dealer of reveal.wrong) faults.push({ participant, fault: 'share', dealer });
  }
  return { reveals, faults };
}

/**
 * Step 7.2: of each member the secret that the set asks for, from the right shares of the first
 * threshold of revealers: so what more of them reveal later changes no outcome. An honest dealer's
 * shares give its secret whichever they are.
 */
function recoverSecrets(
  round: AggregationRound,
  set: AnswerSet,
  registrations: ReadonlyMap<number, Registration>,
  reveals: readonly Reveal[],
) {
  const secrets = new Map<number, Uint8Array>();
  const missing: MissingSecret[] = [];
  const lies: Lie[] = [];
  const candidates = new Map(round.candidates.map((each) => [each.participant, each]));
  // Mostly all secrets are recovered by the same revealers.
  const coefficients = new Map<string, bigint[]>();
  for (const participant of set.members) {
    const secret = secretToReveal(set, participant);
    const holders = reveals.filter(({ shares }) => shares.has(participant)).slice(0, round.threshold);
    if (holders.length < round.threshold) {
      missing.push({ participant, secret, lacking: round.threshold - holders.length });
      continue;
    }
    const shownBy = holders.map((holder) => holder.participant);
    const key = shownBy.join();
    if (!coefficients.has(key)) {
      coefficients.set(key, lagrangeAtZero(shownBy.map((holder) => pointOf(candidates.get(holder)!))));
    }
    const values = holders.map(({ shares }) => shares.get(participant)!);
    const value = recoverSecret(coefficients.get(key)!, values);
    const isRight =
      secret === 'selfSeed'
        ? equalBytes(
            commitSelfSeed(round, participant, value),
            registrations.get(participant)!.selfCommitment,
          )
        : equalBytes(createKeyAgreement(value).publicKey, candidates.get(participant)!.maskKey);
    if (isRight) secrets.set(participant, value);
    else lies.push({ participant, lie: secret, shownBy });
  }
  return { secrets, missing, lies };
}

/**
 * Step 7.3: the pair seeds of each absent member with each included one, with the sign that cancels
 * them; a commitment of either to another seed is a lie.
 */
function recoverPairSeeds(
  round: AggregationRound,
  { members, included }: AnswerSet,
  registrations: ReadonlyMap<number, Registration>,
  secrets: ReadonlyMap<number, Uint8Array>,
) {
  const lies: Lie[] = [];
  const indexes = new Map(round.candidates.map(({ participant }, k) => [participant, k]));
  const masks: RecoveredMask[] = [];
  for (const absent of members) {
    const secret = included.has(absent) ? undefined : secrets.get(absent);
    if (secret === undefined) continue;
    const mask = createKeyAgreement(secret);
    for (const member of included) {
      const other = round.candidates[indexes.get(member)!]!;
      const seed = derivePairSeed(round, absent, mask, other);
      const commitment = commitPairSeed(round, absent, member, seed);
      const isOf = (a: number, b: number) =>
        equalBytes(registrations.get(a)!.pairCommitments[indexes.get(b)!]!, commitment);
      if (!isOf(absent, member)) lies.push({ participant: absent, lie: 'pairSeed', shownBy: [member] });
      if (!isOf(member, absent)) lies.push({ participant: member, lie: 'pairSeed', shownBy: [absent] });
      // The opposite of the sign in the included member's message, which is that of the absent one.
      masks.push({ participant: member, absent, seed, sign: maskSign(absent, member) });
    }
  }
  return { masks, lies };
}

/** Throws `secagg.included`. */
function assertIncluded({ members, included }: AnswerSet): void {
  const outside = [...included].filter((each) => !members.includes(each));
  if (outside.length === 0) return;
  throw new MisuseError({
    code: 'secagg.included',
    expected: 'messages of members of the mask set',
    found: `messages of ${outside.join(', ')}`,
  });
}
