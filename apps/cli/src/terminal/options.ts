/**
 * Arguments and options of commands. A command's definition is commander's, and the types of what
 * it gets are inferred from it, so that a name that was not defined is a type error.
 */
import type { EventEmitter } from 'node:events';
import type * as typings from '@commander-js/extra-typings';
import { MisuseError } from '@nonet/core';
import { type Account, isAccount } from '@nonet/core/identity';
import * as commander from 'commander';
import { findNamed } from './findNamed.ts';

/** The classes of commander; only their types are more exact than its own. */
export const { Command, Option } = commander as unknown as typeof typings;

/** What a command with this definition is called with besides its arguments. */
export type OptionsOf<Definition extends { opts(): unknown }> = ReturnType<Definition['opts']>;

/** What the value of an option may be. */
export interface ValueKind<T> {
  /** Completes "expected --sites to be". */
  readonly wanted: string;
  /** The value, or undefined where the text is none of this kind. */
  parse(text: string): T | undefined;
}

/**
 * An option with a value: `valueOption('--sites <number>', 'how many', wholeNumber(1, 9))`.
 * Parsing throws `cli.option`, which names the option.
 */
export function valueOption<Flags extends string, T>(
  flags: Flags,
  description: string,
  { wanted, parse }: ValueKind<T>,
) {
  const option = new Option(flags, description);
  return option.argParser((text: string): T => {
    const value = parse(text);
    if (value !== undefined) return value;
    throw new MisuseError({
      code: 'cli.option',
      expected: `${option.long} to be ${wanted}`,
      found: JSON.stringify(text),
    });
  });
}

/** How many times the usual work and memory a stranger's program may take. */
export function budgetOption() {
  return valueOption('--budget <factor>', 'how many times the usual work and memory its program may take', {
    wanted: 'a number above 0',
    parse: (text) => (/^\d+(\.\d+)?(e\d+)?$/.test(text) && Number(text) > 0 ? Number(text) : undefined),
  });
}

/** `--json`, which every command has. */
export function jsonOption() {
  return new Option('--json', 'one JSON document on standard output, also for an error');
}

/** Options that may be given several times. */
const repeatable = new WeakSet<object>();

function collectedOption<Flags extends string>(
  flags: Flags,
  description: string,
  split: (text: string) => readonly string[],
) {
  const option = new Option(flags, description).argParser(
    (text: string, before: readonly string[] | undefined): readonly string[] => [
      ...(before ?? []),
      ...split(text),
    ],
  );
  repeatable.add(option);
  return option;
}

/** An option that may be given several times: its values in order. */
export function repeatedOption<Flags extends string>(flags: Flags, description: string) {
  return collectedOption(flags, description, (text) => [text]);
}

/** An option that may be given several times, each time with names that commas separate. */
export function namesOption<Flags extends string>(flags: Flags, description: string) {
  return collectedOption(flags, description, splitNames);
}

/**
 * Has a command refuse an option with a value that is given twice, of which commander would take
 * the last without a word: parsing throws `cli.option`.
 */
export function refuseRepeatedOptions<C extends typings.CommandUnknownOpts>(command: C): C {
  for (const option of command.options) {
    if (!(option.required || option.optional) || option.variadic || repeatable.has(option)) continue;
    // Before commander's own listener, which notes where a value is from.
    (command as unknown as EventEmitter).prependListener(`option:${option.name()}`, () => {
      if (command.getOptionValueSource(option.attributeName()) !== 'cli') return;
      throw new MisuseError({
        code: 'cli.option',
        expected: `${option.long ?? option.flags} once`,
        found: 'it twice',
      });
    });
  }
  return command;
}

/** `a,b` and `"a, b",c`: a name that contains a comma is in double quotes. */
function splitNames(text: string): readonly string[] {
  const names = text.match(/"(?:[^"]|"")*"|[^,"]+/g) ?? [];
  return names
    .map((name) => (name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name).trim())
    .filter((name) => name !== '');
}

/** How many blocks on top make a move count, or `finalized`. */
export const confirmations: ValueKind<number | 'finalized'> = {
  wanted: 'a whole number of blocks, or finalized',
  parse: (text) => (text === 'finalized' ? text : wholeNumber(0, 100_000).parse(text)),
};

/** What parts the fields of a CSV file: one character, or the word `tab`. */
export const delimiterCharacter: ValueKind<string> = {
  wanted: 'one character, or the word tab',
  parse: (text) => (/^(?:tab|\\t)$/i.test(text) ? '\t' : /^[^"\r\n]$/.test(text) ? text : undefined),
};

/** A whole number from `low` to `high`, both included. */
export function wholeNumber(low: number, high: number): ValueKind<number> {
  return {
    wanted: `a whole number from ${low} to ${high}`,
    parse: numberWhere((value) => Number.isInteger(value) && low <= value && value <= high),
  };
}

/** Any finite number above 0, also in the form `2e29`. */
export const positiveNumber: ValueKind<number> = {
  wanted: 'a number above 0',
  parse: numberWhere((value) => value > 0 && Number.isFinite(value)),
};

/** A part of a whole, possibly all of it. */
export const share: ValueKind<number> = {
  wanted: 'a share above 0 and up to 1',
  parse: numberWhere((value) => value > 0 && value <= 1),
};

/** A part of a whole that is neither nothing nor all of it. */
export const properFraction: ValueKind<number> = {
  wanted: 'a fraction between 0 and 1',
  parse: numberWhere((value) => value > 0 && value < 1),
};

/** An address on a ledger: an account or a contract, in lower case. */
export const ledgerAddress: ValueKind<Account> = {
  wanted: '0x and 40 hexadecimal digits',
  parse(text) {
    const lower = text.toLowerCase();
    return isAccount(lower) ? lower : undefined;
  },
};

/** A day of the calendar, kept as it is written: `2026-11-27`. */
export const day: ValueKind<string> = {
  wanted: 'a day such as 2026-11-27',
  parse: (text) => (instantOf(text) !== undefined && text.length === 10 ? text : undefined),
};

/** A day or an instant in UTC (ISO 8601), as an instant: of a day, its beginning. */
export const startOfDay: ValueKind<string> = {
  wanted: 'a date such as 2026-03-31',
  parse: instantOf,
};

/** A day or an instant in UTC (ISO 8601), as an instant: of a day, its end. */
export const endOfDay: ValueKind<string> = {
  wanted: startOfDay.wanted,
  parse: (text) => instantOf(text)?.replace('T00:00:00.000Z', 'T23:59:59.999Z'),
};

/** One of a few words, in any case. */
export function oneOf<const T extends string>(...words: readonly T[]): ValueKind<T> {
  return {
    wanted: `one of ${words.join(', ')}`,
    parse: (text) => findNamed(words, text, (word) => word),
  };
}

function numberWhere(holds: (value: number) => boolean): (text: string) => number | undefined {
  return (text) => {
    const value = Number(text);
    return text.trim() !== '' && holds(value) ? value : undefined;
  };
}

function instantOf(text: string): string | undefined {
  if (!/^\d{4}-\d{2}-\d{2}(T[\d:.]+Z)?$/.test(text)) return undefined;
  const instant = new Date(text);
  // `new Date` takes a day that the calendar does not have for a later one.
  const exists = !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(text.slice(0, 10));
  return exists ? instant.toISOString() : undefined;
}
