import type { Dataset } from '@nonet/tensor';
import { mlp } from '@nonet/tensor';
import { describe, expect, test } from 'vitest';
import type { Absence, JobDraft, JobFile } from '../files/jobFile.ts';
import { addressOfDraft, assertJobFile, stretchPhases } from './prepare.ts';

const data: Dataset = {
  features: Float32Array.from([0, 1, 2, 3]),
  shape: [2],
  labels: Int32Array.from([0, 1]),
  vocabulary: ['a', 'b'],
};
const draft: JobDraft = {
  name: 'test',
  model: mlp({ features: [2], hidden: [3], classes: 2 }),
  data: { shape: [2], labels: ['a', 'b'] },
  training: { epochs: 1, batch: 2, learningRate: 0.1, momentum: 0 },
  rounds: 2,
};
const file = (more: Partial<JobDraft> = {}, absences: readonly Absence[] = []): JobFile => ({
  job: { ...draft, ...more },
  rehearsal: { sites: [data, data], absences },
});
const refusal = (code: string, text: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(text) as string });

describe('a job file', () => {
  test('that is right passes', async () => {
    await assertJobFile(file({ testSet: data }, [{ participant: 1, drops: 0, returns: 1 }]));
  });

  test.each<[string, Partial<JobDraft>, string]>([
    ['no rounds', { rounds: 0 }, 'field rounds'],
    ['half a round', { rounds: 1.5 }, 'field rounds'],
    ['no name', { name: '' }, 'field name'],
    [
      'a learning rate of nothing',
      { training: { ...draft.training, learningRate: 0 } },
      'training.learningRate',
    ],
    ['a negative duration', { phases: { collecting: -1 } }, 'phases.collecting'],
    ['a phase that does not exist', { phases: { resting: 1 } as never }, 'phases'],
    ['a negative escrow', { escrow: -1n }, 'escrow'],
    ['a seed that is none', { seed: '0x12' }, 'seed'],
  ])('with %s is refused, naming the field', async (_, more, field) => {
    await expect(assertJobFile(file(more))).rejects.toThrow(refusal('job.malformed', field));
  });

  const { training } = draft;
  const rehearsal = { sites: [data, data] };
  test.each<[string, object, string, string]>([
    ['job', { job: { ...draft, round: 2 } }, 'round', 'rounds'],
    ['job', { job: { ...draft, modell: () => 0 } }, 'modell', 'model'],
    [
      'job.training',
      { job: { ...draft, training: { ...training, learnRate: 1 } } },
      'learnRate',
      'learningRate',
    ],
    ['job.phases', { job: { ...draft, phases: { colecting: 1 } } }, 'colecting', 'collecting'],
    ['job.testSet', { job: { ...draft, testSet: { ...data, label: 1 } } }, 'label', 'labels'],
    ['the job file', { rehersal: rehearsal }, 'rehersal', 'rehearsal'],
    ['rehearsal', { rehearsal: { ...rehearsal, site: [] } }, 'site', 'sites'],
    ['rehearsal.sites[1]', { rehearsal: { sites: [data, { sitefile: 'x' }] } }, 'sitefile', 'siteFile'],
    [
      'rehearsal.absences[0]',
      { rehearsal: { ...rehearsal, absences: [{ participant: 0, drop: 1 }] } },
      'drop',
      'drops',
    ],
  ])(
    'with a field that %s does not have is refused, naming the nearest',
    async (place, change, found, nearest) => {
      const changed = { job: draft, rehearsal, ...change } as JobFile;
      await expect(assertJobFile(changed)).rejects.toThrow(
        expect.objectContaining({
          code: 'job.malformed',
          expected: expect.stringContaining(`in ${place} the fields`),
          found,
          hint: `Was ${nearest} meant?`,
        }),
      );
    },
  );

  test('without sites, or with data of another kind, is refused', async () => {
    await expect(assertJobFile({ job: draft })).rejects.toThrow(refusal('job.sites', 'rehearsal.sites'));
    await expect(assertJobFile(file({ minParticipants: 3 }))).rejects.toThrow(
      refusal('job.sites', 'minParticipants'),
    );
    const other = { ...data, vocabulary: ['a', 'c'] };
    await expect(assertJobFile({ job: draft, rehearsal: { sites: [data, other] } })).rejects.toThrow(
      refusal('site.data', 'rehearsal.sites[1]'),
    );
    const flat = { ...data, shape: [1, 2] };
    await expect(assertJobFile(file({ testSet: flat }))).rejects.toThrow(refusal('site.data', 'job.testSet'));
  });

  describe('with evaluation on held-out examples', () => {
    const evaluation = { heldOut: 0.2 };
    const three = (more: Partial<JobDraft>): JobFile => ({
      job: { ...draft, evaluation, ...more },
      rehearsal: { sites: [data, data, data] },
    });
    const pairwise = { aggregation: 'pairwise' } as const;
    const dp = { unit: 'record', epsilon: 8, delta: 1e-5, samplingRate: 0.5, records: 200 } as const;

    test('and masks passes', async () => {
      await assertJobFile(three({ privacy: pairwise }));
    });

    test.each<[string, Partial<JobDraft>, string]>([
      ['no masks', {}, 'aggregation: plain'],
      ['noise', { privacy: { ...pairwise, dp: { ...dp, form: 'silo' } } }, 'privacy.dp'],
    ])('and %s is refused: what one site counts could be read, or has none', async (_, more, found) => {
      await expect(assertJobFile(three(more))).rejects.toThrow(refusal('job.evaluation', found));
    });

    test('of more than half is refused', async () => {
      const more = { privacy: pairwise, evaluation: { heldOut: 0.6 } };
      await expect(assertJobFile(three(more))).rejects.toThrow(
        refusal('job.malformed', 'arithmetic.heldOut.fraction'),
      );
    });

    test('names a field that it does not have', async () => {
      const more = { privacy: pairwise, evaluation: { heldOut: 0.2, rows: 3 } as typeof evaluation };
      await expect(assertJobFile(three(more))).rejects.toThrow(refusal('job.malformed', 'job.evaluation'));
    });
  });

  test.each<[Absence, string]>([
    [{ participant: 2, drops: 0 }, 'participant to be 0 to 1'],
    [{ participant: 0, drops: -1 }, 'numbers of rounds'],
    [{ participant: 0, drops: 1, returns: 1 }, 'later round'],
  ])('with the absence %j is refused', async (absence, text) => {
    await expect(assertJobFile(file({}, [absence]))).rejects.toThrow(refusal('job.absences', text));
  });
});

test('the address of a draft finds an unfinished run again: it changes with whatever the run depends on', () => {
  const address = addressOfDraft(file());
  expect(addressOfDraft(file())).toBe(address);
  const other = { ...data, labels: Int32Array.from([1, 1]) };
  const others = [
    file({ rounds: 3 }),
    file({ testSet: data }),
    file({ model: mlp({ features: [2], hidden: [4], classes: 2 }) }),
    file({}, [{ participant: 0, drops: 1 }]),
    { job: draft, rehearsal: { sites: [data, other] } },
  ].map(addressOfDraft);
  expect(new Set([address, ...others]).size).toBe(6);
});

test('no phase is shorter than what a ledger needs for some moves', () => {
  expect(stretchPhases({}, 0)).toMatchObject({
    phases: { collecting: 60, closing: 10, objecting: 5 },
    grace: 5,
  });
  const { phases, grace } = stretchPhases({ phases: { closing: 2, appealing: 0, stepping: 40 } }, 18);
  expect(phases).toEqual({
    open: 0,
    collecting: 60,
    closing: 18,
    appealing: 0,
    complaining: 0,
    opening: 0,
    stepping: 40,
    objecting: 18,
  });
  expect(grace).toBe(18);
});
