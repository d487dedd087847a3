import { sampleJob } from '@nonet/core/testing/run';
import { rehearsedAbsence } from '@nonet/federation';
import { expect, test } from 'vitest';
import type { JobDraft } from '../files/jobFile.ts';
import type { RoleEvent } from '../roles/messages.ts';
import { createTracker } from './tracker.ts';

const draft = { ...sampleJob, rounds: 2 } as unknown as JobDraft;

function tell(event: RoleEvent): string[] {
  const told: string[] = [];
  const view = { show() {}, tell: (text: string) => told.push(text), end() {} };
  createTracker(draft, view, () => 1).report({ time: 0, by: 'site 3', event });
  return told;
}

test('a site that has nothing to send is named at once, with the reason', () => {
  const missed = { type: 'missed', round: 1, code: 'train.notFinite', because: 'a loss of NaN' } as const;
  expect(tell(missed)).toEqual(['site 3 sends nothing in round 2: a loss of NaN']);
  expect(tell({ ...missed, code: rehearsedAbsence })).toEqual([]);
});

test('what an update cannot hold is told in one line', () => {
  const one = { name: 'dense0.bias', numbers: 1, largest: 8.25 };
  const event = { type: 'clamped', round: 0, bound: 8 } as const;
  expect(tell({ ...event, tensors: [one] })).toEqual([
    'site 3, round 1: 1 number of dense0.bias moved by more than 8, the most that an update holds (by up to 8.25), and went out as 8',
  ]);
  const others = [one, { name: 'b', numbers: 5, largest: 1234 }, { name: 'c', numbers: 4, largest: 9 }];
  expect(tell({ ...event, tensors: others })[0]).toContain(
    '10 numbers of dense0.bias and 2 other tensors moved by more than 8, the most that an update holds (by up to 1.23e+3)',
  );
});
