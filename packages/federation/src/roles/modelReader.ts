/**
 * Fetches the model that a round starts from, in the background, and keeps the latest: a role waits
 * for it as long as it can spare, and a slow download is not begun again by the next attempt.
 */
import { type Address, pause, UndecidedError } from '@nonet/core';
import type { BlobStore } from '@nonet/core/ports';
import { longestTimer } from '../stores/boundCall.ts';
import { fetchModel, type Model, type ModelSize } from '../update/modelBlob.ts';

export interface ModelReader {
  /**
   * Throws what the store and `fetchModel` throw, and `model.pending` (undecided) at
   * `untilMilliseconds`.
   */
  read(address: Address, untilMilliseconds: number): Promise<Model>;
  /** Keeps a model that was computed here. */
  keep(address: Address, model: Model): void;
}

export function createModelReader(store: BlobStore, size: ModelSize, signal: AbortSignal): ModelReader {
  let latest: { readonly address: Address; readonly model: Promise<Model> } | undefined;

  function begin(address: Address): Promise<Model> {
    if (latest?.address === address) return latest.model;
    const begun = { address, model: fetchModel(store, address, size, { signal }) };
    latest = begun;
    begun.model.catch(() => {
      if (latest === begun) latest = undefined;
    });
    return begun.model;
  }

  return {
    async read(address, untilMilliseconds) {
      const rest = new AbortController();
      const left = Math.min(longestTimer, Math.max(0, untilMilliseconds - Date.now()));
      const late = pause(left, AbortSignal.any([signal, rest.signal])).then(() => undefined);
      const model = await Promise.race([begin(address), late]).finally(() => rest.abort());
      if (model !== undefined) return model;
      throw new UndecidedError({
        code: 'model.pending',
        expected: `model ${address} to be read in time`,
        found: 'a download that still goes on',
      });
    },
    keep(address, model) {
      latest = { address, model: Promise.resolve(model) };
    },
  };
}
