/**
 * One job on a ledger and in the reducer, side by side: each move is made in both, and outcome,
 * moves, storage and held wei are compared.
 */
import { expect } from 'vitest';
import type { Account, Domain, Signer } from '../../identity.ts';
import { createPrivateKey } from '../../identity.ts';
import { type Address, addressOf, MisuseError, utf8 } from '../../index.ts';
import {
  isRefusal,
  type JobState,
  type JobTerms,
  jobIdOf,
  type Ledger,
  type Move,
  type Posted,
  type PostedStep,
  type Refusal,
  type RefusalCode,
  type Round,
  type StoreReceipt,
  type TimedPhase,
} from '../../ports/index.ts';
import { rule, signReceipts } from './blobs.ts';

/** A ledger under test. */
export interface LedgerFixture {
  readonly ledger: Ledger;
  /** At least `signersNeeded` accounts that can pay for moves, escrows and bonds. */
  readonly signers: readonly Signer[];
  /** Lets ledger time move on; it stands still otherwise. */
  passTime(seconds: number): Promise<void>;
  /** Lets more accounts pay for moves. */
  fund(accounts: readonly Account[]): Promise<void>;
  /** Wei that the ledger holds for all jobs together. */
  held(): Promise<bigint>;
  /**
   * What the ledger itself holds of a job, read without its moves, in the form of the reducer's
   * state.
   */
  readStorage(state: JobState): Promise<JobState>;
  close?(): Promise<void>;
}

/** Accounts that the suite plays with. */
export const signersNeeded = 16;

/** The rules, and the message that a participant sends: those of @nonet/federation. */
export interface LedgerRules {
  createLedger(): Promise<LedgerFixture>;
  createJobState(terms: JobTerms, ledger: Pick<Ledger, 'chainId' | 'contract'>): JobState;
  reduce(state: JobState, move: Move, by: Account, at: number): JobState | Refusal;
  valueOf(state: JobState, move: Move): bigint;
  owedTo(state: JobState, rounds: readonly number[], by: Account, at: number): bigint;
  heldFor(state: JobState): bigint;
  /** docs/specs/update.md §1. */
  encodeUpdate(update: UpdateFields, salt: Uint8Array, domain: Domain, by: Signer): Promise<Uint8Array>;
  /** How many random games are played. Default 20. */
  readonly games?: number;
}

/** What an update message says. */
export interface UpdateFields {
  readonly job: Address;
  readonly step: number;
  readonly participant: number;
  readonly model: Address;
  readonly dataset: Address;
  readonly entries: Int32Array<ArrayBuffer>;
}

let serial = 0;
/** Addresses of their own, so that two tests, or two runs on one ledger, never meet. */
export const fresh = (): Address => addressOf(utf8(`${createPrivateKey()} ${serial++}`));

/** None of those that can be skipped, except appealing. */
export const shortPhases: Readonly<Record<TimedPhase, number>> = {
  open: 0,
  collecting: 60,
  closing: 20,
  appealing: 25,
  complaining: 0,
  opening: 0,
  stepping: 30,
  objecting: 40,
};

/** What a test changes of a job. */
export type TermsChange = Partial<JobTerms> & {
  /** False leaves out the rule. */
  readonly judged?: boolean;
  /**
   * For games of hundreds of moves: only outcomes are compared after each, all else by `compare`.
   */
  readonly sparing?: boolean;
};

interface Cast {
  readonly creator: Signer;
  /** Three, of which the first two are listed unless the terms say otherwise. */
  readonly aggregators: readonly [Signer, Signer, Signer];
  readonly watcher: Signer;
  /** Three, ascending by account. */
  readonly stores: readonly [Signer, Signer, Signer];
  readonly players: readonly Signer[];
  readonly outsider: Signer;
}

function castOf(signers: readonly Signer[]): Cast {
  if (signers.length < signersNeeded) {
    throw new MisuseError({
      code: 'conformance.signers',
      expected: `at least ${signersNeeded} signers with money`,
      found: String(signers.length),
    });
  }
  const [creator, a, b, c, watcher, outsider] = signers as [Signer, Signer, Signer, Signer, Signer, Signer];
  const stores = signers.slice(6, 9).toSorted((one, other) => (one.account < other.account ? -1 : 1));
  return {
    creator,
    aggregators: [a, b, c],
    watcher,
    outsider,
    stores: stores as [Signer, Signer, Signer],
    players: signers.slice(9),
  };
}

export function termsOf(cast: Cast, { judged = true, sparing: _, ...change }: TermsChange): JobTerms {
  return {
    record: fresh(),
    creator: cast.creator.account,
    model: fresh(),
    rounds: 3,
    minParticipants: 2,
    maxParticipants: 7,
    invited: false,
    phases: shortPhases,
    grace: 10,
    attempts: 3,
    expiry: 2 ** 40 - 1,
    aggregators: cast.aggregators.slice(0, 2).map(({ account }) => account),
    watchers: [cast.watcher.account],
    // Not in the order in which receipts come.
    stores: cast.stores.map(({ account }) => account).reverse(),
    copies: 2,
    maximumWeight: 10,
    ...(judged ? { rule } : {}),
    escrow: 0n,
    bond: 0n,
    ...change,
  };
}

