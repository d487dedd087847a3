/**
 * From the gradient of a network's first dense layer back to the examples of a batch. For one
 * example the gradient of the weights of any unit is the example times that of its bias (Phong,
 * Aono, Hayashi, Wang and Moriai, "Privacy-preserving deep learning via additively homomorphic
 * encryption", 2018). For several, the gradient has the rank of the batch, and the right basis is
 * the one in which the units that relu silenced are zero (Dimitrov, Baader, Mueller and Vechev,
 * "SPEAR: exact gradient inversion of batches in federated learning", NeurIPS 2024): exact, without
 * the optimisation of "Deep leakage from gradients" (Zhu, Liu and Han, NeurIPS 2019), for one step
 * of a batch smaller than the layer.
 */
import type { RandomStream } from '@nonet/core';
import { decomposeSymmetric, type Matrix, multiply, solve, transpose } from './linear.ts';

/** The gradient of the first layer, up to a common factor: weights (unit, input), biases (unit). */
export interface LayerGradient {
  readonly weights: Matrix;
  readonly biases: Float64Array;
}

/**
 * The `batch` examples behind a gradient, in some order; fewer where not all are found. Directions
 * are tried at random: at most `draws` of them.
 */
export function invertGradient(
  { weights, biases }: LayerGradient,
  batch: number,
  random: RandomStream,
  draws = 30_000,
): Float64Array[] | undefined {
  // weights = D X with D (unit, example) and X (example, input); so too L R, L orthonormal.
  const { vectors } = decomposeSymmetric(multiply(weights, transpose(weights)));
  const basis = vectors.slice(0, batch);
  const found = findColumns(basis, random, draws);
  if (found.length < batch) return undefined;
  // D = L Q S with S diagonal: the biases have the gradient D 1, so Q s = L^T biases.
  const columns = transpose(found);
  const scales = solve(columns, multiply(basis, transpose([biases])));
  if (scales === undefined) return undefined;
  const mixed = columns.map((row) => row.map((x, i) => x * scales[i]![0]!));
  return solve(mixed, multiply(basis, weights));
}

/** A unit counts as silent for an example where it is below this share of the largest. */
const silence = 1e-3;
/** Columns nearer to one another than this sine are the same, and a combination of others likewise. */
const apart = 0.01;

/**
 * The columns of D in the basis, each with a length of 1: the `batch` independent directions with the
 * most silent units. A combination of columns is silent only where all of them are, so it comes after
 * each of them. `basis` is (example, unit).
 */
function findColumns(basis: Matrix, random: RandomStream, draws: number): Float64Array[] {
  const batch = basis.length;
  if (batch === 1) return [Float64Array.of(1)];
  const rows = transpose(basis);
  const norms = rows.map((row) => Math.hypot(...row));
  const strongest = Math.max(...norms);
  // Units that are silent for all examples say nothing.
  const alive = rows.filter((_, unit) => norms[unit]! > silence * strongest);
  if (alive.length < 2 * batch) return [];
  // By chance, no other unit is silent with the batch - 1 that were drawn.
  const enough = batch - 1 + Math.max(3, alive.length / 16);
  const candidates: { readonly column: Float64Array; readonly silent: number }[] = [];
  const isKnown = (column: Float64Array) =>
    candidates.some((other) => 1 - dot(other.column, column) ** 2 < apart ** 2);
  for (let draw = 0; draw < draws; draw++) {
    const start = findOrthogonal(drawRows(alive, batch - 1, random));
    const silent = start === undefined ? [] : silentIn(alive, start);
    if (silent.length < enough || isKnown(start!)) continue;
    // All silent units together give the direction better than those that were drawn.
    const column = findLeast(silent);
    if (!isKnown(column)) candidates.push({ column, silent: silentIn(alive, column).length });
  }
  candidates.sort((a, b) => b.silent - a.silent);
  const found: Float64Array[] = [];
  const span: Float64Array[] = [];
  for (const { column } of candidates) {
    if (found.length === batch) break;
    const rest = span.reduce((left, axis) => {
      const along = dot(left, axis);
      return left.map((x, i) => x - along * axis[i]!);
    }, column);
    const length = Math.hypot(...rest);
    if (length < apart) continue;
    span.push(rest.map((x) => x / length));
    found.push(column);
  }
  return found;
}

function drawRows(rows: Matrix, count: number, random: RandomStream): Matrix {
  const drawn = new Set<Float64Array>();
  while (drawn.size < count) drawn.add(rows[random.below(rows.length)]!);
  return [...drawn];
}

/** A unit vector orthogonal to n - 1 vectors of length n; undefined where they leave more than one. */
function findOrthogonal(rows: Matrix): Float64Array | undefined {
  const n = rows.length + 1;
  const square = rows.map((row) => row.subarray(0, n - 1));
  const last = rows.map((row) => Float64Array.of(-row[n - 1]!));
  const solution = solve(square, last);
  if (solution === undefined) return undefined;
  const vector = Float64Array.from([...solution.map(([x]) => x!), 1]);
  const norm = Math.hypot(...vector);
  return norm < 1e12 ? vector.map((x) => x / norm) : undefined;
}

/** The unit vector that these rows are least aligned with. */
function findLeast(rows: Matrix): Float64Array {
  return decomposeSymmetric(multiply(transpose(rows), rows)).vectors.at(-1)!;
}

function silentIn(rows: Matrix, column: Float64Array): Float64Array[] {
  const values = rows.map((row) => Math.abs(dot(row, column)));
  const largest = Math.max(...values);
  return rows.filter((_, i) => values[i]! < silence * largest);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/**
 * What each unit shows by itself: its weights' gradient over that of its bias, a mean of the examples
 * on which it fires. Of the `count` units with the largest gradient of the bias.
 */
export function readUnits({ weights, biases }: LayerGradient, count: number): Float64Array[] {
  const order = [...biases.keys()].sort((i, j) => Math.abs(biases[j]!) - Math.abs(biases[i]!));
  return order.slice(0, count).map((unit) => weights[unit]!.map((x) => x / biases[unit]!));
}
