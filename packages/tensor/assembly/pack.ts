// Packing: elements that lie anywhere, given by one offset for their line and one for their term,
// into panels of a few lines that vectors walk in the order of the terms.

// Splits the lines of a panel into vectors that lie together in memory: pairs (offset of the
// source, byte in the panel's row). Returns their number. A vector may reach beyond its run: what
// it writes there is overwritten by the next one, or by the next row.
function findPieces(lines: usize, width: i32, pieces: usize): i32 {
  let count = 0;
  for (let l = 0; l < width; ) {
    const start = i32.load(lines + (<usize>l << 2));
    let run = 1;
    while (run < 4 && l + run < width && i32.load(lines + (<usize>(l + run) << 2)) == start + (run << 2)) run++;
    i32.store(pieces + (<usize>count << 3), start);
    i32.store(pieces + (<usize>count << 3), l << 2, 4);
    count++;
    l += run;
  }
  return count;
}

// The same for a number of pieces that is a constant at each call: their places stay in registers.
// @ts-ignore: decorator
@inline
function packFewPieces(count: i32, base: usize, k: i32, end: i32, terms: usize, pieces: usize, rowBytes: usize, out: usize): void {
  const first = base + <usize>i32.load(pieces);
  const second = count > 1 ? base + <usize>i32.load(pieces, 8) : 0;
  const third = count > 2 ? base + <usize>i32.load(pieces, 16) : 0;
  const fourth = count > 3 ? base + <usize>i32.load(pieces, 24) : 0;
  const toSecond = count > 1 ? <usize>i32.load(pieces, 12) : 0;
  const toThird = count > 2 ? <usize>i32.load(pieces, 20) : 0;
  const toFourth = count > 3 ? <usize>i32.load(pieces, 28) : 0;
  for (; k < end; k++, out += rowBytes) {
    const term = <usize>i32.load(terms + (<usize>k << 2));
    v128.store(out, v128.load(first + term));
    if (count > 1) v128.store(out + toSecond, v128.load(second + term));
    if (count > 2) v128.store(out + toThird, v128.load(third + term));
    if (count > 3) v128.store(out + toFourth, v128.load(fourth + term));
  }
}

// Terms `k` to `end` of a panel whose lines come in `count` pieces.
function packPieces(base: usize, k: i32, end: i32, terms: usize, count: i32, pieces: usize, rowBytes: usize, out: usize): void {
  out += <usize>k * rowBytes;
  if (count == 1) packFewPieces(1, base, k, end, terms, pieces, rowBytes, out);
  else if (count == 2) packFewPieces(2, base, k, end, terms, pieces, rowBytes, out);
  else if (count == 3) packFewPieces(3, base, k, end, terms, pieces, rowBytes, out);
  else if (count == 4) packFewPieces(4, base, k, end, terms, pieces, rowBytes, out);
  else {
    for (; k < end; k++, out += rowBytes) {
      const source = base + <usize>i32.load(terms + (<usize>k << 2));
      for (let p = pieces; p < pieces + (<usize>count << 3); p += 8) {
        v128.store(out + <usize>i32.load(p, 4), v128.load(source + <usize>i32.load(p)));
      }
    }
  }
}

// Four terms of four lines, transposed; the terms follow one another in memory.
// @ts-ignore: decorator
@inline
function transpose(p0: usize, p1: usize, p2: usize, p3: usize, out: usize, rowBytes: usize): void {
  const r0 = v128.load(p0);
  const r1 = v128.load(p1);
  const r2 = v128.load(p2);
  const r3 = v128.load(p3);
  const a = v128.shuffle<i32>(r0, r1, 0, 4, 1, 5);
  const b = v128.shuffle<i32>(r2, r3, 0, 4, 1, 5);
  const c = v128.shuffle<i32>(r0, r1, 2, 6, 3, 7);
  const d = v128.shuffle<i32>(r2, r3, 2, 6, 3, 7);
  v128.store(out, v128.shuffle<i64>(a, b, 0, 2));
  v128.store(out + rowBytes, v128.shuffle<i64>(a, b, 1, 3));
  v128.store(out + 2 * rowBytes, v128.shuffle<i64>(c, d, 0, 2));
  v128.store(out + 3 * rowBytes, v128.shuffle<i64>(c, d, 1, 3));
}

