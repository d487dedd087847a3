/**
 * The stores of a run on this machine, before and after the processes that serve them: what one of
 * them lost is taken from another, so that a damaged disk does not cost rounds.
 */
import { type Address, type Content, NonetError } from '@nonet/core';
import { createSigner } from '@nonet/core/identity';
import type { JobState } from '@nonet/core/ports';
import {
  acceptedParticipants,
  createFileStore,
  currentModel,
  type FileStore,
  isOver,
} from '@nonet/federation';
import type { RunDirectory } from '../runs/runDirectory.ts';
import { siteName } from './siteName.ts';

/** In the order of the job record: the aggregators' stores, then the watcher's. */
export function openRunStores(run: RunDirectory): readonly FileStore[] {
  const { aggregators, watcher } = run.keys;
  return [
    ...aggregators.map((key, i) => createFileStore(run.storeFolder(i), createSigner(key))),
    createFileStore(run.resolve('watcher'), createSigner(watcher)),
  ];
}

/**
 * A blob, which all stores hold then: those that lack it, or hold it damaged, are given it again.
 * Throws `run.blob` if none has it whole.
 */
export async function restoreBlob(
  stores: readonly FileStore[],
  address: Address,
  what: string,
): Promise<Content> {
  const read = (store: FileStore) =>
    store.get(address).catch((error: unknown) => {
      if (error instanceof NonetError) return undefined;
      throw error;
    });
  const contents = await Promise.all(stores.map(read));
  const content = contents.find((content) => content !== undefined);
  if (content === undefined) {
    throw new NonetError({
      code: 'run.blob',
      expected: `${what}, ${address}, whole in a store of the run`,
      found: `none: it is lost or damaged in ${stores.map((store) => store.pathOf(address)).join(', ')}`,
      hint: 'Restore one of these files and give the same command again; or start anew with --fresh.',
    });
  }
  for (const [i, store] of stores.entries()) if (contents[i] === undefined) await store.put(content);
  return content;
}

/** Restores what the job goes on from: the latest model, and what can still be objected to. */
export async function restoreState(stores: readonly FileStore[], state: JobState): Promise<void> {
  await restoreBlob(stores, currentModel(state), 'the latest model');
  for (const [number, round] of state.rounds.entries()) {
    if (isOver(round) || round.posted === undefined) continue;
    const { model, partials } = round.posted;
    const what = `of round ${number + 1}`;
    await restoreBlob(stores, round.model, `the model before the step ${what}`);
    await restoreBlob(stores, model, `the model ${what}`);
    if (partials !== undefined) await restoreBlob(stores, partials, `the partial sums ${what}`);
    for (const participant of acceptedParticipants(round)) {
      const { blob } = round.commitments[participant]!;
      await restoreBlob(stores, blob, `the update of ${siteName(participant)} ${what}`);
    }
  }
}
