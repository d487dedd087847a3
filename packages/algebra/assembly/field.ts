// BabyBear, p = 15 * 2^27 + 1, four elements in a vector, each as its Montgomery representative
// a * 2^32 mod p below p; and its quartic extension by x^4 - 11, one element in a vector, lane i
// the coefficient of x^i. Multiplications are those of 32 bits to 64, reduced as in Montgomery
// 1985.
export const P: u32 = 0x78000001;
/** p^-1 mod 2^32. */
const INVERSE: u32 = 0x88000001;
/** 11 * 2^32 mod p. */
const ELEVEN: u32 = 0x37ffffe9;

/** Sums below p of elements below p. */
// @ts-ignore: decorator
@inline
export function add(a: v128, b: v128): v128 {
  const sum = i32x4.add(a, b);
  return i32x4.min_u(sum, i32x4.sub(sum, i32x4.splat(P)));
}

// @ts-ignore: decorator
@inline
export function sub(a: v128, b: v128): v128 {
  const difference = i32x4.sub(a, b);
  return i32x4.min_u(difference, i32x4.add(difference, i32x4.splat(P)));
}

/**
 * t / 2^32 mod p for four numbers t of 64 bits below p * 2^32, the first two in `low`. Both halves
 * of a difference of multiples of 2^32 are exact, so what is subtracted is the upper words.
 */
// @ts-ignore: decorator
@inline
export function reduce(low: v128, high: v128): v128 {
  const lower = i32x4.shuffle(low, high, 0, 2, 4, 6);
  const upper = i32x4.shuffle(low, high, 1, 3, 5, 7);
  return finish(lower, upper);
}

/** The same for t below 2 * p * 2^32: sums of up to four products. */
// @ts-ignore: decorator
@inline
export function reduceSum(low: v128, high: v128): v128 {
  const lower = i32x4.shuffle(low, high, 0, 2, 4, 6);
  const upper = i32x4.shuffle(low, high, 1, 3, 5, 7);
  return finish(lower, i32x4.min_u(upper, i32x4.sub(upper, i32x4.splat(P))));
}

// @ts-ignore: decorator
@inline
function finish(lower: v128, upper: v128): v128 {
  const factor = i32x4.mul(lower, i32x4.splat(INVERSE));
  const multiple = i32x4.shuffle(
    i64x2.extmul_low_i32x4_u(factor, i32x4.splat(P)),
    i64x2.extmul_high_i32x4_u(factor, i32x4.splat(P)),
    1, 3, 5, 7,
  );
  return sub(upper, multiple);
}

/** Four products of base elements. */
// @ts-ignore: decorator
@inline
export function mul(a: v128, b: v128): v128 {
  return reduce(i64x2.extmul_low_i32x4_u(a, b), i64x2.extmul_high_i32x4_u(a, b));
}

/** The product of two extension elements: each coefficient is a sum of four products. */
// @ts-ignore: decorator
@inline
export function mulExtension(a: v128, b: v128): v128 {
  const wrapped = mul(b, i32x4.splat(ELEVEN));
  return mulPrepared(a, b, wrapped);
}

/** 11 * b, which `mulPrepared` needs. */
// @ts-ignore: decorator
@inline
export function prepare(b: v128): v128 {
  return mul(b, i32x4.splat(ELEVEN));
}

// @ts-ignore: decorator
@inline
export function mulPrepared(a: v128, b: v128, wrapped: v128): v128 {
  const a0 = i32x4.shuffle(a, a, 0, 0, 0, 0);
  const a1 = i32x4.shuffle(a, a, 1, 1, 1, 1);
  const a2 = i32x4.shuffle(a, a, 2, 2, 2, 2);
  const a3 = i32x4.shuffle(a, a, 3, 3, 3, 3);
  const b1 = i32x4.shuffle(b, wrapped, 7, 0, 1, 2);
  const b2 = i32x4.shuffle(b, wrapped, 6, 7, 0, 1);
  const b3 = i32x4.shuffle(b, wrapped, 5, 6, 7, 0);
  const low = i64x2.add(
    i64x2.add(i64x2.extmul_low_i32x4_u(a0, b), i64x2.extmul_low_i32x4_u(a1, b1)),
    i64x2.add(i64x2.extmul_low_i32x4_u(a2, b2), i64x2.extmul_low_i32x4_u(a3, b3)),
  );
  const high = i64x2.add(
    i64x2.add(i64x2.extmul_high_i32x4_u(a0, b), i64x2.extmul_high_i32x4_u(a1, b1)),
    i64x2.add(i64x2.extmul_high_i32x4_u(a2, b2), i64x2.extmul_high_i32x4_u(a3, b3)),
  );
  return reduceSum(low, high);
}
