// Contractions over any affine reads. Each axis of the output is read by the left factor only (a row), by the right one only (a
// column), or by both (a batch); the rest is a matrix product whose rows, columns and terms lie anywhere: convolutions, their
// two derivatives and attention are such products, and none of their patches is ever written out.
//
// C (M,N) = A (M,K) B (K,N) per batch, each element the sequential loop c = +0; c = c + a*b over k ascending, every step rounded to
// f32. Blocks of terms are packed into panels of 4 rows and of 8 columns, through tables of offsets; between two blocks the partial
// sums wait in C as f32, which loses nothing, so blocking does not change one bit.
import { pack } from './pack';
import { padOffsets, sizeOf, writeOffsets, writeRuns } from './tables';

const KC: i32 = 256; // terms of a block: a panel of B (8 kB) and one of A (4 kB) stay in the first-level cache
const NC: i32 = 256; // columns of a block: 256 kB of packed B, in the second-level cache
const MC: i32 = 128;
// Up to so many rows, packing B costs more than it saves: where neighbouring columns lie together, vectors are loaded from there.
const DIRECT: i32 = 8;

// Scratch: a spare tile, tables of offsets, pieces of one panel, packed A, packed B. `contractScratchBytes` in src/kernels/instance.ts.
const ROW_A: usize = 128;
const ROW_C: usize = ROW_A + 4 * MC;
const COLUMN_B: usize = ROW_C + 4 * MC;
const COLUMN_C: usize = COLUMN_B + 4 * NC; // followed by its runs
const TERM_A: usize = COLUMN_C + 8 * NC;
const TERM_B: usize = TERM_A + 4 * KC;
const RUN_A: usize = TERM_B + 4 * KC;
const RUN_B: usize = RUN_A + 4 * KC;
const PIECES: usize = RUN_B + 4 * KC;
const PACKED_A: usize = PIECES + 128;
const PACKED_B: usize = PACKED_A + 4 * MC * KC + 64;

// Sums of `rows` x `vectors` (4 columns each) outputs over a block of terms, continued from what is there unless `first`. `rows` and
// `vectors` are constants at each call, so that every size has its own loop. `a` advances by 4 floats a term; a panel of B by 8, and B
// where it lies by the offsets at `table`, if that is not 0.
// @ts-ignore: decorator
@inline
function accumulate(rows: i32, vectors: i32, direct: bool, a: usize, b: usize, table: usize, terms: i32, c0: usize, c1: usize, c2: usize, c3: usize, first: bool): void {
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  if (!first) {
    c00 = v128.load(c0);
    if (vectors > 1) c01 = v128.load(c0, 16);
    if (rows > 1) c10 = v128.load(c1);
    if (rows > 1 && vectors > 1) c11 = v128.load(c1, 16);
    if (rows > 2) c20 = v128.load(c2);
    if (rows > 2 && vectors > 1) c21 = v128.load(c2, 16);
    if (rows > 2) c30 = v128.load(c3);
    if (rows > 2 && vectors > 1) c31 = v128.load(c3, 16);
  }
  const end = a + (<usize>terms << 4);
  while (a < end) {
    const p = direct ? b + <usize>i32.load(table) : b;
    const b0 = v128.load(p);
    const b1 = vectors > 1 ? v128.load(p, 16) : b0;
    let x = v128.load32_splat(a);
    c00 = f32x4.add(c00, f32x4.mul(x, b0));
    if (vectors > 1) c01 = f32x4.add(c01, f32x4.mul(x, b1));
    if (rows > 1) {
      x = v128.load32_splat(a, 4);
      c10 = f32x4.add(c10, f32x4.mul(x, b0));
      if (vectors > 1) c11 = f32x4.add(c11, f32x4.mul(x, b1));
    }
    if (rows > 2) {
      x = v128.load32_splat(a, 8);
      c20 = f32x4.add(c20, f32x4.mul(x, b0));
      if (vectors > 1) c21 = f32x4.add(c21, f32x4.mul(x, b1));
      x = v128.load32_splat(a, 12);
      c30 = f32x4.add(c30, f32x4.mul(x, b0));
      if (vectors > 1) c31 = f32x4.add(c31, f32x4.mul(x, b1));
    }
    a += 16;
    if (direct) table += 4;
    else b += 32;
  }
  v128.store(c0, c00);
  if (vectors > 1) v128.store(c0, c01, 16);
  if (rows > 1) v128.store(c1, c10);
  if (rows > 1 && vectors > 1) v128.store(c1, c11, 16);
  if (rows > 2) v128.store(c2, c20);
  if (rows > 2 && vectors > 1) v128.store(c2, c21, 16);
  if (rows > 2) v128.store(c3, c30);
  if (rows > 2 && vectors > 1) v128.store(c3, c31, 16);
}

