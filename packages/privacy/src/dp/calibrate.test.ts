import { expect, test } from 'vitest';
import { golden, opacusOrders, releasesOf } from '../testing/goldenTable.ts';
import { accountExactGaussian } from './accountants/exactGaussian.ts';
import { accountLossDistribution } from './accountants/lossDistribution.ts';
import type { PrivacyProfile } from './accountants/profile.ts';
import { accountRenyi } from './accountants/renyi.ts';
import { calibrateNoise } from './calibrate.ts';
import type { Release } from './mechanism.ts';

const gaussian = (noiseMultiplier: number): Release[] => [
  { mechanism: { kind: 'gaussian', noiseMultiplier }, count: 1 },
];

test.each(golden.opacusCalibration)('finds what Opacus finds, $steps steps', (row) => {
  const find = (account: (releases: readonly Release[]) => PrivacyProfile) =>
    calibrateNoise({
      ...row,
      account,
      releasesAt: (noiseMultiplier) => releasesOf({ ...row, noiseMultiplier }),
    });
  const byRdp = find((releases) => accountRenyi(releases, opacusOrders));
  const byPld = find(accountLossDistribution);
  // Opacus stops within an epsilon of 0.01 of the target.
  expect(Math.abs(byRdp.noiseMultiplier - row.rdp)).toBeLessThan(5e-3);
  expect(Math.abs(byPld.noiseMultiplier - row.prv)).toBeLessThan(5e-3);
  for (const { epsilon } of [byRdp, byPld]) {
    expect(epsilon).toBeLessThanOrEqual(8);
    expect(epsilon).toBeGreaterThan(7.99);
  }
});

test('keeps the target, and barely: far above and far below a multiplier of 1', () => {
  for (const epsilon of [0.001, 0.3, 4, 60]) {
    const found = calibrateNoise({
      epsilon,
      delta: 1e-6,
      releasesAt: gaussian,
      account: accountExactGaussian,
    });
    const at = (z: number) => accountExactGaussian(gaussian(z)).epsilonAt(1e-6);
    expect(at(found.noiseMultiplier)).toBe(found.epsilon);
    expect(found.epsilon).toBeLessThanOrEqual(epsilon);
    expect(at(found.noiseMultiplier / 1.0002)).toBeGreaterThan(epsilon);
  }
});

test('refuses what no noise reaches', () => {
  const tooMany = () =>
    calibrateNoise({
      epsilon: 1e-3,
      delta: 1e-9,
      releasesAt: (noiseMultiplier) => [{ mechanism: { kind: 'gaussian', noiseMultiplier }, count: 2 ** 50 }],
      account: accountExactGaussian,
    });
  expect(tooMany).toThrow(expect.objectContaining({ code: 'dp.unreachable' }));
  for (const [epsilon, delta] of [
    [0, 1e-5],
    [-1, 1e-5],
    [1, 0],
    [1, 1],
    [NaN, 1e-5],
  ] as const) {
    expect(() =>
      calibrateNoise({ epsilon, delta, releasesAt: gaussian, account: accountExactGaussian }),
    ).toThrow(expect.objectContaining({ code: 'dp.argument' }));
  }
});
