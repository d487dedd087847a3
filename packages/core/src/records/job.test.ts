import { describe, expect, test } from 'vitest';
import { decodeCanonical, encodeCanonical } from '../codec.ts';
import { assertTerms, jobIdOf } from '../ports/ledger.ts';
import { sampleJob } from '../testing/sampleReceipt.ts';
import {
  addressOfJob,
  idOfJob,
  largestMasked,
  parseJob,
  requireCountJob,
  requireGraphJob,
  requireRoundJob,
  requireTrainJob,
  stateEntries,
  termsOf,
} from './job.ts';
import { toJson } from './json.ts';

test('a job comes back from JSON and from its canonical bytes, escrow beyond 2^64 wei included', () => {
  expect(sampleJob.escrow).toBe(25_000_000_000_000_000_000n);
  expect(parseJob(JSON.parse(toJson(sampleJob)))).toEqual(sampleJob);
  expect(parseJob(decodeCanonical(encodeCanonical(sampleJob)))).toEqual(sampleJob);
  expect(addressOfJob(parseJob(JSON.parse(toJson(sampleJob))))).toBe(addressOfJob(sampleJob));
});

/** Tensors of which only names and shapes are known. */
const opaque = {
  kind: 'opaque',
  specification: sampleJob.model.parameters,
  parameters: sampleJob.model.parameters,
};

test('wei may be a decimal string, a safe number or a bigint', () => {
  for (const escrow of ['7', 7, 7n]) {
    expect(requireTrainJob(parseJob({ ...sampleJob, escrow })).escrow).toBe(7n);
  }
});

