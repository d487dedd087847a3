import { expect, test } from 'vitest';
import { defaultMinimum } from './jobFile.ts';

test('the default cohort is half of the sites, two where there are two', () => {
  expect([1, 2, 3, 4, 20, 21].map(defaultMinimum)).toEqual([1, 2, 2, 2, 10, 11]);
});
