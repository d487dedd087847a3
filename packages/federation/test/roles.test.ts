import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Address, addressOf, NonetError, utf8 } from '@nonet/core';
import type { BlobStore, Ledger, Move } from '@nonet/core/ports';
import { addressOfJob } from '@nonet/core/records';
import { expect, onTestFinished, test } from 'vitest';
import {
  acceptedParticipants,
  createFileStore,
  createHttpStore,
  createMemoryOutbox,
  createMemoryStore,
  currentModel,
  decodeModel,
  encodeModel,
  type FederationEvent,
  includedParticipants,
  isComplete,
  type MemoryLedger,
  type MemoryStore,
  type Outbox,
  startStoreServer,
  type Trainer,
} from '../src/index.ts';
import { createSimulation, createTestTrainer, joinAll, key, type Simulation, vector } from './simulation.ts';

const stateOf = ({ ledger, job }: Simulation) => ledger.rounds.state(addressOfJob(job));
const everybody = (simulation: Simulation) =>
  simulation.participants.map((_, i) => simulation.participant(i));

/** The model of an undisturbed run. */
async function undisturbed(): Promise<string> {
  const simulation = await createSimulation();
  await joinAll(simulation);
  await Promise.all([simulation.aggregator(), ...everybody(simulation)]);
  return currentModel(await stateOf(simulation));
}

/** A ledger through which one aggregator posts a model with one entry changed. */
function createLyingLedger(ledger: MemoryLedger, store: MemoryStore, round: number): Ledger {
  return {
    ...ledger,
    rounds: {
      ...ledger.rounds,
      async submit(job, move, by) {
        let lie: Move = move;
        if (move.type === 'step' && move.round === round) {
          const model = decodeModel(await store.get(move.model), vector);
          model.flat[3]! += 2 ** -10;
          lie = { ...move, model: (await store.put(encodeModel(model))).address };
        }
        return ledger.rounds.submit(job, lie, by);
      },
    },
  };
}

test('a job runs to its end: every step is checked, everybody is paid', async () => {
  const simulation = await createSimulation();
  await joinAll(simulation);
  const evaluation = {
    count: 1,
    correct: 1,
    accuracy: 1,
    loss: 0,
    confusion: [
      [1, 0],
      [0, 0],
    ],
  };
  const [aggregated, watched, ...took] = await Promise.all([
    simulation.aggregator(),
    simulation.watcher({ evaluate: async () => evaluation }),
    ...everybody(simulation),
  ]);
  const state = await stateOf(simulation);
  expect(isComplete(state)).toBe(true);
  expect(aggregated).toEqual({ outcome: 'complete', model: currentModel(state) });
  expect(watched.findings.map(({ round, agrees }) => [round, agrees])).toEqual([
    [0, true],
    [1, true],
    [2, true],
  ]);
  expect(watched.evaluations.map(({ round }) => round)).toEqual([0, 1, 2]);
  for (const [i, result] of took.entries()) {
    expect(result).toEqual({ participant: i, outcome: 'complete', committed: [0, 1, 2], withdrawn: 300n });
    expect(simulation.ledger.balanceOf(key(`participant ${i}`).account)).toBe(300n);
  }
  expect(simulation.ledger.balanceOf(simulation.ledger.contract)).toBe(0n);
  expect(currentModel(state)).toBe(await undisturbed());
});

test('an absentee costs one deadline, is not waited for, and comes back', async () => {
  const simulation = await createSimulation({ rounds: 4 });
  await joinAll(simulation);
  const expected = (round: number) => (round === 2 ? [1] : []);
  await Promise.all([
    simulation.aggregator({ expected }),
    simulation.watcher(),
    simulation.participant(0),
    simulation.participant(1, { absences: [0, 1] }),
    simulation.participant(2),
    simulation.participant(3),
  ]);
  const state = await stateOf(simulation);
  expect(state.rounds.map(acceptedParticipants)).toEqual([
    [0, 2, 3],
    [0, 2, 3],
    [0, 1, 2, 3],
    [0, 1, 2, 3],
  ]);
  expect(
    simulation.events.filter(({ who, type }) => who === 'participant 1' && type === 'missed').length,
  ).toBe(2);
});