describe('names the field that is wrong', () => {
  const { seed: _, ...withoutSeed } = sampleJob;
  const number = { kind: 'number', name: 'age', mean: 0, deviation: 1 };
  const withTable = (table: object) => ({
    ...sampleJob,
    data: {
      ...sampleJob.data,
      table: { target: 'y', columns: [number], missing: 'refuse', ...table },
    },
  });
  const withArithmetic = (change: object) => ({
    ...sampleJob,
    arithmetic: { ...sampleJob.arithmetic, ...change },
  });
  test.each<[string, unknown]>([
    ['seed', withoutSeed],
    ['version', { ...sampleJob, version: 1 }],
    ['kind', { ...sampleJob, kind: 'guess' }],
    ['name', { ...sampleJob, name: '' }],
    ['name', { ...sampleJob, name: 'two\nlines' }],
    ['name', { ...sampleJob, name: 'a right-to-left mark \u200f' }],
    ['data.labels.1', { ...sampleJob, data: { ...sampleJob.data, labels: ['a', 'b\u001b[2K'] } }],
    ['data.table.target', withTable({ target: 'a\nb' })],
    ['data.table.columns.0.name', withTable({ columns: [{ ...number, name: 'a\u202e' }] })],
    ['stores.0.url', { ...sampleJob, stores: [{ ...sampleJob.stores[0], url: 'http://x\r\n' }] }],
    ['creator', { ...sampleJob, creator: sampleJob.creator.toUpperCase() }],
    ['seed', { ...sampleJob, seed: '0x12' }],
    ['model.graph', { ...sampleJob, model: { ...sampleJob.model, graph: 'mlp' } }],
    ['model.kind', { ...sampleJob, model: { ...sampleJob.model, kind: 'picture' } }],
    ['data.shape.0', { ...sampleJob, data: { ...sampleJob.data, shape: [0] } }],
    ['data.labels', { ...sampleJob, data: { ...sampleJob.data, labels: ['only one'] } }],
    ['arithmetic.kind', withArithmetic({ kind: 'float' })],
    ['arithmetic.clamp', withArithmetic({ clamp: 16 })],
    ['arithmetic.scaleBits', withArithmetic({ scaleBits: 21 })],
    ['arithmetic.maximumWeight', withArithmetic({ maximumWeight: 1 })],
    ['training.kind', { ...sampleJob, training: { kind: 'magic' } }],
    ['training.momentum', { ...sampleJob, training: { ...sampleJob.training, momentum: 1 } }],
    ['training.epochs', { ...sampleJob, training: { kind: 'graph' } }],
    ['rounds', { ...sampleJob, rounds: 2.5 }],
    ['participants', { ...sampleJob, participants: 'some' }],
    ['phases.closing', { ...sampleJob, phases: { ...sampleJob.phases, closing: undefined } }],
    ['watchers.0', { ...sampleJob, watchers: ['0x00'] }],
    ['stores.1.url', { ...sampleJob, stores: [sampleJob.stores[0], { account: sampleJob.creator }] }],
    ['testSet', { ...sampleJob, testSet: 'test.csv' }],
    ['escrow', { ...sampleJob, escrow: '007' }],
    ['escrow', { ...sampleJob, escrow: '1e18' }],
    ['bond', { ...sampleJob, bond: 0.5 }],
    ['guarantees.0.mechanism', { ...sampleJob, guarantees: [{ parameters: {} }] }],
    // What the ledger would refuse, by the same bounds.
    ['rounds', { ...sampleJob, rounds: 0 }],
    ['minParticipants', { ...sampleJob, minParticipants: 0 }],
    ['maxParticipants', { ...sampleJob, minParticipants: 21 }],
    ['maxParticipants', { ...sampleJob, maxParticipants: 65_536 }],
    ['phases.stepping', { ...sampleJob, phases: { ...sampleJob.phases, stepping: -1 } }],
    ['grace', { ...sampleJob, grace: 2 ** 32 }],
    ['attempts', { ...sampleJob, attempts: 0 }],
    ['expiry', { ...sampleJob, expiry: 2 ** 40 }],
    ['aggregators', { ...sampleJob, aggregators: [] }],
    ['aggregators', { ...sampleJob, aggregators: [sampleJob.creator, sampleJob.creator] }],
    ['stores', { ...sampleJob, stores: [] }],
    ['stores', { ...sampleJob, stores: [sampleJob.stores[0], sampleJob.stores[0]] }],
    ['copies', { ...sampleJob, copies: 3 }],
    ['arithmetic.entries', withArithmetic({ entries: 0 })],
    ['arithmetic.headerLeaves', withArithmetic({ headerLeaves: 0 })],
    ['escrow', { ...sampleJob, escrow: -1n }],
    ['escrow', { ...sampleJob, escrow: 2n ** 96n }],
    ['bond', { ...sampleJob, bond: 2n ** 96n }],
    // An opaque model has nothing that could be run here.
    ['training.kind', { ...sampleJob, model: opaque, testSet: undefined }],
    ['testSet', { ...sampleJob, model: opaque, training: { kind: 'external' } }],
  ])('%s', (field, job) => {
    expect(() => parseJob(job)).toThrow(
      expect.objectContaining({
        code: 'job.malformed',
        expected: expect.stringContaining(`the field ${field} of the job to be `),
      }),
    );
  });

  test.each<[string, unknown]>([
    ['nothing', null],
    ['a number', 7],
    ['a list', []],
    ['an unknown field', { ...sampleJob, extra: true }],
  ])('refuses %s as a whole', (_, job) => {
    expect(() => parseJob(job)).toThrow(
      expect.objectContaining({ expected: expect.stringContaining('the job to be an object') }),
    );
  });
});

test('the terms are the part of the job that the ledger is told, and a ledger takes them', () => {
  const terms = termsOf(sampleJob);
  expect(terms).toMatchObject({
    record: addressOfJob(sampleJob),
    model: sampleJob.model.parameters,
    rounds: 10,
    invited: true,
    stores: sampleJob.stores.map(({ account }) => account),
    maximumWeight: 4096,
    rule: { entries: 50890, headerLeaves: 2 },
    escrow: sampleJob.escrow,
  });
  expect(termsOf({ ...sampleJob, participants: 'open' }).invited).toBe(false);
  assertTerms(terms, sampleJob.creator);
  expect(idOfJob(sampleJob)).toBe(jobIdOf(terms));
});

