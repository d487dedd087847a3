// Affine reads as tables. The address of an element is a sum of one part per axis, so for a block
// of a few hundred indices the parts are written out once, in bytes, and the loops over the block
// only add.

/**
 * The offsets in bytes of elements `start` to `start + count` of a row-major space, to `out`. Axes:
 * extents at `extents`, strides in elements at `strides`.
 */
export function writeOffsets(start: i32, count: i32, axes: i32, extents: usize, strides: usize, out: usize): void {
  if (axes == 0) {
    i32.store(out, 0);
    return;
  }
  const extent = i32.load(extents + (<usize>(axes - 1) << 2));
  const stride = i32.load(strides + (<usize>(axes - 1) << 2)) << 2;
  let outer = start / extent;
  let position = start - outer * extent;
  while (count > 0) {
    let offset = position * stride;
    let flat = outer;
    for (let axis = axes - 2; axis >= 0; axis--) {
      const size = i32.load(extents + (<usize>axis << 2));
      const rest = flat / size;
      offset += (flat - rest * size) * (i32.load(strides + (<usize>axis << 2)) << 2);
      flat = rest;
    }
    const run = min(extent - position, count);
    for (let i = 0; i < run; i++, out += 4, offset += stride) i32.store(out, offset);
    count -= run;
    position = 0;
    outer++;
  }
}

// Repeats the last of `count` offsets `more` times: lines beyond the edge are computed from what is
// there and thrown away.
export function padOffsets(table: usize, count: i32, more: i32): void {
  const last = i32.load(table + (<usize>(count - 1) << 2));
  for (let i = count; i < count + more; i++) i32.store(table + (<usize>i << 2), last);
}

// For each of `count` offsets, how many from there on follow one another `step` bytes apart.
export function writeRuns(offsets: usize, count: i32, step: i32, out: usize): void {
  let run = 0;
  for (let i = count - 1; i >= 0; i--) {
    const at = <usize>i << 2;
    run = run > 0 && i32.load(offsets + at, 4) == i32.load(offsets + at) + step ? run + 1 : 1;
    i32.store(out + at, run);
  }
}

// The number of elements of a space.
export function sizeOf(axes: i32, extents: usize): i32 {
  let count = 1;
  for (let axis = 0; axis < axes; axis++) count *= i32.load(extents + (<usize>axis << 2));
  return count;
}

// Offset of element `flat` of a space of `axes` axes, its extents at `extents`, with strides at
// `strides`.
export function offsetOf(flat: i32, axes: i32, extents: usize, strides: usize): i32 {
  let offset = 0;
  for (let axis = axes - 1; axis >= 0; axis--) {
    const extent = i32.load(extents + (<usize>axis << 2));
    const rest = flat / extent;
    offset += (flat - rest * extent) * i32.load(strides + (<usize>axis << 2));
    flat = rest;
  }
  return offset;
}
