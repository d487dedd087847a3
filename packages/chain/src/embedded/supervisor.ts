/**
 * The supervised chain: anvil made durable. It collects transactions for some milliseconds, writes
 * the block's number, timestamp and transactions to the journal, and only then has anvil make the
 * block. The sender of a transaction is answered when its block is made, so what was answered
 * survives a SIGKILL of anvil, of this process or of both: a start loads the newest readable
 * snapshot, replays the journal after it and compares every block hash (recovery.ts). While anvil
 * restarts, requests wait.
 *
 * Ledger time is the last block's timestamp plus the wall time since then in this run: it stands
 * still while the chain is down and never runs ahead. Blocks of the same second share a timestamp.
 * A block is made when transactions wait, or when a caller asks what depends on time and the last
 * block is a second old; an idle chain makes none.
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Hex } from '@nonet/core';
import type { Signer } from '@nonet/core/identity';
import type { Transaction } from './admission.ts';
import { type Anvil, AnvilRefusal } from './anvil.ts';
import { divergence, latestBlock, makeBlock } from './blocks.ts';
import { blockGasLimit, openIdentity } from './chainIdentity.ts';
import { openJournal } from './journal.ts';
import { type ChainSource, isLost, recoverChain } from './recovery.ts';
import { writeSnapshot } from './snapshots.ts';
import {
  createTransactionQueue,
  drainQueue,
  enqueue,
  isQueueEmpty,
  putBack,
  type TransactionQueue,
  takeNext,
} from './transactionQueue.ts';

export interface SupervisorParameters {
  /** Holds the chain's keys, journal and snapshots; made if missing. */
  readonly directory: string;
  /** How long transactions are collected before a block. Default 20. */
  readonly batchMilliseconds?: number;
  /** Default 1000. */
  readonly blocksPerSnapshot?: number;
  /** Told why the journal cannot be written: there are no blocks until it can. */
  readonly onFailure?: (error: unknown) => void;
  /** For crash tests: called when a block is on disk and not yet made. */
  readonly onJournaled?: () => void;
}

export interface Supervisor {
  readonly chainId: number;
  /** Holds the chain's money. */
  readonly faucet: Signer;
  /** The running anvil; for tests. */
  anvil(): Promise<Anvil>;
  /**
   * Names the state that the chain is in: what anvil holds, its pool included, is the same whenever
   * this is. Undefined while a block is being made.
   */
  readonly state: number | undefined;
  /** Asks anvil, across its restarts. */
  request<Result>(method: string, ...parameters: readonly unknown[]): Promise<Result>;
  /** Resolves when the transaction is in a block; throws AnvilRefusal if it cannot be. */
  submit(transaction: Transaction): Promise<Hex>;
  /** Makes a block if ledger time has moved on since the last one. */
  catchUp(): Promise<void>;
  stop(): Promise<void>;
}

/** No block holds more: each transaction takes 21,000 gas. */
const maximumOffers = Math.floor(blockGasLimit / 21_000);

/** How often a request is made again on a new anvil. */
const maximumRestarts = 5;

interface Pending extends Transaction {
  readonly answer: PromiseWithResolvers<Hex>;
}

interface Chain extends ChainSource {
  readonly batchMilliseconds: number;
  readonly blocksPerSnapshot: number;
  readonly onFailure: ((error: unknown) => void) | undefined;
  readonly onJournaled: (() => void) | undefined;
  /** Ledger seconds. */
  readonly clock: () => number;
  /** Waiting for a block. */
  readonly queue: TransactionQueue<Pending>;
  /** All that are not answered, by hash. */
  readonly unanswered: Map<Hex, Pending>;
  /** The running one, or the one that is starting. */
  anvil: Promise<Anvil>;
  /** The newest block in the journal. */
  last: { readonly number: number; readonly timestamp: number };
  /** The newest block with a snapshot. */
  snapshotAt: number;
  timer: NodeJS.Timeout | undefined;
  /** Settles when the block under way is made. */
  turn: Promise<unknown>;
  /** How often anvil's state may have changed: the turns so far, and the restarts. */
  changes: number;
  /** Whether a turn is under way. */
  isChanging: boolean;
  stopping: boolean;
}

/**
 * Starts or resumes the chain in `directory`. Throws `chain.running` while another process runs it,
 * `chain.diverged` if its blocks cannot be made again as they were, `chain.binary` without anvil,
 * `chain.journal` and `chain.start`.
 */
export async function startSupervisor(parameters: SupervisorParameters): Promise<Supervisor> {
  const chain = openChain(parameters);
  try {
    await chain.anvil;
  } catch (error) {
    chain.journal.close();
    throw error;
  }
  const { chainId, faucet } = chain.identity;
  let stopped: Promise<void> | undefined;
  return {
    chainId,
    faucet,
    get state() {
      return chain.isChanging ? undefined : chain.changes;
    },
    anvil: () => chain.anvil,
    request: (method, ...parameters) => withAnvil(chain, (anvil) => anvil.request(method, ...parameters)),
    submit: (transaction) => submitTransaction(chain, transaction),
    catchUp: () => catchUp(chain),
    stop: () => (stopped ??= stopChain(chain)),
  };
}

