/** Files that NumPy, PyArrow and Pillow wrote (vectors/data), and hostile ones. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { createRandomStream, NonetError } from '@nonet/core';
import { encode as encodePng } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { openCsv } from '../src/datasets/csv.ts';
import { inspectJpeg, readOrientation } from '../src/datasets/imageHeaders.ts';
import { openImages, scalePlane } from '../src/datasets/images.ts';
import {
  type ArrayFile,
  collectDataset,
  inferSourceSchema,
  openArrays,
  openNpy,
  openNpz,
  readTableSource,
} from '../src/datasets/index.ts';
import { openParquet } from '../src/datasets/parquet.ts';
import type { TableSource } from '../src/datasets/table.ts';

const folder = join(import.meta.dirname, '../../../vectors/data');
const read = (name: string) => new Uint8Array(readFileSync(join(folder, name)));
const blob = (name: string) => new Blob([read(name)]);
const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'));
const code = (code: string) => expect.objectContaining({ code });

describe('NPY', () => {
  const types = [
    'b1',
    'u1',
    'i1',
    'u2',
    'u2.big',
    'i2',
    'u4',
    'i4',
    'i4.big',
    'u8',
    'i8',
    'f2',
    'f4',
    'f4.big',
    'f8',
  ];
  it.each(types)('%s', async (type) => {
    const array = await openNpy(blob(`${type}.npy`));
    expect(array.shape).toEqual([3, 2]);
    const flat = (rows: number[][]) => rows.flat();
    expect([...(await array.read(0, 3))]).toEqual(flat(expected[`${type}.npy`]));
    expect([...(await array.read(1, 2))]).toEqual(expected[`${type}.npy`][1]);
  });

  it.each([2, 3])('version %i of the header', async (version) => {
    const array = await openNpy(blob(`version${version}.npy`));
    expect([...(await array.read(0, 2))]).toEqual([0, 1, 2, 3]);
  });

  it.each([
    ['fortran.npy', 'Fortran order'],
    ['objects.npy', '|O'],
    ['rgb.png', 'magic'],
  ])('refuses %s', async (name, mention) => {
    await expect(openNpy(blob(name))).rejects.toThrow(code('npy.malformed'));
    await expect(openNpy(blob(name))).rejects.toThrow(mention);
  });

  const changed = (change: (bytes: Uint8Array) => void) => {
    const bytes = read('f4.npy');
    change(bytes);
    return new Blob([bytes]);
  };
  const header = (text: string) =>
    new Blob([
      read('f4.npy').subarray(0, 8),
      Uint8Array.of(text.length & 255, text.length >> 8),
      text,
      new Uint8Array(24),
    ]);
  /** Well-formed but for its length, which version 2 writes in four bytes. */
  const longHeader = (length: number) => {
    const size = new DataView(new ArrayBuffer(4));
    size.setUint32(0, length, true);
    const text = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }".padEnd(length);
    return new Blob([read('version2.npy').subarray(0, 8), size.buffer, text, new Uint8Array(24)]);
  };
  it('reads a header of 64 KiB, and none that is longer', async () => {
    expect((await openNpy(longHeader(2 ** 16))).shape).toEqual([3, 2]);
    await expect(openNpy(longHeader(2 ** 16 + 1))).rejects.toThrow(code('npy.malformed'));
  });

  it.each<[string, Blob]>([
    ['an empty file', new Blob([])],
    ['a version of the future', changed((bytes) => bytes.fill(9, 6, 7))],
    ['a missing byte', new Blob([read('f4.npy').slice(0, -1)])],
    ['a byte too many', new Blob([read('f4.npy'), Uint8Array.of(0)])],
    ['a header of 4 GiB', new Blob([Uint8Array.of(0x93, 78, 85, 77, 80, 89, 2, 0, 255, 255, 255, 255)])],
    [
      'a hostile size',
      header("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 2), }"),
    ],
    [
      'an overflowing product',
      header(
        `{'descr': '<f4', 'fortran_order': False, 'shape': (${Array(9).fill('99999999').join(', ')}), }`,
      ),
    ],
    ['no axis', header("{'descr': '<f4', 'fortran_order': False, 'shape': (), }")],
    [
      'code in its header',
      header("{'descr': __import__('os').system('id'), 'fortran_order': False, 'shape': (3, 2), }"),
    ],
    [
      'a shape that could be read in 2^40 ways',
      header(`{'descr': '<f4', 'fortran_order': False, 'shape': (${'1'.repeat(40)}x), }`),
    ],
    ['numbers without commas', header("{'descr': '<f4', 'fortran_order': False, 'shape': (3 2), }")],
    ['a structured type', header("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (3, 2), }")],
    ['an unknown type', header("{'descr': '<f16', 'fortran_order': False, 'shape': (3, 2), }")],
    ['a type without byte order', header("{'descr': '|f4', 'fortran_order': False, 'shape': (3, 2), }")],
  ])('refuses %s', async (_, file) => {
    await expect(openNpy(file)).rejects.toThrow(code('npy.malformed'));
  });
});

