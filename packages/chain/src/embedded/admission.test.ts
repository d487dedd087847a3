import type { Hex } from '@nonet/core';
import { createSigner } from '@nonet/core/identity';
import { serializeTransaction } from 'viem';
import { describe, expect, it } from 'vitest';
import { digestOf, encodeTransaction, type UnsignedTransaction } from '../transactionEnvelope.ts';
import { admitTransaction, type ReadableChain, readTransaction } from './admission.ts';
import { blockGasLimit } from './chainIdentity.ts';

const signer = createSigner(`0x${'46'.repeat(32)}`);
const chainId = 31337;

async function sign(change: Partial<UnsignedTransaction> = {}): Promise<Hex> {
  const transaction = {
    ...{ chainId, nonce: 3, gasPrice: 2n, gas: 100n, value: 5n, to: `0x${'11'.repeat(20)}`, data: '0x' },
    ...change,
  } as UnsignedTransaction;
  return encodeTransaction(transaction, await signer.sign(digestOf(transaction)));
}

/** Price times gas, and the value. */
const cost = 2n * 100n + 5n;

/** A chain on which the sender has this much, and has sent so many. */
function chainWith({ balance = cost, used = 3, known = false } = {}) {
  const asked: string[] = [];
  const chain: ReadableChain = {
    chainId,
    async request<Result>(method: string) {
      asked.push(method);
      const answers: Record<string, unknown> = {
        eth_getBalance: `0x${balance.toString(16)}`,
        eth_getTransactionCount: `0x${used.toString(16)}`,
        eth_getTransactionByHash: known ? {} : null,
      };
      return answers[method] as Result;
    },
  };
  return { chain, asked };
}

const refused = (code: number, message: string | RegExp) =>
  expect.objectContaining({
    rpc: expect.objectContaining({ code, message: expect.stringMatching(message) }),
  });

describe('a transaction', () => {
  it('is admitted if its sender can just pay for it', async () => {
    const raw = await sign();
    const admitted = await admitTransaction(chainWith().chain, raw);
    expect(admitted).toMatchObject({ raw, sender: signer.account, nonce: 3, gas: 100n, cost });
    await expect(admitTransaction(chainWith({ balance: cost - 1n }).chain, raw)).rejects.toEqual(
      refused(-32003, 'insufficient funds'),
    );
  });

  it('with a nonce that was taken is refused, or answered again if it is the one that took it', async () => {
    const raw = await sign();
    await expect(admitTransaction(chainWith({ used: 4 }).chain, raw)).rejects.toEqual(
      refused(-32003, 'nonce too low'),
    );
    const { chain, asked } = chainWith({ used: 4, known: true, balance: 0n });
    expect(await admitTransaction(chain, raw)).toMatchObject({ raw });
    expect(asked).toContain('eth_getTransactionByHash');
  });

  it('with a nonce still to come costs two reads', async () => {
    const { chain, asked } = chainWith({ used: 3, known: true, balance: 0n });
    await expect(admitTransaction(chain, await sign())).rejects.toEqual(refused(-32003, 'insufficient'));
    expect(asked.toSorted()).toEqual(['eth_getBalance', 'eth_getTransactionCount']);
    expect(await admitTransaction(chainWith({ used: 2 }).chain, await sign())).toMatchObject({ nonce: 3 });
  });
});

describe('bytes', () => {
  const read = (raw: unknown) => () => readTransaction(raw, chainId);

  it.each([undefined, null, 7, {}, ['0x00'], '', '0x', '0x0', 'ab', '0xzz', '0x00\n', ' 0x00'])(
    '%j are no raw transaction',
    (raw) => {
      expect(read(raw)).toThrow(refused(-32602, /^expected a raw transaction$/));
    },
  );

  it('that no transaction is refuse with what they are instead', () => {
    expect(read('0x01')).toThrow(
      refused(-32602, /well-formed raw transaction of type 0, 1 or 2, found (?!bytes)/),
    );
    expect(read('0x')).toThrow(refused(-32602, 'raw transaction'));
  });

  it('are refused above 128 KiB', async () => {
    const length = (await sign({ data: `0x${'00'.repeat(120_000)}` })).length / 2 - 1 - 120_000;
    const sized = (bytes: number) => sign({ data: `0x${'00'.repeat(bytes - length)}` });
    expect(read(await sized(131_072))).not.toThrow();
    expect(read(await sized(131_073))).toThrow(refused(-32602, 'at most 131072 bytes'));
  });

  it('in capitals are the same transaction', async () => {
    const raw = await sign();
    expect(readTransaction(`0x${raw.slice(2).toUpperCase()}`, chainId)).toEqual(
      readTransaction(raw, chainId),
    );
  });

  it('of another chain, of more gas than a block has, or unsigned, are refused', async () => {
    expect(read(await sign({ chainId: 1 }))).toThrow(refused(-32602, 'found one for 1'));
    expect(read(await sign({ gas: BigInt(blockGasLimit) }))).not.toThrow();
    expect(read(await sign({ gas: BigInt(blockGasLimit) + 1n }))).toThrow(refused(-32602, 'gas limit'));
    const unsigned = serializeTransaction(
      { type: 'legacy', chainId, nonce: 0, gasPrice: 1n, gas: 1n, to: `0x${'11'.repeat(20)}` },
      { r: `0x${'00'.repeat(31)}01`, s: `0x${'ff'.repeat(32)}`, v: BigInt(35 + 2 * chainId) },
    );
    expect(read(unsigned)).toThrow(refused(-32602, 'expected a '));
  });
});
