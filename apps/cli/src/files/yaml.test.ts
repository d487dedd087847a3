import { MisuseError } from '@nonet/core';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { parseYaml } from './yaml.ts';

const parse = (text: string) => parseYaml(z.unknown(), text, 'x.yaml', 'thing');

test.each([
  ['a: 1\nb: 2\na: 3\n', 'the key a twice in one map (line 3)'],
  ['x:\n  - {b: 1, "b": 2}\n', 'the key b twice in one map (line 2)'],
  ['1: a\n"1": b\n', 'the key 1 twice in one map (line 2)'],
])('refuses a key that a map has twice: %j', (text, found) => {
  expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'thing.malformed', found }));
});

test('equal keys of two maps are two keys', () => {
  expect(parse('a: {b: 1}\nc: {b: 1}\n"1": x\n')).toEqual({ a: { b: 1 }, c: { b: 1 }, 1: 'x' });
});

test('takes a map of a hundred thousand keys, which a comparison of all with all would not', () => {
  const text = Array.from({ length: 100_000 }, (_, i) => `k${i}: 0\n`).join('');
  expect(Object.keys(parse(text) as object)).toHaveLength(100_000);
  expect(() => parse(`${text}k7: 1\n`)).toThrow('the key k7 twice');
});

test.each(['['.repeat(20_000), `${'['.repeat(8000)}${']'.repeat(8000)}`, 'a: &a x\nb: *a\n', 'a: ['])(
  'refuses by name what is nested, referenced or torn (%#)',
  (text) => {
    expect(() => parse(text)).toThrow(MisuseError);
  },
);

test('refuses a file beyond all jobs', () => {
  const text = (length: number) => `"${'x'.repeat(length - 2)}"`;
  expect(() => parse(text(4 * 2 ** 20))).not.toThrow();
  expect(() => parse(text(4 * 2 ** 20 + 1))).toThrow(
    expect.objectContaining({
      code: 'thing.malformed',
      expected: 'at most 4194304 characters of YAML in x.yaml',
      found: '4194305',
    }),
  );
});
