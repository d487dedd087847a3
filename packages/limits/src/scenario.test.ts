/**
 * Scenarios as data: every published one is whole, and every way in which a reader's own file can
 * be wrong is refused with the field's name.
 */
import { MisuseError } from '@nonet/core';
import { describe, expect, it, test } from 'vitest';
import { createMetalog, metalogQuantile } from './metalog.ts';
import { parameterIds, parameters } from './parameters.ts';
import { applyOverlay, checkScenario, overlayFromFile, parseOverlayFile, type Scenario } from './scenario.ts';
import { scenarios } from './scenarios/index.ts';

const { epoch2024, epri2025, mid2026 } = scenarios;

describe.each(Object.values(scenarios).map((scenario) => [scenario.id, scenario] as const))(
  '%s',
  (id, scenario) => {
    test.each(parameterIds)('%s has bounds, a unit, a source and percentiles', (parameter) => {
      const { about, bounds, halfLifeYears, link } = parameters[parameter];
      const { from, date, ...percentiles } = scenario.estimates[parameter];
      expect(about).not.toBe('');
      expect(bounds[0]).toBeLessThan(bounds[1]);
      expect(halfLifeYears).toBeGreaterThan(0);
      expect(from).not.toBe('');
      expect(date).toMatch(/^\d{4}-\d{2}(-\d{2})?$/);
      const metalog = createMetalog(percentiles, link, parameter);
      // Most draws lie within what one may say at all.
      expect(metalogQuantile(metalog, 0.001)).toBeGreaterThanOrEqual(bounds[0]);
      expect(metalogQuantile(metalog, 0.999)).toBeLessThanOrEqual(bounds[1]);
    });

    it('has sources with a licence, and stands under its own name', () => {
      expect(scenarios[id as keyof typeof scenarios]).toBe(scenario);
      for (const { title, authors, url, licence } of scenario.sources) {
        expect([title, authors, licence].every((text) => text !== '')).toBe(true);
        expect(url).toMatch(/^https:\/\//);
      }
    });
  },
);

describe('an overlay', () => {
  it('changes what it names and nothing else', () => {
    const changed = parameterIds.filter((id) => epri2025.estimates[id] !== epoch2024.estimates[id]);
    expect(changed).toEqual(['efficiencyGrowth', 'campusWatts', 'dataCentreGrowth']);
    expect(epri2025.sources).toHaveLength(2);
    expect(epri2025.baseYear).toBe(2024);
  });

  it('that moves the base gives every stock and rate anew', () => {
    const dated = [
      'gpuWatts',
      'usDataCentreWatts',
      'usAiWatts',
      'linkBitPerSecond',
      'gpuStock',
      'gpuProduction',
      'memoryProduction',
      'wafersPerMonth',
      'diesPerWafer',
      'textTokens',
      'images',
      'videoSeconds',
      'audioSeconds',
    ] as const;
    expect(mid2026.baseYear).toBe(2026);
    for (const id of dated) expect(mid2026.estimates[id], id).not.toBe(epoch2024.estimates[id]);
  });

  it('says of each entry of 2026 whether it is stated, derived or reported', () => {
    for (const id of parameterIds) {
      if (mid2026.estimates[id] === epoch2024.estimates[id]) continue;
      expect(mid2026.estimates[id].from, id).toMatch(/^(derived|reported|more than|as in EPRI)/);
    }
  });

  it('replaces a correlation by its two parameters in any order, and removes it by 0', () => {
    const overlay = { id: 'x', title: 'x', sources: epoch2024.sources, estimates: {} };
    const replaced = applyOverlay(epoch2024, {
      ...overlay,
      correlations: [
        { between: ['productionGrowth', 'dataCentreGrowth'], rho: 0.1 },
        { between: ['durationSeconds', 'flopGrowth'], rho: 0 },
      ],
    });
    expect(replaced.correlations).toHaveLength(epoch2024.correlations.length - 1);
    expect(replaced.correlations.at(-1)).toEqual({
      between: ['productionGrowth', 'dataCentreGrowth'],
      rho: 0.1,
    });
  });
});

describe('a scenario is refused', () => {
  const withEstimate = (
    id: 'utilisation' | 'otherGrowth' | 'campusWatts',
    [p10, p50, p90]: [number, number, number],
  ): Scenario => ({
    ...epoch2024,
    estimates: { ...epoch2024.estimates, [id]: { p10, p50, p90, from: 'test' } },
  });

  it.each([
    ['a share above 1', withEstimate('utilisation', [0.5, 0.9, 1.1]), 'limits.bounds', 'utilisation'],
    ['a negative power', withEstimate('campusWatts', [-1, 1e9, 2e9]), 'limits.bounds', 'campusWatts'],
    ['a growth that shrinks', withEstimate('otherGrowth', [0.9, 1.1, 1.2]), 'limits.bounds', 'otherGrowth'],
    [
      'a growth of 1, which is its bound',
      withEstimate('otherGrowth', [1, 1.1, 1.2]),
      'limits.percentiles',
      'otherGrowth',
    ],
    [
      'percentiles out of order',
      withEstimate('utilisation', [0.5, 0.4, 0.6]),
      'limits.percentiles',
      'utilisation',
    ],
    [
      'what is no number',
      withEstimate('utilisation', [0.2, Number.NaN, 0.6]),
      'limits.bounds',
      'utilisation',
    ],
  ])('with %s', (_, scenario, code, name) => {
    expect(() => checkScenario(scenario)).toThrow(
      expect.objectContaining({ code, expected: expect.stringContaining(name) }),
    );
  });

  it.each([
    ['above 1', { between: ['images', 'epochs'], rho: 1.1 }],
    ['of a parameter with itself', { between: ['images', 'images'], rho: 0.5 }],
    ['that is no number', { between: ['images', 'epochs'], rho: Number.NaN }],
  ] as const)('with a correlation %s', (_, correlation) => {
    expect(() => checkScenario({ ...epoch2024, correlations: [correlation] })).toThrow(
      expect.objectContaining({ code: 'limits.correlations' }),
    );
  });

  it('with correlations that cannot be together, naming them', () => {
    const correlations = [
      ...epoch2024.correlations.filter(({ rho }) => rho !== 0.7),
      ...([
        { between: ['textTokens', 'images'], rho: 0.9 },
        { between: ['textTokens', 'videoSeconds'], rho: 0.9 },
        { between: ['images', 'videoSeconds'], rho: -0.9 },
      ] as const),
    ];
    expect(() => checkScenario({ ...epoch2024, correlations })).toThrow(
      expect.objectContaining({
        code: 'limits.correlations',
        hint: 'Change one of the correlations among textTokens, images, videoSeconds.',
      }),
    );
  });
});

describe("a reader's own file", () => {
  const file = {
    title: 'More campuses',
    source: 'our planning department',
    date: '2026-11-01',
    parameters: { campusWatts: { p10: 2e9, p50: 4e9, p90: 9e9 }, trainingShare: 0.3 },
    correlations: [['images', 'epochs', -0.2]],
  };

  it('lies on a published scenario', () => {
    const scenario = overlayFromFile(parseOverlayFile(file), 'mine.yaml', scenarios);
    expect(scenario).toMatchObject({ id: 'mine.yaml', title: 'More campuses', trend: epoch2024.trend });
    expect(scenario.estimates.campusWatts).toMatchObject({
      p50: 4e9,
      from: 'our planning department',
      date: '2026-11-01',
    });
    expect(scenario.estimates.trainingShare).toMatchObject({ p10: 0.3, p50: 0.3, p90: 0.3 });
    expect(scenario.estimates.epochs).toBe(epoch2024.estimates.epochs);
    expect(scenario.correlations).toHaveLength(epoch2024.correlations.length + 1);
  });

  it('may lie on another, with a trend of its own', () => {
    const other = { title: 't', source: 's', base: 'epri2025', trend: { flop2024: 1e26, growthPerYear: 3 } };
    const scenario = overlayFromFile(parseOverlayFile(other), 'x', scenarios);
    expect(scenario.estimates.campusWatts).toEqual(epri2025.estimates.campusWatts);
    expect(scenario.trend).toEqual({ flop2024: 1e26, growthPerYear: 3, from: 's' });
  });

  it.each<[string, object, string]>([
    ['no title', { ...file, title: undefined }, 'title'],
    ['no source', { ...file, source: '' }, 'source'],
    ['a date that is none', { ...file, date: 'yesterday' }, 'date'],
    ['an unknown parameter', { ...file, parameters: { campus: 1 } }, 'parameters'],
    ['a text for a number', { ...file, parameters: { campusWatts: '4 GW' } }, 'parameters.campusWatts'],
    [
      'two percentiles',
      { ...file, parameters: { campusWatts: { p10: 1, p50: 2 } } },
      'parameters.campusWatts',
    ],
    ['a correlation without a number', { ...file, correlations: [['images', 'epochs']] }, 'correlations.0'],
    [
      'a correlation with something unknown',
      { ...file, correlations: [['images', 'x', 0.1]] },
      'correlations.0.1',
    ],
    ['a trend that shrinks', { ...file, trend: { flop2024: 1, growthPerYear: 0.5 } }, 'trend.growthPerYear'],
    ['an unknown field', { ...file, colour: 'red' }, ''],
    ['a list', [], ''],
  ])('is refused with %s', (_, value, field) => {
    expect(() => parseOverlayFile(value)).toThrow(
      expect.objectContaining({ code: 'scenario.malformed', expected: expect.stringContaining(field) }),
    );
    expect(() => parseOverlayFile(value)).toThrow(MisuseError);
  });

  it.each(['none', '__proto__', 'toString'])('is refused on the base %s', (base) => {
    expect(() => overlayFromFile(parseOverlayFile({ ...file, base }), 'x', scenarios)).toThrow(
      expect.objectContaining({ code: 'limits.scenario', expected: expect.stringContaining('epri2025') }),
    );
  });

  it('is refused with a value out of bounds', () => {
    const outside = parseOverlayFile({ ...file, parameters: { campusWatts: 1 } });
    expect(() => overlayFromFile(outside, 'x', scenarios)).toThrow(
      expect.objectContaining({ code: 'limits.bounds' }),
    );
  });
});
