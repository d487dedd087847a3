/**
 * The four constraints against the source's worked examples, against slow twins, and as functions
 * that never fall when a supply grows.
 */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { chipLimit, dataLimit, latencyLimit, powerLimit } from './constraints.ts';
import {
  type ConstraintId,
  constraintIds,
  type Inputs,
  type ParameterId,
  parameterIds,
  parameters,
} from './parameters.ts';
import { scenarios } from './scenarios/index.ts';

const medians = Object.fromEntries(
  parameterIds.map((id) => [id, scenarios.epoch2024.estimates[id].p50]),
) as Inputs;
const limits = { power: powerLimit, chips: chipLimit, data: dataLimit, latency: latencyLimit };
const day = 86_400;
/** Of a scenario whose base is 2024. */
const ahead = (years: number) => ({ years, campusYears: 6 });
const near = (found: number, expected: number, tolerance: number) =>
  expect(Math.abs(found / expected - 1), `${found} against ${expected}`).toBeLessThan(tolerance);

/** Any values within the bounds of the scenarios' 10th to 90th percentiles. */
const inputs: fc.Arbitrary<Inputs> = fc.constantFrom(scenarios.epoch2024, scenarios.mid2026).chain(
  ({ estimates }) =>
    fc.record(
      Object.fromEntries(
        parameterIds.map((id) => {
          const { p10, p90 } = estimates[id];
          return [id, fc.double({ min: p10, max: p90, noNaN: true })];
        }),
      ),
    ) as fc.Arbitrary<Inputs>,
);
const years = fc.integer({ min: 1, max: 11 });

describe('worked examples of the source', () => {
  test('5 GW for 300 days: 2e29 FLOP', () => {
    const { campusFlop } = powerLimit({ ...medians, campusWatts: 5e9, durationSeconds: 300 * day }, ahead(6));
    near(campusFlop, 2.5e29, 0.05);
  });

  test('a loop of 11,000 km: 110 ms per update, 240 million updates in 300 days, 6e31 FLOP', () => {
    const { bandwidthFlop } = powerLimit(
      {
        ...medians,
        loopKilometres: 11_000,
        durationSeconds: 300 * day,
        batchTokens: 6e7,
        linkBitPerSecond: 1e18,
      },
      ahead(6),
    );
    near(bandwidthFlop, 6e31, 0.05);
  });

  test('production in the middle of the years makes 100 million H100 equivalents', () => {
    near(chipLimit(medians, ahead(6)).gpus, 1.1e8, 0.1);
  });

  test('a known site stays the largest for a while, then grows to the campus of 2030', () => {
    const site = { watts: 1.2e9, years: 1.5 };
    const at = (years: number) => powerLimit(medians, { years, campusYears: 4, site }).campusFlop;
    const perWatt = (years: number) =>
      powerLimit(medians, { years, campusYears: years }).campusFlop / medians.campusWatts;
    near(at(1) / perWatt(1), 1.2e9, 1e-9);
    // Two and a half years from 1.2 to 2.5 GW: half a year of them is a fifth of the way.
    near(at(2) / perWatt(2), 1.2e9 * (2.5 / 1.2) ** 0.2, 1e-9);
    near(at(4) / perWatt(4), 2.5e9, 1e-9);
  });

  test('what is scarcest in the last year holds production back', () => {
    const x = { ...medians, memoryProduction: medians.gpuProduction, memoryGrowth: 1.2 };
    expect(chipLimit(medians, ahead(6)).scarcest).toBe('packaging');
    expect(chipLimit(x, ahead(6)).scarcest).toBe('memory');
    expect(chipLimit({ ...x, wafersPerMonth: 1000 }, ahead(6)).scarcest).toBe('wafers');
    expect(chipLimit(x, ahead(6)).gpus).toBeLessThan(chipLimit(medians, ahead(6)).gpus);
  });

  test('400 trillion to 20 quadrillion tokens', () => {
    const { tokens, flop } = dataLimit(medians, ahead(6));
    near(tokens, 1.46e15, 0.05);
    near(flop, 0.3 * tokens ** 2, 1e-12);
  });

  test('290 to 440 µs per layer', () => {
    near(latencyLimit(medians, ahead(6)).layerSeconds, 360e-6, 0.05);
  });
});

