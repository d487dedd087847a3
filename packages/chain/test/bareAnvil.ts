/** A bare anvil whose blocks and time are the test's to make. */
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
  /** Makes an empty block so much later than the last one. */
  passTime(seconds: number): Promise<void>;
  /** Makes blocks of what is in the pool. */
  mine(blocks?: number): Promise<void>;
  close(): Promise<void>;
}

export interface BareAnvilParameters {
  /**
   * `transaction` mines each at once, at a time that stands still except for `passTime`; `asked`:
   * see `mine`. Default `transaction`.
   */
  readonly blocks?: 'transaction' | 'asked';
  /** Whether a block has the time of the wall clock. */
  readonly wallClock?: boolean;
}

export async function startBareAnvil(
  accounts = 10,
  { blocks = 'transaction', wallClock = false }: BareAnvilParameters = {},
): Promise<BareAnvil> {
  const directory = mkdtempSync(join(tmpdir(), 'nonet-anvil-'));
  const genesisFile = join(directory, 'genesis.json');
  const seconds = wallClock ? Math.floor(Date.now() / 1000) : 0x65000000;
  const genesis = {
    config: { chainId: 31337 },
    timestamp: `0x${seconds.toString(16)}`,
    gasLimit: '0x3938700',
    difficulty: '0x0',
    alloc: {},
  };
  writeFileSync(genesisFile, JSON.stringify(genesis));
  const anvil = await startAnvil({ genesisFile, chainId: 31337 });
  const signers = Array.from({ length: accounts }, () => createSigner(createPrivateKey()));
  for (const { account } of signers) await anvil.request('anvil_setBalance', account, '0xde0b6b3a7640000');
  if (blocks === 'transaction') await anvil.request('evm_setAutomine', true);
  if (!wallClock) await anvil.request('anvil_setBlockTimestampInterval', 0);
  return {
    anvil,
    url: anvil.url,
    signers,
    async passTime(seconds) {
      const { timestamp } = await anvil.request<{ timestamp: Hex }>('eth_getBlockByNumber', 'latest', false);
      await anvil.request('evm_setNextBlockTimestamp', Number(timestamp) + seconds);
      await anvil.request('evm_mine');
    },
    async mine(blocks = 1) {
      for (let i = 0; i < blocks; i++) await anvil.request('evm_mine');
    },
    async close() {
      await anvil.kill();
      rmSync(directory, { recursive: true });
    },
  };
}
