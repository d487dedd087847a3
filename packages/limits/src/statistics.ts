/** Order statistics of draws. */
import type { Percentiles } from './metalog.ts';

/** The value below which a share p of the sorted values lies, between neighbours by the line. */
export function quantile(sorted: Float64Array, p: number): number {
  const place = p * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (high - low) * (place - below);
}

export function percentilesOf(values: Float64Array): Percentiles {
  const sorted = values.toSorted();
  return { p10: quantile(sorted, 0.1), p50: quantile(sorted, 0.5), p90: quantile(sorted, 0.9) };
}

export function medianOf(values: Float64Array): number {
  return quantile(values.toSorted(), 0.5);
}

/** Share of the values that reach `threshold`. */
export function shareAtLeast(values: Float64Array, threshold: number): number {
  let count = 0;
  for (const value of values) if (value >= threshold) count++;
  return count / values.length;
}

/** Place of each value in their order, from 0. */
export function ranksOf(values: Float64Array): Uint32Array {
  const order = Uint32Array.from(values, (_, i) => i).sort((a, b) => values[a]! - values[b]! || a - b);
  const ranks = new Uint32Array(values.length);
  order.forEach((draw, rank) => {
    ranks[draw] = rank;
  });
  return ranks;
}

/** Spearman's rank correlation of values without ties: 1 - 6 sum d² / (n (n² - 1)). */
export function rankCorrelation(a: Uint32Array, b: Uint32Array): number {
  const n = a.length;
  let squares = 0;
  for (let i = 0; i < n; i++) {
    const distance = a[i]! - b[i]!;
    squares += distance * distance;
  }
  return 1 - (6 * squares) / (n * (n * n - 1));
}
