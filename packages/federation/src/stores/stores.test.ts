import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Address, addressOf, toHex, utf8 } from '@nonet/core';
import { createSigner } from '@nonet/core/identity';
import { type BlobStore, isStoreReceipt } from '@nonet/core/ports';
import { testBlobStore } from '@nonet/core/testing';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { createFileStore } from './fileStore.ts';
import { createHttpStore, type HttpStoreParameters } from './httpStore.ts';
import { createMemoryStore } from './memoryStore.ts';
import { createStoreChain } from './storeChain.ts';
import { type StoreServerParameters, startStoreServer } from './storeServer.ts';

const signer = createSigner(toHex(new Uint8Array(32).fill(3)));
const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

async function createFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'nonet-store-'));
  folders.push(folder);
  return folder;
}

async function startServer(parameters: Partial<StoreServerParameters> = {}) {
  const store = createFileStore(await createFolder(), signer);
  const server = await startStoreServer({ store, ...parameters });
  const tamper = (address: Address, bytes: Uint8Array) => writeFile(store.pathOf(address), bytes);
  return { ...server, files: store, tamper };
}

const client = (url: string, more: Partial<HttpStoreParameters> = {}) =>
  createHttpStore({ url, account: signer.account, backoffMilliseconds: 1, ...more });

testBlobStore('memory', async () => {
  const store = createMemoryStore();
  return { store, tamper: async (address, bytes) => void store.blobs.set(address, new Uint8Array(bytes)) };
});

testBlobStore('files', async () => {
  const store = createFileStore(await createFolder());
  return { store, tamper: (address, bytes) => writeFile(store.pathOf(address), bytes) };
});

testBlobStore('HTTP', async () => {
  const { url, tamper, close } = await startServer();
  return { store: client(url), tamper, close };
});

testBlobStore('chain of an empty store and files', async () => {
  const files = createFileStore(await createFolder());
  const empty: BlobStore = { ...createMemoryStore(), put: client('http://127.0.0.1:1', { attempts: 1 }).put };
  return {
    store: createStoreChain([empty, files]),
    tamper: (address, bytes) => writeFile(files.pathOf(address), bytes),
  };
});

describe('file store', () => {
  test('leaves nothing behind but the blob', async () => {
    const store = createFileStore(await createFolder());
    const { address } = await store.put(utf8('a'));
    const names = (await readdir(store.directory, { recursive: true })).sort();
    expect(names).toEqual([address.slice(2, 4), `${address.slice(2, 4)}/${address}`, 'incoming'].sort());
  });

  test('signs receipts of what it holds', async () => {
    const { address, receipt } = await createFileStore(await createFolder(), signer).put(utf8('a'));
    expect(receipt).toMatchObject({ blob: address, size: 1, store: signer.account });
    expect(isStoreReceipt(receipt!, [signer.account])).toBe(true);
  });

  test('an address is no path', async () => {
    const store = createFileStore(await createFolder());
    for (const address of ['../../etc/passwd', `0x${'A'.repeat(64)}`, `0x${'..'.repeat(32)}`]) {
      await expect(store.get(address as Address)).rejects.toThrow(
        expect.objectContaining({ code: 'address.malformed' }),
      );
    }
  });
});

