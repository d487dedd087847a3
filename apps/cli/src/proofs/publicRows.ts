/**
 * Examples of a job's public test set as rows of its model. Which of them a model is quantised with
 * is a rule, so that everyone finds the same (docs/specs/proof-files.md §3).
 */
import { MisuseError } from '@nonet/core';
import { calibrationExamples } from '@nonet/proof/zk';
import type { Dataset } from '@nonet/tensor';
import { selectExamples } from '@nonet/tensor/datasets';
import type { ModelRows } from '../models/provableModel.ts';

/** The rows that a model is quantised with. */
export const calibrationRows = (testSet: Dataset): ModelRows =>
  exampleRows(testSet, calibrationExamples(testSet.labels.length));

/** Examples of a test set as rows, by their numbers from 0. Throws `prove.input`. */
export function exampleRows(testSet: Dataset, numbers: readonly number[]): ModelRows {
  const count = testSet.labels.length;
  const missing = numbers.find((number) => number >= count);
  if (missing !== undefined) {
    throw new MisuseError({
      code: 'prove.input',
      expected: `an example from 0 to ${count - 1} of the public test set`,
      found: `${missing}`,
    });
  }
  const { features, labels } = selectExamples(testSet, numbers);
  return { features, labels, numbers };
}
