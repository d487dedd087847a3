// Contractions over any affine reads. Each axis of the output is read by the left factor only (a
// row), by the right one only (a column), or by both (a batch); the rest is a matrix product whose
// rows, columns and terms lie anywhere: convolutions, their two derivatives and attention are such
// products, and none of their patches is ever written out.
//
// C (M,N) = A (M,K) B (K,N) per batch, each element the sequential loop c = +0; c = c + a*b over k
// ascending, every step rounded to f32. Blocks of terms are packed into the panels of matmul.ts,
// through tables of offsets; between two blocks the partial sums wait in C as f32, which loses
// nothing, so blocking does not change one bit.
import { COLUMNS, ROWS, tile } from './matmul';
import { pack } from './pack';
import { padOffsets, sizeOf, writeOffsets, writeRuns } from './tables';

const KC: i32 = 512; // terms of a block: a panel of B (24 kB) and one of A (6 kB) stay in the first-level cache
const NC: i32 = 252; // columns of a block: 504 kB of packed B, in the second-level cache
const MC: i32 = 126;
// Up to so many rows, packing B costs more than it saves: where neighbouring columns lie together,
// vectors are loaded from there.
const DIRECT_ROWS: i32 = 2;
const DIRECT_COLUMNS: i32 = 16;

// Scratch: a spare tile, tables of offsets and runs, pieces of one panel, packed A, packed B;
// within `productScratchBytes` of src/kernels/instance.ts.
const ROW_A: usize = 192;
const ROW_C: usize = ROW_A + 4 * (MC + ROWS);
const COLUMN_B: usize = ROW_C + 4 * (MC + ROWS);
const COLUMN_C: usize = COLUMN_B + 4 * (NC + COLUMNS);
const COLUMN_RUNS: usize = COLUMN_C + 4 * NC;
const TERM_A: usize = COLUMN_RUNS + 4 * NC;
const TERM_B: usize = TERM_A + 4 * KC;
const RUN_A: usize = TERM_B + 4 * KC;
const RUN_B: usize = RUN_A + 4 * KC;
const PIECES: usize = RUN_B + 4 * KC;
const PACKED_A: usize = PIECES + 128;
const PACKED_B: usize = PACKED_A + 4 * MC * KC + 64;

// Sixteen neighbouring outputs of one row; `a` one float a term, B where it lies by the offsets at
// `table`.
function directTile(a: usize, b: usize, table: usize, terms: i32, c: usize, first: bool): void {
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
    const p = b + <usize>i32.load(table);
    const x = v128.load32_splat(a);
    c0 = f32x4.add(c0, f32x4.mul(x, v128.load(p)));
    c1 = f32x4.add(c1, f32x4.mul(x, v128.load(p, 16)));
    c2 = f32x4.add(c2, f32x4.mul(x, v128.load(p, 32)));
    c3 = f32x4.add(c3, f32x4.mul(x, v128.load(p, 48)));
  }
  v128.store(c, c0);
  v128.store(c, c1, 16);
  v128.store(c, c2, 32);
  v128.store(c, c3, 48);
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
function outputs(a: usize, b: usize, terms: i32, c: usize, rows: i32, rowC: usize, columns: i32, columnC: usize, run: i32, first: bool, spare: usize): void {
  const row0 = i32.load(rowC);
  const row = i32.load(rowC, 4) - row0;
  if (rows == ROWS && columns == COLUMNS && run >= COLUMNS && i32.load(rowC, 8) - row0 == 2 * row) {
    tile<f32>(a, b, terms, c + <usize>(row0 + i32.load(columnC)), row, first);
    return;
  }
  if (!first) gather(spare, 4 * COLUMNS, c, rows, rowC, columns, columnC);
  tile<f32>(a, b, terms, spare, 4 * COLUMNS, first);
  scatter(spare, 4 * COLUMNS, c, rows, rowC, columns, columnC);
}

