/**
 * The formulas against published runs and hand-made cases. A wrong unit (bits for bytes, one way
 * for round trip, a variance for a deviation) moves each of them by far more than the tolerance.
 */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  adaptiveDeadlineSeconds,
  balancedTokens,
  compressionEfficiency,
  computeSeconds,
  computeUtilisation,
  dataLimitedComputeFlop,
  detectionProbability,
  disputeSeconds,
  energyJoules,
  expectedContributors,
  exposedSeconds,
  gossipSeconds,
  innerStepEfficiency,
  joulePerByte,
  longestRationalYears,
  loopSeconds,
  minimumInnerSteps,
  pipelineSeconds,
  replicaLossFactor,
  ringSeconds,
  sparseAllGatherSeconds,
  sparseBitsPerParameter,
  starSeconds,
  stepComputeFlop,
  storedExchangeSeconds,
  trainingComputeFlop,
  trainingMemoryBytes,
  trainingObstacles,
  trainingSeconds,
  verificationOverhead,
  wasmMemoryBytes,
} from './index.ts';

/** Within this share of what is expected. */
const expectNear = (found: number, expected: number, tolerance: number) =>
  expect(Math.abs(found / expected - 1)).toBeLessThan(tolerance);

describe('published runs', () => {
  test('INTELLECT-1 (arXiv 2412.01152): 14 nodes, int8 ring, 38 minutes of local steps: 8.3 minutes, 83 % reported', () => {
    const synchronisationSeconds = ringSeconds({
      parameters: 10e9,
      bitsPerParameter: 8,
      nodes: 14,
      bandwidthBitPerSecond: 0.3e9,
      latencySeconds: 0.1,
    });
    expectNear(synchronisationSeconds, 8.3 * 60, 0.01);
    const utilisation = computeUtilisation({
      innerSteps: 100,
      stepSeconds: 22.8,
      synchronisationSeconds,
    });
    expect(utilisation).toBeCloseTo(0.82, 2);
  });

  test('Covenant-72B (arXiv 2603.08163): 146 times smaller updates, 70 s per synchronisation', () => {
    const bits = sparseBitsPerParameter({ density: 64 / 4096, valueBits: 2, indexBits: 12 });
    expect(32 / bits).toBeCloseTo(146.3, 1);
    // Its simulator counts 16 bits for each parameter before compression, and the upload alone.
    const upload = gossipSeconds({
      parameters: 72.7e9,
      bitsPerParameter: 16 / 146,
      bandwidthBitPerSecond: 110e6,
      latencySeconds: 0,
    });
    expectNear(upload, 72, 0.05);
    expectNear(trainingComputeFlop({ parameters: 72.7e9, tokens: 1.1e12 }), 4.8e23, 0.01);
  });

  test('a loop of 4,800 km among 23 sites (Epoch AI, 2025): 72 trillion parameters at 6 Pbit/s in about 220 ms', () => {
    const seconds = loopSeconds({
      parameters: 72e12,
      bitsPerParameter: 8,
      bandwidthBitPerSecond: 6e15,
      loopKilometres: 4800,
    });
    expectNear(seconds, 0.216, 0.05);
  });

  test('Chinchilla (arXiv 2203.15556): 70 billion parameters on 1.4 trillion tokens', () => {
    expect(balancedTokens(70e9)).toBe(1.4e12);
    expectNear(dataLimitedComputeFlop(1.4e12), 5.88e23, 1e-9);
    // 500T tokens of the indexed web against 3,000T with private data: six times the data is 36
    // times the computing.
    expectNear(dataLimitedComputeFlop(3e15) / dataLimitedComputeFlop(5e14), 36, 1e-9);
  });
});

