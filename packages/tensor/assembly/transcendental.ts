// exp, log, log1p, tanh, erf, sin and cos in four lanes. Same steps, same constants, same order as
// src/twins/transcendental.ts, which explains them.

//
// Constants lie in memory, below what a program plans (`constantBytes` of src/kernels/instance.ts):
// V8 spends three instructions on each that stands in the code, every time.

const exponential = memory.data<f32>([
  89, -104, 1.44269504, 12582912, 0.693359375, 2.12194440e-4,
  1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1,
  1,
]);
const bias = memory.data<i32>([127]);
const logarithm = memory.data<f32>([
  1.17549435e-38, 8388608, 23, 0.70710678, 1, 2.12194440e-4, 0.5, 0.693359375,
  7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1,
  -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
]);
const logarithmBits = memory.data<i32>([126, 0x7fffff, 0x3f000000]);
const hyperbolic = memory.data<f32>([
  10, 1, 2, 0.625,
  2.295839600265026e-3, -8.346978574991226e-3, 2.176995947957039e-2, -5.395940691232681e-2,
  1.3333304226398468e-1, -3.333333432674408e-1,
]);
const error = memory.data<f32>([
  4, 1,
  7.882497448008507e-5, -8.018855005502701e-4, 5.189312156289816e-3, -2.685432881116867e-2,
  1.1283597350120544e-1, -3.761262595653534e-1, 1.2837916612625122e-1,
  -1.86900794506073e-2, 1.2443532049655914e-1, -3.6112645268440247e-1, 5.825459361076355e-1,
  -5.096923112869263e-1, 5.221007391810417e-2, 5.575372576713562e-1, 3.63852916052565e-4,
]);

// Entry `i` of a table of constants, in four lanes.
// @ts-ignore: decorator
@inline
function entry(table: usize, i: usize): v128 {
  return v128.load32_splat(table + (i << 2));
}

// @ts-ignore: decorator
@inline
function step(p: v128, r: v128, table: usize, i: usize): v128 {
  return f32x4.add(f32x4.mul(p, r), entry(table, i));
}

// @ts-ignore: decorator
@inline
export function exp(x: v128): v128 {
  const t = exponential;
  // pmin(a, b) is b < a ? b : a, and pmax a < b ? b : a: one instruction each, and a NaN stays one.
  x = f32x4.pmax(f32x4.pmin(x, entry(t, 0)), entry(t, 1));
  const magic = entry(t, 3);
  const biased = f32x4.add(f32x4.mul(x, entry(t, 2)), magic);
  const n = f32x4.sub(biased, magic);
  let r = f32x4.sub(x, f32x4.mul(n, entry(t, 4)));
  r = f32x4.add(r, f32x4.mul(n, entry(t, 5)));
  let p = entry(t, 6);
  p = step(p, r, t, 7);
  p = step(p, r, t, 8);
  p = step(p, r, t, 9);
  p = step(p, r, t, 10);
  p = step(p, r, t, 11);
  const y = f32x4.add(f32x4.add(f32x4.mul(f32x4.mul(p, r), r), r), entry(t, 12));
  // The last bits of the biased sum are the whole number.
  const whole = i32x4.sub(biased, magic);
  const half = i32x4.shr_s(whole, 1);
  const low = i32x4.shl(i32x4.add(half, entry(bias, 0)), 23);
  const high = i32x4.shl(i32x4.add(i32x4.sub(whole, half), entry(bias, 0)), 23);
  return f32x4.mul(f32x4.mul(y, low), high);
}

// @ts-ignore: decorator
@inline
export function log(x: v128): v128 {
  const t = logarithm;
  const small = f32x4.lt(x, entry(t, 0));
  const scaled = v128.bitselect(f32x4.mul(x, entry(t, 1)), x, small);
  let e = f32x4.convert_i32x4_s(i32x4.sub(i32x4.shr_s(scaled, 23), entry(logarithmBits, 0)));
  e = f32x4.sub(e, v128.and(entry(t, 2), small));
  const half = v128.or(v128.and(scaled, entry(logarithmBits, 1)), entry(logarithmBits, 2));
  const low = f32x4.lt(half, entry(t, 3));
  e = f32x4.sub(e, v128.and(entry(t, 4), low));
  const m = f32x4.sub(f32x4.add(half, v128.and(half, low)), entry(t, 4));
  const z = f32x4.mul(m, m);
  let p = entry(t, 8);
  p = step(p, m, t, 9);
  p = step(p, m, t, 10);
  p = step(p, m, t, 11);
  p = step(p, m, t, 12);
  p = step(p, m, t, 13);
  p = step(p, m, t, 14);
  p = step(p, m, t, 15);
  p = step(p, m, t, 16);
  let y = f32x4.mul(f32x4.mul(p, m), z);
  y = f32x4.sub(y, f32x4.mul(e, entry(t, 5)));
  y = f32x4.sub(y, f32x4.mul(entry(t, 6), z));
  let result = f32x4.add(f32x4.add(m, y), f32x4.mul(e, entry(t, 7)));
  const zero = f32x4.splat(0);
  result = v128.bitselect(result, x, f32x4.lt(x, f32x4.splat(Infinity)));
  result = v128.bitselect(f32x4.splat(-Infinity), result, f32x4.eq(x, zero));
  return v128.bitselect(f32x4.splat(NaN), result, f32x4.lt(x, zero));
}

