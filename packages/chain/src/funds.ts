/** Money for the gas of accounts that belong to one run: given out in one go, and taken back. */
import type { Account, Signer } from '@nonet/core/identity';
import { readFees } from './fees.ts';
import { createRpc } from './rpc.ts';
import { connectSender, readBalance } from './transactions.ts';

/** Where a chain is: the URL of one node, or of several that stand in for one another. */
export interface ChainLocation {
  readonly url: string | readonly string[];
}

/** Gas of a transfer to an account without code. */
const transferGas = 21_000n;

/** Sends `wei` to each account. Throws `ledger.funds` if `signer` has too little. */
export async function fund(
  { url, signer }: ChainLocation & { signer: Signer },
  accounts: readonly Account[],
  wei: bigint,
): Promise<void> {
  const { sender } = await connectSender(url);
  const transfers = accounts.map((to) => ({ to, data: '0x' as const, value: wei, gas: transferGas }));
  await sender.sendAll(transfers, signer);
}

/** Wei that a unit of gas may cost in a transaction signed now: twice the base fee, and a tip. */
export async function feeCeiling({ url }: ChainLocation): Promise<bigint> {
  return (await readFees(createRpc(url))).ceiling;
}

/**
 * Sends what `signers` have left to `to`, as far as it is worth a transaction; returns the wei
 * sent. The difference between the fee that was offered and the one that was paid stays behind.
 */
export async function returnFunds(
  { url }: ChainLocation,
  signers: readonly Signer[],
  to: Account,
): Promise<bigint> {
  const { rpc, sender } = await connectSender(url);
  const { ceiling } = await readFees(rpc);
  const sent = await Promise.all(
    signers.map(async (signer) => {
      // A fifth more, because the fee may have risen until the transaction is signed.
      const value = (await readBalance(rpc, signer.account)) - (transferGas * ceiling * 6n) / 5n;
      if (value < transferGas * ceiling) return 0n;
      const receipt = await sender.send({ to, data: '0x', value, gas: transferGas }, signer);
      return 'reverted' in receipt ? 0n : value;
    }),
  );
  return sent.reduce((sum, wei) => sum + wei, 0n);
}

/** Wei. */
export async function balanceOf({ url }: ChainLocation, account: Account): Promise<bigint> {
  return readBalance(createRpc(url), account);
}
