// Primitives that move elements without computing (scatterAdd adds): any dtype, as 32-bit words.
// Arguments in elements, addresses in bytes. Where an index is data, the kernel returns the
// position of the first one out of range, or -1, and touches nothing outside.
import { offsetOf, sizeOf } from './tables';

/**
 * Each element of the source, row-major, gets its place, and everything between and around them the
 * value. Descriptor, in 32-bit words: out, elements of out, bits of the value, source, number of
 * axes, base, extents of the source, strides in out.
 */
export function pad(d: usize): void {
  const out = <usize>i32.load(d);
  const axes = i32.load(d, 16);
  const extents = d + 24;
  const strides = extents + (<usize>axes << 2);
  let source = <usize>i32.load(d, 12);
  const last = <usize>(axes - 1) << 2;
  const inner = i32.load(extents + last);
  const step = <usize>i32.load(strides + last) << 2;
  const rows = sizeOf(axes - 1, extents);
  const span = <usize>(inner - 1) * step + 4;
  let filled = out;
  for (let row = 0; row < rows; row++) {
    const to = out + (<usize>(i32.load(d, 20) + offsetOf(row, axes - 1, extents, strides)) << 2);
    if (step == 4) {
      fill(filled, to, d + 8);
      copyWords(to, source, inner);
    } else {
      fill(filled, to + span, d + 8);
      for (let i = 0; i < inner; i++) i32.store(to + <usize>i * step, i32.load(source + (<usize>i << 2)));
    }
    filled = to + span;
    source += <usize>inner << 2;
  }
  fill(filled, out + (<usize>i32.load(d, 4) << 2), d + 8);
}

// The words from `to` to `end` get the one at `value`.
// @ts-ignore: decorator
@inline
function fill(to: usize, end: usize, value: usize): void {
  const four = v128.load32_splat(value);
  for (; to + 16 <= end; to += 16) v128.store(to, four);
  for (; to < end; to += 4) i32.store(to, i32.load(value));
}

/** memory.copy is a call out of the module, which takes longer than a row of a few hundred words. */
export function copyWords(to: usize, from: usize, words: i32): void {
  if (words > 1024) {
    memory.copy(to, from, <usize>words << 2);
    return;
  }
  const whole = from + (<usize>(words >> 2) << 4);
  for (; from < whole; from += 16, to += 16) v128.store(to, v128.load(from));
  const end = whole + (<usize>(words & 3) << 2);
  for (; from < end; from += 4, to += 4) i32.store(to, i32.load(from));
}

// `rows` rows of `width` elements, from one pitch to another.
export function copyRows(to: usize, toPitch: i32, from: usize, fromPitch: i32, rows: i32, width: i32): void {
  for (let row = 0; row < rows; row++) {
    if (width == 1) i32.store(to, i32.load(from));
    else copyWords(to, from, width);
    to += <usize>toPitch << 2;
    from += <usize>fromPitch << 2;
  }
}

/** data (outer, size, inner), index (count) -> out (outer, count, inner). */
export function gather(out: usize, data: usize, index: usize, outer: i32, size: i32, inner: i32, count: i32): i32 {
  for (let i = 0; i < count; i++) if (<u32>i32.load(index + (<usize>i << 2)) >= <u32>size) return i;
  const bytes = <usize>inner << 2;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < count; i++) {
      const from = data + <usize>i32.load(index + (<usize>i << 2)) * bytes;
      if (inner == 1) i32.store(out, i32.load(from));
      else copyWords(out, from, inner);
      out += bytes;
    }
    data += <usize>size * bytes;
  }
  return -1;
}

/**
 * source (outer, count, inner), index (count) -> out (outer, size, inner): from +0, in the order of
 * the source.
 */
export function scatterAdd(out: usize, source: usize, index: usize, outer: i32, size: i32, inner: i32, count: i32): i32 {
  for (let i = 0; i < count; i++) if (<u32>i32.load(index + (<usize>i << 2)) >= <u32>size) return i;
  const bytes = <usize>inner << 2;
  memory.fill(out, 0, <usize>(outer * size) * bytes);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < count; i++) {
      const to = out + <usize>i32.load(index + (<usize>i << 2)) * bytes;
      let at: usize = 0;
      for (; at + 16 <= bytes; at += 16) v128.store(to + at, f32x4.add(v128.load(to + at), v128.load(source + at)));
      for (; at < bytes; at += 4) f32.store(to + at, f32.load(to + at) + f32.load(source + at));
      source += bytes;
    }
    out += <usize>size * bytes;
  }
  return -1;
}

/** out[i] = table[x[i] - low], for x of low .. low + size - 1. */
export function lookup(out: usize, x: usize, table: usize, low: i32, size: i32, count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const at = <usize>i << 2;
    const entry = i32.load(x + at) - low;
    if (<u32>entry >= <u32>size) return i;
    i32.store(out + at, i32.load(table + (<usize>entry << 2)));
  }
  return -1;
}
