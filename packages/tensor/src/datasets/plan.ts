/**
 * Decides how the columns of a table are read: which hold numbers and how they are written, which
 * categories, which are left out, and why (docs/tables.md). A pure function of the cells and of
 * what the caller said; what is in doubt is refused with the option that settles it, never guessed.
 * The outcome is a schema, which is part of a job, and by which every later table is read.
 *
 * Kinds, markers of missing values and labels are taken from all rows; values of categories, means,
 * deviations and ranges from the training rows alone.
 */
import { MisuseError } from '@nonet/core';
import { type DataSchema, quoteArgument } from '@nonet/core/records';
import { createMissingCells, type Decimal, normaliseText, readNumber } from './cells.ts';
import {
  assertPrintable,
  type Kind,
  kindOf,
  labelsOf,
  listTexts,
  type NamedValue,
  numberNotes,
  sortLabels,
} from './kinds.ts';
import {
  type ColumnSurvey,
  createColumnFinder,
  createColumnSurvey,
  decimalOf,
  findDecimal,
  surveyCell,
} from './survey.ts';
import type { Column, Row, Table, TableSchema, TableSource } from './table.ts';

/**
 * What is known of a column from elsewhere than the rows of the table: common knowledge, or a count
 * over many tables. A deviation of 0 means that all rows have the mean.
 */
export type KnownColumn =
  | {
      readonly kind: 'number';
      readonly mean: number;
      readonly deviation: number;
      readonly minimum: number;
      readonly maximum: number;
    }
  | { readonly kind: 'category'; readonly values: readonly string[] };

/** What the caller says about a table; all but the target is found out where it is not said. */
export interface PlanOptions {
  /** The column of the label. */
  readonly target: string;
  /** Feature columns in order; each must be usable. Without it: all that are, but the target. */
  readonly columns?: readonly string[];
  /** Columns to leave out. */
  readonly drop?: readonly string[];
  /** Kinds of columns by name; the target may be called a category. */
  readonly kinds?: Readonly<Record<string, 'number' | 'category'>>;
  /** Texts that mean a missing value, beside those that always do. */
  readonly na?: readonly string[];
  /**
   * What a missing cell does: stops with an error (the default), drops its row, or counts as the
   * column's mean (no category).
   */
  readonly missing?: TableSchema['missing'];
  /**
   * Whether a category that training rows do not have counts as *other*: as none of them. Without
   * it, such a cell is refused, and categories of all rows are known.
   */
  readonly other?: boolean;
  /**
   * What the schema says of columns, the target among them, by name. Features are then these alone,
   * and nothing in the schema but `missing` and `na` depends on the rows of the table.
   */
  readonly known?: Readonly<Record<string, KnownColumn>>;
}

/** How one column is read. */
export interface ColumnPlan {
  readonly name: string;
  /** Absent where the column is left out. */
  readonly column?: Column;
  /** One line for people: `numbers from 31 to 67`, or why the column is left out. */
  readonly reading: string;
  /** What a careful owner would look at. */
  readonly notes: readonly string[];
}

/** How a table is read. */
export interface TablePlan {
  readonly schema: DataSchema & { readonly table: TableSchema };
  /** All columns but the target, in the order of the table. */
  readonly columns: readonly ColumnPlan[];
  /** What was made of the labels. */
  readonly target: { readonly name: string; readonly notes: readonly string[] };
}

/**
 * Rounding to f32 may move a value by at most this part of the deviation. Beyond it, the column
 * gets an offset that is subtracted in f64.
 */
const roundingShare = 2 ** -12;

/** Sums of one number column, in f64 and in the order of the rows. */
interface Moments {
  readonly decimal: Decimal;
  count: number;
  sum: number;
  squares: number;
  minimum: number;
  maximum: number;
}

/**
 * A planner of one table, which is shown every row three times: all rows with `survey`, then the
 * training rows with `sum`, then these again with `square`. Throws, from the second on, what makes
 * a table useless: `table.column`, `table.labels`, `table.decimal`, `table.cell`.
 */
