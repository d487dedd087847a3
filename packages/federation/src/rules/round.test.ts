/** Properties of the rules under arbitrary moves, and amounts by hand. Each refusal has its case in `testLedger` (memoryLedger.test.ts). */
import { type Address, addressOf, toHex, utf8 } from '@nonet/core';
import { type Account, createSigner } from '@nonet/core/identity';
import { isRefusal, type JobState, type JobTerms, type Move } from '@nonet/core/ports';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  acceptedParticipants,
  bondLockSeconds,
  createJobState,
  includedParticipants,
  isAwaited,
  isComplete,
  owedTo,
  reduceRound,
  shareOf,
} from './round.ts';
import { signStoreReceipt } from './stores/storeReceipt.ts';

const address = (name: string): Address => addressOf(utf8(name));
const account = (i: number): Account => toHex(new Uint8Array(20).fill(i));
const store = createSigner(toHex(new Uint8Array(32).fill(1)));
const [creator, aggregator, watcher] = [account(100), account(101), account(102)];
const terms: JobTerms = {
  job: address('job'),
  creator,
  model: address('model'),
  rounds: 2,
  minimum: 2,
  maximum: 4,
  invited: false,
  phases: { open: 0, collecting: 10, appealing: 5, complaining: 0, opening: 0, stepping: 5 },
  aggregators: [aggregator],
  watchers: [watcher],
  stores: [store.account],
  escrow: 1000n,
  bond: 7n,
};

interface Played {
  readonly state: JobState;
  readonly at: number;
}

/** Plays moves that must all be accepted; `wait` passes time first. */
function play(
  moves: readonly (readonly [Move, Account, wait?: number])[],
  from: JobState = createJobState(terms),
) {
  return moves.reduce<Played>(
    ({ state, at }, [move, by, wait = 0]) => {
      const next = reduceRound(state, move, by, at + wait);
      if (isRefusal(next)) throw new Error(`${move.type}: ${next.refused}, ${next.expected}, ${next.found}`);
      return { state: next, at: at + wait };
    },
    { state: from, at: 1000 },
  );
}

const joins = (count: number) =>
  Array.from({ length: count }, (_, i) => [{ type: 'join' }, account(i)] as const);
const commits = (round: number, ...participants: number[]) =>
  participants.map(
    (i) => [{ type: 'commit', round, commitment: address(`update ${i}`) }, account(i)] as const,
  );
const step = (round: number, refused: number[] = []) =>
  [{ type: 'step', round, model: address(`model ${round}`), refused }, aggregator] as const;
const round = (number: number, model: Address, refused: number[] = []) =>
  [
    [{ type: 'open', round: number, model }, creator],
    ...commits(number, 0, 1, 2),
    [{ type: 'close', round: number, unavailable: [] }, aggregator],
    step(number, refused),
    [{ type: 'advance', round: number }, account(0), 6],
  ] as const;

test('nobody is awaited in a round that opened before they joined, or that does not exist', () => {
  const { state } = play([
    ...joins(3),
    [{ type: 'open', round: 0, model: terms.model }, creator],
    ...joins(4).slice(3),
  ]);
  expect([0, 2, 3].map((participant) => isAwaited(state, 0, participant))).toEqual([true, true, false]);
  expect(isAwaited(state, 1, 0)).toBe(false);
});

test('amounts of a complete job, by hand', () => {
  const { state, at } = play([...joins(3), ...round(0, terms.model), ...round(1, address('model 0'), [2])]);
  expect(isComplete(state)).toBe(true);
  // 500 per round: 166 to each of three, 250 to each of two; what is left over goes back: 1000 - 3 * 166 - 2 * 250 = 2.
  expect(state.rounds.map((current) => shareOf(state, current))).toEqual([166n, 250n]);
  expect([0, 1, 2].map((i) => owedTo(state, [0, 1], account(i), at))).toEqual([416n, 416n, 166n]);
  expect(owedTo(state, [], creator, at)).toBe(2n);
  expect(owedTo(state, [0], creator, at)).toBe(0n);
});

test('amounts of an objected job, by hand', () => {
  const [opening, ...rest] = round(1, address('model 0'));
  const { state, at } = play([
    ...joins(3),
    ...round(0, terms.model),
    opening!,
    ...rest.slice(0, -1),
    [{ type: 'object', round: 1, model: address('another'), refused: [] }, watcher],
  ]);
  expect(owedTo(state, [0, 1], account(0), at)).toBe(166n);
  // The whole of the void round and what division left over of the final one.
  expect(owedTo(state, [], creator, at)).toBe(502n);
  expect(owedTo(state, [], watcher, at + bondLockSeconds)).toBe(0n);
  expect(owedTo(state, [], watcher, at + bondLockSeconds + 1)).toBe(7n);
});

test('an appeal with a receipt brings the sender back in', () => {
  const receipt = signStoreReceipt(address('update 1'), 10, store);
  const { state } = play([
    ...joins(3),
    [{ type: 'open', round: 0, model: terms.model }, creator],
    ...commits(0, 0, 1, 2),
    [{ type: 'close', round: 0, unavailable: [1, 2] }, aggregator],
    [{ type: 'appeal', round: 0, receipt }, account(1)],
    [{ type: 'advance', round: 0 }, account(0), 6],
    step(0),
  ]);
  expect(acceptedParticipants(state.rounds[0]!)).toEqual([0, 1]);
});

