import { describe, expect, it } from 'vitest';
import { readCsv } from './csv.ts';
import { type PlanOptions, planTable } from './plan.ts';
import { readFeatureRows, readFeatures, readLabels, readTable, rewriteNumbers } from './table.ts';

/** A table of `count` rows with the columns `age`, `dx`, and those that `columns` makes of a row. */
function csv(
  columns: Readonly<Record<string, (row: number) => string>>,
  { count = 60, delimiter = ',', label = (row: number): string => (row % 3 === 0 ? 'ill' : 'well') } = {},
): string {
  const all = { age: (row: number) => String(40 + ((row * 7) % 31)), ...columns, dx: label };
  const quote = (cell: string) => (/[",;\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  const record = (cells: readonly string[]) => `${cells.map(quote).join(delimiter)}\n`;
  const rows = Array.from({ length: count }, (_, row) => record(Object.values(all).map((cell) => cell(row))));
  return record(Object.keys(all)) + rows.join('');
}

const plan = (text: string, options: Partial<PlanOptions> = {}) =>
  planTable(readCsv(text), { target: 'dx', missing: 'mean', ...options });
const planned = (text: string, name: string, options: Partial<PlanOptions> = {}) =>
  plan(text, options).columns.find((column) => column.name === name)!;
const refusal = (text: string, options: Partial<PlanOptions> = {}) => {
  try {
    plan(text, options);
  } catch (error) {
    return error as { code: string; expected: string; found: string; hint: string };
  }
  throw new Error('not refused');
};

describe('a number column with one cell that is none', () => {
  it.each(['NA', '?', 'n/a', 'NaN', 'null', '-', '#DIV/0!', ''])('%j: is a missing value', (marker) => {
    const column = planned(csv({ bp: (row) => (row === 5 ? marker : String(100 + (row % 9))) }), 'bp');
    expect(column.column).toMatchObject({ kind: 'number', minimum: 100, maximum: 108 });
    expect(column.notes).toEqual([`1 missing (${marker || 'empty'})`]);
  });

  it.each(['<0.5', 'inf', '12%', '5 mg', '1e400', 'x'])('%j: is refused with the ways out', (text) => {
    const table = csv({ crp: (row) => (row === 3 ? text : String(10 + (row % 9))) });
    const { code, found, hint } = refusal(table);
    expect([code, found]).toEqual(['table.column', `${JSON.stringify(text)} in row 5`]);
    expect(hint).toContain('--kind crp=category'.replace('crp=category', "'crp=category'"));
    expect(hint).toContain('--drop crp');
    const { column } = planned(table, 'crp', { na: [text] });
    expect(column).toMatchObject({ kind: 'number', minimum: 10, maximum: 18 });
    expect(planned(table, 'crp', { kinds: { crp: 'category' } }).column!.kind).toBe('category');
  });

  it('the hint names all that is strange, as it can be pasted', () => {
    const strange = ['inf', '-inf', 'low', 'x y'];
    const table = csv({ v: (row) => strange[row] ?? String(row % 9) });
    expect(refusal(table).hint).toContain("--na inf --na=-inf --na low --na 'x y'. ");
    expect(planned(table, 'v', { na: strange }).column!.kind).toBe('number');
  });

  it('a number that stands for a missing value can be named', () => {
    const table = csv({ bp: (row) => (row % 10 === 0 ? '-999.0' : String(100 + (row % 9))) });
    expect(planned(table, 'bp', { na: ['-999'] }).column).toMatchObject({ minimum: 100 });
    const { schema } = plan(table, { na: ['-999'] });
    expect(schema.table.na).toEqual(['-999']);
    const { mean } = schema.table.columns[1] as { mean: number };
    expect(readFeatures(readCsv('age,bp\n50,-999\n'), schema)[1]).toBe(Math.fround(mean));
  });

  it.each<[string, (row: number) => string]>([
    ['%', (row) => `${10 + (row % 9)}%`],
    ['%', (row) => `${10 + (row % 9)},5 %`],
    ['mg', (row) => `${10 + (row % 9)} mg`],
    ['mg/dl', (row) => `${10 + (row % 9)}.5 mg/dl`],
    ['€', (row) => `1.2${10 + (row % 9)},00 €`],
    ['$', (row) => `$${10 + (row % 9)}.99`],
    ['%', (row) => `${row}%`],
    ['kg', (row) => (row % 5 === 0 ? 'unknown weight' : `${10 + (row % 9)}kg`)],
  ])('numbers with a unit are refused, and not as many categories: %s', (unit, cell) => {
    const table = csv({ dose: cell });
    expect(refusal(table).found).toContain(`numbers with ${JSON.stringify(unit)}`);
    expect(refusal(table).hint).toContain('--drop dose');
    expect(planned(table, 'dose', { kinds: { dose: 'category' } }).column!.kind).toBe('category');
  });

  it.each<[string, (row: number) => string]>([
    ['wards', (row) => `${1 + (row % 3)}${'AB'[row % 2]}`],
    ['stages', (row) => `T${row % 4}`],
    ['ages', (row) => `${10 * (row % 5)}-${10 * (row % 5) + 9}`],
    ['bounds', (row) => `<${row % 5}`],
  ])('texts with digits are categories: %s', (_, cell) => {
    expect(planned(csv({ x: cell }), 'x').column!.kind).toBe('category');
  });

  it('mostly words with a number among them are categories', () => {
    const grade = (row: number) => ['a', 'b', '1'][row % 3]!;
    expect(planned(csv({ grade }), 'grade').column).toMatchObject({ values: ['1', 'a', 'b'] });
  });
});

describe('how numbers are written', () => {
  const mean = (text: string, name = 'bp', options: Partial<PlanOptions> & { decimal?: '.' | ',' } = {}) => {
    const { decimal, ...rest } = options;
    const { schema } = planTable({ ...readCsv(text), decimal }, { target: 'dx', ...rest });
    return schema.table.columns.find((column) => column.name === name) as { mean: number };
  };
  const one = (texts: readonly string[], delimiter = ',') =>
    csv({ bp: (row) => texts[row % texts.length]! }, { delimiter });

  it.each<[string, string, readonly string[], number]>([
    ['thousands by commas, in a table of commas', ',', ['12,869', '13,131'], 13000],
    ['thousands by commas, with decimals', ',', ['1,000.5', '999.5'], 1000],
    ['several groups', ';', ['1,000,000', '2,000,000'], 1_500_000],
    ['decimal commas in quotes', ',', ['12,5', '13,5'], 13],
    ['decimal commas with thousands', ';', ['1.234,5', '765,5'], 1000],
    ['decimal commas of three digits, one of which shows it', ';', ['12,500', '0,500'], 6.5],
    ['points in a table of semicolons', ';', ['12.5', '13.5'], 13],
    ['points of three digits in a table of commas', ',', ['1.125', '2.375'], 1.75],
    ['points of three digits in a table of tabs', '\t', ['1.125', '2.375'], 1.75],
    ['thousands by spaces', ';', ['1 000', '2 000'], 1500],
    ['thousands by narrow spaces', ';', ['1\u202f000', '2\u202f000'], 1500],
    ['thousands by apostrophes', ',', ["1'000", "2'000"], 1500],
    ['an exponent', ',', ['1e3', '2E3'], 1500],
  ])('%s', (_, delimiter, texts, expected) => {
    expect(mean(one(texts, delimiter))).toMatchObject({ kind: 'number', mean: expected });
  });

  it('another column tells what a column leaves open', () => {
    const eu = csv({ bp: () => '1.500', w: (row) => `4${row % 9},5` }, { delimiter: ';' });
    expect(mean(eu, 'bp', { columns: ['bp', 'w'] }).mean).toBe(1500);
    const us = csv({ bp: () => '1,500', w: (row) => `4${row % 9}.5` }, { delimiter: ';' });
    expect(mean(us, 'bp', { columns: ['bp', 'w'] }).mean).toBe(1500);
  });

  it('says so where it took a comma for thousands', () => {
    expect(planned(one(['12,869', '13,131']), 'bp').notes).toEqual([
      '12,869 is read as 12869; otherwise: --decimal ,',
    ]);
    expect(mean(one(['12,869', '13,131']), 'bp', { decimal: ',' }).mean).toBeCloseTo(13, 10);
  });

  it.each([
    [';', ['12,869', '13,131']],
    [';', ['12.869', '13.131']],
    ['\t', ['12,869', '13,131']],
  ])('refuses what could be either, until it is said (%j)', (delimiter, texts) => {
    const { code, hint } = refusal(one(texts, delimiter));
    expect(code).toBe('table.decimal');
    expect(hint).toContain('--decimal');
    for (const decimal of ['.', ','] as const) {
      const whole = texts[0]!.includes(decimal) ? 13 : 13000;
      expect(mean(one(texts, delimiter), 'bp', { decimal }).mean).toBeCloseTo(whole, 9);
    }
  });

  it('refuses both marks in one column', () => {
    expect(refusal(one(['48.9', '48,9']))).toMatchObject({
      code: 'table.decimal',
      found: '"48.9" in row 2, "48,9" in row 3',
    });
  });

  it('a later table may be written in another way', () => {
    const { schema } = plan(csv({ bp: (row) => `1${row % 9}.5` }));
    const features = (text: string) => [...readFeatures(readCsv(text), schema)];
    expect(features('age;bp\n50;12,5\n1.060;13,5\n')).toEqual([50, 12.5, 1060, 13.5]);
    expect(features('age,bp\n50,"1,012.5"\n')).toEqual([50, 1012.5]);
    expect(() => features('age;bp\n50;12,500\n')).toThrow(expect.objectContaining({ code: 'table.decimal' }));
    const said = { ...readCsv('age;bp\n50;12,500\n'), decimal: ',' as const };
    expect([...readFeatures(said, schema)]).toEqual([50, 12.5]);
  });

  it('are rewritten for files that say nothing of it', () => {
    const table = readCsv(csv({ bp: (row) => `1${row % 9},50`, note: () => '1,5' }, { delimiter: ';' }));
    const { schema } = planTable(table, { target: 'dx', columns: ['age', 'bp'] });
    const plain = rewriteNumbers(table, schema);
    expect(plain.rows[3]!.cells).toEqual(['61', '13.5', '1,5', 'ill']);
    expect(readTable(plain, schema)).toEqual(readTable(table, schema));
  });
});

describe('what is left out, and why', () => {
  it.each<[string, string, (row: number) => string, string]>([
    ['the index of pandas', '', (row) => `${row}`, 'no name'],
    ['an index that pandas read again', 'Unnamed: 0', (row) => `${row}`, 'counts the rows'],
    ['an index with gaps', 'index', (row) => `${row * 3}`, 'identifies the rows'],
    ['an index of Parquet', '__index_level_0__', (row) => `r${row}`, 'identifies the rows'],
    ['a number of the patient', 'patient_id', (row) => `${1000 + row * 17}`, 'identifies the rows'],
    ['a number of the patient', 'patientId', (row) => `P${row}`, 'identifies the rows'],
    [
      'keys of a database',
      'key',
      (row) => `${7_000_000_000_000_000_000n + BigInt(row)}`,
      'long whole numbers',
    ],
    ['a constant', 'site', () => '7', 'the same in every training row: 7'],
    ['a constant text', 'site', () => 'here', 'the same in every training row: here'],
    [
      'a mark that is there or not',
      'x',
      (row) => (row % 2 ? 'x' : ''),
      'the same in every training row: x, or missing',
    ],
    ['an empty column', 'x', () => '', 'no values'],
    ['a column of NA', 'x', () => 'NA', 'no values'],
    ['dates', 'admitted', (row) => `2024-0${1 + (row % 9)}-11`, 'dates'],
    ['dates of the day first', 'admitted', (row) => `11.0${1 + (row % 9)}.2024`, 'dates'],
    ['instants', 'at', (row) => `2024-01-11 08:${10 + (row % 50)}:00`, 'dates'],
    ['dates without hyphens', 'admitted', (row) => `2024010${1 + (row % 9)}`, 'dates'],
    ['dates with months by name', 'admitted', (row) => `${1 + (row % 28)} Jan 2024`, 'dates'],
    ['American dates', 'admitted', (row) => `January ${1 + (row % 28)}, 2024`, 'dates'],
    ['months', 'admitted', (row) => `2024-0${1 + (row % 9)}`, 'dates'],
    ['times of day', 'at', (row) => `08:${10 + (row % 50)}`, 'dates'],
    ['times with zones', 'at', (row) => `2024-01-11T08:${10 + (row % 50)}:00.5+01:00`, 'dates'],
    ['names', 'name', (row) => `Name ${row}`, 'free text'],
  ])('%s', (_, name, cell, reason) => {
    // More rows than a category may have values.
    const { columns, schema } = plan(csv({ [name]: cell }, { count: 130 }));
    expect(columns[1]!.column).toBeUndefined();
    expect(columns[1]!.reading).toContain(reason);
    expect(schema.table.columns.map((column) => column.name)).toEqual(['age']);
  });

  it.each(['zip', 'ward'])('codes keep their zeros: %s', (name) => {
    const { column, notes } = planned(csv({ [name]: (row) => `0${row % 4}` }), name);
    expect(column).toMatchObject({ kind: 'category', values: ['00', '01', '02', '03'] });
    expect(notes).toContain('codes with leading zeros');
  });

  it('is taken where it is asked for', () => {
    const table = csv({ id: (row) => `${row}`, site: () => '7' });
    const { schema } = plan(table, { columns: ['id', 'SITE'] });
    expect(schema.table.columns).toMatchObject([
      { kind: 'number', name: 'id' },
      { kind: 'number', name: 'site', deviation: 1 },
    ]);
    expect(planned(table, 'id', { kinds: { id: 'number' } }).column!.kind).toBe('number');
  });

  it('stays out where no reading makes sense', () => {
    const table = csv({ admitted: (row) => `2024-0${1 + (row % 9)}-11`, name: (row) => `Name ${row}` });
    expect(refusal(table, { columns: ['admitted'] }).found).toContain('dates, such as 2024-01-11');
    expect(refusal(table, { columns: ['name'] }).found).toContain('free text');
    expect(refusal(table, { kinds: { admitted: 'number' } }).found).toBe(
      '"2024-01-11" in row 2, and 59 more such cells',
    );
  });

  it('by name, and nothing is taken twice or both ways', () => {
    const table = csv({ a: (row) => `${row % 5}`, b: (row) => `${row % 7}` });
    expect(plan(table, { drop: ['A'] }).schema.table.columns.map(({ name }) => name)).toEqual(['age', 'b']);
    expect(planned(table, 'a', { drop: ['a'] }).reading).toBe('left out as you said');
    for (const options of [
      { columns: ['a', 'a'] },
      { columns: ['a', 'dx'] },
      { columns: ['a'], drop: ['a'] },
      { drop: ['dx'] },
      { drop: ['a'], kinds: { a: 'number' as const } },
      { kinds: { dx: 'number' as const } },
    ]) {
      expect(refusal(table, options).code).toBe('table.choice');
    }
    expect(refusal(table, { drop: ['c'] })).toMatchObject({ expected: 'a column c, for --drop' });
    expect(refusal(table, { columns: ['c'] })).toMatchObject({ expected: 'a column c, for --columns' });
    expect(refusal(table, { kinds: { c: 'number' } })).toMatchObject({ expected: 'a column c, for --kind' });
    expect(refusal(table, { target: 'c' })).toMatchObject({ expected: 'a column c, for --target' });
    expect(refusal('age bp dx\n1 2 a\n', { target: 'dx' }).hint).toContain('--delimiter');
    expect(refusal('48.9,128.7,f\n50,120,m\n', { target: 'dx' }).hint).toContain('The first row must name');
  });
});

describe('numbers that f32 cannot tell apart', () => {
  const { schema } = plan(csv({ t: (row) => `${1_700_000_000 + row}` }), { columns: ['t'] });
  const [column] = schema.table.columns;

  it('get an offset near their mean', () => {
    expect(column).toMatchObject({ kind: 'number', offset: 1_700_000_030 });
  });

  it('keep their differences', () => {
    const features = readFeatures(readCsv('t\n1700000000\n1700000001\n1700000031.5\n'), schema);
    expect([...features]).toEqual([-30, -29, 1.5]);
    const missing = readFeatures(readCsv('t\nNA\n'), schema);
    expect([...missing]).toEqual([-0.5]);
  });

  it('are refused where f64 cannot either, and need no offset where f32 can', () => {
    expect(refusal(csv({ t: (row) => `1e18`.replace('e18', `${'0'.repeat(17)}${row % 2}`) })).code).toBe(
      'table.column',
    );
    expect(planned(csv({ year: (row) => `${1990 + (row % 30)}` }), 'year').column).not.toHaveProperty(
      'offset',
    );
  });

  it.each([
    ['nanoseconds', (row: number) => `17000000${row.toString().padStart(2, '0')}000000000`],
    ['small differences', (row: number) => `1000000.0${row.toString().padStart(2, '0')}`],
  ])('%s', (_, cell) => {
    const text = csv({ t: cell });
    const { schema: own } = plan(text, { columns: ['t'] });
    const values = readFeatures(readCsv(text), own);
    expect(new Set(values).size).toBe(60);
  });
});

describe('labels', () => {
  const labels = (values: readonly string[], options: Partial<PlanOptions> = {}) =>
    plan(csv({}, { label: (row) => values[row % values.length]! }), options).schema.labels;

  it.each<[string, readonly string[], readonly string[]]>([
    ['that look like numbers are sorted as numbers', ['10', '9', '-1', '0'], ['-1', '0', '9', '10']],
    ['1 and 1.0 are one', ['0', '1.0', '1'], ['0', '1']],
    ['floats of pandas stay as they are', ['0.0', '1.0'], ['0.0', '1.0']],
    ['spaces around are none of it', ['no', 'yes', 'yes ', ' no'], ['no', 'yes']],
    ['case is none of it', ['no', 'Yes', 'yes', 'yes'], ['no', 'yes']],
    [
      'commas, quotes and lines',
      ['no, never', 'yes "certain"', 'two\nlines'],
      ['no, never', 'two lines', 'yes "certain"'],
    ],
    ['names of objects', ['__proto__', 'constructor'], ['__proto__', 'constructor']],
  ])('%s', (_, values, expected) => {
    expect(labels(values)).toEqual(expected);
  });

  it('are as they are written where the target is called a category', () => {
    const kinds = { dx: 'category' } as const;
    expect(labels(['no', 'Yes', 'yes', 'None'], { kinds })).toEqual(['None', 'Yes', 'no', 'yes']);
    // Other rows keep the two apart as well; a number has one spelling all the same.
    expect(labels(['1', '1.0', '2'], { kinds })).toEqual(['1', '2']);
    const { schema } = plan(csv({}, { label: (row) => ['yes', 'Yes'][row % 2]! }), { kinds });
    expect(readLabels(readCsv('age,dx\n50,yes\n50,Yes\n50,YES\n'), schema)).toEqual([1, 0, undefined]);
  });

  it('a marker of missing values is no label, and the hint says how it becomes one', () => {
    expect(labels(['a', 'b', 'NA'])).toEqual(['a', 'b']);
    const text = csv({}, { label: (row) => ['mild', 'None'][row % 2]! });
    expect(refusal(text)).toMatchObject({ code: 'table.labels', found: 'only "mild"' });
    expect(refusal(text).hint).toContain("--kind 'dx=category'");
  });

  it.each<[string, (row: number) => string]>([
    ['fractions', (row) => `${190 + row}.5`],
    ['decimal commas', (row) => `${190 + row},5`],
    ['whole numbers', (row) => `${(row * 7) % 50}`],
    ['a few dozen fractions', (row) => `${row % 25}.5`],
  ])('a continuous target says what it is: %s', (_, label) => {
    const { code, found, hint } = refusal(csv({}, { label, count: 120 }));
    expect(code).toBe('table.labels');
    expect(found).toMatch(/^numbers: .+ different ones in 120 rows$/);
    expect(hint).toContain('regression');
  });

  it('names are no labels, digits and letters are', () => {
    expect(refusal(csv({}, { label: (row) => `name ${row}` })).found).toContain('free text');
    expect(labels(Array.from({ length: 12 }, (_, i) => `${i}`))).toHaveLength(12);
    expect(labels(Array.from({ length: 20 }, (_, i) => `${i / 2}`))).toHaveLength(20);
  });

  it('control characters are refused with their row', () => {
    const text = csv({}, { label: (row) => (row === 2 ? 'a\u0007' : 'b') });
    expect(refusal(text)).toMatchObject({ code: 'table.cell', expected: expect.stringContaining('row 4') });
  });
});

describe('training and test rows', () => {
  const table = readCsv(
    csv({
      ward: (row) => (row < 5 ? `Z${row}` : 'AB'[row % 2]!),
      bp: (row) => (row < 5 ? '1000' : `${row % 9}`),
    }),
  );
  const training = ({ row }: { row: number }) => row > 6;

  it('means, ranges and values come from the training rows, kinds from all', () => {
    const { schema, columns } = planTable(table, { target: 'dx', other: true }, training);
    expect(schema.table.columns.find(({ name }) => name === 'bp')).toMatchObject({ minimum: 0, maximum: 8 });
    expect(schema.table.columns.find(({ name }) => name === 'ward')).toMatchObject({
      values: ['A', 'B'],
      other: true,
    });
    expect(columns[1]!.notes).toEqual(['Z0, Z1, Z2, Z3, Z4: only among test rows, counts as other']);
    expect(readTable(table, schema).labels).toHaveLength(60);
  });

  it.each([
    [0.002, 99.999, 0, 100],
    [-3.12, 2.76, -3.2, 2.8],
    [1234, 1239, 1234, 1239],
    [36.57, 41.12, 36.5, 41.2],
    [-0.000123, 0.000456, -0.00013, 0.00046],
  ])('the range of %f to %f is rounded outwards: %f to %f', (low, high, minimum, maximum) => {
    const rows = csv({ v: (row) => String(row % 2 ? low : high) });
    expect(planned(rows, 'v').column).toMatchObject({ minimum, maximum });
  });

  it('without other, every value is known', () => {
    const { schema } = planTable(table, { target: 'dx' }, training);
    expect(schema.table.columns.find(({ name }) => name === 'ward')).toMatchObject({
      values: ['A', 'B', 'Z0', 'Z1', 'Z2', 'Z3', 'Z4'],
    });
  });

  it('a column that varies among test rows only is left out', () => {
    const rows = readCsv(csv({ site: (row) => (row < 5 ? '700' : '7') }));
    expect(planTable(rows, { target: 'dx' }, training).columns[1]!.reading).toContain(
      'the same in every training row',
    );
  });
});

describe('rows to predict', () => {
  const { schema } = plan(csv({ ward: (row) => 'AB'[row % 2]! }), { other: true, missing: 'refuse' });

  it('unknown categories and numbers out of range are noted', () => {
    const read = readFeatureRows(readCsv('ward,age\nC,50\nA,900\nb,71\nD,41\n'), schema);
    expect([...read.features]).toEqual([50, 0, 0, 900, 1, 0, 71, 0, 1, 41, 0, 0]);
    expect(read.strange).toEqual([
      { column: 'ward', kind: 'other', count: 2, row: 2, text: 'C', seen: 'A, B' },
      { column: 'age', kind: 'outside', count: 2, row: 3, text: '900', seen: '40 to 70' },
    ]);
  });

  it('bad rows stop everything, or are left out', () => {
    const rows = readCsv('ward,age\nA,50\nA,old\n,50\nB,60\n');
    expect(() => readFeatureRows(rows, schema)).toThrow('a number in row 3, column age');
    const read = readFeatureRows(rows, schema, { skipBadRows: true });
    expect(read.rows.map(({ row }) => row)).toEqual([2, 5]);
    expect(read.skipped.map(({ row }) => row)).toEqual([3, 4]);
    expect([...read.features]).toEqual([50, 1, 0, 60, 0, 1]);
  });

  it('a site that writes its categories in words of its own is refused', () => {
    const site = readCsv('age,ward,dx\n50,Station C,ill\n51,Station C,well\n52,A,ill\n');
    expect(() => readTable(site, schema)).toThrow(expect.objectContaining({ code: 'table.other' }));
  });
});

describe('what is known of columns from elsewhere', () => {
  const known = {
    age: { kind: 'number', mean: 50, deviation: 9, minimum: 0, maximum: 120 },
    ward: { kind: 'category', values: ['B', 'A', 'C'] },
    dx: { kind: 'category', values: ['well', 'ill', 'unclear'] },
  } as const;
  const wards = (row: number) => 'AB'[row % 2]!;
  const table = csv({ bp: (row) => String(100 + (row % 9)), ward: wards });

  it('is what the schema says, and rows say nothing in it', () => {
    const { schema, columns } = plan(table, { known, other: true });
    expect(schema).toEqual({
      shape: [4],
      labels: ['ill', 'unclear', 'well'],
      table: {
        target: 'dx',
        columns: [
          { kind: 'number', name: 'age', mean: 50, deviation: 9, minimum: 0, maximum: 120 },
          { kind: 'category', name: 'ward', values: ['A', 'B', 'C'], other: true },
        ],
        missing: 'mean',
      },
    });
    expect(columns.find(({ name }) => name === 'bp')!.reading).toBe('not among the statistics');
    const others = csv({ bp: () => '7', ward: () => 'A' }, { count: 12, label: (row) => 'ab'[row % 2]! });
    expect(plan(others, { known, other: true }).schema).toEqual(schema);
    expect(plan(others, { other: true }).schema).not.toEqual(plan(table, { other: true }).schema);
  });

  it('has one deviation where all rows are alike, and an offset by its bounds', () => {
    const flat = { ...known, age: { ...known.age, deviation: 0 } };
    expect(plan(table, { known: flat }).schema.table.columns[0]).toMatchObject({ mean: 50, deviation: 1 });
    const late = { ...known, age: { ...known.age, mean: 1.7e9, deviation: 10, maximum: 1.8e9 } };
    expect(plan(table, { known: late }).schema.table.columns[0]).toMatchObject({ offset: 1.7e9 });
  });

  it.each<[string, Partial<PlanOptions>, string, string]>([
    ['none of the target', { known: { age: known.age } }, 'table.choice', 'none of it'],
    ['a mean of the target', { known: { ...known, dx: known.age } }, 'table.choice', 'its mean'],
    ['one label', { known: { ...known, dx: { kind: 'category', values: ['ill'] } } }, 'table.choice', 'one'],
    ['a column that is not known', { known, columns: ['age', 'bp'] }, 'table.choice', 'bp, which'],
    ['another kind', { known, kinds: { ward: 'number' } }, 'table.choice', 'the kind number'],
    ['a column that is not there', { known: { ...known, pulse: known.age } }, 'table.column', 'age'],
    ['numbers that are none', { known: { ...known, ward: known.age } }, 'table.column', '"A" in row 2'],
  ])('is refused with %s', (_, options, code, found) => {
    const refused = refusal(table, options);
    expect(refused.code).toBe(code);
    expect(refused.found).toContain(found);
  });
});
