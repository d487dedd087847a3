import { readdir, stat, symlink, truncate, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Address, addressOf, contentOf, utf8 } from '@nonet/core';
import type { Account } from '@nonet/core/identity';
import { isStoreReceipt } from '@nonet/core/ports';
import { testBlobStore } from '@nonet/core/testing';
import { expect, test } from 'vitest';
import { createClient, createFolder, startServer, storeSigner } from '../testing/storeServers.ts';
import { createFileStore, type FileStore } from './fileStore.ts';

testBlobStore('files', async () => {
  const store = createFileStore(await createFolder(), storeSigner);
  return { store, tamper: (address, bytes) => writeFile(store.pathOf(address), bytes) };
});

test('leaves nothing behind but the blob', async () => {
  const store = createFileStore(await createFolder());
  const { address } = await store.put(utf8('a'));
  const names = (await readdir(store.directory, { recursive: true })).sort();
  expect(names).toEqual([address.slice(2, 4), `${address.slice(2, 4)}/${address}`, 'incoming'].sort());
});

test('is for this user only', async () => {
  const store = createFileStore(join(await createFolder(), 'a', 'store'));
  const { address } = await store.put(utf8('a'));
  const mode = async (path: string) => (await stat(join(store.directory, path))).mode & 0o777;
  expect(await mode('..')).toBe(0o700);
  expect(await mode('.')).toBe(0o700);
  expect(await mode('incoming')).toBe(0o700);
  expect(await mode(address.slice(2, 4))).toBe(0o700);
  expect((await stat(store.pathOf(address))).mode & 0o777).toBe(0o600);
});

test('signs receipts of what it holds', async () => {
  const store = createFileStore(await createFolder(), storeSigner);
  const { address, receipts } = await store.put(utf8('a'));
  expect(receipts).toMatchObject([{ blob: address, size: 1, store: storeSigner.account }]);
  expect(isStoreReceipt(receipts[0]!, [storeSigner.account])).toBe(true);
  // Another process of the same store, which has not read the blob.
  expect(await createFileStore(store.directory, storeSigner).receipts(address)).toEqual(receipts);
});

test('signs nothing for a file that has shrunk, and nothing without a key', async () => {
  const store = createFileStore(await createFolder(), storeSigner);
  const { address } = await store.put(utf8('abc'));
  await truncate(store.pathOf(address), 2);
  expect(await store.receipts(address)).toEqual([]);
  const keyless = createFileStore(await createFolder());
  expect(await keyless.put(utf8('abc'))).toEqual({ address, receipts: [] });
});

test('tells the outline of what it holds, and nothing of what is missing or damaged', async () => {
  const store = createFileStore(await createFolder());
  const blob = Uint8Array.from({ length: 70_000 }, (_, i) => i);
  const { address } = await store.put(blob);
  const digest = await store.digestOf(address);
  expect(digest).toMatchObject({ address, length: 70_000 });
  expect(digest.outline.length).toBe(64);
  const fresh = createFileStore(store.directory);
  expect(await Promise.all([fresh.digestOf(address), fresh.digestOf(address)])).toEqual([digest, digest]);
  await writeFile(store.pathOf(address), blob.with(5, 0));
  const code = (code: string) => expect.objectContaining({ code });
  await expect(createFileStore(store.directory).digestOf(address)).rejects.toThrow(code('blob.corrupt'));
  await expect(store.digestOf(addressOf(utf8('other')))).rejects.toThrow(code('blob.missing'));
});

test('an address is not a path', async () => {
  const store = createFileStore(await createFolder());
  for (const address of ['../../etc/passwd', `0x${'A'.repeat(64)}`, `0x${'..'.repeat(32)}`]) {
    await expect(store.get(address as Address)).rejects.toThrow(
      expect.objectContaining({ code: 'address.malformed' }),
    );
  }
});

test('neither a reader nor a server believes a content whose bytes were changed after it was hashed', async () => {
  const content = contentOf(utf8('as it was hashed'));
  content.bytes[0]! ^= 1;
  const store = createFileStore(await createFolder());
  await store.put(content);
  await expect(store.get(content.address)).rejects.toThrow(expect.objectContaining({ code: 'blob.corrupt' }));
  const { url, files } = await startServer();
  await expect(createClient(url).put(content)).rejects.toThrow(
    expect.objectContaining({ code: 'store.refused' }),
  );
  expect(await files.has(content.address)).toBe(false);
});

