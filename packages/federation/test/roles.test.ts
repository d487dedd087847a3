import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Address, addressOf, NonetError, utf8 } from '@nonet/core';
import type { BlobStore, Ledger, Move } from '@nonet/core/ports';
import { idOfJob } from '@nonet/core/records';
import { expect, onTestFinished, test } from 'vitest';
import {
  acceptedParticipants,
  createFileStore,
  createHttpStore,
  createMemoryOutbox,
  createMemoryStore,
  decodeModel,
  encodeModel,
  type FederationEvent,
  finalModel,
  heldFor,
  includedParticipants,
  isComplete,
  type MemoryLedger,
  type Outbox,
  signStoreReceipt,
  startStoreServer,
  zeroAccount,
} from '../src/index.ts';
import {
  arithmetic,
  createSimulation,
  createTestTrainer,
  joinAll,
  key,
  type Simulation,
} from './simulation.ts';

const stateOf = ({ ledger, job }: Simulation) => ledger.stateOf(idOfJob(job));
const allParticipants = (simulation: Simulation) =>
  simulation.participants.map((_, i) => simulation.participant(i));
const second = { signer: key('second aggregator') };

/** The model of an undisturbed run. */
async function undisturbed(): Promise<string> {
  const simulation = await createSimulation();
  await joinAll(simulation);
  await Promise.all([simulation.aggregator(), ...allParticipants(simulation)]);
  return finalModel(stateOf(simulation));
}

/** A ledger through which one role makes other moves than it means to. */
function misled(ledger: MemoryLedger, change: (move: Move) => Promise<Move> | Move): Ledger {
  return {
    ...ledger,
    rounds: {
      ...ledger.rounds,
      submit: async (job, move, by, wei) => ledger.rounds.submit(job, await change(move), by, wei),
    },
  };
}

/** Posts a model with one entry changed in the first attempt at a step. */
function lyingLedger({ ledger, store }: Simulation, lies: (round: number) => boolean): Ledger {
  return misled(ledger, async (move) => {
    if (move.type !== 'step' || !lies(move.round)) return move;
    const model = decodeModel(await store.get(move.model), arithmetic);
    model.flat[3]! += 2 ** -10;
    const { address, receipts } = await store.put(encodeModel(model));
    return { ...move, model: address, receipts };
  });
}

test('a job runs to its end: every step is checked, every participant is paid, bonds come back', async () => {
  const simulation = await createSimulation();
  const { ledger, job } = simulation;
  await joinAll(simulation);
  const [aggregated, watched, ...took] = await Promise.all([
    simulation.aggregator(),
    simulation.watcher(),
    ...allParticipants(simulation),
  ]);
  const state = stateOf(simulation);
  expect(isComplete(state)).toBe(true);
  expect(aggregated).toEqual({ outcome: 'complete', model: finalModel(state) });
  expect(watched.findings.map(({ agrees, round }) => [agrees, round])).toEqual([
    [true, 0],
    [true, 1],
    [true, 2],
  ]);
  expect(took.map(({ withdrawn, committed }) => [withdrawn, committed])).toEqual(
    Array(4).fill([300n, [0, 1, 2]]),
  );
  expect(ledger.balanceOf(key('aggregator').account)).toBe(0n);
  expect(ledger.balanceOf(ledger.contract)).toBe(heldFor(state));
  expect(heldFor(state)).toBe(0n);
  expect(job.aggregators.map((account) => ledger.balanceOf(account))).toEqual([0n, 0n]);
});

test('an absentee costs one deadline, is not waited for, and comes back', async () => {
  const simulation = await createSimulation({ rounds: 4 });
  await joinAll(simulation);
  await Promise.all([
    simulation.aggregator({ expected: (step) => (step === 2 ? [1] : []) }),
    simulation.watcher(),
    simulation.participant(0),
    simulation.participant(1, { absences: [0, 1] }),
    simulation.participant(2),
    simulation.participant(3),
  ]);
  expect(stateOf(simulation).rounds.map(acceptedParticipants)).toEqual([
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
    ...[0, 1, 2].map((i) => simulation.participant(i)),
    simulation.participant(3, {
      trainer: {
        async train(request) {
          const result = await trainer.train(request);
          if (request.step !== 1) return result;
          const model = decodeModel(result.model, arithmetic);
          model.flat[0] = Number.NaN;
          return { ...result, model: encodeModel(model) };
        },
      },
    }),
  ]);
  expect(stateOf(simulation).rounds.slice(0, 2).map(acceptedParticipants)).toEqual([
    [0, 1, 2, 3],
    [0, 1, 2],
  ]);
  expect(
    simulation.events.find(({ who, type }) => who === 'participant 3' && type === 'missed'),
  ).toMatchObject({ round: 1, code: 'model.malformed' });
});

