import { describe, expect, test } from 'vitest';
import { isAway } from './absences.ts';

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
