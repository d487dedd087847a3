import type { StatisticsQuery } from '@nonet/core/records';
import { describe, expect, test } from 'vitest';
import { accountConcentrated } from '../dp/accountants/concentrated.ts';
import { composeCharges } from '../dp/spent.ts';
import { createSeededWords } from '../testing/seededWords.ts';
import { answerStatistics, type StatisticsAnswer } from './answers.ts';
import { drawNoise, encodeRecords } from './contribution.ts';
import {
  chargesOfStatistics,
  planStatistics,
  planStatisticsPrivacy,
  reportStatistics,
  type StatisticsPlan,
  type StatisticsPrivacyGoal,
  type StatisticsSetting,
} from './plan.ts';
import type { StatisticsRecord } from './tally.ts';

const setting: StatisticsSetting = { minParticipants: 4, maxParticipants: 6 };
const goal: StatisticsPrivacyGoal = {
  unit: 'record',
  form: 'distributed',
  epsilon: 1,
  delta: 1e-6,
  honest: 2,
  releases: 1,
};
const query: StatisticsQuery = {
  columns: [
    { kind: 'number', name: 'age', low: 0, high: 100, step: 1 },
    { kind: 'number', name: 'dose', low: -2, high: 2 },
    { kind: 'category', name: 'ill', values: ['no', 'yes'] },
  ],
  statistics: [
    { statistic: 'count' },
    { statistic: 'variance', column: 'dose' },
    { statistic: 'histogram', column: 'age', bins: 5 },
    { statistic: 'quantiles', column: 'dose', fractions: [0.5], bins: 32 },
    { statistic: 'correlation', columns: ['age', 'dose'] },
    { statistic: 'auroc', score: 'dose', label: 'ill', positive: 'yes', bins: 16 },
  ],
  maximumRecords: 2000,
  minimumRecords: 50,
};

const sum = (vectors: readonly Int32Array[]) =>
  vectors.reduce((total, vector) => total.map((value, i) => value + vector[i]!));

/** Answers from the sites' exact vectors and the noise of a seed. */
function askSites(plan: StatisticsPlan, vectors: readonly Int32Array[], seed: number): StatisticsAnswer[] {
  const words = createSeededWords(seed);
  const total = sum(vectors.flatMap((vector) => [vector, drawNoise(plan, words)]));
  return answerStatistics(plan, total, vectors.length);
}

