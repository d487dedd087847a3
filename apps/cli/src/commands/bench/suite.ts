/**
 * What a benchmark is to the command line. Benchmarks live in the repository's `bench/`, one file
 * each: `export const suite: Suite`.
 */
import type { CellId, Figure } from '@nonet/core/records';

/** What a suite may use of the command line. */
export interface BenchContext {
  /** Progress, on standard error. */
  readonly note: (line: string) => void;
  /**
   * A package of others out of `bench/peers`; where it is not installed that is noted, and the
   * suite leaves its figures out.
   */
  readonly peer: <T>(packageName: string) => Promise<T | undefined>;
}

/** One benchmark. */
export interface Suite {
  /** That of its file. */
  readonly name: string;
  /** What is measured: a phrase without a full stop. */
  readonly about: string;
  /** The cells of the matrix that its figures say something about; possibly none. */
  readonly cells: readonly CellId[];
  /** Figures by dotted name, such as `ours.f32.1024.t1`; what others read has its declared name. */
  run(context: BenchContext): Promise<Readonly<Record<string, Figure>>>;
}
