import { concatBytes, fromHex, philox, sha256, utf8 } from '@nonet/core';
import { describe, expect, it } from 'vitest';
import { mlp } from '../models/architectures.ts';
import {
  assertParameters,
  decodeParameters,
  encodeParameters,
  flattenParameters,
  initialParameters,
  parameterCount,
  unflattenParameters,
} from './parameters.ts';
import { encodeSafetensors } from './safetensors.ts';

const graph = mlp({ features: [5], hidden: [4], classes: 3 });
const parameters = initialParameters(graph, '0x2a');

describe('initialParameters', () => {
  it('stay within the bounds of He and Glorot, biases are zero', () => {
    const largest = parameters.map(({ data }) => Math.max(...data.map(Math.abs)));
    expect(largest[0]).toBeLessThanOrEqual(Math.sqrt(6 / 5));
    expect(largest[0]).toBeGreaterThan(0.8 * Math.sqrt(6 / 5));
    expect(largest[2]).toBeLessThanOrEqual(Math.sqrt(6 / 7));
    expect([largest[1], largest[3]]).toEqual([0, 0]);
  });

  it('can be computed one by one', () => {
    const digest = new DataView(
      sha256(concatBytes(utf8('nonet initial parameters'), fromHex('0x2a'))).buffer,
    );
    const key = [digest.getUint32(0, true), digest.getUint32(4, true)] as const;
    const bound = Math.fround(Math.sqrt(6 / 7));
    for (const entry of [0, 3, 4, 11]) {
      const word = philox([entry >> 2, 0, 2, 0], key)[entry & 3];
      expect(parameters[2].data[entry]).toBe(Math.fround((((word >>> 8) - 2 ** 23) / 2 ** 23) * bound));
    }
  });

  it('follow the seed', () => {
    expect(initialParameters(graph, '0x2a')).toEqual(parameters);
    expect(initialParameters(graph, '0x2b')).not.toEqual(parameters);
  });
});

describe('flat vectors', () => {
  it('hold every entry in canonical order', () => {
    const flat = flattenParameters(parameters);
    expect(flat.length).toBe(parameterCount(graph));
    expect(flat.length).toBe(5 * 4 + 4 + 4 * 3 + 3);
    expect(flat.subarray(0, 20)).toEqual(parameters[0].data);
    expect(unflattenParameters(graph, flat)).toEqual(parameters);
  });

  it('of another length are refused', () => {
    expect(() => unflattenParameters(graph, new Float32Array(38))).toThrow(
      expect.objectContaining({ code: 'parameters.length' }),
    );
  });
});

describe('files', () => {
  it('round trip', () => {
    expect(decodeParameters(graph, encodeParameters(parameters))).toEqual(parameters);
  });

  it('of other tensors are refused', () => {
    const [first, ...rest] = parameters;
    const files = [
      rest,
      [...parameters, { ...first, name: 'extra' }],
      [{ ...first, name: 'other' }, ...rest],
      [{ ...first, shape: [4, 5] }, ...rest],
      [{ ...first, data: new Int32Array(20) }, ...rest],
    ];
    for (const tensors of files) {
      expect(() => decodeParameters(graph, encodeSafetensors(tensors))).toThrow(
        expect.objectContaining({ code: 'parameters.mismatch' }),
      );
    }
  });

  it('of infinite entries are refused', () => {
    const [first, ...rest] = parameters;
    const data = first.data.slice();
    data[7] = Number.POSITIVE_INFINITY;
    expect(() => decodeParameters(graph, encodeParameters([{ ...first, data }, ...rest]))).toThrow(
      expect.objectContaining({ code: 'parameters.notFinite' }),
    );
    expect(() => assertParameters(graph, [...parameters].reverse())).toThrow(
      expect.objectContaining({ code: 'parameters.mismatch' }),
    );
  });
});
