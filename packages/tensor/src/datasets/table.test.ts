import { describe, expect, it } from 'vitest';
import { readCsv } from './csv.ts';
import { inferSchema } from './plan.ts';
import { splitDataset, splitTable } from './split.ts';
import { featureNames, readFeatures, readRecords, readTable, standardisationOf } from './table.ts';

const text = 'height,colour,kind\n1,red,cat\n3,blue,dog\n5,red,dog\n';
const table = readCsv(text);
const schema = inferSchema(table, { target: 'kind' });
const throws = (code: string, mention: string, action: () => unknown) => {
  expect(action).toThrow(expect.objectContaining({ code }));
  expect(action).toThrow(mention);
};

describe('inferSchema', () => {
  it('tells numbers from categories', () => {
    expect(schema).toEqual({
      shape: [3],
      labels: ['cat', 'dog'],
      table: {
        target: 'kind',
        missing: 'refuse',
        columns: [
          { kind: 'number', name: 'height', mean: 3, deviation: Math.sqrt(8 / 3), minimum: 1, maximum: 5 },
          { kind: 'category', name: 'colour', values: ['blue', 'red'] },
        ],
      },
    });
    expect(featureNames(schema.table!.columns)).toEqual(['height', 'colour=blue', 'colour=red']);
  });

  it('takes a million digits and a letter for a category, at once', () => {
    const cell = `${'1'.repeat(1_000_000)}x`;
    const read = inferSchema(readCsv(`a,y\n${cell},p\n1,q\n`), { target: 'y' });
    expect(read.table!.columns[0]).toEqual({ kind: 'category', name: 'a', values: ['1', cell] });
  });

  it('standardises numbers only', () => {
    expect(standardisationOf(schema)).toEqual({ mean: [3, 0, 0], deviation: [Math.sqrt(8 / 3), 1, 1] });
  });

  it('gives a constant column that is asked for deviation 1', () => {
    const { columns } = inferSchema(readCsv('x,y\n2,a\n2,b\n'), { target: 'y', columns: ['x'] }).table!;
    expect(columns[0]).toEqual({ kind: 'number', name: 'x', mean: 2, deviation: 1, minimum: 2, maximum: 2 });
  });

  it('leaves missing cells out', () => {
    const { columns } = inferSchema(readCsv('x,y\n2,a\n,b\n4,b\n'), { target: 'y', missing: 'mean' }).table!;
    expect(columns[0]).toEqual({ kind: 'number', name: 'x', mean: 3, deviation: 1, minimum: 2, maximum: 4 });
  });

  it('refuses what it cannot use', () => {
    throws('table.column', 'a column size', () => inferSchema(table, { target: 'size' }));
    throws('table.column', 'a column size', () => inferSchema(table, { target: 'kind', columns: ['size'] }));
    throws('table.labels', 'column y', () => inferSchema(readCsv('x,y\n1,a\n2,a\n'), { target: 'y' }));
    throws('table.column', 'x: no values', () => inferSchema(readCsv('x,y\n,a\n,b\n'), { target: 'y' }));
    const names = Array.from({ length: 101 }, (_, i) => `name${i},${i % 2}\n`).join('');
    throws('table.column', 'more than 100 different texts', () =>
      inferSchema(readCsv(`x,y\n${names}`), { target: 'y' }),
    );
  });
});