describe('links of browsers: 20 Mbit/s up, 50 down, 50 ms', () => {
  const link = { uploadBitPerSecond: 20e6, downloadBitPerSecond: 50e6, latencySeconds: 0.05 };
  const star = (parameters: number, bits: number) =>
    starSeconds({
      ...link,
      parameters,
      bitsPerParameter: bits,
      returnedBitsPerParameter: bits,
      nodes: 8,
      serverBitPerSecond: 10e9,
    });
  const perceptron = { parameters: 784 * 128 + 128 + 1280 + 10, stepSeconds: 26e6 / 30e9 };

  test.each([
    ['perceptron, f32 every step', 1, 32, 0.33, 0.003],
    ['perceptron, f32 every 500 steps', 500, 32, 0.33, 0.57],
    ['perceptron, int4 every 500 steps', 500, 4, 0.13, 0.77],
  ])('%s', (_, innerSteps, bits, seconds, utilisation) => {
    const synchronisationSeconds = star(perceptron.parameters, bits);
    expect(synchronisationSeconds).toBeCloseTo(seconds, 2);
    expect(computeUtilisation({ ...perceptron, innerSteps, synchronisationSeconds })).toBeCloseTo(
      utilisation,
      2,
    );
  });

  test.each([
    ['10 million parameters, f32 every step', 1, 32, 22.5, 0.08],
    ['10 million parameters, int4 every 100 steps', 100, 4, 2.9, 0.986],
  ])('%s', (_, innerSteps, bits, seconds, utilisation) => {
    const flop = trainingComputeFlop({ parameters: 10e6, tokens: 1024 });
    const stepSeconds = computeSeconds({ flop, flopPerSecond: 30e9 });
    const synchronisationSeconds = star(10e6, bits);
    expect(synchronisationSeconds).toBeCloseTo(seconds, 1);
    expect(computeUtilisation({ innerSteps, stepSeconds, synchronisationSeconds })).toBeCloseTo(
      utilisation,
      2,
    );
  });

  test('100 million parameters at 32 nodes, sparse all-gather every 100 steps', () => {
    const parameters = 100e6;
    const synchronisationSeconds = sparseAllGatherSeconds({
      ...link,
      parameters,
      bitsPerParameter: sparseBitsPerParameter({ density: 64 / 4096, valueBits: 2, indexBits: 12 }),
      nodes: 32,
    });
    expect(synchronisationSeconds).toBeCloseTo(13.7, 1);
    const flop = trainingComputeFlop({ parameters, tokens: 2048 });
    const stepSeconds = computeSeconds({ flop, flopPerSecond: 60e9 });
    expect(computeUtilisation({ innerSteps: 100, stepSeconds, synchronisationSeconds })).toBeCloseTo(
      0.993,
      3,
    );
    // 2 billion tokens take 32 such nodes a week.
    const whole = trainingComputeFlop({ parameters, tokens: 2e9 });
    expectNear(computeSeconds({ flop: whole, flopPerSecond: 32 * 60e9 }) / 86_400, 7.2, 0.01);
  });

  test('a slow server is waited for', () => {
    const slow = starSeconds({
      ...link,
      parameters: 1e6,
      bitsPerParameter: 32,
      returnedBitsPerParameter: 32,
      nodes: 100,
      serverBitPerSecond: 100e6,
    });
    expect(slow).toBeCloseTo(32 + 32 + 0.1, 6);
  });
});

describe('each formula in its units', () => {
  it('exchanges through storage', () => {
    const exchange = {
      parameters: 1e6,
      bitsPerParameter: 8,
      uploadBitPerSecond: 8e6,
      downloadBitPerSecond: 4e6,
    };
    // 1 s up, 2 s down, half a second of latency; 5 % more for each doubling of the nodes.
    expect(storedExchangeSeconds({ ...exchange, latencySeconds: 0.5, nodes: 4 })).toBeCloseTo(3.5 * 1.1, 9);
  });

  it('overlaps', () => {
    const round = { innerSteps: 10, stepSeconds: 2, synchronisationSeconds: 5 };
    expect(trainingSeconds({ ...round, steps: 100 })).toBe(200 + 10 * 5);
    expect(exposedSeconds({ ...round, overlappedSteps: 2 })).toBe(1);
    expect(trainingSeconds({ ...round, steps: 100, overlappedSteps: 3 })).toBe(200);
  });

  it('counts steps, memory, audits and disputes', () => {
    expect(stepComputeFlop({ forwardFlop: 1e6 })).toBe(3e6);
    expect(trainingMemoryBytes({ parameters: 170e6 })).toBeLessThan(wasmMemoryBytes);
    expect(trainingMemoryBytes({ parameters: 180e6 })).toBeGreaterThan(wasmMemoryBytes);
    // A hash of a third of a step every 32 steps costs 1 %.
    expect(verificationOverhead({ hashingSteps: 0.31, interval: 32, auditedShare: 0.05 })).toBeCloseTo(
      1.06,
      3,
    );
    expect(detectionProbability({ auditedShare: 0.1, alteredWindows: 2 })).toBeCloseTo(0.19, 9);
    expect(disputeSeconds({ messages: 12, latencySeconds: 0.05, reexecutionSeconds: 0.4 })).toBeCloseTo(6, 9);
    expect(expectedContributors({ nodes: 20, availability: 0.7 })).toBeCloseTo(14, 9);
    expect(adaptiveDeadlineSeconds({ seconds: [10, 12, 11, 60], deviations: 3 })).toBe(11.5 + 3 * 1);
    const pipeline = { microStepSeconds: 1, transferSeconds: 0.5, latencySeconds: 0.1 };
    expect(pipelineSeconds({ ...pipeline, microBatches: 8, stages: 4 })).toBeCloseTo(11 * 1.6, 9);
  });

  it('prices quality as the report does', () => {
    expect(innerStepEfficiency({ parameters: 1e9, innerSteps: 100 })).toBeCloseTo(0.84, 9);
    expect(innerStepEfficiency({ parameters: 1e14, innerSteps: 100 })).toBeCloseTo(0.92, 9);
    expect([1, 4, 16, 100, 500].map(compressionEfficiency)).toEqual([1, 1, 0.99, 0.98, 0.95]);
    expect(compressionEfficiency(40)).toBeCloseTo(0.985, 4);
    expect(compressionEfficiency(501)).toBeUndefined();
    // b = 1.0923 (2.4e9)^-0.2342 = 0.00695
    expect(replicaLossFactor({ parameters: 2.4e9, replicas: 8, innerSteps: 30 })).toBeCloseTo(1.01456, 4);
    expect(replicaLossFactor({ parameters: 2.4e9, replicas: 1, innerSteps: 30 })).toBe(1);
    // Hardware x1.4, software x3, money x2.5 a year.
    const growth = { hardware: Math.log10(1.4), software: Math.log10(3), investment: Math.log10(2.5) };
    expect(longestRationalYears(growth)).toBeCloseTo(1 / Math.log(1.4 * 3 * 2.5), 9);
  });

  it('adds energy in joules', () => {
    const use = { seconds: 10, share: 0.5, flop: 1e12, memoryBytes: 1e9, networkBytes: 4e5 };
    const coefficients = {
      idleWatts: 6,
      joulePerFlop: 1e-10,
      joulePerMemoryByte: 2e-11,
      joulePerNetworkByte: joulePerByte(0.03),
    };
    // 30 J idle, 100 J arithmetic, 0.02 J memory; 400 kB at 0.03 kWh/GB are 43 J.
    expect(energyJoules(use, coefficients)).toBeCloseTo(30 + 100 + 0.02 + 43.2, 6);
  });
});

