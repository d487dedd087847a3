import { pause } from '@nonet/core';
import { isRefusal, type JobState, type Lie, type Move, type Round } from '@nonet/core/ports';
import { expect, onTestFinished, test } from 'vitest';
import { createSimulation, key } from '../../test/simulation.ts';
import { reduceRound } from '../rules/round.ts';
import { createSampleRound } from '../testing/sampleRound.ts';
import { patienceOf, workBesideDeadlines } from './deadlines.ts';
import type { JobView, RoleParameters } from './jobView.ts';

const watcher = key('watcher');

/**
 * A watcher in line behind no other, in a round in `stepping` until second 1010, of which a demand
 * is due at second 1020. The moves that it makes are judged by the rules.
 */
async function createKeeper() {
  const { job, ledger } = await createSimulation();
  const { state, round } = await createSampleRound({ participants: 2, entries: 4 });
  const [closer] = job.aggregators;
  const clock = { now: 1000 };
  const made: Move[] = [];
  const refused: Move[] = [];
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  let current: JobView['state'] = {
    ...state,
    terms: { ...state.terms, aggregators: job.aggregators },
    aggregators: job.aggregators.map((account) => ({ account, status: 'standing' })),
    rounds: [
      {
        ...round,
        deadline: 1010,
        closedBy: closer!,
        demands: { 1: { by: watcher.account, deadline: 1020, answered: false } },
      },
    ],
  };
  const view: JobView = {
    get state() {
      return current;
    },
    events: [],
    change: async () => pause(1),
    async submit(move) {
      const next = reduceRound(current, move, watcher.account, clock.now);
      if (isRefusal(next)) {
        refused.push(move);
        return next;
      }
      made.push(move);
      current = next;
      return { transaction: '0x', block: 1, at: clock.now, gas: 1 };
    },
  };
  const parameters: RoleParameters = {
    job,
    ledger: { ...ledger, now: async () => clock.now },
    signer: watcher,
    signal: stop.signal,
    pollMilliseconds: 1,
  };
  const work = (signal: AbortSignal) =>
    new Promise<'aborted'>((resolve) => signal.addEventListener('abort', () => resolve('aborted')));
  const kept = workBesideDeadlines(parameters, view, { placeOf: () => 0 }, work);
  kept.catch(() => {});
  const answer = (at: number) => {
    const [first] = current.rounds;
    const demands = { 1: { ...first!.demands[1]!, answered: true } };
    current = { ...current, rounds: [{ ...first!, demands, answeredAt: at }] };
  };
  /** Lets the keeper look a few times at this second. */
  const reach = async (second: number) => {
    clock.now = second;
    await pause(20);
  };
  return { made, refused, reach, answer, round: () => current.rounds[0]! };
}

test('a phase is left alone while a demand is unanswered, whose silence is shown once it is due', async () => {
  const { made, refused, reach, round } = await createKeeper();
  await reach(1020);
  expect([made, refused]).toEqual([[], []]);
  await reach(1021);
  const lie: Lie = { kind: 'silence', participant: 1 };
  expect(made).toEqual([{ type: 'prove', round: 0, lie }]);
  expect(refused).toEqual([]);
  expect(round().phase).toBe('void');
});

test('a phase is left its time after an answer, and then ended', async () => {
  const { made, refused, reach, answer } = await createKeeper();
  await reach(1015);
  answer(1015);
  await reach(1025);
  expect([made, refused]).toEqual([[], []]);
  await reach(1026);
  expect(made).toEqual([{ type: 'advance', round: 0 }]);
  expect(refused).toEqual([]);
});

const phases = { open: 1, collecting: 20, closing: 5, appealing: 2, stepping: 7, objecting: 3 };

function patience(phase: string, committed: number, failures: number): number {
  const commitments = Object.fromEntries(Array.from({ length: committed }, (_, i) => [i, {}]));
  const state = { terms: { phases, minParticipants: 3 }, failures } as unknown as JobState;
  return patienceOf(state, { phase, commitments } as unknown as Round);
}

test('updates that are lacking are waited for, twice as long after each void round', () => {
  expect([0, 1, 2, 3, 4, 50].map((failures) => patience('collecting', 2, failures))).toEqual([
    20, 40, 80, 160, 160, 160,
  ]);
  expect([0, 1, 50].map((failures) => patience('collecting', 3, failures))).toEqual([0, 0, 0]);
});

test('an aggregator has one turn, and more after void rounds', () => {
  expect([0, 1, 2, 3, 50].map((failures) => patience('closing', 3, failures))).toEqual([0, 5, 15, 35, 35]);
  expect([0, 1, 2, 3, 50].map((failures) => patience('stepping', 3, failures))).toEqual([0, 7, 21, 49, 49]);
});

test('who may object or appeal has no more time than the job says', () => {
  for (const phase of ['open', 'appealing', 'objecting', 'final', 'void'])
    expect(patience(phase, 0, 9)).toBe(0);
});
