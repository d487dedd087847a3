import { sampleJob } from '@nonet/core/testing/run';
import { expect, test } from 'vitest';
import type { FinishedRun } from '../../rehearsal/finish.ts';
import { summaryJson } from './summary.ts';

/** A run of two labels, as far as the document of `--json` looks at it. */
function finishedRun(more: Partial<FinishedRun>): FinishedRun {
  const data = { shape: [3], labels: ['common', 'rare'] };
  const finished = {
    outcome: { state: { participants: [], rounds: [] }, job: { ...sampleJob, data }, seconds: 1 },
    costs: { gas: 0, bytesMoved: 0 },
    energy: { joules: { low: 1, value: 2, high: 3 }, label: 'modelled' },
    rounds: [],
    clamped: [],
    verified: true,
    receiptFile: 'receipt.json',
    ...more,
  };
  return finished as unknown as FinishedRun;
}

test('--json has each label, the confusion matrix, and what the accuracy hides', () => {
  const confusion = [
    [95, 0],
    [5, 0],
  ];
  const evaluation = { count: 100, correct: 95, accuracy: 0.95, loss: 0.2, confusion };
  expect(summaryJson(finishedRun({ evaluation }))).toMatchObject({
    classes: [
      { label: 'common', support: 95, recall: 1, precision: 0.95 },
      { label: 'rare', support: 5, recall: 0, precision: null },
    ],
    confusion,
    warnings: [
      '“rare” is never predicted: 5 of 100 examples have this label.',
      'Always answering “common” is right as often or more: on 95 of 100 examples.',
    ],
  });
  expect(summaryJson(finishedRun({}))).toMatchObject({ classes: null, confusion: null, warnings: [] });
});

test('rounds in which updates were cut are a warning', () => {
  expect(summaryJson(finishedRun({ clamped: [0, 1, 4] })).warnings).toEqual([
    'In rounds 1-2, 5 sites moved numbers further than an update holds, and sent less. A lower learning rate avoids it.',
  ]);
});

test('one round in which updates were cut is a warning, none is not', () => {
  expect(summaryJson(finishedRun({ clamped: [3] })).warnings[0]).toMatch(/^In round 4 sites moved/);
  expect(summaryJson(finishedRun({ clamped: [] })).warnings).toEqual([]);
});

test('the last accuracy that is known counts, and rounds that accepted updates', () => {
  const round = (accepted: number, accuracy?: number) => ({ round: 0, accepted, size: 2, accuracy });
  const rounds = [round(2, 0.5), round(1, 0.75), round(0)] as unknown as FinishedRun['rounds'];
  expect(summaryJson(finishedRun({ rounds }))).toMatchObject({ accuracy: 0.75, rounds: 2 });
  expect(summaryJson(finishedRun({}))).toMatchObject({ accuracy: null, rounds: 0 });
});

test('dropped are participants that a round was made without, or not made for want of', () => {
  const made = { phase: 'final', posted: {}, size: 3 };
  const failed = { phase: 'void', failure: { reason: 'cohort' }, size: 3 };
  const by = (...participants: readonly number[]) =>
    Object.fromEntries(participants.map((participant) => [participant, {}]));
  const dropped = (...rounds: readonly object[]) => {
    const state = { participants: [{}, {}, {}], rounds };
    const { outcome } = finishedRun({});
    return summaryJson(finishedRun({ outcome: { ...outcome, state } as unknown as FinishedRun['outcome'] }))
      .dropped;
  };
  expect(dropped({ ...made, step: 0, commitments: by(0, 1, 2) })).toBe(0);
  expect(dropped({ ...made, step: 0, commitments: by(0) })).toBe(2);
  // The third joined later.
  expect(dropped({ ...made, step: 0, size: 2, commitments: by(0, 1) })).toBe(0);
  // The last attempt says who was missing, if it came to a model.
  const again = [
    { ...failed, step: 0, commitments: by(0) },
    { ...made, step: 0, commitments: by(0, 1, 2) },
  ];
  expect(dropped(...again)).toBe(0);
  expect(dropped({ ...failed, step: 0, commitments: by(0, 1) })).toBe(1);
  // A participant that was there in one of the attempts was there.
  expect(
    dropped({ ...failed, step: 0, commitments: by(0) }, { ...failed, step: 0, commitments: by(1) }),
  ).toBe(1);
  // Of a lie, or a round that is not over, no participant is to blame.
  const lied = { ...failed, failure: { reason: 'lie' } };
  expect(dropped({ ...lied, step: 0, commitments: by() })).toBe(0);
  expect(dropped({ phase: 'collecting', size: 3, step: 0, commitments: by() })).toBe(0);
  // A model that was taken back is none.
  expect(dropped({ ...lied, posted: {}, step: 0, commitments: by() })).toBe(0);
  expect(dropped({ ...made, phase: 'objecting', step: 0, commitments: by(0, 1) })).toBe(1);
});
