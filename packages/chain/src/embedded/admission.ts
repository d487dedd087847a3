/**
 * What a raw transaction must be before it waits for a block: well formed, of this chain, no larger
 * than a block, and its sender able to pay for it. A transaction that fails here costs the ledger
 * two reads and delays no other.
 */
import { type Hex, NonetError } from '@nonet/core';
import { type Account, recoverAccount } from '@nonet/core/identity';
import { keccak256 } from '../keccak256.ts';
import { decodeTransaction, type SignedEnvelope } from '../transactionEnvelope.ts';
import { AnvilRefusal } from './anvil.ts';
import { blockGasLimit } from './chainIdentity.ts';

/** As in other nodes. */
const maximumTransactionBytes = 131_072;

export interface Transaction {
  readonly raw: Hex;
  readonly hash: Hex;
  readonly sender: Account;
  readonly nonce: number;
  /** The limit of it. */
  readonly gas: bigint;
  /** Wei that the sender must have: the value, and all of the gas at the highest fee offered. */
  readonly cost: bigint;
}

/** Who answers reads: the supervised chain. */
export interface ReadableChain {
  readonly chainId: number;
  request<Result>(method: string, ...parameters: readonly unknown[]): Promise<Result>;
}

/** A JSON-RPC error for a call. */
export function refusal(code: number, message: string): AnvilRefusal {
  return new AnvilRefusal('a call', { code, message });
}

/**
 * Throws an AnvilRefusal for other chains' transactions, blobs, delegations, what no block has room
 * for, what its sender cannot pay, and what has a nonce that another transaction took.
 */
export async function admitTransaction(chain: ReadableChain, raw: unknown): Promise<Transaction> {
  const transaction = readTransaction(raw, chain.chainId);
  const { sender, nonce, cost, hash } = transaction;
  const [balance, used] = await Promise.all([
    chain.request<Hex>('eth_getBalance', sender, 'latest'),
    chain.request<Hex>('eth_getTransactionCount', sender, 'latest'),
  ]);
  // Sent again after its answer was lost, it is answered again.
  if (nonce < Number(used) && (await chain.request('eth_getTransactionByHash', hash)) !== null) {
    return transaction;
  }
  if (nonce < Number(used)) throw refusal(-32003, 'nonce too low');
  if (BigInt(balance) < cost) throw refusal(-32003, 'insufficient funds for gas * price + value');
  return transaction;
}

/** Throws an AnvilRefusal for what no state of the chain would take. */
export function readTransaction(raw: unknown, chainId: number): Transaction {
  if (typeof raw !== 'string' || !/^0x(?:[0-9a-f]{2})+$/i.test(raw))
    throw refusal(-32602, 'expected a raw transaction');
  if (raw.length / 2 - 1 > maximumTransactionBytes) {
    throw refusal(-32602, `expected a transaction of at most ${maximumTransactionBytes} bytes`);
  }
  const bytes = raw.toLowerCase() as Hex;
  const { chainId: found, nonce, gas, price, value, digest, signature } = decode(bytes);
  if (found !== chainId)
    throw refusal(-32602, `expected a transaction for chain ${chainId}, found one for ${found}`);
  if (gas > blockGasLimit) throw refusal(-32602, `expected a gas limit of at most ${blockGasLimit}`);
  const sender = recoverAccount(digest, signature);
  if (sender === undefined) throw refusal(-32602, 'expected a signed raw transaction');
  return { raw: bytes, hash: keccak256(bytes), sender, nonce, gas, cost: gas * price + value };
}

function decode(raw: Hex): SignedEnvelope {
  try {
    return decodeTransaction(raw);
  } catch (error) {
    const found = error instanceof NonetError ? error.found : 'bytes that are not one';
    throw refusal(-32602, `expected a well-formed raw transaction of type 0, 1 or 2, found ${found}`);
  }
}
