import { expect, test } from 'vitest';
import { defaultMinParticipants } from './jobFile.ts';

test('the default cohort is half of the sites, two where there are two', () => {
  expect([1, 2, 3, 4, 20, 21].map(defaultMinParticipants)).toEqual([1, 2, 2, 2, 10, 11]);
});
