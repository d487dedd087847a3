/**
 * What benchmarks share. A benchmark is a file here that exports `suite`; `nonet bench NAME` runs it,
 * prints its figures and leaves evidence. A figure's value is the median of its samples, times are in
 * `ms` or `seconds`, sizes in `bytes`; no benchmark asserts a time.
 */
import { gzipSync } from 'node:zlib';
import { createFigure, type Figure } from '@nonet/core/records';

export type { BenchContext, Suite } from '../apps/cli/src/commands/bench/suite.ts';
export type { Figure };

/**
 * A figure that is named by its suite and shown in its table. What another part of the program reads is
 * declared in a vocabulary instead, as `cellFigures` of @nonet/matrix.
 */
export function benchFigure(unit: string, samples: number | readonly number[]): Figure {
  return createFigure({ name: 'a benchmark', unit }, samples);
}

/** What a server sends of it: bytes after gzip at its highest level. */
export function gzipSize(content: string | Uint8Array): number {
  return gzipSync(content, { level: 9 }).length;
}
