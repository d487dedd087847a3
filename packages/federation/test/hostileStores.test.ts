/**
 * Stores that lie over HTTP, first in the list of a job: they take what is sent, sign for it, and
 * then keep it to themselves or say of it what is not so. Two honest stores are there, and the job
 * needs two copies.
 */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Address, addressOf } from '@nonet/core';
import type { Signer } from '@nonet/core/identity';
import type { BlobStore } from '@nonet/core/ports';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  acceptedParticipants,
  chooseReceipts,
  createFileStore,
  createHttpStore,
  createMembers,
  createStoreSet,
  decodeModel,
  encodeModel,
  isComplete,
  signStoreReceipt,
} from '../src/index.ts';
import { changeMoves } from '../src/testing/changeMoves.ts';
import { createFolder, outlineAnswer, startServer } from '../src/testing/storeServers.ts';
import { arithmetic, createSimulation, joinAll, key } from './simulation.ts';

type Answer = (
  path: string,
  address: Address,
  blobs: ReadonlyMap<Address, Buffer>,
  response: ServerResponse,
) => void;

/** Takes every upload and signs for it; `answer` says what a download gets. */
async function startHostileStore(answer: Answer): Promise<BlobStore> {
  const blobs = new Map<Address, Buffer>();
  const signer = key('store 0');
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', async () => {
      const path = request.url!;
      if (request.method !== 'PUT') return answer(path, path.split('/').at(-1) as Address, blobs, response);
      const bytes = Buffer.concat(chunks);
      const address = addressOf(bytes);
      blobs.set(address, bytes);
      response.writeHead(201).end(JSON.stringify(await signStoreReceipt(address, bytes.length, signer)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return createHttpStore({ url, account: signer.account, backoffMilliseconds: 5 });
}

/** The ledger's seconds pass fast; sockets must not be late. */
async function createJoined(hostile: BlobStore) {
  const { phases } = (await createSimulation()).job;
  const simulation = await createSimulation({
    rounds: 1,
    phases: { ...phases, collecting: 100_000, closing: 3000, stepping: 3000, objecting: 900 },
  });
  onTestFinished(() => simulation.stop.abort());
  await joinAll(simulation);
  return { simulation, store: () => simulation.connect({ 0: hostile }) };
}

test('a store that never answers a download keeps no watcher from proving a lie in time', async () => {
  const silent = await startHostileStore(() => {});
  const { simulation, store } = await createJoined(silent);
  const { ledger } = simulation;
  const lying = changeMoves(ledger, async (move) => {
    if (move.type !== 'step') return move;
    const model = decodeModel((await simulation.stores[1]!.get(move.model)).bytes, arithmetic);
    model.flat[0]! += 1;
    const { address, receipts } = await store().put(encodeModel(model));
    const set = chooseReceipts(simulation.state().terms, address, receipts)!;
    return { ...move, model: address, receipts: set };
  });
  const expected = () => [0, 1, 2, 3];
  await Promise.all([
    simulation.aggregator(0, { store: store(), ledger: lying, expected, patienceMilliseconds: 1000 }),
    simulation.aggregator(1, { store: store(), expected, patienceMilliseconds: 1000 }),
    simulation.watcher({ store: store() }),
    ...simulation.participants.map((_, i) => simulation.participant(i, { store: store() })),
  ]);
  const state = simulation.state();
  expect(state.rounds.map(({ phase }) => phase)).toEqual(['void', 'final']);
  expect(state.rounds[0]!.failure).toMatchObject({
    reason: 'proven',
    lie: { kind: 'average' },
    by: key('watcher').account,
  });
  expect(acceptedParticipants(state.rounds[1]!)).toEqual([0, 1, 2, 3]);
});

test('a store that announces another length than it signed for has no update refused', async () => {
  let victim: Address | undefined;
  const lying = await startHostileStore((path, address, blobs, response) => {
    const bytes = blobs.get(address);
    if (bytes === undefined) {
      response.writeHead(404).end();
      return;
    }
    // What is read first is an update.
    victim ??= address;
    const length = address === victim ? 1_000_000_000 : bytes.length;
    if (path.startsWith('/outlines/')) {
      response.end(outlineAnswer(bytes, length));
      return;
    }
    response.writeHead(200, { 'content-length': String(length) });
    response.write(bytes);
    if (address !== victim) response.end();
  });
  const { simulation, store } = await createJoined(lying);
  const aggregator = simulation.aggregator(0, {
    store: store(),
    expected: () => [0, 1, 2, 3],
    patienceMilliseconds: 1000,
  });
  await Promise.all([
    aggregator,
    simulation.watcher({ store: store() }),
    ...simulation.participants.map((_, i) => simulation.participant(i, { store: store() })),
  ]);
  const state = simulation.state();
  expect(victim).toBeDefined();
  expect(isComplete(state)).toBe(true);
  expect(state.rounds[0]!.posted!.refused).toEqual([]);
  expect(acceptedParticipants(state.rounds[0]!)).toEqual([0, 1, 2, 3]);
  expect(state.rounds[0]!.unavailable).toEqual([]);
});

describe('strangers who have filled all stores', () => {
  /** Each store has a model's start, as much of strangers' as it takes, and no room for an update. */
  async function createFilled(kept: boolean) {
    const { simulation } = await createJoined(createHttpStore({ url: 'http://127.0.0.1:1' }));
    const { job, ledger } = simulation;
    const start = await simulation.stores[0]!.get(job.model.parameters);
    const names = ['store 0', 'store 1', 'store 2'];
    const servers = await Promise.all(
      names.map(async (name) => {
        const store = createFileStore(await createFolder(), key(name));
        await store.put(start);
        const members = kept ? { members: createMembers(job, ledger) } : {};
        return startServer({ store, quotaBytes: 100_000, ...members });
      }),
    );
    for (const { url } of servers) {
      const fill = async (size: number, seed: number) => {
        const client = createHttpStore({ url, attempts: 1 });
        await client.put(new Uint8Array(size).fill(seed));
      };
      for (let seed = 1, size = 40_000; size >= 1; seed++) {
        await fill(size, seed).catch(() => (size = Math.floor(size / 2)));
      }
    }
    const connect = (signer: Signer) =>
      createStoreSet({
        stores: servers.map(({ url }, i) => ({
          name: url,
          store: createHttpStore({ url, account: key(names[i]!).account, signer, backoffMilliseconds: 5 }),
        })),
        copies: job.copies,
      });
    return { simulation, connect };
  }

  test('stop no job whose accounts have room of their own', async () => {
    const { simulation, connect } = await createFilled(true);
    const expected = () => [0, 1, 2, 3];
    await Promise.all([
      simulation.aggregator(0, { store: connect(key('aggregator 0')), expected }),
      simulation.aggregator(1, { store: connect(key('aggregator 1')), expected }),
      ...simulation.participants.map((signer, i) => simulation.participant(i, { store: connect(signer) })),
    ]);
    const state = simulation.state();
    expect(isComplete(state)).toBe(true);
    expect(acceptedParticipants(state.rounds.at(-1)!)).toEqual([0, 1, 2, 3]);
  });

  test('stop one whose accounts have none', async () => {
    const { simulation, connect } = await createFilled(false);
    await expect(connect(simulation.participants[0]!).put(new Uint8Array(272))).rejects.toThrow(
      expect.objectContaining({ code: 'store.copies' }),
    );
  });
});
