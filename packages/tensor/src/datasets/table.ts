/**
 * From tables to datasets. A schema says which columns are features, how each becomes numbers, what
 * the labels are, and what happens to missing cells (empty ones). It is part of a job, so that
 * every site reads its own table in the same way.
 *
 * A number column is one feature, its raw number; mean and deviation travel in the schema and
 * become constants of the model (`standardisationOf`), so that an exported model takes raw numbers.
 * A category column is one feature per value, 0 or 1.
 */
import { MisuseError } from '@nonet/core';
import type { DataSchema } from '@nonet/core/records';
import { assertDataset, type Dataset } from './dataset.ts';
import { batchExamples, type DatasetSource, type Example } from './source.ts';

export type { DataSchema };
/** How the columns of a table become features and labels. */
export type TableSchema = NonNullable<DataSchema['table']>;
/** One feature column: a number, or a category with its values. */
export type Column = TableSchema['columns'][number];

/** One record. `row` counts records as a spreadsheet does: the names of the columns are row 1. */
export interface Row {
  readonly row: number;
  readonly cells: readonly string[];
}

/** A table in memory. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}

/** A table that is read in pieces, again and again with the same rows. */
export interface TableSource {
  readonly columns: readonly string[];
  rows(): AsyncIterable<readonly Row[]>;
}

/**
 * More distinct values than this in a text column are taken for names or free text, not categories.
 */
const maximumCategories = 100;

const numberPattern = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

function isNumber(cell: string): boolean {
  return numberPattern.test(cell.trim()) && Number.isFinite(Math.fround(Number(cell)));
}

const isMissing = (cell: string) => cell.trim() === '';

function columnIndex(table: Pick<Table, 'columns'>, name: string): number {
  const index = table.columns.indexOf(name);
  if (index >= 0) return index;
  throw new MisuseError({
    code: 'table.column',
    expected: `a column ${name}`,
    found: table.columns.join(', ').slice(0, 200),
  });
}

/** What a schema is inferred for. */
export interface InferSchemaOptions {
  /** The column of the label. */
  readonly target: string;
  /** Feature columns in order; all but the target unless given. */
  readonly columns?: readonly string[];
  /**
   * What a missing cell does: stops with an error (the default), drops its row, or counts as the
   * column's mean (no category).
   */
  readonly missing?: TableSchema['missing'];
}

/**
 * What one column holds, learned in two passes over its cells: kind, values and mean, then the
 * deviation. Sums are f64 in row order; the deviation is the population's, 1 for a constant column.
 */
function surveyColumn(table: Pick<Table, 'columns'>, name: string) {
  const index = columnIndex(table, name);
  const values = new Set<string>();
  let stray: Row | undefined;
  let count = 0;
  let sum = 0;
  let squares = 0;
  return {
    first(row: Row) {
      const cell = row.cells[index];
      if (isMissing(cell)) return;
      count++;
      if (values.size <= maximumCategories) values.add(cell);
      if (isNumber(cell)) sum += Number(cell);
      else stray ??= row;
    },
    second(row: Row) {
      const cell = row.cells[index];
      if (stray !== undefined || isMissing(cell)) return;
      const distance = Number(cell) - sum / count;
      squares += distance * distance;
    },
    column(): Column {
      if (count === 0) {
        throw new MisuseError({ code: 'table.column', expected: `values in column ${name}`, found: 'none' });
      }
      if (stray === undefined) {
        const deviation = Math.sqrt(squares / count);
        return {
          kind: 'number',
          name,
          mean: sum / count,
          deviation: Math.fround(deviation) > 0 ? deviation : 1,
        };
      }
      if (values.size <= maximumCategories) return { kind: 'category', name, values: [...values].sort() };
      throw new MisuseError({
        code: 'table.column',
        expected: `numbers, or at most ${maximumCategories} categories, in column ${name}`,
        found: `${JSON.stringify(stray.cells[index].slice(0, 40))} in row ${stray.row}, and more than ${maximumCategories} different values`,
        hint: 'Leave the column out if it is a name or free text.',
      });
    },
  };
}

