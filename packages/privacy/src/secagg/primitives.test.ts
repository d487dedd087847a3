/** Both implementations of the primitives: the RFCs' vectors, and each against the other. */
import { concatBytes, fromHex, toHex } from '@nonet/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as browser from './primitives.browser.ts';
import * as node from './primitives.node.ts';

const hex = (text: string) => fromHex(`0x${text.replaceAll(/\s/g, '')}`);
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

describe.each([
  ['node', node],
  ['browser', browser],
])('%s', (_, { createKeyAgreement, createKeystream, deriveKey, open, seal }) => {
  test.each([
    [
      'a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4',
      'e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c',
      'c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552',
    ],
    [
      '4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d',
      'e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493',
      '95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957',
    ],
  ])('X25519 of RFC 7748 §5.2', (scalar, u, result) => {
    expect(createKeyAgreement(hex(scalar)).agree(hex(u))).toEqual(hex(result));
  });

  test('X25519 iterated, RFC 7748 §5.2', () => {
    let k = hex(`09${'00'.repeat(31)}`);
    let u: Uint8Array = k;
    const first = hex('422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079');
    expect(createKeyAgreement(k).publicKey).toEqual(first);
    for (let i = 0; i < 100; i++) {
      const next = createKeyAgreement(k).agree(u);
      if (i === 0) expect(next).toEqual(first);
      u = k;
      k = new Uint8Array(next);
    }
    // Of both implementations; RFC 7748 has the value after 1,000.
    expect(toHex(k)).toBe('0xb1a5a73158904c020866c13939dd7e1aa26852ee1d2609c92e5a8f1debe2150a');
  });

  test('points of low order give zero', () => {
    // 0, 1, the two of order 8, p - 1, p, p + 1: RFC 7748 §6.1 and Curve25519's page.
    for (const point of [
      '00'.repeat(32),
      `01${'00'.repeat(31)}`,
      'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
      '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
      `ec${'ff'.repeat(30)}7f`,
      `ed${'ff'.repeat(30)}7f`,
      `ee${'ff'.repeat(30)}7f`,
    ]) {
      expect(createKeyAgreement(new Uint8Array(32).fill(7)).agree(hex(point))).toEqual(new Uint8Array(32));
    }
  });

  test.each([
    [
      '000102030405060708090a0b0c',
      'f0f1f2f3f4f5f6f7f8f9',
      '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf',
    ],
    ['', '', '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d'],
  ])('HKDF of RFC 5869 A.1 and A.3, its first 32 bytes', (salt, info, result) => {
    expect(deriveKey(new Uint8Array(22).fill(0x0b), hex(salt), hex(info))).toEqual(hex(result));
  });

  test('ChaCha20 of RFC 8439 A.1, vectors 1 to 3', () => {
    const zero = createKeystream(new Uint8Array(32));
    expect(toHex(zero.next(64))).toBe(
      '0x76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7' +
        'da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586',
    );
    expect(toHex(zero.next(64))).toBe(
      '0x9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed' +
        '29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f',
    );
    const one = createKeystream(hex(`${'00'.repeat(31)}01`));
    one.next(64);
    expect(toHex(one.next(64))).toBe(
      '0x3aeb5224ecf849929b9d828db1ced4dd832025e8018b8160b82284f3c949aa5a' +
        '8eca00bbb4a73bdad192b5c42f73f2fd4e273644c8b36125a64addeb006c13a0',
    );
  });

  test('a keystream does not depend on the pieces it is taken in', () => {
    const key = new Uint8Array(32).fill(9);
    const whole = new Uint8Array(createKeystream(key).next(1024));
    const pieces = createKeystream(key);
    expect(concatBytes(pieces.next(64), pieces.next(256), pieces.next(704))).toEqual(whole);
  });

  test('a box opens with its key and associated data, and with nothing else', () => {
    const key = new Uint8Array(32).fill(1);
    const associated = Uint8Array.of(1, 2, 3);
    const plaintext = new Uint8Array(64).fill(5);
    const box = seal(key, associated, plaintext);
    expect(box).toHaveLength(80);
    expect(open(key, associated, box)).toEqual(plaintext);
    expect(open(new Uint8Array(32).fill(2), associated, box)).toBeUndefined();
    expect(open(key, Uint8Array.of(1, 2, 4), box)).toBeUndefined();
    for (const i of [0, 63, 64, 79]) {
      const changed = box.slice();
      changed[i]! ^= 1;
      expect(open(key, associated, changed)).toBeUndefined();
    }
  });
});

describe('node and browser agree on', () => {
  test('X25519, at any 32 bytes as a public key', () => {
    fc.assert(
      fc.property(bytes(32), bytes(32), (secret, other) => {
        const [a, b] = [node.createKeyAgreement(secret), browser.createKeyAgreement(secret)];
        expect(a.publicKey).toEqual(b.publicKey);
        expect(a.agree(other)).toEqual(b.agree(other));
      }),
      { numRuns: 20 },
    );
  });

  test('keys, keystreams and boxes', () => {
    fc.assert(
      fc.property(bytes(32), bytes(44), bytes(64), (key, info, plaintext) => {
        expect(node.deriveKey(key, key, info)).toEqual(browser.deriveKey(key, key, info));
        expect(new Uint8Array(node.createKeystream(key).next(320))).toEqual(
          browser.createKeystream(key).next(320),
        );
        const box = node.seal(key, info, plaintext);
        expect(box).toEqual(browser.seal(key, info, plaintext));
        expect(browser.open(key, info, box)).toEqual(plaintext);
      }),
      { numRuns: 30 },
    );
  });
});