describe('NPZ', () => {
  it.each(['stored.npz', 'deflated.npz'])('%s', async (name) => {
    const arrays = await openNpz(blob(name));
    expect([...arrays.keys()]).toEqual(['x', 'y']);
    const source = await openArrays({ features: arrays.get('x')!, labels: arrays.get('y')! });
    const dataset = await collectDataset(source);
    expect(dataset.shape).toEqual([2, 3]);
    expect([...dataset.features]).toEqual(expected.npz.x.flat(2));
    expect([...dataset.labels]).toEqual(expected.npz.y);
    expect(dataset.vocabulary).toEqual(['0', '1', '2']);
  });

  it('refuses members that inflate to too much together, or share a name, before any is inflated', async () => {
    const bytes = read('deflated.npz');
    const view = new DataView(bytes.buffer);
    const entries: number[] = [];
    for (let at = 0; at + 4 <= bytes.length; at++) {
      if (view.getUint32(at, true) === 0x02014b50) entries.push(at);
    }
    for (const at of entries) view.setUint32(at + 24, 2 ** 30 + 1, true);
    // No local header is where the directory says: a reader that looked there first would say so.
    for (const at of entries) view.setUint32(at + 42, 1, true);
    await expect(openNpz(new Blob([bytes]))).rejects.toThrow('a local header');
    view.setUint32(entries[0] + 24, 2 ** 31 + 1, true);
    await expect(openNpz(new Blob([bytes]))).rejects.toThrow('at most 2147483648 bytes');
    bytes[entries[0] + 46 + 2] = 0x5f;
    await expect(openNpz(new Blob([bytes]))).rejects.toThrow('distinct members');
  });

  it('refuses arrays that do not belong together, and numbers that are no labels', async () => {
    const arrays = await openNpz(blob('stored.npz'));
    const [x, y] = [arrays.get('x') as ArrayFile, arrays.get('y') as ArrayFile];
    await expect(openArrays({ features: y, labels: y })).rejects.toThrow(code('arrays.mismatch'));
    await expect(openArrays({ features: x, labels: x })).rejects.toThrow(code('arrays.mismatch'));
    const short = { ...y, shape: [3] };
    await expect(openArrays({ features: x, labels: short })).rejects.toThrow(code('arrays.mismatch'));
    for (const wrong of [-1, 0.5, Number.NaN, 2 ** 40]) {
      const labels = {
        ...y,
        read: async (from: number, to: number) => new Float64Array(to - from).fill(wrong),
      };
      await expect(openArrays({ features: x, labels })).rejects.toThrow(code('arrays.mismatch'));
    }
  });

  it('refuses labels outside the vocabulary, and NaN', async () => {
    const arrays = await openNpz(blob('stored.npz'));
    const [features, labels] = [arrays.get('x') as ArrayFile, arrays.get('y') as ArrayFile];
    const few = await openArrays({ features, labels }, ['a', 'b']);
    await expect(collectDataset(few)).rejects.toThrow(code('arrays.mismatch'));
    const nan = { ...features, read: async () => new Float32Array(24).fill(Number.NaN) };
    await expect(collectDataset(await openArrays({ features: nan, labels }))).rejects.toThrow('NaN');
  });

  it.each<[string, readonly number[], readonly string[] | undefined, readonly string[], readonly number[]]>([
    ['count from 0', [0, 2, 1, 2], undefined, ['0', '1', '2'], [0, 2, 1, 2]],
    ['count from 1', [1, 3, 2, 3], undefined, ['1', '2', '3'], [0, 2, 1, 2]],
    ['stand for names', [0, 2, 1, 2], ['a', 'b', 'c'], ['a', 'b', 'c'], [0, 2, 1, 2]],
    ['are names', [1, 2, 1, 2], ['1', '2', '3'], ['1', '2', '3'], [0, 1, 0, 1]],
    ['are names in another order', [10, 9, 10, 9], ['9', '10'], ['9', '10'], [1, 0, 1, 0]],
    ['are names below 0', [-1, 1, -1, 1], ['-1', '1'], ['-1', '1'], [0, 1, 0, 1]],
  ])('labels that %s', async (_, numbers, given, vocabulary, expected) => {
    const arrays = await openNpz(blob('stored.npz'));
    const read = async (from: number, to: number) => Float64Array.from(numbers.slice(from, to));
    const labels = { ...(arrays.get('y') as ArrayFile), read };
    const dataset = await collectDataset(await openArrays({ features: arrays.get('x')!, labels }, given));
    expect(dataset.vocabulary).toEqual(vocabulary);
    expect([...dataset.labels]).toEqual(expected);
  });

  it('labels that are texts are names', async () => {
    const x = (await openNpz(blob('stored.npz'))).get('x') as ArrayFile;
    // Two examples of it.
    const features = { ...x, shape: [2, ...x.shape.slice(1)] };
    const labels = await openNpy(blob('texts.npy'), 'y');
    const named = await collectDataset(await openArrays({ features, labels }));
    expect([named.vocabulary, [...named.labels]]).toEqual([
      ['a', 'b'],
      [0, 1],
    ]);
    const given = await collectDataset(await openArrays({ features, labels }, ['c', 'B', 'a']));
    expect([...given.labels]).toEqual([2, 1]);
    const few = await openArrays({ features, labels }, ['a', 'c']);
    await expect(collectDataset(few)).rejects.toThrow('one of the labels a, c in y, found b at 1');
    await expect(openArrays({ features: labels, labels })).rejects.toThrow(code('arrays.mismatch'));
  });

  it('a text that is none is refused', async () => {
    const bytes = read('texts.npy');
    bytes[bytes.length - 1] = 0xff;
    const texts = await openNpy(new Blob([bytes]));
    await expect(texts.read(0, 2)).rejects.toThrow(code('npy.malformed'));
  });

  it.each<[readonly number[], readonly string[]]>([
    [
      [0, 1, 2, 3],
      ['1', '2', '3'],
    ],
    [
      [1, 2, 3, 3],
      ['a', 'b', 'c'],
    ],
    [
      [-1, 1, -1, 1],
      ['a', 'b'],
    ],
    [
      [1.5, 1, 1, 1],
      ['1', '2'],
    ],
  ])('labels %j are none of %j', async (numbers, vocabulary) => {
    const arrays = await openNpz(blob('stored.npz'));
    const labels = { ...(arrays.get('y') as ArrayFile), read: async () => Float64Array.from(numbers) };
    const opened = openArrays({ features: arrays.get('x')!, labels }, vocabulary);
    await expect(opened.then(collectDataset)).rejects.toThrow(code('arrays.mismatch'));
  });

  it('survives any change of two bytes: an array, or a typed refusal (seed 0x7a6970)', async () => {
    const random = createRandomStream([0x7a, 0x6970]);
    for (const name of ['stored.npz', 'deflated.npz', 'f4.npy']) {
      for (let i = 0; i < 400; i++) {
        const bytes = read(name);
        for (let change = 0; change < 2; change++) bytes[random.below(bytes.length)] = random.below(256);
        const open = name.endsWith('npz') ? openNpz : openNpy;
        await open(new Blob([bytes])).catch((error) => expect(error).toBeInstanceOf(NonetError));
      }
    }
  });
});

