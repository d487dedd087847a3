// Reed-Solomon codewords of many rows at once: position after position, in each the base elements
// of all rows, so that a butterfly is on vectors and an opened position is one run of bytes.
import { add, mul, sub } from './field';

/** 64 bytes of each position at a time: what one pass touches stays in the cache. */
const STRIP: usize = 64;

/**
 * Decimation in frequency (Gentleman-Sande) over 2^log positions of `width` bytes, a multiple of
 * 16, from the layer whose butterflies span 2^first positions down to the last. `roots`: w^0, w^1,
 * ... up to w^(2^(log - 1) - 1), 4 bytes each. With first = log - 1: natural order to bit-reversed.
 */
export function transformLayers(data: usize, width: usize, log: i32, first: i32, roots: usize): void {
  for (let strip: usize = 0; strip < width; strip += STRIP) {
    const end = min<usize>(STRIP, width - strip);
    for (let layer = first; layer >= 0; layer--) {
      const half = (<usize>1 << layer) * width;
      const stride = <usize>4 << (log - 1 - layer);
      const stop = data + strip + ((<usize>1 << log) * width);
      for (let block = data + strip; block < stop; block += 2 * half) {
        let root = roots;
        for (let low = block; low < block + half; low += width, root += stride) {
          const w = v128.load32_splat(root);
          const high = low + half;
          for (let i: usize = 0; i < end; i += 16) {
            const a = v128.load(low + i);
            const b = v128.load(high + i);
            v128.store(low + i, add(a, b));
            v128.store(high + i, mul(sub(a, b), w));
          }
        }
      }
    }
  }
}

/**
 * The codeword, of 2^log positions, of messages in its first quarter: coefficients in, values at
 * the powers of the root out, in bit-reversed order. The first two layers meet zeros only.
 */
export function encodeQuarter(data: usize, width: usize, log: i32, roots: usize): void {
  const quarter = (<usize>1 << (log - 2)) * width;
  for (let i: usize = 0, root = roots; i < quarter; i += width, root += 4) {
    const w = v128.load32_splat(root);
    for (let j = i; j < i + width; j += 16) {
      v128.store(data + 2 * quarter + j, mul(v128.load(data + j), w));
    }
  }
  for (let half: usize = 0; half < 2; half++) {
    const block = data + half * 2 * quarter;
    for (let i: usize = 0, root = roots; i < quarter; i += width, root += 8) {
      const w = v128.load32_splat(root);
      for (let j = i; j < i + width; j += 16) {
        v128.store(block + quarter + j, mul(v128.load(block + j), w));
      }
    }
  }
  if (log >= 3) transformLayers(data, width, log, log - 3, roots);
}

/** out[c][r] = a[r][c]: `rows` of `columns` base elements become positions of `width` bytes. */
export function spreadRows(out: usize, a: usize, rows: usize, columns: usize, width: usize): void {
  for (let from: usize = 0; from < rows; from += 16) {
    const end = min<usize>(rows, from + 16);
    for (let c: usize = 0; c < columns; c++) {
      for (let r = from; r < end; r++) {
        store<u32>(out + c * width + r * 4, load<u32>(a + (r * columns + c) * 4));
      }
    }
  }
}
