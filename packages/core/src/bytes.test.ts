import fc from 'fast-check';
import { expect, test } from 'vitest';
import { concatBytes, equalBytes, fromHex, toHex, utf8 } from './bytes.ts';

const bytes = fc.uint8Array({ maxLength: 200 });

test('hexadecimal goes there and back', () => {
  fc.assert(fc.property(bytes, (value) => equalBytes(fromHex(toHex(value)), value)));
  expect(toHex(Uint8Array.of(0, 15, 255))).toBe('0x000fff');
  expect(fromHex('0xAbCd')).toEqual(Uint8Array.of(0xab, 0xcd));
});

test.each(['', '0', '0x0', 'ff', '0xgg', '0x00 ', ' 0x00', '0x00\n', '0X00'])(
  '%j is not hexadecimal',
  (text) => {
    expect(() => fromHex(text)).toThrow(expect.objectContaining({ code: 'bytes.notHex' }));
  },
);

test('a megabyte of hexadecimal does not overflow the matcher', () => {
  expect(fromHex(`0x${'ab'.repeat(2 ** 20)}`)).toHaveLength(2 ** 20);
});

test('concatenation keeps order and length', () => {
  expect(concatBytes(utf8('a'), utf8(''), utf8('é'))).toEqual(Uint8Array.of(0x61, 0xc3, 0xa9));
});

test('equality sees one flipped bit and one byte more', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 50 }), fc.nat(), (value, at) => {
      const other = value.slice();
      other[at % other.length]! ^= 1;
      return !equalBytes(value, other) && !equalBytes(value, concatBytes(value, Uint8Array.of(0)));
    }),
  );
});
