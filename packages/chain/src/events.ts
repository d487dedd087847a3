/**
 * The contract's events, as moves, and the state that they add up to. An event says what its move changed (phase and deadline
 * included), so this fold knows nothing of the rules; that it equals the reducer's state is what the conformance suite checks.
 */
import type { Address, Hex } from '@nonet/core';
import type { Account } from '@nonet/core/identity';
import {
  type JobEnd,
  type JobState,
  type JobTerms,
  type LedgerEvent,
  type Move,
  type Phase,
  type Round,
  timedPhases,
} from '@nonet/core/ports';
import { decodeEventLog } from 'viem/utils';
import { nonetAbi } from './artefacts/nonetAbi.ts';

/** A log as nodes return it; those that leave out `blockTimestamp` are asked for the block. */
export interface Log {
  readonly data: Hex;
  readonly topics: [Hex, ...Hex[]];
  readonly blockNumber: Hex;
  readonly blockTimestamp?: Hex;
  readonly transactionHash: Hex;
  readonly logIndex: Hex;
}

export type NonetEvent = ReturnType<typeof decodeLog>;

export function decodeLog(log: Log) {
  return decodeEventLog({ abi: nonetAbi, data: log.data, topics: log.topics });
}

const phases: readonly (Phase | undefined)[] = [undefined, ...timedPhases, 'final', 'void'];

export function phaseOf(index: number): Phase {
  return phases[index]!;
}

export function accountOf(checksummed: string): Account {
  return checksummed.toLowerCase() as Account;
}

export function termsOf({ creator, terms }: Extract<NonetEvent, { eventName: 'Created' }>['args']): JobTerms {
  return {
    job: terms.job as Address,
    creator: accountOf(creator),
    model: terms.model as Address,
    rounds: terms.rounds,
    minimum: terms.minimum,
    maximum: terms.maximum,
    invited: terms.invited,
    phases: Object.fromEntries(
      timedPhases.map((phase, i) => [phase, terms.phases[i]!]),
    ) as JobTerms['phases'],
    aggregators: terms.aggregators.map(accountOf),
    watchers: terms.watchers.map(accountOf),
    stores: terms.stores.map(accountOf),
    escrow: terms.escrow,
    bond: terms.bond,
  };
}

/** The move that an event reports; undefined for creations and anchors. */
export function moveOf({ eventName, args }: NonetEvent): Move | undefined {
  switch (eventName) {
    case 'Admitted':
      return { type: 'admit', accounts: args.accounts.map(accountOf) };
    case 'Joined':
      return { type: 'join' };
    case 'Opened':
      return { type: 'open', round: Number(args.round), model: args.model as Address };
    case 'Committed':
      return { type: 'commit', round: Number(args.round), commitment: args.commitment as Address };
    case 'Closed':
      return { type: 'close', round: Number(args.round), unavailable: args.unavailable.map(Number) };
    case 'Appealed':
      return {
        type: 'appeal',
        round: Number(args.round),
        receipt: {
          blob: args.blob as Address,
          size: Number(args.size),
          store: accountOf(args.store),
          signature: args.signature,
        },
      };
    case 'Stepped':
      return {
        type: 'step',
        round: Number(args.round),
        model: args.model as Address,
        refused: args.refused.map(Number),
      };
    case 'Objected':
      return {
        type: 'object',
        round: Number(args.round),
        model: args.model as Address,
        refused: args.refused.map(Number),
      };
    case 'Advanced':
      return { type: 'advance', round: Number(args.round) };
    case 'Withdrawn':
      return { type: 'withdraw', rounds: args.rounds.map(Number) };
    case 'Created':
    case 'Anchored':
      return undefined;
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Adds events up. `state` copies, so what it returned does not change later. */
export interface Projection {
  readonly events: readonly LedgerEvent[];
  apply(event: NonetEvent, log: Log, at: number): void;
  state(): JobState;
}

export function createProjection(terms: JobTerms): Projection {
  const events: LedgerEvent[] = [];
  const admitted = new Set<Account>();
  const participants: Account[] = [];
  const rounds: Mutable<Round>[] = [];
  let end: JobEnd | undefined;
  let refunded = false;
  let bondReturned = false;
  let cached: JobState | undefined;

  function change({ eventName, args }: NonetEvent, at: number): void {
    switch (eventName) {
      case 'Admitted':
        for (const account of args.accounts) admitted.add(accountOf(account));
        return;
      case 'Joined':
        admitted.delete(accountOf(args.by));
        participants.push(accountOf(args.by));
        return;
      case 'Opened':
        rounds.push({
          phase: phaseOf(args.phase),
          deadline: args.deadline,
          size: args.size,
          model: args.model as Address,
          commitments: {},
          unavailable: [],
          paid: [],
        });
        return;
      case 'Withdrawn':
        for (const number of args.paid) {
          const round = rounds[Number(number)]!;
          round.paid = [...round.paid, Number(args.participant)].sort((a, b) => a - b);
        }
        refunded ||= args.refunded;
        bondReturned ||= args.bondReturned;
        if (args.ended) end = { reason: 'withdrawn' };
        return;
      case 'Created':
      case 'Anchored':
        return;
    }
    const round = rounds[Number(args.round)]!;
    switch (eventName) {
      case 'Committed':
        (round.commitments as Record<number, Address>)[Number(args.participant)] = args.commitment as Address;
        return;
      case 'Closed':
        round.unavailable = args.unavailable.map(Number);
        round.phase = phaseOf(args.phase);
        round.deadline = args.deadline;
        return;
      case 'Appealed':
        round.unavailable = round.unavailable.filter(
          (participant) => participant !== Number(args.participant),
        );
        return;
      case 'Stepped':
        round.step = {
          model: args.model as Address,
          refused: args.refused.map(Number),
          by: accountOf(args.by),
        };
        round.deadline = args.deadline;
        return;
      case 'Objected':
        for (const later of rounds.slice(Number(args.round))) later.phase = 'void';
        end = {
          reason: 'objected',
          round: Number(args.round),
          posted: round.step!.model,
          objected: args.model as Address,
          refused: args.refused.map(Number),
          by: accountOf(args.by),
          at,
        };
        return;
      case 'Advanced':
        round.phase = phaseOf(args.phase);
        round.deadline = args.deadline;
        return;
    }
  }

  return {
    events,
    apply(event, log, at) {
      const move = moveOf(event);
      if (move === undefined) return;
      change(event, at);
      cached = undefined;
      const by = accountOf((event.args as { by: string }).by);
      events.push({ move, by, at, block: Number(log.blockNumber), transaction: log.transactionHash });
    },
    state() {
      cached ??= {
        terms,
        admitted: [...admitted],
        participants: [...participants],
        rounds: rounds.map((round) => ({ ...round, commitments: { ...round.commitments } })),
        ...(end === undefined ? {} : { end }),
        refunded,
        bondReturned,
      };
      return cached;
    },
  };
}
