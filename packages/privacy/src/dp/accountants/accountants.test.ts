/** Known answers first (vectors/dp), then a slow twin, then what must hold between accountants. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { computed, golden, opacusOrders, releasesOf } from '../../testing/goldenTable.ts';
import type { Mechanism, Release } from '../mechanism.ts';
import { accountConcentrated } from './concentrated.ts';
import { accountExactGaussian } from './exactGaussian.ts';
import { accountLossDistribution } from './lossDistribution.ts';
import { accountRenyi, renyiDivergence } from './renyi.ts';

const once = (mechanism: Mechanism, count = 1): Release[] => [{ mechanism, count }];
const gaussian = (noiseMultiplier: number): Mechanism => ({ kind: 'gaussian', noiseMultiplier });
const discreteGaussian = (sigma: number, dimension = 1): Mechanism => ({
  kind: 'discreteGaussian',
  sigma,
  sensitivity: 1,
  dimension,
});
const sum = (fields: Partial<Extract<Mechanism, { kind: 'discreteGaussianSum' }>> = {}): Mechanism => ({
  kind: 'discreteGaussianSum',
  shareSigma: 8,
  shares: 10,
  sensitivity: 1,
  dimension: 1000,
  samplingRate: 1,
  ...fields,
});
const relative = (found: number, expected: number) => Math.abs(found / expected - 1);

describe('the golden table', () => {
  test.each(golden.sampledGaussian)(
    'z $noiseMultiplier, q $samplingRate, $steps steps, delta $delta',
    (row) => {
      const pld = accountLossDistribution(releasesOf(row));
      const epsilon = pld.epsilonAt(row.delta);
      expect(relative(epsilon, row.googlePld)).toBeLessThan(2e-4);
      expect(pld.leastEpsilonAt(row.delta)).toBeLessThan(epsilon);
      expect(pld.leastEpsilonAt(row.delta)).toBeGreaterThan(0.97 * epsilon);
      if (row.prvEstimate !== undefined) expect(Math.abs(epsilon - row.prvEstimate)).toBeLessThan(0.01);
      if (row.exact !== undefined) {
        expect(epsilon).toBeGreaterThan(row.exact - 1e-6);
        const exact = accountExactGaussian(once(gaussian(row.noiseMultiplier), row.steps));
        expect(Math.abs(exact.epsilonAt(row.delta) - row.exact)).toBeLessThan(1e-6);
      }
      const rdp = accountRenyi(releasesOf(row), opacusOrders).epsilonAt(row.delta);
      expect(relative(rdp, row.opacusRdp)).toBeLessThan(1e-6);
      expect(rdp).toBeLessThan(row.googleRdp * (1 + 1e-6));
      expect(epsilon).toBeLessThan(accountRenyi(releasesOf(row)).epsilonAt(row.delta));
    },
  );

  test.each(golden.renyiDivergence)('one step at order $order', (row) => {
    const found = renyiDivergence({ kind: 'poissonGaussian', ...row }, row.order);
    expect(relative(found, row.divergence)).toBeLessThan(1e-10);
  });

  test.each(golden.delta)('delta of $steps steps', (row) => {
    const found = accountLossDistribution(releasesOf(row)).deltaAt(row.epsilon);
    expect(relative(found, row.delta)).toBeLessThan(1e-4);
  });

  test.each(golden.discreteGaussian)('discrete Gaussian, sigma $sigma, $count times', (row) => {
    const found = accountLossDistribution(once(discreteGaussian(row.sigma), row.count)).epsilonAt(row.delta);
    // That table rounds each step up to a multiple of 1e-4.
    expect(found).toBeLessThan(row.epsilon + 2e-5);
    expect(found).toBeGreaterThan(row.epsilon - 1e-4 * row.count);
  });

  test.each(golden.participations)('$participations participations in public', (row) => {
    for (const [z, expected] of Object.entries(row.epsilon)) {
      const found = accountExactGaussian(once(gaussian(Number(z)), row.participations));
      expect(Math.abs(found.epsilonAt(row.delta) - expected)).toBeLessThan(6e-4);
    }
  });
});

describe('answers of dp_accounting', () => {
  test.each(computed.laplace)('Laplace, scale $noiseMultiplier, $count times', (row) => {
    const mechanism: Mechanism = { kind: 'laplace', noiseMultiplier: row.noiseMultiplier };
    const pld = accountLossDistribution(once(mechanism, row.count));
    for (const [delta, epsilon] of Object.entries(row.epsilon)) {
      expect(relative(pld.epsilonAt(Number(delta)), epsilon)).toBeLessThan(5e-4);
    }
    for (const [order, divergence] of Object.entries(row.divergence)) {
      const found = row.count * renyiDivergence(mechanism, Number(order));
      expect(relative(found, divergence)).toBeLessThan(1e-9);
    }
  });

  test.each(computed.discreteLaplace)('discrete Laplace, scale $scale, $count times', (row) => {
    const { scale, sensitivity, count } = row;
    const pld = accountLossDistribution(once({ kind: 'discreteLaplace', scale, sensitivity }, count));
    for (const [delta, epsilon] of Object.entries(row.epsilon)) {
      expect(relative(pld.epsilonAt(Number(delta)), epsilon)).toBeLessThan(1e-3);
    }
  });

  test('a composition of different mechanisms', () => {
    const pld = accountLossDistribution([
      ...once({ kind: 'poissonGaussian', noiseMultiplier: 1.2, samplingRate: 0.02 }, 500),
      ...once(gaussian(4)),
      ...once(gaussian(6)),
      ...once({ kind: 'laplace', noiseMultiplier: 20 }, 10),
    ]);
    for (const [delta, epsilon] of Object.entries(computed.mixed)) {
      expect(relative(pld.epsilonAt(Number(delta)), epsilon)).toBeLessThan(3e-4);
    }
  });
});

describe('a slow twin', () => {
  test('integer orders of the subsampled Gaussian are a binomial sum', () => {
    for (const [z, q, order] of [
      [1, 0.01, 12],
      [0.5, 0.2, 3],
      [3, 1e-6, 5],
      [0.5, 0.5, 6],
    ] as const) {
      let moment = 0;
      let choose = 1;
      // E[r^order] - 1, r = (1-q) + q e^t: terms k >= 2 of the binomial, less their value at z = ∞
      for (let k = 0; k <= order; k++) {
        moment += choose * q ** k * (1 - q) ** (order - k) * Math.expm1((k * k - k) / (2 * z * z));
        choose = (choose * (order - k)) / (k + 1);
      }
      const found = renyiDivergence({ kind: 'poissonGaussian', noiseMultiplier: z, samplingRate: q }, order);
      expect(relative(found, Math.log1p(moment) / (order - 1))).toBeLessThan(1e-9);
    }
  });

  test('two discrete Laplace releases, outcome by outcome', () => {
    const scale = 3;
    const weight = (x: number) => Math.exp(-Math.abs(x) / scale) * Math.tanh(1 / (2 * scale));
    for (const epsilon of [0, 0.1, 0.4, 0.6]) {
      let delta = 0;
      for (let x = -120; x <= 120; x++) {
        for (let y = -120; y <= 120; y++) {
          const p = weight(x) * weight(y);
          const q = weight(x - 1) * weight(y - 1);
          delta += Math.max(0, p - Math.exp(epsilon) * q);
        }
      }
      const mechanism: Mechanism = { kind: 'discreteLaplace', scale, sensitivity: 1 };
      const found = accountLossDistribution(once(mechanism, 2)).deltaAt(epsilon);
      expect(found).toBeGreaterThan(delta - 1e-12);
      expect(found - delta).toBeLessThan(2e-4);
    }
  });
});

describe('accountants agree', () => {
  const mechanism = fc.oneof(
    fc.record({
      kind: fc.constant('gaussian' as const),
      noiseMultiplier: fc.double({ min: 0.5, max: 50, noNaN: true }),
    }),
    fc.record({
      kind: fc.constant('poissonGaussian' as const),
      noiseMultiplier: fc.double({ min: 0.5, max: 20, noNaN: true }),
      samplingRate: fc.double({ min: 1e-4, max: 1, noNaN: true }),
    }),
    fc.record({
      kind: fc.constant('laplace' as const),
      noiseMultiplier: fc.double({ min: 0.5, max: 50, noNaN: true }),
    }),
    fc.record({
      kind: fc.constant('discreteLaplace' as const),
      scale: fc.double({ min: 0.5, max: 50, noNaN: true }),
      sensitivity: fc.integer({ min: 1, max: 3 }),
    }),
    fc.record({
      kind: fc.constant('discreteGaussian' as const),
      sigma: fc.double({ min: 0.5, max: 50, noNaN: true }),
      sensitivity: fc.double({ min: 1, max: 3, noNaN: true }),
      dimension: fc.constant(1),
    }),
  );
  const releases = fc.array(fc.record({ mechanism, count: fc.integer({ min: 0, max: 200 }) }), {
    minLength: 1,
    maxLength: 3,
  });
  const delta = fc.constantFrom(1e-3, 1e-5, 1e-7);

  test('PLD is never above RDP, its lower bound never above it, RDP never above zCDP by much', () => {
    fc.assert(
      fc.property(releases, delta, (composition, at) => {
        const pld = accountLossDistribution(composition);
        const rdp = accountRenyi(composition).epsilonAt(at);
        const epsilon = pld.epsilonAt(at);
        expect(epsilon).toBeLessThanOrEqual(rdp * (1 + 1e-4) + 1e-6);
        expect(pld.leastEpsilonAt(at)).toBeLessThanOrEqual(epsilon);
        expect(epsilon).toBeGreaterThanOrEqual(0);
        if (composition.some(({ mechanism: m }) => m.kind === 'poissonGaussian' && m.samplingRate < 1))
          return;
        const zcdp = accountConcentrated(composition).epsilonAt(at);
        expect(epsilon).toBeLessThanOrEqual(zcdp * (1 + 1e-4) + 1e-6);
      }),
      { numRuns: 40 },
    );
  });

  test('PLD bounds the exact Gaussian from above, and its lower bound from below', () => {
    for (const z of [0.05, 0.3, 1, 7, 100, 1e4]) {
      const exact = accountExactGaussian(once(gaussian(z)));
      const pld = accountLossDistribution(once(gaussian(z)));
      for (const at of [1e-2, 1e-5, 1e-8]) {
        const epsilon = exact.epsilonAt(at);
        expect(pld.epsilonAt(at)).toBeGreaterThanOrEqual(epsilon * (1 - 1e-9));
        expect(pld.epsilonAt(at)).toBeLessThan(epsilon * 1.001 + 1e-6);
        expect(pld.leastEpsilonAt(at)).toBeLessThanOrEqual(epsilon);
      }
    }
  });

  test('epsilon and delta are inverse, and rise with the count', () => {
    const mechanism: Mechanism = { kind: 'poissonGaussian', noiseMultiplier: 1, samplingRate: 0.05 };
    let before = 0;
    for (const count of [1, 10, 100, 1000]) {
      for (const profile of [
        accountLossDistribution(once(mechanism, count)),
        accountRenyi(once(mechanism, count)),
      ]) {
        expect(relative(profile.deltaAt(profile.epsilonAt(1e-5)), 1e-5)).toBeLessThan(1e-6);
      }
      const epsilon = accountLossDistribution(once(mechanism, count)).epsilonAt(1e-5);
      expect(epsilon).toBeGreaterThan(before);
      before = epsilon;
    }
  });

  test('nothing released costs nothing, and epsilon is never negative', () => {
    const nothing = [...once(gaussian(1), 0), ...once(sum({ shareSigma: 0.1 }), 0)];
    expect(accountLossDistribution([]).epsilonAt(1e-5)).toBe(0);
    for (const account of [accountRenyi, accountConcentrated])
      expect(account(nothing).epsilonAt(1e-5)).toBe(0);
    for (const account of [
      accountRenyi,
      accountConcentrated,
      accountExactGaussian,
      accountLossDistribution,
    ]) {
      expect(account(once(gaussian(100))).epsilonAt(0.5)).toBe(0);
    }
  });
});

describe('sums of discrete Gaussians', () => {
  test('cost nothing beside one discrete Gaussian once sigma is large', () => {
    const one = renyiDivergence(discreteGaussian(8 * Math.sqrt(10), 1000), 4);
    expect(relative(renyiDivergence(sum(), 4), one)).toBeLessThan(1e-9);
  });

  test('cost what proposition 14 of Kairouz, Liu and Steinke says where it is small', () => {
    // tau = 10 (e^(-pi² s²) + e^(-4 pi² s²/3)), s = 0.7, three shares
    const tau = 10 * (Math.exp(-(Math.PI ** 2) * 0.49) + Math.exp((-4 * Math.PI ** 2 * 0.49) / 3));
    const ratio = 1 / (0.7 * Math.sqrt(3));
    const found = renyiDivergence(sum({ shareSigma: 0.7, shares: 3, dimension: 2 }), 3);
    expect(found).toBeCloseTo(
      Math.min(1.5 * ratio ** 2 + 2 * tau, 1.5 * (ratio + tau * Math.SQRT2) ** 2),
      12,
    );
  });

  test('have no figure below the sigma where the theorem begins', () => {
    expect(accountRenyi(once(sum({ shareSigma: 0.49 }))).epsilonAt(1e-5)).toBe(Infinity);
    expect(accountRenyi(once(sum({ shareSigma: 0.49, shares: 1 }))).epsilonAt(1e-5)).toBeLessThan(20);
  });

  test('the rest of many shares is bounded, not forgotten', () => {
    const at = (shares: number) => renyiDivergence(sum({ shareSigma: 0.5, shares, dimension: 1 }), 2);
    expect(at(5000)).toBeLessThan(
      renyiDivergence(discreteGaussian(0.5 * Math.sqrt(5000)), 2) + 10 * 5000 * Math.exp(-4.9),
    );
    expect(at(5000)).toBeGreaterThan(renyiDivergence(discreteGaussian(0.5 * Math.sqrt(5000)), 2));
  });

  test('sampled: at the sampled Gaussian once sigma is large, at any order at least', () => {
    const z = 8 * Math.sqrt(10);
    for (const samplingRate of [0.01, 0.1]) {
      const mechanism = sum({ samplingRate, sensitivity: z });
      const normal: Mechanism = { kind: 'poissonGaussian', noiseMultiplier: 1, samplingRate };
      for (const order of [2, 3, 8, 20]) {
        expect(relative(renyiDivergence(mechanism, order), renyiDivergence(normal, order))).toBeLessThan(
          1e-9,
        );
      }
      for (const order of [1.1, 1.7, 2.5, 7.9]) {
        expect(renyiDivergence(mechanism, order)).toBeGreaterThan(renyiDivergence(normal, order));
        const next = renyiDivergence(mechanism, Math.ceil(order));
        expect(renyiDivergence(mechanism, order)).toBeLessThan(next * (1 + 1e-12));
      }
      const sampled = accountRenyi(once(mechanism, 100)).epsilonAt(1e-5);
      expect(sampled).toBeLessThan(accountRenyi(once(normal, 100)).epsilonAt(1e-5) * 1.05);
    }
  });

  test('sampled: bounds both directions of the real distribution, outcome by outcome', () => {
    const weights = (sigma: number) => {
      const raw = Array.from({ length: 81 }, (_, i) => Math.exp(-((i - 40) ** 2) / (2 * sigma * sigma)));
      const total = raw.reduce((a, b) => a + b);
      return raw.map((x) => x / total);
    };
    for (const [shareSigma, q] of [
      [0.6, 0.3],
      [1, 0.05],
      [2, 0.5],
    ] as const) {
      const share = weights(shareSigma);
      // The sum of two shares, and the same moved by 1, sampled.
      const noise = Array.from({ length: 161 }, (_, s) =>
        share.reduce((total, p, i) => total + p * (share[s - i] ?? 0), 0),
      );
      const mixture = noise.map((p, i) => (1 - q) * p + q * (noise[i - 1] ?? 0));
      const divergence = (p: number[], r: number[], order: number) =>
        Math.log(
          p.reduce((total, x, i) => (r[i]! < 1e-280 ? total : total + r[i]! * (x / r[i]!) ** order), 0),
        ) /
        (order - 1);
      for (const order of [1.3, 2, 3, 4.5, 6]) {
        const bound = renyiDivergence(
          sum({ shareSigma, shares: 2, dimension: 1, sensitivity: 1, samplingRate: q }),
          order,
        );
        const removed = divergence(mixture, noise, order);
        const added = divergence(noise, mixture, order);
        expect(added).toBeLessThanOrEqual(removed * (1 + 1e-9));
        expect(removed).toBeLessThanOrEqual(bound * (1 + 1e-9));
      }
    }
  });
});

describe('refusals', () => {
  const sampled: Mechanism = { kind: 'poissonGaussian', noiseMultiplier: 1, samplingRate: 0.1 };
  test.each([
    ['PLD of a sum', () => accountLossDistribution(once(sum()))],
    ['PLD in several dimensions', () => accountLossDistribution(once(discreteGaussian(4, 2)))],
    ['zCDP of a sample', () => accountConcentrated(once(sampled))],
    ['the exact curve of a sample', () => accountExactGaussian(once(sampled))],
    ['the exact curve of Laplace', () => accountExactGaussian(once({ kind: 'laplace', noiseMultiplier: 1 }))],
  ])('%s', (_, account) => {
    expect(account).toThrow(expect.objectContaining({ code: 'dp.uncovered' }));
  });

  test.each<Mechanism>([
    gaussian(0),
    gaussian(-1),
    gaussian(NaN),
    gaussian(Infinity),
    { ...sampled, samplingRate: 0 } as Mechanism,
    { ...sampled, samplingRate: 1.1 } as Mechanism,
    { kind: 'laplace', noiseMultiplier: 0 },
    { kind: 'discreteLaplace', scale: 1, sensitivity: 0.5 },
    { ...discreteGaussian(1), sensitivity: 0 } as Mechanism,
    discreteGaussian(1, 1.5),
    sum({ shares: 0 }),
    sum({ dimension: 0 }),
    sum({ samplingRate: 2 }),
  ])('%j', (mechanism) => {
    for (const account of [
      accountRenyi,
      accountConcentrated,
      accountExactGaussian,
      accountLossDistribution,
    ]) {
      expect(() => account(once(mechanism))).toThrow(expect.objectContaining({ code: 'dp.argument' }));
    }
  });

  test('counts, deltas, epsilons and orders out of range', () => {
    expect(() => accountRenyi(once(gaussian(1), -1))).toThrow(
      expect.objectContaining({ code: 'dp.argument' }),
    );
    expect(() => accountRenyi(once(gaussian(1), 1.5))).toThrow(
      expect.objectContaining({ code: 'dp.argument' }),
    );
    expect(() => accountRenyi(once(gaussian(1)), [1])).toThrow(
      expect.objectContaining({ code: 'dp.argument' }),
    );
    const profile = accountLossDistribution(once(gaussian(1)));
    for (const delta of [0, 1, -1, NaN]) {
      expect(() => profile.epsilonAt(delta)).toThrow(expect.objectContaining({ code: 'dp.argument' }));
      expect(() => profile.leastEpsilonAt(delta)).toThrow(expect.objectContaining({ code: 'dp.argument' }));
    }
    expect(() => profile.deltaAt(-1)).toThrow(expect.objectContaining({ code: 'dp.argument' }));
  });

  test('a delta that 64 bits cannot tell', () => {
    const profile = accountLossDistribution(once(sampled, 100));
    expect(() => profile.epsilonAt(profile.slack)).toThrow(expect.objectContaining({ code: 'dp.precision' }));
  });

  test('noise so small that the loss has no end: no figure, not a small one', () => {
    expect(accountLossDistribution(once(gaussian(1e-3))).epsilonAt(1e-5)).toBe(Infinity);
    expect(
      accountLossDistribution(once({ ...sampled, noiseMultiplier: 0.02 } as Mechanism, 50)).epsilonAt(1e-5),
    ).toBeGreaterThan(700);
  });
});
