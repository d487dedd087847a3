/**
 * Masked rounds under differential privacy: what participants release, what a receipt says of it,
 * and that no part of that can be changed.
 */
import { pause } from '@nonet/core';
import type { Move } from '@nonet/core/ports';
import { createReceipt, receiptView, type Verdict, verifyReceipt } from '@nonet/core/receipt';
import { type Evidence, idOfJob, readFigure } from '@nonet/core/records';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  createMemoryBudget,
  createMemoryOutbox,
  createRunEvidence,
  decodeModel,
  federationFigures,
  federationVerifiers,
  isOver,
  narrateTraining,
  type ParticipantParameters,
  privacyOf,
  type RunEvidence,
  spentParticipants,
} from '../src/index.ts';
import { privacyClaim } from '../src/verify/privacyClaim.ts';
import {
  createNoiseTrainer,
  createPrivate,
  createTestTrainer,
  joinAll,
  key,
  range,
  runAll,
  type Simulation,
} from './simulation.ts';

const code = (code: string) => expect.objectContaining({ code });
const limit = { unit: 'record', epsilon: 8.001, delta: 1e-5 } as const;

/** What makes a participant of a simulation a private one. */
const privately = (simulation: Simulation): Partial<ParticipantParameters> => ({
  trainer: createNoiseTrainer(simulation),
  budget: createMemoryBudget(limit),
});

const origin = {
  type: 'run',
  run: 'test',
  by: key('creator').account,
  machine: 'a test',
  commit: 'none',
} as const;

async function gather({ job, ledger, connect }: Simulation): Promise<RunEvidence> {
  const events = await ledger.rounds.moves(idOfJob(job));
  return createRunEvidence({ job, ledger, events, blobs: connect(), origin });
}

const receiptOf = ({ job }: Simulation, evidence: readonly Evidence[], { artefacts }: RunEvidence) =>
  createReceipt('test', job, evidence, artefacts);

const failuresIn = (verdicts: readonly Verdict[]) =>
  verdicts.flatMap((verdict) => (verdict.status === 'failed' ? [verdict.code] : []));

const isPrivacy = ({ check }: Evidence) => check.how === 'here' && check.verifier === 'federation.privacy';

