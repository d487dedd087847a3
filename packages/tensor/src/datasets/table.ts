/**
 * From tables to datasets, by a schema (docs/tables.md). A schema says which columns are features,
 * how each becomes numbers, what the labels are, and what happens to missing cells. It is part of a
 * job, so that every site reads its own table in the same way, however that is written: delimiter
 * and decimal mark are the table's own.
 *
 * A number column is one feature, its raw number, less its `offset` where f32 could not hold it;
 * mean and deviation travel in the schema and become constants of the model
 * (`standardisationOf`), so that an exported model takes raw numbers. A category column is one
 * feature per value, 0 or 1. A cell that is a known value is this value, even if it is `None`.
 */
import { MisuseError } from '@nonet/core';
import { type DataSchema, quoteArgument } from '@nonet/core/records';
import {
  createMissingCells,
  createVocabulary,
  type Decimal,
  type MissingCells,
  normaliseText,
  readNumber,
  type Vocabulary,
} from './cells.ts';
import { assertDataset, type Dataset } from './dataset.ts';
import { batchExamples, type DatasetSource, type Example } from './source.ts';
import {
  type ColumnSurvey,
  createColumnFinder,
  createColumnSurvey,
  decimalOf,
  findDecimal,
  surveyCell,
} from './survey.ts';

export type { DataSchema };
/** How the columns of a table become features and labels. */
export type TableSchema = NonNullable<DataSchema['table']>;
/** One feature column: a number, or a category with its values. */
export type Column = TableSchema['columns'][number];

/** One record. `row` counts records as a spreadsheet does: the names of the columns are row 1. */
export interface Row {
  readonly row: number;
  readonly cells: readonly string[];
  /** Why its cells cannot be read, where a tolerant reader leaves it to the caller to skip it. */
  readonly refusal?: MisuseError;
}

/** How a table is written. */
export interface TableFormat {
  /** Names without spaces around them; '' where a column has none. */
  readonly columns: readonly string[];
  /** What fields are apart by in the text that the table comes from; absent where it was no text. */
  readonly delimiter?: string | undefined;
  /** What precedes fractions, where its owner says so; else the cells tell. */
  readonly decimal?: Decimal | undefined;
}

/** A table in memory. */
export interface Table extends TableFormat {
  readonly rows: readonly Row[];
}

/** A table that is read in pieces, again and again with the same rows. */
export interface TableSource extends TableFormat {
  rows(): AsyncIterable<readonly Row[]>;
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
    column.kind === 'number'
      ? [{ mean: column.mean - (column.offset ?? 0), deviation: column.deviation }]
      : column.values.map(() => ({ mean: 0, deviation: 1 })),
  );
  return {
    mean: perFeature.map(({ mean }) => mean),
    deviation: perFeature.map(({ deviation }) => deviation),
  };
}

function cellError(row: number, column: string, expected: string, found: string, hint?: string): MisuseError {
  return new MisuseError({
    code: 'table.cell',
    expected: `${expected} in row ${row}, column ${column}`,
    found: found === '' ? 'an empty cell' : JSON.stringify(found.slice(0, 80)),
    ...(hint === undefined ? {} : { hint }),
  });
}

const missingHint =
  'Missing values: `--missing drop` leaves such rows out, `--missing mean` takes the mean (`missing` in a job file).';

/** What to do where a marker, such as the NA of Namibia, is meant as it is written. */
const meantHint = (name: string, marker: string) =>
  marker === ''
    ? ''
    : ` If it is a value of its own: nonet init with --kind ${quoteArgument(`${name}=category`)}.`;

/** Cells of one column that were read, but not as training has seen them. */
export interface StrangeCells {
  readonly column: string;
  /** A number outside the range of training, or a category that training did not have. */
  readonly kind: 'outside' | 'other';
  /** How many rows. */
  readonly count: number;
  /** The first of them. */
  readonly row: number;
  readonly text: string;
  /** What training saw: `31 to 67`, `A, B`. */
  readonly seen: string;
}

