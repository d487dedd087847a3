/**
 * Safetensors (https://huggingface.co/docs/safetensors): 8 bytes little-endian header length, a
 * JSON header, the tensors' bytes. The encoder is canonical: tensors sorted by name, no gaps, the
 * header padded with spaces to a multiple of 8. The decoder accepts any valid file and refuses
 * overlaps, holes, trailing bytes, sizes that do not fit (before allocating anything), repeated
 * keys, and dtypes that it cannot hold. F32, I32 and U8 are kept as they are; F16 and BF16 widen to
 * f32, exactly; F64 is rounded to the nearest f32; BOOL, I8, I16 and U16 widen to i32; I64, U32 and
 * U64 must fit i32. Types of 8 bits and fewer other than integers of a byte, and complex numbers,
 * are refused.
 */
import { NonetError, utf8 } from '@nonet/core';
import './byteOrder.ts';
import { elementCount, printUntrusted } from '../graph/shape.ts';
import { bfloatToNumber, halfToNumber } from './halfPrecision.ts';

/** Elements row-major: F32, I32 or U8. */
export type TensorData = Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

/** A named tensor; `data` has as many elements as `shape` says. */
export interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: TensorData;
  /** The dtype in the file that was read, where `data` holds another. */
  readonly stored?: string;
}

/** What a file holds: tensors in the order of their data, and `__metadata__`. */
export interface SafetensorsFile {
  readonly tensors: readonly Tensor[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** As in the reference implementation. */
const maximumHeaderBytes = 100_000_000;

function refuse(expected: string, found: string): never {
  throw new NonetError({ code: 'safetensors.malformed', expected, found });
}

function dtypeOf(data: TensorData): 'F32' | 'I32' | 'U8' {
  if (data instanceof Float32Array) return 'F32';
  return data instanceof Int32Array ? 'I32' : 'U8';
}

/**
 * The one file for these tensors; the order of the arguments does not matter. Throws
 * `safetensors.malformed` on repeated names.
 */
export function encodeSafetensors(
  tensors: readonly Tensor[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const sorted = tensors.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const header: Record<string, unknown> = Object.create(null);
  const keys = Object.keys(metadata).sort();
  if (keys.length > 0) header.__metadata__ = Object.fromEntries(keys.map((key) => [key, metadata[key]]));
  let offset = 0;
  for (const { name, shape, data } of sorted) {
    if (name in header || name === '__metadata__') refuse('distinct names of tensors', name);
    if (elementCount(shape) !== data.length)
      refuse(`${data.length} elements in ${name}`, `[${shape.join(',')}]`);
    header[name] = { dtype: dtypeOf(data), shape, data_offsets: [offset, (offset += data.byteLength)] };
  }
  const json = utf8(JSON.stringify(header));
  const padded = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + padded + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.fill(0x20, 8, 8 + padded);
  bytes.set(json, 8);
  let position = 8 + padded;
  for (const { data } of sorted) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), position);
    position += data.byteLength;
  }
  return bytes;
}

const inI32 = (value: bigint): number =>
  BigInt.asIntN(32, value) === value ? Number(value) : refuse('values that fit i32', `${value}`);

/** Bytes of an element, and how whole tensors are read. */
const dtypes: Readonly<
  Record<string, { readonly bytes: number; readonly read: (buffer: ArrayBuffer) => TensorData }>
> = {
  F32: { bytes: 4, read: (buffer) => new Float32Array(buffer) },
  I32: { bytes: 4, read: (buffer) => new Int32Array(buffer) },
  U8: { bytes: 1, read: (buffer) => new Uint8Array(buffer) },
  F16: { bytes: 2, read: (buffer) => Float32Array.from(new Uint16Array(buffer), halfToNumber) },
  BF16: { bytes: 2, read: (buffer) => Float32Array.from(new Uint16Array(buffer), bfloatToNumber) },
  F64: { bytes: 8, read: (buffer) => Float32Array.from(new Float64Array(buffer)) },
  BOOL: {
    bytes: 1,
    read: (buffer) =>
      Int32Array.from(new Uint8Array(buffer), (value) =>
        value < 2 ? value : refuse('0 or 1 as BOOL', `${value}`),
      ),
  },
  I8: { bytes: 1, read: (buffer) => Int32Array.from(new Int8Array(buffer)) },
  I16: { bytes: 2, read: (buffer) => Int32Array.from(new Int16Array(buffer)) },
  U16: { bytes: 2, read: (buffer) => Int32Array.from(new Uint16Array(buffer)) },
  U32: {
    bytes: 4,
    read: (buffer) => Int32Array.from(new Uint32Array(buffer), (value) => inI32(BigInt(value))),
  },
  I64: { bytes: 8, read: (buffer) => Int32Array.from(new BigInt64Array(buffer), inI32) },
  U64: { bytes: 8, read: (buffer) => Int32Array.from(new BigUint64Array(buffer), inI32) },
};
const kept = ['F32', 'I32', 'U8'];

