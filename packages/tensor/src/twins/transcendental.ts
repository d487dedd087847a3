/**
 * exp, log, log1p, tanh, erf, sin and cos of `arithmetic 1` (docs/specs/arithmetic.md §4): f32 (sin
 * and cos: f64), each step rounded once, only + - * / and bit operations. exp and log after Cephes' expf.c and logf.c (S. Moshier);
 * the polynomials of tanh and erf are least-squares fits at Chebyshev nodes, those of sin and cos and
 * the parts of pi/2 are FreeBSD's k_sinf.c, k_cosf.c and e_rem_pio2f.c, the reduction of large
 * arguments is that of Arm's optimized-routines (sincosf.h); log1p after Higham, Accuracy
 * and Stability of Numerical Algorithms, §1.14.1. Math's functions
 * differ between engines in the last bit and may not be used. The kernels take the same steps.
 *
 * Largest error found over 2 million arguments, against f64: exp 0.99 ulp, log 0.81, tanh 1.30, erf
 * 1.36, log1p 2.16, sin and cos 0.51; the tests hold exp, log, sin and cos below 1 ulp, tanh and erf
 * below 2, log1p below 3.
 */
const f = Math.fround;
const float = new Float32Array(1);
const word = new Int32Array(float.buffer);

/** p * r + coefficient, rounded twice. */
function step(p: number, r: number, coefficient: number): number {
  return f(f(p * r) + f(coefficient));
}

/** 2^n for -126 <= n <= 127, by its bits. */
function powerOfTwo(n: number): number {
  word[0] = (n + 127) << 23;
  return float[0];
}

/** Adding and subtracting 1.5 * 2^23 rounds to the nearest integer, ties to even. */
const magic = 12582912;

/**
 * Below -104 the result rounds to 0, above 89 to infinity; between, x = n ln 2 + r with ln 2 in two
 * parts, the first exact.
 */
export function exp(x: number): number {
  if (89 < x) x = 89;
  if (x < -104) x = -104;
  const n = f(f(f(x * f(Math.LOG2E)) + magic) - magic);
  let r = f(x - f(n * f(0.693359375)));
  r = f(r + f(n * f(2.1219444e-4)));
  let p = f(1.98756915e-4);
  p = step(p, r, 1.3981999507e-3);
  p = step(p, r, 8.3334519073e-3);
  p = step(p, r, 4.1665795894e-2);
  p = step(p, r, 1.6666665459e-1);
  p = step(p, r, 5.0000001201e-1);
  const y = f(f(f(f(p * r) * r) + r) + 1);
  // Two factors, because 2^n itself may be subnormal or beyond the largest power; only the second
  // product rounds.
  const half = n >> 1;
  return f(f(y * powerOfTwo(half)) * powerOfTwo((n | 0) - half));
}

/**
 * x = 2^e (1 + m) with 1 + m between sqrt(1/2) and sqrt(2); log 0 is -Infinity, of negative numbers
 * NaN.
 */
export function log(x: number): number {
  if (x < 0) return Number.NaN;
  if (x === 0) return Number.NEGATIVE_INFINITY;
  if (!(x < Number.POSITIVE_INFINITY)) return x;
  const small = x < f(1.17549435e-38);
  float[0] = small ? f(x * 8388608) : x;
  let e = (word[0] >> 23) - 126 - (small ? 23 : 0);
  word[0] = (word[0] & 0x7fffff) | 0x3f000000;
  let half = float[0];
  if (half < f(Math.SQRT1_2)) {
    e -= 1;
    half = f(half + half);
  }
  const m = f(half - 1);
  const z = f(m * m);
  let p = f(7.0376836292e-2);
  p = step(p, m, -1.151461031e-1);
  p = step(p, m, 1.167699874e-1);
  p = step(p, m, -1.2420140846e-1);
  p = step(p, m, 1.4249322787e-1);
  p = step(p, m, -1.6668057665e-1);
  p = step(p, m, 2.0000714765e-1);
  p = step(p, m, -2.4999993993e-1);
  p = step(p, m, 3.3333331174e-1);
  let y = f(f(p * m) * z);
  y = f(y - f(e * f(2.1219444e-4)));
  y = f(y - f(0.5 * z));
  return f(f(m + y) + f(e * f(0.693359375)));
}

/** |y| with the sign of x, zeros included. */
function withSignOf(y: number, x: number): number {
  float[0] = x;
  return word[0] < 0 ? -y : y;
}

