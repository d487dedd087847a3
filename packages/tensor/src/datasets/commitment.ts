/**
 * A commitment to a dataset (docs/specs/dataset.md): one address that ties a run to its data
 * without showing them. Leaf i of a Merkle tree is the hash of a salt of its own, the label and the
 * features of example i, so that one example can be shown and checked later and the others stay
 * hidden; without the salts, a guess of a row could be tested against its leaf. Public data take
 * the salt of zeros.
 *
 * It says nothing about whether the data are good, or were used.
 */
import {
  type Address,
  concatBytes,
  createMerkleAccumulator,
  leafHash,
  MisuseError,
  merklePath,
  sha256,
  utf8,
  verifyMerklePath,
} from '@nonet/core';
import { addressOfValue } from '@nonet/core/codec';
import '../files/byteOrder.ts';
import { elementCount } from '../graph/shape.ts';
import type { Dataset } from './dataset.ts';
import type { DatasetSource } from './source.ts';

/** What is published; it reveals nothing about any example. */
export interface DatasetCommitment {
  readonly shape: readonly number[];
  readonly labels: readonly string[];
  readonly dtype: 'F32' | 'U8';
  /** Examples. */
  readonly count: number;
  /** Of the tree over the examples in order. */
  readonly root: Address;
}

/** One example, shown: everything that its leaf is made of, and its place in the tree. */
export interface ExampleOpening {
  readonly index: number;
  readonly label: number;
  readonly features: Dataset['features'];
  /** Of this example alone, 32 bytes. */
  readonly salt: Uint8Array;
  readonly path: readonly Address[];
}

/** Throws `commitment.salt` unless there are 32 bytes. */
function assertSalt(salt: Uint8Array): void {
  if (salt.length === 32) return;
  throw new MisuseError({
    code: 'commitment.salt',
    expected: '32 bytes of salt, secret and random unless the data are public',
    found: `${salt.length} bytes`,
  });
}

const saltDomain = utf8('nonet example salt');

/**
 * Step 1: SHA-256("nonet example salt" || salt || index as u64 little-endian). Knowing one tells
 * nothing about the others.
 */
function exampleSalt(salt: Uint8Array, index: number): Uint8Array {
  const place = new DataView(new ArrayBuffer(8));
  place.setBigUint64(0, BigInt(index), true);
  return sha256(concatBytes(saltDomain, salt, new Uint8Array(place.buffer)));
}

/**
 * Step 2: the leaf of an example: its salt, its label as i32 little-endian, its features, f32
 * little-endian or bytes.
 */
function exampleLeaf(salt: Uint8Array, label: number, features: Dataset['features']): Address {
  const number = new DataView(new ArrayBuffer(4));
  number.setInt32(0, label, true);
  const bytes = new Uint8Array(features.buffer, features.byteOffset, features.byteLength);
  return leafHash(concatBytes(salt, new Uint8Array(number.buffer), bytes));
}

/** Step 3: the address of a commitment. */
export function commitmentAddress({ shape, labels, dtype, count, root }: DatasetCommitment): Address {
  return addressOfValue({ kind: 'nonet dataset', version: 1, shape, labels, dtype, count, root });
}

/** Examples of one read. */
const batchSize = 1024;

/**
 * Commits to all examples of a source, in memory of one batch. `salt` is 32 bytes; throws
 * `commitment.salt`.
 */
export async function commitDataset(source: DatasetSource, salt: Uint8Array): Promise<DatasetCommitment> {
  assertSalt(salt);
  const { shape, labels } = source.schema;
  const width = elementCount(shape);
  const tree = createMerkleAccumulator();
  for await (const batch of source.batches(batchSize)) {
    for (const [row, label] of batch.labels.entries()) {
      const features = batch.features.subarray(row * width, (row + 1) * width);
      tree.append(exampleLeaf(exampleSalt(salt, tree.count), label, features));
    }
  }
  return { shape, labels, dtype: source.dtype, count: tree.count, root: tree.root() };
}

/**
 * Shows example `index` of a dataset that was committed to with this salt. Throws `commitment.salt`
 * and `merkle.index`.
 */
export function openExample(dataset: Dataset, salt: Uint8Array, index: number): ExampleOpening {
  assertSalt(salt);
  const width = elementCount(dataset.shape);
  const featuresOf = (row: number) => dataset.features.slice(row * width, (row + 1) * width);
  const leaves = Array.from(dataset.labels, (label, row) =>
    exampleLeaf(exampleSalt(salt, row), label, featuresOf(row)),
  );
  return {
    path: merklePath(leaves, index),
    index,
    label: dataset.labels[index],
    features: featuresOf(index),
    salt: exampleSalt(salt, index),
  };
}

/**
 * Whether the shown example is example `index` of the committed dataset. Never throws: hostile
 * input is simply false.
 */
export function verifyExample(commitment: DatasetCommitment, opening: ExampleOpening): boolean {
  const { shape, dtype, labels, count, root } = commitment;
  const { index, label, features, salt, path } = opening;
  const typed = dtype === 'U8' ? features instanceof Uint8Array : features instanceof Float32Array;
  if (!typed || features.length !== elementCount(shape) || salt.length !== 32) return false;
  if (!Number.isInteger(label) || label < 0 || label >= labels.length) return false;
  return verifyMerklePath(root, exampleLeaf(salt, label, features), index, count, path);
}
