/** Parquet files that say they are larger than they are, written here byte by byte. */
import { deflateRawSync } from 'node:zlib';
import { NonetError } from '@nonet/core';
import { describe, expect, it } from 'vitest';
import { openParquet } from '../src/datasets/parquet.ts';

type Bytes = readonly number[];

/** Thrift's compact protocol: numbers zigzag, fields by the distance of their names. */
const varint = (value: number): Bytes =>
  value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
const i32 = (value: number) => ({ type: 5, bytes: varint(value >= 0 ? 2 * value : -2 * value - 1) });
const i64 = (value: number) => ({ ...i32(value), type: 6 });
const truth = (value: boolean) => ({ type: value ? 1 : 2, bytes: [] as Bytes });
const text = (value: string) => {
  const bytes = [...new TextEncoder().encode(value)];
  return { type: 8, bytes: [...varint(bytes.length), ...bytes] };
};
interface Value {
  readonly type: number;
  readonly bytes: Bytes;
}
const list = (items: readonly Value[], type = items[0]!.type): Value => ({
  type: 9,
  bytes: [15 * 16 + type, ...varint(items.length), ...items.flatMap(({ bytes }) => bytes)],
});
const struct = (fields: Readonly<Record<number, Value>>): Value => {
  let last = 0;
  const bytes = Object.entries(fields).flatMap(([name, { type, bytes }]) => {
    const distance = Number(name) - last;
    last = Number(name);
    // Where it is too far for four bits, the name itself.
    return distance < 16 ? [16 * distance + type, ...bytes] : [type, ...varint(2 * Number(name)), ...bytes];
  });
  return { type: 12, bytes: [...bytes, 0] };
};

const types = { boolean: 0, int32: 1, int64: 2, float: 4, text: 6 };
const codecs = { none: 0, gzip: 2, lzo: 3, zstd: 6, lz4: 7 };
const encodings = {
  plain: 0,
  plainDictionary: 2,
  rle: 3,
  delta: 5,
  deltaLengths: 6,
  deltaStrings: 7,
  dictionary: 8,
  alp: 10,
};

interface Column {
  readonly type?: keyof typeof types;
  /** What the column's own metadata say of it. */
  readonly pageType?: keyof typeof types;
  /** Bytes that it takes, as it says. */
  readonly taken?: number;
  readonly optional?: boolean;
  readonly codec?: keyof typeof codecs;
  readonly rows: number;
  readonly pages: readonly Bytes[];
  /** Fields of the footer that no reader knows. */
  readonly more?: Readonly<Record<number, Value>>;
}

/** A file of one column `a` in one row group. */
function parquet({
  type = 'int32',
  pageType = type,
  optional = false,
  codec = 'none',
  rows,
  pages,
  taken = pages.flat().length,
  more = {},
}: Column): Blob {
  const data = pages.flat();
  const meta = struct({
    1: i32(types[pageType]),
    2: list([i32(0)]),
    3: list([text('a')]),
    4: i32(codecs[codec]),
    5: i64(rows),
    6: i64(data.length),
    7: i64(taken),
    9: i64(4),
  });
  const column = { 1: i32(types[type]), 3: i32(optional ? 1 : 0), 4: text('a') };
  return withFooter(
    struct({
      1: i32(1),
      2: list([
        struct({ 4: text('root'), 5: i32(1) }),
        struct(type === 'text' ? { ...column, 6: i32(0) } : column),
      ]),
      3: i64(rows),
      4: list([struct({ 1: list([struct({ 2: i64(4), 3: meta })]), 2: i64(data.length), 3: i64(rows) })]),
      ...more,
    }).bytes,
    data,
  );
}

function withFooter(footer: Bytes, data: Bytes = []): Blob {
  const length = new DataView(new ArrayBuffer(4));
  length.setUint32(0, footer.length, true);
  return new Blob(['PAR1', Uint8Array.from(data), Uint8Array.from(footer), length.buffer, 'PAR1']);
}

interface PageOptions {
  readonly encoding?: keyof typeof encodings;
  /** What the header says, where it is not so. */
  readonly unpacked?: number;
  readonly packed?: number;
}

