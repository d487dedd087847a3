import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openCsv, readCsv } from './csv.ts';

const cells = (text: string, separator?: string) => readCsv(text, separator).rows.map((row) => row.cells);

describe('readCsv', () => {
  it.each([
    // RFC 4180 section 2, rules 1, 2, 5, 6, 7.
    [
      'a,b\r\naaa,bbb\r\nzzz,yyy\r\n',
      [
        ['aaa', 'bbb'],
        ['zzz', 'yyy'],
      ],
    ],
    ['a,b\r\naaa,bbb', [['aaa', 'bbb']]],
    ['a,b\r\n"aaa","b\r\nbb"\r\n', [['aaa', 'b\r\nbb']]],
    ['a,b\r\n"a""aa",bbb\r\n', [['a"aa', 'bbb']]],
    ['a,b\n1,2\n', [['1', '2']]],
    ['a,b\n1,', [['1', '']]],
    ['\ufeffa,b\n1,2', [['1', '2']]],
    ['a\n\n', [['']]],
  ])('%j', (text, expected) => {
    expect(cells(text)).toEqual(expected);
  });

  it('keeps row numbers and column names', () => {
    const table = readCsv('x;y\n1;2\n3;4\n', ';');
    expect(table.columns).toEqual(['x', 'y']);
    expect(table.rows.map(({ row }) => row)).toEqual([2, 3]);
  });

  it('reads back what a writer quotes', () => {
    const quote = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
    const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', 'ä') });
    const rows = fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(rows, fc.boolean(), (rows, crlf) => {
        const text = rows.map((row) => row.map(quote).join(',')).join(crlf ? '\r\n' : '\n');
        // A row without a value is no row.
        const filled = rows.filter((row) => row.some((value) => value.trim() !== ''));
        expect(cells(`a,b,c\n${text}\n`)).toEqual(filled);
      }),
      { seed: 4180 },
    );
  });

  it.each([
    ['', 'an empty file'],
    ['a,a\n1,2', 'a twice'],
    ['a,b\n1,2,3', 'row 2'],
    ['a,b\n1,2\n1', 'row 3'],
    ['a,b\n1,x"y', 'row 2, column 2'],
    ['a,b\n1,"x', 'row 2, column 2'],
    ['a,b\n"x"y,1', 'row 2, column 1'],
  ])('refuses %j', (text, mention) => {
    expect(() => readCsv(text)).toThrow(expect.objectContaining({ code: 'csv.malformed' }));
    expect(() => readCsv(text)).toThrow(mention);
  });
});

describe('openCsv', () => {
  it('reads records that span many pieces of the file, and refuses one without an end', async () => {
    const long = 'ab""\n'.repeat(100_000);
    const { rows } = await openCsv(new Blob([`x,y\n"${long}",1\n2,3\n`]));
    const read: (readonly string[])[] = [];
    for await (const some of rows()) read.push(...some.map(({ cells }) => cells));
    expect(read).toEqual([
      [long.replaceAll('""', '"'), '1'],
      ['2', '3'],
    ]);
    await expect(openCsv(new Blob(['x'.repeat(2 ** 24 + 2 ** 20)]))).rejects.toThrow('at most 16777216');
  });
});
