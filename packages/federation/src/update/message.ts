/**
 * The message in which a participant sends its update (docs/specs/update.md §1 and §2): a header of
 * one leaf, then the entries; salted, and signed for one ledger. Every fault that a message can
 * have shows in one leaf or in its length, so one function, `hasFault`, answers for a role that
 * holds the message and for a ledger that is shown a leaf of it.
 *
 * Nothing here throws on hostile bytes, and no answer depends on anything but the ledger and the
 * bytes.
 */
import {
  type Address,
  type Content,
  contentLeafBytes,
  contentOf,
  contentRoot,
  equalBytes,
  fromHex,
  type Hex,
  MisuseError,
  replaceBytes,
  toHex,
  utf8,
} from '@nonet/core';
import {
  type Account,
  type Domain,
  recoverAccount,
  type Signer,
  typedDataDigest,
} from '@nonet/core/identity';
import { type Ledger, type ShownLeaf, type UpdateRefusalCode, updateRefusalCodes } from '@nonet/core/ports';
import { findOutOfRange } from './fixedPoint.ts';

/** An update message (docs/specs/update.md §2), decoded. */
export interface Update {
  /** The job's name on the ledger (`jobIdOf`). */
  readonly job: Address;
  readonly step: number;
  readonly participant: number;
  /** The model that the round started from. */
  readonly model: Address;
  /** The participant's dataset commitment (docs/specs/dataset.md §1.5). */
  readonly dataset: Address;
  /** Quantised (§3.1), in the order of the data in the model's file. */
  readonly entries: Int32Array<ArrayBuffer>;
}

/** The first reason of §2 why an included update is not accepted. */
export interface UpdateRefusal {
  readonly refused: UpdateRefusalCode;
  /** The lowest entry that is out of range; 0 for all other reasons. */
  readonly entry: number;
  readonly expected: string;
  readonly found: string;
}

/** What the ledger and the job say about the message of one participant in one round. */
export interface UpdateExpectation {
  readonly job: Address;
  readonly step: number;
  readonly participant: number;
  readonly model: Address;
  /** The participant's account. */
  readonly account: Account;
  /** Integers in an update. */
  readonly entries: number;
  /** The largest magnitude of an entry. */
  readonly maximumEntry: number;
  readonly domain: Domain;
}

/** Bytes of the salt. */
export const saltBytes = 32;

// §1.2: where the fields lie in the header.
const headerBytes = contentLeafBytes;
const opening = utf8('nonet update\0\0\0\x01');
const jobOffset = 16;
const stepOffset = 48;
const participantOffset = 52;
const modelOffset = 56;
const datasetOffset = 88;
const saltOffset = 120;
const signatureOffset = 152;
const closingOffset = 217;
const closing = new Uint8Array(headerBytes - closingOffset);
const zeroSignature = new Uint8Array(closingOffset - signatureOffset);

const entriesPerLeaf = contentLeafBytes / 4;

/** Bytes of a message with so many entries (§1.1). */
export function updateBytes(entries: number): number {
  return headerBytes + 4 * entries;
}

/** Messages are signed for one ledger: its chain and contract. */
export function domainOf(ledger: Pick<Ledger, 'chainId' | 'contract'>): Domain {
  return { chainId: ledger.chainId, verifyingContract: ledger.contract };
}

/**
 * What a participant signs (§1.4); `body` is the address of the message with a zeroed signature.
 */
function updateDigest(
  { job, step, participant }: Pick<Update, 'job' | 'step' | 'participant'>,
  body: Address,
  domain: Domain,
): Uint8Array {
  return typedDataDigest(
    domain,
    { name: 'Update', fields: { job: 'bytes32', step: 'uint256', participant: 'uint256', body: 'bytes32' } },
    { job, step, participant, body },
  );
}

/**
 * The message of an update, hashed once: signing it changes one group of its tree. `salt` is 32
 * secret random bytes, drawn once per message: a participant that resumes sends the same bytes
 * again (§1.5). Throws `update.salt` on a salt of another length.
 */
export async function encodeUpdate(
  update: Update,
  salt: Uint8Array,
  domain: Domain,
  signer: Signer,
): Promise<Content> {
  if (salt.length !== saltBytes) {
    throw new MisuseError({
      code: 'update.salt',
      expected: `a salt of ${saltBytes} bytes`,
      found: `${salt.length}`,
    });
  }
  const bytes = new Uint8Array(updateBytes(update.entries.length));
  const view = new DataView(bytes.buffer);
  bytes.set(opening);
  bytes.set(fromHex(update.job), jobOffset);
  view.setUint32(stepOffset, update.step);
  view.setUint32(participantOffset, update.participant);
  bytes.set(fromHex(update.model), modelOffset);
  bytes.set(fromHex(update.dataset), datasetOffset);
  bytes.set(salt, saltOffset);
  for (let i = 0; i < update.entries.length; i++) {
    view.setInt32(headerBytes + 4 * i, update.entries[i]!, true);
  }
  const unsigned = contentOf(bytes);
  const signature = await signer.sign(updateDigest(update, unsigned.address, domain));
  return replaceBytes(unsigned, signatureOffset, fromHex(signature));
}

