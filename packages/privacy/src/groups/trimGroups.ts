/**
 * The robust rule over groups: entry by entry, the mean of what is left without the lowest and the
 * highest group means, in exact integers. docs/specs/groups.md §2.
 */
import { MisuseError } from '@nonet/core';
import { assertTrimmed } from './assertions.ts';

/** The sum of a group's vectors. */
export interface GroupSum {
  readonly sum: Int32Array;
  /** Members whose vectors are in it. */
  readonly count: number;
}

/** What is left after trimming, by entry: integers below 2^53. The mean is `sum / count`. */
export interface TrimmedSum {
  readonly sum: Float64Array<ArrayBuffer>;
  readonly count: Float64Array<ArrayBuffer>;
}

/** Up to it a count times a sum of 32 bits, and a sum over so many groups, is exact in a double. */
const mostCounted = 2 ** 22;

/**
 * Leaves out the `trimmed` lowest and highest groups of each entry. Throws `groups.trimmed`, and
 * `groups.sums` on sums of different lengths, or counts that are not 1 to 2^22.
 */
export function trimGroups(groups: readonly GroupSum[], trimmed: number): TrimmedSum {
  assertTrimmed(groups.length, trimmed);
  const entries = groups[0]!.sum.length;
  const isRight = groups.every(
    ({ sum, count }) =>
      sum.length === entries && Number.isInteger(count) && count >= 1 && count <= mostCounted,
  );
  if (!isRight) {
    throw new MisuseError({
      code: 'groups.sums',
      expected: `sums of ${entries} entries over 1 to ${mostCounted} members`,
      found: groups.map(({ sum, count }) => `${sum.length} over ${count}`).join(', '),
    });
  }
  const sums = new Float64Array(entries);
  const counts = new Float64Array(entries);
  const order = groups.map((_, i) => i);
  for (let e = 0; e < entries; e++) {
    // Step 2.2, with the order of the groups where means are equal.
    order.sort((a, b) => {
      const [one, other] = [groups[a]!, groups[b]!];
      return one.sum[e]! * other.count - other.sum[e]! * one.count || a - b;
    });
    for (let i = trimmed; i < groups.length - trimmed; i++) {
      const { sum, count } = groups[order[i]!]!;
      sums[e]! += sum[e]!;
      counts[e]! += count;
    }
  }
  return { sum: sums, count: counts };
}
