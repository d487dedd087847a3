/** The calculator: by hand, at its limits, and against sums of the largest entries. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeSum, encodeVector, planVector, type VectorRequest, weightOf } from './vectorPlan.ts';

const request: VectorRequest = {
  participants: 50,
  numbers: 100_000,
  clamp: 8,
  resolution: 2 ** -16,
  weighting: 'uniform',
};

describe('a plan', () => {
  test('by hand: 50 participants within 8', () => {
    // 50 · 8 · 2^22 = 1,677,721,600 < 2^31, and twice that is not.
    expect(planVector(request)).toEqual({
      participants: 50,
      numbers: 100_000,
      clamp: 8,
      scaleBits: 22,
      weighting: 'uniform',
      weightUnit: 1,
      mostWeight: 1,
      mostNoise: 0,
      entries: 100_000,
      mostSum: 1_677_721_600,
      cost: {
        registrationBytes: 9728,
        messageBytes: 400_000,
        answerBytes: 1856,
        readBytes: 49 * 9728,
        keyAgreements: 198,
        maskEntries: 5_000_000,
      },
    });
  });

  test('by hand: weights take their bits from the scale, no more than the resolution leaves', () => {
    const plan = planVector({ ...request, weighting: { mostExamples: 4096 } });
    // At 2^16 steps: 50 · w · 8 · 2^16 < 2^31 for w up to 81; 4096 / 64 = 64.
    expect(plan).toMatchObject({ weightUnit: 64, mostWeight: 64, scaleBits: 16, entries: 100_001 });
    expect(plan.mostSum).toBe(50 * 64 * 8 * 2 ** 16);
    const coarse = planVector({ ...request, resolution: 2 ** -8, weighting: { mostExamples: 4096 } });
    expect(coarse).toMatchObject({ weightUnit: 1, mostWeight: 4096, scaleBits: 10 });
  });

  test('by hand: noise takes its part', () => {
    // 50 · (8 + 3) · 2^21 = 1,153,433,600.
    expect(planVector({ ...request, noiseBound: 3 })).toMatchObject({
      scaleBits: 21,
      mostNoise: 3 * 2 ** 21,
      mostSum: 50 * 11 * 2 ** 21,
    });
  });

  test('of counts alone may have steps above 1', () => {
    const plan = planVector({ ...request, clamp: 2 ** 40, resolution: 2 ** 20 });
    expect(plan.scaleBits).toBeLessThan(0);
    expect(plan.mostSum).toBeLessThan(2 ** 31);
  });

  test('bounds the sum of weights too, where it is larger than that of any number', () => {
    const counted = { participants: 1000, clamp: 1, resolution: 4, weighting: { mostExamples: 2 ** 22 } };
    // 1000 · 2^22 > 2^31, though at steps of 4 the numbers would fit.
    expect(planVector({ ...request, ...counted })).toMatchObject({ weightUnit: 2, mostWeight: 2 ** 21 });
  });

  const asked = fc.record({
    participants: fc.integer({ min: 2, max: 1000 }),
    numbers: fc.constant(3),
    clamp: fc.double({ min: 2 ** -20, max: 2 ** 20, noNaN: true }),
    resolution: fc.double({ min: 2 ** -30, max: 2 ** 20, noNaN: true }),
    weighting: fc.oneof(
      fc.constant('uniform' as const),
      fc.record({ mostExamples: fc.integer({ min: 1, max: 2 ** 20 }) }),
    ),
    noiseBound: fc.oneof(fc.constant(0), fc.double({ min: 2 ** -20, max: 2 ** 20, noNaN: true })),
  });

  test('never lets a sum of its largest entries leave 32 bits, nor a finer scale fit', () => {
    let planned = 0;
    fc.assert(
      fc.property(asked, (each) => {
        let plan: ReturnType<typeof planVector>;
        try {
          plan = planVector(each);
        } catch (error) {
          expect(error).toMatchObject({ code: 'secagg.overflow' });
          return;
        }
        planned++;
        expect(2 ** -plan.scaleBits).toBeLessThanOrEqual(each.resolution);
        const examples = each.weighting === 'uniform' ? 1 : each.weighting.mostExamples;
        const noise = new Int32Array(3).fill(plan.mostNoise);
        for (const sign of [1, -1]) {
          const values = new Float32Array(3).fill(sign * 2 ** 30);
          const entries = encodeVector(
            plan,
            values,
            examples,
            noise.map((step) => sign * step),
          );
          for (const entry of entries) {
            const sum = BigInt(entry) * BigInt(each.participants);
            expect(BigInt.asIntN(32, sum)).toBe(sum);
            expect(Math.abs(entry) * each.participants).toBeLessThanOrEqual(plan.mostSum);
          }
        }
        expect(2 * plan.mostSum).toBeGreaterThan(2 ** 31 - 1 - 4 * each.participants * 2);
      }),
      { numRuns: 300 },
    );
    expect(planned).toBeGreaterThan(50);
  });
});

describe('a request that could overflow', () => {
  test('is refused with what would fit', () => {
    const wanted = { ...request, participants: 200, resolution: 2 ** -24 };
    expect(() => planVector(wanted)).toThrow(
      expect.objectContaining({
        code: 'secagg.overflow',
        hint: 'These would fit, one at a time: a resolution of 2^-20, 15 participants, a clamp of 2^-1.',
      }),
    );
    expect(planVector({ ...wanted, resolution: 2 ** -20 }).scaleBits).toBe(20);
    expect(planVector({ ...wanted, participants: 15 }).scaleBits).toBe(24);
    expect(planVector({ ...wanted, clamp: 0.5 }).scaleBits).toBe(24);
    for (const more of [{ resolution: 2 ** -21 }, { participants: 16 }, { clamp: 1 }]) {
      expect(() => planVector({ ...wanted, ...more })).toThrow();
    }
  });

  test('whose noise alone would', () => {
    expect(() => planVector({ ...request, noiseBound: 2 ** 20 })).toThrow(
      expect.objectContaining({ code: 'secagg.overflow' }),
    );
  });

  test.each([
    { participants: 1 },
    { participants: 2.5 },
    { participants: 2 ** 16 + 1 },
    { numbers: 0 },
    { clamp: 0 },
    { clamp: -1 },
    { clamp: Number.NaN },
    { clamp: Number.POSITIVE_INFINITY },
    { resolution: 0 },
    { resolution: 2 ** 61 },
    { noiseBound: -1 },
    { noiseBound: Number.NaN },
    { weighting: { mostExamples: 0 } },
    { weighting: { mostExamples: 1.5 } },
  ])('or has no meaning: %j', (change) => {
    expect(() => planVector({ ...request, ...change })).toThrow(
      expect.objectContaining({ code: 'secagg.plan' }),
    );
  });
});

describe('vectors', () => {
  const plan = planVector({ ...request, numbers: 4 });
  const weighted = planVector({ ...request, numbers: 2, weighting: { mostExamples: 4096 }, noiseBound: 1 });

  test('are rounded to the nearest step, half to even, and clamped', () => {
    const steps = Float32Array.of(0.5, 1.5, 2.5, -0.5).map((step) => step * 2 ** -22);
    expect([...encodeVector(plan, steps, 1)]).toEqual([0, 2, 2, 0]);
    expect([...encodeVector(plan, Float32Array.of(9, -9, 8, 1), 1)]).toEqual(
      [8, -8, 8, 1].map((x) => x * 2 ** 22),
    );
  });

  test('carry their weight, in units, up to the most', () => {
    expect(weighted).toMatchObject({ weightUnit: 64, mostWeight: 64 });
    const scale = 2 ** weighted.scaleBits;
    expect([...encodeVector(weighted, Float32Array.of(1, -2), 129)]).toEqual([3 * scale, -6 * scale, 3]);
    expect([0, 1, 64, 65, 4096, 10_000].map((examples) => weightOf(weighted, examples))).toEqual([
      0, 1, 1, 2, 64, 64,
    ]);
    expect(weightOf(plan, 4096)).toBe(1);
  });

  test('take noise in steps, in the numbers and not in the weight', () => {
    const noise = Int32Array.of(5, -7);
    expect([...encodeVector(weighted, new Float32Array(2), 64, noise)]).toEqual([5, -7, 1]);
  });

  test.each([
    ['secagg.length', new Float32Array(3), undefined],
    ['secagg.length', new Float32Array(2), new Int32Array(3)],
    ['secagg.length', new Float32Array(3), new Int32Array(2)],
    ['secagg.notFinite', Float32Array.of(0, Number.NaN), undefined],
    ['secagg.notFinite', Float32Array.of(Number.NEGATIVE_INFINITY, 0), undefined],
    ['secagg.noise', new Float32Array(2), Int32Array.of(0, weighted.mostNoise + 1)],
    ['secagg.noise', new Float32Array(2), Int32Array.of(-weighted.mostNoise - 1, 0)],
  ])('are refused: %s', (code, values, noise) => {
    expect(() => encodeVector(weighted, values, 1, noise)).toThrow(expect.objectContaining({ code }));
  });

  test('come back as the weighted average', () => {
    const vectors = [
      encodeVector(weighted, Float32Array.of(1, -1), 64),
      encodeVector(weighted, Float32Array.of(4, 0.5), 192),
    ];
    const sum = vectors[0]!.map((entry, e) => entry + vectors[1]![e]!);
    expect(decodeSum(weighted, sum, 2)).toEqual({ average: Float64Array.of(3.25, 0.125), weight: 4 });
    const uniform = encodeVector(plan, Float32Array.of(1, 2, 3, 4), 1);
    expect(decodeSum(plan, uniform, 2)).toEqual({ average: Float64Array.of(0.5, 1, 1.5, 2), weight: 2 });
  });

  test('of no weight, or of more than there can be, make no average', () => {
    for (const weight of [0, -1, 129, 2 ** 31 - 1]) {
      expect(decodeSum(weighted, Int32Array.of(1, 1, weight), 2)).toBeUndefined();
    }
    expect(decodeSum(weighted, Int32Array.of(1, 1, 128), 2)).toMatchObject({ weight: 128 });
  });
});
