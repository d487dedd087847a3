import { writeFile } from 'node:fs/promises';
import { addressOf, contentOf, toHex, utf8 } from '@nonet/core';
import { createSigner } from '@nonet/core/identity';
import type { BlobStore } from '@nonet/core/ports';
import { testBlobStore } from '@nonet/core/testing';
import { describe, expect, test } from 'vitest';
import {
  createClient,
  createFolder,
  startRude,
  startRudeStore,
  startServer,
  storeSigner,
} from '../testing/storeServers.ts';
import { createFileStore } from './fileStore.ts';
import { createMemoryStore } from './memoryStore.ts';
import { createStoreSet, type NamedStore } from './storeSet.ts';

testBlobStore('set of files and an empty store that takes nothing', async () => {
  const files = createFileStore(await createFolder(), storeSigner);
  const dead = createClient('http://127.0.0.1:1', { attempts: 1 });
  const empty: BlobStore = { ...createMemoryStore(), put: dead.put };
  const store = createStoreSet({
    stores: [
      { name: 'empty', store: empty },
      { name: 'files', store: files },
    ],
  });
  return { store, tamper: (address, bytes) => writeFile(files.pathOf(address), bytes) };
});

const blob = Uint8Array.from({ length: 200_000 }, (_, i) => (i * i) >>> 4);
const address = addressOf(blob);
const code = (code: string) => expect.objectContaining({ code });
const key = (byte: number) => createSigner(toHex(new Uint8Array(32).fill(byte)));
const named = (...stores: BlobStore[]): NamedStore[] =>
  stores.map((store, i) => ({ name: `store ${i}`, store }));
const holding = (bytes: Uint8Array<ArrayBuffer>) => {
  const store = createMemoryStore();
  store.blobs.set(address, bytes);
  return store;
};
/** A store that never answers, and does not heed signals either. */
const silent: BlobStore = {
  put: () => new Promise(() => {}),
  get: () => new Promise(() => {}),
  has: () => new Promise(() => {}),
  receipts: () => new Promise(() => {}),
};
const away = createClient('http://127.0.0.1:1', { attempts: 1 });

test('needs a store', () => {
  expect(() => createStoreSet({ stores: [] })).toThrow(code('store.none'));
});

describe('a read', () => {
  test('passes over stores that lack the blob, damaged it, are away or silent', async () => {
    const stores = named(createMemoryStore(), holding(utf8('bloc')), away, silent, silent, holding(blob));
    const set = createStoreSet({ stores, staggerMilliseconds: 1 });
    expect((await set.get(address)).bytes).toEqual(blob);
    expect(await set.has(address)).toBe(true);
  });

  test('asks no further store while the first one serves', async () => {
    let asked = 0;
    const counting: BlobStore = {
      ...holding(blob),
      get: async () => {
        asked++;
        return contentOf(blob);
      },
    };
    const set = createStoreSet({ stores: named(holding(blob), counting) });
    expect((await set.get(address)).bytes).toEqual(blob);
    expect(asked).toBe(0);
  });

  test('takes from a trickling store what it has, and the rest from another; the trickle is stopped', async () => {
    let closed = false;
    const trickling = await startRudeStore(blob, (_, response) => {
      response.writeHead(200, { 'Content-Length': blob.length });
      response.write(blob.subarray(0, 131_072));
      let at = 131_072;
      const timer = setInterval(() => response.write(blob.subarray(at, ++at)), 5);
      response.on('close', () => {
        clearInterval(timer);
        closed = true;
      });
    });
    const { url, files, traffic } = await startServer();
    await files.put(blob);
    const late: BlobStore = {
      ...createClient(url),
      async get(address, options) {
        await expect.poll(() => options?.partial?.verified).toBe(131_072);
        return createClient(url).get(address, options);
      },
    };
    const set = createStoreSet({ stores: named(createClient(trickling), late), staggerMilliseconds: 1 });
    expect((await set.get(address)).bytes).toEqual(blob);
    expect(traffic.sent).toBe(blob.length - 131_072);
    await expect.poll(() => closed).toBe(true);
  });

  test('throws the most telling reason', async () => {
    const get = (...stores: BlobStore[]) => createStoreSet({ stores: named(...stores) }).get(address);
    await expect(get(holding(utf8('bloc')), createMemoryStore(), away)).rejects.toThrow(code('blob.corrupt'));
    await expect(get(createMemoryStore(), away)).rejects.toThrow(code('store.unreachable'));
    await expect(get(createMemoryStore())).rejects.toThrow(code('blob.missing'));
  });

  test('ends with a length that the address binds, even if all other stores are silent', async () => {
    const set = createStoreSet({ stores: named(silent, holding(blob)), staggerMilliseconds: 1 });
    await expect(set.get(address, { maximumBytes: 199_999 })).rejects.toThrow(code('blob.oversized'));
  });

  test('ends at its deadline, and when it is told to', async () => {
    const set = createStoreSet({ stores: named(silent, silent) });
    const bounds = () => ({ untilMilliseconds: Date.now() + 30 });
    await expect(set.get(address, bounds())).rejects.toThrow(code('store.unreachable'));
    await expect(set.has(address, bounds())).rejects.toThrow(code('store.unreachable'));
    await expect(set.receipts(address, bounds())).rejects.toThrow(code('store.unreachable'));
    await expect(set.put(blob, bounds())).rejects.toThrow(code('store.copies'));
    const reason = new RangeError('enough');
    const stop = new AbortController();
    const calls = [
      set.get(address, stop),
      set.has(address, stop),
      set.receipts(address, stop),
      set.put(blob, stop),
    ];
    stop.abort(reason);
    for (const call of calls) await expect(call).rejects.toBe(reason);
  });

  test('has is undecided where a store that could hold the blob is away', async () => {
    const has = (...stores: BlobStore[]) => createStoreSet({ stores: named(...stores) }).has(address);
    expect(await has(createMemoryStore(), createMemoryStore())).toBe(false);
    expect(await has(away, holding(blob))).toBe(true);
    await expect(has(away, createMemoryStore())).rejects.toThrow(code('store.unreachable'));
  });
});

