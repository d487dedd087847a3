/** Roles against each other, honest and not: every job here ends, and ends with the right model. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Address, addressOf, type Content, contentOf, NonetError, pause, utf8 } from '@nonet/core';
import {
  type BlobStore,
  blobMissing,
  blobOversized,
  type JobState,
  type Ledger,
  type Lie,
  type Move,
} from '@nonet/core/ports';
import { idOfJob, type TrainJob } from '@nonet/core/records';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  acceptedParticipants,
  averageUpdates,
  averaging,
  chooseReceipts,
  createFileStore,
  createHttpStore,
  createMemoryOutbox,
  createMemoryStore,
  decodeModel,
  domainOf,
  encodeModel,
  encodeUpdate,
  type FederationEvent,
  finalModel,
  includedParticipants,
  isComplete,
  type Outbox,
  startStoreServer,
  type Trainer,
} from '../src/index.ts';
import { changeMoves } from '../src/testing/changeMoves.ts';
import {
  arithmetic,
  createSimulation,
  createTestTrainer,
  datasetOf,
  joinAll,
  key,
  type Simulation,
} from './simulation.ts';

const { phases } = (await createSimulation()).job;
const jobIdOf = ({ job }: Simulation) => idOfJob(job);
const everyParticipant = (simulation: Simulation) =>
  simulation.participants.map((_, i) => simulation.participant(i));
const code = (code: string) => expect.objectContaining({ code });

async function createJoined(more: Partial<TrainJob> = {}, size = 4): Promise<Simulation> {
  const simulation = await createSimulation(more, size);
  onTestFinished(() => simulation.stop.abort());
  await joinAll(simulation);
  return simulation;
}

/** Posted models by round of an undisturbed run. */
let undisturbed: Promise<readonly Address[]> | undefined;
async function modelsOf(run: () => Promise<Simulation>): Promise<readonly Address[]> {
  return (await run()).state().rounds.map(({ posted }) => posted!.model);
}
function undisturbedModels(): Promise<readonly Address[]> {
  undisturbed ??= modelsOf(async () => {
    const simulation = await createSimulation();
    await joinAll(simulation);
    await Promise.all([simulation.aggregator(), ...everyParticipant(simulation)]);
    return simulation;
  });
  return undisturbed;
}

/** Of the steps that count: the model after each. */
const steps = ({ rounds }: JobState) =>
  rounds.flatMap(({ phase, posted }) => (phase === 'final' ? [posted!.model] : []));

/** What an account has at the end, less what it had. */
const earned = ({ ledger }: Simulation, name: string) => ledger.balanceOf(key(name).account);

type StepMove = Extract<Move, { type: 'step' }>;

/** The same, in the step of one round. */
function createLyingLedger(
  { ledger }: Simulation,
  round: number,
  lie: (step: StepMove) => Promise<StepMove> | StepMove,
): Ledger {
  return changeMoves(ledger, (move) => (move.type === 'step' && move.round === round ? lie(move) : move));
}

/** Stores what a step is to name, and changes the step accordingly. */
async function withModel(simulation: Simulation, step: StepMove, bytes: Uint8Array): Promise<StepMove> {
  const { address, receipts } = await simulation.connect().put(bytes);
  return {
    ...step,
    model: address,
    receipts: chooseReceipts(simulation.state().terms, address, receipts) ?? [],
  };
}

/** The model of a step with one number moved. */
async function withWrongNumber(simulation: Simulation, step: StepMove): Promise<StepMove> {
  const model = decodeModel((await simulation.stores[0]!.get(step.model)).bytes, arithmetic);
  model.flat[3]! += 2 ** -10;
  return withModel(simulation, step, encodeModel(model));
}

/**
 * A step that accepts what it has to refuse, or the other way round, with the model that follows
 * from that.
 */
async function withRefused(
  simulation: Simulation,
  step: StepMove,
  refused: StepMove['refused'],
): Promise<StepMove> {
  const store = simulation.stores[0]!;
  const state = simulation.state();
  const current = state.rounds[step.round]!;
  const out = new Set(refused.map(({ participant }) => participant));
  const contributions = await Promise.all(
    includedParticipants(current)
      .filter((participant) => !out.has(participant))
      .map(async (participant) => {
        const { blob, weight } = current.commitments[participant]!;
        return { weight, entries: new Int32Array((await store.get(blob)).bytes.slice(256).buffer) };
      }),
  );
  const start = decodeModel((await store.get(current.model)).bytes, arithmetic);
  const flat = averaging.apply(start.flat, averageUpdates(contributions, arithmetic));
  const changed = await withModel(simulation, step, encodeModel({ tensors: start.tensors, flat }));
  return { ...changed, refused };
}

describe('an undisturbed job', () => {
  test('runs to its end: every step is checked, everybody is paid, every stake comes back', async () => {
    const simulation = await createJoined();
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
    const [first, second, watched, ...took] = await Promise.all([
      simulation.aggregator(0),
      simulation.aggregator(1),
      simulation.watcher({ evaluate: async () => evaluation }),
      ...everyParticipant(simulation),
    ]);
    const state = simulation.state();
    expect(isComplete(state)).toBe(true);
    expect(first).toEqual({ outcome: 'complete', model: finalModel(state) });
    expect(second).toEqual(first);
    expect(watched.outcome).toBe('complete');
    expect(watched.findings.map(({ round, agrees }) => [round, agrees])).toEqual([
      [0, true],
      [1, true],
      [2, true],
    ]);
    expect(watched.evaluations.map(({ round }) => round)).toEqual([0, 1, 2]);
    for (const [i, result] of took.entries()) {
      expect(result).toEqual({ participant: i, outcome: 'complete', committed: [0, 1, 2], withdrawn: 300n });
      expect(earned(simulation, `participant ${i}`)).toBe(300n);
    }
    for (const who of ['aggregator 0', 'aggregator 1', 'watcher']) expect(earned(simulation, who)).toBe(0n);
    expect(simulation.ledger.balanceOf(simulation.ledger.contract)).toBe(0n);
    expect(steps(state)).toEqual(await undisturbedModels());
  });

  test('takes each move once: no role says again what the ledger has', async () => {
    const simulation = await createJoined();
    await Promise.all([simulation.aggregator(0), simulation.watcher(), ...everyParticipant(simulation)]);
    const count = (type: Move['type']) => simulation.moves.filter(({ move }) => move.type === type).length;
    expect(
      ['stake', 'open', 'commit', 'close', 'step', 'demand'].map((type) => count(type as Move['type'])),
    ).toEqual([1, 3, 12, 3, 3, 0]);
    const refused = simulation.events.flatMap((event) =>
      event.type === 'moveRefused' ? [`${event.who}: ${event.move.type} ${event.refusal.refused}`] : [],
    );
    expect(refused).toEqual([]);
  });

  /** Types of the lead's moves after the first round, by transaction. */
  async function movesOf(simulation: Simulation): Promise<string[]> {
    const byTransaction = new Map<string, string[]>();
    for (const { move, transaction } of await simulation.ledger.rounds.moves(jobIdOf(simulation))) {
      if (!['open', 'close', 'step'].includes(move.type)) continue;
      byTransaction.set(transaction, [...(byTransaction.get(transaction) ?? []), move.type]);
    }
    return [...byTransaction.values()].map((types) => types.join(' '));
  }

  test('is closed, stepped and opened again in one transaction, once it is known how long a step takes', async () => {
    const simulation = await createJoined();
    await Promise.all([simulation.aggregator(0), simulation.watcher(), ...everyParticipant(simulation)]);
    expect(await movesOf(simulation)).toEqual([
      'open',
      'close',
      'step open',
      'close step open',
      'close step',
    ]);
  });

  test('is closed first where a step takes more than half of the time to close in', async () => {
    const simulation = await createJoined({ phases: { ...phases, collecting: 0, closing: 1 } });
    const store = simulation.connect();
    const slow: BlobStore = {
      ...store,
      async put(content, options) {
        await pause(600);
        return store.put(content, options);
      },
    };
    const aggregating = simulation.aggregator(0, { store: slow, expected: () => [0, 1, 2, 3] });
    await Promise.all([aggregating, ...everyParticipant(simulation)]);
    expect(await movesOf(simulation)).toEqual([
      'open',
      'close',
      'step open',
      'close',
      'step open',
      'close',
      'step',
    ]);
  });
});