function tile(rows: i32, columns: i32, a: usize, b: usize, terms: i32, c0: usize, c1: usize, c2: usize, c3: usize, first: bool): void {
  if (columns > 4) {
    if (rows > 2) accumulate(4, 2, false, a, b, 0, terms, c0, c1, c2, c3, first);
    else accumulate(2, 2, false, a, b, 0, terms, c0, c1, c2, c3, first);
  } else {
    if (rows > 2) accumulate(4, 1, false, a, b, 0, terms, c0, c1, c2, c3, first);
    else accumulate(2, 1, false, a, b, 0, terms, c0, c1, c2, c3, first);
  }
}

function directTile(rows: i32, columns: i32, a: usize, b: usize, table: usize, terms: i32, c0: usize, c1: usize, c2: usize, c3: usize, first: bool): void {
  if (columns > 4) {
    if (rows > 2) accumulate(4, 2, true, a, b, table, terms, c0, c1, c2, c3, first);
    else if (rows > 1) accumulate(2, 2, true, a, b, table, terms, c0, c1, c2, c3, first);
    else accumulate(1, 2, true, a, b, table, terms, c0, c1, c2, c3, first);
  } else {
    if (rows > 2) accumulate(4, 1, true, a, b, table, terms, c0, c1, c2, c3, first);
    else accumulate(2, 1, true, a, b, table, terms, c0, c1, c2, c3, first);
  }
}

// The outputs of one panel of A and one of B (or B where it lies, if there is a `table`): where they lie together they are summed in
// place, otherwise in the spare tile.
function outputs(rows: i32, columns: i32, a: usize, b: usize, table: usize, terms: i32, c: usize, rowC: usize, columnC: usize, first: bool, spare: usize): void {
  const whole = (columns == 8 || columns == 4) && (rows == 4 || rows == 2 || (rows == 1 && columns == 8 && table != 0));
  const together = whole && i32.load(columnC + 4 * NC) >= columns;
  let c0 = spare;
  let c1 = spare + 32;
  let c2 = spare + 64;
  let c3 = spare + 96;
  if (together) {
    const at = c + <usize>i32.load(columnC);
    c0 = at + <usize>i32.load(rowC);
    c1 = at + <usize>i32.load(rowC, 4);
    c2 = at + <usize>i32.load(rowC, 8);
    c3 = at + <usize>i32.load(rowC, 12);
  } else if (!first) {
    for (let i = 0; i < rows; i++) {
      const from = c + <usize>i32.load(rowC + (<usize>i << 2));
      for (let j = 0; j < columns; j++) f32.store(spare + (<usize>((i << 3) + j) << 2), f32.load(from + <usize>i32.load(columnC + (<usize>j << 2))));
    }
  }
  if (table != 0) directTile(rows, columns, a, b, table, terms, c0, c1, c2, c3, first);
  else tile(rows, columns, a, b, terms, c0, c1, c2, c3, first);
  if (together) return;
  for (let i = 0; i < rows; i++) {
    const to = c + <usize>i32.load(rowC + (<usize>i << 2));
    for (let j = 0; j < columns; j++) f32.store(to + <usize>i32.load(columnC + (<usize>j << 2)), f32.load(spare + (<usize>((i << 3) + j) << 2)));
  }
}