test('remembers the digest of a blob that was put, and not its bytes', async () => {
  const store = createFileStore(await createFolder());
  const { address, length, outline } = contentOf(utf8('abc'));
  await store.put(utf8('abc'));
  expect(await store.digestOf(address)).toEqual({ address, length, outline });
});

test('keeps an undamaged blob, whatever file comes in its place, and replaces a damaged one', async () => {
  const store = createFileStore(await createFolder(), storeSigner);
  const content = contentOf(utf8('abc'));
  await store.put(content);
  const incoming = await store.createIncoming();
  await writeFile(incoming, utf8('xyz'));
  await store.keep(incoming, content);
  expect((await store.get(content.address)).bytes).toEqual(utf8('abc'));
  await writeFile(store.pathOf(content.address), utf8('xbc'));
  await writeFile(incoming, utf8('abc'));
  await store.keep(incoming, content);
  expect((await store.get(content.address)).bytes).toEqual(utf8('abc'));
  expect(await store.countBytes()).toBe(3);
});

test('counts a blob once that several write at the same time', async () => {
  const store = createFileStore(await createFolder());
  expect(await store.countBytes()).toBe(0);
  // Often enough that two of them would meet.
  for (let repetition = 1; repetition <= 40; repetition++) {
    const content = contentOf(new Uint8Array(1000).fill(repetition));
    const incoming = await Promise.all(Array.from({ length: 8 }, () => store.createIncoming()));
    for (const file of incoming) await writeFile(file, content.bytes);
    await Promise.all(incoming.map((file) => store.keep(file, content)));
    expect(await store.countBytes()).toBe(repetition * 1000);
  }
});

test('counts what is in the room of each account, also after a restart', async () => {
  const folder = await createFolder();
  const alice = '0x00000000000000000000000000000000000000a1';
  const bob = '0x00000000000000000000000000000000000000b0';
  const rooms = async (store: FileStore) => [
    await store.countBytes(),
    await store.countBytes(alice),
    await store.countBytes(bob),
  ];
  const store = createFileStore(folder);
  const keep = async (bytes: Uint8Array, owner?: Account) => {
    const incoming = await store.createIncoming();
    await writeFile(incoming, bytes);
    await store.keep(incoming, contentOf(bytes), owner);
  };
  await keep(utf8('1'), alice);
  expect(await rooms(store)).toEqual([0, 1, 0]);
  await store.put(utf8('22'));
  await keep(utf8('333'), bob);
  await keep(utf8('4444'), alice);
  // What is there stays where it is.
  await keep(utf8('22'), bob);
  await keep(utf8('333'), alice);
  await keep(utf8('1'));
  expect(await rooms(store)).toEqual([2, 5, 3]);
  expect(await rooms(createFileStore(folder))).toEqual([2, 5, 3]);
  const room = await stat(join(folder, 'rooms', alice));
  expect(room.mode & 0o777).toBe(0o700);
});

test('a damaged blob stays in the room in which it was, whichever account repairs it', async () => {
  const folder = await createFolder();
  const [alice, bob] = [
    '0x00000000000000000000000000000000000000a1',
    '0x00000000000000000000000000000000000000b0',
  ] as const;
  const store = createFileStore(folder);
  const content = contentOf(utf8('0123456789'));
  const keep = async (owner?: Account) => {
    const incoming = await store.createIncoming();
    await writeFile(incoming, content.bytes);
    await store.keep(incoming, content, owner);
  };
  await keep(alice);
  for (const repairer of [bob, undefined]) {
    expect(await store.countBytes(alice)).toBe(10);
    await truncate(store.pathOf(content.address), 4);
    await keep(repairer);
    for (const each of [store, createFileStore(folder)]) {
      expect([await each.countBytes(), await each.countBytes(alice), await each.countBytes(bob)]).toEqual([
        0, 10, 0,
      ]);
    }
  }
});

test('a folder that cannot be read is not taken for an empty one, and is counted once it can', async () => {
  const folder = await createFolder();
  const store = createFileStore(folder);
  await symlink('rooms', join(folder, 'rooms'));
  await expect(store.countBytes()).rejects.toThrow('ELOOP');
  await unlink(join(folder, 'rooms'));
  expect(await store.countBytes()).toBe(0);
});
