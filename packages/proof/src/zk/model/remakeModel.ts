/**
 * The final model of a job as one that can be proven, by rules alone (docs/specs/proof-files.md §3).
 * Who proves an answer and who checks that the proof is about this model call the same function.
 */
import type { Address } from '@nonet/core';
import {
  assertWithinBudget,
  type Dataset,
  type Graph,
  leavesOf,
  type Parameters,
  scaleBudget,
  usualBudget,
} from '@nonet/tensor';
import { selectExamples } from '@nonet/tensor/datasets';
import { estimateQuantisation, measureQuantised, type QuantisationReport } from '@nonet/tensor/quantise';
import { encodeInputs, type IntegerModel, makeIntegerModel } from './integerModel.ts';
import { calibrationExamples, measuredExamples, provenExample } from './publicRows.ts';

/** The model that a job ended with, and its public test set. */
export interface FinalModel {
  /** Of the parameters. */
  readonly address: Address;
  /** A classifier with one input and the output `logits`. */
  readonly graph: Graph;
  readonly parameters: Parameters;
  readonly testSet: Dataset;
}

/** How a model is made again. */
export interface RemakeOptions {
  /** Rows of one proof; as many as can be proven if left out. */
  readonly maximumBatch?: number;
  /** So many times the usual budget is the most that it may take; unbounded if left out. */
  readonly budgetFactor?: number;
}

/** A final model that can be proven, and the example whose answer is. */
export interface RemadeModel extends IntegerModel {
  /** How many examples it was quantised with. */
  readonly calibrated: number;
  /** The number of the proven example in the test set, from 0. */
  readonly example: number;
  /** The integers of that example. */
  readonly inputs: Int32Array<ArrayBuffer>;
  readonly report: QuantisationReport;
}

/**
 * Throws what `makeIntegerModel` and measuring throw, and `run.budget`, undecided, before any of it
 * is run.
 */
export async function remakeModel(
  { address, graph, parameters, testSet }: FinalModel,
  { maximumBatch, budgetFactor }: RemakeOptions = {},
): Promise<RemadeModel> {
  const count = testSet.labels.length;
  const calibration = calibrationExamples(count);
  const name = leavesOf(graph, 'input')[0]?.name ?? 'x';
  const rows = { [name]: selectExamples(testSet, calibration).features };
  const measured = measuredExamples(count);
  if (budgetFactor !== undefined) {
    const { calibration: work } = estimateQuantisation({ graph, rows });
    // Measuring runs each example in f32, in integers, and once more from the integers before.
    const times = 1 + (3 * measured.length) / calibration.length;
    assertWithinBudget(
      { multiplyAdds: work.multiplyAdds * times, bytes: 2 * work.bytes },
      scaleBudget(usualBudget, budgetFactor),
      'making the final model of this receipt into integers',
      'It was not run. To allow ten times as much: nonet verify --budget 10, or ?budget=10 after the address of the page.',
    );
  }
  const integers = await makeIntegerModel({
    graph,
    parameters,
    rows,
    output: 'logits',
    answer: 'position',
    ...(maximumBatch === undefined ? {} : { maximumBatch }),
  });
  const { quantised } = integers;
  const report = await measureQuantised({ quantised, dataset: selectExamples(testSet, measured) });
  const example = provenExample(address, count);
  const { features } = selectExamples(testSet, [example]);
  const inputs = await encodeInputs(quantised, features);
  return { ...integers, calibrated: calibration.length, example, inputs, report };
}