/**
 * Descriptor, in 32-bit words: out, a, b, scratch, then the numbers of axes of batches, rows, columns and terms; then for batches extents
 * and strides in out, a and b; for rows extents and strides in out and a; for columns extents and strides in out and b; for terms
 * extents and strides in a and b.
 */
export function contract(d: usize): void {
  const scratch = <usize>i32.load(d, 12);
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
  const direct = M <= DIRECT && columnAxes > 0 && i32.load(termsAt - 4) == 1;
  const packedA = scratch + PACKED_A;
  const packedB = scratch + PACKED_B;
  for (let batch = 0; batch < L; batch++) {
    writeOffsets(batch, 1, batchAxes, batches, batches + batchSize, scratch);
    const c = <usize>(i32.load(d) + i32.load(scratch));
    writeOffsets(batch, 1, batchAxes, batches, batches + 2 * batchSize, scratch);
    const a = <usize>(i32.load(d, 4) + i32.load(scratch));
    writeOffsets(batch, 1, batchAxes, batches, batches + 3 * batchSize, scratch);
    const b = <usize>(i32.load(d, 8) + i32.load(scratch));
    for (let k0 = 0; k0 < K; k0 += KC) {
      const terms = min(KC, K - k0);
      writeOffsets(k0, terms, termAxes, termsAt, termsAt + termSize, scratch + TERM_A);
      writeOffsets(k0, terms, termAxes, termsAt, termsAt + 2 * termSize, scratch + TERM_B);
      writeRuns(scratch + TERM_A, terms, scratch + RUN_A);
      writeRuns(scratch + TERM_B, terms, scratch + RUN_B);
      for (let j0 = 0; j0 < N; j0 += NC) {
        const columns = min(NC, N - j0);
        writeOffsets(j0, columns, columnAxes, columnsAt, columnsAt + columnSize, scratch + COLUMN_C);
        writeOffsets(j0, columns, columnAxes, columnsAt, columnsAt + 2 * columnSize, scratch + COLUMN_B);
        writeRuns(scratch + COLUMN_C, columns, scratch + COLUMN_C + 4 * NC);
        if (direct) writeRuns(scratch + COLUMN_B, columns, packedB);
        else {
          padOffsets(scratch + COLUMN_B, columns, 8);
          for (let j = 0; j < columns; j += 8) {
            pack(b, scratch + COLUMN_B + (<usize>j << 2), 8, terms, scratch + TERM_B, scratch + RUN_B, scratch + PIECES, packedB + (<usize>(j * terms) << 2));
          }
        }
        for (let i0 = 0; i0 < M; i0 += MC) {
          const rows = min(MC, M - i0);
          // Rows that fit are packed once for all blocks of columns.
          if (M > MC || j0 == 0) {
            writeOffsets(i0, rows, rowAxes, rowsAt, rowsAt + rowSize, scratch + ROW_C);
            writeOffsets(i0, rows, rowAxes, rowsAt, rowsAt + 2 * rowSize, scratch + ROW_A);
            padOffsets(scratch + ROW_A, rows, 4);
            for (let i = 0; i < rows; i += 4) {
              pack(a, scratch + ROW_A + (<usize>i << 2), 4, terms, scratch + TERM_A, scratch + RUN_A, scratch + PIECES, packedA + (<usize>(i * terms) << 2));
            }
          }
          let width = 8;
          for (let j = 0; j < columns; j += width) {
            const at = <usize>j << 2;
            width = min(8, columns - j);
            if (direct) width = min(width, i32.load(packedB + at));
            const panelB = direct ? b + <usize>i32.load(scratch + COLUMN_B + at) : packedB + at * terms;
            for (let i = 0; i < rows; i += 4) {
              outputs(
                min(4, rows - i), width, packedA + (<usize>(i * terms) << 2), panelB, direct ? scratch + TERM_B : 0, terms,
                c, scratch + ROW_C + (<usize>i << 2), scratch + COLUMN_C + at, k0 == 0, scratch,
              );
            }
          }
        }
      }
    }
  }
}
