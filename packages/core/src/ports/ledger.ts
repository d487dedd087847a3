/**
 * Port: the ledger, by role. A ledger fixes one order of moves for everybody; the rules that accept or refuse a move are the pure
 * reducer in @nonet/federation, and docs/specs/round.md numbers them. An implementation must agree with the reducer move by move:
 * `testLedger` in @nonet/core/testing drives it.
 *
 * Times are ledger seconds (block timestamps), which stand still while an embedded ledger is down.
 */
import type { Hex } from '../bytes.ts';
import { MisuseError } from '../errors.ts';
import type { Address } from '../hash.ts';
import type { Account, Signer } from '../identity.ts';
import type { StoreReceipt } from './blobStore.ts';

/** The phases that last a fixed time, in order. A duration of 0 skips the phase. */
export const timedPhases = ['open', 'collecting', 'appealing', 'complaining', 'opening', 'stepping'] as const;
export type TimedPhase = (typeof timedPhases)[number];
export type Phase = TimedPhase | 'final' | 'void';

/** What the ledger knows of a job: fixed when it is created, derived from the job record by `termsOf`. */
export interface JobTerms {
  /** The content address of the job record. */
  readonly job: Address;
  readonly creator: Account;
  /** The content address of the initial parameters. */
  readonly model: Address;
  /** How many rounds must step for the job to be complete. */
  readonly rounds: number;
  readonly minimum: number;
  readonly maximum: number;
  /** Whether only accounts that the creator admitted may join. */
  readonly invited: boolean;
  /** Seconds. `stepping` is the time to post a step, and again the time to object to it. */
  readonly phases: Readonly<Record<TimedPhase, number>>;
  readonly aggregators: readonly Account[];
  readonly watchers: readonly Account[];
  /** Accounts that sign store receipts. */
  readonly stores: readonly Account[];
  /** Wei paid out in equal parts per final round; held by the ledger from creation on. */
  readonly escrow: bigint;
  /** Wei that an objector locks. */
  readonly bond: bigint;
}

/** Throws `ledger.terms` unless `by` may create a job with these terms (docs/specs/round.md §1.1). */
export function assertTerms(terms: JobTerms, by: Account): void {
  if (terms.creator !== by) throw wrongTerms(`the sender ${by} as creator`, terms.creator);
  const bounds: [name: string, value: number, low: number][] = [
    ['rounds', terms.rounds, 1],
    ['minimum', terms.minimum, 1],
    ['maximum', terms.maximum, terms.minimum],
    ...timedPhases.map((phase): [string, number, number] => [`phases.${phase}`, terms.phases[phase], 0]),
  ];
  for (const [name, value, low] of bounds) {
    if (Number.isInteger(value) && value >= low && value < 2 ** 32) continue;
    throw wrongTerms(`${name} to be an integer from ${low} to 4294967295`, String(value));
  }
  for (const name of ['escrow', 'bond'] as const) {
    if (terms[name] >= 0n && terms[name] < 2n ** 128n) continue;
    throw wrongTerms(`${name} to be 0 to 2^128 - 1 wei`, String(terms[name]));
  }
}

function wrongTerms(expected: string, found: string): MisuseError {
  return new MisuseError({ code: 'ledger.terms', expected, found });
}

export type Move =
  | { readonly type: 'admit'; readonly accounts: readonly Account[] }
  | { readonly type: 'join' }
  | { readonly type: 'open'; readonly round: number; readonly model: Address }
  | { readonly type: 'commit'; readonly round: number; readonly commitment: Address }
  | { readonly type: 'close'; readonly round: number; readonly unavailable: readonly number[] }
  | { readonly type: 'appeal'; readonly round: number; readonly receipt: StoreReceipt }
  | {
      readonly type: 'step';
      readonly round: number;
      readonly model: Address;
      readonly refused: readonly number[];
    }
  | {
      readonly type: 'object';
      readonly round: number;
      /** What the step should have been; model or list must differ from the posted ones. */
      readonly model: Address;
      readonly refused: readonly number[];
    }
  | { readonly type: 'advance'; readonly round: number }
  | { readonly type: 'withdraw'; readonly rounds: readonly number[] };