/**
 * The update in a message, or the first reason in the order of §2 why it is not the expected one.
 */
export function verifyUpdate(
  blob: Uint8Array | Content,
  expected: UpdateExpectation,
): Update | UpdateRefusal {
  const message = contentOf(blob);
  const { bytes } = message;
  const header: JudgedLeaf = {
    length: bytes.length,
    leaf: bytes.subarray(0, headerBytes),
    body: () => replaceBytes(message, signatureOffset, zeroSignature).address,
  };
  for (const refused of updateRefusalCodes) {
    if (refused === 'OutOfRange') continue;
    const fault = findFault(refused, 0, header, expected);
    if (fault !== undefined) return { refused, entry: 0, ...fault };
  }
  const view = viewOf(bytes);
  const entries = new Int32Array(expected.entries);
  for (let i = 0; i < entries.length; i++) entries[i] = view.getInt32(headerBytes + 4 * i, true);
  const entry = findOutOfRange(entries, expected.maximumEntry);
  if (entry >= 0) return { refused: 'OutOfRange', entry, ...outOfRange(entries[entry]!, expected) };
  const { job, step, participant, model } = expected;
  return { job, step, participant, model, dataset: addressAt(bytes, datasetOffset), entries };
}

/** Which leaf of a message shows a fault: the header, or for `OutOfRange` the leaf of the entry. */
export function leafOfFault(reason: UpdateRefusalCode, entry: number): number {
  return reason === 'OutOfRange' ? 1 + Math.floor(entry / entriesPerLeaf) : 0;
}

/**
 * Whether the message has this fault. `shown` must be its leaf `leafOfFault(reason, entry)`, proven
 * to belong to it; nothing else is looked at. A message of another length has no fault but
 * `WrongLength`.
 */
export function hasFault(
  reason: UpdateRefusalCode,
  entry: number,
  { length, leaf: shown, path }: ShownLeaf,
  expected: UpdateExpectation,
): boolean {
  const leaf = fromHex(shown);
  const body = () => contentRoot({ length, index: 0, leaf: withoutSignature(leaf), path });
  return findFault(reason, entry, { length, leaf, body }, expected) !== undefined;
}

interface Fault {
  readonly expected: string;
  readonly found: string;
}

interface JudgedLeaf {
  /** Of the message: bytes. */
  readonly length: number;
  readonly leaf: Uint8Array;
  /** The address of the message without its signature, where `leaf` is the header. */
  readonly body: () => Address | undefined;
}

function findFault(
  reason: UpdateRefusalCode,
  entry: number,
  { length, leaf, body }: JudgedLeaf,
  expected: UpdateExpectation,
): Fault | undefined {
  const wanted = updateBytes(expected.entries);
  if (length !== wanted) {
    return reason === 'WrongLength' ? { expected: `${wanted} bytes`, found: `${length}` } : undefined;
  }
  switch (reason) {
    case 'WrongLength':
      return undefined;
    case 'Malformed':
      if (!equalBytes(leaf.subarray(0, opening.length), opening)) {
        return { expected: 'a message of version 1', found: toHex(leaf.subarray(0, opening.length)) };
      }
      return equalBytes(leaf.subarray(closingOffset), closing)
        ? undefined
        : { expected: 'zeros at the end of the header', found: toHex(leaf.subarray(closingOffset)) };
    case 'WrongJob':
      return compare('job', expected.job, addressAt(leaf, jobOffset));
    case 'WrongStep':
      return compare('step', expected.step, viewOf(leaf).getUint32(stepOffset));
    case 'WrongParticipant':
      return compare('participant', expected.participant, viewOf(leaf).getUint32(participantOffset));
    case 'WrongModel':
      return compare('model', expected.model, addressAt(leaf, modelOffset));
    case 'WrongSigner': {
      const signature: Hex = toHex(leaf.subarray(signatureOffset, closingOffset));
      const signed = body();
      const signer =
        signed === undefined
          ? undefined
          : recoverAccount(updateDigest(expected, signed, expected.domain), signature);
      return signer === expected.account
        ? undefined
        : { expected: `a signature by ${expected.account}`, found: signer ?? 'no valid signature' };
    }
    case 'OutOfRange': {
      if (entry >= expected.entries) return undefined;
      const value = viewOf(leaf).getInt32(4 * (entry % entriesPerLeaf), true);
      return Math.abs(value) > expected.maximumEntry ? outOfRange(value, expected) : undefined;
    }
  }
}

function compare(name: string, expected: Address | number, found: Address | number): Fault | undefined {
  return expected === found ? undefined : { expected: `${name} ${expected}`, found: `${found}` };
}

function outOfRange(value: number, { maximumEntry }: UpdateExpectation): Fault {
  return { expected: `entries up to +-${maximumEntry}`, found: `${value}` };
}

/** A copy of the first leaf of a message, with a signature of zeros. */
function withoutSignature(leaf: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(leaf).fill(0, signatureOffset, closingOffset);
}

function addressAt(bytes: Uint8Array, offset: number): Address {
  return toHex(bytes.subarray(offset, offset + 32)) as Address;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
