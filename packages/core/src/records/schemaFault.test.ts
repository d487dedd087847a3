import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { addressSchema, hashSchema } from './evidence.ts';
import { checkSchema } from './schemaFault.ts';
import { printable, textSchema } from './text.ts';

const schema = z.strictObject({
  workload: z.enum(['train', 'infer', 'count']),
  parties: z.int().positive().max(100),
  share: z.number().min(0).lt(1).optional(),
  name: textSchema.min(1).max(5).optional(),
  letter: z.string().length(1).optional(),
  labels: z.array(z.string()).min(2).optional(),
  attested: z.boolean().optional(),
  wei: z.bigint().optional(),
  model: z.strictObject({ parameters: z.int(), seed: z.null().optional() }).optional(),
  kind: z
    .discriminatedUnion('how', [
      z.strictObject({ how: z.literal('a') }),
      z.strictObject({ how: z.literal('b') }),
    ])
    .optional(),
  grade: z.union([z.literal(0), z.literal(1), z.literal(2)]).optional(),
  pin: z.union([z.strictObject({ commit: z.string() }), z.strictObject({ block: z.int() })]).optional(),
  either: z.union([z.int(), z.array(z.int())]).optional(),
  version: z.literal(2).optional(),
  date: z.iso.date().optional(),
  time: z.iso.datetime().optional(),
  code: z
    .string()
    .regex(/^[a-z]+$/)
    .optional(),
  hash: hashSchema.optional(),
  address: addressSchema.optional(),
  even: z.number().multipleOf(2).optional(),
  figures: z.record(z.string().max(3, 'a short name'), z.number()).optional(),
  pair: z.tuple([z.number(), z.number()]).optional(),
  set: z.set(z.number()).optional(),
  range: z
    .strictObject({ low: z.number(), high: z.number() })
    .refine(({ low, high }) => low <= high, 'low is above high')
    .optional(),
  odd: z
    .number()
    .refine((value) => value % 2 === 1)
    .optional(),
});

const whole = { workload: 'train', parties: 3 };

const faultOf = (value: unknown) => {
  const result = checkSchema(schema, value, 'the needs');
  if (result.success) throw new Error('taken');
  const { expected, found, hint } = result.fault;
  return [expected, found, ...(hint === undefined ? [] : [hint])];
};

test('a value that fits is taken as the schema makes it', () => {
  expect(checkSchema(z.object({ a: z.number().default(1) }), { b: 2 }, 'it')).toEqual({
    success: true,
    data: { a: 1 },
  });
});