describe('a job whose sites evaluate on held-out examples', () => {
  const withHeldOut = (fraction: number, mostExamples: number) => ({
    ...sampleJob,
    arithmetic: {
      ...{ kind: 'masked', entries: 50_890, headerLeaves: 2, clamp: 8, scaleBits: 10 },
      ...{ weighting: 'uniform', weightUnit: 1, mostWeight: 1, threshold: 66 },
      heldOut: { fraction, mostExamples },
    },
    phases: { ...sampleJob.phases, open: 5, opening: 5, appealing: 5 },
  });
  const room = Math.floor((2 ** 31 - 1) / (4096 * sampleJob.maxParticipants));

  test('has three integers more in a message', () => {
    expect(termsOf(requireTrainJob(parseJob(withHeldOut(0.5, room)))).masks?.entries).toBe(50_893);
  });

  test.each([
    ['fraction', withHeldOut(0.6, 10)],
    ['fraction', withHeldOut(0, 10)],
    ['mostExamples', withHeldOut(0.5, 0)],
    ['mostExamples', withHeldOut(0.5, room + 1)],
  ])('names the field that is wrong: %s', (field, job) => {
    const expected = expect.stringContaining(`the field arithmetic.heldOut.${field} of the job`);
    expect(() => parseJob(job)).toThrow(expect.objectContaining({ code: 'job.malformed', expected }));
  });
});

describe('a job of masked sums', () => {
  const summed = 50_890;
  const job = {
    ...sampleJob,
    arithmetic: {
      kind: 'maskedSum',
      entries: 2 * summed,
      headerLeaves: 3,
      summed,
      mostEntry: 1000,
      step: { kind: 'momentum', rate: 1e-7, momentum: 0.6 },
      threshold: 66,
    },
    training: { kind: 'clippedGradient' },
    phases: { ...sampleJob.phases, open: 5, opening: 5, appealing: 5 },
  } as const;

  test('tells the ledger how many integers a message has, and that no weight counts', () => {
    const { rule, masks, maximumWeight } = termsOf(requireTrainJob(parseJob(job)));
    expect({ rule, masks, maximumWeight }).toEqual({
      rule: undefined,
      masks: { entries: summed, threshold: 66 },
      maximumWeight: 1,
    });
    expect(largestMasked(job.arithmetic)).toBe(1000);
    expect(stateEntries(job.arithmetic)).toBe(summed);
    expect(stateEntries(sampleJob.arithmetic)).toBe(0);
  });

  test.each<[string, object]>([
    ['arithmetic.entries', { arithmetic: { ...job.arithmetic, entries: summed } }],
    ['arithmetic.mostEntry', { arithmetic: { ...job.arithmetic, mostEntry: 2 ** 30 } }],
    ['arithmetic.step.kind', { arithmetic: { ...job.arithmetic, step: { kind: 'adam' } } }],
    [
      'arithmetic.step.momentum',
      { arithmetic: { ...job.arithmetic, step: { ...job.arithmetic.step, momentum: 1 } } },
    ],
    ['training.kind', { training: sampleJob.training }],
    ['training.kind', { arithmetic: sampleJob.arithmetic, phases: sampleJob.phases }],
    ['training.kind', { model: opaque, testSet: undefined }],
    [
      'training.learningRate',
      { arithmetic: sampleJob.arithmetic, training: { kind: 'clippedSteps', momentum: 0 } },
    ],
  ])('names the field that is wrong: %s', (field, change) => {
    expect(() => parseJob({ ...job, ...change })).toThrow(
      expect.objectContaining({
        code: 'job.malformed',
        expected: expect.stringContaining(`the field ${field} of the job to be `),
      }),
    );
  });
});

