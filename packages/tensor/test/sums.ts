/**
 * Three classes by the sum of two of four features; 203 examples, so that the last batch is padded.
 */
import { createRandomStream } from '@nonet/core';
import type { Dataset } from '../src/datasets/dataset.ts';
import { initialParameters } from '../src/files/parameters.ts';
import { mlp } from '../src/models/architectures.ts';

const random = createRandomStream([1, 2]);
const features = Float32Array.from({ length: 203 * 4 }, () => random.uniform());

export const dataset: Dataset = {
  features,
  shape: [4],
  labels: Int32Array.from({ length: 203 }, (_, i) =>
    Math.min(2, Math.floor(1.5 * (features[4 * i] + features[4 * i + 1]))),
  ),
  vocabulary: ['low', 'middle', 'high'],
};
export const graph = mlp({
  features: [4],
  standardise: { mean: 0.5, deviation: 0.3 },
  hidden: [16],
  classes: 3,
});
export const parameters = initialParameters(graph, '0x07');
