/** What a participant of masked rounds does where something fails, or was done elsewhere. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Address, addressOf, contentOf, NonetError, pause, utf8 } from '@nonet/core';
import type { Ledger, Round } from '@nonet/core/ports';
import type { MaskedArithmetic } from '@nonet/core/records';
import { revealBytes } from '@nonet/privacy/secagg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { fetchRegistrations } from '../src/masked/maskedRound.ts';
import { createFileOutbox } from '../src/site/fileOutbox.ts';
import { createMemoryOutbox, type Outbox } from '../src/site/outbox.ts';
import type { Trainer } from '../src/trainers/trainer.ts';
import { arithmetic as clear, createSimulation, createTestTrainer, joinAll } from './simulation.ts';

const arithmetic: MaskedArithmetic = {
  kind: 'masked',
  entries: clear.entries,
  headerLeaves: clear.headerLeaves,
  clamp: 8,
  scaleBits: 18,
  weighting: 'examples',
  weightUnit: 1,
  mostWeight: 32,
  threshold: 66,
};
const phases = {
  open: 20,
  collecting: 20,
  closing: 10,
  appealing: 10,
  complaining: 0,
  opening: 20,
  stepping: 10,
  objecting: 10,
};
const masked = (size: number, more = {}) =>
  createSimulation({ arithmetic, minParticipants: 3, phases, ...more }, size);
const range = (count: number) => Array.from({ length: count }, (_, i) => i);

test('no secret is left of any round once the job is complete', async () => {
  const simulation = await masked(3, { rounds: 2 });
  await joinAll(simulation);
  const outboxes = range(3).map(() => createMemoryOutbox());
  await Promise.all([
    simulation.aggregator(),
    simulation.watcher(),
    ...range(3).map((i) => simulation.participant(i, { outbox: outboxes[i]! })),
  ]);
  for (const outbox of outboxes) {
    for (const round of range(4)) expect(await outbox.read(round)).toBeUndefined();
  }
});

describe('a step that was answered for all five', () => {
  /** The job on a ledger of its own, with its fourth participant away: whom its round asks for, and who answers. */
  async function repeatWithout(outboxOf: (i: number) => Outbox) {
    const simulation = await masked(5, { rounds: 1, arithmetic: { ...arithmetic, threshold: 50 } });
    onTestFinished(() => simulation.stop.abort());
    await joinAll(simulation);
    const stop = new AbortController();
    const refused: string[] = [];
    const done = (round: Round | undefined) => {
      if (refused.length + (round?.masking?.revealed.length ?? 0) >= 4) stop.abort();
    };
    await Promise.all([
      simulation.aggregator(0, { cohort: 4, signal: stop.signal }),
      ...[0, 1, 2, 4].map((i) =>
        simulation.participant(i, {
          outbox: outboxOf(i),
          signal: stop.signal,
          onEvent: (event) => {
            if (event.type === 'missed') refused.push(event.code);
            if (event.type === 'missed' || event.type === 'revealed') done(simulation.state().rounds[0]);
          },
        }),
      ),
    ]);
    const { masking } = simulation.state().rounds[0]!;
    return { refused, revealed: masking!.revealed.length };
  }

  test('is not answered for four on a ledger that shows another history, by sites that were restarted', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nonet-answered-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const open = (i: number) => {
      const outbox = createFileOutbox(join(folder, `${i}`));
      onTestFinished(() => outbox.close());
      return outbox;
    };
    const simulation = await masked(5, { rounds: 1, arithmetic: { ...arithmetic, threshold: 50 } });
    await joinAll(simulation);
    const outboxes = range(5).map(open);
    const store = simulation.connect();
    const remembered: boolean[] = [];
    await Promise.all([
      simulation.aggregator(),
      ...range(5).map((i) =>
        simulation.participant(i, {
          outbox: outboxes[i]!,
          store: {
            ...store,
            async put(content, options) {
              if (contentOf(content).length === revealBytes(5)) {
                remembered.push((await outboxes[i]!.read('answered')) !== undefined);
              }
              return store.put(content, options);
            },
          },
        }),
      ),
    ]);
    expect(simulation.state().rounds.map(({ phase }) => phase)).toEqual(['final']);
    expect(new Set(remembered)).toEqual(new Set([true]));
    for (const outbox of outboxes) outbox.close();
    expect(await repeatWithout(open)).toEqual({ refused: Array(4).fill('secagg.repeated'), revealed: 0 });
  });

  test('is answered for four by sites that forgot it', async () => {
    const { refused, revealed } = await repeatWithout(() => createMemoryOutbox());
    expect(refused).toEqual([]);
    expect(revealed).toBeGreaterThanOrEqual(3);
  });

  test('is not answered at all where the disk holds something else', async () => {
    const outbox = createMemoryOutbox();
    await outbox.write('answered', utf8('torn'));
    const simulation = await masked(3, { rounds: 1 });
    onTestFinished(() => simulation.stop.abort());
    await joinAll(simulation);
    void Promise.all([simulation.aggregator(), ...[0, 1].map((i) => simulation.participant(i))]);
    await expect(simulation.participant(2, { outbox })).rejects.toMatchObject({
      code: 'outbox.malformed',
      expected: 'what this site has kept of the sets that it answered for',
    });
  });
});

