/** How well a classifier predicts the labels of a dataset. */
import type { Dataset } from '../datasets/dataset.ts';
import { type DatasetSource, sourceOf } from '../datasets/source.ts';
import type { Parameters } from '../files/parameters.ts';
import type { Graph } from '../graph/graph.ts';
import { createProgram } from '../run/execute.ts';
import { bind } from '../transform/bind.ts';
import { attachCrossEntropy } from '../transform/losses.ts';
import { assertExamples, assertFits, exampleInputs, fillBatch, isSource } from './classifier.ts';
import { inferenceBatch } from './predict.ts';

/** A classifier, and what to try it on. */
export interface EvaluateOptions {
  /** A classifier: input x (B, ...features), output logits (B,C). */
  readonly graph: Graph;
  readonly parameters: Parameters;
  /** In memory, or a source, which is read batch by batch. */
  readonly dataset: Dataset | DatasetSource;
}

/** What `evaluate` counts. */
export interface Evaluation {
  /** Number of examples. */
  readonly count: number;
  /** How many of them were predicted correctly. */
  readonly correct: number;
  /** correct / count */
  readonly accuracy: number;
  /** Mean cross-entropy in nats. */
  readonly loss: number;
  /** (C,C): row = true label, column = predicted label. */
  readonly confusion: readonly (readonly number[])[];
}

/** The first of the largest. */
function largest(row: Float32Array): number {
  return row.reduce((best, value, i) => (value > row[best] ? i : best), 0);
}

/**
 * Predicts every example and counts. Throws `train.dataset` if the dataset is empty or belongs to
 * another model, `parameters.mismatch`, and what a source throws.
 *
 *     const { accuracy, confusion } = await evaluate({ ...trained, dataset: testSet });
 */
export async function evaluate({ graph, parameters, dataset }: EvaluateOptions): Promise<Evaluation> {
  const source = isSource(dataset) ? dataset : sourceOf(dataset);
  assertFits(graph, { shape: source.schema.shape, vocabulary: source.schema.labels });
  const program = await createProgram(bind(attachCrossEntropy(graph), { B: inferenceBatch }));
  program.setParameters(parameters);
  const classes = source.schema.labels.length;
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  const rows = Uint32Array.from({ length: inferenceBatch }, (_, row) => row);
  let count = 0;
  let correct = 0;
  let total = 0;
  for await (const batch of source.batches(inferenceBatch)) {
    const size = batch.labels.length;
    fillBatch(exampleInputs(program), batch, rows.subarray(0, size));
    const { loss, logits } = program.run();
    count += size;
    total += loss[0] * size;
    for (const [row, truth] of batch.labels.entries()) {
      const label = largest((logits as Float32Array).subarray(row * classes, (row + 1) * classes));
      confusion[truth][label]++;
      if (label === truth) correct++;
    }
  }
  assertExamples(count);
  return { count, correct, accuracy: correct / count, loss: total / count, confusion };
}