function page(values: number, bytes: Bytes, { encoding = 'plain', ...said }: PageOptions = {}): Bytes {
  const header = struct({ 1: i32(values), 2: i32(encodings[encoding]), 3: i32(3), 4: i32(3) });
  return framed(0, bytes, 5, header, said);
}

const dictionaryPage = (values: number, bytes: Bytes, said: PageOptions = {}): Bytes =>
  framed(2, bytes, 7, struct({ 1: i32(values), 2: i32(0) }), said);

/** A page of version 2: levels come before the rest, and are never deflated. */
function secondPage(
  {
    values,
    nulls = 0,
    levels = [],
    deflated = false,
    levelBytes = levels.length,
    repetitions = 0,
    rows = values,
  }: {
    readonly values: number;
    readonly nulls?: number;
    readonly levels?: Bytes;
    readonly deflated?: boolean;
    readonly levelBytes?: number;
    readonly repetitions?: number;
    readonly rows?: number;
  },
  bytes: Bytes,
  { encoding = 'plain', ...said }: PageOptions = {},
): Bytes {
  const header = struct({
    1: i32(values),
    2: i32(nulls),
    3: i32(rows),
    4: i32(encodings[encoding]),
    5: i32(levelBytes),
    6: i32(repetitions),
    7: truth(deflated),
  });
  return framed(3, [...levels, ...bytes], 8, header, said);
}

function framed(type: number, bytes: Bytes, field: number, header: Value, said: PageOptions): Bytes {
  return withHeaders(type, bytes, { [field]: header }, said);
}

function withHeaders(
  type: number,
  bytes: Bytes,
  headers: Readonly<Record<number, Value>>,
  said: PageOptions = {},
): Bytes {
  const { unpacked = bytes.length, packed = bytes.length } = said;
  return [...struct({ 1: i32(type), 2: i32(unpacked), 3: i32(packed), ...headers }).bytes, ...bytes];
}

const int32s = (...values: readonly number[]): Bytes => [...new Uint8Array(Int32Array.from(values).buffer)];
const gzip = (bytes: Bytes): Bytes => [
  ...[31, 139, 8, 0, 0, 0, 0, 0, 0, 0],
  ...deflateRawSync(Uint8Array.from(bytes)),
  ...new Uint8Array(8),
];
/** A run of one value, and one of single bits. */
const repeated = (count: number, ...value: Bytes): Bytes => [...varint(2 * count), ...value];
const packed = (groups: number, ...bytes: Bytes): Bytes => [...varint(2 * groups + 1), ...bytes];
const sized = (bytes: Bytes): Bytes => [...int32s(bytes.length), ...bytes];

const cellsOf = async (file: Blob) => {
  const source = await openParquet(file);
  return (await Array.fromAsync(source.rows())).flat().map(({ cells }) => cells[0]);
};
const refuses = async (file: Blob, found: string) => {
  await expect(cellsOf(file)).rejects.toThrow(
    expect.objectContaining({ code: 'parquet.malformed', found: expect.stringContaining(found) }),
  );
};