/** Where a feature comes from, and how its cells are read in this table. */
interface BoundColumn {
  readonly column: Column;
  readonly index: number;
  /** Of a number. */
  readonly decimal: Decimal;
  /** Of a category, and its values for people. */
  readonly vocabulary: Vocabulary | undefined;
  readonly known: string;
}

const listed = (values: readonly string[]) => values.join(', ').slice(0, 120);

/** Reads the features of rows by a schema, and remembers what was strange. */
function createFeatureReader(table: TableFormat, schema: DataSchema, surveys: readonly ColumnSurvey[]) {
  const { columns, na } = tableOf(schema);
  const cells = createMissingCells(na);
  const find = createColumnFinder(table);
  const said = findDecimal(surveys, table);
  const surveyed = new Map(surveys.map((survey) => [survey.index, survey]));
  const bound = columns.map((column): BoundColumn => {
    const index = find(column.name);
    const survey = surveyed.get(index);
    return {
      column,
      index,
      decimal: survey === undefined ? '.' : decimalOf(survey, said, table),
      vocabulary: column.kind === 'category' ? createVocabulary(column.values) : undefined,
      known: column.kind === 'category' ? listed(column.values) : '',
    };
  });
  const strange = new Map<string, { -readonly [K in keyof StrangeCells]: StrangeCells[K] }>();
  const note = (column: Column, kind: StrangeCells['kind'], row: Row, text: string, seen: string) => {
    const known = strange.get(column.name);
    if (known !== undefined) known.count++;
    else strange.set(column.name, { column: column.name, kind, count: 1, row: row.row, text, seen });
  };

  /** Appends the features of one cell; false if it is missing and the rule says to drop the row. */
  const readCell = (
    row: Row,
    place: BoundColumn,
    rule: TableSchema['missing'],
    features: number[],
  ): boolean => {
    const { column, index, decimal, vocabulary } = place;
    const text = normaliseText(row.cells[index]!);
    const value = column.kind === 'number' ? readNumber(text, decimal) : undefined;
    if ((value === undefined || cells.named(text)) && isMissing(text, cells, vocabulary)) {
      if (rule === 'drop') return false;
      if (rule === 'refuse') {
        const meant = column.kind === 'category' ? meantHint(column.name, text) : '';
        throw cellError(row.row, column.name, 'a value', text, missingHint + meant);
      }
      if (column.kind === 'number') features.push(column.mean - (column.offset ?? 0));
      else for (const _ of column.values) features.push(0);
      return true;
    }
    if (column.kind === 'number') {
      if (value === undefined) {
        const mark = decimal === ',' ? ' with a decimal comma' : '';
        throw cellError(row.row, column.name, `a number${mark}`, text);
      }
      const { minimum = value, maximum = value, offset = 0 } = column;
      if (value < minimum || value > maximum) note(column, 'outside', row, text, `${minimum} to ${maximum}`);
      features.push(value - offset);
      return true;
    }
    const chosen = vocabulary?.find(text);
    if (chosen === undefined) {
      if (column.other !== true) throw cellError(row.row, column.name, `one of ${place.known}`, text);
      note(column, 'other', row, text, place.known);
    }
    for (let value = 0; value < column.values.length; value++) features.push(value === chosen ? 1 : 0);
    return true;
  };
  return {
    strange: (): readonly StrangeCells[] => [...strange.values()],
    /** Undefined if a cell is missing and the rule says to drop the row. */
    read(row: Row, rule: TableSchema['missing']): readonly number[] | undefined {
      const features: number[] = [];
      return bound.every((place) => readCell(row, place, rule, features)) ? features : undefined;
    },
  };
}