/** The two passes over a whole table. */
function surveyTable(
  table: Pick<Table, 'columns'>,
  { target, columns, missing = 'refuse' }: InferSchemaOptions,
) {
  const targetIndex = columnIndex(table, target);
  const surveys = (columns ?? table.columns.filter((name) => name !== target)).map((name) =>
    surveyColumn(table, name),
  );
  const labels = new Set<string>();
  return {
    first(row: Row) {
      const cell = row.cells[targetIndex];
      if (!isMissing(cell) && labels.size <= maximumCategories) labels.add(cell);
      for (const survey of surveys) survey.first(row);
    },
    second(row: Row) {
      for (const survey of surveys) survey.second(row);
    },
    schema(): DataSchema {
      if (labels.size < 2 || labels.size > maximumCategories) {
        throw new MisuseError({
          code: 'table.labels',
          expected: `2 to ${maximumCategories} different labels in column ${target}`,
          found: labels.size > maximumCategories ? 'more' : `${labels.size}`,
        });
      }
      const inferred = surveys.map((survey) => survey.column());
      return {
        shape: [featureNames(inferred).length],
        labels: [...labels].sort(),
        table: { target, columns: inferred, missing },
      };
    },
  };
}

/**
 * The schema of a table. Give it the training rows only: means and deviations of test rows must not
 * leak into the model. Labels are sorted (by code unit). Throws `table.column` on absent or
 * unusable columns and `table.labels` on fewer than two labels.
 */
export function inferSchema(table: Table, options: InferSchemaOptions): DataSchema {
  const survey = surveyTable(table, options);
  for (const row of table.rows) survey.first(row);
  for (const row of table.rows) survey.second(row);
  return survey.schema();
}

/** `inferSchema` of a table that is read in pieces, twice. */
export async function inferSourceSchema(
  source: TableSource,
  options: InferSchemaOptions,
): Promise<DataSchema> {
  const survey = surveyTable(source, options);
  for await (const rows of source.rows()) for (const row of rows) survey.first(row);
  for await (const rows of source.rows()) for (const row of rows) survey.second(row);
  return survey.schema();
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

/**
 * Mean and deviation of each feature for `mlp`'s `standardise`; features of categories stay 0 and
 * 1.
 */
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

/**
 * The features alone of a table, for predicting: the target column may be absent. Rows are never
 * dropped: a missing cell throws.
 */
export function readFeatures(table: Table, schema: DataSchema): Float32Array<ArrayBuffer> {
  const { columns, missing } = tableOf(schema);
  const places = columns.map((column) => ({ column, index: columnIndex(table, column.name) }));
  const rule = missing === 'drop' ? 'refuse' : missing;
  return Float32Array.from(table.rows.flatMap((row) => readRow(row, places, rule)!));
}

/** Reads rows into examples by a schema; undefined where the schema drops the row. */
function createRowReader(
  table: Pick<Table, 'columns'>,
  schema: DataSchema,
): (row: Row) => Example | undefined {
  const { columns, missing, target } = tableOf(schema);
  const places = columns.map((column) => ({ column, index: columnIndex(table, column.name) }));
  const targetIndex = columnIndex(table, target);
  return (row) => {
    const cell = row.cells[targetIndex];
    if (isMissing(cell) && missing === 'drop') return undefined;
    const label = schema.labels.indexOf(cell);
    if (label < 0) {
      throw cellError(row.row, target, `one of the labels ${schema.labels.join(', ').slice(0, 120)}`, cell);
    }
    const features = readRow(row, places, missing);
    return features === undefined ? undefined : { features, label };
  };
}

/**
 * A table as a dataset by its schema. Throws `table.cell` with row and column on a malformed
 * number, an unknown category or label, a missing value that the schema refuses; `table.column` on
 * an absent column; `table.empty` if no row is left.
 */
export function readTable(table: Table, schema: DataSchema): Dataset {
  const read = createRowReader(table, schema);
  const examples = table.rows.map(read).filter((example) => example !== undefined);
  if (examples.length === 0) {
    throw new MisuseError({ code: 'table.empty', expected: 'at least one whole row', found: 'none' });
  }
  const dataset = {
    features: Float32Array.from(examples.flatMap(({ features }) => features as number[])),
    shape: schema.shape,
    labels: Int32Array.from(examples, ({ label }) => label),
    vocabulary: schema.labels,
  };
  assertDataset(dataset);
  return dataset;
}

/** `readTable` of a table that is read in pieces; throws as batches are read. */
export function readTableSource(source: TableSource, schema: DataSchema): DatasetSource {
  const read = createRowReader(source, schema);
  async function* examples() {
    for await (const rows of source.rows()) yield rows.map(read).filter((example) => example !== undefined);
  }
  return {
    schema,
    dtype: 'F32',
    batches: (size) => batchExamples({ schema, dtype: 'F32' }, examples(), size),
  };
}
