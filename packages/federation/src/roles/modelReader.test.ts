import type { BlobStore } from '@nonet/core/ports';
import { expect, test } from 'vitest';
import { createMemoryStore } from '../stores/memoryStore.ts';
import { addressOfModel, encodeModel, type Model } from '../update/modelBlob.ts';
import { createModelReader } from './modelReader.ts';

const model: Model = { tensors: [{ name: 'weight', shape: [3] }], flat: Float32Array.of(1, 2, 3) };
const size = { entries: 3 };
const address = addressOfModel(model);
const soon = () => Date.now() + 60_000;
const code = (code: string) => expect.objectContaining({ code });

/** A store whose downloads wait until they are let through; it counts them. */
function createGate() {
  const memory = createMemoryStore();
  const { promise: opened, resolve: open } = Promise.withResolvers<void>();
  const asked: string[] = [];
  const store: BlobStore = {
    ...memory,
    async get(address, options) {
      asked.push(address);
      await opened;
      return memory.get(address, options);
    },
  };
  return { memory, store, asked, open };
}

test('a slow download is waited for in pieces, and begun once', async () => {
  const { memory, store, asked, open } = createGate();
  await memory.put(encodeModel(model));
  const reader = createModelReader(store, size, new AbortController().signal);
  await expect(reader.read(address, Date.now())).rejects.toThrow(code('model.pending'));
  await expect(reader.read(address, Date.now())).rejects.toThrow(code('model.pending'));
  open();
  expect(await reader.read(address, soon())).toEqual(model);
  expect(await reader.read(address, soon())).toEqual(model);
  expect(asked).toEqual([address]);
});

test('a model that no store had is asked for again', async () => {
  const { memory, store, asked, open } = createGate();
  open();
  const reader = createModelReader(store, size, new AbortController().signal);
  await expect(reader.read(address, soon())).rejects.toThrow(code('blob.missing'));
  await memory.put(encodeModel(model));
  expect(await reader.read(address, soon())).toEqual(model);
  expect(asked).toHaveLength(2);
});

test('what was computed here is not asked for', async () => {
  const { store, asked } = createGate();
  const reader = createModelReader(store, size, new AbortController().signal);
  reader.keep(address, model);
  expect(await reader.read(address, Date.now())).toBe(model);
  expect(asked).toEqual([]);
});