describe('readTable', () => {
  it('reads raw numbers and one feature per category', () => {
    const dataset = readTable(table, schema);
    expect([...dataset.features]).toEqual([1, 0, 1, 3, 1, 0, 5, 0, 1]);
    expect([...dataset.labels]).toEqual([0, 1, 1]);
    expect(dataset.vocabulary).toEqual(['cat', 'dog']);
  });

  it('finds columns by name', () => {
    const other = readCsv('kind,extra,colour,height\ndog,?,blue,7\n');
    expect([...readTable(other, schema).features]).toEqual([7, 1, 0]);
  });

  it('treats missing cells as the schema says', () => {
    const gaps = readCsv('height,colour,kind\n,red,cat\n3,,dog\n5,red,dog\n');
    const rule = (missing: 'refuse' | 'drop' | 'mean') => ({
      ...schema,
      table: { ...schema.table!, missing },
    });
    throws('table.cell', 'row 2, column height', () => readTable(gaps, rule('refuse')));
    expect([...readTable(gaps, rule('drop')).features]).toEqual([5, 0, 1]);
    expect([...readTable(gaps, rule('mean')).features]).toEqual([3, 0, 1, 3, 0, 0, 5, 0, 1]);
    throws('table.cell', 'column height', () => readFeatures(gaps, rule('drop')));
    throws('table.empty', 'whole row', () =>
      readTable(readCsv('height,colour,kind\n,red,cat\n'), rule('drop')),
    );
  });

  it.each([
    ['height,colour,kind\n1,red,cat\n1e999,red,cat\n', 'a number in row 3, column height'],
    ['height,colour,kind\n0x10,red,cat\n', 'a number in row 2, column height'],
    ['height,colour,kind\n1 2,red,cat\n', 'a number in row 2, column height'],
    ['height,colour,kind\nNaN,red,cat\n', 'a value in row 2, column height'],
    ['height,colour,kind\ninf,red,cat\n', 'a number in row 2, column height'],
    ['height,colour,kind\n1,green,cat\n', 'row 2, column colour'],
    ['height,colour,kind\n1,red,cow\n', 'row 2, column kind'],
    ['height,colour,kind\n1,red,\n', 'row 2, column kind'],
  ])('refuses %j', (text, mention) => {
    throws('table.cell', mention, () => readTable(readCsv(text), schema));
  });

  it.each([
    ['1,NA,cat', "--kind 'colour=category'"],
    ['1,red,NA', "--kind 'kind=category'"],
    ['1,,cat', undefined],
    ['NA,red,cat', undefined],
    ['1,red,', undefined],
  ])('says how a marker may be a value: %s', (row, hint) => {
    const read = () => readTable(readCsv(`height,colour,kind\n${row}\n`), schema);
    if (hint === undefined)
      expect(read).toThrow(expect.objectContaining({ hint: expect.not.stringContaining('--kind') }));
    else expect(read).toThrow(expect.objectContaining({ hint: expect.stringContaining(hint) }));
  });

  it('refuses a table without a column, and a schema without columns', () => {
    throws('table.column', 'a column colour', () => readTable(readCsv('height,kind\n1,cat\n'), schema));
    throws('table.schema', 'columns', () => readTable(table, { shape: [3], labels: ['cat', 'dog'] }));
  });

  it('reads features where there is no label', () => {
    expect([...readFeatures(readCsv('height,colour\n1,red\n'), schema)]).toEqual([1, 0, 1]);
  });
});

describe('splits', () => {
  const long = readCsv(`x,y\n${Array.from({ length: 50 }, (_, i) => `${i},${i % 2}\n`).join('')}`);

  it('divide rows by the seed alone', () => {
    const { training, test } = splitTable(long, { testFraction: 0.2, seed: '0x01' });
    expect([training.rows.length, test.rows.length]).toEqual([40, 10]);
    const numbers = [...training.rows, ...test.rows].map(({ row }) => row).sort((a, b) => a - b);
    expect(numbers).toEqual(long.rows.map(({ row }) => row));
    expect(splitTable(long, { testFraction: 0.2, seed: '0x01' })).toEqual({ training, test });
    expect(splitTable(long, { testFraction: 0.2, seed: '0x02' })).not.toEqual({ training, test });
  });

  it('divide datasets alike', () => {
    const dataset = readTable(long, inferSchema(long, { target: 'y' }));
    const { test } = splitDataset(dataset, { testFraction: 0.2, seed: '0x01' });
    const rows = splitTable(long, { testFraction: 0.2, seed: '0x01' }).test.rows;
    expect([...test.features]).toEqual(rows.map(({ cells }) => Number(cells[0])));
  });

  it.each([0, 1, 0.001, Number.NaN])('refuse a fraction of %f', (testFraction) => {
    throws('dataset.split', 'fraction', () => splitTable(long, { testFraction, seed: '0x01' }));
  });
});

it('a schema whose shape is not that of its columns is refused', () => {
  throws('dataset.malformed', '3 examples of [9]', () => readTable(table, { ...schema, shape: [9] }));
});

describe('records', () => {
  const read = (text: string, ...columns: Parameters<typeof readRecords>[1]) =>
    readRecords(readCsv(text), columns);
  const age = { kind: 'number', name: 'age' } as const;
  const sex = { kind: 'category', name: 'sex', values: ['F', 'm'] } as const;

  it('have the columns that are asked, in their order, and what is missing in none', () => {
    expect(read('sex,more,Age\nf,1,"1,5"\nM,2,?\n,3,"2,25"\nx  y,4,"-3,0"\n', age, sex)).toEqual([
      [1.5, 'F'],
      [undefined, 'm'],
      [2.25, undefined],
      [-3, 'x y'],
    ]);
  });

  it('are refused where a number is none, with row and column, and where a column is not there', () => {
    expect(() => read('age,sex\n1,f\nold,m\n', age)).toThrow(
      expect.objectContaining({ code: 'table.cell', expected: 'a number in row 3, column age' }),
    );
    expect(() => read('age\n1\n', sex)).toThrow(expect.objectContaining({ code: 'table.column' }));
  });
});
