import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPrivateKey, createSigner } from '@nonet/core/identity';
import { sampleJob } from '@nonet/core/testing/run';
import { createFileStore, createMemoryLedger, createMemoryStore, startStoreServer } from '@nonet/federation';
import { afterAll, expect, test } from 'vitest';
import { connectStores, serveStore } from './connect.ts';

const folder = mkdtempSync(join(tmpdir(), 'nonet-connect-'));
const connection = { job: sampleJob, ledger: createMemoryLedger({ clock: () => 0 }) };
const store = createFileStore(folder, createSigner(createPrivateKey()));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a store waits for the port that its predecessor still holds, and says so if it never gets it', async () => {
  const predecessor = await startStoreServer({ store });
  const port = Number(new URL(predecessor.url).port);
  await expect(serveStore(connection, store, port, 0)).rejects.toThrow(
    expect.objectContaining({ code: 'store.port' }),
  );
  const waiting = serveStore(connection, store, port);
  await predecessor.close();
  const server = await waiting;
  expect(server.url).toBe(predecessor.url);
  await server.close();
});

test('what an account of the job uploads is kept in its room', async () => {
  const signer = createSigner(createPrivateKey());
  const job = { ...sampleJob, creator: signer.account };
  const server = await serveStore({ ...connection, job }, store, 0);
  const stores = [{ url: server.url, account: store.signer!.account }];
  await connectStores({ job: { ...job, stores, copies: 1 }, signer }).put(new Uint8Array(7));
  expect(await store.countBytes(signer.account)).toBe(7);
  await server.close();
});

test('the store that a process serves is asked directly; it replaces that of no other account', async () => {
  const [self, other] = [createSigner(createPrivateKey()), createSigner(createPrivateKey())];
  const { url, close } = await startStoreServer({ store });
  await close();
  // Nothing answers at these addresses.
  const job = { ...sampleJob, stores: [{ url, account: self.account }], copies: 1 };
  const own = createMemoryStore();
  const { address } = await own.put(Uint8Array.of(1, 2, 3));
  const held = await connectStores({ job, signer: self }, own).get(address);
  expect(held.bytes).toEqual(Uint8Array.of(1, 2, 3));
  const elsewhere = connectStores({ job, signer: other }, own);
  await expect(
    elsewhere.has(address).then((has) => has || Promise.reject(new Error('none'))),
  ).rejects.toThrow();
});