test('a participant whose training diverges misses its own round, and nothing else happens', async () => {
  const simulation = await createSimulation();
  await joinAll(simulation);
  const trainer = createTestTrainer();
  await Promise.all([
    simulation.aggregator(),
    simulation.participant(0),
    simulation.participant(1),
    simulation.participant(2),
    simulation.participant(3, {
      trainer: {
        async train(request) {
          const result = await trainer.train(request);
          if (request.round !== 1) return result;
          const model = decodeModel(result.model, vector);
          model.flat[0] = Number.NaN;
          return { ...result, model: encodeModel(model) };
        },
      },
    }),
  ]);
  expect((await stateOf(simulation)).rounds.slice(0, 2).map(acceptedParticipants)).toEqual([
    [0, 1, 2, 3],
    [0, 1, 2],
  ]);
  expect(
    simulation.events.find(({ who, type }) => who === 'participant 3' && type === 'missed'),
  ).toMatchObject({
    round: 1,
    code: 'model.malformed',
  });
});

test('a lying aggregator is objected to: the job stops, both models are named, the escrow goes back', async () => {
  const simulation = await createSimulation();
  const { ledger, store, job } = simulation;
  await joinAll(simulation);
  const [aggregated, watched] = await Promise.all([
    simulation.aggregator({ ledger: createLyingLedger(ledger, store, 1) }),
    simulation.watcher(),
    ...everybody(simulation),
  ]);
  const state = await stateOf(simulation);
  const honest = await undisturbedRound(1);
  expect(state.end).toMatchObject({
    reason: 'objected',
    round: 1,
    objected: honest,
    by: key('watcher').account,
  });
  expect(state.end).not.toMatchObject({ posted: honest });
  expect(state.rounds[0]!.phase).toBe('final');
  expect(state.rounds.slice(1).every(({ phase }) => phase === 'void')).toBe(true);
  // What was objected to is nobody's result.
  expect(aggregated).toMatchObject({ outcome: 'ended', model: state.rounds[0]!.step!.model });
  expect(watched.findings.map(({ agrees }) => agrees)).toEqual(expect.arrayContaining([true, false]));
  await ledger.rounds.submit(addressOfJob(job), { type: 'withdraw', rounds: [] }, key('creator'));
  expect(ledger.balanceOf(key('creator').account)).toBeGreaterThanOrEqual(-400n);
  expect(ledger.balanceOf(key('watcher').account)).toBe(-50n);
});

async function undisturbedRound(round: number) {
  const simulation = await createSimulation();
  await joinAll(simulation);
  await Promise.all([simulation.aggregator(), ...everybody(simulation)]);
  return (await stateOf(simulation)).rounds[round]!.step!.model;
}

test('control: without a watcher the lie becomes final', async () => {
  const simulation = await createSimulation();
  const { ledger, store } = simulation;
  await joinAll(simulation);
  await Promise.all([
    simulation.aggregator({ ledger: createLyingLedger(ledger, store, 1) }),
    ...everybody(simulation),
  ]);
  const state = await stateOf(simulation);
  expect(isComplete(state)).toBe(true);
  expect(state.rounds[1]!.step!.model).not.toBe(await undisturbedRound(1));
});

test('an aggregator that drops somebody on a pretext is objected to, even with the right model', async () => {
  const simulation = await createSimulation();
  const { ledger } = simulation;
  await joinAll(simulation);
  const dropping: Ledger = {
    ...ledger,
    rounds: {
      ...ledger.rounds,
      submit: (job, move, by) =>
        ledger.rounds.submit(
          job,
          move.type === 'step' && move.round === 1 ? { ...move, refused: [2] } : move,
          by,
        ),
    },
  };
  await Promise.all([
    simulation.aggregator({ ledger: dropping }),
    simulation.watcher(),
    ...everybody(simulation),
  ]);
  const { end } = await stateOf(simulation);
  const honest = await undisturbedRound(1);
  expect(end).toMatchObject({ reason: 'objected', round: 1, posted: honest, objected: honest, refused: [] });
  expect(simulation.events.find(({ type }) => type === 'objected')).toMatchObject({
    because: 'participants [] should be refused, not [2]',
  });
});