describe('Parquet', () => {
  const csv = `height,count,narrow,colour,flag,day,kind
1.5,1,0.10000000149011612,red,true,1970-01-01T00:00:00.000Z,cat
2.25,2,0.20000000298023224,blue,false,1970-01-02T00:00:00.000Z,dog
,3,0.30000001192092896,red,true,1970-01-03T00:00:00.000Z,dog
4,4,0.4000000059604645,,false,1970-01-04T00:00:00.000Z,cat
0.1,9007199254740993,0.5,blue,,1970-01-05T00:00:00.000Z,dog
`;
  const rowsOf = async (source: TableSource) => (await Array.fromAsync(source.rows())).flat();

  it.each(['none', 'snappy', 'gzip', 'brotli', 'zstd', 'lz4'])(
    'compressed with %s, is the table that a CSV would be',
    async (compression) => {
      const table = await openParquet(blob(`${compression}.parquet`));
      const twin = await openCsv(new Blob([csv]));
      expect(table.columns).toEqual(twin.columns);
      expect(await rowsOf(table)).toEqual(await rowsOf(twin));
      const options = { target: 'kind', missing: 'mean' } as const;
      const schema = await inferSourceSchema(table, options);
      expect(schema).toEqual(await inferSourceSchema(twin, options));
      expect(await collectDataset(readTableSource(table, schema))).toEqual(
        await collectDataset(readTableSource(twin, schema)),
      );
    },
  );

  it('comes one row group at a time', async () => {
    const table = await openParquet(blob('snappy.parquet'));
    expect((await Array.fromAsync(table.rows())).map((rows) => rows.length)).toEqual([2, 2, 1]);
  });

  it('reads a group of many rows, and refuses dates that no calendar has', async () => {
    const rows = await rowsOf(await openParquet(blob('large-group.parquet')));
    expect(rows).toHaveLength(130_000);
    expect(rows.at(-1)!.row).toBe(130_001);
    const dated = openParquet(blob('invalid-date.parquet')).then(rowsOf);
    await expect(dated).rejects.toThrow(code('parquet.malformed'));
    await expect(dated).rejects.toThrow('column day');
  });

  it('refuses lists, and takes NaN for a missing value', async () => {
    await expect(openParquet(blob('nested.parquet'))).rejects.toThrow(code('table.column'));
    const table = await openParquet(blob('nan.parquet'));
    const schema = {
      shape: [1],
      labels: ['x', 'y'],
      table: {
        target: 'kind',
        columns: [{ kind: 'number' as const, name: 'a', mean: 0, deviation: 1 }],
        missing: 'refuse' as const,
      },
    };
    await expect(collectDataset(readTableSource(table, schema))).rejects.toThrow('a value in row');
  });

  it('survives truncation and any change of two bytes: rows, or a typed refusal (seed 0x706172)', async () => {
    const random = createRandomStream([0x70, 0x6172]);
    const drain = async (bytes: Uint8Array<ArrayBuffer>) => rowsOf(await openParquet(new Blob([bytes])));
    for (const name of ['snappy.parquet', 'none.parquet']) {
      const whole = read(name);
      for (const length of [0, 3, 7, 8, 100, whole.length - 1]) {
        await expect(drain(whole.slice(0, length))).rejects.toThrow(code('parquet.malformed'));
      }
      for (let i = 0; i < 150; i++) {
        const bytes = whole.slice();
        for (let change = 0; change < 2; change++) bytes[random.below(bytes.length)] = random.below(256);
        await drain(bytes).catch((error) => expect(error).toBeInstanceOf(NonetError));
      }
    }
  });
});

