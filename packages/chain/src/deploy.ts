/** Putting the contracts on a chain, and money on accounts of a local one. */
import type { Hex } from '@nonet/core';
import { MisuseError, NonetError } from '@nonet/core';
import type { Account, Signer } from '@nonet/core/identity';
import { decodeFunctionResult, encodeAbiParameters, encodeFunctionData, keccak256 } from 'viem/utils';
import { codeHashes } from './artefacts/codeHashes.ts';
import { nonetAbi } from './artefacts/nonetAbi.ts';
import { createRpc, type Rpc, readCount } from './rpc.ts';
import {
  awaitReceipt,
  createSender,
  type Receipt,
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

/**
 * Deploys the modules and Nonet.sol; `signer` pays the gas and keeps no power over them. Throws
 * `ledger.deploy`. `gas` is that of all five transactions; `transaction` and `block` are those of Nonet.sol.
 */
export async function deployContracts({
  url,
  signer,
}: {
  url: string;
  signer: Signer;
}): Promise<DeployReturnType> {
  const { bytecodes } = await import('./artefacts/bytecodes.ts');
  const rpc = createRpc(url);
  const chainId = readCount(await rpc.request('eth_chainId'), 'the chain id');
  const sender = createSender({ rpc, chainId });
  let gas = 0;

  async function deploy(data: Hex): Promise<{ receipt: Receipt; address: Account }> {
    const receipt = await sender.send({ data }, signer);
    if ('reverted' in receipt || receipt.contractAddress === null) {
      throw new NonetError({
        code: 'ledger.deploy',
        expected: `a contract on chain ${chainId}`,
        found: 'reverted' in receipt ? `a revert (${receipt.reverted})` : 'none',
      });
    }
    gas += readCount(receipt.gasUsed, 'the gas of a receipt');
    return { receipt, address: receipt.contractAddress.toLowerCase() as Account };
  }

  const modules: Account[] = [];
  for (const name of moduleNames) modules.push((await deploy(bytecodes[name])).address);
  const parameters = encodeAbiParameters(
    moduleNames.map(() => ({ type: 'address' }) as const),
    modules,
  );
  const { receipt, address } = await deploy(`${bytecodes.nonet}${parameters.slice(2)}`);
  return {
    contract: address,
    chainId,
    transaction: receipt.transactionHash,
    block: readCount(receipt.blockNumber, 'a block number'),
    gas,
  };
}

/** The modules, in the order in which Nonet.sol names them. */
const moduleNames = ['membership', 'judgement', 'proofs', 'views'] as const;

/**
 * Checks that Nonet.sol of this version is at `contract`, instruction by instruction, and the modules to which
 * it delegates: others could keep other rules. Throws `ledger.contract`.
 */
export async function verifyDeployment(rpc: Rpc, contract: Account): Promise<void> {
  // First: it answers for `modules` itself, and what another contract says about them means nothing.
  await verifyCode(rpc, contract, 'nonet');
  const data = encodeFunctionData({ abi: nonetAbi, functionName: 'modules' });
  const named = await rpc.request<Hex>('eth_call', [{ to: contract, data }, 'latest']);
  const modules = decodeFunctionResult({ abi: nonetAbi, functionName: 'modules', data: named });
  await Promise.all(moduleNames.map((name) => verifyCode(rpc, modules[name], name)));
}

async function verifyCode(rpc: Rpc, address: Hex, name: keyof typeof codeHashes): Promise<void> {
  const code = await rpc.request<Hex>('eth_getCode', [address, 'latest']);
  if (code !== '0x' && keccak256(code) === codeHashes[name]) return;
  throw new MisuseError({
    code: 'ledger.contract',
    expected: `the ${name === 'nonet' ? 'Nonet contract' : `module ${name} of Nonet`} at ${address}`,
    found: code === '0x' ? 'no contract' : `a contract with the code hash ${keccak256(code)}`,
    hint: 'Check the address and that both sides use the same version; a run with --ledger deploys a contract of its own.',
  });
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
  const signed = await Promise.all(
    accounts.map((to, i) =>
      signTransaction({ to, value: wei, gas: 21_000n, nonce: first + i, chainId, ...fees.fields }, signer),
    ),
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
