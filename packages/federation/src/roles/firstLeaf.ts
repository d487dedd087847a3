/**
 * Reads the first leaf of a blob with its path, however long the blob is: the length, the outline
 * and the first group are enough. So an aggregator cannot make a lie too long to be shown in time.
 */
import {
  type Address,
  contentPathInHead,
  type PartialContent,
  verifyGroup,
  verifyOutline,
} from '@nonet/core';
import type { BlobStore, CallOptions, ShownLeaf } from '@nonet/core/ports';
import { showLeaf, showProof } from '../update/lies.ts';

/** No store has a longer blob (docs/specs/update.md §5.4). */
const maximumServedBytes = 2 ** 32;

/** Throws what the store throws while it serves no verified bytes. */
export async function readFirstLeaf(
  store: BlobStore,
  address: Address,
  { signal, ...bounds }: CallOptions & { readonly signal: AbortSignal },
): Promise<ShownLeaf> {
  const enough = new AbortController();
  let outline: Uint8Array<ArrayBuffer> | undefined;
  let length: number | undefined;
  let shown: ShownLeaf | undefined;
  // What a download is added to; the rest of the blob is neither kept nor waited for.
  const partial: PartialContent = {
    address,
    verified: 0,
    content: undefined,
    get length() {
      return length;
    },
    takeOutline(size, hashes) {
      if (!verifyOutline(address, size, hashes)) return false;
      [length, outline] = [size, new Uint8Array(hashes)];
      return true;
    },
    takeGroup(offset, group) {
      if (offset > 0) return true;
      if (length === undefined || outline === undefined || !verifyGroup(outline, 0, group, length))
        return false;
      shown = showProof(contentPathInHead({ length, outline }, group, 0));
      enough.abort();
      return true;
    },
  };
  try {
    const { bytes } = await store.get(address, {
      ...bounds,
      partial,
      maximumBytes: maximumServedBytes,
      signal: AbortSignal.any([signal, enough.signal]),
    });
    return showLeaf(bytes, 0);
  } catch (cause) {
    if (shown === undefined) throw cause;
    return shown;
  }
}
