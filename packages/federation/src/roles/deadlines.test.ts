import type { JobState, Round } from '@nonet/core/ports';
import { expect, test } from 'vitest';
import { patienceOf } from './deadlines.ts';

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
