/** The linear algebra of inversion: small dense problems in f64, written for clarity. */

/** Rows of equal length. */
export type Matrix = readonly Float64Array[];

/** a b, for matrices whose inner lengths agree. */
export function multiply(a: Matrix, b: Matrix): Float64Array[] {
  return a.map((row) => {
    const out = new Float64Array(b[0]!.length);
    for (const [k, factor] of row.entries()) {
      if (factor === 0) continue;
      const other = b[k]!;
      for (let j = 0; j < out.length; j++) out[j]! += factor * other[j]!;
    }
    return out;
  });
}

/** The transpose. */
export function transpose(a: Matrix): Float64Array[] {
  return Array.from({ length: a[0]!.length }, (_, j) => Float64Array.from(a, (row) => row[j]!));
}

/**
 * Eigenvalues, largest first, and eigenvectors as rows, of a symmetric matrix, by Jacobi's
 * rotations: sweeps until nothing is left off the diagonal that f64 tells from 0.
 */
export function decomposeSymmetric(a: Matrix): {
  readonly values: readonly number[];
  readonly vectors: Matrix;
} {
  const n = a.length;
  const m = a.map((row) => row.slice());
  const v = m.map((_, i) => Float64Array.from({ length: n }, (_, j) => Number(i === j)));
  const total = m.reduce((sum, row) => sum + row.reduce((part, x) => part + x * x, 0), 0);
  const offDiagonal = () =>
    m.reduce((sum, row, i) => sum + row.reduce((part, x, j) => part + (i === j ? 0 : x * x), 0), 0);
  for (let sweep = 0; sweep < 60 && offDiagonal() > 1e-28 * total; sweep++) {
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(m, v, p, q);
  }
  const order = m.map((_, i) => i).sort((i, j) => m[j]![j]! - m[i]![i]!);
  return { values: order.map((i) => m[i]![i]!), vectors: order.map((i) => v[i]!) };
}

/** One rotation, which makes the entry (p, q) zero; `v` has the eigenvectors as rows. */
function rotate(m: Float64Array[], v: Float64Array[], p: number, q: number): void {
  const apq = m[p]![q]!;
  if (apq === 0) return;
  const theta = (m[q]![q]! - m[p]![p]!) / (2 * apq);
  const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (const row of m) {
    const [x, y] = [row[p]!, row[q]!];
    row[p] = c * x - s * y;
    row[q] = s * x + c * y;
  }
  for (const rows of [m, v]) {
    const [first, second] = [rows[p]!, rows[q]!];
    for (let k = 0; k < first.length; k++) {
      const [x, y] = [first[k]!, second[k]!];
      first[k] = c * x - s * y;
      second[k] = s * x + c * y;
    }
  }
}

/** x with a x = b, by Gaussian elimination with pivots; undefined where a is singular. */
export function solve(a: Matrix, b: Matrix): Float64Array[] | undefined {
  const n = a.length;
  const rows = a.map((row, i) => Float64Array.from([...row, ...b[i]!]));
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let i = column + 1; i < n; i++) {
      if (Math.abs(rows[i]![column]!) > Math.abs(rows[pivot]![column]!)) pivot = i;
    }
    if (Math.abs(rows[pivot]![column]!) < 1e-300) return undefined;
    [rows[column], rows[pivot]] = [rows[pivot]!, rows[column]!];
    const top = rows[column]!;
    for (const [i, row] of rows.entries()) {
      if (i === column || row[column] === 0) continue;
      const factor = row[column]! / top[column]!;
      for (let j = column; j < row.length; j++) row[j]! -= factor * top[j]!;
    }
  }
  return rows.map((row, i) => row.subarray(n).map((x) => x / row[i]!));
}
