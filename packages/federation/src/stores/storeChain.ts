/** Several stores as one: reads ask one after the other, writes go to the first that takes them. */
import { MisuseError, NonetError } from '@nonet/core';
import type { BlobStore } from '@nonet/core/ports';

/** How much a failure says; the most telling one is thrown when all stores fail. */
const telling = ['blob.missing', 'store.unreachable', 'store.refused', 'blob.oversized', 'blob.corrupt'];

/** A store that serves a damaged blob, or none, is passed over. Throws what the most telling of them said. */
export function createStoreChain(stores: readonly BlobStore[]): BlobStore {
  if (stores.length === 0) {
    throw new MisuseError({ code: 'store.none', expected: 'at least one store', found: 'none' });
  }
  async function first<T>(attempt: (store: BlobStore) => Promise<T>): Promise<T> {
    let worst: NonetError | undefined;
    for (const store of stores) {
      try {
        return await attempt(store);
      } catch (cause) {
        if (!(cause instanceof NonetError)) throw cause;
        if (worst === undefined || telling.indexOf(cause.code) > telling.indexOf(worst.code)) worst = cause;
      }
    }
    throw worst;
  }
  return {
    put: (bytes) => first((store) => store.put(bytes)),
    get: (address, options) => first((store) => store.get(address, options)),
    async has(address) {
      for (const store of stores) if (await store.has(address).catch(() => false)) return true;
      return false;
    },
  };
}
