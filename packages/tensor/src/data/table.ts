/**
 * From tables to datasets. A schema says which columns are features, how each becomes numbers, what the labels are, and what
 * happens to missing cells (empty ones). It is part of a job, so that every site reads its own table alike.
 *
 * A number column is one feature, its raw number; mean and deviation travel in the schema and become constants of the model
 * (`standardisationOf`), so that an exported model takes raw numbers. A category column is one feature per value, 0 or 1.
 */
import {
  createRandomStream,
  fromHex,
  type Hex,
  MisuseError,
  type RandomStream,
  sha256,
  shuffledIndices,
} from '@nonet/core';
import type { DataSchema } from '@nonet/core/records';
import type { Table } from './csv.ts';
import { type Dataset, selectExamples } from './dataset.ts';

export type { DataSchema };
export type TableSchema = NonNullable<DataSchema['table']>;
export type Column = TableSchema['columns'][number];

/** More distinct values than this in a text column are taken for names or free text, not categories. */
const maximumCategories = 100;

const numberPattern = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

function isNumber(cell: string): boolean {
  return numberPattern.test(cell.trim()) && Number.isFinite(Math.fround(Number(cell)));
}

const isMissing = (cell: string) => cell.trim() === '';

function columnIndex(table: Table, name: string): number {
  const index = table.columns.indexOf(name);
  if (index >= 0) return index;
  throw new MisuseError({
    code: 'table.column',
    expected: `a column ${name}`,
    found: table.columns.join(', ').slice(0, 200),
  });
}

export interface InferSchemaOptions {
  /** The column of the label. */
  readonly target: string;
  /** Feature columns in order; all but the target unless given. */
  readonly columns?: readonly string[];
  /** What a missing cell does: stops with an error (the default), drops its row, or counts as the column's mean (no category). */
  readonly missing?: TableSchema['missing'];
}

/** Mean and population deviation in f64, sums in row order; a constant column has deviation 1. */
function moments(values: readonly number[]): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / values.length;
  const deviation = Math.sqrt(variance);
  return { mean, deviation: Math.fround(deviation) > 0 ? deviation : 1 };
}

function inferColumn(table: Table, name: string): Column {
  const index = columnIndex(table, name);
  const cells = table.rows.map(({ cells }) => cells[index]).filter((cell) => !isMissing(cell));
  if (cells.length === 0) {
    throw new MisuseError({ code: 'table.column', expected: `values in column ${name}`, found: 'none' });
  }
  if (cells.every(isNumber)) return { kind: 'number', name, ...moments(cells.map(Number)) };
  const values = [...new Set(cells)].sort();
  if (values.length <= maximumCategories) return { kind: 'category', name, values };
  const stray = table.rows.find(({ cells }) => !isMissing(cells[index]) && !isNumber(cells[index]))!;
  throw new MisuseError({
    code: 'table.column',
    expected: `numbers, or at most ${maximumCategories} categories, in column ${name}`,
    found: `${JSON.stringify(stray.cells[index].slice(0, 40))} in row ${stray.row}, ${values.length} different values`,
    hint: 'Leave the column out if it is a name or free text.',
  });
}

/**
 * The schema of a table. Give it the training rows only: means and deviations of test rows must not leak into the model. Labels
 * are sorted (by code unit). Throws `table.column` on absent or unusable columns and `table.labels` on fewer than two labels.
 */
export function inferSchema(
  table: Table,
  { target, columns, missing = 'refuse' }: InferSchemaOptions,
): DataSchema {
  const targetIndex = columnIndex(table, target);
  const names = columns ?? table.columns.filter((name) => name !== target);
  const labels = [
    ...new Set(table.rows.map(({ cells }) => cells[targetIndex]).filter((cell) => !isMissing(cell))),
  ].sort();
  if (labels.length < 2 || labels.length > maximumCategories) {
    throw new MisuseError({
      code: 'table.labels',
      expected: `2 to ${maximumCategories} different labels in column ${target}`,
      found: `${labels.length}`,
    });
  }
  const inferred = names.map((name) => inferColumn(table, name));
  return {
    shape: [featureNames(inferred).length],
    labels,
    table: { target, columns: inferred, missing },
  };
}

/** What an image or other dataset without columns looks like to a job. */
export function dataSchemaOf({ shape, vocabulary }: Dataset): DataSchema {
  return { shape: [...shape], labels: [...vocabulary] };
}

function tableOf(schema: DataSchema): TableSchema {
  if (schema.table !== undefined) return schema.table;
  throw new MisuseError({
    code: 'table.schema',
    expected: 'a schema with columns',
    found: 'one of a dataset without columns',
  });
}

/** One name per feature: `age`, `colour=red`. */
export function featureNames(columns: readonly Column[]): readonly string[] {
  return columns.flatMap((column) =>
    column.kind === 'number' ? [column.name] : column.values.map((value) => `${column.name}=${value}`),
  );
}

/** Mean and deviation of each feature for `mlp`'s `standardise`; features of categories stay 0 and 1. */
export function standardisationOf(schema: DataSchema): { mean: number[]; deviation: number[] } {
  const { columns } = tableOf(schema);
  const perFeature = columns.flatMap((column) =>
    column.kind === 'number' ? [column] : column.values.map(() => ({ mean: 0, deviation: 1 })),
  );
  return {
    mean: perFeature.map(({ mean }) => mean),
    deviation: perFeature.map(({ deviation }) => deviation),
  };
}

