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
  /** Nulls included. */
  readonly values: number;
  readonly encoding: string;
  /** Whether the levels that tell nulls are in it: version 2 has them outside. */
  readonly hasLevels: boolean;
  /** Values that are there; found out where it has levels. */
  readonly present: number;
}

/**
 * Walks the headers of all pages of a column, `bytes`, and returns what inflates and checks them as
 * hyparquet comes to them. Throws `parquet.malformed`.
 */
export function guardPages(bytes: Uint8Array<ArrayBuffer>, chunk: ColumnChunk): Compressors {
  const { meta, element, rows } = chunk;
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
    const [first, second] = [header.data_page_header, header.data_page_header_v2];
    const isFirst = header.type === 'DATA_PAGE';
    const { num_values: count, encoding } = (isFirst ? first : second) ?? {
      num_values: -1,
      encoding: 'PLAIN',
    };
    values += count;
    if (!(count >= 0 && values <= rows)) throw malformedParquet(`${values} values in ${rows} rows`);
    let from = start;
    let present = count;
    if (!isFirst && second !== undefined) {
      const levels = second.definition_levels_byte_length;
      if (!(levels >= 0 && levels <= packed)) throw malformedParquet(`${levels} bytes of levels`);
      if (isOptional) {
        present = assertRuns({ view: viewOf(bytes.subarray(start, start + levels)), offset: 0 }, 1, count);
      }
      from += levels + second.repetition_levels_byte_length;
    }
    const page = { values: count, encoding, hasLevels: isFirst, present };
    if (meta.codec === 'UNCOMPRESSED' || second?.is_compressed === false) {
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

/** Checks what is run-length encoded in a page; returns what its strings take beyond its bytes. */
function assertPage(
  bytes: Uint8Array,
  { values, encoding, hasLevels, present }: Page,
  { type }: SchemaElement,
  isOptional: boolean,
): number {
  const reader = { view: viewOf(bytes), offset: 0 };
  let count = present;
  if (hasLevels && isOptional) {
    const end = readLength(reader);
    count = assertRuns(reader, 1, values);
    reader.offset = end;
  }
  if (encoding === 'DELTA_BYTE_ARRAY') return lengthOfPrefixes(reader, count);
  if (encoding !== 'PLAIN_DICTIONARY' && encoding !== 'RLE_DICTIONARY' && encoding !== 'RLE') return 0;
  if (type === 'BOOLEAN') readLength(reader);
  const width = type === 'BOOLEAN' ? 1 : reader.view.getUint8(reader.offset++);
  if (width > 0) assertRuns(reader, width, count);
  return 0;
}

/** Where runs end that say how many bytes they take. */
function readLength(reader: Reader): number {
  const length = reader.view.getUint32(reader.offset, true);
  reader.offset += 4;
  return reader.offset + length;
}

/**
 * Goes over runs of values of `width` bits, of which `count` are wanted, and no run has many more.
 * Returns how many of the wanted are odd: of levels, the values that are there.
 */
function assertRuns(reader: Reader, width: number, count: number): number {
  const bytes = Math.ceil(width / 8);
  let odd = 0;
  for (let seen = 0; seen < count; ) {
    const header = readVarInt(reader);
    const isPacked = header % 2 === 1;
    const run = isPacked ? 8 * ((header - 1) / 2) : header / 2;
    if (run > count - seen + (isPacked ? maximumPadding : 0)) {
      throw malformedParquet(`a run of ${run} values where ${count - seen} are left`);
    }
    const used = Math.min(run, count - seen);
    if (width === 1)
      odd += isPacked ? bitsSet(reader, used) : used * (reader.view.getUint8(reader.offset) & 1);
    reader.offset += isPacked ? (run / 8) * width : bytes;
    seen += run;
  }
  return odd;
}

function bitsSet({ view, offset }: Reader, count: number): number {
  let set = 0;
  for (let i = 0; i < count; i++) set += (view.getUint8(offset + (i >> 3)) >> (i & 7)) & 1;
  return set;
}

/** Each string repeats so much of the one before: a byte each can make as many as its square. */
function lengthOfPrefixes(reader: Reader, count: number): number {
  const lengths = new Int32Array(count);
  deltaBinaryUnpack(reader, count, lengths);
  return lengths.reduce((sum, length) => sum + length, 0);
}
