/**
 * What the contract stores of a job, read through its views, in the form of the reducer's state.
 * Only what no view has is taken from the state that it is compared with: why a round is void or was
 * sent back, the chain and the contract, and the last 32 bits of a committed address.
 */
import type { Address, Hex } from '@nonet/core';
import type { Account } from '@nonet/core/identity';
import {
  type Commitment,
  type Demand,
  type JobState,
  jobIdOf,
  type Masking,
  type Phase,
  type Round,
  timedPhases,
  updateRefusalCodes,
} from '@nonet/core/ports';
import {
  type ContractFunctionArgs,
  type ContractFunctionName,
  type ContractFunctionReturnType,
  decodeFunctionResult,
  encodeFunctionData,
} from 'viem';
import { expect } from 'vitest';
import { nonetAbi } from '../src/artefacts/nonetAbi.ts';
import type { Rpc } from '../src/rpc.ts';

type Abi = typeof nonetAbi;
type ViewName = ContractFunctionName<Abi, 'view'>;

/** Asks the contract; a refusal is thrown as the node's error. */
export async function readView<Name extends ViewName>(
  rpc: Rpc,
  contract: Account,
  functionName: Name,
  ...args: ContractFunctionArgs<Abi, 'view', Name> & readonly unknown[]
): Promise<ContractFunctionReturnType<Abi, 'view', Name>> {
  const data = encodeFunctionData({ abi: nonetAbi, functionName, args } as never);
  const result = await rpc.request<Hex>('eth_call', [{ to: contract, data }, 'latest']);
  return decodeFunctionResult({ abi: nonetAbi, functionName, data: result } as never) as never;
}

const phases: readonly Phase[] = [...timedPhases, 'final', 'void'];
const noBytes = `0x${'00'.repeat(32)}`;

const accountOf = (checksummed: string) => checksummed.toLowerCase() as Account;
const range = (count: number) => Array.from({ length: count }, (_, i) => i);

