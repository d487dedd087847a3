/**
 * The registration of a participant: commitments to its seeds, and shares of its two secrets sealed
 * for each candidate. docs/specs/secagg.md §4.
 */
import {
  type Address,
  assertAddress,
  concatBytes,
  contentLeafBytes,
  equalBytes,
  fromHex,
  MisuseError,
  toHex,
  utf8,
} from '@nonet/core';
import { createKeyAgreement, deriveKey, open, seal } from '#primitives';
import type { SecretWords } from '../dp/sampling/secretWords.ts';
import {
  commitPairSeed,
  commitSelfSeed,
  commitShare,
  type SharedSecret,
  sharedSecrets,
} from './commitments.ts';
import { derivePairSeed } from './masks.ts';
import type { KeyAgreement } from './primitives.ts';
import {
  type AggregationRound,
  type Candidate,
  pointOf,
  type RoundSecrets,
  secretBytes,
  u32Bytes,
} from './round.ts';
import { dealShares, drawSecret } from './shamir.ts';

/** One value for each of a participant's two shared secrets. */
export type BySecret<T> = Readonly<Record<SharedSecret, T>>;

/** A registration whose public part is in order (§4.4), decoded; lists are by candidate. */
export interface Registration {
  readonly participant: number;
  /** The address of the participant's dataset commitment; its caller knows which is right. */
  readonly dataset: Address;
  /** X25519, 32 bytes. */
  readonly ephemeralKey: Uint8Array;
  readonly selfCommitment: Uint8Array;
  readonly pairCommitments: readonly Uint8Array[];
  readonly shareCommitments: readonly BySecret<Uint8Array>[];
  /** Sealed: both shares. */
  readonly boxes: readonly Uint8Array[];
}

/** What can be wrong with a registration by itself, in the order of the checks of §4.4. */
export type RegistrationFault =
  | 'length'
  | 'malformed'
  | 'job'
  | 'round'
  | 'participant'
  | 'candidates'
  | 'padding'
  | 'ephemeralKey';

/** What a participant publishes, and what it keeps. */
export interface CreatedRegistration {
  readonly blob: Uint8Array<ArrayBuffer>;
  /** Masks the participant's own vector; secret until it is erased when the round is final. */
  readonly selfSeed: Uint8Array;
}

// §4.1: where the fields lie in the header.
const opening = utf8('nonet register\0\x01');
const jobOffset = 16;
const roundOffset = 48;
const participantOffset = 52;
const ephemeralOffset = 56;
const selfOffset = 88;
const datasetOffset = 120;
const candidatesOffset = 152;
const closingOffset = 184;

const boxBytes = 2 * secretBytes + 16;

/** A part of the message: `each` bytes for every candidate, `perLeaf` of them in a leaf. */
interface Section {
  readonly start: number;
  readonly each: number;
  readonly perLeaf: number;
}

/** Step 4.1: the sections after the header, each from a leaf's beginning, and the length of all. */
function layoutOf(candidates: number) {
  let length = contentLeafBytes;
  const take = (each: number): Section => {
    const perLeaf = Math.floor(contentLeafBytes / each);
    const start = length;
    length += contentLeafBytes * Math.ceil(candidates / perLeaf);
    return { start, each, perLeaf };
  };
  const sections = { pairs: take(secretBytes), shares: take(2 * secretBytes), boxes: take(boxBytes) };
  return { ...sections, length };
}

/** Where the field of candidate `index` lies. */
function offsetIn({ start, each, perLeaf }: Section, index: number): number {
  return start + contentLeafBytes * Math.floor(index / perLeaf) + each * (index % perLeaf);
}

/** Bytes of a registration in a round of so many candidates. */
export function registrationBytes(candidates: number): number {
  return layoutOf(candidates).length;
}

/**
 * Step 4.3: registers a candidate under the secrets whose keys it announced. `dataset` is the
 * address of its dataset commitment. Made once for a round: a participant that resumes sends the
 * same bytes, since two registrations would share its secrets twice. Throws `secagg.keys` unless
 * the round has these keys for this participant.
 */
export function createRegistration(
  round: AggregationRound,
  participant: number,
  secrets: RoundSecrets,
  dataset: Address,
): CreatedRegistration {
  return drawRegistration(round, participant, secrets, dataset);
}

/** `createRegistration` from given words. */
export function drawRegistration(
  round: AggregationRound,
  participant: number,
  secrets: RoundSecrets,
  dataset: Address,
  words?: SecretWords,
): CreatedRegistration {
  assertAddress(dataset, 'the dataset commitment');
  const { candidates, threshold } = round;
  const { mask } = agreementsOf(round, participant, secrets);
  const selfSeed = drawSecret(words);
  const ephemeralSecret = drawSecret(words);
  const ephemeral = createKeyAgreement(ephemeralSecret);
  ephemeralSecret.fill(0);
  const points = candidates.map(pointOf);
  const dealt: BySecret<Uint8Array[]> = {
    selfSeed: dealShares(selfSeed, threshold, points, words),
    maskSecret: dealShares(secrets.maskSecret, threshold, points, words),
  };

  const layout = layoutOf(candidates.length);
  const blob = new Uint8Array(layout.length);
  blob.set(opening);
  blob.set(round.scope, jobOffset);
  blob.set(u32Bytes(participant), participantOffset);
  blob.set(ephemeral.publicKey, ephemeralOffset);
  blob.set(commitSelfSeed(round, participant, selfSeed), selfOffset);
  blob.set(fromHex(dataset), datasetOffset);
  blob.set(round.digest, candidatesOffset);
  for (const [k, candidate] of candidates.entries()) {
    const other = candidate.participant;
    if (other !== participant) {
      const seed = derivePairSeed(round, participant, mask, candidate);
      blob.set(commitPairSeed(round, participant, other, seed), offsetIn(layout.pairs, k));
    }
    const shares = sharedSecrets.map((secret) => dealt[secret][k]!);
    for (const [s, secret] of sharedSecrets.entries()) {
      const commitment = commitShare(round, secret, participant, other, shares[s]!);
      blob.set(commitment, offsetIn(layout.shares, k) + secretBytes * s);
    }
    const key = deriveBoxKey(round, participant, other, ephemeral.agree(candidate.sealKey));
    const box = seal(key, associatedData(round, participant, other), concatBytes(...shares));
    blob.set(box, offsetIn(layout.boxes, k));
  }
  return { blob, selfSeed };
}

