/** What proving a prediction leaves, where it can be done and where it cannot. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addressOf } from '@nonet/core';
import { idOfJob, requireTrainJob } from '@nonet/core/records';
import { sampleAddress, sampleEvidence, sampleJob, sampleRunner } from '@nonet/core/testing/run';
import { createFileStore, createMemoryLedger, encodeModel, modelOfParameters } from '@nonet/federation';
import {
  createBuilder,
  dense,
  encodeGraph,
  type Graph,
  initialParameters,
  mlp,
  softmax,
} from '@nonet/tensor';
import { encodeDataset } from '@nonet/tensor/datasets';
import { afterAll, expect, test } from 'vitest';
import type { Outcome } from './coordinator.ts';
import { proveFinalModel } from './proveFinal.ts';

const folder = mkdtempSync(join(tmpdir(), 'nonet-final-'));
afterAll(() => rmSync(folder, { recursive: true }));
const blobs = createFileStore(folder);
const { labels } = sampleJob.data;
const record = sampleAddress('record');
const { origin, date } = sampleEvidence[0]!;

/** A job that ended with some parameters of this graph. */
async function outcomeOf(graph: Graph, more: Partial<Outcome> = {}): Promise<Outcome> {
  const parameters = initialParameters(graph, record);
  const { address } = await blobs.put(encodeModel(modelOfParameters(graph, parameters)));
  const features = Float32Array.from({ length: 60 }, (_, i) => Math.sin(i));
  const classes = Int32Array.from({ length: 20 }, (_, i) => i % labels.length);
  const testSet = await blobs.put(
    encodeDataset({ features, shape: [3], labels: classes, vocabulary: labels }),
  );
  const job = {
    ...sampleJob,
    model: { ...sampleJob.model, graph: (await blobs.put(encodeGraph(graph))).address },
    testSet: testSet.address,
  };
  const ledger = createMemoryLedger();
  const state = { rounds: [{ phase: 'final', posted: { model: address } }], terms: {} };
  return { job, state, ledger, creator: sampleRunner, proves: true, ...more } as unknown as Outcome;
}

const provable = mlp({ features: [3], hidden: [4], classes: labels.length });

test('a prediction is proven, the model is registered, and the blobs are in the store', async () => {
  const outcome = await outcomeOf(provable);
  const { evidence, artefacts, proof, refusal } = (await proveFinalModel(outcome, blobs, record, {
    origin,
    date,
  }))!;
  expect(refusal).toBeUndefined();
  expect(evidence.map(({ kind }) => kind)).toEqual(['proof', 'measurement', 'observation', 'measurement']);
  expect(evidence.map(({ mechanism }) => mechanism)).toEqual(Array(4).fill('proof.inference'));
  const [file] = artefacts as [Uint8Array];
  expect(await blobs.has(addressOf(file))).toBe(true);
  expect(proof).toMatchObject({ bytes: file.length });
  const [registered] = await outcome.ledger.models.find(proof!.modelId, sampleRunner.account);
  expect(await blobs.has(registered!.registration)).toBe(true);
  const context = `nonet job ${idOfJob(outcome.job)}`;
  expect(Buffer.from(file).includes(context)).toBe(true);
});

test('a model that cannot be proven is no failure: the run says why', async () => {
  const g = createBuilder();
  const x = g.input('x', 'f32', ['B', 3]);
  g.output('logits', dense(g, softmax(g, dense(g, x, 4)), labels.length));
  const outcome = await outcomeOf(g.finish());
  const found = (await proveFinalModel(outcome, blobs, record, { origin, date }))!;
  expect(found).toMatchObject({ artefacts: [], refusal: { code: 'quantise.unsupported' } });
  expect(found.proof).toBeUndefined();
  expect(found.evidence).toMatchObject([
    {
      kind: 'observation',
      cells: [],
      sentence: expect.stringMatching(/^No prediction .*quantise\.unsupported/),
    },
  ]);
});

test('nothing is proven where the job asks for none, has no test set, or came to no model', async () => {
  const outcome = await outcomeOf(provable);
  const none = async (changes: Partial<Outcome>) =>
    expect(
      await proveFinalModel({ ...outcome, ...changes }, blobs, record, { origin, date }),
    ).toBeUndefined();
  await none({ proves: false });
  const { testSet: _, ...without } = requireTrainJob(outcome.job);
  await none({ job: without });
  await none({ state: { rounds: [], terms: { model: outcome.job.model.parameters } } as never });
});
