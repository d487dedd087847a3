import { addressOf, toHex, utf8 } from '@nonet/core';
import { decodeCanonical, encodeCanonical } from '@nonet/core/codec';
import { createSigner } from '@nonet/core/identity';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeUpdate, maximumUpdateBytes, type UpdateExpectation, verifyUpdate } from './updateMessage.ts';

const signer = createSigner(toHex(new Uint8Array(32).fill(7)));
const stranger = createSigner(toHex(new Uint8Array(32).fill(8)));
const salt = new Uint8Array(32).fill(9);
const domain = { chainId: 31337, verifyingContract: `0x${'11'.repeat(20)}` } as const;
const expectation: UpdateExpectation = {
  job: addressOf(utf8('job')),
  round: 3,
  participant: 2,
  model: addressOf(utf8('model')),
  account: signer.account,
  vector: { entries: 4, clamp: 8, scaleBits: 20, maximumWeight: 4096 },
  domain,
};
const { job, round, participant, model } = expectation;
const update = {
  job,
  round,
  participant,
  model,
  examples: 50,
  entries: Int32Array.of(1, -2, 2 ** 23, -(2 ** 23)),
};
const bytes = encodeUpdate(update, salt, domain, signer);

/** The reason why `message` is refused. */
const reason = (message: Uint8Array, expected = expectation) => {
  const outcome = verifyUpdate(message, expected);
  return 'refused' in outcome ? outcome.refused : 'accepted';
};

test('a message comes back as it was sent, in the same bytes each time', () => {
  expect(verifyUpdate(bytes, expectation)).toEqual(update);
  expect(encodeUpdate(update, salt, domain, signer)).toEqual(bytes);
  expect(bytes.length).toBeLessThanOrEqual(maximumUpdateBytes(expectation.vector));
});

test('two salts hide that two updates are the same', () => {
  expect(addressOf(encodeUpdate(update, new Uint8Array(32), domain, signer))).not.toBe(addressOf(bytes));
});

test('the envelope fits below the maximum at the largest counts', () => {
  const largest = { ...update, round: 2 ** 53 - 1, participant: 2 ** 53 - 1, examples: 4096 };
  expect(encodeUpdate(largest, salt, domain, signer).length).toBeLessThan(
    maximumUpdateBytes(expectation.vector),
  );
});

describe('refused with its reason', () => {
  const signed = (changed: object, by = signer) => encodeUpdate({ ...update, ...changed }, salt, domain, by);
  const altered = (changed: object) => encodeCanonical({ ...(decodeCanonical(bytes) as object), ...changed });
  const other = addressOf(utf8('other'));

  test.each<[string, string, Uint8Array]>([
    [
      'Oversized',
      'longer than any message of the job',
      new Uint8Array(maximumUpdateBytes(expectation.vector) + 1),
    ],
    ['Malformed', 'nothing', new Uint8Array()],
    ['Malformed', 'truncated', bytes.subarray(0, -1)],
    ['Malformed', 'extended', Uint8Array.of(...bytes, 0)],
    ['Malformed', 'not canonical', Uint8Array.of(0xbf, 0xff)],
    ['Malformed', 'a list', encodeCanonical([1])],
    ['Malformed', 'another version', altered({ version: 2 })],
    ['Malformed', 'a further field', altered({ more: 1 })],
    ['Malformed', 'a short salt', altered({ salt: new Uint8Array(31) })],
    ['Malformed', 'float entries', altered({ entries: [0.5] })],
    ['Malformed', 'half an entry', altered({ entries: new Uint8Array(15) })],
    ['Malformed', 'a job that is no address', altered({ job: '0x12' })],
    ['Malformed', 'a negative round', altered({ round: -1 })],
    ['Malformed', 'a short signature', altered({ signature: new Uint8Array(64) })],
    ['WrongJob', 'another job', signed({ job: other })],
    ['WrongRound', 'a replay of another round', signed({ round: 2 })],
    ['WrongParticipant', 'a message of another participant', signed({ participant: 1 })],
    ['WrongModel', 'trained from another model', signed({ model: other })],
    ['WrongExamples', 'no examples', signed({ examples: 0 })],
    ['WrongExamples', 'too many examples', signed({ examples: 4097 })],
    ['WrongLength', 'an entry less', signed({ entries: new Int32Array(3) })],
    ['WrongLength', 'an entry more', signed({ entries: new Int32Array(5) })],
    ['OutOfRange', 'an entry above the clamp', signed({ entries: Int32Array.of(0, 0, 0, 2 ** 23 + 1) })],
    ['OutOfRange', 'an entry below the clamp', signed({ entries: Int32Array.of(-(2 ** 31), 0, 0, 0) })],
    ['WrongSigner', 'signed by somebody else', signed({}, stranger)],
    ['WrongSigner', 'an entry changed after signing', altered({ entries: new Uint8Array(16) })],
    ['WrongSigner', 'the salt changed after signing', altered({ salt: new Uint8Array(32) })],
    ['WrongSigner', 'the examples changed after signing', altered({ examples: 51 })],
    ['WrongSigner', 'no signature at all', altered({ signature: new Uint8Array(65) })],
  ])('%s: %s', (expected, _, message) => {
    expect(reason(message)).toBe(expected);
  });

  test('WrongSigner: signed for another ledger', () => {
    expect(reason(bytes, { ...expectation, domain: { ...domain, chainId: 1 } })).toBe('WrongSigner');
    expect(
      reason(bytes, { ...expectation, domain: { ...domain, verifyingContract: stranger.account } }),
    ).toBe('WrongSigner');
  });
});

test('never throws, whatever the bytes; no flipped bit is accepted', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (hostile) => {
      expect(reason(hostile)).not.toBe('accepted');
    }),
  );
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(7), (at, bit) => {
      const flipped = bytes.slice();
      flipped[at]! ^= 1 << bit;
      expect(reason(flipped)).not.toBe('accepted');
    }),
  );
});

test('never throws, whatever canonical value stands in a field', () => {
  const message = decodeCanonical(bytes) as Record<string, never>;
  const key = fc.constantFrom('toString', 'valueOf', 'length', 'a');
  const leaf = fc.oneof(
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.bigInt({ min: -(2n ** 256n), max: 2n ** 256n - 1n }),
    fc.string({ unit: 'grapheme' }),
    fc.uint8Array({ maxLength: 70 }),
    fc.constant(null),
  );
  const value = fc.oneof(leaf, fc.array(leaf), fc.dictionary(key, leaf));
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(message)), value, (field, hostile) => {
      const changed = encodeCanonical({ ...message, [field]: hostile });
      if (addressOf(changed) !== addressOf(bytes)) expect(reason(changed)).not.toBe('accepted');
    }),
    { numRuns: 2000 },
  );
});

test('what is no message is refused in the same words everywhere, however its decoder fails', () => {
  const hostile = [new Uint8Array(), new Uint8Array(500).fill(0x81), Uint8Array.of(0xbf, 0xff)];
  for (const bytes of hostile) {
    expect(verifyUpdate(bytes, expectation)).toMatchObject({ found: 'no canonical CBOR' });
  }
});
