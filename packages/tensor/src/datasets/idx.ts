/**
 * IDX files (http://yann.lecun.com/exdb/mnist, "the IDX file format"): two zero bytes, a type, a
 * number of dimensions, their sizes as big-endian u32, the elements. Only unsigned bytes (type
 * 0x08) are read: images (N,H,W) and labels (N).
 */
import { MisuseError, NonetError } from '@nonet/core';
import { elementCount } from '../graph/shape.ts';
import { type ArrayFile, createLabelReader, openArrays } from './arrays.ts';
import { assertDataset, type Dataset } from './dataset.ts';
import type { DatasetSource } from './source.ts';

/** A pair of IDX files: images (N,H,W) or any (N, ...shape), and labels (N). */
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

const maximumRank = 8;

/** An IDX file as an array; `name` says of which file in errors. Throws `idx.malformed`. */
async function openIdxArray(file: Blob, name: string): Promise<ArrayFile> {
  const head = new Uint8Array(await file.slice(0, 4 + 4 * maximumRank).arrayBuffer());
  const { sizes, start } = readHeader(head, file.size, name);
  const row = elementCount(sizes.slice(1));
  return {
    name: `the IDX file of ${name}`,
    shape: sizes,
    dtype: 'U8',
    read: async (from, to) =>
      new Uint8Array(await file.slice(start + from * row, start + to * row).arrayBuffer()),
  };
}

function readHeader(head: Uint8Array, length: number, file: string): { sizes: number[]; start: number } {
  if (head.length < 4 || head[0] !== 0 || head[1] !== 0 || head[2] !== 0x08) {
    refuse(file, 'the magic number 0 0 8 of unsigned bytes', head.subarray(0, 3).join(' ') || 'nothing');
  }
  const rank = head[3];
  const start = 4 + 4 * rank;
  if (rank === 0 || rank > maximumRank || head.length < start)
    refuse(file, `1 to ${maximumRank} sizes`, `${rank}`);
  const view = new DataView(head.buffer, head.byteOffset);
  const sizes = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  if (length - start !== elementCount(sizes)) {
    refuse(file, `${sizes.join(' x ')} bytes`, `${length - start} bytes`);
  }
  return { sizes, start };
}

function readArray(bytes: Uint8Array, file: string): { sizes: number[]; elements: Uint8Array<ArrayBuffer> } {
  const { sizes, start } = readHeader(bytes, bytes.length, file);
  return { sizes, elements: new Uint8Array(bytes.subarray(start)) };
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
 * Images and labels in files of any length; throws what `readIdx` throws, some of it as batches are
 * read.
 */
export async function openIdx(
  { images, labels }: { readonly images: Blob; readonly labels: Blob },
  vocabulary?: readonly string[],
): Promise<DatasetSource> {
  return openArrays(
    { features: await openIdxArray(images, 'images'), labels: await openIdxArray(labels, 'labels') },
    vocabulary,
  );
}

/**
 * Images and labels as a dataset; the vocabulary is the smallest to the largest label unless
 * given. Throws
 * `idx.malformed`, and `dataset.malformed` if a label lies outside the vocabulary.
 */
export function readIdx({ images, labels }: IdxFiles, vocabulary?: readonly string[]): Dataset {
  const x = readArray(images, 'images');
  const y = readArray(labels, 'labels');
  if (x.sizes.length < 2) refuse('images', 'at least two sizes', `${x.sizes.length}`);
  if (y.sizes.length !== 1 || y.sizes[0] !== x.sizes[0]) {
    refuse('labels', `one size, ${x.sizes[0]}`, y.sizes.join(' x '));
  }
  const highest = y.elements.reduce((a, b) => Math.max(a, b), 0);
  const lowest = y.elements.reduce((a, b) => Math.min(a, b), 255);
  const names =
    vocabulary ?? Array.from({ length: highest - lowest + 1 }, (_, label) => String(lowest + label));
  const dataset = {
    features: x.elements,
    shape: x.sizes.slice(1),
    labels: Int32Array.from(y.elements, createLabelReader(names)),
    vocabulary: names,
  };
  assertDataset(dataset);
  return dataset;
}

/**
 * The inverse of `readIdx`, without the vocabulary. Throws `idx.bytes` unless features are bytes
 * and labels below 256.
 */
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
