// Products of matrices: C (M,N) = A (M,K) B (K,N). In f32 each element is the sequential loop c =
// +0; c = c + a*b over k ascending, every step rounded; of bytes it is the exact sum in i32, two
// terms at a time (i32x4.dot_i16x8_s), in any order.
//
// Tiles of 3 rows and 12 columns: 9 sums, 3 factors of A, one vector of B and one product are 14 of
// the 15 vector registers that V8 has to give on x64; 18 multiplications and additions stand
// against 6 loads. (On a Zen 4 core 4x8 reaches 80 % of what registers alone would do, 3x12 91 %;
// 2x20 as much, but less once A comes from the second-level cache; 4x12 does not fit and falls to
// half.) The loop over k is written out eight times, because a core that can start four vector
// operations a cycle is otherwise held up by the counting.
//
// Between two blocks of k the partial sums wait in C, which loses nothing, so blocking does not
// change one bit. Transposition is a matter of packing: element (i,k) of A lies at a + i*ai + k*ak,
// so forward pass, dX and dW are one kernel.

import { finish, prepareFinish } from './map';

export const ROWS: i32 = 3;
export const COLUMNS: i32 = 12;
// A panel of B, 12 x 384 words, is 18 kB and stays in the first-level cache (32 kB) while panels of
// A, 4.5 kB each, pass by.
const KC: i32 = 384;
// The packed block of A is 288 kB: a share of a second-level cache. That of B, 1.6 MB, need not
// fit, since each panel is used for a whole block of A; A is packed again for each.
const MC: i32 = 192;
const NC: i32 = 1032;
// Bytes between panels: the last vector of a panel of A reaches beyond it, and panels that lie
// powers of two apart would share few places in the cache while all of them are written, term by
// term.
const GAP: usize = 64;
// Bytes of a spare tile, then of the packed block of A.
const SPARE: usize = 192;
const PACKED_A: usize = 4 * MC * KC + (MC / ROWS) * GAP;

// @ts-ignore: decorator
@inline
export function multiplyAdd<T>(c: v128, x: v128, y: v128): v128 {
  if (isFloat<T>()) return f32x4.add(c, f32x4.mul(x, y));
  return i32x4.add(c, sizeof<T>() == 2 ? i32x4.dot_i16x8_s(x, y) : i32x4.mul(x, y));
}

