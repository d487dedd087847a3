/** A job that counts, from records to verified figures, on the rounds of masked updates. */
import { type Address, contentOf } from '@nonet/core';
import { createReceipt, type Receipt, receiptView, type Verdict, verifyReceipt } from '@nonet/core/receipt';
import {
  type CountJob,
  type Evidence,
  idOfJob,
  parseJob,
  parseStatisticsQuery,
  readFigure,
  requireCountJob,
} from '@nonet/core/records';
import {
  planStatisticsPrivacy,
  type StatisticsPrivacy,
  type StatisticsRecord,
} from '@nonet/privacy/statistics';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  assertDelivered,
  assertPolicy,
  createCounter,
  createMemoryBudget,
  createRunEvidence,
  encodeModel,
  federationFigures,
  federationVerifiers,
  narrateCounting,
  planCounts,
  type RunEvidence,
  resultOfCounts,
  type SitePolicy,
  statisticsMechanism,
} from '../src/index.ts';
import { fetchModel } from '../src/update/modelBlob.ts';
import { countedColumns } from '../src/verify/readStatistics.ts';
import { createSimulation, joinAll, key, range, runAll, type Simulation, simulate } from './simulation.ts';

const query = parseStatisticsQuery({
  columns: [
    { kind: 'number', name: 'age', low: 0, high: 100, step: 1 },
    { kind: 'category', name: 'sex', values: ['f', 'm'] },
  ],
  statistics: [
    { statistic: 'count' },
    { statistic: 'variance', column: 'age' },
    { statistic: 'histogram', column: 'sex' },
  ],
  maximumRecords: 1000,
  minimumRecords: 5,
});
const cohort = { query, participants: 'open', minParticipants: 3, maxParticipants: 4 } as const;
const goal = {
  unit: 'record',
  form: 'distributed',
  epsilon: 8,
  delta: 1e-6,
  honest: 2,
  releases: 1,
} as const;

const records = (site: number): StatisticsRecord[] =>
  range(50).map((i) => [20 + ((7 * i + 13 * site) % 61), i % 3 === 0 ? 'f' : i === 1 ? undefined : 'm']);
const pooled = range(4).flatMap(records);
const ages = pooled.map(([age]) => age as number);
const mean = ages.reduce((sum, age) => sum + age, 0) / ages.length;

/** A job on the cohort, with the sample job's ledger and stores. */
async function createCounting(privacy?: StatisticsPrivacy): Promise<Simulation<CountJob>> {
  const { arithmetic, model } = planCounts(cohort, 50, privacy);
  const start = encodeModel(model);
  const { job: train } = await createSimulation({}, 4);
  const { kind: _, seed: _s, model: _m, data: _d, training: _t, testSet: _e, ...shared } = train;
  const { address: parameters } = contentOf(start);
  const job = requireCountJob(
    parseJob({
      ...shared,
      kind: 'count',
      query,
      model: { parameters },
      arithmetic,
      rounds: 1,
      minParticipants: 3,
      maxParticipants: 4,
      phases: { ...train.phases, open: 20, opening: 20 },
      guarantees: privacy === undefined ? [] : [{ mechanism: statisticsMechanism.id, parameters: privacy }],
    }),
  );
  return simulate(job, start, 4);
}

async function play(simulation: Simulation<CountJob>, recordsOf = records): Promise<RunEvidence> {
  const { job, ledger } = simulation;
  await joinAll(simulation);
  await runAll(simulation, range(4), (i) => ({
    trainer: createCounter({ job, records: recordsOf(i) }),
  }));
  const events = await ledger.rounds.moves(idOfJob(job));
  const seconds = { training: 3, collecting: 1, stepping: 1, checking: 1 };
  const costs = { bytesMoved: 10, transactions: 7, gas: 70, seconds, masking: { seconds: 2, bytes: 3 } };
  return createRunEvidence({ job, ledger, events, blobs: simulation.connect(), origin, costs });
}

