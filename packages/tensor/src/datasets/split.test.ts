import { describe, expect, it } from 'vitest';
import { readCsv } from './csv.ts';
import type { Dataset } from './dataset.ts';
import { assertClasses, splitDataset, splitTable } from './split.ts';

/**
 * Ten examples of a, ten of b, and one of a rare label, which a split can leave to one side only.
 */
const rare: Dataset = {
  features: Float32Array.from({ length: 21 }, (_, i) => i),
  shape: [1],
  labels: Int32Array.from({ length: 21 }, (_, i) => (i === 20 ? 2 : i % 2)),
  vocabulary: ['a', 'b', 'rare'],
};
const common: Dataset = {
  ...rare,
  labels: rare.labels.map((label) => label % 2) as Int32Array<ArrayBuffer>,
  vocabulary: ['a', 'b'],
};
const emptyClass = expect.objectContaining({ code: 'dataset.emptyClass' });
const seeds = ['0x01', '0x02', '0x03', '0x04', '0x05', '0x06', '0x07', '0x08'] as const;

describe('splitDataset', () => {
  it('refuses a label without an example on one side, whichever it is', () => {
    const sides = new Set<string>();
    for (const seed of seeds) {
      expect(() => splitDataset(rare, { testFraction: 0.5, seed })).toThrow(emptyClass);
      try {
        splitDataset(rare, { testFraction: 0.5, seed });
      } catch (error) {
        sides.add(/the (training|test) examples/.exec((error as Error).message)![1]);
        expect((error as Error).message).toContain('"rare"');
      }
    }
    expect(sides).toEqual(new Set(['training', 'test']));
  });

  it('takes what has examples of each label on both sides', () => {
    const { training, test } = splitDataset(common, { testFraction: 0.5, seed: '0x01' });
    expect(training.labels.length + test.labels.length).toBe(21);
  });
});

it('assertClasses names the label that is missing', () => {
  expect(() => assertClasses({ ...rare, labels: Int32Array.of(0, 2) }, 'a share')).toThrow('none of "b"');
  assertClasses(rare, 'a share');
});

describe('splitTable by strata', () => {
  const labels = [...'a'.repeat(20), ...'b'.repeat(7), ...'c'.repeat(2), 'd', ' A'];
  const table = readCsv(`y,x\n${labels.map((label, i) => `${label},${i}\n`).join('')}`);
  const count = (rows: readonly { cells: readonly string[] }[]) => {
    const counts: Record<string, number> = {};
    for (const { cells } of rows) {
      const label = cells[0]!.trim().toLowerCase();
      counts[label] = (counts[label] ?? 0) + 1;
    }
    return counts;
  };

  it('each label gives its share, at least one of two, and keeps one', () => {
    for (const seed of seeds) {
      const { training, test } = splitTable(table, { testFraction: 0.2, seed, stratify: 'Y' });
      expect(count(test.rows)).toEqual({ a: 4, b: 1, c: 1 });
      expect(count(training.rows)).toEqual({ a: 17, b: 6, c: 1, d: 1 });
      const both = [...training.rows, ...test.rows].map(({ row }) => row).sort((a, b) => a - b);
      expect(both).toEqual(table.rows.map(({ row }) => row));
    }
  });

  it('which rows they are is for the seed to say', () => {
    const options = { testFraction: 0.2, stratify: 'y' };
    const first = splitTable(table, { ...options, seed: '0x01' });
    expect(splitTable(table, { ...options, seed: '0x01' })).toEqual(first);
    expect(splitTable(table, { ...options, seed: '0x02' })).not.toEqual(first);
  });

  it('refuses a column that is not there, and a fraction that leaves a side empty', () => {
    const split = (options: { testFraction: number; stratify: string }) => () =>
      splitTable(table, { ...options, seed: '0x01' });
    expect(split({ testFraction: 0.2, stratify: 'z' })).toThrow(
      expect.objectContaining({ code: 'table.column' }),
    );
    for (const testFraction of [0.001, 0.999, 2]) {
      expect(split({ testFraction, stratify: 'y' })).toThrow(
        expect.objectContaining({ code: 'dataset.split' }),
      );
    }
  });
});
