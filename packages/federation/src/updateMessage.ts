/**
 * The message in which a participant sends its update (docs/specs/update.md): canonical CBOR, salted, signed for one ledger. The ledger sees
 * only its content address; the salt keeps that from saying anything about the content.
 *
 * `verifyUpdate` never throws on hostile bytes: it says with a typed reason why a message is not the expected one. Whoever recomputes a round
 * gets the same answer, because it depends on nothing but the ledger and the bytes.
 */
import { type Address, addressOf, fromHex, type Hex, isAddress, toHex } from '@nonet/core';
import { type Canonical, decodeCanonical, encodeCanonical } from '@nonet/core/codec';
import {
  type Account,
  type Domain,
  recoverAccount,
  type Signer,
  typedDataDigest,
} from '@nonet/core/identity';
import type { Ledger } from '@nonet/core/ports';
import type { VectorSpecification } from '@nonet/core/records';
import { findOutOfRange, maximumEntry } from './vectorSpecification.ts';

export interface Update {
  /** Address of the job record. */
  readonly job: Address;
  readonly round: number;
  readonly participant: number;
  /** The parameters that the round started from. */
  readonly model: Address;
  /** How many examples it was trained on: 1 .. 4096. */
  readonly examples: number;
  readonly entries: Int32Array;
}

export const updateRefusalCodes = [
  /** No store serves it. */
  'Unavailable',
  /** Stores serve other bytes than those committed to. */
  'Corrupt',
  'Oversized',
  'Malformed',
  'WrongJob',
  'WrongRound',
  'WrongParticipant',
  'WrongModel',
  'WrongExamples',
  'WrongLength',
  'OutOfRange',
  'WrongSigner',
] as const;
export type UpdateRefusalCode = (typeof updateRefusalCodes)[number];

/** Why an included update is not accepted. */
export interface UpdateRefusal {
  readonly refused: UpdateRefusalCode;
  readonly expected: string;
  readonly found: string;
}

/** What the ledger and the job say about the message of one participant in one round. */
export interface UpdateExpectation {
  readonly job: Address;
  readonly round: number;
  readonly participant: number;
  readonly model: Address;
  /** The participant's account. */
  readonly account: Account;
  readonly vector: VectorSpecification;
  readonly domain: Domain;
}

export const saltBytes = 32;
/** Everything but the entries takes about 330 bytes. */
const envelopeBytes = 512;
const signatureBytes = 65;

/** The largest message of a job; anything longer is refused before it is read. */
export function maximumUpdateBytes({ entries }: VectorSpecification): number {
  return 4 * entries + envelopeBytes;
}

/** Messages are signed for one ledger: its chain and contract. */
export function domainOf(ledger: Pick<Ledger, 'chainId' | 'contract'>): Domain {
  return { chainId: ledger.chainId, verifyingContract: ledger.contract };
}

/** What a participant signs: EIP-712 `Update(bytes32 job,uint256 round,uint256 participant,bytes32 body)` (§1.3). */
function updateDigest(update: Pick<Update, 'job' | 'round' | 'participant'>, body: Address, domain: Domain) {
  const { job, round, participant } = update;
  return typedDataDigest(
    domain,
    { name: 'Update', fields: { job: 'bytes32', round: 'uint256', participant: 'uint256', body: 'bytes32' } },
    { job, round, participant, body },
  );
}

/**
 * The message of an update. `salt` is 32 secret random bytes, drawn once per message: a participant that resumes sends the same bytes again
 * (§1.4).
 */
export function encodeUpdate(
  update: Update,
  salt: Uint8Array,
  domain: Domain,
  signer: Signer,
): Uint8Array<ArrayBuffer> {
  const message = { version: 1, ...update, salt, entries: littleEndianBytes(update.entries) };
  const signature = signer.sign(updateDigest(update, addressOf(encodeCanonical(message)), domain));
  return encodeCanonical({ ...message, signature: fromHex(signature) });
}

