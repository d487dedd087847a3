/**
 * Port: the ledger, by role. A ledger fixes one order of moves for all parties; the rules that
 * accept or refuse a move are the pure reducer in @nonet/federation, and docs/specs/round.md
 * numbers them. An implementation must agree with the reducer move by move: `testLedger` in
 * @nonet/core/testing drives it.
 *
 * Times are ledger seconds (block timestamps), which stand still while an embedded ledger is down.
 */
import { concatBytes, fromHex, type Hex, toHex, utf8 } from '../bytes.ts';
import { MisuseError } from '../errors.ts';
import { type Address, sha256 } from '../hash.ts';
import type { Account, Signer } from '../identity.ts';
import type { StoreReceipt } from './blobStore.ts';

/**
 * The phases that last a fixed time, in order. A duration of 0 skips `open`, `appealing`,
 * `complaining` and `opening`.
 */
export const timedPhases = [
  'open',
  'collecting',
  'closing',
  'appealing',
  'complaining',
  'opening',
  'stepping',
  'objecting',
] as const;

/** A phase that ends at a deadline. */
export type TimedPhase = (typeof timedPhases)[number];
/** Where a round is: in a phase that ends at a deadline, or at its end. */
export type Phase = TimedPhase | 'final' | 'void';

/** What a step claims to be, so that the ledger can judge it from single leaves of blobs (§8). */
export interface AverageRule {
  /** Numbers in the model, and integers in an update. */
  readonly entries: number;
  /** Leaves of the model's blob in front of the first number. */
  readonly headerLeaves: number;
}

/**
 * That updates are masked, so that only their sum can be read (docs/specs/round.md §12,
 * docs/specs/secagg.md).
 */
export interface MaskTerms {
  /** Integers of 32 bits in a masked message. */
  readonly entries: number;
  /**
   * Secrets of a round are shared so that more than this many percent of its candidates recover
   * them, and no fewer: 50 to 99.
   */
  readonly threshold: number;
}

/**
 * What the ledger knows of a job: fixed when it is created, derived from the job record by
 * `termsOf`.
 */
export interface JobTerms {
  /** The content address of the job record. */
  readonly record: Address;
  readonly creator: Account;
  /** The content address of the initial model. */
  readonly model: Address;
  /** How many rounds must become final for the job to be complete. */
  readonly rounds: number;
  readonly minParticipants: number;
  readonly maxParticipants: number;
  /** Whether only accounts that the creator admitted may join. */
  readonly invited: boolean;
  /**
   * Seconds by phase. `closing` and `stepping` are one aggregator's turn; `appealing` is also the
   * time to answer a demand.
   */
  readonly phases: Readonly<Record<TimedPhase, number>>;
  /**
   * Seconds that a participant of irregular attendance is awaited after the regular ones have
   * committed.
   */
  readonly grace: number;
  /** So many void rounds since the last final one, and no further round opens. */
  readonly attempts: number;
  /** Ledger seconds after which no further round opens. */
  readonly expiry: number;
  /** In the order in which they take turns. */
  readonly aggregators: readonly Account[];
  readonly watchers: readonly Account[];
  /** Accounts that sign store receipts, of distinct operators. */
  readonly stores: readonly Account[];
  /** Receipts of so many distinct stores make a blob available. */
  readonly copies: number;
  /** The largest weight of an update. */
  readonly maximumWeight: number;
  /** How the ledger judges a step; without it a wrong step can only be objected to (§9). */
  readonly rule?: AverageRule;
  /** Whether rounds sum masked updates; such a job has no rule, and all weights are 1 (§12). */
  readonly masks?: MaskTerms;
  /** Wei paid out in equal parts per final round; held by the ledger from creation on. */
  readonly escrow: bigint;
  /** Wei that an aggregator stakes; what an objector locks begins with the same sum. */
  readonly bond: bigint;
}

/** Lists on the ledger are bounded, so that no move can be made too expensive for a block. */
export const maximumListed = 64;

/**
 * A job's name on the ledger: SHA-256 of "nonet job\0", creator and record. A stranger who sees the
 * record in the mempool creates another job.
 */
