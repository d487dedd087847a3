/** The contract's ledger for the conformance suite. */
import type { Hex } from '@nonet/core';
import { type LedgerFixture, signersNeeded } from '@nonet/core/testing';
import { connectLedger, deployContracts } from '../src/index.ts';
import { createRpc } from '../src/rpc.ts';
import { startBareAnvil } from './bareAnvil.ts';
import { readStorage } from './readStorage.ts';

export { type BareAnvil, startBareAnvil } from './bareAnvil.ts';

/** On a chain of its own. */
export async function createContractFixture(): Promise<LedgerFixture> {
  const chain = await startBareAnvil(signersNeeded);
  const { url, signers } = chain;
  const { contract } = await deployContracts({ url, signer: signers[0]! });
  const ledger = await connectLedger({ url, contract, operator: 'self', pollMilliseconds: 20 });
  const rpc = createRpc(url);
  const accounts = signers.map(({ account }) => account);
  return {
    ledger,
    signers,
    passTime: chain.passTime,
    async fund(more) {
      for (const account of more) await chain.anvil.request('anvil_setBalance', account, '0xde0b6b3a7640000');
    },
    held: async () => BigInt(await rpc.request<Hex>('eth_getBalance', [contract, 'latest'])),
    readStorage: (state) => readStorage(rpc, contract, state, accounts),
    close: chain.close,
  };
}
