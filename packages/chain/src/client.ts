/**
 * The ledger port over the contract Nonet.sol on any EVM chain. It trusts its node for what is on the chain, and counts a block as
 * fixed once the node shows it: reorganisations of a public chain are not followed.
 */
import { type Address, type Hex, MisuseError, NonetError, pause } from '@nonet/core';
import { type Account, isAccount, type Signer } from '@nonet/core/identity';
import {
  assertTerms,
  isRefusal,
  type JobTerms,
  type Ledger,
  type LedgerEvent,
  type Move,
  type Posted,
  type Refusal,
  timedPhases,
} from '@nonet/core/ports';
import {
  decodeFunctionResult,
  encodeEventTopics,
  encodeFunctionData,
  keccak256,
  numberToHex,
} from 'viem/utils';
import { nonetAbi } from './artefacts/nonetAbi.ts';
import { nonetCodeHash } from './artefacts/nonetCodeHash.ts';
import { accountOf, createProjection, decodeLog, type Log, type Projection, termsOf } from './events.ts';
import { refusalOf } from './refusals.ts';
import { createRpc, type Rpc, RpcFailure, readCount } from './rpc.ts';
import { type Call, createSender, type Receipt, type Sender } from './transactions.ts';

export interface ConnectLedgerParameters {
  /** Of any EVM JSON-RPC node. */
  readonly url: string;
  readonly contract: Account;
  /** 'self' if whoever runs the job also runs the ledger. */
  readonly operator: 'self' | 'other';
  /** Refuse a node of another chain. */
  readonly chainId?: number;
  /** How often `follow` asks for new blocks. Default 200. */
  readonly pollMilliseconds?: number;
  /** How long a move may wait for its block, also while the node is away. Default 180,000. */
  readonly patienceMilliseconds?: number;
}

/**
 * A ledger client. Throws `ledger.unreachable`, `ledger.chain` (another chain than asked for) or `ledger.contract` (not our contract,
 * instruction by instruction, at that address: another one could keep other rules).
 */
export async function connectLedger({
  url,
  contract,
  operator,
  chainId: wanted,
  pollMilliseconds = 200,
  patienceMilliseconds = 180_000,
}: ConnectLedgerParameters): Promise<Ledger> {
  if (!isAccount(contract)) {
    throw new MisuseError({
      code: 'ledger.contract',
      expected: 'a contract address of 0x and 40 lower-case hexadecimal digits',
      found: JSON.stringify(contract),
    });
  }
  const rpc = createRpc(url);
  const [chainId, code] = await Promise.all([
    rpc.request('eth_chainId').then((answer) => readCount(answer, 'the chain id')),
    rpc.request<Hex>('eth_getCode', [contract, 'latest']),
  ]);
  if (wanted !== undefined && wanted !== chainId) {
    throw new MisuseError({
      code: 'ledger.chain',
      expected: `chain ${wanted} at ${url}`,
      found: `chain ${chainId}`,
      hint: 'Name a node of the right chain.',
    });
  }
  if (code === '0x' || keccak256(code) !== nonetCodeHash) {
    throw new MisuseError({
      code: 'ledger.contract',
      expected: `the Nonet contract at ${contract} on chain ${chainId}`,
      found: code === '0x' ? 'no contract' : 'another contract',
      hint: 'Check the address and that both sides use the same version; a run with --ledger deploys a contract of its own.',
    });
  }
  const deployedIn = await view(rpc, contract, 'deployedIn', []);
  const sender = createSender({ rpc, chainId, patienceMilliseconds });
  return createLedger({
    rpc,
    chainId,
    contract,
    operator,
    deployedIn: Number(deployedIn),
    pollMilliseconds,
    sender,
  });
}

type ViewName = 'deployedIn' | 'createdIn';

async function view(
  rpc: Rpc,
  contract: Account,
  functionName: ViewName,
  args: readonly unknown[],
): Promise<bigint> {
  const data = encodeFunctionData({ abi: nonetAbi, functionName, args } as Parameters<
    typeof encodeFunctionData
  >[0]);
  const result = await rpc.request<Hex>('eth_call', [{ to: contract, data }, 'latest']);
  return decodeFunctionResult({ abi: nonetAbi, functionName, data: result }) as bigint;
}

interface Connection {
  readonly rpc: Rpc;
  readonly chainId: number;
  readonly contract: Account;
  readonly operator: 'self' | 'other';
  readonly deployedIn: number;
  readonly pollMilliseconds: number;
  readonly sender: Sender;
}

