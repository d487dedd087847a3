// Contractions over any affine reads. Each axis of the output is read by the left factor only (a
// row), by the right one only (a column), or by both (a batch); the rest is a matrix product whose
// rows, columns and terms lie anywhere: convolutions, their two derivatives and attention are such
// products, and none of their patches is ever written out.
//
// C (M,N) = A (M,K) B (K,N) per batch, each element the sequential loop c = +0; c = c + a*b over k
// ascending, every step rounded to f32. Blocks of terms are packed into the panels of matmul.ts,
// through tables of offsets; between two blocks the partial sums wait in C as f32, which loses
// nothing, so blocking does not change one bit. Sums of i32 are mod 2^32, in any order; where both
// factors fit 16 bits, two terms are packed into a word and multiplied at once.
import { finish, prepareFinish } from './map';
import { COLUMNS, multiplyAdd, ROWS, tile } from './matmul';
import { pack } from './pack';
import { padOffsets, sizeOf, writeOffsets, writeRuns } from './tables';

const KC: i32 = 512; // terms of a block: a panel of B (24 kB) and one of A (6 kB) stay in the first-level cache
const NC: i32 = 240; // columns of a block: 480 kB of packed B, in the second-level cache
const MC: i32 = 126;
// Up to so many rows, packing a panel of B costs more than it saves: where neighbouring columns lie
// together, vectors are loaded from there.
const DIRECT_ROWS: i32 = 12;

// Scratch: a spare tile, tables of offsets and runs, pieces of one panel, packed A, packed B;
// within `productScratchBytes` of src/kernels/instance.ts.
const ROW_A: usize = 192;
const ROW_C: usize = ROW_A + 4 * (MC + ROWS);
const COLUMN_B: usize = ROW_C + 4 * (MC + ROWS);
const COLUMN_C: usize = COLUMN_B + 4 * (NC + COLUMNS);
const COLUMN_RUNS: usize = COLUMN_C + 4 * NC;
const RUNS_OF_B: usize = COLUMN_RUNS + 4 * NC;
const TERM_A: usize = RUNS_OF_B + 4 * (NC + COLUMNS);
const TERM_B: usize = TERM_A + 4 * KC;
const RUN_A: usize = TERM_B + 4 * KC;
const RUN_B: usize = RUN_A + 4 * KC;
const PIECES: usize = RUN_B + 4 * KC;
const PACKED_A: usize = PIECES + 128;
const PACKED_B: usize = PACKED_A + 4 * MC * KC + 64;

