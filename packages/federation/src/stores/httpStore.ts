/**
 * Client of a store server (docs/specs/update.md §5). A download is verified every 64 KiB while it
 * streams and goes on where it broke off; an upload goes in pieces and goes on where it broke off.
 * Progress is what was verified or acknowledged, measured against the best so far; what a store
 * merely announces decides nothing. Redirects are not followed: they would lead to addresses that
 * only this machine can reach.
 */
import {
  type Address,
  contentGroupBytes,
  contentOf,
  createPartialContent,
  type ErrorParts,
  NonetError,
  type PartialContent,
  pause,
  toHex,
  UndecidedError,
} from '@nonet/core';
import type { Account, Signer } from '@nonet/core/identity';
import {
  type BlobStore,
  blobCorrupt,
  blobMissing,
  blobOversized,
  type CallOptions,
  defaultMaximumBytes,
  isStoreReceipt,
  type StoreReceipt,
  storeRequestDigest,
} from '@nonet/core/ports';
import { boundCall } from './boundCall.ts';
import { createHttpClient, type HttpAnswer, type HttpClient } from './httpRequest.ts';

/** Which store, and how patiently. */
export interface HttpStoreParameters {
  /** Of the store server, without `/blobs`. */
  readonly url: string;
  /** Whose receipts to accept; without it those of the store that they name. */
  readonly account?: Account;
  /** Has uploads kept in the room of its account, where a store whose `account` is named has one. */
  readonly signer?: Signer;
  /** Attempts without 64 KiB of progress before giving up. Default 5. */
  readonly attempts?: number;
  /** Pause before the second attempt, doubled each time. Default 100. */
  readonly backoffMilliseconds?: number;
  /** Longest time without 64 KiB of progress. Default 30,000. */
  readonly timeoutMilliseconds?: number;
  /** Longest time of one call, where the caller gives no deadline. Default 600,000. */
  readonly limitMilliseconds?: number;
}

const progressBytes = contentGroupBytes;
/**
 * An upload that breaks off loses at most this much where the store keeps nothing of a broken
 * request.
 */
const pieceBytes = 2 ** 20;
/** No receipt and no error of a store is longer. */
const maximumAnswerBytes = 4096;
/** Of a blob of 4 GiB. */
const maximumOutlineBytes = 2 ** 21;

interface Client {
  readonly base: string;
  readonly account: Account | undefined;
  readonly signer: Signer | undefined;
  readonly attempts: number;
  readonly backoffMilliseconds: number;
  readonly timeoutMilliseconds: number;
  readonly send: HttpClient;
}

/**
 * Codes beside those of the port: `store.unreachable` (undecided: try again), `store.refused`,
 * `store.receipt`.
 */
export function createHttpStore(parameters: HttpStoreParameters): BlobStore {
  const { account, attempts = 5, backoffMilliseconds = 100, timeoutMilliseconds = 30_000 } = parameters;
  const { signer, limitMilliseconds = 600_000 } = parameters;
  const base = parameters.url.replace(/\/+$/, '');
  const send = createHttpClient(base);
  const client = { base, account, signer, attempts, backoffMilliseconds, timeoutMilliseconds, send };
  const bound = <T>(options: CallOptions, what: string, call: (signal: AbortSignal) => Promise<T>) =>
    boundCall({ untilMilliseconds: Date.now() + limitMilliseconds, ...options }, what, call);
  return {
    async put(blob, options = {}) {
      const { address, bytes } = contentOf(blob);
      const what = `PUT of ${address} to ${base}`;
      return {
        address,
        receipts: [await bound(options, what, (signal) => upload(client, address, bytes, signal))],
      };
    },
    get(address, { maximumBytes = defaultMaximumBytes, partial, ...options } = {}) {
      const blob = partial ?? createPartialContent(address);
      const what = `GET of ${address} from ${base}`;
      return bound(options, what, async (signal) => {
        const attempt = (signal: AbortSignal, alive: () => void) =>
          download(client, blob, maximumBytes, signal, alive);
        await retry(client, what, attempt, () => blob.verified, signal);
        return blob.content!;
      });
    },
    has(address, options = {}) {
      const what = `HEAD of ${address} at ${base}`;
      return bound(options, what, (outer) => {
        const attempt = async (signal: AbortSignal) => {
          const response = await client.send({ method: 'HEAD', path: `/blobs/${address}`, signal });
          response.close();
          if (response.status === 404) return false;
          assertSuccess(response);
          return true;
        };
        return retry(client, what, attempt, () => 0, outer);
      });
    },
    receipts(address, options = {}) {
      const what = `receipt for ${address} of ${base}`;
      return bound(options, what, async (outer) => {
        const attempt = (signal: AbortSignal) => fetchReceipt(client, address, signal);
        const receipt = await retry(client, what, attempt, () => 0, outer);
        return receipt === undefined ? [] : [receipt];
      });
    },
  };
}

