/**
 * Who an embedded chain is: its number, its genesis and the key that holds its money, drawn once.
 */
import { randomInt } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Hex } from '@nonet/core';
import { createPrivateKey, createSigner, type Signer } from '@nonet/core/identity';
import { writeDurably } from './snapshots.ts';

/** anvil's own, whatever the genesis says. */
export const blockGasLimit = 30_000_000;

export interface ChainIdentity {
  readonly chainId: number;
  /** Holds the chain's money. */
  readonly faucet: Signer;
  /** The path of the genesis that anvil starts from. */
  readonly genesisFile: string;
  /** Ledger seconds of block 0. */
  readonly genesisTimestamp: number;
}

/** What is kept on disk. */
interface StoredIdentity {
  readonly chainId: number;
  readonly faucetKey: Hex;
  readonly genesisTimestamp: number;
}

/** Reads the identity in `directory`, or draws one, and writes the genesis that follows from it. */
export function openIdentity(directory: string): ChainIdentity {
  const file = join(directory, 'chain.json');
  const genesisFile = join(directory, 'genesis.json');
  if (!existsSync(file)) {
    const identity: StoredIdentity = {
      // Of its own, so that a transaction for one embedded chain is none for another.
      chainId: 2 ** 30 + randomInt(2 ** 30),
      faucetKey: createPrivateKey(),
      genesisTimestamp: Math.floor(Date.now() / 1000),
    };
    writeDurably(file, JSON.stringify(identity));
  }
  const { chainId, faucetKey, genesisTimestamp } = JSON.parse(readFileSync(file, 'utf8')) as StoredIdentity;
  const faucet = createSigner(faucetKey);
  const hex = (value: number) => `0x${value.toString(16)}`;
  const genesis = {
    config: { chainId },
    timestamp: hex(genesisTimestamp),
    gasLimit: hex(blockGasLimit),
    baseFeePerGas: hex(1_000_000_000),
    difficulty: '0x0',
    alloc: { [faucet.account]: { balance: `0x${(10n ** 27n).toString(16)}` } },
  };
  writeFileSync(genesisFile, JSON.stringify(genesis));
  return { chainId, faucet, genesisFile, genesisTimestamp };
}
