import { createRandomStream, NonetError } from '@nonet/core';
import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { Dataset } from '../datasets/dataset.ts';
import { flattenParameters, initialParameters } from '../files/parameters.ts';
import { defineGraph } from '../graph/defineGraph.ts';
import { relu } from '../graph/operations/elementwise.ts';
import { dense } from '../graph/operations/linear.ts';
import { crossEntropy } from '../graph/operations/losses.ts';
import { defineModel } from '../models/defineModel.ts';
import { bind } from '../transform/bind.ts';
import { sgdMomentum } from '../transform/optimisers.ts';
import { deriveClassifierStep } from '../transform/trainingStep.ts';
import { createTwinProgram } from '../twins/twinProgram.ts';
import { evaluate } from './evaluate.ts';
import { orderOfExamples } from './feed.ts';
import { minimise } from './minimise.ts';
import { predict } from './predict.ts';
import { train } from './train.ts';
import { decodeTrainingState, encodeTrainingState } from './trainingState.ts';

const random = createRandomStream([1, 2]);
const features = Float32Array.from({ length: 50 * 4 }, () => random.uniform());
const vocabulary = ['low', 'high'] as const;
/** Two classes by the sum of two of four features. */
const dataset: Dataset = {
  features,
  shape: [4],
  labels: Int32Array.from({ length: 50 }, (_, i) => Number(features[4 * i] + features[4 * i + 1] > 1)),
  vocabulary,
};
const model = defineModel({ shape: [4], labels: vocabulary }, (g, x) => dense(g, relu(g, dense(g, x, 8)), 2));
const options = {
  optimiser: sgdMomentum,
  rates: { learningRate: 0.1, momentum: 0.9 },
  epochs: 4,
  batch: 16,
  seed: '0x2a',
} as const;
const perEpoch = 4;

describe('train', () => {
  it('learns, and its result is what evaluate and predict take', async () => {
    const trained = await train(model, dataset, { ...options, epochs: 40 });
    expect((await evaluate({ ...trained, dataset })).accuracy).toBeGreaterThan(0.9);
    const { labels } = await predict({ ...trained, features });
    expect(labels).toHaveLength(50);
    expectTypeOf(trained.labels).toEqualTypeOf<readonly ('low' | 'high')[]>();
    expect(trained.step).toBe(40 * perEpoch);
  });

  it('is, bit for bit, the steps of the twin in the order that the seed fixes', async () => {
    const twin = createTwinProgram(bind(deriveClassifierStep(model.graph), { B: 16 }));
    twin.setParameters(initialParameters(model.graph, options.seed));
    for (let step = 0; step < 2 * perEpoch; step++) {
      const order = orderOfExamples(50, options.seed, Math.floor(step / perEpoch));
      const start = 16 * (step % perEpoch);
      twin.run({ ...examplesAt(order.subarray(start, start + 16)), ...options.rates });
    }
    const trained = await train(model, dataset, { ...options, epochs: 2 });
    expect(flattenParameters(trained.parameters)).toEqual(flattenParameters(twin.parameters()));
  });

  it('takes every example once in each epoch, each epoch in another order', () => {
    const orders = [0, 1, 2, 3].map((epoch) => orderOfExamples(50, '0x2a', epoch));
    for (const order of orders)
      expect(order.toSorted()).toEqual(Uint32Array.from({ length: 50 }, (_, i) => i));
    expect(new Set([...orders, orderOfExamples(50, '0x2b', 0)].map((order) => order.join())).size).toBe(5);
    expect(orderOfExamples(50, '0x2a', 2)).toEqual(orders[2]);
  });

  it('reports each step, and takes schedules', async () => {
    const steps: number[] = [];
    const asked: number[] = [];
    await train(model, dataset, {
      ...options,
      epochs: 2,
      rates: { learningRate: (step) => asked.push(step) / 100, momentum: 0 },
      onProgress: ({ step, steps: all, loss }) => {
        expect(all).toBe(2 * perEpoch);
        expect(loss).toBeGreaterThan(0);
        steps.push(step);
      },
    });
    expect(steps).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(asked).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('stopped, saved, read and resumed is as if it had not been stopped', async () => {
    const whole = encodeTrainingState(await train(model, dataset, options));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 * perEpoch - 1 }), async (stopAfter) => {
        const stop = new AbortController();
        const part = await train(model, dataset, {
          ...options,
          signal: stop.signal,
          onProgress: ({ step }) => step === stopAfter && stop.abort(),
        });
        expect(part.step).toBe(stopAfter);
        const from = decodeTrainingState(encodeTrainingState(part));
        expect(encodeTrainingState(await train(model, dataset, { ...options, from }))).toEqual(whole);
      }),
      { numRuns: 8 },
    );
  });

  it('goes on beyond what was planned at first', async () => {
    const from = await train(model, dataset, { ...options, epochs: 1 });
    const longer = await train(model, dataset, { ...options, from });
    expect(encodeTrainingState(longer)).toEqual(encodeTrainingState(await train(model, dataset, options)));
  });

  it('trains any graph with a loss, its inputs known by name', async () => {
    const graph = bind(lossGraph, { B: 16 }) as typeof lossGraph;
    const common = { graph, optimiser: sgdMomentum, rates: options.rates, from: '0x01', steps: 1 } as const;
    const inputs = () => examplesAt(orderOfExamples(50, '0x01', 0));
    expect((await minimise({ ...common, inputs })).step).toBe(1);
    const missing = () => {
      const { x, y } = inputs();
      return { x, y };
    };
    // @ts-expect-error: w is missing
    await expect(minimise({ ...common, inputs: missing })).rejects.toMatchObject({ code: 'program.input' });
  });
});

