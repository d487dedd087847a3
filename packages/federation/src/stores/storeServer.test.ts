import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { request as sendRequest } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type Address, addressOf, utf8 } from '@nonet/core';
import { type Account, createPrivateKey, createSigner } from '@nonet/core/identity';
import { isStoreReceipt, storeRequestDigest } from '@nonet/core/ports';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  createClient,
  createFolder,
  outlineAnswer,
  startServer,
  storeSigner,
} from '../testing/storeServers.ts';
import { createFileStore } from './fileStore.ts';
import { startStoreServer } from './storeServer.ts';

const blob = utf8('0123456789');
const address = addressOf(blob);
const status = async (url: string, init?: RequestInit) => (await fetch(url, init)).status;
const put = (url: string, body: Uint8Array<ArrayBuffer>, to = addressOf(body)) =>
  status(`${url}/blobs/${to}`, { method: 'PUT', body });
const incoming = ({ files }: { files: { directory: string } }) =>
  readdir(join(files.directory, 'incoming')).catch((): string[] => []);

/** Sends `head`, with a Host that the server knows, and `body`; the socket stays open. */
function open(url: string, head: string, body: Uint8Array | string = '') {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname, () => {
    socket.write(`${head}\r\nHost: ${hostname}\r\n\r\n`);
    socket.write(body);
  });
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  const answer = new Promise<string>((resolve) => {
    let text = '';
    socket.on('data', (data) => {
      text += data;
      resolve(text.split('\r\n')[0]!);
    });
    socket.on('close', () => resolve(text.split('\r\n')[0]!));
  });
  return { socket, answer };
}

test('says who it is', async () => {
  const server = await startServer({ maximumBytes: 99 });
  expect(await (await fetch(server.url)).json()).toEqual({
    account: storeSigner.account,
    maximumBytes: 99,
  });
});

test('needs a store that signs, and a maximum that clients can take', async () => {
  const code = (code: string) => expect.objectContaining({ code });
  await expect(startStoreServer({ store: createFileStore('nowhere') })).rejects.toThrow(code('store.signer'));
  const store = createFileStore('nowhere', storeSigner);
  await expect(startStoreServer({ store, maximumBytes: 2 ** 32 + 1 })).rejects.toThrow(code('store.maximum'));
});

