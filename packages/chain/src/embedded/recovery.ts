/**
 * Starts anvil where the journal ends: from the newest snapshot that can be read and loaded, with
 * the blocks after it made again and compared. An anvil that is killed on the way is started again.
 */
import { NonetError } from '@nonet/core';
import { type Anvil, startAnvil } from './anvil.ts';
import { divergence, latestBlock, makeBlock } from './blocks.ts';
import type { ChainIdentity } from './chainIdentity.ts';
import type { Journal, JournaledBlock } from './journal.ts';
import { readSnapshots, type Snapshot } from './snapshots.ts';

/** Where a chain lies, and what it is. */
export interface ChainSource {
  readonly directory: string;
  readonly identity: ChainIdentity;
  readonly journal: Journal;
}

export interface RecoveredChain {
  readonly anvil: Anvil;
  /** The block that the snapshot was of; 0 without one. */
  readonly snapshotAt: number;
}

/** An anvil that dies so often while it starts has another reason than a kill. */
const maximumStarts = 5;

/** Whether anvil died, as opposed to: refused, or made another block. */
export function isLost(error: unknown): boolean {
  return error instanceof NonetError && (error.code === 'chain.lost' || error.code === 'chain.start');
}

/**
 * Throws `chain.diverged`, `chain.binary`, and `chain.start` or `chain.lost` after several
 * attempts.
 */
export async function recoverChain(source: ChainSource): Promise<RecoveredChain> {
  for (let start = 1; ; start++) {
    try {
      return await restoreChain(source);
    } catch (error) {
      if (!isLost(error) || start === maximumStarts) throw error;
    }
  }
}

async function restoreChain(source: ChainSource): Promise<RecoveredChain> {
  for (const snapshot of readSnapshots(source.directory)) {
    const anvil = await startAnvil(source.identity);
    if (await loadSnapshot(anvil, snapshot)) return replayJournal(source, anvil, snapshot.block);
    await anvil.kill();
  }
  return replayJournal(source, await startAnvil(source.identity), 0);
}

/** False for a snapshot that this anvil does not take, or takes for another block. */
async function loadSnapshot(anvil: Anvil, { state, hash }: Snapshot): Promise<boolean> {
  try {
    await anvil.request('anvil_loadState', state);
    return (await latestBlock(anvil)).hash === hash;
  } catch {
    return false;
  }
}

async function replayJournal(
  { journal }: ChainSource,
  anvil: Anvil,
  snapshotAt: number,
): Promise<RecoveredChain> {
  try {
    for (const block of journal.after(snapshotAt)) await replayBlock(journal, anvil, block);
    return { anvil, snapshotAt };
  } catch (error) {
    await anvil.kill();
    throw error;
  }
}

async function replayBlock(journal: Journal, anvil: Anvil, block: JournaledBlock): Promise<void> {
  for (const raw of block.transactions) await anvil.request('eth_sendRawTransaction', raw);
  const { hash, number } = await makeBlock(anvil, block.timestamp);
  if (number !== block.number || (block.hash !== undefined && block.hash !== hash)) {
    throw divergence(block.number, block.hash ?? `number ${block.number}`, `${hash}, number ${number}`);
  }
  if (block.hash === undefined) journal.recordHash(number, hash);
}
