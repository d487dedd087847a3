/**
 * Each numerical part against a slow twin that is obviously right, and against what engines give
 * where they give it to the last places.
 */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { exp, ln, logistic, logit, power, sin, wholePower } from './arithmetic.ts';
import { choleskyFactor, copulaFactor, correlationMatrix, pearsonOf } from './copula.ts';
import { createMetalog, type Link, metalogQuantile } from './metalog.ts';
import { normalProbability, normalQuantile } from './normal.ts';

const relative = (found: number, expected: number) => Math.abs(found - expected) / Math.abs(expected);
const finite = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const logarithmic = fc.integer({ min: -300, max: 300 }).chain((decade) => {
  const scale = 10 ** decade;
  return finite(scale, 10 * scale);
});

describe('arithmetic with the same bits everywhere', () => {
  test('ln and exp are within a few units in the last place of the engine', () => {
    fc.assert(
      fc.property(logarithmic, (x) => {
        if (x !== 1) expect(relative(ln(x), Math.log(x))).toBeLessThan(1e-15);
      }),
    );
    fc.assert(
      fc.property(finite(-700, 700), (x) => {
        expect(relative(exp(x), Math.exp(x))).toBeLessThan(1e-15);
      }),
    );
    fc.assert(
      fc.property(finite(0.5, 2), (x) => {
        expect(Math.abs(ln(x) - Math.log(x))).toBeLessThan(2e-16);
      }),
    );
  });

  it('is exact where the answer is', () => {
    expect([ln(1), exp(0), sin(0), wholePower(3, 4), wholePower(7, 0)]).toEqual([0, 1, 0, 81, 1]);
    expect([exp(710), exp(-800)]).toEqual([Number.POSITIVE_INFINITY, 0]);
    expect(relative(exp(709.7), Math.exp(709.7))).toBeLessThan(1e-15);
  });

  test('powers, sines and logits are those of the engine', () => {
    fc.assert(
      fc.property(finite(1e-3, 1e3), finite(-30, 30), (base, exponent) => {
        expect(relative(power(base, exponent), base ** exponent)).toBeLessThan(1e-12);
      }),
    );
    fc.assert(
      fc.property(finite(-1, 1), (x) => {
        expect(Math.abs(sin(x) - Math.sin(x))).toBeLessThan(3e-16);
      }),
    );
    fc.assert(
      fc.property(finite(1e-6, 1 - 1e-6), (p) => {
        expect(logistic(logit(p))).toBeCloseTo(p, 12);
      }),
    );
  });

  test('known bits: a change here changes every hash', () => {
    const hex = (x: number) => {
      const view = new DataView(new ArrayBuffer(8));
      view.setFloat64(0, x);
      return view.getBigUint64(0).toString(16);
    };
    expect(
      [ln(10), exp(1), sin(0.5), normalQuantile(0.9), normalProbability(1)].map(hex),
    ).toMatchInlineSnapshot(`
      [
        "40026bb1bbb55516",
        "4005bf0a8b14576a",
        "3fdeaee8744b05f0",
        "3ff4813c36e26d34",
        "3feaec4bd120d37e",
      ]
    `);
  });
});

describe('the normal distribution', () => {
  /** P(Z <= x) = 1/2 + x phi(x) (1 + x²/3 + x⁴/15 + ...): Marsaglia's series. */
  const slowProbability = (x: number): number => {
    let term = x;
    let sum = x;
    for (let n = 3; sum + term !== sum; n += 2) {
      term = (term * x * x) / n;
      sum += term;
    }
    return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
  };
  const slowQuantile = (p: number): number => {
    let low = -10;
    let high = 10;
    for (let i = 0; i < 200; i++) {
      const middle = (low + high) / 2;
      if (slowProbability(middle) < p) low = middle;
      else high = middle;
    }
    return low;
  };

  test('tables', () => {
    expect(normalProbability(0)).toBeCloseTo(0.5, 15);
    expect(normalProbability(1.959963984540054)).toBeCloseTo(0.975, 14);
    expect(normalQuantile(0.9)).toBeCloseTo(1.2815515655446004, 13);
    // NIST's and Wichura's check values: 25 % and 0.1 %.
    expect(normalQuantile(0.25)).toBeCloseTo(-0.6744897501960817, 14);
    expect(normalQuantile(0.001)).toBeCloseTo(-3.090232306167813, 13);
    expect(normalQuantile(1e-20)).toBeCloseTo(-9.26234008979841, 12);
    expect([normalProbability(9), normalProbability(-9)]).toEqual([1, 0]);
  });

  test('both functions agree with their twins', () => {
    fc.assert(
      fc.property(finite(-6, 6), (x) => {
        expect(Math.abs(normalProbability(x) - slowProbability(x))).toBeLessThan(1e-14);
      }),
    );
    fc.assert(
      fc.property(finite(1e-6, 1 - 1e-6), (p) => {
        expect(Math.abs(normalQuantile(p) - slowQuantile(p))).toBeLessThan(1e-9);
      }),
    );
  });
});