test('another aggregator takes over with another key, and ends with the same model', async () => {
  const simulation = await createSimulation();
  await joinAll(simulation);
  const death = new AbortController();
  const first = simulation.aggregator({
    signal: death.signal,
    onEvent: ({ type, ...event }) => {
      // Dies between closing round 1 and posting its step.
      if (type === 'closed' && 'round' in event && event.round === 1) death.abort();
    },
  });
  const rest = Promise.all(everybody(simulation));
  expect((await first).outcome).toBe('aborted');
  expect((await stateOf(simulation)).rounds[1]!.phase).toBe('stepping');
  await Promise.all([
    simulation.aggregator({ signer: key('second aggregator') }),
    simulation.watcher(),
    rest,
  ]);
  const state = await stateOf(simulation);
  expect(isComplete(state)).toBe(true);
  expect(state.rounds.map(({ step }) => step!.by)).toEqual([
    key('aggregator').account,
    key('second aggregator').account,
    key('second aggregator').account,
  ]);
  expect(currentModel(state)).toBe(await undisturbed());
});

test('two aggregators at once do no harm', async () => {
  const simulation = await createSimulation();
  await joinAll(simulation);
  await Promise.all([
    simulation.aggregator(),
    simulation.aggregator({ signer: key('second aggregator') }),
    ...everybody(simulation),
  ]);
  expect(currentModel(await stateOf(simulation))).toBe(await undisturbed());
});

test.each(['writing the update', 'uploading it'])(
  'a participant killed after %s sends the same bytes again, and nothing else changes',
  async (moment) => {
    const simulation = await createSimulation();
    await joinAll(simulation);
    const outbox = createMemoryOutbox();
    const death = new AbortController();
    const dying: Outbox = {
      read: outbox.read,
      async write(round, bytes) {
        await outbox.write(round, bytes);
        if (round === 1 && moment === 'writing the update') death.abort();
        death.signal.throwIfAborted();
      },
    };
    const others = [0, 1, 3].map((i) => simulation.participant(i));
    const aggregator = simulation.aggregator();
    const first = await simulation.participant(2, {
      outbox: dying,
      signal: death.signal,
      store: {
        ...simulation.store,
        async put(bytes) {
          const stored = await simulation.store.put(bytes);
          if ((await outbox.read(1)) !== undefined) death.abort();
          death.signal.throwIfAborted();
          return stored;
        },
      },
    });
    expect(first).toMatchObject({ outcome: 'aborted', committed: [0] });
    const sent = addressOf((await outbox.read(1))!);
    await Promise.all([simulation.participant(2, { outbox }), aggregator, ...others]);
    const state = await stateOf(simulation);
    expect(state.rounds[1]!.commitments[2]).toBe(sent);
    expect(simulation.events).toContainEqual({
      who: 'participant 2',
      type: 'resumed',
      round: 1,
      commitment: sent,
    });
    expect(currentModel(state)).toBe(await undisturbed());
  },
);

test('bad updates are refused with a reason, and the round goes on', async () => {
  const simulation = await createSimulation({ rounds: 1, minimum: 1 }, 6);
  const { store, ledger, job } = simulation;
  await joinAll(simulation);
  const commit = (participant: number, commitment: Address) =>
    ledger.rounds.submit(
      addressOfJob(job),
      { type: 'commit', round: 0, commitment },
      key(`participant ${participant}`),
    );
  const outbox = createMemoryOutbox();
  const aggregator = simulation.aggregator();
  const watcher = simulation.watcher();
  const honest = [0, 1].map((i) => simulation.participant(i, i === 0 ? { outbox } : {}));
  await expect.poll(async () => outbox.read(0)).toBeDefined();
  const update = (await outbox.read(0))!;
  await commit(2, addressOf(update)); // of somebody else
  await commit(3, (await store.put(new Uint8Array(10_000))).address); // too large
  const { address: damaged } = await store.put(Uint8Array.of(...update, 4));
  store.blobs.set(damaged, Uint8Array.of(1));
  await commit(4, damaged);
  await commit(5, addressOf(utf8('nowhere')));
  await Promise.all([aggregator, watcher, ...honest]);
  const [round] = (await stateOf(simulation)).rounds;
  expect(round!.unavailable).toEqual([4, 5]);
  expect(includedParticipants(round!)).toEqual([0, 1, 2, 3]);
  expect(round!.step!.refused).toEqual([2, 3]);
  expect(round!.phase).toBe('final');
  const refusals = simulation.events.flatMap((event) =>
    event.type === 'updateRefused' ? [[event.participant, event.refusal.refused]] : [],
  );
  expect(refusals.sort()).toEqual([
    [2, 'WrongParticipant'],
    [3, 'Oversized'],
    [4, 'Corrupt'],
    [5, 'Unavailable'],
  ]);
});

