// Vectors of extension elements, 16 bytes each, and what sumchecks and openings do with them.
// Counts are in elements, addresses in bytes and multiples of 16; `out` may be an operand.
import { add, mul, mulExtension, mulPrepared, prepare, reduce, reduceSum, sub } from './field';

const SIZE: usize = 16;

/** 2^64 mod p: a product with it is the Montgomery form of a number. */
const SQUARE: u32 = 1172168163;

export function addVectors(out: usize, a: usize, b: usize, count: usize): void {
  for (let i: usize = 0; i < count * SIZE; i += SIZE) {
    v128.store(out + i, add(v128.load(a + i), v128.load(b + i)));
  }
}

export function subVectors(out: usize, a: usize, b: usize, count: usize): void {
  for (let i: usize = 0; i < count * SIZE; i += SIZE) {
    v128.store(out + i, sub(v128.load(a + i), v128.load(b + i)));
  }
}

export function mulVectors(out: usize, a: usize, b: usize, count: usize): void {
  for (let i: usize = 0; i < count * SIZE; i += SIZE) {
    v128.store(out + i, mulExtension(v128.load(a + i), v128.load(b + i)));
  }
}

/** out = a * the element at `factor`. */
export function scaleVector(out: usize, a: usize, factor: usize, count: usize): void {
  const b = v128.load(factor);
  const wrapped = prepare(b);
  for (let i: usize = 0; i < count * SIZE; i += SIZE) {
    v128.store(out + i, mulPrepared(v128.load(a + i), b, wrapped));
  }
}

/** out = a * a base element in Montgomery form. */
export function scaleBase(out: usize, a: usize, factor: u32, count: usize): void {
  const b = i32x4.splat(factor);
  for (let i: usize = 0; i < count * SIZE; i += SIZE) v128.store(out + i, mul(v128.load(a + i), b));
}

/** out = a + the element at `term`. */
export function shiftVector(out: usize, a: usize, term: usize, count: usize): void {
  const b = v128.load(term);
  for (let i: usize = 0; i < count * SIZE; i += SIZE) v128.store(out + i, add(v128.load(a + i), b));
}

/** The sum of `count` elements. */
export function sumVector(out: usize, a: usize, count: usize): void {
  let sum = i32x4.splat(0);
  for (let i: usize = 0; i < count * SIZE; i += SIZE) sum = add(sum, v128.load(a + i));
  v128.store(out, sum);
}

/** The sum of products of two vectors. */
export function dotVectors(out: usize, a: usize, b: usize, count: usize): void {
  let sum = i32x4.splat(0);
  for (let i: usize = 0; i < count * SIZE; i += SIZE) {
    sum = add(sum, mulExtension(v128.load(a + i), v128.load(b + i)));
  }
  v128.store(out, sum);
}

/**
 * Binds the first variable of a table of 2 * `half` elements to the element at `challenge`: out[i]
 * = a[i] + challenge * (a[i + half] - a[i]).
 */
export function foldVector(out: usize, a: usize, challenge: usize, half: usize): void {
  const b = v128.load(challenge);
  const wrapped = prepare(b);
  const upper = a + half * SIZE;
  for (let i: usize = 0; i < half * SIZE; i += SIZE) {
    const low = v128.load(a + i);
    v128.store(out + i, add(low, mulPrepared(sub(v128.load(upper + i), low), b, wrapped)));
  }
}

/**
 * The table of eq(point, x) * scale over x in {0,1}^variables, x in order with its first variable
 * the highest bit; `point` has the elements one after the other.
 */
export function eqTable(out: usize, point: usize, variables: usize, scale: usize): void {
  v128.store(out, v128.load(scale));
  let size: usize = 1;
  for (let v: usize = 0; v < variables; v++) {
    const b = v128.load(point + v * SIZE);
    const wrapped = prepare(b);
    // From the end, since each element becomes two.
    for (let i = size; i-- > 0; ) {
      const whole = v128.load(out + i * SIZE);
      const upper = mulPrepared(whole, b, wrapped);
      v128.store(out + (2 * i + 1) * SIZE, upper);
      v128.store(out + 2 * i * SIZE, sub(whole, upper));
    }
    size <<= 1;
  }
}

// @ts-ignore: decorator
@inline
function invertBase(a: v128): v128 {
  // a^(p - 2), p - 2 = 0x77ffffff, in every lane.
  let result = a;
  for (let bit: u32 = 1 << 29; bit != 0; bit >>= 1) {
    result = mul(result, result);
    if (0x77ffffff & bit) result = mul(result, a);
  }
  return result;
}

/**
 * The inverse by the norm: with conjugates x -> -x, a * a(-x) lies in the field of x^2, and that
 * times its conjugate in the base field.
 */
// @ts-ignore: decorator
@inline
function invertExtension(a: v128): v128 {
  const zero = i32x4.splat(0);
  const negated = sub(zero, a);
  const conjugate = i32x4.shuffle(a, negated, 0, 5, 2, 7);
  const half = mulExtension(a, conjugate);
  const halfConjugate = i32x4.shuffle(half, sub(zero, half), 0, 1, 6, 3);
  const norm = mulExtension(half, halfConjugate);
  const inverse = invertBase(i32x4.shuffle(norm, norm, 0, 0, 0, 0));
  return mul(mulExtension(conjugate, halfConjugate), inverse);
}

/**
 * out[i] = 1 / a[i], by one inversion and three products for each (Montgomery's trick); `out` is
 * not `a`. Returns 0 and leaves `out` unspecified if an element is zero, 1 otherwise.
 */
