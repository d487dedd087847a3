/**
 * A file store over HTTP (docs/specs/update.md §5). Blobs are public to all who know their address,
 * and all may store one, within the maximum size and the quota, of which members have half to
 * themselves; web pages may not. Nothing becomes visible before its bytes have been checked against
 * the address, no receipt is signed before they are durable.
 */
import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { type Address, concatBytes, MisuseError, NonetError, pause } from '@nonet/core';
import { type Account, recoverAccount } from '@nonet/core/identity';
import { defaultMaximumBytes, storeRequestDigest } from '@nonet/core/ports';
import { type FileStore, sizeOf } from './fileStore.ts';
import { createPace, type Pace } from './pace.ts';
import { openUploads, type Uploads } from './uploads.ts';

/** Accounts for which a store keeps room and places. */
export interface Members {
  /** How many there may be: each has an equal part of half the quota. */
  readonly count: number;
  /** Whether the account is one of them. A rejection counts as no. */
  includes(account: Account): Promise<boolean>;
}

/** What is served, where, and within which limits. */
export interface StoreServerParameters {
  /** It must sign receipts: they are shown to the ledger. */
  readonly store: FileStore;
  /** 0, the default, takes a free port. */
  readonly port?: number;
  /** Default: this machine only. */
  readonly host?: string;
  /**
   * Names under which clients reach it, without port: a web page that makes its own name lead here
   * is refused. Default: `host` and the names of this machine.
   */
  readonly hostnames?: readonly string[];
  /** Of one blob; at most 4 GiB. Default 256 MiB. */
  readonly maximumBytes?: number;
  /** Of all blobs together: refuses with 507 beyond it. Default 64 GiB. */
  readonly quotaBytes?: number;
  /** Default none: all of the quota is first come, first served. */
  readonly members?: Members;
  /** Unfinished uploads at a time: beyond it the slowest makes way for a new one. Default 256. */
  readonly maximumUploads?: number;
  /** Beyond it the slowest makes way for a new one. Default 1,024. */
  readonly maximumConnections?: number;
  /** Told of each answered request. */
  readonly onRequest?: (request: { method: string; path: string; status: number; bytes: number }) => void;
}

/** A running server. */
export interface StoreServer {
  readonly url: string;
  /** Bytes of blobs sent and received since the start. */
  readonly traffic: { readonly sent: number; readonly received: number };
  close(): Promise<void>;
}

/**
 * A client reads the outline of a blob into memory before it knows the length; 2 MiB are enough for
 * this.
 */
export const maximumServedBytes = 2 ** 32;

/**
 * A request body that is not wanted is still read up to here, so that the client hears the answer.
 */
const drainedBytes = 2 ** 20;

/** Who cannot be looked up for so long is a stranger for now. */
const membershipMilliseconds = 5000;

/** A connection on which nothing moves for so long is closed. */
const idleMilliseconds = 60_000;

interface Served {
  readonly store: FileStore;
  readonly uploads: Uploads;
  readonly members: Members | undefined;
  readonly hostnames: ReadonlySet<string>;
  readonly maximumBytes: number;
  readonly traffic: { sent: number; received: number };
}

