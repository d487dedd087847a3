// Reed-Solomon codewords of many rows at once: position after position, in each the base elements
// of all rows, so that a butterfly is on vectors and an opened position is one run of bytes.
import { add, mul, sub } from './field';

/** Half the bytes that stay in the cache while layer after layer goes over them. */
const CACHED: usize = 1 << 16;

/** The butterflies of one layer on the 2 * `half` bytes at `block`; `stride` is between their roots. */
// @ts-ignore: decorator
@inline
function transformLayer(block: usize, half: usize, width: usize, stride: usize, roots: usize): void {
  for (let low = block, root = roots; low < block + half; low += width, root += stride) {
    const w = v128.load32_splat(root);
    for (let i = low; i < low + width; i += 16) {
      const a = v128.load(i);
      const b = v128.load(i + half);
      v128.store(i, add(a, b));
      v128.store(i + half, mul(sub(a, b), w));
    }
  }
}

/** All layers on one block: halves of what the cache does not hold are finished one by one. */
function transformBlock(block: usize, half: usize, width: usize, stride: usize, roots: usize): void {
  const end = block + 2 * half;
  if (half > CACHED && half > width) {
    transformLayer(block, half, width, stride, roots);
    transformBlock(block, half >> 1, width, stride << 1, roots);
    transformBlock(block + half, half >> 1, width, stride << 1, roots);
    return;
  }
  for (; half >= width; half >>= 1, stride <<= 1) {
    for (let at = block; at < end; at += 2 * half) transformLayer(at, half, width, stride, roots);
  }
}

/**
 * Decimation in frequency (Gentleman-Sande) over 2^log positions of `width` bytes, a multiple of
 * 16, from the layer whose butterflies span 2^first positions down to the last. `roots`: w^0, w^1,
 * ... up to w^(2^(log - 1) - 1), 4 bytes each. With first = log - 1: natural order to bit-reversed.
 */
export function transformLayers(data: usize, width: usize, log: i32, first: i32, roots: usize): void {
  const half = width << <usize>first;
  const stop = data + (width << <usize>log);
  for (let block = data; block < stop; block += 2 * half) {
    transformBlock(block, half, width, <usize>4 << <usize>(log - 1 - first), roots);
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
