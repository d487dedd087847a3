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
import { type DataSchema, quoteArgument, textSchema } from '@nonet/core/records';
import { canonicalText, createMissingCells, type Decimal, normaliseText, readNumber } from './cells.ts';
import {
  type ColumnSurvey,
  createColumnFinder,
  createColumnSurvey,
  decimalOf,
  findDecimal,
  isMostlyNumbers,
  maximumCategories,
  numbersIn,
  type SeenValue,
  surveyCell,
} from './survey.ts';
import type { Column, Row, Table, TableSchema, TableSource } from './table.ts';

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

/** A value with the spelling by which it is recorded. */
type NamedValue = Omit<SeenValue, 'spellings'> & { readonly text: string };

type Kind =
  | { readonly kind: 'number'; readonly decimal: Decimal; readonly notes: readonly string[] }
  | { readonly kind: 'category'; readonly values: readonly NamedValue[]; readonly notes: readonly string[] }
  | { readonly kind: 'omitted'; readonly reason: string };

const quote = (text: string) => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);

function listTexts(texts: Iterable<string>, limit = 8): string {
  const all = [...texts];
  const shown = all.slice(0, limit).map((text) => (text.length > 40 ? `${text.slice(0, 40)}…` : text));
  return shown.join(', ') + (all.length > limit ? `, and ${all.length - limit} more` : '');
}

/** Names that say that a column tells rows apart, pandas' own among them. */
const identifierName =
  /^(?:row|nr|no|rownames?|level_0|unnamed: \d+|__index_level_\d+__)$|(?:^|[^a-z])(?:id|uuid|guid|index)$|^id[^a-z]/i;
const isIdentifierName = (name: string) => identifierName.test(name) || /[a-z]I[dD]$/.test(name);

const isLongNumber = ({ spellings }: SeenValue) =>
  [...spellings.keys()].every((text) => /^\d{17,}$/.test(text));
const countsRows = ({ countsFrom, filled }: ColumnSurvey) => countsFrom !== undefined && filled > 2;

interface Omission {
  readonly reason: string;
  /** Whether the column cannot be used as it is, even where it is asked for. */
  readonly unusable?: boolean;
}

/** Why a column is no feature unless the caller asks for it, or undefined. */
function reasonToOmit(survey: ColumnSurvey): Omission | undefined {
  const { name, values, overflown, repeated, filled, dates, markers } = survey;
  const distinct = filled > 2 && !repeated;
  if (markers >= filled) return { reason: 'no values', unusable: true };
  if (name === '') return { reason: 'has no name: an index of pandas, or an empty column' };
  if (countsRows(survey) && isIdentifierName(name)) return { reason: 'counts the rows' };
  if (distinct && isIdentifierName(name)) return { reason: 'identifies the rows: every value is another' };
  if (filled > 2 && survey.compactDates === filled) {
    return { reason: 'dates, such as 20240131; make numbers of them, such as days since one that matters' };
  }
  if (isMostlyNumbers(survey)) {
    const long = overflown && !repeated && [...values.values()].every(isLongNumber);
    return long ? { reason: 'identifies the rows: long whole numbers, every one another' } : undefined;
  }
  if (2 * dates > filled) {
    const sample = (survey.first.none ?? survey.first.plain)?.text ?? '';
    const reason = `dates, such as ${sample}; make numbers of them, such as days since one that matters`;
    return { reason, unusable: true };
  }
  if (overflown) {
    const reason = `${quote(survey.first.none!.text)} and more than ${maximumCategories} different texts: names or free text`;
    return { reason, unusable: true };
  }
  if (filled >= 10 && values.size > 0.8 * filled) {
    return { reason: 'almost every text is another: names or free text', unusable: true };
  }
  return undefined;
}

/** What to do about cells of a column of numbers that are none. */
function strayHint(name: string, text: string): string {
  return (
    `If it is a missing value: --na ${quoteArgument(text)}. If these are categories: ` +
    `--kind ${quoteArgument(`${name}=category`)}. Otherwise mend the cells, or --drop ${quoteArgument(name)}.`
  );
}

/** What the caller said of a column. */
interface Asked {
  readonly kind: 'number' | 'category' | undefined;
  /** Whether it was listed as a feature. */
  readonly chosen: boolean;
}

