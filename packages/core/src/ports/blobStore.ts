/**
 * Port: content-addressed storage of byte strings. Whoever implements it checks what it returns: a blob that does not hash to its
 * address never reaches the caller.
 */
import type { Hex } from '../bytes.ts';
import { NonetError } from '../errors.ts';
import type { Address } from '../hash.ts';
import { type Account, recoverAccount, typedDataDigest } from '../identity.ts';

/** A store's signed statement that it holds a blob; an appeal shows it to the ledger. */
export interface StoreReceipt {
  readonly blob: Address;
  /** Bytes. */
  readonly size: number;
  readonly store: Account;
  readonly signature: Hex;
}

export interface GetOptions {
  /** Refuse anything longer before it is read into memory (`blob.oversized`). Default 256 MiB. */
  readonly maximumBytes?: number;
  readonly signal?: AbortSignal;
}

export interface BlobStore {
  /** Stores durably; idempotent. Stores without a key of their own return no receipt. */
  put(bytes: Uint8Array): Promise<{ address: Address; receipt?: StoreReceipt }>;
  /** Throws `blob.missing`, `blob.corrupt` (flipped, truncated or extended), `blob.oversized`. */
  get(address: Address, options?: GetOptions): Promise<Uint8Array<ArrayBuffer>>;
  has(address: Address): Promise<boolean>;
}

export const defaultMaximumBytes = 256 * 2 ** 20;

export const storeReceiptType = {
  name: 'StoreReceipt',
  fields: { blob: 'bytes32', size: 'uint256' },
} as const;

/** What a store signs: EIP-712 `StoreReceipt(bytes32 blob,uint256 size)` in the domain without chain and contract. */
export function storeReceiptDigest(blob: Address, size: number): Uint8Array {
  return typedDataDigest({}, storeReceiptType, { blob, size });
}

/** Whether one of `stores` signed `receipt`. A size that no number holds exactly is none. */
export function isStoreReceipt(receipt: StoreReceipt, stores: readonly Account[]): boolean {
  if (!Number.isSafeInteger(receipt.size)) return false;
  const signer = recoverAccount(storeReceiptDigest(receipt.blob, receipt.size), receipt.signature);
  return signer !== undefined && signer === receipt.store && stores.includes(signer);
}

export function blobMissing(address: Address, where: string): NonetError {
  return new NonetError({
    code: 'blob.missing',
    expected: `blob ${address} in ${where}`,
    found: 'nothing under that address',
    hint: 'Name another store that holds it.',
  });
}

export function blobCorrupt(address: Address, found: string): NonetError {
  return new NonetError({
    code: 'blob.corrupt',
    expected: `bytes whose content address is ${address}`,
    found,
    hint: 'Fetch it from another store.',
  });
}

export function blobOversized(address: Address, maximumBytes: number, found: number | string): NonetError {
  return new NonetError({
    code: 'blob.oversized',
    expected: `blob ${address} to have at most ${maximumBytes} bytes`,
    found: `${found} bytes`,
  });
}