function createPlanner(table: Pick<Table, 'columns' | 'delimiter' | 'decimal'>, options: PlanOptions) {
  const { missing: rule = 'refuse', other = false, na = [] } = options;
  const find = createColumnFinder(table);
  const target = find(options.target, '--target');
  const chosen = options.columns?.map((name) => find(name, '--columns'));
  const dropped = new Set((options.drop ?? []).map((name) => find(name, '--drop')));
  const kinds = new Map(
    Object.entries(options.kinds ?? {}).map(([name, kind]) => [find(name, '--kind'), kind]),
  );
  const known = Object.entries(options.known ?? {}).map(
    ([name, column]) => [find(name, '--statistics'), column] as const,
  );
  const knownAt = options.known === undefined ? undefined : new Map(known);
  assertChoices(table, { target, chosen, dropped, kinds, known: knownAt });
  const cells = createMissingCells(na);
  const surveys = table.columns.map(createColumnSurvey);
  const usable = (place: number) =>
    place !== target && !dropped.has(place) && (knownAt === undefined || knownAt.has(place));
  const features = chosen ?? [...surveys.keys()].filter(usable);
  const wanted = [target, ...features];
  let decided: Map<number, Kind> | undefined;
  const moments = new Map<number, Moments>();

  const decide = () => {
    decided = new Map();
    for (const place of features) {
      assertPrintable(surveys[place]!.name, 1, surveys[place]!.name);
      const told = knownAt?.get(place);
      const asked = { kind: told?.kind ?? kinds.get(place), chosen: chosen !== undefined };
      const kind: Kind =
        told?.kind === 'category'
          ? { kind: 'category', values: [], notes: [] }
          : kindOf(surveys[place]!, asked);
      decided.set(place, kind);
    }
    const numbers = features.filter((place) => decided!.get(place)!.kind === 'number');
    const said = findDecimal(
      numbers.map((place) => surveys[place]!),
      table,
    );
    for (const place of numbers) {
      moments.set(place, {
        decimal: decimalOf(surveys[place]!, said, table),
        count: 0,
        sum: 0,
        squares: 0,
        minimum: Number.POSITIVE_INFINITY,
        maximum: Number.NEGATIVE_INFINITY,
      });
    }
    return decided;
  };
  const eachNumber = ({ cells: row }: Row, take: (moment: Moments, value: number) => void) => {
    decided ??= decide();
    for (const [place, moment] of moments) {
      const text = normaliseText(row[place]!);
      const value = cells.amongNumbers(text) ? undefined : readNumber(text, moment.decimal);
      if (value !== undefined) take(moment, value);
    }
  };
  return {
    survey(row: Row, training: boolean) {
      for (const place of wanted) surveyCell(surveys[place]!, row, cells, training);
    },
    sum(row: Row) {
      eachNumber(row, (moment, value) => {
        moment.count++;
        moment.sum += value;
        moment.minimum = Math.min(moment.minimum, value);
        moment.maximum = Math.max(moment.maximum, value);
      });
    },
    square(row: Row) {
      eachNumber(row, (moment, value) => {
        const distance = value - moment.sum / moment.count;
        moment.squares += distance * distance;
      });
    },
    plan(): TablePlan {
      const kindsOfColumns = decided ?? decide();
      const told = knownAt?.get(target);
      const labels =
        told?.kind === 'category'
          ? { values: sortLabels(told.values), notes: [] }
          : labelsOf(surveys[target]!, kinds.get(target) === 'category');
      const plans = [...surveys.keys()]
        .filter((place) => place !== target)
        .map((place): ColumnPlan => {
          const survey = surveys[place]!;
          const kind = kindsOfColumns.get(place);
          const name = survey.name === '' ? `(column ${place + 1})` : survey.name;
          if (kind === undefined) {
            const said = knownAt === undefined || dropped.has(place) || chosen !== undefined;
            const reading = said ? 'left out as you said' : 'not among the statistics';
            return { name, reading, notes: [] };
          }
          const required = chosen !== undefined || kinds.has(place);
          const told = knownAt?.get(place);
          return planColumn(survey, name, kind, moments.get(place), { other, required, told });
        });
      const byName = new Map(plans.map((plan) => [plan.name, plan.column]));
      const columns = features
        .map((place) => byName.get(surveys[place]!.name))
        .filter((column) => column !== undefined);
      if (columns.length === 0) {
        throw new MisuseError({
          code: 'table.column',
          expected: `a column to predict ${surveys[target]!.name} from`,
          found:
            plans
              .map(({ name, reading }) => `${name}: ${reading}`)
              .join('; ')
              .slice(0, 400) || 'none',
          hint: 'If the fields are apart by another character, name it: --delimiter CHARACTER. A column that was left out is taken with --columns.',
        });
      }
      return {
        schema: {
          shape: [featureCount(columns)],
          labels: labels.values,
          table: {
            target: surveys[target]!.name,
            columns,
            missing: rule,
            ...(na.length === 0 ? {} : { na: na.map(normaliseText) }),
          },
        },
        columns: plans,
        target: { name: surveys[target]!.name, notes: labels.notes },
      };
    },
  };
}

