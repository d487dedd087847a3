// Integers: contraction mod 2^32, requantisation, and the counter-based generator
// (src/twins/elements.ts is the definition).
import { offsetOf, sizeOf } from './tables';

/**
 * A contraction of i32, one output element at a time. Descriptor, in 32-bit words: out, a, b,
 * number of out axes, number of k axes, extents of out, strides of a, strides of b, extents of k,
 * strides of a, strides of b.
 */
export function contractInteger(d: usize): void {
  let out = <usize>i32.load(d);
  const a = <usize>i32.load(d, 4);
  const b = <usize>i32.load(d, 8);
  const axes = i32.load(d, 12);
  const kAxes = i32.load(d, 16);
  const extents = d + 20;
  const aStrides = extents + (<usize>axes << 2);
  const bStrides = aStrides + (<usize>axes << 2);
  const kExtents = bStrides + (<usize>axes << 2);
  const aTerms = kExtents + (<usize>kAxes << 2);
  const bTerms = aTerms + (<usize>kAxes << 2);
  const count = sizeOf(axes, extents);
  const terms = sizeOf(kAxes, kExtents);
  for (let o = 0; o < count; o++) {
    const p = a + (<usize>offsetOf(o, axes, extents, aStrides) << 2);
    const q = b + (<usize>offsetOf(o, axes, extents, bStrides) << 2);
    let c = 0;
    for (let k = 0; k < terms; k++) {
      const x = i32.load(p + (<usize>offsetOf(k, kAxes, kExtents, aTerms) << 2));
      c += x * i32.load(q + (<usize>offsetOf(k, kAxes, kExtents, bTerms) << 2));
    }
    i32.store(out, c);
    out += 4;
  }
}

/**
 * Half up, then zero, then the clamp. Element i takes shift and zero number (i / inner) mod
 * channels. `table`: for each channel its shift, then its zero.
 */
export function requantise(out: usize, x: usize, table: usize, channels: i32, inner: i32, low: i32, high: i32, count: i32): void {
  for (let i = 0; i < count; i++) {
    const entry = table + (<usize>((i / inner) % channels) << 3);
    const shift = <i64>i32.load(entry);
    let value = <i64>i32.load(x + (<usize>i << 2));
    if (shift > 0) value = (value + (<i64>1 << (shift - 1))) >> shift;
    value += <i64>i32.load(entry, 4);
    i32.store(out + (<usize>i << 2), <i32>max(<i64>low, min(<i64>high, value)));
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