/** Among numbers where there is no vocabulary; a value of a vocabulary is never missing. */
function isMissing(text: string, cells: MissingCells, vocabulary: Vocabulary | undefined): boolean {
  if (vocabulary === undefined) return cells.amongNumbers(text);
  return cells.named(text) || (cells.anywhere(text) && vocabulary.find(text) === undefined);
}

/** Surveys of the number columns of a schema, by which the decimal marks of a table are found. */
function surveyFormat(table: TableFormat, schema: DataSchema) {
  const { columns, na } = tableOf(schema);
  const cells = createMissingCells(na);
  const find = createColumnFinder(table);
  const surveys = columns
    .filter(({ kind }) => kind === 'number')
    .map(({ name }) => createColumnSurvey(name, find(name)));
  return {
    surveys,
    /** Where its owner says it, or there was no text, nothing has to be found out. */
    needed: surveys.length > 0 && table.decimal === undefined && table.delimiter !== undefined,
    take(row: Row) {
      for (const survey of surveys) surveyCell(survey, row, cells);
    },
  };
}

function surveyRows(table: Table, schema: DataSchema): readonly ColumnSurvey[] {
  const survey = surveyFormat(table, schema);
  if (survey.needed) for (const row of table.rows) survey.take(row);
  return survey.surveys;
}

/** Rows that are read for a prediction. */
export interface FeatureRows {
  /** (rows, features), row-major. */
  readonly features: Float32Array<ArrayBuffer>;
  readonly rows: readonly Row[];
  /** Rows that were left out, and why. */
  readonly skipped: readonly { readonly row: number; readonly error: MisuseError }[];
  /** Cells that are not as in training. */
  readonly strange: readonly StrangeCells[];
}

/**
 * The features of a table for predicting; the target column may be absent. A row that cannot be
 * read throws as in `readTable`, also where a cell is missing, unless the schema takes the mean;
 * with `skipBadRows` it is left out.
 */
export function readFeatureRows(
  table: Table,
  schema: DataSchema,
  { skipBadRows = false }: { readonly skipBadRows?: boolean } = {},
): FeatureRows {
  const { missing } = tableOf(schema);
  const reader = createFeatureReader(table, schema, surveyRows(table, schema));
  const rule = missing === 'drop' ? 'refuse' : missing;
  const read: { readonly row: Row; readonly features: readonly number[] }[] = [];
  const skipped: { readonly row: number; readonly error: MisuseError }[] = [];
  for (const row of table.rows) {
    try {
      if (row.refusal !== undefined) throw row.refusal;
      read.push({ row, features: reader.read(row, rule)! });
    } catch (error) {
      if (!skipBadRows || !(error instanceof MisuseError)) throw error;
      skipped.push({ row: row.row, error });
    }
  }
  const width = read[0]?.features.length ?? 0;
  const features = new Float32Array(read.length * width);
  for (const [i, row] of read.entries()) features.set(row.features, i * width);
  return { features, rows: read.map(({ row }) => row), skipped, strange: reader.strange() };
}

/** The features alone of a table. Throws as `readFeatureRows`. */
export function readFeatures(table: Table, schema: DataSchema): Float32Array<ArrayBuffer> {
  return readFeatureRows(table, schema).features;
}

/**
 * The label of each row, undefined where it is none of the schema's, or undefined altogether where
 * the table has no column for it.
 */
export function readLabels(table: Table, schema: DataSchema): readonly (number | undefined)[] | undefined {
  const { target } = tableOf(schema);
  const index = table.columns.findIndex((name) => name.toLowerCase() === target.toLowerCase());
  if (index < 0) return undefined;
  const vocabulary = createVocabulary(schema.labels);
  return table.rows.map(({ cells }) => vocabulary.find(cells[index]!));
}

