// Integers: requantisation, and the counter-based generator (src/twins/elements.ts is the
// definition).

// One requantised i32: bit `shift - 1` decides which way x / 2^shift is rounded.
// @ts-ignore: decorator
@inline
function requantiseOne(x: i32, shift: i32, zero: i32, low: i32, high: i32): i32 {
  const rounded = shift > 0 ? (x >> shift) + ((x >> (shift - 1)) & 1) : x;
  return <i32>max(<i64>low, min(<i64>high, <i64>rounded + <i64>zero));
}

/**
 * Half up, then zero, then the clamp. Element i takes shift and zero number (i / inner) mod
 * channels. `table`: for each channel its shift, then its zero.
 */
export function requantise(out: usize, x: usize, table: usize, channels: i32, inner: i32, low: i32, high: i32, count: i32): void {
  let channel = 0;
  for (let i = 0; i < count; i += inner) {
    const entry = table + (<usize>channel << 3);
    const shift = i32.load(entry);
    const zero = i32.load(entry, 4);
    const run = min(inner, count - i);
    const from = x + (<usize>i << 2);
    const to = out + (<usize>i << 2);
    let at: usize = 0;
    if (zero == 0) {
      const one = i32x4.splat(shift > 0 ? 1 : 0);
      const half = shift > 0 ? shift - 1 : 0;
      const lows = i32x4.splat(low);
      const highs = i32x4.splat(high);
      for (const whole = <usize>(run & ~3) << 2; at < whole; at += 16) {
        const value = v128.load(from + at);
        const rounded = i32x4.add(i32x4.shr_s(value, shift), v128.and(i32x4.shr_s(value, half), one));
        v128.store(to + at, i32x4.max_s(lows, i32x4.min_s(highs, rounded)));
      }
    }
    for (const end = <usize>run << 2; at < end; at += 4) {
      i32.store(to + at, requantiseOne(i32.load(from + at), shift, zero, low, high));
    }
    if (++channel == channels) channel = 0;
  }
}

/** Philox4x32-10 at counters (0.., step, stream, 0), four words each. */
export function random(out: usize, seed: usize, step: usize, stream: u32, count: i32): void {
  for (let block = 0; 4 * block < count; block++) {
    let c0 = <u32>block;
    let c1 = <u32>i32.load(step);
    let c2 = stream;
    let c3: u32 = 0;
    let k0 = <u32>i32.load(seed);
    let k1 = <u32>i32.load(seed, 4);
    for (let round = 0; round < 10; round++) {
      const p0 = <u64>0xd2511f53 * <u64>c0;
      const p1 = <u64>0xcd9e8d57 * <u64>c2;
      c0 = <u32>(p1 >> 32) ^ c1 ^ k0;
      c1 = <u32>p1;
      c2 = <u32>(p0 >> 32) ^ c3 ^ k1;
      c3 = <u32>p0;
      k0 += 0x9e3779b9;
      k1 += 0xbb67ae85;
    }
    // The last block may end beyond the tensor, within its padding to 16 bytes.
    i32.store(out, c0);
    i32.store(out, c1, 4);
    i32.store(out, c2, 8);
    i32.store(out, c3, 12);
    out += 16;
  }
}
