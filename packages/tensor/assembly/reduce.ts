// Reductions over any affine reads. Eight outputs at a time are eight lanes, each of which goes
// through its own terms in order: outputs that lie together are read where they are, others are
// packed first. Output elements are written in row-major order; terms are taken in row-major order,
// in blocks between which values (and positions) wait.
import { pack } from './pack';
import { padOffsets, sizeOf, writeOffsets, writeRuns } from './tables';

const SUM: i32 = 0;
const MAX: i32 = 1;
const ARGMAX: i32 = 2;
const MIN: i32 = 3;
const ARGMIN: i32 = 4;
// Added to the operation where terms are i32.
const INTEGER: i32 = 5;

const OUTPUTS: i32 = 256;
const TERMS: i32 = 256;

// Scratch: values and positions of a block of outputs, tables of offsets and runs, pieces of one
// panel, the panel.
const POSITIONS: usize = 4 * OUTPUTS + 32;
const LINES: usize = POSITIONS + 4 * OUTPUTS + 32;
const LINE_RUNS: usize = LINES + 4 * OUTPUTS + 32;
const SECOND_RUNS: usize = LINE_RUNS + 4 * OUTPUTS;
const TERM_OFFSETS: usize = SECOND_RUNS + 4 * OUTPUTS;
const TERM_RUNS: usize = TERM_OFFSETS + 4 * TERMS;
const PIECES: usize = TERM_RUNS + 4 * TERMS;
const PANEL: usize = PIECES + 128;

// How eight lanes read a term: from the panel; where they lie together, at the offsets of `table`;
// or there, every second element.
const PACKED: i32 = 0;
const NEIGHBOURS: i32 = 1;
const EVERY_SECOND: i32 = 2;

// Four of the eight lanes of term k, `half` 0 or 1. `mode` is a constant at each call.
// @ts-ignore: decorator
@inline
function lanes(mode: i32, half: usize, source: usize, table: usize, k: i32): v128 {
  if (mode == PACKED) return v128.load(source + (<usize>k << 5) + (half << 4));
  const p = source + <usize>i32.load(table + (<usize>k << 2));
  if (mode == NEIGHBOURS) return v128.load(p + (half << 4));
  return v128.shuffle<i32>(v128.load(p + (half << 5)), v128.load(p + (half << 5), 16), 0, 2, 4, 6);
}

// @ts-ignore: decorator
@inline
function sum(mode: i32, source: usize, table: usize, terms: i32, first: bool, values: usize): void {
  let c0 = first ? f32x4.splat(0) : v128.load(values);
  let c1 = first ? c0 : v128.load(values, 16);
  for (let k = 0; k < terms; k++) {
    c0 = f32x4.add(c0, lanes(mode, 0, source, table, k));
    c1 = f32x4.add(c1, lanes(mode, 1, source, table, k));
  }
  v128.store(values, c0);
  v128.store(values, c1, 16);
}

// The largest, or with `sign` the smallest (the largest negative: flipping signs keeps ties). pmax
// passes over a NaN that comes later, so terms that are one are noted beside.
// @ts-ignore: decorator
@inline
function extreme(mode: i32, sign: v128, source: usize, table: usize, terms: i32, first: bool, values: usize): void {
  let c0 = v128.xor(first ? lanes(mode, 0, source, table, 0) : v128.load(values), sign);
  let c1 = v128.xor(first ? lanes(mode, 1, source, table, 0) : v128.load(values, 16), sign);
  let nan0 = i32x4.splat(0);
  let nan1 = nan0;
  for (let k = 0; k < terms; k++) {
    const x0 = lanes(mode, 0, source, table, k);
    const x1 = lanes(mode, 1, source, table, k);
    nan0 = v128.or(nan0, f32x4.ne(x0, x0));
    nan1 = v128.or(nan1, f32x4.ne(x1, x1));
    c0 = f32x4.pmax(c0, v128.xor(x0, sign));
    c1 = f32x4.pmax(c1, v128.xor(x1, sign));
  }
  v128.store(values, v128.or(v128.xor(c0, sign), nan0));
  v128.store(values, v128.or(v128.xor(c1, sign), nan1), 16);
}

