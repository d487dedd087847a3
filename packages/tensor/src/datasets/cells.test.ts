import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicalText,
  createMissingCells,
  createVocabulary,
  normaliseText,
  numberShape,
  readNumber,
} from './cells.ts';

describe('readNumber', () => {
  it.each<[string, number | undefined, number | undefined]>([
    ['12', 12, 12],
    ['-3', -3, -3],
    ['+3', 3, 3],
    ['\u22123', -3, -3],
    ['007', 7, 7],
    ['48.9', 48.9, undefined],
    ['48,9', undefined, 48.9],
    ['.5', 0.5, undefined],
    [',5', undefined, 0.5],
    ['5.', 5, undefined],
    ['1e-3', 0.001, 0.001],
    ['1,5e3', undefined, 1500],
    // Either way a number, and not the same one.
    ['12,869', 12869, 12.869],
    ['1.234', 1.234, 1234],
    // Groups of three, which do not begin with 0, in one way only.
    ['1,234,567', 1234567, undefined],
    ['1.234.567', undefined, 1234567],
    ['1,234.5', 1234.5, undefined],
    ['1.234,5', undefined, 1234.5],
    ['0,123', undefined, 0.123],
    ['1 234 567', 1234567, 1234567],
    ["1'234.50", 1234.5, undefined],
    ['12,34', undefined, 12.34],
    ['12,3456', undefined, 12.3456],
    // Lakhs and crores.
    ['1,23,456', 123456, undefined],
    ['12,34,56,789.5', 123456789.5, undefined],
    ['-1,23,456', -123456, undefined],
    ['123,45,678', undefined, undefined],
    ['0,12,345', undefined, undefined],
    ['1,23,45', undefined, undefined],
    ['1.23.456', undefined, undefined],
    ['1,234 567', undefined, undefined],
    ['1 2', undefined, undefined],
    ['1.2.3', undefined, undefined],
    ['0x10', undefined, undefined],
    ['<0.5', undefined, undefined],
    ['12%', undefined, undefined],
    ['5 mg', undefined, undefined],
    ['inf', undefined, undefined],
    ['Infinity', undefined, undefined],
    ['1e39', undefined, undefined],
    ['', undefined, undefined],
  ])('%j with a point and with a comma', (text, point, comma) => {
    expect([readNumber(text, '.'), readNumber(text, ',')]).toEqual([point, comma]);
  });

  it('reads what numbers print, and its mirror image', () => {
    const numbers = fc.double({ noNaN: true, min: -1e30, max: 1e30 }).map((number) => number + 0);
    fc.assert(
      fc.property(numbers, (number) => {
        expect(readNumber(String(number), '.')).toBe(number);
        expect(readNumber(String(number).replace('.', ','), ',')).toBe(number);
      }),
      { seed: 9 },
    );
  });

  it('takes a million digits at once', () => {
    for (const text of ['1'.repeat(1e6), `${'1,111'.repeat(2e5)}`, `1${',111'.repeat(2e5)}x`]) {
      expect(readNumber(text, '.')).toBeUndefined();
    }
  });
});

it.each([
  ['12', 'plain'],
  ['1 234', 'plain'],
  ['48.9', 'point'],
  ['48,9', 'comma'],
  ['1.234', 'pointOrThousands'],
  ['1,234', 'commaOrThousands'],
  ['1,234,567', 'point'],
  ['yes', 'none'],
])('the shape of %j is %s', (text, shape) => {
  expect(numberShape(text)).toBe(shape);
});

it.each([
  [' yes ', 'yes'],
  ['line one\r\nline two', 'line one line two'],
  ['\u00a0a\u00a0\u00a0b', 'a b'],
  // Composed and decomposed.
  ['caf\u0065\u0301', 'caf\u00e9'],
])('%j is the text %j', (cell, text) => {
  expect(normaliseText(cell)).toBe(text);
});

it.each([
  ['1', '1'],
  ['1.0', '1'],
  ['1.', '1'],
  ['+1.00', '1'],
  ['-1.0', '-1'],
  ['-0.0', '0'],
  ['0.50', '0.5'],
  ['01', '01'],
  ['100', '100'],
  ['v1.0', 'v1.0'],
  ['1e3', '1e3'],
])('%j is spelt %j', (cell, text) => {
  expect(canonicalText(cell)).toBe(text);
});

it('takes a spelling of a million zeros at once', () => {
  expect(canonicalText(`1.${'0'.repeat(1e6)}`)).toBe('1');
  expect(canonicalText(`1.${'0'.repeat(1e6)}1x`)).toHaveLength(1e6 + 4);
});

describe('missing cells', () => {
  const cells = createMissingCells();
  it.each(['', '?', 'NA', 'N/A', 'n/a', 'NaN', 'nan', 'NULL', 'null', 'None', '<NA>', '#N/A'])(
    '%j is missing anywhere',
    (text) => {
      expect([cells.anywhere(text), cells.amongNumbers(text)]).toEqual([true, true]);
    },
  );

  it.each(['-', '--', '.', 'na', 'NONE', 'missing', '#DIV/0!', '#Value!'])(
    '%j is missing among numbers only',
    (text) => {
      expect([cells.anywhere(text), cells.amongNumbers(text)]).toEqual([false, true]);
    },
  );

  it.each(['0', '-1', 'no', 'nab', 'none of these', 'inf'])('%j is a value', (text) => {
    expect([cells.anywhere(text), cells.amongNumbers(text)]).toEqual([false, false]);
  });

  it('are those that are named as well, a number in any spelling', () => {
    const named = createMissingCells(['-999', '<0.5']);
    for (const text of ['-999', '-999.0', '<0.5', 'NA']) expect(named.amongNumbers(text)).toBe(true);
    for (const text of ['999', '0.5']) expect(named.amongNumbers(text)).toBe(false);
  });
});

describe('a vocabulary', () => {
  it('finds a value as it is written, then in another spelling, then in another case', () => {
    const { find } = createVocabulary(['1', '2', 'Yes', 'no']);
    expect(['1', '1.0', '+2', 'yes', ' NO ', 'maybe', '3'].map(find)).toEqual([
      0,
      0,
      1,
      2,
      3,
      undefined,
      undefined,
    ]);
  });

  it('prefers what is written, and guesses nothing that two values could be', () => {
    const { find } = createVocabulary(['1', '1.0', 'a', 'A']);
    expect(['1', '1.0', '1.00', 'a', 'A'].map(find)).toEqual([0, 1, undefined, 2, 3]);
  });

  it('knows no value but its own', () => {
    const { find } = createVocabulary(['a']);
    for (const text of ['__proto__', 'constructor', 'toString', '']) expect(find(text)).toBeUndefined();
  });
});
