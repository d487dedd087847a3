/** What a store signs when it holds a blob. */
import type { Address } from '@nonet/core';
import type { Signer } from '@nonet/core/identity';
import { type StoreReceipt, storeReceiptDigest } from '@nonet/core/ports';

/**
 * Call it only once the blob is durable: the receipt is shown to the ledger when a blob is said to
 * be missing.
 */
export async function signStoreReceipt(blob: Address, size: number, signer: Signer): Promise<StoreReceipt> {
  return {
    blob,
    size,
    store: signer.account,
    signature: await signer.sign(storeReceiptDigest(blob, size)),
  };
}