export interface Game extends Cast {
  readonly terms: JobTerms;
  readonly job: Address;
  readonly state: JobState;
  readonly accounts: readonly Account[];
  /** Accepted so far. */
  readonly moves: readonly Move[];
  now(): Promise<number>;
  round(number: number): Round;
  /** The aggregator whose turn it is. */
  lead(): Signer;
  /**
   * Makes the move on both sides and compares. `wei` go with it; default: what the rules ask for.
   */
  play(move: Move, by: Signer, wei?: bigint): Promise<Posted | Refusal>;
  /** Makes the moves on both sides in one transaction, without wei, and compares. */
  together(moves: readonly Move[], by: Signer): Promise<Posted | Refusal>;
  accepted(move: Move, by: Signer): Promise<Posted>;
  refused(code: RefusalCode, move: Move, by: Signer, wei?: bigint): Promise<void>;
  /** Each of the moves is refused; the one that is not is named. */
  refusedEach(
    code: RefusalCode,
    moves: Iterable<readonly [name: string, move: Move]>,
    by: Signer,
  ): Promise<void>;
  /** Compares everything that can be read with the reducer's state. */
  compare(what?: string): Promise<void>;
  passTime(seconds: number): Promise<void>;
  /** To the last second in which the round's deadline has not passed. */
  reachDeadline(round: number): Promise<void>;
  passDeadline(round: number): Promise<void>;
  /** Passes the deadline and advances. */
  advance(round: number): Promise<void>;
  join(players: number): Promise<void>;
  stake(...aggregators: Signer[]): Promise<void>;
  open(round: number): Promise<void>;
  /** Each with a blob of its own, and weight 1. */
  commit(round: number, ...players: number[]): Promise<void>;
  /** By the lead, after the deadline where that is needed. */
  close(round: number, unavailable?: readonly number[]): Promise<void>;
  /** A step with the receipts that it needs. */
  stepOf(round: number, change?: Partial<Omit<PostedStep, 'by'>>): Promise<Extract<Move, { type: 'step' }>>;
  /** Posts a step by the lead; returns the new model. */
  step(round: number, change?: Partial<Omit<PostedStep, 'by'>>): Promise<Address>;
  /** Opens, commits, closes and steps. */
  playRound(round: number, players?: readonly number[]): Promise<Address>;
  /** A receipt set for the blob. */
  receipts(blob: Address): Promise<StoreReceipt[]>;
  /** Wei that the ledger holds less afterwards. */
  withdraw(rounds: readonly number[], by: Signer): Promise<bigint>;
}