describe('pages that are what they say are read', () => {
  it.each<[string, Column, readonly string[]]>([
    ['plain', { rows: 3, pages: [page(3, int32s(7, 8, 9))] }, ['7', '8', '9']],
    ['of two pages', { rows: 3, pages: [page(2, int32s(7, 8)), page(1, int32s(9))] }, ['7', '8', '9']],
    [
      'with a null, its levels one run of each kind',
      {
        rows: 3,
        optional: true,
        pages: [page(3, [...sized([...repeated(1, 1), ...packed(1, 0b10)]), ...int32s(7, 9)])],
      },
      ['7', '', '9'],
    ],
    [
      'from a dictionary',
      {
        rows: 3,
        pages: [
          dictionaryPage(2, int32s(7, 8)),
          page(3, [1, ...packed(1, 0b010)], { encoding: 'dictionary' }),
        ],
      },
      ['7', '8', '7'],
    ],
    [
      'from a dictionary, where all are null',
      {
        rows: 2,
        optional: true,
        pages: [
          dictionaryPage(1, int32s(7)),
          page(2, [...sized(repeated(2, 0)), 0], { encoding: 'dictionary' }),
        ],
      },
      ['', ''],
    ],
    [
      'from a dictionary of one value, whose indices have no bits',
      { rows: 2, pages: [dictionaryPage(1, int32s(7)), page(2, [0], { encoding: 'dictionary' })] },
      ['7', '7'],
    ],
    [
      'from a dictionary behind levels that take more bytes than they need',
      {
        rows: 3,
        optional: true,
        pages: [
          dictionaryPage(2, int32s(7, 8)),
          page(3, [...sized([...repeated(1, 1), ...packed(1, 0b10), 0, 0]), 1, ...packed(1, 0b10)], {
            encoding: 'dictionary',
          }),
        ],
      },
      ['7', '', '8'],
    ],
    [
      'from a dictionary in runs of each kind, of one bit',
      {
        rows: 12,
        pages: [
          dictionaryPage(2, int32s(7, 8)),
          page(12, [1, ...packed(1, 0b10), ...repeated(3, 1), ...repeated(1, 0)], { encoding: 'dictionary' }),
        ],
      },
      ['7', '8', '7', '7', '7', '7', '7', '7', '8', '8', '8', '7'],
    ],
    [
      'from a dictionary in runs of each kind, of nine bits',
      {
        rows: 10,
        pages: [
          dictionaryPage(2, int32s(7, 8)),
          page(10, [9, ...packed(1, 1, 0, 0, 0, 0, 0, 0, 0, 0), ...repeated(2, 1, 0)], {
            encoding: 'dictionary',
          }),
        ],
      },
      ['8', '7', '7', '7', '7', '7', '7', '7', '8', '8'],
    ],
    [
      'of version 2 in bits',
      {
        type: 'boolean',
        rows: 9,
        pages: [
          secondPage({ values: 9 }, sized([...repeated(8, 1), ...repeated(1, 0)]), { encoding: 'rle' }),
        ],
      },
      [...Array(8).fill('true'), 'false'],
    ],
    [
      'as differences',
      { rows: 3, pages: [page(3, [128, 1, 4, 3, 14, 2, 0, 0, 0, 0], { encoding: 'delta' })] },
      ['7', '8', '9'],
    ],
    [
      'as differences of wide numbers',
      { type: 'int64', rows: 3, pages: [page(3, [128, 1, 4, 3, 14, 2, 0, 0, 0, 0], { encoding: 'delta' })] },
      ['7', '8', '9'],
    ],
    [
      'strings of which none is there',
      {
        type: 'text',
        optional: true,
        rows: 2,
        pages: [page(2, [...sized(repeated(2, 0)), 0, 0, 0, 0], { encoding: 'deltaLengths' })],
      },
      ['', ''],
    ],
    [
      'strings behind their lengths',
      {
        type: 'text',
        rows: 3,
        pages: [
          page(3, [128, 1, 4, 3, 2, 2, 0, 0, 0, 0, 97, 98, 98, 99, 99, 99], { encoding: 'deltaLengths' }),
        ],
      },
      ['a', 'bb', 'ccc'],
    ],
    [
      'floats as vectors of decimals',
      {
        type: 'float',
        rows: 3,
        // 8 values a vector; 15, 25, 35 tenths, and no exceptions.
        pages: [
          page(3, [0, 0, 3, ...int32s(3), ...int32s(4), 1, 0, 0, 0, ...int32s(15), 8, 0, 10, 20], {
            encoding: 'alp',
          }),
        ],
      },
      ['1.5', '2.5', '3.5'],
    ],
    [
      'with levels that are none of theirs, which are nulls',
      {
        rows: 10,
        optional: true,
        pages: [page(10, [...sized(repeated(10, 3)), 1, ...repeated(1, 0)], { encoding: 'dictionary' })],
      },
      Array(10).fill(''),
    ],
    [
      'from a dictionary without values',
      {
        codec: 'lz4',
        rows: 2,
        optional: true,
        // A block of LZ4 that is seven literals.
        pages: [
          dictionaryPage(0, [0], { unpacked: 0 }),
          page(2, [7 * 16, ...sized(repeated(2, 0)), 1], { encoding: 'dictionary', unpacked: 7 }),
        ],
      },
      ['', ''],
    ],
    [
      'truths in runs',
      {
        type: 'boolean',
        rows: 9,
        pages: [page(9, sized([...repeated(8, 1), ...repeated(1, 0)]), { encoding: 'rle' })],
      },
      [...Array(8).fill('true'), 'false'],
    ],
    [
      'deflated',
      { codec: 'gzip', rows: 2, pages: [page(2, gzip(int32s(7, 8)), { unpacked: 8 })] },
      ['7', '8'],
    ],
    [
      'of version 2',
      {
        codec: 'gzip',
        optional: true,
        rows: 3,
        pages: [
          secondPage({ values: 3, nulls: 1, levels: packed(1, 0b101), deflated: true }, gzip(int32s(7, 9)), {
            unpacked: 10,
          }),
        ],
      },
      ['7', '', '9'],
    ],
    [
      'of version 2 from a dictionary, as they are',
      {
        codec: 'gzip',
        optional: true,
        rows: 3,
        pages: [
          dictionaryPage(2, gzip(int32s(7, 8)), { unpacked: 8 }),
          secondPage({ values: 3, nulls: 1, levels: packed(1, 0b101) }, [1, ...packed(1, 0b10)], {
            encoding: 'dictionary',
          }),
        ],
      },
      ['7', '', '8'],
    ],
    [
      'of version 2 where all are null, so that levels are all there is',
      { optional: true, rows: 2, pages: [secondPage({ values: 2, nulls: 2, levels: repeated(2, 0) }, [])] },
      ['', ''],
    ],
    ['after an empty one', { rows: 1, pages: [page(0, []), page(1, int32s(7))] }, ['7']],
    ['before other bytes', { rows: 1, pages: [page(1, int32s(7)), [0x1d, 0x1d, 0x1d, 0x1d]] }, ['7']],
    [
      'strings that begin as the one before',
      {
        type: 'text',
        rows: 3,
        // Lengths of prefixes 0, 1, 2 and of suffixes 1, 1, 1, each as a first value and differences.
        pages: [
          page(3, [128, 1, 4, 3, 0, 2, 0, 0, 0, 0, 128, 1, 4, 3, 2, 0, 0, 0, 0, 0, 97, 98, 99], {
            encoding: 'deltaStrings',
          }),
        ],
      },
      ['a', 'ab', 'abc'],
    ],
  ])('%s', async (_, column, expected) => {
    expect(await cellsOf(parquet(column))).toEqual(expected);
  });
});

