/**
 * What is wrong with a value that a schema refuses, in words for the person who wrote it: which
 * field, what it may be, what it is, and what to do where that does not follow. Of several faults
 * the first is told.
 *
 * A schema's own message says what is expected ("a full commit hash"); that of a rule over several
 * fields (`refine`) says what is wrong. A rule that knows both gives them as `params`.
 */
import type { z } from 'zod';
import { printable } from './text.ts';

/** The first thing that is wrong with a value. */
export interface SchemaFault {
  /** Where in the value: keys and indices. Of a field that does not belong, where it stands. */
  readonly path: readonly PropertyKey[];
  readonly expected: string;
  readonly found: string;
  readonly hint?: string;
}

/** A value as its schema takes it, or what is wrong with it. */
export type SchemaResult<T> =
  | { readonly success: true; readonly data: T }
  | { readonly success: false; readonly fault: SchemaFault };

type Issue = z.core.$ZodIssue;
/** What a value may be, and what to do; `found` where the value itself does not show it. */
type Wanted = Pick<SchemaFault, 'expected'> & Partial<Pick<SchemaFault, 'path' | 'found' | 'hint'>>;

/** `whole` names the value: `the job`. Takes time in proportion to the value. */
export function checkSchema<T>(schema: z.ZodType<T>, value: unknown, whole: string): SchemaResult<T> {
  const result = schema.safeParse(value, { error: describeSchema });
  if (result.success) return result;
  const { issues } = result.error;
  const { path, expected, found, hint } = describeIssue(issues[0]!, issues, value);
  const place = path.length === 0 ? whole : `the field ${path.join('.')} of ${whole}`;
  const fault = { path, expected: printable(`${place} to be ${expected}`), found: printable(found) };
  return { success: false, fault: hint === undefined ? fault : { ...fault, hint: printable(hint) } };
}

/** Begins what `describeSchema` says: a message without it is a schema's own. */
const mark = '\0';
const mostNames = 12;

/** In the place of a message, what issues do not tell: an object's fields, and that a number is whole. */
function describeSchema({ code, inst }: z.core.$ZodRawIssue): string {
  const { shape, isInt } = (inst ?? {}) as Partial<z.ZodObject & z.ZodNumber>;
  if (shape === undefined) return mark + (isInt ? 'a whole number' : '');
  const fields = listNames(Object.keys(shape));
  if (code === 'unrecognized_keys') return `${mark}an object with no fields${fields && ` but ${fields}`}`;
  return `${mark}an object${fields && ` with the fields ${fields}`}`;
}

function listNames(names: readonly string[]): string {
  return names.slice(0, mostNames).join(', ') + (names.length > mostNames ? ', ...' : '');
}

function describeIssue(issue: Issue, issues: readonly Issue[], whole: unknown) {
  const value = valueAt(whole, issue.path);
  const wanted = describeWanted(issue, value);
  const isMissing = value === undefined && wanted.found === undefined && issue.path.length > 0;
  const found = wanted.found ?? describeValue(value);
  const hint = wanted.hint ?? (isMissing ? hintToAdd(issue, issues) : undefined);
  return { path: issue.path, ...wanted, found, hint };
}

/** A field that is missing is often there under a wrong name. */
function hintToAdd({ path }: Issue, issues: readonly Issue[]): string {
  const parent = path.slice(0, -1).join('.');
  const unknown = issues.find(
    (other) => other.code === 'unrecognized_keys' && other.path.join('.') === parent,
  ) as z.core.$ZodIssueUnrecognizedKeys | undefined;
  return unknown === undefined
    ? 'Add it.'
    : `Add it, or correct its name if it is there as ${unknown.keys[0]}.`;
}

/** What there may be in the place of `value`. */
function describeWanted(issue: Issue, value: unknown): Wanted {
  if (issue.code !== 'custom' && !issue.message.startsWith(mark)) return { expected: issue.message };
  const described = issue.message.slice(mark.length);
  switch (issue.code) {
    case 'invalid_type':
      return describeType(described || (types[issue.expected] ?? issue.expected), value);
    case 'invalid_value':
      return { expected: listChoices(issue.values) };
    case 'too_small':
      return { expected: describeBound(issue.origin, issue.exact, issue.inclusive, 'least', issue.minimum) };
    case 'too_big':
      return { expected: describeBound(issue.origin, issue.exact, issue.inclusive, 'most', issue.maximum) };
    case 'invalid_format':
      return { expected: formats[issue.format] ?? `text of the form ${issue.pattern ?? issue.format}` };
    case 'not_multiple_of':
      return { expected: `a multiple of ${issue.divisor}` };
    case 'unrecognized_keys':
      return {
        expected: described,
        found: listNames(issue.keys),
        hint: 'Correct the name, or leave it out.',
      };
    case 'invalid_union':
      return describeUnion(issue, value);
    case 'invalid_key':
      return {
        path: issue.path.slice(0, -1),
        expected: `an object whose names are each ${describeWanted(issue.issues[0]!, issue.path.at(-1)).expected}`,
        found: describeValue(issue.path.at(-1)),
      };
    case 'invalid_element':
      return describeWanted(issue.issues[0]!, value);
    case 'custom':
      return describeRule(issue, value);
  }
}

