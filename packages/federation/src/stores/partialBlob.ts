/**
 * A blob on its way: the groups that came so far, each verified by the outline, which was verified
 * by the address (docs/specs/content.md §4). Nothing else is kept, so it does not matter who sent
 * them.
 */
import { type Address, contentGroupBytes, verifyGroup, verifyOutline } from '@nonet/core';
import type { PartialBlob } from '@nonet/core/ports';

/** Bytes of one hash in an outline. */
const hashBytes = 32;

export function createPartialBlob(address: Address): PartialBlob {
  let length: number | undefined;
  let outline = new Uint8Array();
  let bytes = new Uint8Array();
  let groups = 0;
  return {
    address,
    get length() {
      return length;
    },
    get verified() {
      return Math.min(groups * contentGroupBytes, length ?? 0);
    },
    get bytes() {
      return length !== undefined && groups === outline.length / hashBytes ? bytes : undefined;
    },
    takeOutline(size, hashes) {
      if (!verifyOutline(address, size, hashes)) return false;
      length = size;
      outline = new Uint8Array(hashes);
      return true;
    },
    takeGroup(offset, group) {
      const index = offset / contentGroupBytes;
      if (index < groups) return true;
      if (length === undefined || index > groups || !verifyGroup(outline, index, group, length)) return false;
      // Only now: a length that no group has followed yet takes no memory.
      if (groups === 0) bytes = new Uint8Array(length);
      bytes.set(group, offset);
      groups++;
      return true;
    },
  };
}