// The outputs of one row and up to sixteen columns that lie together in B.
function directOutputs(a: usize, b: usize, table: usize, terms: i32, c: usize, rowC: usize, columns: i32, columnC: usize, run: i32, first: bool, spare: usize): void {
  if (columns == DIRECT_COLUMNS && run >= DIRECT_COLUMNS) {
    directTile(a, b, table, terms, c + <usize>(i32.load(rowC) + i32.load(columnC)), first);
    return;
  }
  if (!first) gather(spare, 0, c, 1, rowC, columns, columnC);
  directTile(a, b, table, terms, spare, first);
  scatter(spare, 0, c, 1, rowC, columns, columnC);
}

/**
 * Descriptor, in 32-bit words: out, a, b, scratch, then the numbers of axes of batches, rows,
 * columns and terms; then for batches extents and strides in out, a and b; for rows extents and
 * strides in out and a; for columns extents and strides in out and b; for terms extents and strides
 * in a and b.
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
  const direct = M <= DIRECT_ROWS && columnAxes > 0 && i32.load(termsAt - 4) == 1;
  // Rows that fit are packed once for all columns, and each panel of B just before its only use: it
  // is then in the first-level cache.
  const single = M <= MC;
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
      writeRuns(scratch + TERM_A, terms, 4, scratch + RUN_A);
      writeRuns(scratch + TERM_B, terms, 4, scratch + RUN_B);
      for (let j0 = 0; j0 < N; j0 += NC) {
        const columns = min(NC, N - j0);
        writeOffsets(j0, columns, columnAxes, columnsAt, columnsAt + columnSize, scratch + COLUMN_C);
        writeOffsets(j0, columns, columnAxes, columnsAt, columnsAt + 2 * columnSize, scratch + COLUMN_B);
        writeRuns(scratch + COLUMN_C, columns, 4, scratch + COLUMN_RUNS);
        if (direct) writeRuns(scratch + COLUMN_B, columns, 4, packedB);
        else padOffsets(scratch + COLUMN_B, columns, COLUMNS);
        if (!single) {
          for (let j = 0; j < columns; j += COLUMNS) {
            pack(b, scratch + COLUMN_B + (<usize>j << 2), COLUMNS, terms, scratch + TERM_B, scratch + RUN_B, scratch + PIECES, packedB + (<usize>(j * terms) << 2));
          }
        }
        const width = direct ? 1 : ROWS;
        for (let i0 = 0; i0 < M; i0 += MC) {
          const rows = min(MC, M - i0);
          if (!single || j0 == 0) {
            writeOffsets(i0, rows, rowAxes, rowsAt, rowsAt + rowSize, scratch + ROW_C);
            writeOffsets(i0, rows, rowAxes, rowsAt, rowsAt + 2 * rowSize, scratch + ROW_A);
            padOffsets(scratch + ROW_A, rows, ROWS);
            for (let i = 0; i < rows; i += width) {
              pack(a, scratch + ROW_A + (<usize>i << 2), width, terms, scratch + TERM_A, scratch + RUN_A, scratch + PIECES, packedA + (<usize>(i * terms) << 2));
            }
          }
          let count = COLUMNS;
          for (let j = 0; j < columns; j += count) {
            const at = <usize>j << 2;
            const columnC = scratch + COLUMN_C + at;
            const run = i32.load(scratch + COLUMN_RUNS + at);
            count = min(direct ? min(DIRECT_COLUMNS, i32.load(packedB + at)) : COLUMNS, columns - j);
            const panelB = direct ? b + <usize>i32.load(scratch + COLUMN_B + at) : single ? packedB : packedB + at * terms;
            if (single && !direct) pack(b, scratch + COLUMN_B + at, COLUMNS, terms, scratch + TERM_B, scratch + RUN_B, scratch + PIECES, packedB);
            for (let i = 0; i < rows; i += width) {
              const panelA = packedA + (<usize>(i * terms) << 2);
              const rowC = scratch + ROW_C + (<usize>i << 2);
              if (direct) directOutputs(panelA, panelB, scratch + TERM_B, terms, c, rowC, count, columnC, run, k0 == 0, scratch);
              else outputs(panelA, panelB, terms, c, min(ROWS, rows - i), rowC, count, columnC, run, k0 == 0, scratch);
            }
          }
        }
      }
    }
  }
}
