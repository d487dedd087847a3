/**
 * A file store over HTTP (docs/specs/update.md §5). Blobs are public to whoever knows their address; anybody may store one, within the
 * maximum size and the quota. Nothing becomes visible before its bytes have been checked against the address.
 *
 *     GET  /                {account, maximumBytes}
 *     GET  /blobs/ADDRESS   the bytes; `Range: bytes=N-` and `bytes=N-M` are served
 *     HEAD /blobs/ADDRESS   their length
 *     PUT  /blobs/ADDRESS   201 and a signed receipt; needs Content-Length
 */
import { createReadStream, type WriteStream } from 'node:fs';
import { open, readdir, rm, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Address, createContentHasher, isAddress, MisuseError } from '@nonet/core';
import { defaultMaximumBytes, type StoreReceipt } from '@nonet/core/ports';
import { type FileStore, sizeOf } from './fileStore.ts';

export interface StoreServerParameters {
  /** It must sign receipts: participants show them to the ledger. */
  readonly store: FileStore;
  /** 0, the default, takes a free port. */
  readonly port?: number;
  /** Default: this machine only. */
  readonly host?: string;
  /** Of one blob. */
  readonly maximumBytes?: number;
  /** Of all blobs together: refuses with 507 beyond it. Default 64 GiB. */
  readonly quotaBytes?: number;
  /** Told of each answered request. */
  readonly onRequest?: (request: { method: string; path: string; status: number; bytes: number }) => void;
}

export interface StoreServer {
  readonly url: string;
  /** Bytes of blobs sent and received since the start. */
  readonly traffic: { readonly sent: number; readonly received: number };
  close(): Promise<void>;
}

interface Failure {
  readonly status: number;
  readonly error: string;
}

