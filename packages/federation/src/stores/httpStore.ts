/**
 * Client of a store server. Downloads resume where they broke off, with a range request for the rest; what a store declares or sends
 * beyond the maximum is refused before it is kept; nothing is returned that does not hash to its address. Runs in Node and in browsers.
 */
import { type Address, addressOf, type ErrorParts, NonetError, pause, UndecidedError } from '@nonet/core';
import type { Account } from '@nonet/core/identity';
import {
  type BlobStore,
  blobCorrupt,
  blobMissing,
  blobOversized,
  defaultMaximumBytes,
  isStoreReceipt,
  type StoreReceipt,
} from '@nonet/core/ports';

export interface HttpStoreParameters {
  /** Of the store server, without `/blobs`. */
  readonly url: string;
  /** Whose receipts to accept; without it a receipt is not checked. */
  readonly account?: Account;
  /** Attempts without progress before giving up; a download that gains 64 KiB starts counting anew. Default 5. */
  readonly attempts?: number;
  /** Pause before the second attempt, doubled each time. Default 100. */
  readonly backoffMilliseconds?: number;
  /** Longest time in which the server says nothing, or sends less than 64 KiB. Default 30,000. */
  readonly timeoutMilliseconds?: number;
  readonly fetch?: typeof fetch;
}

/** A server that sends a byte now and then would keep a watcher waiting until nobody can object any more. */
const progressBytes = 2 ** 16;

/** Codes beside those of the port: `store.unreachable` (undecided: try again), `store.refused`, `store.receipt`. */
export function createHttpStore(parameters: HttpStoreParameters): BlobStore {
  const { account, attempts = 5, backoffMilliseconds = 100, timeoutMilliseconds = 30_000 } = parameters;
  const request = parameters.fetch ?? fetch;
  const base = parameters.url.replace(/\/+$/, '');
  const urlOf = (address: Address) => `${base}/blobs/${address}`;

  /** Repeats `attempt` while it fails for reasons that may pass; `gained` resets the count. */
  async function retry<T>(
    what: string,
    attempt: (signal: AbortSignal, alive: () => void) => Promise<T>,
    gained: () => number,
    outer?: AbortSignal,
  ): Promise<T> {
    for (let failures = 0, before = gained(); ; ) {
      outer?.throwIfAborted();
      const silence = new AbortController();
      let timer: ReturnType<typeof setTimeout> | undefined;
      const alive = () => {
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(new Error('no answer in time')), timeoutMilliseconds);
      };
      alive();
      try {
        return await attempt(
          outer === undefined ? silence.signal : AbortSignal.any([outer, silence.signal]),
          alive,
        );
      } catch (cause) {
        outer?.throwIfAborted();
        if (cause instanceof NonetError && !(cause instanceof UndecidedError)) throw cause;
        failures = gained() >= before + progressBytes ? 1 : failures + 1;
        before = gained();
        if (failures >= attempts) throw unreachableStore(what, cause);
        await pause(backoffMilliseconds * 2 ** (failures - 1), outer);
      } finally {
        clearTimeout(timer);
      }
    }
  }

  async function download(address: Address, maximumBytes: number, outer?: AbortSignal) {
    let bytes = new Uint8Array();
    let length = 0;
    await retry(
      `GET ${urlOf(address)}`,
      async (signal, alive) => {
        const response = await request(urlOf(address), {
          signal,
          headers: length > 0 ? { Range: `bytes=${length}-` } : {},
        });
        try {
          if (response.status === 404) throw blobMissing(address, base);
          // A store whose blob ends before what we already have served something else than it promised: start over.
          if (response.status === 416) length = 0;
          assertSuccess(response);
          const from = response.status === 206 ? rangeStart(response) : 0;
          if (from !== length) length = 0;
          if (from > 0 && length === 0) throw broken('a range that starts where it was asked to');
          const declared = response.headers.get('content-length');
          if (declared !== null) {
            const whole = length + Number(declared);
            if (whole > maximumBytes) throw blobOversized(address, maximumBytes, whole);
            if (bytes.length < whole) bytes = grown(bytes, length, whole);
          }
          let sinceAlive = 0;
          for await (const chunk of chunksOf(response)) {
            sinceAlive += chunk.length;
            if (sinceAlive >= progressBytes) {
              alive();
              sinceAlive = 0;
            }
            if (length + chunk.length > maximumBytes) {
              throw blobOversized(address, maximumBytes, `more than ${maximumBytes}`);
            }
            if (length + chunk.length > bytes.length) {
              bytes = grown(bytes, length, Math.max(2 * bytes.length, length + chunk.length));
            }
            bytes.set(chunk, length);
            length += chunk.length;
          }
        } finally {
          if (!response.bodyUsed) await response.body?.cancel().catch(() => {});
        }
      },
      () => length,
      outer,
    );
    return bytes.length === length ? bytes : bytes.slice(0, length);
  }

  return {
    async put(bytes) {
      const address = addressOf(bytes);
      const receipt = await retry(
        `PUT ${urlOf(address)}`,
        async (signal) => {
          const response = await request(urlOf(address), {
            method: 'PUT',
            signal,
            body: bytes as Uint8Array<ArrayBuffer>,
          });
          const text = await response.text();
          assertSuccess(response, text);
          return text;
        },
        () => 0,
      );
      return { address, receipt: parseReceipt(receipt, address, bytes.length, account) };
    },
    async get(address, { maximumBytes = defaultMaximumBytes, signal } = {}) {
      const bytes = await download(address, maximumBytes, signal);
      const found = addressOf(bytes);
      if (found !== address) throw blobCorrupt(address, `${bytes.length} bytes that hash to ${found}`);
      return bytes;
    },
    async has(address) {
      return retry(
        `HEAD ${urlOf(address)}`,
        async (signal) => {
          const response = await request(urlOf(address), { method: 'HEAD', signal });
          if (response.status === 404) return false;
          assertSuccess(response);
          return true;
        },
        () => 0,
      );
    },
  };
}

async function* chunksOf(response: Response): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function grown(bytes: Uint8Array<ArrayBuffer>, length: number, size: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(size);
  larger.set(bytes.subarray(0, length));
  return larger;
}

function rangeStart(response: Response): number {
  const start = /^bytes ([0-9]+)-/.exec(response.headers.get('content-range') ?? '')?.[1];
  return start === undefined ? -1 : Number(start);
}

/** 5xx may pass; 4xx will not. */
function assertSuccess(response: Response, body = ''): void {
  if (response.ok) return;
  const parts: ErrorParts = {
    code: 'store.refused',
    expected: `${response.url} to succeed`,
    found: `${response.status} ${body.slice(0, 200)}`,
  };
  throw response.status >= 500 && response.status !== 507 ? new UndecidedError(parts) : new NonetError(parts);
}

function broken(expected: string): UndecidedError {
  return new UndecidedError({ code: 'store.refused', expected, found: 'another answer' });
}

function unreachableStore(what: string, cause: unknown): UndecidedError {
  return new UndecidedError({
    code: 'store.unreachable',
    expected: `${what} to be answered`,
    found: cause instanceof Error ? cause.message : String(cause),
    hint: 'Is the store running, and its address right?',
    cause,
  });
}

function parseReceipt(text: string, blob: Address, size: number, account: Account | undefined): StoreReceipt {
  let receipt: StoreReceipt | undefined;
  try {
    const { store, signature } = JSON.parse(text);
    receipt = { blob, size, store, signature };
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
