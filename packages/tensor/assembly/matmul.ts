// C (M,N) = A (M,K) B (K,N), each element the sequential loop c = +0; c = c + a*b over k ascending, every step rounded to f32.
//
// Packed 4x8 micro-kernel: A in panels of 4 rows, B in panels of 8 columns, blocks of KC terms and NC columns. Between two
// blocks of k the partial sums wait in C as f32, which loses nothing, so blocking does not change one bit. Transposition is a
// matter of packing: element (i,k) of A lies at a + i*ai + k*ak, so forward pass, dX and dW are one kernel.

const KC: i32 = 256;
const NC: i32 = 256;
const MC: i32 = 128;

// Packs `lines` lines (4 or 8 of them at a time, `width`) of `terms` terms: out[k*width + l] = p[l*line + k*term]; absent lines 0.
// @ts-ignore: decorator
@inline
function pack(p: usize, line: i32, term: i32, lines: i32, terms: i32, width: i32, out: usize): void {
  if (lines == width && line == 1) {
    for (let k = 0; k < terms; k++) {
      v128.store(out, v128.load(p));
      if (width == 8) v128.store(out, v128.load(p, 16), 16);
      out += <usize>width << 2;
      p += <usize>term << 2;
    }
  } else if (lines == width && term == 1) {
    for (let l = 0; l < width; l += 4) packTransposed(p + (<usize>(l * line) << 2), line, terms, width, out + (<usize>l << 2));
  } else {
    for (let k = 0; k < terms; k++) {
      for (let l = 0; l < width; l++) {
        f32.store(out + (<usize>l << 2), l < lines ? f32.load(p + (<usize>(l * line + k * term) << 2)) : 0);
      }
      out += <usize>width << 2;
    }
  }
}

// Four lines of contiguous terms, by 4x4 transposes.
function packTransposed(p: usize, line: i32, terms: i32, width: i32, out: usize): void {
  const step = <usize>line << 2;
  const stride = <usize>width << 2;
  const p1 = p + step;
  const p2 = p1 + step;
  const p3 = p2 + step;
  let k = 0;
  for (; k + 4 <= terms; k += 4) {
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
  for (; k < terms; k++) {
    const at = <usize>k << 2;
    f32.store(out, f32.load(p + at));
    f32.store(out, f32.load(p1 + at), 4);
    f32.store(out, f32.load(p2 + at), 8);
    f32.store(out, f32.load(p3 + at), 12);
    out += stride;
  }
}

function packRows(p: usize, line: i32, term: i32, lines: i32, terms: i32, out: usize): void {
  pack(p, line, term, lines, terms, 4, out);
}

function packColumns(p: usize, line: i32, term: i32, lines: i32, terms: i32, out: usize): void {
  pack(p, line, term, lines, terms, 8, out);
}

// One 4x8 tile at c (row stride `row` bytes), continued from what is there unless `first`.
function tile(a: usize, b: usize, terms: i32, c: usize, row: usize, first: bool): void {
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  const c1 = c + row;
  const c2 = c1 + row;
  const c3 = c2 + row;
  if (!first) {
    c00 = v128.load(c);
    c01 = v128.load(c, 16);
    c10 = v128.load(c1);
    c11 = v128.load(c1, 16);
    c20 = v128.load(c2);
    c21 = v128.load(c2, 16);
    c30 = v128.load(c3);
    c31 = v128.load(c3, 16);
  }
  const end = a + (<usize>terms << 4);
  while (a < end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    c00 = f32x4.add(c00, f32x4.mul(x, b0));
    c01 = f32x4.add(c01, f32x4.mul(x, b1));
    x = v128.load32_splat(a, 4);
    c10 = f32x4.add(c10, f32x4.mul(x, b0));
    c11 = f32x4.add(c11, f32x4.mul(x, b1));
    x = v128.load32_splat(a, 8);
    c20 = f32x4.add(c20, f32x4.mul(x, b0));
    c21 = f32x4.add(c21, f32x4.mul(x, b1));
    x = v128.load32_splat(a, 12);
    c30 = f32x4.add(c30, f32x4.mul(x, b0));
    c31 = f32x4.add(c31, f32x4.mul(x, b1));
    a += 16;
    b += 32;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(c1, c10);
  v128.store(c1, c11, 16);
  v128.store(c2, c20);
  v128.store(c2, c21, 16);
  v128.store(c3, c30);
  v128.store(c3, c31, 16);
}

// A tile that sticks out of C: computed in a whole tile of scratch, of which the inner part is copied.
function edgeTile(a: usize, b: usize, terms: i32, c: usize, row: usize, rows: i32, columns: i32, first: bool, spare: usize): void {
  const bytes = <usize>columns << 2;
  if (!first) for (let i = 0; i < rows; i++) memory.copy(spare + (<usize>i << 5), c + <usize>i * row, bytes);
  tile(a, b, terms, spare, 32, first);
  for (let i = 0; i < rows; i++) memory.copy(c + <usize>i * row, spare + (<usize>i << 5), bytes);
}

/**
 * Element (i,k) of A at a + 4*(i*ai + k*ak), element (k,j) of B at b + 4*(k*bk + j*bj), C row-major at c.
 * `scratch`: 128 bytes for a spare tile, then 4*MC*KC bytes for A, then 4*KC*NC bytes for B; 16-byte aligned.
 */
export function matmul(a: usize, ai: i32, ak: i32, b: usize, bk: i32, bj: i32, c: usize, M: i32, N: i32, K: i32, scratch: usize): void {
  const packedA = scratch + 128;
  const packedB = packedA + <usize>(4 * MC * KC);
  const row = <usize>N << 2;
  for (let j0 = 0; j0 < N; j0 += NC) {
    const columns = min(NC, N - j0);
    for (let k0 = 0; k0 < K; k0 += KC) {
      const terms = min(KC, K - k0);
      for (let j = 0; j < columns; j += 8) {
        packColumns(b + (<usize>(k0 * bk + (j0 + j) * bj) << 2), bj, bk, min(8, columns - j), terms, packedB + (<usize>(j * terms) << 2));
      }
      for (let i0 = 0; i0 < M; i0 += MC) {
        const rows = min(MC, M - i0);
        for (let i = 0; i < rows; i += 4) {
          packRows(a + (<usize>((i0 + i) * ai + k0 * ak) << 2), ai, ak, min(4, rows - i), terms, packedA + (<usize>(i * terms) << 2));
        }
        for (let j = 0; j < columns; j += 8) {
          const panelB = packedB + (<usize>(j * terms) << 2);
          for (let i = 0; i < rows; i += 4) {
            const panelA = packedA + (<usize>(i * terms) << 2);
            const at = c + <usize>(i0 + i) * row + (<usize>(j0 + j) << 2);
            if (rows - i >= 4 && columns - j >= 8) tile(panelA, panelB, terms, at, row, k0 == 0);
            else edgeTile(panelA, panelB, terms, at, row, min(4, rows - i), min(8, columns - j), k0 == 0, scratch);
          }
        }
      }
    }
  }
}
