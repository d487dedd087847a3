/**
 * The ledger port over the contract Nonet.sol on any EVM chain. It trusts its nodes for what is on
 * the chain. Moves are followed up to the block that counts as fixed (heads.ts), and begun again if
 * the chain takes back more (jobLog.ts); a move that is posted is carried through to that block
 * (transactions.ts).
 */
import { type Address, type Hex, MisuseError, NonetError, pause } from '@nonet/core';
import { type Account, isAccount, type Signer } from '@nonet/core/identity';
import {
  assertTerms,
  isRefusal,
  jobIdOf,
  type Ledger,
  type LedgerEvent,
  type ModelRegistration,
  type Move,
  mostRegistrations,
  type Posted,
  type Refusal,
} from '@nonet/core/ports';
import { decodeEventData, encodeCall, paddedTopic, topicsOf } from './abi.ts';
import type { Call } from './call.ts';
import { verifyDeployment } from './deploy.ts';
import { type Confirmations, createHeads, type Heads, readUsualConfirmations } from './heads.ts';
import {
  createJobLog,
  type JobLog,
  type Log,
  readLogs,
  readTime,
  readTimestamp,
  reorganised,
} from './jobLog.ts';
import { decodeMove, decodeTerms, encodeMoves, encodeTerms } from './moves.ts';
import { findReceipt, type Receipt } from './receipts.ts';
import { refusalOf } from './refusals.ts';
import { createRpc, type OnNotice, type Rpc, readCount } from './rpc.ts';
import { createSender, readChainId, type Sender } from './transactions.ts';
import { readView } from './views.ts';

/** Which ledger, and how patiently. */
export interface ConnectLedgerParameters {
  /**
   * Of any EVM JSON-RPC node. Of several nodes of one chain, reads go to one while it keeps up,
   * transactions to all.
   */
  readonly url: string | readonly string[];
  readonly contract: Account;
  /**
   * 'self' if the runner of the job also runs the ledger: then it is taken for one that never takes
   * a block back and makes one when it is asked for the time, as the embedded chain does.
   */
  readonly operator: 'self' | 'other';
  /** Refuse nodes of another chain. */
  readonly chainId?: number;
  /**
   * How many blocks on top make a move count. Default 0 for the operator 'self' and for development
   * nodes, else 2. What the node calls final counts in any case, and so does the head of a chain
   * that stood still for half a minute.
   */
  readonly confirmations?: Confirmations;
  /** How often `follow` asks for new blocks. Default 200. */
  readonly pollMilliseconds?: number;
  /**
   * How long a move may go without a sign of progress, also while the node is away. Default
   * 180,000.
   */
  readonly patienceMilliseconds?: number;
  /** Told what its user should know: fees raised, moves posted again, nodes left. */
  readonly onNotice?: OnNotice;
}

/**
 * A ledger client. Throws `ledger.url`, `ledger.unreachable`, `ledger.chain` (another chain than
 * asked for) or `ledger.contract` (not our contract, instruction by instruction, at that address:
 * another one could keep other rules).
 *
 * @example
 * const ledger = await connectLedger({ url: 'http://127.0.0.1:8545', contract, operator: 'other'
 * });
 * for await (const { move, by } of ledger.rounds.follow(job, signal)) console.log(move.type, by);
 */
