/** What the stores of an explorer's world hold, found by address. */
import { type Address, addressOf } from '@nonet/core';
import type { Signer } from '@nonet/core/identity';
import type { StoreReceipt } from '@nonet/core/ports';
import { signStoreReceipt } from '../stores/storeReceipt.ts';

export interface ShelvedBlob {
  readonly name: string;
  /** Undefined for what no store has. */
  readonly bytes?: Uint8Array;
  readonly faulty?: boolean;
  /** The blob of which this is a wrong address. */
  readonly meant?: Address;
}

/** The blobs of a world, and the receipts that its stores gave for them. */
export interface Shelf {
  add(name: string, bytes: Uint8Array, faulty?: boolean): Address;
  /** A commitment to bytes that no store has. */
  addMissing(name: string, bytes: Uint8Array): Address;
  /** An address that differs from the blob's in bits that a ledger does not keep. */
  addMisnamed(name: string, blob: Address): Address;
  meantBy(blob: Address): Address;
  /** Receipts for what was added. */
  sign(blob: Address, bytes: number): Promise<void>;
  find(blob: Address): ShelvedBlob | undefined;
  receiptsFor(blob: Address): readonly StoreReceipt[] | undefined;
}

export function createShelf(stores: readonly Signer[]): Shelf {
  const blobs = new Map<Address, ShelvedBlob>();
  const receipts = new Map<Address, readonly StoreReceipt[]>();
  const place = (blob: Address, shelved: ShelvedBlob) => {
    if (!blobs.has(blob)) blobs.set(blob, shelved);
    return blob;
  };
  return {
    add: (name, bytes, faulty = false) => place(addressOf(bytes), { name, bytes, faulty }),
    addMissing: (name, bytes) => place(addressOf(bytes), { name }),
    addMisnamed: (name, meant) => place(`${meant.slice(0, -8)}${'0'.repeat(8)}` as Address, { name, meant }),
    meantBy: (blob) => blobs.get(blob)?.meant ?? blob,
    async sign(blob, bytes) {
      if (receipts.has(blob)) return;
      receipts.set(blob, await Promise.all(stores.map((store) => signStoreReceipt(blob, bytes, store))));
    },
    find: (blob) => blobs.get(blob),
    receiptsFor: (blob) => receipts.get(blob),
  };
}
