import { parseStatisticsQuery } from '@nonet/core/records';
import { planCounts } from '@nonet/federation';
import {
  answerStatistics,
  planStatistics,
  planStatisticsPrivacy,
  reportStatistics,
} from '@nonet/privacy/statistics';
import { expect, test } from 'vitest';
import type { FinishedStatistics } from '../../rehearsal/finishStatistics.ts';
import { withoutColour } from '../../terminal/terminal.ts';
import { renderStatistics, statisticsJson } from './statsText.ts';

const query = parseStatisticsQuery({
  columns: [{ kind: 'number', name: 'age', low: 0, high: 10, step: 1 }],
  statistics: [{ statistic: 'count' }, { statistic: 'quantiles', column: 'age', fractions: [0.5], bins: 2 }],
  maximumRecords: 100,
  minimumRecords: 5,
});
const cohort = { query, participants: 'invitation', minParticipants: 3, maxParticipants: 3 } as const;
const { plan } = planCounts(cohort, 66);
/** Records, withholding; below, two bins, above, missing, withholding. */
const sum = [12, 0, 3, 4, 2, 0, 3, 1];
const finished = (more: object = {}) =>
  ({
    outcome: {
      job: { query },
      state: { participants: [1, 2, 3], rounds: [{}] },
      seconds: 2.5,
      run: { resolve: (name: string) => `runs/x/${name}` },
    },
    result: { included: 3, answers: answerStatistics(plan, sum, 3) },
    verified: true,
    receiptFile: 'runs/x/receipt.json',
    pageFile: 'runs/x/receipt.html',
    ...more,
  }) as unknown as FinishedStatistics;

test('exact figures stand alone or with what bins leave open, and say that no noise is in them', () => {
  const text = withoutColour(renderStatistics(finished()));
  expect(text).toContain('3 of 3 sites together in 2.5 s');
  expect(text).toMatch(/ records +12\n/);
  expect(text).toMatch(/ at 50 % +[\d.]+ \(0 to 5\)\n/);
  expect(text).toMatch(/ missing +3\n/);
  expect(text).toContain('1 site withheld a figure for which it has fewer than 5 records.');
  expect(text).toContain('Sums are exact');
  expect(text).toContain('npx nonet verify runs/x/receipt.json --blobs runs/x/blobs');
});

test('a document has each figure with its interval, and null where a bound is infinite', () => {
  const none = answerStatistics(
    plan,
    sum.map(() => 0),
    3,
  );
  const document = statisticsJson(finished({ result: { included: 3, answers: none } }));
  expect(JSON.parse(JSON.stringify(document))).toMatchObject({
    sites: 3,
    included: 3,
    privacy: null,
    withheld: 0,
    verified: true,
    figures: [
      { statistic: 'count', name: 'records', value: 0, standardError: 0, interval: [0, 0] },
      { statistic: 'quantiles', value: null, because: 'there are no records', interval: [null, null] },
    ],
  });
});

test('noised figures are told with all that their epsilon rests on', () => {
  const goal = {
    unit: 'record',
    form: 'distributed',
    epsilon: 2,
    delta: 1e-6,
    honest: 2,
    releases: 1,
  } as const;
  const noised = planStatistics(query, cohort, planStatisticsPrivacy(query, cohort, goal));
  const spent = reportStatistics(noised, [3]);
  const answers = answerStatistics(noised, new Array(noised.entries).fill(4), 3);
  const text = withoutColour(renderStatistics(finished({ result: { included: 3, answers, spent } })));
  expect(text).toContain('epsilon 2 at delta 0.000001 per record');
  expect(text).toContain('At least 2 of 3 participants must be honest');
  expect(text).toContain('Noise is in every figure');
  expect(text).not.toContain('Sums are exact');
  const { privacy } = statisticsJson(finished({ result: { included: 3, answers, spent } }));
  expect(privacy).toMatchObject({ delta: 1e-6, unit: 'record', honest: { atLeast: 2, of: 3 } });
});

test('a job without figures says so', () => {
  const stopped = finished({ result: undefined, verified: false });
  const text = withoutColour(renderStatistics(stopped));
  expect(text).toContain('over after 1 round, without figures');
  expect(text).toContain('the receipt does not verify');
  expect(statisticsJson(stopped)).toMatchObject({ included: null, figures: [], verified: false });
});
