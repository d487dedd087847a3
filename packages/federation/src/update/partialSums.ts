/**
 * Partial sums of a step of many updates (docs/specs/update.md §4.4): one sum over each group of 128
 * accepted participants, so that a proof about one entry shows 128 updates, not all of them.
 */
import { contentLeafBytes } from '@nonet/core';
import { groupSize } from '@nonet/core/ports';

/** `accepted` by group, in order; the last group may be smaller. */
export function groupsOf<T>(accepted: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(accepted.length / groupSize) }, (_, group) =>
    accepted.slice(group * groupSize, (group + 1) * groupSize),
  );
}

/** Leaves that the partial sums of one group take. */
export function groupLeaves(entries: number): number {
  return Math.ceil((8 * entries) / contentLeafBytes);
}

/** The blob of the sums of all groups: int64, little-endian, each group padded with zeros to whole leaves. */
export function encodePartialSums(groups: readonly Float64Array[]): Uint8Array<ArrayBuffer> {
  const groupBytes = contentLeafBytes * groupLeaves(groups[0]!.length);
  const view = new DataView(new ArrayBuffer(groupBytes * groups.length));
  for (const [group, sums] of groups.entries()) {
    for (let i = 0; i < sums.length; i++) {
      const offset = group * groupBytes + 8 * i;
      // Both halves of the two's complement: faster than a bigint for each.
      view.setUint32(offset, sums[i]! >>> 0, true);
      view.setInt32(offset + 4, Math.floor(sums[i]! / 2 ** 32), true);
    }
  }
  return new Uint8Array(view.buffer);
}