describe('pages that say they are more are refused before they are', () => {
  const rows = 10;
  const many = 2 ** 30;
  const dataHeader = struct({ 1: i32(10), 2: i32(encodings.dictionary), 3: i32(3), 4: i32(3) });
  it.each<[string, Column, string]>([
    ['a size beyond the file', { rows, pages: [page(10, int32s(1), { packed: 9 })] }, 'a page of 9 bytes'],
    ['a negative size', { rows, pages: [page(10, int32s(1), { packed: -1 })] }, 'a page of -1 bytes'],
    [
      'pages that inflate to more than a gibibyte together',
      { codec: 'gzip', rows, pages: [page(0, [1], { unpacked: many }), page(10, [1], { unpacked: 1 })] },
      `inflate to ${many + 1} bytes`,
    ],
    [
      'a negative inflated size',
      { codec: 'gzip', rows, pages: [page(10, [1], { unpacked: -1 })] },
      'inflate to -1',
    ],
    [
      'more values than rows',
      { rows, pages: [page(6, int32s(1)), page(5, int32s(1))] },
      '11 values in 10 rows',
    ],
    ['to be packed as nothing here unpacks', { codec: 'lzo', rows, pages: [page(10, int32s(1))] }, 'LZO'],
    ['a negative count', { rows, pages: [page(-1, int32s(1))] }, '-1 values'],
    ['nothing of their values', { rows, pages: [withHeaders(0, int32s(1), {})] }, '-1 values'],
    [
      'to be a dictionary, and nothing of one',
      { rows, pages: [withHeaders(2, int32s(1), { 5: dataHeader })] },
      '-1 values',
    ],
    [
      'to be a dictionary beside what they are',
      {
        rows,
        pages: [
          withHeaders(0, [1, ...repeated(many, 0)], { 5: dataHeader, 7: struct({ 1: i32(1), 2: i32(0) }) }),
        ],
      },
      `a run of ${many} values`,
    ],
    [
      'to be of the other version beside what they are',
      {
        rows,
        pages: [
          withHeaders(0, [1, ...repeated(many, 0)], {
            5: dataHeader,
            8: struct({
              1: i32(10),
              2: i32(0),
              3: i32(10),
              4: i32(8),
              5: i32(6),
              6: i32(0),
              7: truth(false),
            }),
          }),
        ],
      },
      `a run of ${many} values`,
    ],
    [
      'a list without end in their header',
      {
        rows,
        pages: [
          withHeaders(0, int32s(1), { 5: dataHeader, 20: { type: 9, bytes: [0xf5, ...varint(2 ** 25)] } }),
        ],
      },
      `a list of ${2 ** 25} in`,
    ],
    [
      'a negative size of levels',
      { rows, optional: true, pages: [secondPage({ values: 10, levelBytes: -1 }, int32s(1))] },
      '-1 bytes of levels',
    ],
    [
      'a run without end that is not deflated beside others that are',
      {
        codec: 'gzip',
        rows,
        pages: [secondPage({ values: 10 }, [1, ...repeated(many, 0)], { encoding: 'dictionary' })],
      },
      `a run of ${many} values`,
    ],
    [
      'bits without end, of version 2',
      { rows, pages: [secondPage({ values: 10 }, [0, 0, 0, 0, ...repeated(many, 1)], { encoding: 'rle' })] },
      `a run of ${many} values`,
    ],
    [
      'indices of truths without end, of version 2',
      {
        type: 'boolean',
        rows,
        pages: [secondPage({ values: 10 }, [1, ...repeated(many, 0), 0], { encoding: 'dictionary' })],
      },
      `a run of ${many} values`,
    ],
    [
      'indices of no bits without end, of version 2',
      { rows, pages: [secondPage({ values: 10 }, [0, ...repeated(many)], { encoding: 'dictionary' })] },
      `a run of ${many} values`,
    ],
    [
      'indices of two bits without end',
      { rows, pages: [page(10, [2, ...repeated(many, 0)], { encoding: 'plainDictionary' })] },
      `a run of ${many} values where 10 are left`,
    ],
    [
      'fewer nulls than none',
      { rows, pages: [secondPage({ values: 10, nulls: -many }, int32s(1))] },
      `${-many} nulls, not 0`,
    ],
    [
      'other nulls than are there',
      { rows, optional: true, pages: [secondPage({ values: 10, nulls: 9, levels: repeated(10, 1) }, [])] },
      '9 nulls, not 0',
    ],
    [
      'fewer rows than none, so that another one is read for it',
      { rows, pages: [secondPage({ values: 10, rows: -1 }, int32s(1)), page(10, [1, ...repeated(many, 0)])] },
      'a page of -1 rows',
    ],
    [
      'levels where none is missing',
      { rows, pages: [secondPage({ values: 10, levels: repeated(10, 1) }, int32s(1))] },
      '2 bytes of levels',
    ],
    [
      'levels of more bytes than they inflate to',
      {
        codec: 'gzip',
        rows,
        optional: true,
        pages: [secondPage({ values: 10, levels: repeated(10, 1) }, int32s(1), { unpacked: 1 })],
      },
      '2 bytes of levels',
    ],
    [
      'repetitions, behind which levels are read',
      {
        rows,
        optional: true,
        pages: [secondPage({ values: 10, levels: repeated(10, 1), repetitions: 4 }, int32s(1))],
      },
      '4 bytes of repetitions',
    ],
    [
      'to inflate to nothing, so that they are read as they are',
      {
        codec: 'gzip',
        rows,
        optional: true,
        pages: [
          secondPage({ values: 10, levels: repeated(10, 1), deflated: true }, [1, ...repeated(many, 0)], {
            encoding: 'dictionary',
            unpacked: 2,
          }),
        ],
      },
      `a run of ${many} values`,
    ],
    [
      'not to be deflated in a header that is not theirs',
      {
        codec: 'gzip',
        rows,
        pages: [
          withHeaders(
            0,
            gzip([1, ...repeated(many, 0)]),
            {
              5: dataHeader,
              8: struct({
                1: i32(10),
                2: i32(0),
                3: i32(10),
                4: i32(0),
                5: i32(0),
                6: i32(0),
                7: truth(false),
              }),
            },
            { unpacked: 7 },
          ),
        ],
      },
      `a run of ${many} values`,
    ],
    [
      'to hold what their column does not',
      { type: 'boolean', pageType: 'int32', rows, pages: [page(10, int32s(1))] },
      'pages of INT32, cells of BOOLEAN',
    ],
    ...(
      [
        [[...varint(128), 255, 255, 255, 255, 15], `blocks of 128 differences in ${2 ** 32 - 1} parts`],
        [[255, 255, 255, 255, 15, 1], `blocks of ${2 ** 32 - 1} differences in 1 parts`],
        [[0, 1], 'blocks of 0 differences in 1 parts'],
        [[...varint(128), 0], 'blocks of 128 differences in 0 parts'],
        [[...varint(128), 3], 'blocks of 128 differences in 3 parts'],
        [[...varint(256), ...varint(128)], 'blocks of 256 differences in 128 parts'],
      ] as const
    ).flatMap(([header, found]): [string, Column, string][] => {
      const bytes = [...header, 10, 0, 0, 0, 0, 0, 0];
      const prefixes = [128, 1, 1, 10, 0, 0, 0];
      const text = { type: 'text', rows } as const;
      return [
        [`differences in ${header}`, { rows, pages: [page(10, bytes, { encoding: 'delta' })] }, found],
        [`lengths in ${header}`, { ...text, pages: [page(10, bytes, { encoding: 'deltaLengths' })] }, found],
        [`prefixes in ${header}`, { ...text, pages: [page(10, bytes, { encoding: 'deltaStrings' })] }, found],
        [
          `suffixes in ${header}`,
          { ...text, pages: [page(10, [...prefixes, ...bytes], { encoding: 'deltaStrings' })] },
          found,
        ],
      ];
    }),
    [
      'prefixes that make up for others',
      {
        type: 'text',
        rows: 3,
        // Blocks of 4 in 4 parts: 0, 2^30, and -1.
        pages: [
          page(
            3,
            [
              ...[4, 4, 3, 0],
              ...varint(2 ** 31 + 1),
              ...[32, 0, 0, 0],
              ...[1, 0, 0, 128],
              ...[4, 4, 3, 0, 0],
            ],
            { encoding: 'deltaStrings' },
          ),
        ],
      },
      'a prefix of -1 bytes',
    ],
    [
      'more exceptions than values',
      {
        type: 'float',
        rows: 16,
        // The second vector.
        pages: [
          page(16, [0, 0, 3, ...int32s(16), ...int32s(8, 17), ...[0, 0, 0, 0], ...int32s(0), 0, 0, 0, 9, 0], {
            encoding: 'alp',
          }),
        ],
      },
      '9 exceptions of 8 values',
    ],
    ['fewer bytes than none', { rows, pages: [page(10, int32s(1))], taken: -1 }, 'a column of -1 bytes'],
    [
      'more bytes than the file has',
      { rows, pages: [page(10, int32s(1))], taken: 2000 },
      'columns of 2000 bytes in ',
    ],
    [
      'to be millions of rows in a few bytes',
      { rows: 2 ** 21, pages: [page(2 ** 21, [1, ...repeated(2 ** 21, 0)], { encoding: 'dictionary' })] },
      `${2 ** 21} cells in `,
    ],
    [
      'a dictionary of more values than bytes',
      { rows, pages: [dictionaryPage(5, int32s(1))] },
      '5 values in 4 bytes',
    ],
    ['a dictionary of a negative count', { rows, pages: [dictionaryPage(-1, int32s(1))] }, '-1 values in 4'],
    [
      'a run of more values than are left',
      { rows, pages: [page(10, [1, ...repeated(4, 0), ...repeated(many, 0)], { encoding: 'dictionary' })] },
      `a run of ${many} values where 6 are left`,
    ],
    [
      'single bits without end',
      { rows, pages: [page(10, [1, ...packed(2 ** 27, 0)], { encoding: 'dictionary' })] },
      `a run of ${many} values where 10 are left`,
    ],
    [
      'levels without end',
      { rows, optional: true, pages: [page(10, sized(repeated(many, 1)))] },
      `a run of ${many} values`,
    ],
    [
      'a run without end behind levels that take more bytes than they need',
      {
        rows,
        optional: true,
        pages: [
          page(10, [...sized([...repeated(10, 1), 0, 0]), 1, ...repeated(many, 0)], {
            encoding: 'dictionary',
          }),
        ],
      },
      `a run of ${many} values`,
    ],
    [
      'truths without end',
      { rows, type: 'boolean', pages: [page(10, sized(repeated(many, 1)), { encoding: 'rle' })] },
      `a run of ${many} values`,
    ],
    [
      'levels without end, of version 2',
      { rows, optional: true, pages: [secondPage({ values: 10, levels: repeated(many, 1) }, int32s(1))] },
      `a run of ${many} values`,
    ],
    [
      'levels beyond the page',
      { rows, optional: true, pages: [secondPage({ values: 10, levelBytes: 9 }, int32s(1))] },
      '9 bytes of levels',
    ],
    [
      'a run without end that is deflated',
      {
        codec: 'gzip',
        rows,
        pages: [page(10, gzip([1, ...repeated(many, 0)]), { unpacked: 7, encoding: 'dictionary' })],
      },
      `a run of ${many} values`,
    ],
    [
      'the same of version 2',
      {
        codec: 'gzip',
        rows,
        pages: [
          secondPage({ values: 10, deflated: true }, gzip([1, ...repeated(many, 0)]), {
            unpacked: 7,
            encoding: 'dictionary',
          }),
        ],
      },
      `a run of ${many} values`,
    ],
    [
      'strings that repeat more than a gibibyte',
      {
        type: 'text',
        rows: 100_000,
        // Each as long as the one before and one byte more: 5 GB.
        pages: [
          page(
            100_000,
            [
              ...[128, 192, 12, 1, ...varint(100_000), 0, 2, 0],
              ...[128, 192, 12, 1, ...varint(100_000), 2, 0, 0],
              ...Array<number>(100_000).fill(97),
            ],
            { encoding: 'deltaStrings' },
          ),
        ],
      },
      'pages that inflate to 5000',
    ],
  ])('%s', async (_, column, found) => {
    await refuses(parquet(column), found);
  });

  it.each<[string, Column, number]>([
    ['fewer values than rows', { rows: 3, pages: [page(2, int32s(7, 8))] }, 2],
    ['no page at all', { rows: 3, optional: true, pages: [] }, 0],
    [
      'fewer values than rows, deflated',
      { rows: 3, codec: 'gzip', pages: [page(2, gzip(int32s(7, 8)), { unpacked: 8 })] },
      2,
    ],
  ])('%s would be missing values that no writer left out', async (_, column, values) => {
    await refuses(parquet(column), `${values} values in 3 rows`);
  });

  it('single values may be filled up by 512, and a repeated one by none', async () => {
    const file = (...run: Bytes) =>
      parquet({
        rows: 8,
        pages: [dictionaryPage(2, int32s(7, 8)), page(8, [1, ...run], { encoding: 'dictionary' })],
      });
    const bits = [0b1, ...Array<number>(64).fill(0)];
    expect(await cellsOf(file(...packed(65, ...bits)))).toEqual(['8', ...Array(7).fill('7')]);
    await refuses(file(...packed(66, ...bits, 0)), 'a run of 528 values where 8 are left');
    expect(await cellsOf(file(...repeated(8, 1)))).toEqual(Array(8).fill('8'));
    await refuses(file(...repeated(9, 1)), 'a run of 9 values where 8 are left');
  });

  it('Zstandard inflates into what is announced', async () => {
    // A frame whose window is 2 GiB, of blocks that repeat a byte two million times.
    const block = (last: number) => [0xfa + last, 0xff, 0xff, 0];
    const frame = [
      0x28,
      0xb5,
      0x2f,
      0xfd,
      0,
      0xa8,
      ...Array.from({ length: 1000 }, (_, i) => block(i === 999 ? 1 : 0)).flat(),
    ];
    expect(
      await cellsOf(parquet({ codec: 'zstd', rows: 1, pages: [page(1, frame, { unpacked: 4 })] })),
    ).toEqual(['0']);
  });
});

