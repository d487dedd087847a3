/**
 * The one canonical encoding: CBOR in the core deterministic form of RFC 8949 §4.2.1, by cborg. Values are null, booleans,
 * finite numbers, bigints, strings, byte strings (Uint8Array), arrays and plain objects with string keys.
 *
 * What the form rules out is refused in both directions: NaN, infinities, undefined, tags, indefinite lengths, non-shortest
 * numbers, unsorted or repeated keys, trailing bytes. -0 is written as 0. A decoder accepts exactly the bytes that the encoder
 * would write, so that equal values have equal content addresses.
 *
 * Integers beyond 2^53 decode as bigint, smaller ones as number; schemas decide which of the two a field is.
 */
import { decode, encode } from 'cborg';
import { equalBytes } from './bytes.ts';
import { NonetError } from './errors.ts';
import { type Address, addressOf } from './hash.ts';

export type Canonical =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly Canonical[]
  | { readonly [key: string]: Canonical };

/** Drops absent optional fields, refuses what has no canonical form; `path` names the offender. */
function normalise(value: unknown, path: string): Canonical {
  const refuse = (found: string): never => {
    throw new NonetError({
      code: 'codec.value',
      expected: `a canonical value at ${path === '' ? 'the top' : path}`,
      found,
      hint: 'Use null, booleans, finite numbers, bigints, strings, Uint8Array, arrays or plain objects.',
    });
  };
  switch (typeof value) {
    case 'boolean':
    case 'string':
    case 'bigint':
      return value;
    case 'number':
      if (!Number.isFinite(value)) return refuse(String(value));
      return value === 0 ? 0 : value;
    case 'object': {
      if (value === null) return null;
      if (value instanceof Uint8Array) return value;
      if (Array.isArray(value)) return value.map((item, i) => normalise(item, `${path}[${i}]`));
      if (![Object.prototype, null].includes(Object.getPrototypeOf(value)))
        return refuse(`a ${value.constructor?.name}`);
      return Object.fromEntries(
        Object.entries(value)
          .filter(([, field]) => field !== undefined)
          .map(([key, field]) => [key, normalise(field, path === '' ? key : `${path}.${key}`)]),
      );
    }
    default:
      return refuse(typeof value);
  }
}

/** Throws `codec.value` on what has no canonical form. Object fields that are `undefined` are left out. */
export function encodeCanonical(value: unknown): Uint8Array<ArrayBuffer> {
  return new Uint8Array(encode(normalise(value, '')));
}

/** Throws `codec.malformed` on anything but the one canonical encoding of a value. */
export function decodeCanonical(bytes: Uint8Array): Canonical {
  const refuse = (found: string, cause?: unknown) =>
    new NonetError({ code: 'codec.malformed', expected: 'canonical CBOR (RFC 8949 §4.2.1)', found, cause });
  let value: Canonical;
  try {
    value = decode(bytes, {
      strict: true,
      allowIndefinite: false,
      allowUndefined: false,
      rejectDuplicateMapKeys: true,
    });
  } catch (cause) {
    throw refuse(cause instanceof Error ? cause.message : String(cause), cause);
  }
  let again: Uint8Array;
  try {
    again = encodeCanonical(value);
  } catch (cause) {
    throw refuse('a value without canonical form', cause);
  }
  if (!equalBytes(again, bytes)) throw refuse('another encoding of the same value');
  return value;
}

/** SHA-256 of the canonical encoding. */
export function addressOfValue(value: unknown): Address {
  return addressOf(encodeCanonical(value));
}
