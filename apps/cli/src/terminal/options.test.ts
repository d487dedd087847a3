import { MisuseError } from '@nonet/core';
import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  Command,
  confirmations,
  day,
  delimiterCharacter,
  endOfDay,
  jsonOption,
  namesOption,
  type OptionsOf,
  oneOf,
  positiveNumber,
  properFraction,
  refuseRepeatedOptions,
  repeatedOption,
  share,
  startOfDay,
  type ValueKind,
  valueOption,
  wholeNumber,
} from './options.ts';

describe('values', () => {
  test.each<[string, ValueKind<unknown>, readonly string[], readonly string[]]>([
    ['whole numbers', wholeNumber(1, 10), ['1', '10', '1e1'], ['0', '11', '1.5', '', ' ', 'ten', 'NaN']],
    ['positive numbers', positiveNumber, ['0.1', '2e29'], ['0', '-1', 'Infinity', '', 'x']],
    ['shares', share, ['0.5', '1'], ['0', '1.1', '-0.5', '']],
    ['fractions', properFraction, ['0.5'], ['0', '1', '']],
    ['days', day, ['2026-11-27', '2024-02-29'], ['2026-02-30', '2026-2-3', '2026-11-27T00:00:00Z', '']],
    ['dates', startOfDay, ['2026-03-31', '2026-03-31T12:00:00Z'], ['2026-02-30', '31.3.2026', '']],
    ['delimiters', delimiterCharacter, [';', '|', 'tab', '\\t', '\t', ' '], ['', ';;', '"', '\n']],
    ['confirmations', confirmations, ['0', '12', 'finalized'], ['-1', '1.5', 'latest', 'Finalized', '']],
    ['words', oneOf('drop', 'mean'), ['drop', 'mean', 'Drop'], ['dropmean', '', 'guess']],
  ])('%s', (_, { parse }, good, bad) => {
    expect(good.map((text) => [text, parse(text) !== undefined])).toEqual(good.map((text) => [text, true]));
    expect(bad.map((text) => [text, parse(text)])).toEqual(bad.map((text) => [text, undefined]));
  });

  test('confirmations are a number, or the word', () => {
    expect(['12', 'finalized'].map(confirmations.parse)).toEqual([12, 'finalized']);
  });

  test('a day is an instant: its beginning, or its end', () => {
    expect(startOfDay.parse('2026-03-31')).toBe('2026-03-31T00:00:00.000Z');
    expect(endOfDay.parse('2026-03-31')).toBe('2026-03-31T23:59:59.999Z');
    expect(endOfDay.parse('2026-03-31T12:00:00Z')).toBe('2026-03-31T12:00:00.000Z');
  });
});

const definition = () =>
  new Command('deal')
    .argument('<table>')
    .addOption(valueOption('--sites <number>', 'how many', wholeNumber(1, 9)).default(3))
    .addOption(valueOption('--rule <rule>', 'which', oneOf('drop', 'mean')))
    .addOption(jsonOption());

test('the types of options are those of their definitions', () => {
  type Options = OptionsOf<ReturnType<typeof definition>>;
  expectTypeOf<Options['sites']>().toEqualTypeOf<number>();
  expectTypeOf<Options['rule']>().toEqualTypeOf<'drop' | 'mean' | undefined>();
  expectTypeOf<Options['json']>().toEqualTypeOf<true | undefined>();
  expectTypeOf<keyof Options>().toEqualTypeOf<'sites' | 'rule' | 'json'>();
});

test('options are parsed, with defaults for those that are not there', () => {
  const command = definition();
  command.parse(['t.csv', '--rule', 'mean'], { from: 'user' });
  expect(command.opts()).toEqual({ sites: 3, rule: 'mean' });
});

test('an option with a value is refused where it is given twice, unless it may be', () => {
  const command = () =>
    refuseRepeatedOptions(
      definition()
        .addOption(repeatedOption('--na <text>', 'a text'))
        .addOption(namesOption('--drop <names>', 'names'))
        .option('--out <folder>', 'where', '.')
        .option('--share [share]', 'how much')
        .option('--all <names...>', 'several words'),
    );
  const parse = (...words: string[]) =>
    command()
      .parse(['t.csv', ...words], { from: 'user' })
      .opts();
  for (const words of [
    ['--sites', '2', '--sites', '3'],
    ['--sites', '2', '--sites=2'],
    ['--out', 'a', '--out', 'b'],
    ['--share', '0.5', '--share', '0.6'],
    ['--share', '--share'],
  ]) {
    expect(() => parse(...words)).toThrow(
      expect.objectContaining({ code: 'cli.option', expected: `${words[0]} once` }),
    );
  }
  expect(
    parse(
      '--json',
      '--json',
      '--na',
      'a,b',
      '--na',
      'c',
      '--drop',
      'x, ,y,',
      '--drop',
      '"a, b",c',
      '--all',
      'p',
      '--all',
      'q',
    ),
  ).toEqual({
    sites: 3,
    json: true,
    na: ['a,b', 'c'],
    drop: ['x', 'y', 'a, b', 'c'],
    out: '.',
    all: ['p', 'q'],
  });
  // One command may be parsed again.
  const again = command();
  for (const sites of [2, 4]) {
    again.parse(['t.csv', '--sites', `${sites}`], { from: 'user' });
    expect(again.opts().sites).toBe(sites);
  }
});

test('a wrong value is a mistake of the caller, and the error names the option', () => {
  const parse = () => definition().parse(['t.csv', '--sites=ten'], { from: 'user' });
  expect(parse).toThrow(MisuseError);
  expect(parse).toThrow(
    expect.objectContaining({
      code: 'cli.option',
      expected: '--sites to be a whole number from 1 to 9',
      found: '"ten"',
    }),
  );
});
