// Element-wise expressions, as a short program of instructions over blocks of up to 256 elements.
// Each instruction is one SIMD loop over a block that stays in the first-level cache, so
// interpreting costs one dispatch per block. A fixed module (instead of code generated per
// expression) has one hash, and that hash is the arithmetic.
//
// An instruction reads and writes registers (blocks in scratch) or, where an operand is read in
// order, the tensor itself.
import { offsetOf, writeOffsets } from './tables';
import { cos, erf, exp, log, log1p, sin, tanh } from './transcendental';

const COPY: i32 = 0;
const ADD: i32 = 1;
const SUB: i32 = 2;
const MUL: i32 = 3;
const DIV: i32 = 4;
const NEG: i32 = 5;
const SQRT: i32 = 6;
const LT: i32 = 7;
const EQ_F32: i32 = 8;
const EQ_I32: i32 = 9;
const SELECT: i32 = 10;
const EXP: i32 = 11;
const LOG: i32 = 12;
const MUL_ADD: i32 = 13; // (a*b) + c, rounded twice
const SUB_MUL: i32 = 14; // a - (b*c), rounded twice
const TANH: i32 = 15;
const ERF: i32 = 16;
const AND: i32 = 17;
const OR: i32 = 18;
const XOR: i32 = 19;
const SHL: i32 = 20;
const SHR: i32 = 21;
const ADD_I32: i32 = 22;
const SUB_I32: i32 = 23;
const MUL_I32: i32 = 24;
const NEG_I32: i32 = 25;
const LT_I32: i32 = 26;
const TO_F32: i32 = 27;
const TO_I32: i32 = 28;
const LOG1P: i32 = 29;
const SIN: i32 = 30;
const COS: i32 = 31;

// How a register is filled for a block: element by element through a table of offsets; by runs that
// lie together, or that repeat one element, or that repeat each of several once (what pooling by
// 2x2 gives back); with positions on an axis, which may be the same for all blocks.
const GATHER: i32 = 0;
const RUNS: i32 = 1;
const REPEATS: i32 = 2;
const INDEX: i32 = 3;
const FIXED_INDEX: i32 = 4;
const TWICE: i32 = 5;

// Fills `length` elements at `to`. `base`: the address, or position, of the block's first element;
// `table`: offsets in bytes of each run from there.
function fill(mode: i32, base: i32, table: usize, run: i32, to: usize, length: i32): void {
  const end = to + (<usize>length << 2);
  if (mode == GATHER) {
    for (; to < end; to += 4, table += 4) i32.store(to, i32.load(<usize>(base + i32.load(table))));
  } else if (mode == INDEX || mode == FIXED_INDEX) {
    const start = i32x4.splat(base);
    for (; to < end; to += 16, table += 16) v128.store(to, i32x4.add(start, i32x4.shr_s(v128.load(table), 2)));
  } else if (mode == TWICE) {
    const bytes = <usize>run << 2;
    for (; to < end; table += 4, to += bytes << 1) {
      const p = <usize>(base + i32.load(table));
      for (let i: usize = 0; i < bytes; i += 16) {
        const x = v128.load(p + i);
        v128.store(to + (i << 1), v128.shuffle<i32>(x, x, 0, 0, 1, 1));
        v128.store(to + (i << 1), v128.shuffle<i32>(x, x, 2, 2, 3, 3), 16);
      }
    }
  } else {
    const bytes = <usize>run << 2;
    for (; to < end; table += 4) {
      const p = <usize>(base + i32.load(table));
      const next = to + bytes;
      // What a whole vector writes beyond the run, the next run overwrites.
      if (mode == RUNS) for (let i: usize = 0; i < bytes; i += 16) v128.store(to + i, v128.load(p + i));
      else for (const value = v128.load32_splat(p); to < next; to += 16) v128.store(to, value);
      to = next;
    }
  }
}

