/** Held-out examples in masked sums: secagg.md §10. */
import { toHex } from '@nonet/core';
import { describe, expect, test } from 'vitest';
import { decodeHeldOut, encodeHeldOut, splitHeldOut } from './heldOut.ts';

const seed = toHex(new Uint8Array(32));
const terms = { fraction: 0.25, mostExamples: 10 };

test('each example is trained on or held out, the same ones each time', () => {
  const { training, heldOut } = splitHeldOut(terms, seed, 20);
  expect(heldOut).toHaveLength(5);
  expect([...training, ...heldOut].toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: 20 }, (_, i) => i),
  );
  expect(splitHeldOut(terms, seed, 20)).toEqual({ training, heldOut });
  // Not the last ones: files are often sorted by label.
  expect(heldOut).not.toEqual([15, 16, 17, 18, 19]);
});

test('a site holds out no more than is asked for, and none where it has too few', () => {
  expect(splitHeldOut(terms, seed, 1000).heldOut).toHaveLength(10);
  expect(splitHeldOut(terms, seed, 1000).training).toHaveLength(990);
  expect(splitHeldOut(terms, seed, 3)).toEqual({ training: [0, 1, 2], heldOut: [] });
});

test('sums of what sites add say what all of their examples together do', () => {
  const sites = [{ examples: 4, correct: 3, loss: 0.5 }, undefined, { examples: 6, correct: 1, loss: 1 }];
  const sum = new Int32Array(3);
  for (const site of sites) for (const [i, entry] of encodeHeldOut(site).entries()) sum[i]! += entry;
  expect([...sum]).toEqual([10, 4, 2048]);
  expect(decodeHeldOut(terms, sum, 3)).toEqual({ examples: 10, correct: 4, loss: 0.8 });
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, 1e9])('a loss of %s counts as the largest', (loss) => {
  expect([...encodeHeldOut({ examples: 2, correct: 0, loss })]).toEqual([2, 0, 2 * 4096]);
});

describe('a sum that no sites add up to says nothing', () => {
  test.each([
    ['no example', [0, 0, 0]],
    ['more examples than sites hold out', [21, 0, 0]],
    ['fewer than no example', [-1, 0, 0]],
    ['more hits than examples', [20, 21, 0]],
    ['fewer than no hit', [20, -1, 0]],
    ['a negative loss', [20, 0, -1]],
    ['more loss than examples have', [20, 0, 20 * 4096 + 1]],
  ])('%s', (_, entries) => {
    expect(decodeHeldOut(terms, Int32Array.from(entries), 2)).toBeUndefined();
  });

  test('while the largest of each does', () => {
    const largest = Int32Array.of(20, 20, 20 * 4096);
    expect(decodeHeldOut(terms, largest, 2)).toEqual({ examples: 20, correct: 20, loss: 16 });
  });
});
