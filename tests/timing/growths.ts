/**
 * Ways to make a value of JSON larger at one place, by so many parts: what a stranger would do to a
 * valid file.
 */
import type { Json } from './readers.ts';

/** One way at one place. */
export interface Growth {
  readonly name: string;
  grow(value: Json, size: number): Json;
}

type Path = readonly (string | number)[];

function isRecord(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Fields whose value decides which others there are. */
const discriminators = /^(?:kind|type|how|dtype|mechanism)$/;

/** The keys of a record and of those in it, with what decides between forms. */
function formOf(value: Json): string {
  if (!isRecord(value)) return typeof value;
  const fields = Object.entries(value).map(([key, field]) =>
    discriminators.test(key) ? `${key}=${field}` : `${key}:${formOf(field)}`,
  );
  return `{${fields.join()}}`;
}

/** Where the first item of each form is: a reader does with others what it does with that. */
function distinctItems(items: readonly Json[]): readonly number[] {
  const forms = items.map(formOf);
  return [...new Set(forms)].map((form) => forms.indexOf(form));
}

function placesIn(value: Json, path: Path = []): { readonly path: Path; readonly value: Json }[] {
  const inside = Array.isArray(value)
    ? distinctItems(value).flatMap((i) => placesIn(value[i]!, [...path, i]))
    : isRecord(value)
      ? Object.entries(value).flatMap(([key, item]) => placesIn(item, [...path, key]))
      : [];
  return [{ path, value }, ...inside];
}

function withAt(value: Json, [first, ...rest]: Path, change: (value: Json) => Json): Json {
  if (first === undefined) return change(value);
  if (Array.isArray(value)) return value.map((item, i) => (i === first ? withAt(item, rest, change) : item));
  const record = value as { readonly [key: string]: Json };
  return { ...record, [first]: withAt(record[first]!, rest, change) };
}

/** The same value with other texts and numbers, so that nothing in it is there twice. */
function vary(value: Json, i: number): Json {
  if (typeof value === 'number') return value + i;
  if (typeof value === 'string') {
    // Hashes and accounts stay well-formed.
    const isHex = /^0x[0-9a-f]{8,}$/.test(value);
    return isHex ? value.slice(0, -8) + (i >>> 0).toString(16).padStart(8, '0') : `${value}${i}`;
  }
  if (Array.isArray(value)) return value.map((item, k) => (k === 0 ? vary(item, i) : item));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      typeof item === 'string' && !discriminators.test(key) ? vary(item, i) : item,
    ]),
  );
}

const range = (size: number) => Array.from({ length: size }, (_, i) => i);

function growthsAt(path: Path, value: Json): Growth[] {
  const at = path.join('.') || 'the whole';
  const growth = (name: string, change: (value: Json, size: number) => Json): Growth => ({
    name: `${name} at ${at}`,
    grow: (whole, size) => withAt(whole, path, (inner) => change(inner, size)),
  });
  if (typeof value === 'string') {
    return ['x', ' ', '0', '"', '\\', '\n', '<!--', 'é', '\u200b'].map((part) =>
      growth(`text of ${JSON.stringify(part)}`, (inner, size) => `${inner as string}${part.repeat(size)}`),
    );
  }
  const nested = growth('nesting', (inner, size) =>
    range(Math.min(size, 1000)).reduce<Json>((within) => [within], inner),
  );
  if (Array.isArray(value)) {
    if (value.length === 0) return [nested];
    return [
      nested,
      growth('the same items', (inner, size) =>
        range(size).map((i) => (inner as readonly Json[])[i % value.length]!),
      ),
      growth('other items', (inner, size) =>
        range(size).map((i) => vary((inner as readonly Json[])[i % value.length]!, i)),
      ),
    ];
  }
  if (isRecord(value)) {
    const [first = 0] = Object.values(value);
    const add = (key: (i: number) => string) => (inner: Json, size: number) => ({
      ...(inner as { readonly [key: string]: Json }),
      ...Object.fromEntries(range(size).map((i) => [key(i), first])),
    });
    return [
      nested,
      growth(
        'short keys',
        add((i) => `k${i}`),
      ),
      growth(
        'hashes as keys',
        add((i) => `0x${i.toString(16).padStart(64, '0')}`),
      ),
    ];
  }
  return [nested];
}

/** All growths of a value, place by place. */
export function growthsOf(value: Json): Growth[] {
  return placesIn(value).flatMap(({ path, value: inner }) => growthsAt(path, inner));
}
