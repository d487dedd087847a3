import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { gaussianDelta } from './accountants/exactGaussian.ts';
import { millsRatio, normalDensity, normalMass, normalTail } from './normal.ts';

const computed = JSON.parse(
  readFileSync(new URL('../../../../vectors/dp/computed.json', import.meta.url), 'utf8'),
) as {
  normalTail: { x: number; tail: number }[];
  gaussianDelta: { mu: number; epsilon: number; delta: number }[];
};

test.each(computed.normalTail)('the normal tail beyond $x', ({ x, tail }) => {
  expect(normalTail(x) / tail).toBeCloseTo(1, 12);
});

test('a mass is the difference of two tails, on either side', () => {
  expect(normalMass(-40, 40)).toBe(1);
  expect(normalMass(8, 9) / normalMass(-9, -8)).toBe(1);
  expect(normalMass(8, Infinity)).toBe(normalTail(8));
});

test("Mills' ratio is tail over density", () => {
  for (const x of [0, 0.3, 0.7, 3, 6, 30]) {
    expect((millsRatio(x) * normalDensity(x)) / normalTail(x)).toBeCloseTo(1, 12);
  }
});

test.each(computed.gaussianDelta)('delta($epsilon) of mu $mu', ({ mu, epsilon, delta }) => {
  expect(Math.abs(gaussianDelta(mu, epsilon) - delta)).toBeLessThan(1e-11 * delta + 1e-300);
});
