import { describe, expect, it } from 'vitest';
import { encodeSafetensors, type Tensor } from '../files/safetensors.ts';
import { type Dataset, decodeDataset, encodeDataset, selectExamples } from './dataset.ts';

const bytes: Dataset = {
  features: Uint8Array.of(1, 2, 3, 4, 5, 6),
  shape: [2],
  labels: Int32Array.of(0, 1, 0),
  vocabulary: ['no', 'yes'],
};
const floats: Dataset = { ...bytes, features: Float32Array.of(1.5, -2, 3, 4, 5, 6) };

describe('datasets as blobs', () => {
  it.each([bytes, floats])('round trip', (dataset) => {
    expect(decodeDataset(encodeDataset(dataset))).toEqual(dataset);
  });

  it.each<[string, Dataset]>([
    ['no examples', { ...bytes, features: new Uint8Array(), labels: new Int32Array() }],
    ['a feature too many', { ...bytes, features: new Uint8Array(7) }],
    ['a label beyond the vocabulary', { ...bytes, labels: Int32Array.of(0, 2, 0) }],
    ['a negative label', { ...bytes, labels: Int32Array.of(0, -1, 0) }],
    ['a label twice', { ...bytes, vocabulary: ['no', 'no'] }],
    ['a feature that is no number', { ...floats, features: Float32Array.of(1, Number.NaN, 3, 4, 5, 6) }],
  ])('refuse %s', (_, dataset) => {
    expect(() => encodeDataset(dataset)).toThrow(expect.objectContaining({ code: 'dataset.malformed' }));
  });

  const x: Tensor = { name: 'x', shape: [3, 2], data: bytes.features };
  const y: Tensor = { name: 'y', shape: [3], data: bytes.labels };
  const vocabulary = '["no","yes"]';
  it.each<[string, Tensor[], Record<string, string>]>([
    ['no labels', [x], { vocabulary }],
    ['a third tensor', [x, y, { ...y, name: 'z' }], { vocabulary }],
    ['integer features', [{ ...x, data: new Int32Array(6) }, y], { vocabulary }],
    ['labels that are bytes', [x, { ...y, data: new Uint8Array(3) }], { vocabulary }],
    ['another number of labels', [x, { name: 'y', shape: [2], data: new Int32Array(2) }], { vocabulary }],
    ['no vocabulary', [x, y], {}],
    ['a vocabulary that is no list', [x, y], { vocabulary: '"no"' }],
    ['a vocabulary of numbers', [x, y], { vocabulary: '[1,2]' }],
  ])('refuse a file with %s', (_, tensors, metadata) => {
    expect(() => decodeDataset(encodeSafetensors(tensors, metadata))).toThrow(
      expect.objectContaining({ code: 'dataset.encoding' }),
    );
  });
});

it('selectExamples keeps the order asked for', () => {
  expect(selectExamples(bytes, [2, 0])).toEqual({
    ...bytes,
    features: Uint8Array.of(5, 6, 1, 2),
    labels: Int32Array.of(0, 0),
  });
});
