/**
 * The one canonical encoding: CBOR in the core deterministic form of RFC 8949 §4.2.1, by cborg.
 * Values are null, booleans, finite numbers, bigints, strings, byte strings (Uint8Array), arrays
 * and plain objects with string keys.
 *
 * What the form rules out is refused in both directions: NaN, infinities, undefined, indefinite
 * lengths, non-shortest numbers, unsorted or repeated keys, trailing bytes, tags other than the
 * bignums 2 and 3 (§3.4.3; wei need them). Refused as well is what would make two values share an
 * encoding or overflow a stack: lone surrogates, the key `__proto__`, nesting beyond 64, integers
 * beyond 256 bits. -0 is written as 0. A decoder accepts exactly the bytes that the encoder would
 * write, so that equal values have equal content addresses.
 *
 * Integers beyond 2^53 decode as bigint, smaller ones as number; schemas decide which of the two a
 * field is.
 */
import { decode, encode } from 'cborg';
import { bigIntEncoder } from 'cborg/taglib';
import { equalBytes, toHex } from './bytes.ts';
import { addressOf } from './contentTree.ts';
import { NonetError } from './errors.ts';
import type { Address } from './hash.ts';

export type Canonical =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly Canonical[]
  | { readonly [key: string]: Canonical };

const maximumDepth = 64;

/** Drops absent optional fields, refuses what has no canonical form; `path` names the offender. */
function normalise(value: unknown, path: string, depth = 0): Canonical {
  const refuse = (found: string): never => {
    throw new NonetError({
      code: 'codec.value',
      expected: `a canonical value at ${path === '' ? 'the top' : path}`,
      found,
      hint: 'Use null, booleans, finite numbers, bigints, strings, Uint8Array, arrays or plain objects.',
    });
  };
  if (depth > maximumDepth) return refuse(`nesting deeper than ${maximumDepth}`);
  switch (typeof value) {
    case 'boolean':
      return value;
    case 'string':
      return value.isWellFormed() ? value : refuse('a string with a lone surrogate');
    case 'bigint':
      return BigInt.asIntN(257, value) === value ? value : refuse('an integer beyond 256 bits');
    case 'number':
      if (!Number.isFinite(value)) return refuse(String(value));
      return value === 0 ? 0 : value;
    case 'object': {
      if (value === null) return null;
      if (value instanceof Uint8Array) return value;
      if (Array.isArray(value)) {
        return Array.from(value, (item, i) => normalise(item, `${path}[${i}]`, depth + 1));
      }
      if (![Object.prototype, null].includes(Object.getPrototypeOf(value)))
        return refuse(`a ${value.constructor?.name}`);
      return Object.fromEntries(
        Object.entries(value)
          .filter(([, field]) => field !== undefined)
          .map(([key, field]) => {
            if (key === '__proto__' || !key.isWellFormed()) return refuse(`the key ${JSON.stringify(key)}`);
            return [key, normalise(field, path === '' ? key : `${path}.${key}`, depth + 1)];
          }),
      );
    }
    default:
      return refuse(typeof value);
  }
}

/**
 * Throws `codec.value` on what has no canonical form. Object fields that are `undefined` are left
 * out.
 */
export function encodeCanonical(value: unknown): Uint8Array<ArrayBuffer> {
  return new Uint8Array(encode(normalise(value, ''), { typeEncoders: { bigint: bigIntEncoder } }));
}

/**
 * The magnitude inside a bignum tag. Bounded, because BigInt arithmetic on hostile megabytes takes
 * quadratic time.
 */
function decodeMagnitude(bytes: unknown): bigint {
  if (!(bytes instanceof Uint8Array) || bytes.length > 32) {
    throw new NonetError({
      code: 'codec.malformed',
      expected: 'a bignum of at most 32 bytes',
      found: 'another',
    });
  }
  return BigInt(toHex(bytes));
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
      tags: { 2: (content) => decodeMagnitude(content()), 3: (content) => -1n - decodeMagnitude(content()) },
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

/** The content address of the canonical encoding. */
export function addressOfValue(value: unknown): Address {
  return addressOf(encodeCanonical(value));
}
