import { expect, test } from 'vitest';
import { z } from 'zod';
import { parseYaml } from './yaml.ts';

const parse = (text: string) => parseYaml(z.unknown(), text, 'a.yaml', 'job');
const refusal = (text: string) => {
  try {
    return parse(text);
  } catch (error) {
    const { code, expected, found } = error as { code: string; expected: string; found: string };
    return { code, expected, found };
  }
};

test('reads maps, lists, numbers and texts; JSON is YAML, too', () => {
  expect(parse('a: 1\nb: [x, 2.5, true, null]\nc: {d: "e"}\n')).toEqual({
    a: 1,
    b: ['x', 2.5, true, null],
    c: { d: 'e' },
  });
  expect(parse('{"a": [1, {"b": "c"}]}')).toEqual({ a: [1, { b: 'c' }] });
});

test.each([
  ['a: 1\nb: 2\na: 3\n', '"a" again (line 3)'],
  ['x:\n  - {k: 1, "k": 2}\n', '"k" again (line 2)'],
  ['1: a\n"1": b\n', '"1" again (line 2)'],
  ['? a\n: 1\n? a\n: 2\n', '"a" again (line 3)'],
])('refuses a key that is there twice: %j', (text, found) => {
  expect(refusal(text)).toEqual({ code: 'job.malformed', expected: 'each key once in a.yaml', found });
});

test('the same key in two maps is two keys', () => {
  expect(parse('a: {k: 1}\nb: {k: 2}\n')).toEqual({ a: { k: 1 }, b: { k: 2 } });
});

test('refuses what is no YAML, aliases, nesting without end, and files beyond all jobs', () => {
  expect(refusal('a: [')).toMatchObject({ code: 'job.malformed', expected: 'YAML in a.yaml' });
  expect(refusal('a: &x [1]\nb: *x\n')).toMatchObject({ expected: 'YAML without aliases in a.yaml' });
  for (const text of ['['.repeat(20_000), '['.repeat(8000) + ']'.repeat(8000)]) {
    expect(refusal(text)).toMatchObject({ code: 'job.malformed' });
  }
  expect(refusal(`a: "${'x'.repeat(4 * 2 ** 20)}"`)).toEqual({
    code: 'job.malformed',
    expected: 'at most 4194304 characters of YAML in a.yaml',
    found: '4194309',
  });
});