/** Reads rows into examples by a schema; undefined where the schema drops the row. */
function createRowReader(table: TableFormat, schema: DataSchema, surveys: readonly ColumnSurvey[]) {
  const { missing, target, na } = tableOf(schema);
  const reader = createFeatureReader(table, schema, surveys);
  const vocabulary = createVocabulary(schema.labels);
  const cells = createMissingCells(na);
  const index = createColumnFinder(table)(target);
  let count = 0;
  return {
    read(row: Row): Example | undefined {
      const text = normaliseText(row.cells[index]!);
      const label = vocabulary.find(text);
      if (label === undefined) {
        const absent = cells.anywhere(text);
        if (absent && missing === 'drop') return undefined;
        const hint = absent
          ? `\`--missing drop\` leaves rows without a label out.${meantHint(target, text)}`
          : undefined;
        throw cellError(row.row, target, `one of the labels ${listed(schema.labels)}`, text, hint);
      }
      const features = reader.read(row, missing);
      if (features === undefined) return undefined;
      count++;
      return { features, label };
    },
    strange: reader.strange,
    /** Throws `table.other` if a site writes most of a category in words of its own. */
    assertFamiliar(): void {
      for (const { column, kind, count: strange, row, text, seen } of reader.strange()) {
        if (kind !== 'other' || 2 * strange <= count) continue;
        throw new MisuseError({
          code: 'table.other',
          expected: `one of ${seen} in most rows of column ${column}`,
          found: `others in ${strange} of ${count} rows, such as ${JSON.stringify(text)} in row ${row}`,
          hint: 'Write the categories as the job does.',
        });
      }
    },
  };
}

/**
 * A table as a dataset by its schema. Throws `table.cell` with row and column on a malformed
 * number, an unknown category or label, a missing value that the schema refuses; `table.column` on
 * an absent column; `table.decimal` where numbers can be read in two ways; `table.other` if most
 * rows have a category that the schema does not know; `table.empty` if no row is left.
 */
export function readTable(table: Table, schema: DataSchema): Dataset {
  const reader = createRowReader(table, schema, surveyRows(table, schema));
  const examples = table.rows.map(reader.read).filter((example) => example !== undefined);
  if (examples.length === 0) {
    throw new MisuseError({ code: 'table.empty', expected: 'at least one whole row', found: 'none' });
  }
  reader.assertFamiliar();
  const width = examples[0]!.features.length;
  const features = new Float32Array(examples.length * width);
  for (const [i, example] of examples.entries()) features.set(example.features, i * width);
  const dataset = {
    features,
    shape: schema.shape,
    labels: Int32Array.from(examples, ({ label }) => label),
    vocabulary: schema.labels,
  };
  assertDataset(dataset);
  return dataset;
}

/**
 * `readTable` of a table that is read in pieces; throws as batches are read. After the last of them
 * `onStrange` learns which cells are not as in training.
 */
export function readTableSource(
  source: TableSource,
  schema: DataSchema,
  onStrange: (strange: readonly StrangeCells[]) => void = () => {},
): DatasetSource {
  async function* examples() {
    const survey = surveyFormat(source, schema);
    if (survey.needed) for await (const rows of source.rows()) for (const row of rows) survey.take(row);
    const reader = createRowReader(source, schema, survey.surveys);
    for await (const rows of source.rows()) {
      yield rows.map(reader.read).filter((example) => example !== undefined);
    }
    reader.assertFamiliar();
    onStrange(reader.strange());
  }
  return {
    schema,
    dtype: 'F32',
    batches: (size) => batchExamples({ schema, dtype: 'F32' }, examples(), size),
  };
}

/** The rows of a table in which no feature and no label is missing. */
export function withoutMissing(table: Table, schema: DataSchema): Table {
  const { columns, target, na } = tableOf(schema);
  const cells = createMissingCells(na);
  const find = createColumnFinder(table);
  const places = [
    ...columns.map((column) => ({ column, values: column.kind === 'category' ? column.values : undefined })),
    { column: { name: target }, values: schema.labels },
  ].map(({ column, values }) => ({
    index: find(column.name),
    vocabulary: values === undefined ? undefined : createVocabulary(values),
  }));
  const isWhole = ({ cells: row }: Row) =>
    places.every(({ index, vocabulary }) => !isMissing(normaliseText(row[index]!), cells, vocabulary));
  return { ...table, rows: table.rows.filter(isWhole) };
}

