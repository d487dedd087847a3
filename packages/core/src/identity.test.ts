import { keccak_256 } from '@noble/hashes/sha3.js';
import fc from 'fast-check';
import { hashTypedData, recoverTypedDataAddress } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { describe, expect, test, vi } from 'vitest';
import { concatBytes, fromHex, type Hex, toHex } from './bytes.ts';
import {
  createPrivateKey,
  createSigner,
  type Domain,
  isAccount,
  recoverAccount,
  type StructType,
  typedDataDigest,
} from './identity.ts';

vi.mock('@noble/hashes/sha3.js', { spy: true });

const one = createSigner(`0x${'1'.padStart(64, '0')}`);
const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

test('the accounts of private keys 1 and 2, as every explorer shows them', () => {
  expect(one.account).toBe('0x7e5f4552091a69125d5dfcb7b8c2659029395bdf');
  expect(createSigner(`0x${'2'.padStart(64, '0')}`).account).toBe(
    '0x2b5ad5c4795c026514f8317c7a215e218dccd6cf',
  );
});

const type: StructType = {
  name: 'Everything',
  fields: { hash: 'bytes32', who: 'address', count: 'uint256', text: 'string', body: 'bytes' },
};
const message = {
  hash: toHex(new Uint8Array(32).fill(7)),
  who: one.account,
  count: 2n ** 255n,
  text: 'grüße',
  body: '0x0102' as Hex,
};
/** The same statement in viem's terms. */
const inViem = (domain: Domain, message: Record<string, unknown>) =>
  ({
    domain: { name: 'Nonet', version: '1', ...domain },
    types: { Everything: Object.entries(type.fields).map(([name, type]) => ({ name, type })) },
    primaryType: 'Everything',
    message,
  }) as Parameters<typeof hashTypedData>[0];

describe.each<[string, Domain]>([
  ['off any ledger', {}],
  ['on one chain', { chainId: 31337 }],
  ['for one contract', { chainId: 1, verifyingContract: '0x5fbdb2315678afecb367f032d93f642f64180aa3' }],
])('EIP-712 digest %s', (_, domain) => {
  test('is the one that viem computes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.uint8Array({ minLength: 20, maxLength: 20 }),
        fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
        fc.string({ unit: 'grapheme' }),
        fc.uint8Array(),
        (hash, who, count, text, body) => {
          const message = { hash: toHex(hash), who: toHex(who), count, text, body: toHex(body) };
          expect(toHex(typedDataDigest(domain, type, message))).toBe(hashTypedData(inViem(domain, message)));
        },
      ),
      { numRuns: 50 },
    );
  });

  test('signatures are the ones that viem makes, and viem recovers ours', async () => {
    const signature = await one.sign(typedDataDigest(domain, type, message));
    const account = privateKeyToAccount(`0x${'1'.padStart(64, '0')}`);
    expect(signature).toBe(await account.signTypedData(inViem(domain, message)));
    const recovered = await recoverTypedDataAddress({
      ...inViem(domain, message),
      signature,
    } as unknown as Parameters<typeof recoverTypedDataAddress>[0]);
    expect(recovered.toLowerCase()).toBe(one.account);
  });
});

test('every field and the domain count', () => {
  const digest = toHex(typedDataDigest({}, type, message));
  for (const change of [
    { hash: toHex(new Uint8Array(32)) },
    { who: toHex(new Uint8Array(20)) },
    { count: 0 },
    { text: '' },
    { body: '0x' as Hex },
  ]) {
    expect(toHex(typedDataDigest({}, type, { ...message, ...change }))).not.toBe(digest);
  }
  expect(toHex(typedDataDigest({ chainId: 1 }, type, message))).not.toBe(digest);
  expect(toHex(typedDataDigest({}, { ...type, name: 'Other' }, message))).not.toBe(digest);
});

test.each<[string, Record<string, unknown>]>([
  ['bytes32 of 31 bytes', { hash: toHex(new Uint8Array(31)) }],
  ['an address of 32 bytes', { who: toHex(new Uint8Array(32)) }],
  ['a negative count', { count: -1 }],
  ['a count of 257 bits', { count: 2n ** 256n }],
  ['a fractional count', { count: 0.5 }],
  ['a count as text', { count: '1' }],
  ['a missing text', { text: undefined }],
  ['a number for bytes', { body: 7 }],
])('refuses %s', (_, change) => {
  const changed = { ...message, ...change } as typeof message;
  expect(() => typedDataDigest({}, type, changed)).toThrow(
    expect.objectContaining({ code: 'identity.field' }),
  );
});

