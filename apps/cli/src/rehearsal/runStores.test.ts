import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addressOf, utf8 } from '@nonet/core';
import type { JobState } from '@nonet/core/ports';
import { createFileStore } from '@nonet/federation';
import { expect, onTestFinished, test } from 'vitest';
import { restoreBlob, restoreState } from './runStores.ts';

function createStores() {
  const folder = mkdtempSync(join(tmpdir(), 'nonet-stores-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return ['a', 'b', 'c'].map((name) => createFileStore(join(folder, name)));
}

const blob = utf8('a model');
const address = addressOf(blob);
const lost = expect.objectContaining({ code: 'run.blob' });

test('what one store holds is given to those that lack it or hold it damaged', async () => {
  const stores = createStores();
  await stores[1]!.put(blob);
  await stores[2]!.put(blob);
  writeFileSync(stores[2]!.pathOf(address), 'another');
  expect((await restoreBlob(stores, address, 'the model')).bytes).toEqual(blob);
  for (const store of stores) expect((await store.get(address)).bytes).toEqual(blob);
});

test('what none holds whole is named, with the files where it should be', async () => {
  const stores = createStores();
  await stores[0]!.put(blob);
  writeFileSync(stores[0]!.pathOf(address), 'another');
  const error = await restoreBlob(stores, address, 'the model of round 3').catch((error) => error);
  expect(error).toEqual(lost);
  expect(error.message).toContain('the model of round 3');
  for (const store of stores) expect(error.message).toContain(store.pathOf(address));
});

test('a state needs its latest model, and all that can still be objected to', async () => {
  const names = ['first', 'second', 'sums', 'update'] as const;
  const named = Object.fromEntries([...names, 'gone'].map((name) => [name, addressOf(utf8(name))]));
  const round = (model: string, from: string, phase: string, more = {}) => ({
    phase,
    model: named[from],
    unavailable: [],
    commitments: { 0: { blob: named.update, weight: 1 }, 1: { blob: addressOf(utf8('refused')), weight: 1 } },
    posted: { model: named[model], refused: [{ participant: 1 }], ...more },
  });
  const state = {
    terms: { model: addressOf(utf8('the very first')) },
    rounds: [
      // Nobody can object to these any more, or not yet: what they name may be gone.
      round('gone', 'gone', 'final'),
      round('gone', 'gone', 'void'),
      round('first', 'gone', 'final'),
      round('second', 'first', 'objecting', { partials: named.sums }),
      { ...round('gone', 'gone', 'collecting'), posted: undefined },
    ],
  } as unknown as JobState;
  for (const missing of [undefined, 'first', 'second', 'sums', 'update']) {
    const stores = createStores();
    for (const name of names) if (name !== missing) await stores[0]!.put(utf8(name));
    const restoring = restoreState(stores, state);
    if (missing === undefined) await restoring;
    else await expect(restoring).rejects.toThrow(lost);
  }
});