export async function connectLedger({
  url,
  contract,
  operator,
  chainId: wanted,
  confirmations,
  pollMilliseconds = 200,
  patienceMilliseconds = 180_000,
  onNotice,
}: ConnectLedgerParameters): Promise<Ledger> {
  if (!isAccount(contract)) {
    throw new MisuseError({
      code: 'ledger.contract',
      expected: 'a contract address of 0x and 40 lower-case hexadecimal digits',
      found: JSON.stringify(contract),
    });
  }
  if (typeof confirmations === 'number' && !(Number.isSafeInteger(confirmations) && confirmations >= 0)) {
    throw new MisuseError({
      code: 'ledger.confirmations',
      expected: "a number of blocks, or 'finalized'",
      found: String(confirmations),
    });
  }
  const rpc = createRpc(url, onNotice);
  const chainId = await readChainId(rpc);
  if (wanted !== undefined && wanted !== chainId) {
    throw new MisuseError({
      code: 'ledger.chain',
      expected: `chain ${wanted} at ${rpc.name}`,
      found: `chain ${chainId}`,
      hint: 'Name a node of the right chain.',
    });
  }
  await verifyDeployment(rpc, contract);
  const depth = confirmations ?? (operator === 'self' ? 0 : await readUsualConfirmations(rpc));
  const heads = createHeads({ rpc, confirmations: depth, tellsTime: operator === 'self' });
  return createLedger({
    rpc,
    chainId,
    contract,
    operator,
    heads,
    deployedIn: Number(await readView(rpc, contract, 'deployedIn', [])),
    pollMilliseconds,
    sender: createSender({ rpc, chainId, heads, patienceMilliseconds, onNotice }),
  });
}

interface Connection {
  readonly rpc: Rpc;
  readonly chainId: number;
  readonly contract: Account;
  readonly operator: 'self' | 'other';
  readonly heads: Heads;
  readonly deployedIn: number;
  readonly pollMilliseconds: number;
  readonly sender: Sender;
}

function createLedger(connection: Connection): Ledger {
  const { rpc, chainId, contract, operator, heads, pollMilliseconds } = connection;
  const find = createJobFinder(connection);
  const followers = createFollowers();

  async function knownLog(job: Address): Promise<JobLog> {
    const log = await find(job);
    if (log !== undefined) return log;
    throw new NonetError({
      code: 'ledger.job',
      expected: `job ${job} on chain ${chainId}, contract ${contract}`,
      found: 'no such job',
      hint: 'Check the job address and that this is the ledger it was created on.',
    });
  }

  return {
    chainId,
    contract,
    operator,
    jobs: {
      async create(terms, by) {
        assertTerms(terms, by.account);
        const call = { data: encodeTerms(terms), value: terms.escrow };
        return submit(connection, call, `creation of job ${jobIdOf(terms)}`, by);
      },
      read: async (job) => (await find(job))?.terms,
    },
    rounds: {
      async submit(job, move, by, wei = 0n) {
        const outcome = await submitMoves(connection, job, [move], by, wei);
        if (!isRefusal(outcome)) followers.wake();
        return outcome;
      },
      async submitAll(job, moves, by) {
        const outcome = await submitMoves(connection, job, moves, by, 0n);
        if (!isRefusal(outcome)) followers.wake();
        return outcome;
      },
      async moves(job) {
        const log = await knownLog(job);
        await log.poll();
        return [...log.events];
      },
      async *follow(job, signal): AsyncGenerator<LedgerEvent> {
        let log: JobLog | undefined;
        let last: LedgerEvent | undefined;
        let wait = pollMilliseconds;
        for (let next = 0; !signal.aborted; ) {
          try {
            log ??= await knownLog(job);
            await log.poll();
            wait = pollMilliseconds;
          } catch (error) {
            if (!(error instanceof NonetError) || error.code !== 'ledger.unreachable') throw error;
            wait = Math.min(2 * wait, 5000);
          }
          for (; log !== undefined && !signal.aborted; next++) {
            const { events } = log;
            if (last !== undefined && events[next - 1] !== last)
              throw reorganised(`the ${describeMove(last.move)} by ${last.by}`, last.block);
            if (next === events.length) break;
            last = events[next]!;
            yield last;
          }
          await followers.pause(wait, signal);
        }
      },
      async gasUsed(transactions) {
        let gas = 0;
        // One transaction may hold several moves. In portions: nodes limit how much they are asked
        // at once.
        const distinct = [...new Set(transactions)];
        while (distinct.length > 0) {
          const portion = distinct.splice(0, 200).map((transaction) => readReceipt(rpc, transaction));
          for (const receipt of await Promise.all(portion)) gas += gasOf(receipt);
        }
        return gas;
      },
    },
    anchors: {
      async post(job, root, by) {
        const data = encodeCall('anchor', [job, root]);
        const posted = await submit(connection, { data }, `anchor ${root}`, by);
        if (isRefusal(posted))
          throw new NonetError({ code: 'ledger.contract', expected: 'an anchor', found: posted.refused });
        return { chainId, contract, ...posted };
      },
      find: (job, root, by) => findAnchor(connection, job, root, by),
    },
    models: {
      async register(modelId, registration, by) {
        const data = encodeCall('anchor', [modelId, registration]);
        const posted = await submit(connection, { data }, `model ${modelId}`, by);
        if (isRefusal(posted))
          throw new NonetError({ code: 'ledger.contract', expected: 'a model', found: posted.refused });
        return { chainId, contract, ...posted };
      },
      find: (modelId, by) => findModels(connection, modelId, by),
    },
    now: () => heads.now(),
  };
}