describe('evidence of a private job', () => {
  let simulation: Simulation;
  let gathered: RunEvidence;
  let told: number;
  let record: Evidence;

  beforeAll(async () => {
    simulation = await createPrivate({ rounds: 2 });
    await joinAll(simulation);
    await runAll(simulation, range(5), (i) => ({
      ...privately(simulation),
      ...(i === 4 ? { absences: [1] } : {}),
    }));
    gathered = await gather(simulation);
    told = gathered.evidence.findIndex(isPrivacy);
    record = gathered.evidence[told]!;
  });

  const verdictsOf = (evidence: readonly Evidence[]) =>
    verifyReceipt(receiptOf(simulation, evidence, gathered), federationVerifiers, {
      blobs: simulation.connect(),
    });
  const failuresOf = async (changed: Evidence) =>
    failuresIn(await verdictsOf(gathered.evidence.with(told, changed)));

  test('is checked from published bytes: what was spent of whose records, and under which conditions', async () => {
    const verdicts = await verdictsOf(gathered.evidence);
    expect(failuresIn(verdicts)).toEqual([]);
    const epsilon = readFigure(record, federationFigures.epsilonSpent)!;
    expect(epsilon.n).toBe(5);
    expect(epsilon.max).toBeGreaterThan(epsilon.min);
    expect(epsilon.max).toBe(8);
    expect(readFigure(record, federationFigures.releasesRead)?.value).toBe(2);
    for (const part of [
      `has spent epsilon ${epsilon.max} at delta 0.00001 of each single record; ${epsilon.min} of a participant that was in the fewest rounds.`,
      'The job promised at most 8.',
      'The sums of 2 rounds could be read; each participant agreed to 2.',
      'not against those who unmask the contribution of one participant',
      'At least 2 of 4 participants, and as many of larger numbers, must be honest',
      'Any account could join: only trust says that so many are honest.',
      'Each record is drawn into each step independently',
      'The accountant is rdp.',
    ]) {
      expect(record.sentence).toContain(part);
    }
    const sentences = gathered.evidence.map(({ sentence }) => sentence);
    expect(sentences).toContain(
      'At least 2 participants in each sum, whoever else joined, were honest, and clipped, drew and added noise by the program of the job, from secret randomness of their own.',
    );
  });

  test('is told to who answers for the data', async () => {
    const view = receiptView(
      receiptOf(simulation, gathered.evidence, gathered),
      await verdictsOf(gathered.evidence),
      { train: narrateTraining },
    );
    const { max, min } = readFigure(record, federationFigures.epsilonSpent)!;
    expect(view.exposure?.sentence).toContain(
      `Noise bounds what all of it together gives away of each single record: epsilon ${max} was spent of the 8 that were promised.`,
    );
    expect(view.exposure?.budgets).toEqual([
      {
        of: 'Each single record',
        spent: `epsilon ${max} at delta 0.00001; ${min} where a site was in fewer rounds`,
        allowed:
          'epsilon 8 at delta 0.00001 in this job; each site counts for itself what it allows over all jobs',
        condition: 'at least 2 of 4 sites in a sum add their share of the noise, and no update is unmasked',
      },
    ]);
    expect(view.exposure?.rows.map(({ what }) => what)).toContain(
      'What the update of one site says, with its own noise',
    );
  });

  test('cannot be left out', async () => {
    expect(failuresIn(await verdictsOf(gathered.evidence.toSpliced(told, 1)))).toEqual(['receipt.omission']);
  });

  test.each([
    'epsilonSpent',
    'epsilonPromised',
    'delta',
    'releasesRead',
    'releasesPlanned',
    'honestAssumed',
    'noiseToSignal',
  ] as const)('fails with another figure %s', async (name) => {
    const { unit, n, value } = record.figures[name]!;
    const other = value / 2;
    const figures = { ...record.figures, [name]: { unit, n, value: other, min: other, max: other } };
    expect(await failuresOf({ ...record, figures })).toEqual(['claim.figures']);
  });

  test('fails where its sentence says less than is so', async () => {
    const { max } = readFigure(record, federationFigures.epsilonSpent)!;
    for (const [said, other] of [
      [`spent epsilon ${max}`, 'spent epsilon 1'],
      ['sums of 2 rounds', 'sums of 1 rounds'],
      ['At least 2 of 4', 'At least 4 of 4'],
      ['at delta 0.00001', 'at delta 0.00000001'],
    ] as const) {
      const sentence = record.sentence.replace(said, other);
      expect(await failuresOf({ ...record, sentence }), said).toEqual(['claim.sentence']);
    }
    const mechanism = 'privacy.masking';
    expect(await failuresOf({ ...record, mechanism })).toEqual(['claim.mechanism']);
  });

  test('fails where the assumption that noise was added is left out', async () => {
    const without = gathered.evidence.filter(
      ({ sentence }) => !sentence.includes('added noise by the program'),
    );
    expect(without).toHaveLength(gathered.evidence.length - 1);
    expect(failuresIn(await verdictsOf(without))).toEqual(['receipt.omission']);
  });

  test('velocities are part of the models, and the sums moved both', async () => {
    const store = simulation.connect();
    const { model } = simulation.state().rounds[1]!.posted!;
    const { tensors, flat } = decodeModel((await store.get(model)).bytes, simulation.job.arithmetic);
    expect(tensors.map(({ name }) => name)).toEqual(['bias', 'weight', '~velocity bias', '~velocity weight']);
    expect(flat.every((value) => value !== 0)).toBe(true);
  });
});

test.each([
  ['noise for less than is promised', 'dp.promise', { shareSigma: 100 }, {}],
  ['an epsilon below what its noise gives', 'dp.promise', { epsilon: 1 }, {}],
  ['more honest participants than a cohort has', 'dp.honesty', { honest: 5 }, {}],
  ['fewer releases than rounds', 'dp.releases', { releases: 1 }, {}],
  ['batches that do not hold what is drawn', 'dp.distance', { maximumBatch: 64 }, {}],
  ['two promises at once', 'job.guarantee', {}, { twice: true }],
] as const)(
  'a job that promises %s is joined by none, and its receipt fails',
  async (_, refusal, change, { twice }: { twice?: boolean }) => {
    const honest = await createPrivate();
    const more = twice === true ? { guarantees: [0, 0].map((i) => honest.job.guarantees[i]!) } : {};
    const simulation = await createPrivate({}, change, more);
    await expect(simulation.participant(0, privately(simulation))).rejects.toThrow(code(refusal));
    await joinAll(simulation);
    const gathered = await gather(simulation);
    const receipt = receiptOf(simulation, gathered.evidence, gathered);
    const verdicts = await verifyReceipt(receipt, federationVerifiers, { blobs: simulation.connect() });
    expect(failuresIn(verdicts)).toEqual([refusal]);
  },
);

