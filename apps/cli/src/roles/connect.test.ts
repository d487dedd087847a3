import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPrivateKey, createSigner } from '@nonet/core/identity';
import { createFileStore, startStoreServer } from '@nonet/federation';
import { afterAll, expect, test } from 'vitest';
import { serveStore } from './connect.ts';

const folder = mkdtempSync(join(tmpdir(), 'nonet-connect-'));
const store = createFileStore(folder, createSigner(createPrivateKey()));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a store waits for the port that its predecessor still holds, and says so if it never gets it', async () => {
  const predecessor = await startStoreServer({ store });
  const port = Number(new URL(predecessor.url).port);
  await expect(serveStore(store, port, 0)).rejects.toThrow(expect.objectContaining({ code: 'store.port' }));
  const waiting = serveStore(store, port);
  await predecessor.close();
  const server = await waiting;
  expect(server.url).toBe(predecessor.url);
  await server.close();
});