/** The update in `bytes`, or the first reason in the order of §2 why it is not the expected one. */
export function verifyUpdate(bytes: Uint8Array, expected: UpdateExpectation): Update | UpdateRefusal {
  const { vector } = expected;
  if (bytes.length > maximumUpdateBytes(vector)) {
    return refuse('Oversized', `at most ${maximumUpdateBytes(vector)} bytes`, `${bytes.length}`);
  }
  const message = decodeMessage(bytes);
  if (typeof message === 'string') return refuse('Malformed', 'an update message', message);
  const { body, signature, update } = message;
  const named = [
    ['WrongJob', 'job'],
    ['WrongRound', 'round'],
    ['WrongParticipant', 'participant'],
    ['WrongModel', 'model'],
  ] as const;
  for (const [code, field] of named) {
    if (update[field] !== expected[field]) {
      return refuse(code, `${field} ${expected[field]}`, String(update[field]));
    }
  }
  if (!Number.isInteger(update.examples) || update.examples < 1 || update.examples > vector.maximumWeight) {
    return refuse('WrongExamples', `1 .. ${vector.maximumWeight} examples`, String(update.examples));
  }
  const { entries } = update;
  if (entries.length !== vector.entries) {
    return refuse('WrongLength', `${vector.entries} entries`, `${entries.length}`);
  }
  const outside = findOutOfRange(entries, vector);
  if (outside >= 0) {
    return refuse(
      'OutOfRange',
      `entries up to +-${maximumEntry(vector)}`,
      `${entries[outside]} at ${outside}`,
    );
  }
  const signer = recoverAccount(updateDigest(update, body, expected.domain), signature);
  if (signer !== expected.account) {
    return refuse('WrongSigner', `a signature by ${expected.account}`, signer ?? 'none');
  }
  return update;
}

interface DecodedMessage {
  readonly update: Update;
  /** The content address of the message without its signature. */
  readonly body: Address;
  readonly signature: Hex;
}

const fieldNames = [
  'entries',
  'examples',
  'job',
  'model',
  'participant',
  'round',
  'salt',
  'signature',
  'version',
].join();

/** The message, or what is wrong with it in words. */
function decodeMessage(bytes: Uint8Array): DecodedMessage | string {
  let value: Canonical;
  try {
    value = decodeCanonical(bytes);
  } catch {
    // One text for all: the words of a decoder, or where its stack ends, would make receipts differ between machines.
    return 'no canonical CBOR';
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array) {
    return 'no map';
  }
  const fields = value as Readonly<Record<string, Canonical>>;
  const names = Object.keys(fields).sort().join();
  if (names !== fieldNames) return `the fields ${names.slice(0, 200)}`;
  const { version, job, round, participant, model, examples, salt, entries, signature } = fields;
  if (version !== 1) return 'another version';
  if (!isAddress(job) || !isAddress(model)) return 'a job or model that is no address';
  if (!isCount(round) || !isCount(participant) || !isCount(examples)) return 'a count that is none';
  if (!(salt instanceof Uint8Array) || salt.length !== saltBytes) return 'no salt of 32 bytes';
  if (!(entries instanceof Uint8Array) || entries.length % 4 !== 0) return 'entries that are no int32 list';
  if (!(signature instanceof Uint8Array) || signature.length !== signatureBytes) return 'no signature';
  const { signature: _, ...unsigned } = fields;
  return {
    update: { job, round, participant, model, examples, entries: littleEndianIntegers(entries) },
    body: addressOf(encodeCanonical(unsigned)),
    signature: toHex(signature),
  };
}

function isCount(value: Canonical | undefined): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function refuse(refused: UpdateRefusalCode, expected: string, found: string): UpdateRefusal {
  return { refused, expected, found };
}

const hostIsLittleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

function littleEndianBytes(entries: Int32Array): Uint8Array {
  if (hostIsLittleEndian) return new Uint8Array(entries.buffer, entries.byteOffset, entries.byteLength);
  const view = new DataView(new ArrayBuffer(entries.byteLength));
  entries.forEach((entry, i) => {
    view.setInt32(4 * i, entry, true);
  });
  return new Uint8Array(view.buffer);
}

function littleEndianIntegers(bytes: Uint8Array): Int32Array {
  if (hostIsLittleEndian) return new Int32Array(bytes.slice().buffer);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Int32Array.from({ length: bytes.length / 4 }, (_, i) => view.getInt32(4 * i, true));
}
