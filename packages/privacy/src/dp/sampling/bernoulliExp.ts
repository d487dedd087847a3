/**
 * Bernoulli(exp(-x)) of a rational x >= 0 from integers alone and in a fixed number of draws:
 * Canonne, Kamath and Steinke (NeurIPS 2020), algorithm 1, with its loops run to a bound whatever
 * was drawn. docs/specs/dp.md §8.2.
 */
import { MisuseError } from '@nonet/core';
import { scaledExp } from './fixedPoint.ts';
import { draw128, type SecretWords, systemWords } from './secretWords.ts';

/** Draws for the fractional part: the loop would go on with probability 1/32! < 2^-117. */
const fractionDraws = 32;
/** exp(-2^j) in 128 bits, j from 0: the whole part, bit by bit. */
const wholeThresholds = Array.from({ length: 6 }, (_, j) => scaledExp(2n ** BigInt(j), 1n, 128));

/**
 * How far the distribution of one draw may be from Bernoulli(exp(-x)), in total variation: x of 64
 * and more never succeeds, which is exp(-64) < 2^-92; the rest is below 2^-117.
 */
export const bernoulliExpDistance: number = 2 ** -92;

/**
 * True with probability exp(-numerator / denominator). Throws `dp.argument` unless numerator >= 0
 * and denominator >= 1.
 */
export function sampleBernoulliExp(numerator: bigint, denominator: bigint): boolean {
  return drawBernoulliExp(numerator, denominator, systemWords);
}

/** `sampleBernoulliExp` from given words. */
export function drawBernoulliExp(numerator: bigint, denominator: bigint, words: SecretWords): boolean {
  if (numerator < 0n || denominator < 1n) {
    throw new MisuseError({
      code: 'dp.argument',
      expected: 'a fraction of at least 0',
      found: `${numerator} / ${denominator}`,
    });
  }
  const whole = numerator / denominator;
  const rest = numerator % denominator;
  // Step 8.2.1: exp(-whole) as a product over its bits.
  let success = whole < 64n;
  for (const [j, threshold] of wholeThresholds.entries()) {
    const passed = draw128(words) < threshold;
    const wanted = ((whole >> BigInt(j)) & 1n) === 1n;
    success = success && (passed || !wanted);
  }
  // Step 8.2.2: the number of the first failure among Bernoulli(rest / k), k = 1, 2, ... is odd.
  let running = true;
  let isOdd = false;
  for (let k = 1n; k <= fractionDraws; k++) {
    const passed = draw128(words) * denominator * k < rest << 128n;
    isOdd = running && !passed ? k % 2n === 1n : isOdd;
    running = running && passed;
  }
  return success && isOdd;
}
