/**
 * What groups cost and give: how few a sum hides among, how likely the rule is overrun or a member
 * stands alone, and how much more noise there is. docs/specs/groups.md §3 and §4; exact counts of
 * subsets, divided once.
 */
import { MisuseError } from '@nonet/core';
import { assertGroups, assertTrimmed } from './assertions.ts';

/** A division into groups, and against whom it is judged. */
export interface GroupPlan {
  readonly members: number;
  readonly groups: number;
  /** Groups left out at each end. */
  readonly trimmed: number;
  /** Members that send what they like. */
  readonly dirty: number;
  /** Members that work together to read the update of another. */
  readonly colluding: number;
}

/** What a plan costs, and what it does not hold against. */
export interface GroupPrice {
  /** Members of the smallest group. */
  readonly smallest: number;
  /** Probability, over the beacon, that more groups are dirty than are left out at an end. */
  readonly overrun: number;
  /** Probability that some group holds exactly one member that does not work with the others. */
  readonly exposed: number;
  /** Noise in the mean, over that in the mean of one sum of all, at the same epsilon. */
  readonly noiseFactor: number;
}

/** Throws `groups.number`, `groups.trimmed`, and `groups.adversary` on more of them than members. */
export function priceGroups({ members, groups, trimmed, dirty, colluding }: GroupPlan): GroupPrice {
  assertGroups(members, groups);
  assertTrimmed(groups, trimmed);
  for (const count of [dirty, colluding]) {
    if (Number.isInteger(count) && count >= 0 && count <= members) continue;
    throw new MisuseError({
      code: 'groups.adversary',
      expected: `0 to ${members} dishonest members`,
      found: String(count),
    });
  }
  const smallest = Math.floor(members / groups);
  const sizes = Array.from({ length: groups }, (_, i) => smallest + (i < members % groups ? 1 : 0));
  return {
    smallest,
    overrun: ratio(countOverruns(sizes, dirty, trimmed), binomial(members, dirty)),
    exposed: ratio(
      binomial(members, colluding) - countUnexposed(sizes, colluding),
      binomial(members, colluding),
    ),
    noiseFactor: members / (smallest * Math.sqrt(groups - 2 * trimmed)),
  };
}

/** Step 4.1: subsets of `dirty` members that reach more than `trimmed` groups. */
function countOverruns(sizes: readonly number[], dirty: number, trimmed: number): bigint {
  // By groups that were reached, and by members of the subset so far.
  let counts: bigint[][] = [[1n]];
  for (const size of sizes) {
    const next: bigint[][] = Array.from({ length: counts.length + 1 }, () => []);
    for (const [reached, bySize] of counts.entries()) {
      for (const [taken, count] of bySize.entries()) {
        for (let more = 0; more <= Math.min(size, dirty - taken); more++) {
          const row = next[reached + (more > 0 ? 1 : 0)]!;
          row[taken + more] = (row[taken + more] ?? 0n) + count * binomial(size, more);
        }
      }
    }
    counts = next.map((row) => Array.from(row, (count) => count ?? 0n));
  }
  return counts.slice(trimmed + 1).reduce((sum, row) => sum + (row[dirty] ?? 0n), 0n);
}

/** Step 4.2: subsets of `colluding` members that leave no group with exactly one other. */
function countUnexposed(sizes: readonly number[], colluding: number): bigint {
  let counts = [1n];
  for (const size of sizes) {
    const next: bigint[] = Array.from(
      { length: Math.min(colluding, counts.length - 1 + size) + 1 },
      () => 0n,
    );
    for (const [taken, count] of counts.entries()) {
      for (let more = 0; more <= Math.min(size, colluding - taken); more++) {
        if (more !== size - 1) next[taken + more]! += count * binomial(size, more);
      }
    }
    counts = next;
  }
  return counts[colluding] ?? 0n;
}

function binomial(n: number, k: number): bigint {
  let result = 1n;
  for (let i = 1; i <= k; i++) result = (result * BigInt(n - k + i)) / BigInt(i);
  return result;
}

/** Of two integers, to the last bits of a double; 0 below 2^-1000. */
function ratio(part: bigint, whole: bigint): number {
  return Number((part << 1000n) / whole) / 2 ** 1000;
}