// 1 / (1 + exp(-|x|)) for x from 0 on, and exp(-|x|) / (1 + exp(-|x|)) below.
// @ts-ignore: decorator
@inline
export function sigmoid(x: v128): v128 {
  const one = entry(exponential, 12);
  const d = exp(f32x4.neg(f32x4.abs(x)));
  return f32x4.div(v128.bitselect(d, one, f32x4.lt(x, f32x4.splat(0))), f32x4.add(one, d));
}

// @ts-ignore: decorator
@inline
export function log1p(x: v128): v128 {
  const one = f32x4.splat(1);
  const u = f32x4.add(one, x);
  const y = f32x4.mul(log(u), f32x4.div(x, f32x4.sub(u, one)));
  const plain = v128.or(f32x4.eq(u, one), f32x4.eq(x, f32x4.splat(Infinity)));
  return v128.bitselect(x, y, plain);
}

// Bits 8i to 8i + 31 of 2/pi's first 192, after 24 zeros: the word that ends with byte i.
function wordOfTwoByPi(i: i32): u32 {
  const first: u64 = 0xa2f9836e4e441529;
  const second: u64 = 0xfc2757d1f534ddc0;
  const third: u64 = 0xdb6295993c439041;
  const k = 8 * (i + 1);
  if (k <= 64) return <u32>(first >> (64 - k));
  if (k <= 128) return <u32>(second >> (128 - k)) | (k < 96 ? <u32>(first << (k - 64)) : 0);
  return <u32>(third >> (192 - k)) | (k < 160 ? <u32>(second << (k - 128)) : 0);
}

// sin (turn = 0) or cos (turn = 1) of one f32 from 2^28 on: |x| is an integer times a power of two,
// so that three words of 2/pi give the fraction of the quotient by pi/2 to 62 bits.
function sinOfLarge(x: f32, turn: i64): f32 {
  const bits = reinterpret<u32>(x);
  const at = (bits >> 26) & 15;
  const m = ((bits & 0x7fffff) | 0x800000) << ((bits >> 23) & 7);
  const high = <u64>(m * wordOfTwoByPi(at)) << 32;
  const product = high + <u64>m * <u64>wordOfTwoByPi(at + 4) + ((<u64>m * <u64>wordOfTwoByPi(at + 8)) >> 32);
  const n = <i64>((product + (<u64>1 << 61)) >> 62);
  const r = <f64><i64>(product - (<u64>n << 62)) * 3.4061215800304045e-19;
  const negative = bits >> 31 == 1;
  const two = sinOfRemainder(f64x2.splat(negative ? -r : r), i64x2.splat((negative ? -n : n) + turn));
  return <f32>f64x2.extract_lane(two, 0);
}

// sin or cos of two f64 between -2^28 and 2^28: by the remainder of x by pi/2, and by the quotient,
// which lies in the last bits of its sum with 1.5 * 2^52.
// @ts-ignore: decorator
@inline
function sinOfTwo(x: v128, turn: i64): v128 {
  const magic = f64x2.splat(6755399441055744);
  const biased = f64x2.add(f64x2.mul(x, f64x2.splat(0.6366197723675814)), magic);
  const n = f64x2.sub(biased, magic);
  let r = f64x2.sub(x, f64x2.mul(n, f64x2.splat(1.5707963109016418)));
  r = f64x2.sub(r, f64x2.mul(n, f64x2.splat(1.5893254773528196e-8)));
  return sinOfRemainder(r, i64x2.add(biased, i64x2.splat(turn)));
}

// The sine of r, of whose quadrants the last two bits of `quadrant` count.
// @ts-ignore: decorator
@inline
function sinOfRemainder(r: v128, quadrant: v128): v128 {
  const z = f64x2.mul(r, r);
  let s = f64x2.add(f64x2.mul(f64x2.splat(2.718311493989822e-6), z), f64x2.splat(-1.9839334836096632e-4));
  s = f64x2.add(f64x2.mul(s, z), f64x2.splat(8.333329385889463e-3));
  s = f64x2.add(f64x2.mul(s, z), f64x2.splat(-0.16666666641626524));
  s = f64x2.add(f64x2.mul(f64x2.mul(s, z), r), r);
  let c = f64x2.add(f64x2.mul(f64x2.splat(2.439044879627741e-5), z), f64x2.splat(-1.388676377460993e-3));
  c = f64x2.add(f64x2.mul(c, z), f64x2.splat(4.1666623323739063e-2));
  c = f64x2.add(f64x2.mul(c, z), f64x2.splat(-0.499999997251031));
  c = f64x2.add(f64x2.mul(c, z), f64x2.splat(1));
  const odd = i64x2.ne(v128.and(quadrant, i64x2.splat(1)), i64x2.splat(0));
  const sign = i64x2.shl(v128.and(quadrant, i64x2.splat(2)), 62);
  return v128.xor(v128.bitselect(c, s, odd), sign);
}

