/**
 * Safetensors (https://huggingface.co/docs/safetensors): 8 bytes little-endian header length, a JSON header, the tensors' bytes.
 * The encoder is canonical: tensors sorted by name, no gaps, the header padded with spaces to a multiple of 8. The decoder
 * accepts any valid file of F32, I32, U8 and I64 tensors and refuses overlaps, holes, trailing bytes, sizes that do not fit
 * (before allocating anything), repeated names, other dtypes. I64 must fit i32.
 */
import { NonetError, utf8 } from '@nonet/core';
import './byteOrder.ts';
import { elementCount, printUntrusted } from './shape.ts';

export type TensorData = Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

export interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

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

/** The one file for these tensors; the order of the arguments does not matter. Throws `safetensors.malformed` on repeated names. */
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

const widths: Readonly<Record<string, number>> = { F32: 4, I32: 4, U8: 1, I64: 8 };

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
  if (typeof dtype !== 'string' || !Object.hasOwn(widths, dtype)) {
    refuse(`dtype F32, I32, U8 or I64 for ${name}`, printUntrusted(dtype));
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
  const bytes = (shape as number[]).reduce((count, extent) => count * extent, widths[dtype]);
  if (end > available || end - start !== bytes) {
    refuse(`${bytes} bytes of ${available} for ${name}`, `offsets ${start} to ${end}`);
  }
  return { name, dtype, shape: shape as number[], start, end };
}

function readData({ name, dtype, start, end }: Entry, body: Uint8Array): TensorData {
  const copy = body.slice(start, end);
  if (dtype === 'U8') return copy;
  if (dtype === 'F32') return new Float32Array(copy.buffer);
  if (dtype === 'I32') return new Int32Array(copy.buffer);
  return Int32Array.from(new BigInt64Array(copy.buffer), (value) =>
    BigInt.asIntN(32, value) === value
      ? Number(value)
      : refuse(`I64 values that fit i32 in ${name}`, `${value}`),
  );
}

/** JSON.parse keeps the last of repeated keys; the header has no string values below the metadata, so names can be counted. */
function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    header = JSON.parse(text);
  } catch (cause) {
    return refuse('a JSON header', cause instanceof Error ? cause.message.slice(0, 120) : String(cause));
  }
  if (header === null || typeof header !== 'object' || Array.isArray(header))
    refuse('a JSON object', text.slice(0, 40));
  const count = text.match(/"data_offsets"\s*:/g)?.length ?? 0;
  const tensors = Object.keys(header as object).filter((name) => name !== '__metadata__').length;
  if (count > tensors) refuse('each name once', 'a repeated name');
  return header as Record<string, unknown>;
}

/** Reads a file; throws `safetensors.malformed` saying what is wrong. Tensors come in the order of their data. */
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
  const tensors = entries.map((entry) => ({
    name: entry.name,
    shape: entry.shape,
    data: readData(entry, body),
  }));
  return { tensors, metadata: metadata as Record<string, string> };
}