describe('footers', () => {
  const inside = (depth: number): Value => (depth === 0 ? i32(1) : list([inside(depth - 1)]));
  const structs = (depth: number): Value => struct({ 1: depth === 0 ? i32(1) : structs(depth - 1) });
  it.each<[string, Bytes, string]>([
    ['a list longer than its bytes', [0x19, 0xf5, ...varint(2 ** 25), 0], `a list of ${2 ** 25} in 1 bytes`],
    ['lists in lists', struct({ 1: inside(20) }).bytes, 'structures 16 deep'],
    ['structures in structures', structs(20).bytes, 'structures 17 deep'],
    ['a number without end', [0x15, ...Array<number>(11).fill(128)], 'a number of more than ten bytes'],
    ['a number of eleven bytes', [0x15, ...Array<number>(10).fill(128), 0, 0], 'a number of more than ten'],
    ['a type that is not used', [0x1d, 0], 'a field of type 13'],
  ])('with %s are refused', async (_, footer, found) => {
    await refuses(withFooter(footer), found);
  });

  it.each<[string, Value]>([
    ['a short list', { type: 9, bytes: [0x25, 2, 4] }],
    // Bytes that as fields would be of a type that is not used.
    ['truths of one kind', { type: 9, bytes: [0x21, 0x1d, 0x1d] }],
    ['truths of the other', { type: 9, bytes: [0x32, 0x1d, 0x1d, 0x1d] }],
    ['a byte', { type: 3, bytes: [0x1d] }],
    ['a number of ten bytes', { type: 6, bytes: [...Array<number>(9).fill(128), 0] }],
    ['a number of 64 bits', { type: 7, bytes: Array<number>(8).fill(0x1d) }],
    ['a list of structures', list([struct({ 1: truth(true) }), struct({ 200: i32(1) })])],
    ['a text', text('x'.repeat(200))],
  ])('may have fields that are not known: %s', async (_, value) => {
    const file = parquet({ rows: 1, pages: [page(1, int32s(7))], more: { 20: value } });
    expect(await cellsOf(file)).toEqual(['7']);
  });

  it('of larger row groups than fit are refused, with what to do', async () => {
    // Bytes enough for so many, which no page has.
    const rest = Array<number>(2 ** 18).fill(0);
    const file = (rows: number) =>
      parquet({ rows, optional: true, pages: [page(rows, sized(repeated(rows, 0))), rest] });
    await expect(cellsOf(file(2 ** 26 + 1))).rejects.toThrow(
      expect.objectContaining({
        found: '67108865 rows of 1 columns',
        hint: expect.stringContaining('row_group_size'),
      }),
    );
    await expect(cellsOf(parquet({ rows: -1, pages: [] }))).rejects.toThrow('-1 rows');
  });

  it('that end early are refused with a code', async () => {
    const { bytes } = struct({ 1: i32(1), 2: list([text('a')]), 3: { type: 7, bytes: [1] } });
    for (let length = 1; length < bytes.length; length++) {
      await expect(cellsOf(withFooter(bytes.slice(0, length)))).rejects.toThrow(NonetError);
    }
  });
});
