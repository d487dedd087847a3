/**
 * JSON-RPC to the nodes of one EVM chain: one, or several that stand in for one another. Reads go
 * to one node until it is out of reach or falls behind the others; transactions go to all. All are
 * trusted alike: a node that lies is believed. What nodes answer is read here, so that nonsense
 * becomes an error with a code.
 */
import { type Hex, MisuseError, NonetError, pause, UndecidedError } from '@nonet/core';
import { createEndpoint, type Endpoint, RpcFailure, Unreachable } from './endpoint.ts';

export { RpcFailure } from './endpoint.ts';

export interface Rpc {
  /** For messages: where the nodes are, without credentials. */
  readonly name: string;
  readonly isOneNode: boolean;
  /**
   * Requests of one tick travel in one HTTP request, in order; what fails to arrive is tried again
   * a few times. Throws RpcFailure, `ledger.unreachable`, or `ledger.chain` where nodes are of
   * different chains.
   */
  request<Result>(method: string, parameters?: readonly unknown[]): Promise<Result>;
}

/** What happened to a ledger client that its user should know and need not act on. */
export interface LedgerNotice {
  readonly type: 'switched' | 'repriced' | 'replaced' | 'reposted';
  /** A sentence without a full stop, and without credentials. */
  readonly message: string;
}

/** Told of each notice. */
export type OnNotice = (notice: LedgerNotice) => void;

const retryDelays = [100, 200, 400, 800];
/** "Limit exceeded": ask again. */
const busyNumber = -32005;
/** So many blocks less than another node knows are no reason to leave one. */
const toleratedLag = 2;

/** `url`: one or several nodes of the same chain, the preferred one first. Throws `ledger.url`. */
export function createRpc(url: string | readonly string[], onNotice?: OnNotice): Rpc {
  const endpoints = [url].flat().map(createEndpoint);
  if (endpoints.length === 0) {
    throw new MisuseError({ code: 'ledger.url', expected: 'the URL of at least one node', found: 'none' });
  }
  const heights = endpoints.map(() => -1);
  const chains = endpoints.map((): number | undefined => undefined);
  let current = 0;

  function switchTo(index: number, because: string): void {
    if (index === current) return;
    onNotice?.({ type: 'switched', message: `reads go to ${endpoints[index]!.name} now: ${because}` });
    current = index;
  }

  /** A node of another chain would be asked for nonsense, or paid on. */
  async function assertSameChain(index: number): Promise<void> {
    if (endpoints.length === 1 || chains[index] !== undefined) return;
    const { name, request } = endpoints[index]!;
    chains[index] = readCount(await request('eth_chainId', []), 'the chain id');
    const other = chains.findIndex((chain) => chain !== undefined && chain !== chains[index]);
    if (other < 0) return;
    const [expected, found] = [chains[other], chains[index]].map((chain) => `chain ${chain}`);
    chains[index] = undefined;
    throw new MisuseError({
      code: 'ledger.chain',
      expected: `${expected} at ${name}, as at ${endpoints[other]!.name}`,
      found: found!,
      hint: 'Name nodes of one chain.',
    });
  }

  async function ask(index: number, method: string, parameters: readonly unknown[]): Promise<unknown> {
    await assertSameChain(index);
    return endpoints[index]!.request(method, parameters);
  }

  /** Of the first node, from the current one on, that answers. */
  async function read(method: string, parameters: readonly unknown[]): Promise<unknown> {
    const failures: NonetError[] = [];
    const from = current;
    for (let i = 0; i < endpoints.length; i++) {
      const index = (from + i) % endpoints.length;
      try {
        const answer = await ask(index, method, parameters);
        if (i > 0 && current === from)
          switchTo(index, `${endpoints[from]!.name} does not answer (${failures[0]!.found})`);
        return answer;
      } catch (error) {
        if (!isNoAnswer(error)) throw error;
        failures.push(error);
      }
    }
    throw noAnswerOf(failures, from);
  }

  /** One node that takes the transaction is enough; the others are not waited for. */
  async function write(method: string, parameters: readonly unknown[]): Promise<unknown> {
    try {
      return await Promise.any(endpoints.map((_, index) => ask(index, method, parameters)));
    } catch (error) {
      const { errors } = error as AggregateError;
      throw [errors[current], ...errors].find((each) => !isNoAnswer(each)) ?? noAnswerOf(errors, 0);
    }
  }

  /** Of one node, its own failure; of several, what each of them said, the one at `from` first. */
  function noAnswerOf(failures: readonly NonetError[], from: number): NonetError {
    if (failures.length === 1) return failures[0]!;
    const nameOf = (i: number) => endpoints[(from + i) % endpoints.length]!.name;
    return new NoneReachable(failures.map(({ found }, i) => `${nameOf(i)}: ${found}`));
  }

  /** Asks the others, too, without waiting for them, and goes on with the one that is ahead. */
  async function readHeight(method: string, parameters: readonly unknown[]): Promise<unknown> {
    const others = endpoints.map((_, index) => index).filter((index) => index !== current);
    for (const index of others) {
      ask(index, method, parameters).then(
        (answer) => noteHeight(index, answer),
        () => noteHeight(index, '0x0'),
      );
    }
    const answer = await read(method, parameters);
    noteHeight(current, answer);
    return answer;
  }

  function noteHeight(index: number, answer: unknown): void {
    heights[index] = Number(answer);
    const highest = heights.reduce((best, height, i) => (height > heights[best]! ? i : best), current);
    const lag = heights[highest]! - heights[current]!;
    if (lag > toleratedLag && heights[current]! >= 0)
      switchTo(highest, `${endpoints[current]!.name} is ${lag} blocks behind`);
  }

  async function request(method: string, parameters: readonly unknown[]): Promise<unknown> {
    const once =
      method === 'eth_sendRawTransaction'
        ? write
        : method === 'eth_blockNumber' && endpoints.length > 1
          ? readHeight
          : read;
    for (let attempt = 0; ; attempt++) {
      try {
        return await once(method, parameters);
      } catch (error) {
        if (!isNoAnswer(error) || attempt === retryDelays.length) throw error;
        if (error instanceof Unreachable && error.final && endpoints.length === 1) throw error;
        await pause(retryDelays[attempt]!);
      }
    }
  }

  return {
    name: endpoints.map(({ name }: Endpoint) => name).join(' or '),
    isOneNode: endpoints.length === 1,
    request: <Result>(method: string, parameters: readonly unknown[] = []) =>
      request(method, parameters) as Promise<Result>,
  };
}

