import { describe, expect, test } from 'vitest';
import {
  createFigure,
  createFigures,
  declareFigures,
  joinVocabularies,
  qualifyFigure,
  readFigure,
  readFiguresIn,
} from './figures.ts';

const figures = declareFigures({
  duration: { unit: 'seconds', meaning: 'how long it took', better: 'lower', role: 'time added' },
  waiting: { unit: 'seconds', meaning: 'how long it waited', better: 'lower', role: 'time added' },
  gas: { unit: 'gas', meaning: 'gas of all moves', better: 'lower', role: 'gas' },
});

describe('createFigure', () => {
  test.each([
    [5, { value: 5, min: 5, max: 5, n: 1 }],
    [[3, 1, 2], { value: 2, min: 1, max: 3, n: 3 }],
    [[4, 1, 2, 3], { value: 2.5, min: 1, max: 4, n: 4 }],
    [[10, 9, 2], { value: 9, min: 2, max: 10, n: 3 }], // sorted as numbers, not as text
  ])('%j', (samples, figure) => {
    expect(createFigure(figures.duration, samples)).toEqual({ ...figure, unit: 'seconds' });
  });

  test.each([[[]], [Number.NaN], [[1, Number.POSITIVE_INFINITY]]])('%j is no sample', (samples) => {
    expect(() => createFigure(figures.duration, samples)).toThrow(
      expect.objectContaining({
        code: 'figure.samples',
        expected: 'at least one sample of duration, all of them finite',
      }),
    );
  });

  test('leaves its samples in order', () => {
    const samples = [3, 1, 2];
    createFigure(figures.duration, samples);
    expect(samples).toEqual([3, 1, 2]);
  });
});

describe('a record', () => {
  const record = {
    figures: createFigures([
      [figures.duration, 2],
      [figures.gas, [5, 7, 6]],
    ]),
  };

  test('has figures under their declared names', () => {
    expect(Object.keys(record.figures)).toEqual(['duration', 'gas']);
    expect(readFigure(record, figures.gas)).toEqual({ value: 6, unit: 'gas', min: 5, max: 7, n: 3 });
    expect(readFigure(record, figures.waiting)).toBeUndefined();
  });

  test('is not read in another unit than the declared one', () => {
    const stranger = { figures: { gas: { value: 1, unit: 'litres', min: 1, max: 1, n: 1 } } };
    expect(readFigure(stranger, figures.gas)).toBeUndefined();
  });

  test('has own figures only', () => {
    expect(readFigure({ figures: {} }, { name: 'constructor', unit: '' })).toBeUndefined();
  });

  test('is read by role: every figure that has it', () => {
    const both = {
      figures: createFigures([
        [figures.waiting, 1],
        [figures.duration, 2],
      ]),
    };
    expect(readFiguresIn(both, figures, 'time added').map(({ value }) => value)).toEqual([2, 1]);
    expect(readFiguresIn(both, figures, 'gas')).toEqual([]);
  });
});

test('a qualified figure is one of a family', () => {
  const one = qualifyFigure(figures.duration, 'f32.1024');
  expect(one).toEqual({ ...figures.duration, name: 'duration.f32.1024' });
  const record = { figures: createFigures([[one, 3]]) };
  expect(readFigure(record, one)?.value).toBe(3);
  expect(readFigure(record, figures.duration)).toBeUndefined();
});

describe('vocabularies', () => {
  test('join into one', () => {
    const other = declareFigures({ accuracy: { unit: 'fraction', meaning: 'right', better: 'higher' } });
    expect(Object.keys(joinVocabularies(figures, other))).toEqual(['duration', 'waiting', 'gas', 'accuracy']);
  });

  test('declare no name twice', () => {
    const again = declareFigures({ gas: { unit: 'gas', meaning: 'gas of one move', better: 'lower' } });
    expect(() => joinVocabularies(figures, again)).toThrow(
      expect.objectContaining({
        code: 'figure.repeated',
        found: '"gas of all moves" and "gas of one move"',
      }),
    );
  });
});
