/**
 * A small federation in one process, for tests: 12 parameters, a trainer that needs no data, one store, a
 * ledger whose seconds are short.
 */
import { addressOf, type Hex, sha256, toHex, utf8 } from '@nonet/core';
import { createSigner, type Signer } from '@nonet/core/identity';
import { type BlobStore, isRefusal, type Ledger } from '@nonet/core/ports';
import { idOfJob, parseJob, requireTrainJob, type TrainJob, termsOf } from '@nonet/core/records';
import {
  type AggregatorParameters,
  createMemoryLedger,
  createMemoryOutbox,
  createMemoryStore,
  decodeModel,
  encodeModel,
  type FederationEvent,
  layoutOf,
  type MemoryLedger,
  type MemoryStore,
  type ParticipantParameters,
  runAggregator,
  runParticipant,
  runWatcher,
  type Trainer,
  trainingRandom,
  type WatcherParameters,
} from '../src/index.ts';

export const key = (name: string): Signer => createSigner(toHex(sha256(utf8(name))) as Hex);
export const entries = 12;

const start = {
  tensors: [
    { name: 'bias', shape: [4] },
    { name: 'weight', shape: [4, 2] },
  ],
  flat: Float32Array.from({ length: entries }, (_, i) => i / 8),
};
const initial = encodeModel(start);
/** Of every job here. */
export const arithmetic = {
  kind: 'fixedPoint',
  ...layoutOf(start),
  clamp: 8,
  scaleBits: 20,
  maximumWeight: 4096,
} as const;

/** Moves each parameter by public randomness: an update depends on model, participant and step alone. */
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

export interface Simulation {
  readonly ledger: MemoryLedger;
  readonly store: MemoryStore;
  readonly job: TrainJob;
  readonly participants: readonly Signer[];
  /** Everything that the roles said, with who said it. */
  readonly events: ({ readonly who: string } & FederationEvent)[];
  readonly stop: AbortController;
  /** How many moves the ledger has accepted. */
  moves(): number;
  participant(i: number, more?: Partial<ParticipantParameters>): ReturnType<typeof runParticipant>;
  aggregator(more?: Partial<AggregatorParameters>): ReturnType<typeof runAggregator>;
  watcher(more?: Partial<WatcherParameters>): ReturnType<typeof runWatcher>;
}

/** The ledger's time passes only while nothing happens: ticks of the event loop without a move, so that a slow machine changes nothing. */
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

export async function createSimulation(more: Partial<TrainJob> = {}, size = 4): Promise<Simulation> {
  const creator = key('creator');
  const store = createMemoryStore(key('store'));
  await store.put(initial);
  const record = parseJob({
    version: 2,
    kind: 'train',
    name: 'test',
    creator: creator.account,
    seed: toHex(sha256(utf8('seed'))),
    model: {
      kind: 'graph',
      graph: addressOf(utf8('graph')),
      step: addressOf(utf8('step')),
      parameters: addressOf(initial),
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
    grace: 3,
    attempts: 5,
    expiry: 1_000_000,
    aggregators: [key('aggregator').account, key('second aggregator').account],
    watchers: [key('watcher').account],
    stores: [{ url: 'memory:', account: key('store').account }],
    copies: 1,
    escrow: '1200',
    bond: '50',
    guarantees: [],
    ...more,
  });
  const job = requireTrainJob(record);
  const clock = createIdleClock();
  let moves = 0;
  const memory = createMemoryLedger({ clock: clock.now });
  const ledger: MemoryLedger = {
    ...memory,
    rounds: {
      ...memory.rounds,
      async submit(...move) {
        const outcome = await memory.rounds.submit(...move);
        if (isRefusal(outcome)) return outcome;
        clock.moved();
        moves++;
        return outcome;
      },
    },
  };
  await ledger.jobs.create(termsOf(job), creator);
  const events: Simulation['events'] = [];
  const stop = new AbortController();
  const base = (who: string) => ({
    ledger: ledger as Ledger,
    job,
    store: store as BlobStore,
    signal: stop.signal,
    pollMilliseconds: 5,
    patienceMilliseconds: 20,
    receipts: createMemoryOutbox(),
    onEvent: (event: FederationEvent) => void events.push({ who, ...event }),
  });
  return {
    ledger,
    store,
    job,
    participants: Array.from({ length: size }, (_, i) => key(`participant ${i}`)),
    events,
    stop,
    moves: () => moves,
    participant: (i, more) =>
      runParticipant({
        ...base(`participant ${i}`),
        signer: key(`participant ${i}`),
        trainer: createTestTrainer(),
        dataset: addressOf(utf8(`data ${i}`)),
        outbox: createMemoryOutbox(),
        ...more,
      }),
    aggregator: (more) =>
      runAggregator({ ...base('aggregator'), signer: key('aggregator'), cohort: size, ...more }),
    watcher: (more) => runWatcher({ ...base('watcher'), signer: key('watcher'), ...more }),
  };
}

/** Joins the participants in order, so that numbers do not depend on timing. */
export async function joinAll({ ledger, job, participants }: Simulation): Promise<void> {
  for (const signer of participants) await ledger.rounds.submit(idOfJob(job), { type: 'join' }, signer);
}