test.each(['0x', `0x${'0'.repeat(64)}`, toHex(fromHex(`0x${order.toString(16)}`)), `0x${'1'.repeat(62)}`])(
  '%s is no private key',
  (key) => {
    expect(() => createSigner(key as Hex)).toThrow(expect.objectContaining({ code: 'identity.key' }));
  },
);

test('fresh keys are keys, and differ', () => {
  const keys = [createPrivateKey(), createPrivateKey()];
  expect(new Set(keys.map((key) => createSigner(key).account)).size).toBe(2);
});

describe('recoverAccount', async () => {
  const digest = typedDataDigest({}, type, message);
  const signature = await one.sign(digest);
  const bytes = fromHex(signature);
  const r = bytes.slice(0, 32);
  const s = bytes.slice(32, 64);
  const v = bytes[64]!;
  const scalar = (value: bigint) => fromHex(`0x${value.toString(16).padStart(64, '0')}`);
  const signed = (r: Uint8Array, s: Uint8Array, v: number) => toHex(concatBytes(r, s, Uint8Array.of(v)));

  test('finds who signed; signing is deterministic', async () => {
    expect(recoverAccount(digest, signature)).toBe(one.account);
    expect(await one.sign(digest)).toBe(signature);
  });

  test('finds another account for another digest', () => {
    expect(recoverAccount(typedDataDigest({}, type, { ...message, count: 1 }), signature)).not.toBe(
      one.account,
    );
  });

  test.each<[string, string]>([
    ['the twin with high s, which Ethereum refuses too', signed(r, scalar(order - BigInt(toHex(s))), 55 - v)],
    ['v as 0 or 1', signed(r, s, v - 27)],
    ['v = 29', signed(r, s, 29)],
    ['r = 0', signed(new Uint8Array(32), s, v)],
    ['s = 0', signed(r, new Uint8Array(32), v)],
    ['r = order', signed(scalar(order), s, v)],
    ['64 bytes', signature.slice(0, -2)],
    ['66 bytes', `${signature}00`],
    ['nothing', '0x'],
    ['no hexadecimal', 'signature'],
  ])('finds no account for %s', (_, hostile) => {
    expect(recoverAccount(digest, hostile)).toBeUndefined();
  });

  test('finds no account for a list of the one text, before and after the text itself', () => {
    const list = [signature] as unknown as string;
    expect(recoverAccount(digest, list)).toBeUndefined();
    expect(recoverAccount(digest, signature)).toBe(one.account);
    expect(recoverAccount(digest, list)).toBeUndefined();
  });

  test('computes once what it is asked again, and does not keep ever more', async () => {
    const digests = Array.from({ length: 513 }, (_, count) =>
      typedDataDigest({}, type, { ...message, count }),
    );
    const signatures = await Promise.all(digests.map(one.sign));
    // The account is the hash of the key: one call of Keccak for each key that is recovered.
    const countRecoveries = (asked: readonly number[]) => {
      vi.mocked(keccak_256).mockClear();
      for (const i of asked) expect(recoverAccount(digests[i]!, signatures[i]!)).toBe(one.account);
      return vi.mocked(keccak_256).mock.calls.length;
    };
    expect(countRecoveries([0, 0, 0])).toBe(1);
    expect(countRecoveries([...digests.keys()])).toBe(512);
    expect(countRecoveries([512, 1])).toBe(0);
    expect(countRecoveries([0])).toBe(1);
  });

  test('keeps no room for what nobody signed: it pushes out nothing that is worth keeping', async () => {
    const other = typedDataDigest({}, type, { ...message, count: 1000 });
    const valid = await one.sign(other);
    expect(recoverAccount(other, valid)).toBe(one.account);
    for (let i = 0; i < 600; i++) expect(recoverAccount(other, `0x${i.toString(16)}`)).toBeUndefined();
    vi.mocked(keccak_256).mockClear();
    expect(recoverAccount(other, valid)).toBe(one.account);
    expect(keccak_256).not.toHaveBeenCalled();
  });

  test('with the other v finds another account', () => {
    expect(recoverAccount(digest, signed(r, s, 55 - v))).not.toBe(one.account);
  });
});

test('an account is lower-case hexadecimal of 20 bytes, and nothing else', () => {
  expect(isAccount(one.account)).toBe(true);
  for (const wrong of [one.account.toUpperCase(), one.account.slice(2), `${one.account}0`, 1, null]) {
    expect(isAccount(wrong)).toBe(false);
  }
});
