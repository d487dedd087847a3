import { type Address, addressOf, toHex, utf8 } from '@nonet/core';
import type { BlobStore } from '@nonet/core/ports';
import { requireGraphJob } from '@nonet/core/records';
import { sampleJob } from '@nonet/core/testing/run';
import {
  bind,
  createBuilder,
  deriveClassifierStep,
  encodeGraph,
  encodeParameters,
  type Graph,
  initialParameters,
  mlp,
  usualBudget,
} from '@nonet/tensor';
import { expect, test } from 'vitest';
import { createMemoryStore } from '../stores/memoryStore.ts';
import { splitHeldOut } from '../update/heldOut.ts';
import { fetchGraph } from '../verify/graphEvaluator.ts';
import { createGraphTrainer } from './graphTrainer.ts';

const code = (code: string) => expect.objectContaining({ code });
const plain = requireGraphJob(sampleJob);
const graph = mlp({ features: [3], hidden: [], classes: 2 });
const dataset = {
  features: Float32Array.of(1, 2, 3),
  shape: [3],
  labels: Int32Array.of(1),
  vocabulary: ['low', 'high'],
};

async function createJob(graph: Graph, step = deriveClassifierStep(graph)) {
  const store = createMemoryStore();
  const parameters = encodeParameters(initialParameters(graph, toHex(new Uint8Array(32))));
  const blobs = [encodeGraph(graph), encodeGraph(bind(step, { B: 4 })), parameters];
  for (const bytes of blobs) await store.put(bytes);
  const [graphAddress, stepAddress, initial] = blobs.map(addressOf) as [Address, Address, Address];
  const job = {
    ...plain,
    model: { kind: 'graph' as const, graph: graphAddress, step: stepAddress, parameters: initial },
    data: { shape: [3], labels: ['low', 'high'] },
    training: { ...plain.training, batch: 4 },
  };
  return { store, job, parameters };
}

test('trains the step that the job names, on data as the job describes them', async () => {
  const { store, job, parameters } = await createJob(graph);
  const trainer = await createGraphTrainer({ job, store, dataset });
  const request = { model: parameters, step: 0, participant: 0, seed: job.seed };
  const result = await trainer.train({ ...request, signal: new AbortController().signal });
  expect(result).toMatchObject({ examples: 1 });
});

test('refuses a job whose step is not derived from its graph, and data of another kind', async () => {
  const other = await createJob(graph, deriveClassifierStep(mlp({ features: [3], hidden: [2], classes: 2 })));
  await expect(createGraphTrainer({ ...other, dataset })).rejects.toThrow(code('job.step'));
  const { store, job } = await createJob(graph);
  const batch = { ...job, training: { ...job.training, batch: 8 } };
  await expect(createGraphTrainer({ job: batch, store, dataset })).rejects.toThrow(code('job.step'));
  const renamed = { ...dataset, vocabulary: ['high', 'low'] };
  await expect(createGraphTrainer({ job, store, dataset: renamed })).rejects.toThrow(code('dataset.labels'));
  const reshaped = { ...dataset, shape: [1, 3] };
  await expect(createGraphTrainer({ job, store, dataset: reshaped })).rejects.toThrow(code('dataset.shape'));
});

test('fetches a graph with constants of 20 MiB, and together no more than a budget holds', async () => {
  const g = createBuilder();
  const size = 2 ** 20;
  const constants = [1, 2, 3, 4, 5].map((value) => new Float32Array(size).fill(value));
  for (const [i, values] of constants.entries()) g.output(`o${i}`, g.constant(values, [size]));
  const whole = g.finish();
  const store = createMemoryStore();
  const bytes = encodeGraph(whole);
  const { address } = await store.put(bytes);
  for (const values of constants) await store.put(new Uint8Array(values.buffer));
  const job = { ...plain, model: { ...plain.model, graph: address, step: addressOf(utf8('none')) } };
  const allowed: (number | undefined)[] = [];
  const watched: BlobStore = {
    ...store,
    get(blob, options) {
      allowed.push(options?.maximumBytes);
      return store.get(blob, options);
    },
  };
  expect(encodeGraph(await fetchGraph(job, watched))).toEqual(bytes);
  const rest = usualBudget.bytes - bytes.length;
  expect(allowed).toEqual([usualBudget.bytes, ...constants.map((_, i) => rest - 4 * size * i)]);
});

test('an opaque model has no graph to fetch', async () => {
  const { store, job } = await createJob(graph);
  const { parameters } = job.model;
  const opaque = { ...job, model: { kind: 'opaque' as const, specification: parameters, parameters } };
  await expect(fetchGraph(opaque, store)).rejects.toThrow(code('job.model'));
});

test('evaluates on what it holds out, and never trains on that', async () => {
  const { store, job: whole, parameters } = await createJob(graph);
  const { entries, headerLeaves } = whole.arithmetic;
  const terms = { fraction: 0.5, mostExamples: 10 };
  const job = {
    ...whole,
    arithmetic: {
      ...{ kind: 'masked' as const, entries, headerLeaves, clamp: 8, scaleBits: 10, threshold: 50 },
      ...{ weighting: 'uniform' as const, weightUnit: 1, mostWeight: 1, heldOut: terms },
    },
  };
  const { training, heldOut } = splitHeldOut(terms, job.seed, 8);
  const train = async (changed?: number) => {
    const features = Float32Array.from({ length: 24 }, (_, i) => (i % 5) - 2);
    if (changed !== undefined) features.fill(9, 3 * changed, 3 * changed + 3);
    const labels = Int32Array.from({ length: 8 }, (_, i) => i % 2);
    const trainer = await createGraphTrainer({ job, store, dataset: { ...dataset, features, labels } });
    const request = { model: parameters, step: 0, participant: 0, seed: job.seed };
    return trainer.train({ ...request, signal: new AbortController().signal });
  };
  const before = await train();
  expect(before).toMatchObject({ examples: 4, heldOut: { examples: 4 } });
  const otherHeldOut = await train(heldOut[0]!);
  expect(otherHeldOut.model).toEqual(before.model);
  expect(otherHeldOut.heldOut).not.toEqual(before.heldOut);
  const otherTraining = await train(training[0]!);
  expect(otherTraining.model).not.toEqual(before.model);
  expect(otherTraining.heldOut).toEqual(before.heldOut);
});
