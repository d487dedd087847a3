import { describe, expect, test } from 'vitest';
import { cellIds, createFigure, evidenceSchema, printable } from './evidence.ts';
import { sampleEvidence } from './sampleReceipt.ts';

test('the matrix has nine cells, row by row', () => {
  expect(cellIds).toHaveLength(9);
  expect(cellIds[0]).toBe('verifiability-security');
  expect(cellIds[8]).toBe('performance-decentralisation');
});

describe('createFigure', () => {
  test.each([
    [5, { value: 5, min: 5, max: 5, n: 1 }],
    [[3, 1, 2], { value: 2, min: 1, max: 3, n: 3 }],
    [[4, 1, 2, 3], { value: 2.5, min: 1, max: 4, n: 4 }],
    [[10, 9, 2], { value: 9, min: 2, max: 10, n: 3 }], // sorted as numbers, not as text
  ])('%j', (samples, figure) => {
    expect(createFigure(samples, 'seconds')).toEqual({ ...figure, unit: 'seconds' });
  });

  test.each([[[]], [Number.NaN], [[1, Number.POSITIVE_INFINITY]]])('%j is no sample', (samples) => {
    expect(() => createFigure(samples, '')).toThrow(expect.objectContaining({ code: 'figure.samples' }));
  });

  test('leaves its samples in order', () => {
    const samples = [3, 1, 2];
    createFigure(samples, '');
    expect(samples).toEqual([3, 1, 2]);
  });
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
    ['an assumption of nobody', { ...assumption, whom: undefined }],
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
