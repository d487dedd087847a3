/**
 * Small blobs for the conformance of ledgers: models, averages and partial sums in the plainest
 * form, by docs/specs/update.md §1 and §4, and their leaves as a ledger takes them. A slow twin of
 * what @nonet/federation does; only the message of an update, which is signed, comes from there.
 */

import { toHex } from '../../bytes.ts';
import type { Signer } from '../../identity.ts';
import { type Address, contentLeafBytes, contentPath } from '../../index.ts';
import { groupSize, type ShownLeaf, type StoreReceipt, storeReceiptDigest } from '../../ports/index.ts';

/** The rule of judged jobs in the suite: numbers and header both take more than one leaf. */
export const rule = { entries: 66, headerLeaves: 2 } as const;

/** A number's or an entry's leaf among those that hold numbers or entries. */
export const leafOfEntry = (entry: number) => Math.floor((4 * entry) / contentLeafBytes);

/** A model's blob: `header` fills the leaves in front of the numbers. */
export function encodeModel(numbers: Float32Array, header = 0x20): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(contentLeafBytes * rule.headerLeaves + 4 * numbers.length).fill(header);
  const view = new DataView(bytes.buffer);
  numbers.forEach((number, i) => {
    view.setFloat32(contentLeafBytes * rule.headerLeaves + 4 * i, number, true);
  });
  return bytes;
}

function numbersOf(model: Uint8Array): Float32Array<ArrayBuffer> {
  const view = new DataView(model.buffer, model.byteOffset + contentLeafBytes * rule.headerLeaves);
  return Float32Array.from({ length: rule.entries }, (_, i) => view.getFloat32(4 * i, true));
}

export function entriesOf(update: Uint8Array): number[] {
  const view = new DataView(update.buffer, update.byteOffset + contentLeafBytes);
  return Array.from({ length: rule.entries }, (_, i) => view.getInt32(4 * i, true));
}

export interface Contribution {
  readonly weight: number;
  readonly entries: readonly number[];
}

const sumOf = (contributions: readonly Contribution[], entry: number): bigint =>
  contributions.reduce((sum, { weight, entries }) => sum + BigInt(weight) * BigInt(entries[entry]!), 0n);

/** The right next model (§4.3). */
export function averageModel(start: Uint8Array, contributions: readonly Contribution[]) {
  const weight = contributions.reduce((sum, contribution) => sum + contribution.weight, 0);
  const next = numbersOf(start).map((number, i) =>
    Math.fround(number + Math.fround(Number(sumOf(contributions, i)) / (2 ** 20 * weight))),
  );
  return encodeModel(next);
}

/** The blob of partial sums (§4.4). */
export function encodePartials(
  groups: number,
  contributions: readonly (Contribution & { readonly participant: number })[],
): Uint8Array<ArrayBuffer> {
  const sums = new BigInt64Array(groups * rule.entries).map((_, i) => {
    const group = i % groups;
    const members = contributions.filter(({ participant }) => Math.floor(participant / groupSize) === group);
    return sumOf(members, Math.floor(i / groups));
  });
  const view = new DataView(new ArrayBuffer(8 * sums.length));
  sums.forEach((sum, i) => {
    view.setBigInt64(8 * i, sum, true);
  });
  return new Uint8Array(view.buffer);
}

/** Leaf `index` of a blob, with its path. */
export function showLeaf(bytes: Uint8Array, index: number): ShownLeaf {
  const { length, leaf, path } = contentPath(bytes, index);
  return { length, leaf: toHex(leaf), path: path as readonly Address[] };
}

/** The receipts of these stores, in the order that a receipt set has. */
export async function signReceipts(
  stores: readonly Signer[],
  blob: Address,
  size = 1234,
): Promise<StoreReceipt[]> {
  const receipts = await Promise.all(stores.map((store) => signReceipt(store, blob, size)));
  return receipts.sort((a, b) => (a.store < b.store ? -1 : 1));
}

/** What a store signs when it holds a blob of `size` bytes. */
export async function signReceipt(store: Signer, blob: Address, size: number): Promise<StoreReceipt> {
  const signature = await store.sign(storeReceiptDigest(blob, size));
  return { blob, size, store: store.account, signature };
}