/** What the caller names must fit together. */
function assertChoices(
  { columns }: Pick<Table, 'columns'>,
  {
    target,
    chosen = [],
    dropped,
    kinds,
    known,
  }: {
    readonly target: number;
    readonly chosen: readonly number[] | undefined;
    readonly dropped: ReadonlySet<number>;
    readonly kinds: ReadonlyMap<number, 'number' | 'category'>;
    readonly known: ReadonlyMap<number, KnownColumn> | undefined;
  },
): void {
  const refuse = (expected: string, found: string) => {
    throw new MisuseError({ code: 'table.choice', expected, found });
  };
  const twice = chosen.find((place, i) => chosen.indexOf(place) !== i);
  if (twice !== undefined) refuse('every column once under --columns', `${columns[twice]} twice`);
  if (chosen.includes(target)) refuse('features other than the target', `${columns[target]} under --columns`);
  if (dropped.has(target)) refuse('a target that is not left out', `${columns[target]} under --drop`);
  const both = chosen.find((place) => dropped.has(place));
  if (both !== undefined) refuse('a column under --columns or --drop', `${columns[both]} under both`);
  if (kinds.get(target) === 'number') {
    refuse(
      `labels in column ${columns[target]}, since models that predict numbers are not supported`,
      'the kind number',
    );
  }
  for (const place of kinds.keys()) {
    if (dropped.has(place)) refuse('kinds of columns that are used', `${columns[place]} under --drop`);
  }
  if (known === undefined) return;
  const labels = known.get(target);
  if (labels?.kind !== 'category' || labels.values.length < 2) {
    refuse(
      `statistics with at least two values of ${columns[target]}, the target`,
      labels === undefined ? 'none of it' : labels.kind === 'number' ? 'its mean' : 'one value',
    );
  }
  const unknown = chosen.find((place) => !known.has(place));
  if (unknown !== undefined) {
    refuse('under --columns those of the statistics', `${columns[unknown]}, which they say nothing of`);
  }
  for (const [place, kind] of kinds) {
    const told = known.get(place)?.kind;
    if (told !== undefined && told !== kind) {
      refuse(`${columns[place]} as a ${told}, as the statistics have it`, `the kind ${kind}`);
    }
  }
}

/** Features that columns make: one per number, one per value of a category. */
function featureCount(columns: readonly Column[]): number {
  return columns.reduce((sum, column) => sum + (column.kind === 'number' ? 1 : column.values.length), 0);
}

const formatNumber = (value: number) => String(Number(value.toPrecision(12)));

/** The plan of one column; without a column where training rows leave nothing to learn. */
function planColumn(
  survey: ColumnSurvey,
  name: string,
  kind: Kind,
  moments: Moments | undefined,
  options: {
    readonly other: boolean;
    readonly required: boolean;
    readonly told: KnownColumn | undefined;
  },
): ColumnPlan {
  if (kind.kind === 'omitted') return { name, reading: kind.reason, notes: [] };
  const { gaps, texts } = gapsOf(survey, kind);
  const kindNotes = kind.kind === 'number' ? numberNotes(survey, moments!.decimal) : kind.notes;
  const notes = [...kindNotes, ...(gaps === 0 ? [] : [`${gaps} missing (${listTexts(texts)})`])];
  const planned =
    options.told !== undefined
      ? planKnown(survey.name, options.told, options.other)
      : kind.kind === 'number'
        ? planNumber(survey, moments!, options.required)
        : planCategory(survey.name, kind.values, options);
  if (planned.column !== undefined) return { ...planned, name, notes: [...notes, ...planned.notes] };
  return { name, reading: gaps === 0 ? planned.reading : `${planned.reading}, or missing`, notes: [] };
}

/** Missing cells of a column, and what they hold. */
function gapsOf(survey: ColumnSurvey, kind: Kind): { gaps: number; texts: readonly string[] } {
  const taken = kind.kind === 'category' && kind.values.some(({ marker }) => marker);
  const markers = taken ? 0 : kind.kind === 'number' ? survey.numberMarkers : survey.markers;
  const texts = [...(survey.blank > 0 ? ['empty'] : []), ...(markers > 0 ? survey.markerTexts : [])];
  return { gaps: survey.blank + markers, texts };
}

type PlannedColumn = Omit<ColumnPlan, 'name'>;

const nothing = (reading: string): PlannedColumn => ({ reading, notes: [] });

function planCategory(
  name: string,
  values: readonly NamedValue[],
  { other, required }: { readonly other: boolean; readonly required: boolean },
): PlannedColumn {
  const known = values.filter(({ training }) => training || !other);
  if (known.length === 0) return nothing('no values among the training rows');
  if (known.length === 1 && !required) return nothing(`the same in every training row: ${known[0]!.text}`);
  const strange = values.filter((value) => !known.includes(value)).map(({ text }) => text);
  const texts = known.map(({ text }) => text).sort();
  return {
    column: { kind: 'category', name, values: texts, ...(other ? { other } : {}) },
    reading: `category: ${listTexts(texts)}`,
    notes: strange.length === 0 ? [] : [`${listTexts(strange)}: only among test rows, counts as other`],
  };
}

