/**
 * The answer of a member once the ledger has fixed whose messages are included: for each member of
 * the mask set its share of exactly one secret. docs/specs/secagg.md §6. Nothing here remembers an
 * answer: its caller writes the bytes to disk before they leave, and never answers another set.
 */
import { concatBytes, contentLeafBytes, equalBytes, MisuseError, sha256, utf8 } from '@nonet/core';
import { commitShare, type SharedSecret } from './commitments.ts';
import type { Membership } from './membership.ts';
import type { Registration } from './registration.ts';
import { type AggregationRound, secretBytes, u32Bytes } from './round.ts';

/** The set that is answered for: fixed by the ledger, once for a round. */
export interface AnswerSet {
  /** The mask set by ascending number. */
  readonly members: readonly number[];
  /** Those of them whose messages are summed. */
  readonly included: ReadonlySet<number>;
}

/** What is wrong with an answer as a whole, in the order of the checks of step 6.4. */
export type RevealFault = 'length' | 'malformed' | 'job' | 'round' | 'participant' | 'set';

/** A member's answer, checked against the registrations. */
export interface Reveal {
  readonly participant: number;
  /** The shares that are right, by their dealer; of some there may be none. */
  readonly shares: ReadonlyMap<number, Uint8Array>;
  /** The dealers of whose secret the share is not the one that they committed to. */
  readonly wrong: readonly number[];
}

// §6.2: where the fields lie in the header.
const opening = utf8('nonet reveal\0\0\0\x01');
const jobOffset = 16;
const roundOffset = 48;
const participantOffset = 52;
const setOffset = 56;
const closingOffset = 88;
const headerBytes = contentLeafBytes;

/** What stands for a share that a member does not have. */
const noShare = new Uint8Array(secretBytes);

/** Bytes of the answer of a member of a mask set of so many. */
export function revealBytes(members: number): number {
  return headerBytes + secretBytes * members;
}

/** Step 6.1: never both of one participant. */
export function secretToReveal({ included }: AnswerSet, participant: number): SharedSecret {
  return included.has(participant) ? 'selfSeed' : 'maskSecret';
}

/** Step 6.3: SHA-256 of which candidates are members, and which of them are included. */
export function hashAnswerSet(round: AggregationRound, { members, included }: AnswerSet): Uint8Array {
  const isMember = new Set(members);
  const states = round.candidates.map(({ participant }) =>
    isMember.has(participant) ? 1 + Number(included.has(participant)) : 0,
  );
  return sha256(concatBytes(utf8('nonet answer set\0'), round.scope, Uint8Array.from(states)));
}

/**
 * Step 6.2: the answer of a member for one set of included participants. To be called once for a
 * round: two answers for different sets open differences between sums. Throws `secagg.included`
 * unless the set is a subset of the members, and at least a threshold of candidates.
 */
export function createReveal(
  { round, participant, members, shares }: Membership,
  included: Iterable<number>,
): Uint8Array<ArrayBuffer> {
  const set: AnswerSet = { members, included: new Set(included) };
  const isSubset = [...set.included].every((each) => members.includes(each));
  if (!isSubset || set.included.size < round.threshold) {
    throw new MisuseError({
      code: 'secagg.included',
      expected: `at least ${round.threshold} of the ${members.length} members of the mask set`,
      found: [...set.included].join(', '),
      hint: 'The sum over fewer is not opened; the round is void.',
    });
  }
  const blob = new Uint8Array(revealBytes(members.length));
  blob.set(opening);
  blob.set(round.scope, jobOffset);
  blob.set(u32Bytes(participant), participantOffset);
  blob.set(hashAnswerSet(round, set), setOffset);
  for (const [k, dealer] of members.entries()) {
    // Of a dealer that was complained about: zeros, which are no share (step 6.4).
    const dealt = shares.get(dealer);
    if (dealt !== undefined) blob.set(dealt[secretToReveal(set, dealer)], headerBytes + secretBytes * k);
  }
  return blob;
}

/**
 * Step 6.4: the answer in a blob that the ledger has for `participant`, or what is wrong with it.
 * `registrations` are those of the mask set.
 */
export function verifyReveal(
  round: AggregationRound,
  set: AnswerSet,
  registrations: ReadonlyMap<number, Registration>,
  participant: number,
  blob: Uint8Array,
): Reveal | RevealFault {
  const { members } = set;
  if (blob.length !== revealBytes(members.length)) return 'length';
  const isOf = (offset: number, bytes: Uint8Array) =>
    equalBytes(blob.subarray(offset, offset + bytes.length), bytes);
  if (!isOf(0, opening) || !isOf(closingOffset, new Uint8Array(headerBytes - closingOffset))) {
    return 'malformed';
  }
  if (!isOf(jobOffset, round.scope.subarray(0, 32))) return 'job';
  if (!isOf(roundOffset, round.scope.subarray(32))) return 'round';
  if (!members.includes(participant) || !isOf(participantOffset, u32Bytes(participant))) {
    return 'participant';
  }
  if (!isOf(setOffset, hashAnswerSet(round, set))) return 'set';
  const index = round.candidates.findIndex((each) => each.participant === participant);
  const shares = new Map<number, Uint8Array>();
  const wrong: number[] = [];
  for (const [k, dealer] of members.entries()) {
    const secret = secretToReveal(set, dealer);
    const share = blob.subarray(headerBytes + secretBytes * k, headerBytes + secretBytes * (k + 1));
    if (equalBytes(share, noShare)) continue;
    const commitment = registrations.get(dealer)!.shareCommitments[index]![secret];
    if (equalBytes(commitShare(round, secret, dealer, participant, share), commitment)) {
      shares.set(dealer, share);
    } else wrong.push(dealer);
  }
  return { participant, shares, wrong };
}
