/** Transactions as bytes: a known answer, another implementation, and what is no transaction. */
import { type Hex, toHex } from '@nonet/core';
import { createSigner, recoverAccount } from '@nonet/core/identity';
import fc from 'fast-check';
import { keccak256, parseSignature, serializeTransaction } from 'viem';
import { describe, expect, it } from 'vitest';
import {
  decodeTransaction,
  digestOf,
  encodeTransaction,
  type GasPrices,
  type UnsignedTransaction,
} from './transactionEnvelope.ts';

/** The example of EIP-155. */
const example = {
  transaction: {
    ...{ chainId: 1, nonce: 9, gasPrice: 20n * 10n ** 9n, gas: 21_000n, value: 10n ** 18n },
    ...{ to: `0x${'35'.repeat(20)}` as Hex, data: '0x' as Hex },
  },
  key: `0x${'46'.repeat(32)}`,
  digest: '0xdaf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53',
  raw: '0xf86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83',
} as const;

const bytes = (length: { minLength?: number; maxLength: number }) =>
  fc.uint8Array(length).map((array): Hex => toHex(array));
const wei = fc.bigInt({ min: 0n, max: 2n ** 200n });
const prices: fc.Arbitrary<GasPrices> = fc.oneof(
  fc.record({ gasPrice: wei }),
  fc.tuple(wei, wei).map(([tip, rest]) => ({ maxFeePerGas: tip + rest, maxPriorityFeePerGas: tip })),
);
const unsigned = fc.record(
  {
    ...{ chainId: fc.integer({ min: 1, max: 2 ** 40 }), nonce: fc.integer({ min: 0, max: 2 ** 40 }) },
    ...{ gas: fc.bigInt({ min: 0n, max: 2n ** 40n }), to: bytes({ minLength: 20, maxLength: 20 }) },
    ...{ value: wei, data: bytes({ maxLength: 300 }) },
  },
  { requiredKeys: ['chainId', 'nonce', 'gas', 'value', 'data'] },
);
const transactions = fc
  .tuple(unsigned, prices)
  .map(([fields, fees]) => ({ ...fields, ...fees }) as UnsignedTransaction);
const keys = fc
  .integer({ min: 1, max: 2 ** 31 })
  .map((key): Hex => `0x${key.toString(16).padStart(64, '0')}`);

describe('a transaction', () => {
  it('is that of EIP-155', async () => {
    const digest = digestOf(example.transaction);
    expect(toHex(digest)).toBe(example.digest);
    const signature = await createSigner(example.key).sign(digest);
    expect(encodeTransaction(example.transaction, signature)).toBe(example.raw);
  });

  it('is that of viem, signed and unsigned', async () => {
    await fc.assert(
      fc.asyncProperty(transactions, keys, async (transaction, key) => {
        const digest = digestOf(transaction);
        expect(toHex(digest)).toBe(keccak256(serializeTransaction(transaction as never)));
        const signature = await createSigner(key).sign(digest);
        const theirs = serializeTransaction(transaction as never, parseSignature(signature));
        expect(encodeTransaction(transaction, signature)).toBe(theirs);
      }),
    );
  });

  it('is read as it was written', async () => {
    await fc.assert(
      fc.asyncProperty(transactions, keys, async (transaction, key) => {
        const digest = digestOf(transaction);
        const signer = createSigner(key);
        const signature = await signer.sign(digest);
        const { chainId, nonce, gas, value } = transaction;
        const price = 'gasPrice' in transaction ? transaction.gasPrice : transaction.maxFeePerGas;
        const found = decodeTransaction(encodeTransaction(transaction, signature));
        expect(found).toEqual({ chainId, nonce, gas, price, value, digest, signature });
        expect(recoverAccount(found.digest, found.signature)).toBe(signer.account);
      }),
    );
  });

  it('with an access list is read as viem writes it', async () => {
    const signer = createSigner(example.key);
    const accessList = [{ address: example.transaction.to, storageKeys: [example.digest] }];
    const transaction = { ...example.transaction, accessList, type: 'eip2930' } as const;
    const signature = await signer.sign(
      Buffer.from(keccak256(serializeTransaction(transaction)).slice(2), 'hex'),
    );
    const found = decodeTransaction(serializeTransaction(transaction, parseSignature(signature)));
    expect(found).toMatchObject({ chainId: 1, nonce: 9, gas: 21_000n, price: 20n * 10n ** 9n, signature });
    expect(recoverAccount(found.digest, found.signature)).toBe(signer.account);
  });
});

describe('decodeTransaction', () => {
  const list = example.raw.slice(2);
  it.each<[string, Hex]>([
    ['nothing', '0x'],
    ['a type of its own', '0x7f'],
    ['blobs', '0x03c0'],
    ['a list of one', '0xc101'],
    ['a list with more behind it', `0x${list}00`],
    ['a list that is cut', `0x${list.slice(0, -2)}`],
    ['a longer form of a length', `0xf9006c${list.slice(4)}`],
    ['a nonce with a leading zero', `0xf86e820009${list.slice(6)}`],
    ['a list in place of a number', `0xf86cc0${list.slice(6)}`],
    ['lists within lists', `0x${'c1'.repeat(100_000)}`],
  ])('refuses %s', (_, raw) => {
    expect(() => decodeTransaction(raw)).toThrow();
  });
});