const origin = {
  type: 'run',
  run: 'test',
  by: key('creator').account,
  machine: 'a test',
  commit: 'none',
} as const;

const failuresIn = (verdicts: readonly Verdict[]) =>
  verdicts.flatMap((verdict) => (verdict.status === 'failed' ? [verdict.code] : []));

describe('exact counts', () => {
  let simulation: Simulation<CountJob>;
  let gathered: RunEvidence;
  const receiptOf = (evidence: readonly Evidence[]): Receipt =>
    createReceipt('test', simulation.job, evidence, gathered.artefacts);
  const verify = (evidence: readonly Evidence[]) =>
    verifyReceipt(receiptOf(evidence), federationVerifiers, { blobs: simulation.connect() });

  beforeAll(async () => {
    simulation = await createCounting();
    gathered = await play(simulation);
  });

  test('are those of the pooled records', async () => {
    const { job } = simulation;
    const { rounds } = simulation.state();
    const model = await fetchModel(simulation.connect(), rounds[0]!.posted!.model, job.arithmetic);
    const { included, answers, spent } = resultOfCounts(job, simulation.state(), model);
    expect({ included, spent }).toEqual({ included: 4, spent: undefined });
    const [count, variance, sexes] = answers;
    expect(count!.coverage.usable.value).toBe(200);
    expect(variance).toMatchObject({ kind: 'variance', mean: { value: mean } });
    expect(sexes).toMatchObject({
      counts: [{ value: 68 }, { value: 128 }],
      coverage: { missing: { value: 4 } },
    });
  });

  test('are told and computed again from published bytes', async () => {
    const told = gathered.evidence.find(({ sentence }) => sentence.startsWith('The records of 4'))!;
    expect(told.sentence).toContain('records 200; mean of age ');
    expect(told.sentence).toContain('sex: f 68; sex: m 128; sex missing 4.');
    expect(told.sentence).toContain('Sums are exact');
    expect(readFigure(told, federationFigures.counted)?.value).toBe(4);
    const verdicts = await verify(gathered.evidence);
    expect(failuresIn(verdicts)).toEqual([]);
    const view = receiptView(receiptOf(gathered.evidence), verdicts, { count: narrateCounting });
    expect(view.title).toBe('4 participants counted together');
    expect(view.summary.join('\n')).toContain('sex: m: 128');
    expect(view.exposure?.sentence).toContain('no noise was added');
    const round = gathered.evidence.find(({ sentence }) => sentence.startsWith('Round 1'))!;
    expect(round.sentence).toContain('the counts of 4 of 4 participants were added up; each was masked');
  });

  test('say of columns what a job that trains states of them', () => {
    const receipt = receiptOf(gathered.evidence);
    const { age, sex } = countedColumns(receipt);
    const deviation = Math.sqrt(ages.reduce((sum, value) => sum + (value - mean) ** 2, 0) / ages.length);
    expect(age).toMatchObject({ kind: 'number', mean, minimum: 0, maximum: 100 });
    expect((age as { deviation: number }).deviation).toBeCloseTo(deviation, 10);
    expect(sex).toEqual({ kind: 'category', values: ['f', 'm'] });
  });

  test.each<[string, (receipt: Receipt) => Receipt]>([
    ['without figures', (receipt) => ({ ...receipt, evidence: [] })],
    ['without counts', (receipt) => ({ ...receipt, artefacts: {} })],
    ['of a training', (receipt) => ({ ...receipt, job: { ...receipt.job, kind: 'train' } as never })],
  ])('say nothing of columns in a receipt %s', (_, change) => {
    const receipt = change(receiptOf(gathered.evidence));
    expect(() => countedColumns(receipt)).toThrow(expect.objectContaining({ code: 'receipt.statistics' }));
  });

  test('say nothing of a column that is missing in all records', async () => {
    const empty = await createCounting();
    const { evidence, artefacts } = await play(empty, () => range(9).map(() => [undefined, 'f']));
    const refused = { code: 'receipt.statistics', expected: 'the mean of age among the figures' };
    expect(() => countedColumns(createReceipt('test', empty.job, evidence, artefacts))).toThrow(
      expect.objectContaining(refused),
    );
  });

  test('cost what they took beside counting', () => {
    const costs = gathered.evidence.filter(({ sentence }) => sentence.includes(' took in this run'));
    expect(costs.map(({ sentence }) => sentence.split(':')[0])).toEqual([
      'What the ledger took in this run, beside counting',
      'What adding up counts took in this run, beside counting',
      'What masks took in this run, beside counting',
    ]);
    for (const record of costs) {
      expect(readFigure(record, federationFigures.counting)?.value).toBe(3);
      expect(readFigure(record, federationFigures.training)).toBeUndefined();
    }
  });

  test('cannot be left out or changed', async () => {
    const at = gathered.evidence.findIndex(({ sentence }) => sentence.startsWith('The records of 4'));
    const told = gathered.evidence[at]!;
    expect(failuresIn(await verify(gathered.evidence.toSpliced(at, 1)))).toEqual(['receipt.omission']);
    const changes: readonly [string, Evidence][] = [
      ['claim.sentence', { ...told, sentence: told.sentence.replace('sex: f 68', 'sex: f 67') } as Evidence],
      ['claim.figures', { ...told, figures: {} } as Evidence],
      ['statistics.artefact', { ...told, artefact: `0x${'11'.repeat(32)}` as Address } as Evidence],
    ];
    for (const [code, changed] of changes) {
      expect(failuresIn(await verify(gathered.evidence.toSpliced(at, 1, changed)))).toContain(code);
    }
  });

  test('need a round that is final', async () => {
    const { job } = simulation;
    const state = { ...simulation.state(), rounds: [] };
    const model = await fetchModel(simulation.connect(), job.model.parameters, job.arithmetic);
    expect(() => resultOfCounts(job, state, model)).toThrow(
      expect.objectContaining({ code: 'statistics.round' }),
    );
  });

  test('are of the query that the job names, and of no other', () => {
    const { job } = simulation;
    assertDelivered(job);
    const { arithmetic } = job;
    for (const change of [
      { summed: arithmetic.summed - 1, entries: arithmetic.entries - 2 },
      { mostEntry: 10 },
      { headerLeaves: 3 },
    ]) {
      const other = { ...job, arithmetic: { ...arithmetic, ...change } };
      expect(() => assertDelivered(other)).toThrow(expect.objectContaining({ code: 'job.guarantee' }));
    }
    const hollow = { ...job, guarantees: [...job.guarantees, { mechanism: 'privacy.dp', parameters: {} }] };
    expect(() => assertDelivered(hollow)).toThrow(expect.objectContaining({ code: 'job.guarantee' }));
  });
});