describe('says which field, what it may be, what it is, and what to do:', () => {
  const choices = '"train", "infer" or "count"';
  const names = 'workload, parties, share, name, letter, labels, attested, wei, model, kind, grade, pin, ...';
  test.each<[string, unknown, readonly string[]]>([
    [
      'a missing field',
      { parties: 3 },
      [`the field workload of the needs to be ${choices}`, 'none', 'Add it.'],
    ],
    [
      'a misspelt field that is needed',
      { worklaod: 'train', parties: 3 },
      [
        `the field workload of the needs to be ${choices}`,
        'none',
        'Add it, or correct its name if it is there as worklaod.',
      ],
    ],
    [
      'a missing field beside a wrong name elsewhere',
      { ...whole, workload: undefined, model: { parameters: 1, more: 1 } },
      [`the field workload of the needs to be ${choices}`, 'none', 'Add it.'],
    ],
    [
      'a missing field of a field',
      { ...whole, model: {} },
      ['the field model.parameters of the needs to be a whole number', 'none', 'Add it.'],
    ],
    [
      'an unknown field',
      { ...whole, model: { parameters: 1, more: 1, most: 2 } },
      [
        'the field model of the needs to be an object with no fields but parameters, seed',
        'more, most',
        'Correct the name, or leave it out.',
      ],
    ],
    [
      'one beside many known ones',
      { ...whole, colour: 'red' },
      [
        `the needs to be an object with no fields but ${names}`,
        'colour',
        'Correct the name, or leave it out.',
      ],
    ],
    [
      'another choice',
      { ...whole, workload: 'Train' },
      [`the field workload of the needs to be ${choices}`, '"Train"'],
    ],
    ['the only value', { ...whole, version: 1 }, ['the field version of the needs to be 2', '1']],
    [
      'text for a number',
      { ...whole, parties: 'three' },
      ['the field parties of the needs to be a whole number', '"three"'],
    ],
    [
      'a number in quotes',
      { ...whole, parties: '3' },
      ['the field parties of the needs to be a whole number', '"3"', 'Write it without quotes.'],
    ],
    [
      'empty text for a number',
      { ...whole, parties: ' ' },
      ['the field parties of the needs to be a whole number', '" "'],
    ],
    [
      'a truth in quotes',
      { ...whole, attested: 'true' },
      ['the field attested of the needs to be true or false', '"true"', 'Write it without quotes.'],
    ],
    ['yes', { ...whole, attested: 'yes' }, ['the field attested of the needs to be true or false', '"yes"']],
    [
      'nothing after the colon',
      { ...whole, parties: null },
      ['the field parties of the needs to be a whole number', 'null', 'Give it a value.'],
    ],
    [
      'a fraction',
      { ...whole, parties: 2.5 },
      ['the field parties of the needs to be a whole number', '2.5'],
    ],
    ['no number', { ...whole, share: Number.NaN }, ['the field share of the needs to be a number', 'NaN']],
    ['wei as a fraction', { ...whole, wei: 0.5 }, ['the field wei of the needs to be a whole number', '0.5']],
    ['too little', { ...whole, parties: 0 }, ['the field parties of the needs to be more than 0', '0']],
    ['too much', { ...whole, parties: 101 }, ['the field parties of the needs to be at most 100', '101']],
    ['the bound itself', { ...whole, share: 1 }, ['the field share of the needs to be less than 1', '1']],
    ['below the least', { ...whole, share: -1 }, ['the field share of the needs to be at least 0', '-1']],
    [
      'a number for text',
      { ...whole, name: 7 },
      ['the field name of the needs to be text', '7', 'Write it in quotes.'],
    ],
    [
      'empty text',
      { ...whole, name: '' },
      ['the field name of the needs to be text of at least 1 character', '""'],
    ],
    [
      'long text',
      { ...whole, name: 'abcdef' },
      ['the field name of the needs to be text of at most 5 characters', '"abcdef"'],
    ],
    [
      'text of another length',
      { ...whole, letter: 'ab' },
      ['the field letter of the needs to be text of exactly 1 character', '"ab"'],
    ],
    [
      'two lines',
      { ...whole, name: 'a\nb' },
      ['the field name of the needs to be one line without control characters', '"a\\nb"'],
    ],
    [
      'one item',
      { ...whole, labels: ['a'] },
      ['the field labels of the needs to be a list of at least 2 items', 'a list of 1'],
    ],
    [
      'no item',
      { ...whole, labels: [] },
      ['the field labels of the needs to be a list of at least 2 items', 'an empty list'],
    ],
    [
      'a number among texts',
      { ...whole, labels: ['a', 1] },
      ['the field labels.1 of the needs to be text', '1', 'Write it in quotes.'],
    ],
    [
      'a value for a list',
      { ...whole, labels: 'a' },
      ['the field labels of the needs to be a list', '"a"', 'Write it in brackets, as a list.'],
    ],
    [
      'an object for a list',
      { ...whole, labels: {} },
      ['the field labels of the needs to be a list', 'an object'],
    ],
    [
      'a value for an object',
      { ...whole, model: 50_000 },
      ['the field model of the needs to be an object with the fields parameters, seed', '50000'],
    ],
    ['bytes', { ...whole, name: new Uint8Array(3) }, ['the field name of the needs to be text', '3 bytes']],
    [
      'another form',
      { ...whole, kind: { how: 'c' } },
      ['the field kind.how of the needs to be "a" or "b"', '"c"'],
    ],
    [
      'no form',
      { ...whole, kind: {} },
      ['the field kind.how of the needs to be "a" or "b"', 'none', 'Add it.'],
    ],
    ['none of some values', { ...whole, grade: 3 }, ['the field grade of the needs to be 0, 1 or 2', '3']],
    [
      'one of several kinds',
      { ...whole, either: 'x' },
      ['the field either of the needs to be a whole number, or a list', '"x"'],
    ],
    [
      'one wrong inside the form it resembles',
      { ...whole, pin: { commit: 5 } },
      ['the field pin.commit of the needs to be text', '5', 'Write it in quotes.'],
    ],
    [
      'a wrong item of one of several kinds',
      { ...whole, either: [1, 'x'] },
      ['the field either.1 of the needs to be a whole number', '"x"'],
    ],
    [
      'a date',
      { ...whole, date: 'yesterday' },
      ['the field date of the needs to be a date such as 2026-11-30', '"yesterday"'],
    ],
    [
      'a time',
      { ...whole, time: '12:00' },
      ['the field time of the needs to be a date and time such as 2026-11-30T12:00:00Z', '"12:00"'],
    ],
    [
      'a pattern',
      { ...whole, code: '7' },
      ['the field code of the needs to be text of the form /^[a-z]+$/', '"7"'],
    ],
    [
      'a hash',
      { ...whole, hash: '0x1' },
      ['the field hash of the needs to be 0x and 64 lower-case hexadecimal digits', '"0x1"'],
    ],
    [
      'an address',
      { ...whole, address: 1 },
      ['the field address of the needs to be 0x and 64 lower-case hexadecimal digits', '1'],
    ],
    ['a multiple', { ...whole, even: 3 }, ['the field even of the needs to be a multiple of 2', '3']],
    [
      'a name',
      { ...whole, figures: { long: 1 } },
      ['the field figures of the needs to be an object whose names are each a short name', '"long"'],
    ],
    [
      'a pair',
      { ...whole, pair: 1 },
      ['the field pair of the needs to be a list', '1', 'Write it in brackets, as a list.'],
    ],
    [
      'an item of a set',
      { ...whole, set: new Set(['a']) },
      ['the field set of the needs to be a number', 'an object'],
    ],
    [
      'a rule over fields',
      { ...whole, range: { low: 2, high: 1 } },
      ['the field range of the needs to be consistent with the rest', 'an object: low is above high'],
    ],
    [
      'a rule without words',
      { ...whole, odd: 2 },
      ['the field odd of the needs to be consistent with the rest', '2'],
    ],
    ['a list as a whole', [], [`the needs to be an object with the fields ${names}`, 'an empty list']],
    ['nothing as a whole', undefined, [`the needs to be an object with the fields ${names}`, 'none']],
  ])('%s', (_, value, parts) => {
    expect(faultOf(value)).toEqual(parts);
  });
});