const plainNumber = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * The same table with the numbers of its features written as everywhere: a decimal point, nothing
 * between thousands. Other cells stay as they are. Give it the whole table: some of its rows may
 * leave open how numbers are written.
 */
export function rewriteNumbers(table: Table, schema: DataSchema): Table {
  const surveys = surveyRows(table, schema);
  const said = findDecimal(surveys, table);
  const decimals = new Map(surveys.map((survey) => [survey.index, decimalOf(survey, said, table)]));
  const rewrite = (cell: string, decimal: Decimal | undefined): string => {
    const text = normaliseText(cell);
    if (decimal === undefined || (decimal === '.' && plainNumber.test(text))) return cell;
    return readNumber(text, decimal)?.toString() ?? cell;
  };
  return {
    columns: table.columns,
    rows: table.rows.map(({ row, cells }) => ({
      row,
      cells: cells.map((cell, index) => rewrite(cell, decimals.get(index))),
    })),
  };
}

/**
 * The numbers of some columns, row by row, by the rules of every table (docs/tables.md, 2): f64, NaN
 * where a cell is missing. Throws `table.cell` on other texts, `table.decimal` where numbers can be
 * read in two ways.
 */
export function readNumbers(table: Table, indices: readonly number[]): readonly Float64Array[] {
  const missing = createMissingCells();
  const surveys = indices.map((index) => createColumnSurvey(table.columns[index]!, index));
  for (const row of table.rows) for (const survey of surveys) surveyCell(survey, row, missing);
  const said = findDecimal(surveys, table);
  const decimals = surveys.map((survey) => decimalOf(survey, said, table));
  return table.rows.map(({ row, cells }) =>
    Float64Array.from(indices, (index, i) => {
      const text = normaliseText(cells[index] ?? '');
      const value = readNumber(text, decimals[i]!);
      if (value !== undefined) return value;
      if (missing.amongNumbers(text)) return Number.NaN;
      throw cellError(row, table.columns[index]!, 'a number', text);
    }),
  );
}

/** A column whose cells are wanted one by one: numbers, or texts of which some are known. */
export type RecordColumn =
  | { readonly kind: 'number'; readonly name: string }
  | { readonly kind: 'category'; readonly name: string; readonly values: readonly string[] };

/**
 * Some columns of a table, row by row, by the rules of every table (docs/tables.md, 2): numbers in
 * f64, texts as they are listed among the values of their column, or as they are written;
 * undefined where a cell is missing. Throws `table.column`, `table.cell` on what is no number, and
 * `table.decimal` where numbers can be read in two ways.
 */
export function readRecords(
  table: Table,
  columns: readonly RecordColumn[],
): (number | string | undefined)[][] {
  const find = createColumnFinder(table);
  const numeric = columns.filter(({ kind }) => kind === 'number').map(({ name }) => find(name));
  const numbers = readNumbers(table, numeric);
  const missing = createMissingCells();
  const readers = columns.map((column) => {
    const index = find(column.name);
    if (column.kind === 'number') {
      const place = numeric.indexOf(index);
      return (_: Row, row: number) => {
        const value = numbers[row]![place]!;
        return Number.isNaN(value) ? undefined : value;
      };
    }
    const vocabulary = createVocabulary(column.values);
    return ({ cells }: Row) => {
      const text = normaliseText(cells[index] ?? '');
      const known = vocabulary.find(text);
      if (known !== undefined) return column.values[known];
      return missing.anywhere(text) ? undefined : text;
    };
  });
  return table.rows.map((row, i) => readers.map((read) => read(row, i)));
}