function openChain(parameters: SupervisorParameters): Chain {
  const { batchMilliseconds = 20, blocksPerSnapshot = 1000, onFailure, onJournaled } = parameters;
  const directory = resolve(parameters.directory);
  mkdirSync(directory, { recursive: true });
  const journal = openJournal(join(directory, 'journal.sqlite'));
  const identity = openIdentity(directory);
  const newest = journal.last();
  const last = { number: newest?.number ?? 0, timestamp: newest?.timestamp ?? identity.genesisTimestamp };
  const started = performance.now();
  const chain: Omit<Chain, 'anvil'> = {
    directory,
    journal,
    identity,
    batchMilliseconds,
    blocksPerSnapshot,
    onFailure,
    onJournaled,
    clock: () => last.timestamp + Math.floor((performance.now() - started) / 1000),
    queue: createTransactionQueue(),
    unanswered: new Map(),
    last,
    snapshotAt: 0,
    timer: undefined,
    turn: Promise.resolve(),
    changes: 0,
    isChanging: false,
    stopping: false,
  };
  return Object.assign(chain, { anvil: superviseAnvil(chain as Chain) });
}

// Anvil and its restarts

/** Starts anvil, and again whenever it ends unasked. */
async function superviseAnvil(chain: Chain): Promise<Anvil> {
  const { anvil, snapshotAt } = await recoverChain(chain);
  chain.snapshotAt = snapshotAt;
  void anvil.exited.then(() => {
    if (chain.stopping) return;
    chain.changes++;
    chain.anvil = superviseAnvil(chain);
    // The next caller gets the failure; there may be none now.
    chain.anvil.catch(() => undefined);
  });
  return anvil;
}

/** Does `work` on the running anvil, again after a restart if anvil is lost on the way. */
async function withAnvil<Result>(chain: Chain, work: (anvil: Anvil) => Promise<Result>): Promise<Result> {
  for (let restart = 0; ; restart++) {
    const anvil = await chain.anvil;
    try {
      return await work(anvil);
    } catch (error) {
      if (!isLost(error) || chain.stopping || restart >= maximumRestarts) throw error;
      await Promise.race([anvil.exited, new Promise((resolve) => setTimeout(resolve, 1000))]);
    }
  }
}

// Transactions

function submitTransaction(chain: Chain, transaction: Transaction): Promise<Hex> {
  const known = chain.unanswered.get(transaction.hash);
  if (known !== undefined) return known.answer.promise;
  const pending: Pending = { ...transaction, answer: Promise.withResolvers<Hex>() };
  chain.unanswered.set(transaction.hash, pending);
  enqueue(chain.queue, pending);
  scheduleBlock(chain);
  return pending.answer.promise;
}

function accept(chain: Chain, { hash, answer }: Pending): void {
  chain.unanswered.delete(hash);
  answer.resolve(hash);
}

function reject(chain: Chain, { hash, answer }: Pending, reason: unknown): void {
  chain.unanswered.delete(hash);
  answer.reject(reason);
}

/** For what anvil took, and no block can hold. */
function rejectNonce(chain: Chain, pending: Pending): void {
  const rpc = { code: -32003, message: 'nonce too high or replaced' };
  reject(chain, pending, new AnvilRefusal('eth_sendRawTransaction', rpc));
}

// Blocks

/** One block at a time; all that changes what anvil holds is done in a turn. */
function inTurn<Result>(chain: Chain, work: () => Promise<Result>): Promise<Result> {
  const result = chain.turn.then(async () => {
    chain.isChanging = true;
    try {
      return await work();
    } finally {
      chain.isChanging = false;
      chain.changes++;
    }
  });
  chain.turn = result.catch(() => undefined);
  return result;
}

function scheduleBlock(chain: Chain): void {
  chain.timer ??= setTimeout(() => {
    chain.timer = undefined;
    void inTurn(chain, () => produceBlock(chain));
  }, chain.batchMilliseconds);
}

/** Makes a block of waiting transactions, and answers them. */
async function produceBlock(chain: Chain): Promise<void> {
  const batch: Pending[] = [];
  try {
    const anvil = await withAnvil(chain, async (anvil) => {
      await fillPool(chain, anvil, batch);
      return anvil;
    });
    if (batch.length === 0) return;
    const raw = batch.map((pending) => pending.raw);
    const included = new Set(await extendChain(chain, anvil, raw));
    for (const pending of batch) {
      if (included.has(pending.hash)) accept(chain, pending);
      else rejectNonce(chain, pending);
    }
  } catch (error) {
    // Without a batch it was not a transaction that failed: there is no anvil any more.
    for (const pending of batch.length > 0 ? batch : drainQueue(chain.queue)) reject(chain, pending, error);
  } finally {
    if (!isQueueEmpty(chain.queue)) scheduleBlock(chain);
  }
}

