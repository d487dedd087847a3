/** Checks of arguments that assignment and price share. */
import { MisuseError } from '@nonet/core';

/**
 * Throws `groups.number` unless each group has two members at least: the sum of one is its update.
 */
export function assertGroups(members: number, groups: number): void {
  if (Number.isInteger(groups) && groups >= 1 && members >= 2 * groups) return;
  throw new MisuseError({
    code: 'groups.number',
    expected: `at least one group, and at least two of ${members} members in each`,
    found: `${groups} groups`,
  });
}

/** Throws `groups.trimmed` unless a group is left between those left out at both ends. */
export function assertTrimmed(groups: number, trimmed: number): void {
  if (Number.isInteger(trimmed) && trimmed >= 0 && 2 * trimmed < groups) return;
  throw new MisuseError({
    code: 'groups.trimmed',
    expected: `fewer than half of ${groups} groups to be left out at each end`,
    found: String(trimmed),
  });
}