describe('participants', () => {
  test('that are all slower than the deadline are waited for once more, and the round is not void', async () => {
    const simulation = await createJoined({ rounds: 1 });
    const late: Trainer = {
      async train(request) {
        const due = simulation.state().rounds.at(-1)!.deadline + phases.collecting / 2;
        while ((await simulation.ledger.now()) <= due) await pause(1);
        return createTestTrainer().train(request);
      },
    };
    await Promise.all([
      simulation.aggregator(0),
      simulation.aggregator(1),
      simulation.watcher(),
      ...simulation.participants.map((_, i) => simulation.participant(i, { trainer: late })),
    ]);
    expect(simulation.state().rounds.map(({ phase }) => phase)).toEqual(['final']);
  });

  test('one that never joins is waited for a minute, and then the others begin', async () => {
    const simulation = await createSimulation({ rounds: 1 });
    onTestFinished(() => simulation.stop.abort());
    await Promise.all([simulation.aggregator(0), ...[0, 1, 2].map((i) => simulation.participant(i))]);
    const moves = await simulation.ledger.rounds.moves(jobIdOf(simulation));
    const at = (type: Move['type']) => moves.findLast(({ move }) => move.type === type)!.at;
    expect(at('open') - at('join')).toBeGreaterThan(60);
    expect(simulation.state().rounds.map(({ phase }) => phase)).toEqual(['final']);
    expect(acceptedParticipants(simulation.state().rounds[0]!)).toEqual([0, 1, 2]);
  });

  test('an absentee costs one deadline, is not waited for, and comes back', async () => {
    const simulation = await createJoined({ rounds: 4 });
    const expected = (step: number) => (step === 2 ? [1] : []);
    await Promise.all([
      simulation.aggregator(0, { expected }),
      simulation.watcher(),
      simulation.participant(0),
      simulation.participant(1, { absences: [0, 1] }),
      simulation.participant(2),
      simulation.participant(3),
    ]);
    expect(simulation.state().rounds.map(acceptedParticipants)).toEqual([
      [0, 2, 3],
      [0, 2, 3],
      [0, 1, 2, 3],
      [0, 1, 2, 3],
    ]);
    const missed = simulation.events.filter(({ who, type }) => who === 'participant 1' && type === 'missed');
    expect(missed).toHaveLength(2);
  });

  test('one that comes every other time costs the grace, not a deadline', async () => {
    const collecting = 200;
    const simulation = await createJoined({ rounds: 4, grace: 5, phases: { ...phases, collecting } });
    // It is back for step 1, where no rule awaits it, so in step 2 it is not among the regular
    // ones.
    const expected = (step: number) => (step === 1 ? [3] : []);
    await Promise.all([
      simulation.aggregator(0, { expected }),
      simulation.watcher(),
      ...[0, 1, 2].map((i) => simulation.participant(i)),
      simulation.participant(3, { absences: [0, 2] }),
    ]);
    expect(simulation.state().rounds.map(acceptedParticipants)).toEqual([
      [0, 1, 2],
      [0, 1, 2, 3],
      [0, 1, 2],
      expect.arrayContaining([0, 1, 2]),
    ]);
    const moves = await simulation.ledger.rounds.moves(jobIdOf(simulation));
    const at = (type: Move['type'], round: number) =>
      moves.find(({ move }) => move.type === type && 'round' in move && move.round === round)!.at;
    const lasted = [0, 1, 2, 3].map((round) => at('close', round) - at('open', round) > collecting);
    expect(lasted).toEqual([true, false, false, false]);
  });

  test('one whose numbers move further than an entry reaches says which', async () => {
    const simulation = await createJoined();
    const trainer = createTestTrainer();
    const leaping: Trainer = {
      async train(request) {
        const result = await trainer.train(request);
        if (request.step !== 1) return result;
        const model = decodeModel(result.model, arithmetic);
        model.flat[0]! -= 12;
        return { ...result, model: encodeModel(model) };
      },
    };
    await Promise.all([
      simulation.aggregator(),
      ...[0, 1, 2].map((i) => simulation.participant(i)),
      simulation.participant(3, { trainer: leaping }),
    ]);
    const clamped = simulation.events.filter(({ type }) => type === 'clamped');
    expect(clamped).toMatchObject([{ who: 'participant 3', round: 1, bound: 8, tensors: [{ numbers: 1 }] }]);
  });

  test('one whose training diverges misses its own round, and nothing else happens', async () => {
    const simulation = await createJoined();
    const trainer = createTestTrainer();
    const diverging: Trainer = {
      async train(request) {
        const result = await trainer.train(request);
        if (request.step !== 1) return result;
        const model = decodeModel(result.model, arithmetic);
        model.flat[0] = Number.NaN;
        return { ...result, model: encodeModel(model) };
      },
    };
    await Promise.all([
      simulation.aggregator(),
      ...[0, 1, 2].map((i) => simulation.participant(i)),
      simulation.participant(3, { trainer: diverging }),
    ]);
    expect(simulation.state().rounds.slice(0, 2).map(acceptedParticipants)).toEqual([
      [0, 1, 2, 3],
      [0, 1, 2],
    ]);
    const missed = simulation.events.find(({ who, type }) => who === 'participant 3' && type === 'missed');
    expect(missed).toMatchObject({ round: 1, code: 'model.malformed' });
  });

  test('one that leaves is not waited for, is paid for what it did, and the rest go on', async () => {
    const simulation = await createJoined({ phases: { ...phases, collecting: 100_000 } });
    const leaving = key('participant 3');
    const results = await Promise.all([
      ...[0, 1, 2].map((i) => simulation.participant(i)),
      simulation.participant(3, {
        onEvent: async ({ type, ...event }) => {
          if (type !== 'committed' || !('round' in event) || event.round !== 0) return;
          await simulation.submit({ type: 'leave' }, leaving);
        },
      }),
      simulation.aggregator(),
    ]);
    const state = simulation.state();
    expect(isComplete(state)).toBe(true);
    expect(state.rounds.map(acceptedParticipants)).toEqual([
      [0, 1, 2, 3],
      [0, 1, 2],
      [0, 1, 2],
    ]);
    expect(results[3]).toMatchObject({ committed: [0], withdrawn: 100n });
  });

  test.each(['writing the update', 'uploading it'])(
    'one that is killed after %s sends the same bytes again, and nothing else changes',
    async (moment) => {
      const simulation = await createJoined();
      const outbox = createMemoryOutbox();
      const death = new AbortController();
      const dying: Outbox = {
        ...outbox,
        async write(step, bytes) {
          await outbox.write(step, bytes);
          if (step === 1 && moment === 'writing the update') death.abort();
          death.signal.throwIfAborted();
        },
      };
      const store = simulation.connect();
      const rest = Promise.all([simulation.aggregator(), ...[0, 1, 3].map((i) => simulation.participant(i))]);
      const first = await simulation.participant(2, {
        outbox: dying,
        signal: death.signal,
        store: {
          ...store,
          async put(bytes) {
            const stored = await store.put(bytes);
            if ((await outbox.read(1)) !== undefined) death.abort();
            death.signal.throwIfAborted();
            return stored;
          },
        },
      });
      expect(first).toMatchObject({ outcome: 'aborted', committed: [0] });
      const sent = addressOf((await outbox.read(1))!.slice(4));
      await Promise.all([simulation.participant(2, { outbox }), rest]);
      const state = simulation.state();
      expect(state.rounds[1]!.commitments[2]!.blob).toBe(sent);
      expect(simulation.events).toContainEqual({
        who: 'participant 2',
        type: 'resumed',
        round: 1,
        blob: sent,
      });
      expect(steps(state)).toEqual(await undisturbedModels());
    },
  );

  test('bad updates are refused with a reason, and what is nowhere is not included', async () => {
    const simulation = await createJoined({ rounds: 1, minParticipants: 1 }, 6);
    const { job, ledger } = simulation;
    const store = simulation.connect();
    const commit = (participant: number, blob: Address) =>
      simulation.submit({ type: 'commit', round: 0, blob, weight: 1 }, key(`participant ${participant}`));
    const outbox = createMemoryOutbox();
    const roles = [simulation.aggregator(), simulation.watcher()];
    const honest = [0, 1].map((i) => simulation.participant(i, i === 0 ? { outbox } : {}));
    await expect.poll(async () => outbox.read(0)).toBeDefined();
    const update = (await outbox.read(0))!.slice(4);
    // Someone else's; too long; out of range; nowhere.
    await commit(2, addressOf(update));
    await commit(3, (await store.put(new Uint8Array(10_000))).address);
    const { model, step } = simulation.state().rounds[0]!;
    const outOfRange = {
      ...{ job: jobIdOf(simulation), step, participant: 4, model, dataset: datasetOf(4) },
      entries: new Int32Array(12).fill(1).with(7, 2 ** 23 + 1),
    };
    const bytes = await encodeUpdate(outOfRange, new Uint8Array(32), domainOf(ledger), key('participant 4'));
    await commit(4, (await store.put(bytes)).address);
    await commit(5, addressOf(utf8('nowhere')));
    await Promise.all([...roles, ...honest]);
    const [round] = simulation.state().rounds;
    expect(round!.unavailable).toEqual([5]);
    expect(includedParticipants(round!)).toEqual([0, 1, 2, 3, 4]);
    expect(round!.posted!.refused).toEqual([
      { participant: 2, reason: 'WrongParticipant', entry: 0 },
      { participant: 3, reason: 'WrongLength', entry: 0 },
      { participant: 4, reason: 'OutOfRange', entry: 7 },
    ]);
    expect(round!.phase).toBe('final');
    expect(acceptedParticipants(round!)).toEqual([0, 1]);
    const reported = simulation.events.flatMap((event) =>
      event.type === 'updateRefused' ? [[event.participant, event.refusal.refused]] : [],
    );
    expect(reported.sort()).toEqual([
      [2, 'WrongParticipant'],
      [3, 'WrongLength'],
      [4, 'OutOfRange'],
    ]);
    expect(job.bond).toBe(50n);
    expect(earned(simulation, 'aggregator 0')).toBe(0n);
  });

  test('one whose update is named unavailable appeals with receipts, and is included', async () => {
    const simulation = await createJoined({ rounds: 1 });
    // The aggregator does not see what participant 1 sent, until the appeal.
    const hidden = new Set<Address>();
    const outbox = createMemoryOutbox();
    const hiding: Outbox = {
      ...outbox,
      async write(step, bytes) {
        hidden.add(addressOf(bytes.slice(4)));
        await outbox.write(step, bytes);
      },
    };
    await Promise.all([
      simulation.aggregator(0, {
        store: createBlindStore(simulation.connect(), hidden),
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
    const state = simulation.state();
    expect(simulation.events).toContainEqual({ who: 'participant 1', type: 'appealed', round: 0 });
    expect(acceptedParticipants(state.rounds[0]!)).toEqual([0, 1, 2, 3]);
    expect(state.rounds[0]!.posted!.model).toBe((await undisturbedModels())[0]);
  });

  test('one that commits to half an address and names the whole one in its appeal hurts no aggregator', async () => {
    const simulation = await createJoined({ rounds: 1 }, 5);
    const account = key('participant 4');
    const sent = new Map<Address, Address>();
    const commit = commitInEachRound(simulation, 4, async (round) => {
      const { address } = await simulation.connect().put(await createUpdate(simulation, 4, round));
      const cut = `${address.slice(0, -8)}00000000` as Address;
      sent.set(cut, address);
      return cut;
    });
    const appeal = (async () => {
      while (!isComplete(simulation.state())) {
        const { rounds, terms } = simulation.state();
        const current = rounds.at(-1);
        if (current?.phase === 'appealing' && current.unavailable.includes(4)) {
          const whole = sent.get(current.commitments[4]!.blob)!;
          const receipts = chooseReceipts(terms, whole, await simulation.connect().receipts(whole));
          await simulation.submit({ type: 'appeal', round: rounds.length - 1, receipts: receipts! }, account);
        } else if (current?.phase === 'stepping') {
          const demand = { type: 'demand', round: rounds.length - 1, participant: 4 } as const;
          await simulation.submit(demand, account);
        }
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    })();
    const honest = [0, 1, 2, 3].map((i) => simulation.participant(i));
    await Promise.all([simulation.aggregator(0), simulation.aggregator(1), simulation.watcher(), ...honest]);
    await Promise.all([commit, appeal]);
    const state = simulation.state();
    expect(state.rounds).toHaveLength(1);
    expect(state.rounds[0]).toMatchObject({ phase: 'final', appealed: [4], demands: {} });
    expect(acceptedParticipants(state.rounds[0]!)).toEqual([0, 1, 2, 3, 4]);
    expect(earned(simulation, 'aggregator 0')).toBe(0n);
  });
});

/** A store that does not have what is hidden. */
function createBlindStore(store: BlobStore, hidden: ReadonlySet<Address>): BlobStore {
  const nothing = createMemoryStore();
  return {
    ...store,
    get: (address, options) => (hidden.has(address) ? nothing : store).get(address, options),
    receipts: (address, options) => (hidden.has(address) ? nothing : store).receipts(address, options),
  };
}

describe('an aggregator that lies', () => {
  /** Aggregator 0 lies in round 1; returns the state at the end, which must be right. */
  async function expectStruck(
    simulation: Simulation,
    lying: Ledger,
    kind: Lie['kind'],
    participants = everyParticipant(simulation),
    watching: Parameters<Simulation['watcher']>[0] = {},
  ) {
    const [first, second, watched] = await Promise.all([
      simulation.aggregator(0, { ledger: lying }),
      simulation.aggregator(1),
      simulation.watcher(watching),
      ...participants,
    ]);
    const state = simulation.state();
    expect(isComplete(state)).toBe(true);
    const proven = state.rounds.find(({ failure }) => failure?.reason === 'proven');
    const watcher = key('watcher').account;
    expect(proven!.failure).toMatchObject({
      lie: { kind },
      culprit: key('aggregator 0').account,
      by: watcher,
    });
    expect(state.aggregators.map(({ status }) => status)).toEqual(['struck', 'absent']);
    // Half of the bond is burnt, half is the prover's.
    expect(state.burnt).toBe(25n);
    expect(earned(simulation, 'watcher')).toBe(25n);
    expect(earned(simulation, 'aggregator 0')).toBe(-50n);
    expect(earned(simulation, 'aggregator 1')).toBe(0n);
    expect(simulation.ledger.balanceOf(simulation.ledger.contract)).toBe(0n);
    expect([first.outcome, second.outcome, watched.outcome]).toEqual(['complete', 'complete', 'complete']);
    return state;
  }

  test('about one number is struck and loses its bond; the other goes on from the last right step', async () => {
    const simulation = await createJoined();
    const lying = createLyingLedger(simulation, 1, (step) => withWrongNumber(simulation, step));
    const state = await expectStruck(simulation, lying, 'average');
    expect(steps(state)).toEqual(await undisturbedModels());
    expect(state.rounds[1]!.failure).toMatchObject({ lie: { entry: 3 } });
  });

  test('about the header of the model is struck', async () => {
    const simulation = await createJoined();
    const lying = createLyingLedger(simulation, 1, async (step) => {
      const { bytes } = await simulation.stores[0]!.get(step.model);
      // A tensor of another name, which changes no number.
      bytes[bytes.indexOf(utf8('weight')[0]!, 8)]! ^= 1;
      return withModel(simulation, step, bytes);
    });
    const state = await expectStruck(simulation, lying, 'header');
    expect(steps(state)).toEqual(await undisturbedModels());
  });

  test('about a participant, whom it refuses for a reason that is not true, is struck', async () => {
    const simulation = await createJoined();
    const lying = createLyingLedger(simulation, 1, (step) =>
      withRefused(simulation, step, [{ participant: 2, reason: 'WrongSigner', entry: 0 }]),
    );
    const state = await expectStruck(simulation, lying, 'refused');
    expect(steps(state)).toEqual(await undisturbedModels());
  });

  test('about a participant of whom the average does not tell is struck all the same', async () => {
    const simulation = await createJoined();
    // All train alike: whoever is left out, the model is the same, but not the money.
    const trainer = createTestTrainer();
    const alike: Trainer = {
      train: async (request) => ({ ...(await trainer.train({ ...request, participant: 0 })), examples: 10 }),
    };
    const lying = createLyingLedger(simulation, 1, (step) => ({
      ...step,
      refused: [{ participant: 2, reason: 'WrongModel', entry: 0 }],
    }));
    const participants = simulation.participants.map((_, i) => simulation.participant(i, { trainer: alike }));
    const state = await expectStruck(simulation, lying, 'refused', participants);
    expect(state.rounds.at(-1)!.posted!.refused).toEqual([]);
  });

  test('about what it accepts is struck', async () => {
    const simulation = await createJoined({}, 5);
    const lying = createLyingLedger(simulation, 1, (step) => withRefused(simulation, step, []));
    const bad = sendBadUpdates(simulation, 4);
    const honest = [0, 1, 2, 3].map((i) => simulation.participant(i));
    const state = await expectStruck(simulation, lying, 'accepted', honest);
    await bad;
    for (const { phase, posted } of state.rounds) {
      if (phase !== 'final') continue;
      expect(posted!.refused).toEqual([{ participant: 4, reason: 'OutOfRange', entry: 1 }]);
    }
    expect(steps(state)).toEqual(await undisturbedModels());
  });

  describe('and makes blobs longer than a watcher reads by itself', () => {
    /** As if what is longer than 4,000 bytes were as long as what stores take at most. */
    const sparing = (store: BlobStore): BlobStore => ({
      ...store,
      async get(address, options) {
        const content = await store.get(address, options);
        const { maximumBytes = 2 ** 28 } = options ?? {};
        if (content.length > 4000 && maximumBytes < 2 ** 32)
          throw blobOversized(address, maximumBytes, 2 ** 32);
        return content;
      },
    });
    const sendLong = (simulation: Simulation) =>
      commitInEachRound(
        simulation,
        4,
        async () => (await simulation.connect().put(new Uint8Array(4001).fill(7))).address,
      );

    test.each([
      ['refuses', 'average', withWrongNumber],
      ['accepts', 'accepted', (_: Simulation, step: StepMove) => ({ ...step, refused: [] })],
    ] as const)('is struck when it %s one of a participant', async (_, kind, lie) => {
      const simulation = await createJoined({}, 5);
      const long = sendLong(simulation);
      const lying = createLyingLedger(simulation, 1, (step) => lie(simulation, step));
      const honest = [0, 1, 2, 3].map((i) => simulation.participant(i));
      await expectStruck(simulation, lying, kind, honest, { store: sparing(simulation.connect()) });
      await long;
    });

    test('is struck when it posts one as the model', async () => {
      const simulation = await createJoined();
      const lying = createLyingLedger(simulation, 1, async (step) =>
        withModel(simulation, step, new Uint8Array(4001)),
      );
      const watching = { store: sparing(simulation.connect()) };
      await expectStruck(simulation, lying, 'header', everyParticipant(simulation), watching);
    });
  });

  test('about what no store has is asked for receipts, and struck for its silence', async () => {
    const simulation = await createJoined({}, 5);
    const blob = addressOf(utf8('nowhere'));
    const commit = commitInEachRound(simulation, 4, async () => blob);
    // It says that all is there, and cannot add it up.
    const lying = changeMoves(simulation.ledger, (move) =>
      move.type === 'close' ? { ...move, unavailable: [] } : move,
    );
    const honest = [0, 1, 2, 3].map((i) => simulation.participant(i));
    const results = await Promise.all([
      simulation.aggregator(0, { ledger: lying }),
      simulation.aggregator(1),
      simulation.watcher(),
      ...honest,
    ]);
    await commit;
    expect(results.map(({ outcome }) => outcome)).toEqual(Array(7).fill('complete'));
    const state = simulation.state();
    expect(state.rounds[0]!.failure).toMatchObject({
      reason: 'proven',
      lie: { kind: 'silence', participant: 4 },
      culprit: key('aggregator 0').account,
    });
    expect(state.burnt).toBe(25n);
    expect(earned(simulation, 'aggregator 0')).toBe(-50n);
    expect(steps(state)).toEqual(await undisturbedModels());
    for (const { phase, unavailable } of state.rounds)
      if (phase === 'final') expect(unavailable).toEqual([4]);
  });

  test('about what it shows in the last second is struck: there is time to judge what was shown', async () => {
    const simulation = await createJoined({ rounds: 1, phases: { ...phases, objecting: 5 } }, 5);
    const { submit } = simulation;
    const liar = key('aggregator 0');
    // The last bits of the address are those of no blob, so that only receipts say where it is.
    const sent = new Map<Address, Address>();
    const commit = commitInEachRound(simulation, 4, async (round) => {
      const { address } = await simulation.connect().put(await createUpdate(simulation, 4, round));
      const cut = `${address.slice(0, -8)}00000000` as Address;
      sent.set(cut, address);
      return cut;
    });
    const round = () => simulation.state().rounds[0]!;
    const until = (holds: () => boolean) => expect.poll(holds, { interval: 1, timeout: 30_000 }).toBe(true);
    await submit({ type: 'stake' }, liar, simulation.job.bond);
    await submit({ type: 'open', round: 0, model: simulation.job.model.parameters }, liar);
    const honest = Promise.all([
      simulation.aggregator(1),
      simulation.watcher(),
      ...[0, 1, 2, 3].map((i) => simulation.participant(i)),
    ]);
    await until(() => Object.keys(round().commitments).length === 5);
    await submit({ type: 'close', round: 0, committed: 5, unavailable: [] }, liar);
    const wrong = decodeModel(
      (await simulation.stores[0]!.get(simulation.job.model.parameters)).bytes,
      arithmetic,
    );
    wrong.flat[3]! += 1;
    const step = { type: 'step', round: 0, refused: [], receipts: [], model: addressOf(utf8('')) } as const;
    await submit(await withModel(simulation, step, encodeModel(wrong)), liar);
    await until(
      () => round().demands[4] !== undefined && simulation.clock() >= round().demands[4]!.deadline - 2,
    );
    const whole = sent.get(round().commitments[4]!.blob)!;
    const receipts = chooseReceipts(
      simulation.state().terms,
      whole,
      await simulation.connect().receipts(whole),
    )!;
    const answered = await submit({ type: 'answer', round: 0, participant: 4, receipts }, liar);
    expect(answered).not.toHaveProperty('refused');
    expect(simulation.clock()).toBeGreaterThan(round().deadline);
    expect(await submit({ type: 'advance', round: 0 }, liar)).toMatchObject({ refused: 'TooEarly' });
    await Promise.all([honest, commit]);
    const state = simulation.state();
    expect(state.rounds.map(({ failure }) => failure)).toMatchObject([
      { reason: 'proven', lie: { kind: 'average' }, culprit: liar.account },
      undefined,
    ]);
    expect(acceptedParticipants(state.rounds[1]!)).toEqual([0, 1, 2, 3]);
    expect(isComplete(state)).toBe(true);
  });

  test('control: where no receipts can be demanded, such an aggregator brings the job to its end', async () => {
    const simulation = await createJoined({ phases: { ...phases, appealing: 0 }, attempts: 2 }, 5);
    const blob = addressOf(utf8('nowhere'));
    void commitInEachRound(simulation, 4, async () => blob);
    const lying = changeMoves(simulation.ledger, (move) =>
      move.type === 'close' ? { ...move, unavailable: [] } : move,
    );
    await Promise.all([
      simulation.aggregator(0, { ledger: lying }),
      simulation.aggregator(1),
      simulation.watcher(),
      ...[0, 1, 2, 3].map((i) => simulation.participant(i)),
    ]);
    const state = simulation.state();
    expect(state.rounds.map(({ failure }) => failure?.reason)).toEqual(['deadline', 'deadline']);
    expect(finalModel(state)).toBe(simulation.job.model.parameters);
    expect(state.burnt).toBe(0n);
  });

  test('control: without a watcher the lie becomes final', async () => {
    const simulation = await createJoined();
    const lying = createLyingLedger(simulation, 1, (step) => withWrongNumber(simulation, step));
    await Promise.all([
      simulation.aggregator(0, { ledger: lying }),
      simulation.aggregator(1),
      ...everyParticipant(simulation),
    ]);
    const state = simulation.state();
    expect(isComplete(state)).toBe(true);
    expect(state.rounds).toHaveLength(3);
    const honest = await undisturbedModels();
    expect(steps(state)[0]).toBe(honest[0]);
    expect(steps(state)[1]).not.toBe(honest[1]);
    expect(state.burnt).toBe(0n);
  });

  test('and is the only one ends the job: nobody is left to go on, and the model is the last right one', async () => {
    const simulation = await createJoined({ aggregators: [key('aggregator 0').account] });
    const lying = createLyingLedger(simulation, 1, (step) => withWrongNumber(simulation, step));
    const [aggregated, watched] = await Promise.all([
      simulation.aggregator(0, { ledger: lying }),
      simulation.watcher(),
      ...everyParticipant(simulation),
    ]);
    const first = (await undisturbedModels())[0];
    expect(aggregated).toEqual({ outcome: 'over', model: first });
    expect(watched.outcome).toBe('over');
    await simulation.submit({ type: 'withdraw', rounds: [] }, key('creator'));
    // One round of three was paid for.
    expect(earned(simulation, 'creator')).toBe(-400n);
  });

  test('withheld: a step without receipts is no step, and the turn passes', async () => {
    const simulation = await createJoined();
    const store = simulation.connect();
    const withholding: BlobStore = {
      ...store,
      put: async (blob) => ({ address: contentOf(blob).address, receipts: [] }),
    };
    await Promise.all([
      simulation.aggregator(0, { store: withholding }),
      simulation.aggregator(1),
      simulation.watcher(),
      ...everyParticipant(simulation),
    ]);
    const state = simulation.state();
    expect(new Set(state.rounds.map(({ posted }) => posted!.by))).toEqual(
      new Set([key('aggregator 1').account]),
    );
    expect(steps(state)).toEqual(await undisturbedModels());
    // Nobody can tell this from a bad connection: it costs the turn, not the bond.
    expect(earned(simulation, 'aggregator 0')).toBe(0n);
  });
});

/** The message of a participant whose entries are these. */
function createUpdate(
  simulation: Simulation,
  participant: number,
  { step, model }: Pick<JobState['rounds'][number], 'step' | 'model'>,
  entries = new Int32Array(12).fill(5),
): Promise<Content> {
  const job = jobIdOf(simulation);
  const update = { job, step, participant, model, dataset: datasetOf(participant), entries };
  const signer = key(`participant ${participant}`);
  return encodeUpdate(update, new Uint8Array(32), domainOf(simulation.ledger), signer);
}

/** Sends, in each step, what a participant must not. */
function sendBadUpdates(simulation: Simulation, participant: number): Promise<void> {
  const entries = new Int32Array(12).fill(5).with(1, -(2 ** 23) - 1);
  return commitInEachRound(simulation, participant, async (round) => {
    const message = await createUpdate(simulation, participant, round, entries);
    return (await simulation.connect().put(message)).address;
  });
}

/** Commits to what `blobOf` says as soon as a round collects, until the job is complete. */
async function commitInEachRound(
  simulation: Simulation,
  participant: number,
  blobOf: (round: JobState['rounds'][number]) => Promise<Address>,
): Promise<void> {
  while (!isComplete(simulation.state()) && !simulation.stop.signal.aborted) {
    const { rounds } = simulation.state();
    const current = rounds.at(-1);
    if (current?.phase === 'collecting' && current.commitments[participant] === undefined) {
      const move = {
        type: 'commit',
        round: rounds.length - 1,
        blob: await blobOf(current),
        weight: 1,
      } as const;
      await simulation.submit(move, key(`participant ${participant}`));
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

describe('aggregators', () => {
  test('stake nothing on a rule that does not fit the model: a right step would look like a lie', async () => {
    const fitting = await createSimulation();
    const hostile = await createSimulation({
      arithmetic: { ...arithmetic, headerLeaves: arithmetic.headerLeaves + 1 },
    });
    for (const simulation of [fitting, hostile]) {
      const told = new Promise<void>((resolve) => {
        void simulation.aggregator(0, {
          onEvent: ({ type }) => {
            if (type === 'staked' || type === 'waiting') resolve();
          },
          signal: simulation.stop.signal,
        });
      });
      await told;
      simulation.stop.abort();
    }
    const staked = ({ moves }: Simulation) => moves.some(({ move }) => move.type === 'stake');
    expect([staked(fitting), staked(hostile)]).toEqual([true, false]);
  });

  const all = { expected: () => [0, 1, 2, 3] };

  test('one waits at closing for what still comes, however long that takes altogether', async () => {
    const simulation = await createJoined({ rounds: 1, phases: { ...phases, collecting: 100_000 } });
    const store = simulation.connect();
    let asked = 0;
    const slow: BlobStore = {
      ...store,
      async get(address, options) {
        // Of the model, and then of one update after the other.
        const milliseconds = 400 * asked++;
        await pause(milliseconds);
        return store.get(address, options);
      },
    };
    const closed: unknown[] = [];
    await Promise.all([
      simulation.aggregator(0, {
        store: slow,
        patienceMilliseconds: 1000,
        onEvent: (event) => {
          if (event.type === 'closed') closed.push(event.unavailable);
        },
      }),
      ...everyParticipant(simulation),
    ]);
    expect(closed).toEqual([[]]);
    expect(asked).toBeGreaterThanOrEqual(4);
  });

  test('one that dies between closing and its step comes back, and makes the same step', async () => {
    const simulation = await createJoined();
    const receipts = createMemoryOutbox();
    const death = new AbortController();
    const rest = Promise.all([simulation.watcher(), ...everyParticipant(simulation)]);
    const first = simulation.aggregator(0, {
      receipts,
      signal: death.signal,
      onEvent: ({ type, ...event }) => {
        // Later ones come together with the step.
        if (type === 'closed' && 'round' in event && event.round === 0) death.abort();
      },
    });
    expect((await first).outcome).toBe('aborted');
    expect(simulation.state().rounds[0]!.phase).toBe('stepping');
    await Promise.all([simulation.aggregator(0, { receipts }), rest]);
    const state = simulation.state();
    expect(state.rounds.map(({ phase }) => phase)).toEqual(['final', 'final', 'final']);
    expect(steps(state)).toEqual(await undisturbedModels());
  });

  test('one that dies for good is replaced by the next, which makes the same steps', async () => {
    const simulation = await createJoined();
    const death = new AbortController();
    const rest = Promise.all([
      simulation.aggregator(1, all),
      simulation.watcher(),
      ...everyParticipant(simulation),
    ]);
    const first = simulation.aggregator(0, {
      ...all,
      signal: death.signal,
      onEvent: ({ type, ...event }) => {
        if (type === 'closed' && 'round' in event && event.round === 0) death.abort();
      },
    });
    expect((await first).outcome).toBe('aborted');
    await rest;
    const state = simulation.state();
    const [one, other] = [0, 1].map((i) => key(`aggregator ${i}`).account);
    expect(state.rounds.map(({ closedBy }) => closedBy)).toEqual([one, other, other]);
    expect(state.rounds.map(({ posted }) => posted!.by)).toEqual([other, other, other]);
    expect(steps(state)).toEqual(await undisturbedModels());
    // Its stake is still there for it to take.
    expect(earned(simulation, 'aggregator 0')).toBe(-50n);
    await simulation.submit({ type: 'withdraw', rounds: [] }, key('aggregator 0'));
    expect(earned(simulation, 'aggregator 0')).toBe(0n);
  });

  const storeUnreachable = () =>
    new NonetError({ code: 'store.unreachable', expected: 'an answer', found: 'none' });
  /** A store whose models, from the second step on, `put` takes instead. */
  function createFailing(simulation: Simulation, put: BlobStore['put']): BlobStore {
    const store = simulation.connect();
    let models = 0;
    return {
      ...store,
      put: (content, options) => (++models > 1 ? put(content, options) : store.put(content, options)),
    };
  }

  test('one whose stores fail it closes all the same, and the next makes the step', async () => {
    const simulation = await createJoined();
    const store = createFailing(simulation, () => Promise.reject(storeUnreachable()));
    await Promise.all([
      simulation.aggregator(0, { ...all, store }),
      simulation.aggregator(1, all),
      simulation.watcher(),
      ...everyParticipant(simulation),
    ]);
    const state = simulation.state();
    const [one, other] = [0, 1].map((i) => key(`aggregator ${i}`).account);
    expect(state.rounds[1]).toMatchObject({ phase: 'final', closedBy: one, posted: { by: other } });
    expect(steps(state)).toEqual(await undisturbedModels());
  });

  test('one whose store never answers gives the step up when the round has gone on', async () => {
    const simulation = await createJoined();
    const store = createFailing(
      simulation,
      (_, options) =>
        new Promise((_, reject) =>
          options?.signal?.addEventListener('abort', () => reject(storeUnreachable())),
        ),
    );
    const results = await Promise.all([
      simulation.aggregator(0, { ...all, store }),
      simulation.aggregator(1, all),
      simulation.watcher(),
      ...everyParticipant(simulation),
    ]);
    expect(results[0]!.outcome).toBe('complete');
    expect(steps(simulation.state())).toEqual(await undisturbedModels());
  });

  test('names what it cannot read unavailable in a later round, too, and closes without a step', async () => {
    const simulation = await createJoined({ rounds: 2 });
    const unread = async (state: JobState) => {
      const round = state.rounds.length - 1;
      if (round !== 1 || state.rounds[1]!.commitments[3] !== undefined) return;
      const move = { type: 'commit', round, blob: addressOf(utf8('in no store')), weight: 1 } as const;
      await simulation.submit(move, key('participant 3'));
    };
    const playing = Promise.all([
      simulation.aggregator(0, all),
      simulation.watcher(),
      ...[0, 1, 2].map((i) => simulation.participant(i)),
      simulation.participant(3, {
        trainer: {
          async train(request) {
            if (request.step === 1) await unread(simulation.state());
            return createTestTrainer().train(request);
          },
        },
      }),
    ]);
    await playing;
    const [, second] = simulation.state().rounds;
    expect(second).toMatchObject({ phase: 'final', unavailable: [3] });
    expect(simulation.state().rounds).toHaveLength(2);
  });

  test('one that has staked and never says a word is replaced before the first round', async () => {
    const simulation = await createJoined();
    await simulation.submit({ type: 'stake' }, key('aggregator 0'), simulation.job.bond);
    await Promise.all([simulation.aggregator(1, all), simulation.watcher(), ...everyParticipant(simulation)]);
    const state = simulation.state();
    expect(state.rounds.map(({ phase }) => phase)).toEqual(['final', 'final', 'final']);
    expect(steps(state)).toEqual(await undisturbedModels());
  });

  test('one that comes after the first round is final stakes too, and can take over', async () => {
    const simulation = await createJoined();
    const death = new AbortController();
    const rest = Promise.all([simulation.watcher(), ...everyParticipant(simulation)]);
    const first = simulation.aggregator(0, {
      ...all,
      signal: death.signal,
      onEvent: ({ type, ...event }) => {
        if (type === 'stepped' && 'round' in event && event.round === 1) death.abort();
      },
    });
    await first;
    await expect.poll(() => simulation.state().rounds[1]!.phase).toBe('final');
    await Promise.all([simulation.aggregator(1, all), rest]);
    expect(steps(simulation.state())).toEqual(await undisturbedModels());
  });

  test('alone and without a watcher, an aggregator of whose round no step follows lets its turn pass', async () => {
    const simulation = await createJoined({
      rounds: 1,
      attempts: 2,
      aggregators: [key('aggregator 0').account],
    });
    // All updates have to be refused: not enough is left for a step.
    const bad = [0, 1, 2, 3].map((i) => sendBadUpdates(simulation, i));
    const { outcome } = await simulation.aggregator();
    expect(outcome).toBe('over');
    expect(simulation.state().rounds.map(({ phase, failure }) => [phase, failure?.reason])).toEqual([
      ['void', 'deadline'],
      ['void', 'deadline'],
    ]);
    expect(earned(simulation, 'aggregator 0')).toBe(0n);
    void bad;
  });

  test('one that included what a watcher cannot read shows receipts, and keeps its bond', async () => {
    const simulation = await createJoined({ rounds: 1 });
    const hidden = new Set<Address>();
    const outbox = createMemoryOutbox();
    const hiding: Outbox = {
      ...outbox,
      async write(step, bytes) {
        hidden.add(addressOf(bytes.slice(4)));
        await outbox.write(step, bytes);
      },
    };
    const [, watched] = await Promise.all([
      simulation.aggregator(),
      simulation.watcher({
        store: createBlindStore(simulation.connect(), hidden),
        onEvent: (event) => void simulation.events.push({ who: 'watcher', ...event }),
      }),
      simulation.participant(0),
      simulation.participant(1, { outbox: hiding }),
      simulation.participant(2),
      simulation.participant(3),
    ]);
    const state = simulation.state();
    expect(state.rounds[0]!.demands[1]).toMatchObject({ by: key('watcher').account, answered: true });
    expect(simulation.events).toContainEqual({
      who: 'aggregator 0',
      type: 'answered',
      round: 0,
      participant: 1,
    });
    expect(simulation.events).toContainEqual({
      who: 'watcher',
      type: 'abstained',
      round: 0,
      participants: [1],
    });
    // The watcher says nothing of what it could not read.
    expect(watched.findings).toEqual([]);
    expect(simulation.events.find(({ type }) => type === 'unchecked')).toMatchObject({
      because: 'the updates of participants [1] cannot be read',
    });
    expect(isComplete(state)).toBe(true);
    expect(earned(simulation, 'aggregator 0')).toBe(0n);
  });

  test('another answers for one that sleeps', async () => {
    const simulation = await createJoined({ rounds: 1 });
    const death = new AbortController();
    await Promise.all([
      simulation.aggregator(0, {
        ...all,
        signal: death.signal,
        onEvent: ({ type }) => {
          if (type !== 'stepped') return;
          death.abort();
          void simulation.submit({ type: 'demand', round: 0, participant: 2 }, key('watcher'));
        },
      }),
      simulation.aggregator(1, all),
      simulation.watcher(),
      ...everyParticipant(simulation),
    ]);
    const state = simulation.state();
    expect(state.rounds[0]!.demands[2]!.answered).toBe(true);
    expect(isComplete(state)).toBe(true);
    expect(state.burnt).toBe(0n);
  });
});

describe('a watcher', () => {
  test('that comes late still proves a lie, as long as the round can be objected to', async () => {
    const simulation = await createJoined();
    const lying = createLyingLedger(simulation, 1, (step) => withWrongNumber(simulation, step));
    let watching: Promise<unknown> | undefined;
    await Promise.all([
      simulation.aggregator(0, {
        ledger: lying,
        onEvent: ({ type, ...event }) => {
          if (type === 'stepped' && 'round' in event && event.round === 1) watching = simulation.watcher();
        },
      }),
      simulation.aggregator(1),
      ...everyParticipant(simulation),
    ]);
    await watching;
    const state = simulation.state();
    expect(state.aggregators[0]!.status).toBe('struck');
    expect(steps(state)[1]).toBe((await undisturbedModels())[1]);
  });

  test('that dies after a lie and comes back proves it', async () => {
    const simulation = await createJoined();
    const lying = createLyingLedger(simulation, 1, (step) => withWrongNumber(simulation, step));
    const death = new AbortController();
    const mute: Ledger = changeMoves(simulation.ledger, (move) => {
      if (move.type === 'prove') {
        death.abort();
        throw new Error('killed');
      }
      return move;
    });
    const rest = Promise.all([
      simulation.aggregator(0, { ledger: lying }),
      simulation.aggregator(1),
      ...everyParticipant(simulation),
    ]);
    await simulation.watcher({ ledger: mute, signal: death.signal });
    await Promise.all([simulation.watcher(), rest]);
    const state = simulation.state();
    expect(state.rounds[1]!.failure).toMatchObject({ reason: 'proven', by: key('watcher').account });
    expect(isComplete(state)).toBe(true);
  });

  test('can be any account: a participant that watches proves a lie too', async () => {
    const simulation = await createJoined({ watchers: [] });
    const lying = createLyingLedger(simulation, 0, (step) => withWrongNumber(simulation, step));
    await Promise.all([
      simulation.aggregator(0, { ledger: lying }),
      simulation.aggregator(1),
      simulation.watcher({ signer: key('participant 1') }),
      ...everyParticipant(simulation),
    ]);
    const state = simulation.state();
    expect(state.rounds[0]!.failure).toMatchObject({ by: key('participant 1').account });
    expect(isComplete(state)).toBe(true);
    // Its share of three rounds, and half of the bond.
    expect(earned(simulation, 'participant 1')).toBe(325n);
  });

  test('that says what is not so is refused, and nobody pays for it', async () => {
    const simulation = await createJoined({ rounds: 1 });
    const refusals: unknown[] = [];
    const wrong = async (round: number) => {
      const watcher = key('watcher');
      const proofs: Lie[] = [
        { kind: 'silence', participant: 1 },
        { kind: 'refused', participant: 1, shown: { length: 304, leaf: '0x00', path: [] } },
      ];
      for (const lie of proofs) {
        refusals.push(await simulation.submit({ type: 'prove', round, lie }, watcher));
      }
      const model = addressOf(utf8('mine'));
      refusals.push(
        await simulation.submit({ type: 'object', round, model, refused: [] }, watcher, simulation.job.bond),
      );
    };
    await Promise.all([
      simulation.aggregator(0, {
        onEvent: ({ type }) => {
          if (type === 'stepped') void wrong(0);
        },
      }),
      simulation.watcher(),
      ...everyParticipant(simulation),
    ]);
    expect(refusals).toEqual([
      expect.objectContaining({ refused: 'WrongProof' }),
      expect.objectContaining({ refused: 'WrongProof' }),
      // The rule lets the ledger judge, so that it takes no word for it.
      expect.objectContaining({ refused: 'WrongRole' }),
    ]);
    const state = simulation.state();
    expect(state.rounds.map(({ phase }) => phase)).toEqual(['final']);
    expect(earned(simulation, 'watcher')).toBe(0n);
    expect(earned(simulation, 'aggregator 0')).toBe(0n);
  });
});

describe('stores', () => {
  test('one that serves some and not others stops nobody', async () => {
    const simulation = await createJoined();
    const hiding = (who: string): Record<number, BlobStore> => {
      const store = simulation.stores[0]!;
      const missing = (address: Address) => Promise.reject(blobMissing(address, 'the store'));
      return { 0: who === 'participant' ? store : { ...store, get: missing, receipts: async () => [] } };
    };
    const [, watched] = await Promise.all([
      simulation.aggregator(0, { store: simulation.connect(hiding('aggregator')) }),
      simulation.watcher({ store: simulation.connect(hiding('watcher')) }),
      ...simulation.participants.map((_, i) =>
        simulation.participant(i, { store: simulation.connect(hiding('participant')) }),
      ),
    ]);
    expect(watched.findings.map(({ agrees }) => agrees)).toEqual([true, true, true]);
    expect(simulation.state().rounds.every(({ demands }) => Object.keys(demands).length === 0)).toBe(true);
    expect(steps(simulation.state())).toEqual(await undisturbedModels());
  });

  test('control: one that signs and withholds, and an honest one that is away, hide an update for good', async () => {
    const simulation = await createJoined({ rounds: 1, attempts: 2 }, 5);
    const { submit, stores } = simulation;
    const accomplice = key('participant 4');
    const hidden = new Set<Address>();
    const commit = commitInEachRound(simulation, 4, async (round) => {
      const message = await createUpdate(simulation, 4, round);
      for (const store of stores.slice(0, 2)) await store.put(message);
      hidden.add(message.address);
      return message.address;
    });
    const appeal = (async () => {
      while (simulation.state().failures < 2) {
        const { rounds, terms } = simulation.state();
        const current = rounds.at(-1);
        if (current?.phase === 'appealing' && current.unavailable.includes(4)) {
          const { blob } = current.commitments[4]!;
          const signed = (await Promise.all(stores.slice(0, 2).map((store) => store.receipts(blob)))).flat();
          const receipts = chooseReceipts(terms, blob, signed)!;
          await submit({ type: 'appeal', round: rounds.length - 1, receipts }, accomplice);
        }
        await pause(2);
      }
    })();
    const store = createBlindStore(simulation.connect(), hidden);
    const roles = await Promise.all([
      simulation.aggregator(0, { store }),
      simulation.aggregator(1, { store }),
      simulation.watcher({ store }),
      ...[0, 1, 2, 3].map((i) => simulation.participant(i)),
    ]);
    simulation.stop.abort();
    await Promise.all([commit, appeal]);
    expect(new Set(roles.map(({ outcome }) => outcome))).toEqual(new Set(['over']));
    const state = simulation.state();
    expect(state.rounds.map(({ appealed, failure }) => [appealed, failure?.reason])).toEqual([
      [[4], 'deadline'],
      [[4], 'deadline'],
    ]);
    // It costs the job its attempts, and no account its bond.
    expect(state.burnt).toBe(0n);
  });

  test('one that refuses, lies or is full stops no role', async () => {
    const simulation = await createJoined();
    const failure = (code: string) => new NonetError({ code, expected: 'a store', found: 'a rude one' });
    let requests = 0;
    // Every third answer of one store is one of these, for updates and models alike.
    const codes = ['store.refused', 'blob.corrupt', 'blob.missing'];
    const store = simulation.stores[0]!;
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
      simulation.aggregator(0, { store: simulation.connect({ 0: rude }) }),
      simulation.watcher({ store: simulation.connect({ 0: full }) }),
      ...simulation.participants.map((_, i) =>
        simulation.participant(i, { store: simulation.connect({ 0: i === 0 ? full : rude }) }),
      ),
    ]);
    expect(aggregated.outcome).toBe('complete');
    expect(watched.findings.map(({ agrees }) => agrees)).toEqual([true, true, true]);
    expect(steps(simulation.state())).toEqual(await undisturbedModels());
  });

  test('over HTTP, one that dies and comes back: the same model', async () => {
    // Sockets and disks take wall time, which the idle clock does not wait for.
    const simulation = await createJoined({
      phases: { ...phases, collecting: 100_000, closing: 3000, stepping: 3000, objecting: 600 },
      stores: [{ url: 'http://store', account: key('store 0').account }],
      copies: 1,
    });
    const folder = await mkdtemp(join(tmpdir(), 'nonet-roles-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const files = createFileStore(folder, key('store 0'));
    await files.put(await simulation.stores[0]!.get(simulation.job.model.parameters));
    let server = await startStoreServer({ store: files });
    onTestFinished(() => server.close());
    const { url } = server;
    const store = createHttpStore({ url, account: key('store 0').account, backoffMilliseconds: 5 });
    let restarts = 0;
    const onEvent = async ({ type }: FederationEvent) => {
      if (type !== 'committed' || ++restarts > 1) return;
      await server.close();
      await new Promise((resolve) => setTimeout(resolve, 30));
      server = await startStoreServer({ store: files, port: Number(new URL(url).port) });
    };
    await Promise.all([
      simulation.aggregator(0, { ...{ store, patienceMilliseconds: 2000 }, expected: () => [0, 1, 2, 3] }),
      simulation.watcher({ store }),
      ...simulation.participants.map((_, i) =>
        simulation.participant(i, { store, ...(i === 0 ? { onEvent } : {}) }),
      ),
    ]);
    const state = simulation.state();
    expect(restarts).toBeGreaterThan(1);
    expect(isComplete(state)).toBe(true);
    expect(steps(state)).toEqual(await undisturbedModels());
  });
});

test('roles refuse jobs that the ledger does not hold as written, and keys that the job does not name', async () => {
  const simulation = await createSimulation();
  const { job } = simulation;
  await expect(simulation.participant(0, { job: { ...job, name: 'another' } })).rejects.toThrow(
    code('job.unknown'),
  );
  await expect(simulation.aggregator(0, { signer: key('stranger') })).rejects.toThrow(code('job.role'));
  await expect(simulation.participant(0, { sitePolicy: { maximumRounds: 2 } })).rejects.toThrow(
    code('policy.refused'),
  );
  const lying: Ledger = {
    ...simulation.ledger,
    jobs: {
      ...simulation.ledger.jobs,
      read: async (address) => ({ ...(await simulation.ledger.jobs.read(address))!, minParticipants: 1 }),
    },
  };
  await expect(simulation.participant(0, { ledger: lying })).rejects.toThrow(code('job.terms'));
});

test('a node that answers some calls with an error ends no role: a bond may depend on it', async () => {
  const simulation = await createJoined();
  const { ledger } = simulation;
  let [calls, followed] = [0, 0];
  const broken = () =>
    new NonetError({ code: 'ledger.rpc', expected: 'a node to answer', found: 'internal error' });
  const assertWell = () => {
    if (++calls % 3 === 0) throw broken();
  };
  const ailing: Ledger = {
    ...ledger,
    jobs: {
      ...ledger.jobs,
      async read(job) {
        assertWell();
        return ledger.jobs.read(job);
      },
    },
    rounds: {
      ...ledger.rounds,
      async moves(job) {
        assertWell();
        return ledger.rounds.moves(job);
      },
      async submit(...parameters) {
        assertWell();
        return ledger.rounds.submit(...parameters);
      },
      async submitAll(...parameters) {
        assertWell();
        return ledger.rounds.submitAll(...parameters);
      },
      async *follow(job, signal) {
        for await (const event of ledger.rounds.follow(job, signal)) {
          yield event;
          // Who follows begins again each time.
          if ([5, 30, 70, 120].includes(++followed)) throw broken();
        }
      },
    },
    async now() {
      assertWell();
      return ledger.now();
    },
  };
  const outcomes = await Promise.all([
    simulation.aggregator(0, { ledger: ailing }),
    simulation.aggregator(1, { ledger: ailing }),
    simulation.watcher({ ledger: ailing }),
    ...simulation.participants.map((_, i) => simulation.participant(i, { ledger: ailing })),
  ]);
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(Array(7).fill('complete'));
  expect(calls).toBeGreaterThan(30);
  expect(steps(simulation.state())).toEqual(await undisturbedModels());
});

test('a ledger that breaks the rules is not followed', async () => {
  const simulation = await createJoined();
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
  for (const role of [
    simulation.participant(0, { ledger: breaking }),
    simulation.aggregator(0, { ledger: breaking }),
    simulation.watcher({ ledger: breaking }),
  ]) {
    await expect(role).rejects.toThrow(code('ledger.rules'));
  }
});
