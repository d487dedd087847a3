/**
 * A small federation in one process, for tests of roles: 12 parameters, a trainer that needs no
 * data, three stores in memory, and a ledger whose seconds are short.
 */
import { type Address, addressOf, type Hex, sha256, toHex, utf8 } from '@nonet/core';
import { createSigner, type Signer } from '@nonet/core/identity';
import {
  type BlobStore,
  isRefusal,
  type JobState,
  type Ledger,
  type Move,
  type Posted,
  type Refusal,
} from '@nonet/core/ports';
import {
  idOfJob,
  type MaskedAverage,
  parseJob,
  type RoundJob,
  requireTrainJob,
  type TrainJob,
  termsOf,
} from '@nonet/core/records';
import {
  createDiscreteGaussian,
  type DistributedPrivacy,
  drawDiscreteGaussian,
  largestContribution,
  planPrivacy,
  privacyMechanismId,
  systemWords,
} from '@nonet/privacy/dp';
import {
  type AggregatorParameters,
  addVelocities,
  createMemoryLedger,
  createMemoryOutbox,
  createMemoryStore,
  createStoreSet,
  decodeModel,
  encodeModel,
  type FederationEvent,
  layoutOf,
  type MemoryLedger,
  type MemoryStore,
  type Model,
  type ParticipantParameters,
  type PrivateTrainer,
  privacyOf,
  runAggregator,
  runParticipant,
  runWatcher,
  type StoreSet,
  type Trainer,
  trainingRandom,
  type WatcherParameters,
} from '../src/index.ts';

export const key = (name: string): Signer => createSigner(toHex(sha256(utf8(name))) as Hex);
const entries = 12;

const initial = {
  tensors: [
    { name: 'bias', shape: [4] },
    { name: 'weight', shape: [4, 2] },
  ],
  flat: Float32Array.from({ length: entries }, (_, i) => i / 8),
};

export const arithmetic = {
  kind: 'fixedPoint',
  ...layoutOf(initial),
  clamp: 8,
  scaleBits: 20,
  maximumWeight: 4096,
} as const;

/**
 * Moves each parameter by public randomness: a result depends on model, participant and step alone.
 */
export function createTestTrainer(examples = 10): Trainer {
  return {
    async train({ model, seed, participant, step }) {
      const { tensors, flat } = decodeModel(model, arithmetic);
      const random = trainingRandom(seed, participant, step);
      const moved = flat.map((value) => value * 0.5 + random.uniform());
      return { model: encodeModel({ tensors, flat: moved }), examples: examples + participant, loss: 1 };
    },
  };
}

export interface Simulation<SimulatedJob extends RoundJob = TrainJob> {
  readonly ledger: MemoryLedger;
  readonly stores: readonly MemoryStore[];
  readonly job: SimulatedJob;
  readonly participants: readonly Signer[];
  /** Everything that the roles said, with who said it. */
  readonly events: ({ readonly who: string } & FederationEvent)[];
  /** Moves that the ledger took, with who made them. */
  readonly moves: { readonly move: Move; readonly by: string }[];
  readonly stop: AbortController;
  /** Ledger seconds. */
  clock(): number;
  state(): JobState;
  /** The stores as one, some of them replaced. */
  connect(replaced?: Readonly<Record<number, BlobStore>>): StoreSet;
  submit(move: Move, by: Signer, wei?: bigint): ReturnType<Ledger['rounds']['submit']>;
  participant(i: number, more?: Partial<ParticipantParameters>): ReturnType<typeof runParticipant>;
  aggregator(i?: number, more?: Partial<AggregatorParameters>): ReturnType<typeof runAggregator>;
  watcher(more?: Partial<WatcherParameters>): ReturnType<typeof runWatcher>;
}

/**
 * The ledger's time passes only while nothing happens: ticks of the event loop without a move, so
 * that a slow machine changes nothing.
 */
function createIdleClock() {
  let seconds = 1000;
  let idle = 0;
  const timer = setInterval(() => {
    if (++idle > 20) seconds += 3;
  }, 5);
  timer.unref();
  return {
    now: () => seconds,
    moved: () => {
      idle = 0;
    },
  };
}

