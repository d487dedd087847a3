/** A content store in memory, for tests and simulations. */
import { type Address, contentOf } from '@nonet/core';
import type { Signer } from '@nonet/core/identity';
import {
  type BlobStore,
  blobCorrupt,
  blobMissing,
  blobOversized,
  defaultMaximumBytes,
  type StoreReceipt,
} from '@nonet/core/ports';
import { signStoreReceipt } from './storeReceipt.ts';

/** A store in memory. */
export interface MemoryStore extends BlobStore {
  /** What lies under each address; tests tamper with it. */
  readonly blobs: Map<Address, Uint8Array<ArrayBuffer>>;
}

/** With a signer, it gives receipts. */
export function createMemoryStore(signer?: Signer): MemoryStore {
  const blobs = new Map<Address, Uint8Array<ArrayBuffer>>();
  const receipts = async (address: Address): Promise<readonly StoreReceipt[]> => {
    const bytes = blobs.get(address);
    if (signer === undefined || bytes === undefined) return [];
    return [await signStoreReceipt(address, bytes.length, signer)];
  };
  return {
    blobs,
    async put(blob, { signal } = {}) {
      signal?.throwIfAborted();
      const { address, bytes } = contentOf(blob);
      blobs.set(address, new Uint8Array(bytes));
      return { address, receipts: await receipts(address) };
    },
    async get(address, { maximumBytes = defaultMaximumBytes, signal } = {}) {
      signal?.throwIfAborted();
      const bytes = blobs.get(address);
      if (bytes === undefined) throw blobMissing(address, 'memory');
      const content = contentOf(new Uint8Array(bytes));
      if (content.address !== address) throw blobCorrupt(address, content.address);
      if (bytes.length > maximumBytes) throw blobOversized(address, maximumBytes, bytes.length);
      return content;
    },
    has: async (address) => blobs.has(address),
    receipts,
  };
}
