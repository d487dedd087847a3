/**
 * The discrete Fourier transform of a complex sequence whose length is a power of two: iterative,
 * radix 2, in place (Cooley and Tukey, 1965). Twiddle factors come from one table of cosines and
 * sines and are not accumulated, so the relative error in the mean square is a few units of 2^-53
 * times log2 n.
 */

/**
 * Replaces the sequence `real + i imaginary`, both of length n = 2^k, by its transform,
 * `sum_j x_j exp(-2 pi i j k / n)`. The inverse is the same with both arrays swapped, divided by n.
 */
export function transformFourier(real: Float64Array, imaginary: Float64Array): void {
  const n = real.length;
  reverseBits(real, imaginary);
  const cosines = new Float64Array(n / 2);
  const sines = new Float64Array(n / 2);
  for (let i = 0; i < n / 2; i++) {
    cosines[i] = Math.cos((2 * Math.PI * i) / n);
    sines[i] = -Math.sin((2 * Math.PI * i) / n);
  }
  for (let half = 1; half < n; half *= 2) {
    const stride = n / (2 * half);
    for (let start = 0; start < n; start += 2 * half) {
      for (let j = 0; j < half; j++) {
        const c = cosines[j * stride]!;
        const s = sines[j * stride]!;
        const low = start + j;
        const high = low + half;
        const re = real[high]! * c - imaginary[high]! * s;
        const im = real[high]! * s + imaginary[high]! * c;
        real[high] = real[low]! - re;
        imaginary[high] = imaginary[low]! - im;
        real[low] = real[low]! + re;
        imaginary[low] = imaginary[low]! + im;
      }
    }
  }
}

function reverseBits(real: Float64Array, imaginary: Float64Array): void {
  const n = real.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i >= j) continue;
    [real[i], real[j]] = [real[j]!, real[i]!];
    [imaginary[i], imaginary[j]] = [imaginary[j]!, imaginary[i]!];
  }
}
