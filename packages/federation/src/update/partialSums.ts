/**
 * Partial sums of a step of many updates (docs/specs/update.md §4.4): one sum for each group of 128
 * participants, so that a proof about one entry shows 128 updates, not all of them.
 */
import { contentLeafBytes } from '@nonet/core';
import { groupSize } from '@nonet/core/ports';

const sumBytes = 8;
const sumsPerLeaf = contentLeafBytes / sumBytes;

/** Groups of a round of so many participants. */
export function countGroups(size: number): number {
  return Math.ceil(size / groupSize);
}

/** A participant's group: that of its number, whichever others are accepted. */
export function groupOf(participant: number): number {
  return Math.floor(participant / groupSize);
}

/** Bytes of the blob. */
export function partialSumBytes(entries: number, groups: number): number {
  return sumBytes * entries * groups;
}

/** Where the sum of `entry` over `group` is: the index of its leaf, and the byte in it. */
export function locateSum(entry: number, group: number, groups: number): { leaf: number; offset: number } {
  const position = entry * groups + group;
  return { leaf: Math.floor(position / sumsPerLeaf), offset: sumBytes * (position % sumsPerLeaf) };
}

/** The blob of the sums of all groups: int64, little-endian, those of one entry side by side. */
export function encodePartialSums(groups: readonly Float64Array[]): Uint8Array<ArrayBuffer> {
  const entries = groups[0]!.length;
  const view = new DataView(new ArrayBuffer(partialSumBytes(entries, groups.length)));
  for (const [group, sums] of groups.entries()) {
    for (let i = 0; i < entries; i++) {
      const offset = sumBytes * (i * groups.length + group);
      // Both halves of the two's complement: faster than a bigint for each.
      view.setUint32(offset, sums[i]! >>> 0, true);
      view.setInt32(offset + 4, Math.floor(sums[i]! / 2 ** 32), true);
    }
  }
  return new Uint8Array(view.buffer);
}
