/** What became of a transaction: its receipt, and why a failed one failed. */
import type { Hex } from '@nonet/core';
import { type Rpc, RpcFailure, readBytes, readCount, readQuantity, writeQuantity } from './rpc.ts';

export interface Receipt {
  readonly transactionHash: Hex;
  readonly blockNumber: Hex;
  readonly gasUsed: Hex;
  readonly status: Hex;
  readonly contractAddress: Hex | null;
  /** Ledger seconds, where the call had events and the node says when. */
  readonly timestamp?: number;
}

/** The receipt of a transaction that is in a block; throws `ledger.rpc` for nonsense. */
export async function findReceipt(rpc: Rpc, transaction: Hex): Promise<Receipt | undefined> {
  const found = await rpc.request<Record<string, unknown> | null>('eth_getTransactionReceipt', [transaction]);
  if (found === null) return undefined;
  const [log] = Array.isArray(found.logs) ? found.logs : [];
  const quantity = (name: string) =>
    writeQuantity(readQuantity(found[name], `${name} of the receipt of ${transaction}`));
  return {
    transactionHash: readBytes(found.transactionHash, 'the hash of a transaction', 32),
    blockNumber: quantity('blockNumber'),
    gasUsed: quantity('gasUsed'),
    status: quantity('status'),
    contractAddress: found.contractAddress
      ? readBytes(found.contractAddress, 'the address of a contract', 20)
      : null,
    ...(log?.blockTimestamp === undefined
      ? {}
      : { timestamp: readCount(log.blockTimestamp, 'the time of a log') }),
  };
}

/**
 * Runs a reverted call again where it was mined: what beat it is in that block's state. Undefined
 * if it would succeed there now.
 */
export async function findRevertReason(
  rpc: Rpc,
  request: object,
  { blockNumber }: Receipt,
): Promise<Hex | undefined> {
  try {
    await rpc.request('eth_call', [request, blockNumber]);
    return undefined;
  } catch (error) {
    if (error instanceof RpcFailure && error.data !== undefined) return error.data;
    throw error;
  }
}
