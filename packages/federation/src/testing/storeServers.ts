/**
 * Stores for tests: folders that are removed, servers that are closed, and servers that misbehave.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Address, contentOutline, toHex } from '@nonet/core';
import { createSigner, type Signer } from '@nonet/core/identity';
import { onTestFinished } from 'vitest';
import { createFileStore } from '../stores/fileStore.ts';
import { createHttpStore, type HttpStoreParameters } from '../stores/httpStore.ts';
import { type StoreServerParameters, startStoreServer } from '../stores/storeServer.ts';

export const storeSigner: Signer = createSigner(toHex(new Uint8Array(32).fill(3)));

/** Removed after the test. */
export async function createFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'nonet-store-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Closed after the test. */
export async function startServer(parameters: Partial<StoreServerParameters> = {}) {
  const store = parameters.store ?? createFileStore(await createFolder(), storeSigner);
  const server = await startStoreServer({ store, ...parameters });
  onTestFinished(server.close);
  const tamper = (address: Address, bytes: Uint8Array) => writeFile(store.pathOf(address), bytes);
  return { ...server, files: store, tamper };
}

/** A server that does what the test says; closed after it. Resolves with its URL. */
export async function startRude(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/**
 * A rude server that sends the outline of `blob` as it should; `listener` answers everything else.
 */
export function startRudeStore(blob: Uint8Array, listener: RequestListener): Promise<string> {
  return startRude((request, response) => {
    if (!request.url?.startsWith('/outlines/')) return listener(request, response);
    response.end(outlineAnswer(blob));
  });
}

/** The answer of `GET /outlines/ADDRESS`. */
export function outlineAnswer(blob: Uint8Array, length = blob.length): Uint8Array {
  const outline = contentOutline(blob);
  const body = new Uint8Array(8 + outline.length);
  new DataView(body.buffer).setBigUint64(0, BigInt(length));
  body.set(outline, 8);
  return body;
}

/** A client that does not wait long between attempts. */
export function createClient(url: string, more: Partial<HttpStoreParameters> = {}) {
  return createHttpStore({ url, account: storeSigner.account, backoffMilliseconds: 1, ...more });
}
