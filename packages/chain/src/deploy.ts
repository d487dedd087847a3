/** Putting the contracts on a chain, and checking which are there. */
import type { Hex } from '@nonet/core';
import { MisuseError, NonetError } from '@nonet/core';
import type { Account, Signer } from '@nonet/core/identity';
import { codeHashes } from './artefacts/codeHashes.ts';
import { keccak256 } from './keccak256.ts';
import type { Receipt } from './receipts.ts';
import { type Rpc, readBytes, readCount } from './rpc.ts';
import { connectSender } from './transactions.ts';
import { readView } from './views.ts';

/** Where the contract is, and what it cost. */
export interface DeployReturnType {
  readonly contract: Account;
  readonly chainId: number;
  readonly transaction: Hex;
  readonly block: number;
  readonly gas: number;
}

/**
 * Deploys the modules and Nonet.sol; `signer` pays the gas and keeps no power over them. Throws
 * `ledger.deploy`. `gas` is that of all six transactions; `transaction` and `block` are those of
 * Nonet.sol.
 */
export async function deployContracts({
  url,
  signer,
}: {
  url: string | readonly string[];
  signer: Signer;
}): Promise<DeployReturnType> {
  const { bytecodes } = await import('./artefacts/bytecodes.ts');
  const { chainId, sender } = await connectSender(url);
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
  // The constructor's arguments: addresses, each in 32 bytes.
  const parameters = modules.map((module) => module.slice(2).padStart(64, '0')).join('');
  const { receipt, address } = await deploy(`${bytecodes.nonet}${parameters}`);
  return {
    contract: address,
    chainId,
    transaction: receipt.transactionHash,
    block: readCount(receipt.blockNumber, 'a block number'),
    gas,
  };
}

/** The modules, in the order in which Nonet.sol names them. */
const moduleNames = ['membership', 'judgement', 'masks', 'proofs', 'views'] as const;

/**
 * Checks that Nonet.sol of this version is at `contract`, instruction by instruction, and the
 * modules to which it delegates: others could keep other rules. Throws `ledger.contract`.
 */
export async function verifyDeployment(rpc: Rpc, contract: Account): Promise<void> {
  // First: it answers for `modules` itself, and what another contract says about them means
  // nothing.
  await verifyCode(rpc, contract, 'nonet');
  const modules = await readView(rpc, contract, 'modules', []);
  await Promise.all(moduleNames.map((name) => verifyCode(rpc, modules[name], name)));
}

async function verifyCode(rpc: Rpc, address: Hex, name: keyof typeof codeHashes): Promise<void> {
  const code = readBytes(await rpc.request('eth_getCode', [address, 'latest']), 'the code of a contract');
  if (code !== '0x' && keccak256(code) === codeHashes[name]) return;
  throw new MisuseError({
    code: 'ledger.contract',
    expected: `the ${name === 'nonet' ? 'Nonet contract' : `module ${name} of Nonet`} at ${address}`,
    found: code === '0x' ? 'no contract' : `a contract with the code hash ${keccak256(code)}`,
    hint: 'Check the address and that both sides use the same version; a run with --ledger deploys a contract of its own.',
  });
}
