import { addressOf } from '@nonet/core';
import { encodeSafetensors } from '@nonet/tensor';
import { expect, test } from 'vitest';
import { createMemoryStore } from '../stores/memoryStore.ts';
import { addressOfModel, decodeModel, encodeModel, fetchModel, maximumModelBytes } from './modelBlob.ts';

const vector = { entries: 3, clamp: 8, scaleBits: 20, maximumWeight: 4096 } as const;
const model = {
  tensors: [
    { name: 'a', shape: [2] },
    { name: 'b', shape: [1] },
  ],
  flat: Float32Array.of(1, -2, 0.5),
};
const bytes = encodeModel(model);
const malformed = expect.objectContaining({ code: 'model.malformed' });

test('a model comes back as it was, in the order of its file', async () => {
  expect(decodeModel(bytes, vector)).toEqual(model);
  expect(addressOfModel(model)).toBe(addressOf(bytes));
  const store = createMemoryStore();
  const { address } = await store.put(bytes);
  expect(await fetchModel(store, address, vector)).toEqual(model);
});

const tensor = (name: string, ...values: number[]) => ({
  name,
  shape: [values.length],
  data: Float32Array.from(values),
});

test.each<[string, Uint8Array]>([
  ['nothing', new Uint8Array()],
  ['a truncated file', bytes.subarray(0, -1)],
  ['an extended file', Uint8Array.of(...bytes, 0)],
  ['an entry less', encodeSafetensors([tensor('a', 1, 2)])],
  ['an entry more', encodeSafetensors([tensor('a', 1, 2, 3, 4)])],
  ['NaN', encodeSafetensors([tensor('a', 1, 2, Number.NaN)])],
  ['an infinity', encodeSafetensors([tensor('a', 1, Number.NEGATIVE_INFINITY, 3)])],
  ['integers', encodeSafetensors([{ name: 'a', shape: [3], data: Int32Array.of(1, 2, 3) }])],
  ['metadata', encodeSafetensors([tensor('a', 1, 2, 3)], { note: 'not canonical' })],
])('%s is no model', (_, wrong) => {
  expect(() => decodeModel(wrong, vector)).toThrow(malformed);
});

test('a model too large is refused before it is read', async () => {
  const store = createMemoryStore();
  const { address } = await store.put(new Uint8Array(maximumModelBytes(vector) + 1));
  await expect(fetchModel(store, address, vector)).rejects.toThrow(
    expect.objectContaining({ code: 'blob.oversized' }),
  );
});
