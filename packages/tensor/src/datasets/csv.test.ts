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

  it.each<[string, string, string]>([
    ['semicolons', 'a;b\n1,5;2\n', ';'],
    ['tabs', 'a\tb\n1,5\t2\n', '\t'],
    ['bars', 'a|b\n1,5|2\n', '|'],
    ['commas beside a semicolon', 'a,b\n"1;5",2\n', ','],
    ['semicolons beside a comma in every row', 'weight, kg;b;c\n1,5;2;3\n2,5;2;3\n', ';'],
    ['semicolons of quoted fields', '"a";"b"\n"1,5";"2,5"\n', ';'],
    ['what a first line says', 'sep=;\r\na;b,c\r\n1;2\r\n', ';'],
    ['what a first line in quotes says', '"sep=;"\na;b,c\n1;2\n', ';'],
    ['what a first line says of commas', 'sep=,\na,b;c\n1,2\n', ','],
    ['what a first line says of tabs', 'sep=\t\na\tb\n1\t2\n', '\t'],
    ['a comma where there is one column', 'a\n1\n', ','],
  ])('finds out the delimiter: %s', (_, text, delimiter) => {
    const table = readCsv(text);
    expect(table.delimiter).toBe(delimiter);
    expect(table.rows).toHaveLength(text.includes('2,5;2') ? 2 : 1);
    expect(table.rows[0]!.cells).toHaveLength(table.columns.length);
  });

  it.each<[string, string, readonly (readonly [number, ...string[]])[]]>([
    [
      'records that end with CR',
      'a,b\r1,2\r3,4\r',
      [
        [2, '1', '2'],
        [3, '3', '4'],
      ],
    ],
    [
      'records that end in three ways',
      'a,b\r1,2\n3,4\r\n"5",6\r',
      [
        [2, '1', '2'],
        [3, '3', '4'],
        [4, '5', '6'],
      ],
    ],
    ['a blank line at the end', 'a,b\n1,2\n\n', [[2, '1', '2']]],
    ['many of them', 'a,b\r\n1,2\r\n\r\n  \r\n\r\n', [[2, '1', '2']]],
    ['blank lines between, which count as rows', '\n\na,b\n\n1,2\n', [[5, '1', '2']]],
    ['rows of delimiters alone', 'a,b\n1,2\n,\n , \n', [[2, '1', '2']]],
    ['a delimiter at the end of every line', 'a,b,\n1,2,\n', [[2, '1', '2', '']]],
    [
      'one at the end of the rows alone',
      'a,b\n1,2,\n3,4,,\n',
      [
        [2, '1', '2'],
        [3, '3', '4'],
      ],
    ],
    ['one at the end of the names alone', 'a,b,\n1,2\n', [[2, '1', '2', '']]],
    ['a line that says the delimiter, which counts', 'sep=,\na,b\n1,2\n', [[3, '1', '2']]],
    ['names with spaces around and lines inside', ' a ,"b\nb"\n1,2\n', [[2, '1', '2']]],
  ])('takes %s', (_, text, rows) => {
    const table = readCsv(text);
    expect(table.columns.slice(0, 2).map((name) => name[0])).toEqual(['a', 'b']);
    expect(table.rows.map(({ row, cells }) => [row, ...cells])).toEqual(rows);
  });

  it.each([
    ['', 'an empty file'],
    ['a,a\n1,2', 'a twice'],
    ['a,b\n1,2,3', 'row 2'],
    ['a,b\n1,2\n1', 'row 3'],
    ['a,b\n1,x"y', 'row 2, column 2'],
    ['a,b\n1,"x', 'row 2, column 2'],
    ['a,b\n"x"y,1', 'row 2, column 1'],
    ['a,b\n1,x\0y', 'NUL character'],
    ['a,b\n1,2\n\n3', 'row 4'],
    ['a ,a\n1,2', 'a twice'],
    ['# made today\na,b\n1,2', 'tail -n +2'],
    [',,\n', 'an empty file'],
  ])('refuses %j', (text, mention) => {
    expect(() => readCsv(text)).toThrow(expect.objectContaining({ code: 'csv.malformed' }));
    expect(() => readCsv(text)).toThrow(mention);
  });
});

describe('openCsv', () => {
  it.each([
    ['utf-8', Uint8Array.of(0xef, 0xbb, 0xbf), (code: number) => [code]],
    ['utf-16le', Uint8Array.of(0xff, 0xfe), (code: number) => [code, 0]],
    ['utf-16be', Uint8Array.of(0xfe, 0xff), (code: number) => [0, code]],
  ] as const)('reads %s with its mark', async (_, mark, encode) => {
    const bytes = Uint8Array.from([...'a;b\r\n1;2\r\n'].flatMap((text) => encode(text.charCodeAt(0))));
    const table = await openCsv(new Blob([mark, bytes]));
    expect([table.columns, table.delimiter]).toEqual([['a', 'b'], ';']);
    expect((await Array.fromAsync(table.rows())).flat()).toEqual([{ row: 2, cells: ['1', '2'] }]);
  });

  it('refuses other bytes with the command that converts them', async () => {
    const latin1 = Uint8Array.from([...'a,b\n\u00e9,2\n'].map((text) => text.charCodeAt(0)));
    await expect(openCsv(new Blob([latin1]))).rejects.toThrow('iconv -f WINDOWS-1252 -t UTF-8');
  });

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
