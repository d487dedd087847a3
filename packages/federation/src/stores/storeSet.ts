/**
 * The stores of a job as one. What is written goes to all of them at the same time; what is read
 * comes from the one that first serves verified bytes, so a store that serves some readers and not
 * others, or trickles, or is away, delays no reader while another answers (docs/specs/update.md
 * §5).
 */
import {
  type Address,
  type Content,
  contentOf,
  createPartialContent,
  MisuseError,
  NonetError,
  pause,
  UndecidedError,
} from '@nonet/core';
import type { BlobStore, CallOptions, StoredBlob, StoreReceipt } from '@nonet/core/ports';
import { boundCall, longestTimer } from './boundCall.ts';

/** A store of a set. */
export interface NamedStore {
  /** Says in messages which store it is. */
  readonly name: string;
  readonly store: BlobStore;
}

/** Which stores, and how many must have a blob. */
export interface StoreSetParameters {
  /** In the order in which reads ask them: a store on this machine comes first. */
  readonly stores: readonly NamedStore[];
  /** So many stores must have taken a blob for a write to succeed. Default 1. */
  readonly copies?: number;
  /** How long a write waits for the others, once it has enough copies. Default 1,000. */
  readonly graceMilliseconds?: number;
  /** After this time without an answer a read asks further stores as well. Default 100. */
  readonly staggerMilliseconds?: number;
}

/** Why a store did not take a blob in time. */
export interface StoreFailure {
  readonly store: string;
  readonly cause: Error;
}

/** What a write to several stores leaves. */
export interface SpreadBlob extends StoredBlob {
  /** Stores that refused or have not answered yet; those go on in the background. */
  readonly failures: readonly StoreFailure[];
}

/** Several stores as one. */
export interface StoreSet extends BlobStore {
  /**
   * Throws `store.copies` (undecided) if fewer than `copies` stores took the blob, naming the
   * others.
   */
  put(blob: Uint8Array | Content, options?: CallOptions): Promise<SpreadBlob>;
}

/** How much a failure says; the most telling one is thrown when all stores fail. */
const telling = ['blob.missing', 'store.unreachable', 'store.refused', 'blob.corrupt', 'blob.oversized'];

/** Reads throw what the most telling of the stores said. Throws `store.none` without stores. */
export function createStoreSet(parameters: StoreSetParameters): StoreSet {
  if (parameters.stores.length === 0) {
    throw new MisuseError({ code: 'store.none', expected: 'at least one store', found: 'none' });
  }
  const { stores, copies = 1 } = parameters;
  return {
    put: (blob, options = {}) => putAll(parameters, contentOf(blob), options),
    get: (address, options = {}) =>
      boundCall(options, `reading ${address}`, (signal) => {
        const partial = options.partial ?? createPartialContent(address);
        const bounded = (signal: AbortSignal) => ({
          signal,
          partial,
          ...(options.maximumBytes === undefined ? {} : { maximumBytes: options.maximumBytes }),
        });
        return askInTurn(parameters, signal, (store, signal) => store.get(address, bounded(signal)));
      }),
    has: (address, options = {}) =>
      boundCall(options, `looking for ${address}`, (signal) => isHeld(stores, address, signal)),
    receipts: (address, options = {}) =>
      boundCall(options, `receipts of ${address}`, (signal) => gather(stores, copies, address, signal)),
  };
}