test('keys that the ledger has of elsewhere are announced anew', async () => {
  const simulation = await masked(3, { rounds: 1 });
  await joinAll(simulation);
  const key = (name: string) => addressOf(utf8(name));
  await simulation.submit(
    { type: 'announce', mask: key('lost mask'), seal: key('lost seal') },
    simulation.participants[2]!,
  );
  await Promise.all([
    simulation.aggregator(),
    simulation.watcher(),
    ...range(3).map((i) => simulation.participant(i)),
  ]);
  expect(simulation.state().rounds.map(({ phase }) => phase)).toEqual(['final']);
});

function createEvent(): readonly [happened: Promise<void>, tell: () => void] {
  let tell = () => {};
  const happened = new Promise<void>((resolve) => {
    tell = resolve;
  });
  return [happened, () => tell()];
}

test('two processes of one account send one message', async () => {
  const simulation = await masked(3, { rounds: 1 });
  await joinAll(simulation);
  const outbox = createMemoryOutbox();
  let training = 0;
  // Both train at the same time, with different results.
  const trainer = (examples: number): Trainer => ({
    async train(request) {
      training++;
      while (training < 2) await pause(1, request.signal);
      await pause(5 * examples, request.signal);
      return createTestTrainer(examples).train(request);
    },
  });
  const [registered, tell] = createEvent();
  const twice = (examples: number) =>
    simulation.participant(2, {
      outbox,
      trainer: trainer(examples),
      onEvent: ({ type }) => {
        if (type === 'registered') tell();
      },
    });
  await Promise.all([
    simulation.aggregator(),
    ...[0, 1].map((i) => simulation.participant(i)),
    twice(1),
    registered.then(() => twice(9)),
  ]);
  const messages = new Set(
    simulation.stores.flatMap(({ blobs }) =>
      [...blobs].filter(([, { length }]) => length === 4 * (clear.entries + 1)).map(([address]) => address),
    ),
  );
  expect(training).toBe(2);
  expect(messages.size).toBe(3);
});

test('a move that a ledger will not have is not sent again at once', async () => {
  const simulation = await masked(3);
  await joinAll(simulation);
  let sent = 0;
  const stop = new AbortController();
  const { rounds } = simulation.ledger;
  const ledger: Ledger = {
    ...simulation.ledger,
    rounds: {
      ...rounds,
      async submit() {
        // Tried again at once it would keep the process from everything else.
        if (++sent > 50) stop.abort();
        throw new NonetError({ code: 'ledger.funds', expected: 'wei for gas', found: 'none' });
      },
    },
  };
  setTimeout(() => stop.abort(), 200);
  await simulation.participant(0, { ledger, signal: stop.signal, pollMilliseconds: 50 });
  expect(sent).toBeLessThan(50);
});

test('a store that fails while shares are revealed is asked again', async () => {
  const simulation = await masked(3, { rounds: 1 });
  await joinAll(simulation);
  const outbox = createMemoryOutbox();
  const stop = new AbortController();
  // Killed once it has committed, it reads the registrations again when it is back.
  const first = simulation.participant(2, {
    outbox,
    signal: stop.signal,
    onEvent: ({ type }) => {
      if (type === 'committed') stop.abort();
    },
  });
  const others = [
    simulation.aggregator(),
    simulation.watcher(),
    ...[0, 1].map((i) => simulation.participant(i)),
  ];
  await first;
  let failures = 3;
  const store = simulation.connect();
  const failing = {
    ...store,
    async get(...[address, options]: Parameters<typeof store.get>) {
      const { registrations = {} } = simulation.state().rounds[0]!.masking ?? {};
      if (Object.values(registrations).includes(address) && failures-- > 0) {
        throw new NonetError({ code: 'store.unreachable', expected: 'a store', found: 'none' });
      }
      return store.get(address, options);
    },
  };
  await Promise.all([...others, simulation.participant(2, { outbox, store: failing })]);
  const [round] = simulation.state().rounds;
  expect(Object.keys(round!.masking!.reveals)).toContain('2');
});

test('a disk that holds something else ends the role, and says which round it is of', async () => {
  const simulation = await masked(3, { rounds: 1 });
  await joinAll(simulation);
  const outbox = createMemoryOutbox();
  const stop = new AbortController();
  await simulation.participant(0, {
    outbox,
    signal: stop.signal,
    onEvent: ({ type }) => {
      if (type === 'joined') stop.abort();
    },
  });
  await outbox.write(0, utf8('torn'));
  await expect(simulation.participant(0, { outbox })).rejects.toMatchObject({
    code: 'outbox.malformed',
    expected: 'what this site has kept of round 1',
  });
});

test('what a round has published is asked for some blobs at a time, and comes in order', async () => {
  const contents = range(30).map((i) => contentOf(Uint8Array.of(i)));
  let [asked, most] = [0, 0];
  const get = async (address: Address) => {
    most = Math.max(most, ++asked);
    // Later ones first.
    await pause(30 - contents.findIndex((content) => content.address === address));
    asked--;
    return contents.find((content) => content.address === address)!;
  };
  const registrations = Object.fromEntries(contents.map(({ address }, i) => [i, address]));
  const round = { masking: { keys: registrations, registrations } } as unknown as Round;
  const read = await fetchRegistrations({ get }, round, {});
  expect([...read]).toEqual(contents.map(({ bytes }, i) => [i, bytes]));
  expect(most).toBe(8);
});
