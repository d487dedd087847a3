/**
 * The moves of one job as a client reads them from the chain's events, up to the block that counts
 * as fixed.
 *
 * A chain may take back more than that. So the client keeps the hashes of the blocks up to which it
 * has read: a block contains its parent's hash, so one that is still there proves all before it. If
 * one has changed, the client goes back to the last that has not and reads on from there; who has
 * been given a move that is gone is told (`ledger.reorganised`) and begins again.
 */
import { type Hex, NonetError, UndecidedError } from '@nonet/core';
import type { Account } from '@nonet/core/identity';
import type { JobTerms, LedgerEvent } from '@nonet/core/ports';
import type { Heads } from './heads.ts';
import { type Rpc, RpcFailure, readBlock, readBytes, readCount, writeQuantity } from './rpc.ts';

/** An event of the contract. */
export interface Log {
  readonly data: Hex;
  readonly block: number;
  readonly blockHash: Hex;
  readonly topics: readonly Hex[];
  /** Ledger seconds; some nodes leave it out. */
  readonly timestamp?: number;
  readonly transaction: Hex;
}

export interface JobLog {
  readonly terms: JobTerms;
  /**
   * All moves so far; grows with each poll. A move that is there twice is the same object: another
   * one at its place means that the chain was reorganised.
   */
  readonly events: readonly LedgerEvent[];
  /** Whether the chain took the job itself back: if it is created again, it has another log. */
  readonly lost: boolean;
  /**
   * Reads the blocks since the last poll. Calls during a poll share the one after it. Throws
   * `ledger.reorganised` when the chain took the job itself back.
   */
  poll(): Promise<void>;
}

export interface JobLogParameters {
  readonly rpc: Rpc;
  readonly heads: Heads;
  readonly terms: JobTerms;
  /** Where the job was created. */
  readonly created: { readonly block: number; readonly hash: Hex };
  /** Whether the chain may take blocks back, or a node may lack some that another one has. */
  readonly reorganises: boolean;
  /** The logs of the job's moves in these blocks. */
  readonly readMoves: (from: number, to: number) => Promise<readonly Log[]>;
  readonly decode: (log: Log) => Pick<LedgerEvent, 'move' | 'by'>;
}

/** Up to here all has been read. */
interface Checkpoint {
  readonly number: number;
  readonly hash: Hex;
  /** How many moves there are up to here. */
  readonly events: number;
}

/** Further back than this a reorganisation is read from the job's creation again. */
const maximumCheckpoints = 256;

export function createJobLog({
  rpc,
  heads,
  terms,
  created,
  reorganises,
  readMoves,
  decode,
}: JobLogParameters): JobLog {
  const events: LedgerEvent[] = [];
  const checkpoints: Checkpoint[] = [];
  let readTo = created.block - 1;
  let head = -1;
  let lost = false;
  let running: Promise<void> | undefined;
  let queued: Promise<void> | undefined;

  async function read(): Promise<void> {
    const fixed = await heads.fixed();
    if (fixed === head) return;
    if (reorganises && !(await returnToBranch())) return;
    if (fixed <= readTo) return;
    const [top, news] = await Promise.all([
      reorganises ? readBlock(rpc, fixed) : undefined,
      readEvents(readTo + 1, fixed),
    ]);
    if (reorganises) {
      // Reorganised while it was read, or not there yet on the node that was asked: the next poll
      // tries again.
      if (top === undefined || (await readBlock(rpc, fixed))?.hash !== top.hash) return;
      checkpoints.push({ number: fixed, hash: top.hash, events: events.length + news.length });
      if (checkpoints.length > maximumCheckpoints) checkpoints.shift();
    }
    for (const event of news) events.push(event);
    readTo = fixed;
    head = fixed;
  }

  /** All timestamps and all decoding at once: a failure must not leave half a block applied. */
  async function readEvents(from: number, to: number): Promise<readonly LedgerEvent[]> {
    const logs = await readMoves(from, to);
    const times = await Promise.all(logs.map((log) => readTime(rpc, log)));
    return logs.map((log, i) => {
      const { block, transaction } = log;
      return { ...decode(log), at: times[i]!, block, transaction };
    });
  }

  /** Forgets what the chain took back; false while the node lacks blocks that were read before. */
  async function returnToBranch(): Promise<boolean> {
    for (let last = checkpoints.at(-1); last !== undefined; last = checkpoints.at(-1)) {
      const found = await readBlock(rpc, last.number);
      if (found === undefined) return false;
      if (found.hash === last.hash) break;
      checkpoints.pop();
    }
    const last = checkpoints.at(-1);
    if (last?.number === readTo) return true;
    const creation = await readBlock(rpc, created.block);
    if (creation === undefined) return false;
    lost = creation.hash !== created.hash;
    if (lost) throw reorganised(`the job of record ${terms.record}`, created.block);
    readTo = last?.number ?? created.block - 1;
    events.length = last?.events ?? 0;
    head = -1;
    return true;
  }

  async function poll(): Promise<void> {
    if (running === undefined) {
      running = read().finally(() => {
        running = undefined;
      });
      return running;
    }
    // The poll under way may have asked for the block number before the caller's own move.
    queued ??= running
      .catch(() => undefined)
      .then(() => {
        queued = undefined;
        return poll();
      });
    return queued;
  }

  return {
    terms,
    events,
    get lost() {
      return lost;
    },
    poll,
  };
}

