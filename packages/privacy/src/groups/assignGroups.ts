/**
 * Which members of a mask set are in which group, by public randomness that was not known when they
 * registered. docs/specs/groups.md §1.
 */
import { type Address, concatBytes, fromHex, MisuseError, sha256, utf8 } from '@nonet/core';
import { assertGroups } from './assertions.ts';

/** What the groups of a round are drawn from. */
export interface GroupDraw {
  readonly job: Address;
  /** Unsigned, of 32 bits. */
  readonly round: number;
  /** 32 bytes that no member could choose or know before the mask set was fixed. */
  readonly beacon: Uint8Array;
}

/**
 * The members of each group, ascending. Sizes differ by one at most. Throws `groups.members` unless
 * `members` ascend, `groups.number` unless there are at least two for each group, `groups.beacon`.
 */
export function assignGroups(
  { job, round, beacon }: GroupDraw,
  members: readonly number[],
  groups: number,
): number[][] {
  if (!members.every((member, i) => i === 0 || members[i - 1]! < member)) {
    throw new MisuseError({
      code: 'groups.members',
      expected: 'ascending members',
      found: members.join(', '),
    });
  }
  if (beacon.length !== 32) {
    throw new MisuseError({
      code: 'groups.beacon',
      expected: '32 bytes',
      found: `${beacon.length} bytes`,
    });
  }
  assertGroups(members.length, groups);
  const below = createDraws(concatBytes(utf8('nonet groups\0'), fromHex(job), u32Bytes(round), beacon));
  const order = [...members];
  for (let i = order.length - 1; i > 0; i--) {
    const j = below(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return Array.from({ length: groups }, (_, group) =>
    order.filter((_member, position) => position % groups === group).sort((a, b) => a - b),
  );
}

/** Steps 1.2 and 1.3: uniform integers below a bound. */
function createDraws(seed: Uint8Array): (bound: number) => number {
  let words = new DataView(new ArrayBuffer(0));
  let [block, offset] = [0, 0];
  const next = () => {
    if (offset === words.byteLength) {
      words = new DataView(sha256(concatBytes(seed, u32Bytes(block++))).buffer);
      offset = 0;
    }
    offset += 4;
    return words.getUint32(offset - 4);
  };
  return (bound) => {
    const limit = 2 ** 32 - (2 ** 32 % bound);
    for (;;) {
      const word = next();
      if (word < limit) return word % bound;
    }
  };
}

function u32Bytes(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}
