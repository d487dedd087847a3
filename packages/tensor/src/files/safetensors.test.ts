import { concatBytes, utf8 } from '@nonet/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeSafetensors, encodeSafetensors } from './safetensors.ts';

/** A file by hand, after https://huggingface.co/docs/safetensors, "Format". */
function file(header: unknown, body: Uint8Array = new Uint8Array(), length?: bigint): Uint8Array {
  const json = utf8(typeof header === 'string' ? header : JSON.stringify(header));
  const size = new Uint8Array(8);
  new DataView(size.buffer).setBigUint64(0, length ?? BigInt(json.length), true);
  return concatBytes(size, json, body);
}

const entry = (dtype: string, shape: number[], start: number, end: number) => ({
  dtype,
  shape,
  data_offsets: [start, end],
});

describe('encodeSafetensors', () => {
  it('writes the bytes that the format describes', () => {
    const found = encodeSafetensors([{ name: 'w', shape: [2], data: Float32Array.of(1, -2) }]);
    const header = '{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}  ';
    const body = Uint8Array.of(0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0);
    expect(found).toEqual(file(header, body));
  });

  it('is read back from wherever its bytes lie, also from a Buffer in a pool', () => {
    const written = encodeSafetensors([{ name: 'w', shape: [2], data: Float32Array.of(1, -2) }]);
    const pool = Buffer.alloc(written.length + 40, 0xff);
    pool.set(written, 13);
    const [tensor] = decodeSafetensors(pool.subarray(13, 13 + written.length)).tensors;
    expect(tensor!.data).toEqual(Float32Array.of(1, -2));
  });

  it('does not depend on the order of its arguments', () => {
    const a = { name: 'a', shape: [1], data: Int32Array.of(1) };
    const b = { name: 'b', shape: [3], data: Uint8Array.of(1, 2, 3) };
    expect(encodeSafetensors([b, a], { y: '1', x: '2' })).toEqual(
      encodeSafetensors([a, b], { x: '2', y: '1' }),
    );
  });

  it('refuses repeated names and shapes that do not fit', () => {
    const a = { name: 'a', shape: [1], data: Int32Array.of(1) };
    for (const tensors of [[a, a], [{ ...a, shape: [2] }], [{ ...a, name: '__metadata__' }]]) {
      expect(() => encodeSafetensors(tensors)).toThrow(
        expect.objectContaining({ code: 'safetensors.malformed' }),
      );
    }
  });
});

