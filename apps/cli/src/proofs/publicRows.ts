/**
 * Which rows of a job's public test set a model is quantised with: a rule, so that everyone finds
 * the same (docs/specs/zk.md §14).
 */
import type { Dataset } from '@nonet/tensor';
import { selectExamples } from '@nonet/tensor/datasets';
import type { ModelRows } from '../models/provableModel.ts';

/** The rows that a model is quantised with. */
export function calibrationRows(testSet: Dataset): ModelRows {
  const count = testSet.labels.length;
  const chosen = Math.min(count, 256);
  return exampleRows(
    testSet,
    Array.from({ length: chosen }, (_, i) => Math.floor((i * count) / chosen)),
  );
}

/** Examples of a test set as rows, by their numbers from 0. Throws `prove.input`. */
export function exampleRows(testSet: Dataset, numbers: readonly number[]): ModelRows {
  const { features, labels } = selectExamples(testSet, numbers);
  return { features, labels, numbers };
}
