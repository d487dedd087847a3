/**
 * Shamir's secret sharing (CACM 1979) of 32 bytes over the field of 2^256 - 189, the largest prime
 * below 2^256. docs/specs/secagg.md §3. A share is as long as the secret, the field misses 189
 * of the 2^256 byte strings, and a contract computes in it with ADDMOD and MULMOD.
 */
import { type SecretWords, systemWords } from '../dp/sampling/secretWords.ts';

/** The order of the field. */
export const shamirPrime: bigint = 2n ** 256n - 189n;

/**
 * 32 uniform bytes that are an element of the field, big-endian: a key or a seed that can be
 * shared.
 */
export function drawSecret(words: SecretWords = systemWords): Uint8Array<ArrayBuffer> {
  for (;;) {
    const drawn = new Uint32Array(8);
    words.fill(drawn);
    const bytes = new Uint8Array(drawn.buffer);
    // Step 3.1: all but 189 of 2^256 strings.
    if (readField(bytes) < shamirPrime) return bytes;
  }
}

/**
 * Step 3.2: the values at `points` of a polynomial of degree `threshold - 1` whose constant is
 * `secret` and whose other coefficients are drawn for it.
 */
export function dealShares(
  secret: Uint8Array,
  threshold: number,
  points: readonly number[],
  words: SecretWords = systemWords,
): Uint8Array[] {
  const coefficients = [readField(secret)];
  while (coefficients.length < threshold) coefficients.push(readField(drawSecret(words)));
  coefficients.reverse();
  return points.map((point) => {
    const x = BigInt(point);
    let value = 0n;
    for (const coefficient of coefficients) value = (value * x + coefficient) % shamirPrime;
    return writeField(value);
  });
}

/**
 * Step 3.3: Lagrange's coefficients at 0 for distinct points: the secret is the sum of coefficient
 * times share.
 */
export function lagrangeAtZero(points: readonly number[]): bigint[] {
  const xs = points.map(BigInt);
  return xs.map((x) => {
    let numerator = 1n;
    let denominator = 1n;
    for (const other of xs) {
      if (other === x) continue;
      numerator = (numerator * other) % shamirPrime;
      denominator = (denominator * (shamirPrime + other - x)) % shamirPrime;
    }
    return (numerator * invert(denominator)) % shamirPrime;
  });
}

/** The secret of shares whose points gave `coefficients`. */
export function recoverSecret(coefficients: readonly bigint[], values: readonly Uint8Array[]): Uint8Array {
  let secret = 0n;
  for (const [k, value] of values.entries()) secret += coefficients[k]! * readField(value);
  return writeField(secret % shamirPrime);
}

/** The inverse in the field, by Euclid's algorithm; `value` is not 0. */
function invert(value: bigint): bigint {
  let [a, b] = [value, shamirPrime];
  let [x, y] = [1n, 0n];
  while (a > 1n) {
    const quotient = b / a;
    [a, b] = [b - quotient * a, a];
    [x, y] = [y - quotient * x, x];
  }
  return x < 0n ? x + shamirPrime : x;
}

function readField(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 32);
  const high = (view.getBigUint64(0) << 64n) | view.getBigUint64(8);
  return (high << 128n) | (view.getBigUint64(16) << 64n) | view.getBigUint64(24);
}

function writeField(value: bigint): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(32));
  for (let i = 0; i < 4; i++) view.setBigUint64(8 * i, BigInt.asUintN(64, value >> BigInt(192 - 64 * i)));
  return new Uint8Array(view.buffer);
}
