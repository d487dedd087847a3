/**
 * The whole computation: against Epoch AI's table, against itself (same request, same bytes), and
 * what each lever does. Draws are few where the number does not matter.
 */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { addressOfGoldenLimits, goldenLimits } from '../test/goldenLimits.ts';
import { backTest, crps, type Forecast } from './backTest.ts';
import { addressOfLimits, computeLimits, type LimitsRequest } from './compute.ts';
import { chipLimit } from './constraints.ts';
import { type Coupling, coupleColumns, uncoupled } from './coupling.ts';
import { trendFlop } from './crossing.ts';
import { criticalComputeFlop, latencyWallFlop, yearsToClose } from './decentralised.ts';
import { normalProbability } from './normal.ts';
import { constraintIds, parameterIds, parameters } from './parameters.ts';
import { testPriors } from './priorTest.ts';
import { type RecordedRun, recordedRuns } from './recordedRuns.ts';
import { scenarios } from './scenarios/index.ts';
import { findDrivers, invertTarget, jointOf } from './sensitivity.ts';
import { drawParameters, evaluateConstraint, evaluateDraws, horizonOf, inputsOf } from './simulate.ts';
import { medianOf, percentilesOf, quantile, rankCorrelation, ranksOf, shareAtLeast } from './statistics.ts';
import { casesText, limitsView } from './view.ts';
import { answerLimits, takeAnswer, type WorkerAnswer } from './worker.ts';

const { epoch2024 } = scenarios;
const few: LimitsRequest = { scenario: epoch2024, draws: 400, seed: 7, year: 2030, coupling: uncoupled };
const asOf = '2026-11-27';
const close = (found: number, expected: number, factor: number) => {
  expect(found / expected, `${found} against ${expected}`).toBeLessThan(factor);
  expect(expected / found, `${found} against ${expected}`).toBeLessThan(factor);
};

describe('what Epoch AI prints', () => {
  const result = computeLimits({ ...few, draws: 20_000, seed: 1 });

  test.each([
    ['power', 2e28, 2e29, 2e30],
    ['chips', 1e29, 9e29, 5e30],
    ['data', 6e28, 2e30, 2e32],
    ['latency', 3e30, 3e31, 1e32],
  ] as const)('%s: the median within 1.5 times, the interval within 2', (id, p10, p50, p90) => {
    close(result.flop[id].p50, p50, 1.5);
    close(result.flop[id].p10, p10, 2);
    close(result.flop[id].p90, p90, 2);
  });

  test.each([
    ['distributedWatts', 2e9, 8e9, 4.5e10],
    ['campusFlop', 1e28, 6e28, 3e29],
    ['bandwidthFlop', 3e29, 2.4e30, 2e31],
    ['gpus', 2e7, 1e8, 4e8],
    ['foundryFlop', 1e30, 5e30, 2e31],
    ['tokens', 4e14, 2.4e15, 2e16],
    ['layerSeconds', 290e-6, 360e-6, 440e-6],
  ] as const)('%s within 1.3 times', (id, p10, p50, p90) => {
    close(result.quantities[id].p10, p10, 1.3);
    close(result.quantities[id].p50, p50, 1.3);
    close(result.quantities[id].p90, p90, 1.3);
  });

  test('and what it does not: the joint limit, and what binds', () => {
    close(result.joint.p50, 1.4e29, 1.1);
    close(result.joint.p10, 1.6e28, 1.1);
    close(result.joint.p90, 9e29, 1.1);
    const at2e29 = result.exceedance.find(({ flop }) => flop === 2e29);
    expect(at2e29?.joint).toBeCloseTo(0.4, 1);
    expect(result.binding.power).toBeCloseTo(2 / 3, 1);
    expect(result.binding.latency).toBeLessThan(0.001);
    expect(constraintIds.reduce((sum, id) => sum + result.binding[id], 0)).toBeCloseTo(1, 12);
  });

  test('the drivers are the growth of data centres and the duration', () => {
    expect(result.drivers.slice(0, 2).map(({ parameter }) => parameter)).toEqual([
      'dataCentreGrowth',
      'durationSeconds',
    ]);
    expect(result.drivers[0]!.rank).toBeCloseTo(0.55, 1);
  });

  test('the trend reaches the limits at the end of the decade', () => {
    expect(trendFlop(epoch2024.trend, 2030)).toBeCloseTo(1.8e29, -28);
    expect(result.crossing.belowHalf).toBeGreaterThan(2029);
    expect(result.crossing.belowHalf).toBeLessThan(2030.5);
    expect(result.crossing.belowTenth).toBeGreaterThan(2031);
  });
});