/**
 * Repeats `attempt` while it fails for reasons that may pass. The count of attempts begins anew
 * when `gained` has grown by 64 KiB since it last did; `alive` says within an attempt that it
 * grows.
 */
async function retry<T>(
  { attempts, backoffMilliseconds, timeoutMilliseconds }: Client,
  what: string,
  attempt: (signal: AbortSignal, alive: () => void) => Promise<T>,
  gained: () => number,
  outer: AbortSignal,
): Promise<T> {
  for (let failures = 0, best = gained(); ; ) {
    outer.throwIfAborted();
    const silence = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const alive = () => {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(new Error('no progress in time')), timeoutMilliseconds);
    };
    alive();
    try {
      return await attempt(AbortSignal.any([outer, silence.signal]), alive);
    } catch (cause) {
      outer.throwIfAborted();
      if (cause instanceof NonetError && !(cause instanceof UndecidedError)) throw cause;
      if (gained() >= best + progressBytes) {
        failures = 0;
        best = gained();
      }
      if (++failures >= attempts) throw unreachableStore(what, cause);
      await pause(backoffMilliseconds * 2 ** (failures - 1), outer);
    } finally {
      clearTimeout(timer);
    }
  }
}

// Downloads

/** Adds to `blob` what the store sends, until it is complete. */
async function download(
  client: Client,
  blob: PartialContent,
  maximumBytes: number,
  signal: AbortSignal,
  alive: () => void,
): Promise<void> {
  const { address } = blob;
  if (blob.length === undefined && maximumBytes <= contentGroupBytes) {
    if (await fetchSmall(client, blob, maximumBytes, signal)) return;
  }
  if (blob.length === undefined) await fetchOutline(client, blob, signal);
  const length = blob.length!;
  if (length > maximumBytes) throw blobOversized(address, maximumBytes, length);
  if (length === 0) blob.takeGroup(0, new Uint8Array());
  const from = blob.verified;
  if (blob.content !== undefined) return;
  const headers: Record<string, string> = from > 0 ? { Range: `bytes=${from}-` } : {};
  const response = await client.send({ method: 'GET', path: `/blobs/${address}`, headers, signal });
  try {
    if (response.status === 404) throw blobMissing(address, client.base);
    if (response.status === 416) throw blobCorrupt(address, `at most ${from} of ${length} bytes`);
    assertSuccess(response);
    const start = response.status === 206 ? rangeStart(response) : 0;
    if (start !== from && start !== 0) {
      throw blobCorrupt(address, `a range from byte ${start} instead of ${from}`);
    }
    const announced = response.headers['content-length'];
    if (announced !== undefined && start + Number(announced) !== length) {
      throw blobCorrupt(address, `${start + Number(announced)} bytes announced instead of ${length}`);
    }
    await takeGroups(blob, start, length, response, alive);
  } finally {
    response.close();
  }
  if (blob.content === undefined) throw broken(`${length} bytes`, `${blob.verified}`);
}

/**
 * What may have no more than one group needs no outline in front of it: one request instead of two.
 * False where the store announces more, or nothing: only the outline says how long the blob is.
 */
