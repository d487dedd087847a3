/**
 * Samplers against the probabilities that their definitions give. Each test compares counts with
 * Pearson's chi-squared statistic over the cells that expect 20 and more (the rest is one cell),
 * turned into a standard normal deviate by Wilson and Hilferty, and alarms above 5: a false-alarm
 * rate of 3e-7. A relative error e of a Gaussian's sigma adds about 2 n e² to the statistic: 200 at n =
 * 40,000 and e = 5 %, where sigma 10 has 66 cells and alarms above 141, so that 5 % is found in 99
 * of 100 runs at least. The positive controls are such errors, and must alarm. Words are seeded: a
 * verdict does not change.
 */
import { describe, expect, test } from 'vitest';
import { createSeededWords } from '../../testing/seededWords.ts';
import { drawBernoulliExp, sampleBernoulliExp } from './bernoulliExp.ts';
import {
  createDiscreteGaussian,
  createRejectionSampler,
  drawByRejection,
  drawDiscreteGaussian,
  sampleDiscreteGaussian,
} from './discreteGaussian.ts';
import { createDiscreteLaplace, drawDiscreteLaplace, sampleDiscreteLaplace } from './discreteLaplace.ts';
import { scaledExp } from './fixedPoint.ts';
import { type SecretWords, systemWords } from './secretWords.ts';

const alarm = 5;

/** Deviate of chi-squared of `samples` against weights exp(-energy(x)), x from -reach to reach. */
function deviateOf(samples: Iterable<number>, energy: (x: number) => number, reach: number): number {
  const counts = new Map<number, number>();
  let n = 0;
  for (const sample of samples) {
    counts.set(sample, (counts.get(sample) ?? 0) + 1);
    n++;
  }
  const range = Array.from({ length: 2 * reach + 1 }, (_, i) => i - reach);
  const total = range.reduce((sum, x) => sum + Math.exp(-energy(x)), 0);
  let statistic = 0;
  let cells = 0;
  let restExpected = n;
  let restFound = n;
  for (const x of range) {
    const expected = (n * Math.exp(-energy(x))) / total;
    if (expected < 20) continue;
    const found = counts.get(x) ?? 0;
    statistic += (found - expected) ** 2 / expected;
    cells++;
    restExpected -= expected;
    restFound -= found;
  }
  if (restExpected >= 5) statistic += (restFound - restExpected) ** 2 / restExpected;
  const freedom = restExpected >= 5 ? cells : cells - 1;
  const spread = 2 / (9 * freedom);
  return (Math.cbrt(statistic / freedom) - (1 - spread)) / Math.sqrt(spread);
}

const gaussianEnergy = (sigma: number) => (x: number) => (x * x) / (2 * sigma * sigma);
const laplaceEnergy = (scale: number) => (x: number) => Math.abs(x) / scale;

describe('discrete Gaussian by table', () => {
  test.each([0.4, 1, 3.24, 10, 200])('sigma %d', (sigma) => {
    const samples = drawDiscreteGaussian(createDiscreteGaussian(sigma), 40_000, createSeededWords(1));
    expect(deviateOf(samples, gaussianEnergy(sigma), Math.ceil(8 * sigma))).toBeLessThan(alarm);
  });

  test('positive controls: sigma 5 % off, a variance for a deviation, a doubled zero', () => {
    const at = (sigma: number) =>
      drawDiscreteGaussian(createDiscreteGaussian(sigma), 40_000, createSeededWords(2));
    expect(deviateOf(at(10.5), gaussianEnergy(10), 80)).toBeGreaterThan(alarm);
    expect(deviateOf(at(Math.sqrt(10)), gaussianEnergy(10), 80)).toBeGreaterThan(alarm);
    const doubled = at(10).map((x, i) => (i % 25 === 0 ? 0 : x));
    expect(deviateOf(doubled, gaussianEnergy(10), 80)).toBeGreaterThan(alarm);
  });

  test('rejection by Canonne, Kamath and Steinke has the same distribution', () => {
    const sampler = createRejectionSampler(2.5);
    const words = createSeededWords(3);
    const samples = Array.from({ length: 1500 }, () => drawByRejection(sampler, words));
    expect(deviateOf(samples, gaussianEnergy(2.5), 25)).toBeLessThan(alarm);
    expect(deviateOf(samples, gaussianEnergy(3.2), 25)).toBeGreaterThan(alarm);
  });

  test('the table is the cumulative distribution, to its last bit', () => {
    // sigma 1: P(0) = 1 / sum exp(-k²/2) = 0.39894228039965...; theta function, by hand to 1e-15.
    const { upper, lower, steps, distance } = createDiscreteGaussian(1);
    const sum = 1 + 2 * [1, 2, 3, 4, 5, 6, 7, 8].reduce((s, k) => s + Math.exp((-k * k) / 2), 0);
    expect((upper[0]! * 2 ** 48 + lower[0]!) / 2 ** 96).toBeCloseTo(1 / sum, 14);
    expect(upper.length).toBe(2 ** steps - 1);
    expect(upper.at(-1)).toBe(2 ** 48);
    expect(distance).toBeLessThan(2 ** -88);
  });

  test('extreme words give the extremes, and nothing outside', () => {
    const constant = (word: number) =>
      ({ fill: (words: Uint32Array) => words.fill(word) }) as unknown as SecretWords;
    const sampler = createDiscreteGaussian(5);
    expect(drawDiscreteGaussian(sampler, 1, constant(0))[0]).toBe(0);
    expect(Math.abs(drawDiscreteGaussian(sampler, 1, constant(0xffffffff))[0]!)).toBeLessThanOrEqual(62);
    expect(Math.abs(drawDiscreteGaussian(sampler, 1, constant(0xffffffff))[0]!)).toBeGreaterThan(50);
  });

  test('sigma is never below the one asked for', () => {
    for (const sigma of [1e-3, 0.1, 1 / 3, Math.PI, 1000.1]) {
      expect(createDiscreteGaussian(sigma).sigma).toBeGreaterThanOrEqual(sigma);
      expect(createDiscreteGaussian(sigma).sigma - sigma).toBeLessThan(2 ** -20);
    }
  });

  test.each([0, -1, NaN, 2 ** 15 + 1])('refuses sigma %d', (sigma) => {
    expect(() => createDiscreteGaussian(sigma)).toThrow(expect.objectContaining({ code: 'dp.argument' }));
  });
});

