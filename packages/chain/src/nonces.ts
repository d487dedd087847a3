/**
 * The nonces of accounts: what this process has handed over counts before nodes know it, and what
 * others have left waiting is waited for, or replaced once it is stuck.
 */
import { pause } from '@nonet/core';
import type { Account } from '@nonet/core/identity';
import { type OnNotice, type Rpc, readBlockNumber, readCount } from './rpc.ts';

/** Blocks that leave a transaction out before its fee is raised, or it is replaced. */
const patientBlocks = 3;

export interface NoncesParameters {
  readonly rpc: Rpc;
  readonly patienceMilliseconds: number;
  readonly pollMilliseconds: number;
  readonly repriceMilliseconds: number;
  readonly onNotice?: OnNotice | undefined;
}

export interface Nonces {
  /**
   * The account's next nonce. Transactions that are not ours are waited for; one that is stuck, as a
   * process that was killed can leave behind, is replaced by ours.
   */
  take(account: Account): Promise<{ nonce: number; replaces: boolean }>;
  /** What has this nonce was handed over. */
  note(account: Account, nonce: number): void;
  /** What has this nonce is settled, or given up. */
  forget(account: Account, nonce: number): void;
  /** How many calls of the account are handed over and not settled. */
  countUnsettled(account: Account): number;
  /** Whether blocks have gone by, for long enough, since `block` without what was handed over then. */
  isStuck(since: number, sinceBlock: number, block: number): boolean;
}

export function createNonces({
  rpc,
  patienceMilliseconds,
  pollMilliseconds,
  repriceMilliseconds,
  onNotice,
}: NoncesParameters): Nonces {
  const unsettled = new Map<Account, Set<number>>();

  function isStuck(since: number, sinceBlock: number, block: number): boolean {
    return performance.now() - since >= repriceMilliseconds && block - sinceBlock >= patientBlocks;
  }

  async function take(account: Account): Promise<{ nonce: number; replaces: boolean }> {
    const begun = performance.now();
    let [waiting, since, sinceBlock] = [-1, 0, 0];
    for (;;) {
      const [mined, pending] = await Promise.all([
        readNonce(rpc, account, 'latest'),
        readNonce(rpc, account),
      ]);
      // A node may not have heard of our latest yet.
      const own = [...(unsettled.get(account) ?? [])].filter((nonce) => nonce >= mined);
      const next = Math.max(pending, ...own.map((nonce) => nonce + 1));
      if (pending - mined <= own.length || performance.now() - begun > patienceMilliseconds)
        return { nonce: next, replaces: false };
      const block = await readBlockNumber(rpc);
      if (mined !== waiting) [waiting, since, sinceBlock] = [mined, performance.now(), block];
      if (isStuck(since, sinceBlock, block)) {
        const message = `a transaction of ${account} that ${block - sinceBlock} blocks left out is replaced: nonce ${mined}`;
        onNotice?.({ type: 'replaced', message });
        return { nonce: mined, replaces: true };
      }
      await pause(pollMilliseconds);
    }
  }

  return {
    take,
    isStuck,
    note(account, nonce) {
      unsettled.set(account, (unsettled.get(account) ?? new Set()).add(nonce));
    },
    forget: (account, nonce) => void unsettled.get(account)?.delete(nonce),
    countUnsettled: (account) => unsettled.get(account)?.size ?? 0,
  };
}

/**
 * The number of the account's next transaction: after those that wait (`pending`), or after those
 * in blocks.
 */
export async function readNonce(
  rpc: Rpc,
  account: Account,
  block: 'latest' | 'pending' = 'pending',
): Promise<number> {
  return readCount(await rpc.request('eth_getTransactionCount', [account, block]), 'a nonce');
}
