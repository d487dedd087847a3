/**
 * Money for the transactions of a run. Each role signs with a key of its own, so each needs some:
 * on the embedded ledger, where it costs nothing, plenty; on another one what the job is expected
 * to take, with a margin, from the payer, who gets back what is left.
 */
import { balanceOf, type ChainLocation, feeCeiling, fund, returnFunds } from '@nonet/chain';
import { MisuseError } from '@nonet/core';
import { type Account, createSigner, type Signer } from '@nonet/core/identity';
import { isRefusal, type Ledger } from '@nonet/core/ports';
import { idOfJob, type RoundJob } from '@nonet/core/records';
import type { JobDraft } from '../files/jobFile.ts';
import type { RunDirectory } from '../runs/runDirectory.ts';

export type Purse = 'creator' | 'aggregator' | 'watcher' | 'participant';

/** Wei per account of each role. */
export type Allowances = Readonly<Record<Purse, bigint>>;

/** Gas of deploying the contract and its modules, rounded up. */
const deploymentGas = 12_000_000n;

/**
 * The fee may double and the run take twice the gas before it stops for want of money; the same
 * command then tops it up.
 */
const margin = 2n;

/**
 * Expected gas per account of each role: the moves of its rounds, as measured on the embedded chain
 * and rounded up, and its moves around them.
 */
export function estimateGas(rounds: number, sites: number): Readonly<Record<Purse, bigint>> {
  // Some rounds may be void and be held again.
  const held = BigInt(Math.ceil(rounds * 1.25) + 2);
  return {
    creator: 500_000n + 30_000n * BigInt(sites),
    aggregator: 300_000n + held * 500_000n,
    watcher: 2_000_000n,
    participant: 150_000n + held * 80_000n,
  };
}

/** What of a draft costs money; a job that counts has one round. */
export type FundedDraft = Partial<Pick<JobDraft, 'rounds' | 'escrow' | 'bond'>>;

/** What the roles get on the embedded ledger. */
export function plentiful({ escrow = 0n, bond = 0n }: FundedDraft): Allowances {
  const wei = 10n ** 18n;
  return { creator: wei + escrow, aggregator: wei + bond, watcher: wei, participant: wei };
}

/** What the roles get where gas costs money. */
export function estimated(draft: FundedDraft, sites: number, weiPerGas: bigint): Allowances {
  const gas = estimateGas(draft.rounds ?? 1, sites);
  const wei = (purse: Purse) => gas[purse] * weiPerGas * margin;
  return {
    creator: wei('creator') + (draft.escrow ?? 0n),
    aggregator: wei('aggregator') + (draft.bond ?? defaultBond),
    watcher: wei('watcher'),
    participant: wei('participant'),
  };
}

/** Wei that an aggregator stakes, unless the job says otherwise. */
export const defaultBond = 10n ** 15n;

/**
 * Gives every account of the job its allowance, unless it still holds half of it; resolves with the
 * seconds that a payment took until it was fixed, 0 without one. Throws `run.funds` before anything
 * is spent, if the payer cannot pay that and the contract.
 */
export async function payAllowances(
  url: ChainLocation['url'],
  payer: Signer,
  run: RunDirectory,
  draft: FundedDraft,
  operator: Ledger['operator'],
): Promise<number> {
  const weiPerGas = await feeCeiling({ url });
  const allowances = operator === 'self' ? plentiful(draft) : estimated(draft, run.record.sites, weiPerGas);
  const accounts: Readonly<Record<Purse, readonly Account[]>> = {
    creator: [createSigner(run.keys.creator).account],
    aggregator: run.keys.aggregators.map((key) => createSigner(key).account),
    watcher: [createSigner(run.keys.watcher).account],
    participant: run.siteKeys().map((key) => createSigner(key).account),
  };
  const needy = new Map<bigint, Account[]>();
  let need = run.record.contract === undefined ? deploymentGas * weiPerGas : 0n;
  for (const purse of Object.keys(accounts) as Purse[]) {
    const wanted = allowances[purse];
    const held = await Promise.all(accounts[purse].map((account) => balanceOf({ url }, account)));
    const poor = accounts[purse].filter((_, i) => 2n * held[i]! < wanted);
    needy.set(wanted, [...(needy.get(wanted) ?? []), ...poor]);
    need += (wanted + 21_000n * weiPerGas) * BigInt(poor.length);
  }
  await assertFunds(url, payer.account, need);
  const payments = [...needy].filter(([, poor]) => poor.length > 0);
  const began = performance.now();
  for (const [wei, poor] of payments) await fund({ url, signer: payer }, poor, wei);
  return payments.length === 0 ? 0 : (performance.now() - began) / 1000 / payments.length;
}

async function assertFunds(url: ChainLocation['url'], payer: Account, need: bigint): Promise<void> {
  const held = await balanceOf({ url }, payer);
  if (held >= need) return;
  throw new MisuseError({
    code: 'run.funds',
    expected: `${payer} to hold at least ${formatEther(need)} ether on this ledger, for the transactions of this job`,
    found: `${formatEther(held)} ether`,
    hint: 'Half of it is a margin. What is left comes back when the run is complete.',
  });
}

/** The escrow's remainder goes to the creator, and what all roles have left to the payer; wei. */
export async function settleAccounts(
  url: ChainLocation['url'],
  payer: Account,
  run: RunDirectory,
  job: RoundJob,
  ledger: Ledger,
): Promise<bigint> {
  const creator = createSigner(run.keys.creator);
  if (job.escrow > 0n) {
    const withdrawn = await ledger.rounds.submit(idOfJob(job), { type: 'withdraw', rounds: [] }, creator);
    // Nothing was left of it.
    if (isRefusal(withdrawn) && withdrawn.refused !== 'NothingOwed') return 0n;
  }
  const { aggregators, watcher } = run.keys;
  const signers = [creator, ...[...aggregators, watcher, ...run.siteKeys()].map(createSigner)];
  return returnFunds({ url }, signers, payer);
}

/** Six significant digits are enough to send the right amount; rounded up. */
export function formatEther(wei: bigint): string {
  const digits = wei.toString().length;
  const unit = 10n ** BigInt(Math.max(0, digits - 6));
  const rounded = ((wei + unit - 1n) / unit) * unit;
  const whole = rounded / 10n ** 18n;
  const fraction = (rounded % 10n ** 18n).toString().padStart(18, '0').replace(/0+$/, '');
  return fraction === '' ? `${whole}` : `${whole}.${fraction}`;
}
