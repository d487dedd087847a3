import { expect, test } from 'vitest';
import { type QueryOptions, queryOfOptions } from './query.ts';

const options: QueryOptions = {
  range: ['age=0:120:1', 'dose=0:5'],
  values: ['sex=f, m', 'a=b=c,d'],
  bins: 20,
  records: 5000,
  least: 7,
} as QueryOptions;
const asked = (more: Partial<QueryOptions>) => queryOfOptions({ ...options, ...more }).statistics.slice(5);

test('columns have what the options say, and each is described', () => {
  expect(queryOfOptions(options)).toEqual({
    columns: [
      { kind: 'number', name: 'age', low: 0, high: 120, step: 1 },
      { kind: 'number', name: 'dose', low: 0, high: 5 },
      { kind: 'category', name: 'sex', values: ['f', 'm'] },
      { kind: 'category', name: 'a', values: ['b=c', 'd'] },
    ],
    statistics: [
      { statistic: 'count' },
      { statistic: 'variance', column: 'age' },
      { statistic: 'variance', column: 'dose' },
      { statistic: 'histogram', column: 'sex' },
      { statistic: 'histogram', column: 'a' },
    ],
    maximumRecords: 5000,
    minimumRecords: 7,
  });
  const { statistics } = queryOfOptions({ ...options, columns: ['sex'] });
  expect(statistics).toEqual([{ statistic: 'count' }, { statistic: 'histogram', column: 'sex' }]);
});

test('what is asked besides has the defaults of the help', () => {
  expect(asked({ histogram: ['age', 'age=5', 'dose=0,1,5', 'sex'] })).toEqual([
    { statistic: 'histogram', column: 'age', bins: 10 },
    { statistic: 'histogram', column: 'age', bins: 5 },
    { statistic: 'histogram', column: 'dose', bins: [0, 1, 5] },
    { statistic: 'histogram', column: 'sex' },
  ]);
  expect(asked({ quantiles: ['age', 'dose=0.1'] })).toEqual([
    { statistic: 'quantiles', column: 'age', fractions: [0.25, 0.5, 0.75], bins: 20 },
    { statistic: 'quantiles', column: 'dose', fractions: [0.1], bins: 20 },
  ]);
  expect(asked({ correlation: ['age, dose'], auroc: ['age,sex=f'] })).toEqual([
    { statistic: 'correlation', columns: ['age', 'dose'] },
    { statistic: 'auroc', score: 'age', label: 'sex', positive: 'f', bins: 20 },
  ]);
});

test.each<[string, Partial<QueryOptions>]>([
  ['--range', { range: ['age'] }],
  ['--range', { range: ['age=0'] }],
  ['--range', { range: ['age=0:'] }],
  ['--range', { range: ['age=0:x'] }],
  ['--range', { range: ['age=0:1:1:1'] }],
  ['--range', { range: ['=0:1'] }],
  ['--range', { range: ['age=0:Infinity'] }],
  ['--values', { values: ['sex'] }],
  ['--values', { values: ['=f'] }],
  ['--values', { values: ['sex=f,,m'] }],
  ['--columns', { columns: ['weight'] }],
  ['--histogram', { histogram: ['weight'] }],
  ['--histogram', { histogram: ['sex=3'] }],
  ['--histogram', { histogram: ['age=three'] }],
  ['--quantiles', { quantiles: ['age=0'] }],
  ['--quantiles', { quantiles: ['age=1'] }],
  ['--quantiles', { quantiles: ['age=0.5,'] }],
  ['--correlation', { correlation: ['age'] }],
  ['--correlation', { correlation: ['age,'] }],
  ['--correlation', { correlation: ['age,dose,sex'] }],
  ['--auroc', { auroc: ['age,sex'] }],
  ['--auroc', { auroc: ['age=f'] }],
])('a malformed %s is named: %j', (option, more) => {
  expect(() => queryOfOptions({ ...options, ...more })).toThrow(
    expect.objectContaining({ code: 'stats.option', expected: expect.stringContaining(`${option} to be `) }),
  );
});

test('bounds have to be said, and a query that does not fit together says which field', () => {
  const { range: _, values: __, ...bare } = options;
  expect(() => queryOfOptions(bare as QueryOptions)).toThrow(
    expect.objectContaining({ code: 'stats.columns' }),
  );
  expect(() => queryOfOptions({ ...options, range: ['age=5:0'] })).toThrow(
    expect.objectContaining({ code: 'query.malformed' }),
  );
  expect(() => queryOfOptions({ ...options, auroc: ['age,sex=x'] })).toThrow(/in the options/);
});
