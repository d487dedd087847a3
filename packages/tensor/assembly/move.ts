// Primitives that move elements without computing (scatterAdd adds): any dtype, as 32-bit words.
// Arguments in elements, addresses in bytes. Where an index is data, the kernel returns the
// position of the first one out of range, or -1, and touches nothing outside.

/**
 * Everything gets the value, then each element of the source, row-major, its place. Descriptor, in
 * 32-bit words: out, elements of out, bits of the value, source, number of axes, base, extents of
 * the source, strides in out.
 */
export function pad(d: usize): void {
  const out = <usize>i32.load(d);
  const count = <usize>i32.load(d, 4);
  const value = v128.load32_splat(d + 8);
  const axes = i32.load(d, 16);
  const extents = d + 24;
  const strides = extents + (<usize>axes << 2);
  for (let i: usize = 0; i < count << 2; i += 16) v128.store(out + i, value);
  let source = <usize>i32.load(d, 12);
  const last = <usize>(axes - 1) << 2;
  const inner = i32.load(extents + last);
  const step = <usize>i32.load(strides + last) << 2;
  let rows = 1;
  for (let axis = 0; axis < axes - 1; axis++) rows *= i32.load(extents + (<usize>axis << 2));
  for (let row = 0; row < rows; row++) {
    let offset = i32.load(d, 20);
    let flat = row;
    for (let axis = axes - 2; axis >= 0; axis--) {
      const extent = i32.load(extents + (<usize>axis << 2));
      const rest = flat / extent;
      offset += (flat - rest * extent) * i32.load(strides + (<usize>axis << 2));
      flat = rest;
    }
    let to = out + (<usize>offset << 2);
    if (step == 4) memory.copy(to, source, <usize>inner << 2);
    else for (let i = 0; i < inner; i++, to += step) i32.store(to, i32.load(source + (<usize>i << 2)));
    source += <usize>inner << 2;
  }
}

// `rows` rows of `width` elements, from one pitch to another.
export function copyRows(to: usize, toPitch: i32, from: usize, fromPitch: i32, rows: i32, width: i32): void {
  for (let row = 0; row < rows; row++) {
    memory.copy(to, from, <usize>width << 2);
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
      else memory.copy(out, from, bytes);
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
