/**
 * Where a chain stands: which blocks count as fixed, and what time it is there.
 *
 * Fixed is what has the wanted number of blocks on top, and whatever the node calls final: some
 * chains are final at once, others never say so. Many make blocks for transactions only and never
 * bury the last one, so a head that stood still for half a minute counts, too. A chain that takes
 * back more than that is noticed by its followers, who begin again (client.ts).
 *
 * Ledger time is the time of the latest block plus the seconds since this client first saw that
 * block. Without the second part it would stand still for ever where blocks are made for
 * transactions only, and no client would send the transaction that says that a deadline has passed. It
 * is a lower bound of what a transaction sent now is judged by, whatever the clocks of the chain
 * and of this machine say.
 */
import { MisuseError } from '@nonet/core';
import { type Rpc, RpcFailure, readBlock, readBlockNumber } from './rpc.ts';

/** How many blocks on top make a block fixed; `finalized`: only what the node calls final. */
export type Confirmations = number | 'finalized';

export interface Heads {
  /** Whether every block counts as soon as it is there. */
  readonly immediate: boolean;
  /**
   * The number of the newest block that counts as fixed. Throws `ledger.finality` if that is asked
   * of a node that knows none.
   */
  fixed(): Promise<number>;
  /** Ledger seconds. */
  now(): Promise<number>;
  /**
   * Whether the next block will be later than the latest one: a node that simulates a move on that
   * one judges it by an old time.
   */
  isLate(): Promise<boolean>;
}

export interface HeadsParameters {
  readonly rpc: Rpc;
  readonly confirmations: Confirmations;
  /**
   * Whether the chain makes a block when it is asked for the time, so that its latest block tells
   * it.
   */
  readonly tellsTime?: boolean;
  /** After how long a head that stands still counts as fixed. Default 30,000. */
  readonly quietMilliseconds?: number;
}

/** Enough for a network of some signers that take turns, where the last block is often replaced. */
const usualConfirmations = 2;

/** None for the development nodes that are a chain of their own, else 2. */
export async function readUsualConfirmations(rpc: Rpc): Promise<number> {
  const version = await rpc.request('web3_clientVersion').catch((error) => {
    if (error instanceof RpcFailure) return '';
    throw error;
  });
  return /^(anvil|hardhat|ganache|ethereumjs testrpc)/i.test(String(version)) ? 0 : usualConfirmations;
}

export function createHeads({
  rpc,
  confirmations,
  tellsTime = false,
  quietMilliseconds = 30_000,
}: HeadsParameters): Heads {
  let latest = -1;
  let since = performance.now();

  function observe(number: number): void {
    if (number === latest) return;
    latest = number;
    since = performance.now();
  }

  async function readFinalized(): Promise<number | undefined> {
    try {
      return (await readBlock(rpc, 'finalized'))?.number;
    } catch (error) {
      if (error instanceof RpcFailure) return undefined;
      throw error;
    }
  }

  async function readTimes() {
    const block = await readBlock(rpc, 'latest');
    if (block === undefined) throw new RpcFailure('eth_getBlockByNumber', rpc.name, noBlock);
    observe(block.number);
    const elapsed = tellsTime ? 0 : Math.floor((performance.now() - since) / 1000);
    return { block: block.timestamp, now: block.timestamp + elapsed };
  }

  return {
    immediate: confirmations === 0,
    async fixed() {
      const finalized = confirmations === 0 ? undefined : readFinalized();
      const [number, final] = await Promise.all([readBlockNumber(rpc), finalized]);
      observe(number);
      if (confirmations === 'finalized') {
        if (final !== undefined) return final;
        throw new MisuseError({
          code: 'ledger.finality',
          expected: `a chain whose node at ${rpc.name} knows which block is final`,
          found: 'a node that does not',
          hint: 'Name a number of confirmations instead.',
        });
      }
      if (performance.now() - since >= quietMilliseconds) return number;
      return Math.min(number, Math.max(number - confirmations, final ?? 0, 0));
    },
    now: async () => (await readTimes()).now,
    async isLate() {
      const { block, now } = await readTimes();
      return now > block;
    },
  };
}

const noBlock = { code: -32603, message: 'no latest block' };
