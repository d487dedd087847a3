/**
 * What benchmarks share. A benchmark is a file here that exports `suite`; `nonet bench NAME` runs
 * it, prints its figures and leaves evidence. A figure's value is the median of its samples, times
 * are in `ms` or `seconds`, sizes in `bytes`; no benchmark asserts a time.
 */
import { gzipSync } from 'node:zlib';
import { createFigure, type Figure } from '@nonet/core/records';

export type { Figure } from '@nonet/core/records';
export type { BenchContext, Suite } from '../apps/cli/src/commands/bench/suite.ts';

/** What a server sends of it: bytes after gzip at its highest level. */
export function gzipSize(content: string | Uint8Array): number {
  return gzipSync(content, { level: 9 }).length;
}

/**
 * A figure that only this repository's tables read, under the name that the suite gives it. What
 * the matrix reads is declared (`cellFigures` of @nonet/matrix). Throws `figure.samples`.
 */
export function benchFigure(samples: number | readonly number[], unit: string): Figure {
  return createFigure({ name: 'a benchmark', unit }, samples);
}
