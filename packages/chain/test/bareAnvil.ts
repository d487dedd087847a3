/** A bare anvil: a chain of its own for one test file, without a supervisor. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Hex } from '@nonet/core';
import { createPrivateKey, createSigner, type Signer } from '@nonet/core/identity';
import { type Anvil, startAnvil } from '../src/embedded/anvil.ts';

export interface BareAnvil {
  readonly anvil: Anvil;
  readonly url: string;
  readonly signers: readonly Signer[];
  passTime(seconds: number): Promise<void>;
  close(): Promise<void>;
}

/** Mines each transaction at once; time stands still except for `passTime`. */
export async function startBareAnvil(accounts = 10): Promise<BareAnvil> {
  const directory = mkdtempSync(join(tmpdir(), 'nonet-anvil-'));
  const genesisFile = join(directory, 'genesis.json');
  const genesis = {
    config: { chainId: 31337 },
    timestamp: '0x65000000',
    gasLimit: '0x3938700',
    difficulty: '0x0',
    alloc: {},
  };
  writeFileSync(genesisFile, JSON.stringify(genesis));
  const anvil = await startAnvil({ genesisFile, chainId: 31337 });
  const signers = Array.from({ length: accounts }, () => createSigner(createPrivateKey()));
  for (const { account } of signers) await anvil.request('anvil_setBalance', account, '0xde0b6b3a7640000');
  await anvil.request('evm_setAutomine', true);
  await anvil.request('anvil_setBlockTimestampInterval', 0);
  return {
    anvil,
    url: anvil.url,
    signers,
    async passTime(seconds) {
      const { timestamp } = await anvil.request<{ timestamp: Hex }>('eth_getBlockByNumber', 'latest', false);
      await anvil.request('evm_setNextBlockTimestamp', Number(timestamp) + seconds);
      await anvil.request('evm_mine');
    },
    async close() {
      await anvil.kill();
      rmSync(directory, { recursive: true });
    },
  };
}