/**
 * Puts waiting transactions into anvil's pool, which then holds nothing else, until they fill a
 * block, and lists them in `batch`. Those that the next block cannot hold are answered, and take up
 * no room. `batch` is what an anvil that was lost had been given.
 */
async function fillPool(chain: Chain, anvil: Anvil, batch: Pending[]): Promise<void> {
  putBack(chain.queue, batch.splice(0));
  await anvil.request('anvil_dropAllTransactions');
  let room = BigInt(blockGasLimit);
  for (let offers = 0; offers < maximumOffers; offers++) {
    const pending = takeNext(chain.queue, room);
    if (pending === undefined) break;
    batch.push(pending);
    if (await offer(chain, anvil, pending)) room -= pending.gas;
    else batch.pop();
  }
  if (batch.length === 0) return;
  // What waits for an earlier nonce costs its sender nothing; it does not get into the journal.
  const ready = await readyTransactions(anvil);
  for (const pending of batch.splice(0)) {
    if (ready.has(pending.hash)) batch.push(pending);
    else rejectNonce(chain, pending);
  }
}

/** False if anvil does not take the transaction, which is then answered. */
async function offer(chain: Chain, anvil: Anvil, pending: Pending): Promise<boolean> {
  try {
    await anvil.request('eth_sendRawTransaction', pending.raw);
    return true;
  } catch (error) {
    if (!(error instanceof AnvilRefusal)) throw error;
    // Sent again after its answer was lost.
    if ((await anvil.request('eth_getTransactionByHash', pending.hash)) !== null) accept(chain, pending);
    else reject(chain, pending, error);
    return false;
  }
}

/** Hashes of what is in the pool and waits for no earlier nonce. */
async function readyTransactions(anvil: Anvil): Promise<ReadonlySet<Hex>> {
  const { pending } = await anvil.request<{
    pending: Record<string, Record<string, { hash: Hex }>>;
  }>('txpool_content');
  return new Set(Object.values(pending).flatMap((byNonce) => Object.values(byNonce).map(({ hash }) => hash)));
}

/**
 * Journal first, then the block on the anvil whose pool holds `transactions`; returns the hashes of
 * those that it includes.
 */
async function extendChain(
  chain: Chain,
  anvil: Anvil,
  transactions: readonly Hex[],
): Promise<readonly Hex[]> {
  const { journal, last, clock } = chain;
  const { number, timestamp } = { number: last.number + 1, timestamp: Math.max(last.timestamp, clock()) };
  try {
    journal.append({ number, timestamp, transactions });
  } catch (error) {
    chain.onFailure?.(error);
    throw error;
  }
  chain.last = { number, timestamp };
  chain.onJournaled?.();
  const made = await makeBlock(anvil, timestamp).catch(async () => {
    // Lost on the way, or refused: the restart makes the block from the journal.
    await anvil.kill();
    return withAnvil(chain, latestBlock);
  });
  if (made.number !== number) throw divergence(number, `number ${number}`, `number ${made.number}`);
  journal.recordHash(number, made.hash);
  if (number - chain.snapshotAt >= chain.blocksPerSnapshot) void inTurn(chain, () => takeSnapshot(chain));
  return made.transactions;
}

async function catchUp(chain: Chain): Promise<void> {
  if (chain.clock() <= chain.last.timestamp) return;
  await inTurn(chain, async () => {
    const anvil = await chain.anvil;
    if (chain.clock() <= chain.last.timestamp) return;
    // A batch whose journaling failed is still in the pool.
    await anvil.request('anvil_dropAllTransactions');
    await extendChain(chain, anvil, []);
  });
}

async function takeSnapshot(chain: Chain): Promise<void> {
  try {
    const anvil = await chain.anvil;
    const { number, hash } = await latestBlock(anvil);
    if (number === chain.snapshotAt) return;
    const state = await anvil.request<Hex>('anvil_dumpState');
    writeSnapshot(chain.directory, { block: number, hash, state });
    chain.snapshotAt = number;
  } catch {
    // The journal has it all; the next start is only slower.
  }
}

async function stopChain(chain: Chain): Promise<void> {
  clearTimeout(chain.timer);
  while (!isQueueEmpty(chain.queue)) await inTurn(chain, () => produceBlock(chain));
  clearTimeout(chain.timer);
  await inTurn(chain, () => takeSnapshot(chain));
  chain.stopping = true;
  await chain.anvil.then(
    (anvil) => anvil.kill(),
    () => undefined,
  );
  chain.journal.close();
}
