import { describe, expect, test } from 'vitest';
import { edgesOf, parseStatisticsQuery } from './query.ts';

const number = { kind: 'number', name: 'age', low: 0, high: 100, step: 1 };
const category = { kind: 'category', name: 'sex', values: ['f', 'm'] };
const query = {
  columns: [number, category],
  statistics: [
    { statistic: 'mean', column: 'age' },
    { statistic: 'variance', column: 'age' },
    { statistic: 'histogram', column: 'age', bins: 10 },
    { statistic: 'quantiles', column: 'age', fractions: [0.5], bins: 10 },
    { statistic: 'histogram', column: 'sex' },
  ],
  maximumRecords: 1000,
  minimumRecords: 5,
};

describe('a query', () => {
  test('has the edges of NumPy, the last one exactly the bound', () => {
    const edges = edgesOf({ kind: 'number', name: 'x', low: -0.3, high: 0.9 }, 10);
    // numpy.histogram_bin_edges([], 10, (-0.3, 0.9)), NumPy 2.4.6.
    const right = [-0.3, -0.18, -0.06, 0.06, 0.18, 0.3, 0.42, 0.54, 0.6599999999999999, 0.78, 0.9];
    expect(edges).toEqual(right);
  });

  const wrong: readonly (readonly [because: string, change: object])[] = [
    ['a name twice', { columns: [number, number, category] }],
    ['bounds the wrong way round', { columns: [{ ...number, high: -1 }, category] }],
    [
      'the same without a step of their own',
      { columns: [{ ...number, high: -1, step: undefined }, category] },
    ],
    ['equal bounds', { columns: [{ ...number, high: 0, step: undefined }, category] }],
    ['bounds whose distance is infinite', { columns: [{ ...number, low: -1e308, high: 1e308 }, category] }],
    ['the same without a step', { columns: [{ kind: 'number', name: 'age', low: -1e308, high: 1e308 }] }],
    ['bounds too close to divide', { columns: [{ kind: 'number', name: 'age', low: 0, high: 5e-324 }] }],
    ['a step that is too fine', { columns: [{ ...number, step: 1e-6 }, category] }],
    ['a step wider than the range', { columns: [{ ...number, step: 1000 }, category] }],
    ['a value twice', { columns: [number, { ...category, values: ['f', 'f'] }] }],
    ['an unknown column', { statistics: [{ statistic: 'mean', column: 'weight' }] }],
    ['the mean of a category', { statistics: [{ statistic: 'mean', column: 'sex' }] }],
    ['numbers without bins', { statistics: [{ statistic: 'histogram', column: 'age' }] }],
    ['a category with bins', { statistics: [{ statistic: 'histogram', column: 'sex', bins: 3 }] }],
    ['edges that fall', { statistics: [{ statistic: 'histogram', column: 'age', bins: [0, 2, 1] }] }],
    ['equal edges', { statistics: [{ statistic: 'histogram', column: 'age', bins: [0, 1, 1] }] }],
    ['a column with itself', { statistics: [{ statistic: 'correlation', columns: ['age', 'age'] }] }],
    [
      'a label that is no value',
      { statistics: [{ statistic: 'auroc', score: 'age', label: 'sex', positive: 'x', bins: 4 }] },
    ],
    [
      'a label of numbers',
      { statistics: [{ statistic: 'auroc', score: 'age', label: 'age', positive: '1', bins: 4 }] },
    ],
    [
      'more bins in all than a vector should have',
      { statistics: new Array(20).fill({ statistic: 'histogram', column: 'age', bins: 60_000 }) },
    ],
    ['a fraction of 1', { statistics: [{ statistic: 'quantiles', column: 'age', fractions: [1], bins: 4 }] }],
    ['nothing', { statistics: [] }],
    ['no records', { maximumRecords: 0 }],
    ['an unknown field', { where: 'age > 90' }],
  ];
  test.each(wrong)('of %s is refused', (_, change) => {
    expect(() => parseStatisticsQuery({ ...query, ...change })).toThrow(
      expect.objectContaining({ code: 'query.malformed' }),
    );
  });

  test('as it should be is not', () => {
    expect(parseStatisticsQuery(query)).toEqual(query);
  });
});