describe('what speaks against a plan', () => {
  const plan = { parameters: 10e6, tokens: 1e9, memoryBytes: wasmMemoryBytes, inBrowser: true };

  it('is empty for a small model with enough data', () => {
    expect(trainingObstacles(plan)).toEqual([]);
  });

  it.each([
    ['memory', { parameters: 400e6, inBrowser: false }],
    ['browser', { parameters: 60e6 }],
    ['data', { tokens: 1e6 }],
  ])('names %s', (obstacle, change) => {
    expect(trainingObstacles({ ...plan, ...change })).toEqual([obstacle]);
  });
});

describe('properties', () => {
  const positive = fc.double({ min: 1e-3, max: 1e6, noNaN: true });

  test('the least H reaches the utilisation, and one step less does not', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 0.999, noNaN: true }),
        positive,
        positive,
        (utilisation, stepSeconds, sync) => {
          const times = { stepSeconds, synchronisationSeconds: sync };
          const innerSteps = minimumInnerSteps({ utilisation, ...times });
          expect(computeUtilisation({ innerSteps, ...times })).toBeGreaterThanOrEqual(utilisation - 1e-9);
          if (innerSteps > 1) {
            expect(computeUtilisation({ innerSteps: innerSteps - 1, ...times })).toBeLessThan(
              utilisation + 1e-9,
            );
          }
        },
      ),
    );
  });

  test.each([0, 1, -1, Number.NaN])('a utilisation of %d is refused', (utilisation) => {
    expect(() => minimumInnerSteps({ utilisation, stepSeconds: 1, synchronisationSeconds: 1 })).toThrow(
      expect.objectContaining({ code: 'planning.utilisation' }),
    );
  });

  test('a deadline of no times is refused', () => {
    expect(() => adaptiveDeadlineSeconds({ seconds: [], deviations: 3 })).toThrow(
      expect.objectContaining({ code: 'planning.samples' }),
    );
  });

  test('a better link never takes longer', () => {
    fc.assert(
      fc.property(positive, positive, fc.integer({ min: 2, max: 1000 }), (parameters, bandwidth, nodes) => {
        const ring = { parameters, bitsPerParameter: 8, nodes, latencySeconds: 0.01 };
        expect(ringSeconds({ ...ring, bandwidthBitPerSecond: 2 * bandwidth })).toBeLessThan(
          ringSeconds({ ...ring, bandwidthBitPerSecond: bandwidth }),
        );
      }),
    );
  });
});