describe('store server', () => {
  const status = async (url: string, init?: RequestInit) => (await fetch(url, init)).status;
  const blob = utf8('0123456789');
  const address = addressOf(blob);

  test('says who it is', async () => {
    const server = await startServer({ maximumBytes: 99 });
    onTestFinished(server.close);
    expect(await (await fetch(server.url)).json()).toEqual({ account: signer.account, maximumBytes: 99 });
  });

  test('needs a store that signs', async () => {
    await expect(startStoreServer({ store: createFileStore('nowhere') })).rejects.toThrow(
      expect.objectContaining({ code: 'store.signer' }),
    );
  });

  test('serves ranges', async () => {
    const server = await startServer();
    onTestFinished(server.close);
    await server.files.put(blob);
    const range = async (Range: string) => {
      const response = await fetch(`${server.url}/blobs/${address}`, { headers: { Range } });
      return [response.status, response.headers.get('content-range'), await response.text()];
    };
    expect(await range('bytes=7-')).toEqual([206, 'bytes 7-9/10', '789']);
    expect(await range('bytes=0-0')).toEqual([206, 'bytes 0-0/10', '0']);
    expect(await range('bytes=8-99')).toEqual([206, 'bytes 8-9/10', '89']);
    expect((await range('bytes=10-')).slice(0, 2)).toEqual([416, 'bytes */10']);
    expect((await range('bytes=5-4')).slice(0, 2)).toEqual([416, 'bytes */10']);
    expect(await range('lines=1-2')).toEqual([200, null, '0123456789']);
  });

  test('refuses what it should, and keeps nothing of it', async () => {
    const server = await startServer({ maximumBytes: 10, quotaBytes: 15 });
    onTestFinished(server.close);
    const put = (to: Address, body: Uint8Array<ArrayBuffer>) =>
      status(`${server.url}/blobs/${to}`, { method: 'PUT', body });
    expect(await put(addressOf(utf8('other')), blob)).toBe(422);
    expect(await put(addressOf(new Uint8Array(11)), new Uint8Array(11))).toBe(413);
    expect(await put(address, blob)).toBe(201);
    // What it holds needs no more room; anything else of that size would not fit.
    expect(await put(address, blob)).toBe(201);
    expect(await put(addressOf(new Uint8Array(10)), new Uint8Array(10))).toBe(507);
    expect(await put(addressOf(utf8('five!')), utf8('five!'))).toBe(201);
    expect(await status(`${server.url}/blobs/${address}`, { method: 'DELETE' })).toBe(405);
    for (const path of [
      '/blobs/../../etc/passwd',
      '/blobs/%2e%2e%2fx',
      `/blobs/${address}/..`,
      '/x',
      '/blobs/',
    ]) {
      expect(await status(server.url + path)).toBe(404);
    }
    expect(await readdir(join(server.files.directory, 'incoming'))).toEqual([]);
  });

  test('counts the bytes that came, not those that somebody announced', async () => {
    const server = await startServer({ quotaBytes: 15 });
    onTestFinished(server.close);
    const { hostname, port } = new URL(server.url);
    const idle = connect(Number(port), hostname, () => {
      idle.write(`PUT /blobs/${addressOf(utf8('x'))} HTTP/1.1\r\nHost: x\r\nContent-Length: 15\r\n\r\n`);
    });
    onTestFinished(() => void idle.destroy());
    await expect
      .poll(() => readdir(join(server.files.directory, 'incoming')).catch(() => []))
      .toHaveLength(1);
    const put = (body: Uint8Array<ArrayBuffer>) =>
      status(`${server.url}/blobs/${addressOf(body)}`, { method: 'PUT', body });
    expect(await put(blob)).toBe(201);
    const answer = new Promise<string>((resolve) => idle.once('data', (data) => resolve(String(data))));
    idle.write('123456789012345');
    expect(await answer).toContain('507');
    expect(await put(utf8('five!'))).toBe(201);
  });

  test('a body without length, a short body, a client that goes away', async () => {
    const server = await startServer();
    onTestFinished(server.close);
    const { hostname, port } = new URL(server.url);
    const raw = (text: string) =>
      new Promise<string>((resolve) => {
        const socket = connect(Number(port), hostname, () => {
          socket.write(text);
          if (text.includes('Content-Length')) socket.end();
        });
        let answer = '';
        socket.on('data', (data) => (answer += data)).on('close', () => resolve(answer.split('\r\n')[0]!));
        socket.on('error', () => {});
      });
    const head = `PUT /blobs/${address} HTTP/1.1\r\nHost: x\r\n`;
    expect(await raw(`${head}Transfer-Encoding: chunked\r\n\r\n`)).toContain('411');
    await raw(`${head}Content-Length: 10\r\n\r\n01234`);
    expect(await server.files.has(address)).toBe(false);
    await expect.poll(() => readdir(join(server.files.directory, 'incoming'))).toEqual([]);
  });
});

