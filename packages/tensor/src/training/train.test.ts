import { createRandomStream } from '@nonet/core';
import { describe, expect, it } from 'vitest';
import type { Dataset } from '../datasets/dataset.ts';
import { flattenParameters, initialParameters } from '../files/parameters.ts';
import { mlp } from '../models/models.ts';
import { createTrainer, evaluate, predict, trainLocally } from './train.ts';

/** Three classes by the sum of two of four features; 203 examples, so that the last batch is padded. */
const random = createRandomStream([1, 2]);
const features = Float32Array.from({ length: 203 * 4 }, () => random.uniform());
const dataset: Dataset = {
  features,
  shape: [4],
  labels: Int32Array.from({ length: 203 }, (_, i) =>
    Math.min(2, Math.floor(1.5 * (features[4 * i] + features[4 * i + 1]))),
  ),
  vocabulary: ['low', 'middle', 'high'],
};
const graph = mlp({ features: [4], standardise: { mean: 0.5, deviation: 0.3 }, hidden: [16], classes: 3 });
const parameters = initialParameters(graph, '0x07');
const options = {
  graph,
  parameters,
  dataset,
  epochs: 30,
  batch: 32,
  learningRate: 0.1,
  momentum: 0.9,
};
const stream = () => createRandomStream([3, 4]);

describe('trainLocally', () => {
  it('learns', async () => {
    const before = await evaluate({ graph, parameters, dataset });
    const result = await trainLocally({ ...options, random: stream() });
    const after = await evaluate({ graph, parameters: result.parameters, dataset });
    expect(result.steps).toBe(30 * 7);
    expect(before.accuracy).toBeLessThan(0.7);
    expect(after.accuracy).toBeGreaterThan(0.95);
    expect(after.loss).toBeLessThan(0.2);
    expect(result.loss).toBeLessThan(0.3);
  });

  it('gives the same bits again, with a trainer of its own or a shared one', async () => {
    const trainer = await createTrainer(graph, 32);
    const runs = [];
    for (const shared of [{}, { trainer }, { trainer }]) {
      runs.push(
        flattenParameters((await trainLocally({ ...options, ...shared, random: stream() })).parameters),
      );
    }
    expect(runs[1]).toEqual(runs[0]);
    expect(runs[2]).toEqual(runs[0]);
  });

  it('pads with weight 0: a batch larger than the dataset is one step over all of it', async () => {
    const one = (batch: number) =>
      trainLocally({ ...options, epochs: 1, batch, learningRate: 0.1, random: stream() });
    const exact = flattenParameters((await one(203)).parameters);
    const padded = flattenParameters((await one(256)).parameters);
    expect(padded).toEqual(exact);
  });

  it('reads bytes as numbers', async () => {
    const scaled = Uint8Array.from(features, (value) => value * 255);
    const run = (features: Dataset['features']) =>
      trainLocally({
        ...options,
        dataset: { ...dataset, features },
        epochs: 1,
        learningRate: 0.001,
        random: stream(),
      });
    expect(await run(Float32Array.from(scaled))).toEqual(await run(scaled));
  });

  it('stops at a loss that is no number', async () => {
    await expect(trainLocally({ ...options, learningRate: 1e30, random: stream() })).rejects.toMatchObject({
      code: 'train.notFinite',
    });
  });

  it.each([{ epochs: 0 }, { batch: 0 }, { batch: 1.5 }, { learningRate: -1 }, { momentum: Number.NaN }])(
    'refuses %j',
    async (change) => {
      await expect(trainLocally({ ...options, ...change, random: stream() })).rejects.toMatchObject({
        code: 'train.argument',
      });
    },
  );

  it('refuses a trainer for another batch', async () => {
    const trainer = await createTrainer(graph, 16);
    await expect(trainLocally({ ...options, trainer, random: stream() })).rejects.toMatchObject({
      code: 'train.argument',
    });
  });

  it('refuses a dataset or parameters of another model', async () => {
    const wider = { ...dataset, shape: [2, 2] };
    const twoClasses = { ...dataset, labels: new Int32Array(203), vocabulary: ['a', 'b'] };
    for (const other of [wider, twoClasses]) {
      await expect(trainLocally({ ...options, dataset: other, random: stream() })).rejects.toMatchObject({
        code: 'train.dataset',
      });
    }
    await expect(
      trainLocally({ ...options, parameters: parameters.slice(1), random: stream() }),
    ).rejects.toMatchObject({ code: 'parameters.mismatch' });
  });
});

describe('evaluate', () => {
  it('counts by true and predicted label', async () => {
    const { confusion, correct, count } = await evaluate({ graph, parameters, dataset });
    const rows = confusion.map((row) => row.reduce((a, b) => a + b, 0));
    expect(rows).toEqual([0, 1, 2].map((label) => dataset.labels.filter((l) => l === label).length));
    expect(confusion.reduce((sum, row, label) => sum + row[label], 0)).toBe(correct);
    expect(count).toBe(203);
  });

  it('gives the loss of chance for parameters of zero', async () => {
    const zeros = parameters.map((parameter) => ({ ...parameter, data: parameter.data.map(() => 0) }));
    const { loss, confusion } = await evaluate({ graph, parameters: zeros, dataset });
    expect(loss).toBeCloseTo(Math.log(3), 5);
    expect(confusion.every((row) => row[1] === 0 && row[2] === 0)).toBe(true);
  });
});

describe('predict', () => {
  it('agrees with evaluate, and probabilities sum to 1', async () => {
    const { probabilities, labels } = await predict({ graph, parameters, features });
    const { correct } = await evaluate({ graph, parameters, dataset });
    expect(labels.filter((label, i) => label === dataset.labels[i]).length).toBe(correct);
    for (let i = 0; i < 203; i++) {
      expect(probabilities[3 * i] + probabilities[3 * i + 1] + probabilities[3 * i + 2]).toBeCloseTo(1, 5);
    }
  });

  it('refuses a fraction of an example', async () => {
    await expect(predict({ graph, parameters, features: features.subarray(1) })).rejects.toMatchObject({
      code: 'train.dataset',
    });
  });
});
