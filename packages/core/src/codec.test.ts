import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from './bytes.ts';
import { addressOfValue, decodeCanonical, encodeCanonical } from './codec.ts';

/** RFC 8949 Appendix A, the rows whose value has a canonical form here. */
const samples: readonly [unknown, string][] = [
  [0, '00'],
  [1, '01'],
  [10, '0a'],
  [23, '17'],
  [24, '1818'],
  [25, '1819'],
  [100, '1864'],
  [1000, '1903e8'],
  [1000000, '1a000f4240'],
  [1000000000000, '1b000000e8d4a51000'],
  [18446744073709551615n, '1bffffffffffffffff'],
  [18446744073709551616n, 'c249010000000000000000'],
  [-18446744073709551616n, '3bffffffffffffffff'],
  [-18446744073709551617n, 'c349010000000000000000'],
  [-1, '20'],
  [-10, '29'],
  [-100, '3863'],
  [-1000, '3903e7'],
  [1.1, 'fb3ff199999999999a'],
  [1.5, 'f93e00'],
  [100000.5, 'fa47c35040'],
  [3.4028234663852886e38, 'fa7f7fffff'],
  [1.0e300, 'fb7e37e43c8800759c'],
  [2 ** -24, 'f90001'],
  [0.00006103515625, 'f90400'],
  [-4.1, 'fbc010666666666666'],
  [false, 'f4'],
  [true, 'f5'],
  [null, 'f6'],
  [new Uint8Array(), '40'],
  [Uint8Array.of(1, 2, 3, 4), '4401020304'],
  ['', '60'],
  ['a', '6161'],
  ['IETF', '6449455446'],
  ['"\\', '62225c'],
  ['\u00fc', '62c3bc'],
  ['\u6c34', '63e6b0b4'],
  ['\ud800\udd51', '64f0908591'],
  [[], '80'],
  [[1, 2, 3], '83010203'],
  [[1, [2, 3], [4, 5]], '8301820203820405'],
  [Array.from({ length: 25 }, (_, i) => i + 1), '98190102030405060708090a0b0c0d0e0f101112131415161718181819'],
  [{}, 'a0'],
  [{ a: 1, b: [2, 3] }, 'a26161016162820203'],
  [['a', { b: 'c' }], '826161a161626163'],
  [{ a: 'A', b: 'B', c: 'C', d: 'D', e: 'E' }, 'a56161614161626142616361436164614461656145'],
];

describe('RFC 8949 Appendix A', () => {
  test.each(samples)('%o', (value, hex) => {
    expect(toHex(encodeCanonical(value))).toBe(`0x${hex}`);
    expect(decodeCanonical(fromHex(`0x${hex}`))).toEqual(value);
  });
});

describe('refuses bytes that are not the canonical encoding of a value', () => {
  test.each([
    ['nothing', ''],
    ['a truncated text', '6261'],
    ['a truncated list', '8201'],
    ['trailing bytes', '0000'],
    ['23 in two bytes', '1817'],
    ['255 in three bytes', '1900ff'],
    ['65535 in five bytes', '1a0000ffff'],
    ['2^32 - 1 in nine bytes', '1b00000000ffffffff'],
    ['-1 in two bytes', '3800'],
    ['a text length in two bytes', '780161'],
    ['a list length in two bytes', '980101'],
    ['1.5 in five bytes', 'fa3fc00000'],
    ['1.5 in nine bytes', 'fb3ff8000000000000'],
    ['1 as a float', 'f93c00'],
    ['0 as a float', 'f90000'],
    ['-0', 'f98000'],
    ['NaN', 'f97e00'],
    ['Infinity', 'f97c00'],
    ['-Infinity', 'f9fc00'],
    ['undefined', 'f7'],
    ['an unassigned simple value', 'f0'],
    ['an indefinite byte string', '5f42010243030405ff'],
    ['an indefinite text', '7f657374726561646d696e67ff'],
    ['an indefinite list', '9f01ff'],
    ['an indefinite map', 'bf616101ff'],
    ['unsorted keys', 'a2616201616102'],
    ['a longer key first', 'a262616101616202'],
    ['a repeated key', 'a2616101616102'],
    ['a number as key', 'a10102'],
    ['the key __proto__', 'a1695f5f70726f746f5f5f01'],
    ['the key __proto__ with an object', 'a1695f5f70726f746f5f5fa0'],
    ['a date tag', 'c074323031332d30332d32315432303a30343a30305a'],
    ['a tagged number', 'c101'],
    ['a bignum that fits 64 bits', 'c24101'],
    ['a bignum with a leading zero', 'c24a00010000000000000000'],
    ['an empty bignum', 'c240'],
    ['a bignum that is a text', 'c26131'],
    ['a bignum beyond 256 bits', `c25821${'ff'.repeat(33)}`],
    ['bytes that are not UTF-8', '61ff'],
    ['a lone surrogate in UTF-8', '63eda080'],
    ['a list said to have 2^32 entries', '9b0000000100000000'],
    ['a hundred thousand nested lists', '81'.repeat(1e5)],
  ])('%s', (_, hex) => {
    expect(() => decodeCanonical(fromHex(`0x${hex}`))).toThrow(
      expect.objectContaining({ code: 'codec.malformed' }),
    );
  });
});

