/**
 * The protocol buffers wire format (https://protobuf.dev/programming-guides/encoding), as far as
 * ONNX files need it: varints, length-delimited fields, fixed 32 and 64 bits. Messages are lists of
 * numbered fields; what the numbers mean is said in export.ts and import.ts, after onnx.proto3.
 */
import { concatBytes, NonetError, utf8 } from '@nonet/core';

function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest === 0n ? low : low | 0x80);
  } while (rest !== 0n);
  return Uint8Array.from(bytes);
}

const tag = (field: number, wire: number) => varint(BigInt((field << 3) | wire));

/** An integer field; negative numbers take ten bytes, as int64 does. */
export function integerField(field: number, value: number | bigint): Uint8Array {
  return concatBytes(tag(field, 0), varint(BigInt(value)));
}

/** A string, bytes or a message. */
export function bytesField(field: number, value: Uint8Array | string): Uint8Array {
  const bytes = typeof value === 'string' ? utf8(value) : value;
  return concatBytes(tag(field, 2), varint(BigInt(bytes.length)), bytes);
}

/** A message from its fields. */
export function message(field: number, ...fields: readonly Uint8Array[]): Uint8Array {
  return bytesField(field, concatBytes(...fields));
}

function refuse(expected: string, found: string): never {
  throw new NonetError({
    code: 'onnx.malformed',
    expected,
    found,
    hint: 'The file is damaged, or is not an ONNX file.',
  });
}

/**
 * The fields of one message by number, each number with its values in order: varints as bigint, the
 * rest as bytes.
 */
export interface Message {
  /** Submessages or strings. */
  all(field: number): readonly Uint8Array[];
  text(field: number): string;
  integer(field: number): number;
  /** Repeated int64, packed or not; refuses what is not a safe integer. */
  integers(field: number): readonly number[];
  /** Repeated int64, packed or not. */
  bigints(field: number): readonly bigint[];
  /** The bytes of repeated floats or doubles, packed or not, or of one field of bytes. */
  fixed(field: number): Uint8Array<ArrayBuffer>;
  has(field: number): boolean;
}

function readVarint(bytes: Uint8Array, at: number): { value: bigint; next: number } {
  let value = 0n;
  for (let i = 0; i < 10; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) break;
    value |= BigInt(byte & 0x7f) << BigInt(7 * i);
    if (byte < 0x80) return { value: BigInt.asUintN(64, value), next: at + i + 1 };
  }
  return refuse('a varint of at most ten bytes', `none at byte ${at}`);
}

function safeInteger(value: bigint): number {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : refuse('an integer below 2^53', String(value));
}

/** Strict, and with its byte order mark: two names of a file stay two. */
export function readText(bytes: Uint8Array, field: number): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return refuse(`UTF-8 in field ${field}`, 'other bytes');
  }
}

/** Reads one message; throws `onnx.malformed`. Submessages are read when asked for. */
export function readMessage(bytes: Uint8Array): Message {
  const fields = new Map<number, (bigint | Uint8Array)[]>();
  for (let at = 0; at < bytes.length; ) {
    const { value: key, next } = readVarint(bytes, at);
    const field = Number(key >> 3n);
    const wire = Number(key & 7n);
    if (field === 0 || field > 2 ** 29) refuse('a field number', String(field));
    let value: bigint | Uint8Array;
    if (wire === 0) {
      ({ value, next: at } = readVarint(bytes, next));
    } else {
      const length = wire === 2 ? readVarint(bytes, next) : { value: wire === 5 ? 4n : 8n, next };
      if (![1, 2, 5].includes(wire)) refuse('a wire type of proto3', String(wire));
      const end = length.next + Number(length.value);
      if (end > bytes.length) refuse(`a field within ${bytes.length} bytes`, `${length.value} bytes`);
      value = bytes.subarray(length.next, end);
      at = end;
    }
    const known = fields.get(field);
    if (known === undefined) fields.set(field, [value]);
    else known.push(value);
  }
  const values = (field: number) => fields.get(field) ?? [];
  const all = (field: number) =>
    values(field).map((value) =>
      typeof value === 'bigint' ? refuse(`bytes in field ${field}`, 'a number') : value,
    );
  const bigints = (field: number) => {
    const items: bigint[] = [];
    for (const value of values(field)) {
      if (typeof value === 'bigint') items.push(BigInt.asIntN(64, value));
      else {
        for (let at = 0; at < value.length; ) {
          const { value: item, next } = readVarint(value, at);
          items.push(BigInt.asIntN(64, item));
          at = next;
        }
      }
    }
    return items;
  };
  const integers = (field: number) => bigints(field).map(safeInteger);
  return {
    all,
    bigints,
    integers,
    integer: (field) => integers(field).at(-1) ?? 0,
    text(field) {
      return readText(all(field).at(-1) ?? new Uint8Array(), field);
    },
    fixed(field) {
      // Not concatBytes: unpacked floats are more parts than a call takes arguments.
      const parts = all(field);
      const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
      let at = 0;
      for (const part of parts) {
        joined.set(part, at);
        at += part.length;
      }
      return joined;
    },
    has: (field) => fields.has(field),
  };
}