describe('decodeSafetensors', () => {
  it('reads what it writes', () => {
    const tensors = [
      { name: 'a', shape: [2, 1], data: Float32Array.of(1.5, -0) },
      { name: 'b', shape: [], data: Int32Array.of(-7) },
      { name: 'c', shape: [0], data: new Uint8Array() },
    ];
    expect(decodeSafetensors(encodeSafetensors(tensors, { by: 'us' }))).toEqual({
      tensors,
      metadata: { by: 'us' },
    });
  });

  it('reads I64 that fits i32', () => {
    const body = Uint8Array.of(254, 255, 255, 255, 255, 255, 255, 255);
    const { tensors } = decodeSafetensors(file({ n: entry('I64', [1], 0, 8) }, body));
    expect(tensors[0].data).toEqual(Int32Array.of(-2));
  });

  it('takes a key of one object for nothing in another, and colons and braces in strings for text', () => {
    const metadata = { data_offsets: '"w": {', 'a:"b': '}' };
    const { tensors } = decodeSafetensors(
      file(
        { __metadata__: metadata, w: entry('F32', [1], 0, 4), dtype: entry('F32', [1], 4, 8) },
        new Uint8Array(8),
      ),
    );
    expect(tensors.map(({ name }) => name)).toEqual(['w', 'dtype']);
  });

  it.each<[string, number[], (Float32Array | Int32Array)?]>([
    ['F16', [0x00, 0x3c, 0x01, 0x80], Float32Array.of(1, -(2 ** -24))],
    ['BF16', [0x80, 0x3f, 0x80, 0xff], Float32Array.of(1, Number.NEGATIVE_INFINITY)],
    ['F64', [0x9a, 0x99, 0x99, 0x99, 0x99, 0x99, 0xb9, 0x3f], Float32Array.of(0.1)],
    ['BOOL', [1, 0], Int32Array.of(1, 0)],
    ['I8', [0xff, 0x7f], Int32Array.of(-1, 127)],
    ['I16', [0xff, 0xff], Int32Array.of(-1)],
    ['U16', [0xff, 0xff], Int32Array.of(65535)],
    ['U32', [0xff, 0xff, 0xff, 0x7f], Int32Array.of(2 ** 31 - 1)],
    ['U64', [7, 0, 0, 0, 0, 0, 0, 0], Int32Array.of(7)],
  ])('converts %s by its rule, and says so', (dtype, bytes, data) => {
    const count = data!.length;
    const { tensors } = decodeSafetensors(
      file({ t: entry(dtype, [count], 0, bytes.length) }, Uint8Array.from(bytes)),
    );
    expect(tensors).toEqual([{ name: 't', shape: [count], data, stored: dtype }]);
  });

  const body = new Uint8Array(8);
  const good = entry('F32', [2], 0, 8);
  it.each<[string, Uint8Array]>([
    ['seven bytes', new Uint8Array(7)],
    ['a header beyond the file', file({ w: good }, body, 1000n)],
    ['a header of 2^63 bytes', file({ w: good }, body, 2n ** 63n)],
    ['no JSON', file('{w}', body)],
    ['broken UTF-8', concatBytes(Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0), Uint8Array.of(0x7b, 0xff))],
    ['a list as header', file([], body)],
    ['null as header', file('null', body)],
    ['an entry that is no object', file({ w: 1 }, body)],
    ['an unknown field', file({ w: { ...good, extra: 1 } }, body)],
    ['nine dimensions', file({ w: entry('F32', [1, 1, 1, 1, 1, 1, 1, 1, 2], 0, 8) }, body)],
    ['an unknown dtype', file({ w: entry('F8_E5M2', [8], 0, 8) }, body)],
    ['complex numbers', file({ w: entry('C64', [1], 0, 8) }, body)],
    ['a dtype of half a byte', file({ w: entry('F4', [16], 0, 8) }, body)],
    [
      'a BOOL of 2',
      file(
        { w: entry('BOOL', [8], 0, 8) },
        body.map(() => 2),
      ),
    ],
    [
      'U32 beyond i32',
      file(
        { w: entry('U32', [2], 0, 8) },
        body.map(() => 255),
      ),
    ],
    ['a space before the header', file(` {"w":${JSON.stringify(good)}}`, body)],
    ['a byte order mark before the header', file(`\ufeff{"w":${JSON.stringify(good)}}`, body)],
    [
      'an escaped repeated name',
      file(`{"w":${JSON.stringify(good)},"\\u0077":${JSON.stringify(good)}}`, body),
    ],
    [
      'a dtype given twice',
      file('{"w":{"dtype":"I32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}', body),
    ],
    ['metadata given twice', file(`{"__metadata__":{"a":"1","a":"2"},"w":${JSON.stringify(good)}}`, body)],
    ['a dtype of Object.prototype', file({ w: entry('toString', [4], 0, 8) }, body)],
    ['a negative extent', file({ w: entry('F32', [-2], 0, 8) }, body)],
    ['a fractional extent', file({ w: entry('F32', [0.5, 4], 0, 8) }, body)],
    ['a shape larger than its bytes', file({ w: entry('F32', [3], 0, 8) }, body)],
    ['a shape of 2^60 elements', file({ w: entry('F32', [2 ** 30, 2 ** 30], 0, 8) }, body)],
    ['offsets beyond the end', file({ w: entry('F32', [4], 0, 16) }, body)],
    ['offsets in reverse', file({ w: entry('F32', [2], 8, 0) }, body)],
    ['an overlap', file({ a: entry('F32', [2], 0, 8), b: entry('F32', [1], 4, 8) }, body)],
    ['a hole', file({ a: entry('F32', [1], 4, 8) }, body)],
    ['trailing bytes', file({ a: entry('F32', [1], 0, 4) }, body)],
    ['a repeated name', file(`{"w":${JSON.stringify(good)},"w":${JSON.stringify(good)}}`, body)],
    ['metadata in a list', file({ __metadata__: ['a'], w: good }, body)],
    [
      'a name of ten megabytes, without overflowing the stack',
      file({ ['\\n'.repeat(5e6)]: good, w: good }, body),
    ],
    ['metadata that is no text', file({ __metadata__: { a: 1 }, w: good }, body)],
    ['a dtype that prints as nothing', file({ w: { ...good, dtype: { toString: 0 } } }, body)],
    [
      'a shape nested too deep to print',
      file(`{"w":{"dtype":"F32","shape":${'['.repeat(1e5)}${']'.repeat(1e5)},"data_offsets":[0,8]}}`, body),
    ],
    [
      'metadata nested too deep to print',
      file(`{"__metadata__":{"a":${'['.repeat(1e5)}${']'.repeat(1e5)}}}`, body),
    ],
    ['I64 beyond i32', file({ n: entry('I64', [1], 0, 8) }, Uint8Array.of(0, 0, 0, 0, 1, 0, 0, 0))],
  ])('refuses %s', (_, bytes) => {
    expect(() => decodeSafetensors(bytes)).toThrow(
      expect.objectContaining({ code: 'safetensors.malformed' }),
    );
  });

  it('answers any bytes with tensors or a typed error', () => {
    const start = encodeSafetensors([{ name: 'w', shape: [2], data: Float32Array.of(1, 2) }], { a: 'b' });
    fc.assert(
      fc.property(fc.nat(start.length - 1), fc.nat(255), (at, value) => {
        const bytes = start.slice();
        bytes[at] = value;
        try {
          decodeSafetensors(bytes);
        } catch (error) {
          expect(error).toMatchObject({ code: 'safetensors.malformed' });
        }
      }),
      { seed: 8, numRuns: 2000 },
    );
  });

  it('answers any header with tensors or a typed error', () => {
    const value = fc.oneof(fc.jsonValue(), fc.constant({ toString: 0 }), fc.maxSafeNat());
    const field = fc.record({ dtype: value, shape: value, data_offsets: value }, { requiredKeys: [] });
    const named = fc.dictionary(
      fc.constantFrom('w', '__metadata__', '1', 'constructor'),
      fc.oneof(field, value),
    );
    fc.assert(
      fc.property(named, (header) => {
        try {
          decodeSafetensors(file(header, body));
        } catch (error) {
          expect(error).toMatchObject({ code: 'safetensors.malformed' });
        }
      }),
      { seed: 9, numRuns: 2000 },
    );
  });
});
