/**
 * How one cell of a table is read: as a text, as a number, as one of some values, or as missing.
 * Everything that reads tables decides by these functions, so that `init`, a site and `infer` take
 * the same cell for the same thing (docs/tables.md).
 */

/** A text as it is compared and recorded: one line, single spaces, composed characters (NFC). */
export function normaliseText(cell: string): string {
  if (/^[!-~]*$/.test(cell)) return cell;
  const text = cell.trim().replaceAll(/\s+/g, ' ');
  return /^[ -~]*$/.test(text) ? text : text.normalize('NFC');
}

/** What separates the whole part of numbers from their fraction. */
export type Decimal = '.' | ',';

/**
 * With a fraction behind `decimal`; thousands apart by the other of point and comma, by a space or
 * by an apostrophe, in groups of three that do not begin with 0; or Indian groups (12,34,567), which
 * nothing else looks like.
 */
const patterns: Readonly<Record<Decimal, RegExp>> = {
  '.': /^[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[1-9]\d{0,2}([, '’])\d{3}(?:\1\d{3})*(?:\.\d*)?|[1-9]\d?(?:,\d{2})+,\d{3}(?:\.\d*)?)$/,
  ',': /^[+-]?(?:(?:\d+(?:,\d*)?|,\d+)(?:[eE][+-]?\d+)?|[1-9]\d{0,2}([. '’])\d{3}(?:\1\d{3})*(?:,\d*)?)$/,
};

/** The number in a normalised text, or undefined if there is none that f32 can hold. */
export function readNumber(text: string, decimal: Decimal): number | undefined {
  if (digits.test(text)) return finite(Number(text));
  if (decimal === '.' && pointed.test(text)) return finite(Number(text));
  const plain = text.startsWith('\u2212') ? `-${text.slice(1)}` : text;
  if (!patterns[decimal].test(plain)) return undefined;
  const written =
    decimal === '.' ? plain.replaceAll(/[, '’]/g, '') : plain.replaceAll(/[. '’]/g, '').replace(',', '.');
  return finite(Number(written));
}

/** Most numbers are of these two forms, which are quicker to tell. */
const digits = /^-?\d+$/;
const pointed = /^-?\d+\.\d+$/;

const finite = (value: number) => (Number.isFinite(Math.fround(value)) ? value : undefined);

/**
 * What a text tells of how numbers are written: nothing (`plain`: it is the same number either
 * way), a decimal point or comma, or that it could be either (`12,869`), or that it is no number.
 */
export type NumberShape = 'plain' | 'point' | 'comma' | 'pointOrThousands' | 'commaOrThousands' | 'none';

/** The shape of a normalised text. */
export function numberShape(text: string): NumberShape {
  if (digits.test(text)) return finite(Number(text)) === undefined ? 'none' : 'plain';
  const [point, comma] = [readNumber(text, '.'), readNumber(text, ',')];
  if (point === undefined) return comma === undefined ? 'none' : 'comma';
  if (comma === undefined) return 'point';
  if (point === comma) return 'plain';
  return text.includes('.') ? 'pointOrThousands' : 'commaOrThousands';
}

/** Missing wherever they stand, as pandas has it, and `?`. */
const missingTexts: ReadonlySet<string> = new Set(
  '? #N/A #NA <NA> N/A NA n/a NULL null NaN nan -NaN -nan None 1.#IND -1.#IND 1.#QNAN -1.#QNAN'
    .split(' ')
    .concat('', '#N/A N/A'),
);

/** Missing among numbers, where they cannot be a category; in lower case. */
const missingNumbers: ReadonlySet<string> = new Set(
  '- -- --- \u2013 \u2014 . .. ... na n.a. n/a nan null none nil missing unknown #n/a #div/0! #value! #ref! #name? #num! #null!'.split(
    ' ',
  ),
);

/** Tells missing cells, given the texts that a schema adds to those that always mean it. */
export interface MissingCells {
  /** What was named for this table; a number is also meant in another spelling. */
  readonly named: (text: string) => boolean;
  /** In any column. */
  readonly anywhere: (text: string) => boolean;
  /** In a column of numbers. */
  readonly amongNumbers: (text: string) => boolean;
}

/** `na`: texts beside those that always mean a missing value. */
export function createMissingCells(na: readonly string[] = []): MissingCells {
  const texts = new Set(na.map(normaliseText));
  const numbers = new Set([...texts].map((text) => readNumber(text, '.')));
  numbers.delete(undefined);
  const named = (text: string) => texts.has(text) || (numbers.size > 0 && numbers.has(readNumber(text, '.')));
  const anywhere = (text: string) => missingTexts.has(text) || (texts.size > 0 && named(text));
  return {
    named,
    anywhere,
    amongNumbers: (text) => anywhere(text) || missingNumbers.has(text.toLowerCase()),
  };
}

/** One spelling for `1`, `+1`, `1.` and `1.0`; leading zeros stay, because codes have them. */
export function canonicalText(cell: string): string {
  const text = normaliseText(cell);
  const match = /^([+-]?)(\d+)(?:\.(\d*))?$/.exec(text);
  if (match === null) return text;
  const [, sign, whole = '', fraction = ''] = match;
  // Backwards by hand: a pattern for trailing zeros takes the square of a long cell.
  let end = fraction.length;
  while (end > 0 && fraction[end - 1] === '0') end--;
  const digits = end === 0 ? whole : `${whole}.${fraction.slice(0, end)}`;
  return sign === '-' && /[1-9]/.test(digits) ? `-${digits}` : digits;
}

/** Finds the place of a cell among some values. */
export interface Vocabulary {
  /**
   * As it is written, else in its canonical spelling, else without regard to case where that is
   * unambiguous; undefined if it is none of the values.
   */
  find(cell: string): number | undefined;
}

/** Labels, or the values of a category. */
export function createVocabulary(values: readonly string[]): Vocabulary {
  const exact = new Map(values.map((value, i) => [value, i]));
  const [canonical, folded] = [canonicalText, foldText].map((spell) => {
    const places = new Map<string, number | undefined>();
    for (const [i, value] of values.entries()) {
      const key = spell(value);
      places.set(key, places.has(key) ? undefined : i);
    }
    return places;
  });
  return {
    find: (cell) => exact.get(cell) ?? canonical.get(canonicalText(cell)) ?? folded.get(foldText(cell)),
  };
}

/** Without regard to case. */
export function foldText(cell: string): string {
  return canonicalText(cell).toLowerCase();
}