/** What waits for the next poll; a move of one's own is looked for at once. */
function createFollowers() {
  const waiting = new Set<AbortController>();
  return {
    wake(): void {
      for (const waking of waiting) waking.abort();
    },
    async pause(milliseconds: number, signal: AbortSignal): Promise<void> {
      const waking = new AbortController();
      const stop = () => waking.abort();
      waiting.add(waking);
      signal.addEventListener('abort', stop);
      if (!signal.aborted) await pause(milliseconds, waking.signal);
      signal.removeEventListener('abort', stop);
      waiting.delete(waking);
    },
  };
}

async function submit(
  { rpc, sender, contract }: Connection,
  call: Omit<Call, 'to'>,
  what: string,
  by: Signer,
): Promise<Posted | Refusal> {
  const outcome = await sender.send({ ...call, to: contract }, by);
  if ('reverted' in outcome) return refusalOf(outcome.reverted, what, by.account);
  const block = readCount(outcome.blockNumber, 'a block number');
  const at = outcome.timestamp ?? (await readTimestamp(rpc, block));
  return { transaction: outcome.transactionHash, block, at, gas: gasOf(outcome) };
}

/**
 * For a move that a node refuses to estimate because it simulates it at the time of a block long
 * past.
 */
const timedMoveGas = 1_000_000n;

/**
 * Throws `ledger.move` for what no contract call can say: negative numbers, malformed addresses.
 */
function submitMoves(
  connection: Connection,
  job: Address,
  moves: readonly Move[],
  by: Signer,
  value: bigint,
): Promise<Posted | Refusal> {
  const what = moves.map(describeMove).join(', ');
  const call = {
    data: encodeMoves(job, moves),
    value,
    async gasDespite(revert: Hex) {
      const { refused } = refusalOf(revert, what, by.account);
      const isSilence = moves.some((move) => move.type === 'prove' && move.lie.kind === 'silence');
      if (refused !== 'TooEarly' && !(isSilence && refused === 'WrongProof')) return undefined;
      return (await connection.heads.isLate()) ? timedMoveGas * BigInt(moves.length) : undefined;
    },
  };
  return submit(connection, call, what, by);
}

function describeMove(move: Move): string {
  return 'round' in move ? `${move.type} of round ${move.round}` : move.type;
}

/** A client that serves many jobs forgets those that it was not asked for lately. */
const maximumJobs = 64;

/**
 * Finds a job's log, of which there is one per client; undefined while the job is in no block that
 * counts as fixed.
 */
