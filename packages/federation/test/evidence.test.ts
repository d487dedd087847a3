/** Evidence of whole runs: it verifies, says what happened, and no field of it can be changed. */
import { type Address, addressOf, toHex, utf8 } from '@nonet/core';
import { decodeCanonical, encodeCanonical } from '@nonet/core/codec';
import type { BlobStore, JobState, Move } from '@nonet/core/ports';
import { createReceipt, exitCodeOf, type Receipt, verifyReceipt } from '@nonet/core/receipt';
import { addressOfJob, type Evidence, termsOf } from '@nonet/core/records';
import {
  bind,
  deriveClassifierStep,
  encodeGraph,
  encodeParameters,
  initialParameters,
  mlp,
  parameterCount,
} from '@nonet/tensor';
import { type Dataset, encodeDataset } from '@nonet/tensor/datasets';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import {
  computeStep,
  createGraphEvaluator,
  createGraphTrainer,
  createMemoryOutbox,
  createRunEvidence,
  decodeModel,
  domainOf,
  encodeLedgerRecord,
  encodeModel,
  expectationOf,
  federationVerifiers,
  fetchModel,
  type RoleReport,
  type UpdateOutcome,
  verifyUpdate,
} from '../src/index.ts';
import { createSimulation, joinAll, key, type Simulation, vector } from './simulation.ts';

const date = '2026-03-14T09:32:11Z';
const origin = {
  type: 'run',
  run: 'test',
  by: key('creator').account,
  machine: 'a test',
  commit: 'none',
} as const;

async function gather(simulation: Simulation) {
  const { ledger, job, store: blobs } = simulation;
  const stop = new AbortController();
  const { rounds } = ledger;
  const count = simulation.moves();
  const events = [];
  for await (const event of rounds.follow(addressOfJob(job), stop.signal)) {
    events.push(event);
    if (events.length === count) stop.abort();
  }
  const reports: RoleReport[] = simulation.events.map(({ who, ...event }) => ({ by: who, event }));
  const costs = { bytesMoved: 10, transactions: count, gas: 0, seconds: { training: 1.5 } };
  const made = await createRunEvidence({ job, ledger, events, blobs, origin, reports, costs, date });
  const receipt = createReceipt('test', job, made.evidence, made.artefacts);
  return { ...made, receipt, blobs, job, events, ledger };
}

/** The outcome of the one record that was changed: its code, or 'accepted'. */
async function verdictOf(
  receipt: Receipt,
  blobs: BlobStore,
  i: number,
  change: (record: Evidence) => Evidence,
) {
  const changed = change(receipt.evidence[i]!);
  const { check } = changed;
  if (check.how !== 'here') return 'not checked';
  try {
    await federationVerifiers[check.verifier]!(changed, blobs, receipt);
    return 'accepted';
  } catch (cause) {
    return (cause as { code?: string }).code ?? String(cause);
  }
}

const edits: Readonly<Record<string, (record: Evidence) => Evidence>> = {
  kind: (record) => ({ ...record, kind: 'proof' }) as Evidence,
  sentence: (record) => ({ ...record, sentence: `${record.sentence} It is certain.` }),
  cells: (record) => ({ ...record, cells: [...record.cells, 'privacy-security'] }),
  mechanism: (record) => ({ ...record, mechanism: 'federation.secret' }),
  figures: (record) => {
    const [name, figure] = Object.entries(record.figures).at(-1)!;
    return { ...record, figures: { ...record.figures, [name]: { ...figure, value: figure.value + 1 } } };
  },
  'a further figure': (record) => ({
    ...record,
    figures: { ...record.figures, proven: { value: 1, unit: '', min: 1, max: 1, n: 1 } },
  }),
  inputs: (record) =>
    record.check.how === 'here'
      ? { ...record, check: { ...record.check, inputs: [...record.check.inputs, addressOf(utf8('more'))] } }
      : record,
  artefact: (record) => ({ ...record, artefact: addressOf(utf8('another')) }),
  grade: (record) => ({ ...record, grade: 3 }) as Evidence,
  'a source that vouches for it': (record) => ({
    ...record,
    origin: { type: 'source', source: 'an authority', pin: '1', interest: 'independent' },
  }),
};