describe('closed forms of data movement, three months', () => {
  const durationSeconds = 0.25 * 365.25 * 86_400;

  test.each([
    ['utilisation falls', criticalComputeFlop({ durationSeconds }), 1.9e28],
    ['for nine months', criticalComputeFlop({ durationSeconds: 3 * durationSeconds }), 1.7e29],
    ['with batches that grow faster', criticalComputeFlop({ durationSeconds, exponent: 0.1 }), 2.6e29],
    ['the latency wall', latencyWallFlop({ durationSeconds }), 2.3e31],
    ['for nine months', latencyWallFlop({ durationSeconds: 3 * durationSeconds }), 2.1e32],
    ['with batches that grow faster', latencyWallFlop({ durationSeconds, exponent: 0.1 }), 1.8e33],
    ['with batches that grow slower', latencyWallFlop({ durationSeconds, exponent: -0.1 }), 1.3e30],
  ])('%s', (_, found, expected) => {
    close(found, expected, 1.05);
  });

  test('a gap of 1000 closes in five years at 20 against 5 times a year', () => {
    expect(yearsToClose({ gap: 1000, fasterPerYear: 20, slowerPerYear: 5 })).toBeCloseTo(5, 1);
    expect(yearsToClose({ gap: 1000, fasterPerYear: 5, slowerPerYear: 5 })).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('the same request', () => {
  it('gives the same bytes; another seed, draw or value gives others', () => {
    const address = addressOfLimits(computeLimits(few));
    expect(addressOfLimits(computeLimits(few))).toBe(address);
    for (const other of [{ seed: 8 }, { draws: 401 }, { year: 2031 }, { scenario: scenarios.epri2025 }]) {
      expect(addressOfLimits(computeLimits({ ...few, ...other }))).not.toBe(address);
    }
  });

  it('has a known address: it changes only with the model', () => {
    expect(addressOfGoldenLimits()).toBe(goldenLimits.address);
  });

  it('draws the same chance whatever the scenario, and the first draws of a longer run', () => {
    const short = drawParameters(epoch2024, { draws: 50, seed: 3 });
    const long = drawParameters(epoch2024, { draws: 90, seed: 3 });
    const other = drawParameters(scenarios.epri2025, { draws: 50, seed: 3 });
    for (const id of parameterIds) expect(long[id].subarray(0, 50)).toEqual(short[id]);
    expect(other.epochs).toEqual(short.epochs);
    expect(other.campusWatts).not.toEqual(short.campusWatts);
    expect(rankCorrelation(ranksOf(other.campusWatts), ranksOf(short.campusWatts))).toBe(1);
  });

  it('is the same from a worker, which tells of its progress', () => {
    const answers: WorkerAnswer[] = [];
    answerLimits(few, (answer) => answers.push(structuredClone(answer)));
    const shares: number[] = [];
    const results = answers.map((answer) => takeAnswer(answer, (share) => shares.push(share)));
    expect(results.slice(0, -1).every((result) => result === undefined)).toBe(true);
    expect(addressOfLimits(results.at(-1)!)).toBe(addressOfLimits(computeLimits(few)));
    expect(shares.length).toBeGreaterThan(10);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  });

  it('is refused by a worker as it is without one', () => {
    const answers: WorkerAnswer[] = [];
    answerLimits({ ...few, draws: 3 }, (answer) => answers.push(answer));
    expect(() => answers.map((answer) => takeAnswer(answer, () => {}))).toThrow(
      expect.objectContaining({ code: 'limits.request', found: '3' }),
    );
  });
});

describe('draws follow the scenario', () => {
  const draws = 20_000;
  const columns = drawParameters(epoch2024, { draws, seed: 11 });

  test.each(parameterIds)('%s has its percentiles', (id) => {
    const { p10, p50, p90 } = epoch2024.estimates[id];
    // 5 standard errors of a share of 20,000: sqrt(p (1 - p) / n) = 0.0021 at 10 % and 0.0035 at 50
    // %; a false alarm in 2e6.
    const below = (value: number) => 1 - shareAtLeast(columns[id], value * (1 + 1e-12));
    if (p10 === p90) expect(percentilesOf(columns[id])).toEqual({ p10, p50, p90 });
    else {
      expect(Math.abs(below(p10) - 0.1)).toBeLessThan(0.011);
      expect(Math.abs(below(p50) - 0.5)).toBeLessThan(0.018);
      expect(Math.abs(below(p90) - 0.9)).toBeLessThan(0.011);
    }
  });

  test('and its rank correlations, and no others', () => {
    // Standard error of a rank correlation: 1 / sqrt(n) = 0.007.
    for (const { between, rho } of epoch2024.correlations) {
      const [a, b] = between.map((id) => ranksOf(columns[id])) as [Uint32Array, Uint32Array];
      expect(Math.abs(rankCorrelation(a, b) - rho), between.join()).toBeLessThan(0.035);
    }
    const independent = rankCorrelation(ranksOf(columns.epochs), ranksOf(columns.campusWatts));
    expect(Math.abs(independent)).toBeLessThan(0.035);
  });
});

describe('coupling', () => {
  const couple = (coupling: Partial<Coupling>) =>
    computeLimits({ ...few, coupling: { ...uncoupled, ...coupling } });
  const plain = computeLimits(few);

  test('an overhead of 10 leaves a tenth of power and chips, and all data', () => {
    const { flop, uncoupled: before } = couple({ overhead: 10, overheadFrom: 'a test' });
    expect(flop.chips.p50).toBeCloseTo(plain.flop.chips.p50 / 10, -18);
    expect(flop.power.p50).toBeLessThan(plain.flop.power.p50 / 5);
    expect(flop.latency.p50).toBeLessThan(plain.flop.latency.p50);
    expect(flop.data).toEqual(plain.flop.data);
    expect(before).toEqual({ flop: plain.flop, joint: plain.joint, crossing: plain.crossing });
  });

  test('private data: six times the text, which is 36 times the computing where there is nothing else', () => {
    const columns = drawParameters(epoch2024, { draws: 100, seed: 1 });
    const more = coupleColumns(columns, { ...uncoupled, privateDataShare: 1 });
    expect([...more.textTokens]).toEqual([...columns.textTokens].map((tokens) => 6 * tokens));
    const nothingElse = { images: 0, videoSeconds: 0, audioSeconds: 0 };
    const only = <T extends typeof columns>(table: T) =>
      evaluateConstraint(
        {
          ...table,
          ...Object.fromEntries(Object.keys(nothingElse).map((id) => [id, new Float64Array(100)])),
        },
        'data',
        horizonOf(epoch2024, 2030),
      );
    const [before, after] = [only(columns), only(more)];
    for (const [draw, flop] of after.entries()) expect(flop / before[draw]!).toBeCloseTo(36, 9);
    const { flop } = couple({ privateDataShare: 1 });
    expect(flop.data.p50).toBeGreaterThan(plain.flop.data.p50);
    expect(flop.chips).toEqual(plain.flop.chips);
  });

  test('chips that attest bound an attested run and nothing else', () => {
    const { attested, joint } = couple({ teeShare: 0.01 });
    expect(joint).toEqual(plain.joint);
    expect(attested!.p50).toBeLessThan(joint.p50);
    expect(couple({ teeShare: 1 }).attested).toEqual(joint);
    expect(plain.attested).toBeUndefined();
  });

  test.each([
    [{ overhead: 0.5 }, 'overhead'],
    [{ overhead: Number.NaN }, 'overhead'],
    [{ privateDataShare: 1.5 }, 'private'],
    [{ teeShare: 0 }, 'attesting'],
    [{ teeShare: 2 }, 'attesting'],
  ])('refuses %j', (coupling, name) => {
    expect(() => couple(coupling)).toThrow(
      expect.objectContaining({ code: 'limits.coupling', expected: expect.stringContaining(name) }),
    );
  });
});

describe('requests are refused', () => {
  test.each([
    [{ draws: 99 }, 'draws'],
    [{ draws: 1e9 }, 'draws'],
    [{ draws: 1000.5 }, 'draws'],
    [{ seed: -1 }, 'seed'],
    [{ seed: 2 ** 53 }, 'seed'],
    [{ year: 2024 }, 'year'],
    [{ year: 2036 }, 'year'],
    [{ target: { flop: 0, probability: 0.5 } }, 'target'],
    [{ target: { flop: 1e29, probability: 1 } }, 'target'],
    [{ target: { flop: Number.NaN, probability: 0.5 } }, 'target'],
  ])('%j', (change, name) => {
    expect(() => computeLimits({ ...few, ...change })).toThrow(
      expect.objectContaining({ code: 'limits.request', expected: expect.stringContaining(name) }),
    );
  });
});

describe('sensitivity', () => {
  const columns = drawParameters(epoch2024, { draws: 600, seed: 5 });
  const horizon = horizonOf(epoch2024, 2030);
  const baseline = { columns, horizon, flop: evaluateDraws(columns, horizon).flop };

  test('swings are those of computing everything again', () => {
    for (const { parameter, atP10, atP90 } of findDrivers(baseline, epoch2024)) {
      const { p10, p90 } = epoch2024.estimates[parameter];
      const again = (value: number) =>
        medianOf(
          jointOf(
            evaluateDraws({ ...columns, [parameter]: columns[parameter].map(() => value) }, horizon).flop,
          ),
        );
      expect([atP10, atP90], parameter).toEqual([again(p10), again(p90)]);
    }
  });

  test('swings go the way of the parameter', () => {
    for (const { parameter, atP10, atP90 } of findDrivers(baseline, epoch2024)) {
      const [low, high] = parameters[parameter].raises.length > 0 ? [atP10, atP90] : [atP90, atP10];
      expect(high, parameter).toBeGreaterThanOrEqual(low);
    }
  });

  test('what an inversion asks for is enough, and a little less is not', () => {
    const target = { flop: 2e29, probability: 0.5 };
    const { reach, levers, now } = invertTarget(baseline, epoch2024, target);
    expect(reach).toBe('reachable');
    expect(now).toBe(shareAtLeast(jointOf(baseline.flop), 2e29));
    const sufficient = levers.filter(({ needed }) => needed !== undefined);
    expect(sufficient.length).toBeGreaterThan(3);
    for (const { parameter, median, needed } of sufficient) {
      if (parameters[parameter].link.type !== 'log' || median < 10) continue;
      // Positive quantities move by a factor.
      const reached = (factor: number) =>
        shareAtLeast(
          jointOf(
            evaluateDraws({ ...columns, [parameter]: columns[parameter].map((x) => x * factor) }, horizon)
              .flop,
          ),
          target.flop,
        );
      const factor = needed! / median;
      expect(reached(factor * (1 + 1e-9)), parameter).toBeGreaterThanOrEqual(0.5);
      expect(reached(factor > 1 ? factor * 0.98 : factor * 1.02), parameter).toBeLessThan(0.5);
    }
    for (const { needed, atBest } of levers) {
      if (needed === undefined) expect(atBest).toBeLessThan(0.5);
      else expect(atBest).toBeGreaterThanOrEqual(0.5);
    }
  });

  test('no single parameter makes 2e29 likely at 80 %; power and data together do', () => {
    const { reach, now, levers, loosenings } = invertTarget(baseline, epoch2024, {
      flop: 2e29,
      probability: 0.8,
    });
    expect(reach).toBe('only together');
    expect(levers.length).toBeGreaterThan(0);
    expect(levers.every(({ needed, atBest }) => needed === undefined && atBest > now)).toBe(true);
    expect(loosenings[0]?.constraints).toEqual(['power', 'data']);
    const { factor } = loosenings[0]!;
    const { flop } = baseline;
    const looser = (by: number) =>
      shareAtLeast(
        jointOf({ ...flop, power: flop.power.map((x) => x * by), data: flop.data.map((x) => x * by) }),
        2e29,
      );
    expect(looser(factor * (1 + 1e-9))).toBeGreaterThanOrEqual(0.8);
    expect(looser(factor * 0.95)).toBeLessThan(0.8);
  });

  test('a target that is met needs no change, and one that is out of reach says so', () => {
    expect(invertTarget(baseline, epoch2024, { flop: 1e26, probability: 0.5 })).toMatchObject({
      reach: 'already met',
      levers: [],
      loosenings: [],
    });
    expect(invertTarget(baseline, epoch2024, { flop: 1e40, probability: 0.5 })).toMatchObject({
      reach: 'unreachable',
      now: 0,
      levers: [],
      loosenings: [],
    });
  });
});

describe('order statistics', () => {
  const values = fc.uniqueArray(fc.double({ min: -1e9, max: 1e9, noNaN: true }), {
    minLength: 3,
    maxLength: 60,
  });

  test('quantiles lie on the line between sorted values', () => {
    expect(quantile(Float64Array.of(1, 2, 4), 0.75)).toBe(3);
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (list, p) => {
        const found = quantile(Float64Array.from(list).sort(), p);
        expect(found).toBeGreaterThanOrEqual(Math.min(...list));
        expect(found).toBeLessThanOrEqual(Math.max(...list));
      }),
    );
  });

  test("Spearman's formula is Pearson's correlation of the ranks", () => {
    fc.assert(
      fc.property(values, (list) => {
        const a = ranksOf(Float64Array.from(list));
        const b = ranksOf(Float64Array.from(list, (value) => Math.sin(value)));
        const mean = (a.length - 1) / 2;
        const product = (x: Uint32Array, y: Uint32Array) =>
          x.reduce((sum, v, i) => sum + (v - mean) * (y[i]! - mean), 0);
        expect(rankCorrelation(a, b)).toBeCloseTo(product(a, b) / product(a, a), 9);
      }),
    );
  });
});

describe('back-test', () => {
  test.each(recordedRuns)('$name has a source, a date, and the FLOP of its size', (run) => {
    expect(run.source).not.toBe('');
    expect(run.setting).not.toBe('');
    expect(run.date).toMatch(/^20\d\d-\d\d(-\d\d)?$/);
    expect(run.flop === undefined).toBe(run.tokens === undefined);
    if (run.flop !== undefined) {
      // 6 N D, the rule that Epoch AI counts by.
      close(run.flop, 6 * run.parameters * run.tokens!, 1.02);
    }
  });

  it('says how few runs there are, and that both forecasts missed the same one', () => {
    const { scores, runs, coverage, crpsDecades } = backTest();
    expect([runs, scores.length, coverage]).toEqual([1, 2, 0]);
    expect(
      scores.every(({ run, found, predicted }) => run.name === 'Covenant-72B' && found < predicted.p10),
    ).toBe(true);
    expect(crpsDecades).toBeGreaterThan(0.3);
  });

  it('scores only completed decentralised runs of known compute after the forecast', () => {
    const forecast: Forecast = {
      title: 't',
      from: 'f',
      date: '2024-01-01',
      flop: 1e22,
      growthPerYear: { p10: 5, p50: 10, p90: 20 },
    };
    const run: RecordedRun = {
      name: 'r',
      date: '2025-01-01',
      parameters: 1,
      flop: 1e23,
      completed: true,
      decentralised: true,
      setting: '',
      source: '',
    };
    const { flop: _, ...unknown } = run;
    const others = [
      { ...run, completed: false },
      { ...run, decentralised: false },
      unknown,
      { ...run, date: '2023-01-01' },
    ];
    const { scores, coverage } = backTest([forecast], [run, ...others]);
    expect([scores.length, coverage]).toEqual([1, 1]);
    expect(scores[0]!.predicted.p50).toBeCloseTo(1e23, -21);
    expect(backTest([forecast], []).coverage).toBe(0);
  });

  test('CRPS of a normal forecast is the closed form', () => {
    // Gneiting and Raftery (2007), equation 21; quantiles by halving.
    const normalQuantile = (p: number) => {
      let [low, high] = [-8, 8];
      for (let i = 0; i < 60; i++) {
        const middle = (low + high) / 2;
        if (normalProbability(middle) < p) low = middle;
        else high = middle;
      }
      return low;
    };
    for (const z of [-2, -0.3, 0, 1, 3]) {
      const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
      const expected = z * (2 * normalProbability(z) - 1) + 2 * density - 1 / Math.sqrt(Math.PI);
      expect(crps(normalQuantile, z)).toBeCloseTo(expected, 3);
    }
  });
});

describe('sets of inputs', () => {
  const beside = Object.values(scenarios);
  const { sets, supply } = computeLimits({ ...few, draws: 20_000, seed: 1, beside });

  it('stand side by side for one year, each with its own draws and what decides', () => {
    expect(sets?.map(({ id }) => id)).toEqual(['epoch2024', 'epri2025', 'mid2026']);
    const [first, , newest] = sets!;
    const alone = computeLimits({ ...few, scenario: scenarios.mid2026, draws: 10_000, seed: 1 });
    expect(newest).toMatchObject({ joint: alone.joint, binding: alone.binding, supply: alone.supply });
    // More chips and larger sites were seen than were foreseen.
    expect(newest!.joint.p50).toBeGreaterThan(1.3 * first!.joint.p50);
    for (const { binding } of sets!) {
      expect(constraintIds.reduce((sum, id) => sum + binding[id], 0)).toBeCloseTo(1, 12);
      expect(binding.power).toBeGreaterThan(0.5);
    }
  });

  it('tell packaging and memory apart only where their sources do', () => {
    expect(supply.memory).toBe(0);
    expect(supply.packaging + supply.memory + supply.wafers).toBeCloseTo(1, 12);
    const newest = sets!.at(-1)!.supply;
    expect(newest.memory).toBeGreaterThan(0.2);
    expect(newest.packaging).toBeGreaterThan(0.2);
  });

  it('begin the year after their base', () => {
    const early = computeLimits({ ...few, year: 2026, beside });
    expect(early.sets?.map(({ id }) => id)).toEqual(['epoch2024', 'epri2025']);
    expect(() => computeLimits({ ...few, scenario: scenarios.mid2026, year: 2026 })).toThrow(
      expect.objectContaining({ code: 'limits.request', expected: expect.stringContaining('2027 to 2035') }),
    );
  });

  it('meet what is known at their base: the stock of 2026, and its growth in the year after', () => {
    const columns = drawParameters(scenarios.mid2026, { draws: 4000, seed: 2 });
    const read = inputsOf(columns);
    const growth = Float64Array.from({ length: 4000 }, (_, draw) => {
      const x = read(draw);
      return chipLimit(x, { years: 1 }).gpus / x.trainingShare / x.gpuStock;
    });
    const { p10, p90 } = percentilesOf(growth);
    expect(percentilesOf(columns.gpuStock).p50).toBeGreaterThan(1.5e7);
    // Packaging and memory as they are planned hold the trend of 3.3 times back, from below.
    expect(p10).toBeGreaterThan(1.8);
    expect(p90).toBeGreaterThan(2.7);
  });
});

describe('the inputs of 2024 against what was seen since', () => {
  const { observations, summary } = testPriors();

  it.each(observations)('$quantity has a source, a date, and percentiles in order', (observation) => {
    const { observed, predicted, inside, factor, ran, source, date } = observation;
    expect(source).not.toBe('');
    expect(date).toMatch(/^20\d\d-\d\d$/);
    expect(predicted.p10).toBeLessThanOrEqual(predicted.p50);
    expect(predicted.p50).toBeLessThanOrEqual(predicted.p90);
    expect(inside).toBe(predicted.p10 <= observed && observed <= predicted.p90);
    expect(factor).toBeCloseTo(observed / predicted.p50, 12);
    expect(ran).toBe(factor > 1.1 ? 'low' : factor < 0.9 ? 'high' : 'as seen');
  });

  it('says where they ran low', () => {
    const ran = (quantity: string) => observations.find((each) => each.quantity === quantity)?.ran;
    expect(ran('chips for AI in the world')).toBe('low');
    expect(ran('growth of that stock')).toBe('low');
    expect(ran('largest known training run')).toBe('low');
    expect(summary).toContain('chips for AI in the world (1.2 times the median)');
  });

  it('foresees the stock as the formula does at the medians', () => {
    // 2.2, and 1.85 million made at mid-year, growing by 1.7 in number and 1.44 in speed: 12 million.
    const first = Math.sqrt(1.7 * 1.44) * 1.85;
    const stock = 2.2 + first + first * 1.7 * 1.44;
    close(observations[0]!.predicted.p50, stock, 1.1);
  });
});

describe('the hero sentence', () => {
  it('is computed: a multiple of GPT-4, and what decides how often', () => {
    const { hero } = limitsView(computeLimits({ ...few, draws: 20_000, seed: 1 }), epoch2024, asOf);
    expect(hero).toBe(
      'At the start of 2030 the largest training run could be about 7,000 times GPT-4; electricity decides in two cases of three.',
    );
    const other = limitsView(
      computeLimits({ ...few, draws: 2000, coupling: { ...uncoupled, overhead: 1000 } }),
      epoch2024,
      asOf,
    );
    expect(other.hero).not.toContain('7,000');
  });

  it.each([
    [0.675, 'in two cases of three'],
    [0.5, 'in one case of two'],
    [0.59, 'in three cases of five'],
    [0.53, 'in one case of two'],
    [0.9, 'in nine cases of ten'],
    [0.99, 'in nearly all cases'],
    [0.34, 'in one case of three'],
  ])('says %d as %s', (share, words) => {
    expect(casesText(share)).toBe(words);
  });
});

describe('the view', () => {
  const result = computeLimits({
    ...few,
    coupling: { overhead: 2, overheadFrom: 'a test', privateDataShare: 0.5, teeShare: 0.1 },
    target: { flop: 2e29, probability: 0.4 },
  });
  const view = limitsView(result, epoch2024, asOf);

  it('is plain data that JSON keeps', () => {
    expect(JSON.parse(JSON.stringify(view))).toEqual(view);
    expect(view.address).toBe(addressOfLimits(result));
  });

  it('says what the licence asks for', () => {
    expect(view.attribution).toContain('Jaime Sevilla');
    expect(view.attribution).toContain('CC BY 4.0');
  });

  it('tells of the largest site where it is known', () => {
    expect(view.scenario.site).toBeUndefined();
    const { mid2026 } = scenarios;
    const { scenario } = limitsView(computeLimits({ ...few, scenario: mid2026 }), mid2026, asOf);
    expect(scenario.site).toMatch(/^1.2 GW: sites of 1 to 1.4 GW in 2026/);
  });

  it('shows joint limit, binding share, multiples of GPT-4 and physical quantities', () => {
    expect(view.bars.map(({ id }) => id)).toEqual(['power', 'chips', 'data', 'latency', 'joint', 'attested']);
    const [power, , , latency, joint] = view.bars;
    expect(power!.binding).toBe(result.binding.power);
    expect(joint!.timesGpt4.p50).toBeCloseTo(result.joint.p50 / 2e25, 3);
    expect(latency!.quantities[0]).toMatchObject({ unit: 'µs', values: { p50: expect.closeTo(360, -2) } });
    expect(view.headline).toMatch(
      /^The largest training run possible at the start of 2030: \d\.?\de2\d FLOP .* binds in \d+ % of the draws\.$/,
    );
  });

  it('shows age and standing of each estimate', () => {
    expect(view.drivers[0]!.ageYears).toBeCloseTo(2.27, 2);
    expect(view.drivers[0]!.standing).toBeCloseTo(0.5 ** 2.27, 2);
    expect(view.drivers.every(({ from, about }) => from !== '' && about !== '')).toBe(true);
  });

  it('tells the coupling in sentences, and the corrections of the sources', () => {
    expect(view.coupling.join(' ')).toMatch(
      /take 2 times the computing \(a test\).*50 % .*36 times the computing.*10 % of the chips.*instead of/s,
    );
    const { coupling } = limitsView(computeLimits(few), epoch2024, asOf);
    expect(coupling.join(' ')).toMatch(
      /nothing is deducted.*Private data: none.*Attestation: not asked for/s,
    );
    expect([view.errata.length, view.inconsistencies.length]).toEqual([5, 5]);
  });
});

test('a scenario that was never parsed is checked before anything is drawn', () => {
  const { epoch2024 } = scenarios;
  const utilisation = { ...epoch2024.estimates.utilisation, p90: 1.5 };
  const scenario = { ...epoch2024, estimates: { ...epoch2024.estimates, utilisation } };
  expect(() => computeLimits({ ...few, scenario })).toThrow(
    expect.objectContaining({ code: 'limits.bounds' }),
  );
});
