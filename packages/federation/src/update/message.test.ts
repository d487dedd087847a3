import { readFile } from 'node:fs/promises';
import { type Address, addressOf, contentOf, contentPath, fromHex, toHex, utf8 } from '@nonet/core';
import { createSigner } from '@nonet/core/identity';
import { type ShownLeaf, type UpdateRefusalCode, updateRefusalCodes } from '@nonet/core/ports';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  encodeUpdate,
  hasFault,
  leafOfFault,
  type Update,
  type UpdateExpectation,
  updateBytes,
  verifyUpdate,
} from './message.ts';

const signer = createSigner(toHex(new Uint8Array(32).fill(7)));
const stranger = createSigner(toHex(new Uint8Array(32).fill(8)));
const salt = new Uint8Array(32).fill(9);
const domain = { chainId: 31337, verifyingContract: `0x${'11'.repeat(20)}` } as const;
const limit = 2 ** 23;
const expectation: UpdateExpectation = {
  job: addressOf(utf8('job')),
  step: 3,
  participant: 2,
  model: addressOf(utf8('model')),
  account: signer.account,
  entries: 70,
  maximumEntry: limit,
  domain,
};
const { job, step, participant, model } = expectation;
const dataset = addressOf(utf8('dataset'));
const update: Update = {
  job,
  step,
  participant,
  model,
  dataset,
  entries: Int32Array.from({ length: 70 }, (_, i) => (i % 2 === 0 ? limit : -limit)),
};
const { bytes } = await encodeUpdate(update, salt, domain, signer);
const signed = async (changed: Partial<Update>, by = signer) =>
  (await encodeUpdate({ ...update, ...changed }, salt, domain, by)).bytes;
const other = addressOf(utf8('other'));

/** The message with `value` at `offset`. */
function altered(offset: number, ...value: number[]): Uint8Array {
  const message = bytes.slice();
  message.set(value, offset);
  return message;
}

function withEntry(entry: number, value: number): Promise<Uint8Array> {
  return signed({ entries: update.entries.with(entry, value) });
}

function show(message: Uint8Array, index: number): ShownLeaf {
  const { length, leaf, path } = contentPath(message, index);
  return { length, leaf: toHex(leaf), path: path as Address[] };
}

/** The reason why `message` is refused. */
function reasonOf(message: Uint8Array, expected = expectation): string {
  const outcome = verifyUpdate(message, expected);
  return 'refused' in outcome ? outcome.refused : 'accepted';
}

/** Every reason that the one leaf for it shows. */
function faultsOf(message: Uint8Array, entry = 0, expected = expectation): UpdateRefusalCode[] {
  return updateRefusalCodes.filter((reason) => {
    const leaf = leafOfFault(reason, entry);
    return 256 * leaf < Math.max(1, message.length) && hasFault(reason, entry, show(message, leaf), expected);
  });
}

const known: {
  account: UpdateExpectation['account'];
  job: Address;
  step: number;
  participant: number;
  model: Address;
  dataset: Address;
  salt: `0x${string}`;
  entries: number[];
  message: `0x${string}`;
  address: Address;
}[] = JSON.parse(
  await readFile(new URL('../../../../vectors/update/messages.json', import.meta.url), 'utf8'),
);

test.each(known)('is the message that the specification describes: step $step', async (answer) => {
  const sent = { ...answer, entries: Int32Array.from(answer.entries) };
  const message = await encodeUpdate(sent, fromHex(answer.salt), domain, signer);
  expect(toHex(message.bytes)).toBe(answer.message);
  expect(message.address).toBe(answer.address);
  const expected = { ...expectation, ...answer, entries: answer.entries.length };
  const { job, step, participant, model, dataset, entries } = sent;
  expect(verifyUpdate(message, expected)).toEqual({ job, step, participant, model, dataset, entries });
  expect(faultsOf(message.bytes, 0, expected)).toEqual([]);
});

test('a message comes back as it was sent, in the same bytes each time', async () => {
  expect(verifyUpdate(bytes, expectation)).toEqual(update);
  expect(await encodeUpdate(update, salt, domain, signer)).toEqual(contentOf(bytes));
  expect(bytes.length).toBe(updateBytes(70));
});

test('two salts hide that two updates are the same', async () => {
  const otherSalt = await encodeUpdate(update, new Uint8Array(32), domain, signer);
  expect(otherSalt.address).not.toBe(addressOf(bytes));
});

test('a salt that is too short to hide anything is not taken', async () => {
  await expect(encodeUpdate(update, new Uint8Array(31), domain, signer)).rejects.toThrow(
    expect.objectContaining({ code: 'update.salt' }),
  );
});

