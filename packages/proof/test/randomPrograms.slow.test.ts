/** More random programs, and more layers whose only answer is searched for. */
import { expect, test } from 'vitest';
import { checkRandomModel } from './checkRandomModel.ts';
import { countAnswers } from './uniqueAnswers.ts';

test('a thousand random programs by the first verifier, fifty by both', { timeout: 1_800_000 }, () => {
  const proven = Array.from({ length: 1000 }, (_, i) => checkRandomModel(77 + 6151 * i, i % 20 === 0));
  expect(proven.filter(Boolean).length).toBeGreaterThan(500);
});

test('twenty thousand requantised numbers have one answer each', { timeout: 1_800_000 }, () => {
  expect(countAnswers(11, 20_000).checked).toBeGreaterThan(2000);
});
