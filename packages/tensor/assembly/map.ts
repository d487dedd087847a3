// Element-wise expressions, as a short program of instructions over blocks of up to 256 elements.
// Each instruction is one SIMD loop over a block that stays in the first-level cache, so
// interpreting costs one dispatch per block. A fixed module (instead of code generated per
// expression) has one hash, and that hash is the arithmetic.
//
// An instruction reads and writes registers (blocks in scratch) or, where an operand is read in
// order, the tensor itself. What is the same throughout a block is read again and again.
// `finish` runs such a program over what a contraction has just summed, while it is in the cache.
import { copyWords } from './move';
import { offsetOf, writeOffsets } from './tables';
import { cos, erf, exp, log, log1p, sigmoid, sin, tanh } from './transcendental';

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
// Whole operations, of as many instructions as it takes to say them by those above.
const RELU: i32 = 32; // x < 0 or x = 0 ? 0 : x
const RELU_BELOW: i32 = 33; // the same, at most b
const CLAMP: i32 = 34; // at least b, at most c; neither is a zero
const SIGMOID: i32 = 35; // d = exp(-|x|); (x < 0 ? d : 1) / (1 + d)

// Where the result or an operand of an instruction lies: in a register; in a tensor, from where the
// block begins; one value, twice a vector, for the whole block; or at an address that is written anew for each
// block.
const MOVES: i32 = 1;
const REPEATED: i32 = 2;
const ELSEWHERE: i32 = 3;

// The most elements of a block.
const BLOCK: i32 = 256;

// How a register is filled for a block: element by element through a table of offsets; by runs that
// lie together, or that repeat one element, or that repeat each of several once (what pooling by
// 2x2 gives back); with positions on an axis, which may be the same for all blocks.
const GATHER: i32 = 0;
const RUNS: i32 = 1;
const REPEATS: i32 = 2;
const INDEX: i32 = 3;
const FIXED_INDEX: i32 = 4;
const TWICE: i32 = 5;
const ONE: i32 = 6; // one element for the whole block

