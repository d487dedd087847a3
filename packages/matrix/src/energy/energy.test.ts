import { MisuseError } from '@nonet/core';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { energyCoefficients } from './coefficients.ts';
import {
  declaredEnergy,
  energyPer,
  measuredEnergy,
  modelEnergy,
  networkEnergy,
  trainingFlop,
} from './energy.ts';

test.each(Object.entries(energyCoefficients))('%s is a range with a source', (_, coefficient) => {
  const { low, middle, high, source, pin, date, unit } = coefficient;
  expect(0 < low && low < middle && middle < high).toBe(true);
  for (const text of [source, pin, unit]) expect(text).not.toBe('');
  expect(new Date(date).toISOString().slice(0, 10)).toBe(date);
});

describe('the model', () => {
  it('has the units right: a gigabyte over a network is 0.002 to 0.06 kWh, two idle cores for an hour are 1.48 Wh', () => {
    const gigabyte = networkEnergy(1e9);
    expect(gigabyte.low).toBeCloseTo(0.002 * 3.6e6, 6);
    expect(gigabyte.high).toBeCloseTo(0.06 * 3.6e6, 6);
    const idle = modelEnergy({ seconds: 3600, cores: 2, share: 1 });
    expect(idle.joules.middle / 3600).toBeCloseTo(1.48, 10);
  });

  it('agrees with an outside order of magnitude: a core at 20 GFLOP/s yields 5 to 50 GFLOP per joule', () => {
    // A server core of about 6 W at 40 GFLOP/s is 6.4 GFLOP/J, with wider vectors 37.
    const { low, middle, high } = energyCoefficients.joulesPerFlop;
    expect(1 / low).toBeLessThan(50e9);
    expect(1 / middle).toBeGreaterThan(5e9);
    expect(1 / high).toBeGreaterThan(1e9);
  });

  it('takes counted core seconds before FLOP', () => {
    const counted = modelEnergy({ seconds: 10, cores: 2, share: 0, coreSeconds: 10, flop: 1e15 });
    expect(counted.joules.middle).toBeCloseTo(27.6, 10);
    expect(counted.how).toContain('10 busy core seconds');
    expect(counted.label).toBe('modelled');
  });

  it('is additive, and grows with each of its inputs', () => {
    const amount = fc.double({ min: 0, max: 1e12, noNaN: true });
    fc.assert(
      fc.property(amount, amount, amount, amount, (flop, dramBytes, networkBytes, more) => {
        const base = { seconds: 1, cores: 1, share: 1, flop, dramBytes, networkBytes };
        const joules = modelEnergy(base).joules;
        for (const name of ['flop', 'dramBytes', 'networkBytes'] as const) {
          const larger = modelEnergy({ ...base, [name]: base[name] + more }).joules;
          expect(larger.low).toBeGreaterThanOrEqual(joules.low);
          expect(larger.high).toBeGreaterThanOrEqual(joules.high);
        }
        expect(joules.low <= joules.middle && joules.middle <= joules.high).toBe(true);
      }),
    );
  });

  it.each([
    [{ seconds: -1 }],
    [{ seconds: Number.NaN }],
    [{ share: 1.1 }],
    [{ flop: Number.POSITIVE_INFINITY }],
    [{ networkBytes: -5 }],
  ])('refuses %j', (change) => {
    expect(() => modelEnergy({ seconds: 1, cores: 1, share: 1, ...change })).toThrow(MisuseError);
  });
});

test('measured and declared energy say so', () => {
  expect(measuredEnergy(5, 'RAPL')).toEqual({
    label: 'measured',
    joules: { low: 5, middle: 5, high: 5 },
    how: 'RAPL',
  });
  expect(declaredEnergy(20, 3)).toMatchObject({ label: 'declared', joules: { middle: 60 } });
});

test('per unit of what was achieved, and of nothing there is no price', () => {
  expect(energyPer(declaredEnergy(10, 10), 4)).toEqual({ low: 25, middle: 25, high: 25 });
  expect(energyPer(declaredEnergy(10, 10), 0)).toBeUndefined();
});

test('an epoch of 60,000 images through 784-128-10 is 36.6 GFLOP', () => {
  expect(trainingFlop(101_770, 60_000)).toBeCloseTo(36.6e9, -8);
});