describe('a participant of a private job', () => {
  test('does nothing without a budget, or with a trainer that adds no noise', async () => {
    const simulation = await createPrivate({ rounds: 1 });
    const trainer = createNoiseTrainer(simulation);
    await expect(simulation.participant(0, { trainer })).rejects.toThrow(code('budget.none'));
    await joinAll(simulation);
    await runAll(simulation, range(5), (i) => ({
      ...privately(simulation),
      ...(i === 0 ? { trainer: createTestTrainer() } : {}),
    }));
    expect(simulation.events).toContainEqual(
      expect.objectContaining({ who: 'participant 0', type: 'missed', code: 'job.trainer' }),
    );
    expect(Object.keys(simulation.state().rounds[0]!.commitments)).toEqual(['1', '2', '3', '4']);
  });

  test('does not join where its site allows less than the whole job may spend', async () => {
    const simulation = await createPrivate();
    const budget = createMemoryBudget({ ...limit, epsilon: 7 });
    await expect(
      simulation.participant(0, { trainer: createNoiseTrainer(simulation), budget }),
    ).rejects.toThrow(code('budget.spent'));
    expect(simulation.state().participants).toEqual([]);
  });

  test('charges its budget before a message leaves, and once, though it is killed in between', async () => {
    const simulation = await createPrivate({ rounds: 1 });
    await joinAll(simulation);
    const outbox = createMemoryOutbox();
    const budget = createMemoryBudget(limit);
    const trainer = createNoiseTrainer(simulation);
    const messages = new Set<string>();
    const spentBefore: number[] = [];
    const dying = new AbortController();
    const store = simulation.connect();
    const message = 4 * 12;
    const watched = (kill: boolean): typeof store => ({
      ...store,
      async put(content, options) {
        const { length, address } = content as { length: number; address: string };
        if (length === message) {
          messages.add(address);
          spentBefore.push(await budget.spent());
          if (kill) dying.abort();
        }
        return store.put(content, options);
      },
    });
    const own = { outbox, budget, trainer };
    const first = simulation.participant(0, { ...own, store: watched(true), signal: dying.signal });
    const others = Promise.all([
      simulation.aggregator(),
      simulation.watcher(),
      ...range(5)
        .slice(1)
        .map((i) => simulation.participant(i, privately(simulation))),
    ]);
    await first;
    const again = simulation.participant(0, { ...own, store: watched(false) });
    await Promise.all([others, again]);
    expect(messages.size).toBe(1);
    expect(spentBefore).toHaveLength(2);
    expect(spentBefore[0]).toBeGreaterThan(0);
    expect(spentBefore[1]).toBe(spentBefore[0]);
    expect(await budget.spent()).toBe(spentBefore[0]);
    expect(simulation.state().rounds[0]!.commitments[0]).toBeDefined();
  });
});

const missed = ({ events }: Simulation) => events.filter(({ type }) => type === 'missed');

describe('a round whose sum is read, and that no aggregator makes a step of', () => {
  /** A job of one round, whose first attempt is lost in this way. */
  async function runLosing(releases: number): Promise<Simulation> {
    const simulation = await createPrivate({ rounds: 1, releases });
    await joinAll(simulation);
    const { rounds } = simulation.ledger;
    const asleep = { refused: 'WrongRole', expected: 'an aggregator', found: 'one that sleeps' } as const;
    const isLost = (move: Move) => move.type === 'step' && move.round === 0;
    const sleeping: typeof simulation.ledger = {
      ...simulation.ledger,
      rounds: {
        ...rounds,
        submit: async (job, move, by, wei) => (isLost(move) ? asleep : rounds.submit(job, move, by, wei)),
        submitAll: async (job, moves, by) => (moves.some(isLost) ? asleep : rounds.submitAll(job, moves, by)),
      },
    };
    // As the coordinator of a run does it, once all have said so.
    const over = new AbortController();
    const isSpent = () =>
      simulation.state().rounds.every(isOver) &&
      spentParticipants(privacyOf(simulation.job)?.parameters, simulation.state()).length === 5 &&
      missed(simulation).length === 5;
    const ending = (async () => {
      while (!over.signal.aborted && !isSpent()) await pause(1, over.signal);
      if (isSpent()) await simulation.submit({ type: 'end' }, key('creator'));
    })();
    await Promise.all([
      simulation.aggregator(0, { ledger: sleeping }),
      simulation.aggregator(1, { ledger: sleeping }),
      ...range(5).map((i) => simulation.participant(i, privately(simulation))),
    ]);
    over.abort();
    await ending;
    return simulation;
  }

  test('is charged for, and repeated with fresh noise while releases are left', async () => {
    const simulation = await runLosing(3);
    const { rounds } = simulation.state();
    expect(rounds.map(({ phase }) => phase)).toEqual(['void', 'final']);
    expect(spentParticipants(privacyOf(simulation.job)?.parameters, simulation.state())).toEqual([]);
    const { sentence, figures } = privacyClaim(simulation.state(), simulation.job)!;
    expect(sentence).toContain(
      'The sums of 2 rounds could be read, 1 of which led to no new model and count all the same; each participant agreed to 3.',
    );
    expect(readFigure({ figures }, federationFigures.epsilonSpent)!.max).toBeLessThan(8);
  });

  test('is the last that participants take part in without a release left', async () => {
    const simulation = await runLosing(1);
    const { rounds, ended } = simulation.state();
    expect(ended).toBe(true);
    expect(rounds.map(({ phase }) => phase)).toEqual(['void']);
    expect(missed(simulation)[0]).toMatchObject({
      code: 'privacy.releases',
      because: expect.stringContaining(
        'one of the 1 sums for which the job promises epsilon 8 at delta 0.00001',
      ),
    });
  });
});