const storeNames = ['store 0', 'store 1', 'store 2'];

/**
 * A job of `size` participants with two aggregators, a watcher and three stores, created on a
 * ledger. It starts from `model`.
 */
export async function createSimulation(
  more: Partial<TrainJob> = {},
  size = 4,
  model: Model = initial,
): Promise<Simulation> {
  const start = encodeModel(model);
  const job = requireTrainJob(
    parseJob({
      version: 2,
      kind: 'train',
      name: 'test',
      creator: key('creator').account,
      seed: toHex(sha256(utf8('seed'))),
      model: {
        kind: 'graph',
        graph: addressOf(utf8('graph')),
        step: addressOf(utf8('step')),
        parameters: addressOf(start),
      },
      data: { shape: [2], labels: ['a', 'b'] },
      arithmetic,
      training: { kind: 'graph', epochs: 1, batch: 1, learningRate: 0.1, momentum: 0 },
      rounds: 3,
      minParticipants: 2,
      maxParticipants: size,
      participants: 'open',
      phases: {
        open: 0,
        collecting: 20,
        closing: 10,
        appealing: 10,
        complaining: 0,
        opening: 0,
        stepping: 10,
        objecting: 10,
      },
      grace: 5,
      attempts: 5,
      expiry: 2 ** 32,
      aggregators: [key('aggregator 0').account, key('aggregator 1').account],
      watchers: [key('watcher').account],
      stores: storeNames.map((name) => ({ url: `memory:${name}`, account: key(name).account })),
      copies: 2,
      escrow: '1200',
      bond: '50',
      guarantees: [],
      ...more,
    }),
  );
  return simulate(job, start, size);
}

/** A job of two aggregators, a watcher and three stores that hold its first model. */
export async function simulate<SimulatedJob extends RoundJob>(
  job: SimulatedJob,
  start: Uint8Array<ArrayBuffer>,
  size: number,
): Promise<Simulation<SimulatedJob>> {
  const stores = storeNames.map((name) => createMemoryStore(key(name)));
  for (const store of stores) await store.put(start);
  const clock = createIdleClock();
  const moves: Simulation['moves'] = [];
  const events: Simulation['events'] = [];
  const participants = Array.from({ length: size }, (_, i) => key(`participant ${i}`));
  const names = new Map(
    [
      'creator',
      'aggregator 0',
      'aggregator 1',
      'watcher',
      ...participants.map((_, i) => `participant ${i}`),
    ].map((name) => [key(name).account, name]),
  );
  const memory = createMemoryLedger({ clock: clock.now });
  const noted = (all: readonly Move[], by: Signer, outcome: Posted | Refusal) => {
    if (isRefusal(outcome)) return outcome;
    clock.moved();
    for (const move of all) moves.push({ move, by: names.get(by.account) ?? by.account });
    return outcome;
  };
  const ledger: MemoryLedger = {
    ...memory,
    rounds: {
      ...memory.rounds,
      submit: async (id, move, by, wei) => noted([move], by, await memory.rounds.submit(id, move, by, wei)),
      submitAll: async (id, all, by) => noted(all, by, await memory.rounds.submitAll(id, all, by)),
    },
  };
  await ledger.jobs.create(termsOf(job), key('creator'));
  const stop = new AbortController();
  const connect: Simulation['connect'] = (replaced = {}) =>
    createStoreSet({
      stores: storeNames.map((name, i) => ({ name, store: replaced[i] ?? stores[i]! })),
      copies: job.copies,
      graceMilliseconds: 10,
      staggerMilliseconds: 5,
    });
  const base = (who: string) => ({
    ledger: ledger as Ledger,
    job,
    store: connect() as BlobStore,
    signer: key(who),
    signal: stop.signal,
    pollMilliseconds: 5,
    onEvent: (event: FederationEvent) => void events.push({ who, ...event }),
  });
  return {
    ledger,
    stores,
    job,
    participants,
    events,
    moves,
    stop,
    clock: clock.now,
    state: () => ledger.stateOf(idOfJob(job)),
    connect,
    submit: (move, by, wei) => ledger.rounds.submit(idOfJob(job), move, by, wei),
    participant: (i, more) =>
      runParticipant({
        ...base(`participant ${i}`),
        trainer: createTestTrainer(),
        dataset: datasetOf(i),
        outbox: createMemoryOutbox(),
        ...more,
      }),
    aggregator: (i = 0, more) =>
      runAggregator({
        ...base(`aggregator ${i}`),
        receipts: createMemoryOutbox(),
        cohort: size,
        patienceMilliseconds: 20,
        ...more,
      }),
    watcher: (more) => runWatcher({ ...base('watcher'), ...more }),
  };
}

