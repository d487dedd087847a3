/**
 * Discrete Laplace noise, P(x) proportional to exp(-|x| / scale), from integers alone, in a fixed
 * number of draws, without rejection. docs/specs/dp.md §8.3. It is the difference of two geometric
 * variables, whose binary digits are independent: digit j of a geometric variable of ratio r is 1
 * with probability r^(2^j) / (1 + r^(2^j)).
 */
import { MisuseError } from '@nonet/core';
import { assertCount, assertPositive } from '../assertions.ts';
import { fractionAbove, scaledExp } from './fixedPoint.ts';
import { draw128, type SecretWords, systemWords } from './secretWords.ts';

/** What a scale makes of the algorithm; from `createDiscreteLaplace`. */
export interface DiscreteLaplaceSampler {
  /** The scale in use: the one asked for, rounded up to a multiple of 2^-20. */
  readonly scale: number;
  /** Total variation distance of one sample from the distribution, at most; goes into delta. */
  readonly distance: number;
  /** Of each binary digit of a geometric variable, the probability of 1 in units of 2^-128. */
  readonly thresholds: readonly bigint[];
}

/** Throws `dp.argument` unless 0 < scale <= 2^24. */
export function createDiscreteLaplace(scale: number): DiscreteLaplaceSampler {
  assertPositive('scale', scale);
  if (scale > 2 ** 24) {
    throw new MisuseError({
      code: 'dp.argument',
      expected: 'a scale of at most 2^24 steps of the grid',
      found: String(scale),
      hint: 'A coarser grid gives the same privacy.',
    });
  }
  const { numerator, denominator } = fractionAbove(scale);
  // exp(-2^digits / scale) is below exp(-64): later digits are 0.
  const digits = Math.max(0, Math.ceil(Math.log2(64 * scale)));
  const thresholds = Array.from({ length: digits }, (_, j) => {
    const power = scaledExp(denominator << BigInt(j), numerator, 192);
    return (power << 128n) / ((1n << 192n) + power);
  });
  const distance = 2 * Math.exp(-(2 ** digits) / scale) + 2 * digits * 2 ** -127;
  return { scale: Number(numerator) / Number(denominator), distance, thresholds };
}

/** `length` independent samples. */
export function sampleDiscreteLaplace(sampler: DiscreteLaplaceSampler, length: number): Int32Array {
  assertCount('length', length, 0);
  return Int32Array.from({ length }, () => drawDiscreteLaplace(sampler, systemWords));
}

/** One sample from given words. */
export function drawDiscreteLaplace({ thresholds }: DiscreteLaplaceSampler, words: SecretWords): number {
  return drawGeometric(thresholds, words) - drawGeometric(thresholds, words);
}

function drawGeometric(thresholds: readonly bigint[], words: SecretWords): number {
  let value = 0;
  for (const [j, threshold] of thresholds.entries()) value += Number(draw128(words) < threshold) * 2 ** j;
  return value;
}