function everySecond(lines: usize, width: i32): bool {
  const first = i32.load(lines);
  for (let l = 1; l < width; l++) {
    if (i32.load(lines + (<usize>l << 2)) != first + (l << 3)) return false;
  }
  return true;
}

// Four terms of three lines, woven: out[3*k + l] is line l, term k.
// @ts-ignore: decorator
@inline
function weave(p0: usize, p1: usize, p2: usize, out: usize): void {
  const r0 = v128.load(p0);
  const r1 = v128.load(p1);
  const r2 = v128.load(p2);
  const low = v128.shuffle<i32>(r0, r1, 0, 4, 1, 5);
  const high = v128.shuffle<i32>(r0, r1, 2, 6, 3, 7);
  v128.store(out, v128.shuffle<i32>(low, r2, 0, 1, 4, 2));
  v128.store(out, v128.shuffle<i64>(v128.shuffle<i32>(low, r2, 3, 5, 0, 0), high, 0, 2), 16);
  v128.store(out, v128.shuffle<i32>(high, r2, 6, 2, 3, 7), 32);
}

// Lines two elements apart, as windows of stride 2 have them. What is read beyond the last one is
// thrown away.
function packEverySecond(base: usize, width: i32, count: i32, terms: usize, out: usize): void {
  for (let k = 0; k < count; k++, terms += 4) {
    for (let l = 0; l < width; l += 4, out += 16) {
      const p = base + <usize>i32.load(terms) + (<usize>l << 3);
      v128.store(out, v128.shuffle<i32>(v128.load(p), v128.load(p, 16), 0, 2, 4, 6));
    }
  }
}

/**
 * Packs a panel: out[k][l] is the element at base + lines[l] + terms[k]. Lines that lie together
 * are copied by vectors, lines two elements apart by vectors and shuffles; otherwise terms that lie
 * together are transposed four by four. `width` is 1, 3, 8 or 12.
 */
export function pack(base: usize, lines: usize, width: i32, count: i32, terms: usize, runs: usize, pieces: usize, out: usize): void {
  const rowBytes = <usize>width << 2;
  const vectors = findPieces(lines, width, pieces);
  if (vectors <= (width + 7) >> 2 && (width != 3 || vectors == 1)) {
    packPieces(base, 0, count, terms, vectors, pieces, rowBytes, out);
    return;
  }
  if (vectors == width && width != 3 && everySecond(lines, width)) {
    packEverySecond(base + <usize>i32.load(lines), width, count, terms, out);
    return;
  }
  let k = 0;
  while (k < count) {
    const run = min(i32.load(runs + (<usize>k << 2)), count - k);
    const whole = k + (run & ~3);
    const start = base + <usize>i32.load(terms + (<usize>k << 2));
    for (let l = 0; l < width; l += 4) {
      const at = lines + (<usize>l << 2);
      let p0 = start + <usize>i32.load(at);
      let p1 = start + <usize>i32.load(at, 4);
      let p2 = start + <usize>i32.load(at, 8);
      let p3 = start + <usize>i32.load(at, 12);
      let to = out + <usize>k * rowBytes + (<usize>l << 2);
      for (let i = k; i < whole; i += 4) {
        if (width == 3) weave(p0, p1, p2, to);
        else transpose(p0, p1, p2, p3, to, rowBytes);
        p0 += 16;
        p1 += 16;
        p2 += 16;
        p3 += 16;
        to += 4 * rowBytes;
      }
    }
    packPieces(base, whole, k + run, terms, vectors, pieces, rowBytes, out);
    k += run;
  }
}
