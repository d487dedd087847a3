import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { energyFigures } from '@nonet/matrix/energy';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { energyOf, samplesOf, startEnergyMeter } from './energy.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nonet-powercap-'));
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

function setCounter(name: string, microjoules: number | string): void {
  mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, name, 'energy_uj'), `${microjoules}\n`);
  writeFileSync(join(folder, name, 'max_energy_range_uj'), '1000000\n');
}

describe('the meter', () => {
  test('adds up the packages and leaves out their parts', () => {
    setCounter('intel-rapl:0', 100);
    setCounter('intel-rapl:1', 0);
    setCounter('intel-rapl:0:0', 0);
    const meter = startEnergyMeter(folder);
    setCounter('intel-rapl:0', 500_100);
    setCounter('intel-rapl:1', 250_000);
    setCounter('intel-rapl:0:0', 400_000);
    expect(meter.stop()).toBeCloseTo(0.75, 12);
  });

  test('goes on when a counter wraps around', () => {
    setCounter('intel-rapl:0', 900_000);
    const meter = startEnergyMeter(folder);
    setCounter('intel-rapl:0', 100_000);
    expect(meter.stop()).toBeCloseTo(0.2, 12);
  });

  test('looks in between, so that two turns are not taken for one', () => {
    vi.useFakeTimers();
    setCounter('intel-rapl:0', 900_000);
    const meter = startEnergyMeter(folder);
    for (const value of [300_000, 900_000]) {
      setCounter('intel-rapl:0', value);
      vi.advanceTimersByTime(30_000);
    }
    setCounter('intel-rapl:0', 100_000);
    expect(meter.stop()).toBeCloseTo(1.2, 12);
  });

  test('measures nothing where there are no counters, none may be read, or they say nonsense', () => {
    expect(startEnergyMeter(folder).stop()).toBeUndefined();
    expect(startEnergyMeter(join(folder, 'nowhere')).stop()).toBeUndefined();
    setCounter('intel-rapl:0', 'much');
    expect(startEnergyMeter(folder).stop()).toBeUndefined();
    setCounter('intel-rapl:0', 5);
    const meter = startEnergyMeter(folder);
    rmSync(join(folder, 'intel-rapl:0'), { recursive: true });
    expect(meter.stop()).toBeUndefined();
  });

  test.skipIf(process.getuid?.() === 0)('measures nothing without permission', () => {
    setCounter('intel-rapl:0', 5);
    chmodSync(join(folder, 'intel-rapl:0', 'energy_uj'), 0);
    expect(startEnergyMeter(folder).stop()).toBeUndefined();
  });
});

test('energy is measured before it is declared, and declared before it is modelled', () => {
  const inputs = { seconds: 10, share: 1, flop: 1e9 };
  expect(energyOf(3, 50, inputs).label).toBe('measured');
  expect(energyOf(undefined, 50, inputs)).toMatchObject({ label: 'declared', joules: { middle: 500 } });
  expect(energyOf(undefined, undefined, inputs).label).toBe('modelled');
});

test('a range becomes three samples, a number one', () => {
  const { energy } = energyFigures;
  expect(samplesOf(energy, { low: 1, middle: 2, high: 9 })).toEqual([energy, [1, 2, 9]]);
  expect(samplesOf(energy, { low: 2, middle: 2, high: 2 })).toEqual([energy, 2]);
});
