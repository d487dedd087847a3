import { readFileSync } from 'node:fs';
import { parseStatisticsQuery, type StatisticsQuery } from '@nonet/core/records';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSampleRound, playRound, registrationsOf, sumPublished } from '../testing/aggregationRound.ts';
import { computeSlowly } from '../testing/slowStatistics.ts';
import {
  answerStatistics,
  createContribution,
  planStatistics,
  type StatisticsAnswer,
  type StatisticsPlan,
  type StatisticsRecord,
  type StatisticsSetting,
} from './index.ts';
import { talliesOf } from './layout.ts';

test('figures share the sums that several of them need', () => {
  const { tallies, sources } = talliesOf(
    parseStatisticsQuery({
      columns: [
        { kind: 'number', name: 'age', low: 0, high: 100, step: 1 },
        { kind: 'category', name: 'sex', values: ['f', 'm'] },
      ],
      statistics: [
        { statistic: 'mean', column: 'age' },
        { statistic: 'variance', column: 'age' },
        { statistic: 'histogram', column: 'age', bins: 10 },
        { statistic: 'quantiles', column: 'age', fractions: [0.5], bins: 10 },
        { statistic: 'histogram', column: 'sex' },
      ],
      maximumRecords: 1000,
      minimumRecords: 5,
    }),
  );
  expect(sources).toEqual([0, 0, 1, 1, 2]);
  expect(tallies.map(({ of }) => of.kind)).toEqual(['moments', 'bins', 'values']);
});

interface Moments {
  readonly mean: number;
  readonly variance: number;
  readonly deviation: number;
  readonly exactMean: number;
  readonly exactVariance: number;
}

const known = JSON.parse(
  readFileSync(new URL('../../../../vectors/statistics/known.json', import.meta.url), 'utf8'),
) as {
  readonly cancer: {
    readonly radius: number[];
    readonly texture: number[];
    readonly benign: number[];
    readonly moments: Readonly<Record<'radius' | 'texture', Moments>>;
    readonly histogram: { readonly edges: number[]; readonly counts: number[] };
    readonly quantiles: { readonly fractions: number[]; readonly values: number[] };
    readonly correlation: number;
    readonly auroc: number;
    readonly aurocOf64Bins: number;
  };
  readonly far: { low: number; high: number; values: number[]; moments: Moments };
};

const sum = (vectors: readonly Int32Array[]): Int32Array =>
  vectors.reduce((total, vector) => total.map((value, i) => (value + vector[i]!) | 0));

/** Records dealt to sites, counted there, summed modulo 2^32 as masked vectors are, and read. */
function askSites(plan: StatisticsPlan, sites: readonly (readonly StatisticsRecord[])[]): StatisticsAnswer[] {
  return answerStatistics(
    plan,
    sum(sites.map((records) => createContribution(plan, records).vector)),
    sites.length,
  );
}

const deal = (records: readonly StatisticsRecord[], sites: number) =>
  Array.from({ length: sites }, (_, site) => records.filter((_, i) => i % sites === site));

const setting: StatisticsSetting = { minParticipants: 3, maxParticipants: 20 };

