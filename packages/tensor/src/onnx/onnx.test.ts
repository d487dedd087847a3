import { fromHex } from '@nonet/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  attachCrossEntropy,
  flattenParameters,
  graphAddress,
  initialParameters,
  lower,
  mlp,
  predict,
} from '../index.ts';
import { exportOnnx } from './export.ts';
import { importOnnx } from './import.ts';
import { bytesField, integerField, message, readMessage } from './protobuf.ts';

/**
 * Made by the onnx package 1.23.2 and run by onnxruntime 1.31.1: Sub, Gemm (transB = 1), Relu, Gemm (transB = 1), Softmax, some
 * initialisers as float_data and some raw, as exporters of other frameworks write them.
 */
const foreign = Buffer.from(
  [
    'CAgSBG9ubng6qAMKHwoFaW5wdXQKBG1lYW4SAWMaCC9wcmUvU3ViIgNTdWIKTwoBYwoCdzAKAmIwEgFoGgkvZmMxL0dlbW0i',
    'BEdlbW0qDwoFYWxwaGEVAACAP6ABASoOCgRiZXRhFQAAgD+gAQEqDQoGdHJhbnNCGAGgAQIKDAoBaBIBciIEUmVsdQouCgFy',
    'CgJ3MQoCYjESAXoaCS9mYzIvR2VtbSIER2VtbSoNCgZ0cmFuc0IYAaABAgofCgF6EgRwcm9iIgdTb2Z0bWF4KgsKBGF4aXMY',
    'AaABAhIKdG9yY2gtbGlrZSoWCAEIAhABIggAAAA/AAAAv0IEbWVhbiokCAMIAhABIhgAAAA/AACAvwAAgD4AAABAAABAvwAA',
    'wD9CAncwKhYIAxABIgzNzMw9zcxMvpqZmT5CAmIwKiQIAggDEAFCAncxShgAAIA/AACAvwAAAD8AAAC/AACAPgAAAEAqEggC',
    'EAEiCAAAAAAAAAA+QgJiMVocCgVpbnB1dBITChEIARINCgcSBWJhdGNoCgIIAmIbCgRwcm9iEhMKEQgBEg0KBxIFYmF0Y2gK',
    'AggCQgQKABAR',
  ].join(''),
  'base64',
);

const graph = mlp({
  features: [2, 3],
  standardise: { mean: [1, 2, 3, 4, 5, 6], deviation: 2 },
  hidden: [5],
  classes: 3,
});
const parameters = initialParameters(graph, '0x05');
const file = exportOnnx({ graph, parameters });

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
    expect(readMessage(bytes).fixed32(4)[4 * 255]).toBe(255);
    expect(readMessage(bytes).fixed32(4).length).toBe(4 * count);
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

  it('refuses numbers where bytes belong, integers beyond 2^53, text that is no UTF-8', () => {
    const malformed = expect.objectContaining({ code: 'onnx.malformed' });
    expect(() => readMessage(fromHex('0x0801')).all(1)).toThrow(malformed);
    expect(() => readMessage(integerField(1, 2n ** 60n)).integer(1)).toThrow(malformed);
    expect(() => readMessage(fromHex('0x0a01ff')).text(1)).toThrow(malformed);
  });
});

describe('exportOnnx', () => {
  it('is read back as the same graph with the same parameters', () => {
    const read = importOnnx(file);
    expect(graphAddress(read.graph)).toBe(graphAddress(graph));
    expect(flattenParameters(read.parameters)).toEqual(flattenParameters(parameters));
  });

  it('carries labels, columns and the address of the graph', () => {
    const table = { target: 'kind', missing: 'refuse' as const, columns: [] };
    const schema = { shape: [6], labels: ['a', 'b', 'c'], table };
    expect(importOnnx(exportOnnx({ graph, parameters, schema })).metadata).toEqual({
      'nonet.graph': graphAddress(graph),
      'nonet.labels': '["a","b","c"]',
      'nonet.table': JSON.stringify(table),
    });
  });

  it('refuses losses, primitives and parameters of another graph', () => {
    const unsupported = expect.objectContaining({ code: 'onnx.operation' });
    expect(() => exportOnnx({ graph: attachCrossEntropy(graph), parameters })).toThrow(unsupported);
    expect(() => exportOnnx({ graph: lower(graph), parameters })).toThrow(unsupported);
    expect(() => exportOnnx({ graph, parameters: parameters.slice(1) })).toThrow(
      expect.objectContaining({ code: 'parameters.mismatch' }),
    );
  });
});

describe('importOnnx', () => {
  it('agrees with onnxruntime on a file from elsewhere', async () => {
    const read = importOnnx(foreign);
    const { probabilities, labels } = await predict({
      ...read,
      features: Float32Array.of(1, 2, -0.5, 0.25, 3, -4),
    });
    const expected = [
      7.551545877504395e-6, 0.9999924898147583, 0.009013299830257893, 0.9909866452217102, 0.9992157220840454,
      0.000784248870331794,
    ];
    for (const [i, value] of expected.entries()) {
      expect(Math.abs(probabilities[i] - value)).toBeLessThan(1e-6 * value + 1e-9);
    }
    expect([...labels]).toEqual([1, 1, 0]);
  });

  /** The foreign file with one text replaced by another of the same length. */
  const replaced = (from: string, to: string) =>
    Buffer.from(foreign.toString('latin1').replace(from, to), 'latin1');
  it.each([
    ['another operator', replaced('"\u0004Relu', '"\u0004Tanh'), 'Tanh in node'],
    ['an operator of Object.prototype', replaced('"\u0007Softmax', '"\u0007valueOf'), 'valueOf in node'],
    ['a weight that is computed', replaced('\n\u0002w0\n', '\n\u0002c0\n'), '/fc1/Gemm'],
    ['an unknown input', replaced('\n\u0001r\n', '\n\u0001q\n'), '/fc2/Gemm'],
  ])('refuses %s, naming the node', (_, bytes, mention) => {
    expect(() => importOnnx(bytes)).toThrow(expect.objectContaining({ code: 'onnx.unsupported' }));
    expect(() => importOnnx(bytes)).toThrow(mention);
  });

  it('refuses what is no ONNX file, and old opsets', () => {
    expect(() => importOnnx(new Uint8Array())).toThrow(expect.objectContaining({ code: 'onnx.malformed' }));
    const old = message(7, bytesField(2, 'g'));
    expect(() => importOnnx(old)).toThrow(expect.objectContaining({ code: 'onnx.unsupported' }));
  });

  it('answers any bytes with a model or a typed error', () => {
    for (const start of [file, new Uint8Array(foreign)]) {
      fc.assert(
        fc.property(fc.nat(start.length - 1), fc.nat(255), (at, value) => {
          const bytes = start.slice();
          bytes[at] = value;
          try {
            importOnnx(bytes);
          } catch (error) {
            expect(error).toMatchObject({ code: expect.stringMatching(/^onnx\./) });
          }
        }),
        { seed: 1164, numRuns: 2000 },
      );
    }
  });
});