export function jobIdOf({ creator, record }: Pick<JobTerms, 'creator' | 'record'>): Address {
  return toHex(sha256(concatBytes(utf8('nonet job\0'), fromHex(creator), fromHex(record)))) as Address;
}

/** What is wrong with a field of the terms. */
export interface WrongTerm {
  /** Where the field is: `['phases', 'closing']`. */
  readonly path: readonly [keyof JobTerms, ...string[]];
  readonly expected: string;
  readonly found: string;
}

/** The first field of terms that no ledger takes, if there is one (docs/specs/round.md §1). */
export function findWrongTerm(terms: Omit<JobTerms, 'record'>): WrongTerm | undefined {
  const { rule, masks, stores } = terms;
  const bounds: [path: WrongTerm['path'], value: number, low: number, high?: number][] = [
    [['rounds'], terms.rounds, 1],
    [['minParticipants'], terms.minParticipants, 1],
    [['maxParticipants'], terms.maxParticipants, terms.minParticipants, 65_535],
    ...timedPhases.map((phase): [WrongTerm['path'], number, number] => [
      ['phases', phase],
      terms.phases[phase],
      0,
    ]),
    [['grace'], terms.grace, 0],
    [['attempts'], terms.attempts, 1],
    [['expiry'], terms.expiry, 0, 2 ** 40 - 1],
    [['aggregators', 'length'], terms.aggregators.length, 1, maximumListed],
    [['watchers', 'length'], terms.watchers.length, 0, maximumListed],
    [['stores', 'length'], stores.length, 1, maximumListed],
    [['copies'], terms.copies, 1, stores.length],
    [['maximumWeight'], terms.maximumWeight, 1],
    [['rule', 'entries'], rule?.entries ?? 1, 1],
    [['rule', 'headerLeaves'], rule?.headerLeaves ?? 1, 1],
    ...(masks === undefined ? [] : boundsOfMasks(terms, masks)),
  ];
  for (const [path, value, low, high = 2 ** 32 - 1] of bounds) {
    if (Number.isInteger(value) && value >= low && value <= high) continue;
    return { path, expected: `an integer from ${low} to ${high}`, found: String(value) };
  }
  for (const name of ['aggregators', 'watchers', 'stores'] as const) {
    if (new Set(terms[name]).size === terms[name].length) continue;
    return { path: [name], expected: 'accounts without repetition', found: terms[name].join(', ') };
  }
  if (masks !== undefined && rule !== undefined) {
    return { path: ['rule'], expected: 'left out where updates are masked', found: 'a rule' };
  }
  for (const name of ['escrow', 'bond'] as const) {
    if (terms[name] >= 0n && terms[name] < 2n ** 96n) continue;
    return { path: [name], expected: '0 to 2^96 - 1 wei', found: String(terms[name]) };
  }
  return undefined;
}

/**
 * With two participants each would learn the other's update from the sum. Weights are inside what
 * is masked. Nothing can be registered or revealed in a phase that is skipped; and without appeals
 * the lead alone would choose whose updates are summed.
 */
function boundsOfMasks(
  { maximumWeight, minParticipants, phases }: Omit<JobTerms, 'record'>,
  { entries, threshold }: MaskTerms,
): [path: WrongTerm['path'], value: number, low: number, high?: number][] {
  return [
    [['masks', 'entries'], entries, 1],
    [['masks', 'threshold'], threshold, 50, 99],
    [['maximumWeight'], maximumWeight, 1, 1],
    [['minParticipants'], minParticipants, 3],
    [['phases', 'open'], phases.open, 1],
    [['phases', 'opening'], phases.opening, 1],
    [['phases', 'appealing'], phases.appealing, 1],
  ];
}

/** Throws `ledger.terms` unless `by` may create a job with these terms (docs/specs/round.md §1). */
export function assertTerms(terms: JobTerms, by: Account): void {
  const wrong =
    terms.creator === by
      ? findWrongTerm(terms)
      : { path: ['creator'], expected: `the sender ${by}`, found: terms.creator };
  if (wrong === undefined) return;
  throw new MisuseError({
    code: 'ledger.terms',
    expected: `${wrong.path.join('.')} to be ${wrong.expected}`,
    found: wrong.found,
  });
}

/**
 * Why an included update is left out of a step (docs/specs/update.md §2). Each can be shown true or
 * false from one leaf of the message.
 */
