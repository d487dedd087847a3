import { concatBytes } from '@nonet/core';
import { describe, expect, it } from 'vitest';
import { elementTypeOf } from './elementTypes.ts';
import { bytesField, integerField, message, readMessage } from './protobuf.ts';
import { readTensor } from './tensors.ts';

/** A TensorProto of one axis: dims 1, data_type 2, name 8. */
const tensor = (type: number, count: number, ...fields: Uint8Array[]) =>
  readMessage(concatBytes(integerField(1, count), integerField(2, type), bytesField(8, 't'), ...fields));
const raw = (...bytes: number[]) => bytesField(9, Uint8Array.from(bytes));
const repeated = (field: number, ...values: (number | bigint)[]) =>
  concatBytes(...values.map((value) => integerField(field, value)));

describe('readTensor', () => {
  it.each<[string, number, Uint8Array, ArrayLike<number>]>([
    ['float32', 1, raw(0, 0, 0x80, 0x3f), Float32Array.of(1)],
    ['uint8', 2, raw(255, 0), Int32Array.of(255, 0)],
    ['int8', 3, raw(255, 127), Int32Array.of(-1, 127)],
    ['uint16', 4, raw(255, 255), Int32Array.of(65_535)],
    ['int16', 5, raw(255, 255), Int32Array.of(-1)],
    ['int32', 6, raw(254, 255, 255, 255), Int32Array.of(-2)],
    ['int64', 7, raw(254, 255, 255, 255, 255, 255, 255, 255), Float64Array.of(-2)],
    ['bool', 9, raw(0, 1, 2), Int32Array.of(0, 1, 1)],
    ['float16', 10, raw(0, 0x3c, 1, 0, 0, 0xfc), Float32Array.of(1, 2 ** -24, Number.NEGATIVE_INFINITY)],
    ['float64', 11, raw(0x9a, 0x99, 0x99, 0x99, 0x99, 0x99, 0xb9, 0x3f), Float32Array.of(0.1)],
    ['uint32', 12, raw(255, 255, 255, 255), Float64Array.of(2 ** 32 - 1)],
    ['uint64', 13, raw(7, 0, 0, 0, 0, 0, 0, 0), Float64Array.of(7)],
    ['bfloat16', 16, raw(0x80, 0xbf), Float32Array.of(-1)],
  ])('reads %s from raw bytes by its rule', (type, code, bytes, data) => {
    expect(readTensor(tensor(code, data.length, bytes))).toEqual({
      name: 't',
      type,
      shape: [data.length],
      data,
    });
  });

  it.each<[string, number, Uint8Array, ArrayLike<number>]>([
    ['float32', 1, bytesField(4, Uint8Array.of(0, 0, 0, 0x40)), Float32Array.of(2)],
    ['uint8', 2, repeated(5, 200), Int32Array.of(200)],
    ['int8', 3, repeated(5, -128), Int32Array.of(-128)],
    ['int16', 5, repeated(5, -3), Int32Array.of(-3)],
    ['bool', 9, repeated(5, 1, 0), Int32Array.of(1, 0)],
    ['float16', 10, repeated(5, 0x3c00), Float32Array.of(1)],
    ['bfloat16', 16, repeated(5, 0x3f80), Float32Array.of(1)],
    ['int64', 7, repeated(7, -5, 2n ** 63n - 1n), Float64Array.of(-5, 2 ** 63)],
    ['float64', 11, bytesField(10, Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0x40)), Float32Array.of(2)],
    ['uint32', 12, repeated(11, 2 ** 32 - 1), Float64Array.of(2 ** 32 - 1)],
    ['uint64', 13, repeated(11, 2n ** 64n - 1n), Float64Array.of(2 ** 64)],
  ])('reads %s from typed fields', (type, code, bytes, data) => {
    expect(readTensor(tensor(code, data.length, bytes))).toEqual({
      name: 't',
      type,
      shape: [data.length],
      data,
    });
  });

  it.each<[string, Uint8Array[], number]>([
    ['bytes that are no whole element', [raw(0, 0, 0)], 1],
    ['fewer elements than the shape', [raw(0, 0, 0x80, 0x3f)], 2],
    ['a shape of 2^52 elements before it allocates them', [raw(0)], 2 ** 52],
    ['a negative extent', [raw()], -1],
    ['no data at all', [], 3],
  ])('refuses %s', (_, fields, count) => {
    expect(() => readTensor(tensor(1, count, ...fields))).toThrow(
      expect.objectContaining({ code: 'onnx.malformed' }),
    );
  });

  it('refuses small integers beyond their width', () => {
    for (const [code, value] of [
      [2, 256],
      [3, 128],
      [9, 2],
      [10, 65_536],
      [6, 2 ** 31],
    ]) {
      expect(() => readTensor(tensor(code, 1, repeated(5, value)))).toThrow(
        expect.objectContaining({ code: 'onnx.malformed' }),
      );
    }
  });

  const entry = (key: string, value: string) => message(13, bytesField(1, key), bytesField(2, value));
  const external = (entries: Readonly<Record<string, string>>, count = 2) =>
    tensor(
      1,
      count,
      ...Object.entries(entries).map(([key, value]) => entry(key, value)),
      integerField(14, 1),
    );
  const files = new Map([['weights.bin', new Uint8Array(Float32Array.of(1, 2, 3).buffer)]]);
  const read = (entries: Readonly<Record<string, string>>, count?: number) =>
    readTensor(external(entries, count), 't', files);

  it('reads a range of a file beside the model, or all of it from a position on', () => {
    expect(read({ location: 'weights.bin', offset: '4', length: '8' }).data).toEqual(Float32Array.of(2, 3));
    expect(read({ location: 'weights.bin', offset: '4' }).data).toEqual(Float32Array.of(2, 3));
    expect(read({ location: 'weights.bin' }, 3).data).toEqual(Float32Array.of(1, 2, 3));
  });

  it('reads a file that is a Buffer, whose slices are no copies', () => {
    const buffer = Buffer.concat([Buffer.alloc(3), files.get('weights.bin')!]).subarray(3);
    const range = external({ location: 'weights.bin', offset: '4', length: '8' });
    const found = readTensor(range, 't', new Map([['weights.bin', buffer]]));
    expect(found.data).toEqual(Float32Array.of(2, 3));
    expect(files.get('weights.bin')).not.toBeInstanceOf(Buffer);
  });

  it('asks for the file by its name', () => {
    expect(() => readTensor(external({ location: 'other.bin' }))).toThrow(
      expect.objectContaining({
        code: 'onnx.unsupported',
        expected: expect.stringContaining('other.bin'),
        hint: expect.stringContaining('externalFiles'),
      }),
    );
  });

  it.each([
    ['longer than the file', { offset: '8', length: '8' }],
    ['that starts behind the file', { offset: '999' }],
    ['of another length than the tensor', { offset: '0', length: '4' }],
    ['with a negative offset', { offset: '-4' }],
    ['with a fraction', { offset: '4.5' }],
    ['beyond 2^53', { offset: '99999999999999999999' }],
  ])('refuses a range %s', (_, range) => {
    expect(() => read({ location: 'weights.bin', ...range })).toThrow(
      expect.objectContaining({ code: 'onnx.malformed' }),
    );
  });

  it.each(['../weights.bin', 'a/../../b', '/etc/passwd', 'C:\\weights', '..\\b', 'a//b', '', 'a\0b', '..'])(
    'refuses the path %j, which leaves the folder of the model or is none',
    (location) => {
      expect(() => read({ location })).toThrow(
        expect.objectContaining({
          code: 'onnx.malformed',
          expected: expect.stringContaining('inside the folder'),
        }),
      );
    },
  );

  it('refuses every type that f32 and i32 cannot hold, by its name', () => {
    const names = [0, 8, 14, 15, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 99].map(elementTypeOf);
    expect(names.every((name) => typeof name === 'string')).toBe(true);
    expect(() => readTensor(tensor(22, 1, raw(0)))).toThrow(/int4/);
  });
});