/** Creates a job on the ledger and its state in the reducer. */
export async function startGame(
  fixture: LedgerFixture,
  rules: LedgerRules,
  refusedSoFar: Set<RefusalCode>,
  change: TermsChange,
): Promise<Game> {
  const { ledger } = fixture;
  const cast = castOf(fixture.signers);
  const terms = termsOf(cast, change);
  const job = jobIdOf(terms);
  /** What the ledger holds for other jobs. */
  const others = await fixture.held();
  const created = await ledger.jobs.create(terms, cast.creator);
  expect(isRefusal(created), JSON.stringify(created)).toBe(false);
  let state = rules.createJobState(terms, ledger);
  /** The fold of what the ledger says was accepted. */
  let folded = state;
  let told = 0;
  const moves: Move[] = [];

  async function compare(what: string, changed: boolean): Promise<void> {
    const events = await ledger.rounds.moves(job);
    for (const { move, by, at } of events.slice(told)) {
      const next = rules.reduce(folded, move, by, at);
      if (isRefusal(next)) throw expect.fail(`the ledger's ${move.type} is refused: ${JSON.stringify(next)}`);
      folded = next;
    }
    told = events.length;
    expect(told, what).toBe(moves.length);
    expect((await fixture.held()) - others, `held: ${what}`).toBe(rules.heldFor(state));
    if (!changed) return;
    const wanted = comparable(state);
    expect(comparable(folded), what).toEqual(wanted);
    expect(comparable(await fixture.readStorage(state)), `storage: ${what}`).toEqual(wanted);
  }

  const game: Game = {
    ...cast,
    terms,
    job,
    get state() {
      return state;
    },
    accounts: cast.players.map(({ account }) => account),
    moves,
    now: () => ledger.now(),
    round: (number) => state.rounds[number]!,
    lead() {
      const { account } = state.aggregators[state.lead]!;
      return cast.aggregators.find((aggregator) => aggregator.account === account)!;
    },
    async play(move, by, wei) {
      const due = rules.valueOf(state, move);
      const found = await ledger.rounds.submit(job, move, by, wei ?? due);
      const at = isRefusal(found) ? await ledger.now() : found.at;
      const next = rules.reduce(state, move, by.account, at);
      const right = (wei ?? due) === due;
      const wanted = isRefusal(next) ? next.refused : right ? 'accepted' : 'WrongValue';
      const what = `${describe(move)} by ${by.account} at ${at}`;
      expect(isRefusal(found) ? found.refused : 'accepted', what).toBe(wanted);
      if (isRefusal(found)) refusedSoFar.add(found.refused);
      if (!isRefusal(next) && right) {
        state = next;
        moves.push(move);
      }
      if (change.sparing !== true) await compare(what, wanted === 'accepted');
      return found;
    },
    async together(all, by) {
      const found = await ledger.rounds.submitAll(job, all, by);
      const at = isRefusal(found) ? await ledger.now() : found.at;
      let next: JobState | Refusal = state;
      let due = 0n;
      for (const move of all) {
        if (due > 0n || isRefusal(next)) break;
        due = rules.valueOf(next, move);
        next = rules.reduce(next, move, by.account, at);
      }
      const wanted = isRefusal(next) ? next.refused : due > 0n ? 'WrongValue' : 'accepted';
      const what = `${all.map(describe).join(', ')} by ${by.account} at ${at}`;
      expect(isRefusal(found) ? found.refused : 'accepted', what).toBe(wanted);
      if (wanted === 'accepted') {
        state = next as JobState;
        moves.push(...all);
      }
      await compare(what, wanted === 'accepted');
      return found;
    },
    async accepted(move, by) {
      const outcome = await game.play(move, by);
      if (isRefusal(outcome)) throw expect.fail(`${move.type} refused: ${JSON.stringify(outcome)}`);
      return outcome;
    },
    async refused(code, move, by, wei) {
      expect(await game.play(move, by, wei), describe(move)).toMatchObject({ refused: code });
    },
    async refusedEach(code, moves, by) {
      for (const [name, move] of moves) {
        await game.refused(code, move, by).catch((cause: Error) => {
          throw expect.fail(`${name}: ${cause.message}`);
        });
      }
    },
    compare: (what = '') => compare(what, true),
    passTime: (seconds) => fixture.passTime(seconds),
    async reachDeadline(round) {
      await fixture.passTime(Math.max(0, game.round(round).deadline - (await ledger.now())));
    },
    async passDeadline(round) {
      await game.reachDeadline(round);
      await fixture.passTime(1);
    },
    async advance(round) {
      await game.passDeadline(round);
      await game.accepted({ type: 'advance', round }, cast.outsider);
    },
    async join(count) {
      for (const player of cast.players.slice(0, count)) await game.accepted({ type: 'join' }, player);
    },
    async stake(...aggregators) {
      for (const aggregator of aggregators) await game.accepted({ type: 'stake' }, aggregator);
    },
    async open(round) {
      const posted = state.rounds.findLast((other) => other.posted !== undefined && other.phase !== 'void');
      const model = posted?.posted?.model ?? terms.model;
      await game.accepted({ type: 'open', round, model }, cast.creator);
    },
    async commit(round, ...numbers) {
      for (const number of numbers) {
        const move: Move = { type: 'commit', round, blob: fresh(), weight: 1 };
        await game.accepted(move, cast.players[number]!);
      }
    },
    async close(round, unavailable = []) {
      const { phase, commitments, size } = game.round(round);
      if (phase === 'collecting' && Object.keys(commitments).length < size) await game.passDeadline(round);
      const committed = Object.keys(commitments).length;
      await game.accepted({ type: 'close', round, committed, unavailable }, game.lead());
    },
    async stepOf(round, { model = fresh(), refused = [], partials } = {}) {
      const receipts = await game.receipts(model);
      if (partials !== undefined) receipts.push(...(await game.receipts(partials)));
      return {
        type: 'step',
        round,
        model,
        refused,
        ...(partials === undefined ? {} : { partials }),
        receipts,
      };
    },
    async step(round, change) {
      const move = await game.stepOf(round, change);
      await game.accepted(move, game.lead());
      return move.model;
    },
    async playRound(round, numbers = state.participants.map((_, number) => number)) {
      await game.open(round);
      await game.commit(round, ...numbers);
      await game.close(round);
      return game.step(round);
    },
    receipts: (blob) => signReceipts(cast.stores.slice(0, terms.copies), blob),
    async withdraw(rounds, by) {
      const before = await fixture.held();
      await game.accepted({ type: 'withdraw', rounds }, by);
      return before - (await fixture.held());
    },
  };
  await game.compare('created');
  return game;
}

function describe(move: Move): string {
  return JSON.stringify(move, (_, value) => (typeof value === 'bigint' ? String(value) : value)).slice(
    0,
    2000,
  );
}

/**
 * Leaves out what has no meaning (the deadline of a round that is over), and fixes the order of
 * sets.
 */
function comparable(state: JobState): unknown {
  return {
    ...state,
    admitted: [...state.admitted].sort(),
    rounds: state.rounds.map((round) => ({
      ...round,
      deadline: round.phase === 'final' || round.phase === 'void' ? 0 : round.deadline,
    })),
  };
}