describe('known answers', () => {
  const { cancer, far } = known;
  const query = parseStatisticsQuery({
    columns: [
      { kind: 'number', name: 'radius', low: 5, high: 30, step: 0.001 },
      { kind: 'number', name: 'texture', low: 0, high: 50, step: 0.01 },
      { kind: 'category', name: 'tumour', values: ['malignant', 'benign'] },
    ],
    statistics: [
      { statistic: 'count' },
      { statistic: 'mean', column: 'radius' },
      { statistic: 'variance', column: 'texture' },
      { statistic: 'histogram', column: 'radius', bins: 20 },
      { statistic: 'quantiles', column: 'radius', fractions: cancer.quantiles.fractions, bins: 250 },
      { statistic: 'correlation', columns: ['radius', 'texture'] },
      { statistic: 'auroc', score: 'radius', label: 'tumour', positive: 'malignant', bins: 64 },
      { statistic: 'histogram', column: 'tumour' },
      { statistic: 'variance', column: 'radius' },
    ],
    maximumRecords: 1000,
    minimumRecords: 5,
  });
  const records = cancer.radius.map(
    (radius, i): StatisticsRecord => [
      radius,
      cancer.texture[i]!,
      cancer.benign[i] === 1 ? 'benign' : 'malignant',
    ],
  );

  for (const mostSum of [2 ** 31 - 1, 2 ** 24]) {
    test(`agree with NumPy, SciPy and scikit-learn where sums hold up to ${mostSum}`, () => {
      const answers = askSites(planStatistics(query, { ...setting, mostSum }), deal(records, 5));
      const [count, mean, texture, histogram, quantiles, correlation, auroc, tumours, radius] = answers;
      expect(count).toMatchObject({ kind: 'count', coverage: { usable: { value: 569 } } });
      const { moments } = cancer;
      expect(mean?.kind === 'mean' && mean.mean.value).toBeCloseTo(moments.radius.mean, 12);
      expect(texture?.kind === 'variance' && texture.variance.value).toBeCloseTo(
        moments.texture.variance,
        11,
      );
      expect(radius?.kind === 'variance' && radius.deviation.value).toBeCloseTo(moments.radius.deviation, 12);
      expect(histogram?.kind === 'histogram' && histogram.edges).toEqual(cancer.histogram.edges);
      expect(histogram?.kind === 'histogram' && histogram.counts.map(({ value }) => value)).toEqual(
        cancer.histogram.counts,
      );
      if (quantiles?.kind !== 'quantiles') throw new Error('no quantiles');
      for (const [i, { value, interval }] of quantiles.quantiles.entries()) {
        const right = cancer.quantiles.values[i]!;
        expect(interval[0]).toBeLessThanOrEqual(right);
        expect(interval[1]).toBeGreaterThanOrEqual(right);
        expect(Math.abs(value! - right)).toBeLessThanOrEqual(0.1);
      }
      expect(correlation?.kind === 'correlation' && correlation.coefficient.value).toBeCloseTo(
        cancer.correlation,
        12,
      );
      if (auroc?.kind !== 'auroc') throw new Error('no area');
      expect(auroc.area.value).toBeCloseTo(cancer.aurocOf64Bins, 12);
      expect(auroc.area.interval[0]).toBeLessThanOrEqual(cancer.auroc);
      expect(auroc.area.interval[1]).toBeGreaterThanOrEqual(cancer.auroc);
      expect(tumours?.kind === 'frequencies' && tumours.counts.map(({ value }) => value)).toEqual([212, 357]);
    });
  }

  test('keep the variance of values whose squares differ in no digit of a double', () => {
    const column = { kind: 'number', name: 'x', low: far.low, high: far.high, step: 2 ** -16 };
    const plan = planStatistics(
      parseStatisticsQuery({
        columns: [column],
        statistics: [{ statistic: 'variance', column: 'x' }],
        maximumRecords: 1e6,
        minimumRecords: 1,
      }),
      setting,
    );
    const [answer] = askSites(
      plan,
      deal(
        far.values.map((value) => [value]),
        7,
      ),
    );
    if (answer?.kind !== 'variance') throw new Error('no variance');
    expect(answer.mean.value).toBe(far.moments.exactMean);
    expect(answer.variance.value! / far.moments.exactVariance).toBeCloseTo(1, 14);
    // The obvious way loses every digit.
    const mean = far.values.reduce((total, value) => total + value, 0) / far.values.length;
    const squares = far.values.reduce((total, value) => total + value * value, 0) / far.values.length;
    expect(Math.abs(squares - mean * mean - far.moments.exactVariance)).toBeGreaterThan(0.01);
  });
});

const columns: StatisticsQuery['columns'] = [
  { kind: 'number', name: 'a', low: -3, high: 7, step: 0.25 },
  { kind: 'number', name: 'b', low: 0, high: 1 },
  { kind: 'category', name: 'c', values: ['x', 'y', 'z'] },
];
const everything: StatisticsQuery = {
  columns,
  statistics: [
    { statistic: 'count' },
    { statistic: 'mean', column: 'b' },
    { statistic: 'variance', column: 'a' },
    { statistic: 'histogram', column: 'a', bins: [-2, 0, 0.5, 5] },
    { statistic: 'histogram', column: 'c' },
    { statistic: 'quantiles', column: 'a', fractions: [0.07, 0.5, 0.9], bins: 40 },
    { statistic: 'correlation', columns: ['a', 'b'] },
    { statistic: 'auroc', score: 'a', label: 'c', positive: 'y', bins: 40 },
  ],
  maximumRecords: 100_000,
  minimumRecords: 1,
};

