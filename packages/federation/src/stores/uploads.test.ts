import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { addressOf, concatBytes } from '@nonet/core';
import { isStoreReceipt } from '@nonet/core/ports';
import { expect, onTestFinished, test } from 'vitest';
import { createFolder, storeSigner } from '../testing/storeServers.ts';
import { createFileStore } from './fileStore.ts';
import { openUploads, type UploadRequest } from './uploads.ts';

const pieces = Array.from({ length: 8 }, (_, piece) =>
  Uint8Array.from({ length: 50_000 }, (_, i) => (i * (piece + 3)) >>> 2),
);
const blob = concatBytes(...pieces);
const address = addressOf(blob);

async function open() {
  const store = createFileStore(await createFolder(), storeSigner);
  const uploads = await openUploads({ store, quotaBytes: 1e9, maximumUploads: 64, silenceMilliseconds: 1e6 });
  onTestFinished(uploads.close);
  return { store, uploads };
}

/** A request that brings `chunks`, and then breaks off if it is hung up. */
function requestOf(...chunks: readonly Uint8Array[]): UploadRequest {
  let hungUp = false;
  return {
    hangUp: () => {
      hungUp = true;
    },
    chunks: (async function* () {
      for (const chunk of chunks) {
        if (hungUp) throw new Error('hung up');
        yield chunk;
      }
    })(),
  };
}

test('of requests that go on at the same byte, one does', async () => {
  for (let repetition = 0; repetition < 20; repetition++) {
    const { store, uploads } = await open();
    await uploads.begin('a', address, blob.length);
    // Each brings another piece: if all were let in, the hasher could see them in the right order.
    const outcomes = await Promise.all(pieces.map((piece) => uploads.receive('a', 0, requestOf(piece))));
    expect(outcomes.filter((outcome) => outcome !== 'elsewhere')).toEqual(['open']);
    expect(uploads.find('a')!.arrived).toBe(pieces[0]!.length);
    expect(await store.has(address)).toBe(false);
  }
});

test('requests that begin an upload at once share it', async () => {
  const { store, uploads } = await open();
  const begun = await Promise.all([1, 2, 3].map(() => uploads.begin('a', address, blob.length)));
  expect(new Set(begun).size).toBe(1);
  expect(await readdir(join(store.directory, 'incoming'))).toHaveLength(1);
  expect(await uploads.receive('a', 0, requestOf(...pieces))).toBe('stored');
});

test('after any mix of requests that break off and go on, what is stored is right', async () => {
  let seed = 1;
  const random = (below: number) => (seed = (seed * 48271) % 2147483647) % below;
  for (let repetition = 0; repetition < 20; repetition++) {
    const { store, uploads } = await open();
    const outcomes: string[] = [];
    await uploads.begin('a', address, blob.length);
    const send = async () => {
      while (!outcomes.includes('stored') && uploads.find('a') !== undefined) {
        const first = Math.floor((uploads.find('a')?.arrived ?? 0) / 50_000);
        const chunks = pieces.slice(first, first + 1 + random(4));
        const breaking = async function* () {
          yield* chunks;
          throw new Error('broken');
        };
        const whole = requestOf(...chunks);
        const request = random(3) === 0 ? { ...whole, chunks: breaking() } : whole;
        const outcome = uploads.receive('a', first * 50_000, request).catch(() => 'broken');
        outcomes.push(await outcome);
        for (let ticks = random(4); ticks > 0; ticks--) await new Promise(setImmediate);
      }
    };
    await Promise.all(Array.from({ length: 6 }, send));
    expect(outcomes).toContain('stored');
    expect(outcomes).not.toContain('wrong');
    expect((await store.get(address)).bytes).toEqual(blob);
    expect(isStoreReceipt((await store.receipts(address))[0]!, [storeSigner.account])).toBe(true);
  }
});
