import { describe, expect, test } from 'vitest';
import { accountLossDistribution } from './accountants/lossDistribution.ts';
import { calibrateNoise } from './calibrate.ts';
import { type PrivacyParameters, parsePrivacyParameters } from './parameters.ts';
import { CohortError, type PrivacyGoal, planPrivacy, reviewPlan } from './plan.ts';

const code = (code: string) => expect.objectContaining({ code });

const digits = {
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
} as const;
const silo = {
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
} as const;
const participants = {
  unit: 'participant',
  form: 'distributed',
  epsilon: 8,
  delta: 1e-5,
  clippingNorm: 1,
  releases: 30,
  honest: 10,
} as const;
const setting = { dimension: 1970, minParticipants: 16, maxParticipants: 20, rounds: 10 };

describe('a plan', () => {
  test.each<[string, PrivacyGoal]>([
    ['record, distributed', digits],
    ['record, silo', silo],
    ['participant', { ...participants, honest: 500 }],
  ])('of unit %s keeps its promise, hardly overfulfils it, and survives a record', (_, goal) => {
    const cohort = goal.unit === 'participant' ? { minParticipants: 1000, maxParticipants: 1000 } : setting;
    const plan = planPrivacy(goal, { ...setting, ...cohort });
    expect(plan.report.epsilon).toBeLessThanOrEqual(8);
    expect(plan.report.epsilon).toBeGreaterThan(7.99);
    expect(plan.largestEntry).toBeLessThan(2 ** 31);
    const read = parsePrivacyParameters(JSON.parse(JSON.stringify(plan.parameters)));
    expect(read).toEqual(plan.parameters);
    expect(reviewPlan(read, { ...setting, ...cohort }).epsilon).toBe(plan.report.epsilon);
  });

  test('takes hardly more noise than one continuous Gaussian by PLD, and never less', () => {
    const { noiseMultiplier } = planPrivacy(digits, setting);
    const central = calibrateNoise({
      epsilon: 8,
      delta: 1e-5,
      account: (releases) => accountLossDistribution(releases),
      releasesAt: (multiplier) => [
        { count: 15, mechanism: { kind: 'poissonGaussian', noiseMultiplier: multiplier, samplingRate: 0.3 } },
      ],
    });
    expect(noiseMultiplier).toBeGreaterThan(central.noiseMultiplier);
    expect(noiseMultiplier).toBeLessThan(1.1 * central.noiseMultiplier);
  });

  test('sizes a share for the honest alone: half as many need √2 as much each', () => {
    const shareOf = (honest: number) => {
      return planPrivacy({ ...digits, honest }, setting).parameters.shareSigma;
    };
    expect(shareOf(4) / shareOf(8)).toBeCloseTo(Math.SQRT2, 3);
  });

  test('takes a coarser grid where sums would not fit 32 bits, and refuses where none fits', () => {
    const roomy = planPrivacy(digits, setting);
    const many = planPrivacy(digits, { ...setting, maxParticipants: 1000 });
    expect(many.parameters.scale).toBeLessThan(roomy.parameters.scale);
    expect(many.largestEntry).toBeLessThan(2 ** 31);
    expect(() => planPrivacy(digits, { ...setting, maxParticipants: 2 ** 20 })).toThrow(code('dp.range'));
  });

  test('twenty participants cannot carry participant-level privacy: it says how many can', () => {
    const small = { ...setting, minParticipants: 20 };
    let error: unknown;
    try {
      planPrivacy(participants, small);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(CohortError);
    const { needed, message } = error as CohortError;
    expect(message).toContain(`at least ${needed} participants`);
    const cohortOf = (size: number) => ({ ...setting, minParticipants: size, maxParticipants: size });
    const at = (size: number) =>
      planPrivacy({ ...participants, honest: Math.ceil(size / 2) }, cohortOf(size));
    expect(at(needed + 1).noiseToSignal).toBeLessThanOrEqual(1);
    expect(() => at(Math.floor(0.98 * needed))).toThrow(code('dp.cohort'));
    expect(at(1000).noiseToSignal).toBeLessThan(0.25);
  });

  test('the same of records, by their expected number in a sum', () => {
    expect(() => planPrivacy({ ...digits, expectedBatch: 20 }, setting)).toThrow(code('dp.cohort'));
  });

  test.each<[string, PrivacyGoal, string]>([
    ['a batch that is too small for the sampling rate', { ...digits, maximumBatch: 960 }, 'dp.distance'],
    ['a batch that is no multiple of what is added at once', { ...digits, maximumBatch: 1000 }, 'dp.batch'],
    ['more honest participants than there are', { ...digits, honest: 17 }, 'dp.honesty'],
    ['a clipping norm whose factors f32 would lose', { ...digits, clippingNorm: 2 ** -17 }, 'dp.argument'],
    ['no release', { ...digits, releases: 0 }, 'dp.argument'],
    ['fewer releases than the job has rounds', { ...digits, releases: 9 }, 'dp.releases'],
  ])('refuses %s', (_, goal, expected) => {
    expect(() => planPrivacy(goal, setting)).toThrow(code(expected));
  });
});

describe('a review', () => {
  const { parameters } = planPrivacy(digits, setting);
  const change = (more: Partial<PrivacyParameters>) => ({ ...parameters, ...more }) as PrivacyParameters;

  test.each<[string, Partial<PrivacyParameters>, string]>([
    ['less noise', { shareSigma: 0.98 * parameters.shareSigma }, 'dp.promise'],
    ['a finer grid', { scale: 2 * parameters.scale }, 'dp.distance'],
    ['a higher sampling rate', { samplingRate: 0.301 }, 'dp.promise'],
    ['more rounds', { releases: 16 }, 'dp.promise'],
    ['a larger clipping norm', { clippingNorm: 1.05 }, 'dp.promise'],
    ['a smaller promise', { epsilon: 7.9 }, 'dp.promise'],
    ['a smaller delta', { delta: 5e-6 }, 'dp.promise'],
    ['fewer honest participants', { honest: 7 }, 'dp.promise'],
    ['more records than fit', { maximumRecords: 3600 }, 'dp.distance'],
    ['a scale that rounds', { scale: 3 * parameters.scale }, 'dp.range'],
    // Its logarithm in base 2 comes out whole.
    ['a scale beside a power of two', { scale: parameters.scale * (1 + 2 ** -52) }, 'dp.range'],
    ['sums that overflow', { maximumBatch: 64 * 10_000 }, 'dp.range'],
  ])('refuses %s than what was planned', (_, more, expected) => {
    expect(() => reviewPlan(change(more), setting)).toThrow(code(expected));
  });

  test('a dimension that rounding was not planned for', () => {
    expect(() => reviewPlan(parameters, { ...setting, dimension: 20_000 })).toThrow(code('dp.promise'));
  });
});

test.each<[string, unknown, string]>([
  ['no object', 7, ''],
  ['an unknown unit', { unit: 'household' }, 'unit'],
  ['a form that the unit does not have', { ...participants, form: 'silo', scale: 1, shareSigma: 1 }, 'form'],
  ['a delta of 1', { ...planPrivacy(digits, setting).parameters, delta: 1 }, 'delta'],
  [
    'records whose tail would take long to sum',
    { ...planPrivacy(digits, setting).parameters, maximumRecords: 2 ** 53 - 1 },
    'maximumRecords',
  ],
  ['a field too many', { ...planPrivacy(digits, setting).parameters, sigma: 1 }, 'Unrecognized'],
])('parameters are refused for %s', (_, value, named) => {
  const read = () => parsePrivacyParameters(value);
  expect(read).toThrow(code('mechanism.parameters'));
  expect(read).toThrow(named);
});