/** What follows a job must begin again. */
export function reorganised(what: string, block: number): UndecidedError {
  return new UndecidedError({
    code: 'ledger.reorganised',
    expected: `${what} to stay in block ${block} of the ledger`,
    found: 'a ledger that took that block back',
    hint: 'Read the job from its first move again.',
  });
}

/**
 * The contract's logs in order; a topic that is null may be any. Nodes limit the range of a
 * question: one that is refused is halved.
 */
export async function readLogs(
  rpc: Rpc,
  address: Account,
  topics: readonly (Hex | null)[],
  from: number,
  to: number,
): Promise<readonly Log[]> {
  try {
    const filter = { address, topics, fromBlock: writeQuantity(from), toBlock: writeQuantity(to) };
    const found = await rpc.request<unknown[]>('eth_getLogs', [filter]);
    return found.map((log) => readLog(log, topics));
  } catch (error) {
    if (!(error instanceof RpcFailure) || from >= to) throw error;
    const middle = Math.floor((from + to) / 2);
    return [
      ...(await readLogs(rpc, address, topics, from, middle)),
      ...(await readLogs(rpc, address, topics, middle + 1, to)),
    ];
  }
}

/** Takes anything; throws `ledger.rpc` for what is no log with these topics. */
function readLog(value: unknown, topics: readonly (Hex | null)[]): Log {
  const found = (value ?? {}) as Record<string, unknown>;
  const others = Array.isArray(found.topics) ? found.topics : [];
  const read = others.map((other) => readBytes(other, 'a topic of a log', 32).toLowerCase() as Hex);
  for (const [i, topic] of topics.entries()) {
    if (topic === null || read[i] === topic) continue;
    const [expected, another] = [`a log with the topic ${topic}`, `one with ${others[i]}`];
    throw new NonetError({ code: 'ledger.rpc', expected, found: another });
  }
  return {
    data: readBytes(found.data, 'the data of a log'),
    topics: read,
    block: readCount(found.blockNumber, 'the block of a log'),
    blockHash: readBytes(found.blockHash, 'the block of a log', 32),
    transaction: readBytes(found.transactionHash, 'the transaction of a log', 32),
    ...(found.blockTimestamp === undefined
      ? {}
      : { timestamp: readCount(found.blockTimestamp, 'the time of a log') }),
  };
}

/** Ledger seconds. */
export async function readTime(rpc: Rpc, log: Log): Promise<number> {
  return log.timestamp ?? readTimestamp(rpc, log.block);
}

/** Throws `ledger.rpc` if the node does not have the block. */
export async function readTimestamp(rpc: Rpc, block: number): Promise<number> {
  const found = await readBlock(rpc, block);
  if (found !== undefined) return found.timestamp;
  throw new NonetError({
    code: 'ledger.rpc',
    expected: `block ${block} at ${rpc.name}`,
    found: 'none',
    hint: 'The node may be behind, or have dropped old blocks; name one that keeps them.',
  });
}