export const updateRefusalCodes = [
  'WrongLength',
  'Malformed',
  'WrongJob',
  'WrongStep',
  'WrongParticipant',
  'WrongModel',
  'WrongSigner',
  'OutOfRange',
] as const;

/** One of `updateRefusalCodes`. */
export type UpdateRefusalCode = (typeof updateRefusalCodes)[number];

/** One update left out of a step. */
export interface RefusedUpdate {
  readonly participant: number;
  readonly reason: UpdateRefusalCode;
  /** Which entry is out of range; 0 for all other reasons. */
  readonly entry: number;
}

/**
 * One leaf of a blob with its path to the address (docs/specs/content.md); which leaf follows from
 * the proof.
 */
export interface ShownLeaf {
  /** Of the blob: bytes. */
  readonly length: number;
  readonly leaf: Hex;
  /** Sibling hashes, lowest first. */
  readonly path: readonly Address[];
}

/**
 * What is wrong with a step or a closed set, with everything that the ledger needs to see it (§8).
 */
export type Lie =
  /**
   * Leaf `index` of the posted model, in its header, differs from the one before, or the length
   * does.
   */
  | { readonly kind: 'header'; readonly index: number; readonly start: ShownLeaf; readonly next: ShownLeaf }
  /**
   * Number `entry` of the posted model is not the average. `terms` shows that entry of every
   * accepted update, ascending; of every group's partial sums where the step has them.
   */
  | {
      readonly kind: 'average';
      readonly entry: number;
      readonly start: ShownLeaf;
      readonly next: ShownLeaf;
      readonly terms: readonly ShownLeaf[];
    }
  /** Partial sum `entry` of `group` is not the sum of the group's updates. */
  | {
      readonly kind: 'group';
      readonly group: number;
      readonly entry: number;
      readonly sum: ShownLeaf;
      readonly terms: readonly ShownLeaf[];
    }
  /** An accepted update had to be refused: its header, or this entry, says so. */
  | {
      readonly kind: 'accepted';
      readonly participant: number;
      readonly reason: UpdateRefusalCode;
      readonly entry: number;
      readonly shown: ShownLeaf;
    }
  /** The reason for which an update was refused is not true. */
  | { readonly kind: 'refused'; readonly participant: number; readonly shown: ShownLeaf }
  /** A demand for receipts was not answered in time. */
  | { readonly kind: 'silence'; readonly participant: number };

/**
 * What an account may send to the ledger about a job (docs/specs/round.md §2 to §10 has the rules
 * of each).
 */
export type Move =
  /** An aggregator pays its bond and from then on takes turns. */
  | { readonly type: 'stake' }
  | { readonly type: 'admit'; readonly accounts: readonly Account[] }
  | { readonly type: 'join' }
  | { readonly type: 'leave' }
  /** The creator: no further round opens. */
  | { readonly type: 'end' }
  | { readonly type: 'open'; readonly round: number; readonly model: Address }
  /** A participant's keys for the next round: it is a candidate of that round (§12.1). */
  | ({ readonly type: 'announce' } & PublicKeys)
  /** A candidate is in the mask set: `blob` is its registration (docs/specs/secagg.md). */
  | {
      readonly type: 'register';
      readonly round: number;
      readonly blob: Address;
      readonly receipts: readonly StoreReceipt[];
    }
  /** These members of the mask set registered, committed or revealed what is wrong (§12.4). */
  | { readonly type: 'complain'; readonly round: number; readonly accused: readonly number[] }
  /** Shares for the set that the round has fixed: `blob` holds them (docs/specs/secagg.md). */
  | {
      readonly type: 'reveal';
      readonly round: number;
      readonly blob: Address;
      readonly receipts: readonly StoreReceipt[];
    }
  | { readonly type: 'commit'; readonly round: number; readonly blob: Address; readonly weight: number }
  | {
      readonly type: 'close';
      readonly round: number;
      /** How many commitments the sender has seen: it answers for all that it does not name. */
      readonly committed: number;
      readonly unavailable: readonly number[];
    }
  | { readonly type: 'appeal'; readonly round: number; readonly receipts: readonly StoreReceipt[] }
  | {
      readonly type: 'step';
      readonly round: number;
      readonly model: Address;
      readonly refused: readonly RefusedUpdate[];
      /** Partial sums by group, in a round of more than `groupSize` participants. */
      readonly partials?: Address;
      /** `copies` receipts for the model; then `copies` for the partial sums, if any. */
      readonly receipts: readonly StoreReceipt[];
    }
  | { readonly type: 'prove'; readonly round: number; readonly lie: Lie }
  | { readonly type: 'demand'; readonly round: number; readonly participant: number }
  | {
      readonly type: 'answer';
      readonly round: number;
      readonly participant: number;
      readonly receipts: readonly StoreReceipt[];
    }
  | {
      readonly type: 'object';
      readonly round: number;
      /**
       * What the step should have been: another model or other refused participants than posted.
       */
      readonly model: Address;
      readonly refused: readonly number[];
    }
  | { readonly type: 'advance'; readonly round: number }
  | { readonly type: 'withdraw'; readonly rounds: readonly number[] };

