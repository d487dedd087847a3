// Element-wise expressions, as a short program of instructions over blocks of BLOCK elements. Each instruction is one SIMD loop
// over a block that stays in the first-level cache, so interpreting costs one dispatch per 256 elements. A fixed module
// (instead of code generated per expression) has one hash, and that hash is the arithmetic.
//
// An instruction reads and writes registers (blocks in scratch) or, where an operand is read in order, the tensor itself. The last
// up to three lanes of a block may lie beyond the tensor: tensors are padded to 16 bytes, and what is there is never read.
import { erf, exp, log, tanh } from './transcendental';

const BLOCK: i32 = 256;

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

// Elements `start` to `start + length` of a strided read, into a register. `kind` 0 reads memory at `base` + 4*offset, 1 writes the
// offset itself plus `base` (the position on an axis).
function fill(kind: i32, base: i32, to: usize, start: i32, length: i32, axes: i32, extents: usize, strides: usize): void {
  const extent = i32.load(extents + (<usize>(axes - 1) << 2));
  const stride = i32.load(strides + (<usize>(axes - 1) << 2));
  let position = start % extent;
  let outer = start / extent;
  const end = to + (<usize>length << 2);
  while (to < end) {
    let offset = position * stride;
    let flat = outer;
    for (let axis = axes - 2; axis >= 0; axis--) {
      const size = i32.load(extents + (<usize>axis << 2));
      const rest = flat / size;
      offset += (flat - rest * size) * i32.load(strides + (<usize>axis << 2));
      flat = rest;
    }
    const run = min(extent - position, <i32>((end - to) >> 2));
    if (kind == 1) {
      let value = base + offset;
      for (let i = 0; i < run; i++, value += stride) i32.store(to + (<usize>i << 2), value);
    } else {
      let p = <usize>base + (<usize>offset << 2);
      if (stride == 1) memory.copy(to, p, <usize>run << 2);
      else {
        const step = <usize>stride << 2;
        for (let i = 0; i < run; i++, p += step) i32.store(to + (<usize>i << 2), i32.load(p));
      }
    }
    to += <usize>run << 2;
    position = 0;
    outer++;
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
      for (; i < bytes; i += 16) v128.store(out + i, exp(v128.load(a + i)));
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
  }
}

/**
 * Descriptor, in 32-bit words: number of elements, of axes, of splats, of fills, of instructions; extents of the axes; splats
 * (address of a scalar, register); fills (kind, base, register, strides); instructions (op, then for the result and three operands
 * an address and 1 if it moves with the block, 0 if it is a register).
 */
export function map(d: usize): void {
  const count = i32.load(d);
  const axes = i32.load(d, 4);
  const splats = i32.load(d, 8);
  const fills = i32.load(d, 12);
  const steps = i32.load(d, 16);
  const extents = d + 20;
  const firstSplat = extents + (<usize>axes << 2);
  const firstFill = firstSplat + (<usize>splats << 3);
  const fillBytes = <usize>(12 + 4 * axes);
  const firstStep = firstFill + <usize>fills * fillBytes;
  const block = min(BLOCK, (count + 3) & ~3);
  for (let s = 0; s < splats; s++) {
    const at = firstSplat + (<usize>s << 3);
    const value = v128.load32_splat(<usize>i32.load(at));
    const to = <usize>i32.load(at, 4);
    for (let i: usize = 0; i < <usize>block << 2; i += 16) v128.store(to + i, value);
  }
  for (let start = 0; start < count; start += BLOCK) {
    const length = min(BLOCK, count - start);
    const move = <usize>start << 2;
    for (let f = 0; f < fills; f++) {
      const at = firstFill + <usize>f * fillBytes;
      fill(i32.load(at), i32.load(at, 4), <usize>i32.load(at, 8), start, length, axes, extents, at + 12);
    }
    for (let s = 0; s < steps; s++) {
      const at = firstStep + <usize>s * 36;
      step(
        i32.load(at),
        <usize>i32.load(at, 4) + move * <usize>i32.load(at, 8),
        <usize>i32.load(at, 12) + move * <usize>i32.load(at, 16),
        <usize>i32.load(at, 20) + move * <usize>i32.load(at, 24),
        <usize>i32.load(at, 28) + move * <usize>i32.load(at, 32),
        <usize>length << 2,
      );
    }
  }
}
