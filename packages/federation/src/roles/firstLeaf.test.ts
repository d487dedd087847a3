import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Address, contentGroupBytes, contentOf, UndecidedError } from '@nonet/core';
import { createPrivateKey, createSigner } from '@nonet/core/identity';
import type { BlobStore, GetOptions } from '@nonet/core/ports';
import { expect, onTestFinished, test } from 'vitest';
import { createFileStore } from '../stores/fileStore.ts';
import { createHttpStore } from '../stores/httpStore.ts';
import { createMemoryStore } from '../stores/memoryStore.ts';
import { startStoreServer } from '../stores/storeServer.ts';
import { showLeaf } from '../update/lies.ts';
import { readFirstLeaf } from './firstLeaf.ts';

const long = contentOf(Uint8Array.from({ length: 40 * contentGroupBytes + 77 }, (_, i) => i * 7));
const { signal } = new AbortController();

/** Serves the outline and the first groups, and then no more until it is told to stop. */
function createTrickle(change: (group: Uint8Array) => Uint8Array = (group) => group) {
  const seen: number[] = [];
  const store = {
    async get(address: Address, { partial, maximumBytes, signal }: Required<GetOptions>) {
      expect(maximumBytes).toBe(2 ** 32);
      expect(partial.takeOutline(long.length - 1, long.outline)).toBe(false);
      expect(partial.takeGroup(0, long.bytes.subarray(0, contentGroupBytes))).toBe(false);
      expect(partial.takeOutline(long.length, long.outline)).toBe(true);
      for (const group of [0, 1]) {
        const start = group * contentGroupBytes;
        if (!partial.takeGroup(start, change(long.bytes.subarray(start, start + contentGroupBytes)))) {
          throw new UndecidedError({ code: 'store.corrupt', expected: address, found: 'other bytes' });
        }
        seen.push(group);
      }
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
      throw signal.reason;
    },
  } as unknown as BlobStore;
  return { store, seen };
}

test('is shown as soon as the first group is there, of a blob that never ends', async () => {
  const { store } = createTrickle();
  const shown = await readFirstLeaf(store, long.address, { signal });
  expect(shown).toEqual(showLeaf(long.bytes, 0));
});

test('is not shown of other bytes than those of the address', async () => {
  const { store, seen } = createTrickle((group) => group.map((byte) => byte ^ 1));
  await expect(readFirstLeaf(store, long.address, { signal })).rejects.toMatchObject({
    code: 'store.corrupt',
  });
  expect(seen).toEqual([]);
});

test('ends with the caller', async () => {
  const stop = new AbortController();
  const store = {
    get: (_: Address, { signal }: Required<GetOptions>) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  } as unknown as BlobStore;
  const read = readFirstLeaf(store, long.address, { signal: stop.signal });
  stop.abort(new Error('enough'));
  await expect(read).rejects.toThrow('enough');
});

test.each([0, 5, 300, contentGroupBytes, contentGroupBytes + 1, 40 * contentGroupBytes])(
  'is shown of %s bytes, over HTTP and from memory',
  async (length) => {
    const memory = createMemoryStore();
    const { address, bytes } = contentOf(long.bytes.slice(0, length));
    await memory.put(bytes);
    expect(await readFirstLeaf(memory, address, { signal })).toEqual(showLeaf(bytes, 0));
    const folder = await mkdtemp(join(tmpdir(), 'nonet-leaf-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const files = createFileStore(folder, createSigner(createPrivateKey()));
    await files.put(bytes);
    const server = await startStoreServer({ store: files });
    onTestFinished(() => server.close());
    const store = createHttpStore({ url: server.url });
    expect(await readFirstLeaf(store, address, { signal })).toEqual(showLeaf(bytes, 0));
  },
);
