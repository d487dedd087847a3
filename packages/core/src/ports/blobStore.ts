/**
 * Port: content-addressed storage of byte strings. An implementation checks what it returns: bytes
 * that do not lead to their address never reach the caller.
 */
import type { Hex } from '../bytes.ts';
import type { Content, PartialContent } from '../content.ts';
import { NonetError } from '../errors.ts';
import type { Address } from '../hash.ts';
import { type Account, recoverAccount, typedDataDigest } from '../identity.ts';

/**
 * A store's signed statement that it holds a blob; appeals, steps and answers show it to the
 * ledger.
 */
export interface StoreReceipt {
  readonly blob: Address;
  /** Bytes. */
  readonly size: number;
  readonly store: Account;
  readonly signature: Hex;
}

/** Bounds of a call to a store, retries included. */
export interface CallOptions {
  /** Ends the call; it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** When to give up with `store.unreachable`: milliseconds as of `Date.now()`. */
  readonly untilMilliseconds?: number;
}

/** How a blob is read. */
export interface GetOptions extends CallOptions {
  /** Refuse anything longer before it is read into memory (`blob.oversized`). Default 256 MiB. */
  readonly maximumBytes?: number;
  /** Where to go on, and what to leave behind for the next store, if this one breaks off. */
  readonly partial?: PartialContent;
}

/** What a write leaves: the address, and who says that it holds the blob. */
export interface StoredBlob {
  readonly address: Address;
  /** One from each store with a key of its own. */
  readonly receipts: readonly StoreReceipt[];
}

/**
 * Port: a store of blobs by content address. Implementations pass `testBlobStore` of
 * @nonet/core/testing.
 */
export interface BlobStore {
  /** Stores durably; idempotent. What is a content already is not hashed again. */
  put(blob: Uint8Array | Content, options?: CallOptions): Promise<StoredBlob>;
  /**
   * Throws `blob.missing`, `blob.corrupt` (flipped, truncated or extended), `blob.oversized`. The
   * last is said only of a length that the address binds, never of one that a store merely
   * announces.
   */
  get(address: Address, options?: GetOptions): Promise<Content>;
  has(address: Address, options?: CallOptions): Promise<boolean>;
  /** Receipts of the stores that hold the blob and have a key. */
  receipts(address: Address, options?: CallOptions): Promise<readonly StoreReceipt[]>;
}

/** Of one blob, where the caller names no other maximum: 256 MiB. */
export const defaultMaximumBytes = 256 * 2 ** 20;

/** What a store signs (EIP-712) when it has made a blob durable. */
export const storeReceiptType = {
  name: 'StoreReceipt',
  fields: { blob: 'bytes32', size: 'uint256' },
} as const;

/**
 * What a store signs: `StoreReceipt(bytes32 blob,uint256 size)` in the domain without chain
 * (round.md §1.7).
 */
export function storeReceiptDigest(blob: Address, size: number): Uint8Array {
  return typedDataDigest({}, storeReceiptType, { blob, size });
}

/**
 * Whether one of `stores` signed `receipt`. A receipt of a size that no number holds exactly is not
 * one.
 */
export function isStoreReceipt(receipt: StoreReceipt, stores: readonly Account[]): boolean {
  if (!Number.isSafeInteger(receipt.size) || receipt.size < 0) return false;
  const signer = recoverAccount(storeReceiptDigest(receipt.blob, receipt.size), receipt.signature);
  return signer !== undefined && signer === receipt.store && stores.includes(signer);
}

/** What an account signs (EIP-712) to have a blob kept in the room that a store has for it. */
export const storeRequestType = {
  name: 'StoreRequest',
  fields: { store: 'address', blob: 'bytes32', size: 'uint256' },
} as const;

/**
 * What an account signs: `StoreRequest(address store,bytes32 blob,uint256 size)` in the domain
 * without chain. One store cannot repeat it to another.
 */
export function storeRequestDigest(store: Account, blob: Address, size: number): Uint8Array {
  return typedDataDigest({}, storeRequestType, { store, blob, size });
}

/** `blob.missing`: a store does not hold the blob. */
export function blobMissing(address: Address, where: string): NonetError {
  return new NonetError({
    code: 'blob.missing',
    expected: `blob ${address} in ${where}`,
    found: 'nothing under that address',
    hint: 'Name another store that holds it.',
  });
}

/** `blob.corrupt`: a store gave other bytes than those of the address. */
export function blobCorrupt(address: Address, found: string): NonetError {
  return new NonetError({
    code: 'blob.corrupt',
    expected: `bytes whose content address is ${address}`,
    found,
    hint: 'Fetch it from another store.',
  });
}

/** `blob.oversized`: the blob is longer than the caller wants to read. */
export function blobOversized(address: Address, maximumBytes: number, found: number | string): NonetError {
  return new NonetError({
    code: 'blob.oversized',
    expected: `blob ${address} to have at most ${maximumBytes} bytes`,
    found: `${found} bytes`,
  });
}