describe('HTTP client', () => {
  const blob = Uint8Array.from({ length: 1_000_000 }, (_, i) => (i * i) >>> 4);
  const address = addressOf(blob);

  /** A server of ours that misbehaves. */
  async function startRude(listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  const code = (code: string) => expect.objectContaining({ code });

  test('an interrupted download resumes: every byte is sent once', async () => {
    const server = await startServer();
    onTestFinished(server.close);
    await server.files.put(blob);
    let requests = 0;
    let received = 0;
    // Cuts each of the first three answers after 150,000 bytes have passed.
    const cutting: typeof fetch = async (input, init) => {
      const response = await fetch(input, init);
      if (++requests > 3) return response;
      let passed = 0;
      const body = response.body!.pipeThrough(
        new TransformStream<Uint8Array, Uint8Array>({
          transform(chunk, controller) {
            if (passed > 150_000) return controller.error(new TypeError('terminated'));
            passed += chunk.length;
            received += chunk.length;
            controller.enqueue(chunk);
          },
        }),
      );
      return new Response(body, { status: response.status, headers: response.headers });
    };
    const bytes = await client(server.url, { fetch: cutting, attempts: 2 }).get(address);
    expect(addressOf(bytes)).toBe(address);
    expect(requests).toBe(4);
    expect(received).toBeGreaterThan(450_000);
    expect(received).toBeLessThan(blob.length);
  });

  test('a server that breaks off resumes with a range, and the bytes served add up', async () => {
    const ranges: (string | undefined)[] = [];
    let served = 0;
    const url = await startRude((request, response) => {
      const { range } = request.headers;
      ranges.push(range);
      const start = Number(/=([0-9]+)-/.exec(range ?? '')?.[1] ?? 0);
      const end = Math.min(start + 300_000, blob.length);
      served += end - start;
      response.writeHead(start > 0 ? 206 : 200, {
        'Content-Length': blob.length - start,
        'Content-Range': `bytes ${start}-${blob.length - 1}/${blob.length}`,
      });
      response.write(blob.subarray(start, end), () => {
        if (end < blob.length) response.destroy();
        else response.end();
      });
    });
    expect(addressOf(await client(url, { attempts: 2 }).get(address))).toBe(address);
    expect(ranges).toEqual([undefined, 'bytes=300000-', 'bytes=600000-', 'bytes=900000-']);
    expect(served).toBe(blob.length);
  });

  test('a server that ignores ranges is read from the start', async () => {
    let requests = 0;
    const url = await startRude((_, response) => {
      response.writeHead(200, { 'Content-Length': blob.length });
      response.write(blob.subarray(0, 1000), () =>
        ++requests < 3 ? response.destroy() : response.end(blob.subarray(1000)),
      );
    });
    expect(addressOf(await client(url).get(address))).toBe(address);
  });

  test('declared too large: refused before a byte is kept', async () => {
    let closed = false;
    const url = await startRude((_, response) => {
      response.on('close', () => (closed = true));
      response.writeHead(200, { 'Content-Length': 10 ** 12 });
      response.write('x');
    });
    await expect(client(url).get(address, { maximumBytes: 10 ** 6 })).rejects.toThrow(code('blob.oversized'));
    await expect.poll(() => closed).toBe(true);
  });

  test('too large without saying so: cut off', async () => {
    const url = await startRude((_, response) => {
      const more = () => void (response.destroyed || response.write(blob, () => setImmediate(more)));
      more();
    });
    await expect(client(url).get(address, { maximumBytes: 10 ** 6 })).rejects.toThrow(code('blob.oversized'));
  });

  test('a store that fails for a while is asked again; one that fails for good is unreachable', async () => {
    let requests = 0;
    const url = await startRude((_, response) => {
      response.writeHead(++requests <= 2 ? 503 : 200).end(requests <= 2 ? undefined : blob);
    });
    expect(addressOf(await client(url).get(address))).toBe(address);
    await expect(client('http://127.0.0.1:1', { attempts: 2 }).get(address)).rejects.toThrow(
      code('store.unreachable'),
    );
    await expect(client('http://127.0.0.1:1', { attempts: 2 }).put(blob)).rejects.toThrow(
      code('store.unreachable'),
    );
  });

  test('silence is not waited for', async () => {
    const url = await startRude(() => {});
    await expect(client(url, { attempts: 1, timeoutMilliseconds: 20 }).get(address)).rejects.toThrow(
      code('store.unreachable'),
    );
  });

  test('a trickle is as good as silence', async () => {
    const url = await startRude((request, response) => {
      const from = Number(/[0-9]+/.exec(request.headers.range ?? '0')![0]);
      response.writeHead(from > 0 ? 206 : 200, { 'Content-Range': `bytes ${from}-99/100` });
      let at = from;
      const timer = setInterval(() => response.write(blob.subarray(at, ++at)), 5);
      response.on('close', () => clearInterval(timer));
    });
    await expect(client(url, { attempts: 2, timeoutMilliseconds: 50 }).get(address)).rejects.toThrow(
      code('store.unreachable'),
    );
  });

  test('a receipt of another store, or of none, is no receipt', async () => {
    const server = await startServer();
    onTestFinished(server.close);
    const stranger = createSigner(toHex(new Uint8Array(32).fill(4)));
    await expect(client(server.url, { account: stranger.account }).put(blob)).rejects.toThrow(
      code('store.receipt'),
    );
    const url = await startRude((request, response) => request.resume().on('end', () => response.end('{}')));
    await expect(client(url).put(blob)).rejects.toThrow(code('store.receipt'));
    // Without an account to expect, a receipt still has to be one.
    await expect(createHttpStore({ url }).put(blob)).rejects.toThrow(code('store.receipt'));
  });

  test('a 4xx answer is final', async () => {
    let requests = 0;
    const url = await startRude((request, response) => {
      requests++;
      request.resume().on('end', () => response.writeHead(413).end('too large'));
    });
    await expect(client(url).put(blob)).rejects.toThrow(code('store.refused'));
    expect(requests).toBe(1);
  });
});

describe('store chain', () => {
  const blob = utf8('blob');
  const address = addressOf(blob);
  const holding = (bytes: Uint8Array<ArrayBuffer>) => {
    const store = createMemoryStore();
    store.blobs.set(address, bytes);
    return store;
  };
  const code = (code: string) => expect.objectContaining({ code });

  test('passes over stores that lack the blob or damaged it', async () => {
    const chain = createStoreChain([createMemoryStore(), holding(utf8('bloc')), holding(blob)]);
    expect(await chain.get(address)).toEqual(blob);
    expect(await chain.has(address)).toBe(true);
  });

  test('throws the most telling reason', async () => {
    const chain = createStoreChain([holding(utf8('bloc')), createMemoryStore()]);
    await expect(chain.get(address)).rejects.toThrow(code('blob.corrupt'));
    await expect(createStoreChain([createMemoryStore()]).get(address)).rejects.toThrow(code('blob.missing'));
  });

  test('needs a store', () => {
    expect(() => createStoreChain([])).toThrow(code('store.none'));
  });
});
