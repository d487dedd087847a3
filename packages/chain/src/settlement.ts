/**
 * What it takes to bring a call that was handed over into a block that counts as fixed. Everything
 * signed for it has one nonce, so it takes effect once. It is sent again as the same bytes when the
 * node forgot it or when its block was taken back, and signed again with a higher fee when blocks go
 * by without it.
 */
import { pause, UndecidedError } from '@nonet/core';
import type { Signer } from '@nonet/core/identity';
import type { Call } from './call.ts';
import { atLeast, type Fees, raiseFees, readFees } from './fees.ts';
import type { Heads } from './heads.ts';
import { type Nonces, readNonce } from './nonces.ts';
import { findReceipt, type Receipt } from './receipts.ts';
import { type OnNotice, type Rpc, RpcFailure, readBlockNumber, readCount } from './rpc.ts';
import { broadcast, type SignedTransaction } from './signedTransaction.ts';

/** A fee is raised up to so many times what was offered first. */
export const maximumRaise = 10n;
/** Every so many polls: has the node forgotten the transaction, is it stuck, is its nonce taken? */
const pollsPerCheck = 10;
/** So many checks must find the nonce taken and no receipt: nodes can lag behind one another. */
const displacedChecks = 3;

/** A call under way: everything signed for it has the same nonce. */
export interface Underway {
  readonly call: Call & { readonly gas: bigint };
  readonly by: Signer;
  readonly nonce: number;
  readonly firstCeiling: bigint;
  fees: Fees;
  /** The newest last. */
  readonly signed: SignedTransaction[];
  since: number;
  sinceBlock: number;
}

/** Signs a call for a nonce and a fee. */
export type SignCall = (
  call: Call & { gas: bigint },
  nonce: number,
  fees: Fees,
  by: Signer,
) => Promise<SignedTransaction>;

export interface SettlementParameters {
  readonly rpc: Rpc;
  readonly heads: Pick<Heads, 'immediate' | 'fixed'>;
  readonly nonces: Nonces;
  readonly sign: SignCall;
  readonly patienceMilliseconds: number;
  readonly pollMilliseconds: number;
  readonly repriceMilliseconds: number;
  readonly onNotice?: OnNotice | undefined;
}

/** The receipt, or undefined when another transaction took the nonce. Throws `ledger.pending`. */
export type Settle = (underway: Underway) => Promise<Receipt | undefined>;

export function createSettlement({
  rpc,
  heads,
  nonces,
  sign,
  patienceMilliseconds,
  pollMilliseconds,
  repriceMilliseconds,
  onNotice,
}: SettlementParameters): Settle {
  /** Waits for the block that counts as fixed, and does what it takes to get there. */
  async function untilFixed(underway: Underway): Promise<Receipt | undefined> {
    let progress = performance.now();
    let failure: unknown;
    let seen: Receipt | undefined;
    let fixed = -1;
    let displaced = 0;
    for (let polls = 1; performance.now() - progress < patienceMilliseconds; polls++) {
      try {
        if (seen !== undefined) {
          // In this order: the receipt is read when the block that it must be in, or before, is
          // known to be fixed.
          const before = fixed;
          fixed = await heads.fixed();
          if (fixed !== before) progress = performance.now();
        }
        const receipt = await findAny(underway);
        failure = undefined;
        if (receipt !== undefined) {
          if (heads.immediate || readCount(receipt.blockNumber, 'a block number') <= fixed) return receipt;
          if (receipt.blockNumber !== seen?.blockNumber) {
            seen = receipt;
            progress = performance.now();
            // Chains that are final at once need not be waited for.
            if (fixed < 0) continue;
          }
        } else if (seen !== undefined) {
          const lost = seen;
          seen = undefined;
          fixed = -1;
          progress = performance.now();
          await repost(underway, lost);
        } else if (polls % pollsPerCheck === 0) {
          if (await isDisplaced(underway)) displaced++;
          else displaced = 0;
          if (displaced === displacedChecks) return undefined;
          await remind(underway);
        }
      } catch (error) {
        if (!(error instanceof UndecidedError) && !(error instanceof RpcFailure)) throw error;
        failure = error;
      }
      await pause(pollMilliseconds);
    }
    if (failure instanceof UndecidedError) throw failure;
    throw new UndecidedError({
      code: 'ledger.pending',
      expected: `transaction ${underway.signed.at(-1)!.hash} in a block within ${patienceMilliseconds / 1000} s`,
      found:
        seen === undefined ? 'no receipt' : `one in block ${Number(seen.blockNumber)}, which is not fixed`,
      hint: 'It may still be mined: look at the ledger before sending the move again.',
      cause: failure,
    });
  }

  async function findAny({ signed }: Underway): Promise<Receipt | undefined> {
    const found = await Promise.all(signed.map(({ hash }) => findReceipt(rpc, hash)));
    return found.find((receipt) => receipt !== undefined);
  }

  /** The block of a transaction was taken back. */
  async function repost({ signed }: Underway, { transactionHash, blockNumber }: Receipt): Promise<void> {
    onNotice?.({
      type: 'reposted',
      message: `transaction ${transactionHash} is sent again: its block ${Number(blockNumber)} was taken back`,
    });
    const lost = signed.find(({ hash }) => hash === transactionHash.toLowerCase()) ?? signed.at(-1)!;
    await broadcast(rpc, lost);
  }

  async function isDisplaced({ by, nonce }: Underway): Promise<boolean> {
    return (await readNonce(rpc, by.account, 'latest')) > nonce;
  }

  /**
   * A node that restarted may have forgotten the transaction, and one that blocks leave out needs a
   * higher fee.
   */
  async function remind(underway: Underway): Promise<void> {
    const { signed, since, sinceBlock } = underway;
    const block = await readBlockNumber(rpc);
    if (nonces.isStuck(since, sinceBlock, block)) {
      underway.since = performance.now();
      underway.sinceBlock = block;
      const raised = await raise(underway, block - sinceBlock);
      if (raised !== undefined) {
        await broadcast(rpc, raised.signed);
        underway.fees = raised.fees;
        signed.push(raised.signed);
        return;
      }
    }
    if (performance.now() - since >= repriceMilliseconds / 4) await broadcast(rpc, signed.at(-1)!);
  }

  /**
   * The same call at a higher fee; undefined where the limit or the signer forbids it, which is
   * said.
   */
  async function raise({ call, by, nonce, fees, firstCeiling, signed }: Underway, blocks: number) {
    const say = (message: string) =>
      onNotice?.({
        type: 'repriced',
        message: `${blocks} blocks left out transaction ${signed.at(-1)!.hash} at ${fees.ceiling} wei a unit of gas: ${message}`,
      });
    const raised = atLeast(raiseFees(fees), await readFees(rpc));
    if (raised.ceiling > maximumRaise * firstCeiling) {
      say(`${raised.ceiling} is above the limit of ${maximumRaise} times the first offer`);
      return undefined;
    }
    try {
      const again = await sign(call, nonce, raised, by);
      say(`${again.hash} replaces it at ${raised.ceiling}`);
      return { fees: raised, signed: again };
    } catch {
      say('its signer does not sign again');
      return undefined;
    }
  }

  return async (underway) => {
    try {
      return await untilFixed(underway);
    } finally {
      nonces.forget(underway.by.account, underway.nonce);
    }
  };
}
