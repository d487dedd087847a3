import { expect, test } from 'vitest';
import { createFigure } from '../records/figures.ts';
import { countOf, figureColumns, figureLabel, figureText, figureViews, quantityText } from './figureText.ts';

test.each([
  [0.9721, 'fraction', '97.21 %'],
  [1, 'fraction', '100 %'],
  [0.07, 'fraction', '7 %'],
  [0, 'seconds', '0 s'],
  [0.0123, 'seconds', '12.3 ms'],
  [5.95, 'seconds', '5.95 s'],
  [119.9, 'seconds', '120 s'],
  [180, 'seconds', '3 min'],
  [7200, 'seconds', '2 h'],
  [0, 'bytes', '0 B'],
  [999, 'bytes', '999 B'],
  [203776, 'bytes', '204 kB'],
  [5e6, 'bytes', '5 MB'],
  [3e18, 'bytes', '3,000,000 TB'],
  [5_625_088, 'memory bytes', '5.63 MB of memory'],
  [1820077, 'gas', '1,820,077 gas'],
  [1, 'gas', '1 gas'],
  [1, 'rounds', '1 round'],
  [2, 'rounds', '2 rounds'],
  [12345.678, '', '12,350'],
  [-3, '', '-3'],
  [2.21509e29, 'FLOP', '2.215e29 FLOP'],
  [1e30, 'FLOP', '1e30 FLOP'],
])('%d %s is "%s"', (value, unit, text) => {
  expect(quantityText(value, unit)).toBe(text);
});

test('a figure shows its range and the number of samples, if there are several', () => {
  const text = (unit: string, samples: number | number[]) =>
    figureText(createFigure({ name: 'a', unit }, samples));
  expect(text('rounds', 7)).toBe('7 rounds');
  expect(text('seconds', [1, 2, 4])).toBe('2 s (1 s to 4 s, median of 3)');
  expect(text('updates', [3, 3])).toBe('3 updates (the same in each of 2)');
});

test('labels and counts are words', () => {
  expect(figureLabel('peakMemory')).toBe('peak memory');
  expect(figureLabel('gas')).toBe('gas');
  expect([countOf(1, 'round'), countOf(20, 'round')]).toEqual(['1 round', '20 rounds']);
});

test('the figures of a record have labels, unless the unit says it', () => {
  const figures = {
    examples: createFigure({ name: 'examples', unit: 'examples' }, 10_000),
    round: createFigure({ name: 'round', unit: '' }, 1),
    peakMemory: createFigure({ name: 'peakMemory', unit: 'bytes' }, 5e6),
  };
  expect(figureViews(figures, ['round'])).toEqual([
    { label: '', text: '10,000 examples' },
    { label: 'peak memory', text: '5 MB' },
  ]);
});

test('under headings, counts need no unit', () => {
  const figures = {
    refused: createFigure({ name: 'refused', unit: 'updates' }, 10_000),
    peakMemory: createFigure({ name: 'peakMemory', unit: 'bytes' }, 5e6),
    round: createFigure({ name: 'round', unit: '' }, 1),
  };
  expect(figureColumns(figures, ['round'])).toEqual([
    { label: 'refused', text: '10,000' },
    { label: 'peak memory', text: '5 MB' },
  ]);
});
