/**
 * IDX files (http://yann.lecun.com/exdb/mnist, "the IDX file format"): two zero bytes, a type, a number of dimensions, their
 * sizes as big-endian u32, the elements. Only unsigned bytes (type 0x08) are read: images (N,H,W) and labels (N).
 */
import { MisuseError, NonetError } from '@nonet/core';
import { elementCount } from '../shape.ts';
import { assertDataset, type Dataset } from './dataset.ts';

export interface IdxFiles {
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
}

function refuse(file: string, expected: string, found: string): never {
  throw new NonetError({
    code: 'idx.malformed',
    expected: `${expected} in the IDX file of ${file}`,
    found,
    hint: 'Compressed files must be unpacked first.',
  });
}

function readArray(bytes: Uint8Array, file: string): { sizes: number[]; elements: Uint8Array<ArrayBuffer> } {
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0 || bytes[2] !== 0x08) {
    refuse(file, 'the magic number 0 0 8 of unsigned bytes', bytes.subarray(0, 3).join(' ') || 'nothing');
  }
  const rank = bytes[3];
  if (rank === 0 || rank > 8 || bytes.length < 4 + 4 * rank) refuse(file, '1 to 8 sizes', `${rank}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const sizes = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const elements = bytes.slice(4 + 4 * rank);
  if (elements.length !== elementCount(sizes)) {
    refuse(file, `${sizes.join(' x ')} bytes`, `${elements.length} bytes`);
  }
  return { sizes, elements };
}

function writeArray(sizes: readonly number[], elements: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4 + 4 * sizes.length + elements.length);
  bytes.set([0, 0, 0x08, sizes.length]);
  const view = new DataView(bytes.buffer);
  for (const [axis, size] of sizes.entries()) view.setUint32(4 + 4 * axis, size);
  bytes.set(elements, 4 + 4 * sizes.length);
  return bytes;
}

/**
 * Images and labels as a dataset; the vocabulary is `0` to the largest label unless given. Throws `idx.malformed`, and
 * `dataset.malformed` if a label lies outside the vocabulary.
 */
export function readIdx({ images, labels }: IdxFiles, vocabulary?: readonly string[]): Dataset {
  const x = readArray(images, 'images');
  const y = readArray(labels, 'labels');
  if (x.sizes.length < 2) refuse('images', 'at least two sizes', `${x.sizes.length}`);
  if (y.sizes.length !== 1 || y.sizes[0] !== x.sizes[0]) {
    refuse('labels', `one size, ${x.sizes[0]}`, y.sizes.join(' x '));
  }
  const highest = y.elements.reduce((a, b) => Math.max(a, b), 0);
  const dataset = {
    features: x.elements,
    shape: x.sizes.slice(1),
    labels: Int32Array.from(y.elements),
    vocabulary: vocabulary ?? Array.from({ length: highest + 1 }, (_, label) => String(label)),
  };
  assertDataset(dataset);
  return dataset;
}

/** The inverse of `readIdx`, without the vocabulary. Throws `idx.bytes` unless features are bytes and labels below 256. */
export function writeIdx({ features, shape, labels }: Dataset): IdxFiles {
  if (!(features instanceof Uint8Array) || labels.some((label) => label > 255)) {
    throw new MisuseError({
      code: 'idx.bytes',
      expected: 'features and labels that are bytes',
      found: 'other numbers',
    });
  }
  return {
    images: writeArray([labels.length, ...shape], features),
    labels: writeArray([labels.length], Uint8Array.from(labels)),
  };
}
