import type { Address } from '@nonet/core';
import type { BlobStore } from '@nonet/core/ports';
import { expect, test } from 'vitest';
import { createMemoryStore } from '../stores/memoryStore.ts';
import { createSampleRound } from '../testing/sampleRound.ts';
import { createUpdateReader, isRead, refusalsIn } from './updateReader.ts';

/** A round of `participants` whose updates a store has; `hanging` are never answered. */
async function createReading(participants: number, hanging: readonly number[] = []) {
  const sample = await createSampleRound({
    participants,
    entries: 4,
    wrong: { 1: (right) => ({ ...right, step: 3 }) },
  });
  const memory = createMemoryStore();
  for (const bytes of sample.updates.values()) await memory.put(bytes);
  const blobOf = (participant: number) => sample.round.commitments[participant]!.blob;
  const asked: Address[] = [];
  const stopped: Address[] = [];
  const store: BlobStore = {
    ...memory,
    get(address, options) {
      asked.push(address);
      if (!hanging.map(blobOf).includes(address)) return memory.get(address, options);
      return new Promise((_, reject) => {
        options!.signal!.addEventListener('abort', () => {
          stopped.push(address);
          reject(options!.signal!.reason);
        });
      });
    },
  };
  const stop = new AbortController();
  const reader = createUpdateReader({ store, arithmetic: sample.arithmetic, signal: stop.signal });
  const read = (numbers: readonly number[], milliseconds: number) =>
    reader.readAll(sample.state, 0, numbers, Date.now() + milliseconds);
  return { sample, memory, blobOf, asked, stopped, stop, reader, read };
}

test('reads each update once, and says why one is refused', async () => {
  const { asked, read } = await createReading(3);
  await read([0, 1], 60_000);
  const readings = await read([0, 1, 2], 60_000);
  expect(asked).toHaveLength(3);
  expect([...readings.values()].map(isRead)).toEqual([true, true, true]);
  expect(refusalsIn(readings)).toMatchObject([{ participant: 1, refusal: { refused: 'WrongStep' } }]);
});

test('what no store serves has failed, and is asked for again', async () => {
  const { memory, blobOf, read } = await createReading(2);
  const bytes = await memory.get(blobOf(0));
  memory.blobs.delete(blobOf(0));
  expect((await read([0, 1], 60_000)).get(0)).toBe('failed');
  await memory.put(bytes);
  expect(isRead((await read([0, 1], 60_000)).get(0)!)).toBe(true);
});

test('waits no longer than it is told, and what hangs holds up nothing else', async () => {
  const hanging = Array.from({ length: 8 }, (_, i) => i);
  const { read, reader, stopped, stop } = await createReading(10, hanging);
  // Eight at a time: after a while those that hang let the next two begin.
  const first = await read([...hanging, 8, 9], 0);
  expect([first.get(0), first.get(9)]).toEqual(['reading', 'reading']);
  await expect.poll(async () => isRead((await read([9], 0)).get(9)!), { timeout: 30_000 }).toBe(true);
  expect((await read([0], 0)).get(0)).toBe('reading');
  reader.forget(0);
  expect(stopped).toHaveLength(0);
  reader.forget(1);
  expect(stopped).toHaveLength(8);
  stop.abort();
});

test('an update of which receipts name another address is looked for there, however long the first takes', async () => {
  const { sample, blobOf, asked, reader } = await createReading(1, [0]);
  const { state, round } = sample;
  const wrong = `${blobOf(0).slice(0, -8)}00000000` as Address;
  expect((await reader.readAll(state, 0, [0], Date.now())).get(0)).toBe('reading');
  const commitments = { 0: { ...round.commitments[0]!, blob: wrong } };
  await reader.readAll({ ...state, rounds: [{ ...round, commitments }] }, 0, [0], Date.now());
  expect(asked).toEqual([blobOf(0), wrong]);
});

test('a mistake of this program is no failure of a store', async () => {
  const { memory, read } = await createReading(1);
  memory.blobs.get = () => {
    throw new TypeError('a mistake');
  };
  await expect(read([0], 60_000)).rejects.toThrow(TypeError);
});

test('what has not the length of a masked message is read once', async () => {
  const { sample, memory, asked } = await createReading(3);
  const short = await memory.put(new Uint8Array(15));
  const long = await memory.put(new Uint8Array(17));
  const right = await memory.put(new Uint8Array(16));
  const store: BlobStore = {
    ...memory,
    get(address, options) {
      asked.push(address);
      return memory.get(address, options);
    },
  };
  const commitments = { 0: short, 1: long, 2: right };
  const [round] = sample.state.rounds;
  const state = {
    ...sample.state,
    rounds: [
      {
        ...round!,
        commitments: Object.fromEntries(
          Object.entries(commitments).map(([one, { address: blob }]) => [one, { blob, weight: 1 }]),
        ),
      },
    ],
  };
  const { signal } = new AbortController();
  const { entries, headerLeaves } = sample.arithmetic;
  const reader = createUpdateReader({
    store,
    arithmetic: {
      ...{ kind: 'masked', entries, headerLeaves, clamp: 8, scaleBits: 18, threshold: 66 },
      ...{ weighting: 'uniform', weightUnit: 1, mostWeight: 1 },
    },
    signal,
  });
  const read = () => reader.readAll(state, 0, [0, 1, 2], Date.now() + 60_000);
  await read();
  const readings = [...(await read()).values()];
  expect(readings.slice(0, 2)).toEqual(['unfit', 'unfit']);
  expect(readings.map(isRead)).toEqual([false, false, true]);
  expect(asked).toHaveLength(3);
});
