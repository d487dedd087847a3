/**
 * Of a sample the rate and the independence of neighbours are tested: n = 200,000 seeded draws, alarm
 * at 5 deviations (false alarms 6e-7); a rate off by 2 % of itself is found in 99 of 100 runs.
 */
import { expect, test } from 'vitest';
import { createSeededWords } from '../../testing/seededWords.ts';
import { drawPoissonSample } from './poissonSample.ts';
import type { SecretWords } from './secretWords.ts';

const n = 200_000;
const deviation = (count: number, draws: number, p: number) =>
  Math.abs(count - draws * p) / Math.sqrt(draws * p * (1 - p));

test.each([0.01, 0.3, 0.9])('draws each record with probability %d, whatever its neighbour', (rate) => {
  const { indices, truncated } = drawPoissonSample(n, rate, n, createSeededWords(1));
  expect(truncated).toBe(false);
  expect(deviation(indices.length, n, rate)).toBeLessThan(5);
  const pairs = indices.filter((index, i) => i > 0 && indices[i - 1] === index - 1).length;
  expect(deviation(pairs, n - 1, rate * rate)).toBeLessThan(5 * Math.sqrt((1 + 3 * rate) / (1 + rate)));
  // Positive control: 5 % less.
  const fewer = drawPoissonSample(n, 0.95 * rate, n, createSeededWords(1)).indices.length;
  if (rate > 0.1) expect(deviation(fewer, n, rate)).toBeGreaterThan(5);
});

const constant = (word: number) =>
  ({ fill: (words: Uint32Array) => words.fill(word) }) as unknown as SecretWords;

test('the rate is rounded down to a multiple of 2^-32, and 1 draws everything', () => {
  const drawn = (rate: number, word: number) => drawPoissonSample(3, rate, 3, constant(word)).indices.length;
  expect(drawn(0.25, 2 ** 30 - 1)).toBe(3);
  expect(drawn(0.25, 2 ** 30)).toBe(0);
  expect(drawn(2 ** -33, 0)).toBe(0);
  expect(drawn(1, 2 ** 32 - 1)).toBe(3);
});

test('keeps what fits, and says that it did', () => {
  const sample = drawPoissonSample(5, 1, 2, constant(0));
  expect(sample).toEqual({ indices: Uint32Array.of(0, 1), truncated: true });
  expect(drawPoissonSample(2, 1, 2, constant(0)).truncated).toBe(false);
  expect(drawPoissonSample(0, 1, 2, constant(0)).indices).toHaveLength(0);
});

test.each([
  [-1, 0.5, 1],
  [1, 0, 1],
  [1, 1.1, 1],
  [1, Number.NaN, 1],
  [1, 0.5, -1],
])('refuses %d records, rate %d, maximum %d', (records, rate, maximum) => {
  expect(() => drawPoissonSample(records, rate, maximum, createSeededWords(1))).toThrow(
    expect.objectContaining({ code: 'dp.argument' }),
  );
});
