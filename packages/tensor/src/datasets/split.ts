/**
 * Splits into training and test: rows before a schema is inferred, or a dataset. Equal seeds give
 * equal splits everywhere.
 */
import { type Hex, MisuseError, seededStream, shuffledIndices } from '@nonet/core';
import { foldText } from './cells.ts';
import { type Dataset, selectExamples } from './dataset.ts';
import { createColumnFinder } from './survey.ts';
import type { Table } from './table.ts';

/** How much goes to the test, and which. */
export interface SplitOptions {
  /** Between 0 and 1. */
  readonly testFraction: number;
  /** Decides which; equal seeds give equal splits everywhere. */
  readonly seed: Hex;
}

/** Throws `dataset.split`. */
export function assertTestFraction(testFraction: number): void {
  if (testFraction > 0 && testFraction < 1) return;
  throw new MisuseError({
    code: 'dataset.split',
    expected: 'a test fraction between 0 and 1',
    found: String(testFraction),
  });
}

/**
 * Which of `count` go to training and which to the test, each ascending; the test gets round(count
 * * fraction).
 */
function splitIndices(count: number, options: SplitOptions) {
  const test = assertSides(count, options);
  const order = shuffledIndices(count, seededStream(options.seed, ''));
  return { test: order.slice(0, test).sort(), training: order.slice(test).sort() };
}

/** How many of `count` go to the test. Throws `dataset.split` unless both sides get some. */
function assertSides(count: number, { testFraction }: SplitOptions): number {
  assertTestFraction(testFraction);
  const test = Math.round(count * testFraction);
  if (test < 1 || test >= count) {
    throw new MisuseError({
      code: 'dataset.split',
      expected: `a test fraction that leaves examples on both sides of ${count}`,
      found: String(testFraction),
    });
  }
  return test;
}

/** Of the rows of a table, by the values of one column. */
export interface SplitTableOptions extends SplitOptions {
  /**
   * The column of the label: each label gives its share of rows to the test, at least one if it has
   * two, and keeps at least one.
   */
  readonly stratify?: string;
}

/** `splitIndices` within each stratum, in one shuffled order. */
function splitStrata(strata: readonly string[], options: SplitOptions) {
  assertSides(strata.length, options);
  const sizes = new Map<string, number>();
  for (const stratum of strata) sizes.set(stratum, (sizes.get(stratum) ?? 0) + 1);
  const rest = new Map<string, number>();
  for (const [stratum, size] of sizes) {
    const share = Math.max(1, Math.round(size * options.testFraction));
    rest.set(stratum, Math.min(size - 1, share));
  }
  const [training, test]: [number[], number[]] = [[], []];
  for (const i of shuffledIndices(strata.length, seededStream(options.seed, ''))) {
    const left = rest.get(strata[i])!;
    rest.set(strata[i], left - 1);
    (left > 0 ? test : training).push(i);
  }
  return { training: Uint32Array.from(training).sort(), test: Uint32Array.from(test).sort() };
}

/**
 * Splits rows before a schema is inferred from the training rows. Throws `dataset.split`, and
 * `table.column` if there is no column to stratify by.
 */
export function splitTable(
  table: Table,
  { stratify, ...options }: SplitTableOptions,
): { training: Table; test: Table } {
  const index = stratify === undefined ? undefined : createColumnFinder(table)(stratify);
  const { training, test } =
    index === undefined
      ? splitIndices(table.rows.length, options)
      : splitStrata(
          table.rows.map(({ cells }) => foldText(cells[index])),
          options,
        );
  const pick = (indices: Uint32Array) => ({ ...table, rows: [...indices].map((i) => table.rows[i]) });
  return { training: pick(training), test: pick(test) };
}

/**
 * Splits a dataset. Throws `dataset.split`, and `dataset.emptyClass` if a label is left without an
 * example on one side.
 */
export function splitDataset(dataset: Dataset, options: SplitOptions): { training: Dataset; test: Dataset } {
  const indices = splitIndices(dataset.labels.length, options);
  const training = selectExamples(dataset, indices.training);
  const test = selectExamples(dataset, indices.test);
  assertClasses(training, 'the training examples');
  assertClasses(test, 'the test examples');
  return { training, test };
}

/** Throws `dataset.emptyClass` unless there is an example of each label; `name` says of what. */
export function assertClasses({ labels, vocabulary }: Dataset, name: string): void {
  const seen = new Set(labels);
  const absent = vocabulary.find((_, label) => !seen.has(label));
  if (absent === undefined) return;
  throw new MisuseError({
    code: 'dataset.emptyClass',
    expected: `an example of every label among ${name}`,
    found: `none of ${JSON.stringify(absent)}`,
    hint: 'Split with another seed or fraction, or leave out labels that are this rare.',
  });
}
