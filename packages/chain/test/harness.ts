/** Contracts of test/contracts on a bare chain. */
import { join } from 'node:path';
import type { Hex } from '@nonet/core';
import type { Account } from '@nonet/core/identity';
import { decodeFunctionResult, encodeFunctionData } from 'viem/utils';
import { type CompiledContract, compileContracts } from '../scripts/compileContracts.ts';
import type { Play } from './play.ts';

/** The contracts of the package and of the tests; they import one another. */
export function compileAll(): Map<string, CompiledContract> {
  return compileContracts(join(import.meta.dirname, '../contracts'), join(import.meta.dirname, 'contracts'));
}

export interface Harness {
  readonly address: Account;
  call(functionName: string, ...args: readonly unknown[]): Promise<unknown>;
}

export async function deployHarness(
  { sender, signers, rpc }: Play,
  { abi, bytecode }: CompiledContract,
  constructorArguments: Hex = '0x',
): Promise<Harness> {
  const receipt = await sender.send({ data: `${bytecode}${constructorArguments.slice(2)}` }, signers[0]!);
  if ('reverted' in receipt) throw new Error(receipt.reverted);
  const address = receipt.contractAddress!.toLowerCase() as Account;
  return {
    address,
    async call(functionName, ...args) {
      const data = encodeFunctionData({ abi, functionName, args } as never);
      const result = await rpc.request<Hex>('eth_call', [{ to: address, data }, 'latest']);
      return decodeFunctionResult({ abi, functionName, data: result } as never);
    },
  };
}
