/**
 * What the cells of a column are, counted in one pass with bounded memory: how many are numbers and
 * how these are written, which texts occur, what is missing. And which decimal mark a table uses,
 * which only its cells can tell. Plans are made of this (plan.ts); tables are read by it (table.ts).
 */
import { MisuseError } from '@nonet/core';
import {
  type Decimal,
  foldText,
  type MissingCells,
  type NumberShape,
  normaliseText,
  numberShape,
  readNumber,
} from './cells.ts';
import type { Row, Table } from './table.ts';

/**
 * More distinct values than this in a text column are taken for names or free text, not categories.
 */
export const maximumCategories = 100;

/**
 * Finds the place of a column by its name, or by its name in another case where that is
 * unambiguous. Throws `table.column`, with the option that the name is from.
 */
export function createColumnFinder({
  columns,
}: Pick<Table, 'columns'>): (name: string, option?: string) => number {
  const exact = new Map<string, number>();
  const folded = new Map<string, number | undefined>();
  for (const [i, name] of columns.entries()) {
    if (!exact.has(name)) exact.set(name, i);
    const key = name.toLowerCase();
    folded.set(key, folded.has(key) ? undefined : i);
  }
  return (name, option) => {
    const text = normaliseText(name);
    const place = exact.get(text) ?? folded.get(text.toLowerCase());
    if (place !== undefined && text !== '') return place;
    const named = columns.filter((column) => column !== '');
    const numbers = named.filter((column) => numberShape(column) !== 'none');
    const hint =
      2 * numbers.length > named.length
        ? 'The first row must name the columns.'
        : named.length === 1
          ? 'If the fields are apart by another character, name it: --delimiter CHARACTER.'
          : undefined;
    throw new MisuseError({
      code: 'table.column',
      expected: `a column ${name}${option === undefined ? '' : `, for ${option}`}`,
      found: named.slice(0, 50).join(', ').slice(0, 300),
      ...(hint === undefined ? {} : { hint }),
    });
  };
}

interface Sample {
  readonly row: number;
  readonly text: string;
}

/** One value of a column, in all its spellings: `1` and `1.0`, `yes` and `Yes`. */
export interface SeenValue {
  /** The row where it is first. */
  readonly row: number;
  /** How often each spelling occurs; the first hundred of them. */
  readonly spellings: Map<string, number>;
  training: boolean;
  /** Whether it is a text that means a missing value. */
  readonly marker: boolean;
}

type ShapeCounts = Record<NumberShape, number>;

/** What the cells of one column are, counted in one pass. Memory is bounded. */
export interface ColumnSurvey {
  readonly name: string;
  readonly index: number;
  readonly shapes: ShapeCounts;
  /** The first cell of each shape. */
  readonly first: Partial<Record<NumberShape, Sample>>;
  rows: number;
  /** Cells with a value, before it is known whether they are numbers. */
  filled: number;
  blank: number;
  /** Markers such as `NA`, and others that only mean it among numbers. */
  markers: number;
  numberMarkers: number;
  readonly markerTexts: Set<string>;
  /** The first texts that are no numbers. */
  readonly strays: Set<string>;
  /** By their spelling without regard to case; complete unless `overflown`. */
  readonly values: Map<string, SeenValue>;
  overflown: boolean;
  /** Whether a value came twice before the values overflowed. */
  repeated: boolean;
  /** The number that the first row has if whole numbers count the rows: 0 or 1. */
  countsFrom: number | undefined;
  dates: number;
  /** Whole numbers that are days as well. */
  compactDates: number;
  /** What most texts that are no numbers have around one, and how many have it. */
  unit: string | undefined;
  withUnit: number;
  leadingZeros: number;
}

const emptyShapes = (): ShapeCounts => ({
  plain: 0,
  point: 0,
  comma: 0,
  pointOrThousands: 0,
  commaOrThousands: 0,
  none: 0,
});

/** Starts to survey a column. */
export function createColumnSurvey(name: string, index: number): ColumnSurvey {
  return {
    name,
    index,
    shapes: emptyShapes(),
    first: {},
    rows: 0,
    filled: 0,
    blank: 0,
    markers: 0,
    numberMarkers: 0,
    markerTexts: new Set(),
    strays: new Set(),
    values: new Map(),
    overflown: false,
    repeated: false,
    countsFrom: undefined,
    dates: 0,
    compactDates: 0,
    unit: undefined,
    withUnit: 0,
    leadingZeros: 0,
  };
}

const months = '(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\\.?';
const clock = '\\d{1,2}:\\d{2}(?::\\d{2}(?:[.,]\\d+)?)?(?: ?[ap]m)?(?: ?z| ?[+-]\\d{2}:?\\d{2})?';
const calendar = [
  // ISO 8601, and the orders of day, month and year that are common.
  '\\d{4}[-/.]\\d{1,2}(?:[-/.]\\d{1,2})?',
  '\\d{1,2}[-/.]\\d{1,2}[-/.](?:\\d{4}|\\d{2})',
  `\\d{1,2}\\.?[- ]?${months}[- ,]{0,2}(?:\\d{4}|\\d{2})`,
  `${months} (?:\\d{1,2},? )?\\d{4}`,
].join('|');
/** A day, an instant, or a time of day. */
const datePattern = new RegExp(`^(?:(?:${calendar})(?:[t ]${clock})?|${clock})$`, 'i');

