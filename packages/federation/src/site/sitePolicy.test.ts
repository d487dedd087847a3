import { addressOf, utf8 } from '@nonet/core';
import { parseJob, requireGraphJob, type TrainJob } from '@nonet/core/records';
import { planPrivacy } from '@nonet/privacy/dp';
import { expect, test } from 'vitest';
import { createMasked, createSimulation, key } from '../../test/simulation.ts';
import type { PrivacyLimit } from './privacyBudget.ts';
import { assertDelivered, assertPolicy, type SitePolicy } from './sitePolicy.ts';

const { job: plain } = await createSimulation();
const job = requireGraphJob(
  parseJob({
    ...plain,
    escrow: '0',
    bond: '0',
    data: {
      ...plain.data,
      table: {
        target: 'label',
        columns: [
          { kind: 'number', name: 'age', mean: 50, deviation: 10 },
          { kind: 'category', name: 'sex', values: ['f', 'm'] },
        ],
        missing: 'refuse',
      },
    },
    guarantees: [{ mechanism: 'federation.average', parameters: { weighting: 'examples' } }],
  }),
);

test('a policy that allows everything of the job lets it pass; so does none', () => {
  assertPolicy(job, {});
  assertPolicy(job, {
    creators: [key('creator').account],
    maximumRounds: 3,
    minParticipants: 2,
    graphs: [job.model.graph],
    labels: ['a', 'b'],
    columns: ['sex', 'age', 'height'],
    guarantees: ['federation.average'],
  });
});

const promised = planPrivacy(
  {
    unit: 'record',
    form: 'distributed',
    epsilon: 4,
    delta: 1e-5,
    clippingNorm: 1,
    releases: 3,
    samplingRate: 1,
    maximumBatch: 64,
    maximumRecords: 64,
    expectedBatch: 1000,
    honest: 2,
  },
  { dimension: 10, minParticipants: 2, maxParticipants: 4, rounds: 3 },
).parameters;
const privateJob = { ...job, guarantees: [{ mechanism: 'privacy.dp', parameters: promised }] };

test('a job whose promise is as strong as the budget passes', () => {
  assertPolicy(privateJob, { privacy: { unit: 'record', epsilon: 4, delta: 1e-5 } });
});

test.each<[string, PrivacyLimit]>([
  ['more epsilon than the budget', { unit: 'record', epsilon: 3.9, delta: 1e-5 }],
  ['another delta', { unit: 'record', epsilon: 4, delta: 1e-6 }],
  ['records where participants are to be protected', { unit: 'participant', epsilon: 4, delta: 1e-5 }],
])('a job is refused that promises %s', (_, privacy) => {
  expect(() => assertPolicy(privateJob, { privacy })).toThrow(
    expect.objectContaining({ code: 'policy.refused', found: 'each record, epsilon 4 at delta 0.00001' }),
  );
  expect(() => assertPolicy(job, { privacy })).toThrow(
    expect.objectContaining({ code: 'policy.refused', found: 'no differential privacy' }),
  );
});

test('a job is refused that counts on the noise of a larger part of its smallest cohort', () => {
  const counts = (honestPart: number) => () => assertPolicy(privateJob, { honestPart });
  expect(privateJob.minParticipants).toBe(2);
  for (const part of [0.5, 0.99]) {
    expect(counts(part)).toThrow(expect.objectContaining({ code: 'policy.refused', found: '2' }));
  }
  expect(counts(1)).not.toThrow();
  // Of the noise of others nothing is counted on, or nothing is promised.
  assertPolicy(job, { honestPart: 0.5 });
  const { honest: _, ...silo } = promised;
  const own = { ...silo, form: 'silo', sigma: 1, stepsPerRound: 1 };
  const { shareSigma: __, expectedBatch: ___, ...parameters } = own;
  assertPolicy({ ...job, guarantees: [{ mechanism: 'privacy.dp', parameters }] }, { honestPart: 0.5 });
});

test.each<[string, SitePolicy, string]>([
  ['creator', { creators: [key('another').account] }, key('creator').account],
  ['rounds', { maximumRounds: 2 }, '3'],
  ['cohort', { minParticipants: 3 }, '2'],
  ['graph', { graphs: [addressOf(utf8('another'))] }, job.model.graph],
  ['labels in another order', { labels: ['b', 'a'] }, 'a, b'],
  ['column', { columns: ['age'] }, 'sex'],
  ['column of the label', { columns: ['age', 'sex'] }, 'label'],
  ['guarantee', { guarantees: ['secure.aggregation'] }, 'federation.average'],
])('refuses by its %s', (_, policy, found) => {
  expect(() => assertPolicy(job, policy)).toThrow(expect.objectContaining({ code: 'policy.refused', found }));
});

test('a job that says it masks updates, or adds noise, and does not, is refused by every site', async () => {
  const { job: masked } = await createMasked(3);
  const says = (threshold: number, job: TrainJob) => () =>
    assertDelivered({ ...job, guarantees: [{ mechanism: 'privacy.masking', parameters: { threshold } }] });
  expect(says(50, masked)).not.toThrow();
  const noise = () => assertDelivered(privateJob);
  // Of statistics, which nothing that trains keeps.
  const counting = () =>
    assertDelivered({ ...job, guarantees: [{ mechanism: 'privacy.statistics', parameters: {} }] });
  for (const promise of [says(66, job), says(99, masked), noise, counting]) {
    expect(promise).toThrow(expect.objectContaining({ code: 'job.guarantee' }));
  }
});
