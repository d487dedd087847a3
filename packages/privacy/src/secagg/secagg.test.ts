/** Whole rounds of secure aggregation. */
import { describe, expect, test } from 'vitest';
import { createSampleRound, playRound, registrationsOf, sumPublished } from '../testing/aggregationRound.ts';
import { createSeededWords } from '../testing/seededWords.ts';

const vectorOf = (entries: number) => (participant: number) =>
  Int32Array.from({ length: entries }, (_, e) => (participant + 1) * (e - 3));

function clearSum(included: readonly number[], vector: (participant: number) => Int32Array): Int32Array {
  const sum = vector(included[0]!).slice();
  for (const participant of included.slice(1)) {
    for (const [e, x] of vector(participant).entries()) sum[e]! += x;
  }
  return sum;
}

describe('a round', () => {
  test.each([
    ['all there', [0, 1, 2, 3, 4], [0, 1, 2, 3, 4], [0, 1, 2, 3, 4]],
    ['one absent at each step', [0, 1, 3, 4], [0, 1, 3, 4], [0, 1, 3, 4]],
    ['one without a message', [0, 1, 2, 3, 4], [0, 2, 3, 4], [0, 1, 3, 4]],
  ])('%s', (_, members, included, answering) => {
    const sample = createSampleRound({ participants: [0, 1, 2, 3, 4], words: createSeededWords(1) });
    const published = playRound(sample, { members, included, answering }, vectorOf(40));
    const sum = sumPublished(sample.round, registrationsOf(sample, members), published);
    expect(sum).toEqual(clearSum(included, vectorOf(40)));
  });
});