function kindOf(
  survey: ColumnSurvey,
  asked: Asked,
  table: Pick<Table, 'delimiter' | 'decimal'>,
  said: Decimal | undefined,
): Kind {
  const { name, shapes, first } = survey;
  const omission = reasonToOmit(survey);
  if (omission !== undefined) {
    const { reason, unusable = false } = omission;
    if (!asked.chosen && asked.kind === undefined) return { kind: 'omitted', reason };
    if (unusable && (asked.kind === undefined || reason === 'no values')) {
      throw new MisuseError({
        code: 'table.column',
        expected: `numbers, or at most ${maximumCategories} categories, in column ${name}`,
        found: reason,
        hint: `Leave it out, or say what it is: --kind ${quoteArgument(`${name}=category`)}.`,
      });
    }
  }
  // Codes such as 007 and 01234 lose their zeros as numbers.
  const codes = survey.leadingZeros > 0 && asked.kind !== 'number';
  const number = asked.kind === 'number' || (asked.kind !== 'category' && !codes && isMostlyNumbers(survey));
  if (!number) {
    assertNoUnit(survey, asked);
    return categoryOf(survey, asked, codes);
  }
  if (shapes.none > 0) {
    const { text, row } = first.none!;
    throw new MisuseError({
      code: 'table.column',
      expected: `numbers in column ${name}`,
      found: `${quote(text)} in row ${row}${shapes.none > 1 ? `, and ${shapes.none - 1} more such cells` : ''}`,
      hint: strayHint(name, text),
    });
  }
  const decimal = decimalOf(survey, said, table);
  const notes: string[] = [];
  if (countsRows(survey))
    notes.push(`counts the rows; if it says nothing else: --drop ${quoteArgument(name)}`);
  if (decimal === ',' && shapes.comma > 0) notes.push('decimal comma');
  const thousands = decimal === '.' ? first.commaOrThousands : first.pointOrThousands;
  if (thousands !== undefined) {
    const { text } = thousands;
    notes.push(
      `${text} is read as ${readNumber(text, decimal)}; otherwise: --decimal ${decimal === '.' ? ',' : '.'}`,
    );
  }
  return { kind: 'number', decimal, notes };
}

/** Numbers with a unit would be as many categories. */
function assertNoUnit({ name, unit, withUnit, first, shapes }: ColumnSurvey, asked: Asked): void {
  if (asked.kind === 'category' || unit === undefined || 2 * withUnit <= shapes.none) return;
  throw new MisuseError({
    code: 'table.column',
    expected: `numbers alone, or categories, in column ${name}`,
    found: `numbers with ${quote(unit)}, such as ${quote(first.none!.text)} in row ${first.none!.row}`,
    hint:
      `Take the unit out of the cells; or if these are categories: ` +
      `--kind ${quoteArgument(`${name}=category`)}; or leave the column out: --drop ${quoteArgument(name)}.`,
  });
}

function categoryOf(survey: ColumnSurvey, asked: Asked, codes: boolean): Kind {
  const { name, overflown, values } = survey;
  const exact = asked.kind === 'category';
  if (overflown) {
    if (!asked.chosen && !exact) return { kind: 'omitted', reason: `more than ${maximumCategories} codes` };
    throw new MisuseError({
      code: 'table.column',
      expected: `at most ${maximumCategories} categories in column ${name}`,
      found: `${quote(firstOf([...values.values()][0]!.spellings))} and more than ${maximumCategories} different values`,
      hint: `Leave the column out if it is a name or free text: --drop ${quoteArgument(name)}.`,
    });
  }
  const seen = namedValues(survey, exact);
  for (const { text, row } of seen) assertPrintable(text, row, name);
  return {
    kind: 'category',
    values: seen,
    notes: [...(codes ? ['codes with leading zeros'] : []), ...(exact ? [] : spellingNotes(survey))],
  };
}

/**
 * The values of a column as they are recorded: spellings of one value by the most frequent of
 * them. Where the caller calls the column a category, case tells values apart, and markers of
 * missing values are among them.
 */
function namedValues({ values }: ColumnSurvey, exact: boolean): readonly NamedValue[] {
  return [...values.values()].flatMap(({ spellings, ...seen }) => {
    if (exact) {
      const texts = new Set([...spellings.keys()].map(canonicalText));
      return [...texts].map((text) => ({ ...seen, text: spellings.size === 1 ? firstOf(spellings) : text }));
    }
    if (seen.marker) return [];
    const [[text] = ['']] = [...spellings].sort(([, a], [, b]) => b - a);
    return [{ ...seen, text: spellings.size === 1 ? text : canonicalText(text) }];
  });
}

