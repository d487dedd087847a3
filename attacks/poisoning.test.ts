import { expect, test } from 'vitest';
import { attack } from './poisoning.ts';
import { attackQuietly } from './quietly.ts';

test('garbage makes no step, and a masked lie in range becomes the model', async () => {
  const { findings, verdict } = await attackQuietly(attack);
  expect(verdict).toBe('holds');
  expect(findings[0]!.trials.map(({ condition, succeeded }) => `${condition} ${succeeded}`)).toEqual([
    'without true',
    'with false',
    'beyond true',
  ]);
  expect(findings[0]!.trials[1]!.measured).toContain('there is no step');
  expect(findings[0]!.trials[2]!.setting).toContain('8 is allowed');
});
