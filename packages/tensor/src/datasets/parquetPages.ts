/**
 * What the pages of a Parquet file may become, checked before and while they are inflated: hyparquet
 * believes every size, count and run in them, and a few bytes can say that they are gigabytes.
 * Format: apache/parquet-format, README.md and Encodings.md (RLE / bit-packed hybrid, delta strings);
 * headers and footers are Thrift's compact protocol.
 */
import { NonetError } from '@nonet/core';
import { decompress as inflateZstd } from 'fzstd';
import type { ColumnMetaData, Compressors, SchemaElement } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { deltaBinaryUnpack } from 'hyparquet/src/delta.js';
import { compressors } from 'hyparquet-compressors';

/** Cells of one row group, which are all in memory at once. */
export const maximumCells = 2 ** 26;

/** What the pages of one column of a row group may inflate to together. */
const maximumInflated = 2 ** 30;

/** Writers fill up the last run of single values, not of one; by how many at most. */
const maximumPadding = 512;

/** Headers within headers; the format has five levels. */
const maximumDepth = 16;

const inflators: Compressors = {
  ...compressors,
  // Into the announced bytes: without them it goes on as long as the page says, in windows of 2 GiB.
  ZSTD: (input, length) => inflateZstd(input, new Uint8Array(length)),
};

/** `parquet.malformed`: the file is not what it says, or is built to do harm. */
export function malformedParquet(found: string, cause?: unknown): NonetError {
  return new NonetError({ code: 'parquet.malformed', expected: 'a Parquet file', found, cause });
}

/** A place in bytes that is read forwards. Throws `RangeError` at the end. */
interface Reader {
  readonly view: DataView;
  offset: number;
}

function readVarInt(reader: Reader): number {
  let value = 0;
  for (let length = 0; length < 10; length++) {
    const byte = reader.view.getUint8(reader.offset++);
    value += (byte & 127) * 2 ** (7 * length);
    if (byte < 128) return value;
  }
  throw malformedParquet('a number of more than ten bytes');
}

/**
 * Goes over a structure of Thrift's compact protocol: lists are no longer than the bytes that are
 * left, numbers no longer than ten bytes. Throws `parquet.malformed` and, at the end, `RangeError`.
 */
export function assertThrift(reader: Reader, depth = 0): void {
  if (depth > maximumDepth) throw malformedParquet(`structures ${depth} deep`);
  for (;;) {
    const byte = reader.view.getUint8(reader.offset++);
    const type = byte & 15;
    if (type === 0) return;
    if (byte >> 4 === 0) readVarInt(reader);
    assertElement(reader, type, depth);
  }
}

function assertElement(reader: Reader, type: number, depth: number): void {
  switch (type) {
    // Truths are in the type; in lists they take a byte.
    case 1:
    case 2:
      return;
    case 3:
      reader.offset++;
      return;
    case 4:
    case 5:
    case 6:
      readVarInt(reader);
      return;
    case 7:
      reader.offset += 8;
      return;
    case 8: {
      const length = readVarInt(reader);
      reader.offset += length;
      return;
    }
    case 9: {
      const byte = reader.view.getUint8(reader.offset++);
      const count = byte >> 4 === 15 ? readVarInt(reader) : byte >> 4;
      const left = reader.view.byteLength - reader.offset;
      if (count > left) throw malformedParquet(`a list of ${count} in ${left} bytes`);
      const inside = byte & 15;
      if (depth >= maximumDepth) throw malformedParquet(`structures ${depth} deep`);
      for (let i = 0; i < count; i++) {
        assertElement(reader, inside === 1 || inside === 2 ? 3 : inside, depth + 1);
      }
      return;
    }
    case 12:
      assertThrift(reader, depth + 1);
      return;
    default:
      throw malformedParquet(`a field of type ${type}`);
  }
}

/** A column of one row group. */
export interface ColumnChunk {
  readonly meta: ColumnMetaData;
  readonly element: SchemaElement;
  readonly rows: number;
}

/** What a page holds once it is inflated. */
interface Page {
  /** Of version 1, the levels that tell nulls are in it; of version 2, outside. */
  readonly version: 1 | 2;
  /** Nulls included. */
  readonly values: number;
  readonly encoding: string;
  /** Values that are there; found out where the levels are in it. */
  readonly present: number;
}

/**
 * Walks the headers of all pages of a column, `bytes`, and returns what inflates and checks them as
 * hyparquet comes to them. Throws `parquet.malformed`.
 */