function cellError(row: number, column: string, expected: string, found: string): MisuseError {
  return new MisuseError({
    code: 'table.cell',
    expected: `${expected} in row ${row}, column ${column}`,
    found: found === '' ? 'an empty cell' : JSON.stringify(found.slice(0, 80)),
  });
}

/** The features of one cell, or undefined if it is missing and the rule says to drop the row. */
function readCell(
  cell: string,
  column: Column,
  row: number,
  missing: TableSchema['missing'],
): number[] | undefined {
  if (isMissing(cell)) {
    if (missing === 'drop') return undefined;
    if (missing === 'refuse') throw cellError(row, column.name, 'a value', '');
    return column.kind === 'number' ? [column.mean] : column.values.map(() => 0);
  }
  if (column.kind === 'number') {
    if (isNumber(cell)) return [Number(cell)];
    throw cellError(row, column.name, 'a number', cell);
  }
  if (!column.values.includes(cell)) {
    throw cellError(row, column.name, `one of ${column.values.join(', ').slice(0, 120)}`, cell);
  }
  return column.values.map((value) => (value === cell ? 1 : 0));
}

function readRow(
  { row, cells }: Table['rows'][number],
  places: readonly { readonly column: Column; readonly index: number }[],
  missing: TableSchema['missing'],
): readonly number[] | undefined {
  const features: number[] = [];
  for (const { column, index } of places) {
    const part = readCell(cells[index], column, row, missing);
    if (part === undefined) return undefined;
    features.push(...part);
  }
  return features;
}

/** The features alone of a table, for predicting: the target column may be absent. Rows are never dropped: a missing cell throws. */
export function readFeatures(table: Table, schema: DataSchema): Float32Array<ArrayBuffer> {
  const { columns, missing } = tableOf(schema);
  const places = columns.map((column) => ({ column, index: columnIndex(table, column.name) }));
  const rule = missing === 'drop' ? 'refuse' : missing;
  return Float32Array.from(table.rows.flatMap((row) => readRow(row, places, rule)!));
}

/**
 * A table as a dataset by its schema. Throws `table.cell` naming row and column on a malformed number, an unknown category or
 * label, a missing value that the schema refuses; `table.column` on an absent column; `table.empty` if no row is left.
 */
export function readTable(table: Table, schema: DataSchema): Dataset {
  const { columns, missing, target } = tableOf(schema);
  const places = columns.map((column) => ({ column, index: columnIndex(table, column.name) }));
  const targetIndex = columnIndex(table, target);
  const features: number[] = [];
  const labels: number[] = [];
  for (const row of table.rows) {
    const cell = row.cells[targetIndex];
    if (isMissing(cell) && missing === 'drop') continue;
    const label = schema.labels.indexOf(cell);
    if (label < 0) {
      throw cellError(row.row, target, `one of the labels ${schema.labels.join(', ').slice(0, 120)}`, cell);
    }
    const values = readRow(row, places, missing);
    if (values === undefined) continue;
    features.push(...values);
    labels.push(label);
  }
  if (labels.length === 0) {
    throw new MisuseError({ code: 'table.empty', expected: 'at least one whole row', found: 'none' });
  }
  return {
    features: Float32Array.from(features),
    shape: schema.shape,
    labels: Int32Array.from(labels),
    vocabulary: schema.labels,
  };
}

function splitStream(seed: Hex): RandomStream {
  const view = new DataView(sha256(fromHex(seed)).buffer);
  return createRandomStream([view.getUint32(0, true), view.getUint32(4, true)]);
}

/** Which of `count` go to training and which to the test, each ascending; the test gets round(count * fraction). */
function splitIndices(count: number, testFraction: number, seed: Hex) {
  const test = Math.round(count * testFraction);
  if (!(testFraction > 0 && testFraction < 1) || test < 1 || test >= count) {
    throw new MisuseError({
      code: 'table.split',
      expected: `a test fraction that leaves examples on both sides of ${count}`,
      found: String(testFraction),
    });
  }
  const order = shuffledIndices(count, splitStream(seed));
  return { test: order.slice(0, test).sort(), training: order.slice(test).sort() };
}

export interface SplitOptions {
  /** Between 0 and 1. */
  readonly testFraction: number;
  /** Decides which; equal seeds give equal splits everywhere. */
  readonly seed: Hex;
}

/** Splits rows before a schema is inferred from the training rows. Throws `table.split`. */
export function splitTable(
  table: Table,
  { testFraction, seed }: SplitOptions,
): { training: Table; test: Table } {
  const { training, test } = splitIndices(table.rows.length, testFraction, seed);
  const pick = (indices: Uint32Array) => ({ ...table, rows: [...indices].map((i) => table.rows[i]) });
  return { training: pick(training), test: pick(test) };
}

/** Splits a dataset. Throws `table.split`. */
export function splitDataset(
  dataset: Dataset,
  { testFraction, seed }: SplitOptions,
): { training: Dataset; test: Dataset } {
  const { training, test } = splitIndices(dataset.labels.length, testFraction, seed);
  return { training: selectExamples(dataset, training), test: selectExamples(dataset, test) };
}