test('an aggregator that lies in one entry is struck, and the job ends with the right model', async () => {
  const simulation = await createSimulation();
  const { ledger } = simulation;
  await joinAll(simulation);
  await Promise.all([
    simulation.aggregator({ ledger: lyingLedger(simulation, (round) => round === 1) }),
    simulation.aggregator(second),
    simulation.watcher(),
    ...allParticipants(simulation),
  ]);
  const state = stateOf(simulation);
  expect(finalModel(state)).toBe(await undisturbed());
  expect(state.aggregators.map(({ status }) => status)).toEqual(['struck', 'absent']);
  expect(state.rounds[1]!.failure).toMatchObject({
    reason: 'proven',
    lie: { kind: 'average' },
    culprit: key('aggregator').account,
    by: key('watcher').account,
  });
  expect(ledger.balanceOf(zeroAccount)).toBe(25n);
  expect(state.rewards[key('watcher').account]).toBe(25n);
  expect(ledger.balanceOf(ledger.contract)).toBe(heldFor(state));
});

test('control: without a watcher the lie becomes final', async () => {
  const simulation = await createSimulation();
  await joinAll(simulation);
  await Promise.all([
    simulation.aggregator({ ledger: lyingLedger(simulation, (round) => round === 1) }),
    ...allParticipants(simulation),
  ]);
  const state = stateOf(simulation);
  expect(isComplete(state)).toBe(true);
  expect(finalModel(state)).not.toBe(await undisturbed());
});

test('an aggregator that refuses an update on a pretext is struck, even with the average of the rest', async () => {
  const simulation = await createSimulation();
  const { store } = simulation;
  await joinAll(simulation);
  // Left out by its own reckoning: the store hides the update from this aggregator's sum.
  const pretext = misled(simulation.ledger, (move) =>
    move.type === 'step' && move.round === 0
      ? { ...move, refused: [{ participant: 2, reason: 'OutOfRange', entry: 5 }] }
      : move,
  );
  await Promise.all([
    simulation.aggregator({ ledger: pretext, store }),
    simulation.aggregator(second),
    simulation.watcher(),
    ...allParticipants(simulation),
  ]);
  const state = stateOf(simulation);
  expect(state.rounds[0]!.failure).toMatchObject({
    reason: 'proven',
    lie: { kind: 'refused', participant: 2 },
  });
  expect(finalModel(state)).toBe(await undisturbed());
});

test('an aggregator that dies between close and step is replaced, and the model is the same', async () => {
  const simulation = await createSimulation();
  await joinAll(simulation);
  const death = new AbortController();
  const first = simulation.aggregator({
    signal: death.signal,
    onEvent: ({ type, ...event }) => {
      if (type === 'closed' && 'round' in event && event.round === 1) death.abort();
    },
  });
  const rest = Promise.all([
    ...allParticipants(simulation),
    simulation.watcher(),
    simulation.aggregator(second),
  ]);
  expect((await first).outcome).toBe('aborted');
  await rest;
  const state = stateOf(simulation);
  expect(isComplete(state)).toBe(true);
  expect(state.rounds.map(({ posted }) => posted!.by)).toEqual([
    key('aggregator').account,
    second.signer.account,
    second.signer.account,
  ]);
  expect(finalModel(state)).toBe(await undisturbed());
});

test('a void round is repeated with the same randomness, so one aggregator that comes back ends alike', async () => {
  const simulation = await createSimulation();
  await joinAll(simulation);
  const death = new AbortController();
  const first = simulation.aggregator({
    signal: death.signal,
    onEvent: ({ type, ...event }) => {
      if (type === 'closed' && 'round' in event && event.round === 1) death.abort();
    },
  });
  const rest = Promise.all([...allParticipants(simulation), simulation.watcher()]);
  await first;
  await expect.poll(() => stateOf(simulation).rounds[1]!.phase, { timeout: 10_000 }).toBe('void');
  await Promise.all([simulation.aggregator(), rest]);
  const state = stateOf(simulation);
  expect(state.rounds.map(({ step, phase }) => [step, phase])).toEqual([
    [0, 'final'],
    [1, 'void'],
    [1, 'final'],
    [2, 'final'],
  ]);
  // The same bytes again: the outbox is keyed by the step.
  expect(state.rounds[2]!.commitments).toEqual(state.rounds[1]!.commitments);
  expect(finalModel(state)).toBe(await undisturbed());
});