test('who is named unavailable although a store holds the update appeals and is included', async () => {
  const simulation = await createSimulation({ rounds: 1 });
  await joinAll(simulation);
  const { store } = simulation;
  // The aggregator's store lacks what participant 1 sent, until the appeal.
  const hidden = new Set<string>();
  const outbox = createMemoryOutbox();
  const blind = {
    ...store,
    get: (address: Parameters<typeof store.get>[0], options?: Parameters<typeof store.get>[1]) =>
      hidden.has(address) ? createMemoryStore().get(address) : store.get(address, options),
  };
  const hiding: Outbox = {
    read: outbox.read,
    async write(round, bytes) {
      hidden.add(addressOf(bytes));
      await outbox.write(round, bytes);
    },
  };
  await Promise.all([
    simulation.aggregator({
      store: blind,
      onEvent: ({ type }) => {
        if (type === 'closed') hidden.clear();
      },
    }),
    simulation.watcher(),
    simulation.participant(0),
    simulation.participant(1, { outbox: hiding }),
    simulation.participant(2),
    simulation.participant(3),
  ]);
  const [round] = (await stateOf(simulation)).rounds;
  expect(simulation.events).toContainEqual({ who: 'participant 1', type: 'appealed', round: 0 });
  expect(acceptedParticipants(round!)).toEqual([0, 1, 2, 3]);
});

test('roles refuse jobs that the ledger does not hold as written, and keys that the job does not name', async () => {
  const simulation = await createSimulation();
  const { job } = simulation;
  const code = (code: string) => expect.objectContaining({ code });
  await expect(simulation.participant(0, { job: { ...job, name: 'another' } })).rejects.toThrow(
    code('job.unknown'),
  );
  await expect(simulation.aggregator({ signer: key('stranger') })).rejects.toThrow(code('job.role'));
  await expect(simulation.participant(0, { sitePolicy: { maximumRounds: 2 } })).rejects.toThrow(
    code('policy.refused'),
  );
  const lying: Ledger = {
    ...simulation.ledger,
    jobs: {
      ...simulation.ledger.jobs,
      read: async (address) => ({ ...(await simulation.ledger.jobs.read(address))!, minimum: 1 }),
    },
  };
  await expect(simulation.participant(0, { ledger: lying })).rejects.toThrow(code('job.terms'));
});

test('a ledger that breaks the rules is not followed', async () => {
  const simulation = await createSimulation();
  await joinAll(simulation);
  const { ledger } = simulation;
  const breaking: Ledger = {
    ...ledger,
    rounds: {
      ...ledger.rounds,
      async *follow(job, signal) {
        for await (const event of ledger.rounds.follow(job, signal)) {
          yield event;
          yield event;
        }
      },
    },
  };
  await expect(simulation.participant(0, { ledger: breaking })).rejects.toThrow(
    expect.objectContaining({ code: 'ledger.rules' }),
  );
});