const nest = (depth: number): unknown => {
  let value: unknown = 0;
  for (let i = 0; i < depth; i++) value = [value];
  return value;
};
const circular: { self?: unknown } = {};
circular.self = circular;

describe('refuses values without canonical form, and says where', () => {
  test.each([
    ['NaN', { a: [1, Number.NaN] }, 'a[1]'],
    ['infinity', Number.POSITIVE_INFINITY, 'the top'],
    ['a function', { f: () => 0 }, 'f'],
    ['a symbol', [Symbol('s')], '[0]'],
    ['a date', { when: new Date(0) }, 'when'],
    ['a map', new Map(), 'the top'],
    ['undefined in a list', [undefined], '[0]'],
    ['a hole in a list', Array(1), '[0]'],
    ['a lone surrogate', { text: '\ud800' }, 'text'],
    ['a lone surrogate in a key', { '\udc00': 1 }, 'the top'],
    ['__proto__', { a: JSON.parse('{"__proto__":1}') }, 'a'],
    ['an integer of 257 bits', 2n ** 256n, 'the top'],
    ['nesting beyond 64', nest(65), '[0]'],
    ['a cycle', circular, 'self'],
  ])('%s', (_, value, path) => {
    const code = 'codec.value';
    expect(() => encodeCanonical(value)).toThrow(
      expect.objectContaining({ code, expected: expect.stringContaining(path) }),
    );
  });

  test('the limits themselves are fine', () => {
    expect(() => encodeCanonical([nest(64), 2n ** 256n - 1n, -(2n ** 256n)].slice(1))).not.toThrow();
    expect(() => encodeCanonical(nest(64))).not.toThrow();
  });
});

const value = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 256n - 1n }),
    fc.bigInt({ min: -(2n ** 256n), max: -(2n ** 53n) }),
    fc.string({ unit: 'grapheme' }),
    fc.uint8Array(),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      fc.string({ unit: 'grapheme' }).filter((key) => key !== '__proto__'),
      tie('value'),
      {
        maxKeys: 4,
        noNullPrototype: true,
      },
    ),
  ),
})).value;

/** -0 is written as 0. */
const positive = (value: unknown): unknown =>
  value === 0
    ? 0
    : Array.isArray(value)
      ? value.map(positive)
      : value !== null && typeof value === 'object' && !(value instanceof Uint8Array)
        ? Object.fromEntries(Object.entries(value).map(([key, field]) => [key, positive(field)]))
        : value;

test('every value comes back', () => {
  fc.assert(
    fc.property(value, (value) => {
      expect(decodeCanonical(encodeCanonical(value))).toEqual(positive(value));
    }),
  );
});

test('random bytes decode only if they are what the encoder writes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
      let decoded: unknown;
      try {
        decoded = decodeCanonical(bytes);
      } catch (error) {
        expect(error).toMatchObject({ code: 'codec.malformed' });
        return;
      }
      expect(encodeCanonical(decoded)).toEqual(bytes);
    }),
    { numRuns: 2000 },
  );
});

test('equal values have equal addresses whatever the order of keys; absent and undefined are the same', () => {
  expect(addressOfValue({ b: 1, a: 2 })).toBe(addressOfValue({ a: 2, b: 1, c: undefined }));
  expect(addressOfValue({ a: -0 })).toBe(addressOfValue({ a: 0 }));
  expect(addressOfValue(5n)).toBe(addressOfValue(5));
  expect(addressOfValue({ a: 1 })).not.toBe(addressOfValue({ a: '1' }));
});