/**
 * Participants of a group of partial sums. A round of more commits to such sums, so that a proof
 * fits into a transaction, however large the cohort.
 */
export const groupSize = 128;

/** X25519 public keys of a participant, for one round: 32 bytes each (docs/specs/secagg.md). */
export interface PublicKeys {
  /** From which masks between two participants follow. */
  readonly mask: Hex;
  /** For which others seal shares. */
  readonly seal: Hex;
}

/** Why a ledger does not take a move; the contract's errors have the same names. */
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
  'NoAggregator',
  'WrongRound',
  'WrongPhase',
  'TooEarly',
  'TooLate',
  'WrongModel',
  'WrongSet',
  'WrongCommitment',
  'WrongReceipt',
  'WrongProof',
  'NothingOwed',
  'WrongValue',
] as const;

/** One of `refusalCodes`. */
export type RefusalCode = (typeof refusalCodes)[number];

/**
 * Why the ledger did not take a move; a value, not an exception, because others' moves cause it.
 */
export interface Refusal {
  readonly refused: RefusalCode;
  readonly expected: string;
  readonly found: string;
}

/** Whether the outcome of a move is a refusal. */
export function isRefusal(value: object): value is Refusal {
  return 'refused' in value && 'found' in value;
}

/** What a participant committed to in a round. */
export interface Commitment {
  /**
   * The address of the (salted) update message: as committed, or as receipts in an appeal or an
   * answer name it. Only its first 224 bits bind (§4.1).
   */
  readonly blob: Address;
  /** How much the update counts: 1 .. `maximumWeight`. */
  readonly weight: number;
}

/** The step of a round, as an aggregator posted it. */
export interface PostedStep {
  readonly model: Address;
  /** Ascending by participant. */
  readonly refused: readonly RefusedUpdate[];
  readonly partials?: Address;
  readonly by: Account;
}

/** A question for the receipts of an included update. */
export interface Demand {
  readonly by: Account;
  /** Ledger seconds. */
  readonly deadline: number;
  readonly answered: boolean;
}

/** One attempt at a step. */
export interface Round {
  readonly phase: Phase;
  /** Ledger seconds; meaningless in `final` and `void`. */
  readonly deadline: number;
  /**
   * The step that this round is to make, from 0; public randomness is keyed by it, so that a
   * repeated attempt trains alike.
   */
  readonly step: number;
  /** Participants 0 .. size - 1 may take part: those who had joined when the round opened. */
  readonly size: number;
  /** The model that the round starts from. */
  readonly model: Address;
  /** How many aggregators have let their turn pass in this phase. */
  readonly turn: number;
  /** Whether all participants are awaited, since the previous round says nothing of any (§4.2). */
  readonly awaitsAll: boolean;
  /** When no regular participant was outstanding any more: ledger seconds (§4.3). */
  readonly regularSince?: number;
  readonly commitments: Readonly<Record<number, Commitment>>;
  /** Who closed the collection, and answers for what is included. */
  readonly closedBy?: Account;
  /** Committed but named unavailable by the aggregator and not appealed; ascending. */
  readonly unavailable: readonly number[];
  /** Named unavailable and included after all, because of its appeal; ascending. */
  readonly appealed: readonly number[];
  /** By participant. */
  readonly demands: Readonly<Record<number, Demand>>;
  /** When a demand was answered last: ledger seconds (§7.5). */
  readonly answeredAt?: number;
  readonly posted?: PostedStep;
  /** Participants whose share of this round was paid out; ascending. */
  readonly paid: readonly number[];
  /** Of a round of masked updates. */
  readonly masking?: Masking;
  /** Steps of a round of masked updates that were objected to and are made again (§12.8), in order. */
  readonly objections?: readonly Objection[];
  /** Why the round is void. */
  readonly failure?: RoundFailure;
}