/** No answer of any of several nodes. */
class NoneReachable extends UndecidedError {
  constructor(reasons: readonly string[]) {
    super({
      code: 'ledger.unreachable',
      expected: `a ledger at one of ${reasons.length} nodes`,
      found: reasons.join('; '),
      hint: 'Check the addresses and that a node is running, then try again.',
    });
  }
}

/** Whether another node, or the same one later, may have an answer. */
function isNoAnswer(error: unknown): error is NonetError {
  if (error instanceof NoneReachable) return true;
  return error instanceof Unreachable || (error instanceof RpcFailure && error.number === busyNumber);
}

/** A number as nodes write it; throws `ledger.rpc` for anything else. */
export function readQuantity(value: unknown, what: string): bigint {
  if (typeof value === 'string' && /^0x[0-9a-f]{1,64}$/i.test(value)) return BigInt(value);
  throw new NonetError({
    code: 'ledger.rpc',
    expected: `${what} as a hexadecimal number`,
    found: describeAnswer(value),
    hint: 'This node does not answer as an EVM node does; name another.',
  });
}

/** A number as nodes read it. */
export function writeQuantity(value: number | bigint): Hex {
  return `0x${value.toString(16)}`;
}

/** Short answers only: a longer one may repeat a key that the node was asked with. */
function describeAnswer(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length < 10 ? text : `${text.length} characters of JSON`;
}

/** A block number, a time, a count: one that a double holds exactly. */
export function readCount(value: unknown, what: string): number {
  const count = Number(readQuantity(value, what));
  if (Number.isSafeInteger(count)) return count;
  throw new NonetError({ code: 'ledger.rpc', expected: `${what} below 2^53`, found: String(value) });
}

/** Bytes, `length` of them where that is given; throws `ledger.rpc` for anything else. */
export function readBytes(value: unknown, what: string, length?: number): Hex {
  const isHex = typeof value === 'string' && /^0x(?:[0-9a-f]{2})*$/i.test(value);
  if (isHex && (length === undefined || value.length === 2 + 2 * length)) return value as Hex;
  throw new NonetError({
    code: 'ledger.rpc',
    expected: `${what} as ${length === undefined ? '' : `${length} `}hexadecimal bytes`,
    found: describeAnswer(value),
    hint: 'This node does not answer as an EVM node does; name another.',
  });
}

/** What a block says of itself, as far as it is read here. */
export interface Block {
  readonly number: number;
  readonly hash: Hex;
  /** Ledger seconds. */
  readonly timestamp: number;
  /** Wei for a unit of gas; chains without EIP-1559 have none. */
  readonly baseFee?: bigint;
}

/**
 * Undefined where the node does not have the block, or not yet. Throws `ledger.rpc` for nonsense.
 */
export async function readBlock(
  rpc: Rpc,
  block: number | 'latest' | 'finalized',
): Promise<Block | undefined> {
  const tag = typeof block === 'number' ? writeQuantity(block) : block;
  const found = await rpc.request<Record<string, unknown> | null>('eth_getBlockByNumber', [tag, false]);
  if (found === null) return undefined;
  return {
    number: readCount(found.number, `the number of block ${block}`),
    hash: readBytes(found.hash, `the hash of block ${block}`, 32),
    timestamp: readCount(found.timestamp, `the time of block ${block}`),
    ...(found.baseFeePerGas === undefined
      ? {}
      : { baseFee: readQuantity(found.baseFeePerGas, 'a base fee') }),
  };
}

export async function readBlockNumber(rpc: Rpc): Promise<number> {
  return readCount(await rpc.request('eth_blockNumber'), 'a block number');
}
