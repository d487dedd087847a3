/** Random programs: what is proven is what §7 says, both verifiers accept it, and nothing else. */
import { expect, test } from 'vitest';
import { checkRandomModel } from './checkRandomModel.ts';

test('forty random programs by the first verifier', () => {
  const seeds = Array.from({ length: 40 }, (_, i) => 1000 + 7919 * i);
  const proven = seeds.filter((seed) => checkRandomModel(seed, false));
  expect(proven.length).toBeGreaterThan(20);
});

test('six random programs by both verifiers', () => {
  const seeds = Array.from({ length: 6 }, (_, i) => 5 + 104_729 * i);
  expect(seeds.filter((seed) => checkRandomModel(seed, true)).length).toBeGreaterThan(2);
});