/** Resolves when the server listens. */
export async function startStoreServer(parameters: StoreServerParameters): Promise<StoreServer> {
  const { store, port = 0, host = '127.0.0.1', maximumBytes = defaultMaximumBytes } = parameters;
  const { quotaBytes = 64 * 2 ** 30, onRequest } = parameters;
  const { signer } = store;
  if (signer === undefined) {
    throw new MisuseError({
      code: 'store.signer',
      expected: 'a store that signs receipts',
      found: 'one without a key',
    });
  }
  const traffic = { sent: 0, received: 0 };
  let occupied = await occupiedBytes(store.directory);
  // What requests in progress have sent so far: counting what they declare would let idle connections fill the store.
  let arriving = 0;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<number> {
    const path = request.url ?? '/';
    if (path === '/' && request.method === 'GET') {
      return json(response, 200, { account: signer!.account, maximumBytes });
    }
    const address = /^\/blobs\/(0x[0-9a-f]{64})$/.exec(path)?.[1];
    if (!isAddress(address)) return fail(response, { status: 404, error: 'no such path' });
    switch (request.method) {
      case 'GET':
      case 'HEAD':
        return send(request, response, address);
      case 'PUT':
        return receive(request, response, address);
      default:
        response.setHeader('Allow', 'GET, HEAD, PUT');
        return fail(response, { status: 405, error: `no method ${request.method}` });
    }
  }

  async function send(request: IncomingMessage, response: ServerResponse, address: Address): Promise<number> {
    const path = store.pathOf(address);
    const size = await sizeOf(path);
    if (size === undefined) return fail(response, { status: 404, error: 'no such blob' });
    response.setHeader('Accept-Ranges', 'bytes');
    response.setHeader('Content-Type', 'application/octet-stream');
    const range = parseRange(request.headers.range, size);
    if (range === 'unsatisfiable') {
      response.setHeader('Content-Range', `bytes */${size}`);
      return fail(response, { status: 416, error: `the blob has ${size} bytes` });
    }
    const { start, end } = range ?? { start: 0, end: size - 1 };
    if (range !== undefined) response.setHeader('Content-Range', `bytes ${start}-${end}/${size}`);
    const status = range === undefined ? 200 : 206;
    response.writeHead(status, { 'Content-Length': end - start + 1 });
    if (request.method === 'HEAD' || size === 0) {
      response.end();
      return status;
    }
    await pipeline(
      createReadStream(path, { start, end }),
      async function* (chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          traffic.sent += chunk.length;
          yield chunk;
        }
      },
      response,
    );
    return status;
  }

  async function receive(
    request: IncomingMessage,
    response: ServerResponse,
    address: Address,
  ): Promise<number> {
    const refuse = (failure: Failure) => {
      // The body is not read: the connection ends with the answer.
      response.setHeader('Connection', 'close');
      return fail(response, failure);
    };
    const declared = request.headers['content-length'];
    if (declared === undefined || !/^[0-9]{1,15}$/.test(declared)) {
      return refuse({ status: 411, error: 'Content-Length is needed' });
    }
    const size = Number(declared);
    if (size > maximumBytes) return refuse({ status: 413, error: `at most ${maximumBytes} bytes` });
    const full = { status: 507, error: 'this store is full' };
    // What is held already takes no more room: its owner may need the receipt again, for an appeal.
    const held = (await sizeOf(store.pathOf(address))) === size;
    if (!held && occupied + arriving + size > quotaBytes) return refuse(full);
    const incoming = await store.createIncoming();
    let arrived = 0;
    try {
      const { length, address: found } = await write(request, incoming, (bytes) => {
        arrived += bytes;
        arriving += bytes;
        return held || occupied + arriving <= quotaBytes;
      });
      if (found === undefined) return refuse(full);
      if (length !== size) return refuse({ status: 400, error: `${size} bytes declared, ${length} came` });
      if (found !== address) return refuse({ status: 422, error: `the bytes hash to ${found}` });
      const before = (await sizeOf(store.pathOf(address))) ?? 0;
      const receipt = await store.keep(incoming, address, size);
      occupied += size - before;
      return json(response, 201, receipt as StoreReceipt);
    } finally {
      arriving -= arrived;
      await rm(incoming, { force: true });
    }
  }

  /** Writes the body as long as `fits` says so of each chunk; without an address if it did not. */
  async function write(request: IncomingMessage, path: string, fits: (bytes: number) => boolean) {
    const hasher = createContentHasher();
    let length = 0;
    let full = false;
    const file = await open(path, 'wx');
    const stream: WriteStream = file.createWriteStream({ flush: true });
    await pipeline(
      request,
      async function* (chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          length += chunk.length;
          traffic.received += chunk.length;
          full ||= !fits(chunk.length);
          // The rest is read and dropped: the client hears the answer once it has sent everything.
          if (full) continue;
          hasher.update(chunk);
          yield chunk;
        }
      },
      stream,
    );
    return { length, address: full ? undefined : hasher.digest().address };
  }

  const server = createServer((request, response) => {
    answer(request, response)
      .catch((cause) => {
        // A client that went away, or a disk that failed.
        if (response.headersSent) response.destroy();
        else if (!request.destroyed) fail(response, { status: 500, error: 'the store failed' });
        return request.destroyed ? 499 : cause.code === 'ENOSPC' ? 507 : 500;
      })
      .then((status) =>
        onRequest?.({
          method: request.method ?? '',
          path: request.url ?? '',
          status,
          bytes: Number(response.getHeader('content-length') ?? 0),
        }),
      );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}`,
    traffic,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function json(response: ServerResponse, status: number, value: object): number {
  const body = JSON.stringify(value);
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(body);
  return status;
}

function fail(response: ServerResponse, { status, error }: Failure): number {
  return json(response, status, { error });
}

/** One range of RFC 9110 §14; undefined where there is none, or one that we do not serve and may ignore. */
function parseRange(header: string | undefined, size: number) {
  const match = /^bytes=([0-9]{1,15})-([0-9]{0,15})$/.exec(header ?? '');
  if (match === null) return undefined;
  const start = Number(match[1]);
  const end = match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1);
  return start >= size || end < start ? ('unsatisfiable' as const) : { start, end };
}

async function occupiedBytes(directory: string): Promise<number> {
  const names = await readdir(directory, { recursive: true }).catch((): string[] => []);
  let bytes = 0;
  for (const name of names) {
    const entry = await stat(join(directory, name)).catch(() => undefined);
    if (entry?.isFile()) bytes += entry.size;
  }
  return bytes;
}
