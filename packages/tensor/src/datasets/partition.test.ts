import { createRandomStream } from '@nonet/core';
import { describe, expect, it } from 'vitest';
import type { Dataset } from './dataset.ts';
import { partitionDirichlet } from './partition.ts';

const count = 2003;
const dataset: Dataset = {
  features: Float32Array.from({ length: count }, (_, i) => i),
  shape: [1],
  labels: Int32Array.from({ length: count }, (_, i) => i % 10),
  vocabulary: Array.from({ length: 10 }, (_, i) => String(i)),
};

/**
 * How many of ten classes have less than a fiftieth of the share: few for IID, most for small
 * alpha.
 */
function rareClasses({ labels }: Dataset): number {
  const counts = new Array<number>(10).fill(0);
  for (const label of labels) counts[label]++;
  return counts.filter((n) => n < labels.length / 50).length;
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

describe('partitionDirichlet', () => {
  it('gives each example to exactly one site, in equal shares', () => {
    const shares = partitionDirichlet(dataset, { sites: 20, alpha: 0.5 });
    expect(shares.map(({ labels }) => labels.length)).toEqual([101, 101, 101, ...new Array(17).fill(100)]);
    const all = shares.flatMap(({ features }) => [...features]).sort((a, b) => a - b);
    expect(all).toEqual([...dataset.features]);
    for (const { features, labels } of shares) expect([...labels]).toEqual([...features].map((x) => x % 10));
  });

  it('is the same on every machine', () => {
    const [first] = partitionDirichlet(dataset, { sites: 20, alpha: 0.5 });
    const counts = new Array<number>(10).fill(0);
    for (const label of first.labels) counts[label]++;
    expect(counts).toEqual([3, 37, 10, 10, 6, 3, 0, 6, 25, 1]);
  });

  it('follows the stream it is given', () => {
    const shares = (key: number) =>
      partitionDirichlet(dataset, { sites: 4, alpha: 0.5, random: createRandomStream([key, 0]) });
    expect(shares(1)).toEqual(shares(1));
    expect(shares(1)).not.toEqual(shares(2));
  });

  it('is close to IID for large alpha and far from it for small', () => {
    const rare = (alpha: number) => mean(partitionDirichlet(dataset, { sites: 10, alpha }).map(rareClasses));
    expect(rare(1000)).toBeLessThan(0.5);
    expect(rare(0.1)).toBeGreaterThan(5);
  });

  it('leaves no site empty when there are as many sites as examples', () => {
    const shares = partitionDirichlet(dataset, { sites: count, alpha: 0.01 });
    expect(shares.every(({ labels }) => labels.length === 1)).toBe(true);
  });

  it.each([
    { sites: 0, alpha: 1 },
    { sites: 2004, alpha: 1 },
    { sites: 1.5, alpha: 1 },
    { sites: 2, alpha: 0 },
    { sites: 2, alpha: Number.NaN },
    { sites: 2, alpha: Number.POSITIVE_INFINITY },
  ])('refuses %j', (options) => {
    expect(() => partitionDirichlet(dataset, options)).toThrow(
      expect.objectContaining({ code: 'partition.argument' }),
    );
  });
});
