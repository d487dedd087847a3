/** Transactions signed with the port's Signer, and how they are handed to nodes. */
import { type Hex, MisuseError } from '@nonet/core';
import { recoverAccount, type Signer } from '@nonet/core/identity';
import { keccak256 } from './keccak256.ts';
import { type Rpc, RpcFailure } from './rpc.ts';
import { digestOf, encodeTransaction, type UnsignedTransaction } from './transactionEnvelope.ts';

export interface SignedTransaction {
  readonly raw: Hex;
  readonly hash: Hex;
}

/**
 * Throws `ledger.signature` if the signer signs with another key than its account's: money would
 * leave another account.
 */
export async function signTransaction(
  transaction: UnsignedTransaction,
  by: Signer,
): Promise<SignedTransaction> {
  const digest = digestOf(transaction);
  const signature = await by.sign(digest);
  const signedBy = recoverAccount(digest, signature);
  if (signedBy !== by.account) {
    throw new MisuseError({
      code: 'ledger.signature',
      expected: `a signature of account ${by.account}`,
      found: signedBy === undefined ? 'an invalid one' : `one of ${signedBy}`,
      hint: 'Check which key the signer uses.',
    });
  }
  const raw = encodeTransaction(transaction, signature);
  return { raw, hash: keccak256(raw) };
}

/** Hands the transaction to the nodes; one that a node already has is no failure. */
export async function broadcast(rpc: Rpc, { raw, hash }: SignedTransaction): Promise<void> {
  try {
    await rpc.request<Hex>('eth_sendRawTransaction', [raw]);
  } catch (error) {
    if (!(error instanceof RpcFailure)) throw error;
    if (/already (known|imported)/i.test(error.reason)) return;
    if (await rpc.request<object | null>('eth_getTransactionByHash', [hash]).catch(() => null)) return;
    throw error;
  }
}

/** Whether another transaction of the account has the nonce, in a block or in the pool. */
export function tellsNonceTaken({ reason }: RpcFailure): boolean {
  return /nonce|replacement/i.test(reason);
}
