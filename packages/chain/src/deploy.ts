/** Putting the contract on a chain. */
import type { Hex } from '@nonet/core';
import { NonetError } from '@nonet/core';
import type { Account, Signer } from '@nonet/core/identity';
import { readCount } from './rpc.ts';
import { connectSender } from './transactions.ts';

export interface DeployReturnType {
  readonly contract: Account;
  readonly chainId: number;
  readonly transaction: Hex;
  readonly block: number;
  readonly gas: number;
}

/** Deploys Nonet.sol; `signer` pays the gas and keeps no power over it. */
export async function deployContracts({
  url,
  signer,
}: {
  url: string | readonly string[];
  signer: Signer;
}): Promise<DeployReturnType> {
  const { nonetBytecode } = await import('./artefacts/nonetBytecode.ts');
  const { chainId, sender } = await connectSender(url);
  const receipt = await sender.send({ data: nonetBytecode }, signer);
  if ('reverted' in receipt || receipt.contractAddress === null) {
    throw new NonetError({
      code: 'ledger.deploy',
      expected: `a contract on chain ${chainId}`,
      found: 'reverted' in receipt ? `a revert (${receipt.reverted})` : 'none',
    });
  }
  return {
    contract: receipt.contractAddress.toLowerCase() as Account,
    chainId,
    transaction: receipt.transactionHash,
    block: readCount(receipt.blockNumber, 'a block number'),
    gas: readCount(receipt.gasUsed, 'the gas of a receipt'),
  };
}