describe('a promise', () => {
  test('is kept by the noise that is planned, and not by one part in a thousand less', () => {
    const privacy = planStatisticsPrivacy(query, setting, goal);
    const plan = planStatistics(query, setting, privacy);
    const { epsilon } = reportStatistics(plan, 4);
    expect(epsilon).toBeLessThanOrEqual(1);
    expect(epsilon).toBeGreaterThan(0.99);
    const less = { ...privacy, noiseMultiplier: privacy.noiseMultiplier * 0.999 };
    expect(() => reportStatistics(planStatistics(query, setting, less), 4)).toThrow(
      expect.objectContaining({ code: 'dp.promise' }),
    );
  });

  test('composes over all parts as zCDP has it in closed form', () => {
    const plan = planStatistics(query, setting, planStatisticsPrivacy(query, setting, goal));
    // Every part costs 1 / (2 z²), divided by its weight: together one query of one part.
    const rho = plan.plans
      .flatMap(({ parts }) => parts)
      .reduce(
        (total, { sensitivity, shareSigma }) => total + sensitivity ** 2 / (2 * 2 * shareSigma ** 2),
        0,
      );
    expect(rho * 2 * plan.privacy!.noiseMultiplier ** 2).toBeCloseTo(1, 4);
    const one = { kind: 'gaussian', noiseMultiplier: plan.privacy!.noiseMultiplier } as const;
    const profile = accountConcentrated([{ count: 1, mechanism: one }]);
    expect(reportStatistics(plan, 4).epsilon / profile.epsilonAt(1e-6)).toBeCloseTo(1, 2);
  });

  test('costs a budget what it says, twice over for two sums, and less with more sites', () => {
    const privacy = planStatisticsPrivacy(query, setting, { ...goal, releases: 2 });
    const plan = planStatistics(query, setting, privacy);
    const once = chargesOfStatistics(plan);
    const { epsilon } = reportStatistics(plan, 4);
    expect(composeCharges([...once, ...once], goal.delta)).toBeCloseTo(epsilon, 9);
    expect(composeCharges(once, goal.delta)).toBeLessThan(epsilon);
    expect(reportStatistics(plan, [4]).epsilon).toBeLessThan(epsilon);
    expect(reportStatistics(plan, 6).epsilon).toBeLessThan(epsilon);
    expect(reportStatistics(plan, [4, 4, 4]).epsilon).toBeGreaterThan(1);
    expect(reportStatistics(plan, 4).assumptions.join(' ')).toContain('At least 2 of 4 participants');
  });

  test('counts on no more honest sites of an open cohort than of the fewest', () => {
    const privacy = planStatisticsPrivacy(query, setting, goal);
    const epsilon = (open: boolean, included: number) =>
      reportStatistics(planStatistics(query, { ...setting, open }, privacy), [included]).epsilon;
    expect(epsilon(true, 6)).toBe(epsilon(true, 4));
    expect(epsilon(false, 6)).toBeLessThan(epsilon(true, 6));
    expect(epsilon(false, 4)).toBe(epsilon(true, 4));
  });

  test('on the honest is no more than the fewest sites, and no sum has fewer than one of them', () => {
    for (const honest of [5, 1]) {
      const act = () => {
        const privacy = planStatisticsPrivacy(query, setting, { ...goal, honest });
        return reportStatistics(planStatistics(query, setting, privacy), 3);
      };
      expect(act).toThrow(expect.objectContaining({ code: 'dp.honesty' }));
    }
  });

  test('on exact sums does not exist', () => {
    expect(() => reportStatistics(planStatistics(query, setting), 4)).toThrow(
      expect.objectContaining({ code: 'statistics.plain' }),
    );
  });

  test('for which sums would be too coarse is refused', () => {
    const small = { ...setting, mostSum: 2 ** 12 };
    expect(() => planStatisticsPrivacy(query, small, goal)).toThrow(
      expect.objectContaining({ code: 'statistics.overflow' }),
    );
  });

  test('holds what one record changes within the sensitivity of every part', () => {
    const plan = planStatistics(query, setting, planStatisticsPrivacy(query, setting, goal));
    const at = (records: readonly StatisticsRecord[]) => encodeRecords(plan, records).vector;
    const extremes = [-3, -2, -1.7, 0, 0.3, 1.999, 2, 9, undefined];
    const base = Array.from({ length: 7 }, (_, i): StatisticsRecord => [i * 13.3, i / 3 - 1, 'no']);
    const before = at(base);
    for (const dose of extremes) {
      for (const age of [-5, 0, 49.6, 100, 300, undefined]) {
        for (const ill of ['no', 'yes', 'perhaps', undefined]) {
          const after = at([...base, [age, dose, ill]]);
          for (const { at: from, length, sensitivity } of plan.plans.flatMap(({ parts }) => parts)) {
            const change = after.subarray(from, from + length).map((value, i) => value - before[from + i]!);
            expect(Math.hypot(...change)).toBeLessThanOrEqual(sensitivity);
          }
        }
      }
    }
  });
});

