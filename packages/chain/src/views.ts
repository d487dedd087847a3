/** Asking Nonet.sol what it holds: calls that change nothing, on the latest block. */
import { NonetError } from '@nonet/core';
import type { Account } from '@nonet/core/identity';
import { type Arguments, decodeResult, encodeCall, type Returned } from './abi.ts';
import { type Rpc, readBytes } from './rpc.ts';

/** Throws `ledger.rpc` for an answer that is not one of this function. */
export async function readView<Name extends 'createdIn' | 'deployedIn' | 'modules'>(
  rpc: Rpc,
  contract: Account,
  name: Name,
  args: Arguments<Name>,
): Promise<Returned<Name>> {
  const call = { to: contract, data: encodeCall(name, args) };
  const bytes = readBytes(await rpc.request('eth_call', [call, 'latest']), `what ${name} returns`);
  try {
    return decodeResult(name, bytes);
  } catch (cause) {
    throw new NonetError({
      code: 'ledger.rpc',
      expected: `what ${name} returns`,
      found: `${bytes.length / 2 - 1} other bytes`,
      hint: 'Check that the node is of the right chain and has all its blocks.',
      cause,
    });
  }
}
