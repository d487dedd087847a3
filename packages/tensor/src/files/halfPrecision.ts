/**
 * float16 (IEEE 754 binary16) and bfloat16 bits as numbers. Both conversions are exact: every value
 * is an f32.
 */

export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

const float = new Float32Array(1);
const word = new Uint32Array(float.buffer);

/** A bfloat16 is the upper half of an f32. */
export function bfloatToNumber(bits: number): number {
  word[0] = bits << 16;
  return float[0];
}