test('serves ranges', async () => {
  const server = await startServer();
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

test('serves outlines and receipts of what it holds', async () => {
  const server = await startServer();
  const large = Uint8Array.from({ length: 200_000 }, (_, i) => i >>> 3);
  for (const bytes of [blob, large]) {
    const to = addressOf(bytes);
    for (const path of ['outlines', 'receipts'])
      expect(await status(`${server.url}/${path}/${to}`)).toBe(404);
    const { receipts } = await server.files.put(bytes);
    const outline = await (await fetch(`${server.url}/outlines/${to}`)).bytes();
    expect(outline).toEqual(outlineAnswer(bytes));
    const receipt = await (await fetch(`${server.url}/receipts/${to}`)).json();
    expect([receipt]).toEqual(receipts);
    expect(isStoreReceipt(receipt, [storeSigner.account])).toBe(true);
  }
});

test('a damaged blob has no outline', async () => {
  const { files } = await startServer();
  await files.put(blob);
  await writeFile(files.pathOf(address), utf8('012345678x'));
  const { url } = await startServer({ store: createFileStore(files.directory, storeSigner) });
  expect(await status(`${url}/outlines/${address}`)).toBe(404);
});

test('refuses what it should, and keeps nothing of it', async () => {
  const server = await startServer({ maximumBytes: 10, quotaBytes: 15 });
  const { url } = server;
  expect(await put(url, blob, addressOf(utf8('other')))).toBe(422);
  expect(await put(url, new Uint8Array(11))).toBe(413);
  expect(await put(url, blob)).toBe(201);
  expect(await put(url, new Uint8Array(10))).toBe(507);
  expect(await put(url, utf8('five!'))).toBe(201);
  expect(await status(`${url}/blobs/${address}`, { method: 'DELETE' })).toBe(405);
  const paths = ['/blobs/../../etc/passwd', '/blobs/%2e%2e%2fx', `/blobs/${address}/..`, '/x', '/blobs/'];
  for (const path of paths) expect(await status(url + path)).toBe(404);
  expect(await incoming(server)).toEqual([]);
});

test('writes a damaged blob again', async () => {
  const server = await startServer();
  await server.files.put(blob);
  await server.tamper(address, utf8('01234x6789'));
  expect(await put(server.url, blob)).toBe(201);
  expect((await server.files.get(address)).bytes).toEqual(blob);
});

test('blobs that arrive are for this user only', async () => {
  const server = await startServer();
  await put(server.url, blob);
  expect((await stat(server.files.pathOf(address))).mode & 0o777).toBe(0o600);
});

test('removes what a predecessor left unfinished', async () => {
  const directory = await createFolder();
  await mkdir(join(directory, 'incoming'));
  await writeFile(join(directory, 'incoming', 'rubbish'), 'x'.repeat(100));
  const server = await startServer({ store: createFileStore(directory, storeSigner), quotaBytes: 10 });
  expect(await incoming(server)).toEqual([]);
  expect(await put(server.url, blob)).toBe(201);
});

test('a body without length, a short body, a client that goes away', async () => {
  const server = await startServer();
  const chunked = open(
    server.url,
    `PUT /blobs/${address} HTTP/1.1\r\nTransfer-Encoding: chunked`,
    '0\r\n\r\n',
  );
  expect(await chunked.answer).toContain('411');
  const short = open(server.url, `PUT /blobs/${address} HTTP/1.1\r\nContent-Length: 10`, '01234');
  await expect.poll(() => incoming(server)).toHaveLength(1);
  short.socket.destroy();
  await expect.poll(() => incoming(server)).toEqual([]);
  expect(await server.files.has(address)).toBe(false);
});

describe('web pages', () => {
  /** With any headers: `fetch` would not send these. */
  function answerTo(url: string, headers: Record<string, string>, method = 'GET'): Promise<number> {
    return new Promise((resolve, reject) => {
      sendRequest(url, { method, headers }, (response) => {
        response.resume();
        resolve(response.statusCode!);
      })
        .on('error', reject)
        .end();
    });
  }

  test('are not answered', async () => {
    const { url, files } = await startServer();
    await files.put(blob);
    const { port } = new URL(url);
    for (const path of ['/', `/blobs/${address}`, `/receipts/${address}`]) {
      expect(await answerTo(url + path, {})).toBe(200);
      expect(await answerTo(url + path, { origin: 'http://evil.example' })).toBe(403);
      expect(await answerTo(url + path, { origin: `http://127.0.0.1:${port}` })).toBe(403);
      expect(await answerTo(url + path, { host: `evil.example:${port}` })).toBe(421);
      expect(await answerTo(url + path, { host: '127.0.0.1.evil.example' })).toBe(421);
    }
    const body = { 'content-length': '0', host: `evil.example:${port}` };
    const empty = addressOf(new Uint8Array());
    expect(await answerTo(`${url}/blobs/${empty}`, body, 'PUT')).toBe(421);
    expect(await files.has(empty)).toBe(false);
  });

  test('the names of this machine are its names', async () => {
    const { url } = await startServer();
    for (const host of ['localhost:1', '127.0.0.1', '[::1]:8080', 'LOCALHOST']) {
      expect(await answerTo(url, { host })).toBe(200);
    }
  });

  test('a store on a network has the names that it was given', async () => {
    const { url } = await startServer({ hostnames: ['store.example'] });
    expect(await answerTo(url, { host: 'store.example:4040' })).toBe(200);
    expect(await answerTo(url, { host: 'localhost' })).toBe(421);
  });
});

describe('unfinished uploads', () => {
  const large = Uint8Array.from({ length: 300_000 }, (_, i) => (i * i) >>> 3);
  const to = addressOf(large);
  const id = 'ab'.repeat(16);

  function putPiece(url: string, offset: number, end: number, more: { id?: string; to?: Address } = {}) {
    return fetch(`${url}/uploads/${more.to ?? to}/${more.id ?? id}`, {
      method: 'PUT',
      headers: { 'Upload-Offset': `${offset}`, 'Upload-Length': `${large.length}` },
      body: large.subarray(offset, end),
    });
  }
  async function offsetOf(url: string): Promise<string | null> {
    return (await fetch(`${url}/uploads/${to}/${id}`, { method: 'HEAD' })).headers.get('upload-offset');
  }

  test('go on piece by piece', async () => {
    const server = await startServer();
    const first = await putPiece(server.url, 0, 100_000);
    expect([first.status, await first.json()]).toEqual([202, { offset: 100_000 }]);
    expect(await offsetOf(server.url)).toBe('100000');
    expect((await putPiece(server.url, 100_000, 100_000)).status).toBe(202);
    expect(await server.files.has(to)).toBe(false);
    const last = await putPiece(server.url, 100_000, 300_000);
    expect(last.status).toBe(201);
    expect([await last.json()]).toEqual(await server.files.receipts(to));
    expect((await server.files.get(to)).length).toBe(large.length);
    expect(await offsetOf(server.url)).toBeNull();
    expect(await incoming(server)).toEqual([]);
  });

  test('go on only where they are, and are those of one address', async () => {
    const { url } = await startServer();
    await putPiece(url, 0, 100_000);
    for (const offset of [0, 99_999, 100_001]) {
      const response = await putPiece(url, offset, 300_000);
      expect([response.status, await response.json()]).toEqual([409, { offset: 100_000 }]);
    }
    expect((await putPiece(url, 100_000, 200_000, { id: 'cd'.repeat(16) })).status).toBe(409);
    expect((await putPiece(url, 100_000, 200_000, { to: addressOf(blob) })).status).toBe(409);
    const longer = { 'Upload-Offset': '100000', 'Upload-Length': '300001' };
    const body = large.subarray(100_000);
    expect(await status(`${url}/uploads/${to}/${id}`, { method: 'PUT', headers: longer, body })).toBe(409);
    expect((await putPiece(url, 100_000, 300_000)).status).toBe(201);
  });

  test('go on after a broken request with what came', async () => {
    const server = await startServer();
    const head = `PUT /uploads/${to}/${id} HTTP/1.1\r\nContent-Length: 300000`;
    const { socket } = open(
      server.url,
      `${head}\r\nUpload-Offset: 0\r\nUpload-Length: 300000`,
      large.subarray(0, 70_000),
    );
    await expect.poll(() => offsetOf(server.url)).toBe('70000');
    socket.destroy();
    expect((await putPiece(server.url, 70_000, 300_000)).status).toBe(201);
  });

  test('go on although an earlier request hangs', async () => {
    const server = await startServer();
    const head = `PUT /uploads/${to}/${id} HTTP/1.1\r\nContent-Length: 300000`;
    const hanging = open(
      server.url,
      `${head}\r\nUpload-Offset: 0\r\nUpload-Length: 300000`,
      large.subarray(0, 70_000),
    );
    await expect.poll(() => offsetOf(server.url)).toBe('70000');
    expect((await putPiece(server.url, 70_000, 300_000)).status).toBe(201);
    expect(await hanging.answer).toBe('');
  });

  test('go on with the latest of the requests that wait for a slow disk', async () => {
    const files = createFileStore(await createFolder(), storeSigner);
    const disk = Promise.withResolvers<void>();
    let isSlow = false;
    const countBytes = async () => {
      if (isSlow) await disk.promise;
      return files.countBytes();
    };
    const server = await startServer({ store: { ...files, countBytes } });
    const head = `PUT /uploads/${to}/${id} HTTP/1.1\r\nContent-Length: 300000`;
    const { socket } = open(
      server.url,
      `${head}\r\nUpload-Offset: 0\r\nUpload-Length: 300000`,
      large.subarray(0, 60_000),
    );
    await expect.poll(() => offsetOf(server.url)).toBe('60000');
    isSlow = true;
    socket.write(large.subarray(60_000, 90_000));
    await expect.poll(() => offsetOf(server.url)).toBe('90000');
    const others = Array.from({ length: 6 }, () => putPiece(server.url, 90_000, 120_000));
    await new Promise((resolve) => setTimeout(resolve, 200));
    disk.resolve();
    const statuses = (await Promise.all(others)).map(({ status }) => status).sort();
    expect(statuses).toEqual([202, 409, 409, 409, 409, 409]);
    expect(await offsetOf(server.url)).toBe('120000');
    expect((await putPiece(server.url, 120_000, 300_000)).status).toBe(201);
    expect((await files.get(to)).bytes).toEqual(large);
  });

  test('of one blob by many who hang up and go on at the same bytes leave it right', async () => {
    const server = await startServer();
    const ids = ['1', '2', '3'].map((digit) => digit.repeat(32));
    let seed = 7;
    const random = (below: number) => (seed = (seed * 48271) % 2147483647) % below;
    const statuses: number[] = [];
    const send = async (id: string) => {
      for (let offset = 0, tries = 0; tries < 30 && !statuses.includes(201); tries++) {
        const hangUp = new AbortController();
        if (random(3) === 0) setTimeout(() => hangUp.abort(), random(8));
        const length = 30_000 + random(100_000);
        const response = await fetch(`${server.url}/uploads/${to}/${id}`, {
          method: 'PUT',
          headers: { 'Upload-Offset': `${offset}`, 'Upload-Length': `${large.length}` },
          body: large.subarray(offset, offset + length),
          signal: hangUp.signal,
        }).catch(() => undefined);
        if (response === undefined) continue;
        statuses.push(response.status);
        if (response.status === 201) {
          const receipt = await response.json();
          expect([receipt]).toEqual(await server.files.receipts(to));
        } else offset = (await response.json()).offset;
      }
    };
    await Promise.all([...ids, ...ids, ...ids, ...ids].map(send));
    await Promise.all(Array.from({ length: 4 }, () => put(server.url, large)));
    expect(statuses).not.toContain(422);
    expect((await server.files.get(to)).bytes).toEqual(large);
  });

  test('of other bytes are not kept', async () => {
    const server = await startServer();
    const other = addressOf(blob);
    await putPiece(server.url, 0, 100_000, { to: other });
    expect((await putPiece(server.url, 100_000, 300_000, { to: other })).status).toBe(422);
    expect(await server.files.has(other)).toBe(false);
    expect(await incoming(server)).toEqual([]);
  });

  test.each<[string, Record<string, string>]>([
    ['without a length', { 'Upload-Offset': '0' }],
    ['without an offset', { 'Upload-Length': '5' }],
    ['with a piece beyond the end', { 'Upload-Offset': '1', 'Upload-Length': '5' }],
    ['with a negative offset', { 'Upload-Offset': '-1', 'Upload-Length': '5' }],
  ])('%s are refused', async (_, headers) => {
    const server = await startServer();
    const url = `${server.url}/uploads/${to}/${id}`;
    expect(await status(url, { method: 'PUT', headers, body: utf8('12345') })).toBe(400);
    expect(await incoming(server)).toEqual([]);
  });

  test('do not outlive the server', async () => {
    const server = await startServer();
    await putPiece(server.url, 0, 100_000);
    expect(await incoming(server)).toHaveLength(1);
    await server.close();
    expect(await incoming(server)).toEqual([]);
  });
});

describe('quota', () => {
  /** Announces `size` bytes and sends `sent`. */
  function hang(url: string, to: Address, size: number, sent: Uint8Array | string = '') {
    return open(url, `PUT /blobs/${to} HTTP/1.1\r\nContent-Length: ${size}`, sent);
  }

  test('counts the bytes that came, not those that were announced', async () => {
    const server = await startServer({ quotaBytes: 15 });
    const idle = hang(server.url, addressOf(utf8('x')), 15);
    await expect.poll(() => incoming(server)).toHaveLength(1);
    expect(await put(server.url, blob)).toBe(201);
    idle.socket.write('123456789012345');
    expect(await idle.answer).toContain('507');
    expect(await put(server.url, utf8('five!'))).toBe(201);
  });

  test('counts what the store took otherwise, before and since the start', async () => {
    const files = createFileStore(await createFolder(), storeSigner);
    await files.put(utf8('12345'));
    const server = await startServer({ store: files, quotaBytes: 20 });
    expect(await put(server.url, new Uint8Array(16))).toBe(507);
    await files.put(blob);
    expect(await files.countBytes()).toBe(15);
    expect(await put(server.url, utf8('123456'))).toBe(507);
    expect(await put(server.url, utf8('abcde'))).toBe(201);
    expect(await files.countBytes()).toBe(20);
  });

  test('a full store still gives the receipt of what it holds, and writes nothing for it', async () => {
    const server = await startServer({ quotaBytes: 10 });
    expect(await put(server.url, blob)).toBe(201);
    const again = await fetch(`${server.url}/blobs/${address}`, { method: 'PUT', body: blob });
    expect(again.status).toBe(201);
    expect([await again.json()]).toEqual(await server.files.receipts(address));
    expect(server.traffic.received).toBe(10);
    expect(await put(server.url, utf8('x'))).toBe(507);
  });

  describe('of members', () => {
    const member = createSigner(createPrivateKey());
    const stranger = createSigner(createPrivateKey());
    const includes = async (account: Account) => account === member.account;
    const upload = async (url: string, bytes: Uint8Array<ArrayBuffer>, signature?: string) =>
      status(`${url}/blobs/${addressOf(bytes)}`, {
        method: 'PUT',
        body: bytes,
        headers: signature === undefined ? {} : { 'Nonet-Signature': signature },
      });
    const signed = (bytes: Uint8Array, size = bytes.length) =>
      member.sign(storeRequestDigest(storeSigner.account, addressOf(bytes), size));

    test('have room where strangers have filled theirs, and strangers have none of it', async () => {
      const server = await startServer({ quotaBytes: 40, members: { count: 2, includes } });
      expect(await upload(server.url, blob)).toBe(201);
      expect(await upload(server.url, utf8('abcdefghij'))).toBe(201);
      const more = utf8('ABCDEFGHIJ');
      expect(await upload(server.url, more)).toBe(507);
      expect(await upload(server.url, more, '0x00')).toBe(507);
      expect(await upload(server.url, more, await signed(blob))).toBe(507);
      expect(await upload(server.url, more, await signed(more, 9))).toBe(507);
      const byStranger = await stranger.sign(
        storeRequestDigest(storeSigner.account, addressOf(more), more.length),
      );
      expect(await upload(server.url, more, byStranger)).toBe(507);
      expect(await upload(server.url, more, await signed(more))).toBe(201);
      expect(await server.files.countBytes(member.account)).toBe(10);
      expect(await upload(server.url, utf8('x'), await signed(utf8('x')))).toBe(507);
    });

    test('have the room of strangers where their own is full', async () => {
      const server = await startServer({ quotaBytes: 40, members: { count: 2, includes } });
      for (const text of ['0123456789', 'abcdefghij', 'ABCDEFGHIJ']) {
        const bytes = utf8(text);
        expect(await upload(server.url, bytes, await signed(bytes))).toBe(201);
      }
      expect(await server.files.countBytes(member.account)).toBe(10);
      expect(await server.files.countBytes()).toBe(20);
    });

    test('are strangers while nothing says who they are', async () => {
      const unknown = { count: 1, includes: () => Promise.reject(new Error('away')) };
      const server = await startServer({ quotaBytes: 20, members: unknown });
      const bytes = new Uint8Array(11);
      expect(await upload(server.url, bytes, await signed(bytes))).toBe(507);
      expect(await upload(server.url, blob, await signed(blob))).toBe(201);
      expect(await server.files.countBytes()).toBe(10);
    });

    test('sign once for a store, for all pieces', async () => {
      let asked = 0;
      const signer = {
        ...member,
        sign(digest: Uint8Array) {
          asked++;
          return member.sign(digest);
        },
      };
      const server = await startServer({ members: { count: 1, includes } });
      const large = Uint8Array.from({ length: 2_500_000 }, (_, i) => (i * i) >>> 7);
      await createClient(server.url, { signer }).put(large);
      expect(await server.files.countBytes(member.account)).toBe(large.length);
      expect(asked).toBe(1);
    });

    test('are not believed at another store, nor twice for one blob', async () => {
      const server = await startServer({ quotaBytes: 40, members: { count: 1, includes } });
      const elsewhere = await member.sign(storeRequestDigest(stranger.account, address, blob.length));
      expect(await upload(server.url, blob, elsewhere)).toBe(201);
      expect(await server.files.countBytes(member.account)).toBe(0);
      // Held already: it takes nothing of the member's room.
      expect(await upload(server.url, blob, await signed(blob))).toBe(201);
      const more = utf8('abcdefghij');
      const header = `PUT /blobs/${addressOf(more)} HTTP/1.1\r\nNonet-Signature: ${await signed(more)}`;
      for (let i = 0; i < 3; i++) open(server.url, `${header}\r\nContent-Length: 10`, 'x');
      await expect.poll(() => server.traffic.received).toBe(blob.length * 2 + 3);
      const own = utf8('ABCDEFGHIJ');
      expect(await upload(server.url, own, await signed(own))).toBe(201);
      expect(await server.files.countBytes(member.account)).toBe(10);
    });

    test('lose no room to those who repeat their signature of what is held', async () => {
      const server = await startServer({ quotaBytes: 40, members: { count: 2, includes } });
      expect(await upload(server.url, blob)).toBe(201);
      const header = `PUT /blobs/${address} HTTP/1.1\r\nNonet-Signature: ${await signed(blob)}`;
      open(server.url, `${header}\r\nContent-Length: 10`, 'x');
      await expect.poll(() => server.traffic.received).toBe(11);
      const own = utf8('ABCDEFGHIJ');
      expect(await upload(server.url, own, await signed(own))).toBe(201);
      expect(await server.files.countBytes(member.account)).toBe(10);
    });

    test('are strangers where the answer who they are never comes', async () => {
      const server = await startServer({ members: { count: 1, includes: () => new Promise(() => {}) } });
      expect(await upload(server.url, blob, await signed(blob))).toBe(201);
      expect(await server.files.countBytes()).toBe(10);
    });

    test('keep their places, however many strangers are about to store', async () => {
      const slow = createFileStore(await createFolder(), storeSigner);
      const store = {
        ...slow,
        async keep(...kept: Parameters<typeof slow.keep>) {
          if (kept[2] === undefined) await new Promise((resolve) => setTimeout(resolve, 300));
          return slow.keep(...kept);
        },
      };
      const server = await startServer({ store, maximumUploads: 4, members: { count: 2, includes } });
      const strangers = Array.from({ length: 12 }, (_, i) => put(server.url, utf8(`stranger ${i}`)));
      await expect.poll(() => incoming(server)).toHaveLength(2);
      for (let i = 0; i < 3; i++) {
        const bytes = utf8(`member ${i}`);
        expect(await upload(server.url, bytes, await signed(bytes))).toBe(201);
      }
      for (const answer of await Promise.all(strangers)) expect([201, 409, 503]).toContain(answer);
    });
  });

  test('a trickle on every place and on every connection stops no upload', async () => {
    const server = await startServer({ maximumUploads: 4, maximumConnections: 8 });
    const large = Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * i) >>> 7);
    const trickles = Array.from({ length: 4 }, (_, i) => hang(server.url, addressOf(utf8(`${i}`)), 1e6, 'x'));
    await expect.poll(() => server.traffic.received).toBe(4);
    const sockets = trickles.map(({ socket }) => socket);
    for (let i = 0; i < 12; i++) {
      const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
      socket.on('error', () => {}).write('GET / HTTP/1.1\r\nX-Endless: ');
      onTestFinished(() => void socket.destroy());
      sockets.push(socket);
    }
    const timer = setInterval(() => {
      for (const socket of sockets) socket.write('x');
    }, 5);
    onTestFinished(() => clearInterval(timer));
    for (let i = 0; i < 10; i++) expect(await put(server.url, utf8(`small ${i}`))).toBe(201);
    const { address: to } = await createClient(server.url, { attempts: 1 }).put(large);
    expect((await server.files.get(to)).length).toBe(large.length);
    await expect.poll(() => sockets.filter(({ closed }) => !closed).length).toBeLessThanOrEqual(8);
  });

  test('a disk that fails leaves no half upload behind', async () => {
    const server = await startServer();
    const { socket, answer } = hang(server.url, address, 10, '01234');
    await expect.poll(() => incoming(server)).toHaveLength(1);
    await rm(join(server.files.directory, 'incoming'), { recursive: true });
    socket.write('56789');
    expect(await answer).toContain('500');
    expect(await put(server.url, blob)).toBe(201);
  });
});