function createJobFinder({ rpc, contract, heads, operator }: Connection) {
  const logs = new Map<Address, JobLog>();

  function remember(job: Address, log: JobLog): JobLog {
    logs.delete(job);
    logs.set(job, log);
    if (logs.size > maximumJobs) logs.delete(logs.keys().next().value!);
    return log;
  }

  return async function find(job: Address): Promise<JobLog | undefined> {
    const known = logs.get(job);
    if (known?.lost === false) return remember(job, known);
    const [fixed, block] = await Promise.all([heads.fixed(), readCreation(job)]);
    if (block === 0 || block > fixed) {
      // Where it was there before, its creation is on its way into another block.
      if (known !== undefined) throw reorganised(`job ${job}`, block);
      return undefined;
    }
    const topics = topicsOf('Created', job);
    const [created] = await readLogs(rpc, contract, topics, block, block);
    if (created === undefined) {
      if ((await readCreation(job)) !== block) return find(job);
      throw missingLog(rpc, job, block);
    }
    // Another caller may have found it meanwhile: all followers of a job share one log.
    const other = logs.get(job);
    if (other?.lost === false) return other;
    const moved = topicsOf('Moved', job);
    const log = createJobLog({
      rpc,
      heads,
      terms: decodeTerms(created.data),
      created: { block, hash: created.blockHash },
      reorganises: operator === 'other' || !rpc.isOneNode,
      readMoves: (from, to) => readLogs(rpc, contract, moved, from, to),
      decode: decodeMoved,
    });
    return remember(job, log);
  };

  async function readCreation(job: Address): Promise<number> {
    return Number(await readView(rpc, contract, 'createdIn', [job]));
  }
}

function decodeMoved({ data }: Log): Pick<LedgerEvent, 'move' | 'by'> {
  const [by, call] = decodeMovedData(data);
  return { move: decodeMove(call).move, by };
}

function decodeMovedData(data: Hex) {
  try {
    return decodeEventData('Moved', data);
  } catch (cause) {
    const found = `${data.length / 2 - 1} other bytes`;
    throw new NonetError({ code: 'ledger.rpc', expected: 'the event of a move', found, cause });
  }
}

async function findAnchor(
  { rpc, chainId, contract, heads, deployedIn }: Connection,
  job: Address,
  root: Address,
  by: Account,
) {
  const topics = topicsOf('Anchored', job, root, by);
  const [log] = await readLogs(rpc, contract, topics, deployedIn, await heads.fixed());
  if (log === undefined) return undefined;
  const [receipt, at] = await Promise.all([readReceipt(rpc, log.transaction), readTime(rpc, log)]);
  const { transaction, block } = log;
  return { chainId, contract, transaction, block, at, gas: gasOf(receipt) };
}

async function findModels(
  { rpc, chainId, contract, heads, deployedIn }: Connection,
  modelId: Address,
  by: Account | undefined,
): Promise<readonly ModelRegistration[]> {
  const [event, model] = topicsOf('Anchored', modelId);
  const sender = by === undefined ? [] : [null, paddedTopic(by)];
  const found = await readLogs(rpc, contract, [event!, model!, ...sender], deployedIn, await heads.fixed());
  const told = found.slice(0, mostRegistrations).map(async (log): Promise<ModelRegistration> => {
    const { topics, transaction, block } = log;
    const [registration, account] = [topics[2], topics[3]] as [Address, Hex];
    const at = await readTime(rpc, log);
    return { chainId, contract, transaction, block, at, registration, by: `0x${account.slice(-40)}` };
  });
  return Promise.all(told);
}

/** Throws `ledger.rpc` if the node does not have it. */
async function readReceipt(rpc: Rpc, transaction: Hex): Promise<Receipt> {
  const receipt = await findReceipt(rpc, transaction);
  if (receipt !== undefined) return receipt;
  throw new NonetError({
    code: 'ledger.rpc',
    expected: `the receipt of transaction ${transaction} at ${rpc.name}`,
    found: 'none',
    hint: 'The node may have dropped old receipts; name one that keeps them.',
  });
}

function gasOf({ gasUsed }: Receipt): number {
  return readCount(gasUsed, 'the gas of a receipt');
}

function missingLog(rpc: Rpc, job: Address, block: number): NonetError {
  return new NonetError({
    code: 'ledger.rpc',
    expected: `the event of block ${block} that created job ${job}`,
    found: `none at ${rpc.name}`,
    hint: 'The node may have dropped old events; name one that keeps them.',
  });
}
