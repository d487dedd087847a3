/** From what a job file promises about privacy to a record that keeps it, and to trainers. */
import { createPrivateKey } from '@nonet/core/identity';
import type { TrainJob } from '@nonet/core/records';
import {
  assertDelivered,
  createMemoryStore,
  createSiteTrainer,
  decodeModel,
  type PrivateTrainer,
  readModel,
  type Trainer,
} from '@nonet/federation';
import type { DistributedPrivacy } from '@nonet/privacy/dp';
import { type Dataset, mlp, orientedGradients } from '@nonet/tensor';
import { describe, expect, test } from 'vitest';
import type { JobDraft, PrivacyPromise } from '../files/jobFile.ts';
import { formOf, planPromise } from './planPromise.ts';
import { prepareJob } from './prepare.ts';

const code = (code: string) => expect.objectContaining({ code });
const digits: JobDraft = {
  name: 'test',
  model: orientedGradients({ features: [28, 28], range: 255, cell: 4, classes: 10 }),
  data: { shape: [28, 28], labels: [...'0123456789'] },
  training: { learningRate: 10, momentum: 0.6 },
  rounds: 15,
};
const small: JobDraft = {
  ...digits,
  model: mlp({ features: [2], hidden: [], classes: 2 }),
  data: { shape: [2], labels: ['a', 'b'] },
  rounds: 2,
};
const record = { unit: 'record', epsilon: 8, delta: 1e-5, samplingRate: 0.5, records: 200 } as const;
const silo = { ...record, form: 'silo', stepsPerRound: 2 } as const;
const participant = { unit: 'participant', epsilon: 8, delta: 1e-5 } as const;
const masked = (dp: PrivacyPromise) => ({ aggregation: 'pairwise', dp }) as const;
const plan = (draft: JobDraft, dp: PrivacyPromise, minParticipants = 4, sites = 5) =>
  planPromise({ ...draft, privacy: masked(dp) }, { minParticipants, sites })!;

describe('a plan', () => {
  test('is that of the recipe for digits: noise, batches and releases follow from the promise', () => {
    const dp = { ...record, honest: 8, samplingRate: 0.3, records: 3000, releases: 15 };
    const { parameters } = plan(digits, dp, 16, 20);
    expect(parameters).toMatchObject({
      ...{ unit: 'record', form: 'distributed', epsilon: 8, delta: 1e-5, clippingNorm: 1, releases: 15 },
      ...{ samplingRate: 0.3, maximumBatch: 1088, maximumRecords: 3000, expectedBatch: 18_000, honest: 8 },
      scale: 4096,
    });
    // As bench/privateDigits.ts found it.
    expect((parameters as DistributedPrivacy).shareSigma).toBeCloseTo(1615.69, 1);
  });

  test('assumes that half of the smallest cohort is honest, and leaves room for lost rounds', () => {
    expect(plan(small, record, 5).parameters).toMatchObject({ honest: 2, releases: 3 });
    expect(plan({ ...small, rounds: 21 }, { ...record, records: 2000 }).parameters).toMatchObject({
      releases: 24,
    });
  });

  test('is none without a promise', () => {
    expect(planPromise(small, { minParticipants: 4, sites: 5 })).toBeUndefined();
  });

  test('is refused where shares of noise would be readable one by one', () => {
    const draft = { ...small, privacy: { aggregation: 'plain', dp: record } } as const;
    expect(() => planPromise(draft, { minParticipants: 4, sites: 5 })).toThrow(code('job.privacy'));
    const alone = { ...draft, privacy: { aggregation: 'plain', dp: silo } } as const;
    expect(planPromise(alone, { minParticipants: 4, sites: 5 })!.parameters.form).toBe('silo');
  });

  test('of records is refused without their number, or how they are drawn', () => {
    const { records: _, ...unnumbered } = record;
    const { samplingRate: __, ...undrawn } = record;
    for (const dp of [unnumbered, undrawn]) expect(() => plan(small, dp)).toThrow(code('job.privacy'));
  });

  test('of twenty participants is refused with the cohort that it takes', () => {
    let refused: unknown;
    try {
      plan(digits, participant, 16, 20);
    } catch (error) {
      refused = error;
    }
    expect(refused).toMatchObject({ code: 'dp.cohort', needed: expect.any(Number) });
    const { needed } = refused as { needed: number };
    expect(needed).toBeGreaterThan(20);
    expect((refused as Error).message).toContain(`at least ${needed} participants in a sum`);
    const { parameters } = plan(digits, { ...participant, honest: needed }, 2 * needed, 2 * needed);
    expect(parameters).toMatchObject({ unit: 'participant', form: 'distributed' });
  });
});