/** Resolves when the server listens. Throws `store.signer`, `store.maximum`. */
export async function startStoreServer(parameters: StoreServerParameters): Promise<StoreServer> {
  const { store, port = 0, host = '127.0.0.1', maximumBytes = defaultMaximumBytes } = parameters;
  const { quotaBytes = 64 * 2 ** 30, maximumUploads = 256, maximumConnections = 1024 } = parameters;
  const { members, onRequest } = parameters;
  if (store.signer === undefined) {
    throw new MisuseError({
      code: 'store.signer',
      expected: 'a store that signs receipts',
      found: 'one without a key',
    });
  }
  if (maximumBytes > maximumServedBytes) {
    throw new MisuseError({
      code: 'store.maximum',
      expected: `blobs of at most ${maximumServedBytes} bytes`,
      found: `a maximum of ${maximumBytes}`,
    });
  }
  const now = () => performance.now();
  const uploads = await openUploads({
    store,
    quotaBytes,
    members: members?.count ?? 0,
    maximumUploads,
    now,
  });
  const hostnames = new Set(parameters.hostnames ?? [host, 'localhost', '127.0.0.1', '::1']);
  const traffic = { sent: 0, received: 0 };
  const served: Served = { store, uploads, members, hostnames, maximumBytes, traffic };
  // Not by import: that reads every export of node:http, which loads all of `fetch`.
  const { createServer } = process.getBuiltinModule('node:http');
  const server = createServer((request, response) => {
    answer(served, request, response)
      .catch((cause) => {
        const failure = failureOf(cause);
        const gone = request.socket.destroyed;
        if (response.headersSent) response.destroy();
        else if (!gone) respond(response, failure.status, { error: failure.error });
        return gone ? 499 : failure.status;
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
  server.timeout = idleMilliseconds;
  boundConnections(server, maximumConnections);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}`,
    traffic,
    async close() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      await uploads.close();
    },
  };
}

/** Closes the slowest connection where a new one would be too many. */
function boundConnections(server: Server, maximum: number): void {
  const connections = new Map<Socket, { readonly pace: Pace; moved: number }>();
  server.on('connection', (socket) => {
    const now = performance.now();
    if (connections.size >= maximum) {
      let slowest: Socket | undefined;
      let least = Number.POSITIVE_INFINITY;
      for (const [other, connection] of connections) {
        const moved = other.bytesRead + other.bytesWritten;
        connection.pace.advance(moved - connection.moved, now);
        connection.moved = moved;
        const recent = connection.pace.recent(now);
        if (recent >= least) continue;
        slowest = other;
        least = recent;
      }
      connections.delete(slowest!);
      slowest!.destroy();
    }
    connections.set(socket, { pace: createPace(now), moved: 0 });
    socket.once('close', () => connections.delete(socket));
  });
}

const digits = '0x[0-9a-f]{64}';
const paths = {
  blob: new RegExp(`^/blobs/(${digits})$`),
  outline: new RegExp(`^/outlines/(${digits})$`),
  receipt: new RegExp(`^/receipts/(${digits})$`),
  upload: new RegExp(`^/uploads/(${digits})/([0-9a-f]{32})$`),
};

/** Resolves with the status of the answer. */
async function answer(served: Served, request: IncomingMessage, response: ServerResponse): Promise<number> {
  const refusal = refusePage(served, request);
  if (refusal !== undefined) return refuse(request, response, refusal.status, refusal.error);
  const { method, url = '/' } = request;
  const reading = method === 'GET' || method === 'HEAD';
  const match = (pattern: RegExp) => pattern.exec(url) as [string, Address, string] | null;
  const blob = match(paths.blob);
  const outline = match(paths.outline);
  const receipt = match(paths.receipt);
  const upload = match(paths.upload);
  if (url === '/' && method === 'GET') {
    const { store, maximumBytes } = served;
    return respond(response, 200, { account: store.signer!.account, maximumBytes });
  }
  if (blob !== null && reading) return sendBlob(served, request, response, blob[1]);
  if (blob !== null && method === 'PUT') return receiveWhole(served, request, response, blob[1]);
  if (outline !== null && method === 'GET') return sendOutline(served, response, outline[1]);
  if (receipt !== null && method === 'GET') return sendReceipt(served, response, receipt[1]);
  if (upload !== null && method === 'HEAD') return sendOffset(served, response, upload[1], upload[2]);
  if (upload !== null && method === 'PUT') {
    return receivePiece(served, request, response, upload[1], upload[2]);
  }
  const known = url === '/' || [blob, outline, receipt, upload].some((path) => path !== null);
  return known
    ? refuse(request, response, 405, `no ${method} of this path`)
    : refuse(request, response, 404, 'no such path');
}

/** Why a request comes from a web page and not from a client of ours. */
function refusePage({ hostnames }: Served, { headers }: IncomingMessage) {
  if (headers.origin !== undefined) return { status: 403, error: 'this store does not answer web pages' };
  const url = URL.parse(`http://${headers.host}`);
  const hostname = url?.hostname.replace(/^\[|\]$/g, '');
  if (hostname !== undefined && hostnames.has(hostname)) return undefined;
  return { status: 421, error: 'this store has another name' };
}

async function sendBlob(
  { store, traffic }: Served,
  request: IncomingMessage,
  response: ServerResponse,
  address: Address,
): Promise<number> {
  const path = store.pathOf(address);
  const size = await sizeOf(path);
  if (size === undefined) return respond(response, 404, { error: 'no such blob' });
  const range = parseRange(request.headers.range, size);
  if (range === 'unsatisfiable') {
    response.setHeader('Content-Range', `bytes */${size}`);
    return respond(response, 416, { error: `the blob has ${size} bytes` });
  }
  const { start, end } = range ?? { start: 0, end: size - 1 };
  if (range !== undefined) response.setHeader('Content-Range', `bytes ${start}-${end}/${size}`);
  const status = range === undefined ? 200 : 206;
  response.writeHead(status, {
    'Accept-Ranges': 'bytes',
    'Content-Type': 'application/octet-stream',
    'Content-Length': end - start + 1,
  });
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

async function sendOutline({ store }: Served, response: ServerResponse, address: Address): Promise<number> {
  const { length, outline } = await store.digestOf(address);
  const size = new Uint8Array(8);
  new DataView(size.buffer).setBigUint64(0, BigInt(length));
  const body = concatBytes(size, outline);
  response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': body.length });
  response.end(body);
  return 200;
}

async function sendReceipt({ store }: Served, response: ServerResponse, address: Address): Promise<number> {
  const [receipt] = await store.receipts(address);
  return receipt === undefined
    ? respond(response, 404, { error: 'no such blob' })
    : respond(response, 200, receipt);
}

function sendOffset({ uploads }: Served, response: ServerResponse, address: Address, id: string): number {
  const upload = uploads.find(`${address}/${id}`);
  if (upload === undefined) return respond(response, 404, { error: 'no such upload' });
  response.writeHead(200, { 'Upload-Offset': upload.arrived });
  response.end();
  return 200;
}

async function receiveWhole(
  served: Served,
  request: IncomingMessage,
  response: ServerResponse,
  address: Address,
): Promise<number> {
  const size = parseCount(request.headers['content-length']);
  if (size === undefined) return refuse(request, response, 411, 'Content-Length is needed');
  const name = `${address}/${randomUUID()}`;
  try {
    return await receive(served, request, response, name, address, { offset: 0, size });
  } finally {
    await served.uploads.drop(name);
  }
}

async function receivePiece(
  served: Served,
  request: IncomingMessage,
  response: ServerResponse,
  address: Address,
  id: string,
): Promise<number> {
  const length = parseCount(request.headers['content-length']);
  if (length === undefined) return refuse(request, response, 411, 'Content-Length is needed');
  const offset = parseCount(request.headers['upload-offset']);
  const size = parseCount(request.headers['upload-length']);
  if (offset === undefined || size === undefined || offset + length > size) {
    return refuse(request, response, 400, 'Upload-Offset and Upload-Length do not fit');
  }
  return receive(served, request, response, `${address}/${id}`, address, { offset, size });
}

async function receive(
  served: Served,
  request: IncomingMessage,
  response: ServerResponse,
  name: string,
  address: Address,
  { offset, size }: { readonly offset: number; readonly size: number },
): Promise<number> {
  const { store, uploads, maximumBytes, traffic } = served;
  if (size > maximumBytes) return refuse(request, response, 413, `at most ${maximumBytes} bytes`);
  let upload = uploads.find(name);
  if (upload === undefined) {
    const held = (await sizeOf(store.pathOf(address))) === size;
    const member = held ? undefined : await memberOf(served, request, address, size);
    const begun = await uploads.begin(name, address, size, member);
    if (begun === 'full') {
      // What is held already takes no more room, and its owner may need the receipt.
      const [receipt] = held ? await store.receipts(address) : [];
      if (receipt === undefined) return refuse(request, response, 507, 'this store is full');
      await drain(request);
      return respond(response, 201, receipt);
    }
    if (begun === 'busy') {
      response.setHeader('Retry-After', '1');
      return refuse(request, response, 503, 'too many uploads at once; try again');
    }
    upload = begun;
  }
  async function* counted() {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      traffic.received += chunk.length;
      yield chunk;
    }
  }
  const outcome =
    upload.size === size
      ? await uploads.receive(name, offset, { chunks: counted(), hangUp: () => request.destroy() })
      : 'elsewhere';
  switch (outcome) {
    case 'elsewhere':
      await drain(request);
      return respond(response, 409, { offset: uploads.find(name)?.arrived ?? 0 });
    case 'open':
      return respond(response, 202, { offset: upload.arrived });
    case 'stored':
      return respond(response, 201, (await store.receipts(address))[0]!);
    case 'wrong':
      return respond(response, 422, { error: 'the bytes are those of another address' });
    case 'full':
      return refuse(request, response, 507, 'this store is full');
  }
}

/** The member that has signed for the blob, if one has. */
async function memberOf(
  { members, store }: Served,
  { headers }: IncomingMessage,
  address: Address,
  size: number,
): Promise<Account | undefined> {
  const signature = headers['nonet-signature'];
  if (members === undefined || typeof signature !== 'string') return undefined;
  const account = recoverAccount(storeRequestDigest(store.signer!.account, address, size), signature);
  if (account === undefined) return undefined;
  const included = members.includes(account).catch(() => false);
  const isMember = await Promise.race([included, pause(membershipMilliseconds).then(() => false)]);
  return isMember ? account : undefined;
}

function respond(response: ServerResponse, status: number, value: object): number {
  const body = JSON.stringify(value);
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(body);
  return status;
}

/** Answers a request whose body is not wanted. */
async function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  error: string,
): Promise<number> {
  if (!(await drain(request))) response.setHeader('Connection', 'close');
  return respond(response, status, { error });
}

/**
 * Reads a body and drops it, so that the client hears the answer; false for one that is too long
 * for that.
 */
async function drain(request: IncomingMessage): Promise<boolean> {
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    length += chunk.length;
    if (length > drainedBytes) return false;
  }
  return true;
}

function failureOf(cause: unknown): { readonly status: number; readonly error: string } {
  if (cause instanceof NonetError) {
    // A damaged blob is as good as none.
    if (cause.code === 'blob.missing' || cause.code === 'blob.corrupt') {
      return { status: 404, error: 'no such blob' };
    }
  }
  const full = (cause as NodeJS.ErrnoException).code === 'ENOSPC';
  return full ? { status: 507, error: 'this store is full' } : { status: 500, error: 'the store failed' };
}

function parseCount(header: string | string[] | undefined): number | undefined {
  return typeof header === 'string' && /^[0-9]{1,15}$/.test(header) ? Number(header) : undefined;
}

/**
 * One range of RFC 9110 §14; undefined where there is none, or one that we do not serve and may
 * ignore.
 */
function parseRange(header: string | undefined, size: number) {
  const match = /^bytes=([0-9]{1,15})-([0-9]{0,15})$/.exec(header ?? '');
  if (match === null) return undefined;
  const start = Number(match[1]);
  const end = match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1);
  return start >= size || end < start ? ('unsatisfiable' as const) : { start, end };
}
