import { describe, expect, test } from 'vitest';
import { groupSites, isAway } from './absences.ts';

describe('a scripted absence', () => {
  const absences = [
    { participant: 1, drops: 3, returns: 6 },
    { participant: 2, drops: 4 },
  ];
  const away = (site: number) => [0, 1, 2, 3, 4, 5, 6, 7].filter((round) => isAway(absences, site, round));

  test('begins after the round of the drop-out, and ends with the return', () => {
    expect(away(1)).toEqual([4, 5]);
  });

  test('without a return lasts', () => {
    expect(away(2)).toEqual([5, 6, 7]);
  });

  test('is nobody else’s', () => {
    expect(away(0)).toEqual([]);
  });
});

test('each site has a process of its own, until there are too many', () => {
  const numbers = (count: number) => Array.from({ length: count }, (_, site) => site);
  expect(groupSites(numbers(3), [])).toEqual([[0], [1], [2]]);
  expect(groupSites(numbers(24), [])).toHaveLength(24);
  const groups = groupSites(numbers(100), [{ participant: 7, drops: 2 }]);
  expect(groups).toContainEqual([7]);
  expect(groups.flat().sort((a, b) => a - b)).toEqual(numbers(100));
  expect(groups.length).toBeLessThanOrEqual(24);
  expect(Math.max(...groups.map(({ length }) => length))).toBe(5);
  expect(groupSites([], [])).toEqual([]);
});