/** What participant `i` of a simulation says that its data are. */
export function datasetOf(i: number): Address {
  return addressOf(utf8(`dataset ${i}`));
}

/** Joins the participants in order, so that numbers do not depend on timing. */
export async function joinAll({ submit, participants }: Simulation<RoundJob>): Promise<void> {
  for (const signer of participants) await submit({ type: 'join' }, signer);
}

/** The arithmetic of `createMasked`. */
export const maskedArithmetic: MaskedAverage = {
  kind: 'masked',
  ...layoutOf(initial),
  clamp: 8,
  scaleBits: 18,
  weighting: 'examples',
  weightUnit: 1,
  mostWeight: 32,
  threshold: 50,
};

const maskedPhases = {
  open: 20,
  collecting: 20,
  closing: 10,
  appealing: 10,
  complaining: 0,
  opening: 20,
  stepping: 10,
  objecting: 10,
};

/** The same of masked updates. */
export function createMasked(size: number, more: Partial<TrainJob> = {}): Promise<Simulation> {
  const rest = { arithmetic: maskedArithmetic, minParticipants: 3, phases: maskedPhases };
  return createSimulation({ ...rest, ...more }, size);
}

/**
 * A job of masked sums whose 12 parameters are protected record by record, at epsilon 8, for
 * `releases` sums of 4 to 5 participants. `change` alters what the job promises.
 */
export function createPrivate(
  { rounds = 2, releases = rounds }: { readonly rounds?: number; readonly releases?: number } = {},
  change: Partial<DistributedPrivacy> = {},
  more: Partial<TrainJob> = {},
): Promise<Simulation> {
  const setting = { dimension: entries, minParticipants: 4, maxParticipants: 5, rounds };
  const { parameters } = planPrivacy(
    {
      ...{ unit: 'record', form: 'distributed', epsilon: 8, delta: 1e-5, clippingNorm: 1, releases },
      ...{ samplingRate: 0.5, maximumBatch: 192, maximumRecords: 200, expectedBatch: 500, honest: 2 },
    },
    setting,
  );
  const model = addVelocities(initial);
  const job: Partial<TrainJob> = {
    rounds,
    minParticipants: setting.minParticipants,
    phases: maskedPhases,
    training: { kind: 'clippedGradient' },
    arithmetic: {
      kind: 'maskedSum',
      ...layoutOf(model),
      summed: entries,
      mostEntry: largestContribution(parameters, setting),
      step: { kind: 'momentum', rate: 1 / (parameters.scale * parameters.expectedBatch), momentum: 0.5 },
      threshold: 50,
    },
    guarantees: [{ mechanism: privacyMechanismId, parameters: { ...parameters, ...change } }],
  };
  return createSimulation({ ...job, ...more }, setting.maxParticipants, model);
}

/** Adds noise to nothing, as a site without a record that was drawn does. */
export function createNoiseTrainer({ job }: Simulation): PrivateTrainer {
  const { parameters } = privacyOf(job)!;
  const sampler = createDiscreteGaussian((parameters as DistributedPrivacy).shareSigma);
  const site = { examples: 100, notFinite: 0, truncated: false };
  const draw = () => new Int32Array(drawDiscreteGaussian(sampler, entries, systemWords));
  return { contribute: async () => ({ entries: draw(), site }) };
}

export const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** An aggregator, a watcher and these participants, until the job is over. */
export function runAll(
  simulation: Simulation<RoundJob>,
  participants: readonly number[],
  more: (i: number) => Partial<ParticipantParameters> = () => ({}),
) {
  return Promise.all([
    simulation.aggregator(),
    simulation.watcher(),
    ...participants.map((i) => simulation.participant(i, more(i))),
  ]);
}
