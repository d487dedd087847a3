import type { JobState, LedgerEvent } from '@nonet/core/ports';
import { sampleJob } from '@nonet/core/testing/run';
import { rehearsedAbsence } from '@nonet/federation';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { JobDraft } from '../files/jobFile.ts';
import type { Reported, RoleEvent } from '../roles/messages.ts';
import type { Progress } from './progress.ts';
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

const refusal = { refused: 'OutOfRange', entry: 0, expected: 'a', found: 'b' };
test.each<[object, string]>([
  [{ type: 'dropped', step: 1 }, 'site 3 dropped out while it trained for step 2'],
  [
    { type: 'updateRefused', round: 0, participant: 1, refusal },
    'update of site 2 in round 1 refused: OutOfRange, found b',
  ],
  [
    { type: 'proved', round: 0, because: 'a sum is wrong' },
    'site 3 proved a lie in round 1, which is repeated: a sum is wrong',
  ],
  [
    { type: 'objected', round: 1, because: 'a sum is wrong' },
    'site 3 objects to the step of round 2: a sum is wrong',
  ],
  [
    { type: 'abstained', round: 0, participants: [0, 2] },
    'site 3 cannot read the updates of site 1, site 3 in round 1',
  ],
  [{ type: 'appealed', round: 0 }, 'site 3 appeals in round 1'],
])('what stays is told: %j', (event, text) => {
  expect(tell(event as RoleEvent)).toEqual([text]);
});

