/**
 * Each role of masked rounds, killed before and after everything that it does, and started again: the
 * job is completed, what was sent is sent again byte for byte, and no key masks two messages, whether
 * the disk of a participant outlives its process or not.
 */
import { type Address, contentOf, fromHex, toHex } from '@nonet/core';
import type { BlobStore, JobState, Ledger } from '@nonet/core/ports';
import { registrationBytes, revealBytes } from '@nonet/privacy/secagg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { chooseReceipts } from '../src/roles/receiptReader.ts';
import { latestRound } from '../src/rules/state.ts';
import { createMemoryOutbox, type Outbox } from '../src/site/outbox.ts';
import { changeMoves } from '../src/testing/changeMoves.ts';
import type { Trainer } from '../src/trainers/trainer.ts';
import { createMasked, createTestTrainer, joinAll, range, type Simulation } from './simulation.ts';

const size = 3;
const wanted = 2;
const minutes = { timeout: 600_000 };

async function createJoined(): Promise<Simulation> {
  const simulation = await createMasked(size, { rounds: wanted });
  onTestFinished(() => simulation.stop.abort());
  await joinAll(simulation);
  return simulation;
}

const modelsOf = ({ rounds }: JobState): Address[] =>
  rounds.filter(({ phase }) => phase === 'final').map(({ posted }) => posted!.model);

let undisturbed: Promise<Address[]> | undefined;
/** The models of a run in which no role is killed. */
function undisturbedModels(): Promise<Address[]> {
  undisturbed ??= (async () => {
    const simulation = await createJoined();
    await Promise.all([
      simulation.aggregator(),
      simulation.watcher(),
      ...range(size).map((i) => simulation.participant(i)),
    ]);
    return modelsOf(simulation.state());
  })();
  return undisturbed;
}

/** What a role reaches: of each call, one point to be killed at lies before it and one behind it. */
interface Reach {
  readonly ledger: Ledger;
  readonly store: BlobStore;
  readonly outbox: Outbox;
}

/** The same for a role that is killed at a point, counted from 0; nothing gets through after that. */
function killAt(
  point: number,
  { ledger, store, outbox }: Reach,
): Reach & { readonly death: AbortController } {
  const death = new AbortController();
  let passed = 0;
  const pass = () => {
    if (passed++ === point) death.abort();
    death.signal.throwIfAborted();
  };
  const around =
    <A extends unknown[], R>(call: (...values: A) => Promise<R>) =>
    async (...values: A): Promise<R> => {
      pass();
      const result = await call(...values);
      pass();
      return result;
    };
  const { rounds } = ledger;
  return {
    death,
    ledger: {
      ...ledger,
      rounds: { ...rounds, submit: around(rounds.submit), submitAll: around(rounds.submitAll) },
    },
    store: { ...store, put: around(store.put) },
    outbox: { ...outbox, write: around(outbox.write), erase: around(outbox.erase) },
  };
}

/** Starts a role that is killed at a point, and then again, unless it lived to the end; whether it did. */
async function runTwice(
  point: number,
  first: Reach,
  second: Reach,
  run: (reach: Reach & { readonly signal?: AbortSignal }) => Promise<unknown>,
): Promise<boolean> {
  const { death, ...reach } = killAt(point, first);
  await run({ ...reach, signal: death.signal }).catch((cause: unknown) => {
    if (!death.signal.aborted) throw cause;
  });
  if (!death.signal.aborted) return true;
  await run(second);
  return false;
}

/** Tries every point, some at a time, until the role lives to its end; how many there are. */
async function tryPoints(attempt: (point: number) => Promise<boolean>): Promise<number> {
  const atOnce = 8;
  for (let first = 0; ; first += atOnce) {
    const lived = await Promise.all(range(atOnce).map((i) => attempt(first + i)));
    if (lived.includes(true)) return first + lived.indexOf(true);
  }
}