/**
 * Step 4.4: the registration in a blob that the ledger has for `participant`, or what is wrong with
 * it. Needs no secret; whether shares are right, only their holders see (`openRegistrations`).
 */
export function verifyRegistration(
  round: AggregationRound,
  participant: number,
  blob: Uint8Array,
): Registration | RegistrationFault {
  const { candidates } = round;
  const layout = layoutOf(candidates.length);
  if (blob.length !== layout.length) return 'length';
  const field = (offset: number, bytes = secretBytes) => blob.subarray(offset, offset + bytes);
  const isOf = (offset: number, bytes: Uint8Array) => equalBytes(field(offset, bytes.length), bytes);
  const own = candidates.findIndex((each) => each.participant === participant);
  if (!isOf(0, opening)) return 'malformed';
  if (!isOf(jobOffset, round.scope.subarray(0, 32))) return 'job';
  if (!isOf(roundOffset, round.scope.subarray(32))) return 'round';
  if (own < 0 || !isOf(participantOffset, u32Bytes(participant))) return 'participant';
  if (!isOf(candidatesOffset, round.digest)) return 'candidates';
  if (!isPadded(blob, candidates.length, own)) return 'padding';
  const ephemeralKey = field(ephemeralOffset);
  if (equalBytes(ephemeralKey, candidates[own]!.maskKey)) return 'ephemeralKey';
  return {
    participant,
    dataset: toHex(field(datasetOffset)) as Address,
    ephemeralKey,
    selfCommitment: field(selfOffset),
    pairCommitments: candidates.map((_, k) => field(offsetIn(layout.pairs, k))),
    shareCommitments: candidates.map((_, k) => ({
      selfSeed: field(offsetIn(layout.shares, k)),
      maskSecret: field(offsetIn(layout.shares, k) + secretBytes),
    })),
    boxes: candidates.map((_, k) => field(offsetIn(layout.boxes, k), boxBytes)),
  };
}

/** Whether all bytes that hold nothing are zero, the participant's pair with itself included. */
function isPadded(blob: Uint8Array, candidates: number, own: number): boolean {
  const { pairs, shares, boxes, length } = layoutOf(candidates);
  const isUsed = new Uint8Array(length).fill(1, 0, closingOffset);
  for (const section of [pairs, shares, boxes]) {
    for (let k = 0; k < candidates; k++) {
      if (section === pairs && k === own) continue;
      const start = offsetIn(section, k);
      isUsed.fill(1, start, start + section.each);
    }
  }
  for (let i = 0; i < length; i++) if (isUsed[i] === 0 && blob[i] !== 0) return false;
  return true;
}

/** Step 4.5: the two shares in the box of a candidate, or undefined if it is not of that dealer. */
export function openShares(
  round: AggregationRound,
  { participant: dealer, ephemeralKey, boxes }: Registration,
  holder: Candidate,
  sealing: KeyAgreement,
): BySecret<Uint8Array> | undefined {
  const key = deriveBoxKey(round, dealer, holder.participant, sealing.agree(ephemeralKey));
  const box = boxes[round.candidates.indexOf(holder)]!;
  const plaintext = open(key, associatedData(round, dealer, holder.participant), box);
  if (plaintext === undefined) return undefined;
  return { selfSeed: plaintext.subarray(0, secretBytes), maskSecret: plaintext.subarray(secretBytes) };
}

const noSalt = new Uint8Array(32);

/** Step 4.3.4. */
function deriveBoxKey(round: AggregationRound, dealer: number, holder: number, shared: Uint8Array) {
  return deriveKey(shared, noSalt, concatBytes(utf8('nonet box\0'), associatedData(round, dealer, holder)));
}

function associatedData(round: AggregationRound, dealer: number, holder: number): Uint8Array {
  return concatBytes(round.scope, u32Bytes(dealer, holder));
}

/** The candidate of that number. Throws `secagg.keys` unless the round has these keys for it. */
export function agreementsOf(
  { candidates }: AggregationRound,
  participant: number,
  { maskSecret, sealSecret }: RoundSecrets,
): { readonly candidate: Candidate; readonly mask: KeyAgreement; readonly sealing: KeyAgreement } {
  const candidate = candidates.find((each) => each.participant === participant);
  const mask = createKeyAgreement(maskSecret);
  const sealing = createKeyAgreement(sealSecret);
  if (
    candidate === undefined ||
    !equalBytes(mask.publicKey, candidate.maskKey) ||
    !equalBytes(sealing.publicKey, candidate.sealKey)
  ) {
    throw new MisuseError({
      code: 'secagg.keys',
      expected: `the secrets whose keys participant ${participant} announced for this round`,
      found: candidate === undefined ? 'no such candidate' : 'secrets of other keys',
      hint: 'Secrets are drawn for one round and kept until it is final.',
    });
  }
  return { candidate, mask, sealing };
}