export function invertVector(out: usize, a: usize, count: usize): i32 {
  if (count == 0) return 1;
  let product = v128.load(a);
  v128.store(out, product);
  for (let i: usize = 1; i < count; i++) {
    product = mulExtension(product, v128.load(a + i * SIZE));
    v128.store(out + i * SIZE, product);
  }
  if (!v128.any_true(product)) return 0;
  let inverse = invertExtension(product);
  for (let i = count - 1; i > 0; i--) {
    v128.store(out + i * SIZE, mulExtension(inverse, v128.load(out + (i - 1) * SIZE)));
    inverse = mulExtension(inverse, v128.load(a + i * SIZE));
  }
  v128.store(out, inverse);
  return 1;
}

/** Montgomery forms of `count` vectors of four numbers below p. */
export function toMontgomery(out: usize, a: usize, count: usize): void {
  const square = i32x4.splat(SQUARE);
  for (let i: usize = 0; i < count * SIZE; i += SIZE) v128.store(out + i, mul(v128.load(a + i), square));
}

/** Base elements, 4 bytes each, as extension elements. */
export function liftVector(out: usize, a: usize, count: usize): void {
  for (let i = count; i-- > 0; ) {
    v128.store(out + i * SIZE, i32x4.replace_lane(i32x4.splat(0), 0, load<u32>(a + i * 4)));
  }
}

/** One limb of each extension element, 4 bytes each; `a` is where that of the first one is. */
export function takeLimbs(out: usize, a: usize, count: usize): void {
  for (let i: usize = 0; i < count; i++) store<u32>(out + i * 4, load<u32>(a + i * SIZE));
}

/**
 * The products of base elements at `a`, `count` of them, with one extension element, added to
 * `out`: four rows of a matrix at a time, `pitch` bytes apart, each with its own element at
 * `factors`, so that one reduction serves four products.
 */
function addFourRows(out: usize, a: usize, pitch: usize, factors: usize, count: usize): void {
  const f0 = v128.load(factors);
  const f1 = v128.load(factors, 16);
  const f2 = v128.load(factors, 32);
  const f3 = v128.load(factors, 48);
  for (let i: usize = 0; i < count; i++) {
    const at = a + i * 4;
    const x0 = v128.load32_splat(at);
    const x1 = v128.load32_splat(at + pitch);
    const x2 = v128.load32_splat(at + 2 * pitch);
    const x3 = v128.load32_splat(at + 3 * pitch);
    const low = i64x2.add(
      i64x2.add(i64x2.extmul_low_i32x4_u(f0, x0), i64x2.extmul_low_i32x4_u(f1, x1)),
      i64x2.add(i64x2.extmul_low_i32x4_u(f2, x2), i64x2.extmul_low_i32x4_u(f3, x3)),
    );
    const high = i64x2.add(
      i64x2.add(i64x2.extmul_high_i32x4_u(f0, x0), i64x2.extmul_high_i32x4_u(f1, x1)),
      i64x2.add(i64x2.extmul_high_i32x4_u(f2, x2), i64x2.extmul_high_i32x4_u(f3, x3)),
    );
    const to = out + i * SIZE;
    v128.store(to, add(v128.load(to), reduceSum(low, high)));
  }
}

/**
 * out[c] = sum over rows r of factors[r] * a[r][c], for a matrix of base elements with rows `pitch`
 * bytes apart; `columns` of them, each an extension element in `out`.
 */
export function combineRows(
  out: usize, a: usize, rows: usize, columns: usize, pitch: usize, factors: usize,
): void {
  memory.fill(out, 0, columns * SIZE);
  const whole = rows & ~3;
  for (let r: usize = 0; r < whole; r += 4) addFourRows(out, a + r * pitch, pitch, factors + r * SIZE, columns);
  for (let r = whole; r < rows; r++) {
    const factor = v128.load(factors + r * SIZE);
    for (let c: usize = 0; c < columns; c++) {
      const to = out + c * SIZE;
      const x = v128.load32_splat(a + r * pitch + c * 4);
      v128.store(to, add(v128.load(to), mul(factor, x)));
    }
  }
}

/** out[r] = sum over columns c of a[r][c] * factors[c]; `columns` is a multiple of 4. */
export function dotRows(
  out: usize, a: usize, rows: usize, columns: usize, pitch: usize, factors: usize,
): void {
  for (let r: usize = 0; r < rows; r++) {
    let sum = i32x4.splat(0);
    for (let c: usize = 0; c < columns; c += 4) {
      const x = v128.load(a + r * pitch + c * 4);
      const f = factors + c * SIZE;
      const x0 = i32x4.shuffle(x, x, 0, 0, 0, 0);
      const x1 = i32x4.shuffle(x, x, 1, 1, 1, 1);
      const x2 = i32x4.shuffle(x, x, 2, 2, 2, 2);
      const x3 = i32x4.shuffle(x, x, 3, 3, 3, 3);
      const f0 = v128.load(f);
      const f1 = v128.load(f, 16);
      const f2 = v128.load(f, 32);
      const f3 = v128.load(f, 48);
      const low = i64x2.add(
        i64x2.add(i64x2.extmul_low_i32x4_u(f0, x0), i64x2.extmul_low_i32x4_u(f1, x1)),
        i64x2.add(i64x2.extmul_low_i32x4_u(f2, x2), i64x2.extmul_low_i32x4_u(f3, x3)),
      );
      const high = i64x2.add(
        i64x2.add(i64x2.extmul_high_i32x4_u(f0, x0), i64x2.extmul_high_i32x4_u(f1, x1)),
        i64x2.add(i64x2.extmul_high_i32x4_u(f2, x2), i64x2.extmul_high_i32x4_u(f3, x3)),
      );
      sum = add(sum, reduceSum(low, high));
    }
    v128.store(out + r * SIZE, sum);
  }
}
