/**
 * ln, exp, powers and sin from + - * / alone. IEEE 754 fixes those to the bit; it does not fix
 * `Math.log`, `Math.exp`, `Math.pow` or `Math.sin`, in which engines differ. A simulation built on
 * these functions has the same bits, and so the same hash, in Node and in every browser. Arguments
 * are finite, and positive for `ln`; errors are within 4 units in the last place.
 */

const bits = new DataView(new ArrayBuffer(8));

const smallest = 1074;
/** 2^-1074 to 2^1023, by doubling and halving, which are exact. */
const powersOfTwo = createPowersOfTwo();

function createPowersOfTwo(): Float64Array {
  const powers = new Float64Array(smallest + 1024);
  powers[smallest] = 1;
  for (let i = smallest + 1; i < powers.length; i++) powers[i] = 2 * powers[i - 1]!;
  for (let i = smallest - 1; i >= 0; i--) powers[i] = powers[i + 1]! / 2;
  return powers;
}

/** ln 2 in two parts: 21 bits, whose product with any exponent is exact, and the rest. */
const ln2High = 0.6931467056274414;
const ln2Low = 4.7493250390316726e-7;

/**
 * x = 2^k m with m near 1; ln m = 2 (s + s³/3 + s⁵/5 + ...) at s = (m - 1) / (m + 1). |s| < 0.172,
 * so that eleven terms reach 2^-58. Subnormal numbers are not split.
 */
export function ln(x: number): number {
  bits.setFloat64(0, x);
  const high = bits.getUint32(0);
  let k = (high >>> 20) - 1023;
  bits.setUint32(0, (high & 0xfffff) | 0x3ff00000);
  let m = bits.getFloat64(0);
  if (m > Math.SQRT2) {
    m /= 2;
    k += 1;
  }
  const s = (m - 1) / (m + 1);
  const z = s * s;
  let tail = 1 / 23;
  for (let n = 21; n >= 3; n -= 2) tail = tail * z + 1 / n;
  return k * ln2High + (2 * s + (2 * s * z * tail + k * ln2Low));
}

/**
 * x = k ln 2 + r with |r| <= 0.347; exp r by fourteen terms of its series. Overflows to infinity
 * and underflows to 0.
 */
export function exp(x: number): number {
  const k = Math.floor(x / Math.LN2 + 0.5);
  if (k > 1024) return Number.POSITIVE_INFINITY;
  if (k < -smallest) return 0;
  const r = x - k * ln2High - k * ln2Low;
  let sum = 1;
  for (let n = 14; n >= 1; n--) sum = 1 + (sum * r) / n;
  // 2^1024 is no double, though a product with it may be.
  return k === 1024 ? sum * 2 * powersOfTwo[smallest + 1023]! : sum * powersOfTwo[smallest + k]!;
}

/** base^exponent for a positive base. */
export function power(base: number, exponent: number): number {
  return exp(exponent * ln(base));
}

/** base^n for a whole n >= 0: by multiplication, without a logarithm. */
export function wholePower(base: number, n: number): number {
  let product = 1;
  for (let i = 0; i < n; i++) product *= base;
  return product;
}

/** By its series; for |x| <= 1, where twelve terms are exact to the last place. */
export function sin(x: number): number {
  let sum = 1;
  for (let n = 12; n >= 1; n--) sum = 1 - (sum * x * x) / (2 * n * (2 * n + 1));
  return x * sum;
}

/** ln (p / (1 - p)) for 0 < p < 1. */
export function logit(p: number): number {
  return ln(p / (1 - p));
}

export function logistic(x: number): number {
  return 1 / (1 + exp(-x));
}
