/** exp(-x) of rationals as integers, for thresholds: the samplers do no floating-point arithmetic. */

/** floor(2^bits exp(-numerator / denominator)), at most one too small; numerator >= 0. */
export function scaledExp(numerator: bigint, denominator: bigint, bits: number): bigint {
  // Halve the argument until it is below 1/2, sum Taylor's series there, square back. Each squaring
  // doubles a relative error of 2^-(bits + 128).
  let halvings = 0n;
  while (numerator * 2n > denominator << halvings) halvings++;
  const scale = BigInt(bits + 128) + halvings;
  const x = ((numerator << scale) / denominator) >> halvings;
  let term = 1n << scale;
  let sum = 0n;
  for (let k = 1n; term !== 0n; k++) {
    sum += k % 2n === 1n ? term : -term;
    term = ((term * x) >> scale) / k;
  }
  for (let k = 0n; k < halvings; k++) sum = (sum * sum) >> scale;
  return sum >> (scale - BigInt(bits));
}

/** A positive number as a fraction over 2^20, rounded up: noise is never less than asked for. */
export function fractionAbove(value: number): { readonly numerator: bigint; readonly denominator: bigint } {
  return { numerator: BigInt(Math.ceil(value * 2 ** 20)), denominator: 2n ** 20n };
}
