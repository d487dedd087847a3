/**
 * Reading decoded values from untrusted bytes: each function returns what it is named after or
 * throws `graph.malformed`.
 */
import { NonetError } from '@nonet/core';
import type { Canonical } from '@nonet/core/codec';
import { printUntrusted } from './shape.ts';

/** Throws `graph.malformed`. */
export function refuse(expected: string, found: unknown): never {
  throw new NonetError({
    code: 'graph.malformed',
    expected,
    found: typeof found === 'string' ? found.slice(0, 120) : printUntrusted(found),
  });
}

/** A list, of this length if one is given. */
export function list(value: unknown, name: string, length?: number): readonly Canonical[] {
  if (Array.isArray(value) && (length === undefined || value.length === length)) return value;
  return refuse(`a list${length === undefined ? '' : ` of ${length}`} as ${name}`, value);
}

/** A safe integer. */
export function integer(value: unknown, name: string): number {
  return Number.isSafeInteger(value) ? (value as number) : refuse(`an integer as ${name}`, value);
}

/** A list of safe integers. */
export const integers = (value: unknown, name: string) =>
  list(value, name).map((item) => integer(item, name));

/** One of these words. */
export function oneOf<T extends string>(value: unknown, options: readonly T[], name: string): T {
  return options.includes(value as T) ? (value as T) : refuse(`${options.join(', ')} as ${name}`, value);
}

/** A string. */
export function text(value: unknown, name: string): string {
  return typeof value === 'string' ? value : refuse(`a text as ${name}`, value);
}

/** True or false. */
export function truth(value: unknown, name: string): boolean {
  return typeof value === 'boolean' ? value : refuse(`true or false as ${name}`, value);
}

/** 32 bits. */
export function pattern(value: unknown, name: string): number {
  const bits = integer(value, name);
  return bits >= 0 && bits < 2 ** 32 ? bits : refuse(`32 bits as ${name}`, bits);
}
