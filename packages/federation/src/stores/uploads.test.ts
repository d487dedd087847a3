import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { addressOf, concatBytes } from '@nonet/core';
import type { Account } from '@nonet/core/identity';
import { isStoreReceipt } from '@nonet/core/ports';
import { expect, onTestFinished, test } from 'vitest';
import { createFolder, storeSigner } from '../testing/storeServers.ts';
import { createFileStore, type FileStore } from './fileStore.ts';
import { openUploads, type UploadRequest, type UploadsParameters } from './uploads.ts';

const pieces = Array.from({ length: 8 }, (_, piece) =>
  Uint8Array.from({ length: 50_000 }, (_, i) => (i * (piece + 3)) >>> 2),
);
const blob = concatBytes(...pieces);
const address = addressOf(blob);

/** Time passes when the test says so. */
async function open(
  limits: Partial<Pick<UploadsParameters, 'quotaBytes' | 'maximumUploads' | 'members'>> = {},
  slow: (store: FileStore) => Partial<FileStore> = () => ({}),
) {
  const quick = createFileStore(await createFolder(), storeSigner);
  const store = { ...quick, ...slow(quick) };
  const clock = { milliseconds: 0 };
  const now = () => clock.milliseconds;
  const uploads = await openUploads({ store, quotaBytes: 1e9, maximumUploads: 64, now, ...limits });
  onTestFinished(uploads.close);
  return { store, uploads, clock };
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

test('a request that waits for its turn and would hang keeps no later one from it', async () => {
  const { uploads } = await open();
  await uploads.begin('a', address, blob.length);
  const hungUp = Promise.withResolvers<void>();
  const first = uploads.receive('a', 0, {
    hangUp: hungUp.resolve,
    chunks: (async function* () {
      await hungUp.promise;
      yield new Uint8Array();
    })(),
  });
  await new Promise(setImmediate);
  const never = (async function* () {
    await new Promise<never>(() => {});
    yield blob;
  })();
  const hanging = uploads.receive('a', 0, { hangUp: () => {}, chunks: never });
  const last = uploads.receive('a', 0, requestOf(...pieces));
  expect(await Promise.all([first, hanging, last])).toEqual(['open', 'elsewhere', 'stored']);
});

test('an upload that is complete makes way for no other', async () => {
  const [begun, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const { uploads } = await open({ maximumUploads: 1 }, ({ keep }) => ({
    async keep(...blob) {
      begun.resolve();
      await go.promise;
      return keep(...blob);
    },
  }));
  await uploads.begin('a', address, blob.length);
  const outcome = uploads.receive('a', 0, requestOf(...pieces));
  await begun.promise;
  expect(await uploads.begin('b', address, blob.length)).toBe('busy');
  go.resolve();
  expect(await outcome).toBe('stored');
});

const alice = '0x00000000000000000000000000000000000000a1';
const bob = '0x00000000000000000000000000000000000000b0';

test('members have equal parts of half the quota, strangers the other half', async () => {
  const { uploads } = await open({ quotaBytes: 120, members: 3 });
  /** In whose room so much fits, on behalf of this account. */
  const roomFor = async (size: number, member?: Account) => {
    const begun = await uploads.begin('x', address, size, member);
    await uploads.drop('x');
    return typeof begun === 'string' ? begun : begun.owner;
  };
  expect(await roomFor(60)).toBe(undefined);
  expect(await roomFor(61)).toBe('full');
  for (const member of [alice, bob] as const) {
    expect(await roomFor(20, member)).toBe(member);
    expect(await roomFor(21, member)).toBe(undefined);
    expect(await roomFor(61, member)).toBe('full');
  }
});

test('a member has what it announced, and each blob once; the rest is among the strangers', async () => {
  const { uploads } = await open({ quotaBytes: 120, members: 1, maximumUploads: 8 });
  const other = addressOf(pieces[0]!);
  const begun = await Promise.all([
    uploads.begin('a', address, 20, alice),
    uploads.begin('b', address, 20, alice),
    uploads.begin('c', other, 20, alice),
    uploads.begin('d', addressOf(pieces[1]!), 21, alice),
  ]);
  expect(begun.map((upload) => (typeof upload === 'string' ? upload : upload.owner))).toEqual([
    alice,
    undefined,
    alice,
    undefined,
  ]);
});

test('what fills one room takes nothing of another, nor makes what comes there give way', async () => {
  const { uploads } = await open({ quotaBytes: 4 * blob.length, members: 2 });
  await uploads.begin('slow', address, blob.length, alice);
  expect(await uploads.receive('slow', 0, requestOf(pieces[0]!))).toBe('open');
  for (const name of ['a', 'b']) {
    const other = Uint8Array.from(blob, (byte) => byte ^ name.charCodeAt(0));
    await uploads.begin(name, addressOf(other), other.length);
    expect(await uploads.receive(name, 0, requestOf(other))).toBe('stored');
  }
  expect(await uploads.begin('c', addressOf(pieces[0]!), pieces[0]!.length)).toBe('full');
  expect(await uploads.receive('slow', pieces[0]!.length, requestOf(...pieces.slice(1)))).toBe('stored');
  expect(await uploads.begin('d', addressOf(pieces[0]!), pieces[0]!.length, alice)).toBe('full');
  expect(await uploads.begin('e', addressOf(pieces[0]!), blob.length, bob)).toMatchObject({ owner: bob });
});

test('a room whose places are taken gives up its slowest upload, and takes none of another', async () => {
  const { uploads, clock } = await open({ maximumUploads: 4, members: 2 });
  const names: string[] = [];
  const begin = async (name: string, owner?: Account) => {
    clock.milliseconds += 1000;
    names.push(name);
    await uploads.begin(name, addressOf(Uint8Array.of(Number(name))), blob.length, owner);
    return names.filter((name) => uploads.find(name) !== undefined);
  };
  for (const name of ['1', '2', '3']) await begin(name, name === '1' ? alice : undefined);
  // Strangers have two of the four places, each member one.
  expect(await begin('4')).toEqual(['1', '3', '4']);
  expect(await begin('5', bob)).toEqual(['1', '3', '4', '5']);
  expect(await begin('6', bob)).toEqual(['1', '3', '4', '6']);
  expect(await begin('7')).toEqual(['1', '4', '6', '7']);
});

test('among equals a stranger makes way', async () => {
  const { uploads, clock } = await open({ maximumUploads: 2, members: 2 });
  await uploads.begin('stranger', address, blob.length);
  await uploads.receive('stranger', 0, requestOf(pieces[0]!));
  clock.milliseconds += 1000;
  await uploads.begin('alice', address, blob.length, alice);
  await uploads.begin('bob', address, blob.length, bob);
  expect(uploads.find('stranger')).toBeUndefined();
  expect(uploads.find('alice')).toBeDefined();
});

test('a request goes on in no upload that was dropped under it', async () => {
  const { uploads } = await open();
  await uploads.begin('a', address, blob.length);
  const [begun, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const outcome = uploads.receive('a', 0, {
    hangUp: () => {},
    chunks: (async function* () {
      yield pieces[0]!;
      begun.resolve();
      await go.promise;
      yield pieces[1]!;
    })(),
  });
  await begun.promise;
  await uploads.drop('a');
  go.resolve();
  expect(await outcome).toBe('elsewhere');
});

test('an upload that was dropped after its last byte is not stored', async () => {
  const { store, uploads } = await open();
  await uploads.begin('a', address, blob.length);
  const outcome = uploads.receive('a', 0, {
    hangUp: () => {},
    chunks: (async function* () {
      yield blob;
      await uploads.drop('a');
    })(),
  });
  expect(await outcome).toBe('elsewhere');
  expect(await store.has(address)).toBe(false);
});

test('a failure that comes late drops no newer upload of the same name', async () => {
  const [counting, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let counted = 0;
  const { uploads } = await open({}, ({ countBytes }) => ({
    async countBytes() {
      if (++counted === 3) {
        counting.resolve();
        await go.promise;
      }
      return countBytes();
    },
  }));
  await uploads.begin('a', address, blob.length);
  const outcome = uploads.receive('a', 0, requestOf(...pieces));
  await counting.promise;
  await uploads.drop('a');
  const newer = await uploads.begin('a', address, blob.length);
  go.resolve();
  expect(await outcome).toBe('elsewhere');
  expect(uploads.find('a')).toBe(newer);
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

test('with all places taken, the slowest makes way, and not the one at line speed', async () => {
  const { uploads, clock } = await open({ maximumUploads: 3 });
  const junk = addressOf(new Uint8Array(1));
  await uploads.begin('honest', address, blob.length);
  for (let i = 0; i < 100; i++) {
    // Each time a trickle sends a byte, a newcomer takes a place, and the honest one sends 5 kB.
    clock.milliseconds += 50;
    const last = uploads.find(`junk ${i - 1}`);
    if (last !== undefined)
      await uploads.receive(`junk ${i - 1}`, last.arrived, requestOf(new Uint8Array(1)));
    const { arrived } = uploads.find('honest')!;
    if (arrived < 395_000) {
      const chunk = blob.subarray(arrived, arrived + 5000);
      expect(await uploads.receive('honest', arrived, requestOf(chunk))).toBe('open');
    }
    expect(await uploads.begin(`junk ${i}`, junk, 1e6)).toBeDefined();
    if (i < 80) expect(uploads.find('honest')).toBeDefined();
  }
});

test('without room, a slower upload makes way for a faster one, and not the other way', async () => {
  const { uploads, clock } = await open({ quotaBytes: 500_000 });
  await uploads.begin('slow', address, blob.length);
  await uploads.receive('slow', 0, requestOf(...pieces.slice(0, 4)));
  clock.milliseconds += 60_000;
  await uploads.begin('fast', address, blob.length);
  expect(await uploads.receive('fast', 0, requestOf(...pieces.slice(0, 7)))).toBe('open');
  expect(uploads.find('slow')).toBeUndefined();
  await uploads.begin('new', address, blob.length);
  expect(await uploads.receive('new', 0, requestOf(...pieces))).toBe('full');
  expect(await uploads.receive('fast', 350_000, requestOf(...pieces.slice(7)))).toBe('stored');
});