describe('a run of a small network with an absentee and two bad updates', () => {
  let gathered: Awaited<ReturnType<typeof gather>>;

  beforeAll(async () => {
    const graph = mlp({ features: [3], hidden: [4], classes: 2 });
    const dataset = (seed: number, count: number): Dataset => ({
      features: Float32Array.from({ length: 3 * count }, (_, i) => Math.sin(seed + i * 1.7)),
      shape: [3],
      labels: Int32Array.from({ length: count }, (_, i) => (Math.sin(seed + i * 3 * 1.7) > 0 ? 1 : 0)),
      vocabulary: ['low', 'high'],
    });
    const seed = toHex(new Uint8Array(32).fill(5)) as Address;
    const parameters = encodeParameters(initialParameters(graph, seed));
    const test = encodeDataset(dataset(99, 40));
    const training = { epochs: 2, batch: 4, learningRate: 0.1, momentum: 0.5 };
    const blobs = [
      encodeGraph(graph),
      encodeGraph(bind(deriveClassifierStep(graph), { B: 4 })),
      parameters,
      test,
    ];
    const [graphAddress, step, initial, evaluation] = blobs.map(addressOf) as [
      Address,
      Address,
      Address,
      Address,
    ];
    const simulation = await createSimulation(
      {
        seed,
        rounds: 2,
        minimum: 2,
        model: { kind: 'graph', graph: graphAddress, step, parameters: initial },
        data: { shape: [3], labels: ['low', 'high'] },
        vector: { ...vector, entries: parameterCount(graph) },
        training,
        evaluation,
      },
      6,
    );
    const { store, job, ledger } = simulation;
    for (const bytes of blobs) await store.put(bytes);
    await joinAll(simulation);
    const outbox = createMemoryOutbox();
    const take = async (i: number, more: object = {}) =>
      simulation.participant(i, {
        trainer: await createGraphTrainer({ job, store, dataset: dataset(i, 10 + i) }),
        ...more,
      });
    const evaluate = (await createGraphEvaluator(job, store))!;
    const roles = [
      simulation.aggregator(),
      simulation.watcher({ evaluate }),
      take(0, { outbox }),
      take(1),
      take(2, { absences: [1] }),
    ];
    await vi.waitUntil(() => outbox.read(0), { interval: 5, timeout: 10_000 });
    const replay = addressOf((await outbox.read(0))!);
    const commit = (participant: number, commitment: Address) =>
      ledger.rounds.submit(
        addressOfJob(job),
        { type: 'commit', round: 0, commitment },
        key(`participant ${participant}`),
      );
    await commit(3, replay);
    await commit(4, addressOf(utf8('nowhere')));
    await commit(5, (await store.put(new Uint8Array(5000))).address);
    await Promise.all(roles);
    gathered = await gather(simulation);
  });

  test('verifies with the blobs: nothing fails, nothing is left open', async () => {
    const verdicts = await verifyReceipt(gathered.receipt, federationVerifiers, { blobs: gathered.blobs });
    expect(verdicts.filter(({ status }) => status === 'failed' || status === 'undecided')).toEqual([]);
    expect(exitCodeOf(verdicts)).toBe(0);
  });

  test('without the blobs the ledger record still verifies, and the rest is only stated', async () => {
    const verdicts = await verifyReceipt(gathered.receipt, federationVerifiers, {});
    expect(exitCodeOf(verdicts)).toBe(0);
    const checked = verdicts.filter(
      ({ piece, status }) => /^evidence \d+:/.test(piece) && status === 'checked here',
    );
    expect(checked.map(({ piece }) => piece.replace(/^evidence \d+: /, '').slice(0, 19))).toEqual([
      'The ledger accepted',
    ]);
  });

  test('says in plain words what happened', () => {
    const sentences = gathered.evidence.map(({ sentence }) => sentence);
    expect(sentences.filter((sentence) => /^Round/.test(sentence))).toEqual([
      expect.stringMatching(
        /^Round 1: the updates of 3 of 6 participants were averaged into the next model; what participant 4 handed in could not be found; what participants 3 and 5 handed in was refused; the model is right on \d+ of the 40 public test examples\.$/,
      ),
      expect.stringMatching(
        /^Round 2: the updates of 2 of 6 participants were averaged into the next model; participants 2, 3, 4 and 5 stayed away; the model is right on/,
      ),
    ]);
    expect(sentences).toContainEqual(
      expect.stringMatching(
        /^In round 1 the update of participant 3 was left out: it was made by another participant/,
      ),
    );
    expect(sentences).toContainEqual(
      expect.stringMatching(/^In round 1 the update of participant 5 was left out: it was too large/),
    );
    expect(sentences).toContain('In round 1 the update of participant 4 was left out: no store had it.');
  });

  test('a run that lost its reports tells the same of ledger and blobs', async () => {
    const { job, events, blobs, evidence } = gathered;
    const again = await createRunEvidence({
      job,
      ledger: { chainId: 31337, contract: toHex(new Uint8Array(20).fill(0x90)), operator: 'self' },
      events,
      blobs,
      origin,
      date,
    });
    const checked = (records: readonly Evidence[]) => records.filter(({ check }) => check.how === 'here');
    expect(checked(again.evidence)).toEqual(checked(evidence));
  });

  test.each(Object.keys(edits))('no record can be changed: %s', async (field) => {
    for (const [i, record] of gathered.evidence.entries()) {
      if (record.check.how !== 'here') continue;
      const verdict = await verdictOf(gathered.receipt, gathered.blobs, i, edits[field]!);
      expect(verdict, `${record.check.verifier}, ${field}`).not.toBe('accepted');
    }
  });

  test('each kind of record was among them', () => {
    const verifiers = gathered.evidence.flatMap(({ check }) =>
      check.how === 'here' ? [check.verifier] : [],
    );
    expect([...new Set(verifiers)].sort()).toEqual([
      'federation.accuracy',
      'federation.aggregate',
      'federation.refusal',
      'federation.rounds',
    ]);
  });

  /** The receipt with another ledger record in place of its own, everywhere. */
  function withRecord(change: (record: { events: { move: Record<string, unknown> }[] }) => object) {
    const [original] = gathered.artefacts;
    const changed = encodeCanonical(change(decodeCanonical(original!) as never));
    const [before, after] = [addressOf(original!), addressOf(changed)];
    const evidence = JSON.parse(JSON.stringify(gathered.evidence).replaceAll(before, after)) as Evidence[];
    const blobs: BlobStore = {
      ...gathered.blobs,
      get: async (address, options) => (address === after ? changed : gathered.blobs.get(address, options)),
    };
    const receipt = { ...gathered.receipt, evidence };
    return Promise.all(
      evidence.flatMap(({ check }, i) =>
        check.how === 'here' ? [verdictOf(receipt, blobs, i, (record) => record)] : [],
      ),
    );
  }

  test('a ledger record with another outcome is refused by every record that rests on it', async () => {
    const another = addressOf(gathered.artefacts[1]!);
    const wrongModel = await withRecord(({ events, ...rest }) => ({
      ...rest,
      events: events.map((event) =>
        event.move.type === 'step' && event.move.round === 1
          ? { ...event, move: { ...event.move, model: another } }
          : event,
      ),
    }));
    // The records of round 1 (accepted, refused) do not speak of the last model.
    expect(wrongModel.filter((verdict) => verdict !== 'accepted').sort()).toEqual(
      ['aggregate.model', 'claim.sentence', 'safetensors.malformed'].sort(),
    );
    const hidden = await withRecord(({ events, ...rest }) => ({
      ...rest,
      events: events.map((event) =>
        event.move.type === 'step' && event.move.round === 0
          ? { ...event, move: { ...event.move, refused: [] } }
          : event,
      ),
    }));
    expect(hidden).toContain('aggregate.refused');
    expect(hidden).toContain('refusal.participant');
  });

  /** What fails of a receipt of the same run with other records. */
  async function failuresOf(evidence: readonly Evidence[], reach: object = {}) {
    const { job, artefacts, blobs } = gathered;
    const receipt = createReceipt('test', job, evidence, artefacts);
    const verdicts = await verifyReceipt(receipt, federationVerifiers, { blobs, ...reach });
    return verdicts.flatMap((verdict) => (verdict.status === 'failed' ? [verdict.code] : []));
  }

  test('nothing unfavourable can be left out', async () => {
    for (const [i, { kind, check, sentence }] of gathered.evidence.entries()) {
      const isFact = check.how === 'here' && check.verifier !== 'federation.refusal';
      // The ledger's operator is in the anchor; these receipts have none.
      if (!isFact && (kind !== 'assumption' || sentence.startsWith('The ledger ran'))) continue;
      expect(new Set(await failuresOf(gathered.evidence.toSpliced(i, 1))), sentence).toEqual(
        new Set([sentence.startsWith('The ledger accepted') ? 'claim.artefact' : 'receipt.omission']),
      );
    }
  });

  test('nothing favourable can be said twice, and no round be made up', async () => {
    const round = gathered.evidence.find(({ figures }) => figures.round !== undefined)!;
    expect(await failuresOf([...gathered.evidence, round])).toEqual(['receipt.repetition']);
    const forged: Evidence = { ...round, check: { how: 'none', because: 'it was so' } };
    expect(await failuresOf([...gathered.evidence, forged])).toEqual(['receipt.round']);
  });

  test('a step that can still be objected to is no result: a record that ends there is refused', async () => {
    const verdicts = await withRecord(({ events, ...rest }) => ({
      ...rest,
      events: events.slice(0, events.findLastIndex(({ move }) => move.type === 'step') + 1),
    }));
    // What is accepted is the first round, which is final, and its refusals.
    expect(verdicts.filter((verdict) => verdict !== 'accepted').sort()).toEqual([
      'accuracy.artefact',
      'aggregate.phase',
      'claim.sentence',
    ]);
  });

  test('two records of the ledger cannot stand in one receipt', async () => {
    const events = gathered.events.slice(0, 3);
    const ledger = { chainId: 31337, contract: toHex(new Uint8Array(20).fill(0x90)) };
    const { address } = await gathered.blobs.put(encodeLedgerRecord(ledger, termsOf(gathered.job), events));
    const i = gathered.evidence.findIndex(({ figures }) => figures.round !== undefined);
    const other = { ...gathered.evidence[i]!, artefact: address };
    expect(await failuresOf(gathered.evidence.with(i, other))).toEqual(['claim.artefact']);
  });

  test('with a ledger to ask, the record has to be what that ledger holds', async () => {
    const { ledger } = gathered;
    const url = 'memory';
    const verdictsOf = async (change: (state: JobState) => JobState) => {
      const state = async (job: Address) => change(await ledger.rounds.state(job));
      const rounds = { ...ledger.rounds, state };
      const reach = { blobs: gathered.blobs, ledger: { ledger: { ...ledger, rounds }, url } };
      const verdicts = await verifyReceipt(gathered.receipt, federationVerifiers, reach);
      return verdicts.find(({ piece }) => piece.includes('The ledger accepted'))!;
    };
    expect(await verdictsOf((state) => state)).toMatchObject({
      status: 'checked here',
      found: expect.stringContaining('agree with the ledger'),
    });
    const edit = (more: Partial<JobState['rounds'][number]>) => (state: JobState) => ({
      ...state,
      rounds: state.rounds.with(0, { ...state.rounds[0]!, ...more }),
    });
    const another = addressOf(utf8('another'));
    for (const change of [
      edit({ step: { model: another, refused: [], by: key('aggregator').account } }),
      edit({ commitments: { 0: another } }),
      edit({ phase: 'void' }),
      (state: JobState) => ({ ...state, participants: state.participants.toReversed() }),
      (state: JobState) => ({ ...state, rounds: [] }),
    ]) {
      expect(await verdictsOf(change)).toMatchObject({ status: 'failed', code: 'record.differs' });
    }
    const end = { reason: 'withdrawn' } as const;
    expect(await verdictsOf((state) => ({ ...state, end }))).toMatchObject({ status: 'undecided' });
    const away = () => Promise.reject(new Error('away'));
    const rounds = { ...ledger.rounds, state: away };
    const reach = { ledger: { ledger: { ...ledger, rounds }, url } };
    expect(await failuresOf(gathered.evidence, reach)).toEqual([]);
  });

  test('a ledger record that breaks the rules, or is of another job, is refused by all', async () => {
    const late = await withRecord(({ events, ...rest }) => ({ ...rest, events: events.slice(1) }));
    expect(new Set(late)).toEqual(new Set(['record.rules']));
    // Joining does not depend on the time, so that the rules alone would take it.
    const backwards = await withRecord(({ events, ...rest }) => ({
      ...rest,
      events: events.map((event, i) => (i === 1 ? { ...event, at: 1 } : event)),
    }));
    expect(new Set(backwards)).toEqual(new Set(['record.rules']));
    const other = await withRecord((record) => ({
      ...record,
      terms: { ...(record as never as { terms: object }).terms, minimum: 1 },
    }));
    expect(new Set(other)).toEqual(new Set(['record.terms']));
    const wild = await withRecord((record) => ({ ...record, version: 2 }));
    expect(new Set(wild)).toEqual(new Set(['record.malformed']));
  });
});