function step(op: i32, out: usize, a: usize, b: usize, c: usize, bytes: usize): void {
  let i: usize = 0;
  switch (op) {
    case COPY:
      memory.copy(out, a, bytes);
      return;
    case ADD:
      for (; i < bytes; i += 16) v128.store(out + i, f32x4.add(v128.load(a + i), v128.load(b + i)));
      return;
    case SUB:
      for (; i < bytes; i += 16) v128.store(out + i, f32x4.sub(v128.load(a + i), v128.load(b + i)));
      return;
    case MUL:
      for (; i < bytes; i += 16) v128.store(out + i, f32x4.mul(v128.load(a + i), v128.load(b + i)));
      return;
    case DIV:
      for (; i < bytes; i += 16) v128.store(out + i, f32x4.div(v128.load(a + i), v128.load(b + i)));
      return;
    case NEG:
      for (; i < bytes; i += 16) v128.store(out + i, f32x4.neg(v128.load(a + i)));
      return;
    case SQRT:
      for (; i < bytes; i += 16) v128.store(out + i, f32x4.sqrt(v128.load(a + i)));
      return;
    case LT:
      for (; i < bytes; i += 16) v128.store(out + i, f32x4.lt(v128.load(a + i), v128.load(b + i)));
      return;
    case EQ_F32:
      for (; i < bytes; i += 16) v128.store(out + i, f32x4.eq(v128.load(a + i), v128.load(b + i)));
      return;
    case EQ_I32:
      for (; i < bytes; i += 16) v128.store(out + i, i32x4.eq(v128.load(a + i), v128.load(b + i)));
      return;
    case SELECT:
      for (; i < bytes; i += 16) v128.store(out + i, v128.bitselect(v128.load(b + i), v128.load(c + i), v128.load(a + i)));
      return;
    case EXP:
      for (; i < bytes; i += 16) {
        const x = v128.load(a + i);
        // What attention masks is far below -104, where exp is +0; computing that would take four
        // times as long, in subnormal numbers.
        if (v128.all_true<i32>(f32x4.lt(x, f32x4.splat(-104)))) v128.store(out + i, f32x4.splat(0));
        else v128.store(out + i, exp(x));
      }
      return;
    case LOG:
      for (; i < bytes; i += 16) v128.store(out + i, log(v128.load(a + i)));
      return;
    case MUL_ADD:
      for (; i < bytes; i += 16) {
        v128.store(out + i, f32x4.add(f32x4.mul(v128.load(a + i), v128.load(b + i)), v128.load(c + i)));
      }
      return;
    case SUB_MUL:
      for (; i < bytes; i += 16) {
        v128.store(out + i, f32x4.sub(v128.load(a + i), f32x4.mul(v128.load(b + i), v128.load(c + i))));
      }
      return;
    case TANH:
      for (; i < bytes; i += 16) v128.store(out + i, tanh(v128.load(a + i)));
      return;
    case ERF:
      for (; i < bytes; i += 16) v128.store(out + i, erf(v128.load(a + i)));
      return;
    case AND:
      for (; i < bytes; i += 16) v128.store(out + i, v128.and(v128.load(a + i), v128.load(b + i)));
      return;
    case OR:
      for (; i < bytes; i += 16) v128.store(out + i, v128.or(v128.load(a + i), v128.load(b + i)));
      return;
    case XOR:
      for (; i < bytes; i += 16) v128.store(out + i, v128.xor(v128.load(a + i), v128.load(b + i)));
      return;
    case SHL:
      for (; i < bytes; i += 4) i32.store(out + i, i32.load(a + i) << i32.load(b + i));
      return;
    case SHR:
      for (; i < bytes; i += 4) i32.store(out + i, i32.load(a + i) >> i32.load(b + i));
      return;
    case ADD_I32:
      for (; i < bytes; i += 16) v128.store(out + i, i32x4.add(v128.load(a + i), v128.load(b + i)));
      return;
    case SUB_I32:
      for (; i < bytes; i += 16) v128.store(out + i, i32x4.sub(v128.load(a + i), v128.load(b + i)));
      return;
    case MUL_I32:
      for (; i < bytes; i += 16) v128.store(out + i, i32x4.mul(v128.load(a + i), v128.load(b + i)));
      return;
    case NEG_I32:
      for (; i < bytes; i += 16) v128.store(out + i, i32x4.neg(v128.load(a + i)));
      return;
    case LT_I32:
      for (; i < bytes; i += 16) v128.store(out + i, i32x4.lt_s(v128.load(a + i), v128.load(b + i)));
      return;
    case TO_F32:
      for (; i < bytes; i += 16) v128.store(out + i, f32x4.convert_i32x4_s(v128.load(a + i)));
      return;
    case TO_I32:
      for (; i < bytes; i += 16) v128.store(out + i, i32x4.trunc_sat_f32x4_s(v128.load(a + i)));
      return;
    case LOG1P:
      for (; i < bytes; i += 16) v128.store(out + i, log1p(v128.load(a + i)));
      return;
    case SIN:
      for (; i < bytes; i += 16) v128.store(out + i, sin(v128.load(a + i)));
      return;
    case COS:
      for (; i < bytes; i += 16) v128.store(out + i, cos(v128.load(a + i)));
      return;
  }
}