describe('slow twins', () => {
  /** The equation as it is written, and halving. */
  const slowLatency = (x: Inputs, years: number): number => {
    const rate = x.peakFlopPerSecond * x.utilisation * x.flopGrowth ** years;
    const seconds = (n: number): number => {
      const batch = 1.6e7 * (n / 4.05e11) ** x.batchExponent;
      const layers = 0.088 * 4.05e11 ** 0.27 * (n / 4.05e11) ** x.layerExponent;
      const gpus = (120 * n * n) / (x.durationSeconds * rate);
      const parallel = Math.max(1, Math.sqrt((gpus * x.rankTokens) / batch));
      const levels = Math.log2(Math.max(1, parallel / 2.75));
      const hops = x.nodeHopSeconds * 2.75 + x.networkHopSeconds * levels;
      return (8 * (x.kernelSeconds + x.exchangeSeconds + 2 * hops) * layers * 20 * n) / batch;
    };
    let [low, high] = [1, 1e30];
    for (let i = 0; i < 300; i++) {
      const middle = Math.sqrt(low * high);
      if (seconds(middle) < x.durationSeconds) low = middle;
      else high = middle;
    }
    return 120 * low * low;
  };

  test('latency', () => {
    fc.assert(
      fc.property(inputs, years, (x, after) => {
        near(latencyLimit(x, ahead(after)).flop, slowLatency(x, after), 1e-9);
      }),
    );
  });

  test('latency where the run needs no network within a batch', () => {
    const x = { ...medians, durationSeconds: 86_400, kernelSeconds: 1e-3, rankTokens: 1 };
    const limit = latencyLimit(x, ahead(6));
    near(limit.flop, slowLatency(x, 6), 1e-9);
    near(limit.layerSeconds, 8 * (1e-3 + 6.8e-6 + 2 * 0.6e-6 * 2.75), 1e-12);
  });

  test('bandwidth: what so many parameters need is what there is', () => {
    fc.assert(
      fc.property(inputs, years, (x, after) => {
        const n = Math.sqrt(powerLimit(x, ahead(after)).bandwidthFlop / 120);
        const update =
          (2 * n * 8) / (x.linkBitPerSecond * x.linkGrowth ** after) + (2 * x.loopKilometres) / 2e5;
        near((x.durationSeconds / update) * x.batchTokens, 20 * n, 1e-9);
      }),
    );
  });

  test('chips: year by year', () => {
    fc.assert(
      fc.property(inputs, years, (x, after) => {
        let gpus = x.gpuStock;
        for (let year = 0.5; year < after; year++) {
          const wafers = 12 * x.wafersPerMonth * (1 + (x.capexGrowth - 1) * x.waferResponse) ** year;
          gpus +=
            Math.min(
              x.gpuProduction * x.productionGrowth ** year,
              x.memoryProduction * x.memoryGrowth ** year,
              wafers * x.diesPerWafer,
            ) *
            x.flopGrowth ** year;
        }
        near(chipLimit(x, ahead(after)).gpus, gpus * x.trainingShare, 1e-9);
      }),
    );
  });
});

describe('properties', () => {
  const parameter = fc.constantFrom(...parameterIds);
  const more = fc.double({ min: 1, max: 1.3, noNaN: true });
  const raised = (x: Inputs, id: ParameterId, factor: number): Inputs => {
    const [, high] = parameters[id].bounds;
    return { ...x, [id]: Math.min(high, x[id] * factor) };
  };
  const atLeast = (larger: number, smaller: number) =>
    expect(larger).toBeGreaterThanOrEqual(smaller * (1 - 1e-12));

  test('more of a supply never lowers its constraint, more of a cost never raises it', () => {
    fc.assert(
      fc.property(inputs, years, parameter, more, (x, after, id, factor) => {
        // The campus of 2030 is given, so a faster growth up to it means a smaller one before.
        fc.pre(id !== 'dataCentreGrowth' || after >= 6);
        const changed = raised(x, id, factor);
        for (const constraint of parameters[id].raises) {
          atLeast(limits[constraint](changed, ahead(after)).flop, limits[constraint](x, ahead(after)).flop);
        }
        for (const constraint of parameters[id].lowers) {
          atLeast(limits[constraint](x, ahead(after)).flop, limits[constraint](changed, ahead(after)).flop);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('a constraint depends on nothing else', () => {
    fc.assert(
      fc.property(inputs, years, parameter, more, (x, after, id, factor) => {
        const { raises, lowers } = parameters[id];
        for (const constraint of constraintIds) {
          if (raises.includes(constraint) || lowers.includes(constraint)) continue;
          expect(limits[constraint](raised(x, id, factor), ahead(after))).toEqual(
            limits[constraint](x, ahead(after)),
          );
        }
      }),
      { numRuns: 500 },
    );
  });

  it('says of every parameter what depends on it', () => {
    for (const id of parameterIds) {
      expect(parameters[id].raises.length + parameters[id].lowers.length, id).toBeGreaterThan(0);
    }
  });

  test('later years allow more', () => {
    fc.assert(
      fc.property(inputs, years, fc.constantFrom<ConstraintId>(...constraintIds), (x, after, constraint) => {
        atLeast(limits[constraint](x, ahead(after + 1)).flop, limits[constraint](x, ahead(after)).flop);
      }),
    );
  });
});