/** The numbers of an answer in the order of the twin's. */
function numbersOf(answer: StatisticsAnswer): (number | undefined)[] {
  const { coverage } = answer;
  const missing = coverage.missing.value;
  switch (answer.kind) {
    case 'count':
      return [coverage.usable.value];
    case 'mean':
      return [answer.mean.value, answer.outside.value, missing];
    case 'variance':
      return [answer.mean.value, answer.variance.value, answer.outside.value, missing];
    case 'histogram':
      return [answer.below, ...answer.counts, answer.above].map(({ value }) => value).concat(missing);
    case 'frequencies':
      return [...answer.counts, answer.other].map(({ value }) => value).concat(missing);
    case 'quantiles':
      return answer.quantiles.map(({ value }) => value);
    case 'correlation':
      return [answer.coefficient.value, missing];
    case 'auroc':
      return [answer.area.value, missing];
  }
}

describe('sums', () => {
  const countOnly = (maximumRecords: number): StatisticsQuery => ({
    columns: [{ kind: 'number', name: 'a', low: -1, high: 1, step: 2 ** -19 }],
    statistics: [{ statistic: 'variance', column: 'a' }],
    maximumRecords,
    minimumRecords: 1,
  });

  test('come out of a masked round of which only published bytes are used', () => {
    const sample = createSampleRound({ participants: [0, 1, 2, 3, 4] });
    const plan = planStatistics(everything, { minParticipants: 3, maxParticipants: 5 });
    const sites = deal(
      Array.from({ length: 40 }, (_, i) => [i / 4 - 3, (i % 8) / 8, 'xyz'[i % 3]]),
      5,
    );
    const all = [0, 1, 2, 3, 4];
    const published = playRound(
      sample,
      { members: all, included: [0, 1, 2, 4], answering: all },
      (site) => createContribution(plan, sites[site]!).vector,
    );
    const total = sumPublished(sample.round, registrationsOf(sample, all), published);
    const [count] = answerStatistics(plan, total, 4);
    expect(count?.coverage.usable.value).toBe(32);
    expect(answerStatistics(plan, total, 4)).toEqual(askSites(plan, sites.toSpliced(3, 1)));
  });

  test('hold at the bounds that the plan allows, and are refused beyond', () => {
    // 3 sites of 2^13 records at a bound, whose squares are 2^38 steps each.
    const sites = [1, -1, 1].map((value) => new Array<StatisticsRecord>(2 ** 13).fill([value]));
    for (const mostSum of [2 ** 31 - 1, 2 ** 24]) {
      const plan = planStatistics(countOnly(2 ** 13), { minParticipants: 3, maxParticipants: 3, mostSum });
      const vectors = sites.map((records) => createContribution(plan, records).vector);
      for (let entry = 0; entry < plan.entries; entry++) {
        const total = vectors.reduce((before, vector) => before + vector[entry]!, 0);
        expect(Math.abs(total)).toBeLessThanOrEqual(mostSum);
      }
      const [answer] = answerStatistics(plan, sum(vectors), 3);
      if (answer?.kind !== 'variance') throw new Error('no variance');
      expect(answer.mean.value).toBeCloseTo(1 / 3, 15);
      expect(answer.variance.value).toBeCloseTo(8 / 9, 15);
    }
    expect(() => planStatistics(countOnly(2 ** 16), setting)).toThrow(
      expect.objectContaining({ code: 'statistics.overflow' }),
    );
  });

  test('of another length, or of no integers, are refused', () => {
    const plan = planStatistics(everything, setting);
    for (const wrong of [[], new Array(plan.entries + 1).fill(0), new Array(plan.entries).fill(0.5)]) {
      expect(() => answerStatistics(plan, wrong, 3)).toThrow(
        expect.objectContaining({ code: 'statistics.sum' }),
      );
    }
  });
});

