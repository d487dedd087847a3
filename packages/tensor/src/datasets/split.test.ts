import { describe, expect, it } from 'vitest';
import type { Dataset } from './dataset.ts';
import { assertClasses, splitDataset } from './split.ts';

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