describe('refused with its reason, which the leaf for it shows', () => {
  test.each<[UpdateRefusalCode, string, Uint8Array | Promise<Uint8Array>, entry?: number]>([
    ['WrongLength', 'nothing', new Uint8Array()],
    ['WrongLength', 'half a header', bytes.subarray(0, 128)],
    ['WrongLength', 'truncated', bytes.subarray(0, -1)],
    ['WrongLength', 'extended', Uint8Array.of(...bytes, 0)],
    ['WrongLength', 'an entry less', signed({ entries: new Int32Array(69) })],
    ['WrongLength', 'an entry more', signed({ entries: new Int32Array(71) })],
    ['Malformed', 'another first byte', altered(0, 0)],
    ['Malformed', 'another version', altered(15, 2)],
    ['Malformed', 'something in the first reserved byte', altered(217, 1)],
    ['Malformed', 'something in the last reserved byte', altered(255, 1)],
    ['WrongJob', 'another job', signed({ job: other })],
    ['WrongStep', 'a replay of another step', signed({ step: 2 })],
    ['WrongStep', 'a step in the wrong byte order', signed({ step: 3 * 2 ** 24 })],
    ['WrongParticipant', 'a message of another participant', signed({ participant: 1 })],
    ['WrongModel', 'trained from another model', signed({ model: other })],
    ['WrongSigner', 'signed by another account', signed({}, stranger)],
    ['WrongSigner', 'the dataset changed after signing', altered(88, 0)],
    ['WrongSigner', 'the salt changed after signing', altered(120, 0)],
    ['WrongSigner', 'an entry changed after signing', altered(258, 0)],
    ['WrongSigner', 'the last entry changed after signing', altered(bytes.length - 1, 0)],
    ['WrongSigner', 'the signature changed', altered(152, bytes[152]! ^ 1)],
    ['WrongSigner', 'the recovery byte as 0 or 1', altered(216, bytes[216]! - 27)],
    ['WrongSigner', 'no signature at all', altered(152, ...new Uint8Array(65))],
    ['OutOfRange', 'an entry above the limit', withEntry(0, limit + 1), 0],
    ['OutOfRange', 'an entry below the limit', withEntry(63, -limit - 1), 63],
    ['OutOfRange', 'the most negative entry', withEntry(64, -(2 ** 31)), 64],
    ['OutOfRange', 'the last entry', withEntry(69, 2 ** 31 - 1), 69],
  ])('%s: %s', async (reason, _, message, entry = 0) => {
    expect(verifyUpdate(await message, expectation)).toMatchObject({ refused: reason, entry });
    const faults = faultsOf(await message, entry);
    expect(faults[0]).toBe(reason);
    // What the ledger says was not signed either.
    expect(faults.slice(1).every((further) => further === 'WrongSigner')).toBe(true);
  });

  test('WrongSigner: a signature whose s is in the upper half of the order', () => {
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const s = BigInt(toHex(bytes.subarray(184, 216)));
    const message = altered(184, ...fromHex(`0x${(order - s).toString(16).padStart(64, '0')}`));
    message[216] = 55 - bytes[216]!;
    expect(reasonOf(message)).toBe('WrongSigner');
    expect(faultsOf(message)).toEqual(['WrongSigner']);
  });

  test.each<[string, Partial<UpdateExpectation>]>([
    ['another chain', { domain: { ...domain, chainId: 1 } }],
    ['another contract', { domain: { ...domain, verifyingContract: stranger.account } }],
  ])('WrongSigner: signed for %s', (_, changed) => {
    expect(reasonOf(bytes, { ...expectation, ...changed })).toBe('WrongSigner');
    expect(faultsOf(bytes, 0, { ...expectation, ...changed })).toEqual(['WrongSigner']);
  });

  test('the first reason in the order of the specification, and the lowest entry', async () => {
    const wrong: Partial<Update> = {
      job: other,
      step: 9,
      participant: 9,
      model: other,
      entries: update.entries.with(66, limit + 1).with(68, limit + 1),
    };
    const inOrder: [UpdateRefusalCode, keyof Update | undefined][] = [
      ['WrongJob', 'job'],
      ['WrongStep', 'step'],
      ['WrongParticipant', 'participant'],
      ['WrongModel', 'model'],
      ['OutOfRange', undefined],
    ];
    const right: Partial<Update> = {};
    for (const [reason, field] of inOrder) {
      const message = await signed({ ...wrong, ...right });
      expect(verifyUpdate(message, expectation)).toMatchObject({
        refused: reason,
        entry: reason === 'OutOfRange' ? 66 : 0,
      });
      if (field !== undefined) Object.assign(right, { [field]: update[field] });
    }
  });
});

test('a message of another length has no fault but that', async () => {
  const message = await signed({ job: other, entries: new Int32Array(71).fill(limit + 1) }, stranger);
  expect(faultsOf(message, 3)).toEqual(['WrongLength']);
});

test('an entry beyond the last is not out of range', async () => {
  expect(hasFault('OutOfRange', 70, show(bytes, 2), { ...expectation })).toBe(false);
  expect(hasFault('OutOfRange', 69, show(await withEntry(69, limit + 1), 2), expectation)).toBe(true);
});

test('every changed byte of the header is noticed, and of some entries', () => {
  for (let at = 0; at < bytes.length; at += at < 256 ? 1 : 29) {
    expect(reasonOf(altered(at, bytes[at]! ^ 1)), `byte ${at}`).not.toBe('accepted');
  }
});

test('never throws, whatever the bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (hostile) => {
      expect(reasonOf(hostile)).not.toBe('accepted');
    }),
  );
  const length = updateBytes(70);
  fc.assert(
    fc.property(fc.uint8Array({ minLength: length, maxLength: length }), fc.nat(256), (hostile, kept) => {
      hostile.set(bytes.subarray(0, kept));
      const reason = reasonOf(hostile);
      if (reason === 'accepted') expect(hostile).toEqual(bytes);
      else expect(faultsOf(hostile)).toContain(reason);
    }),
  );
});

test('reads messages at any offset of a larger buffer', () => {
  const shared = new Uint8Array(bytes.length + 3);
  shared.set(bytes, 3);
  expect(verifyUpdate(shared.subarray(3), expectation)).toEqual(update);
});
