/** Blocks on an anvil that makes them only when asked. */
import { type Hex, NonetError } from '@nonet/core';
import type { Anvil } from './anvil.ts';

export interface MadeBlock {
  readonly number: number;
  readonly hash: Hex;
  /** Hashes, in order. */
  readonly transactions: readonly Hex[];
}

/** Throws as `Anvil.request` does. */
export async function latestBlock(anvil: Anvil): Promise<MadeBlock> {
  const block = await anvil.request<{ number: Hex; hash: Hex; transactions: Hex[] }>(
    'eth_getBlockByNumber',
    'latest',
    false,
  );
  return { ...block, number: Number(block.number) };
}

/**
 * Makes a block of what is in the pool. What cannot be executed now is dropped, because a restart
 * would forget it. `timestamp` is in ledger seconds.
 */
export async function makeBlock(anvil: Anvil, timestamp: number): Promise<MadeBlock> {
  await anvil.request('evm_setNextBlockTimestamp', timestamp);
  await anvil.request('evm_mine');
  const [block] = await Promise.all([latestBlock(anvil), anvil.request('anvil_dropAllTransactions')]);
  return block;
}

/** The error for a block that is not what the journal says. */
export function divergence(block: number, expected: string, found: string): NonetError {
  return new NonetError({
    code: 'chain.diverged',
    expected: `block ${block} to be ${expected}`,
    found,
    hint: 'The journal or the chain software changed; this chain cannot be continued.',
  });
}
