import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex, utf8 } from './bytes.ts';
import { addressOf } from './contentTree.ts';
import { assertAddress, isAddress } from './hash.ts';
import { sha256 as inBrowser } from './sha256.browser.ts';
import { sha256 as inNode } from './sha256.node.ts';

/**
 * FIPS 180-4 examples (csrc.nist.gov, SHA256.pdf and "SHA-2 Additional"), and NIST CAVP
 * SHA256ShortMsg.
 */
const known: readonly [name: string, input: Uint8Array, digest: string][] = [
  ['nothing', utf8(''), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['abc', utf8('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  [
    'two blocks',
    utf8('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq'),
    '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
  ],
  [
    'three blocks',
    utf8(
      'abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu',
    ),
    'cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1',
  ],
  ['0xbd', fromHex('0xbd'), '68325720aabd7c82f30f554b313d0570c95accbb7dc4b5aae11204c08ffe732b'],
  ['0xc98c8e55', fromHex('0xc98c8e55'), '7abc22c0ae5af26ce93dbb94433a0e0b2e119d014f8e7f65bd56c61ccccd9504'],
  ['55 zeros', new Uint8Array(55), '02779466cdec163811d078815c633f21901413081449002f24aa3e80f0b88ef7'],
  ['56 zeros', new Uint8Array(56), 'd4817aa5497628e7c77e6b606107042bbba3130888c5f47a375e6179be789fbb'],
  ['64 zeros', new Uint8Array(64), 'f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b'],
  ['a million a', utf8('a'.repeat(1e6)), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
];

describe.each([
  ['browser', inBrowser],
  ['node', inNode],
])('SHA-256 in %s', (_, sha256) => {
  test.each(known)('%s', (_, input, digest) => {
    expect(toHex(sha256(input))).toBe(`0x${digest}`);
  });
});

test('both implementations agree on every length around the block boundaries', () => {
  for (let length = 0; length < 300; length++) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 151 + length) & 255);
    expect(inBrowser(bytes)).toEqual(inNode(bytes));
  }
});

test('both implementations agree on random bytes, also on a view into a larger buffer', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5000 }), fc.nat(64), (bytes, from) => {
      const view = bytes.subarray(Math.min(from, bytes.length));
      expect(inBrowser(view)).toEqual(inNode(view));
    }),
  );
});

test('an address is lower-case hexadecimal of 32 bytes, and nothing else', () => {
  const address = addressOf(utf8('abc'));
  expect(isAddress(address)).toBe(true);
  for (const wrong of [
    address.toUpperCase(),
    address.slice(2),
    `${address}0`,
    `${address}\n`,
    7,
    null,
    undefined,
  ]) {
    expect(isAddress(wrong)).toBe(false);
    expect(() => assertAddress(wrong, 'model')).toThrow(/expected model to be 0x and 64/);
  }
  expect(() => assertAddress(address, 'model')).not.toThrow();
});