function createLedger({
  rpc,
  chainId,
  contract,
  operator,
  deployedIn,
  pollMilliseconds,
  sender,
}: Connection): Ledger {
  const records = new Map<Address, JobRecord>();

  async function submit(call: Omit<Call, 'to'>, what: string, by: Signer): Promise<Posted | Refusal> {
    const outcome = await sender.send({ ...call, to: contract }, by);
    if ('reverted' in outcome) return refusalOf(outcome.reverted, what, by.account);
    const block = readCount(outcome.blockNumber, 'a block number');
    return {
      transaction: outcome.transactionHash,
      block,
      at: await readTimestamp(rpc, outcome.blockNumber),
      gas: readCount(outcome.gasUsed, 'the gas of a receipt'),
    };
  }

  /** The record of a job; undefined while nobody created it. */
  async function recordOf(job: Address): Promise<JobRecord | undefined> {
    const known = records.get(job);
    if (known !== undefined) return known;
    const block = Number(await view(rpc, contract, 'createdIn', [job]));
    if (block === 0) return undefined;
    const topics = encodeEventTopics({ abi: nonetAbi, eventName: 'Created', args: { job } });
    const [log] = await readLogs(rpc, contract, topics, block, block);
    if (log === undefined) throw missingLog(rpc.url, job, block);
    const event = decodeLog(log);
    if (event.eventName !== 'Created') throw missingLog(rpc.url, job, block);
    const record = records.get(job) ?? createJobRecord(rpc, contract, termsOf(event.args), block);
    records.set(job, record);
    return record;
  }

  async function knownRecord(job: Address): Promise<JobRecord> {
    const record = await recordOf(job);
    if (record !== undefined) return record;
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
        const { creator: _, phases, ...rest } = terms;
        const durations = timedPhases.map((phase) => phases[phase]) as [
          number,
          number,
          number,
          number,
          number,
          number,
        ];
        const data = encodeFunctionData({
          abi: nonetAbi,
          functionName: 'create',
          args: [{ ...rest, phases: durations }],
        });
        return submit({ data, value: terms.escrow }, `creation of job ${terms.job}`, by);
      },
      async read(job) {
        return (await recordOf(job))?.terms;
      },
    },
    rounds: {
      async submit(job, move, by) {
        const call: Omit<Call, 'to'> = { data: encodeMove(job, move) };
        const value = move.type === 'object' ? (await recordOf(job))?.terms.bond : undefined;
        return submit({ ...call, ...(value === undefined ? {} : { value }) }, describeMove(move), by);
      },
      async state(job) {
        const record = await knownRecord(job);
        await record.poll();
        return record.projection.state();
      },
      async gasUsed(transactions) {
        let gas = 0;
        // One transaction may hold several moves. In portions: nodes limit how much they are asked at once.
        const distinct = [...new Set(transactions)];
        while (distinct.length > 0) {
          const portion = distinct.splice(0, 200).map((transaction) => readReceipt(rpc, transaction));
          for (const receipt of await Promise.all(portion))
            gas += readCount(receipt.gasUsed, 'the gas of a receipt');
        }
        return gas;
      },
      async *follow(job, signal): AsyncGenerator<LedgerEvent> {
        let record: JobRecord | undefined;
        let wait = pollMilliseconds;
        for (let next = 0; !signal.aborted; ) {
          try {
            record ??= await knownRecord(job);
            await record.poll();
            wait = pollMilliseconds;
          } catch (error) {
            if (!(error instanceof NonetError) || error.code !== 'ledger.unreachable') throw error;
            wait = Math.min(2 * wait, 5000);
          }
          for (; record !== undefined && next < record.projection.events.length && !signal.aborted; next++) {
            yield record.projection.events[next]!;
          }
          if (!signal.aborted) await pause(wait, signal);
        }
      },
    },
    anchors: {
      async post(job, root, by) {
        const data = encodeFunctionData({ abi: nonetAbi, functionName: 'anchor', args: [job, root] });
        const posted = await submit({ data }, `anchor ${root}`, by);
        if (isRefusal(posted))
          throw new NonetError({ code: 'ledger.contract', expected: 'an anchor', found: posted.refused });
        return { chainId, contract, ...posted };
      },
      async find(job, root) {
        const topics = encodeEventTopics({ abi: nonetAbi, eventName: 'Anchored', args: { job, root } });
        const latest = await readBlockNumber(rpc);
        const [log] = await readLogs(rpc, contract, topics, deployedIn, latest);
        const event = log === undefined ? undefined : decodeLog(log);
        if (log === undefined || event?.eventName !== 'Anchored') return undefined;
        const receipt = await readReceipt(rpc, log.transactionHash);
        return {
          chainId,
          contract,
          transaction: log.transactionHash,
          block: readCount(log.blockNumber, 'a block number'),
          at: await timeOf(rpc, log),
          gas: readCount(receipt.gasUsed, 'the gas of a receipt'),
          by: accountOf(event.args.by),
        };
      },
    },
    now: () => readTimestamp(rpc, 'latest'),
  };
}

/** Throws `ledger.move` for what no contract call can say: negative numbers, malformed addresses. */
function encodeMove(job: Address, move: Move): Hex {
  try {
    return encodeCall(job, move);
  } catch (cause) {
    throw new MisuseError({
      code: 'ledger.move',
      expected: 'a move of natural numbers and well-formed addresses',
      found: (cause as { shortMessage?: string }).shortMessage ?? String(cause),
      cause,
    });
  }
}

