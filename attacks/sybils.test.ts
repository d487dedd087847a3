import { expect, test } from 'vitest';
import { attackQuietly } from './quietly.ts';
import { attack } from './sybils.ts';

test('Sybils need the threshold, or everyone but the victim', async () => {
  const { findings, verdict } = await attackQuietly(attack);
  expect(verdict).toBe('holds');
  const outcomes = findings.map(({ trials }) =>
    trials.map(({ condition, succeeded }) => `${condition} ${succeeded}`),
  );
  expect(outcomes).toEqual([
    ['without true', 'with false', 'with false', 'beyond true'],
    ['without true', 'with false', 'beyond true'],
  ]);
  expect(findings[1]!.trials[1]!.measured).toMatch(/^0 of /);
});