/** Below 0.625 a + a^3 p(a^2), above 1 - 2 / (exp(2a) + 1), which is 1 from 9.02 on. */
export function tanh(x: number): number {
  let a = Math.abs(x);
  if (10 < a) a = 10;
  const z = f(a * a);
  let p = f(2.295839600265026e-3);
  p = step(p, z, -8.346978574991226e-3);
  p = step(p, z, 2.176995947957039e-2);
  p = step(p, z, -5.395940691232681e-2);
  p = step(p, z, 1.3333304226398468e-1);
  p = step(p, z, -3.333333432674408e-1);
  const near = f(a + f(f(p * z) * a));
  const far = f(1 - f(2 / f(exp(f(a + a)) + 1)));
  return withSignOf(a < 0.625 ? near : far, x);
}

/** Below 1 a + a t(a^2), above 1 - exp(-a^2) p(1/a), which is 1 from 4 on. */
export function erf(x: number): number {
  let a = Math.abs(x);
  if (4 < a) a = 4;
  const z = f(a * a);
  let t = f(7.882497448008507e-5);
  t = step(t, z, -8.018855005502701e-4);
  t = step(t, z, 5.189312156289816e-3);
  t = step(t, z, -2.685432881116867e-2);
  t = step(t, z, 1.1283597350120544e-1);
  t = step(t, z, -3.761262595653534e-1);
  t = step(t, z, 1.2837916612625122e-1);
  const near = f(a + f(a * t));
  const q = f(1 / a);
  let p = f(-1.86900794506073e-2);
  p = step(p, q, 1.2443532049655914e-1);
  p = step(p, q, -3.6112645268440247e-1);
  p = step(p, q, 5.825459361076355e-1);
  p = step(p, q, -5.096923112869263e-1);
  p = step(p, q, 5.221007391810417e-2);
  p = step(p, q, 5.575372576713562e-1);
  p = step(p, q, 3.63852916052565e-4);
  const far = f(1 - f(exp(-z) * p));
  return withSignOf(a < 1 ? near : far, x);
}

/**
 * log(1 + x) that keeps small x: what 1 + x rounds away comes back by the quotient, which is near 1.
 */
export function log1p(x: number): number {
  const u = f(1 + x);
  if (u === 1 || x === Number.POSITIVE_INFINITY) return x;
  return f(log(u) * f(x / f(u - 1)));
}

/** The first 192 bits of 2/pi. */
const twoByPi = 0xa2f9836e4e441529fc2757d1f534ddc0db6295993c439041n;
const word32 = (i: number) => (twoByPi >> BigInt(8 * (23 - i))) & 0xffffffffn;

/** How often pi/2 goes into x, the nearest whole number, and what is left: in f64. */
function reduceAngle(x: number): { readonly quotient: number; readonly rest: number } {
  if (Math.abs(x) < 268435456) {
    const n = x * 0.6366197723675814 + 6755399441055744 - 6755399441055744;
    return { quotient: n | 0, rest: x - n * 1.5707963109016418 - n * 1.5893254773528196e-8 };
  }
  // |x| is an integer times a power of two: three words of 2/pi give the fraction to 62 bits.
  float[0] = x;
  const at = (word[0] >>> 26) & 15;
  const m = BigInt(((word[0] & 0x7fffff) | 0x800000) << ((word[0] >>> 23) & 7));
  const high = BigInt.asUintN(32, m * word32(at)) << 32n;
  const product = BigInt.asUintN(64, high + m * word32(at + 4) + ((m * word32(at + 8)) >> 32n));
  const n = BigInt.asUintN(64, product + (1n << 61n)) >> 62n;
  const rest = Number(BigInt.asIntN(64, product - (n << 62n))) * 3.4061215800304045e-19;
  return x < 0 ? { quotient: -Number(n), rest: -rest } : { quotient: Number(n), rest };
}

/** sin (turn = 0) or cos (turn = 1), in f64, by the remainder of x by pi/2. */
function sinAfter(x: number, turn: 0 | 1): number {
  if (!(Math.abs(x) < Number.POSITIVE_INFINITY)) return Number.NaN;
  const { quotient, rest: r } = reduceAngle(x);
  const z = r * r;
  let s = 2.718311493989822e-6 * z - 1.9839334836096632e-4;
  s = s * z + 8.333329385889463e-3;
  s = s * z - 0.16666666641626524;
  s = s * z * r + r;
  let c = 2.439044879627741e-5 * z - 1.388676377460993e-3;
  c = c * z + 4.1666623323739063e-2;
  c = c * z - 0.499999997251031;
  c = c * z + 1;
  const quadrant = quotient + turn;
  const y = (quadrant & 1) === 0 ? s : c;
  return f((quadrant & 2) === 0 ? y : -y);
}

/** Below 2^-12 x itself, so that a zero keeps its sign. */
export function sin(x: number): number {
  return Math.abs(x) < 2.44140625e-4 ? x : sinAfter(x, 0);
}

/** The cosine. */
export function cos(x: number): number {
  return sinAfter(x, 1);
}
