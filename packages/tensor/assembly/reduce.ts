// Reductions over any affine reads. Eight outputs at a time are eight lanes, each of which goes through its own terms in order: outputs
// that lie together are read where they are, others are packed first. Output elements are written in row-major order; terms
// are taken in row-major order, in blocks between which values (and positions) wait.
import { pack } from './pack';
import { padOffsets, sizeOf, writeOffsets, writeRuns } from './tables';

const SUM: i32 = 0;
const MAX: i32 = 1;
const ARGMAX: i32 = 2;
const MIN: i32 = 3;
const ARGMIN: i32 = 4;

const OUTPUTS: i32 = 256;
const TERMS: i32 = 256;

// Scratch: values and positions of a block of outputs, tables of offsets and runs, pieces of one panel, the panel.
const POSITIONS: usize = 4 * OUTPUTS;
const LINES: usize = POSITIONS + 4 * OUTPUTS;
const LINE_RUNS: usize = LINES + 4 * OUTPUTS;
const TERM_OFFSETS: usize = LINE_RUNS + 4 * OUTPUTS;
const TERM_RUNS: usize = TERM_OFFSETS + 4 * TERMS;
const PIECES: usize = TERM_RUNS + 4 * TERMS;
const PANEL: usize = PIECES + 128;

// Where term k of eight lanes lies: in the panel, or `direct` at the offsets of `table`.
// @ts-ignore: decorator
@inline
function termAt(direct: bool, source: usize, table: usize, k: i32): usize {
  return direct ? source + <usize>i32.load(table + (<usize>k << 2)) : source + (<usize>k << 5);
}

// @ts-ignore: decorator
@inline
function sum(direct: bool, source: usize, table: usize, terms: i32, values: usize): void {
  let c0 = v128.load(values);
  let c1 = v128.load(values, 16);
  for (let k = 0; k < terms; k++) {
    const p = termAt(direct, source, table, k);
    c0 = f32x4.add(c0, v128.load(p));
    c1 = f32x4.add(c1, v128.load(p, 16));
  }
  v128.store(values, c0);
  v128.store(values, c1, 16);
}

// The largest, or with `sign` the smallest (the largest negative: flipping signs keeps ties).
// @ts-ignore: decorator
@inline
function extreme(direct: bool, sign: v128, source: usize, table: usize, terms: i32, values: usize): void {
  let c0 = v128.xor(v128.load(values), sign);
  let c1 = v128.xor(v128.load(values, 16), sign);
  for (let k = 0; k < terms; k++) {
    const p = termAt(direct, source, table, k);
    c0 = f32x4.pmax(c0, v128.xor(v128.load(p), sign));
    c1 = f32x4.pmax(c1, v128.xor(v128.load(p, 16), sign));
  }
  v128.store(values, v128.xor(c0, sign));
  v128.store(values, v128.xor(c1, sign), 16);
}

// The same, with the position of the first such term; the block's first term is number `position`.
// @ts-ignore: decorator
@inline
function extremePosition(direct: bool, sign: v128, position: i32, source: usize, table: usize, terms: i32, values: usize): void {
  let c0 = v128.xor(v128.load(values), sign);
  let c1 = v128.xor(v128.load(values, 16), sign);
  let at0 = v128.load(values + POSITIONS);
  let at1 = v128.load(values + POSITIONS, 16);
  for (let k = 0; k < terms; k++) {
    const p = termAt(direct, source, table, k);
    const x0 = v128.xor(v128.load(p), sign);
    const x1 = v128.xor(v128.load(p, 16), sign);
    const better0 = f32x4.lt(c0, x0);
    const better1 = f32x4.lt(c1, x1);
    const here = i32x4.splat(position + k);
    c0 = v128.bitselect(x0, c0, better0);
    c1 = v128.bitselect(x1, c1, better1);
    at0 = v128.bitselect(here, at0, better0);
    at1 = v128.bitselect(here, at1, better1);
  }
  v128.store(values, v128.xor(c0, sign));
  v128.store(values, v128.xor(c1, sign), 16);
  v128.store(values + POSITIONS, at0);
  v128.store(values + POSITIONS, at1, 16);
}

// @ts-ignore: decorator
@inline
function accumulate(direct: bool, op: i32, position: i32, source: usize, table: usize, terms: i32, values: usize): void {
  if (op == SUM) {
    if (position == 0) {
      v128.store(values, f32x4.splat(0));
      v128.store(values, f32x4.splat(0), 16);
    }
    sum(direct, source, table, terms, values);
    return;
  }
  if (position == 0) {
    const p = termAt(direct, source, table, 0);
    v128.store(values, v128.load(p));
    v128.store(values, v128.load(p, 16), 16);
    v128.store(values + POSITIONS, i32x4.splat(0));
    v128.store(values + POSITIONS, i32x4.splat(0), 16);
  }
  const sign = i32x4.splat(op == MIN || op == ARGMIN ? i32.MIN_VALUE : 0);
  if (op == MAX || op == MIN) extreme(direct, sign, source, table, terms, values);
  else extremePosition(direct, sign, position, source, table, terms, values);
}

/**
 * Descriptor, in 32-bit words: op (0 sum, 1 max, 2 argmax, 3 min, 4 argmin), out, source, scratch, number of out axes, number of k axes, extents of
 * out, strides of out, extents of k, strides of k.
 */
export function reduce(d: usize): void {
  const op = i32.load(d);
  const out = <usize>i32.load(d, 4);
  const source = <usize>i32.load(d, 8);
  const scratch = <usize>i32.load(d, 12);
  const axes = i32.load(d, 16);
  const kAxes = i32.load(d, 20);
  const extents = d + 24;
  const strides = extents + (<usize>axes << 2);
  const kExtents = strides + (<usize>axes << 2);
  const kStrides = kExtents + (<usize>kAxes << 2);
  const count = sizeOf(axes, extents);
  const terms = sizeOf(kAxes, kExtents);
  const table = scratch + TERM_OFFSETS;
  const panel = scratch + PANEL;
  for (let o0 = 0; o0 < count; o0 += OUTPUTS) {
    const outputs = min(OUTPUTS, count - o0);
    writeOffsets(o0, outputs, axes, extents, strides, scratch + LINES);
    padOffsets(scratch + LINES, outputs, 8);
    writeRuns(scratch + LINES, (outputs + 7) & ~7, scratch + LINE_RUNS);
    for (let k0 = 0; k0 < terms; k0 += TERMS) {
      const block = min(TERMS, terms - k0);
      if (o0 == 0 || terms > TERMS) {
        writeOffsets(k0, block, kAxes, kExtents, kStrides, table);
        writeRuns(table, block, scratch + TERM_RUNS);
      }
      for (let o = 0; o < outputs; o += 8) {
        const at = <usize>o << 2;
        const lines = scratch + LINES + at;
        if (i32.load(scratch + LINE_RUNS + at) >= 8) accumulate(true, op, k0, source + <usize>i32.load(lines), table, block, scratch + at);
        else {
          pack(source, lines, 8, block, table, scratch + TERM_RUNS, scratch + PIECES, panel);
          accumulate(false, op, k0, panel, 0, block, scratch + at);
        }
      }
    }
    const result = op == ARGMAX || op == ARGMIN ? scratch + POSITIONS : scratch;
    memory.copy(out + (<usize>o0 << 2), result, <usize>outputs << 2);
  }
}