/** A run whose aggregator posts another step in one round. */
async function gatherLie(
  round: number,
  watched: boolean,
  lie: (move: StepMove, job: Simulation) => StepMove | Promise<StepMove>,
) {
  const simulation = await createSimulation();
  const { ledger } = simulation;
  await joinAll(simulation);
  const submit: typeof ledger.rounds.submit = async (job, move, by) =>
    ledger.rounds.submit(
      job,
      move.type === 'step' && move.round === round ? await lie(move, simulation) : move,
      by,
    );
  await Promise.all([
    simulation.aggregator({ ledger: { ...ledger, rounds: { ...ledger.rounds, submit } } }),
    ...(watched ? [simulation.watcher()] : []),
    ...simulation.participants.map((_, i) => simulation.participant(i)),
  ]);
  return gather(simulation);
}
type StepMove = Extract<Move, { type: 'step' }>;

/** The step as it were if participant 2 had not sent anything. */
async function withoutTwo(move: StepMove, { ledger, job, store }: Simulation): Promise<StepMove> {
  const state = await ledger.rounds.state(addressOfJob(job));
  const round = state.rounds[move.round]!;
  const outcomes = new Map<number, UpdateOutcome>();
  for (const participant of [0, 1, 3]) {
    const expected = expectationOf(state, move.round, participant, vector, domainOf(ledger));
    outcomes.set(participant, verifyUpdate(await store.get(round.commitments[participant]!), expected));
  }
  const fewer = { ...round, unavailable: [2] };
  const step = computeStep(await fetchModel(store, round.model, vector), fewer, outcomes, vector, 1)!;
  await store.put(step.bytes);
  return { ...move, model: step.address, refused: [2] };
}