test('who adds the noise follows from unit and form', () => {
  expect([record, silo, participant].map(formOf)).toEqual(['distributed', 'silo', 'participant']);
});

describe('a job record', () => {
  const dataset: Dataset = {
    features: Float32Array.from({ length: 200 }, (_, i) => Math.sin(i)),
    shape: [2],
    labels: Int32Array.from({ length: 100 }, (_, i) => i % 2),
    vocabulary: ['a', 'b'],
  };
  const store = createMemoryStore();
  const prepare = (draft: JobDraft, sites = 5): Promise<TrainJob> => {
    const [creator, watcher] = [createPrivateKey(), createPrivateKey()];
    const keys = { creator, watcher, aggregators: [createPrivateKey(), createPrivateKey()] };
    return prepareJob(draft, { keys, ports: { aggregators: [1, 2], watcher: 3 }, sites, now: 0 }, store);
  };
  async function train(job: TrainJob) {
    const trainer: Trainer | PrivateTrainer = await createSiteTrainer({ job, store, dataset });
    const { bytes: model } = await store.get(job.model.parameters);
    const request = {
      ...{ model, step: 0, participant: 0, seed: job.seed },
      signal: new AbortController().signal,
    };
    if ('train' in trainer) return { trained: (await trainer.train(request)).model };
    return { entries: (await trainer.contribute(request)).entries };
  }

  test('of records has velocities in its model, and a step that divides by the expected batch', async () => {
    const job = await prepare({ ...small, minParticipants: 4, privacy: masked(record) });
    assertDelivered(job);
    const { parameters } = plan(small, record);
    const { scale, expectedBatch } = parameters as DistributedPrivacy;
    expect(job.training).toEqual({ kind: 'clippedGradient' });
    expect(job.arithmetic).toMatchObject({
      ...{ kind: 'maskedSum', entries: 12, summed: 6 },
      step: { kind: 'momentum', rate: 10 / (scale * expectedBatch), momentum: 0.6 },
    });
    const model = decodeModel((await store.get(job.model.parameters)).bytes, job.arithmetic);
    expect(model.tensors.filter(({ name }) => name.startsWith('~velocity ')).length).toBe(2);
    const { entries } = await train(job);
    expect(entries).toHaveLength(6);
    // A sum of some fifty clipped gradients, in steps, and noise.
    expect(entries!.some((entry) => entry !== 0)).toBe(true);
  });

  test.each(['plain', 'pairwise'] as const)(
    'in silo form averages what each trained with all of its noise: %s',
    async (aggregation) => {
      const job = await prepare({ ...small, privacy: { aggregation, dp: silo } });
      assertDelivered(job);
      expect(job.training).toEqual({ kind: 'clippedSteps', learningRate: 10, momentum: 0.6 });
      expect(job.arithmetic).toMatchObject({
        kind: aggregation === 'plain' ? 'fixedPoint' : 'masked',
        entries: 6,
      });
      const { trained } = await train(job);
      expect(readModel(trained!, job.arithmetic).flat.some((value) => value !== 0)).toBe(true);
    },
  );

  test('of participants has uniform weights, and integers of the step that noise is in', async () => {
    const training = { epochs: 1, batch: 4, learningRate: 0.1, momentum: 0 };
    const honest = 50;
    const job = await prepare(
      { ...small, training, minParticipants: 100, privacy: masked({ ...participant, honest }) },
      100,
    );
    assertDelivered(job);
    expect(job.training.kind).toBe('graph');
    expect(job.arithmetic).toMatchObject({ kind: 'masked', weighting: 'uniform', entries: 6 });
    expect((await train(job)).entries).toHaveLength(6);
  });
});