// Fills `length` elements at `to`. `base`: the address, or position, of the block's first element;
// `table`: offsets in bytes of each run from there.
function fill(mode: i32, base: i32, table: usize, run: i32, to: usize, length: i32): void {
  const end = to + (<usize>length << 2);
  if (mode == ONE) repeat(to, <usize>base);
  else if (mode == GATHER) {
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

// `op` is a constant at each call. pmax(a, b) is a < b ? b : a, and pmin b < a ? b : a: one
// instruction each, which keep a NaN in the first place.
// @ts-ignore: decorator
@inline
function apply(op: i32, x: v128, y: v128, z: v128): v128 {
  if (op == COPY) return x;
  if (op == ADD) return f32x4.add(x, y);
  if (op == SUB) return f32x4.sub(x, y);
  if (op == MUL) return f32x4.mul(x, y);
  if (op == DIV) return f32x4.div(x, y);
  if (op == NEG) return f32x4.neg(x);
  if (op == SQRT) return f32x4.sqrt(x);
  if (op == LT) return f32x4.lt(x, y);
  if (op == EQ_F32) return f32x4.eq(x, y);
  if (op == EQ_I32) return i32x4.eq(x, y);
  if (op == SELECT) return v128.bitselect(y, z, x);
  if (op == LOG) return log(x);
  if (op == MUL_ADD) return f32x4.add(f32x4.mul(x, y), z);
  if (op == SUB_MUL) return f32x4.sub(x, f32x4.mul(y, z));
  if (op == TANH) return tanh(x);
  if (op == ERF) return erf(x);
  if (op == AND) return v128.and(x, y);
  if (op == OR) return v128.or(x, y);
  if (op == XOR) return v128.xor(x, y);
  if (op == ADD_I32) return i32x4.add(x, y);
  if (op == SUB_I32) return i32x4.sub(x, y);
  if (op == MUL_I32) return i32x4.mul(x, y);
  if (op == NEG_I32) return i32x4.neg(x);
  if (op == LT_I32) return i32x4.lt_s(x, y);
  if (op == TO_F32) return f32x4.convert_i32x4_s(x);
  if (op == TO_I32) return i32x4.trunc_sat_f32x4_s(x);
  if (op == LOG1P) return log1p(x);
  if (op == SIN) return sin(x);
  if (op == COS) return cos(x);
  // Adding +0 makes -0 a +0, and nothing else of what pmax leaves.
  if (op == RELU) return f32x4.add(f32x4.pmax(x, f32x4.splat(0)), f32x4.splat(0));
  if (op == RELU_BELOW) return f32x4.pmin(f32x4.add(f32x4.pmax(x, f32x4.splat(0)), f32x4.splat(0)), y);
  if (op == CLAMP) return f32x4.pmin(f32x4.pmax(x, y), z);
  return sigmoid(x);
}

// Eight elements a turn. `sa`, `sb` and `sc` are how far an operand moves: 32 bytes, or not at all
// where it is one value, twice.
// @ts-ignore: decorator
@inline
function unary(op: i32, out: usize, a: usize, sa: usize, end: usize): void {
  for (; out < end; out += 32) {
    const x0 = v128.load(a);
    const x1 = v128.load(a, 16);
    v128.store(out, apply(op, x0, x0, x0));
    v128.store(out, apply(op, x1, x1, x1), 16);
    a += sa;
  }
}

// The same by four elements, for operations of many instructions.
// @ts-ignore: decorator
@inline
function unaryLong(op: i32, out: usize, a: usize, sa: usize, end: usize): void {
  for (sa >>= 1; out < end; out += 16, a += sa) {
    const x = v128.load(a);
    v128.store(out, apply(op, x, x, x));
  }
}

// @ts-ignore: decorator
@inline
function binary(op: i32, out: usize, a: usize, sa: usize, b: usize, sb: usize, end: usize): void {
  for (; out < end; out += 32) {
    const x0 = v128.load(a);
    const x1 = v128.load(a, 16);
    const y0 = v128.load(b);
    const y1 = v128.load(b, 16);
    v128.store(out, apply(op, x0, y0, y0));
    v128.store(out, apply(op, x1, y1, y1), 16);
    a += sa;
    b += sb;
  }
}

// @ts-ignore: decorator
@inline
function ternary(op: i32, out: usize, a: usize, sa: usize, b: usize, sb: usize, c: usize, sc: usize, end: usize): void {
  for (; out < end; out += 32) {
    const x0 = v128.load(a);
    const x1 = v128.load(a, 16);
    const y0 = v128.load(b);
    const y1 = v128.load(b, 16);
    const z0 = v128.load(c);
    const z1 = v128.load(c, 16);
    v128.store(out, apply(op, x0, y0, z0));
    v128.store(out, apply(op, x1, y1, z1), 16);
    a += sa;
    b += sb;
    c += sc;
  }
}

function step(op: i32, out: usize, a: usize, sa: usize, b: usize, sb: usize, c: usize, sc: usize, end: usize): void {
  switch (op) {
    case COPY: unary(COPY, out, a, sa, end); return;
    case NEG: unary(NEG, out, a, sa, end); return;
    case SQRT: unary(SQRT, out, a, sa, end); return;
    case LOG: unaryLong(LOG, out, a, sa, end); return;
    case TANH: unaryLong(TANH, out, a, sa, end); return;
    case ERF: unaryLong(ERF, out, a, sa, end); return;
    case NEG_I32: unary(NEG_I32, out, a, sa, end); return;
    case TO_F32: unary(TO_F32, out, a, sa, end); return;
    case TO_I32: unary(TO_I32, out, a, sa, end); return;
    case LOG1P: unaryLong(LOG1P, out, a, sa, end); return;
    case SIN: unaryLong(SIN, out, a, sa, end); return;
    case COS: unaryLong(COS, out, a, sa, end); return;
    case RELU: unary(RELU, out, a, sa, end); return;
    case SIGMOID: unaryLong(SIGMOID, out, a, sa, end); return;
    case ADD: binary(ADD, out, a, sa, b, sb, end); return;
    case SUB: binary(SUB, out, a, sa, b, sb, end); return;
    case MUL: binary(MUL, out, a, sa, b, sb, end); return;
    case DIV: binary(DIV, out, a, sa, b, sb, end); return;
    case LT: binary(LT, out, a, sa, b, sb, end); return;
    case EQ_F32: binary(EQ_F32, out, a, sa, b, sb, end); return;
    case EQ_I32: binary(EQ_I32, out, a, sa, b, sb, end); return;
    case AND: binary(AND, out, a, sa, b, sb, end); return;
    case OR: binary(OR, out, a, sa, b, sb, end); return;
    case XOR: binary(XOR, out, a, sa, b, sb, end); return;
    case ADD_I32: binary(ADD_I32, out, a, sa, b, sb, end); return;
    case SUB_I32: binary(SUB_I32, out, a, sa, b, sb, end); return;
    case MUL_I32: binary(MUL_I32, out, a, sa, b, sb, end); return;
    case LT_I32: binary(LT_I32, out, a, sa, b, sb, end); return;
    case RELU_BELOW: binary(RELU_BELOW, out, a, sa, b, sb, end); return;
    case SELECT: ternary(SELECT, out, a, sa, b, sb, c, sc, end); return;
    case MUL_ADD: ternary(MUL_ADD, out, a, sa, b, sb, c, sc, end); return;
    case SUB_MUL: ternary(SUB_MUL, out, a, sa, b, sb, c, sc, end); return;
    case CLAMP: ternary(CLAMP, out, a, sa, b, sb, c, sc, end); return;
    case EXP:
      for (sa >>= 1; out < end; out += 16, a += sa) {
        const x = v128.load(a);
        // What attention masks is far below -104, where exp is +0; computing that would take four
        // times as long, in subnormal numbers.
        if (v128.all_true<i32>(f32x4.lt(x, f32x4.splat(-104)))) v128.store(out, f32x4.splat(0));
        else v128.store(out, exp(x));
      }
      return;
    case SHL:
      for (sa >>= 3, sb >>= 3; out < end; out += 4, a += sa, b += sb) i32.store(out, i32.load(a) << i32.load(b));
      return;
    case SHR:
      for (sa >>= 3, sb >>= 3; out < end; out += 4, a += sa, b += sb) i32.store(out, i32.load(a) >> i32.load(b));
      return;
  }
}

// Address of a result or operand whose address and place are at `at`.
// @ts-ignore: decorator
@inline
function resolve(at: usize, move: usize, registers: usize): usize {
  const address = <usize>i32.load(at);
  const place = i32.load(at, 4);
  if (place == MOVES) return address + move;
  return place == ELSEWHERE ? <usize>i32.load(registers + address) : registers + address;
}

// @ts-ignore: decorator
@inline
function pace(at: usize): usize {
  return i32.load(at, 4) == REPEATED ? 0 : 32;
}

// One value as an operand that is repeated.
// @ts-ignore: decorator
@inline
function repeat(to: usize, from: usize): void {
  const value = v128.load32_splat(from);
  v128.store(to, value);
  v128.store(to, value, 16);
}

// Runs `steps` instructions over the `length` elements that begin `move` bytes into what moves.
function runSteps(at: usize, steps: i32, move: usize, length: i32, registers: usize, spare: usize): void {
  // Whole vectors must not write beyond a ragged block: what lies there is read or written later.
  const ragged = (length & 7) != 0;
  for (let s = 0; s < steps; s++, at += 36) {
    const place = resolve(at + 4, move, registers);
    const aside = ragged && i32.load(at, 8) == MOVES;
    const out = aside ? spare : place;
    step(
      i32.load(at),
      out,
      resolve(at + 12, move, registers), pace(at + 12),
      resolve(at + 20, move, registers), pace(at + 20),
      resolve(at + 28, move, registers), pace(at + 28),
      out + (<usize>length << 2),
    );
    if (aside) copyWords(place, spare, length);
  }
}

/**
 * The scalars of a program for `finish`. Descriptor, in 32-bit words: address of the tensor that is
 * finished, number of splats, of operands that vary, of instructions, address of a spare register;
 * splats (address of a scalar, register); operands that vary (address, `inner`, `count`, register):
 * element e of the tensor reads element (e / inner) mod count, where a block lies within one
 * `inner`, or inner is 1 and it ends before the count does; instructions as in `map`.
 */
export function prepareFinish(d: usize, registers: usize): void {
  const splats = i32.load(d, 4);
  for (let s = 0, at = d + 20; s < splats; s++, at += 8) {
    repeat(registers + <usize>i32.load(at, 4), <usize>i32.load(at));
  }
}

/** Finishes `length` elements at `address`, which lie together. */
export function finish(d: usize, address: usize, length: i32, registers: usize): void {
  const move = address - <usize>i32.load(d);
  const varying = i32.load(d, 8);
  const spare = registers + <usize>i32.load(d, 16);
  const first = d + 20 + (<usize>i32.load(d, 4) << 3);
  const steps = first + (<usize>varying << 4);
  for (let done = 0; done < length; done += BLOCK) {
    const bytes = <usize>done << 2;
    const element = <i32>((move + bytes) >> 2);
    for (let v = 0, at = first; v < varying; v++, at += 16) {
      const inner = i32.load(at, 4);
      const source = <usize>i32.load(at) + (<usize>((inner == 1 ? element : element / inner) % i32.load(at, 8)) << 2);
      const register = registers + <usize>i32.load(at, 12);
      if (inner == 1) i32.store(register, <i32>source);
      else repeat(register, source);
    }
    runSteps(steps, i32.load(d, 12), move + bytes, min(BLOCK, length - done), registers, spare);
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
 * its place).
 */
export function map(d: usize, scratch: usize, registers: usize): void {
  const outer = i32.load(d);
  const extent = i32.load(d, 4);
  const rows = i32.load(d, 8);
  const inner = i32.load(d, 12);
  const outerAxes = i32.load(d, 16);
  const localAxes = i32.load(d, 20);
  const splats = i32.load(d, 24);
  const fills = i32.load(d, 28);
  const steps = i32.load(d, 32);
  const spare = registers + <usize>i32.load(d, 36);
  const outerExtents = d + 40;
  const localExtents = outerExtents + (<usize>outerAxes << 2);
  const firstSplat = localExtents + (<usize>localAxes << 2);
  const firstFill = firstSplat + (<usize>splats << 3);
  const fillBytes = <usize>(24 + 4 * (outerAxes + localAxes));
  const firstStep = firstFill + <usize>fills * fillBytes;
  const block = rows * inner;
  for (let s = 0; s < splats; s++) {
    const at = firstSplat + (<usize>s << 3);
    repeat(registers + <usize>i32.load(at, 4), <usize>i32.load(at));
  }
  for (let f = 0; f < fills; f++) {
    const at = firstFill + <usize>f * fillBytes;
    const mode = i32.load(at);
    if (mode == ONE) continue;
    const byRuns = mode == RUNS || mode == REPEATS;
    const table = registers + <usize>i32.load(at, 12);
    const strides = at + 24 + (<usize>outerAxes << 2);
    // A run is the whole block where rows are elements, otherwise the innermost axis; of elements
    // repeated, the axis before it.
    const axes = mode == TWICE ? localAxes - 2 : byRuns ? localAxes - 1 : localAxes;
    let count = block;
    if (mode == TWICE) count = block / (2 * i32.load(at, 16));
    else if (byRuns) count = localAxes == 1 ? 1 : block / i32.load(at, 16);
    writeOffsets(0, count, axes, localExtents, strides, table);
    if (mode == FIXED_INDEX) fill(mode, 0, table, 0, registers + <usize>i32.load(at, 8), block);
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
        fill(mode, base, registers + <usize>i32.load(at, 12), run, registers + <usize>i32.load(at, 8), length);
      }
      runSteps(firstStep, steps, move, length, registers, spare);
    }
  }
}
