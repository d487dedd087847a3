import { createRandomStream } from '@nonet/core';
import { describe, expect, it } from 'vitest';
import { cos, erf, exp, log, log1p, sin, tanh } from './transcendental.ts';

/** Distance from the exact result in units in the last place of an f32 of that size. */
function ulps(found: number, exact: number): number {
  const exponent = Math.max(-126, Math.floor(Math.log2(Math.abs(exact))));
  return Math.abs(found - exact) / 2 ** (exponent - 23);
}

/** Philox, so that the same arguments are tried on every machine. */
const random = createRandomStream([0x5eed, 1]);
const uniform = (low: number, high: number) => Math.fround(low + (high - low) * random.uniform());

function worst(
  count: number,
  draw: () => number,
  ours: (x: number) => number,
  exact: (x: number) => number,
): number {
  let largest = 0;
  for (let i = 0; i < count; i++) {
    const x = draw();
    if (exact(x) !== 0) largest = Math.max(largest, ulps(ours(x), exact(x)));
  }
  return largest;
}

describe('exp', () => {
  it('is within 1 ulp of the exact value, subnormal results included', () => {
    expect(worst(400_000, () => uniform(-104, 88.7), exp, Math.exp)).toBeLessThan(1);
    expect(worst(400_000, () => uniform(-1, 1), exp, Math.exp)).toBeLessThan(1);
  });

  it.each([
    [0, 1],
    [-0, 1],
    [1, Math.fround(Math.E)],
    [88.73, Number.POSITIVE_INFINITY],
    [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    [-103.9, 1.401298464324817e-45],
    [-104, 0],
    [Number.NEGATIVE_INFINITY, 0],
  ])('exp(%f) = %f', (x, expected) => {
    expect(exp(Math.fround(x))).toBe(expected);
  });

  it('gives NaN for NaN', () => {
    expect(exp(Number.NaN)).toBeNaN();
  });
});

describe('log', () => {
  it('is within 1 ulp of the exact value, subnormal arguments included', () => {
    expect(worst(400_000, () => Math.fround(Math.exp(uniform(-103, 88))), log, Math.log)).toBeLessThan(1);
    expect(worst(400_000, () => uniform(0.5, 2), log, Math.log)).toBeLessThan(1);
  });

  it.each([
    [1, 0],
    [Math.fround(Math.E), 1],
    [0, Number.NEGATIVE_INFINITY],
    [-0, Number.NEGATIVE_INFINITY],
    [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    [2 ** -149, Math.fround(Math.log(2 ** -149))],
  ])('log(%f) = %f', (x, expected) => {
    expect(log(x)).toBe(expected);
  });

  it('gives NaN for negative numbers and NaN', () => {
    expect(log(-1)).toBeNaN();
    expect(log(Number.NEGATIVE_INFINITY)).toBeNaN();
    expect(log(Number.NaN)).toBeNaN();
  });
});

describe('tanh', () => {
  it('is within 2 ulp of the exact value', () => {
    expect(worst(400_000, () => uniform(-10, 10), tanh, Math.tanh)).toBeLessThan(2);
    expect(worst(400_000, () => uniform(-1, 1), tanh, Math.tanh)).toBeLessThan(2);
    expect(worst(10_000, () => uniform(-1e-38, 1e-38), tanh, Math.tanh)).toBeLessThan(2);
  });

  it.each([
    [0, 0],
    [-0, -0],
    [2 ** -149, 2 ** -149],
    [9.2, 1],
    [-1e30, -1],
    [Number.POSITIVE_INFINITY, 1],
    [Number.NEGATIVE_INFINITY, -1],
    [Number.NaN, Number.NaN],
  ])('tanh(%f) = %f', (x, expected) => {
    expect(tanh(Math.fround(x))).toBe(expected);
  });
});

/**
 * erf in f64: its Taylor series below 3, the continued fraction of erfc above (Abramowitz and
 * Stegun 7.1.5, 7.1.14).
 */
function exactErf(x: number): number {
  const a = Math.abs(x);
  let value: number;
  if (a < 3) {
    let term = a;
    value = a;
    for (let n = 1; n < 100; n++) {
      term *= (-a * a) / n;
      value += term / (2 * n + 1);
    }
    value *= 2 / Math.sqrt(Math.PI);
  } else {
    let fraction = 0;
    for (let k = 100; k > 0; k--) fraction = k / 2 / (a + fraction);
    value = 1 - Math.exp(-a * a) / Math.sqrt(Math.PI) / (a + fraction);
  }
  return x < 0 ? -value : value;
}

describe('erf', () => {
  it('is measured against values of Abramowitz and Stegun, table 7.1', () => {
    expect(exactErf(0.5)).toBeCloseTo(0.5204998778, 10);
    expect(exactErf(1)).toBeCloseTo(0.8427007929, 10);
    expect(exactErf(2)).toBeCloseTo(0.995322265, 9);
  });

  it('is within 2 ulp of the exact value', () => {
    expect(worst(400_000, () => uniform(-5, 5), erf, exactErf)).toBeLessThan(2);
    expect(worst(200_000, () => uniform(-1, 1), erf, exactErf)).toBeLessThan(2);
    expect(worst(10_000, () => uniform(-1e-38, 1e-38), erf, exactErf)).toBeLessThan(2);
  });

  it.each([
    [0, 0],
    [-0, -0],
    [4, 1],
    [-1e30, -1],
    [Number.POSITIVE_INFINITY, 1],
    [Number.NaN, Number.NaN],
  ])('erf(%f) = %f', (x, expected) => {
    expect(erf(Math.fround(x))).toBe(expected);
  });
});

describe('log1p', () => {
  it('is within 3 ulp of the exact value', () => {
    expect(worst(400_000, () => uniform(-0.99, 10), log1p, Math.log1p)).toBeLessThan(3);
    expect(worst(400_000, () => uniform(-1e-3, 1e-3), log1p, Math.log1p)).toBeLessThan(3);
    expect(worst(10_000, () => uniform(-1e-38, 1e-38), log1p, Math.log1p)).toBeLessThan(3);
  });

  it.each([
    [0, 0],
    [-0, -0],
    [1e-10, 1e-10],
    [-1, Number.NEGATIVE_INFINITY],
    [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    [-2, Number.NaN],
    [Number.NaN, Number.NaN],
  ])('log1p(%f) = %f', (x, expected) => {
    expect(log1p(Math.fround(x))).toBe(Math.fround(expected));
  });
});

/** Math's own functions reduce by far more digits of pi than an f64 has. */
describe.each([
  ['sin', sin, Math.sin],
  ['cos', cos, Math.cos],
] as const)('%s', (_, ours, exact) => {
  it('is within 1 ulp of the exact value', () => {
    expect(worst(400_000, () => uniform(-10, 10), ours, exact)).toBeLessThan(1);
    expect(worst(400_000, () => uniform(-1e5, 1e5), ours, exact)).toBeLessThan(1);
    expect(worst(400_000, () => uniform(-(2 ** 28), 2 ** 28), ours, exact)).toBeLessThan(1);
    expect(worst(10_000, () => uniform(-1e-3, 1e-3), ours, exact)).toBeLessThan(1);
  });

  it.each([0, -0, Math.fround(Math.PI), Math.fround(Math.PI / 2), 2 ** -149, 198_608_816])(
    'of %f is the f32 nearest to the exact value',
    (x) => {
      expect(ours(x)).toBe(Math.fround(exact(x)));
    },
  );

  it.each([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, Number.NaN])('is NaN for %f', (x) => {
    expect(ours(x)).toBeNaN();
  });
});
