import { testBlobStore } from '@nonet/core/testing';
import { storeSigner } from '../testing/storeServers.ts';
import { createMemoryStore } from './memoryStore.ts';

testBlobStore('memory', async () => {
  const store = createMemoryStore(storeSigner);
  return { store, tamper: async (address, bytes) => void store.blobs.set(address, new Uint8Array(bytes)) };
});
