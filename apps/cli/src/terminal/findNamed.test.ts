import { expect, test } from 'vitest';
import { findNamed } from './findNamed.ts';

test.each([
  ['flower', 'flower'],
  ['FLOWER', 'flower'],
  ['a', 'a'],
  ['A', 'A'],
  ['ä', undefined],
  ['both', undefined],
])('%s names %s', (text, found) => {
  expect(findNamed(['flower', 'a', 'A', 'Both', 'bOTH'], text, (name) => name)).toBe(found);
});
