/**
 * What the ledger fixes when a round opens: the candidates with their announced keys, and the
 * threshold. docs/specs/secagg.md §2. Everything else is checked against it.
 */
import { type Address, assertAddress, concatBytes, fromHex, MisuseError, sha256, utf8 } from '@nonet/core';
import { createKeyAgreement } from '#primitives';
import type { SecretWords } from '../dp/sampling/secretWords.ts';
import { drawSecret } from './shamir.ts';

/** A participant that announced keys for a round. */
export interface Candidate {
  /** Its number in the job, an unsigned integer of 32 bits. */
  readonly participant: number;
  /** X25519, 32 bytes: pair seeds come from it. */
  readonly maskKey: Uint8Array;
  /** X25519, 32 bytes: shares are sealed for it. */
  readonly sealKey: Uint8Array;
}

/** What all parties know of a round before they register. */
export interface RoundParameters {
  /** The job's name on the ledger. */
  readonly job: Address;
  /** The number of the round in the job, an unsigned integer of 32 bits. */
  readonly round: number;
  /** At least two, by ascending number. */
  readonly candidates: readonly Candidate[];
  /** Of the candidates' shares, how many do not yet recover a secret: 50 to 99. */
  readonly percent: number;
}

/** A round, from `createAggregationRound`. */
export interface AggregationRound {
  readonly job: Address;
  readonly round: number;
  readonly candidates: readonly Candidate[];
  /** So many shares recover a secret, and one fewer says nothing about it. */
  readonly threshold: number;
  /** SHA-256 of all the above (step 2.4). */
  readonly digest: Uint8Array;
  /** Job and round, as they are bound into keys, hashes and headers: 36 bytes. */
  readonly scope: Uint8Array;
}

/** A participant's secret keys of one round, to be erased when the round is final. */
export interface RoundSecrets {
  /** Shared among the candidates, and revealed if the participant is absent. */
  readonly maskSecret: Uint8Array;
  /** Never leaves the participant. */
  readonly sealSecret: Uint8Array;
}

/** Bytes of keys, seeds, shares and hashes. */
export const secretBytes = 32;

/** Step 2.3: more than half, so that two disjoint sets cannot both recover. */
export function thresholdOf(candidates: number, percent: number): number {
  return Math.floor((candidates * percent) / 100) + 1;
}

/**
 * Checks and hashes what the ledger says. Throws `secagg.round` on numbers out of range,
 * `secagg.candidates` on candidates that are not at least two, ascending, with keys of 32 bytes,
 * and `address.malformed`.
 */
export function createAggregationRound({
  job,
  round,
  candidates,
  percent,
}: RoundParameters): AggregationRound {
  assertAddress(job, 'the job');
  assertNumber('round', round, 0, 2 ** 32 - 1);
  assertNumber('percent', percent, 50, 99);
  const isRight = candidates.every(
    ({ participant, maskKey, sealKey }, k) =>
      isU32(participant) &&
      (k === 0 || candidates[k - 1]!.participant < participant) &&
      maskKey.length === secretBytes &&
      sealKey.length === secretBytes,
  );
  if (!isRight || candidates.length < 2) {
    throw new MisuseError({
      code: 'secagg.candidates',
      expected: 'at least two candidates by ascending number, each with two keys of 32 bytes',
      found: candidates.map(({ participant }) => participant).join(', '),
    });
  }
  const threshold = thresholdOf(candidates.length, percent);
  const scope = concatBytes(fromHex(job), u32Bytes(round));
  const digest = sha256(
    concatBytes(
      utf8('nonet candidates\0'),
      scope,
      u32Bytes(threshold),
      ...candidates.flatMap((each) => [u32Bytes(each.participant), each.maskKey, each.sealKey]),
    ),
  );
  return { job, round, candidates, threshold, digest, scope };
}

/** Step 2.1: fresh secrets of one round, from the operating system. */
export function drawRoundSecrets(words?: SecretWords): RoundSecrets {
  return { maskSecret: drawSecret(words), sealSecret: drawSecret(words) };
}

/** What a participant announces on the ledger of its secrets. */
export function candidateOf(participant: number, { maskSecret, sealSecret }: RoundSecrets): Candidate {
  return {
    participant,
    maskKey: createKeyAgreement(maskSecret).publicKey,
    sealKey: createKeyAgreement(sealSecret).publicKey,
  };
}

/** The point of a candidate's shares (step 3.2). */
export const pointOf = ({ participant }: Candidate): number => participant + 1;

/** Unsigned integers of 32 bits, big-endian. */
export function u32Bytes(...values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  for (const [i, value] of values.entries()) view.setUint32(4 * i, value);
  return new Uint8Array(view.buffer);
}

function isU32(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < 2 ** 32;
}

/** Throws `secagg.round`. */
function assertNumber(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new MisuseError({
    code: 'secagg.round',
    expected: `${name} to be an integer from ${least} to ${most}`,
    found: String(value),
  });
}