describe('answers with noise', () => {
  const plan = planStatistics(query, setting, planStatisticsPrivacy(query, setting, goal));
  const words = createSeededWords(99);
  const draws = new Uint32Array(3 * 4 * 1500);
  words.fill(draws);
  const records = Array.from({ length: 4 * 1500 }, (_, i): StatisticsRecord => {
    const [u, v, w] = [draws[3 * i]! / 2 ** 32, draws[3 * i + 1]! / 2 ** 32, draws[3 * i + 2]! / 2 ** 32];
    const dose = u + v - 1 + (w - 0.5) / 2;
    return [100 * ((u + w) / 2), dose, dose + v > 0.5 ? 'yes' : 'no'];
  });
  const sites = [0, 1, 2, 3].map((site) => records.filter((_, i) => i % 4 === site));
  const encode = (to: StatisticsPlan, all: readonly (readonly StatisticsRecord[])[]) =>
    all.map((some) => encodeRecords(to, some).vector);
  const plain = planStatistics(query, setting);
  const exact = answerStatistics(plain, sum(encode(plain, sites)), 4);
  const vectors = encode(plan, sites);

  /** The figures with a single number, by name. */
  const figuresOf = (answers: readonly StatisticsAnswer[]) => {
    const [count, variance, histogram, quantiles, correlation, auroc] = answers;
    return {
      count: count!.coverage.usable,
      mean: variance?.kind === 'variance' ? variance.mean : undefined,
      variance: variance?.kind === 'variance' ? variance.variance : undefined,
      deviation: variance?.kind === 'variance' ? variance.deviation : undefined,
      cell: histogram?.kind === 'histogram' ? histogram.counts[2] : undefined,
      median: quantiles?.kind === 'quantiles' ? quantiles.quantiles[0] : undefined,
      correlation: correlation?.kind === 'correlation' ? correlation.coefficient : undefined,
      area: auroc?.kind === 'auroc' ? auroc.area : undefined,
    };
  };

  const trials = 400;
  const runs = Array.from({ length: trials }, (_, seed) => figuresOf(askSites(plan, vectors, seed)));
  const right = figuresOf(exact);

  test('are off by what they say: 95 % intervals hold the truth as often', () => {
    for (const [name, truth] of Object.entries(right)) {
      const held = runs.filter((run) => {
        const { interval } = run[name as keyof typeof run]!;
        return interval[0] <= truth!.value! && truth!.value! <= interval[1];
      }).length;
      // Binomial(400, 0.95): fewer than 359 has probability 3e-5; wider intervals are no fault.
      expect([name, held >= 359]).toEqual([name, true]);
    }
  });

  test('have the standard error that they show, within 15 %', () => {
    for (const name of ['count', 'mean', 'variance', 'deviation', 'cell', 'correlation', 'area'] as const) {
      const truth = right[name]!.value!;
      const errors = runs.map((run) => run[name]!.value! - truth);
      const root = Math.sqrt(errors.reduce((total, error) => total + error ** 2, 0) / trials);
      const shown = runs.reduce((total, run) => total + run[name]!.standardError, 0) / trials;
      // Relative deviation of a root mean square of 400 normal values: 3.5 %; 15 % is 4.2 of them.
      expect([name, Math.abs(root / shown - 1) < 0.15]).toEqual([name, true]);
      // The control: half the noise would be seen.
      expect(Math.abs(root / (shown / 2) - 1)).toBeGreaterThan(0.15);
    }
  });

  test('of counts are left below 0, with an interval that is not', () => {
    const empty = encode(plan, [[], [], [], []]);
    const counts = Array.from({ length: 40 }, (_, seed) => askSites(plan, empty, seed)[0]!.coverage.usable);
    expect(counts.some(({ value }) => value! < 0)).toBe(true);
    expect(counts.every(({ interval: [low, high] }) => low >= 0 && high >= low)).toBe(true);
  });

  test('that the noise leaves undetermined have no number, but a reason and an interval', () => {
    const empty = encode(plan, [[], [], [], []]);
    const [, variance, , quantiles, correlation, auroc] = askSites(plan, empty, 5);
    const because = 'there are too few records to be told from noise';
    expect(variance).toMatchObject({
      mean: { value: undefined, because, interval: [-2, 2] },
      variance: { value: undefined, because, interval: [0, 4] },
      deviation: { value: undefined, because, interval: [0, 2] },
    });
    expect(quantiles).toMatchObject({ quantiles: [{ value: undefined, because }] });
    expect(correlation).toMatchObject({ coefficient: { value: undefined, because, interval: [-1, 1] } });
    expect(auroc).toMatchObject({ area: { value: undefined, interval: [0, 1] } });
  });

  test('never show a variance below 0: where the noise exceeds it, it has an upper bound alone', () => {
    const same = new Array<StatisticsRecord>(500).fill([50, 0.5, 'no']);
    const constant = encode(plan, [same, same, same, same]);
    let below = 0;
    for (let seed = 0; seed < 60; seed++) {
      const [, answer, , , correlation] = askSites(plan, constant, seed);
      if (answer?.kind !== 'variance') throw new Error('no variance');
      const { variance, deviation } = answer;
      expect(variance.interval[0]).toBe(0);
      if (variance.value === undefined) {
        below++;
        expect(variance.because).toContain('impossible');
        expect(deviation.value).toBeUndefined();
      } else expect(variance.value).toBeGreaterThanOrEqual(0);
      if (correlation?.kind !== 'correlation') throw new Error('no correlation');
      const { value, interval } = correlation.coefficient;
      expect(value === undefined || Math.abs(value) <= 1).toBe(true);
      expect(interval[0]).toBeGreaterThanOrEqual(-1);
    }
    expect(below).toBeGreaterThan(5);
  });
});
