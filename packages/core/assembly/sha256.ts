// SHA-256 (FIPS 180-4) of four messages of one length at a time, one in each lane. SIMD has no
// rotation: each is two shifts and an exclusive or, and the vector shifts that a core can start in
// a cycle, two of four operations, are what limits the speed.

// §4.2.2.
const ROUND_CONSTANTS = memory.data<u32>(
  [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
  ],
  16,
);

// @ts-ignore: decorator
@inline
function rotate(x: v128, count: i32): v128 {
  return v128.xor(i32x4.shr_u(x, count), i32x4.shl(x, 32 - count));
}

// @ts-ignore: decorator
@inline
function xor(x: v128, y: v128, z: v128): v128 {
  return v128.xor(v128.xor(x, y), z);
}

// @ts-ignore: decorator
@inline
function swapBytes(x: v128): v128 {
  return i8x16.shuffle(x, x, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
}

// W[0] to W[15] (§6.2.2, 1): word t of the four blocks, one vector.
// @ts-ignore: decorator
@inline
function loadWords(blocks: usize, pitch: usize, schedule: usize): void {
  for (let end = blocks + 64; blocks < end; blocks += 16, schedule += 64) {
    const x0 = swapBytes(v128.load(blocks));
    const x1 = swapBytes(v128.load(blocks + pitch));
    const x2 = swapBytes(v128.load(blocks + 2 * pitch));
    const x3 = swapBytes(v128.load(blocks + 3 * pitch));
    const low01 = i32x4.shuffle(x0, x1, 0, 4, 1, 5);
    const low23 = i32x4.shuffle(x2, x3, 0, 4, 1, 5);
    const high01 = i32x4.shuffle(x0, x1, 2, 6, 3, 7);
    const high23 = i32x4.shuffle(x2, x3, 2, 6, 3, 7);
    v128.store(schedule, i64x2.shuffle(low01, low23, 0, 2));
    v128.store(schedule, i64x2.shuffle(low01, low23, 1, 3), 16);
    v128.store(schedule, i64x2.shuffle(high01, high23, 0, 2), 32);
    v128.store(schedule, i64x2.shuffle(high01, high23, 1, 3), 48);
  }
}

// W[t] of W[t - 16] at `w` and up, and W[t - 2].
// @ts-ignore: decorator
@inline
function nextWord(w: usize, before: v128): v128 {
  const x = v128.load(w, 16);
  const s0 = xor(rotate(x, 7), rotate(x, 18), i32x4.shr_u(x, 3));
  const s1 = xor(rotate(before, 17), rotate(before, 19), i32x4.shr_u(before, 10));
  return i32x4.add(s1, i32x4.add(v128.load(w, 9 * 16), i32x4.add(s0, v128.load(w))));
}

// W[16] to W[63]. Two at a time, so that each finds the last but one in a register.
// @ts-ignore: decorator
@inline
function extend(schedule: usize): void {
  let even = v128.load(schedule, 14 * 16);
  let odd = v128.load(schedule, 15 * 16);
  for (let w = schedule, end = schedule + 48 * 16; w < end; w += 32) {
    even = nextWord(w, even);
    v128.store(w, even, 256);
    odd = nextWord(w + 16, odd);
    v128.store(w, odd, 272);
  }
}

// T1 (§6.2.2, 3) of round t.
// @ts-ignore: decorator
@inline
function first(e: v128, f: v128, g: v128, h: v128, w: usize, k: usize, t: usize): v128 {
  const word = i32x4.add(v128.load(w + (t << 4)), v128.load32_splat(k + (t << 2)));
  const choice = v128.bitselect(f, g, e);
  const sum = xor(rotate(e, 6), rotate(e, 11), rotate(e, 25));
  return i32x4.add(i32x4.add(i32x4.add(h, word), choice), sum);
}

// T2. Where a and b agree they are the majority, elsewhere c is.
// @ts-ignore: decorator
@inline
function second(a: v128, b: v128, c: v128): v128 {
  const majority = v128.bitselect(c, a, v128.xor(a, b));
  return i32x4.add(xor(rotate(a, 2), rotate(a, 13), rotate(a, 22)), majority);
}

/**
 * The digests, 32 bytes each, of four messages of `blocks` blocks of 64 bytes, padded (§5.1.1),
 * which lie `pitch` bytes apart. `schedule`: 1,024 bytes.
 */
export function sha256(messages: usize, pitch: usize, blocks: i32, out: usize, schedule: usize): void {
  // §5.3.3.
  let h0 = i32x4.splat(0x6a09e667);
  let h1 = i32x4.splat(0xbb67ae85);
  let h2 = i32x4.splat(0x3c6ef372);
  let h3 = i32x4.splat(0xa54ff53a);
  let h4 = i32x4.splat(0x510e527f);
  let h5 = i32x4.splat(0x9b05688c);
  let h6 = i32x4.splat(0x1f83d9ab);
  let h7 = i32x4.splat(0x5be0cd19);
  for (; blocks > 0; blocks--, messages += 64) {
    loadWords(messages, pitch, schedule);
    extend(schedule);
    let a = h0;
    let b = h1;
    let c = h2;
    let d = h3;
    let e = h4;
    let f = h5;
    let g = h6;
    let h = h7;
    // Eight rounds, after which each variable has its own name again; h is T1 for a moment.
    for (let w = schedule, k = ROUND_CONSTANTS, end = schedule + 1024; w < end; w += 128, k += 32) {
      h = first(e, f, g, h, w, k, 0);
      d = i32x4.add(d, h);
      h = i32x4.add(h, second(a, b, c));
      g = first(d, e, f, g, w, k, 1);
      c = i32x4.add(c, g);
      g = i32x4.add(g, second(h, a, b));
      f = first(c, d, e, f, w, k, 2);
      b = i32x4.add(b, f);
      f = i32x4.add(f, second(g, h, a));
      e = first(b, c, d, e, w, k, 3);
      a = i32x4.add(a, e);
      e = i32x4.add(e, second(f, g, h));
      d = first(a, b, c, d, w, k, 4);
      h = i32x4.add(h, d);
      d = i32x4.add(d, second(e, f, g));
      c = first(h, a, b, c, w, k, 5);
      g = i32x4.add(g, c);
      c = i32x4.add(c, second(d, e, f));
      b = first(g, h, a, b, w, k, 6);
      f = i32x4.add(f, b);
      b = i32x4.add(b, second(c, d, e));
      a = first(f, g, h, a, w, k, 7);
      e = i32x4.add(e, a);
      a = i32x4.add(a, second(b, c, d));
    }
    h0 = i32x4.add(h0, a);
    h1 = i32x4.add(h1, b);
    h2 = i32x4.add(h2, c);
    h3 = i32x4.add(h3, d);
    h4 = i32x4.add(h4, e);
    h5 = i32x4.add(h5, f);
    h6 = i32x4.add(h6, g);
    h7 = i32x4.add(h7, h);
  }
  v128.store(schedule, h0, 0);
  v128.store(schedule, h1, 16);
  v128.store(schedule, h2, 32);
  v128.store(schedule, h3, 48);
  v128.store(schedule, h4, 64);
  v128.store(schedule, h5, 80);
  v128.store(schedule, h6, 96);
  v128.store(schedule, h7, 112);
  for (let i: usize = 0; i < 32; i += 4) {
    const word = swapBytes(v128.load(schedule + 4 * i));
    v128.store_lane<u32>(out + i, word, 0);
    v128.store_lane<u32>(out + i, word, 1, 32);
    v128.store_lane<u32>(out + i, word, 2, 64);
    v128.store_lane<u32>(out + i, word, 3, 96);
  }
}