/** A rule that gives both as `params`, only what is expected, or a message about what is there. */
function describeRule({ params, message }: z.core.$ZodIssueCustom, value: unknown): Wanted {
  const { expected = 'consistent with the rest', found } = (params ?? {}) as Partial<Wanted>;
  if (found !== undefined) return { expected, found };
  if (params !== undefined || message.startsWith(mark)) return { expected };
  return { expected, found: `${describeValue(value)}: ${message}` };
}

const formats: Readonly<Record<string, string>> = {
  date: 'a date such as 2026-11-30',
  datetime: 'a date and time such as 2026-11-30T12:00:00Z',
};

const types: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  bigint: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'an object',
  record: 'an object',
};

function describeType(expected: string, value: unknown): Wanted {
  const hint = hintForType(expected, value);
  return hint === undefined ? { expected } : { expected, hint };
}

/** What to do about a value that is right but for the way it is written. */
function hintForType(name: string, value: unknown): string | undefined {
  if (value === null) return 'Give it a value.';
  if (name === 'a list') return isScalar(value) ? 'Write it in brackets, as a list.' : undefined;
  if (name === 'text') return isScalar(value) ? 'Write it in quotes.' : undefined;
  if (typeof value !== 'string') return undefined;
  const isNumber = name.endsWith('number') && value.trim() !== '' && Number.isFinite(Number(value));
  const isTruth = name === 'true or false' && /^(?:true|false)$/.test(value);
  return isNumber || isTruth ? 'Write it without quotes.' : undefined;
}

function isScalar(value: unknown): boolean {
  return ['string', 'number', 'bigint', 'boolean'].includes(typeof value);
}

function listChoices(values: readonly z.core.util.Primitive[]): string {
  const names = values.map((value) => describeValue(value));
  if (names.length < 2) return names.join();
  return `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}

function describeBound(
  origin: string,
  exact: boolean | undefined,
  inclusive: boolean | undefined,
  side: 'least' | 'most',
  bound: number | bigint,
): string {
  const strict = side === 'least' ? 'more than' : 'less than';
  const bounded = `${exact ? 'exactly' : inclusive === false ? strict : `at ${side}`} ${bound}`;
  const ending = Number(bound) === 1 ? '' : 's';
  if (origin === 'string') return `text of ${bounded} character${ending}`;
  if (origin === 'array') return `a list of ${bounded} item${ending}`;
  return bounded;
}

/** All that it may be, if it fits nowhere; else what is wrong by the form that it resembles most. */
function describeUnion(issue: z.core.$ZodIssueInvalidUnion, value: unknown): Wanted {
  if (issue.errors.length === 0) {
    const options = ('options' in issue && issue.options) || [];
    return { expected: options.length === 0 ? 'of one form only' : listChoices(options) };
  }
  const deepest = Math.max(...issue.errors.map((form) => form[0]!.path.length));
  const inside = issue.errors
    .filter((form) => form[0]!.path.length === deepest)
    .reduce((best, form) => (form.length < best.length ? form : best));
  if (deepest > 0) {
    const { path, hint, ...rest } = describeIssue(inside[0]!, inside, value);
    const within = { path: [...issue.path, ...path], ...rest };
    return hint === undefined ? within : { ...within, hint };
  }
  const values = issue.errors.flatMap(([first]) => (first?.code === 'invalid_value' ? first.values : []));
  if (values.length === issue.errors.length) return { expected: listChoices(values) };
  const wanted = issue.errors.map(([first]) => describeWanted(first!, value).expected);
  return { expected: [...new Set(wanted)].join(', or ') };
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inside, key) => (inside as Readonly<Record<PropertyKey, unknown>> | undefined | null)?.[key],
    value,
  );
}

const mostCharacters = 80;

/** A value in a few words. */
function describeValue(value: unknown): string {
  if (typeof value === 'string') {
    if (value.length <= mostCharacters) return JSON.stringify(value);
    return `${JSON.stringify(value.slice(0, mostCharacters))}... (${value.length} characters)`;
  }
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return value === undefined ? 'none' : String(value);
}
