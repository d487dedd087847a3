import { describe, expect, test } from 'vitest';
import { sampleEvidence } from '../testing/sampleReceipt.ts';
import { cellIds, evidenceSchema } from './evidence.ts';
import { printable } from './text.ts';

test('the matrix has nine cells, row by row', () => {
  expect(cellIds).toHaveLength(9);
  expect(cellIds[0]).toBe('verifiability-security');
  expect(cellIds[8]).toBe('performance-decentralisation');
});

describe('the schema of evidence', () => {
  const measurement = sampleEvidence[0]!;
  const assumption = sampleEvidence.at(-1)!;

  test('takes every record of the sample', () => {
    for (const record of sampleEvidence) expect(evidenceSchema.parse(record)).toEqual(record);
  });

  test.each<[string, object]>([
    ['an unknown kind', { ...measurement, kind: 'promise' }],
    ['no grade', { ...measurement, grade: undefined }],
    ['grade 5', { ...measurement, grade: 5 }],
    ['a grade on an assumption', { ...assumption, grade: 4 }],
    ['an assumption without a trustee', { ...assumption, whom: undefined }],
    ['an empty sentence', { ...measurement, sentence: '' }],
    ['a sentence of two lines', { ...measurement, sentence: 'fine\nchecked here' }],
    ['a terminal escape', { ...measurement, sentence: '\u001b[32mchecked' }],
    ['reversed text', { ...measurement, sentence: 'safe \u202eton' }],
    ['an unknown cell', { ...measurement, cells: ['privacy-speed'] }],
    ['a day without time', { ...measurement, date: '2026-03-14' }],
    ['the 30th of February', { ...measurement, date: '2026-02-30T00:00:00Z' }],
    [
      'an infinite figure',
      { ...measurement, figures: { a: { value: Number.POSITIVE_INFINITY, unit: '', min: 0, max: 0, n: 1 } } },
    ],
    [
      'a figure of no samples',
      { ...measurement, figures: { a: { value: 1, unit: '', min: 1, max: 1, n: 0 } } },
    ],
    [
      'a figure whose range is turned round',
      { ...measurement, figures: { a: { value: 1, unit: '', min: 2, max: 0, n: 1 } } },
    ],
    [
      'a figure outside of its range',
      { ...measurement, figures: { a: { value: 3, unit: '', min: 0, max: 2, n: 1 } } },
    ],
    ['an upper-case artefact', { ...measurement, artefact: `0x${'A'.repeat(64)}` }],
    ['an unknown field', { ...measurement, note: 'hello' }],
    ['an unknown way to check', { ...measurement, check: { how: 'trust' } }],
  ])('refuses %s', (_, record) => {
    expect(evidenceSchema.safeParse(record).success).toBe(false);
  });
});

test('a stranger’s text is made fit to print', () => {
  expect(printable('a\u001b[2Jb\nc\u202ed')).toBe('a\ufffd[2Jb\ufffdc\ufffdd');
  expect(printable('x'.repeat(10_000))).toHaveLength(500);
});