describe('an update that was left out and is acceptable now', () => {
  test('is told of as such: it may have come late, and nobody loses the receipt for it', async () => {
    const { receipt, blobs, job, artefacts, evidence } = await gatherLie(1, false, withoutTwo);
    const sentences = receipt.evidence.map(({ sentence }) => sentence);
    expect(sentences).toContainEqual(
      expect.stringMatching(
        /^Round 2: .*; what participant 2 handed in was left out, although it is acceptable now\.$/,
      ),
    );
    expect(sentences).toContainEqual(
      expect.stringMatching(/^In round 2 the update of participant 2 was left out: .* is acceptable\.$/),
    );
    const verdicts = await verifyReceipt(receipt, federationVerifiers, { blobs });
    expect(verdicts.filter(({ status }) => status === 'failed' || status === 'undecided')).toEqual([]);

    // A runner who says that it was nowhere cannot be refuted, but whoever verifies is told.
    const hidden = evidence.map((record): Evidence => {
      if (record.figures.round?.value !== 2 || record.check.how !== 'here') return record;
      const inputs = record.check.inputs.filter((_, i) => i !== 5);
      const sentence = record.sentence.replace(
        'was left out, although it is acceptable now',
        'could not be found',
      );
      return { ...record, sentence, check: { ...record.check, inputs } };
    });
    const told = await verifyReceipt(createReceipt('test', job, hidden, artefacts), federationVerifiers, {
      blobs,
    });
    expect(told.find(({ piece }) => piece.includes(': Round 2:'))).toMatchObject({
      status: 'checked here',
      found: expect.stringContaining('the updates of participants [2], said to be nowhere, can be found now'),
    });
  });

  test('an objection to it says who was left out, even where the updates that are named give the posted model', async () => {
    const { receipt, blobs } = await gatherLie(1, true, withoutTwo);
    const i = receipt.evidence.findIndex(
      ({ check }) => check.how === 'here' && check.verifier === 'federation.objection',
    );
    expect(receipt.evidence[i]!.sentence).toMatch(
      /without the updates of participant 2, and .* with every update\. .* gives what the objector said\.$/,
    );
    // Without that update among the inputs, the aggregator would be right; the sentence has to say what is lacking.
    const forge = (end: string) => (record: Evidence) =>
      record.check.how === 'here'
        ? ({
            ...record,
            sentence: record.sentence.replace(/gives what.*$/, `gives what the aggregator posted${end}.`),
            check: { ...record.check, inputs: record.check.inputs.filter((_, j) => j !== 4) },
          } as Evidence)
        : record;
    expect(await verdictOf(receipt, blobs, i, forge(''))).toBe('claim.sentence');
    const honest = forge('; what participant 2 handed in could not be found');
    expect(await verdictOf(receipt, blobs, i, honest)).toBe('accepted');
  });

  test('an objection to the list alone is told of as such', async () => {
    const { receipt, blobs } = await gatherLie(1, true, (move) => ({ ...move, refused: [2] }));
    const { sentence } = receipt.evidence.find(({ sentence }) => sentence.startsWith('The job was stopped'))!;
    expect(sentence).toMatch(
      /posted model (0x[0-9a-f]{64}) without the updates of participant 2, and 0x[0-9a-f]{40} objected that it should be \1 with every update\. Recomputing it from the updates gives what the objector said\.$/,
    );
    const verdicts = await verifyReceipt(receipt, federationVerifiers, { blobs });
    expect(verdicts.filter(({ status }) => status === 'failed')).toEqual([]);
  });
});