/**
 * The output is walked in blocks of `rows` (the last one perhaps fewer) times `inner` elements, so
 * that within any block the offsets of a read are the same but for where it starts.
 *
 * Descriptor, in 32-bit words: outer count, extent of rows, rows of a block, inner count, number of
 * outer axes, of local axes (rows, then the inner ones), of splats, of fills, of instructions,
 * address of a spare register; extents of the outer axes, of the local axes; splats (address of a
 * scalar, register); fills (mode, base, register, table, run, stride of rows, strides of the outer
 * axes, of the local axes); instructions (op, then for the result and three operands an address and
 * 1 if it moves with the block, 0 if it is a register).
 */
export function map(d: usize): void {
  const outer = i32.load(d);
  const extent = i32.load(d, 4);
  const rows = i32.load(d, 8);
  const inner = i32.load(d, 12);
  const outerAxes = i32.load(d, 16);
  const localAxes = i32.load(d, 20);
  const splats = i32.load(d, 24);
  const fills = i32.load(d, 28);
  const steps = i32.load(d, 32);
  const spare = <usize>i32.load(d, 36);
  const outerExtents = d + 40;
  const localExtents = outerExtents + (<usize>outerAxes << 2);
  const firstSplat = localExtents + (<usize>localAxes << 2);
  const firstFill = firstSplat + (<usize>splats << 3);
  const fillBytes = <usize>(24 + 4 * (outerAxes + localAxes));
  const firstStep = firstFill + <usize>fills * fillBytes;
  const block = rows * inner;
  for (let s = 0; s < splats; s++) {
    const at = firstSplat + (<usize>s << 3);
    const value = v128.load32_splat(<usize>i32.load(at));
    const to = <usize>i32.load(at, 4);
    for (let i: usize = 0; i < <usize>block << 2; i += 16) v128.store(to + i, value);
  }
  for (let f = 0; f < fills; f++) {
    const at = firstFill + <usize>f * fillBytes;
    const mode = i32.load(at);
    const byRuns = mode == RUNS || mode == REPEATS;
    const table = <usize>i32.load(at, 12);
    const strides = at + 24 + (<usize>outerAxes << 2);
    // A run is the whole block where rows are elements, otherwise the innermost axis; of elements
    // repeated, the axis before it.
    const axes = mode == TWICE ? localAxes - 2 : byRuns ? localAxes - 1 : localAxes;
    let count = block;
    if (mode == TWICE) count = block / (2 * i32.load(at, 16));
    else if (byRuns) count = localAxes == 1 ? 1 : block / i32.load(at, 16);
    writeOffsets(0, count, axes, localExtents, strides, table);
    if (mode == FIXED_INDEX) fill(mode, 0, table, 0, <usize>i32.load(at, 8), block);
  }
  for (let o = 0; o < outer; o++) {
    for (let row = 0; row < extent; row += rows) {
      const length = min(rows, extent - row) * inner;
      const move = <usize>((o * extent + row) * inner) << 2;
      for (let f = 0; f < fills; f++) {
        const at = firstFill + <usize>f * fillBytes;
        const mode = i32.load(at);
        if (mode == FIXED_INDEX) continue;
        const start = row * i32.load(at, 20) + offsetOf(o, outerAxes, outerExtents, at + 24);
        const base = i32.load(at, 4) + (mode == INDEX ? start : start << 2);
        const run = localAxes == 1 ? length : i32.load(at, 16);
        fill(mode, base, <usize>i32.load(at, 12), run, <usize>i32.load(at, 8), length);
      }
      for (let s = 0; s < steps; s++) {
        const at = firstStep + <usize>s * 36;
        const out = <usize>i32.load(at, 4) + move * <usize>i32.load(at, 8);
        // Whole vectors must not write beyond a ragged block: an update in place still reads there.
        const ragged = (length & 3) != 0 && i32.load(at, 8) == 1;
        step(
          i32.load(at),
          ragged ? spare : out,
          <usize>i32.load(at, 12) + move * <usize>i32.load(at, 16),
          <usize>i32.load(at, 20) + move * <usize>i32.load(at, 24),
          <usize>i32.load(at, 28) + move * <usize>i32.load(at, 32),
          <usize>length << 2,
        );
        if (ragged) memory.copy(out, spare, <usize>length << 2);
      }
    }
  }
}