async function fetchSmall(
  client: Client,
  blob: PartialContent,
  maximumBytes: number,
  signal: AbortSignal,
): Promise<boolean> {
  const response = await client.send({ method: 'GET', path: `/blobs/${blob.address}`, signal });
  try {
    if (response.status === 404) throw blobMissing(blob.address, client.base);
    const announced = response.headers['content-length'];
    if (response.status === 200 && !(Number(announced) <= maximumBytes)) return false;
    const body = await readAnswer(response, maximumBytes);
    assertSuccess(response, body);
    const { address, outline } = contentOf(body);
    if (address !== blob.address) throw blobCorrupt(blob.address, `${body.length} other bytes`);
    blob.takeOutline(body.length, outline);
    blob.takeGroup(0, body);
    return true;
  } finally {
    response.close();
  }
}

async function takeGroups(
  blob: PartialContent,
  start: number,
  length: number,
  response: HttpAnswer,
  alive: () => void,
): Promise<void> {
  const group = new Uint8Array(contentGroupBytes);
  let offset = start;
  let filled = 0;
  for await (const chunk of response.chunks) {
    for (let at = 0; at < chunk.length; ) {
      const wanted = Math.min(contentGroupBytes, length - offset);
      if (wanted === 0) throw blobCorrupt(blob.address, `more than ${length} bytes`);
      const taken = chunk.subarray(at, at + wanted - filled);
      group.set(taken, filled);
      filled += taken.length;
      at += taken.length;
      if (filled < wanted) continue;
      if (!blob.takeGroup(offset, group.subarray(0, wanted))) {
        throw blobCorrupt(blob.address, `other bytes from ${offset} on`);
      }
      alive();
      offset += wanted;
      filled = 0;
    }
  }
}

/**
 * The outline is small, and no blob of a store has a longer one: it is read before the length is
 * known.
 */
async function fetchOutline(client: Client, blob: PartialContent, signal: AbortSignal): Promise<void> {
  const response = await client.send({ method: 'GET', path: `/outlines/${blob.address}`, signal });
  const body = await readAnswer(response, 8 + maximumOutlineBytes);
  if (response.status === 404) throw blobMissing(blob.address, client.base);
  assertSuccess(response, body);
  const length = body.length < 8 ? -1 : Number(new DataView(body.buffer).getBigUint64(0));
  // Another store, or an earlier attempt, may have been faster.
  if (blob.length === undefined && !blob.takeOutline(length, body.subarray(8))) {
    throw blobCorrupt(blob.address, 'an outline of another blob');
  }
}

// Uploads

/**
 * Sends the blob in pieces; what an attempt leaves behind at the store, the next does not send
 * again.
 */
async function upload(
  client: Client,
  address: Address,
  bytes: Uint8Array,
  outer: AbortSignal,
): Promise<StoreReceipt> {
  const path = `/uploads/${address}/${toHex(crypto.getRandomValues(new Uint8Array(16))).slice(2)}`;
  const { account, signer } = client;
  const signature = account && (await signer?.sign(storeRequestDigest(account, address, bytes.length)));
  let acknowledged = 0;
  let attempted = false;
  const attempt = async (signal: AbortSignal, alive: () => void) => {
    let offset = 0;
    if (attempted) {
      // The answer may have been lost, not the blob.
      const receipt = await fetchReceipt(client, address, signal);
      if (receipt !== undefined) return receipt;
      offset = await fetchOffset(client, path, bytes.length, signal);
    }
    attempted = true;
    for (;;) {
      acknowledged = Math.max(acknowledged, offset);
      const piece = bytes.subarray(offset, offset + pieceBytes);
      const headers = {
        'Upload-Offset': `${offset}`,
        'Upload-Length': `${bytes.length}`,
        ...(signature === undefined ? {} : { 'Nonet-Signature': signature }),
      };
      const response = await client.send({ method: 'PUT', path, headers, body: piece, signal });
      const answer = await readAnswer(response, maximumAnswerBytes);
      if (response.status === 409) throw broken(`byte ${offset} to be the next`, textOf(answer));
      assertSuccess(response, answer);
      if (response.status !== 202) {
        return parseReceipt(client, textOf(answer), address, bytes.length);
      }
      offset += piece.length;
      if (offset >= bytes.length) throw broken('a receipt for the last piece', textOf(answer));
      alive();
    }
  };
  return retry(client, `PUT of ${address} to ${client.base}`, attempt, () => acknowledged, outer);
}