/** What a round of masked updates has besides (§12). */
export interface Masking {
  /** The candidates' keys, as announced when the round opened. */
  readonly keys: Readonly<Record<number, PublicKeys>>;
  /** So many shares recover a secret. */
  readonly threshold: number;
  /** Registrations by participant: the mask set, once the phase `open` is over. */
  readonly registrations: Readonly<Record<number, Address>>;
  /** Who has complained, by accused; ascending. */
  readonly complaints: Readonly<Record<number, readonly number[]>>;
  /** Revealed shares by participant, and who revealed them, in the order of the ledger. */
  readonly reveals: Readonly<Record<number, Address>>;
  readonly revealed: readonly number[];
  /** Whether `opening` was reached: from then on members tell shares of the set that was fixed. */
  readonly asked: boolean;
}

/** An objection to a step, which no ledger judges (§9). */
export interface Objection {
  readonly posted: PostedStep;
  /** What should have been posted. */
  readonly model: Address;
  readonly refused: readonly number[];
  readonly by: Account;
  /** The index of its bond in `locked`. */
  readonly lock: number;
}

/** Why a round is void. */
export type RoundFailure =
  /** Fewer updates than the smallest cohort, or than recover a secret. */
  | { readonly reason: 'cohort' }
  /** Fewer revealed their shares than recover a secret. */
  | { readonly reason: 'reveals' }
  /** More than half of the mask set complained about these. */
  | { readonly reason: 'complaints'; readonly accused: readonly number[] }
  /** No aggregator closed or stepped in its turn. */
  | { readonly reason: 'deadline' }
  /** The step of this round, or the set that it rests on, was proven wrong. */
  | { readonly reason: 'proven'; readonly lie: Lie; readonly culprit: Account; readonly by: Account }
  /** A bonded objection, which no ledger judges. */
  | ({ readonly reason: 'objected' } & Omit<Objection, 'posted'>)
  /** It was built on the step of round `on`, which became void. */
  | { readonly reason: 'built'; readonly on: number };

/** A participant of a job; its number is its position in the list. */
export interface Participant {
  readonly account: Account;
  /** Whether it left: it is no longer awaited and cannot commit. */
  readonly left: boolean;
  /**
   * The first round whose commitment counts as attendance: 0, or the next one when it came back.
   */
  readonly since: number;
  /**
   * The keys that it announced last, the round for which they are, and whether that round waits for
   * it, unless it awaits all (§12.1).
   */
  readonly announced?: PublicKeys & { readonly round: number; readonly awaited: boolean };
  /** Whether others' complaints shut it out for good. */
  readonly barred?: boolean;
}

/** An aggregator that the terms name. */
export interface Aggregator {
  readonly account: Account;
  /**
   * `absent` has not staked or has taken its stake back, `standing` takes turns, `struck` was
   * proven wrong.
   */
  readonly status: 'absent' | 'standing' | 'struck';
}

/** A bond that an objector has locked. */
export interface LockedBond {
  readonly by: Account;
  readonly at: number;
  readonly wei: bigint;
  readonly returned: boolean;
}