describe('a write', () => {
  test('goes to all stores, and comes back with the receipts of all', async () => {
    const stores = [1, 2, 3].map((byte) => createMemoryStore(key(byte)));
    const { receipts, failures } = await createStoreSet({ stores: named(...stores), copies: 2 }).put(blob);
    expect(receipts.map(({ store }) => store).sort()).toEqual(
      [1, 2, 3].map((byte) => key(byte).account).sort(),
    );
    expect(failures).toEqual([]);
    for (const store of stores) expect(await store.has(address)).toBe(true);
  });

  test('hashes the blob once: each store is handed what the address was computed from', async () => {
    const taken: unknown[] = [];
    const store: BlobStore = {
      ...createMemoryStore(),
      async put(blob) {
        taken.push(blob);
        return { address, receipts: [] };
      },
    };
    const content = contentOf(blob);
    const set = createStoreSet({ stores: named(store, store) });
    await set.put(content);
    await set.put(blob);
    expect(taken.slice(0, 2).every((one) => one === content)).toBe(true);
    expect(taken[2]).toEqual(content);
    expect(taken[3]).toBe(taken[2]);
  });

  test('succeeds with enough copies, and says who failed', async () => {
    const refusing = await startRude((request, response) =>
      request.resume().on('end', () => response.writeHead(507).end()),
    );
    const [first, second] = [createMemoryStore(key(1)), createMemoryStore(key(2))];
    const set = createStoreSet({
      stores: named(first, createClient(refusing), silent, second),
      copies: 2,
      graceMilliseconds: 300,
    });
    const { receipts, failures } = await set.put(blob);
    expect(receipts.map(({ store }) => store)).toEqual([key(1).account, key(2).account]);
    const reasons = failures.map(({ store, cause }) => [store, (cause as { code?: string }).code]);
    expect(reasons).toEqual([
      ['store 1', 'store.refused'],
      ['store 2', 'store.unreachable'],
    ]);
  });

  test('does not take back what enough stores have, because its deadline falls into the grace', async () => {
    const set = createStoreSet({ stores: named(createMemoryStore(key(1)), silent), graceMilliseconds: 1e6 });
    const { receipts } = await set.put(blob, { untilMilliseconds: Date.now() + 30 });
    expect(receipts).toHaveLength(1);
  });

  test('fails with fewer copies, undecided, and says why', async () => {
    const set = createStoreSet({ stores: named(createMemoryStore(key(1)), away), copies: 2 });
    await expect(set.put(blob)).rejects.toMatchObject({
      name: 'UndecidedError',
      code: 'store.copies',
      found: expect.stringContaining('store 1: '),
    });
  });
});

describe('receipts', () => {
  const holder = async (byte: number) => {
    const store = createMemoryStore(key(byte));
    await store.put(blob);
    return store;
  };

  test('are those of all stores that hold the blob', async () => {
    const stores = named(await holder(1), createMemoryStore(key(2)), await holder(3), away);
    const receipts = await createStoreSet({ stores, copies: 3 }).receipts(address);
    expect(receipts.map(({ store }) => store)).toEqual([key(1).account, key(3).account]);
  });

  test('of enough distinct stores are enough', async () => {
    const [one, other] = [await holder(1), await holder(2)];
    const set = createStoreSet({ stores: named(silent, one, one, other), copies: 2 });
    expect((await set.receipts(address)).map(({ store }) => store)).toEqual([key(1).account, key(2).account]);
  });

  test('are undecided where no store answers', async () => {
    await expect(createStoreSet({ stores: named(away) }).receipts(address)).rejects.toThrow(
      code('store.unreachable'),
    );
    expect(
      await createStoreSet({ stores: named(away, createMemoryStore(key(1))) }).receipts(address),
    ).toEqual([]);
  });
});