/** Days as ISO 8601 writes them without hyphens: 20240131. */
const compactDate = /^(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$/;

/** What stands around the number where a text is one with a unit: `12 %`, `5 mg/dl`, `€ 3`. */
const unitPattern =
  /^([$€£¥]?) ?[+-]?\d[\d.,' ]{0,30}? ?(%|‰|°[CF]?|[$€£¥]|[a-zµ]{1,5}(?:\/[a-zµ]{1,5}(?:\^?\d)?)?)?$/i;

/** The unit of a text that is a number with one, or undefined. */
function unitOf(text: string): string | undefined {
  const [, before = '', after = ''] = unitPattern.exec(text) ?? [];
  return before + after || undefined;
}

/** Counts one cell. */
export function surveyCell(survey: ColumnSurvey, row: Row, missing: MissingCells, training = true): void {
  const text = normaliseText(row.cells[survey.index]!);
  countRow(survey, text);
  if (text === '') {
    survey.blank++;
    return;
  }
  const shape = numberShape(text);
  const named = missing.named(text);
  // No number is a marker but one that was named.
  const marker = named || (shape === 'none' && missing.anywhere(text));
  if (marker || (shape === 'none' && missing.amongNumbers(text))) {
    if (survey.markerTexts.size < 10) survey.markerTexts.add(text);
    survey.numberMarkers++;
  } else {
    survey.shapes[shape]++;
    survey.first[shape] ??= { row: row.row, text };
    if (shape === 'none') {
      countUnit(survey, unitOf(text));
      if (survey.strays.size < 4) survey.strays.add(text);
    }
    if (shape !== 'point' && datePattern.test(text)) survey.dates++;
    if (text.length === 8 && compactDate.test(text)) survey.compactDates++;
    if (text.startsWith('0') && /^0\d+$/.test(text)) survey.leadingZeros++;
  }
  if (marker) survey.markers++;
  if (named) return;
  survey.filled++;
  countValue(survey, text, row, { marker, training });
}

function countUnit(survey: ColumnSurvey, unit: string | undefined): void {
  if (unit === undefined) return;
  survey.unit ??= unit;
  if (unit === survey.unit) survey.withUnit++;
}

function countRow(survey: ColumnSurvey, text: string): void {
  if (survey.rows === 0 && (text === '0' || text === '1')) survey.countsFrom = Number(text);
  else if (survey.countsFrom !== undefined && text !== String(survey.countsFrom + survey.rows)) {
    survey.countsFrom = undefined;
  }
  survey.rows++;
}

function countValue(
  survey: ColumnSurvey,
  text: string,
  { row }: Row,
  { marker, training }: { readonly marker: boolean; readonly training: boolean },
): void {
  if (survey.overflown) return;
  const key = foldText(text);
  const seen = survey.values.get(key);
  if (seen !== undefined) {
    const count = seen.spellings.get(text);
    if (count !== undefined || seen.spellings.size < 100) seen.spellings.set(text, (count ?? 0) + 1);
    seen.training ||= training;
    survey.repeated = true;
  } else if (survey.values.size >= maximumCategories) {
    survey.overflown = true;
  } else {
    survey.values.set(key, { row, spellings: new Map([[text, 1]]), training, marker });
  }
}

/** How many cells are numbers, however they are written. */
export const numbersIn = ({ shapes }: ColumnSurvey) =>
  shapes.plain + shapes.point + shapes.comma + shapes.pointOrThousands + shapes.commaOrThousands;

/** Whether more cells are numbers than are not. */
export function isMostlyNumbers(survey: ColumnSurvey): boolean {
  return numbersIn(survey) > survey.shapes.none;
}

/**
 * What a table says of its decimal mark: its owner's word, or the one mark that its numbers leave,
 * or undefined. `surveys` are those of the features that are numbers, and no others, so that a plan
 * and every reader find the same.
 */
export function findDecimal(
  surveys: readonly ColumnSurvey[],
  { decimal }: Pick<Table, 'decimal'>,
): Decimal | undefined {
  if (decimal !== undefined) return decimal;
  const point = surveys.some(({ shapes }) => shapes.point > 0);
  const comma = surveys.some(({ shapes }) => shapes.comma > 0);
  return point === comma ? undefined : point ? '.' : ',';
}

/**
 * The decimal mark of a column: what its own numbers leave, else what the table says, else a point
 * where the table is one of commas, in which a comma cannot be the usual decimal mark. Throws
 * `table.decimal` where both marks occur, or either could be meant.
 */
export function decimalOf(
  { shapes, first, name }: ColumnSurvey,
  said: Decimal | undefined,
  { delimiter, decimal }: Pick<Table, 'delimiter' | 'decimal'>,
): Decimal {
  if (decimal !== undefined) return decimal;
  const { point, comma } = first;
  if (point !== undefined && comma !== undefined) {
    throw new MisuseError({
      code: 'table.decimal',
      expected: `one decimal mark in column ${name}`,
      found: `${JSON.stringify(point.text)} in row ${point.row}, ${JSON.stringify(comma.text)} in row ${comma.row}`,
      hint: 'Write the numbers alike, or leave the column out.',
    });
  }
  if (point !== undefined) return '.';
  if (comma !== undefined) return ',';
  const either = first.commaOrThousands ?? first.pointOrThousands;
  if (either === undefined) return said ?? '.';
  if (said !== undefined) return said;
  // A list of numbers with commas would be quoted throughout; spreadsheets that write decimal
  // commas part fields by semicolons.
  if (delimiter === ',' || delimiter === undefined) return '.';
  if (delimiter !== ';' && shapes.commaOrThousands === 0) return '.';
  const [whole, fraction] = [
    readNumber(either.text, either.text.includes('.') ? ',' : '.'),
    readNumber(either.text, either.text.includes('.') ? '.' : ','),
  ];
  throw new MisuseError({
    code: 'table.decimal',
    expected: `numbers that can be read in one way only, in column ${name}`,
    found: `${JSON.stringify(either.text)} in row ${either.row}: ${whole}, or ${fraction}`,
    hint: 'Say which character precedes fractions: --decimal , or --decimal . (a field `decimal` in a site file).',
  });
}