export function guardPages(bytes: Uint8Array<ArrayBuffer>, chunk: ColumnChunk): Compressors {
  const { meta, element, rows } = chunk;
  // Pages are decoded by the one, cells by the other.
  if (meta.type !== element.type) throw malformedParquet(`pages of ${meta.type}, cells of ${element.type}`);
  const isOptional = element.repetition_type !== 'REQUIRED';
  const reader = { view: viewOf(bytes), offset: 0 };
  /** By the place of their bytes. */
  const pages = new Map<number, Page>();
  let values = 0;
  let inflated = 0;
  const take = (length: number) => {
    inflated += length;
    if (length < 0 || inflated > maximumInflated) {
      throw malformedParquet(`pages that inflate to ${inflated} bytes`);
    }
  };
  const check = (page: Uint8Array, description: Page) => {
    take(assertPage(page, description, element, isOptional));
    return page;
  };
  while (values < rows && reader.offset < bytes.length - 1) {
    assertThrift({ ...reader });
    const header = parquetHeader(reader);
    const start = reader.offset;
    const { compressed_page_size: packed, uncompressed_page_size: unpacked } = header;
    if (!(packed >= 0 && packed <= bytes.length - start)) throw malformedParquet(`a page of ${packed} bytes`);
    take(unpacked);
    reader.offset += packed;
    const dictionary = header.dictionary_page_header;
    if (header.type === 'DICTIONARY_PAGE' && dictionary !== undefined) {
      const count = dictionary.num_values;
      if (!(count >= 0 && count <= unpacked)) throw malformedParquet(`${count} values in ${unpacked} bytes`);
      continue;
    }
    const version = header.type === 'DATA_PAGE' ? 1 : 2;
    const second = version === 2 ? header.data_page_header_v2 : undefined;
    const { num_values: count, encoding } = (version === 1 ? header.data_page_header : second) ?? {
      num_values: -1,
      encoding: 'PLAIN',
    };
    values += count;
    if (!(count >= 0 && values <= rows)) throw malformedParquet(`${values} values in ${rows} rows`);
    let levels = 0;
    let present = count;
    if (second !== undefined) {
      levels = assertLevels(second, isOptional, Math.min(packed, unpacked));
      if (isOptional) {
        present = assertRuns({ view: viewOf(bytes.subarray(start, start + levels)), offset: 0 }, 1, count);
      }
      const { num_nulls: nulls } = second;
      if (nulls !== count - present) throw malformedParquet(`${nulls} nulls, not ${count - present}`);
    }
    const page = { version, values: count, encoding, present } as const;
    const from = start + levels;
    // What is empty is not inflated either.
    if (meta.codec === 'UNCOMPRESSED' || second?.is_compressed === false || unpacked === levels) {
      check(bytes.subarray(from, start + packed), page);
    } else {
      pages.set(bytes.byteOffset + from, page);
    }
  }
  // Rows without a value would be read as missing ones.
  if (values < rows) throw malformedParquet(`${values} values in ${rows} rows`);
  const inflate = inflators[meta.codec];
  if (inflate === undefined) return {};
  return {
    [meta.codec]: (input: Uint8Array, length: number) => {
      const page = pages.get(input.byteOffset);
      // What a dictionary without values is packed into, not every inflator takes.
      const content = length === 0 ? new Uint8Array() : inflate(input, length);
      return page === undefined ? content : check(content, page);
    },
  };
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

/** How many bytes of a page of version 2 are levels, at most `most`. */
function assertLevels(
  {
    definition_levels_byte_length: levels,
    repetition_levels_byte_length: repetitions,
    num_rows: rows,
  }: NonNullable<ReturnType<typeof parquetHeader>['data_page_header_v2']>,
  isOptional: boolean,
  most: number,
): number {
  if (!(levels >= 0 && levels <= (isOptional ? most : 0)))
    throw malformedParquet(`${levels} bytes of levels`);
  if (repetitions !== 0) throw malformedParquet(`${repetitions} bytes of repetitions in a flat column`);
  // A page of so few would be skipped, and another one read for it.
  if (rows < 0) throw malformedParquet(`a page of ${rows} rows`);
  return levels;
}

/** Checks what a page says of its values; returns what its strings take beyond its bytes. */
function assertPage(
  bytes: Uint8Array,
  { version, values, encoding, present }: Page,
  { type }: SchemaElement,
  isOptional: boolean,
): number {
  const reader = { view: viewOf(bytes), offset: 0 };
  let count = present;
  if (version === 1 && isOptional) {
    const end = readLength(reader);
    count = assertRuns(reader, 1, values);
    reader.offset = end;
  }
  switch (encoding) {
    case 'PLAIN_DICTIONARY':
    case 'RLE_DICTIONARY':
    case 'RLE': {
      // Bits by the type in version 1, and by the encoding in version 2.
      const isBits = version === 1 ? type === 'BOOLEAN' : encoding === 'RLE';
      if (isBits) readLength(reader);
      const width = isBits ? 1 : reader.view.getUint8(reader.offset++);
      // Version 1 takes indices of no bits for zeros.
      if (version === 2 || width > 0) assertRuns(reader, width, count);
      return 0;
    }
    case 'DELTA_BINARY_PACKED':
    case 'DELTA_LENGTH_BYTE_ARRAY':
      assertDeltas(reader, count);
      return 0;
    case 'DELTA_BYTE_ARRAY':
      return lengthOfPrefixes(reader, count);
    case 'ALP':
      assertAlp(reader, count);
      return 0;
    default:
      return 0;
  }
}

/** Where runs end that say how many bytes they take. */
function readLength(reader: Reader): number {
  const length = reader.view.getUint32(reader.offset, true);
  reader.offset += 4;
  return reader.offset + length;
}

/**
 * Goes over runs of values of `width` bits, of which `count` are wanted, and no run has many more.
 * Returns how many of the wanted are 1, of single bits: of levels, the values that are there.
 */
function assertRuns(reader: Reader, width: number, count: number): number {
  const bytes = Math.ceil(width / 8);
  let ones = 0;
  for (let seen = 0; seen < count; ) {
    const header = readVarInt(reader);
    const isPacked = header % 2 === 1;
    const run = isPacked ? 8 * ((header - 1) / 2) : header / 2;
    if (run > count - seen + (isPacked ? maximumPadding : 0)) {
      throw malformedParquet(`a run of ${run} values where ${count - seen} are left`);
    }
    const used = Math.min(run, count - seen);
    if (width === 1) {
      ones += isPacked ? bitsSet(reader, used) : reader.view.getUint8(reader.offset) === 1 ? used : 0;
    }
    reader.offset += isPacked ? (run / 8) * width : bytes;
    seen += run;
  }
  return ones;
}

function bitsSet({ view, offset }: Reader, count: number): number {
  let set = 0;
  for (let i = 0; i < count; i++) set += (view.getUint8(offset + (i >> 3)) >> (i & 7)) & 1;
  return set;
}

/**
 * Differences come in blocks of so many, each in so many parts (Encodings.md, DELTA_BINARY_PACKED);
 * with other numbers the decoder would read what it has read again, without end.
 */
function assertDeltas({ view, offset }: Reader, count: number): void {
  if (count === 0) return;
  const reader = { view, offset };
  const [block, parts] = [readVarInt(reader), readVarInt(reader)];
  if (parts > 0 && parts <= view.byteLength && block > 0 && block < 2 ** 31 && block % parts === 0) return;
  throw malformedParquet(`blocks of ${block} differences in ${parts} parts`);
}

/** Each string repeats so much of the one before: a byte each can make as many as its square. */
function lengthOfPrefixes(reader: Reader, count: number): number {
  assertDeltas(reader, count);
  const lengths = new Int32Array(count);
  deltaBinaryUnpack(reader, count, lengths);
  assertDeltas(reader, count);
  return lengths.reduce((sum, length) => {
    // Negative ones would make up for others.
    if (length < 0) throw malformedParquet(`a prefix of ${length} bytes`);
    return sum + length;
  }, 0);
}

/**
 * Vectors of floats, found by their offsets (AlpEncoding.md): several may be in one place, and say
 * that they have more exceptions than values.
 */
function assertAlp({ view, offset }: Reader, count: number): void {
  const size = 2 ** view.getUint8(offset + 2);
  const offsets = offset + 7;
  for (let vector = 0; vector * size < count; vector++) {
    const place = offsets + view.getUint32(offsets + 4 * vector, true);
    const exceptions = view.getUint16(place + 2, true);
    if (exceptions > size) throw malformedParquet(`${exceptions} exceptions of ${size} values`);
  }
}