describe('train refuses', () => {
  it.each([
    [{ epochs: 0 }, 'train.argument'],
    [{ batch: 1.5 }, 'train.argument'],
    [{ rates: { learningRate: -1, momentum: 0 } }, 'train.argument'],
    [{ rates: { learningRate: () => Number.NaN, momentum: 0 } }, 'train.argument'],
    [{ rates: { learningRate: 1e30, momentum: 0.9 } }, 'train.notFinite'],
    [{ from: { parameters: [], states: [], step: 0 } }, 'parameters.mismatch'],
    [{ from: { parameters: initialParameters(model.graph, '0x01'), states: [], step: 0 } }, 'program.states'],
    [
      { from: { parameters: initialParameters(model.graph, '0x01'), states: [], step: -1 } },
      'train.argument',
    ],
  ])('%j', async (change, code) => {
    await expect(train(model, dataset, { ...options, ...change })).rejects.toMatchObject({ code });
  });

  it('rates that the optimiser does not have, or not all that it has', async () => {
    for (const rates of [{ learningRate: 1 }, { learningRate: 1, momentum: 1, beta: 1 }] as unknown as {
      learningRate: number;
      momentum: number;
    }[]) {
      await expect(train(model, dataset, { ...options, rates })).rejects.toMatchObject({
        code: 'train.argument',
        expected: expect.stringContaining('learningRate, momentum'),
      });
    }
    // @ts-expect-error: sgdMomentum has a momentum
    await expect(train(model, dataset, { ...options, rates: { learningRate: 1 } })).rejects.toThrow(
      NonetError,
    );
  });

  it('data of another model', async () => {
    const others: Dataset[] = [
      { ...dataset, shape: [2, 2] },
      { ...dataset, vocabulary: ['high', 'low'] },
      { ...dataset, features: features.slice().fill(Number.NaN, 3, 4) },
    ];
    for (const other of others) {
      await expect(train(model, other, options)).rejects.toMatchObject({
        code: expect.stringMatching(/^(train\.dataset|dataset\.malformed)$/),
      });
    }
  });
});

const lossGraph = defineGraph({ x: ['f32', 'B', 4], y: ['i32', 'B'], w: ['f32', 'B'] }, (g, { x, y, w }) => ({
  loss: crossEntropy(g, dense(g, relu(g, dense(g, x, 8)), 2), y, w),
}));

/** A batch of 16; rows without an example have weight 0. */
function examplesAt(indices: Uint32Array) {
  const rows = Array.from({ length: 16 }, (_, row) => indices[row]);
  return {
    x: Float32Array.from(
      rows.flatMap((i) => (i === undefined ? [0, 0, 0, 0] : [...features.subarray(4 * i, 4 * i + 4)])),
    ),
    y: Int32Array.from(rows, (i) => dataset.labels[i] ?? 0),
    w: Float32Array.from(rows, (i) => (i === undefined ? 0 : 1)),
  };
}
