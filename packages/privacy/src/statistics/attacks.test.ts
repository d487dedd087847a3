/**
 * What the sums of sites say about one record, with noise and without. Exact sums are no protection
 * against questions: these tests show it, and what noise makes of the same questions.
 */

import type { Statistic, StatisticsQuery } from '@nonet/core/records';
import { describe, expect, test } from 'vitest';
import { createSeededWords } from '../testing/seededWords.ts';
import { answerStatistics } from './answers.ts';
import { createContribution, drawNoise, encodeRecords } from './contribution.ts';
import { planStatistics, planStatisticsPrivacy, type StatisticsPlan } from './plan.ts';
import type { StatisticsRecord } from './tally.ts';

const setting = { minParticipants: 3, maxParticipants: 3 };
const ask = (minimumRecords: number, ...statistics: Statistic[]): StatisticsQuery => ({
  columns: [{ kind: 'number', name: 'income', low: 0, high: 1000, step: 1 }],
  statistics,
  maximumRecords: 100,
  minimumRecords,
});
const mean: Statistic = { statistic: 'mean', column: 'income' };
const sum = (vectors: readonly Int32Array[]) =>
  vectors.reduce((total, vector) => total.map((value, i) => value + vector[i]!));
const exactly = (query: StatisticsQuery, sites: readonly (readonly StatisticsRecord[])[]) => {
  const plan = planStatistics(query, setting);
  return answerStatistics(
    plan,
    sum(sites.map((site) => createContribution(plan, site).vector)),
    sites.length,
  );
};
const many = Array.from({ length: 40 }, (_, i): StatisticsRecord => [100 + 5 * i]);
const victim: StatisticsRecord = [937];

describe('a site of one record', () => {
  test('gives it away where two sites know their own, and the query asks for one record', () => {
    const [answer] = exactly(ask(1, mean), [[victim], many, many]);
    if (answer?.kind !== 'mean') throw new Error('no mean');
    const total = answer.mean.value! * answer.coverage.usable.value!;
    const own = many.reduce((before, [value]) => before + (value as number), 0);
    expect(Math.round(total - 2 * own)).toBe(937);
  });

  test('withholds it where the query asks for five', () => {
    const [answer] = exactly(ask(5, mean), [[victim], many, many]);
    expect(answer).toEqual({ ...exactly(ask(5, mean), [[[3]], many, many])[0] });
    expect(answer?.coverage.withheld).toBe(1);
  });
});

describe('two queries that differ by one record', () => {
  const bins = (edge: number): Statistic => ({
    statistic: 'histogram',
    column: 'income',
    bins: [0, edge, 1000],
  });
  const sites = [[...many, victim], many, many];

  test('show it by their difference, however many records each is about', () => {
    const above = (edge: number) => {
      const [answer] = exactly(ask(30, bins(edge)), sites);
      return answer?.kind === 'histogram' ? answer.counts[1]!.value! : Number.NaN;
    };
    expect(above(937) - above(938)).toBe(1);
    expect(above(936) - above(937)).toBe(0);
  });
});

/**
 * How often an attacker is right who sees the noised sum, knows every record but the victim's, and
 * guesses whether it is there: by the likelihood of the one part that tells most.
 */
function guess(plan: StatisticsPlan, trials: number): number {
  const words = createSeededWords(7);
  const others = [many, many].map((site) => encodeRecords(plan, site).vector);
  const [absent, present] = [many, [...many, victim]].map((site) => encodeRecords(plan, site).vector);
  const change = present!.map((value, i) => value - absent![i]!);
  const sigmas = new Float64Array(plan.entries);
  for (const { at, length, shareSigma } of plan.plans.flatMap(({ parts }) => parts)) {
    sigmas.fill(shareSigma, at, at + length);
  }
  let right = 0;
  for (let trial = 0; trial < trials; trial++) {
    const isThere = trial % 2 === 0;
    // Two of three sites add noise, as the promise assumes; the third is the attacker's.
    const total = sum([
      isThere ? present! : absent!,
      ...others,
      drawNoise(plan, words),
      drawNoise(plan, words),
    ]);
    const known = sum([absent!, ...others]);
    let score = 0;
    for (const [i, value] of change.entries()) {
      const shift = total[i]! - known[i]! - value / 2;
      score += (value * shift) / sigmas[i]! ** 2;
    }
    right += Number(score > 0 === isThere);
  }
  return right / trials;
}

describe('noise', () => {
  const query = ask(
    1,
    mean,
    { statistic: 'histogram', column: 'income', bins: [0, 937, 938, 1000] },
    { statistic: 'histogram', column: 'income', bins: [0, 937, 1000] },
    { statistic: 'histogram', column: 'income', bins: [0, 938, 1000] },
  );
  const goal = { unit: 'record', form: 'distributed', delta: 1e-6, honest: 2, releases: 1 } as const;
  const trials = 4000;
  /** The best attack on (epsilon, delta) is right with at most this probability (Kairouz, 2015). */
  const bound = (epsilon: number) => (Math.exp(epsilon) + 1e-6) / (1 + Math.exp(epsilon));
  /** 4.5 standard deviations of a rate of 1/2 over the trials. */
  const margin = (4.5 * 0.5) / Math.sqrt(trials);

  test('keeps the best guess about one record below what epsilon allows, over all queries of a job', () => {
    for (const epsilon of [0.5, 2]) {
      const plan = planStatistics(
        query,
        setting,
        planStatisticsPrivacy(query, setting, { ...goal, epsilon }),
      );
      const rate = guess(plan, trials);
      expect(rate).toBeLessThanOrEqual(bound(epsilon) + margin);
      // The attack is one: it does better than a coin, where that can be seen in as many trials.
      if (epsilon === 2) expect(rate).toBeGreaterThan(0.5 + margin);
    }
  });

  test('of a tenth is seen to break the promise', () => {
    const privacy = planStatisticsPrivacy(query, setting, { ...goal, epsilon: 0.5 });
    const broken = planStatistics(query, setting, {
      ...privacy,
      noiseMultiplier: privacy.noiseMultiplier / 10,
    });
    expect(guess(broken, trials)).toBeGreaterThan(bound(0.5) + margin);
  });
});
