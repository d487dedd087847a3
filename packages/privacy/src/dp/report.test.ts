import { describe, expect, test } from 'vitest';
import { accountExactGaussian } from './accountants/exactGaussian.ts';
import { accountLossDistribution } from './accountants/lossDistribution.ts';
import { accountRenyi } from './accountants/renyi.ts';
import type { Release } from './mechanism.ts';
import { accountParticipation } from './participation.ts';
import { adjustEpsilon, createPrivacyReport, describePrivacy, type PrivacyConditions } from './report.ts';

const sampled: Release[] = [
  { mechanism: { kind: 'poissonGaussian', noiseMultiplier: 1, samplingRate: 0.1 }, count: 100 },
];
const shares = (count: number): Release[] => [
  {
    mechanism: {
      kind: 'discreteGaussianSum',
      shareSigma: 100,
      shares: count,
      sensitivity: 300,
      dimension: 1000,
      samplingRate: 1,
    },
    count: 10,
  },
];
const silo: PrivacyConditions = {
  unit: { of: 'record', noise: 'silo', relation: 'addOrRemove' },
  releases: sampled,
  delta: 1e-5,
  sampling: 'secretPoisson',
  honest: { atLeast: 1, of: 20, open: false },
  distance: 0,
};
const participant: PrivacyConditions = {
  ...silo,
  unit: { of: 'participant', noise: 'distributed', relation: 'zeroOut' },
  releases: shares(15),
  sampling: 'none',
  honest: { atLeast: 15, of: 20, open: false },
};

test('both figures of a sampled cohort: corrections of amplification', () => {
  // 17.857 and 7.047: vectors/dp, 10 participations, and row 11 of the table.
  const figures = accountParticipation({
    noiseMultiplier: 1,
    samplingRate: 0.1,
    rounds: 100,
    participations: 10,
    delta: 1e-5,
  });
  expect(figures.publicParticipation).toBeCloseTo(17.857, 2);
  expect(figures.secretParticipation).toBeCloseTo(7.047, 2);
});

test('a figure prints with unit, relation, sampling and honesty', () => {
  const text = describePrivacy(createPrivacyReport(silo, accountLossDistribution));
  expect(text).toBe(`epsilon 7.047 at delta 0.00001 per record (silo noise), by pld
Neighbouring datasets differ by one record more or less. How many records a participant has must not become known.
Each participant adds all of its noise itself: only the participant that owns the data must be honest.
Each record is drawn into each step independently and with equal probability, and no one else learns which were.
What ran is exactly what is accounted for.`);
  const other = describePrivacy(createPrivacyReport({ ...participant, distance: 1e-12 }, accountRenyi));
  expect(other).toMatch(/^epsilon \d+\.\d+ at delta 0.00001 per participant \(distributed noise\), by rdp\n/);
  expect(other).toContain('one participant whose contribution is zero instead. Who takes part is public.');
  expect(other).toContain(
    'At least 15 of 20 participants must be honest, add their share of noise and be included.',
  );
  expect(other).toContain('Nothing rests on secret sampling.');
  expect(other).toContain('within a total variation distance of 1.0e-12');
});

test('a distance costs epsilon, more the larger it is, and is never forgotten', () => {
  const profile = accountExactGaussian([{ mechanism: { kind: 'gaussian', noiseMultiplier: 1 }, count: 1 }]);
  let before = profile.epsilonAt(1e-5);
  for (const distance of [1e-12, 1e-9, 1e-8, 3e-8]) {
    const epsilon = adjustEpsilon(profile, 1e-5, distance);
    expect(epsilon).toBeGreaterThan(before);
    expect(profile.deltaAt(epsilon) + (1 + Math.exp(epsilon)) * distance).toBeLessThanOrEqual(
      1e-5 * (1 + 1e-9),
    );
    before = epsilon;
  }
  expect(adjustEpsilon(profile, 1e-5, 0)).toBe(profile.epsilonAt(1e-5));
  for (const distance of [1e-6, 1]) {
    expect(() => adjustEpsilon(profile, 1e-5, distance)).toThrow(
      expect.objectContaining({ code: 'dp.distance' }),
    );
  }
});

describe('refuses', () => {
  test.each<[string, string, Partial<PrivacyConditions>]>([
    ['dp.sampling', 'amplification without secret sampling', { sampling: 'none' }],
    ['dp.sampling', 'amplification by sampling participants', { unit: participant.unit }],
    [
      'dp.uncovered',
      'sampling and replacement',
      { unit: { of: 'record', noise: 'silo', relation: 'replace' } },
    ],
    [
      'dp.honesty',
      'more shares than honest participants',
      { ...participant, honest: { atLeast: 14, of: 20, open: false } },
    ],
    [
      'dp.honesty',
      'more honest participants than there are',
      { honest: { atLeast: 21, of: 20, open: false } },
    ],
    [
      'dp.honesty',
      'shares of accounts that were added to an open cohort',
      {
        ...participant,
        releases: participant.releases.map((release) => ({ ...release, included: 40 })),
        honest: { atLeast: 14, of: 20, open: true },
      },
    ],
    [
      'dp.honesty',
      'shares of others in a silo',
      { releases: shares(2), honest: { atLeast: 2, of: 20, open: false } },
    ],
    ['dp.argument', 'no participants', { honest: { atLeast: 1, of: 0, open: false } }],
    ['dp.argument', 'a negative distance', { distance: -1 }],
    ['dp.argument', 'a delta of 0', { delta: 0 }],
  ])('%s: %s', (code, _, change) => {
    expect(() => createPrivacyReport({ ...silo, ...change }, accountRenyi)).toThrow(
      expect.objectContaining({ code }),
    );
  });
});
