import { describe, expect, test } from 'vitest';
import { auditOnce, createAuditee, faults, guessCoins, usualSize } from './audit.ts';

describe('the auditor', () => {
  test('guesses the extremes, and abstains from what is between', () => {
    // Entries: two biases, then two weights for each canary; labels are even, odd, even, ...
    const apart = [0, 9, 8, 0, 0, 1, 1, 0, 0, -1, 0, 0];
    const isIn = [true, false, true, false, false, false];
    expect(guessCoins([7, 7, ...apart], isIn, 4)).toEqual({ canaries: 6, guesses: 4, correct: 3 });
    expect(guessCoins([7, 7, ...apart], isIn, 2)).toEqual({ canaries: 6, guesses: 2, correct: 2 });
  });

  test.each(['distributed', 'silo'] as const)('finds each fault of a trainer: %s', async (form) => {
    const boundOf = async (fault: Parameters<typeof createAuditee>[1]) =>
      auditOnce(await createAuditee(form, fault, usualSize.canaries), usualSize, [5, 1]);
    expect(await boundOf('none')).toBeLessThan(2);
    for (const fault of faults) expect(await boundOf(fault)).toBeGreaterThan(2);
  });
});