// One tile at c (row stride `row` bytes), continued from what is there unless `first`. A word is an
// f32, an i32, or two terms of 16 bits (i16).
export function tile<T>(a: usize, b: usize, words: i32, c: usize, row: usize, first: bool): void {
  let c00 = i32x4.splat(0);
  let c01 = c00;
  let c02 = c00;
  let c10 = c00;
  let c11 = c00;
  let c12 = c00;
  let c20 = c00;
  let c21 = c00;
  let c22 = c00;
  const c1 = c + row;
  const c2 = c1 + row;
  if (!first) {
    c00 = v128.load(c);
    c01 = v128.load(c, 16);
    c02 = v128.load(c, 32);
    c10 = v128.load(c1);
    c11 = v128.load(c1, 16);
    c12 = v128.load(c1, 32);
    c20 = v128.load(c2);
    c21 = v128.load(c2, 16);
    c22 = v128.load(c2, 32);
  }
  let x0 = c00;
  let x1 = c00;
  let x2 = c00;
  let y = c00;
  const whole = a + <usize>(words >> 3) * 96;
  while (a < whole) {
    // Nothing uses these: they bring A, which comes from the second-level cache, three turns ahead.
    i32.load(a, 288);
    i32.load(a, 352);
    x0 = v128.load32_splat(a);
    x1 = v128.load32_splat(a, 4);
    x2 = v128.load32_splat(a, 8);
    y = v128.load(b); c00 = multiplyAdd<T>(c00, x0, y); c10 = multiplyAdd<T>(c10, x1, y); c20 = multiplyAdd<T>(c20, x2, y);
    y = v128.load(b, 16); c01 = multiplyAdd<T>(c01, x0, y); c11 = multiplyAdd<T>(c11, x1, y); c21 = multiplyAdd<T>(c21, x2, y);
    y = v128.load(b, 32); c02 = multiplyAdd<T>(c02, x0, y); c12 = multiplyAdd<T>(c12, x1, y); c22 = multiplyAdd<T>(c22, x2, y);
    x0 = v128.load32_splat(a, 12);
    x1 = v128.load32_splat(a, 16);
    x2 = v128.load32_splat(a, 20);
    y = v128.load(b, 48); c00 = multiplyAdd<T>(c00, x0, y); c10 = multiplyAdd<T>(c10, x1, y); c20 = multiplyAdd<T>(c20, x2, y);
    y = v128.load(b, 64); c01 = multiplyAdd<T>(c01, x0, y); c11 = multiplyAdd<T>(c11, x1, y); c21 = multiplyAdd<T>(c21, x2, y);
    y = v128.load(b, 80); c02 = multiplyAdd<T>(c02, x0, y); c12 = multiplyAdd<T>(c12, x1, y); c22 = multiplyAdd<T>(c22, x2, y);
    x0 = v128.load32_splat(a, 24);
    x1 = v128.load32_splat(a, 28);
    x2 = v128.load32_splat(a, 32);
    y = v128.load(b, 96); c00 = multiplyAdd<T>(c00, x0, y); c10 = multiplyAdd<T>(c10, x1, y); c20 = multiplyAdd<T>(c20, x2, y);
    y = v128.load(b, 112); c01 = multiplyAdd<T>(c01, x0, y); c11 = multiplyAdd<T>(c11, x1, y); c21 = multiplyAdd<T>(c21, x2, y);
    y = v128.load(b, 128); c02 = multiplyAdd<T>(c02, x0, y); c12 = multiplyAdd<T>(c12, x1, y); c22 = multiplyAdd<T>(c22, x2, y);
    x0 = v128.load32_splat(a, 36);
    x1 = v128.load32_splat(a, 40);
    x2 = v128.load32_splat(a, 44);
    y = v128.load(b, 144); c00 = multiplyAdd<T>(c00, x0, y); c10 = multiplyAdd<T>(c10, x1, y); c20 = multiplyAdd<T>(c20, x2, y);
    y = v128.load(b, 160); c01 = multiplyAdd<T>(c01, x0, y); c11 = multiplyAdd<T>(c11, x1, y); c21 = multiplyAdd<T>(c21, x2, y);
    y = v128.load(b, 176); c02 = multiplyAdd<T>(c02, x0, y); c12 = multiplyAdd<T>(c12, x1, y); c22 = multiplyAdd<T>(c22, x2, y);
    x0 = v128.load32_splat(a, 48);
    x1 = v128.load32_splat(a, 52);
    x2 = v128.load32_splat(a, 56);
    y = v128.load(b, 192); c00 = multiplyAdd<T>(c00, x0, y); c10 = multiplyAdd<T>(c10, x1, y); c20 = multiplyAdd<T>(c20, x2, y);
    y = v128.load(b, 208); c01 = multiplyAdd<T>(c01, x0, y); c11 = multiplyAdd<T>(c11, x1, y); c21 = multiplyAdd<T>(c21, x2, y);
    y = v128.load(b, 224); c02 = multiplyAdd<T>(c02, x0, y); c12 = multiplyAdd<T>(c12, x1, y); c22 = multiplyAdd<T>(c22, x2, y);
    x0 = v128.load32_splat(a, 60);
    x1 = v128.load32_splat(a, 64);
    x2 = v128.load32_splat(a, 68);
    y = v128.load(b, 240); c00 = multiplyAdd<T>(c00, x0, y); c10 = multiplyAdd<T>(c10, x1, y); c20 = multiplyAdd<T>(c20, x2, y);
    y = v128.load(b, 256); c01 = multiplyAdd<T>(c01, x0, y); c11 = multiplyAdd<T>(c11, x1, y); c21 = multiplyAdd<T>(c21, x2, y);
    y = v128.load(b, 272); c02 = multiplyAdd<T>(c02, x0, y); c12 = multiplyAdd<T>(c12, x1, y); c22 = multiplyAdd<T>(c22, x2, y);
    x0 = v128.load32_splat(a, 72);
    x1 = v128.load32_splat(a, 76);
    x2 = v128.load32_splat(a, 80);
    y = v128.load(b, 288); c00 = multiplyAdd<T>(c00, x0, y); c10 = multiplyAdd<T>(c10, x1, y); c20 = multiplyAdd<T>(c20, x2, y);
    y = v128.load(b, 304); c01 = multiplyAdd<T>(c01, x0, y); c11 = multiplyAdd<T>(c11, x1, y); c21 = multiplyAdd<T>(c21, x2, y);
    y = v128.load(b, 320); c02 = multiplyAdd<T>(c02, x0, y); c12 = multiplyAdd<T>(c12, x1, y); c22 = multiplyAdd<T>(c22, x2, y);
    x0 = v128.load32_splat(a, 84);
    x1 = v128.load32_splat(a, 88);
    x2 = v128.load32_splat(a, 92);
    y = v128.load(b, 336); c00 = multiplyAdd<T>(c00, x0, y); c10 = multiplyAdd<T>(c10, x1, y); c20 = multiplyAdd<T>(c20, x2, y);
    y = v128.load(b, 352); c01 = multiplyAdd<T>(c01, x0, y); c11 = multiplyAdd<T>(c11, x1, y); c21 = multiplyAdd<T>(c21, x2, y);
    y = v128.load(b, 368); c02 = multiplyAdd<T>(c02, x0, y); c12 = multiplyAdd<T>(c12, x1, y); c22 = multiplyAdd<T>(c22, x2, y);
    a += 96;
    b += 384;
  }
  const end = a + <usize>(words & 7) * 12;
  while (a < end) {
    x0 = v128.load32_splat(a);
    x1 = v128.load32_splat(a, 4);
    x2 = v128.load32_splat(a, 8);
    y = v128.load(b); c00 = multiplyAdd<T>(c00, x0, y); c10 = multiplyAdd<T>(c10, x1, y); c20 = multiplyAdd<T>(c20, x2, y);
    y = v128.load(b, 16); c01 = multiplyAdd<T>(c01, x0, y); c11 = multiplyAdd<T>(c11, x1, y); c21 = multiplyAdd<T>(c21, x2, y);
    y = v128.load(b, 32); c02 = multiplyAdd<T>(c02, x0, y); c12 = multiplyAdd<T>(c12, x1, y); c22 = multiplyAdd<T>(c22, x2, y);
    a += 12;
    b += 48;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(c, c02, 32);
  v128.store(c1, c10);
  v128.store(c1, c11, 16);
  v128.store(c1, c12, 32);
  v128.store(c2, c20);
  v128.store(c2, c21, 16);
  v128.store(c2, c22, 32);
}

// A tile that sticks out of C: computed in a whole tile of scratch, of which the inner part is
// copied. (By words: memory.copy is a call out of the module, which takes longer than a row.)
function edgeTile<T>(a: usize, b: usize, words: i32, c: usize, row: usize, rows: i32, columns: i32, first: bool, spare: usize): void {
  if (!first) copyTile(c, row, spare, 48, rows, columns);
  tile<T>(a, b, words, spare, 48, first);
  copyTile(spare, 48, c, row, rows, columns);
}

function copyTile(from: usize, fromRow: usize, to: usize, toRow: usize, rows: i32, columns: i32): void {
  const bytes = <usize>columns << 2;
  for (let i = 0; i < rows; i++, from += fromRow, to += toRow) {
    for (let at: usize = 0; at < bytes; at += 4) i32.store(to + at, i32.load(from + at));
  }
}

// Lines that lie together: each term is a few vectors, of `vectors` whole ones a panel. What the
// last one carries beyond its panel is overwritten by the next term, or lies in the gap between
// panels; what it carries beyond the matrix is computed with and thrown away.
// @ts-ignore: decorator
@inline
function packTogether(p: usize, term: usize, panels: i32, terms: i32, vectors: i32, rowBytes: usize, panelBytes: usize, out: usize): void {
  for (let k = 0; k < terms; k++, p += term, out += rowBytes) {
    let from = p;
    let to = out;
    for (let panel = 0; panel < panels; panel++, from += rowBytes, to += panelBytes) {
      v128.store(to, v128.load(from));
      if (vectors > 1) v128.store(to, v128.load(from, 16), 16);
      if (vectors > 1) v128.store(to, v128.load(from, 32), 32);
    }
  }
}

// Four lines of contiguous words, transposed four by four; `out` advances by `stride` bytes a word.
// Of `lines` lines the last stands in for those that are absent.
function packTransposed(p: usize, line: usize, lines: i32, words: i32, stride: usize, out: usize): void {
  const p1 = lines > 1 ? p + line : p;
  const p2 = lines > 2 ? p1 + line : p1;
  const p3 = lines > 3 ? p2 + line : p2;
  let k = 0;
  for (; k + 4 <= words; k += 4) {
    const at = <usize>k << 2;
    const r0 = v128.load(p + at);
    const r1 = v128.load(p1 + at);
    const r2 = v128.load(p2 + at);
    const r3 = v128.load(p3 + at);
    const a = v128.shuffle<i32>(r0, r1, 0, 4, 1, 5);
    const b = v128.shuffle<i32>(r2, r3, 0, 4, 1, 5);
    const c = v128.shuffle<i32>(r0, r1, 2, 6, 3, 7);
    const d = v128.shuffle<i32>(r2, r3, 2, 6, 3, 7);
    v128.store(out, v128.shuffle<i64>(a, b, 0, 2));
    v128.store(out + stride, v128.shuffle<i64>(a, b, 1, 3));
    v128.store(out + 2 * stride, v128.shuffle<i64>(c, d, 0, 2));
    v128.store(out + 3 * stride, v128.shuffle<i64>(c, d, 1, 3));
    out += 4 * stride;
  }
  for (; k < words; k++) {
    const at = <usize>k << 2;
    i32.store(out, i32.load(p + at));
    i32.store(out, i32.load(p1 + at), 4);
    i32.store(out, i32.load(p2 + at), 8);
    i32.store(out, i32.load(p3 + at), 12);
    out += stride;
  }
}

// Three lines of contiguous words, woven: out[3*k + l] = line l, word k. Absent lines as above.
function packWoven(p: usize, line: usize, lines: i32, words: i32, out: usize): void {
  const p1 = lines > 1 ? p + line : p;
  const p2 = lines > 2 ? p1 + line : p1;
  let k = 0;
  for (; k + 4 <= words; k += 4) {
    const at = <usize>k << 2;
    const r0 = v128.load(p + at);
    const r1 = v128.load(p1 + at);
    const r2 = v128.load(p2 + at);
    const low = v128.shuffle<i32>(r0, r1, 0, 4, 1, 5);
    const high = v128.shuffle<i32>(r0, r1, 2, 6, 3, 7);
    v128.store(out, v128.shuffle<i32>(low, r2, 0, 1, 4, 2));
    v128.store(out, v128.shuffle<i64>(v128.shuffle<i32>(low, r2, 3, 5, 0, 0), high, 0, 2), 16);
    v128.store(out, v128.shuffle<i32>(high, r2, 6, 2, 3, 7), 32);
    out += 48;
  }
  for (; k < words; k++) {
    const at = <usize>k << 2;
    i32.store(out, i32.load(p + at));
    i32.store(out, i32.load(p1 + at), 4);
    i32.store(out, i32.load(p2 + at), 8);
    out += 12;
  }
}

// A panel of `width` lines, one element at a time; absent lines are 0. `line` and `term` are in
// bytes.
function packLines(p: usize, line: usize, term: usize, lines: i32, terms: i32, width: i32, out: usize): void {
  for (let k = 0; k < terms; k++) {
    for (let l = 0; l < width; l++) {
      i32.store(out + (<usize>l << 2), l < lines ? i32.load(p + <usize>l * line + <usize>k * term) : 0);
    }
    out += <usize>width << 2;
  }
}

// The same of bytes, two terms to a word.
function packByteLines(p: usize, line: usize, term: usize, lines: i32, terms: i32, width: i32, out: usize): void {
  for (let k = 0; k < terms; k += 2) {
    for (let l = 0; l < width; l++) {
      const at = p + <usize>l * line + <usize>k * term;
      const low = l < lines ? <i32>load<i8>(at) & 0xffff : 0;
      const high = l < lines && k + 1 < terms ? <i32>load<i8>(at + term) << 16 : 0;
      i32.store(out + (<usize>l << 2), low | high);
    }
    out += <usize>width << 2;
  }
}

// Twelve columns of bytes that lie together, two rows of them woven into words.
function packByteColumns(p: usize, term: usize, terms: i32, out: usize): void {
  let k = 0;
  for (; k + 2 <= terms; k += 2) {
    const q = p + term;
    const low = v128.load_ext<i8>(p);
    const high = v128.load_ext<i8>(q);
    v128.store(out, v128.shuffle<i16>(low, high, 0, 8, 1, 9, 2, 10, 3, 11));
    v128.store(out, v128.shuffle<i16>(low, high, 4, 12, 5, 13, 6, 14, 7, 15), 16);
    // The last four of twelve, read from the fifth on so that nothing beyond them is touched.
    const low4 = v128.load_ext<i8>(p, 4);
    const high4 = v128.load_ext<i8>(q, 4);
    v128.store(out, v128.shuffle<i16>(low4, high4, 4, 12, 5, 13, 6, 14, 7, 15), 32);
    p += term << 1;
    out += 48;
  }
  if (k < terms) packByteLines(p, 1, term, COLUMNS, 1, COLUMNS, out);
}

// A line of bytes that lie together, two to a word; the words of a panel's lines lie `stride` bytes
// apart.
function packByteLine(p: usize, terms: i32, stride: usize, out: usize): void {
  let k = 0;
  for (; k + 8 <= terms; k += 8) {
    const words = v128.load_ext<i8>(p + <usize>k);
    v128.store_lane<i32>(out, words, 0);
    v128.store_lane<i32>(out + stride, words, 1);
    v128.store_lane<i32>(out + 2 * stride, words, 2);
    v128.store_lane<i32>(out + 3 * stride, words, 3);
    out += 4 * stride;
  }
  for (; k < terms; k += 2) {
    const low = <i32>load<i8>(p + <usize>k) & 0xffff;
    const high = k + 1 < terms ? <i32>load<i8>(p + <usize>k + 1) << 16 : 0;
    i32.store(out, low | high);
    out += stride;
  }
}

// A block of A (`width` ROWS) or of B (COLUMNS) as panels, `panelBytes` apart.
// @ts-ignore: decorator
@inline
function packBlock<T>(p: usize, line: usize, term: usize, lines: i32, terms: i32, width: i32, panelBytes: usize, out: usize): void {
  const rowBytes = <usize>width << 2;
  if (isFloat<T>() && line == 4) {
    packTogether(p, term, (lines + width - 1) / width, terms, width >> 2, rowBytes, panelBytes, out);
    return;
  }
  for (let l = 0; l < lines; l += width, p += line * width, out += panelBytes) {
    packPanel<T>(p, line, term, min(width, lines - l), terms, width, out);
  }
}

// `terms` terms of at most `width` lines.
// @ts-ignore: decorator
@inline
function packPanel<T>(p: usize, line: usize, term: usize, lines: i32, terms: i32, width: i32, out: usize): void {
  if (isFloat<T>()) {
    if (term != 4) packLines(p, line, term, lines, terms, width, out);
    else if (width == ROWS) packWoven(p, line, lines, terms, out);
    else for (let l = 0; l < lines; l += 4) packTransposed(p + <usize>l * line, line, lines - l, terms, 48, out + (<usize>l << 2));
  } else {
    if (line == 1 && width == COLUMNS) packByteColumns(p, term, terms, out);
    else if (lines == width && term == 1) {
      for (let l = 0; l < width; l++) packByteLine(p + <usize>l * line, terms, <usize>width << 2, out + (<usize>l << 2));
    } else packByteLines(p, line, term, lines, terms, width, out);
  }
}

// Strides of A and B in bytes; `row` is the stride of C in bytes.
function multiply<T>(a: usize, ai: usize, ak: usize, b: usize, bk: usize, bj: usize, c: usize, row: usize, M: i32, N: i32, K: i32, then: usize, scratch: usize, registers: usize): void {
  if (then != 0) prepareFinish(then, registers);
  const perWord = isFloat<T>() ? 1 : 2;
  const packedA = scratch + SPARE;
  const packedB = packedA + PACKED_A;
  // Blocks of equal size: a short last one would pay as much for reading and writing C as a long
  // one.
  const blocks = (K + KC * perWord - 1) / (KC * perWord);
  const step = ((K + blocks - 1) / blocks + 15) & ~15;
  for (let j0 = 0; j0 < N; j0 += NC) {
    const columns = min(NC, N - j0);
    for (let k0 = 0; k0 < K; k0 += step) {
      const terms = min(step, K - k0);
      const words = isFloat<T>() ? terms : (terms + 1) >> 1;
      const panelA = <usize>words * (4 * ROWS) + GAP;
      const panelB = <usize>words * (4 * COLUMNS) + GAP;
      packBlock<T>(b + <usize>k0 * bk + <usize>j0 * bj, bj, bk, columns, terms, COLUMNS, panelB, packedB);
      for (let i0 = 0; i0 < M; i0 += MC) {
        const rows = min(MC, M - i0);
        packBlock<T>(a + <usize>i0 * ai + <usize>k0 * ak, ai, ak, rows, terms, ROWS, panelA, packedA);
        let atB = packedB;
        for (let j = 0; j < columns; j += COLUMNS, atB += panelB) {
          let atA = packedA;
          let at = c + <usize>i0 * row + (<usize>(j0 + j) << 2);
          for (let i = 0; i < rows; i += ROWS, atA += panelA, at += ROWS * row) {
            if (rows - i >= ROWS && columns - j >= COLUMNS) tile<T>(atA, atB, words, at, row, k0 == 0);
            else edgeTile<T>(atA, atB, words, at, row, min(ROWS, rows - i), min(COLUMNS, columns - j), k0 == 0, scratch);
          }
        }
        if (then != 0 && k0 + terms == K) {
          for (let i = 0; i < rows; i++) finish(then, c + <usize>(i0 + i) * row + (<usize>j0 << 2), columns, registers);
        }
      }
    }
  }
}

/**
 * f32: element (i,k) of A at a + 4*(i*ai + k*ak), element (k,j) of B at b + 4*(k*bk + j*bj),
 * element (i,j) of C at c + 4*(i*ci + j). `then`: a program that finishes C (`finish` in map.ts),
 * or 0. `scratch`: `productScratchBytes` of src/kernels/instance.ts, 16-byte aligned.
 */
export function matmul(a: usize, ai: i32, ak: i32, b: usize, bk: i32, bj: i32, c: usize, ci: i32, M: i32, N: i32, K: i32, then: usize, scratch: usize, registers: usize): void {
  multiply<f32>(a, <usize>ai << 2, <usize>ak << 2, b, <usize>bk << 2, <usize>bj << 2, c, <usize>ci << 2, M, N, K, then, scratch, registers);
}

/**
 * The same of signed bytes at a + i*ai + k*ak and b + k*bk + j*bj into i32; exact as long as K <
 * 2^17 (2^17 * 2^14 = 2^31).
 */
export function matmulInt8(a: usize, ai: i32, ak: i32, b: usize, bk: i32, bj: i32, c: usize, ci: i32, M: i32, N: i32, K: i32, then: usize, scratch: usize, registers: usize): void {
  multiply<i16>(a, <usize>ai, <usize>ak, b, <usize>bk, <usize>bj, c, <usize>ci << 2, M, N, K, then, scratch, registers);
}