/** Everything that the ledger holds of a job; a fold of `reduceRound` over its moves. */
export interface JobState {
  readonly terms: JobTerms;
  /** Which ledger keeps the job: messages are signed for it. */
  readonly ledger: { readonly chainId: number; readonly contract: Account };
  /** Admitted and not yet joined. */
  readonly admitted: readonly Account[];
  /** In order of joining; the index is the participant's number. */
  readonly participants: readonly Participant[];
  /** In the order of the terms. */
  readonly aggregators: readonly Aggregator[];
  /** Index of the aggregator whose turn it is. */
  readonly lead: number;
  readonly rounds: readonly Round[];
  /** Void rounds since the last final one; those that a proof made void do not count. */
  readonly failures: number;
  /** Whether the creator has ended the job. */
  readonly ended: boolean;
  /** Whether the creator has taken what was left of the escrow. */
  readonly refunded: boolean;
  /** Bonds of objectors, in order. */
  readonly locked: readonly LockedBond[];
  /** Wei that provers have earned and not yet withdrawn, by account. */
  readonly rewards: Readonly<Record<Account, bigint>>;
  /** Wei that were destroyed. */
  readonly burnt: bigint;
}

/** Where an accepted move is on the ledger, and what it cost. */
export interface Posted {
  readonly transaction: Hex;
  readonly block: number;
  /** Ledger seconds. */
  readonly at: number;
  readonly gas: number;
}

/** An accepted move, with who made it and where it is. */
export interface LedgerEvent {
  readonly move: Move;
  readonly by: Account;
  readonly at: number;
  readonly block: number;
  readonly transaction: Hex;
}

/** The terms of jobs. */
export interface Jobs {
  /** The creator pays `terms.escrow`. */
  create(terms: JobTerms, by: Signer): Promise<Posted | Refusal>;
  read(job: Address): Promise<JobTerms | undefined>;
}

/** The moves of jobs, and the state that they lead to. */
export interface Rounds {
  /**
   * Resolves when the move is in a block that counts as fixed, or with the reason why it is not.
   * Until then a ledger that takes the block back is given the move again. `wei` goes with it: what
   * `weiOf` in @nonet/federation says of the move.
   */
  submit(job: Address, move: Move, by: Signer, wei?: bigint): Promise<Posted | Refusal>;
  /**
   * Several moves of one account in one transaction, in their order: all of them or, with the
   * reason why the first that is refused is, none. They bring no wei.
   */
  submitAll(job: Address, moves: readonly Move[], by: Signer): Promise<Posted | Refusal>;
  /**
   * All accepted moves so far; the state is the fold of the rules over them. Throws `ledger.job`
   * for an unknown job.
   */
  moves(job: Address): Promise<readonly LedgerEvent[]>;
  /**
   * All accepted moves from the first, in order, then the new ones as they come, until the signal
   * aborts. Throws an UndecidedError `ledger.reorganised` if a move that was given is no longer
   * there: the caller follows again and folds from the first move.
   */
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

/** Roots of receipts, with the time at which they were known. */
export interface Anchors {
  post(job: Address, root: Address, by: Signer): Promise<AnchorPosition>;
  /**
   * The first anchor of this root for this job that `by` posted, if any: what strangers post is
   * theirs.
   */
  find(job: Address, root: Address, by: Account): Promise<AnchorPosition | undefined>;
}

/** That an account registered a model. */
export interface ModelRegistration extends Omit<AnchorPosition, 'gas'> {
  /** The content address of the registration. */
  readonly registration: Address;
  readonly by: Account;
}

/**
 * Models that accounts registered for proofs of their answers. On the ledger a registration is an
 * anchor of the registration's address in the place of a root, and of the modelId in that of a job.
 */
export interface Models {
  register(modelId: Address, registration: Address, by: Signer): Promise<AnchorPosition>;
  /**
   * Registrations of this model in the order of the ledger, 100 at most; those of one account if
   * `by` names it, since strangers can register it as well.
   */
  find(modelId: Address, by?: Account): Promise<readonly ModelRegistration[]>;
}

/** How many registrations of one model are told. */
export const mostRegistrations = 100;

/** Port: a ledger as a client sees it. */
export interface Ledger {
  readonly chainId: number;
  readonly contract: Account;
  /** 'self' if the account that runs the job also runs the ledger. */
  readonly operator: 'self' | 'other';
  readonly jobs: Jobs;
  readonly rounds: Rounds;
  readonly anchors: Anchors;
  readonly models: Models;
  /**
   * Ledger seconds: no later than the time that a move sent now is judged by. It goes on where a
   * ledger makes blocks for transactions only, so a role that finds a deadline passed sends its
   * move, and that move makes the block that is late enough.
   */
  now(): Promise<number>;
}