// A tile as in matmul.ts whose columns lie together where B is: term k at `b` + the offset at `table`.
function directTile<T>(a: usize, b: usize, table: usize, terms: i32, c: usize, row: usize, first: bool): void {
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
  for (const end = table + (<usize>terms << 2); table < end; table += 4, a += 12) {
    const p = b + <usize>i32.load(table);
    const x0 = v128.load32_splat(a);
    const x1 = v128.load32_splat(a, 4);
    const x2 = v128.load32_splat(a, 8);
    let y = v128.load(p);
    c00 = multiplyAdd<T>(c00, x0, y);
    c10 = multiplyAdd<T>(c10, x1, y);
    c20 = multiplyAdd<T>(c20, x2, y);
    y = v128.load(p, 16);
    c01 = multiplyAdd<T>(c01, x0, y);
    c11 = multiplyAdd<T>(c11, x1, y);
    c21 = multiplyAdd<T>(c21, x2, y);
    y = v128.load(p, 32);
    c02 = multiplyAdd<T>(c02, x0, y);
    c12 = multiplyAdd<T>(c12, x1, y);
    c22 = multiplyAdd<T>(c22, x2, y);
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

// How the neighbours of a row of outputs lie in B: apart, together, or every second element.
const APART: i32 = 0;
const NEIGHBOURS: i32 = 1;
const EVERY_SECOND: i32 = 2;

// Four elements from `p` on, `step` bytes apart. `mode` is a constant at each call.
// @ts-ignore: decorator
@inline
function four(mode: i32, p: usize, step: usize): v128 {
  if (mode == NEIGHBOURS) return v128.load(p);
  if (mode == EVERY_SECOND) return v128.shuffle<i32>(v128.load(p), v128.load(p, 16), 0, 2, 4, 6);
  const two = v128.load32_lane(p + step, v128.load32_zero(p), 1);
  return v128.load32_lane(p + 3 * step, v128.load32_lane(p + 2 * step, two, 2), 3);
}

// The first `lanes` of a vector.
// @ts-ignore: decorator
@inline
function storeLanes(to: usize, x: v128, lanes: i32): void {
  if (lanes > 3) {
    v128.store(to, x);
    return;
  }
  if (lanes > 0) v128.store32_lane(to, x, 0);
  if (lanes > 1) v128.store32_lane(to, x, 1, 4);
  if (lanes > 2) v128.store32_lane(to, x, 2, 8);
}

// Sixteen neighbouring outputs, of which the first reads at p.
// @ts-ignore: decorator
@inline
function slideSixteen(mode: i32, a: usize, p: usize, table: usize, terms: i32, c: usize, first: bool): void {
  const far: usize = mode == NEIGHBOURS ? 16 : 32;
  let c0 = f32x4.splat(0);
  let c1 = c0;
  let c2 = c0;
  let c3 = c0;
  if (!first) {
    c0 = v128.load(c);
    c1 = v128.load(c, 16);
    c2 = v128.load(c, 32);
    c3 = v128.load(c, 48);
  }
  for (const end = table + (<usize>terms << 2); table < end; table += 4, a += 4) {
    const q = p + <usize>i32.load(table);
    const x = v128.load32_splat(a);
    c0 = f32x4.add(c0, f32x4.mul(x, four(mode, q, 0)));
    c1 = f32x4.add(c1, f32x4.mul(x, four(mode, q + far, 0)));
    c2 = f32x4.add(c2, f32x4.mul(x, four(mode, q + 2 * far, 0)));
    c3 = f32x4.add(c3, f32x4.mul(x, four(mode, q + 3 * far, 0)));
  }
  v128.store(c, c0);
  v128.store(c, c1, 16);
  v128.store(c, c2, 32);
  v128.store(c, c3, 48);
}

// `rows` times `width` outputs that lie together from `c` on, of one filter `a`. A row's first
// output reads at b + its offset in `lines`; `step` bytes lie between neighbours. Four vectors at a
// time, of one row or of several. Lanes beyond a row are computed from what is there and thrown
// away; where that may lie far outside, what is left of a row comes one by one.
// @ts-ignore: decorator
@inline
function slide(mode: i32, a: usize, b: usize, lines: usize, rows: i32, width: i32, step: usize, table: usize, terms: i32, c: usize, first: bool): void {
  let row = 0;
  let column = 0;
  while (row < rows) {
    if (mode != APART && width - column >= 16) {
      const p = b + <usize>i32.load(lines + (<usize>row << 2)) + <usize>column * step;
      slideSixteen(mode, a, p, table, terms, c + (<usize>(row * width + column) << 2), first);
      column += 16;
      if (column == width) { column = 0; row++; }
      continue;
    }
    const p0 = b + <usize>i32.load(lines + (<usize>row << 2)) + <usize>column * step;
    const to0 = c + (<usize>(row * width + column) << 2);
    const lanes0 = lanesOf(mode, width - column);
    column += lanes0;
    if (column == width) { column = 0; row++; }
    // What a group of four lacks is its first vector again.
    let p1 = p0, to1 = to0, lanes1 = 0;
    let p2 = p0, to2 = to0, lanes2 = 0;
    let p3 = p0, to3 = to0, lanes3 = 0;
    if (row < rows) {
      p1 = b + <usize>i32.load(lines + (<usize>row << 2)) + <usize>column * step;
      to1 = c + (<usize>(row * width + column) << 2);
      lanes1 = lanesOf(mode, width - column);
      column += lanes1;
      if (column == width) { column = 0; row++; }
    }
    if (row < rows) {
      p2 = b + <usize>i32.load(lines + (<usize>row << 2)) + <usize>column * step;
      to2 = c + (<usize>(row * width + column) << 2);
      lanes2 = lanesOf(mode, width - column);
      column += lanes2;
      if (column == width) { column = 0; row++; }
    }
    if (row < rows) {
      p3 = b + <usize>i32.load(lines + (<usize>row << 2)) + <usize>column * step;
      to3 = c + (<usize>(row * width + column) << 2);
      lanes3 = lanesOf(mode, width - column);
      column += lanes3;
      if (column == width) { column = 0; row++; }
    }
    const step0 = lanes0 < 4 ? 0 : step;
    const step1 = lanes1 < 4 ? 0 : step;
    const step2 = lanes2 < 4 ? 0 : step;
    const step3 = lanes3 < 4 ? 0 : step;
    let c0 = f32x4.splat(0);
    let c1 = c0;
    let c2 = c0;
    let c3 = c0;
    if (!first) {
      c0 = v128.load(to0);
      c1 = v128.load(to1);
      c2 = v128.load(to2);
      c3 = v128.load(to3);
    }
    for (let k = 0, at = a; k < terms; k++, at += 4) {
      const term = <usize>i32.load(table + (<usize>k << 2));
      const x = v128.load32_splat(at);
      c0 = f32x4.add(c0, f32x4.mul(x, four(mode, p0 + term, step0)));
      c1 = f32x4.add(c1, f32x4.mul(x, four(mode, p1 + term, step1)));
      c2 = f32x4.add(c2, f32x4.mul(x, four(mode, p2 + term, step2)));
      c3 = f32x4.add(c3, f32x4.mul(x, four(mode, p3 + term, step3)));
    }
    storeLanes(to0, c0, lanes0);
    storeLanes(to1, c1, lanes1);
    storeLanes(to2, c2, lanes2);
    storeLanes(to3, c3, lanes3);
  }
}

// How many of the `left` outputs of a row one vector computes.
// @ts-ignore: decorator
@inline
function lanesOf(mode: i32, left: i32): i32 {
  return left >= 4 ? 4 : mode == APART ? 1 : left;
}

// Copies `rows` x `columns` outputs between C and the spare tile, whose rows are `row` bytes.
function gather(spare: usize, row: usize, c: usize, rows: i32, rowC: usize, columns: i32, columnC: usize): void {
  for (let i = 0; i < rows; i++, spare += row) {
    const from = c + <usize>i32.load(rowC + (<usize>i << 2));
    for (let j: usize = 0; j < <usize>columns << 2; j += 4) f32.store(spare + j, f32.load(from + <usize>i32.load(columnC + j)));
  }
}

function scatter(spare: usize, row: usize, c: usize, rows: i32, rowC: usize, columns: i32, columnC: usize): void {
  for (let i = 0; i < rows; i++, spare += row) {
    const to = c + <usize>i32.load(rowC + (<usize>i << 2));
    for (let j: usize = 0; j < <usize>columns << 2; j += 4) f32.store(to + <usize>i32.load(columnC + j), f32.load(spare + j));
  }
}

// The outputs of one panel of A and one of B: summed in place where they form a whole tile of C,
// otherwise in the spare tile.
function outputs<T>(a: usize, b: usize, direct: bool, table: usize, words: i32, c: usize, rows: i32, rowC: usize, columns: i32, columnC: usize, run: i32, first: bool, spare: usize): void {
  const row0 = i32.load(rowC);
  const row = i32.load(rowC, 4) - row0;
  if (rows == ROWS && columns == COLUMNS && run >= COLUMNS && i32.load(rowC, 8) - row0 == 2 * row) {
    const to = c + <usize>(row0 + i32.load(columnC));
    if (sizeof<T>() == 4 && direct) directTile<T>(a, b, table, words, to, row, first);
    else tile<T>(a, b, words, to, row, first);
    return;
  }
  if (!first) gather(spare, 4 * COLUMNS, c, rows, rowC, columns, columnC);
  if (sizeof<T>() == 4 && direct) directTile<T>(a, b, table, words, spare, 4 * COLUMNS, first);
  else tile<T>(a, b, words, spare, 4 * COLUMNS, first);
  scatter(spare, 4 * COLUMNS, c, rows, rowC, columns, columnC);
}

// Two terms of a packed panel to a word, in place: the first in the lower 16 bits; an odd last one
// is joined by 0. What a vector writes beyond its row was read before, or is written anew.
function joinTerms(panel: usize, width: i32, terms: i32): void {
  const row = <usize>width << 2;
  let from = panel;
  let to = panel;
  for (let k = 0; k < terms; k += 2, from += 2 * row, to += row) {
    for (let at: usize = 0; at < row; at += 16) {
      const low = v128.and(v128.load(from + at), i32x4.splat(0xffff));
      const high = k + 1 < terms ? i32x4.shl(v128.load(from + row + at), 16) : i32x4.splat(0);
      v128.store(to + at, v128.or(low, high));
    }
  }
}

// Packs a panel as words of T.
// @ts-ignore: decorator
@inline
function packWords<T>(base: usize, lines: usize, width: i32, terms: i32, table: usize, runs: usize, pieces: usize, out: usize): void {
  pack(base, lines, width, terms, table, runs, pieces, out);
  if (sizeof<T>() == 2) joinTerms(out, width, terms);
}

// All panels of a block whose columns lie together, term by term: a panel alone would touch a page
// for each term. What the last vector carries beyond is thrown away.
function packTogether(p: usize, columns: i32, terms: i32, table: usize, panelBytes: usize, out: usize): void {
  for (let k = 0; k < terms; k++, out += 4 * COLUMNS) {
    let from = p + <usize>i32.load(table + (<usize>k << 2));
    let to = out;
    for (let j = 0; j < columns; j += COLUMNS, from += 4 * COLUMNS, to += panelBytes) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
      v128.store(to, v128.load(from, 32), 32);
    }
  }
}

/**
 * Descriptor, in 32-bit words: out, a, b, a program that finishes the outputs (`finish` in
 * map.ts) or 0, then the numbers of axes of batches, rows, columns and terms; then for batches
 * extents and strides in out, a and b; for rows extents and strides in out and a; for columns
 * extents and strides in out and b; for terms extents and strides in a and b. Where outputs are to
 * be finished, all columns of a row lie together in out.
 */
export function contract(d: usize, scratch: usize, registers: usize): void {
  contractWords<f32>(d, scratch, registers);
}

/** The same of i32, mod 2^32. */
export function contractInteger(d: usize, scratch: usize, registers: usize): void {
  contractWords<i32>(d, scratch, registers);
}

/** The same of i32 that all fit 16 bits. */
export function contractShort(d: usize, scratch: usize, registers: usize): void {
  contractWords<i16>(d, scratch, registers);
}

function contractWords<T>(d: usize, scratch: usize, registers: usize): void {
  const then = <usize>i32.load(d, 12);
  const batchAxes = i32.load(d, 16);
  const rowAxes = i32.load(d, 20);
  const columnAxes = i32.load(d, 24);
  const termAxes = i32.load(d, 28);
  const batches = d + 32;
  const batchSize = <usize>batchAxes << 2;
  const rowsAt = batches + 4 * batchSize;
  const rowSize = <usize>rowAxes << 2;
  const columnsAt = rowsAt + 3 * rowSize;
  const columnSize = <usize>columnAxes << 2;
  const termsAt = columnsAt + 3 * columnSize;
  const termSize = <usize>termAxes << 2;
  const L = sizeOf(batchAxes, batches);
  const M = sizeOf(rowAxes, rowsAt);
  const N = sizeOf(columnAxes, columnsAt);
  const K = sizeOf(termAxes, termsAt);
  // Blocks of equal size, as in matmul.ts.
  const blocks = (K + KC - 1) / KC;
  const block = ((K + blocks - 1) / blocks + 15) & ~15;
  const few = sizeof<T>() == 4 && M <= DIRECT_ROWS;
  // Rows that fit are packed once for all columns, and each panel of B just before its only use: it
  // is then in the first-level cache.
  // Where all columns lie together, a block of panels is packed at once.
  const together = columnAxes == 1 && i32.load(columnsAt + 2 * columnSize) == 1;
  const single = M <= MC && (isFloat<T>() || !together);
  const packedA = scratch + PACKED_A;
  const packedB = scratch + PACKED_B;
  if (then != 0) prepareFinish(then, registers);
  for (let batch = 0; batch < L; batch++) {
    writeOffsets(batch, 1, batchAxes, batches, batches + batchSize, scratch);
    const c = <usize>(i32.load(d) + i32.load(scratch));
    writeOffsets(batch, 1, batchAxes, batches, batches + 2 * batchSize, scratch);
    const a = <usize>(i32.load(d, 4) + i32.load(scratch));
    writeOffsets(batch, 1, batchAxes, batches, batches + 3 * batchSize, scratch);
    const b = <usize>(i32.load(d, 8) + i32.load(scratch));
    for (let k0 = 0; k0 < K; k0 += block) {
      const terms = min(block, K - k0);
      const words = sizeof<T>() == 2 ? (terms + 1) >> 1 : terms;
      const last = then != 0 && k0 + terms == K;
      if (batch == 0 || K > KC) {
        writeOffsets(k0, terms, termAxes, termsAt, termsAt + termSize, scratch + TERM_A);
        writeOffsets(k0, terms, termAxes, termsAt, termsAt + 2 * termSize, scratch + TERM_B);
        writeRuns(scratch + TERM_A, terms, 4, scratch + RUN_A);
        writeRuns(scratch + TERM_B, terms, 4, scratch + RUN_B);
      }
      for (let j0 = 0; j0 < N; j0 += NC) {
        const columns = min(NC, N - j0);
        if (N > NC || (batch == 0 && k0 == 0)) {
          writeOffsets(j0, columns, columnAxes, columnsAt, columnsAt + columnSize, scratch + COLUMN_C);
          writeOffsets(j0, columns, columnAxes, columnsAt, columnsAt + 2 * columnSize, scratch + COLUMN_B);
          writeRuns(scratch + COLUMN_C, columns, 4, scratch + COLUMN_RUNS);
          if (few) writeRuns(scratch + COLUMN_B, columns, 4, scratch + RUNS_OF_B);
          padOffsets(scratch + COLUMN_B, columns, COLUMNS);
        }
        if (!single && together) {
          packTogether(b + <usize>i32.load(scratch + COLUMN_B), columns, terms, scratch + TERM_B, <usize>terms * 4 * COLUMNS, packedB);
          if (sizeof<T>() == 2) {
            for (let j = 0; j < columns; j += COLUMNS) joinTerms(packedB + (<usize>(j * terms) << 2), COLUMNS, terms);
          }
        } else if (!single) {
          for (let j = 0; j < columns; j += COLUMNS) {
            packWords<T>(b, scratch + COLUMN_B + (<usize>j << 2), COLUMNS, terms, scratch + TERM_B, scratch + RUN_B, scratch + PIECES, packedB + (<usize>(j * terms) << 2));
          }
        }
        for (let i0 = 0; i0 < M; i0 += MC) {
          const rows = min(MC, M - i0);
          if (!single || j0 == 0) {
            writeOffsets(i0, rows, rowAxes, rowsAt, rowsAt + rowSize, scratch + ROW_C);
            writeOffsets(i0, rows, rowAxes, rowsAt, rowsAt + 2 * rowSize, scratch + ROW_A);
            padOffsets(scratch + ROW_A, rows, ROWS);
            for (let i = 0; i < rows; i += ROWS) {
              packWords<T>(a, scratch + ROW_A + (<usize>i << 2), ROWS, terms, scratch + TERM_A, scratch + RUN_A, scratch + PIECES, packedA + (<usize>(i * terms) << 2));
            }
          }
          for (let j = 0; j < columns; j += COLUMNS) {
            const at = <usize>j << 2;
            const columnC = scratch + COLUMN_C + at;
            const run = i32.load(scratch + COLUMN_RUNS + at);
            const direct = few && i32.load(scratch + RUNS_OF_B + at) >= COLUMNS;
            const panelB = direct ? b + <usize>i32.load(scratch + COLUMN_B + at) : single ? packedB : packedB + at * terms;
            if (single && !direct) packWords<T>(b, scratch + COLUMN_B + at, COLUMNS, terms, scratch + TERM_B, scratch + RUN_B, scratch + PIECES, packedB);
            for (let i = 0; i < rows; i += ROWS) {
              const panelA = packedA + (<usize>(i * terms) << 2);
              outputs<T>(panelA, panelB, direct, scratch + TERM_B, words, c, min(ROWS, rows - i), scratch + ROW_C + (<usize>i << 2), min(COLUMNS, columns - j), columnC, run, k0 == 0, scratch);
            }
          }
          if (last) {
            const from = c + <usize>i32.load(scratch + COLUMN_C);
            for (let i = 0; i < rows; i++) finish(then, from + <usize>i32.load(scratch + ROW_C + (<usize>i << 2)), columns, registers);
          }
        }
      }
    }
  }
}

// Rows of outputs of one batch whose offsets are written at a time.
const LINES: i32 = 126;

/**
 * The same where there are no rows, as in a depthwise convolution: one filter slides over the
 * columns, of which all lie together in out.
 */
export function contractDepthwise(d: usize, scratch: usize, registers: usize): void {
  const then = <usize>i32.load(d, 12);
  const batchAxes = i32.load(d, 16);
  const columnAxes = i32.load(d, 24);
  const termAxes = i32.load(d, 28);
  const batches = d + 32;
  const batchSize = <usize>batchAxes << 2;
  const columnsAt = batches + 4 * batchSize;
  const columnSize = <usize>columnAxes << 2;
  const termsAt = columnsAt + 3 * columnSize;
  const termSize = <usize>termAxes << 2;
  const L = sizeOf(batchAxes, batches);
  const K = sizeOf(termAxes, termsAt);
  const width = columnAxes == 0 ? 1 : i32.load(columnsAt + columnSize - 4);
  const step = columnAxes == 0 ? 4 : <usize>i32.load(termsAt - 4) << 2;
  const lineAxes = max(0, columnAxes - 1);
  const lines = sizeOf(lineAxes, columnsAt);
  const strides = columnsAt + 2 * columnSize;
  const table = scratch + TERM_B;
  const filter = scratch + PACKED_A;
  if (then != 0) prepareFinish(then, registers);
  for (let batch = 0; batch < L; batch++) {
    writeOffsets(batch, 1, batchAxes, batches, batches + batchSize, scratch);
    const c = <usize>(i32.load(d) + i32.load(scratch));
    writeOffsets(batch, 1, batchAxes, batches, batches + 2 * batchSize, scratch);
    const a = <usize>(i32.load(d, 4) + i32.load(scratch));
    writeOffsets(batch, 1, batchAxes, batches, batches + 3 * batchSize, scratch);
    const b = <usize>(i32.load(d, 8) + i32.load(scratch));
    for (let k0 = 0; k0 < K; k0 += KC) {
      const terms = min(KC, K - k0);
      const first = k0 == 0;
      if (batch == 0 || K > KC) {
        writeOffsets(k0, terms, termAxes, termsAt, termsAt + termSize, scratch + TERM_A);
        writeOffsets(k0, terms, termAxes, termsAt, termsAt + 2 * termSize, table);
      }
      for (let k: usize = 0; k < <usize>terms << 2; k += 4) {
        i32.store(filter + k, i32.load(a + <usize>i32.load(scratch + TERM_A + k)));
      }
      for (let line = 0; line < lines; line += LINES) {
        const count = min(LINES, lines - line);
        if (batch == 0 || lines > LINES) writeOffsets(line, count, lineAxes, columnsAt, strides, scratch + ROW_A);
        const to = c + (<usize>(line * width) << 2);
        if (step == 4) slide(NEIGHBOURS, filter, b, scratch + ROW_A, count, width, step, table, terms, to, first);
        else if (step == 8) slide(EVERY_SECOND, filter, b, scratch + ROW_A, count, width, step, table, terms, to, first);
        else slide(APART, filter, b, scratch + ROW_A, count, width, step, table, terms, to, first);
      }
    }
    if (then != 0) finish(then, c, lines * width, registers);
  }
}