/** Where an upload goes on: byte 0 if the store knows nothing of it. */
async function fetchOffset(client: Client, path: string, size: number, signal: AbortSignal): Promise<number> {
  const response = await client.send({ method: 'HEAD', path, signal });
  response.close();
  if (response.status === 404) return 0;
  assertSuccess(response);
  const offset = Number(response.headers['upload-offset'] ?? Number.NaN);
  if (Number.isInteger(offset) && offset >= 0 && offset < size) return offset;
  throw broken(`an offset below ${size}`, String(response.headers['upload-offset']));
}

async function fetchReceipt(
  client: Client,
  address: Address,
  signal: AbortSignal,
): Promise<StoreReceipt | undefined> {
  const response = await client.send({ method: 'GET', path: `/receipts/${address}`, signal });
  const answer = await readAnswer(response, maximumAnswerBytes);
  if (response.status === 404) return undefined;
  assertSuccess(response, answer);
  return parseReceipt(client, textOf(answer), address);
}

/**
 * Throws `store.receipt` unless `text` is a receipt for the blob; of `size` bytes, if they are
 * known.
 */
function parseReceipt({ account }: Client, text: string, blob: Address, size?: number): StoreReceipt {
  let receipt: StoreReceipt | undefined;
  try {
    const { size: signed, store, signature } = JSON.parse(text);
    receipt = { blob, size: size ?? signed, store, signature };
  } catch {}
  const accounts = account === undefined ? [receipt?.store as Account] : [account];
  if (receipt === undefined || !isStoreReceipt(receipt, accounts)) {
    throw new NonetError({
      code: 'store.receipt',
      expected: `a receipt for ${blob} signed by ${account ?? 'the store it names'}`,
      found: text.slice(0, 200),
    });
  }
  return receipt;
}

// Answers

/**
 * The body of an answer that should be short. Throws `store.refused` on a longer one, without
 * reading on.
 */
async function readAnswer(response: HttpAnswer, maximumBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.chunks) {
    length += chunk.length;
    if (length > maximumBytes) {
      throw new NonetError({
        code: 'store.refused',
        expected: `${response.url} to answer with at most ${maximumBytes} bytes`,
        found: 'more',
      });
    }
    chunks.push(chunk);
  }
  response.close();
  const body = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    body.set(chunk, offset);
    offset += chunk.length;
  }
  return body;
}

function textOf(answer: Uint8Array): string {
  return new TextDecoder().decode(answer);
}

function rangeStart(response: HttpAnswer): number {
  const start = /^bytes ([0-9]+)-/.exec(response.headers['content-range'] ?? '')?.[1];
  return start === undefined ? -1 : Number(start);
}

/** 5xx may pass; redirects and 4xx will not. */
function assertSuccess(response: HttpAnswer, answer = new Uint8Array()): void {
  const { status, url } = response;
  if (status >= 200 && status < 300) return;
  const redirected = status >= 300 && status < 400;
  const parts: ErrorParts = {
    code: 'store.refused',
    expected: `${url} to succeed`,
    found: redirected ? 'a redirect, which is not followed' : `${status} ${textOf(answer).slice(0, 200)}`,
  };
  throw status >= 500 && status !== 507 ? new UndecidedError(parts) : new NonetError(parts);
}

function broken(expected: string, found: string): UndecidedError {
  return new UndecidedError({ code: 'store.refused', expected, found });
}

function unreachableStore(what: string, cause: unknown): UndecidedError {
  return new UndecidedError({
    code: 'store.unreachable',
    expected: `${what} to succeed`,
    found: cause instanceof Error ? cause.message : String(cause),
    hint: 'Is the store running, and its address right?',
    cause,
  });
}