describe('a participant killed at any point', () => {
  /** Trains with randomness of its own, so that no two updates for one step are the same. */
  function createSecretTrainer(): Trainer {
    const { train } = createTestTrainer();
    return {
      train: (request) => train({ ...request, step: request.step + Math.floor(Math.random() * 2 ** 20) }),
    };
  }

  /** Everything that it puts into the stores, by round and kind. */
  function listen(simulation: Simulation) {
    const sent = new Map<string, Set<string>>();
    const store = simulation.connect();
    const put: BlobStore['put'] = async (blob, options) => {
      const { bytes, address } = contentOf(blob);
      const kinds = new Map([
        [registrationBytes(size), 'registration'],
        [revealBytes(size), 'reveal'],
      ]);
      const kind = kinds.get(bytes.length) ?? 'message';
      const name = `${kind} of round ${latestRound(simulation.state())}`;
      sent.set(name, (sent.get(name) ?? new Set()).add(address));
      return store.put(blob, options);
    };
    return { sent, store: { ...store, put } };
  }

  async function attempt(point: number, keepsDisk: boolean) {
    const simulation = await createJoined();
    const { sent, store } = listen(simulation);
    const outbox = createMemoryOutbox();
    const first: Reach = { ledger: simulation.ledger, store, outbox };
    const second = keepsDisk ? first : { ...first, outbox: createMemoryOutbox() };
    const watcher = simulation.watcher();
    const others = [simulation.aggregator(), ...range(size - 1).map((i) => simulation.participant(i))];
    const lived = await runTwice(point, first, second, (reach) =>
      simulation.participant(size - 1, { ...reach, trainer: createSecretTrainer() }),
    );
    await Promise.all(others);
    const state = simulation.state();
    expect(modelsOf(state)).toHaveLength(wanted);
    expect((await watcher).findings.map(({ agrees }) => agrees)).toEqual(range(wanted).map(() => true));
    // One message under the keys of a round, and one registration and answer.
    for (const [name, addresses] of sent) expect([name, addresses.size]).toEqual([name, 1]);
    const keys = state.rounds.map(({ masking }) => masking!.keys[size - 1]);
    const used = keys.flatMap((pair) => (pair === undefined ? [] : [pair.mask, pair.seal]));
    expect(new Set(used).size).toBe(used.length);
    if (keepsDisk) expect(state.rounds.map(({ phase }) => phase)).toEqual(range(wanted).map(() => 'final'));
    for (const number of range(state.rounds.length + 1)) {
      expect(await second.outbox.read(number)).toBeUndefined();
    }
    return lived;
  }

  test('goes on from its disk', minutes, async () => {
    expect(await tryPoints((point) => attempt(point, true))).toBeGreaterThan(30);
  });

  test('goes on with fresh secrets where its disk is lost', minutes, async () => {
    expect(await tryPoints((point) => attempt(point, false))).toBeGreaterThan(30);
  });
});

test('an aggregator killed at any point goes on', minutes, async () => {
  const points = await tryPoints(async (point) => {
    const simulation = await createJoined();
    const reach = {
      ledger: simulation.ledger,
      store: simulation.connect(),
      outbox: createMemoryOutbox(),
    };
    const others = [simulation.watcher(), ...range(size).map((i) => simulation.participant(i))];
    const lived = await runTwice(point, reach, reach, ({ outbox, ...rest }) =>
      simulation.aggregator(0, { ...rest, receipts: outbox }),
    );
    await Promise.all(others);
    const state = simulation.state();
    expect(modelsOf(state)).toEqual(await undisturbedModels());
    expect(state.rounds).toHaveLength(wanted);
    return lived;
  });
  expect(points).toBeGreaterThan(10);
});

test('a watcher killed at any point objects to a wrong step once', minutes, async () => {
  const points = await tryPoints(async (point) => {
    const simulation = await createJoined();
    const { terms } = simulation.state();
    const store = simulation.connect();
    const start = await store.get(terms.model);
    const another = fromHex(toHex(start.bytes));
    another[another.length - 4]! ^= 1;
    const { address: model, receipts } = await store.put(another);
    const lying = changeMoves(simulation.ledger, (move) =>
      move.type === 'step' && move.round === 0
        ? { ...move, model, receipts: chooseReceipts(terms, model, receipts)! }
        : move,
    );
    const others = [
      simulation.aggregator(0, { ledger: lying }),
      simulation.aggregator(1),
      ...range(size).map((i) => simulation.participant(i)),
    ];
    const reach = { ledger: simulation.ledger, store, outbox: createMemoryOutbox() };
    const lived = await runTwice(point, reach, reach, ({ outbox: _, ...rest }) => simulation.watcher(rest));
    await Promise.all(others);
    const state = simulation.state();
    expect(modelsOf(state)).toEqual(await undisturbedModels());
    expect(state.rounds[0]!.objections).toHaveLength(1);
    return lived;
  });
  expect(points).toBeGreaterThan(1);
});