// The same, with the position of the first such term; the block's first term is number `position`.
// @ts-ignore: decorator
@inline
function extremePosition(mode: i32, sign: v128, position: i32, source: usize, table: usize, terms: i32, values: usize): void {
  const first = position == 0;
  let c0 = v128.xor(first ? lanes(mode, 0, source, table, 0) : v128.load(values), sign);
  let c1 = v128.xor(first ? lanes(mode, 1, source, table, 0) : v128.load(values, 16), sign);
  let at0 = first ? i32x4.splat(0) : v128.load(values + POSITIONS);
  let at1 = first ? at0 : v128.load(values + POSITIONS, 16);
  for (let k = 0; k < terms; k++) {
    const x0 = v128.xor(lanes(mode, 0, source, table, k), sign);
    const x1 = v128.xor(lanes(mode, 1, source, table, k), sign);
    const better0 = v128.or(f32x4.lt(c0, x0), v128.andnot(f32x4.ne(x0, x0), f32x4.ne(c0, c0)));
    const better1 = v128.or(f32x4.lt(c1, x1), v128.andnot(f32x4.ne(x1, x1), f32x4.ne(c1, c1)));
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

// The sum of i32, mod 2^32.
// @ts-ignore: decorator
@inline
function integerSum(mode: i32, source: usize, table: usize, terms: i32, first: bool, values: usize): void {
  let c0 = first ? i32x4.splat(0) : v128.load(values);
  let c1 = first ? c0 : v128.load(values, 16);
  for (let k = 0; k < terms; k++) {
    c0 = i32x4.add(c0, lanes(mode, 0, source, table, k));
    c1 = i32x4.add(c1, lanes(mode, 1, source, table, k));
  }
  v128.store(values, c0);
  v128.store(values, c1, 16);
}

// The largest i32 with the position of the first such term; or the smallest, where `flip` is all
// ones: flipping all bits turns the order around and keeps ties.
// @ts-ignore: decorator
@inline
function integerExtreme(mode: i32, flip: v128, position: i32, source: usize, table: usize, terms: i32, values: usize): void {
  const first = position == 0;
  let c0 = v128.xor(first ? lanes(mode, 0, source, table, 0) : v128.load(values), flip);
  let c1 = v128.xor(first ? lanes(mode, 1, source, table, 0) : v128.load(values, 16), flip);
  let at0 = first ? i32x4.splat(0) : v128.load(values + POSITIONS);
  let at1 = first ? at0 : v128.load(values + POSITIONS, 16);
  for (let k = 0; k < terms; k++) {
    const x0 = v128.xor(lanes(mode, 0, source, table, k), flip);
    const x1 = v128.xor(lanes(mode, 1, source, table, k), flip);
    const better0 = i32x4.gt_s(x0, c0);
    const better1 = i32x4.gt_s(x1, c1);
    const here = i32x4.splat(position + k);
    c0 = i32x4.max_s(c0, x0);
    c1 = i32x4.max_s(c1, x1);
    at0 = v128.bitselect(here, at0, better0);
    at1 = v128.bitselect(here, at1, better1);
  }
  v128.store(values, v128.xor(c0, flip));
  v128.store(values, v128.xor(c1, flip), 16);
  v128.store(values + POSITIONS, at0);
  v128.store(values + POSITIONS, at1, 16);
}

// @ts-ignore: decorator
@inline
function accumulate(mode: i32, op: i32, withPositions: bool, position: i32, source: usize, table: usize, terms: i32, values: usize): void {
  if (op >= INTEGER) {
    const flip = i32x4.splat(op == INTEGER + MIN || op == INTEGER + ARGMIN ? -1 : 0);
    if (op == INTEGER + SUM) integerSum(mode, source, table, terms, position == 0, values);
    else integerExtreme(mode, flip, position, source, table, terms, values);
    return;
  }
  if (op == SUM) {
    sum(mode, source, table, terms, position == 0, values);
    return;
  }
  const sign = i32x4.splat(op == MIN || op == ARGMIN ? i32.MIN_VALUE : 0);
  if (withPositions) extremePosition(mode, sign, position, source, table, terms, values);
  else extreme(mode, sign, source, table, terms, position == 0, values);
}

/**
 * Descriptor, in 32-bit words: op (0 sum, 1 max, 2 argmax, 3 min, 4 argmin; 5 more where terms are
 * i32), out, source, scratch, number of out axes, number of k axes, where the positions of the same
 * extremes go as well (0: nowhere), extents of out, strides of out, extents of k, strides of k.
 */
export function reduce(d: usize): void {
  const op = i32.load(d);
  const out = <usize>i32.load(d, 4);
  const source = <usize>i32.load(d, 8);
  const scratch = <usize>i32.load(d, 12);
  const axes = i32.load(d, 16);
  const kAxes = i32.load(d, 20);
  const positions = <usize>i32.load(d, 24);
  const extents = d + 28;
  const strides = extents + (<usize>axes << 2);
  const kExtents = strides + (<usize>axes << 2);
  const kStrides = kExtents + (<usize>kAxes << 2);
  const count = sizeOf(axes, extents);
  const terms = sizeOf(kAxes, kExtents);
  const table = scratch + TERM_OFFSETS;
  const panel = scratch + PANEL;
  const kind = op % INTEGER;
  const onlyPositions = kind == ARGMAX || kind == ARGMIN;
  const withPositions = onlyPositions || positions != 0;
  // Within one block of terms, lanes beyond a run may be computed from arbitrary data: the next
  // run overwrites them.
  const mayCut = terms <= TERMS;
  for (let o0 = 0; o0 < count; o0 += OUTPUTS) {
    const outputs = min(OUTPUTS, count - o0);
    writeOffsets(o0, outputs, axes, extents, strides, scratch + LINES);
    writeRuns(scratch + LINES, outputs, 4, scratch + LINE_RUNS);
    writeRuns(scratch + LINES, outputs, 8, scratch + SECOND_RUNS);
    padOffsets(scratch + LINES, outputs, 8);
    for (let k0 = 0; k0 < terms; k0 += TERMS) {
      const block = min(TERMS, terms - k0);
      if (o0 == 0 || terms > TERMS) {
        writeOffsets(k0, block, kAxes, kExtents, kStrides, table);
        writeRuns(table, block, 4, scratch + TERM_RUNS);
      }
      let width = 8;
      for (let o = 0; o < outputs; o += width) {
        const at = <usize>o << 2;
        const lines = scratch + LINES + at;
        const values = scratch + at;
        const run = i32.load(scratch + LINE_RUNS + at);
        const second = i32.load(scratch + SECOND_RUNS + at);
        const start = source + <usize>i32.load(lines);
        const enough = mayCut ? 4 : 8;
        width = 8;
        if (run >= enough) {
          accumulate(NEIGHBOURS, op, withPositions, k0, start, table, block, values);
          width = min(8, run);
        } else if (second >= enough) {
          accumulate(EVERY_SECOND, op, withPositions, k0, start, table, block, values);
          width = min(8, second);
        } else {
          pack(source, lines, 8, block, table, scratch + TERM_RUNS, scratch + PIECES, panel);
          accumulate(PACKED, op, withPositions, k0, panel, 0, block, values);
        }
      }
    }
    const bytes = <usize>outputs << 2;
    memory.copy(out + (<usize>o0 << 2), onlyPositions ? scratch + POSITIONS : scratch, bytes);
    if (positions != 0) memory.copy(positions + (<usize>o0 << 2), scratch + POSITIONS, bytes);
  }
}
