import { addressOf, utf8 } from '@nonet/core';
import { parseJob, requireGraphJob, type TrainJob } from '@nonet/core/records';
import { expect, test } from 'vitest';
import { createMasked, createSimulation, key } from '../../test/simulation.ts';
import { assertPolicy, type SitePolicy } from './sitePolicy.ts';

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

test('a job that says it masks updates, and does not, is refused by every site', async () => {
  const { job: masked } = await createMasked(3);
  const says = (threshold: number, job: TrainJob) => () =>
    assertPolicy({ ...job, guarantees: [{ mechanism: 'privacy.masking', parameters: { threshold } }] }, {});
  expect(says(66, masked)).not.toThrow();
  for (const promise of [says(66, job), says(99, masked)]) {
    expect(promise).toThrow(expect.objectContaining({ code: 'job.guarantee' }));
  }
});