describe('discrete Laplace', () => {
  test.each([0.3, 1, 7.5, 100])('scale %d', (scale) => {
    const sampler = createDiscreteLaplace(scale);
    const words = createSeededWords(4);
    const samples = Array.from({ length: 10_000 }, () => drawDiscreteLaplace(sampler, words));
    expect(deviateOf(samples, laplaceEnergy(scale), Math.ceil(20 * scale))).toBeLessThan(alarm);
    // Positive control: 15 % off.
    expect(deviateOf(samples, laplaceEnergy(1.15 * scale), Math.ceil(20 * scale))).toBeGreaterThan(alarm);
    expect(sampler.distance).toBeLessThan(2 ** -80);
  });

  test.each([0, NaN, 2 ** 24 + 1])('refuses scale %d', (scale) => {
    expect(() => createDiscreteLaplace(scale)).toThrow(expect.objectContaining({ code: 'dp.argument' }));
  });
});

describe('Bernoulli(exp(-x))', () => {
  const rateOf = (numerator: bigint, denominator: bigint) => {
    const words = createSeededWords(5);
    let successes = 0;
    for (let i = 0; i < 4000; i++) successes += Number(drawBernoulliExp(numerator, denominator, words));
    return successes / 4000;
  };

  test.each([
    [0n, 1n],
    [1n, 3n],
    [1n, 1n],
    [5n, 4n],
    [7n, 2n],
  ])('x = %d/%d', (numerator, denominator) => {
    const p = Math.exp(-Number(numerator) / Number(denominator));
    // 5 deviations: 3e-7 of false alarms, and 0.04 off is found in 99 of 100 runs.
    expect(Math.abs(rateOf(numerator, denominator) - p)).toBeLessThanOrEqual(
      5 * Math.sqrt((p * (1 - p)) / 4000),
    );
    const wrong = Math.exp(-Number(numerator) / Number(denominator) - 0.4);
    expect(Math.abs(rateOf(numerator, denominator) - wrong)).toBeGreaterThan(
      (5 * Math.sqrt((wrong * (1 - wrong)) / 4000)) / 3,
    );
  });

  test('never for 64 and more, and no negative x', () => {
    expect(rateOf(64n, 1n)).toBe(0);
    expect(() => sampleBernoulliExp(-1n, 1n)).toThrow(expect.objectContaining({ code: 'dp.argument' }));
    expect(() => sampleBernoulliExp(1n, 0n)).toThrow(expect.objectContaining({ code: 'dp.argument' }));
  });
});

test('step counts do not depend on what is drawn', () => {
  const count = (draw: (words: SecretWords) => unknown, seed: number) => {
    let drawn = 0;
    const seeded = createSeededWords(seed);
    draw({
      fill(words: Uint32Array<ArrayBuffer>) {
        drawn += words.length;
        seeded.fill(words);
      },
    } as unknown as SecretWords);
    return drawn;
  };
  const laplace = createDiscreteLaplace(5);
  const gaussian = createDiscreteGaussian(5);
  const rejection = createRejectionSampler(5);
  for (const draw of [
    (words: SecretWords) => drawBernoulliExp(5n, 3n, words),
    (words: SecretWords) => drawDiscreteLaplace(laplace, words),
    (words: SecretWords) => drawDiscreteGaussian(gaussian, 100, words),
    (words: SecretWords) => drawByRejection(rejection, words),
  ]) {
    expect(new Set([6, 7, 8, 9].map((seed) => count(draw, seed))).size).toBe(1);
  }
});

test('exp in fixed point', () => {
  // First 30 hexadecimal digits of exp(-1): 0.5e2d58d8b3bcdf1abadec7829054f9
  expect(scaledExp(1n, 1n, 120).toString(16)).toBe('5e2d58d8b3bcdf1abadec7829054f9');
  expect(scaledExp(0n, 1n, 64)).toBe(2n ** 64n);
  for (const x of [0.5, 3, 40]) {
    expect(Number(scaledExp(BigInt(x * 2), 2n, 128)) / 2 ** 128 / Math.exp(-x)).toBeCloseTo(1, 12);
  }
});

test('the system gives fresh words, any number of them', () => {
  const words = new Uint32Array(40_000);
  systemWords.fill(words);
  expect(new Set(words).size).toBeGreaterThan(39_900);
  const [a, b] = [1, 2].map(() => sampleDiscreteGaussian(createDiscreteGaussian(1000), 50).join());
  expect(a).not.toBe(b);
  expect(sampleDiscreteLaplace(createDiscreteLaplace(1000), 20)).toHaveLength(20);
});
