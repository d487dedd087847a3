import { createRandomStream, sha256, toHex } from '@nonet/core';
import { describe, expect, it } from 'vitest';
import { dataset, graph, parameters } from '../../test/sums.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { flattenParameters, initialParameters } from '../files/parameters.ts';
import { dropout } from '../graph/operations/dropout.ts';
import { relu } from '../graph/operations/elementwise.ts';
import { dense } from '../graph/operations/linear.ts';
import { batchNorm } from '../graph/operations/normalisation.ts';
import { defineModel } from '../models/defineModel.ts';
import { evaluate } from './evaluate.ts';
import { createLocalTrainer, type LocalTrainingReturnType } from './localTrainer.ts';

const options = { parameters, dataset, epochs: 30, learningRate: 0.1, momentum: 0.9 };
const stream = () => createRandomStream([3, 4]);
const hashOf = ({ parameters: trained }: LocalTrainingReturnType) =>
  toHex(sha256(new Uint8Array(flattenParameters(trained).buffer)));

describe('a local trainer', () => {
  it('learns', async () => {
    const before = await evaluate({ graph, parameters, dataset });
    const trainer = await createLocalTrainer(graph, 32);
    const result = await trainer.train({ ...options, random: stream() });
    const after = await evaluate({ graph, parameters: result.parameters, dataset });
    expect(result.steps).toBe(30 * 7);
    expect(before.accuracy).toBeLessThan(0.7);
    expect(after.accuracy).toBeGreaterThan(0.95);
    expect(after.loss).toBeLessThan(0.2);
    expect(result.loss).toBeLessThan(0.3);
  });

  // Every job's rounds depend on these bits: they change only with `arithmetic`.
  it('gives the same bits as ever, from the same stream', async () => {
    const trainer = await createLocalTrainer(graph, 32);
    for (let round = 0; round < 2; round++) {
      const result = await trainer.train({ ...options, epochs: 3, random: stream() });
      expect(hashOf(result)).toBe('0xe74e9c5355423b9ca8a510abc458804726c33ff89acd4df2d4519034b62fa434');
      expect(result).toMatchObject({ loss: 0.2216027679995363, steps: 21 });
    }
  });

  it('draws dropout from the stream before the order of examples', async () => {
    const { graph: layered } = defineModel({ shape: [4], labels: dataset.vocabulary }, (g, x) =>
      dense(g, dropout(g, relu(g, batchNorm(g, dense(g, x, 8))), 0.5), 3),
    );
    const trainer = await createLocalTrainer(layered, 32);
    const started = initialParameters(layered, '0x07');
    const result = await trainer.train({ ...options, parameters: started, epochs: 3, random: stream() });
    expect(result.parameters.map(({ name }) => name)).toEqual(started.map(({ name }) => name));
    expect(hashOf(result)).toBe('0xa96f5809a5c759bed0b4fc14cad4d9078a24499e6524953811baa23099907122');
  });

  it('pads with weight 0: a batch larger than the dataset is one step over all of it', async () => {
    const one = async (batch: number) =>
      (await createLocalTrainer(graph, batch)).train({ ...options, epochs: 1, random: stream() });
    expect(await one(256)).toEqual(await one(203));
  });

  it('reads bytes as numbers', async () => {
    const scaled = Uint8Array.from(dataset.features, (value) => value * 255);
    const trainer = await createLocalTrainer(graph, 32);
    const run = (features: Dataset['features']) =>
      trainer.train({
        ...options,
        dataset: { ...dataset, features },
        epochs: 1,
        learningRate: 0.001,
        random: stream(),
      });
    expect(await run(Float32Array.from(scaled))).toEqual(await run(scaled));
  });

  it('stops at a loss that is not a number', async () => {
    const trainer = await createLocalTrainer(graph, 32);
    await expect(trainer.train({ ...options, learningRate: 1e30, random: stream() })).rejects.toMatchObject({
      code: 'train.notFinite',
    });
  });

  it.each([{ epochs: 0 }, { learningRate: -1 }, { momentum: Number.NaN }])('refuses %j', async (change) => {
    const trainer = await createLocalTrainer(graph, 32);
    await expect(trainer.train({ ...options, ...change, random: stream() })).rejects.toMatchObject({
      code: 'train.argument',
    });
  });

  it.each([0, 1.5])('refuses batches of %s examples', async (batch) => {
    await expect(createLocalTrainer(graph, batch)).rejects.toMatchObject({ code: 'train.argument' });
  });

  it('refuses a dataset or parameters of another model', async () => {
    const trainer = await createLocalTrainer(graph, 32);
    const wider = { ...dataset, shape: [2, 2] };
    const twoClasses = { ...dataset, labels: new Int32Array(203), vocabulary: ['a', 'b'] };
    for (const other of [wider, twoClasses]) {
      await expect(trainer.train({ ...options, dataset: other, random: stream() })).rejects.toMatchObject({
        code: 'train.dataset',
      });
    }
    await expect(
      trainer.train({ ...options, parameters: parameters.slice(1), random: stream() }),
    ).rejects.toMatchObject({ code: 'parameters.mismatch' });
  });
});
