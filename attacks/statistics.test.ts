/**
 * Known answers: closed forms where all trials succeed or none, exact fractions by Python's
 * `fractions`, and published tables of Clopper-Pearson intervals.
 */
import { expect, test } from 'vitest';
import {
  areaUnderCurve,
  auditPValue,
  binomialTail,
  boundEpsilon,
  boundProbability,
  isMoreOften,
  median,
  truePositivesAt,
} from './statistics.ts';

test('binomial tails', () => {
  expect(binomialTail(10, 0.5, 8)).toBeCloseTo(56 / 1024, 14);
  expect(binomialTail(3, 1 / 3, 1)).toBeCloseTo(19 / 27, 14);
  expect(binomialTail(100, 0.97, 100)).toBeCloseTo(0.97 ** 100, 14);
  expect(binomialTail(5, 0.2, 0)).toBe(1);
  expect(binomialTail(5, 1, 5)).toBe(1);
  expect(binomialTail(5, 0, 1)).toBe(0);
});

test('Clopper-Pearson bounds', () => {
  // All or none: 1 - error^(1/n).
  expect(boundProbability(59, 59, 0.05).low).toBeCloseTo(0.05 ** (1 / 59), 12);
  expect(boundProbability(59, 59, 0.05).high).toBe(1);
  expect(boundProbability(0, 20, 0.025).high).toBeCloseTo(1 - 0.025 ** (1 / 20), 12);
  // Two-sided 95 % for 8 of 10: the table of every textbook.
  const { low, high } = boundProbability(8, 10, 0.025);
  expect(low).toBeCloseTo(0.4439, 4);
  expect(high).toBeCloseTo(0.9748, 4);
  // Each bound is where the tail is the error.
  expect(binomialTail(10, low, 8)).toBeCloseTo(0.025, 10);
  expect(1 - binomialTail(10, high, 9)).toBeCloseTo(0.025, 10);
  expect(() => boundProbability(3, 2, 0.05)).toThrow(expect.objectContaining({ code: 'attack.trials' }));
});

test('with delta 0 an audit is the Clopper-Pearson bound of the guesses', () => {
  const logit = (p: number) => Math.log(p / (1 - p));
  const outcome = { canaries: 1000, guesses: 100, correct: 100 };
  expect(boundEpsilon(outcome, 0, 0.05)).toBeCloseTo(logit(0.05 ** 0.01), 8);
  const most = { canaries: 1000, guesses: 100, correct: 90 };
  expect(boundEpsilon(most, 0, 0.05)).toBeCloseTo(logit(boundProbability(90, 100, 0.05).low), 8);
  expect(boundEpsilon({ canaries: 100, guesses: 100, correct: 50 }, 0, 0.05)).toBe(0);
});

test('delta adds what an exact sum in fractions says', () => {
  // One guess: beta = q, alpha = P(W = 0) = 1 - q.
  const q = Math.E / (1 + Math.E);
  const one = { canaries: 1, guesses: 1, correct: 1 };
  expect(auditPValue(one, 1, 0.01)).toBeCloseTo(q + 0.02 * (1 - q), 14);
  // Epsilon = ln 3, so q = 3/4; 5 of 6 guesses of 8 canaries, delta = 1/100: beta = 2187/4096, and of
  // P(W = 4) = 1215/4096, P(3 <= W <= 4)/2 = 1755/8192, ... the first is the largest.
  const six = { canaries: 8, guesses: 6, correct: 5 };
  expect(auditPValue(six, Math.log(3), 0.01)).toBeCloseTo(2187 / 4096 + 0.16 * (1215 / 4096), 12);
  // Epsilon = ln 9, 38 of 40 guesses of 100 canaries: here alpha is the mean of two masses.
  const forty = { canaries: 100, guesses: 40, correct: 38 };
  expect(auditPValue(forty, Math.log(9), 0.001)).toBeCloseTo(0.2634290815588827, 12);
  // The worked example of the paper (arXiv:2305.08846v1, appendix D).
  const published = { canaries: 1000, guesses: 100, correct: 75 };
  expect(boundEpsilon(published, 1e-4, 0.05)).toBeCloseTo(0.673, 3);
  // The more delta, the less an audit shows.
  const many = { canaries: 1000, guesses: 200, correct: 198 };
  expect(boundEpsilon(many, 1e-3, 0.05)).toBeLessThan(boundEpsilon(many, 1e-5, 0.05));
  expect(() => boundEpsilon({ canaries: 5, guesses: 6, correct: 5 }, 0, 0.05)).toThrow(
    expect.objectContaining({ code: 'attack.trials' }),
  );
});

test('the bound is above the truth no more often than its error', () => {
  // Randomised response of epsilon 1: every outcome, weighted by its probability.
  const guesses = 50;
  const q = Math.E / (1 + Math.E);
  let wrong = 0;
  for (let correct = 0; correct <= guesses; correct++) {
    const mass = binomialTail(guesses, q, correct) - binomialTail(guesses, q, correct + 1);
    if (boundEpsilon({ canaries: guesses, guesses, correct }, 0, 0.05) > 1) wrong += mass;
  }
  expect(wrong).toBeLessThanOrEqual(0.05);
  expect(wrong).toBeGreaterThan(0.01);
});

test('curves of true over false positives', () => {
  expect(areaUnderCurve([3, 4], [1, 2])).toBe(1);
  expect(areaUnderCurve([1, 2], [3, 4])).toBe(0);
  expect(areaUnderCurve([1, 2], [1, 2])).toBe(0.5);
  expect(areaUnderCurve([2, 2], [1, 2, 3])).toBe(0.5);
  const outs = Array.from({ length: 100 }, (_, i) => i);
  expect(truePositivesAt(0.01, [97.5, 98.5, 99.5, 200], outs)).toBe(0.75);
});

test('what is seen more often than by chance', () => {
  // P(at least 10 of 100 at 5 %) = 0.0282, at least 11: 0.0115, at least 12: 0.0043.
  expect(isMoreOften(11, 100, 0.05)).toBe(false);
  expect(isMoreOften(12, 100, 0.05)).toBe(true);
  expect(isMoreOften(0, 100, 0.05)).toBe(false);
});

test('medians', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
});