describe('the metalog', () => {
  const above = (lowest: number): Link => ({ type: 'log', lowest });

  /**
   * Keelin's general form: solve for the three coefficients so that the quantile function goes
   * through the three points.
   */
  const slowQuantile = ([x1, x2, x3]: [number, number, number], type: Link, p: number): number => {
    const f = (x: number) => (type.type === 'log' ? Math.log(x - type.lowest) : Math.log(x / (1 - x)));
    const row = (y: number) => {
      const l = Math.log(y / (1 - y));
      return [1, l, (y - 0.5) * l] as [number, number, number];
    };
    const [r1, r2, r3] = [row(0.1), row(0.5), row(0.9)];
    const determinant = (m: [number, number, number][]) => {
      const [[a, b, c], [d, e, g], [h, i, j]] = m as [
        [number, number, number],
        [number, number, number],
        [number, number, number],
      ];
      return a * (e * j - g * i) - b * (d * j - g * h) + c * (d * i - e * h);
    };
    const y = [f(x1), f(x2), f(x3)];
    const whole = determinant([r1, r2, r3]);
    const coefficients = [0, 1, 2].map((column) => {
      const replaced = [r1, r2, r3].map(
        (r, k) => r.map((v, j) => (j === column ? y[k]! : v)) as [number, number, number],
      );
      return determinant(replaced) / whole;
    });
    const value = row(p).reduce((sum, term, k) => sum + term * coefficients[k]!, 0);
    return type.type === 'log' ? type.lowest + Math.exp(value) : 1 / (1 + Math.exp(-value));
  };

  test('goes through its percentiles, and agrees with its general form between them', () => {
    fc.assert(
      fc.property(
        finite(0.1, 10),
        finite(1.05, 3),
        finite(1.05, 3),
        finite(0.001, 0.999),
        (p50, down, up, p) => {
          const ratio = Math.log(up) / Math.log(down);
          fc.pre(ratio > 0.5 && ratio < 2);
          const [p10, p90] = [p50 / down, p50 * up];
          const metalog = createMetalog({ p10, p50, p90 }, above(0), 'x');
          expect(relative(metalogQuantile(metalog, 0.1), p10)).toBeLessThan(1e-12);
          expect(relative(metalogQuantile(metalog, 0.5), p50)).toBeLessThan(1e-12);
          expect(relative(metalogQuantile(metalog, 0.9), p90)).toBeLessThan(1e-12);
          expect(
            relative(metalogQuantile(metalog, p), slowQuantile([p10, p50, p90], above(0), p)),
          ).toBeLessThan(1e-10);
        },
      ),
    );
    const share = createMetalog({ p10: 0.16, p50: 0.26, p90: 0.4 }, { type: 'logit' }, 'share');
    expect(metalogQuantile(share, 0.3)).toBeCloseTo(
      slowQuantile([0.16, 0.26, 0.4], { type: 'logit' }, 0.3),
      12,
    );
    expect(metalogQuantile(share, 1 - 1e-6)).toBeLessThan(1);
  });

  test('grows in p right up to the most lopsided percentiles', () => {
    fc.assert(
      fc.property(
        finite(0.01, 100),
        fc.tuple(finite(0.001, 0.999), finite(0.001, 0.999)),
        (ratio, [p, q]) => {
          const [p10, p50, p90] = [Math.exp(-1), 1, Math.exp(ratio)];
          let metalog: ReturnType<typeof createMetalog>;
          try {
            metalog = createMetalog({ p10, p50, p90 }, above(0), 'x');
          } catch {
            expect(ratio < 0.2 || ratio > 5).toBe(true);
            return;
          }
          const [low, high] = [Math.min(p, q), Math.max(p, q)];
          // Two p a rounding apart may swap in the last place.
          const slack = 1 + 8 * Number.EPSILON;
          expect(metalogQuantile(metalog, low)).toBeLessThanOrEqual(metalogQuantile(metalog, high) * slack);
        },
      ),
    );
  });

  it('takes three equal percentiles for a known value', () => {
    expect(metalogQuantile(createMetalog({ p10: 7, p50: 7, p90: 7 }, above(1), 'x'), 0.3)).toBeCloseTo(7, 14);
  });

  it.each<[string, [number, number, number], Link]>([
    ['an order that is none', [2, 1, 3], above(0)],
    ['two equal percentiles', [1, 1, 3], above(0)],
    ['one below the lowest value', [0.9, 2, 3], above(1)],
    ['a share of 1', [0.2, 0.5, 1], { type: 'logit' }],
    ['infinity', [1, 2, Number.POSITIVE_INFINITY], above(0)],
    ['what is not a number', [Number.NaN, 2, 3], above(0)],
    ['percentiles too lopsided for three terms', [1, 1.001, 100], above(0)],
  ])('refuses %s', (_, [p10, p50, p90], type) => {
    expect(() => createMetalog({ p10, p50, p90 }, type, 'x')).toThrow(
      expect.objectContaining({ code: 'limits.percentiles', expected: expect.stringContaining('x: ') }),
    );
  });
});