describe('images', () => {
  const open = (names: readonly string[], options = {}) =>
    openImages(
      names.map((name, i) => ({ path: `${'ab'[i % 2]}/${name}`, file: blob(name) })),
      { height: 3, width: 5, channels: 3, ...options },
    );
  const pair = (name: string, options = {}) => collectDataset(open([name, name], options));

  it.each(['rgb.png', 'grey.png', 'rgba.png', 'palette.png', 'bits.png', 'grey16.png'])(
    '%s',
    async (name) => {
      const { features } = await pair(name);
      expect([...features.subarray(0, 45)]).toEqual(expected[name]);
    },
  );

  it.each(['baseline.jpg', 'progressive.jpg'])('%s, within rounding of another decoder', async (name) => {
    const { features } = await pair(name);
    const distance = features.subarray(0, 45).map((value, i) => Math.abs(value - expected[name][i]));
    expect(Math.max(...distance)).toBeLessThanOrEqual(4);
  });

  it('takes folders for labels and paths for the order', async () => {
    const dataset = await collectDataset(open(['rgb.png', 'grey.png', 'grey16.png']));
    expect(dataset.vocabulary).toEqual(['a', 'b']);
    expect([...dataset.labels]).toEqual([0, 0, 1]);
    expect([...dataset.features.subarray(0, 45)]).toEqual(expected['grey16.png']);
    expect(dataset.shape).toEqual([3, 3, 5]);
  });

  it('makes grey of colours', async () => {
    const { features, shape } = await pair('rgb.png', { channels: 1 });
    const [r, g, b] = [0, 15, 30].map((plane) => expected['rgb.png'][plane + 3]);
    expect(shape).toEqual([1, 3, 5]);
    expect(features[3]).toBe((77 * r + 150 * g + 29 * b + 128) >> 8);
  });

  it('scales by areas', () => {
    const plane = Uint8Array.of(0, 10, 20, 30, 40, 50, 60, 70);
    expect([...scalePlane(plane, { height: 2, width: 4 }, { height: 1, width: 2 })]).toEqual([25, 45]);
    expect([...scalePlane(plane, { height: 2, width: 4 }, { height: 2, width: 4 })]).toEqual([...plane]);
    expect([...scalePlane(Uint8Array.of(0, 90), { height: 1, width: 2 }, { height: 1, width: 3 })]).toEqual([
      0, 45, 90,
    ]);
    // 5 -> 2: the middle pixel is halved. (0 + 10 + 20 / 2) / 2.5 = 8, (20 / 2 + 30 + 40) / 2.5 =
    // 32.
    const row = Uint8Array.of(0, 10, 20, 30, 40);
    expect([...scalePlane(row, { height: 1, width: 5 }, { height: 1, width: 2 })]).toEqual([8, 32]);
  });

  it('refuses other sizes unless it may scale', async () => {
    await expect(pair('rgb.png', { height: 4 })).rejects.toThrow(code('image.size'));
    expect((await pair('rgb.png', { height: 4, scale: true })).shape).toEqual([3, 4, 5]);
  });

  /** TIFF with the orientation alone, in either byte order. */
  const tiff = (orientation: number, little: boolean) => {
    const view = new DataView(new ArrayBuffer(26));
    view.setUint16(0, little ? 0x4949 : 0x4d4d);
    view.setUint16(2, 42, little);
    view.setUint32(4, 8, little);
    view.setUint16(8, 1, little);
    view.setUint16(10, 0x0112, little);
    view.setUint16(12, 3, little);
    view.setUint32(14, 1, little);
    view.setUint16(18, orientation, little);
    return new Uint8Array(view.buffer);
  };
  const exifJpeg = (orientation: number, little: boolean) => {
    const jpeg = read('baseline.jpg');
    const exif = [...'Exif\0\0'].map((text) => text.charCodeAt(0));
    const data = Uint8Array.of(...exif, ...tiff(orientation, little));
    return Uint8Array.of(
      ...jpeg.subarray(0, 2),
      0xff,
      0xe1,
      0,
      data.length + 2,
      ...data,
      ...jpeg.subarray(2),
    );
  };
  const crcOf = (bytes: Uint8Array) => {
    let crc = 0xffffffff;
    for (const byte of bytes) {
      crc ^= byte;
      for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    }
    return ~crc >>> 0;
  };
  const pngChunk = (type: string, data: Uint8Array) => {
    const chunk = new Uint8Array(12 + data.length);
    const view = new DataView(chunk.buffer);
    view.setUint32(0, data.length);
    chunk.set(new TextEncoder().encode(type), 4);
    chunk.set(data, 8);
    view.setUint32(8 + data.length, crcOf(chunk.subarray(4, 8 + data.length)));
    return chunk;
  };
  /** A PNG with a chunk more after its header. */
  const withChunk = (type: string, data: Uint8Array) => {
    const png = read('rgb.png');
    return Uint8Array.of(...png.subarray(0, 33), ...pngChunk(type, data), ...png.subarray(33));
  };
  const exifPng = (orientation: number, little: boolean) => withChunk('eXIf', tiff(orientation, little));
  /**
   * Where the upper left, upper right and lower left pixel of the seen image lie in the stored one,
   * (5 wide, 3 high): Exif 2.32, table of orientations, as rows and columns of numbers.
   */
  const corners: readonly (readonly [number, readonly number[], readonly number[]])[] = [
    [1, [3, 5], [0, 4, 10]],
    [2, [3, 5], [4, 0, 14]],
    [3, [3, 5], [14, 10, 4]],
    [4, [3, 5], [10, 14, 0]],
    [5, [5, 3], [0, 10, 4]],
    [6, [5, 3], [10, 0, 14]],
    [7, [5, 3], [14, 4, 10]],
    [8, [5, 3], [4, 14, 0]],
  ];
  it.each(corners)('are turned as Exif says: %i', async (orientation, [height, width], places) => {
    for (const [make, stored] of [
      [exifJpeg, 'baseline.jpg'],
      [exifPng, 'rgb.png'],
    ] as const) {
      const plain = (await pair(stored)).features;
      for (const little of [true, false]) {
        const files = ['a/x', 'b/x'].map((path) => ({ path, file: new Blob([make(orientation, little)]) }));
        const { features } = await collectDataset(
          openImages(files, { height: height!, width: width!, channels: 3 }),
        );
        const seen = [0, width! - 1, (height! - 1) * width!];
        for (let channel = 0; channel < 3; channel++) {
          expect(seen.map((place) => features[15 * channel + place])).toEqual(
            places.map((place) => plain[15 * channel + place]),
          );
        }
      }
    }
  });

  it('an orientation that is none, or a torn header, turns nothing', async () => {
    const plain = (await pair('rgb.png')).features;
    for (const bytes of [exifPng(0, true), exifPng(9, false)]) {
      const files = ['a/x', 'b/x'].map((path) => ({ path, file: new Blob([bytes]) }));
      const { features } = await collectDataset(openImages(files, { height: 3, width: 5, channels: 3 }));
      expect(features).toEqual(plain);
    }
    for (let length = 0; length < 26; length++) {
      expect(readOrientation(tiff(6, true).subarray(0, length))).toBe(length < 22 ? 1 : 6);
    }
  });

  /** A 16-bit PNG with one colour. */
  const deep = (largest: number, channels: 1 | 2 = 1) =>
    encodePng({
      width: 5,
      height: 3,
      channels,
      depth: 16,
      data: Uint16Array.from({ length: 15 * channels }, (_, i) =>
        channels === 2 && i % 2 === 1 ? 0xffff : Math.floor((largest * (i + 1)) / (15 * channels)),
      ),
    }) as Uint8Array<ArrayBuffer>;
  it.each([
    [100, 256],
    [255, 256],
    [300, 64],
    [1023, 64],
    [4095, 16],
    [2 ** 14 - 1, 4],
  ])('refuses 16-bit values that stay below %i, and takes %i times as much', async (largest, factor) => {
    for (const channels of [1, 2] as const) {
      await expect(refused(deep(largest, channels))).rejects.toThrow(code('image.depth'));
      await expect(refused(deep(largest, channels))).rejects.toThrow(`-evaluate multiply ${factor} `);
    }
    await refused(deep(Math.max(2 ** 14, largest * factor)));
  });
  it.each([0, 2 ** 14 + 100, 65535])('takes 16-bit values up to %i', async (largest) => {
    await refused(deep(largest));
  });

  it('takes labels that are given, of which a folder may lack some, in any case', async () => {
    const options = { labels: ['A', 'b', 'c'] };
    expect([...(await pair('rgb.png', options)).labels]).toEqual([0, 1]);
    expect((await pair('rgb.png', options)).vocabulary).toEqual(['A', 'b', 'c']);
    expect(() => open(['rgb.png', 'rgb.png'], { labels: ['a', 'c'] })).toThrow(code('images.folder'));
  });

  it('refuses a JPEG that was cut anywhere', async () => {
    const whole = read('progressive.jpg');
    for (let length = 2; length < whole.length; length += 7) {
      await expect(refused(whole.slice(0, length))).rejects.toThrow(code('image.malformed'));
    }
  });

  it('refuses a JPEG that asks for more than its bytes can hold, before it is decoded', () => {
    const bomb = read('bomb.jpg');
    expect(() => inspectJpeg(bomb, 'bomb', 2 ** 26)).toThrow(code('image.malformed'));
    const frame = (change: (segment: Uint8Array) => void) => {
      const bytes = read('baseline.jpg');
      const at = bytes.findIndex((byte, i) => byte === 0xff && bytes[i + 1] === 0xc0);
      change(bytes.subarray(at + 4));
      return () => inspectJpeg(bytes, 'x', 2 ** 26);
    };
    expect(frame(() => {})()).toBe(1);
    // A height of 65,280 lines, of which the bytes hold nothing.
    expect(frame((segment) => segment.set([0xff, 0, 4, 0], 1))).toThrow('bytes for 1024 x 65280 pixels');
    expect(frame((segment) => segment.set([0xff, 0xff, 0xff, 0xff], 1))).toThrow('67108864 pixels');
    expect(frame((segment) => segment.set([0, 0], 1))).toThrow('1 to');
    expect(frame((segment) => segment.set([12], 0))).toThrow('8 bits');
    expect(frame((segment) => segment.set([0x5f], 7))).toThrow('sampling factors');
    expect(frame((segment) => segment.set([200], 5))).toThrow('frame header');
  });

  it('refuses a JPEG whose scans go over all blocks again and again', () => {
    const bytes = read('progressive.jpg');
    const at = bytes.findIndex((byte, i) => byte === 0xff && bytes[i + 1] === 0xda);
    const scan = bytes.subarray(at, at + 2 + 256 * bytes[at + 2] + bytes[at + 3]);
    const scans = Array.from({ length: 100 }, () => [...scan]).flat();
    const repeated = Uint8Array.of(...bytes.subarray(0, at), ...scans, ...bytes.subarray(at));
    expect(() => inspectJpeg(repeated, 'x', 2 ** 26)).toThrow('scans');
  });

  const refused = async (bytes: Uint8Array<ArrayBuffer>) => {
    const files = ['a/x', 'b/x'].map((path) => ({ path, file: new Blob([bytes]) }));
    await collectDataset(openImages(files, { height: 3, width: 5, channels: 3 }));
  };
  it('refuses what is no image, and a hostile size before it is decoded', async () => {
    await expect(refused(new Uint8Array())).rejects.toThrow(code('image.malformed'));
    await expect(refused(Uint8Array.of(1, 2, 3))).rejects.toThrow(code('image.malformed'));
    const huge = read('rgb.png');
    new DataView(huge.buffer).setUint32(16, 0x7fffffff);
    await expect(refused(huge)).rejects.toThrow('pixels');
    const bomb = read('rgb.png');
    new DataView(bomb.buffer).setUint32(16, 60_000);
    new DataView(bomb.buffer).setUint32(20, 1000);
    await expect(refused(bomb)).rejects.toThrow('bytes that inflate to 180001000');
    // A first chunk of another kind, and a second header, would hide the size that is decoded.
    const [signature, ihdr, rest] = [[0, 8], [8, 33], [33]].map((range) => read('rgb.png').slice(...range));
    const hidden = (...parts: Uint8Array<ArrayBuffer>[]) =>
      new Blob([signature, ...parts, rest]).arrayBuffer().then((buffer) => refused(new Uint8Array(buffer)));
    const decoy = ihdr.slice();
    decoy[4] = 0x74;
    await expect(hidden(decoy, ihdr)).rejects.toThrow('one IHDR');
    await expect(hidden(ihdr, ihdr)).rejects.toThrow('one IHDR');
  });

  /**
   * Width, height, depth, colour type, interlacing; bytes of the rows, each with its filter: of
   * seven passes 4, 4, 0, 4, 10, 14 and 16.
   */
  it.each([
    [5, 3, 8, 2, 0, 3 * 16],
    [5, 3, 1, 0, 0, 3 * 2],
    [5, 3, 16, 6, 0, 3 * 41],
    [5, 3, 16, 4, 0, 3 * 21],
    [5, 3, 8, 2, 1, 52],
  ])(
    'inflates no PNG far beyond its own pixels: %i x %i, %i bits, type %i, interlaced %i',
    async (width, height, depth, type, interlaced, rowBytes) => {
      const png = (inflated: number, parts: number) => {
        const header = new Uint8Array(13);
        new DataView(header.buffer).setUint32(0, width);
        new DataView(header.buffer).setUint32(4, height);
        header.set([depth, type, 0, 0, interlaced], 8);
        const packed = deflateSync(new Uint8Array(inflated), { level: 9 });
        const size = Math.ceil(packed.length / parts);
        const data = Array.from({ length: parts }, (_, i) => packed.subarray(i * size, (i + 1) * size));
        return Uint8Array.of(
          ...read('rgb.png').subarray(0, 8),
          ...pngChunk('IHDR', header),
          ...data.flatMap((part) => [...pngChunk('IDAT', part)]),
          ...pngChunk('IEND', new Uint8Array()),
        );
      };
      const most = rowBytes + 2 ** 22;
      for (const parts of [1, 7]) {
        await refused(png(most, parts));
        await expect(refused(png(most + 1, parts))).rejects.toThrow(
          `${rowBytes} bytes of pixels in a/x, found more than ${most}`,
        );
      }
    },
  );

  it('does not inflate the colour profile of a PNG', async () => {
    const profile = Uint8Array.of(...new TextEncoder().encode('x\0\0'), 1, 2, 3);
    await refused(withChunk('iCCP', profile));
  });

  it('refuses a colour type that PNG does not have', async () => {
    const bytes = read('rgb.png');
    bytes[25] = 5;
    await expect(refused(bytes)).rejects.toThrow('a colour type in a/x, found 5');
    await expect(refused(read('rgb.png').slice(0, 32))).rejects.toThrow('a header of 25 bytes');
  });

  it('refuses files outside folders, and a single label', () => {
    expect(() =>
      openImages([{ path: 'x.png', file: blob('rgb.png') }], { height: 3, width: 5, channels: 3 }),
    ).toThrow(code('images.folder'));
    expect(() =>
      openImages([{ path: 'a/x.png', file: blob('rgb.png') }], { height: 3, width: 5, channels: 3 }),
    ).toThrow(code('images.folder'));
  });

  it('survives any change of two bytes: pixels, or a typed refusal (seed 0x696d67)', async () => {
    const random = createRandomStream([0x69, 0x6d67]);
    for (const name of ['rgb.png', 'palette.png', 'baseline.jpg', 'progressive.jpg']) {
      for (let i = 0; i < 150; i++) {
        const bytes = read(name);
        for (let change = 0; change < 2; change++) bytes[random.below(bytes.length)] = random.below(256);
        await refused(bytes).catch((error) => expect(error).toBeInstanceOf(NonetError));
      }
    }
  });
});
