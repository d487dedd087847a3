/** One job on a ledger and in the reducer, side by side: each move is made in both, and outcome, state and storage are compared. */
import { expect } from 'vitest';
import { type Account, createPrivateKey, type Signer } from '../identity.ts';
import { type Address, addressOf, utf8 } from '../index.ts';
import {
  isRefusal,
  type JobState,
  type JobTerms,
  type Ledger,
  type Move,
  type Posted,
  type Refusal,
  type RefusalCode,
  type Round,
  type StoreReceipt,
  storeReceiptDigest,
} from '../ports/index.ts';

export interface LedgerFixture {
  readonly ledger: Ledger;
  /** At least ten accounts that can pay for moves, escrows and bonds. */
  readonly signers: readonly Signer[];
  /** Lets ledger time move on; it stands still otherwise. */
  passTime(seconds: number): Promise<void>;
  /** Wei that the ledger holds for all jobs together, where the fixture can tell. */
  held?(): Promise<bigint>;
  /** What the ledger itself stores, read without its events, in the form of the reducer's state; `end` may lack what is not stored. */
  readStorage?(state: JobState): Promise<JobState>;
  close?(): Promise<void>;
}

/** The rules: those of @nonet/federation. */
export interface LedgerRules {
  createLedger(): Promise<LedgerFixture>;
  createJobState(terms: JobTerms): JobState;
  reduce(state: JobState, move: Move, by: Account, at: number): JobState | Refusal;
  owedTo(state: JobState, rounds: readonly number[], by: Account, at: number): bigint;
  /** How many random games are played. Default 20. */
  readonly games?: number;
}

const address = (text: string): Address => addressOf(utf8(text));
let serial = 0;
/** Addresses of their own, so that two tests, or two runs on one ledger, never meet. */
export const fresh = (): Address => address(`${createPrivateKey()} ${serial++}`);

export const shortPhases = {
  open: 0,
  collecting: 60,
  appealing: 0,
  complaining: 0,
  opening: 0,
  stepping: 60,
};

export function defaultTerms(signers: readonly Signer[], change: Partial<JobTerms>): JobTerms {
  const [creator, aggregator, watcher, store] = signers.map(({ account }) => account);
  return {
    job: fresh(),
    creator: creator!,
    model: fresh(),
    rounds: 3,
    minimum: 2,
    maximum: 8,
    invited: false,
    phases: shortPhases,
    aggregators: [aggregator!],
    watchers: [watcher!],
    stores: [store!],
    escrow: 0n,
    bond: 0n,
    ...change,
  };
}

export interface Game {
  readonly terms: JobTerms;
  readonly state: JobState;
  readonly creator: Signer;
  readonly aggregator: Signer;
  readonly watcher: Signer;
  readonly store: Signer;
  readonly players: readonly Signer[];
  readonly accounts: readonly Account[];
  readonly outsider: Signer;
  /** Accepted so far. */
  readonly moves: readonly Move[];
  now(): Promise<number>;
  round(number: number): Round;
  /** Makes the move on both sides and compares. */
  play(move: Move, by: Signer): Promise<Posted | Refusal>;
  accepted(move: Move, by: Signer): Promise<Posted>;
  refused(code: RefusalCode, move: Move, by: Signer): Promise<void>;
  compare(what?: string, readStorage?: boolean): Promise<void>;
  passTime(seconds: number): Promise<void>;
  passDeadline(round: number): Promise<void>;
  join(players: number): Promise<void>;
  openRound(round: number): Promise<void>;
  commit(round: number, ...players: number[]): Promise<void>;
  /** Closes (unless told that it is closed) and steps; returns the new model. */
  finishRound(round: number, refused?: number[], close?: boolean): Promise<Address>;
  /** Opens, commits, closes and steps. */
  playRound(round: number, players?: number[], refused?: number[]): Promise<Address>;
  /** Wei paid out; `play` checks that the ledger holds so much less. */
  withdraw(rounds: number[], by: Signer): Promise<bigint>;
}

