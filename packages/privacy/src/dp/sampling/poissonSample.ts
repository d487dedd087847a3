/**
 * Which records a step learns from: each with the same probability, independently of all others and
 * in secret (Poisson sampling), by integer comparison. docs/specs/dp.md §12.3.
 */
import { assertCount, assertRate } from '../assertions.ts';
import type { SecretWords } from './secretWords.ts';

/** A Poisson sample, cut to the size of a static batch. */
export interface PoissonSample {
  /** Ascending indices, at most `maximum`. */
  readonly indices: Uint32Array;
  /** Whether more records were drawn than the batch holds: §7.4. */
  readonly truncated: boolean;
}

/**
 * Draws each of `records` with probability floor(2^32 rate) / 2^32, one secret word each, and keeps
 * the first `maximum`. Throws `dp.argument`.
 */
export function drawPoissonSample(
  records: number,
  rate: number,
  maximum: number,
  words: SecretWords,
): PoissonSample {
  assertCount('records', records, 0);
  assertRate('rate', rate);
  assertCount('maximum', maximum, 0);
  const threshold = Math.floor(rate * 2 ** 32);
  const drawn = new Uint32Array(records);
  words.fill(drawn);
  const indices: number[] = [];
  let count = 0;
  for (const [record, word] of drawn.entries()) {
    if (word >= threshold) continue;
    if (count < maximum) indices.push(record);
    count++;
  }
  drawn.fill(0);
  return { indices: Uint32Array.from(indices), truncated: count > maximum };
}
