/** Putting the contract on a chain, and money on accounts of a local one. */
import type { Hex } from '@nonet/core';
import { NonetError } from '@nonet/core';
import type { Account, Signer } from '@nonet/core/identity';
import { createRpc, readCount } from './rpc.ts';
import {
  awaitReceipt,
  createSender,
  readBalance,
  readFees,
  readNonce,
  signTransaction,
} from './transactions.ts';

export interface DeployReturnType {
  readonly contract: Account;
  readonly chainId: number;
  readonly transaction: Hex;
  readonly block: number;
  readonly gas: number;
}

/** Deploys Nonet.sol; `signer` pays the gas and keeps no power over it. */
export async function deployContracts({
  url,
  signer,
}: {
  url: string;
  signer: Signer;
}): Promise<DeployReturnType> {
  const { nonetBytecode } = await import('./artefacts/nonetBytecode.ts');
  const rpc = createRpc(url);
  const chainId = readCount(await rpc.request('eth_chainId'), 'the chain id');
  const receipt = await createSender({ rpc, chainId }).send({ data: nonetBytecode }, signer);
  if ('reverted' in receipt || receipt.contractAddress === null) {
    throw new NonetError({
      code: 'ledger.deploy',
      expected: `a contract on chain ${chainId}`,
      found: 'reverted' in receipt ? `a revert (${receipt.reverted})` : 'none',
    });
  }
  return {
    contract: receipt.contractAddress.toLowerCase() as Account,
    chainId,
    transaction: receipt.transactionHash,
    block: readCount(receipt.blockNumber, 'a block number'),
    gas: readCount(receipt.gasUsed, 'the gas of a receipt'),
  };
}

/** Sends `wei` to each account, in one go: for local runs, where nobody else sends from `signer` meanwhile. */
export async function fund(
  { url, signer }: { url: string; signer: Signer },
  accounts: readonly Account[],
  wei: bigint,
): Promise<void> {
  const rpc = createRpc(url);
  const [chainId, first, fees] = await Promise.all([
    rpc.request('eth_chainId').then((answer) => readCount(answer, 'the chain id')),
    readNonce(rpc, signer.account),
    readFees(rpc),
  ]);
  const signed = accounts.map((to, i) =>
    signTransaction({ to, value: wei, gas: 21_000n, nonce: first + i, chainId, ...fees.fields }, signer),
  );
  // Portions that travel in one request each, so that they arrive in the order of their nonces.
  for (let i = 0; i < signed.length; i += 100) {
    const portion = signed.slice(i, i + 100);
    await Promise.all(portion.map(({ raw }) => rpc.request<Hex>('eth_sendRawTransaction', [raw])));
  }
  for (const transaction of signed) await awaitReceipt(rpc, transaction, 180_000, 100);
}

/** Wei that a unit of gas may cost in a transaction signed now: twice the base fee, and a tip. */
export async function feeCeiling({ url }: { url: string }): Promise<bigint> {
  return (await readFees(createRpc(url))).ceiling;
}

/**
 * Sends what `signers` have left to `to`, as far as it is worth a transaction; returns the wei sent. The difference between the fee that was offered
 * and the one that was paid stays behind.
 */
export async function returnFunds(
  { url }: { url: string },
  signers: readonly Signer[],
  to: Account,
): Promise<bigint> {
  const rpc = createRpc(url);
  const gas = 21_000n;
  const [chainId, fees] = await Promise.all([rpc.request<Hex>('eth_chainId').then(Number), readFees(rpc)]);
  const sender = createSender({ rpc, chainId, patienceMilliseconds: 60_000 });
  const sent = await Promise.all(
    signers.map(async (signer) => {
      // A fifth more, because the fee may have risen until the transaction is signed.
      const value = (await balanceOf({ url }, signer.account)) - (gas * fees.ceiling * 6n) / 5n;
      if (value < gas * fees.ceiling) return 0n;
      const receipt = await sender.send({ to, data: '0x', value, gas }, signer);
      return 'reverted' in receipt ? 0n : value;
    }),
  );
  return sent.reduce((sum, wei) => sum + wei, 0n);
}

/** Wei. */
export async function balanceOf({ url }: { url: string }, account: Account): Promise<bigint> {
  return readBalance(createRpc(url), account);
}