// @ts-ignore: decorator
@inline
function sinOfFour(x: v128, turn: i64): v128 {
  const low = f32x4.demote_f64x2_zero(sinOfTwo(f64x2.promote_low_f32x4(x), turn));
  const high = f32x4.demote_f64x2_zero(sinOfTwo(f64x2.promote_low_f32x4(v128.shuffle<i32>(x, x, 2, 3, 2, 3)), turn));
  let y = v128.shuffle<i32>(low, high, 0, 1, 4, 5);
  const size = f32x4.abs(x);
  if (v128.any_true(f32x4.ge(size, f32x4.splat(268435456)))) {
    y = v128.bitselect(y, f32x4.splat(NaN), f32x4.lt(size, f32x4.splat(Infinity)));
    const x0 = f32x4.extract_lane(x, 0);
    const x1 = f32x4.extract_lane(x, 1);
    const x2 = f32x4.extract_lane(x, 2);
    const x3 = f32x4.extract_lane(x, 3);
    if (isLarge(x0)) y = f32x4.replace_lane(y, 0, sinOfLarge(x0, turn));
    if (isLarge(x1)) y = f32x4.replace_lane(y, 1, sinOfLarge(x1, turn));
    if (isLarge(x2)) y = f32x4.replace_lane(y, 2, sinOfLarge(x2, turn));
    if (isLarge(x3)) y = f32x4.replace_lane(y, 3, sinOfLarge(x3, turn));
  }
  return y;
}

// @ts-ignore: decorator
@inline
function isLarge(x: f32): bool {
  return abs(x) >= 268435456 && abs(x) < Infinity;
}

// @ts-ignore: decorator
@inline
export function sin(x: v128): v128 {
  return v128.bitselect(x, sinOfFour(x, 0), f32x4.lt(f32x4.abs(x), f32x4.splat(2.44140625e-4)));
}

// @ts-ignore: decorator
@inline
export function cos(x: v128): v128 {
  return sinOfFour(x, 1);
}

// |y| with the sign of x, zeros included.
// @ts-ignore: decorator
@inline
function withSignOf(y: v128, x: v128): v128 {
  return v128.or(y, v128.and(x, i32x4.splat(0x80000000)));
}

// @ts-ignore: decorator
@inline
export function tanh(x: v128): v128 {
  const t = hyperbolic;
  const a = f32x4.pmin(f32x4.abs(x), entry(t, 0));
  const z = f32x4.mul(a, a);
  let p = entry(t, 4);
  p = step(p, z, t, 5);
  p = step(p, z, t, 6);
  p = step(p, z, t, 7);
  p = step(p, z, t, 8);
  p = step(p, z, t, 9);
  const near = f32x4.add(a, f32x4.mul(f32x4.mul(p, z), a));
  const one = entry(t, 1);
  const far = f32x4.sub(one, f32x4.div(entry(t, 2), f32x4.add(exp(f32x4.add(a, a)), one)));
  return withSignOf(v128.bitselect(near, far, f32x4.lt(a, entry(t, 3))), x);
}

// @ts-ignore: decorator
@inline
export function erf(x: v128): v128 {
  const t = error;
  const a = f32x4.pmin(f32x4.abs(x), entry(t, 0));
  const z = f32x4.mul(a, a);
  let p = entry(t, 2);
  p = step(p, z, t, 3);
  p = step(p, z, t, 4);
  p = step(p, z, t, 5);
  p = step(p, z, t, 6);
  p = step(p, z, t, 7);
  p = step(p, z, t, 8);
  const near = f32x4.add(a, f32x4.mul(a, p));
  const one = entry(t, 1);
  const q = f32x4.div(one, a);
  p = entry(t, 9);
  p = step(p, q, t, 10);
  p = step(p, q, t, 11);
  p = step(p, q, t, 12);
  p = step(p, q, t, 13);
  p = step(p, q, t, 14);
  p = step(p, q, t, 15);
  p = step(p, q, t, 16);
  const far = f32x4.sub(one, f32x4.mul(exp(f32x4.neg(z)), p));
  return withSignOf(v128.bitselect(near, far, f32x4.lt(a, one)), x);
}
