import { cellIds, ledgerProperties, wishes } from '@nonet/core/records';
import { describe, expect, it } from 'vitest';
import { minimumGrade } from './grades.ts';
import { hypeTests } from './hypeTests.ts';
import { attributesOf, ladderItems, ladderOf } from './ladders.ts';

describe('ladders', () => {
  it('have items at each of the four levels of each attribute, lowest first', () => {
    for (const attribute of [...wishes, ...ledgerProperties]) {
      const levels = ladderOf(attribute).map(({ level }) => level);
      expect(levels).toEqual(levels.toSorted());
      expect(new Set(levels)).toEqual(new Set([1, 2, 3, 4]));
    }
  });

  it('have unique names, apart from those of the hype tests', () => {
    const ids = [...ladderItems.map(({ id }) => id), ...hypeTests.map(({ id }) => id)];
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('ask for more at each level', () => {
    expect(([1, 2, 3, 4] as const).map(minimumGrade)).toEqual([1, 2, 3, 4]);
  });

  it('are two for each cell', () => {
    for (const cell of cellIds) expect(attributesOf(cell).join('-')).toBe(cell);
  });
});