describe('counts with noise', () => {
  const privacy = planStatisticsPrivacy(query, cohort, goal);

  test('are charged to each budget once, and say what was spent', async () => {
    const simulation = await createCounting(privacy);
    const budgets = range(4).map(() => createMemoryBudget({ unit: 'record', epsilon: 8, delta: 1e-6 }));
    let next = 0;
    const { job, ledger } = simulation;
    await joinAll(simulation);
    await runAll(simulation, range(4), (i) => ({
      trainer: createCounter({ job, records: records(i) }),
      budget: budgets[next++]!,
    }));
    for (const budget of budgets) {
      const spent = await budget.spent();
      expect(spent).toBeGreaterThan(7.9);
      expect(spent).toBeLessThanOrEqual(8 * (1 + 1e-9));
    }
    const events = await ledger.rounds.moves(idOfJob(job));
    const gathered = await createRunEvidence({ job, ledger, events, blobs: simulation.connect(), origin });
    const told = gathered.evidence.find(({ sentence }) => sentence.startsWith('The records of 4'))!;
    expect(told.sentence).toContain('Noise is in every figure');
    const privacyTold = gathered.evidence.find(({ sentence }) => sentence.startsWith('By differential'))!;
    expect(privacyTold.sentence).toMatch(/spent epsilon [\d.]+ at delta 0.000001 of each single record/);
    expect(privacyTold.sentence).toContain('At least 2 of 3 participants');
    const spent = readFigure(privacyTold, federationFigures.epsilonSpent)!.value;
    expect(spent).toBeGreaterThan(0);
    expect(spent).toBeLessThanOrEqual(8);
    const receipt = createReceipt('test', job, gathered.evidence, gathered.artefacts);
    const verdicts = await verifyReceipt(receipt, federationVerifiers, { blobs: simulation.connect() });
    expect(failuresIn(verdicts)).toEqual([]);
    const { exposure } = receiptView(receipt, verdicts, { count: narrateCounting });
    expect(exposure?.sentence).toContain('epsilon 8 at delta 0.000001');
    expect(exposure?.budgets?.[0]?.spent).toBe(`epsilon ${spent} at delta 0.000001`);
    const at = gathered.evidence.indexOf(privacyTold);
    const without = createReceipt('test', job, gathered.evidence.toSpliced(at, 1), gathered.artefacts);
    const verdictsWithout = await verifyReceipt(without, federationVerifiers, {
      blobs: simulation.connect(),
    });
    expect(failuresIn(verdictsWithout)).toEqual(['receipt.omission']);
    expect(gathered.evidence.map(({ sentence }) => sentence).join('\n')).toContain(
      'At least 2 participants in each sum, whoever else joined, were honest, and added noise',
    );
  });

  test('are not taken part in without a budget, or where one has no room', async () => {
    const simulation = await createCounting(privacy);
    const { job } = simulation;
    const trainer = createCounter({ job, records: records(0) });
    await expect(simulation.participant(0, { trainer })).rejects.toMatchObject({ code: 'budget.none' });
    const budget = createMemoryBudget({ unit: 'record', epsilon: 4, delta: 1e-6 });
    await expect(simulation.participant(0, { trainer, budget })).rejects.toMatchObject({
      code: 'budget.spent',
    });
  });

  test('are for sites whose policies allow their columns and promise', async () => {
    const { job } = await createCounting(privacy);
    const { job: exact } = await createCounting();
    const limit = { unit: 'record', epsilon: 8, delta: 1e-6 } as const;
    assertPolicy(job, { columns: ['age', 'sex'], privacy: limit, labels: ['a'], maximumRounds: 1 });
    const refused: readonly [CountJob, SitePolicy][] = [
      [job, { columns: ['age'] }],
      [job, { graphs: [] }],
      [job, { privacy: { ...limit, epsilon: 7 } }],
      [job, { privacy: { ...limit, delta: 1e-7 } }],
      [job, { privacy: { ...limit, unit: 'participant' } }],
      [exact, { privacy: limit }],
      [exact, { guarantees: [statisticsMechanism.id] }],
    ];
    for (const [asked, policy] of refused) {
      expect(() => assertPolicy(asked, policy)).toThrow(expect.objectContaining({ code: 'policy.refused' }));
    }
  });

  test('are refused with less noise than promised, or with two promises', async () => {
    const { job } = await createCounting(privacy);
    const guarantee = (parameters: unknown) => ({ mechanism: statisticsMechanism.id, parameters });
    const less = { ...privacy, noiseMultiplier: privacy.noiseMultiplier * 0.9 };
    const weak = {
      ...job,
      arithmetic: planCounts(cohort, 50, less).arithmetic,
      guarantees: [guarantee(less)],
    };
    expect(() => assertDelivered(weak)).toThrow(expect.objectContaining({ code: 'dp.promise' }));
    const twice = { ...job, guarantees: [guarantee(privacy), guarantee(privacy)] };
    expect(() => assertDelivered(twice)).toThrow(expect.objectContaining({ code: 'job.guarantee' }));
  });
});