export const refusalCodes = [
  'JobUnknown',
  'JobExists',
  'JobEnded',
  'JobComplete',
  'WrongRole',
  'NotAdmitted',
  'Repeated',
  'CohortFull',
  'CohortTooSmall',
  'WrongRound',
  'WrongPhase',
  'TooEarly',
  'TooLate',
  'WrongModel',
  'WrongSet',
  'WrongReceipt',
  'NothingOwed',
  'ZeroCommitment',
] as const;
export type RefusalCode = (typeof refusalCodes)[number];

/** Why the ledger did not take a move; a value, not an exception, because others' moves cause it. */
export interface Refusal {
  readonly refused: RefusalCode;
  readonly expected: string;
  readonly found: string;
}

export function isRefusal(value: object): value is Refusal {
  return 'refused' in value;
}

export interface Round {
  readonly phase: Phase;
  /** Ledger seconds; meaningless in `final` and `void`. */
  readonly deadline: number;
  /** Participants 0 .. size - 1 may take part: those who had joined when the round opened. */
  readonly size: number;
  /** The parameters that the round starts from. */
  readonly model: Address;
  /** Commitment by participant; a commitment is the address of the (salted) update message. */
  readonly commitments: Readonly<Record<number, Address>>;
  /** Committed but named unavailable by the aggregator and not appealed; ascending. */
  readonly unavailable: readonly number[];
  readonly step?: { readonly model: Address; readonly refused: readonly number[]; readonly by: Account };
  /** Participants whose share of this round was paid out; ascending. */
  readonly paid: readonly number[];
}

export type JobEnd =
  | {
      readonly reason: 'objected';
      readonly round: number;
      readonly posted: Address;
      readonly objected: Address;
      /** Whom the objector would have refused; ascending. */
      readonly refused: readonly number[];
      readonly by: Account;
      readonly at: number;
    }
  | { readonly reason: 'withdrawn' };

/** Everything that the ledger holds of a job; a fold of `reduceRound` over its moves. */
export interface JobState {
  readonly terms: JobTerms;
  /** Admitted and not yet joined. */
  readonly admitted: readonly Account[];
  /** In order of joining; the index is the participant's number. */
  readonly participants: readonly Account[];
  readonly rounds: readonly Round[];
  readonly end?: JobEnd;
  readonly refunded: boolean;
  readonly bondReturned: boolean;
}

export interface Posted {
  readonly transaction: Hex;
  readonly block: number;
  /** Ledger seconds. */
  readonly at: number;
  readonly gas: number;
}

export interface LedgerEvent {
  readonly move: Move;
  readonly by: Account;
  readonly at: number;
  readonly block: number;
  readonly transaction: Hex;
}

export interface Jobs {
  /** The creator pays `terms.escrow`. */
  create(terms: JobTerms, by: Signer): Promise<Posted | Refusal>;
  read(job: Address): Promise<JobTerms | undefined>;
}

export interface Rounds {
  /** Resolves when the move is in a block, or with the reason why it is not. `object` pays the bond. */
  submit(job: Address, move: Move, by: Signer): Promise<Posted | Refusal>;
  /** Throws `ledger.job` for an unknown job. */
  state(job: Address): Promise<JobState>;
  /** All accepted moves from the first, in order, then the new ones as they come, until the signal aborts. */
  follow(job: Address, signal: AbortSignal): AsyncIterable<LedgerEvent>;
  /** Gas that these transactions took together. */
  gasUsed(transactions: readonly Hex[]): Promise<number>;
}

/** Where a root was anchored. */
export interface AnchorPosition {
  readonly chainId: number;
  readonly contract: Account;
  readonly transaction: Hex;
  readonly block: number;
  /** Ledger seconds. */
  readonly at: number;
  readonly gas: number;
}

export interface Anchors {
  post(job: Address, root: Address, by: Signer): Promise<AnchorPosition>;
  /** The first anchor of this root for this job, if any, with its sender. */
  find(job: Address, root: Address): Promise<(AnchorPosition & { readonly by: Account }) | undefined>;
}

export interface Ledger {
  readonly chainId: number;
  readonly contract: Account;
  /** 'self' if whoever runs the job also runs the ledger. */
  readonly operator: 'self' | 'other';
  readonly jobs: Jobs;
  readonly rounds: Rounds;
  readonly anchors: Anchors;
  /** Ledger seconds. */
  now(): Promise<number>;
}