function encodeCall(job: Address, move: Move): Hex {
  const abi = nonetAbi;
  const round = 'round' in move ? BigInt(move.round) : 0n;
  switch (move.type) {
    case 'admit':
      return encodeFunctionData({ abi, functionName: 'admit', args: [job, move.accounts] });
    case 'join':
      return encodeFunctionData({ abi, functionName: 'join', args: [job] });
    case 'open':
      return encodeFunctionData({ abi, functionName: 'open', args: [job, round, move.model] });
    case 'commit':
      return encodeFunctionData({ abi, functionName: 'commit', args: [job, round, move.commitment] });
    case 'close':
      return encodeFunctionData({
        abi,
        functionName: 'close',
        args: [job, round, move.unavailable.map(BigInt)],
      });
    case 'appeal': {
      const { blob, size, store, signature } = move.receipt;
      return encodeFunctionData({
        abi,
        functionName: 'appeal',
        args: [job, round, blob, BigInt(size), store, signature],
      });
    }
    case 'step':
      return encodeFunctionData({
        abi,
        functionName: 'step',
        args: [job, round, move.model, move.refused.map(BigInt)],
      });
    case 'object':
      return encodeFunctionData({
        abi,
        functionName: 'object',
        args: [job, round, move.model, move.refused.map(BigInt)],
      });
    case 'advance':
      return encodeFunctionData({ abi, functionName: 'advance', args: [job, round] });
    case 'withdraw':
      return encodeFunctionData({ abi, functionName: 'withdraw', args: [job, move.rounds.map(BigInt)] });
  }
}

function describeMove(move: Move): string {
  return 'round' in move ? `${move.type} of round ${move.round}` : move.type;
}

/** What one ledger client knows of a job; all its followers share it. */
interface JobRecord {
  readonly terms: JobTerms;
  readonly projection: Projection;
  /** Reads the blocks since the last poll. Calls during a poll share the one after it. */
  poll(): Promise<void>;
}

function createJobRecord(rpc: Rpc, contract: Account, terms: JobTerms, createdIn: number): JobRecord {
  const projection = createProjection(terms);
  let seen = createdIn - 1;
  let running: Promise<void> | undefined;
  let queued: Promise<void> | undefined;

  async function read(): Promise<void> {
    const latest = await readBlockNumber(rpc);
    if (latest <= seen) return;
    const logs = await readLogs(rpc, contract, [null, terms.job], seen + 1, latest);
    // All timestamps and all decoding first: a failure must not leave half a block applied.
    const times = await Promise.all(logs.map((log) => timeOf(rpc, log)));
    const decoded = logs.map(decodeLog);
    for (const [i, event] of decoded.entries()) projection.apply(event, logs[i]!, times[i]!);
    seen = latest;
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

  return { terms, projection, poll };
}

/** The contract's logs in order. Nodes limit the range of a question: one that is refused is halved. */
async function readLogs(
  rpc: Rpc,
  address: Account,
  topics: readonly unknown[],
  from: number,
  to: number,
): Promise<Log[]> {
  try {
    const filter = { address, topics, fromBlock: numberToHex(from), toBlock: numberToHex(to) };
    return await rpc.request<Log[]>('eth_getLogs', [filter]);
  } catch (error) {
    if (!(error instanceof RpcFailure) || from === to) throw error;
    const middle = Math.floor((from + to) / 2);
    return [
      ...(await readLogs(rpc, address, topics, from, middle)),
      ...(await readLogs(rpc, address, topics, middle + 1, to)),
    ];
  }
}

async function readBlockNumber(rpc: Rpc): Promise<number> {
  return readCount(await rpc.request('eth_blockNumber'), 'a block number');
}

/** Throws `ledger.rpc` if the node does not have it. */
async function readReceipt(rpc: Rpc, transaction: Hex): Promise<Receipt> {
  const receipt = await rpc.request<Receipt | null>('eth_getTransactionReceipt', [transaction]);
  if (receipt !== null) return receipt;
  throw new NonetError({
    code: 'ledger.rpc',
    expected: `the receipt of transaction ${transaction} at ${rpc.url}`,
    found: 'none',
    hint: 'The node may have dropped old receipts; name one that keeps them.',
  });
}

async function readTimestamp(rpc: Rpc, block: Hex | 'latest'): Promise<number> {
  const answer = await rpc.request<{ timestamp?: Hex } | null>('eth_getBlockByNumber', [block, false]);
  return readCount(answer?.timestamp, `the time of block ${block}`);
}

async function timeOf(rpc: Rpc, log: Log): Promise<number> {
  return log.blockTimestamp === undefined
    ? readTimestamp(rpc, log.blockNumber)
    : readCount(log.blockTimestamp, 'the time of a log');
}

function missingLog(url: string, job: Address, block: number): NonetError {
  return new NonetError({
    code: 'ledger.rpc',
    expected: `the event of block ${block} that created job ${job}`,
    found: `none at ${url}`,
    hint: 'The node may have dropped old events; name one that keeps them.',
  });
}
