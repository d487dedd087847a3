import { describe, expect, it } from 'vitest';
import { readIdx, writeIdx } from './idx.ts';

/** Two 2x3 images, written by hand after the format's description. */
const images = Uint8Array.of(
  0,
  0,
  8,
  3,
  0,
  0,
  0,
  2,
  0,
  0,
  0,
  2,
  0,
  0,
  0,
  3,
  1,
  2,
  3,
  4,
  5,
  6,
  250,
  251,
  252,
  253,
  254,
  255,
);
const labels = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 0);

function changed(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = value;
  return copy;
}

describe('IDX', () => {
  it('reads images and labels', () => {
    const dataset = readIdx({ images, labels });
    expect(dataset.shape).toEqual([2, 3]);
    expect([...dataset.features]).toEqual([1, 2, 3, 4, 5, 6, 250, 251, 252, 253, 254, 255]);
    expect([...dataset.labels]).toEqual([7, 0]);
    expect(dataset.vocabulary).toEqual(['0', '1', '2', '3', '4', '5', '6', '7']);
  });

  it('keeps no hold of a Buffer that it read', () => {
    const buffer = Buffer.from(images);
    const { features } = readIdx({ images: buffer, labels });
    buffer.fill(0);
    expect(features[0]).toBe(1);
  });

  it('writes what it reads', () => {
    expect(writeIdx(readIdx({ images, labels }))).toEqual({ images, labels });
  });

  it('takes a vocabulary', () => {
    const vocabulary = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'];
    expect(readIdx({ images, labels }, vocabulary).vocabulary).toEqual(vocabulary);
  });

  it.each([
    ['a compressed file', { images: Uint8Array.of(0x1f, 0x8b, 8, 3), labels }],
    ['an empty file', { images: new Uint8Array(), labels }],
    ['floats', { images: changed(images, 2, 0x0d), labels }],
    ['a rank of 0', { images: changed(images, 3, 0), labels }],
    ['a hostile size', { images: changed(images, 4, 255), labels }],
    ['missing bytes', { images: images.slice(0, -1), labels }],
    ['bytes too many', { images, labels: Uint8Array.of(...labels, 1) }],
    ['another number of labels', { images, labels: changed(labels.slice(0, -1), 7, 1) }],
    ['labels instead of images', { images: labels, labels }],
  ])('refuses %s', (_, files) => {
    expect(() => readIdx(files)).toThrow(expect.objectContaining({ code: 'idx.malformed' }));
  });

  it('refuses labels outside a given vocabulary', () => {
    expect(() => readIdx({ images, labels }, ['0', '1'])).toThrow(
      expect.objectContaining({ code: 'dataset.malformed' }),
    );
  });

  it('does not write floats', () => {
    const dataset = readIdx({ images, labels });
    const floats = { ...dataset, features: Float32Array.from(dataset.features) };
    expect(() => writeIdx(floats)).toThrow(expect.objectContaining({ code: 'idx.bytes' }));
  });
});
