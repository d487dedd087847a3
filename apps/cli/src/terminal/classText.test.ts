import { expect, test } from 'vitest';
import { classesJson, classLines, warningLines } from './classText.ts';
import { withoutColour } from './terminal.ts';

const confusion = [
  [90, 5, 0],
  [0, 0, 0],
  [5, 0, 0],
];
const labels = ['common', 'absent', 'rare'];

test('a line for each label, and what the accuracy hides', () => {
  expect(classLines(confusion, labels).map(withoutColour).join('\n').split('\n')).toEqual([
    '  label   examples  found (recall)  right (precision)',
    '  common        95         94.74 %            94.74 %',
    '  absent         0                             0.00 %',
    '  rare           5          0.00 %    never predicted',
    '! “rare” is never predicted: 5 of 100 examples have this label.',
    '! Always answering “common” is right as often or more: on 95 of 100 examples.',
  ]);
  expect(warningLines(confusion, labels)).toHaveLength(2);
});

test('of many labels, those found least often', () => {
  const many = Array.from({ length: 40 }, (_, i) =>
    Array.from({ length: 40 }, (_, j) => (i === j ? i : j === (i + 1) % 40 ? 40 - i : 0)),
  );
  const lines = classLines(
    many,
    many.map((_, i) => `label ${i}`),
  ).map(withoutColour);
  const rows = lines[0]!.split('\n');
  expect(rows).toHaveLength(13);
  expect(rows[1]).toMatch(/^ {2}label 0 +40 +0.00 %/);
  expect(lines[1]).toBe('  and 28 labels that are found more often');
});

test('of many labels, none of those that no example has', () => {
  // Twenty labels, of which the first five are found less the later they come, and the others absent.
  const some = Array.from({ length: 20 }, (_, i) =>
    Array.from({ length: 20 }, (_, j) => (i >= 5 ? 0 : i === j ? 10 - i : j === (i + 1) % 5 ? i + 1 : 0)),
  );
  const [table, ...more] = classLines(
    some,
    some.map((_, i) => `label ${i}`),
  ).map(withoutColour);
  const rows = table!.split('\n').slice(1);
  expect(rows.map((row) => row.trim().slice(0, 7))).toEqual([4, 3, 2, 1, 0].map((i) => `label ${i}`));
  expect(more.join('\n')).not.toContain('more often');
});

test('of twelve labels, all, in their order', () => {
  const twelve = Array.from({ length: 12 }, (_, i) =>
    Array.from({ length: 12 }, (_, j) => (i === j && i !== 5 ? 12 - i : 0)),
  );
  const [table, ...more] = classLines(
    twelve,
    twelve.map((_, i) => `label ${i}`),
  ).map(withoutColour);
  const rows = table!.split('\n').slice(1);
  expect(rows.map((row) => row.trim().split('  ')[0])).toEqual(twelve.map((_, i) => `label ${i}`));
  expect(more.join('\n')).not.toContain('more often');
});

test('JSON has null where there is no figure', () => {
  expect(classesJson(confusion, labels)[1]).toEqual({
    label: 'absent',
    support: 0,
    predicted: 5,
    correct: 0,
    recall: null,
    precision: 0,
  });
  expect(classesJson(confusion, labels)[2]).toMatchObject({ recall: 0, precision: null });
});