describe('a site', () => {
  const plan = planStatistics({ ...everything, maximumRecords: 4, minimumRecords: 3 }, setting);
  const rows: StatisticsRecord[] = [
    [1, 0.5, 'x'],
    [2, undefined, 'y'],
    [3, 0.25, undefined],
    [Number.NaN, Number.POSITIVE_INFINITY, 'other'],
  ];

  test('withholds a figure for which it has too few records, and says so without a number', () => {
    const { withheld, vector } = createContribution(plan, rows.slice(0, 3));
    const answers = askSites(plan, [rows.slice(0, 3), [], []]);
    // Two records with b: the mean of b, the correlation; two with a label.
    expect(withheld.map((i) => plan.tallies[i]!.of.kind)).toEqual([
      'moments',
      'values',
      'comoments',
      'scores',
    ]);
    expect(vector.length).toBe(plan.entries);
    expect(answers.map(({ coverage }) => coverage.withheld)).toEqual([0, 1, 0, 0, 1, 0, 1, 1]);
    expect(answers[1]).toMatchObject({
      mean: { value: undefined, because: 'there are no records', interval: [0, 1] },
      coverage: { usable: { value: 0 }, missing: { value: 0 } },
    });
  });

  test('takes NaN for missing, infinity for outside, unknown categories for other', () => {
    const answers = askSites(plan, [rows, [], []]);
    expect(answers[1]).toMatchObject({ outside: { value: 1 }, coverage: { missing: { value: 1 } } });
    expect(answers[2]).toMatchObject({ outside: { value: 0 }, coverage: { missing: { value: 1 } } });
    expect(answers[4]).toMatchObject({ other: { value: 1 }, coverage: { missing: { value: 1 } } });
  });

  test('with more records, or other cells, than the query says is refused', () => {
    expect(() => createContribution(plan, [...rows, rows[0]!])).toThrow(
      expect.objectContaining({ code: 'statistics.records' }),
    );
    expect(() => createContribution(plan, [[1, 2]])).toThrow(
      expect.objectContaining({ code: 'statistics.record' }),
    );
  });
});

describe('the slow twin', () => {
  // Scores in quarters, and bins of a quarter: what is tied in a bin is tied in the data.
  const record = fc.tuple(
    fc.option(
      fc.integer({ min: -20, max: 36 }).map((k) => k / 4),
      { nil: undefined, freq: 6 },
    ),
    fc.option(fc.double({ min: -0.2, max: 1.2, noNaN: true }), { nil: undefined, freq: 6 }),
    fc.option(fc.constantFrom('x', 'y', 'z', 'else'), { nil: undefined, freq: 6 }),
  );

  test('agrees on random records, however they are dealt, in one limb or more', () => {
    fc.assert(
      fc.property(
        fc.array(record, { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 3, max: 9 }),
        fc.constantFrom(2 ** 31 - 1, 2 ** 24, 2 ** 14),
        (records, sites, mostSum) => {
          const plan = planStatistics(
            { ...everything, maximumRecords: mostSum < 2 ** 20 ? 60 : 100_000 },
            { minParticipants: 3, maxParticipants: 9, mostSum },
          );
          const answers = askSites(plan, deal(records, sites));
          const right = computeSlowly(everything, records);
          for (const [i, answer] of answers.entries()) {
            if (answer.kind === 'quantiles') {
              for (const [k, { value, interval }] of answer.quantiles.entries()) {
                const slow = right[i]![k];
                if (slow === undefined) expect(value).toBeUndefined();
                else expect(interval[0] <= slow && slow <= interval[1]).toBe(true);
              }
              continue;
            }
            for (const [k, value] of numbersOf(answer).entries()) {
              const slow = right[i]![k]!;
              if (value === undefined)
                expect(Number.isFinite(slow) && answer.kind !== 'correlation').toBe(false);
              // Scores beyond the bounds share a bin although they differ.
              else if (answer.kind === 'auroc' && k === 0) {
                expect(slow).toBeGreaterThanOrEqual(answer.area.interval[0] - 1e-12);
                expect(slow).toBeLessThanOrEqual(answer.area.interval[1] + 1e-12);
              } else expect(value).toBeCloseTo(slow, 9);
            }
          }
        },
      ),
    );
  });
});