describe('kinds of job', () => {
  const { creator, stores, name, guarantees } = sampleJob;
  const external = parseJob({
    ...sampleJob,
    model: opaque,
    training: { kind: 'external' },
    testSet: undefined,
  });
  const { seed: _s, model, data: _d, training: _t, testSet: _e, ...rest } = sampleJob;
  const arithmetic = {
    kind: 'maskedSum',
    entries: 8,
    headerLeaves: 1,
    summed: 4,
    mostEntry: 10_000_000,
    step: { kind: 'count' },
    threshold: 66,
  };
  const query = {
    columns: [{ kind: 'number', name: 'age', low: 0, high: 120, step: 1 }],
    statistics: [{ statistic: 'mean', column: 'age' }],
    maximumRecords: 1000,
    minimumRecords: 5,
  };
  const count = {
    ...rest,
    kind: 'count',
    query,
    model: { parameters: model.parameters },
    arithmetic,
    rounds: 1,
    phases: { ...sampleJob.phases, open: 5, opening: 5, appealing: 5 },
  };
  const infer = {
    version: 2,
    kind: 'infer',
    name,
    creator,
    guarantees,
    model: { graph: opaque.parameters, parameters: opaque.parameters },
    input: opaque.parameters,
    providers: [creator],
    stores,
    expiry: 1,
    escrow: 1n,
    bond: 1n,
  };

  test('are read, and refused where their mechanism does not exist yet', () => {
    expect(requireTrainJob(sampleJob)).toBe(sampleJob);
    expect(requireGraphJob(sampleJob)).toBe(sampleJob);
    for (const job of [count, infer]) {
      expect(() => requireTrainJob(parseJob(job))).toThrow(
        expect.objectContaining({ code: 'job.kind', found: `a job of kind ${job.kind}` }),
      );
    }
    const counting = requireCountJob(parseJob(count));
    expect(requireRoundJob(counting)).toBe(counting);
    expect(termsOf(counting)).toMatchObject({ rounds: 1, masks: { entries: 4, threshold: 66 } });
    for (const refused of [() => requireRoundJob(parseJob(infer)), () => requireCountJob(sampleJob)]) {
      expect(refused).toThrow(expect.objectContaining({ code: 'job.kind' }));
    }
    expect(() => requireGraphJob(external)).toThrow(
      expect.objectContaining({ code: 'job.training', found: expect.stringContaining('opaque') }),
    );
  });

  test.each<[string, unknown]>([
    ['query.statistics.0.statistic', { ...count, query: { ...query, statistics: [{ statistic: 'sum' }] } }],
    ['query.statistics.0', { ...count, query: { ...query, columns: [] } }],
    ['rounds', { ...count, rounds: 2 }],
    ['arithmetic.kind', { ...count, arithmetic: sampleJob.arithmetic }],
    ['arithmetic.step.kind', { ...count, arithmetic: { ...arithmetic, step: { kind: 'momentum' } } }],
    ['arithmetic.entries', { ...count, arithmetic: { ...arithmetic, entries: 4 } }],
    ['arithmetic.mostEntry', { ...count, arithmetic: { ...arithmetic, mostEntry: 2 ** 30 } }],
    ['arithmetic.threshold', { ...count, arithmetic: { ...arithmetic, threshold: 20 } }],
    [
      'arithmetic.step.kind',
      { ...sampleJob, arithmetic, training: { kind: 'clippedGradient' }, phases: count.phases },
    ],
    ['copies', { ...count, copies: 1.5 }],
    ['providers', { ...infer, providers: [] }],
    ['input', { ...infer, input: 'x.csv' }],
  ])('name the field that is wrong: %s', (field, job) => {
    expect(() => parseJob(job)).toThrow(
      expect.objectContaining({
        code: 'job.malformed',
        expected: expect.stringContaining(`the field ${field} of the job to be `),
      }),
    );
  });
});
