/**
 * Rows that a model is quantised with. Of a job's public test set a rule says which, so that
 * everyone finds the same (docs/specs/proof-files.md §3).
 */
import { MisuseError } from '@nonet/core';
import { calibrationExamples } from '@nonet/proof/zk';
import type { Dataset } from '@nonet/tensor';
import { selectExamples } from '@nonet/tensor/datasets';
import type { ModelRows, ProvableModel } from '../models/provableModel.ts';
import { note, yellow } from '../terminal/terminal.ts';

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

/** Those of a file, else public ones of the job, else with a warning the rows to answer. */
export async function readCalibration(
  model: ProvableModel,
  file: string | undefined,
  rows: ModelRows,
): Promise<ModelRows> {
  if (file !== undefined) return model.readRows(file);
  if (model.testSet !== undefined) return calibrationRows(model.testSet);
  note(
    yellow(
      'the model is quantised with the rows to answer, so other rows make another model: name rows that stay the same with --calibration',
    ),
  );
  return rows;
}