describe('the copula', () => {
  const times = (factor: number[][]) =>
    factor.map((a) => factor.map((b) => a.reduce((sum, value, k) => sum + value * (b[k] ?? 0), 0)));

  test('Spearman to Pearson at the points one knows', () => {
    expect([0, 1, -1].map(pearsonOf).map((r) => Math.round(r * 1e12) / 1e12)).toEqual([0, 1, -1]);
    expect(pearsonOf(0.5)).toBeCloseTo(2 * Math.sin(Math.PI / 12), 15);
  });

  test('the factor times its transpose is the matrix', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(finite(-1, 1), { minLength: 4, maxLength: 4 }), { minLength: 1, maxLength: 6 }),
        (vectors) => {
          // Any vectors' inner products are positive semidefinite; so many in four dimensions are
          // often singular.
          const lengths = vectors.map((v) => Math.hypot(...v) || 1);
          const matrix = vectors.map((a, i) =>
            vectors.map((b, j) =>
              i === j ? 1 : a.reduce((sum, x, k) => sum + x * b[k]!, 0) / (lengths[i]! * lengths[j]!),
            ),
          );
          fc.pre(vectors.every((v) => Math.hypot(...v) > 0.1));
          const factor = choleskyFactor(matrix);
          expect(factor).toBeDefined();
          for (const [i, row] of times(factor!).entries()) {
            for (const [j, value] of row.entries()) expect(value).toBeCloseTo(matrix[i]![j]!, 4);
          }
        },
      ),
    );
  });

  it('finds that perfectly correlated quantities are one', () => {
    expect(
      choleskyFactor([
        [1, 1],
        [1, 1],
      ]),
    ).toEqual([[1], [1, 0]]);
    expect(
      choleskyFactor([
        [1, 1, 0],
        [1, 1, 0.5],
        [0, 0.5, 1],
      ]),
    ).toBeUndefined();
  });

  it('names a smallest set that cannot be', () => {
    const rho = (a: string, b: string, value: number) => ({ between: [a, b] as const, rho: value });
    const correlations = [
      rho('a', 'b', 0.9),
      rho('b', 'c', 0.9),
      rho('a', 'c', -0.9),
      rho('d', 'e', 0.5),
      rho('a', 'd', 0.1),
    ];
    expect(choleskyFactor(correlationMatrix(['d', 'e'], correlations))).toBeDefined();
    expect(() => copulaFactor(['d', 'a', 'e', 'b', 'c'], correlations)).toThrow(
      expect.objectContaining({
        code: 'limits.correlations',
        found: 'a and b 0.9, b and c 0.9, a and c -0.9',
        hint: 'Change one of the correlations among a, b, c.',
      }),
    );
  });
});