async function putAll(
  { stores, copies = 1, graceMilliseconds = 1000 }: StoreSetParameters,
  content: Content,
  options: CallOptions,
): Promise<SpreadBlob> {
  options.signal?.throwIfAborted();
  const receipts: StoreReceipt[] = [];
  const open = new Set(stores.map(({ name }) => name));
  const failures: StoreFailure[] = [];
  let taken = 0;
  const enough = Promise.withResolvers<void>();
  const answers = stores.map(async ({ name, store }) => {
    try {
      receipts.push(...(await store.put(content, options)).receipts);
      if (++taken === copies) enough.resolve();
    } catch (cause) {
      failures.push({ store: name, cause: cause as Error });
    } finally {
      open.delete(name);
    }
  });
  const all = Promise.all(answers);
  const rest = new AbortController();
  const waiting = options.signal === undefined ? rest.signal : AbortSignal.any([options.signal, rest.signal]);
  const left = (most: number) =>
    Math.max(0, Math.min(most, (options.untilMilliseconds ?? Number.POSITIVE_INFINITY) - Date.now()));
  await Promise.race([enough.promise, all, pause(left(longestTimer), waiting)]);
  await Promise.race([all, pause(left(graceMilliseconds), waiting)]);
  rest.abort();
  options.signal?.throwIfAborted();
  const late = [...open].map((name) => ({
    store: name,
    cause: new UndecidedError({
      code: 'store.unreachable',
      expected: `${name} to take the blob`,
      found: 'no answer yet',
    }),
  }));
  const missing = [...failures, ...late];
  if (taken < copies) {
    throw new UndecidedError({
      code: 'store.copies',
      expected: `${copies} stores to take the blob`,
      found: `${taken}: ${missing.map(({ store, cause }) => `${store}: ${cause.message}`).join('; ')}`,
      hint: 'Are the stores of the job running?',
      cause: missing[0]?.cause,
    });
  }
  return { address: content.address, receipts: [...receipts], failures: missing };
}

/**
 * The first answer. A store that fails makes way for the next at once; while none answers, twice as
 * many are asked after each `staggerMilliseconds`. The rest are stopped.
 */
async function askInTurn<T>(
  { stores, staggerMilliseconds = 100 }: StoreSetParameters,
  outer: AbortSignal,
  ask: (store: BlobStore, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const rest = new AbortController();
  const signal = AbortSignal.any([outer, rest.signal]);
  const failures: unknown[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  let asked = 0;
  const askNext = () => {
    const next = stores[asked];
    if (next === undefined) return;
    asked++;
    ask(next.store, signal).then(resolve, (cause) => {
      failures.push(cause);
      // The length is bound by the address: no store can say anything else.
      if (!(cause instanceof NonetError) || cause.code === 'blob.oversized') reject(cause);
      else if (failures.length === stores.length) reject(mostTelling(failures));
      else askNext();
    });
  };
  askNext();
  const timer = setInterval(() => {
    for (let running = asked - failures.length; running > 0; running--) askNext();
  }, staggerMilliseconds);
  try {
    return await promise;
  } finally {
    clearInterval(timer);
    rest.abort();
  }
}

/**
 * As soon as there are `copies` receipts of distinct stores; otherwise those of all that answer.
 */
async function gather(
  stores: readonly NamedStore[],
  copies: number,
  address: Address,
  outer: AbortSignal,
): Promise<readonly StoreReceipt[]> {
  const rest = new AbortController();
  const signal = AbortSignal.any([outer, rest.signal]);
  const receipts = new Map<string, StoreReceipt>();
  const failures: unknown[] = [];
  const enough = Promise.withResolvers<void>();
  const answers = stores.map(async ({ store }) => {
    try {
      for (const receipt of await store.receipts(address, { signal })) receipts.set(receipt.store, receipt);
      if (receipts.size >= copies) enough.resolve();
    } catch (cause) {
      failures.push(cause);
    }
  });
  await Promise.race([enough.promise, Promise.all(answers)]);
  rest.abort();
  if (failures.length === stores.length) throw mostTelling(failures);
  return [...receipts.values()];
}

/** Whether one of the stores holds the blob; throws if none says so and one could not be asked. */
async function isHeld(stores: readonly NamedStore[], address: Address, outer: AbortSignal): Promise<boolean> {
  const rest = new AbortController();
  const signal = AbortSignal.any([outer, rest.signal]);
  const failures: unknown[] = [];
  const found = Promise.withResolvers<boolean>();
  const answers = stores.map(async ({ store }) => {
    try {
      if (await store.has(address, { signal })) found.resolve(true);
    } catch (cause) {
      failures.push(cause);
    }
  });
  const held = await Promise.race([found.promise, Promise.all(answers).then(() => false)]);
  rest.abort();
  if (!held && failures.length > 0) throw mostTelling(failures);
  return held;
}

function mostTelling(failures: readonly unknown[]): unknown {
  const rank = (failure: unknown) =>
    failure instanceof NonetError ? telling.indexOf(failure.code) : telling.length;
  return failures.reduce((most, failure) => (rank(failure) > rank(most) ? failure : most));
}