interface Entry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function readEntry(name: string, value: unknown, available: number): Entry {
  const { dtype, shape, data_offsets: offsets, ...rest } = (value ?? {}) as Record<string, unknown>;
  if (typeof dtype !== 'string' || !Object.hasOwn(dtypes, dtype)) {
    refuse(`one of the dtypes ${Object.keys(dtypes).join(', ')} for ${name}`, printUntrusted(dtype));
  }
  const offsetsFit = Array.isArray(offsets) && offsets.length === 2 && offsets.every(isCount);
  if (
    !Array.isArray(shape) ||
    shape.length > 8 ||
    !shape.every(isCount) ||
    !offsetsFit ||
    Object.keys(rest).length > 0
  ) {
    refuse(`dtype, shape and data_offsets for ${name}`, printUntrusted(value));
  }
  const [start, end] = offsets as [number, number];
  const bytes = (shape as number[]).reduce((count, extent) => count * extent, dtypes[dtype].bytes);
  if (end > available || end - start !== bytes) {
    refuse(`${bytes} bytes of ${available} for ${name}`, `offsets ${start} to ${end}`);
  }
  return { name, dtype, shape: shape as number[], start, end };
}

/**
 * Throws on a key that an object of the header has twice, however it is escaped: JSON.parse keeps
 * the last one, other readers the first. The text is known to be JSON, so strings and brackets are
 * all that matters.
 */
function assertDistinctKeys(text: string): void {
  const objects: Set<string>[] = [];
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '{') objects.push(new Set());
    else if (text[at] === '}') objects.pop();
    if (text[at] !== '"') continue;
    const start = at++;
    // No pattern: on a text of megabytes its repetitions overflow the stack.
    while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
    let after = at + 1;
    while (/\s/.test(text[after] ?? '')) after++;
    if (text[after] !== ':') continue;
    const key = JSON.parse(text.slice(start, at + 1)) as string;
    const known = objects.at(-1)!;
    if (known.has(key)) refuse('each name once', printUntrusted(key));
    known.add(key);
  }
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  if (bytes[0] !== 0x7b) refuse('a header that begins with {', 'another byte');
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    header = JSON.parse(text);
  } catch (cause) {
    return refuse('a JSON header', cause instanceof Error ? cause.message.slice(0, 120) : String(cause));
  }
  assertDistinctKeys(text);
  return header as Record<string, unknown>;
}

/**
 * Reads a file; throws `safetensors.malformed` saying what is wrong. Tensors come in the order of
 * their data.
 */
export function decodeSafetensors(bytes: Uint8Array): SafetensorsFile {
  if (bytes.length < 8) refuse('at least 8 bytes', `${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const length = view.getBigUint64(0, true);
  if (length > BigInt(Math.min(bytes.length - 8, maximumHeaderBytes))) {
    refuse(`a header within ${bytes.length} bytes`, `${length} bytes of header`);
  }
  const header = parseHeader(bytes.subarray(8, 8 + Number(length)));
  const body = bytes.subarray(8 + Number(length));
  const { __metadata__: metadata = {}, ...rest } = header;
  if (
    metadata === null ||
    typeof metadata !== 'object' ||
    Array.isArray(metadata) ||
    !Object.values(metadata).every((v) => typeof v === 'string')
  ) {
    refuse('strings as __metadata__', printUntrusted(metadata));
  }
  const entries = Object.entries(rest)
    .map(([name, value]) => readEntry(name, value, body.length))
    .sort((a, b) => a.start - b.start || a.end - b.end);
  let position = 0;
  for (const { name, start, end } of entries) {
    if (start !== position) refuse(`data of ${name} to start at ${position}`, `${start}`);
    position = end;
  }
  if (position !== body.length) refuse(`data to end at ${body.length}`, `${position}`);
  const tensors = entries.map(({ name, dtype, shape, start, end }): Tensor => {
    // A copy, so that views of two and more bytes are aligned.
    // A copy of its own: `slice` of Node's Buffer would be a view of whatever memory it lies in.
    const data = dtypes[dtype].read(new Uint8Array(body.subarray(start, end)).buffer);
    return kept.includes(dtype) ? { name, shape, data } : { name, shape, data, stored: dtype };
  });
  return { tensors, metadata: metadata as Record<string, string> };
}
