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
