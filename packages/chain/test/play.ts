/**
 * Moves on a bare chain, by signers of all kinds, without the client: what the contract itself
 * says.
 */
import { type Address, addressOf, type Hex, utf8 } from '@nonet/core';
import type { Account, Signer } from '@nonet/core/identity';
import {
  type JobTerms,
  jobIdOf,
  type Move,
  type StoreReceipt,
  storeReceiptDigest,
  timedPhases,
} from '@nonet/core/ports';
import { decodeErrorResult } from 'viem/utils';
import { nonetAbi } from '../src/artefacts/nonetAbi.ts';
import { deployContracts } from '../src/deploy.ts';
import { encodeMove, encodeTerms } from '../src/moves.ts';
import type { Receipt } from '../src/receipts.ts';
import { createRpc, type Rpc } from '../src/rpc.ts';
import { createSender, type Sender } from '../src/transactions.ts';
import { type BareAnvil, startBareAnvil } from './bareAnvil.ts';

/** Gas of an accepted move, or the name of the error with which it was refused. */
export type Outcome = { readonly gas: number } | { readonly refused: string };

export interface Play {
  readonly chain: BareAnvil;
  readonly rpc: Rpc;
  readonly sender: Sender;
  readonly chainId: number;
  readonly contract: Account;
  readonly signers: readonly Signer[];
  /** Sends calldata to the contract. */
  call(data: Hex, by: Signer, wei?: bigint): Promise<Outcome>;
  move(job: Address, move: Move, by: Signer, wei?: bigint): Promise<Outcome>;
  balanceOf(account: Account): Promise<bigint>;
  now(): Promise<number>;
}

/** `gas` of a transaction is given, not estimated, so that a refusal is mined like any other. */
const gasLimit = 2n ** 24n;

export async function startPlay(accounts: number): Promise<Play> {
  const chain = await startBareAnvil(accounts);
  const rpc = createRpc(chain.url);
  const { contract, chainId } = await deployContracts({ url: chain.url, signer: chain.signers[0]! });
  const sender = createSender({ rpc, chainId, pollMilliseconds: 5 });
  const call = async (data: Hex, by: Signer, value = 0n): Promise<Outcome> => {
    const outcome = await sender.send({ to: contract, data, value, gas: gasLimit }, by);
    return 'reverted' in outcome ? { refused: errorName(outcome.reverted) } : { gas: gasOf(outcome) };
  };
  return {
    chain,
    rpc,
    sender,
    chainId,
    contract,
    signers: chain.signers,
    call,
    move: (job, move, by, wei) => call(encodeMove(job, move), by, wei),
    balanceOf: async (account) => BigInt(await rpc.request<Hex>('eth_getBalance', [account, 'latest'])),
    now: async () =>
      Number((await rpc.request<{ timestamp: Hex }>('eth_getBlockByNumber', ['latest', false])).timestamp),
  };
}

const gasOf = ({ gasUsed }: Receipt) => Number(gasUsed);

export function errorName(data: Hex): string {
  return data === '0x' ? 'nothing' : decodeErrorResult({ abi: nonetAbi, data }).errorName;
}

let serial = 0;
/** An address of its own. */
export const fresh = (): Address => addressOf(utf8(`address ${serial++}`));

/** Phases of 60 s, none of those that can be skipped. */
export const shortPhases = {
  ...(Object.fromEntries(timedPhases.map((phase) => [phase, 60])) as Record<
    (typeof timedPhases)[number],
    number
  >),
  open: 0,
  complaining: 0,
  opening: 0,
};

/** Terms by `creator`, who is everything else too unless the change says so. */
export function termsBy(creator: Account, change: Partial<JobTerms> = {}): JobTerms {
  return {
    record: fresh(),
    creator,
    model: fresh(),
    rounds: 2,
    minParticipants: 1,
    maxParticipants: 1000,
    invited: false,
    phases: shortPhases,
    grace: 10,
    attempts: 3,
    expiry: 2 ** 40 - 1,
    aggregators: [creator],
    watchers: [],
    stores: [creator],
    copies: 1,
    maximumWeight: 4096,
    escrow: 0n,
    bond: 0n,
    ...change,
  };
}

/** Creates the job; returns its name. */
export async function createJob(play: Play, terms: JobTerms, creator: Signer): Promise<Address> {
  const outcome = await play.call(encodeTerms(terms), creator, terms.escrow);
  if ('refused' in outcome) throw new Error(`create: ${outcome.refused}`);
  return jobIdOf(terms);
}

/** What each of `stores` says, in the order that a receipt set has. */
export async function receiptsOf(
  stores: readonly Signer[],
  blob: Address,
  size = 1000,
): Promise<StoreReceipt[]> {
  const signed = stores.map(async (store) => {
    const signature = await store.sign(storeReceiptDigest(blob, size));
    return { blob, size, store: store.account, signature };
  });
  return (await Promise.all(signed)).sort((a, b) => (a.store < b.store ? -1 : 1));
}