/** Moves that mean something often enough: numbers and models near those of a game. */
const rounds = fc.nat(3);
const lists = fc.uniqueArray(fc.nat(4), { maxLength: 3 }).map((list) => list.toSorted((a, b) => a - b));
const models = fc.constantFrom(terms.model, ...[0, 1, 2, 3].map((i) => address(`model ${i}`)));
const moves: fc.Arbitrary<Move> = fc.oneof(
  fc.constant<Move>({ type: 'join' }),
  fc.record({ type: fc.constant('open' as const), round: rounds, model: models }),
  fc.record({ type: fc.constant('commit' as const), round: rounds, commitment: models }),
  fc.record({ type: fc.constant('close' as const), round: rounds, unavailable: lists }),
  fc.record({ type: fc.constant('step' as const), round: rounds, model: models, refused: lists }),
  fc.record({ type: fc.constant('object' as const), round: rounds, model: models, refused: lists }),
  fc.record({ type: fc.constant('advance' as const), round: rounds }),
  fc.record({ type: fc.constant('withdraw' as const), rounds: lists }),
);
const players = fc.oneof(fc.nat(4).map(account), fc.constantFrom(creator, aggregator, aggregator, watcher));

/** One that is likely to be accepted, whatever the state: so that games get somewhere. */
function helpful(state: JobState, choice: number): readonly [Move, Account] {
  const number = state.rounds.length - 1;
  const current = state.rounds[number];
  if (state.participants.length < 3) return [{ type: 'join' }, account(state.participants.length)];
  if (current === undefined || current.step !== undefined || current.phase === 'void') {
    const model = state.rounds.findLast((other) => other.step)?.step?.model ?? terms.model;
    return choice % 3 === 0
      ? [{ type: 'advance', round: Math.max(number, 0) }, account(0)]
      : [{ type: 'open', round: number + 1, model }, creator];
  }
  if (current.phase === 'collecting') {
    const missing = [0, 1, 2].find((i) => current.commitments[i] === undefined);
    return missing === undefined || choice % 5 === 0
      ? [{ type: 'close', round: number, unavailable: choice % 4 === 0 ? [0] : [] }, aggregator]
      : [{ type: 'commit', round: number, commitment: address(`update ${missing}`) }, account(missing)];
  }
  if (current.phase === 'stepping') return step(number, choice % 4 === 0 ? [1] : []);
  return [{ type: 'advance', round: number }, account(0)];
}

const games = fc.array(
  fc.record({ move: moves, by: players, wait: fc.constantFrom(0, 0, 0, 1, 4, 6, 11), choice: fc.nat(60) }),
  { minLength: 20, maxLength: 90 },
);

test('whatever is played: refused moves change nothing, settled sets and finished rounds stay, nothing is overpaid', () => {
  let completed = 0;
  fc.assert(
    fc.property(games, (game) => {
      let state = createJobState(terms);
      let at = 1000;
      let paid = 0n;
      let bonds = 0n;
      for (const { move: wild, by: anybody, wait, choice } of game) {
        at += wait;
        const [move, by] = choice % 3 === 0 ? ([wild, anybody] as const) : helpful(state, choice);
        const before = structuredClone(state);
        const next = reduceRound(state, move, by, at);
        expect(state).toEqual(before);
        if (isRefusal(next)) continue;
        if (move.type === 'object') bonds += terms.bond;
        if (move.type === 'withdraw') paid += owedTo(state, move.rounds, by, at);
        for (const [i, earlier] of state.rounds.entries()) {
          const later = next.rounds[i]!;
          expect(later.model).toBe(earlier.model);
          expect(later.size).toBe(earlier.size);
          if (earlier.phase === 'final' || earlier.phase === 'void') {
            expect({ ...later, paid: [] }).toEqual({ ...earlier, paid: [] });
            expect(earlier.paid.every((participant) => later.paid.includes(participant))).toBe(true);
          }
          if (['complaining', 'opening', 'stepping'].includes(earlier.phase)) {
            expect(includedParticipants(later)).toEqual(includedParticipants(earlier));
          }
          if (earlier.step !== undefined) expect(later.step).toEqual(earlier.step);
          expect(later.paid.every((participant) => acceptedParticipants(later).includes(participant))).toBe(
            true,
          );
        }
        state = next;
      }
      expect(paid).toBeLessThanOrEqual(terms.escrow + bonds);
      // Everybody asks for everything, long after: what the ledger holds suffices, and if the job is over it pays all of it.
      at += 10 * bondLockSeconds;
      state.rounds.forEach((_, number) => {
        for (let phase = 0; phase < 6; phase++) {
          const next = reduceRound(state, { type: 'advance', round: number }, creator, (at += 100));
          if (!isRefusal(next)) state = next;
        }
      });
      const all = state.rounds.map((_, number) => number);
      const everybody = [...state.participants, watcher, aggregator, creator];
      const claims = everybody.flatMap((by) => [
        [{ type: 'withdraw', rounds: all }, by] as const,
        [{ type: 'withdraw', rounds: [] }, by] as const,
      ]);
      for (const [move, by] of claims) {
        const owed = owedTo(state, move.rounds, by, at);
        const next = reduceRound(state, move, by, at);
        if (isRefusal(next)) {
          expect(owed).toBe(0n);
          continue;
        }
        paid += owed;
        state = next;
      }
      expect(paid).toBe(terms.escrow + bonds);
      if (isComplete(state)) completed++;
    }),
    { numRuns: 150 },
  );
  expect(completed).toBeGreaterThan(0);
});
