// Reductions over any affine reads, described by extents and strides in elements (`Axes`: count, then extents,
// then the strides of each operand). Output elements are written in row-major order; terms are taken in row-major order.

// Offset of element `flat` of a space of `axes` axes, its extents at `extents`, with strides at `strides`.
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

export function product(axes: i32, extents: usize): i32 {
  let count = 1;
  for (let axis = 0; axis < axes; axis++) count *= i32.load(extents + (<usize>axis << 2));
  return count;
}

const SUM: i32 = 0;
const MAX: i32 = 1;
const ARGMAX: i32 = 2;
const MIN: i32 = 3;
const ARGMIN: i32 = 4;

// Four neighbouring outputs, their elements adjacent in memory for each k.
// @ts-ignore: decorator
@inline
function accumulate(op: i32, c: v128, x: v128): v128 {
  if (op == SUM) return f32x4.add(c, x);
  return op == MAX ? f32x4.pmax(c, x) : f32x4.pmin(c, x);
}

// One output element from the terms at `source`.
function reduceOne(op: i32, out: usize, source: usize, terms: i32, kAxes: i32, kExtents: usize, kStrides: usize): void {
  const inner = kAxes == 0 ? 1 : i32.load(kExtents + (<usize>(kAxes - 1) << 2));
  const stride = kAxes == 0 ? <usize>0 : <usize>i32.load(kStrides + (<usize>(kAxes - 1) << 2)) << 2;
  let c = op == SUM ? <f32>0 : f32.load(source + (<usize>offsetOf(0, kAxes, kExtents, kStrides) << 2));
  let best = 0;
  for (let k = 0; k < terms; k += inner) {
    let p = source + (<usize>offsetOf(k, kAxes, kExtents, kStrides) << 2);
    if (op == SUM) {
      for (let i = 0; i < inner; i++, p += stride) c += f32.load(p);
    } else {
      const smallest = op == MIN || op == ARGMIN;
      for (let i = 0; i < inner; i++, p += stride) {
        const x = f32.load(p);
        if (smallest ? x < c : x > c) {
          c = x;
          best = k + i;
        }
      }
    }
  }
  if (op == ARGMAX || op == ARGMIN) i32.store(out, best);
  else f32.store(out, c);
}

// `lanes` x 4 neighbouring outputs at once: the same sequential loop in each lane.
function reduceLanes(op: i32, out: usize, source: usize, terms: i32, kAxes: i32, kExtents: usize, kStrides: usize): void {
  const start = source + (<usize>offsetOf(0, kAxes, kExtents, kStrides) << 2);
  let c0 = op == SUM ? f32x4.splat(0) : v128.load(start);
  let c1 = op == SUM ? c0 : v128.load(start, 16);
  let c2 = op == SUM ? c0 : v128.load(start, 32);
  let c3 = op == SUM ? c0 : v128.load(start, 48);
  const inner = kAxes == 0 ? 1 : i32.load(kExtents + (<usize>(kAxes - 1) << 2));
  const stride = kAxes == 0 ? <usize>0 : <usize>i32.load(kStrides + (<usize>(kAxes - 1) << 2)) << 2;
  for (let k = 0; k < terms; k += inner) {
    let p = source + (<usize>offsetOf(k, kAxes, kExtents, kStrides) << 2);
    for (let i = 0; i < inner; i++, p += stride) {
      c0 = accumulate(op, c0, v128.load(p));
      c1 = accumulate(op, c1, v128.load(p, 16));
      c2 = accumulate(op, c2, v128.load(p, 32));
      c3 = accumulate(op, c3, v128.load(p, 48));
    }
  }
  v128.store(out, c0);
  v128.store(out, c1, 16);
  v128.store(out, c2, 32);
  v128.store(out, c3, 48);
}

/**
 * Descriptor, in 32-bit words: op (0 sum, 1 max, 2 argmax, 3 min, 4 argmin), out, source, number of out axes, number of k axes, extents of out,
 * strides of out, extents of k, strides of k.
 */
export function reduce(d: usize): void {
  const op = i32.load(d);
  let out = <usize>i32.load(d, 4);
  const source = <usize>i32.load(d, 8);
  const axes = i32.load(d, 12);
  const kAxes = i32.load(d, 16);
  const extents = d + 20;
  const strides = extents + (<usize>axes << 2);
  const kExtents = strides + (<usize>axes << 2);
  const kStrides = kExtents + (<usize>kAxes << 2);
  const count = product(axes, extents);
  const terms = product(kAxes, kExtents);
  const inner = axes == 0 ? 1 : i32.load(extents + (<usize>(axes - 1) << 2));
  const adjacent = op != ARGMAX && op != ARGMIN && axes > 0 && i32.load(strides + (<usize>(axes - 1) << 2)) == 1;
  for (let o = 0; o < count; o += inner) {
    const p = source + (<usize>offsetOf(o, axes, extents, strides) << 2);
    const stride = axes == 0 ? <usize>0 : <usize>i32.load(strides + (<usize>(axes - 1) << 2)) << 2;
    let i = 0;
    if (adjacent) {
      for (; i + 16 <= inner; i += 16) {
        reduceLanes(op, out, p + (<usize>i << 2), terms, kAxes, kExtents, kStrides);
        out += 64;
      }
    }
    for (; i < inner; i++) {
      reduceOne(op, out, p + <usize>i * stride, terms, kAxes, kExtents, kStrides);
      out += 4;
    }
  }
}
