/** Images of digits: how alike two are, and grids of them as PNG files. */
import { encode } from 'fast-png';

/** Rows and columns of a digit. */
export const side = 28;
/** Of the windows that SSIM compares, as in the reference implementation's uniform variant. */
const window = 7;

/**
 * Structural similarity (Wang, Bovik, Sheikh and Simoncelli, 2004) of two images of `side` x `side`
 * pixels in 0 .. 1: the mean over all windows of 7 x 7, K1 = 0.01, K2 = 0.03. 1 for equal images,
 * about 0 for unrelated ones.
 */
export function compareImages(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [c1, c2] = [0.01 ** 2, 0.03 ** 2];
  const count = window * window;
  let total = 0;
  for (let top = 0; top <= side - window; top++) {
    for (let left = 0; left <= side - window; left++) {
      let [sumA, sumB, squareA, squareB, product] = [0, 0, 0, 0, 0];
      for (let row = top; row < top + window; row++) {
        for (let column = left; column < left + window; column++) {
          const [x, y] = [a[row * side + column]!, b[row * side + column]!];
          sumA += x;
          sumB += y;
          squareA += x * x;
          squareB += y * y;
          product += x * y;
        }
      }
      const [meanA, meanB] = [sumA / count, sumB / count];
      // Unbiased, as in the reference implementation.
      const varianceA = (squareA - count * meanA * meanA) / (count - 1);
      const varianceB = (squareB - count * meanB * meanB) / (count - 1);
      const covariance = (product - count * meanA * meanB) / (count - 1);
      total +=
        ((2 * meanA * meanB + c1) * (2 * covariance + c2)) /
        ((meanA * meanA + meanB * meanB + c1) * (varianceA + varianceB + c2));
    }
  }
  return total / (side - window + 1) ** 2;
}

/** Each pixel within 0 .. 1. */
export const clampImage = (image: ArrayLike<number>): Float64Array =>
  Float64Array.from(image, (value) => Math.min(1, Math.max(0, value)));

const magnification = 3;
const gap = 4;

/** Rows of images with pixels in 0 .. 1, as one PNG; an image that is missing is grey. */
export function drawGrid(rows: readonly (readonly (ArrayLike<number> | undefined)[])[]): Uint8Array {
  const cell = side * magnification + gap;
  const columns = Math.max(...rows.map(({ length }) => length));
  const [width, height] = [columns * cell + gap, rows.length * cell + gap];
  const data = new Uint8Array(width * height).fill(255);
  for (const [r, row] of rows.entries()) {
    for (const [c, image] of row.entries()) {
      for (let y = 0; y < side * magnification; y++) {
        for (let x = 0; x < side * magnification; x++) {
          const pixel = side * Math.floor(y / magnification) + Math.floor(x / magnification);
          const value = image === undefined ? 0.5 : Math.min(1, Math.max(0, image[pixel]!));
          data[(r * cell + gap + y) * width + c * cell + gap + x] = Math.round(255 * value);
        }
      }
    }
  }
  return encode({ width, height, data, channels: 1, depth: 8 });
}