test('two aggregators at once do no harm', async () => {
  const simulation = await createSimulation();
  await joinAll(simulation);
  await Promise.all([simulation.aggregator(), simulation.aggregator(second), ...allParticipants(simulation)]);
  expect(finalModel(stateOf(simulation))).toBe(await undisturbed());
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
      async write(step, bytes) {
        await outbox.write(step, bytes);
        if (step === 1 && moment === 'writing the update') death.abort();
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
    const sent = addressOf((await outbox.read(1))!.slice(4));
    await Promise.all([simulation.participant(2, { outbox }), aggregator, ...others]);
    const state = stateOf(simulation);
    expect(state.rounds[1]!.commitments[2]!.blob).toBe(sent);
    expect(simulation.events).toContainEqual({
      who: 'participant 2',
      type: 'resumed',
      round: 1,
      blob: sent,
    });
    expect(finalModel(state)).toBe(await undisturbed());
  },
);

test('bad updates are refused with a reason, what is nowhere is not included, and the round goes on', async () => {
  const simulation = await createSimulation({ rounds: 1, minParticipants: 1 }, 6);
  const { store, ledger, job } = simulation;
  await joinAll(simulation);
  const commit = (participant: number, blob: Address) =>
    ledger.rounds.submit(
      idOfJob(job),
      { type: 'commit', round: 0, blob, weight: 1 },
      key(`participant ${participant}`),
    );
  const outbox = createMemoryOutbox();
  const roles = [simulation.aggregator(), simulation.watcher()];
  const honest = [0, 1].map((i) => simulation.participant(i, i === 0 ? { outbox } : {}));
  await expect.poll(async () => outbox.read(0)).toBeDefined();
  const update = (await outbox.read(0))!.slice(4);
  await commit(2, addressOf(update)); // of another participant
  await commit(3, (await store.put(new Uint8Array(10_000))).address); // too long
  const { address: damaged } = await store.put(Uint8Array.of(...update, 4));
  store.blobs.set(damaged, Uint8Array.of(1));
  await commit(4, damaged);
  await commit(5, addressOf(utf8('nowhere')));
  await Promise.all([...roles, ...honest]);
  const [round] = stateOf(simulation).rounds;
  expect(round!.unavailable).toEqual([4, 5]);
  expect(includedParticipants(round!)).toEqual([0, 1, 2, 3]);
  expect(round!.posted!.refused).toEqual([
    { participant: 2, reason: 'WrongParticipant', entry: 0 },
    { participant: 3, reason: 'WrongLength', entry: 0 },
  ]);
  expect(round!.phase).toBe('final');
  const refusals = simulation.events.flatMap((event) =>
    event.type === 'updateRefused' ? [[event.participant, event.refusal.refused]] : [],
  );
  expect(refusals.sort()).toEqual([
    [2, 'WrongParticipant'],
    [3, 'WrongLength'],
  ]);
});

test('a participant named unavailable although a store holds its update appeals and is included', async () => {
  const simulation = await createSimulation({ rounds: 1 });
  await joinAll(simulation);
  const { store } = simulation;
  // The aggregator sees nothing of what participant 1 sent, until the appeal.
  const hidden = new Set<string>();
  const outbox = createMemoryOutbox();
  const empty = createMemoryStore();
  const blind: BlobStore = {
    ...store,
    get: (address, options) => (hidden.has(address) ? empty : store).get(address, options),
    receipts: (address, options) => (hidden.has(address) ? empty : store).receipts(address, options),
  };
  const hiding: Outbox = {
    read: outbox.read,
    async write(step, bytes) {
      hidden.add(addressOf(bytes.slice(4)));
      await outbox.write(step, bytes);
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
  const [round] = stateOf(simulation).rounds;
  expect(simulation.events).toContainEqual({ who: 'participant 1', type: 'appealed', round: 0 });
  expect(acceptedParticipants(round!)).toEqual([0, 1, 2, 3]);
});

test('an aggregator that includes what no other can read is asked for receipts, and struck for its silence', async () => {
  const simulation = await createSimulation();
  const { ledger, job } = simulation;
  await joinAll(simulation);
  // An aggregator and participant 3 collude: the first includes a commitment to bytes in no store.
  const withMissing = misled(ledger, (move) =>
    move.type === 'close' && move.round === 0 ? { ...move, unavailable: [] } : move,
  );
  const nowhere = addressOf(utf8('nowhere'));
  const colluding = (async () => {
    await expect.poll(() => stateOf(simulation).rounds[0]?.phase, { timeout: 10_000 }).toBe('collecting');
    await ledger.rounds.submit(
      idOfJob(job),
      { type: 'commit', round: 0, blob: nowhere, weight: 1 },
      key('participant 3'),
    );
  })();
  await Promise.all([
    colluding,
    simulation.aggregator({ ledger: withMissing }),
    simulation.aggregator(second),
    simulation.watcher(),
    ...[0, 1, 2].map((i) => simulation.participant(i)),
  ]);
  const state = stateOf(simulation);
  expect(state.rounds[0]!.failure).toMatchObject({
    reason: 'proven',
    lie: { kind: 'silence', participant: 3 },
    culprit: key('aggregator').account,
  });
  expect(isComplete(state)).toBe(true);
  expect(state.aggregators[0]!.status).toBe('struck');
});

test('an aggregator that has the receipts of what a watcher cannot read answers, and keeps its bond', async () => {
  const simulation = await createSimulation({ rounds: 1 });
  await joinAll(simulation);
  const { store } = simulation;
  const outbox = createMemoryOutbox();
  let hidden: Address | undefined;
  const empty = createMemoryStore();
  await Promise.all([
    simulation.aggregator(),
    simulation.watcher({
      store: {
        ...store,
        get: (address, options) => (address === hidden ? empty : store).get(address, options),
      },
    }),
    ...[0, 1, 2].map((i) => simulation.participant(i)),
    simulation.participant(3, {
      outbox: {
        read: outbox.read,
        async write(step, bytes) {
          hidden = addressOf(bytes.slice(4));
          await outbox.write(step, bytes);
        },
      },
    }),
  ]);
  const state = stateOf(simulation);
  expect(state.rounds[0]!.demands[3]).toMatchObject({ answered: true });
  expect(simulation.events).toContainEqual(
    expect.objectContaining({ who: 'watcher', type: 'abstained', participants: [3] }),
  );
  expect(isComplete(state)).toBe(true);
  expect(state.aggregators.map(({ status }) => status)).not.toContain('struck');
});

test('a watcher that proves what is not so is refused, and nothing changes', async () => {
  const simulation = await createSimulation({ rounds: 1 });
  const { ledger, job, store } = simulation;
  await joinAll(simulation);
  let refused: unknown;
  await Promise.all([
    simulation.aggregator({
      onEvent: async ({ type }) => {
        if (type !== 'stepped') return;
        const { posted, model } = stateOf(simulation).rounds[0]!;
        const { showLeaf } = await import('../src/update/lies.ts');
        const [start, next] = [await store.get(model), await store.get(posted!.model)];
        const lie = { kind: 'header', index: 0, start: showLeaf(start, 0), next: showLeaf(next, 0) } as const;
        refused = await ledger.rounds.submit(idOfJob(job), { type: 'prove', round: 0, lie }, key('stranger'));
      },
    }),
    ...allParticipants(simulation),
  ]);
  expect(refused).toMatchObject({ refused: 'WrongProof' });
  expect(isComplete(stateOf(simulation))).toBe(true);
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
      read: async (id) => ({ ...(await simulation.ledger.jobs.read(id))!, minParticipants: 1 }),
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
    phases: {
      open: 0,
      collecting: 100_000,
      closing: 100_000,
      appealing: 10,
      complaining: 0,
      opening: 0,
      stepping: 100_000,
      objecting: 300,
    },
  });
  await joinAll(simulation);
  const folder = await mkdtemp(join(tmpdir(), 'nonet-roles-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const files = createFileStore(folder, key('store'));
  await files.put(await simulation.store.get(stateOf(simulation).terms.model));
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
    simulation.aggregator({ store, patienceMilliseconds: 5000 }),
    simulation.watcher({ store }),
    ...simulation.participants.map((_, i) =>
      simulation.participant(i, { store, ...(i === 0 ? { onEvent } : {}) }),
    ),
  ]);
  const state = stateOf(simulation);
  expect(isComplete(state)).toBe(true);
  expect(
    state.rounds.every((round) => round.phase !== 'final' || acceptedParticipants(round).length === 4),
  ).toBe(true);
  expect(finalModel(state)).toBe(await undisturbed());
});

test('an aggregator that withholds the model that it posts cannot post it: no store signs for it', async () => {
  const simulation = await createSimulation();
  await joinAll(simulation);
  const withholding: BlobStore = {
    ...simulation.store,
    put: async (bytes) => {
      const address = addressOf(bytes);
      // Signed by a stranger, since no store of the job has seen it.
      return { address, receipts: [await signStoreReceipt(address, bytes.length, key('stranger'))] };
    },
  };
  await Promise.all([
    simulation.aggregator({ store: withholding }),
    simulation.aggregator(second),
    simulation.watcher(),
    ...allParticipants(simulation),
  ]);
  const state = stateOf(simulation);
  expect(state.rounds.every(({ posted }) => posted?.by !== key('aggregator').account)).toBe(true);
  expect(finalModel(state)).toBe(await undisturbed());
});

test('a store that refuses and lies now and then stops no role', async () => {
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
  const [aggregated, watched] = await Promise.all([
    simulation.aggregator({ store: rude, patienceMilliseconds: 500 }),
    simulation.watcher({ store: rude }),
    ...simulation.participants.map((_, i) => simulation.participant(i, { store: rude })),
  ]);
  expect(aggregated.outcome).toBe('complete');
  expect(watched.findings.every(({ agrees }) => agrees)).toBe(true);
  expect(finalModel(stateOf(simulation))).toBe(await undisturbed());
});