test('a round in which nobody took part is told of as such, and of no field otherwise', async () => {
  const simulation = await createSimulation();
  await joinAll(simulation);
  const { ledger, job } = simulation;
  const submit = (move: Move) => ledger.rounds.submit(addressOfJob(job), move, key('aggregator'));
  await submit({ type: 'open', round: 0, model: job.model.parameters });
  const { deadline } = (await ledger.rounds.state(addressOfJob(job))).rounds[0]!;
  await vi.waitUntil(async () => (await ledger.now()) > deadline, { timeout: 30_000 });
  await submit({ type: 'advance', round: 0 });
  const { receipt, blobs } = await gather(simulation);
  const i = receipt.evidence.findIndex(({ figures }) => figures.round !== undefined);
  expect(receipt.evidence[i]!.figures.participants?.value).toBe(0);
  expect(await verdictOf(receipt, blobs, i, (record) => record)).toBe('accepted');
  for (const [field, edit] of Object.entries(edits)) {
    expect(await verdictOf(receipt, blobs, i, edit), field).toMatch(/^claim\./);
  }
});

describe('a run that a lying aggregator spoilt', () => {
  test('names both models, and recomputing says who was right', async () => {
    const simulation = await createSimulation();
    const { ledger, store } = simulation;
    await joinAll(simulation);
    await Promise.all([
      simulation.aggregator({
        ledger: {
          ...ledger,
          rounds: {
            ...ledger.rounds,
            async submit(job, move, by) {
              if (move.type !== 'step' || move.round !== 1) return ledger.rounds.submit(job, move, by);
              const model = decodeModel(await store.get(move.model), vector);
              model.flat[0]! += 1;
              const { address } = await store.put(encodeModel(model));
              return ledger.rounds.submit(job, { ...move, model: address }, by);
            },
          },
        },
      }),
      simulation.watcher(),
      ...simulation.participants.map((_, i) => simulation.participant(i)),
    ]);
    const { end } = await ledger.rounds.state(addressOfJob(simulation.job));
    if (end?.reason !== 'objected') throw new Error('not objected');
    const { receipt, blobs } = await gather(simulation);
    const i = receipt.evidence.findIndex(
      ({ check }) => check.how === 'here' && check.verifier === 'federation.objection',
    );
    expect(receipt.evidence[i]!.sentence).toBe(
      `The job was stopped: in round 2 an aggregator posted model ${end.posted}, and ${end.by} objected that it should be ${end.objected}. ` +
        'Recomputing it from the updates gives what the objector said.',
    );
    const verdicts = await verifyReceipt(receipt, federationVerifiers, { blobs });
    expect(verdicts.filter(({ status }) => status === 'failed' || status === 'undecided')).toEqual([]);
    for (const edit of Object.values(edits)) {
      expect(await verdictOf(receipt, blobs, i, edit)).not.toBe('accepted');
    }
  });

  test('names whom the objector would have refused, where that is the dispute', async () => {
    const simulation = await createSimulation();
    const { ledger } = simulation;
    await joinAll(simulation);
    const submit: typeof ledger.rounds.submit = (job, move, by) =>
      ledger.rounds.submit(job, move.type === 'step' ? { ...move, refused: [2] } : move, by);
    await Promise.all([
      simulation.aggregator({ ledger: { ...ledger, rounds: { ...ledger.rounds, submit } } }),
      simulation.watcher(),
      ...simulation.participants.map((_, i) => simulation.participant(i)),
    ]);
    const { end } = await ledger.rounds.state(addressOfJob(simulation.job));
    if (end?.reason !== 'objected') throw new Error('not objected');
    const { receipt, blobs } = await gather(simulation);
    expect(receipt.evidence.map(({ sentence }) => sentence)).toContain(
      `The job was stopped: in round 1 an aggregator posted model ${end.posted} without the updates of participant 2, ` +
        `and ${end.by} objected that it should be ${end.posted} with every update. ` +
        'Recomputing it from the updates gives what the objector said.',
    );
    const verdicts = await verifyReceipt(receipt, federationVerifiers, { blobs });
    expect(verdicts.filter(({ status }) => status === 'failed' || status === 'undecided')).toEqual([]);
  });
});
