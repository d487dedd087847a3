/**
 * What one column is: numbers, a category, labels, or nothing that a model should see; and what to
 * tell its owner of it. Decided from what was counted of its cells (survey.ts) and from what the
 * caller said.
 */
import { MisuseError } from '@nonet/core';
import { quoteArgument, textSchema } from '@nonet/core/records';
import { canonicalText, type Decimal, readNumber } from './cells.ts';
import {
  type ColumnSurvey,
  isMostlyNumbers,
  maximumCategories,
  numbersIn,
  type SeenValue,
} from './survey.ts';

/** A value with the spelling by which it is recorded. */
export type NamedValue = Omit<SeenValue, 'spellings'> & { readonly text: string };

/** What one column is taken for, before its numbers are summed. */
export type Kind =
  | { readonly kind: 'number' }
  | { readonly kind: 'category'; readonly values: readonly NamedValue[]; readonly notes: readonly string[] }
  | { readonly kind: 'omitted'; readonly reason: string };

const quote = (text: string) => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);

/** A few texts for people, each shortened, and in quotes where it has a comma. */
export function listTexts(texts: Iterable<string>, limit = 8): string {
  const all = [...texts];
  const shown = all.slice(0, limit).map((text) => {
    const short = text.length > 40 ? `${text.slice(0, 40)}…` : text;
    return short.includes(',') ? JSON.stringify(short) : short;
  });
  return shown.join(', ') + (all.length > limit ? `, and ${all.length - limit} more` : '');
}

/** Names that say that a column tells rows apart, pandas' own among them. */
const identifierName =
  /^(?:row|nr|no|rownames?|level_0|unnamed: \d+|__index_level_\d+__)$|(?:^|[^a-z])(?:id|uuid|guid|index)$|^id[^a-z]/i;
const isIdentifierName = (name: string) => identifierName.test(name) || /[a-z]I[dD]$/.test(name);

const isLongNumber = ({ spellings }: SeenValue) =>
  [...spellings.keys()].every((text) => /^\d{17,}$/.test(text));
const countsRows = ({ countsFrom, filled }: ColumnSurvey) => countsFrom !== undefined && filled > 2;

/** The one value of all training rows, or undefined if they have several. */
function constantOf({ values, overflown }: ColumnSurvey): string | undefined {
  const [first, ...more] = [...values.values()].filter(({ training, marker }) => training && !marker);
  if (overflown || first === undefined || more.length > 0) return undefined;
  return canonicalText(firstOf(first.spellings));
}

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
  const constant = constantOf(survey);
  if (constant !== undefined) {
    const gaps = survey.blank + survey.numberMarkers > 0 ? ', or missing' : '';
    return { reason: `the same in every training row: ${constant}${gaps}` };
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
  // To be refused, and not left out as texts.
  if (haveUnit(survey)) return undefined;
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
function strayHint({ name, strays }: ColumnSurvey): string {
  // A value that begins as an option does is safe behind the equals sign alone.
  const named = [...strays].map((text) => `--na ${quoteArgument(text)}`.replace('--na -', '--na=-'));
  return (
    `If it is a missing value: ${named.join(' ')}. If these are categories: ` +
    `--kind ${quoteArgument(`${name}=category`)}. Otherwise mend the cells, or --drop ${quoteArgument(name)}.`
  );
}

/** What the caller said of a column. */
export interface Asked {
  readonly kind: 'number' | 'category' | undefined;
  /** Whether it was listed as a feature. */
  readonly chosen: boolean;
}

/**
 * What a column is taken for. Throws `table.column` where it is in doubt or cannot be what the
 * caller asked for, and `table.cell` on texts that no job can hold.
 */
export function kindOf(survey: ColumnSurvey, asked: Asked): Kind {
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
      hint: strayHint(survey),
    });
  }
  return { kind: 'number' };
}

/** What to tell of the numbers of a column, once it is known how they are written. */
export function numberNotes(survey: ColumnSurvey, decimal: Decimal): readonly string[] {
  const { name, shapes, first } = survey;
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
  return notes;
}

/** Whether most texts that are no numbers are numbers with one unit. */
const haveUnit = ({ withUnit, shapes }: ColumnSurvey) => 2 * withUnit > shapes.none;

/** Numbers with a unit would be as many categories. */
function assertNoUnit(survey: ColumnSurvey, asked: Asked): void {
  const { name, unit = '', first } = survey;
  if (asked.kind === 'category' || !haveUnit(survey)) return;
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

/** Throws `table.cell` on a text with control characters, which no job takes. */
export function assertPrintable(text: string, row: number, name: string): void {
  if (textSchema.safeParse(text).success) return;
  throw new MisuseError({
    code: 'table.cell',
    expected: `texts without control characters in row ${row}, column ${name}`,
    found: JSON.stringify(text.slice(0, 80)),
  });
}

/** The labels of the target column. Throws `table.labels`, saying what the column holds instead. */
export function labelsOf(
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
export function sortLabels(labels: readonly string[]): string[] {
  const numbers = labels.map((label) => readNumber(label, '.'));
  if (numbers.some((number) => number === undefined)) return [...labels].sort();
  return [...labels.keys()].sort((a, b) => numbers[a]! - numbers[b]!).map((i) => labels[i]!);
}