const firstOf = (spellings: ReadonlyMap<string, number>) => [...spellings.keys()][0] ?? '';

/** Which spellings were taken for one value. */
function spellingNotes({ name, values }: ColumnSurvey): string[] {
  return [...values.values()]
    .filter(({ spellings, marker }) => spellings.size > 1 && !marker)
    .map(
      ({ spellings }) =>
        `${listTexts(spellings.keys())} are one value; otherwise: --kind ${quoteArgument(`${name}=category`)}`,
    );
}

function assertPrintable(text: string, row: number, name: string): void {
  if (textSchema.safeParse(text).success) return;
  throw new MisuseError({
    code: 'table.cell',
    expected: `texts without control characters in row ${row}, column ${name}`,
    found: JSON.stringify(text.slice(0, 80)),
  });
}

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
  assertChoices(table, { target, chosen, dropped, kinds });
  const cells = createMissingCells(na);
  const surveys = table.columns.map(createColumnSurvey);
  const features = chosen ?? [...surveys.keys()].filter((place) => place !== target && !dropped.has(place));
  const wanted = [target, ...features];
  let decided: Map<number, Kind> | undefined;
  const moments = new Map<number, Moments>();

  const decide = () => {
    const said = findDecimal(
      wanted.map((place) => surveys[place]!),
      table,
    );
    decided = new Map();
    for (const place of features) {
      assertPrintable(surveys[place]!.name, 1, surveys[place]!.name);
      const asked = { kind: kinds.get(place), chosen: chosen !== undefined };
      const kind = kindOf(surveys[place]!, asked, table, said);
      decided.set(place, kind);
      if (kind.kind !== 'number') continue;
      moments.set(place, {
        decimal: kind.decimal,
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
      const labels = labelsOf(surveys[target]!, kinds.get(target) === 'category');
      const plans = [...surveys.keys()]
        .filter((place) => place !== target)
        .map((place): ColumnPlan => {
          const survey = surveys[place]!;
          const kind = kindsOfColumns.get(place);
          const name = survey.name === '' ? `(column ${place + 1})` : survey.name;
          if (kind === undefined) return { name, reading: 'left out as you said', notes: [] };
          const required = chosen !== undefined || kinds.has(place);
          return planColumn(survey, name, kind, moments.get(place), { other, required });
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
  }: {
    readonly target: number;
    readonly chosen: readonly number[] | undefined;
    readonly dropped: ReadonlySet<number>;
    readonly kinds: ReadonlyMap<number, 'number' | 'category'>;
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
}

/** Features that columns make: one per number, one per value of a category. */
function featureCount(columns: readonly Column[]): number {
  return columns.reduce((sum, column) => sum + (column.kind === 'number' ? 1 : column.values.length), 0);
}

const formatNumber = (value: number) => String(Number(value.toPrecision(12)));

function planColumn(
  survey: ColumnSurvey,
  name: string,
  kind: Kind,
  moments: Moments | undefined,
  { other, required }: { readonly other: boolean; readonly required: boolean },
): ColumnPlan {
  if (kind.kind === 'omitted') return { name, reading: kind.reason, notes: [] };
  const markers = moments === undefined ? survey.markers : survey.numberMarkers;
  const gaps =
    survey.blank + (kind.kind === 'category' && kind.values.some(({ marker }) => marker) ? 0 : markers);
  const texts = [...(survey.blank > 0 ? ['empty'] : []), ...(gaps > survey.blank ? survey.markerTexts : [])];
  const notes = [...kind.notes, ...(gaps === 0 ? [] : [`${gaps} missing (${listTexts(texts)})`])];
  if (kind.kind === 'category') {
    const known = kind.values.filter(({ training }) => training || !other);
    if (known.length === 1 && !required)
      return { name, reading: `the same everywhere: ${known[0]!.text}`, notes: [] };
    if (known.length === 0) return { name, reading: 'no values among the training rows', notes: [] };
    const strange = kind.values.filter((value) => !known.includes(value));
    if (strange.length > 0) {
      notes.push(`${listTexts(strange.map(({ text }) => text))}: only among test rows, counts as other`);
    }
    const values = known.map(({ text }) => text).sort();
    const column: Column = { kind: 'category', name: survey.name, values, ...(other ? { other } : {}) };
    return { name, column, reading: `category: ${listTexts(values)}`, notes };
  }
  const { count, sum, squares, minimum, maximum } = moments!;
  if (count === 0) return { name, reading: 'no values among the training rows', notes: [] };
  const mean = sum / count;
  const deviation = Math.sqrt(squares / count);
  const largest = Math.max(Math.abs(minimum), Math.abs(maximum));
  // Where f64 cannot tell texts apart, the column is no constant.
  const constant = minimum === maximum && (survey.values.size === 1 || largest < 2 ** 53);
  if (constant && !required) {
    return { name, reading: `the same in every training row: ${formatNumber(minimum)}`, notes: [] };
  }
  if (!constant && (largest * 2 ** -53 > deviation * roundingShare || !(1 / deviation < 2 ** 127))) {
    throw new MisuseError({
      code: 'table.column',
      expected: `numbers in column ${name} whose differences a computer can hold`,
      found: `${minimum} to ${maximum}, deviation ${deviation}`,
      hint: `Give it in another unit, or leave it out: --drop ${quoteArgument(name)}.`,
    });
  }
  const column: Column = {
    kind: 'number',
    name: survey.name,
    mean,
    deviation: constant ? 1 : deviation,
    ...(!constant && largest * 2 ** -24 > deviation * roundingShare
      ? { offset: offsetNear(mean, deviation) }
      : {}),
    ...roundOutwards(minimum, maximum),
  };
  if (column.offset !== undefined) {
    notes.push(`${column.offset} is subtracted, for f32 could not tell these numbers apart`);
  }
  return {
    name,
    column,
    reading: `numbers from ${formatNumber(minimum)} to ${formatNumber(maximum)}`,
    notes,
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

/** The labels of the target column. Throws `table.labels`, saying what the column holds instead. */
function labelsOf(
  survey: ColumnSurvey,
  exact: boolean,
): { readonly values: string[]; readonly notes: readonly string[] } {
  const { name, values, overflown, shapes, first } = survey;
  const seen = namedValues(survey, exact);
  const refuse = (found: string, hint?: string): never => {
    throw new MisuseError({
      code: 'table.labels',
      expected: `2 to ${maximumCategories} different labels in column ${name}`,
      found,
      ...(hint === undefined ? {} : { hint }),
    });
  };
  const rows = survey.filled - survey.markers;
  const numbers = numbersIn(survey);
  const many = overflown ? `more than ${maximumCategories}` : `${seen.length}`;
  const fractions = shapes.point + shapes.comma + shapes.pointOrThousands + shapes.commaOrThousands > 0;
  // A handful of rows may have as many whole numbers or words for labels, but not fractions.
  const mostlyOnce = rows > (fractions ? 3 : 9) && seen.length > rows / 2;
  const continuous = overflown || mostlyOnce || (seen.length > 20 && (fractions || seen.length > rows / 10));
  if (!exact && shapes.none === 0 && numbers > 0 && continuous) {
    refuse(
      `numbers: ${many} different ones in ${rows} rows`,
      'Models that predict a number (regression) are not supported; make classes of it, such as low and high, in a column of its own. ' +
        `If these numbers are labels: --kind ${quoteArgument(`${name}=category`)}.`,
    );
  }
  if (overflown) refuse('more', 'Names and free text are no labels.');
  if (!exact && mostlyOnce && seen.length > 2) {
    refuse(
      `${many} different ones in ${rows} rows: names or free text`,
      `If these are labels: --kind ${quoteArgument(`${name}=category`)}.`,
    );
  }
  if (seen.length < 2) {
    const markers = [...values.values()].filter(({ marker }) => marker);
    refuse(
      seen.length === 0 ? 'none' : `only ${quote(seen[0]!.text)}`,
      !exact && markers.length > 0
        ? `${listTexts(markers.flatMap(({ spellings }) => [...spellings.keys()]))} is taken for a missing value; if it is a label: --kind ${quoteArgument(`${name}=category`)}.`
        : undefined,
    );
  }
  for (const { text, row } of seen) assertPrintable(text, row, name);
  const notes = exact ? [] : spellingNotes(survey);
  if (!exact && first.none !== undefined && isMostlyNumbers(survey)) {
    notes.push(`${quote(first.none.text)} in row ${first.none.row} stands among numbers`);
  }
  return { values: sortLabels(seen.map(({ text }) => text)), notes };
}

/** Numbers by their value, texts by code unit. */
function sortLabels(labels: readonly string[]): string[] {
  const numbers = labels.map((label) => readNumber(label, '.'));
  if (numbers.some((number) => number === undefined)) return [...labels].sort();
  return [...labels.keys()].sort((a, b) => numbers[a]! - numbers[b]!).map((i) => labels[i]!);
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
