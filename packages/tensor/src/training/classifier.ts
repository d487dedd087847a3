/**
 * A classifier as it is trained and evaluated here: input `x` (B, ...features), output `logits`
 * (B,C); with a loss, the further inputs `y` (B), the labels, and `w` (B), the weights of the
 * examples.
 */
import { MisuseError } from '@nonet/core';
import type { Dataset } from '../datasets/dataset.ts';
import type { DatasetSource } from '../datasets/source.ts';
import { type Graph, leavesOf, outputNamed } from '../graph/graph.ts';
import { elementCount } from '../graph/shape.ts';
import type { Program } from '../run/program.ts';

/** The inputs of one batch of examples. */
export interface ExampleInputs {
  /** (batch, ...features) */
  readonly x: Float32Array | Int32Array;
  /** (batch), labels. */
  readonly y: Float32Array | Int32Array;
  /** (batch), weights: 0 for padding. */
  readonly w: Float32Array | Int32Array;
}

/** The memory of a program's inputs, to be filled without a copy. */
export const exampleInputs = (program: Program): ExampleInputs => ({
  x: program.input('x'),
  y: program.input('y'),
  w: program.input('w'),
});

/** Writes the given examples into a batch; the remaining rows are zeros with weight 0. */
export function fillBatch({ x, y, w }: ExampleInputs, dataset: Dataset, indices: ArrayLike<number>): void {
  const { features, shape, labels } = dataset;
  const width = elementCount(shape);
  for (let row = 0; row < y.length; row++) {
    if (row < indices.length) {
      x.set(features.subarray(indices[row] * width, (indices[row] + 1) * width), row * width);
      y[row] = labels[indices[row]];
      w[row] = 1;
    } else {
      x.fill(0, row * width, (row + 1) * width);
      y[row] = 0;
      w[row] = 0;
    }
  }
}

/** Whether examples are read batch by batch rather than held in memory. */
export const isSource = (data: Dataset | DatasetSource): data is DatasetSource => 'batches' in data;

/**
 * Throws `train.dataset` unless examples have the shape of `x` and there is a logit for each label.
 */
export function assertFits(graph: Graph, { shape, vocabulary }: Pick<Dataset, 'shape' | 'vocabulary'>): void {
  const x = leavesOf(graph, 'input').find(({ name }) => name === 'x');
  const [, ...features] = x?.shape ?? [];
  const classes = graph.nodes[outputNamed(graph, 'logits')].shape[1];
  const sameShape = JSON.stringify(features) === JSON.stringify(shape);
  if (x !== undefined && sameShape && classes === vocabulary.length) return;
  throw new MisuseError({
    code: 'train.dataset',
    expected: `examples of shape [${features.join(',')}] with ${classes} labels`,
    found: `examples of shape [${shape.join(',')}] with ${vocabulary.length} labels`,
    hint: 'This dataset belongs to another model.',
  });
}

/** Throws `train.dataset` on an empty dataset. */
export function assertExamples(count: number): void {
  if (count > 0) return;
  throw new MisuseError({ code: 'train.dataset', expected: 'at least one example', found: 'none' });
}

/** Throws `train.argument` unless `value` is a positive integer. */
export function assertPositive(value: number, name: string): void {
  if (Number.isSafeInteger(value) && value > 0) return;
  throw new MisuseError({
    code: 'train.argument',
    expected: `a positive integer as ${name}`,
    found: String(value),
  });
}
