import { describe, expect, test } from 'vitest';
import { accountRenyi } from './accountants/renyi.ts';
import { planPrivacy, releaseOf, sigmaOf } from './plan.ts';
import { describePrivacy } from './report.ts';
import { type ObservedRound, reportSpent } from './spent.ts';

const code = (code: string) => expect.objectContaining({ code });
const setting = { dimension: 1970, minParticipants: 16, maxParticipants: 20, rounds: 10 };
const { parameters } = planPrivacy(
  {
    unit: 'record',
    form: 'distributed',
    epsilon: 8,
    delta: 1e-5,
    clippingNorm: 1,
    releases: 15,
    samplingRate: 0.3,
    maximumBatch: 1088,
    maximumRecords: 3000,
    expectedBatch: 18_000,
    honest: 8,
  },
  setting,
);
const rounds = (count: number, round: ObservedRound) => Array.from({ length: count }, () => round);
const smallest = { included: 16, readable: true };
const epsilonOf = (observed: readonly ObservedRound[]) =>
  reportSpent(parameters, setting, observed).report?.epsilon ?? 0;

describe('what a run has spent', () => {
  test('all rounds of the smallest cohort are what was promised', () => {
    const { charged, report } = reportSpent(parameters, setting, rounds(15, smallest));
    expect(charged).toBe(15);
    expect(report!.epsilon).toBeLessThanOrEqual(8);
    expect(report!.epsilon).toBeGreaterThan(7.99);
  });

  test('is nothing before a sum became readable', () => {
    const observed = rounds(3, { included: 20, readable: false });
    expect(reportSpent(parameters, setting, observed)).toEqual({ charged: 0, report: undefined });
  });

  test('counts every readable round, whatever became of it, and no other', () => {
    const hidden = { included: 20, readable: false };
    expect(epsilonOf([...rounds(9, smallest), hidden])).toBe(epsilonOf(rounds(9, smallest)));
    expect(epsilonOf(rounds(10, smallest))).toBeGreaterThan(epsilonOf(rounds(9, smallest)));
    expect(epsilonOf(rounds(16, smallest))).toBeGreaterThan(8);
  });

  test('is less where more survive, round by round, and as the accountant says of each', () => {
    const all = { included: 20, readable: true };
    const mixed = [...rounds(5, smallest), ...rounds(10, all)];
    expect(epsilonOf(rounds(15, all))).toBeLessThan(epsilonOf(mixed));
    expect(epsilonOf(mixed)).toBeLessThan(epsilonOf(rounds(15, smallest)));
    const { scale } = parameters;
    const release = (shares: number) =>
      releaseOf(parameters, setting, { scale, sigma: sigmaOf(parameters), shares });
    const twin = accountRenyi([
      { count: 5, mechanism: release(8) },
      { count: 10, mechanism: release(10) },
    ]);
    // What batches and samplers add is below 1e-4.
    expect(epsilonOf(mixed)).toBeGreaterThanOrEqual(twin.epsilonAt(1e-5));
    expect(epsilonOf(mixed)).toBeCloseTo(twin.epsilonAt(1e-5), 3);
  });

  test('of an open cohort is no less where more take part: who joins may be one party many times', () => {
    const open = { ...setting, open: true };
    const epsilon = (included: number) =>
      reportSpent(parameters, open, rounds(15, { included, readable: true })).report!.epsilon;
    expect(epsilon(20)).toBe(epsilonOf(rounds(15, smallest)));
    // Accounts that one party adds would make a figure smaller that any may join.
    expect(epsilonOf(rounds(15, { included: 32, readable: true }))).toBeLessThan(0.8 * epsilon(32));
    expect(() => epsilon(1)).toThrow(code('dp.honesty'));
    const { report } = reportSpent(parameters, open, rounds(2, { included: 20, readable: true }));
    expect(describePrivacy(report!)).toContain(
      'At least 8 of 16 participants, and as many of larger numbers, must be honest, add their share of noise and be included. Any account could join: only trust says that so many are honest.',
    );
  });

  test('an odd cohort has its honest part rounded down', () => {
    expect(epsilonOf([{ included: 17, readable: true }])).toBe(epsilonOf([smallest]));
    expect(epsilonOf([{ included: 18, readable: true }])).toBeLessThan(epsilonOf([smallest]));
  });

  test('has no figure where no share of noise is certain', () => {
    expect(() => epsilonOf([{ included: 1, readable: true }])).toThrow(code('dp.honesty'));
  });

  test('of a silo does not depend on who else was there', () => {
    const silo = planPrivacy(
      {
        unit: 'record',
        form: 'silo',
        epsilon: 8,
        delta: 1e-5,
        clippingNorm: 1,
        releases: 10,
        samplingRate: 0.1,
        maximumBatch: 448,
        maximumRecords: 3000,
        stepsPerRound: 4,
      },
      setting,
    ).parameters;
    const epsilon = (included: number) =>
      reportSpent(silo, setting, rounds(10, { included, readable: true })).report!.epsilon;
    expect(epsilon(1)).toBe(epsilon(20));
    expect(epsilon(1)).toBeGreaterThan(7.99);
  });

  test('prints with the part that is assumed honest', () => {
    const { report } = reportSpent(parameters, setting, rounds(2, { included: 20, readable: true }));
    expect(describePrivacy(report!)).toContain(
      'At least 8 of 16 participants, and the same part of other numbers, must be honest',
    );
  });
});
