import { addressOf } from '@nonet/core';
import { encodeSafetensors } from '@nonet/tensor';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMemoryStore } from '../stores/memoryStore.ts';
import {
  addressOfModel,
  decodeModel,
  encodeModel,
  fetchModel,
  layoutOf,
  maximumModelBytes,
} from './modelBlob.ts';

const size = { entries: 3 };
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
  expect(decodeModel(bytes, size)).toEqual(model);
  expect(addressOfModel(model)).toBe(addressOf(bytes));
  const store = createMemoryStore();
  const { address } = await store.put(bytes);
  expect(await fetchModel(store, address, size)).toEqual(model);
});

test('the file, byte by byte', () => {
  const header =
    '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}';
  expect([...bytes.subarray(0, 8)]).toEqual([248, 0, 0, 0, 0, 0, 0, 0]);
  expect(new TextDecoder().decode(bytes.subarray(8, 256))).toBe(header.padEnd(248, ' '));
  expect([...new Float32Array(bytes.slice(256).buffer)]).toEqual([1, -2, 0.5]);
});

test('numbers begin with a leaf of their own, whatever the length of the header', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 700 }), (length) => {
      const named = { tensors: [{ name: 'x'.repeat(length), shape: [3] }], flat: model.flat };
      const { entries, headerLeaves } = layoutOf(named);
      const file = encodeModel(named);
      expect(entries).toBe(3);
      expect(file.length).toBe(256 * headerLeaves + 12);
      expect(new DataView(file.buffer).getFloat32(256 * headerLeaves + 4, true)).toBe(-2);
      expect(decodeModel(file, size)).toEqual(named);
    }),
  );
  expect(layoutOf(model)).toEqual({ entries: 3, headerLeaves: 1 });
});

test('a model whose numbers are not where the job’s rule looks for them is none', () => {
  expect(decodeModel(bytes, { ...size, headerLeaves: 1 })).toEqual(model);
  for (const headerLeaves of [0, 2]) {
    expect(() => decodeModel(bytes, { ...size, headerLeaves })).toThrow(malformed);
  }
});

const tensor = (name: string, ...values: number[]) => ({
  name,
  shape: [values.length],
  data: Float32Array.from(values),
});
const shifted = (from: number, by: number) => {
  const file = new Uint8Array(bytes.length + by).fill(0x20);
  file.set(bytes.subarray(0, from));
  file.set(bytes.subarray(from), from + by);
  new DataView(file.buffer).setBigUint64(0, BigInt(248 + by), true);
  return file;
};

test.each<[string, Uint8Array]>([
  ['nothing', new Uint8Array()],
  ['a truncated file', bytes.subarray(0, -1)],
  ['an extended file', Uint8Array.of(...bytes, 0)],
  ['a number less', encodeModel({ tensors: [{ name: 'a', shape: [2] }], flat: model.flat.slice(1) })],
  ['a number more', encodeModel({ tensors: [{ name: 'a', shape: [4] }], flat: Float32Array.of(1, 2, 3, 4) })],
  ['NaN', encodeModel({ ...model, flat: Float32Array.of(1, 2, Number.NaN) })],
  ['an infinity', encodeModel({ ...model, flat: Float32Array.of(1, Number.NEGATIVE_INFINITY, 3) })],
  ['integers', encodeSafetensors([{ name: 'a', shape: [3], data: Int32Array.of(1, 2, 3) }])],
  ['metadata', encodeSafetensors([tensor('a', 1, 2, 3)], { note: 'not canonical' })],
  ['data that begin within a leaf', encodeSafetensors([tensor('a', 1, -2), tensor('b', 0.5)])],
  ['a header longer by a leaf', shifted(256, 256)],
  ['spaces in front of the header', shifted(9, 256)],
])('%s is not a model', (_, wrong) => {
  expect(() => decodeModel(wrong, size)).toThrow(malformed);
});

test('a model too large is refused before it is read', async () => {
  const store = createMemoryStore();
  const { address } = await store.put(new Uint8Array(maximumModelBytes(size) + 1));
  await expect(fetchModel(store, address, size)).rejects.toThrow(
    expect.objectContaining({ code: 'blob.oversized' }),
  );
});
