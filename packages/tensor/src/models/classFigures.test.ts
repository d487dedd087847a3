import { expect, test } from 'vitest';
import { accuracyWarnings, classFigures } from './classFigures.ts';

test('recall is of the row, precision of the column', () => {
  const figures = classFigures(
    [
      [40, 10, 0],
      [5, 45, 0],
      [3, 2, 0],
    ],
    ['a', 'b', 'c'],
  );
  expect(figures).toEqual([
    { label: 'a', support: 50, predicted: 48, correct: 40, recall: 0.8, precision: 40 / 48 },
    { label: 'b', support: 50, predicted: 57, correct: 45, recall: 0.9, precision: 45 / 57 },
    { label: 'c', support: 5, predicted: 0, correct: 0, recall: 0, precision: undefined },
  ]);
  expect(accuracyWarnings(figures)).toEqual(['“c” is never predicted: 5 of 105 examples have this label.']);
});

test('a class without examples is not missed', () => {
  const figures = classFigures(
    [
      [7, 1],
      [0, 0],
    ],
    ['a', 'b'],
  );
  expect(figures[1]).toMatchObject({ support: 0, predicted: 1, recall: undefined, precision: 0 });
  expect(accuracyWarnings(figures)).toEqual([]);
});

test('95 % by answering with the frequent class is said to be nothing', () => {
  const figures = classFigures(
    [
      [950, 0],
      [50, 0],
    ],
    ['common', 'rare'],
  );
  expect(accuracyWarnings(figures)).toEqual([
    '“rare” is never predicted: 50 of 1,000 examples have this label.',
    'Always answering “common” is right as often or more: on 950 of 1,000 examples.',
  ]);
  // A single class leaves nothing to tell apart.
  expect(
    accuracyWarnings(
      classFigures(
        [
          [3, 0],
          [0, 0],
        ],
        ['common', 'rare'],
      ),
    ),
  ).toEqual([]);
  // All predicted, and still no better.
  const worse = classFigures(
    [
      [60, 30],
      [5, 5],
    ],
    ['common', 'rare'],
  );
  expect(accuracyWarnings(worse)).toEqual([
    'Always answering “common” is right as often or more: on 90 of 100 examples.',
  ]);
});

test('many that are never predicted are counted', () => {
  const row = (support: number) => [support, 0, 0, 0, 0, 0];
  const figures = classFigures([10, 9, 8, 7, 6, 5].map(row), ['a', 'b', 'c', 'd', 'e', 'f']);
  expect(accuracyWarnings(figures)[0]).toBe(
    '“b”, “c”, “d” and 2 other labels are never predicted: 35 of 45 examples have these labels.',
  );
});
