/** Groups against a twin that enumerates, and against another implementation's draw. */
import { concatBytes, sha256, utf8 } from '@nonet/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressOf } from '../testing/aggregationRound.ts';
import { assignGroups, type GroupSum, priceGroups, trimGroups } from './index.ts';

const range = (count: number) => Array.from({ length: count }, (_, i) => i);
const draw = { job: addressOf(1), round: 7, beacon: new Uint8Array(32).fill(2) };
const code = (name: string) => expect.objectContaining({ code: name });

describe('assignment', () => {
  test('is that of the specification, written in Python with hashlib', () => {
    expect(assignGroups(draw, range(10), 3)).toEqual([
      [2, 3, 5, 8],
      [4, 6, 9],
      [0, 1, 7],
    ]);
    const other = { job: addressOf(1), round: 0, beacon: new Uint8Array(32) };
    expect(assignGroups(other, [3, 5, 8, 13, 21, 34, 55], 2)).toEqual([
      [8, 21, 34, 55],
      [3, 5, 13],
    ]);
  });

  test('has each member once, in groups whose sizes differ by one at most', () => {
    const members = fc.uniqueArray(fc.nat(1000), { minLength: 2, maxLength: 60 });
    fc.assert(
      fc.property(members, fc.nat(), (some, luck) => {
        const ascending = some.sort((a, b) => a - b);
        const groups = 1 + (luck % Math.floor(ascending.length / 2));
        const found = assignGroups(draw, ascending, groups);
        expect(found.flat().sort((a, b) => a - b)).toEqual(ascending);
        const sizes = found.map(({ length }) => length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('is another for another job, round or beacon', () => {
    const others = [
      draw,
      { ...draw, job: addressOf(3) },
      { ...draw, round: 8 },
      { ...draw, beacon: new Uint8Array(32).fill(3) },
    ];
    const found = others.map((each) => JSON.stringify(assignGroups(each, range(20), 4)));
    expect(new Set(found).size).toBe(others.length);
  });

  /**
   * Of 4,000 beacons: how often members 0 and 1 of nine share one of three groups, which is 2 of the
   * 8 places left, 1/4. Standard deviation 0.0068; 5 of them leave a false alarm of 6e-7 to an honest
   * draw, and a fair coin (1/2) or a draw that never pairs them is 36 away.
   */
  test('puts two members together as often as chance does', () => {
    let together = 0;
    for (const i of range(4000)) {
      const beacon = sha256(concatBytes(utf8('beacon'), utf8(String(i))));
      const groups = assignGroups({ ...draw, beacon }, range(9), 3);
      if (groups.some((group) => group.includes(0) && group.includes(1))) together++;
    }
    expect(Math.abs(together / 4000 - 1 / 4)).toBeLessThan(5 * 0.0068);
  });

  test.each([
    ['members that do not ascend', [1, 0, 2, 3], 2, 'groups.members'],
    ['a member twice', [0, 1, 1, 2], 2, 'groups.members'],
    ['a group of one', [0, 1, 2], 2, 'groups.number'],
    ['no group', [0, 1], 0, 'groups.number'],
    ['half a group', [0, 1, 2, 3], 1.5, 'groups.number'],
  ])('refuses %s', (_, members, groups, name) => {
    expect(() => assignGroups(draw, members, groups)).toThrow(code(name));
  });

  test('refuses a beacon of another length', () => {
    expect(() => assignGroups({ ...draw, beacon: new Uint8Array(31) }, range(4), 2)).toThrow(
      code('groups.beacon'),
    );
  });
});

describe('the rule', () => {
  const group = (count: number, ...sum: number[]): GroupSum => ({ count, sum: Int32Array.from(sum) });
  const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
  const someGroups = fc.array(fc.record({ count: fc.integer({ min: 1, max: 2 ** 22 }), value: int32 }), {
    minLength: 1,
    maxLength: 9,
  });

  test('by hand: mean, trimmed mean and median, entry by entry', () => {
    const groups = [group(2, 10, -4), group(3, 9, 90), group(2, -100, 2)];
    expect(trimGroups(groups, 0)).toEqual({
      sum: Float64Array.of(-81, 88),
      count: Float64Array.of(7, 7),
    });
    // Means 5, 3, -50 and -2, 30, 1: in the middle are 9 of 3 and 2 of 2.
    expect(trimGroups(groups, 1)).toEqual({ sum: Float64Array.of(9, 2), count: Float64Array.of(3, 2) });
    const four = [...groups, group(1, 4, 1)];
    expect(trimGroups(four, 1)).toEqual({ sum: Float64Array.of(13, 3), count: Float64Array.of(4, 3) });
  });

  test('is that of exact fractions, also where means are close, equal or extreme', () => {
    const twin = (groups: readonly { count: number; value: number }[], trimmed: number) => {
      const order = range(groups.length).sort((a, b) => {
        const [one, other] = [groups[a]!, groups[b]!];
        const difference = BigInt(one.value) * BigInt(other.count) - BigInt(other.value) * BigInt(one.count);
        return difference === 0n ? a - b : difference < 0n ? -1 : 1;
      });
      const kept = order.slice(trimmed, groups.length - trimmed).map((i) => groups[i]!);
      return [
        kept.reduce((sum, { value }) => sum + value, 0),
        kept.reduce((sum, { count }) => sum + count, 0),
      ];
    };
    fc.assert(
      fc.property(someGroups, fc.nat(), fc.boolean(), (drawn, luck, isClose) => {
        // Close means: neighbouring multiples of the counts.
        const groups = drawn.map(({ count, value }) => ({
          count,
          value: isClose ? Math.min(2 ** 31 - 1, 500 * count + (value % 2)) : value,
        }));
        const trimmed = luck % Math.ceil(groups.length / 2);
        const { sum, count } = trimGroups(
          groups.map((each) => group(each.count, each.value)),
          trimmed,
        );
        expect([sum[0], count[0]]).toEqual(twin(groups, trimmed));
      }),
    );
  });

  test('stays between the means of the clean groups, whatever as many as are trimmed say', () => {
    const extreme = fc.oneof(int32, fc.constantFrom(-(2 ** 31), 2 ** 31 - 1));
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 3, maxLength: 9 }),
        fc.array(extreme, { minLength: 4, maxLength: 4 }),
        fc.nat(),
        (clean, dirty, luck) => {
          const trimmed = 1 + (luck % Math.min(4, clean.length - 2));
          const groups = [...clean, ...dirty.slice(0, trimmed)].map((value) => group(4, value));
          const { sum, count } = trimGroups(groups, trimmed);
          const mean = sum[0]! / count[0]!;
          expect(mean).toBeGreaterThanOrEqual(Math.min(...clean) / 4);
          expect(mean).toBeLessThanOrEqual(Math.max(...clean) / 4);
        },
      ),
    );
    // The control: with one more, it does not.
    const overrun = [1, 1, 1, 2 ** 31 - 1, 2 ** 31 - 1].map((value) => group(4, value));
    expect(trimGroups(overrun, 1).sum[0]).toBeGreaterThan(2 ** 30);
  });

  test.each([
    ['half of the groups at each end', [group(1, 1), group(1, 2)], 1, 'groups.trimmed'],
    ['a negative number of them', [group(1, 1)], -1, 'groups.trimmed'],
    ['no groups', [], 0, 'groups.trimmed'],
    ['sums of different lengths', [group(1, 1), group(1, 1, 2)], 0, 'groups.sums'],
    ['a group of no members', [group(0, 1)], 0, 'groups.sums'],
    ['more members than are exact', [group(2 ** 22 + 1, 1)], 0, 'groups.sums'],
  ])('refuses %s', (_, groups, trimmed, name) => {
    expect(() => trimGroups(groups, trimmed)).toThrow(code(name));
  });
});

describe('the price', () => {
  /** Of all subsets of members, by the groups that they reach. */
  function enumerate(members: number, groups: number, size: number, isBad: (taken: number[]) => boolean) {
    let [bad, all] = [0, 0];
    for (let set = 0; set < 2 ** members; set++) {
      const chosen = range(members).filter((i) => (set >> i) % 2 === 1);
      if (chosen.length !== size) continue;
      all++;
      if (isBad(range(groups).map((g) => chosen.filter((i) => i % groups === g).length))) bad++;
    }
    return bad / all;
  }

  test('is that of all subsets, enumerated', () => {
    for (const [members, groups] of [
      [4, 2],
      [7, 3],
      [10, 4],
      [11, 5],
    ] as const) {
      for (const trimmed of range(Math.ceil(groups / 2))) {
        for (const bad of range(members + 1)) {
          const price = priceGroups({ members, groups, trimmed, dirty: bad, colluding: bad });
          const sizes = range(groups).map((g) => range(members).filter((i) => i % groups === g).length);
          expect(price.overrun).toBeCloseTo(
            enumerate(members, groups, bad, (taken) => taken.filter((each) => each > 0).length > trimmed),
            14,
          );
          expect(price.exposed).toBeCloseTo(
            enumerate(members, groups, bad, (taken) => taken.some((each, g) => each === sizes[g]! - 1)),
            14,
          );
        }
      }
    }
  });

  test('by hand: ten members in five groups, of which one is left out at each end', () => {
    const { smallest, overrun, exposed, noiseFactor } = priceGroups({
      ...{ members: 10, groups: 5, trimmed: 1 },
      ...{ dirty: 2, colluding: 1 },
    });
    expect(smallest).toBe(2);
    // The second is in the group of the first with 1 in 9.
    expect(overrun).toBeCloseTo(8 / 9, 15);
    // In a group of two, whoever is with the one that reads is read.
    expect(exposed).toBe(1);
    expect(noiseFactor).toBeCloseTo(10 / (2 * Math.sqrt(3)), 15);
  });

  test('of one group is none', () => {
    const plan = { members: 1000, groups: 1, trimmed: 0, dirty: 0, colluding: 500 };
    expect(priceGroups(plan)).toEqual({ smallest: 1000, overrun: 0, exposed: 0, noiseFactor: 1 });
  });

  test.each([
    ['a group of one', { groups: 6 }, 'groups.number'],
    ['too many left out', { trimmed: 3 }, 'groups.trimmed'],
    ['more dirty than there are', { dirty: 11 }, 'groups.adversary'],
    ['fewer colluding than none', { colluding: -1 }, 'groups.adversary'],
  ])('refuses %s', (_, change, name) => {
    const plan = { members: 10, groups: 5, trimmed: 1, dirty: 1, colluding: 1 };
    expect(() => priceGroups({ ...plan, ...change })).toThrow(code(name));
  });
});