export async function startGame(
  fixture: LedgerFixture,
  rules: LedgerRules,
  refusedSoFar: Set<RefusalCode>,
  change: Partial<JobTerms>,
): Promise<Game> {
  const { ledger, signers } = fixture;
  const terms = defaultTerms(signers, change);
  const [creator, aggregator, watcher, store] = signers as [Signer, Signer, Signer, Signer];
  const players = signers.slice(4, -1);
  const outsider = signers.at(-1)!;
  const { job } = terms;
  const before = await fixture.held?.();
  const created = await ledger.jobs.create(terms, creator);
  expect(isRefusal(created), JSON.stringify(created)).toBe(false);
  if (before !== undefined) expect(await fixture.held!()).toBe(before + terms.escrow);
  let state = rules.createJobState(terms);
  const moves: Move[] = [];

  const game: Game = {
    terms,
    get state() {
      return state;
    },
    creator,
    aggregator,
    watcher,
    store,
    players,
    accounts: players.map(({ account }) => account),
    outsider,
    moves,
    now: () => ledger.now(),
    round: (number) => state.rounds[number]!,
    async play(move, by) {
      const held = await fixture.held?.();
      const found = await ledger.rounds.submit(job, move, by);
      const at = isRefusal(found) ? await ledger.now() : found.at;
      const wanted = rules.reduce(state, move, by.account, at);
      const what = `${JSON.stringify(move)} by ${by.account} at ${at}`;
      expect(outcomeOf(found), what).toBe(outcomeOf(wanted));
      if (isRefusal(found)) refusedSoFar.add(found.refused);
      if (held !== undefined) {
        let paid = 0n;
        if (!isRefusal(wanted) && move.type === 'object') paid = terms.bond;
        if (!isRefusal(wanted) && move.type === 'withdraw')
          paid = -rules.owedTo(state, move.rounds, by.account, at);
        expect(await fixture.held!(), what).toBe(held + paid);
      }
      if (!isRefusal(wanted)) {
        state = wanted;
        moves.push(move);
      }
      await game.compare(what, !isRefusal(wanted));
      return found;
    },
    async accepted(move, by) {
      const outcome = await game.play(move, by);
      if (isRefusal(outcome)) throw expect.fail(`${move.type} refused: ${JSON.stringify(outcome)}`);
      return outcome;
    },
    async refused(code, move, by) {
      expect(await game.play(move, by), JSON.stringify(move)).toMatchObject({ refused: code });
    },
    async compare(what = '', readStorage = true) {
      const wanted = comparable(state);
      expect(comparable(await ledger.rounds.state(job)), what).toEqual(wanted);
      const stored = readStorage ? await fixture.readStorage?.(state) : undefined;
      if (stored !== undefined) expect(comparable(stored), `storage: ${what}`).toEqual(wanted);
    },
    passTime: (seconds) => fixture.passTime(seconds),
    async passDeadline(round) {
      await fixture.passTime(Math.max(0, game.round(round).deadline - (await ledger.now()) + 1));
    },
    async join(count) {
      for (const player of players.slice(0, count)) await game.accepted({ type: 'join' }, player);
    },
    async openRound(round) {
      const model = state.rounds.findLast(({ step }) => step !== undefined)?.step?.model ?? terms.model;
      await game.accepted({ type: 'open', round, model }, creator);
    },
    async commit(round, ...numbers) {
      for (const number of numbers) {
        await game.accepted({ type: 'commit', round, commitment: fresh() }, players[number]!);
      }
    },
    async finishRound(round, refused = [], close = true) {
      if (close && game.round(round).phase === 'collecting') {
        await game.accepted({ type: 'close', round, unavailable: [] }, aggregator);
      }
      const model = fresh();
      await game.accepted({ type: 'step', round, model, refused }, aggregator);
      return model;
    },
    async playRound(round, numbers = state.participants.map((_, number) => number), refused = []) {
      await game.openRound(round);
      await game.commit(round, ...numbers);
      if (numbers.length < state.participants.length) await game.passDeadline(round);
      return game.finishRound(round, refused);
    },
    async withdraw(rounds, by) {
      const before = state;
      const { at } = await game.accepted({ type: 'withdraw', rounds }, by);
      return rules.owedTo(before, rounds, by.account, at);
    },
  };
  return game;
}

function outcomeOf(outcome: object): string {
  return isRefusal(outcome) ? outcome.refused : 'accepted';
}

/** Leaves out what has no meaning (the deadline of a round that is over), and fixes the order of sets. */
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

export function signReceipt(store: Signer, blob: Address, size: number): StoreReceipt {
  return { blob, size, store: store.account, signature: store.sign(storeReceiptDigest(blob, size)) };
}