test('over HTTP, with a store that dies and comes back: the same model', async () => {
  const simulation = await createSimulation({
    // Sockets and disks take wall time, which the idle clock does not wait for.
    phases: { open: 0, collecting: 100_000, appealing: 10, complaining: 0, opening: 0, stepping: 300 },
  });
  await joinAll(simulation);
  const folder = await mkdtemp(join(tmpdir(), 'nonet-roles-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const files = createFileStore(folder, key('store'));
  await files.put(await simulation.store.get(simulation.job.model.parameters));
  let server = await startStoreServer({ store: files });
  onTestFinished(() => server.close());
  const port = Number(new URL(server.url).port);
  const store = createHttpStore({
    url: server.url,
    account: key('store').account,
    attempts: 2,
    backoffMilliseconds: 1,
  });
  let restarts = 0;
  const onEvent = async ({ type }: FederationEvent) => {
    if (type !== 'committed' || ++restarts > 1) return;
    await server.close();
    await new Promise((resolve) => setTimeout(resolve, 30));
    server = await startStoreServer({ store: files, port });
  };
  await Promise.all([
    simulation.aggregator({ store, patienceMilliseconds: 2000 }),
    simulation.watcher({ store, patienceMilliseconds: 2000 }),
    ...simulation.participants.map((_, i) =>
      simulation.participant(i, { store, ...(i === 0 ? { onEvent } : {}) }),
    ),
  ]);
  const state = await stateOf(simulation);
  expect(isComplete(state)).toBe(true);
  expect(
    state.rounds.every((round) => round.phase !== 'final' || acceptedParticipants(round).length === 4),
  ).toBe(true);
  expect(currentModel(state)).toBe(await undisturbed());
});

test('an aggregator that posts the right model and withholds it does not stall the job', async () => {
  const simulation = await createSimulation();
  await joinAll(simulation);
  const withholding = {
    ...simulation.store,
    put: async (bytes: Uint8Array) => ({ address: addressOf(bytes) }),
  };
  await Promise.all([
    simulation.aggregator({ store: withholding }),
    simulation.watcher(),
    ...everybody(simulation),
  ]);
  expect(currentModel(await stateOf(simulation))).toBe(await undisturbed());
});

test('a store that refuses, lies or is full stops no role', async () => {
  const simulation = await createSimulation();
  await joinAll(simulation);
  const { store } = simulation;
  const failure = (code: string) => new NonetError({ code, expected: 'a store', found: 'a rude one' });
  let requests = 0;
  // Every third answer is one of these, for updates and models alike.
  const codes = ['store.refused', 'blob.corrupt', 'blob.missing'];
  const rude: BlobStore = {
    ...store,
    async get(address, options) {
      if (++requests % 3 === 0) throw failure(codes[(requests / 3) % codes.length]!);
      return store.get(address, options);
    },
  };
  const full: BlobStore = {
    ...rude,
    has: async () => false,
    put: () => Promise.reject(failure('store.refused')),
  };
  const [aggregated, watched] = await Promise.all([
    simulation.aggregator({ store: rude, patienceMilliseconds: 500 }),
    simulation.watcher({ store: full, patienceMilliseconds: 500 }),
    ...simulation.participants.map((_, i) => simulation.participant(i, { store: rude })),
  ]);
  expect(aggregated.outcome).toBe('complete');
  expect(watched.findings.map(({ agrees }) => agrees)).toEqual([true, true, true]);
  expect(currentModel(await stateOf(simulation))).toBe(await undisturbed());
});

test('who is dropped without any effect on the model is still objected for, by naming the right list', async () => {
  const simulation = await createSimulation({ rounds: 1 });
  await joinAll(simulation);
  const { ledger } = simulation;
  // Everybody trains alike: the average does not tell who is in it, but the money does.
  const trainer = createTestTrainer();
  const alike: Trainer = {
    train: async (request) => ({ ...(await trainer.train({ ...request, participant: 0 })), examples: 10 }),
  };
  const dropping: Ledger = {
    ...ledger,
    rounds: {
      ...ledger.rounds,
      submit: (job, move, by) =>
        ledger.rounds.submit(job, move.type === 'step' ? { ...move, refused: [2] } : move, by),
    },
  };
  await Promise.all([
    simulation.aggregator({ ledger: dropping }),
    simulation.watcher(),
    ...simulation.participants.map((_, i) => simulation.participant(i, { trainer: alike })),
  ]);
  const { end } = await stateOf(simulation);
  expect(end).toMatchObject({ reason: 'objected', round: 0, refused: [] });
  expect(end).toHaveProperty('objected', (end as { posted: string }).posted);
});
