/** Asking Nonet.sol what it holds: calls that change nothing, on the latest block. */
import { type Hex, NonetError } from '@nonet/core';
import type { Account } from '@nonet/core/identity';
import type { ContractFunctionReturnType } from 'viem';
import { decodeFunctionResult, encodeFunctionData } from 'viem/utils';
import { nonetAbi } from './artefacts/nonetAbi.ts';
import { type Rpc, readBytes } from './rpc.ts';

type ViewName = 'createdIn' | 'deployedIn' | 'modules';

/** Throws `ledger.rpc` for an answer that is not one of this function. */
export async function readView<Name extends ViewName>(
  rpc: Rpc,
  contract: Account,
  functionName: Name,
  args: readonly Hex[] = [],
): Promise<ContractFunctionReturnType<typeof nonetAbi, 'view', Name>> {
  const data = encodeFunctionData({ abi: nonetAbi, functionName, args } as Parameters<
    typeof encodeFunctionData
  >[0]);
  const found = await rpc.request('eth_call', [{ to: contract, data }, 'latest']);
  const bytes = readBytes(found, `what ${functionName} returns`);
  try {
    return decodeFunctionResult({ abi: nonetAbi, functionName, data: bytes } as never) as never;
  } catch (cause) {
    throw new NonetError({
      code: 'ledger.rpc',
      expected: `what ${functionName} returns`,
      found: `${bytes.length / 2 - 1} other bytes`,
      hint: 'Check that the node is of the right chain and has all its blocks.',
      cause,
    });
  }
}
