import { NonetError } from '@nonet/core';
import type { JobState } from '@nonet/core/ports';
import { receiptView, verifyReceipt } from '@nonet/core/receipt';
import { sampleReceipt } from '@nonet/core/testing/receipt';
import { sampleAddress, sampleJob, sampleVerifiers } from '@nonet/core/testing/run';
import { describe, expect, test } from 'vitest';
import { narrators } from '../../declarations.ts';
import type { FinishedRun } from '../../rehearsal/finish.ts';
import { withoutColour } from '../../terminal/terminal.ts';
import { renderSummary, summaryJson } from './summary.ts';

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

test('--json has what proving a prediction came to, or null', () => {
  const proof = { modelId: sampleAddress('model'), bits: 103.4, bytes: 1000, label: 'rare', seconds: 2 };
  const prediction = { evidence: [], artefacts: [], proof };
  expect(summaryJson(finishedRun({ prediction }))).toMatchObject({ proof });
  expect(summaryJson(finishedRun({ prediction: { evidence: [], artefacts: [] } }))).toMatchObject({
    proof: null,
  });
  expect(summaryJson(finishedRun({}))).toMatchObject({ proof: null });
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

describe('the summary for a person', async () => {
  const verdicts = await verifyReceipt(sampleReceipt, sampleVerifiers);
  type Round = JobState['rounds'][number];
  const by = (...participants: readonly number[]) =>
    Object.fromEntries(participants.map((participant) => [participant, {}]));
  const made = (step: number, commitments: object, more: object = {}) =>
    ({ phase: 'final', step, size: 3, posted: {}, commitments, ...more }) as unknown as Round;

  /** Of three sites and two wanted rounds, as far as the summary looks at it. */
  function summaryOf(
    rounds: readonly Round[],
    more: Partial<FinishedRun> = {},
    state: object = {},
    ran: object = {},
  ): string {
    const { outcome } = finishedRun({});
    const terms = { rounds: 2, expiry: 1000, attempts: 3 };
    const finished = {
      ...finishedRun({}),
      outcome: {
        ...outcome,
        state: { participants: [{}, {}, {}], rounds, terms, failures: 0, ...state },
        ...ran,
        events: [{ at: 900 }],
        seconds: 75,
        run: { resolve: (name: string) => `/runs/a b/${name}` },
      },
      receipt: sampleReceipt,
      verdicts,
      costs: { gas: 1234567, bytesMoved: 2500, transactions: 1, seconds: { training: 1.5, collecting: 2 } },
      energy: { joules: { low: 1, middle: 2, high: 3 }, label: 'modelled' },
      rounds: rounds.map(({ commitments, size }, round) => ({
        round,
        accepted: Object.keys(commitments).length,
        size,
      })),
      receiptFile: '/runs/a b/receipt.json',
      pageFile: '/runs/a b/receipt.html',
      modelFile: '/runs/a b/model.onnx',
      ...more,
    };
    return withoutColour(renderSummary(finished as unknown as FinishedRun));
  }
  const all = by(0, 1, 2);

  test('of a complete run says how long it took, what it cost, and where the files are', () => {
    const text = summaryOf([made(0, all), made(1, all)]);
    const view = receiptView(sampleReceipt, verdicts, narrators);
    expect(text.split('\n')[1]).toBe(`${view.title}${view.byline === undefined ? '' : `, ${view.byline}`}`);
    expect(text).toContain('\ncomplete in 75.0 s\n');
    expect(text).toMatch(/ {2}moved +2.5 kB +through the stores, in and out\n/);
    expect(text).toMatch(/ {2}ledger +1 transaction +1,234,567 gas\n/);
    expect(text).toMatch(/ {2}training +1.5 s +from opening a round/);
    expect(text).toMatch(/ {2}energy +2 joules, between 1 and 3 +modelled\n/);
    expect(text).toContain('✓ nothing contradicts the receipt\n  receipt  /runs/a b/receipt.json\n');
    expect(text).toContain("npx nonet verify '/runs/a b/receipt.json' --blobs '/runs/a b/blobs'");
    expect(text).not.toContain('test accuracy');
    expect(summaryOf([made(0, all), made(1, all)], { verified: false })).toContain(
      '✗ the receipt does not verify',
    );
  });

  test('says what proving a prediction took, or why none was proven', () => {
    const proof = {
      modelId: sampleAddress('model'),
      bits: 103.4,
      bytes: 156_000,
      label: 'rare',
      seconds: 1.5,
    };
    const proven = summaryOf([made(0, all)], { prediction: { evidence: [], artefacts: [], proof } });
    expect(proven).toMatch(/ {2}proof +1.5 s +one prediction: quantising, registering, proving, verifying\n/);
    expect(proven).toMatch(/\n +156.0 kB +the proof with the registration of the model\n/);
    const refusal = new NonetError({ code: 'proof.unsupported', expected: 'a dense layer', found: 'a sine' });
    const refused = summaryOf([made(0, all)], { prediction: { evidence: [], artefacts: [], refusal } });
    expect(refused).toMatch(/ {2}proof +none +expected a dense layer, found a sine\n/);
    expect(summaryOf([made(0, all)])).not.toContain('  proof');
  });

  test('shows each section of the receipt, and whose word each sentence is', () => {
    const text = summaryOf([made(0, all), made(1, all)]);
    const { sections } = receiptView(sampleReceipt, verdicts, narrators);
    for (const { title, kind, items } of sections) {
      expect(text).toContain(`\n  ${title}:${items.length === 0 ? ' nothing' : ''}\n`);
      for (const { sentence, words } of items) {
        expect(text).toContain(kind === 'assumed' ? `    · ${sentence}\n` : `    ${sentence} (${words})\n`);
      }
    }
  });

  test.each<[string, object, string]>([
    ['a creator that ended it', { ended: true }, 'the creator ended it'],
    ['its expiry', { terms: { rounds: 2, expiry: 899, attempts: 3 } }, 'it expired at 899'],
    ['too many void rounds', { failures: 3 }, '3 void rounds in a row'],
    ['the last aggregator', {}, 'every aggregator was proven to have lied'],
  ])('of a run that was stopped by %s says so', (_, state, because) => {
    const text = summaryOf([made(0, all)], {}, state);
    expect(text).toContain(`\nover after 1 round, not complete: ${because}\n`);
    expect(text).not.toContain('complete in');
  });

  test('says what masks take of accuracy, and how models do on what sites hold out', () => {
    const { outcome } = finishedRun({});
    const arithmetic = {
      ...{ kind: 'masked', entries: 1, headerLeaves: 1, clamp: 8, scaleBits: 16, threshold: 66 },
      ...{ weighting: 'uniform', weightUnit: 1, mostWeight: 1 },
    };
    const rounds = [
      { round: 0, accepted: 3, size: 3, heldOutAccuracy: 0.4 },
      { round: 1, accepted: 3, size: 3, heldOutAccuracy: 0.9 },
    ];
    const job = { ...outcome.job, arithmetic };
    const text = summaryOf([made(0, all), made(1, all)], { rounds }, {}, { job });
    expect(text).toMatch(/\non what sites hold out, before each round {2}.* {2}40.00 % → 90.00 %\n/);
    expect(text).toMatch(/ {2}accuracy +none to masks +each number of an average is within 2\^-17 of/);
    expect(summaryOf([made(0, all)])).not.toContain('none to masks');
  });

  test('shows the accuracy from the first round to the last, and what it hides', () => {
    const confusion = [
      [95, 0],
      [5, 0],
    ];
    const evaluation = { count: 100, correct: 95, accuracy: 0.95, loss: 0.2, confusion };
    const rounds = [
      { round: 0, accepted: 3, size: 3, accuracy: 0.5 },
      { round: 1, accepted: 3, size: 3, accuracy: 0.95 },
    ];
    const text = summaryOf([made(0, all), made(1, all)], { rounds, evaluation, clamped: [1] });
    expect(text).toContain('\ntest accuracy  ▁█  50.00 % → 95.00 %\n');
    expect(text).toMatch(/^ +1 +3 of 3 +50\.00 %$/m);
    expect(text).toMatch(/rare +5 +0.00 % +never predicted/);
    expect(text).toContain('! “rare” is never predicted');
    expect(text).toContain('! In round 2 sites moved numbers further');
  });

  test('lists attempts by the step they were for, with what became of each', () => {
    const text = summaryOf([
      made(0, by(0), { phase: 'void', posted: undefined, failure: { reason: 'cohort' } }),
      made(0, all),
      made(1, by(0, 1), { phase: 'objecting' }),
      made(2, all, { objections: [{}] }),
      made(2, all, { phase: 'opening', objections: [{}] }),
    ]);
    const rows = text.split('\n').filter((line) => /^ +[123] +[123] of 3/.test(line));
    expect(rows.map((row) => row.trim().split(/ {2,}/))).toEqual([
      ['1', '1 of 3', 'void: too few updates'],
      ['1', '3 of 3'],
      ['2', '2 of 3', 'objecting'],
      ['3', '3 of 3', 'stepped again after an objection'],
      ['3', '3 of 3', 'stepped again after an objection, opening'],
    ]);
  });

  test('says who was always there, who was away when, and whether they came back', () => {
    const text = summaryOf([
      made(0, by(0)),
      made(1, by(0)),
      made(2, all),
      made(3, by(0, 2)),
      made(4, by(0, 2)),
    ]);
    expect(text).toContain(
      [
        'Who took part',
        '  1 of 3 sites in every round',
        '  site 2 missed 4 rounds (1-2, 4-5) and stayed away',
        '  site 3 missed 2 rounds (1-2) and came back',
        '',
      ].join('\n'),
    );
  });
});
