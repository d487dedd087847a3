/**
 * The field, its extension, transforms and multilinear polynomials in BigInt, as they are defined:
 * the slow twin of the kernels. Nothing here is shared with them.
 */
export const p = 2n ** 31n - 2n ** 27n + 1n;

export type BigQuartic = readonly bigint[];

export const mod = (x: bigint): bigint => ((x % p) + p) % p;

function power(a: bigint, exponent: bigint): bigint {
  if (exponent === 0n) return 1n;
  const half = power(mod(a * a), exponent >> 1n);
  return exponent & 1n ? mod(half * a) : half;
}

export const big = (a: ArrayLike<number>): BigQuartic => Array.from(a, BigInt);

export const addBig = (a: BigQuartic, b: BigQuartic): BigQuartic => a.map((x, i) => mod(x + b[i]));

export const subBig = (a: BigQuartic, b: BigQuartic): BigQuartic => a.map((x, i) => mod(x - b[i]));

/** The product of polynomials, then x^4 = 11. */
export function mulBig(a: BigQuartic, b: BigQuartic): BigQuartic {
  const product = Array<bigint>(8).fill(0n);
  for (const [i, x] of a.entries()) for (const [j, y] of b.entries()) product[i + j] += x * y;
  return [0, 1, 2, 3].map((i) => mod(product[i] + 11n * product[i + 4]));
}

export function powerBig(a: BigQuartic, exponent: bigint): BigQuartic {
  if (exponent === 0n) return [1n, 0n, 0n, 0n];
  const half = powerBig(mulBig(a, a), exponent >> 1n);
  return exponent & 1n ? mulBig(half, a) : half;
}

/** a^(p^4 - 2). */
export const invertBig = (a: BigQuartic): BigQuartic => powerBig(a, p ** 4n - 2n);

/** The values of a polynomial at 1, w, w^2, ... */
export function transformBig(coefficients: readonly bigint[], root: bigint, count: number): bigint[] {
  return Array.from({ length: count }, (_, i) => {
    const at = power(root, BigInt(i));
    return coefficients.reduceRight((sum, c) => mod(sum * at + c), 0n);
  });
}

/** The product of x_i where bit i of `index` is set and 1 - x_i elsewhere; the first bit is the highest. */
export function eqBig(point: readonly BigQuartic[], index: number): BigQuartic {
  const one = [1n, 0n, 0n, 0n];
  return point.reduce(
    (product, x, i) => mulBig(product, (index >> (point.length - 1 - i)) & 1 ? x : subBig(one, x)),
    one as BigQuartic,
  );
}