describe('what the view is shown', () => {
  let now = 0;
  beforeEach(() => {
    now = 1_000_000;
    vi.spyOn(Date, 'now').mockImplementation(() => now);
  });
  afterEach(() => void vi.restoreAllMocks());

  const data = { shape: [3], labels: ['common', 'rare', 'unseen'] };
  /** A tracker, what it showed last, and how often it did. */
  function track(more: object = {}) {
    const shown: Progress[] = [];
    const view = { show: (progress: Progress) => void shown.push(progress), tell() {}, end() {} };
    const tracker = createTracker({ ...draft, data, ...more } as JobDraft, view, () => 7);
    return { tracker, last: () => shown.at(-1)!, times: () => shown.length };
  }
  const round = (step: number, more: object = {}) => ({
    step,
    phase: 'collecting',
    size: 2,
    commitments: { 0: {}, 1: {} },
    unavailable: [],
    ...more,
  });
  const posted = (step: number, phase = 'objecting') =>
    round(step, { phase, posted: { refused: [], model: 'x' } });
  const stateOf = (joined: number, ...rounds: readonly object[]) =>
    ({
      terms: { maxParticipants: 2 },
      participants: Array.from({ length: joined }, () => ({})),
      rounds,
    }) as unknown as JobState;
  const event = (type: string, number = 0) => ({ move: { type, round: number } }) as unknown as LedgerEvent;
  const evaluated = (number: number) =>
    ({
      time: 0,
      by: 'aggregator 1',
      event: {
        type: 'evaluated',
        round: number,
        evaluation: {
          accuracy: 0.75,
          confusion: [
            [3, 0, 0],
            [1, 0, 0],
            [0, 0, 0],
          ],
        },
      },
    }) as unknown as Reported;

  test('is not settled until it is known how the model before does on what sites hold out', () => {
    const { tracker, last } = track({ testSet: undefined, evaluation: { heldOut: 0.2 } });
    tracker.follow(stateOf(2, posted(0)), event('open'));
    expect(last().rounds[0]).toMatchObject({ settled: false });
    const heldOut = { examples: 10, correct: 4, loss: 0.8 };
    const stepped = { type: 'stepped', round: 0, heldOut };
    tracker.report({ time: 0, by: 'aggregator 1', event: stepped } as unknown as Reported);
    expect(last().rounds[0]).toMatchObject({ heldOutAccuracy: 0.4, settled: true });
  });

  test('is a milestone, before there is anything on the ledger', () => {
    const { tracker, last } = track();
    tracker.say('starting the ledger');
    expect(last()).toEqual({
      title: draft.name,
      wanted: 2,
      rounds: [],
      activity: 'starting the ledger',
      milestone: 'starting the ledger',
      seconds: 7,
    });
  });

  test('is how many have joined, then that all have', () => {
    const { tracker, last } = track();
    tracker.say('starting');
    tracker.follow(stateOf(1), event('join'));
    expect(last()).toMatchObject({ activity: '1 of 2 sites have joined', milestone: 'starting' });
    tracker.follow(stateOf(2), event('join'));
    expect(last().milestone).toBe('all 2 sites have joined; they train on their own data');
    tracker.follow(stateOf(2, round(0)), event('open'));
    expect(last().milestone).toBe('all 2 sites have joined; they train on their own data');
  });

  test.each([
    ['open', 'sites train on their own data'],
    ['collecting', 'sites train on their own data'],
    ['closing', 'checking what has come'],
    ['appealing', 'waiting for appeals'],
    ['stepping', 'adding the updates'],
    ['void', 'void'],
  ])('is what is done while a round is %s', (phase, activity) => {
    const { tracker, last } = track();
    tracker.follow(stateOf(2, posted(0, 'final'), round(1, { phase })), event('commit'));
    expect(last().activity).toBe(activity);
  });

  test('is the wait for proofs, once all rounds have stepped and not before', () => {
    const { tracker, last } = track();
    const waiting = 'all rounds have stepped; waiting until no proof can come any more';
    tracker.follow(stateOf(2, posted(0)), event('step'));
    expect(last()).toMatchObject({ activity: 'opening the next round', milestone: '' });
    tracker.follow(stateOf(2, posted(0), posted(1)), event('step', 1));
    expect(last()).toMatchObject({ activity: waiting, milestone: waiting });
  });

  test('is of each round who sent, whose update counts, why it failed, and how long it took', () => {
    const { tracker, last } = track();
    tracker.follow(stateOf(2, round(0, { phase: 'open', commitments: {} })), event('open'));
    now += 2500;
    const failed = round(0, { phase: 'void', commitments: { 1: {} }, failure: { reason: 'cohort' } });
    tracker.follow(stateOf(2, failed, posted(0)), event('step'));
    expect(last().rounds).toEqual([
      {
        round: 0,
        step: 0,
        phase: 'void',
        failure: { reason: 'cohort' },
        committed: 1,
        size: 2,
        seconds: 2.5,
        settled: true,
      },
      { round: 1, step: 0, phase: 'objecting', committed: 2, size: 2, accepted: 2, settled: false },
    ]);
  });

  test('is the accuracy with the labels that it hides, once the model was evaluated', () => {
    const { tracker, last, times } = track();
    tracker.follow(stateOf(2, posted(0)), event('close'));
    expect(last().rounds[0]).not.toHaveProperty('accuracy');
    const before = times();
    tracker.report(evaluated(0));
    expect(times()).toBe(before + 1);
    // Of the labels that have examples one is never predicted.
    expect(last().rounds[0]).toMatchObject({ accuracy: 0.75, neverPredicted: 1, settled: true });
  });

  test('without a test set nothing is waited for but the step', () => {
    const { tracker, last } = track({ testSet: undefined });
    tracker.follow(stateOf(2, posted(0), round(1)), event('close'));
    expect(last().rounds.map(({ settled }) => settled)).toEqual([true, false]);
  });

  test('of a resumed run is what it had come to, without the time of rounds that began before', () => {
    const { tracker, last } = track();
    tracker.resume(stateOf(2, round(0)), [
      evaluated(0),
      { time: 0, by: 'site 1', event: { type: 'appealed', round: 0 } } as unknown as Reported,
    ]);
    tracker.follow(stateOf(2, posted(0)), event('step'));
    expect(last().rounds[0]).toMatchObject({ accuracy: 0.75, settled: true });
    expect(last().rounds[0]).not.toHaveProperty('seconds');
    tracker.follow(stateOf(2, posted(0), round(1)), event('open', 1));
    now += 1000;
    tracker.follow(stateOf(2, posted(0), posted(1)), event('step', 1));
    expect(last().rounds[1]).toMatchObject({ seconds: 1 });
  });
});