test('an object of no field, of one, and of as many as are named', () => {
  const expectedOf = (shape: z.core.$ZodShape, value: unknown) => {
    const result = checkSchema(z.strictObject(shape), value, 'it');
    return result.success ? undefined : result.fault.expected;
  };
  const many = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}`, z.number().optional()]));
  expect(expectedOf({}, 1)).toBe('it to be an object');
  expect(expectedOf({}, { a: 1 })).toBe('it to be an object with no fields');
  expect(expectedOf(many(1), 1)).toBe('it to be an object with the fields f0');
  expect(expectedOf(many(12), 1)).toMatch(/ f10, f11$/);
  expect(expectedOf(many(13), 1)).toMatch(/ f10, f11, \.\.\.$/);
});

test('a rule may know what is expected, and what is there', () => {
  const rule = z.number().superRefine((_, context) => {
    context.addIssue({ code: 'custom', path: ['inside'], params: { expected: '1 to 3', found: 'four' } });
  });
  expect(checkSchema(rule, 4, 'it')).toEqual({
    success: false,
    fault: { path: ['inside'], expected: 'the field inside of it to be 1 to 3', found: 'four' },
  });
});

test('what a stranger wrote is quoted short and printable', () => {
  const [expected, found] = faultOf({ ...whole, name: `\u001b[2J${'x'.repeat(100_000)}` });
  expect(`${expected}${found}`.length).toBeLessThan(250);
  expect(found).toContain('(100004 characters)');
  const key = '\u202ekey\u001b';
  for (const text of faultOf({ ...whole, figures: { [key]: 1 } })) expect(text).toBe(printable(text));
  for (const text of faultOf({ ...whole, [key]: 1 })) expect(text).toBe(printable(text));
  const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`k${i}`, i]));
  expect(faultOf({ ...whole, ...many })[1]).toBe('k0, k1, k2, k3, k4, k5, k6, k7, k8, k9, k10, k11, ...');
});