/** `accounts` are those that may be admitted, or have earned rewards. */
export async function readStorage(
  rpc: Rpc,
  contract: Account,
  state: JobState,
  accounts: readonly Account[],
): Promise<JobState> {
  const job = jobIdOf(state.terms);
  const stored = await readView(rpc, contract, 'jobOf', job);
  const memberOf = (account: Account) => readView(rpc, contract, 'memberOf', job, account);
  const where = async (
    listed: readonly Account[],
    holds: (member: Awaited<ReturnType<typeof memberOf>>, index: number) => boolean,
  ) => {
    const members = await Promise.all(listed.map(memberOf));
    return listed.filter((_, i) => holds(members[i]!, i));
  };
  const aggregators = await where(state.terms.aggregators, (member, i) => member.aggregator === i + 1);
  const accountOfAggregator = (number: number) => aggregators[number - 1]!;

  async function readRound(number: number): Promise<Round> {
    const seen = await readView(rpc, contract, 'roundOf', job, BigInt(number));
    const known = state.rounds[number]!;
    const numbers = range(seen.size);
    const parts = await Promise.all(
      numbers.map((participant) =>
        readView(rpc, contract, 'participantOf', job, BigInt(number), BigInt(participant)),
      ),
    );
    const commitments: Record<number, Commitment> = {};
    const demands: Record<number, Demand> = {};
    for (const [participant, { blob, weight, demand }] of parts.entries()) {
      const expected = known.commitments[participant]?.blob;
      const whole = expected?.startsWith(blob) ? expected : (`${blob}00000000` as Address);
      if (weight > 0) commitments[participant] = { blob: whole, weight };
      const { by, deadline, answered } = demand;
      if (BigInt(by) !== 0n) demands[participant] = { by: accountOf(by), deadline, answered };
    }
    const refused = numbers
      .filter((participant) => parts[participant]!.refused)
      .map((participant) => {
        const { reason, entry } = parts[participant]!;
        return { participant, reason: updateRefusalCodes[reason]!, entry };
      });
    const phase = phases[seen.phase - 1]!;
    return {
      phase,
      deadline: seen.deadline,
      step: seen.step,
      size: seen.size,
      model: seen.model as Address,
      turn: seen.turn,
      awaitsAll: seen.awaitsAll,
      ...(seen.regularSince === 0 ? {} : { regularSince: seen.regularSince }),
      commitments,
      ...(seen.closedBy === 0 ? {} : { closedBy: accountOfAggregator(seen.closedBy) }),
      unavailable: numbers.filter((participant) => parts[participant]!.unavailable),
      appealed: numbers.filter((participant) => parts[participant]!.appealed),
      demands,
      ...(seen.answeredAt === 0 ? {} : { answeredAt: seen.answeredAt }),
      ...(seen.postedBy === 0
        ? {}
        : {
            posted: {
              model: seen.posted as Address,
              refused,
              ...(seen.partials === noBytes ? {} : { partials: seen.partials as Address }),
              by: accountOfAggregator(seen.postedBy),
            },
          }),
      paid: numbers.filter((participant) => parts[participant]!.paid),
      ...(known.masking === undefined
        ? {}
        : { masking: await readMasking(number, known.masking, seen.masking) }),
      ...(known.objections === undefined ? {} : { objections: known.objections }),
      ...(phase === 'void' && known.failure !== undefined ? { failure: known.failure } : {}),
    };
  }

  /** Who registered, who revealed. The contract does not keep what, nor who complained. */
  async function readMasking(
    number: number,
    known: Masking,
    seen: { threshold: number; registered: number; reveals: number },
  ): Promise<Masking> {
    const keep = (blobs: Readonly<Record<number, Address>>, by: readonly number[]) =>
      Object.fromEntries(by.map((one) => [one, blobs[one] ?? (noBytes as Address)]));
    const registered: number[] = [];
    const revealed: number[] = [];
    expect([seen.registered, seen.reveals]).toEqual(
      [known.registrations, known.reveals].map((blobs) => Object.keys(blobs).length),
    );
    for (const participant of state.participants.keys()) {
      const [round, one] = [BigInt(number), BigInt(participant)];
      const part = await readView(rpc, contract, 'participantOf', job, round, one);
      if (part.registered) registered.push(participant);
      if (part.revealed) revealed.push(participant);
      expect(Number(part.complaints)).toBe(known.complaints[participant]?.length ?? 0);
    }
    return {
      ...known,
      threshold: seen.threshold,
      registrations: keep(known.registrations, registered),
      reveals: keep(known.reveals, revealed),
    };
  }

  async function readParticipant(number: number) {
    const account = accountOf(await readView(rpc, contract, 'accountOf', job, BigInt(number)));
    const { left, since, announced, awaited, barred } = await memberOf(account);
    const { mask, seal } = state.participants[number]!.announced ?? { mask: '0x', seal: '0x' };
    return {
      account,
      left,
      since,
      ...(announced === 0 ? {} : { announced: { round: announced - 1, awaited, mask, seal } }),
      ...(barred ? { barred } : {}),
    };
  }

  async function readAggregator(index: number) {
    const [standing, struck] = await readView(rpc, contract, 'aggregatorOf', job, BigInt(index));
    const status = struck ? 'struck' : standing ? 'standing' : 'absent';
    return { account: aggregators[index]!, status } as const;
  }

  async function readLock(index: number) {
    const [by, at, wei, returned] = await readView(rpc, contract, 'lockedOf', job, BigInt(index));
    return { by: accountOf(by), at, wei, returned };
  }

  const rewards = await Promise.all(
    accounts.map((account) => readView(rpc, contract, 'rewardOf', job, account)),
  );
  const { entries, headerLeaves, maskEntries, maskThreshold, opened, participants, objections } = stored;
  expect(stored.ready).toBe(
    state.participants.filter(({ left, announced }) => !left && announced?.round === opened).length,
  );
  return {
    terms: {
      record: state.terms.record,
      creator: accountOf(stored.creator),
      // Of the first round, if there is one; later ones start from later models.
      model: state.terms.model,
      rounds: stored.rounds,
      minParticipants: stored.minParticipants,
      maxParticipants: stored.maxParticipants,
      invited: stored.invited,
      phases: Object.fromEntries(timedPhases.map((phase, i) => [phase, stored.phases[i]!])) as Record<
        (typeof timedPhases)[number],
        number
      >,
      grace: stored.grace,
      attempts: stored.attempts,
      expiry: stored.expiry,
      aggregators,
      watchers: await where(state.terms.watchers, ({ watcher }) => watcher),
      stores: await where(state.terms.stores, ({ store }) => store),
      copies: stored.copies,
      maximumWeight: stored.maximumWeight,
      ...(entries === 0 ? {} : { rule: { entries, headerLeaves } }),
      ...(maskEntries === 0 ? {} : { masks: { entries: maskEntries, threshold: maskThreshold } }),
      escrow: stored.escrow,
      bond: stored.bond,
    },
    ledger: state.ledger,
    admitted: await where(accounts, ({ admitted }) => admitted),
    participants: await Promise.all(range(participants).map(readParticipant)),
    aggregators: await Promise.all(range(stored.aggregators).map(readAggregator)),
    lead: stored.lead,
    rounds: await Promise.all(range(opened).map(readRound)),
    failures: stored.failures,
    ended: stored.ended,
    refunded: stored.refunded,
    locked: await Promise.all(range(Number(objections)).map(readLock)),
    rewards: Object.fromEntries(
      accounts.flatMap((account, i) => (rewards[i]! > 0n ? [[account, rewards[i]!]] : [])),
    ),
    burnt: stored.burnt,
  };
}
