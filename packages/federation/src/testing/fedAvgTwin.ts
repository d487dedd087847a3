/**
 * The slow, obvious twin of averaging (`averageUpdates`, then the `averaging` step): rational
 * numbers of bigints, rounded to the nearest double or float (ties to even) by comparing
 * remainders, without any floating-point operation on the way.
 */
import type { FixedPoint } from '@nonet/core/records';
import type { Contribution } from '../update/fedAvg.ts';

interface Rational {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** Every finite double is a rational with a power of two below. */
function rationalOf(value: number): Rational {
  let denominator = 1n;
  while (!Number.isInteger(value)) {
    value *= 2;
    denominator *= 2n;
  }
  return { numerator: BigInt(value), denominator };
}

function add(a: Rational, b: Rational): Rational {
  return {
    numerator: a.numerator * b.denominator + b.numerator * a.denominator,
    denominator: a.denominator * b.denominator,
  };
}

/**
 * The nearest number with `bits` bits of significand and smallest exponent `lowest`, ties to even.
 */
function round({ numerator, denominator }: Rational, bits: number, lowest: number): number {
  if (numerator === 0n) return 0;
  const sign = numerator < 0n ? -1 : 1;
  const magnitude = numerator < 0n ? -numerator : numerator;
  // The exponent of the last place: as small as leaves the quotient below 2^bits.
  let exponent = lowest;
  const quotient = (e: number) =>
    e >= 0
      ? { top: magnitude, bottom: denominator << BigInt(e) }
      : { top: magnitude << BigInt(-e), bottom: denominator };
  const guess = magnitude.toString(2).length - denominator.toString(2).length - bits - 1;
  exponent = Math.max(lowest, guess);
  while (quotient(exponent).top / quotient(exponent).bottom >= 1n << BigInt(bits)) exponent++;
  const { top, bottom } = quotient(exponent);
  let significand = top / bottom;
  const twice = (top % bottom) * 2n;
  if (twice > bottom || (twice === bottom && significand % 2n === 1n)) significand++;
  return sign * Number(significand) * 2 ** exponent;
}

const toDouble = (value: Rational) => round(value, 53, -1074);
const toFloat = (value: Rational) => round(value, 24, -149);

/** The same numbers, bit for bit, about a thousand times slower. */
export function fedAvgTwin(
  start: Float32Array,
  contributions: readonly Contribution[],
  { scaleBits }: FixedPoint,
): Float32Array<ArrayBuffer> {
  const weights = contributions.reduce((sum, { weight }) => sum + BigInt(weight), 0n);
  const denominator = weights << BigInt(scaleBits);
  return Float32Array.from(start, (value, i) => {
    const numerator = contributions.reduce(
      (sum, { weight, entries }) => sum + BigInt(weight) * BigInt(entries[i]!),
      0n,
    );
    const step = toFloat(rationalOf(toDouble({ numerator, denominator })));
    // The addition rounds to double before it rounds to float; of two floats the second rounding
    // never changes the result (Figueroa 1995).
    return toFloat(add(rationalOf(value), rationalOf(step)));
  });
}
