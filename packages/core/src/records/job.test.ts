import { describe, expect, test } from 'vitest';
import { decodeCanonical, encodeCanonical } from '../codec.ts';
import { addressOfJob, parseJob, termsOf } from './job.ts';
import { toJson } from './receipt.ts';
import { sampleJob } from './sampleReceipt.ts';

test('a job comes back from JSON and from its canonical bytes, escrow beyond 2^64 wei included', () => {
  expect(sampleJob.escrow).toBe(25_000_000_000_000_000_000n);
  expect(parseJob(JSON.parse(toJson(sampleJob)))).toEqual(sampleJob);
  expect(parseJob(decodeCanonical(encodeCanonical(sampleJob)))).toEqual(sampleJob);
  expect(addressOfJob(parseJob(JSON.parse(toJson(sampleJob))))).toBe(addressOfJob(sampleJob));
});

test('wei may be a decimal string, a safe number or a bigint', () => {
  for (const escrow of ['7', 7, 7n]) expect(parseJob({ ...sampleJob, escrow }).escrow).toBe(7n);
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
  test.each<[string, unknown]>([
    ['seed', withoutSeed],
    ['version', { ...sampleJob, version: 2 }],
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
    ['data.shape.0', { ...sampleJob, data: { ...sampleJob.data, shape: [0] } }],
    ['data.labels', { ...sampleJob, data: { ...sampleJob.data, labels: ['only one'] } }],
    ['vector.scaleBits', { ...sampleJob, vector: { ...sampleJob.vector, scaleBits: 21 } }],
    ['training.momentum', { ...sampleJob, training: { ...sampleJob.training, momentum: 1 } }],
    ['rounds', { ...sampleJob, rounds: 0 }],
    ['rounds', { ...sampleJob, rounds: 2.5 }],
    ['minimum', { ...sampleJob, minimum: 21 }],
    ['phases.stepping', { ...sampleJob, phases: { ...sampleJob.phases, stepping: -1 } }],
    ['aggregators', { ...sampleJob, aggregators: [] }],
    ['watchers.0', { ...sampleJob, watchers: ['0x00'] }],
    ['stores.1.url', { ...sampleJob, stores: [sampleJob.stores[0], { account: sampleJob.creator }] }],
    ['evaluation', { ...sampleJob, evaluation: 'test.csv' }],
    ['escrow', { ...sampleJob, escrow: -1n }],
    ['escrow', { ...sampleJob, escrow: '007' }],
    ['escrow', { ...sampleJob, escrow: '1e18' }],
    ['escrow', { ...sampleJob, escrow: 2n ** 256n }],
    ['bond', { ...sampleJob, bond: 0.5 }],
    ['guarantees.0.mechanism', { ...sampleJob, guarantees: [{ parameters: {} }] }],
  ])('%s', (field, job) => {
    expect(() => parseJob(job)).toThrow(
      expect.objectContaining({ code: 'job.malformed', expected: `a well-formed field ${field} in the job` }),
    );
  });

  test.each<[string, unknown]>([
    ['nothing', null],
    ['a number', 7],
    ['a list', []],
    ['an unknown field', { ...sampleJob, extra: true }],
  ])('refuses %s as a whole', (_, job) => {
    expect(() => parseJob(job)).toThrow(expect.objectContaining({ expected: 'a well-formed job' }));
  });
});

test('the terms are the part of the job that the ledger is told', () => {
  expect(termsOf(sampleJob)).toMatchObject({
    job: addressOfJob(sampleJob),
    model: sampleJob.model.parameters,
    rounds: 10,
    stores: sampleJob.stores.map(({ account }) => account),
    escrow: sampleJob.escrow,
  });
});
