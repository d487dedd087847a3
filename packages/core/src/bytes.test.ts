import fc from 'fast-check';
import { expect, test } from 'vitest';
import { concatBytes, equalBytes, fromBase64, fromHex, isBase64, toBase64, toHex, utf8 } from './bytes.ts';

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

// RFC 4648 §10.
test.each([
  ['', ''],
  ['f', 'Zg=='],
  ['fo', 'Zm8='],
  ['foo', 'Zm9v'],
  ['foob', 'Zm9vYg=='],
  ['fooba', 'Zm9vYmE='],
  ['foobar', 'Zm9vYmFy'],
])('%j in base64 is %j', (text, encoded) => {
  expect(toBase64(utf8(text))).toBe(encoded);
  expect(fromBase64(encoded)).toEqual(utf8(text));
});

test('base64 goes there and back, also of more bytes than one call takes', () => {
  fc.assert(fc.property(bytes, (value) => equalBytes(fromBase64(toBase64(value)), value)));
  const long = Uint8Array.from({ length: 2 ** 17 + 1 }, (_, i) => (i * i) >> 3);
  expect(toBase64(long)).toBe(Buffer.from(long).toString('base64'));
  expect(fromBase64(toBase64(long))).toEqual(long);
});

// Cut short, blanks, the alphabet for addresses, padding in the middle, and bits behind the last
// byte: each byte string has one spelling.
test.each(['Zg', 'Zg=', 'Zg== ', 'Zm9v\n', ' Zm9', 'Zm-_', 'Zg==Zm9v', '====', 'Z===', 'Zh==', 'Zm9='])(
  '%j is not base64',
  (text) => {
    expect(isBase64(text)).toBe(false);
    expect(() => fromBase64(text)).toThrow(expect.objectContaining({ code: 'bytes.notBase64' }));
  },
);

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
