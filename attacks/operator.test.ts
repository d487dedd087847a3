import { expect, test } from 'vitest';
import { attack } from './operator.ts';
import { attackQuietly } from './quietly.ts';

test('an operator with helpers opens two sets, as receipts say, but no set that is small', async () => {
  const { findings, verdict } = await attackQuietly(attack);
  expect(verdict).toBe('holds');
  const [histories, small] = findings;
  expect(histories!.claimed).toContain(
    'In each round the ledger showed the same set of updates to every participant',
  );
  expect(histories!.trials.map(({ condition, succeeded }) => `${condition} ${succeeded}`)).toEqual([
    'without true',
    'with false',
    'with false',
  ]);
  expect(histories!.trials[1]!.measured).toContain(
    '2 answers of 4, and the ledger refuses the set (WrongPhase)',
  );
  expect(small!.trials.map(({ succeeded }) => succeeded)).toEqual([true, false]);
  expect(small!.trials[1]!.measured).toMatch(/^0 of .* the round is void \(cohort\)$/);
});