function planNumber(
  { name, values }: ColumnSurvey,
  { count, sum, squares, minimum, maximum }: Moments,
  required: boolean,
): PlannedColumn {
  if (count === 0) return nothing('no values among the training rows');
  const mean = sum / count;
  const deviation = Math.sqrt(squares / count);
  // Where f64 cannot tell texts apart, the column is no constant.
  const constant = minimum === maximum && (values.size === 1 || Math.abs(minimum) < 2 ** 53);
  if (constant && !required) return nothing(`the same in every training row: ${formatNumber(minimum)}`);
  const range = roundOutwards(minimum, maximum);
  return standardised(name, { mean, deviation, minimum, maximum }, constant, range);
}

/** The plan of a column by what is known of it. */
function planKnown(name: string, told: KnownColumn, other: boolean): PlannedColumn {
  if (told.kind === 'number') {
    const { minimum, maximum } = told;
    return standardised(name, told, told.deviation === 0, { minimum, maximum });
  }
  const texts = [...told.values].sort();
  return {
    column: { kind: 'category', name, values: texts, ...(other ? { other } : {}) },
    reading: `category: ${listTexts(texts)}`,
    notes: [],
  };
}

/** A column of numbers with its offset. Throws `table.column` where f64 cannot hold their differences. */
function standardised(
  name: string,
  { mean, deviation, minimum, maximum }: Omit<Extract<KnownColumn, { kind: 'number' }>, 'kind'>,
  constant: boolean,
  range: { readonly minimum: number; readonly maximum: number },
): PlannedColumn {
  const largest = Math.max(Math.abs(minimum), Math.abs(maximum));
  if (!constant && (largest * 2 ** -53 > deviation * roundingShare || !(1 / deviation < 2 ** 127))) {
    throw new MisuseError({
      code: 'table.column',
      expected: `numbers in column ${name} whose differences a computer can hold`,
      found: `${minimum} to ${maximum}, deviation ${deviation}`,
      hint: `Give it in another unit, or leave it out: --drop ${quoteArgument(name)}.`,
    });
  }
  const offset =
    !constant && largest * 2 ** -24 > deviation * roundingShare ? offsetNear(mean, deviation) : undefined;
  return {
    column: {
      kind: 'number',
      name,
      mean,
      deviation: constant ? 1 : deviation,
      ...(offset === undefined ? {} : { offset }),
      ...range,
    },
    reading: `numbers from ${formatNumber(minimum)} to ${formatNumber(maximum)}`,
    notes:
      offset === undefined ? [] : [`${offset} is subtracted, for f32 could not tell these numbers apart`],
  };
}

/** A short number next to the mean: a multiple of a power of ten below the deviation. */
function offsetNear(mean: number, deviation: number): number {
  const exponent = Math.floor(Math.log10(deviation));
  return Number(`${Math.round(Number(`${mean}e${-exponent}`))}e${exponent}`);
}

/** Two digits of the range: the exact extremes would tell of single rows. */
function roundOutwards(minimum: number, maximum: number): { minimum: number; maximum: number } {
  if (minimum === maximum) return { minimum, maximum };
  const step = 10 ** (Math.floor(Math.log10(maximum - minimum)) - 1);
  const tidy = (value: number) => Number(value.toPrecision(15));
  return {
    minimum: Math.min(minimum, tidy(Math.floor(minimum / step) * step)),
    maximum: Math.max(maximum, tidy(Math.ceil(maximum / step) * step)),
  };
}

/**
 * How a table is read, and what was left out. Rows come in the order of the file; `isTraining`
 * tells those whose values may enter the model (all of them unless given). Throws `table.column`
 * on absent or unusable columns, `table.labels` on a target without labels, `table.decimal` where
 * numbers can be read in two ways, `table.cell` on texts that no job can hold, `table.choice` on
 * options that contradict each other.
 */
export function planTable(
  table: Table,
  options: PlanOptions,
  isTraining: (row: Row) => boolean = () => true,
): TablePlan {
  const planner = createPlanner(table, options);
  for (const row of table.rows) planner.survey(row, isTraining(row));
  const training = table.rows.filter(isTraining);
  for (const row of training) planner.sum(row);
  for (const row of training) planner.square(row);
  return planner.plan();
}

/**
 * The schema of a table, as `planTable` plans it. Give it the training rows only: means and
 * deviations of test rows must not leak into the model.
 */
export function inferSchema(table: Table, options: PlanOptions): DataSchema {
  return planTable(table, options).schema;
}

/** `inferSchema` of a table that is read in pieces, three times. */
export async function inferSourceSchema(source: TableSource, options: PlanOptions): Promise<DataSchema> {
  const planner = createPlanner(source, options);
  const passes = [(row: Row) => planner.survey(row, true), planner.sum, planner.square];
  for (const pass of passes) {
    for await (const rows of source.rows()) for (const row of rows) pass(row);
  }
  return planner.plan().schema;
}
