/** The scalar twins of the matrix kernels: their definition. (M,K) and (K,N), row-major. */

/** c = +0; c = fround(c + fround(a * b)), k ascending. */
export function multiplyTwin(
  a: Float32Array,
  b: Float32Array,
  m: number,
  n: number,
  k: number,
): Float32Array<ArrayBuffer> {
  const c = new Float32Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let t = 0; t < k; t++) sum = Math.fround(sum + Math.fround(a[i * k + t] * b[t * n + j]));
      c[i * n + j] = sum;
    }
  }
  return c;
}

/** Exact: the sums are whole numbers below 2^31. */
export function multiplyInt8Twin(
  a: Int8Array,
  b: Int8Array,
  m: number,
  n: number,
  k: number,
): Int32Array<ArrayBuffer> {
  const c = new Int32Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let t = 0; t < k; t++) sum += a[i * k + t] * b[t * n + j];
      c[i * n + j] = sum;
    }
  }
  return c;
}
