import { fromHex } from '@nonet/core';
import { describe, expect, it } from 'vitest';
import { bytesField, integerField, message, readMessage } from './protobuf.ts';

describe('the wire format', () => {
  // The examples of https://protobuf.dev/programming-guides/encoding.
  it('writes and reads a varint field', () => {
    expect(integerField(1, 150)).toEqual(fromHex('0x089601'));
    expect(readMessage(fromHex('0x089601')).integer(1)).toBe(150);
  });

  it('writes and reads a string, a submessage and a negative number', () => {
    expect(bytesField(2, 'testing')).toEqual(fromHex('0x120774657374696e67'));
    expect(message(3, integerField(1, 150))).toEqual(fromHex('0x1a03089601'));
    expect(integerField(1, -2)).toEqual(fromHex('0x08feffffffffffffffff01'));
    expect(readMessage(integerField(1, -2)).integer(1)).toBe(-2);
    expect(readMessage(fromHex('0x120774657374696e67')).text(2)).toBe('testing');
  });

  it('reads more unpacked floats than a call takes arguments', () => {
    const count = 300_000;
    const bytes = new Uint8Array(5 * count);
    for (let i = 0; i < count; i++) bytes.set([(4 << 3) | 5, i & 255], 5 * i);
    expect(readMessage(bytes).fixed(4)[4 * 255]).toBe(255);
    expect(readMessage(bytes).fixed(4).length).toBe(4 * count);
  });

  it('reads packed numbers like repeated ones', () => {
    expect(readMessage(fromHex('0x3206038e029ea705')).integers(6)).toEqual([3, 270, 86942]);
    expect(readMessage(fromHex('0x3003308e02309ea705')).integers(6)).toEqual([3, 270, 86942]);
  });

  it.each([
    ['a cut varint', '0x0896'],
    ['a varint of eleven bytes', '0x08ffffffffffffffffffff01'],
    ['field 0', '0x0001'],
    ['a group', '0x0b0c'],
    ['a length beyond the end', '0x120774'],
    ['a length of 2^63', '0x12ffffffffffffffff7f'],
  ])('refuses %s', (_, bytes) => {
    expect(() => readMessage(fromHex(bytes))).toThrow(expect.objectContaining({ code: 'onnx.malformed' }));
  });

  it('gives integers of 64 bits as they are', () => {
    expect(readMessage(integerField(7, 2n ** 63n - 1n)).bigints(7)).toEqual([2n ** 63n - 1n]);
    expect(readMessage(integerField(7, -(2n ** 63n))).bigints(7)).toEqual([-(2n ** 63n)]);
  });

  it('refuses numbers where bytes belong, integers beyond 2^53, text that is no UTF-8', () => {
    const malformed = expect.objectContaining({ code: 'onnx.malformed' });
    expect(() => readMessage(fromHex('0x0801')).all(1)).toThrow(malformed);
    expect(() => readMessage(integerField(1, 2n ** 60n)).integer(1)).toThrow(malformed);
    expect(() => readMessage(fromHex('0x0a01ff')).text(1)).toThrow(malformed);
  });
});
