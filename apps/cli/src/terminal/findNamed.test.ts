import { expect, test } from 'vitest';
import { findNamed, findNearest } from './findNamed.ts';

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

test.each([
  ['learnRate', 'learningRate'],
  ['LEARNINGRATE', 'learningRate'],
  ['epoch', 'epochs'],
  ['bacth', 'batch'],
  ['momentun', 'momentum'],
  ['', 'batch'],
])('%s is nearest to %s', (text, found) => {
  expect(findNearest(['epochs', 'batch', 'learningRate', 'momentum'], text)).toBe(found);
});
